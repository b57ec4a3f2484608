#include "tools/daemon/gateway_text.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <utility>

#include "config/lists/fetched_list.h"
#include "proxy/core/json_text.h"
#include "tools/console/console.h"

namespace schoolgate::tools {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::chrono::seconds silence_told{5};          // a worker moves once a second
constexpr std::int64_t retention_waits_ms = 3 * day_ms;  // from here on people are told

std::string place(const ListeningSocket& socket) {
  const std::string address = socket.address.to_string();
  return (socket.address.is_v4() ? address : "[" + address + "]") + ":" + std::to_string(socket.port);
}

// For people: "config/../log" is "log".
std::string path_text(const std::string& path) {
  return printable(std::filesystem::path(path).lexically_normal().string());
}

std::string duration(std::int64_t seconds) {
  const std::int64_t days = seconds / 86'400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
  if (days != 0) return std::to_string(days) + " d " + std::to_string(hours) + " h";
  if (hours != 0) return std::to_string(hours) + " h " + std::to_string(minutes) + " min";
  if (minutes != 0) return std::to_string(minutes) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds) + " s";
}

std::string policy_line(const Snapshot& s) {
  return "revision " + std::to_string(s.revision) + " (" + s.digest.substr(0, 12) + "), " +
         counted(s.counts.tiers, "tier") + ", " + counted(s.list_status.size(), "list") + " with " +
         counted(s.lists->counts().domains, "domain");
}

// Of the lists that are fetched, as they lie there now: a snapshot of last month knows nothing of it.
std::string age_lines(const Snapshot& s) {
  const std::int64_t now = std::time(nullptr);
  std::string text;
  for (const ListStatus& status : s.list_status) {
    if (!status.source.update) continue;
    const auto fetched = fetched_at(status.source);
    text += overdue(*status.source.update, fetched, now) ? "OLD LIST     " : "list         ";
    text += printable(status.source.name) + ": " + age_text(fetched, now).english() + "\n";
  }
  return text;
}

std::string thin_lines(const Snapshot& s, bool colour) {
  std::string text;
  for (const Message& thin : s.thin)
    text += paint(colour, Colour::red, "thin: " + printable(thin.english())) + "\n";
  return text;
}

}  // namespace

std::string reloaded_text(const Snapshot& s, bool colour) {
  return paint(colour, Colour::green, "reloaded") + ": " + policy_line(s) + "\n" + thin_lines(s, colour);
}

std::vector<std::string> waits_for_start(const Config& started_with, const Config& now) {
  const auto sockets = [](const Config& config) {
    std::vector<std::pair<std::string, std::uint16_t>> all;
    for (const Listener& listener : config.listen)
      all.emplace_back(listener.address.to_string(), listener.port);
    std::sort(all.begin(), all.end());
    return all;
  };
  std::vector<std::string> keys;
  const auto compare = [&keys](const auto& then, const auto& is, const char* key) {
    if (then != is) keys.emplace_back(key);
  };
  compare(sockets(started_with), sockets(now), "listen: proxy");
  compare(started_with.workers, now.workers, "workers");
  compare(started_with.control_socket, now.control_socket, "control_socket");
  compare(started_with.log.directory, now.log.directory, "log: directory");
  compare(started_with.log.key_file, now.log.key_file, "log: key_file (without it, state_directory)");
  compare(started_with.log.keep_days, now.log.keep_days, "log: keep_days");
  compare(started_with.log.min_days, now.log.min_days, "log: min_days");
  compare(started_with.log.max_bytes, now.log.max_bytes, "log: max_megabytes");
  return keys;
}

std::string time_text(std::int64_t utc_seconds) {
  const std::time_t time = utc_seconds;
  std::tm parts{};
  char text[32];
  if (::gmtime_r(&time, &parts) == nullptr ||
      std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts) == 0)
    return std::to_string(utc_seconds);
  return text;
}

std::string last_good_text(const LastGoodFacts& f, bool colour) {
  if (f.in_use)
    return paint(colour, Colour::red,
                 "LAST GOOD    the files had " + f.errors +
                     " at the start and are NOT used: this is the configuration "
                     "accepted " +
                     time_text(f.accepted_at) + ", " + path_text(f.kept) +
                     "; mend them, then: schoolgate reload") +
           "\n";
  return "last good    " + (f.problem.empty() ? path_text(f.kept) : "none kept: " + printable(f.problem)) +
         "\n";
}

std::string keeps_none(const std::string& config_file) {
  return path_text(config_file) + " is not the installed main file; run --state DIR keeps them";
}

std::string banner(const Snapshot& s, const std::vector<ListeningSocket>& listeners,
                   std::uint64_t descriptors, bool colour) {
  std::string text = paint(colour, Colour::bold, "Schoolgate " SCHOOLGATE_VERSION) + " filters for " +
                     printable(s.config.school.name) + "\n";
  std::string places;
  for (const ListeningSocket& socket : listeners) places += (places.empty() ? "" : ", ") + place(socket);
  const Tier& own = s.policy->tiers()[s.policy->tier_of(IpAddress::v4(0x7f000001))];
  text += "  listens   " + places + ", with " + counted(descriptors, "file descriptor") + "\n";
  text += "  policy    " + policy_line(s) + "\n";
  text += "  this machine (127.0.0.1) is in tier " + paint(colour, Colour::bold, own.id) +
          ", unknown devices in " + s.policy->tiers()[s.policy->spec().unknown_tier].id + "\n";
  text += "  log       " + path_text(s.config.log.directory) + ", kept " +
          counted(s.config.log.keep_days, "day") + "\n";
  text += "  config    " + path_text(s.config.file) + "; control socket " +
          path_text(s.config.control_socket) + "\n";
  if (descriptors < 2ull * s.config.limits.connections + 200) {
    text += paint(colour, Colour::red,
                  "thin: " + grouped(descriptors) + " file descriptors do not serve " +
                      grouped(s.config.limits.connections) +
                      " connections (limits: connections); raise LimitNOFILE") +
            "\n";
  }
  for (const Message& thin : s.thin)
    text += paint(colour, Colour::red, "thin: " + printable(thin.english())) + "\n";
  return text;
}

std::string status_text(const StatusFacts& f) {
  const ServerStatus& n = f.server;
  std::string text = "Schoolgate " SCHOOLGATE_VERSION ", up " + duration(f.uptime_s) + "\n";
  text += "policy       " + policy_line(f.snapshot) + "\n";
  text +=
      "last reload  " + (f.last_reload.empty() ? std::string("none since the start") : f.last_reload) + "\n";
  text += last_good_text(f.last_good, false);
  for (const std::string& key : f.waiting) text += "waits        for the next start: " + key + "\n";
  text += "now          " + counted(n.connections, "connection") + " of " + counted(n.clients, "client") +
          ", " + counted(n.tunnels, "tunnel") + "\n";
  text += "since start  " + counted(n.requests, "request") + ", " + counted(n.tunnels_opened, "tunnel") +
          ", " + grouped(n.blocked) + " blocked, " + counted(n.failures, "failure") + ", " +
          grouped(n.closed_by_policy) + " closed by a new policy, " + grouped(n.refused_clients) +
          " strangers refused\n";
  if (n.silence > silence_told)
    text += "STUCK        a worker has not moved for " +
            std::to_string(std::chrono::floor<std::chrono::seconds>(n.silence).count()) + " s\n";
  text += "log          " + counted(f.log.written, "row") + " written, " + grouped(f.log.queued) +
          " queued, " + grouped(f.log.lost) + " lost";
  if (!f.log.last_error.empty()) text += "; FAILING: " + printable(f.log.last_error);
  text += "\n";
  if (f.log.full)
    text +=
        "             FULL: over log: max_megabytes, and no row is older than min_days; what is allowed is "
        "summed\n";
  if (f.log.retention_behind_ms > retention_waits_ms)
    text += "             old rows stay longer: the clock is " +
            counted(static_cast<std::size_t>(f.log.retention_behind_ms / day_ms), "day") +
            " ahead of what the log goes by; see `schoolgate log retention`\n";
  return text + age_lines(f.snapshot) + thin_lines(f.snapshot, false);
}

std::string RetentionText::state() const {
  std::string text = "Rows from before " + date(facts_.cut_ms) +
                     " go (log: keep_days: " + std::to_string(facts_.keep_days) + "). The clock says " +
                     today() + ".\n";
  if (facts_.wall_ms - facts_.believed_ms > retention_waits_ms)
    text +=
        "The log goes by " + date(facts_.believed_ms) +
        ": it follows the clock by two days per day of running time, faster once the kernel has called it "
        "synchronised for an hour and it agrees with rows written before. If today is " +
        today() + ": schoolgate log retention --confirm " + today() + "\n";
  return text;
}

std::string RetentionText::wrong_date(const std::string& given) const {
  return "not confirmed, nothing is deleted: \"" + printable(given) + "\" is not what the clock says, " +
         today() + "; put the clock right first\n";
}

std::string status_json(const StatusFacts& f) {
  const ServerStatus& n = f.server;
  JsonArray thin, waiting, lists;
  const std::int64_t now = std::time(nullptr);
  for (const ListStatus& status : f.snapshot.list_status) {
    if (!status.source.update) continue;
    const auto fetched = fetched_at(status.source);
    JsonObject list;
    list.add("name", status.source.name).raw("fetched_at", fetched ? std::to_string(*fetched) : "null");
    lists.add(list.add("overdue", overdue(*status.source.update, fetched, now)));
  }
  for (const Message& sentence : f.snapshot.thin) thin.add(sentence.english());
  for (const std::string& key : f.waiting) waiting.add(key);
  JsonObject last_good;
  last_good.add("in_use", f.last_good.in_use).add_or_null("set", f.last_good.set);
  last_good.add_or_null("errors", f.last_good.errors).add_or_null("none_kept", f.last_good.problem);
  JsonObject server, log, json;
  server.add("connections", n.connections).add("clients", n.clients).add("tunnels", n.tunnels);
  server.add("requests", n.requests).add("tunnels_opened", n.tunnels_opened).add("blocked", n.blocked);
  server.add("refused_clients", n.refused_clients).add("closed_by_policy", n.closed_by_policy);
  server.add("failures", n.failures).add("workers", n.workers);
  server.add("silent_s", std::chrono::floor<std::chrono::seconds>(n.silence).count());
  log.add("written", f.log.written).add("queued", f.log.queued).add("lost", f.log.lost);
  log.add("bytes", f.log.bytes).add("max_bytes", f.log.max_bytes).add("full", f.log.full);
  log.add("retention_behind_days", f.log.retention_behind_ms / day_ms);
  log.add("stalled", f.log.stalled).add_or_null("error", f.log.last_error);
  json.add("version", SCHOOLGATE_VERSION).add("uptime_s", f.uptime_s).add("revision", f.snapshot.revision);
  json.add("digest", f.snapshot.digest).add_or_null("last_reload", f.last_reload);
  json.add("server", server).add("log", log).add("thin", thin);
  json.add("last_good", last_good).add("waits_for_start", waiting);
  json.add("fetched_lists", lists);
  return json.text() + "\n";
}

}  // namespace schoolgate::tools
