// One decision as the access log gets it, and the interface it goes through.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/snapshot.h"
#include "proxy/core/visit.h"
#include "rules/url/ip.h"
#include "rules/verdict.h"

namespace schoolgate {

// How much of what was asked for was seen.
enum class Seen : std::uint8_t {
  url,           // the whole URL
  sni,           // the name alone, in the ClientHello
  connect_only,  // the name alone, in the CONNECT
  ech_outer,     // a name in front of an encrypted one
  nothing,
  search_words,  // the whole URL, and search words in it; the words are not written down
};

enum class Ended : std::uint8_t {
  done,
  blocked,
  refused,
  client_gone,
  upstream_failed,
  timed_out,
  policy_changed,
  shut_down,
  certificate_refused,  // the client refused the certificate we made for the site: it trusts only what it
                        // knows
  gave_way,             // every place was taken, and another client had fewer
};

// A tunnel writes two: the first at the verdict (`part` = tunnel_open), the second at its end, which repeats
// only `decision` and the counts.
struct LogRecord {
  enum class Part : std::uint8_t { exchange, tunnel_open, tunnel_end };
  Part part = Part::exchange;
  std::uint64_t decision = 0;  // the code on the page, see decision_code()
  std::int64_t time_ms = 0;    // UTC
  IpAddress client;
  TierId tier = 0;
  std::uint64_t revision = 0;  // of the snapshot that judged: tier, category and rule are its numbers
  // What the ordinary log says: the verdict without any match that helps. Where it is `help` itself, that is
  // how the exchange ended, and the safeguarding file alone has a row.
  Verdict verdict;
  std::optional<Verdict> help = {};  // a match that helps, beside it: a second row, in the safeguarding file
  std::uint64_t alert = 0;           // the decision whose alert this belongs to; its own: it rings; 0 = none
  std::int64_t alert_until_ms = 0;   // further alerts until then belong to the same case (alert_span.h)
  Seen seen = Seen::url;
  Ended ended = Ended::done;
  Visit visit = Visit::no;
  std::uint16_t port = 0;
  std::uint16_t status = 0;  // sent to the client; 0 = none
  std::string method;
  std::string host;
  std::string
      cause;         // why it was refused, or what failed upstream: "bad_url", "dns: no such name"; mostly ""
  std::string path;  // without query; filled only where keeps_path() of privacy.h says so
  std::uint64_t bytes_up = 0, bytes_down = 0;
  std::uint32_t duration_ms = 0;
  // This row stands for so many requests of one client that ended alike: refused within a second
  // (refusals.h), or allowed while the log is full (proxy/audit). Over 1: what differed between them is empty
  // or 0, bytes are their sum, the duration is the longest.
  std::uint32_t count = 1;
};

// What a record says of a judgement. `by_help`: the answer was the help page, or the exchange passed only
// because words help; everybody else's log says nothing of it.
void set_verdict(LogRecord& record, const Judged& judged, bool by_help);
[[nodiscard]] Verdict verdict_of_record(const Judged& judged, bool by_help);
// The same of a tunnel, which is known by name: what helps there is a site, and that is not opened.
void set_tunnel_verdict(LogRecord& record, const Judged& judged);
// An exception of the school's stood in for the certificate of the origin: whatever was decided, that is
// recorded. Both as in Judged.
void record_exception(Verdict& verdict, std::optional<HelpMatch>& help) noexcept;

// "7KQ2-M4XH": Crockford base 32 of 40 bits of the decision number.
[[nodiscard]] std::string decision_code(std::uint64_t decision);
// The 40 bits that a code shows; nullopt: it is not written as decision_code() writes it.
[[nodiscard]] std::optional<std::uint64_t> decision_of(std::string_view code) noexcept;

// Adds `more` to a row that stands for several. Client, policy, verdict and how it ended are the caller's:
// only rows in which these are the same may be summed.
void add_to_sum(LogRecord& sum, const LogRecord& more) noexcept;

// Implemented by proxy/audit. Threads: every worker calls it at once; never blocks, never throws.
class LogSink {
 public:
  virtual ~LogSink() = default;
  // False: the queue is full (disk full, database locked). The caller (Session::obey, Session::open_tunnel)
  // then answers 503 to what it would have allowed; a block stays a block, and a part of the queue is kept
  // for such rows.
  [[nodiscard]] virtual bool write(LogRecord&& record) = 0;
  // A row could not even be made: there was no memory. It is told with those that found no room.
  virtual void row_lost() noexcept {}
  // Room left for a row of an allowed request; asked before an exchange is started.
  [[nodiscard]] virtual bool has_room() const noexcept = 0;
  // Before the first record of a revision: the names its numbers stand for.
  virtual void policy_loaded(std::shared_ptr<const Snapshot> snapshot) = 0;
  // An event that is not a request: reload, start, stop, grant. Its detail is JSON (json_text.h).
  virtual void event(std::string actor, std::string what, std::string detail_json) = 0;
};

}  // namespace schoolgate
