// "Seen from the device": http://schoolgate.internal/test lets the reader's own browser ask for names of
// ours, and what came of it is remembered here: which arrived, by which way, and what was decided.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/main/config.h"
#include "proxy/core/mutex.h"
#include "rules/policy/policy.h"
#include "rules/url/ip.h"
#include "rules/url/url.h"

namespace schoolgate {

// What the page asks for. NONCE: 32 hex digits, of one run.
enum class Probe : std::uint8_t {
  blocked_page,    // http://NONCE.gambling.schoolgate.test/
  blocked_secure,  // https://NONCE.gambling.schoolgate.test/, of which the name alone is seen
  allowed_page,    // http://NONCE.allowed.schoolgate.test/, answered by the proxy itself
  by_address,      // http://192.0.2.80/NONCE: whatever the device asks for names
  doh_canary,      // http://use-application-dns.net/NONCE: a name that the school's resolver denies
  relay_canary,    // http://mask.icloud.com/NONCE: another one
  // Browsers that know one of these as a site of https alone (HSTS) ask for that: of it the name is seen, and
  // no nonce.
};
inline constexpr std::size_t probe_count = 6;
[[nodiscard]] std::string_view to_string(Probe probe) noexcept;  // "blocked_page"
// Where names below schoolgate.test lead on the school's resolver: an address that is nobody's (RFC 5737), so
// that packets to it go the way of those to the internet.
inline constexpr std::string_view probe_address = "192.0.2.80";

struct ProbeAsked {
  Probe probe = Probe::blocked_page;
  std::string nonce;  // "" = a canary in https: of the client's run that waits for it
};
// Nullopt: an ordinary URL. The names of canaries are other people's: DeviceTests::knows() whether one is of
// a run.
[[nodiscard]] std::optional<ProbeAsked> probe_of(const Url& url);
[[nodiscard]] bool is_canary(Probe probe) noexcept;
[[nodiscard]] std::string probe_url(Probe probe, std::string_view nonce);
// Whether the tier blocks a site for gambling: by the verdict on the name, or, where no list of the school
// holds it, by what the tier does with that category.
[[nodiscard]] bool probe_is_blocked(const Verdict& verdict, const Policy& policy, TierId tier) noexcept;

enum class ProbeWay : std::uint8_t {
  setting,  // the browser knows its proxy
  gateway,  // it knows of none: the firewall sent it here
};

// What the gateway's firewall refused of a device, by its counters: when the last of it came, UTC.
struct RefusedTries {
  IpAddress client;
  std::optional<std::int64_t> quic_ms{}, dot_ms{};  // nullopt: none within a day
};
enum class RefusedKind : std::uint8_t { quic, dot };
// A port of DNS over TLS that nobody answers on: what is seen of it is that it was refused.
[[nodiscard]] std::string knock_url(std::string_view nonce);

// One run, as far as it has come. Pure.
struct DeviceRun {
  struct Seen {
    bool arrived = false, blocked = false;
    ProbeWay way = ProbeWay::gateway;
  };
  std::int64_t began_ms = 0;
  std::array<Seen, probe_count> seen{};
  // Nullopt: nobody counts what is refused, or the counters could not be read.
  std::optional<RefusedTries> refused{};

  [[nodiscard]] const Seen& of(Probe probe) const noexcept { return seen[static_cast<std::size_t>(probe)]; }
  // Whom the device asks for names, by what arrived.
  enum class Names : std::uint8_t {
    school,     // names that the school's resolver alone knows were found
    by_proxy,   // the browser knows its proxy, which asks in its place
    elsewhere,  // such names were not found though the address was reached, or one that it denies was found
    unknown,    // nothing arrived
  };
  [[nodiscard]] Names names() const noexcept;
  // All that had to arrive did, and names are looked up where they should be.
  [[nodiscard]] bool passed() const noexcept;
  [[nodiscard]] bool arrived_by(ProbeWay way) const noexcept;
  enum class Tried : std::uint8_t {
    uncounted,
    never,   // not within a day
    before,  // within a day, but not since the run began
    now,     // since then
  };
  [[nodiscard]] Tried tried(RefusedKind kind) const noexcept;
  // Whether the device is to knock at a closed door: it has no setting, and the firewall's counters will show
  // it.
  [[nodiscard]] bool may_knock() const noexcept;
};

// "android", "iphone-ipad", "windows", "chromeos", "mac", "linux", "other", by User-Agent: what the browser
// says of itself. An iPad that asks for desktop pages says "mac".
[[nodiscard]] std::string_view kind_of_device(std::string_view user_agent) noexcept;

// As events and `status` name a room: the label of its line in who:, else its network, "192.168.20.0/24".
[[nodiscard]] std::string room_of(const ClientNetwork& line);
// Of the narrowest line that holds the client; "" = there is none.
[[nodiscard]] std::string room_of(const Config& config, const IpAddress& client);

// Runs in memory: nothing is set in the browser, the nonce in the address names the run, and is good for the
// client's address that it was made for and for no other. Threads: any. Times are milliseconds, UTC.
class DeviceTests {
 public:
  static constexpr std::int64_t life_ms = 10 * 60 * 1000;
  static constexpr std::int64_t settled_ms = 14 * 1000;  // what did not arrive until then does not
  static constexpr std::size_t most = 1024, most_of_client = 16;
  static constexpr unsigned most_told = 8;

  // `key`: random, of this process.
  explicit DeviceTests(std::string key) : key_(std::move(key)) {}

  // A new run; the client's oldest, or the oldest of all, makes room.
  [[nodiscard]] std::string begin(const IpAddress& client, std::int64_t now_ms);
  [[nodiscard]] bool knows(const IpAddress& client, std::string_view nonce, std::int64_t now_ms) const;
  // Of another client, or of a run that is over: nothing is noted.
  void note(const IpAddress& client, const ProbeAsked& asked, ProbeWay way, bool blocked,
            std::int64_t now_ms);
  [[nodiscard]] std::optional<DeviceRun> find(const IpAddress& client, std::string_view nonce,
                                              std::int64_t now_ms) const;
  // What was refused of all devices, as it is counted now; a run of a device that is not among them has tried
  // nothing.
  void note_refused(const std::vector<RefusedTries>& all, std::int64_t now_ms);
  // Whether somebody waits for the next of these.
  [[nodiscard]] bool waits_for_refused(std::int64_t now_ms) const;
  // Whether an event is worth writing: once a day for each room and kind, and again where the result is
  // another than the last one told, a few times. `day`: any number that changes with it.
  [[nodiscard]] bool is_news(std::string_view room, std::string_view kind, bool passed, std::int64_t day);

 private:
  struct Run {
    IpAddress client;
    std::string nonce;
    DeviceRun run;
  };
  using Runs = std::list<Run>;
  // An empty nonce: the client's newest run, while what it asks for may still arrive.
  [[nodiscard]] Runs::const_iterator find_run(const IpAddress& client, std::string_view nonce,
                                              std::int64_t now_ms) const SG_REQUIRES(mutex_);

  const std::string key_;
  mutable Mutex mutex_;
  Runs runs_ SG_GUARDED_BY(mutex_);  // the oldest in front
  std::uint64_t made_ SG_GUARDED_BY(mutex_) = 0;
  std::int64_t day_ SG_GUARDED_BY(mutex_) = 0;
  struct Told {
    bool passed = false;
    unsigned times = 0;
  };
  std::map<std::string, Told> told_ SG_GUARDED_BY(mutex_);  // on day_, by kind and room
};

}  // namespace schoolgate
