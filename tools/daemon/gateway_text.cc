#include "tools/daemon/gateway_text.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <tuple>
#include <utility>

#include "config/lists/fetched_list.h"
#include "proxy/core/json_text.h"
#include "tools/console/console.h"
#include "tools/console/counted.h"
#include "tools/console/load_report.h"
#include "tools/daemon/health.h"
#include "tools/lan/gateway_counts.h"

namespace schoolgate::tools {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::chrono::seconds silence_told{5};          // a worker moves once a second
constexpr std::int64_t retention_waits_ms = 3 * day_ms;  // from here on people are told

std::string place(const ListeningSocket& socket) {
  const std::string address = socket.address.to_string();
  const char* const what = socket.entrance == Entrance::http  ? " (transparent http)"
                           : socket.entrance == Entrance::tls ? " (transparent tls)"
                                                              : "";
  return (socket.address.is_v4() ? address : "[" + address + "]") + ":" + std::to_string(socket.port) + what;
}

// For people: "config/../log" is "log".
std::string path_text(const std::string& path) {
  return printable(std::filesystem::path(path).lexically_normal().string());
}

Message duration(std::int64_t seconds) {
  const std::int64_t days = seconds / 86'400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
  if (days != 0) return say("{} d {} h", days, hours);
  if (hours != 0) return say("{} h {} min", hours, minutes);
  if (minutes != 0) return say("{} min {} s", minutes, seconds % 60);
  return say("{} s", seconds);
}

Message policy_of(const Snapshot& s) {
  return say("revision {} ({}), {}, {} with {}", s.revision, s.digest.substr(0, 12),
             counted::tiers(s.counts.tiers), counted::lists(s.list_status.size()),
             counted::domains(s.lists->counts().domains));
}

// Of the lists that are fetched, as they lie there now: a snapshot of last month knows nothing of it.
std::string age_lines(const Snapshot& s, Catalogue catalogue) {
  const std::int64_t now = std::time(nullptr);
  std::string text;
  for (const ListStatus& status : s.list_status) {
    if (!status.source.update) continue;
    const auto fetched = fetched_at(status.source);
    const std::string name = printable(status.source.name);
    const Message age = age_text(fetched, now);
    const Message line = overdue(*status.source.update, fetched, now) ? say("OLD LIST     {}: {}", name, age)
                                                                      : say("list         {}: {}", name, age);
    text += line.in(catalogue) + "\n";
  }
  return text;
}

// How much of https is opened, and which devices do not trust the certificate.
std::string opened_lines(const StatusFacts& f, Catalogue catalogue) {
  if (!f.snapshot.config.https.needed) return {};
  const ServerStatus& n = f.server;
  constexpr std::size_t most_named = 10;
  std::string text;
  const auto line = [&](const Message& message) { text += printable(message.in(catalogue)) + "\n"; };
  const std::uint64_t tenths = n.tls == 0 ? 0 : n.tls_opened * 1000 / n.tls;
  line(say("https        {} of {} opened with the school's certificate ({}.{} %)", grouped(n.tls_opened),
           counted::connections(n.tls), tenths / 10, tenths % 10));
  for (std::size_t i = 0; i < f.refusing.size() && i < most_named; ++i) {
    const RefusingName& one = f.refusing[i];
    const Message who = one.client.empty()  ? say("a device")
                        : one.label.empty() ? Message(one.client)
                                            : Message(one.client + " (" + one.label + ")");
    line(say("NO TRUST     {} refused the school's certificate {} times in a row", who, one.refused));
  }
  if (f.refusing.size() > most_named)
    line(say("NO TRUST     and {} more devices", f.refusing.size() - most_named));
  return text;
}

std::string seconds_or_null(std::int64_t ms) {
  return ms == 0 ? "null" : std::to_string(ms / 1000);
}

// Which rooms are covered, by evidence. Where nobody ever tested, and nothing is redirected, it goes without
// saying.
std::string coverage_lines(const StatusFacts& f, Catalogue catalogue) {
  if (!f.coverage || f.coverage->empty()) return {};
  using State = RoomCoverage::State;
  std::string text;
  const auto line = [&](const Message& message) { text += printable(message.in(catalogue)) + "\n"; };
  std::size_t untested = 0;
  for (const RoomCoverage& room : *f.coverage) {
    if (room.state() == State::untested) ++untested;
    if (room.state() == State::passed) {
      std::string kinds;
      for (const std::string& kind : room.kinds) kinds += (kinds.empty() ? "" : ", ") + kind;
      line(say("device test  {}: passed {} ({})", room.room, time_text(room.passed_ms / 1000), kinds));
    }
    if (room.state() == State::failed)
      line(say("NOT PASSED   {}: not all of a device reached the filter, {}", room.room,
               time_text(room.failed_ms / 1000)));
  }
  if (untested != 0)
    line(say(
        "device test  in {} of {} rooms none in {}: open http://schoolgate.internal/test on a device there",
        untested, f.coverage->size(), counted::days(coverage_days)));
  return text;
}

// Of a hole, where the firewall's counters can be read.
Message used_line(const std::map<std::string, std::uint64_t>& counts, const GatewayHole& hole) {
  const auto found = counts.find(hole_counter(hole));
  if (found == counts.end())
    return say("             NOT IN FORCE: the firewall that is loaded has no such hole; `schoolgate setup`");
  return say("             packets that went out by it since the firewall was loaded: {}",
             grouped(found->second));
}

}  // namespace

std::string policy_text(const Snapshot& s, Catalogue catalogue) {
  return policy_of(s).in(catalogue);
}

std::string reloaded_text(const Snapshot& s, Catalogue catalogue, bool colour) {
  const std::string reloaded = paint(colour, Colour::green, say("reloaded").in(catalogue));
  return reloaded + ": " + policy_of(s).in(catalogue) + "\n" + thin_lines(s, catalogue, colour);
}

std::vector<Message> waits_for_start(const Config& started_with, const Config& now) {
  const auto sockets = [](const Config& config, bool redirected) {
    std::vector<std::tuple<std::string, std::uint16_t, Entrance, bool>> all;
    for (const Listener& listener : config.listen)
      if ((listener.entrance != Entrance::proxy) == redirected)
        all.emplace_back(listener.address.to_string(), listener.port, listener.entrance, listener.tproxy);
    std::sort(all.begin(), all.end());
    return all;
  };
  std::vector<Message> keys;
  const auto compare = [&keys](const auto& then, const auto& is, const auto& key) {
    if (then != is) keys.emplace_back(key);
  };
  compare(sockets(started_with, false), sockets(now, false), "listen: proxy");
  compare(sockets(started_with, true), sockets(now, true), "listen: transparent");
  compare(started_with.workers, now.workers, "workers");
  compare(started_with.control_socket, now.control_socket, "control_socket");
  compare(started_with.log.directory, now.log.directory, "log: directory");
  compare(started_with.log.key_file, now.log.key_file, say("log: key_file (without it, state_directory)"));
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

Message set_in_folder(const std::string& digest, const std::string& folder) {
  return say("set {} in {}", digest.substr(0, 12), path_text(folder));
}

std::string last_good_text(const LastGoodFacts& f, Catalogue catalogue, bool colour) {
  const Message kept = set_in_folder(f.set, f.folder);
  if (f.in_use)
    return paint(colour, Colour::red,
                 say("LAST GOOD    the files had {} at the start and are NOT used: this is the configuration "
                     "accepted {}, {}; mend them, then: schoolgate reload",
                     f.errors, time_text(f.accepted_at), kept)
                     .in(catalogue)) +
           "\n";
  const Message line =
      f.problem.empty() ? say("last good    {}", kept) : say("last good    none kept: {}", f.problem);
  return printable(line.in(catalogue)) + "\n";
}

Message keeps_none(const std::string& config_file) {
  return say("{} is not the installed main file; run --state DIR keeps them", path_text(config_file));
}

std::string banner(const Snapshot& s, const std::vector<ListeningSocket>& listeners,
                   std::uint64_t descriptors, Catalogue catalogue, bool colour) {
  std::string text;
  const auto line = [&](const Message& message) { text += message.in(catalogue) + "\n"; };
  line(say("{} filters for {}", paint(colour, Colour::bold, "Schoolgate " SCHOOLGATE_VERSION),
           printable(s.config.school.name)));
  std::string places;
  for (const ListeningSocket& socket : listeners) places += (places.empty() ? "" : ", ") + place(socket);
  const Tier& own = s.policy->tiers()[s.policy->tier_of(IpAddress::v4(0x7f000001))];
  line(say("  listens   {}, with {}", places, counted::descriptors(descriptors)));
  line(say("  policy    {}", policy_of(s)));
  line(say("  this machine (127.0.0.1) is in tier {}, unknown devices in {}",
           paint(colour, Colour::bold, own.id), s.policy->tiers()[s.policy->spec().unknown_tier].id));
  line(say("  log       {}, kept {}", path_text(s.config.log.directory),
           counted::days(s.config.log.keep_days)));
  line(
      say("  config    {}; control socket {}", path_text(s.config.file), path_text(s.config.control_socket)));
  if (descriptors < 2ull * s.config.limits.connections + 200) {
    const Message thin =
        say("thin: {} file descriptors do not serve {} connections (limits: connections); raise LimitNOFILE",
            grouped(descriptors), grouped(s.config.limits.connections));
    text += paint(colour, Colour::red, thin.in(catalogue)) + "\n";
  }
  return text + thin_lines(s, catalogue, colour);
}

Message laid_line(const LaidFile& laid) {
  if (laid.below_changed)
    return say("laid over    {}, by {}, {}; THE FILE BELOW HAS CHANGED, and that change does not rule",
               laid.name, laid.account, time_text(laid.since));
  return say("laid over    {}, by {}, {}", laid.name, laid.account, time_text(laid.since));
}

Message clock_doubted_text() {
  return say(
      "the clock is behind the newest row of the log and may be wrong: timetables take their stricter "
      "side until it agrees, or until `schoolgate log retention --confirm` says that it is right");
}

std::string status_text(const StatusFacts& f, Catalogue catalogue, bool colour) {
  const ServerStatus& n = f.server;
  std::string text;
  const auto line = [&](const Message& message) { text += printable(message.in(catalogue)) + "\n"; };
  line(say("Schoolgate {}, up {}", SCHOOLGATE_VERSION, duration(f.uptime_s)));
  line(say("policy       {}", policy_of(f.snapshot)));
  line(f.last_reload.empty() ? say("last reload  none since the start")
                             : say("last reload  {}", f.last_reload));
  text += last_good_text(f.last_good, catalogue, false);
  for (const Message& key : f.waiting) line(say("waits        for the next start: {}", key));
  for (const LaidFile& laid : f.laid) line(laid_line(laid));
  line(say("now          {} of {}, {}", counted::connections(n.connections), counted::clients(n.clients),
           counted::tunnels(n.tunnels)));
  line(say("since start  {}, {}, {} blocked, {}, {} closed by a new policy, {} strangers refused",
           counted::requests(n.requests), counted::tunnels(n.tunnels_opened), grouped(n.blocked),
           counted::failures(n.failures), grouped(n.closed_by_policy), grouped(n.refused_clients)));
  text += opened_lines(f, catalogue);
  if (n.silence > silence_told)
    line(say("STUCK        a worker has not moved for {} s",
             std::chrono::floor<std::chrono::seconds>(n.silence).count()));
  if (n.clock_doubted_until_ms != 0) {
    const Message doubted = say("CLOCK        {}", clock_doubted_text());
    text += paint(colour, Colour::red, printable(doubted.in(catalogue))) + "\n";
  }
  text += coverage_lines(f, catalogue);
  for (const GatewayHole& hole : f.snapshot.config.gateway.open) {
    line(hole.tier
             ? say("hole         for {}, to be looked at by {}: {}", *hole.tier, hole.review_by, hole.why)
             : say("hole         for all, to be looked at by {}: {}", hole.review_by, hole.why));
    if (f.holes) line(used_line(*f.holes, hole));
  }
  if (f.radar)
    if (const Message unseen = radar_message(*f.radar); !unseen.empty()) line(unseen);
  const Message log = say("log          {} written, {} queued, {} lost", counted::rows(f.log.written),
                          grouped(f.log.queued), grouped(f.log.lost));
  line(f.log.last_error.empty() ? log : say("{}; FAILING: {}", log, f.log.last_error));
  if (!f.log.seal_error.empty())
    line(say("             NOT SEALED: {}; rows are written, and sealed later", f.log.seal_error));
  if (f.log.full)
    line(say(
        "             FULL: over log: max_megabytes, and no row is older than min_days; what is allowed is "
        "summed"));
  if (f.log.retention_behind_ms > retention_waits_ms)
    line(
        say("             old rows stay longer: the clock is {} ahead of what the log goes by; see "
            "`schoolgate log retention`",
            counted::days(static_cast<std::uint64_t>(f.log.retention_behind_ms / day_ms))));
  if (!f.untold.empty()) {
    const Message untold = say("ALERTS       the safeguarding lead is NOT told: {}", f.untold);
    text += paint(colour, Colour::red, printable(untold.in(catalogue))) + "\n";
  }
  if (!f.unmailed_seal.empty()) {
    const Message unmailed = say("SEALS        the last seal is NOT mailed: {}", f.unmailed_seal);
    text += paint(colour, Colour::red, printable(unmailed.in(catalogue))) + "\n";
  }
  return text + age_lines(f.snapshot, catalogue) + thin_lines(f.snapshot, catalogue, colour);
}

std::string RetentionText::state(Catalogue catalogue) const {
  std::string text = say("Rows from before {} go (log: keep_days: {}). The clock says {}.",
                         date(facts_.cut_ms), facts_.keep_days, today())
                         .in(catalogue) +
                     "\n";
  if (facts_.wall_ms - facts_.believed_ms > retention_waits_ms)
    text +=
        say("The log goes by {0}: it follows the clock by two days per day of running time, faster once "
            "the kernel has called it synchronised for an hour and it agrees with rows written before. If "
            "today is {1}: schoolgate log retention --confirm {1}",
            date(facts_.believed_ms), today())
            .in(catalogue) +
        "\n";
  return text;
}

std::string RetentionText::wrong_date(const std::string& given, Catalogue catalogue) const {
  return say("not confirmed, nothing is deleted: \"{}\" is not what the clock says, {}; put the clock right "
             "first",
             printable(given), today())
             .in(catalogue) +
         "\n";
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
  for (const Message& key : f.waiting) waiting.add(key.english());
  JsonArray laid_over;
  for (const LaidFile& laid : f.laid) {
    JsonObject one;
    one.add("file", laid.name).add("account", laid.account).add("since", laid.since);
    laid_over.add(one.add("hides", laid.hides).add("below_changed", laid.below_changed));
  }
  JsonObject last_good;
  last_good.add("in_use", f.last_good.in_use).add_or_null("set", f.last_good.set);
  last_good.add("number", f.last_good.number);
  last_good.add_or_null("errors", f.last_good.errors.english())
      .add_or_null("none_kept", f.last_good.problem.english());
  JsonObject server, log, json;
  server.add("connections", n.connections).add("clients", n.clients).add("tunnels", n.tunnels);
  server.add("requests", n.requests).add("tunnels_opened", n.tunnels_opened).add("blocked", n.blocked);
  server.add("refused_clients", n.refused_clients).add("closed_by_policy", n.closed_by_policy);
  server.add("failures", n.failures).add("upstream_failures", n.upstream_failures).add("workers", n.workers);
  server.add("silent_s", std::chrono::floor<std::chrono::seconds>(n.silence).count());
  server.add("clock_doubted", n.clock_doubted_until_ms != 0);
  JsonArray refusing;
  for (const RefusingName& one : f.refusing)
    refusing.add(JsonObject()
                     .add_or_null("client", one.client)
                     .add_or_null("network", one.label)
                     .add("refused", one.refused));
  server.add("https", n.tls).add("https_opened", n.tls_opened).add("refusing_certificate", refusing);
  log.add("written", f.log.written).add("queued", f.log.queued).add("lost", f.log.lost);
  log.add("bytes", f.log.bytes).add("max_bytes", f.log.max_bytes).add("full", f.log.full);
  log.add("retention_behind_days", f.log.retention_behind_ms / day_ms);
  log.add("stalled", f.log.stalled).add_or_null("error", f.log.last_error);
  log.add_or_null("seal_error", f.log.seal_error.english());
  json.add("version", SCHOOLGATE_VERSION).add("uptime_s", f.uptime_s).add("revision", f.snapshot.revision);
  json.add("digest", f.snapshot.digest).add_or_null("last_reload", f.last_reload.english());
  json.add("server", server).add("log", log).add("thin", thin);
  json.add("laid_over", laid_over);
  json.add("last_good", last_good).add("waits_for_start", waiting);
  json.add("fetched_lists", lists).add_or_null("alerts_not_told", f.untold.english());
  json.add_or_null("seal_not_mailed", f.unmailed_seal.english());
  if (f.coverage) {
    JsonArray rooms;
    for (const RoomCoverage& room : *f.coverage) {
      JsonArray kinds;
      for (const std::string& kind : room.kinds) kinds.add(kind);
      JsonObject one;
      one.add_or_null("room", room.room).raw("passed_at", seconds_or_null(room.passed_ms));
      one.raw("failed_at", seconds_or_null(room.failed_ms)).add("kinds", kinds);
      rooms.add(one);
    }
    json.add("device_tests", rooms);
  }
  if (f.radar) {
    JsonObject radar;
    radar.add("machines", f.radar->machines).add("never_a_client", f.radar->unseen.size());
    json.add("neighbours", radar.add("router_between", f.radar->router_between));
  }
  JsonArray holes;
  for (const GatewayHole& hole : f.snapshot.config.gateway.open) {
    JsonObject one;
    one.add_or_null("tier", hole.tier.value_or("")).add("why", hole.why).add("review_by", hole.review_by);
    if (f.holes) {
      const auto found = f.holes->find(hole_counter(hole));
      one.add("in_force", found != f.holes->end());
      one.add("packets", found != f.holes->end() ? found->second : 0);
    }
    holes.add(one);
  }
  json.add("holes", holes);
  return json.text() + "\n";
}

}  // namespace schoolgate::tools
