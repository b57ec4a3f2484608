// One request and its response: everything that is known about it while it lasts.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/core/http/body.h"
#include "proxy/core/http/http_head.h"
#include "proxy/core/log_record.h"
#include "proxy/core/plan.h"
#include "proxy/io/worker/generation.h"
#include "rules/url/url.h"

namespace schoolgate {

// Taken from the worker's shelf when the first byte of a request is there, given back when its response is
// written: an idle connection holds none, a busy one finds warm strings.
struct Exchange {
  std::shared_ptr<const Generation> generation;  // null before the first good Snapshot
  std::string head_text;                         // `head` views into it
  RequestHead head;
  Url url;
  // How far it is read; what comes later in the list has all before it.
  enum class Stage : std::uint8_t { nothing, head, url };
  Stage stage = Stage::nothing;
  TierId tier = 0;
  Verdict verdict;
  std::optional<HelpMatch> help;  // of the same judgement
  bool by_help = false;           // see set_verdict()
  bool way_on = false;            // its help page has a button
  std::uint32_t epoch = 0;        // Worker::epoch() when it was judged
  std::vector<CategoryId> granted;

  std::string pool_name;      // under which its connection upstream is kept
  std::string out;            // the request head on its way out
  std::string response_out;   // and the response head
  std::string response_text;  // `response` views into it
  ResponseHead response;
  BodyReader request_body, response_body;
  std::string trailers;            // of the response, for a client that can take them
  bool through_parent = false;     // sent to the parent proxy in absolute form
  bool elsewhere = false;          // Origin::leads_elsewhere()
  bool request_complete = false;   // the client's part is read to its end
  bool response_started = false;   // a byte of a final response went to the client
  bool client_keep_alive = false;  // what the response head told the client

  // For the log.
  std::chrono::steady_clock::time_point started;
  std::int64_t time_ms = 0;
  std::uint64_t decision = 0;
  std::uint16_t status = 0;
  Ended ended = Ended::done;
  LogRecord::Part part = LogRecord::Part::exchange;
  Seen seen = Seen::url;
  std::uint64_t bytes_up = 0, bytes_down = 0;
  bool write_row = true;  // false: a tunnel writes it later, at its own verdict

  // Why not, where it is no matter of policy.
  std::uint16_t reject_status = 0;  // 0 = the page's own
  std::string_view detail;          // a word for the technician
  std::string refused_host;         // without a URL: what could be read of its host, for the log
  std::string detail_text;          // what `detail` views where it is no literal
  enum class Refusal : std::uint8_t {
    too_many,  // over the client's requests a second
    bad_body,  // the client's body is not framed as announced
  };
  std::optional<Refusal> refusal;
  bool stop_body = false;  // the response is over before the request was

  [[nodiscard]] bool has_head() const noexcept { return stage >= Stage::head; }
  [[nodiscard]] bool has_url() const noexcept { return stage >= Stage::url; }
  [[nodiscard]] bool is_too_many() const noexcept { return refusal == Refusal::too_many; }

  // Strings and vectors keep their capacity, unless a giant left it behind.
  void reset() {
    generation.reset();
    if (head_text.capacity() > 64 * 1024) head_text = {};
    if (response_text.capacity() > 64 * 1024) response_text = {};
    stage = Stage::nothing;
    tier = 0;
    verdict = {};
    help.reset();
    by_help = way_on = false;
    granted.clear();
    elsewhere = through_parent = request_complete = response_started = client_keep_alive = false;
    status = 0;
    ended = Ended::done;
    part = LogRecord::Part::exchange;
    seen = Seen::url;
    bytes_up = bytes_down = 0;
    write_row = true;
    reject_status = 0;
    detail = {};
    refused_host.clear();
    refusal.reset();
    stop_body = false;
  }
};

class ExchangeShelf {
 public:
  [[nodiscard]] std::unique_ptr<Exchange> take() {
    idle_.reserve(keep);  // so that give() cannot throw
    if (idle_.empty()) return std::make_unique<Exchange>();
    std::unique_ptr<Exchange> exchange = std::move(idle_.back());
    idle_.pop_back();
    return exchange;
  }
  void give(std::unique_ptr<Exchange> exchange) noexcept {
    if (idle_.size() >= keep) return;
    exchange->reset();
    idle_.push_back(std::move(exchange));
  }

 private:
  static constexpr std::size_t keep = 64;
  std::vector<std::unique_ptr<Exchange>> idle_;
};

// An Exchange for as long as this lives.
class ExchangeLease {
 public:
  explicit ExchangeLease(ExchangeShelf& shelf) : shelf_(shelf), exchange_(shelf.take()) {}
  ~ExchangeLease() { shelf_.give(std::move(exchange_)); }
  ExchangeLease(const ExchangeLease&) = delete;
  ExchangeLease& operator=(const ExchangeLease&) = delete;
  [[nodiscard]] Exchange& operator*() const noexcept { return *exchange_; }

 private:
  ExchangeShelf& shelf_;
  std::unique_ptr<Exchange> exchange_;
};

}  // namespace schoolgate
