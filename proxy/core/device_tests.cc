#include "proxy/core/device_tests.h"

#include <algorithm>
#include <iterator>

#include "proxy/core/hmac.h"

namespace schoolgate {
namespace {

constexpr std::size_t nonce_size = 32;
constexpr std::string_view blocked_below = ".gambling.schoolgate.test",
                           allowed_below = ".allowed.schoolgate.test", doh_name = "use-application-dns.net",
                           relay_name = "mask.icloud.com";

bool is_nonce(std::string_view text) noexcept {
  return text.size() == nonce_size && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

std::string_view to_string(Probe probe) noexcept {
  switch (probe) {
    case Probe::blocked_page:
      return "blocked_page";
    case Probe::blocked_secure:
      return "blocked_secure";
    case Probe::allowed_page:
      return "allowed_page";
    case Probe::by_address:
      return "by_address";
    case Probe::doh_canary:
      return "doh_canary";
    case Probe::relay_canary:
      break;
  }
  return "relay_canary";
}

bool is_canary(Probe probe) noexcept {
  return probe == Probe::doh_canary || probe == Probe::relay_canary;
}

std::optional<ProbeAsked> probe_of(const Url& url) {
  const std::string_view host = url.host().text;
  if (url.port() != default_port(url.scheme())) return std::nullopt;
  const bool secure = url.scheme() == Scheme::https;
  for (const std::string_view below : {blocked_below, allowed_below}) {
    if (host.size() != nonce_size + below.size() || !host.ends_with(below)) continue;
    const std::string_view nonce = host.substr(0, nonce_size);
    if (!is_nonce(nonce)) return std::nullopt;
    if (below == allowed_below) return ProbeAsked{Probe::allowed_page, std::string(nonce)};
    return ProbeAsked{secure ? Probe::blocked_secure : Probe::blocked_page, std::string(nonce)};
  }
  if (secure && !url.has_path()) {
    if (host == doh_name) return ProbeAsked{Probe::doh_canary, {}};
    if (host == relay_name) return ProbeAsked{Probe::relay_canary, {}};
  }
  if (secure || !url.has_path() || !is_nonce(url.target().substr(1))) return std::nullopt;
  std::string nonce(url.target().substr(1));
  if (host == probe_address) return ProbeAsked{Probe::by_address, std::move(nonce)};
  if (host == doh_name) return ProbeAsked{Probe::doh_canary, std::move(nonce)};
  if (host == relay_name) return ProbeAsked{Probe::relay_canary, std::move(nonce)};
  return std::nullopt;
}

std::string probe_url(Probe probe, std::string_view nonce) {
  const std::string name(nonce);
  switch (probe) {
    case Probe::blocked_page:
      return "http://" + name + std::string(blocked_below) + "/";
    case Probe::blocked_secure:
      return "https://" + name + std::string(blocked_below) + "/";
    case Probe::allowed_page:
      return "http://" + name + std::string(allowed_below) + "/";
    case Probe::by_address:
      return "http://" + std::string(probe_address) + "/" + name;
    case Probe::doh_canary:
      return "http://" + std::string(doh_name) + "/" + name;
    case Probe::relay_canary:
      break;
  }
  return "http://" + std::string(relay_name) + "/" + name;
}

std::string knock_url(std::string_view nonce) {
  return "http://" + std::string(probe_address) + ":853/" + std::string(nonce);
}

bool probe_is_blocked(const Verdict& verdict, const Policy& policy, TierId tier) noexcept {
  if (verdict.action == Action::block) return true;
  const auto gambling = policy.find_category("gambling");
  if (!gambling || tier >= policy.tiers().size()) return false;
  const auto& effects = policy.tiers()[tier].effects;
  return *gambling < effects.size() && effects[*gambling].effect.action == Action::block;
}

DeviceRun::Names DeviceRun::names() const noexcept {
  bool found = false, by_gateway = false, denied = false;
  for (const Probe probe : {Probe::blocked_page, Probe::blocked_secure, Probe::allowed_page}) {
    found |= of(probe).arrived;
    by_gateway |= of(probe).arrived && of(probe).way == ProbeWay::gateway;
  }
  // A browser that knows its proxy asks nobody for the name: then it says nothing that this one arrived.
  for (const Probe probe : {Probe::doh_canary, Probe::relay_canary})
    denied |= of(probe).arrived && of(probe).way == ProbeWay::gateway;
  if (denied) return Names::elsewhere;
  if (by_gateway) return Names::school;
  if (found) return Names::by_proxy;
  return of(Probe::by_address).arrived ? Names::elsewhere : Names::unknown;
}

bool DeviceRun::passed() const noexcept {
  for (const Probe probe :
       {Probe::blocked_page, Probe::blocked_secure, Probe::allowed_page, Probe::by_address})
    if (!of(probe).arrived) return false;
  return names() != Names::elsewhere;
}

bool DeviceRun::arrived_by(ProbeWay way) const noexcept {
  return std::any_of(seen.begin(), seen.end(),
                     [way](const Seen& one) { return one.arrived && one.way == way; });
}

DeviceRun::Tried DeviceRun::tried(RefusedKind kind) const noexcept {
  if (!refused) return Tried::uncounted;
  const auto& last = kind == RefusedKind::quic ? refused->quic_ms : refused->dot_ms;
  if (!last) return Tried::never;
  return *last >= began_ms ? Tried::now : Tried::before;
}

bool DeviceRun::may_knock() const noexcept {
  return refused && arrived_by(ProbeWay::gateway) && !arrived_by(ProbeWay::setting);
}

std::string_view kind_of_device(std::string_view user_agent) noexcept {
  const auto says = [&](std::string_view word) { return user_agent.find(word) != std::string_view::npos; };
  if (says("Android")) return "android";
  if (says("iPhone") || says("iPad") || says("iPod")) return "iphone-ipad";
  if (says("Windows")) return "windows";
  if (says("CrOS")) return "chromeos";
  if (says("Macintosh")) return "mac";
  return says("Linux") ? "linux" : "other";
}

std::string room_of(const ClientNetwork& line) {
  return line.label.empty() ? line.network.cidr() : line.label;
}

std::string room_of(const Config& config, const IpAddress& client) {
  const ClientNetwork* narrowest = nullptr;
  for (const ClientNetwork& line : config.who)
    if (line.network.contains(client) &&
        (narrowest == nullptr || line.network.bits > narrowest->network.bits))
      narrowest = &line;
  return narrowest != nullptr ? room_of(*narrowest) : std::string();
}

std::string DeviceTests::begin(const IpAddress& client, std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  std::erase_if(runs_, [now_ms](const Run& one) {
    return one.run.began_ms + life_ms < now_ms || one.run.began_ms > now_ms;
  });
  const auto is_clients = [&client](const Run& one) { return one.client == client; };
  if (static_cast<std::size_t>(std::count_if(runs_.begin(), runs_.end(), is_clients)) >= most_of_client)
    runs_.erase(std::find_if(runs_.begin(), runs_.end(), is_clients));
  if (runs_.size() >= most) runs_.pop_front();
  const std::string message =
      "device test~" + std::to_string(++made_) + "~" + std::to_string(now_ms) + "~" + client.to_string();
  const Sha256Digest mac = hmac_sha256(key_, message);
  Run run;
  run.client = client;
  run.nonce = to_hex(mac).substr(0, nonce_size);
  run.run.began_ms = now_ms;
  runs_.push_back(run);
  return run.nonce;
}

DeviceTests::Runs::const_iterator DeviceTests::find_run(const IpAddress& client, std::string_view nonce,
                                                        std::int64_t now_ms) const {
  if (nonce.empty()) {
    const auto newest = std::find_if(runs_.rbegin(), runs_.rend(), [&](const Run& one) {
      const std::int64_t age_ms = now_ms - one.run.began_ms;
      return one.client == client && age_ms >= 0 && age_ms <= settled_ms;
    });
    return newest == runs_.rend() ? runs_.end() : std::prev(newest.base());
  }
  return std::find_if(runs_.begin(), runs_.end(), [&](const Run& one) {
    return one.client == client && one.nonce == nonce && now_ms - one.run.began_ms <= life_ms;
  });
}

bool DeviceTests::knows(const IpAddress& client, std::string_view nonce, std::int64_t now_ms) const {
  const MutexLock lock(mutex_);
  return find_run(client, nonce, now_ms) != runs_.end();
}

void DeviceTests::note(const IpAddress& client, const ProbeAsked& asked, ProbeWay way, bool blocked,
                       std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  const auto found = find_run(client, asked.nonce, now_ms);
  if (found == runs_.end()) return;
  const auto run = runs_.erase(found, found);  // the same place, to be written to
  run->run.seen[static_cast<std::size_t>(asked.probe)] = {true, blocked, way};
}

std::optional<DeviceRun> DeviceTests::find(const IpAddress& client, std::string_view nonce,
                                           std::int64_t now_ms) const {
  const MutexLock lock(mutex_);
  if (nonce.empty()) return std::nullopt;
  const auto found = find_run(client, nonce, now_ms);
  return found == runs_.end() ? std::nullopt : std::optional(found->run);
}

void DeviceTests::note_refused(const std::vector<RefusedTries>& all, std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  for (Run& one : runs_) {
    if (now_ms - one.run.began_ms > life_ms) continue;
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const RefusedTries& tries) { return tries.client == one.client; });
    one.run.refused = found == all.end() ? RefusedTries{one.client} : *found;
  }
}

bool DeviceTests::waits_for_refused(std::int64_t now_ms) const {
  const MutexLock lock(mutex_);
  return std::any_of(runs_.begin(), runs_.end(), [now_ms](const Run& one) {
    return now_ms >= one.run.began_ms && now_ms - one.run.began_ms <= settled_ms;
  });
}

bool DeviceTests::is_news(std::string_view room, std::string_view kind, bool passed, std::int64_t day) {
  const MutexLock lock(mutex_);
  if (day != day_) told_.clear();
  day_ = day;
  Told& told = told_[std::string(kind).append(" ").append(room)];
  if ((told.times != 0 && told.passed == passed) || told.times >= most_told) return false;
  told = {passed, told.times + 1};
  return true;
}

}  // namespace schoolgate
