#include "tools/commands/explain.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <ostream>
#include <utility>
#include <vector>

#include "config/inspection.h"
#include "config/main/doubted_time.h"
#include "config/overrides.h"
#include "config/text/text_file.h"
#include "proxy/core/plan.h"
#include "proxy/io/upstream/address_policy.h"
#include "tools/commands/ask_running.h"
#include "tools/commands/commands.h"
#include "tools/console/load.h"
#include "tools/daemon/doubted_clock.h"
#include "tools/daemon/gateway_text.h"
#include "tools/daemon/teacher_desk.h"

namespace schoolgate::tools {
namespace {

constexpr char explain_footer[] =
    R"(The URL is judged as the proxy would see it: of https only the name, since it comes as CONNECT, unless the
tier inspects; --stage request asks about the whole URL all the same.

Examples:
  schoolgate explain https://example.com/ --tier thcs
  schoolgate explain http://example.com/a?b=c --client 10.0.3.7 --at "T2 08:30"
  schoolgate explain https://zalo.me/ --room "Phòng máy 1"
  schoolgate explain example.com --exit-code && echo "not blocked"      10 = blocked)";

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view blanks[] = {" ", "\t", "\r", "\n", "\xC2\xA0", "\xE2\x80\x8B", "\xEF\xBB\xBF"};
  for (bool found = true; found;) {
    found = false;
    for (const std::string_view blank : blanks) {
      while (text.starts_with(blank)) found = true, text.remove_prefix(blank.size());
      while (text.ends_with(blank)) found = true, text.remove_suffix(blank.size());
    }
  }
  return text;
}

// What people paste, as a request carries it: blanks and invisible characters around it, quotes or <>, a
// scheme in capitals or with other slashes, letters and blanks that are not encoded. No scheme stays none.
std::string pasted_url(std::string_view text) {
  text = without_blanks(text);
  for (const auto& [open, close] : {std::pair{'<', '>'}, {'"', '"'}, {'\'', '\''}})
    if (text.size() >= 2 && text.front() == open && text.back() == close)
      text = without_blanks(text.substr(1, text.size() - 2));
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  for (const std::string_view scheme : {std::string_view("https"), std::string_view("http")}) {
    const bool same =
        text.size() > scheme.size() && text[scheme.size()] == ':' &&
        std::equal(scheme.begin(), scheme.end(), text.begin(), [&](char a, char b) { return a == lower(b); });
    const std::size_t rest =
        same ? std::min(text.find_first_not_of("/\\", scheme.size() + 1), text.size()) : 0;
    if (rest > scheme.size() + 1) return std::string(scheme) + "://" + escape_typed_url(text.substr(rest));
  }
  if (text.starts_with("//")) text.remove_prefix(2);
  return escape_typed_url(text);
}

// Where "://" of the scheme stands; npos where there is none, for an address may carry another one.
std::size_t scheme_end(std::string_view url) {
  const std::size_t end = url.find("://");
  return end < url.find_first_of("/?#") ? end : std::string_view::npos;
}

// "host:port" as it was written: how an address is spelled matters.
std::string authority_of(std::string_view url) {
  std::string_view port = ":80";
  if (const auto scheme = scheme_end(url); scheme != std::string_view::npos) {
    if (url.substr(0, scheme) == "https") port = ":443";
    url.remove_prefix(scheme + 3);
  } else {
    port = ":443";
  }
  std::string authority(url.substr(0, url.find_first_of("/?#\\")));
  const auto colon = authority.rfind(':'), bracket = authority.rfind(']');
  const bool has_port = colon != std::string::npos && (bracket == std::string::npos || colon > bracket);
  return has_port ? authority : authority.append(port);
}

// Some device of the room.
IpAddress client_in(const Room& room) {
  constexpr std::uint32_t looked_at = 1024;
  for (const Network& network : room.networks) {
    if (room.holds(network.base)) return network.base;
    if (!network.base.is_v4()) continue;
    for (std::uint32_t i = 1; i < looked_at; ++i)
      if (const auto one = IpAddress::v4(network.base.v4_value() + i); room.holds(one)) return one;
  }
  return room.networks.front().base;
}

Result<TierId> tier_of(const Snapshot& snapshot, const ExplainQuestion& question, Message& because,
                       IpAddress& client) {
  const Policy& policy = *snapshot.policy;
  if (question.tier) {
    because = say("asked for");
    if (const auto tier = policy.find_tier(*question.tier)) return *tier;
    std::string known;
    for (const Tier& tier : policy.tiers()) known += (known.empty() ? "" : ", ") + tier.id;
    return Error{say("no tier \"{}\"; there are: {}", *question.tier, known)};
  }
  if (question.room) {
    const auto room = room_called(policy, *question.room);
    if (!room) return Error{no_such_room(policy, *question.room)};
    client = client_in(policy.spec().rooms[*room]);
    because = say("room {}", policy.spec().rooms[*room].name);
    return policy.tier_of(client);
  }
  if (!question.client) {
    because = Message("unknown_tier");
    return policy.spec().unknown_tier;
  }
  const auto address = IpAddress::parse(*question.client);
  if (!address) return Error{say("\"{}\" is not an IP address", *question.client)};
  client = *address;
  because = say("client {}", address->to_string());
  return policy.tier_of(*address);
}

// Of a tier without a device: whether some device in it trusts the school's certificate. Without either it is
// a device of no network.
bool device_trusts(const Policy& policy, const ExplainQuestion& question, TierId tier) {
  if (question.tier) return policy.some_trust_ca(tier);
  const auto address = question.client ? IpAddress::parse(*question.client) : std::nullopt;
  return address ? policy.trusts_ca(*address) : !policy.spec().trust_is_said;
}

std::string flags_text(const Flags& flags) {
  std::string text;
  for (const auto& [on, name] :
       {std::pair{flags.record, "record"}, {flags.alert, "alert"}, {flags.locked, "locked"}}) {
    if (on) text += (text.empty() ? "" : "+") + std::string(name);
  }
  return text;
}

// How the row of a timetable that gives the action is called, "lessons"; "" where no row does, or it names
// times of the clock.
std::string row_name(const Snapshot& snapshot, const RuleRef& where) {
  for (const Tier& tier : snapshot.policy->tiers())
    for (const TimetableEntry& row : tier.timetable)
      if (row.where == where) return row.when.name();
  return {};
}

// What the school's clock says of a moment; empty where it says nothing.
std::vector<Message> of_the_school(const SchoolClock& clock, LocalTime time) {
  std::vector<Message> said;
  if (const auto lesson = lesson_at(clock, time)) {
    const std::uint16_t number = lesson->lesson->number;
    said.push_back(lesson->shift == Shift::morning     ? say("period {} of the morning", number)
                   : lesson->shift == Shift::afternoon ? say("period {} of the afternoon", number)
                                                       : say("period {} of the evening", number));
    if (!lesson->lesson->name.empty()) said.emplace_back(printable(lesson->lesson->name));
  }
  if (const NamedDays* const days = named_day(clock.named_holidays, time.day))
    said.push_back(say("holiday: {}", printable(days->name)));
  if (const NamedDays* const days = named_day(clock.named_exam_days, time.day))
    said.push_back(say("exams: {}", printable(days->name)));
  return said;
}

std::string step_text(const Snapshot& snapshot, const Step& step, Catalogue catalogue, bool colour) {
  std::string line = step.wins ? "  > " : "    ";
  line += padded(std::string(to_string(step.layer)), 16) + padded(to_string(step.effect), 15) + " ";
  line += printable(step.what.in(catalogue));
  const std::string where = printable(snapshot.place(step.where)),
                    action = printable(snapshot.place(step.action_where));
  if (!where.empty()) line += "  " + where;
  const std::string row = printable(row_name(snapshot, step.action_where));
  if (!action.empty() && action != where)
    line += "  (" + say("action: {}", row.empty() ? action : action + ", " + row).in(catalogue) + ")";
  if (step.wins) return paint(colour, Colour::bold, line) + "\n";
  if (!step.note.empty())
    line += "\n" + std::string(36, ' ') + printable(say("lost: {}", step.note).in(catalogue));
  return paint(colour, Colour::dim, line) + "\n";
}

JsonObject& add_place(JsonObject& json, const Snapshot& snapshot, const RuleRef& ref) {
  const bool known = !ref.empty() && ref.source < snapshot.sources.size();
  json.add_or_null("file", known ? snapshot.sources[ref.source] : std::string());
  return known ? json.add("line", ref.line) : json.raw("line", "null");
}

JsonObject step_json(const Snapshot& snapshot, const Step& step) {
  JsonObject json;
  json.add("layer", to_string(step.layer))
      .add("wins", step.wins)
      .add("action", to_string(step.effect.action));
  json.add("flags", flags_text(step.effect.flags)).add("what", step.what.english());
  json.add_or_null("note", step.note.english());
  json.add_or_null("category", step.category == no_category
                                   ? std::string()
                                   : snapshot.policy->categories()[step.category].id);
  add_place(json, snapshot, step.where);
  json.add_or_null("action_where", snapshot.place(step.action_where));
  if (const std::string row = row_name(snapshot, step.action_where); !row.empty()) json.add("row", row);
  return json;
}

std::string category_id(const Snapshot& snapshot, CategoryId category) {
  return category == no_category ? std::string() : snapshot.policy->categories()[category].id;
}

// "category social", "host_line", "locked_category gambling".
std::string reason_text(const Snapshot& snapshot, const Verdict& v) {
  return std::string(to_string(v.reason)) +
         (v.category == no_category ? "" : " " + category_id(snapshot, v.category));
}

// Whether an https connection is opened with the school's certificate, and why or why not.
Message opened_text(const Tier& tier, std::string_view host, const Message& never, bool for_page,
                    bool trusts_ca) {
  const bool named = tier.inspect_only.holds(host);
  if (tier.https == Https::names && !named) {
    if (tier.inspect_only.empty()) return say("not opened: tier {} says https: names", tier.id);
    if (const auto kind = private_site(host)) return say("not opened: {}", message_of(*kind));
    return say("not opened: inspect_only of tier {} does not name it", tier.id);
  }
  if (!never.empty()) return say("not opened: {}", never);
  if (!trusts_ca)
    return say("not opened: who: does not say of this device's network that it trusts the certificate");
  if (named) return say("opened: inspect_only of tier {} names it", tier.id);
  if (tier.https == Https::inspect) return say("opened: tier {} says https: inspect", tier.id);
  if (for_page) return say("opened: tier {} says https: block-page, and there is a page to show", tier.id);
  return say("not opened: tier {} says https: block-page, and there is no page to show", tier.id);
}

// What becomes of a request that is judged as a whole address.
Message page_of(Action action) {
  switch (action) {
    case Action::allow:
      return say("the site");
    case Action::warn:
      return say("a page with Continue");
    case Action::block:
      break;
    case Action::help:
      return say("the help page");
  }
  return say("the block page");
}

// Words are let through, a site that a list names is not opened.
Message help_outcome(const Explained& e) {
  const auto& help = e.explanation.help;
  if (!help || !helps_with_words(e.explanation.verdict)) return say("the help page, without a way on");
  const Message then = page_of(e.passes                               ? Action::allow
                               : help->without.action == Action::warn ? Action::warn
                                                                      : Action::block);
  return help->help.flags.alert ? say("the help page once in 45 minutes, then {}", then)
                                : say("{}; that it helps is recorded privately", then);
}

// No verdict opens such an address. What this machine's own addresses and ports are is the running proxy's to
// know.
bool out_of_reach(const Config& config, const Url& url) {
  const Host& host = url.host();
  return host.is_address() &&
         AddressPolicy(config.upstream.allow_networks, {}).check(host.address, url.port(), {}) ==
             AddressCheck::refused;
}

// One sentence about what the pupil gets.
Message outcome(const Explained& e) {
  const Action action = e.explanation.verdict.action;
  if (e.unreachable)
    return say(
        "not the site: {} is no address of the Internet, and upstream: allow_networks does not name it",
        e.url.host().text);
  if (!e.connect) return action == Action::help ? help_outcome(e) : page_of(action);
  if (e.inspect)
    return say("each request inside is judged as a whole address; by the name alone: {}", page_of(action));
  if (e.page)
    return say("{}, on devices that trust the school's certificate",
               page_of(action == Action::allow ? Action::block : action));
  if (action == Action::block || action == Action::help) return say("a refused CONNECT, no page");
  if (action == Action::warn && !e.passes)
    return say("a refused CONNECT: no page can be shown, so `warn` blocks in this tier");
  if (action == Action::warn) return say("the site, recorded: no page can be shown");
  return page_of(action);
}

Result<LocalTime> time_of(const ExplainQuestion& question, LocalTime now) {
  if (!question.at) return now;
  if (const auto at = parse_local_time(*question.at)) return *at;
  return Error{
      say("\"{}\" is not a time such as \"T2 08:30\", \"Mon 08:30\" or \"2026-12-24 08:30\"", *question.at)};
}

// The path and query are there, and nobody will see them.
bool has_more_than_name(const std::string& url) {
  Url whole;
  return whole.parse(url).ok() && whole.target() != "/";
}

// Where the question goes instead, so that an engine answers safely; "" = nowhere else.
std::string safe_host_of(const Policy& policy, const Host& host, const Tier& rules) {
  const Host* const safe = policy.engines().safe_host(host, rules.safesearch, rules.youtube);
  return safe != nullptr ? safe->text : std::string();
}

}  // namespace

Result<Explained> explain_url(const Snapshot& snapshot, const ExplainQuestion& question,
                              std::int64_t now_seconds, std::shared_ptr<const Overrides> overrides) {
  Explained result;
  const std::string url = pasted_url(question.url);
  const bool scheme = scheme_end(url) != std::string::npos;
  const auto tier = tier_of(snapshot, question, result.tier_because, result.client);
  if (!tier) return tier.error();
  result.tier = *tier;
  const Tier& rules = snapshot.policy->tiers()[result.tier];
  const bool https = url.starts_with("https://");
  const auto judge = snapshot.make_judge();
  judge->use(std::move(overrides));
  // Where some tier opens connections the authority is there, or the configuration would not have loaded.
  Url name;
  const bool names_https = name.parse_authority(authority_of(url)).ok() && name.scheme() == Scheme::https;
  const bool trusts_ca = device_trusts(*snapshot.policy, question, result.tier);
  Opening opening;
  if (names_https)
    opening = {
        .has_authority = snapshot.config.https.needed && trusts_ca, .judge = judge.get(), .name = &name};
  result.connect = question.stage ? *question.stage == "connect" : https && !may_inspect(rules, opening);
  if (https && result.connect && !question.stage) result.unseen = has_more_than_name(url);
  const auto parsed = result.connect ? result.url.parse_authority(authority_of(url))
                                     : result.url.parse((scheme ? "" : "http://") + url);
  if (parsed.failed()) return Error{say("\"{}\": {}", question.url, message_of(parsed.error()))};
  const auto time =
      time_of(question, school_time(snapshot.zone, now_seconds * 1000, question.clock_doubted_until_ms));
  if (!time) return time.error();
  result.time = *time;
  const JudgeRequest request{
      result.url, result.connect ? Stage::host : Stage::request, result.tier, result.time, {}, &result.client,
      trusts_ca};
  result.explanation = result.connect ? judge->explain_connect(request) : judge->explain(request);
  const Verdict& verdict = result.explanation.verdict;
  const TunnelPlan tunnel = plan_tunnel(verdict, rules, opening);
  const auto& help = result.explanation.help;
  const bool helped = help && helps_with_words(verdict) &&
                      (rules.default_action == Action::allow || help->without.action == Action::allow);
  const bool allowed = verdict.action == Action::allow || helped;
  result.inspect = result.connect && tunnel == TunnelPlan::inspect;
  result.page = result.connect && tunnel == TunnelPlan::page;
  result.passes = result.connect && tunnel != TunnelPlan::inspect ? tunnel == TunnelPlan::pass : allowed;
  result.unreachable = (result.passes || result.inspect) && out_of_reach(snapshot.config, result.url);
  result.passes = result.passes && !result.unreachable;
  const bool of_https = https || result.connect;
  if (of_https && names_https)
    result.https = opened_text(rules, name.host().text, judge->never_inspected_because(name),
                               tunnel == TunnelPlan::page, trusts_ca);
  if (result.passes) result.safe_host = safe_host_of(*snapshot.policy, result.url.host(), rules);
  return result;
}

std::string explain_text(const Snapshot& snapshot, const Explained& e, Catalogue catalogue, bool colour) {
  const Verdict& v = e.explanation.verdict;
  const Tier& tier = snapshot.policy->tiers()[e.tier];
  std::string text;
  const auto line = [&](const Message& message) { text += message.in(catalogue) + "\n"; };
  line(say("url      {}", printable(e.url.forward())));
  if (e.url.match() != e.url.forward()) line(say("matched  {}", printable(e.url.match())));
  line(say("tier     {} ({})", tier.id, e.tier_because));
  std::string moment = to_string(e.time);
  for (const Message& one : of_the_school(snapshot.policy->spec().clock, e.time))
    moment += ", " + one.in(catalogue);
  line(say("time     {}", moment));
  if (e.time.in_doubt) line(say("clock    {}", clock_doubted_text()));
  line(e.connect ? say("stage    connect: the name alone is known") : say("stage    request: the whole URL"));
  if (!e.https.empty()) line(say("https    {}", printable(e.https.in(catalogue))));
  text += '\n';
  for (const Step& step : e.explanation.steps) text += step_text(snapshot, step, catalogue, colour);
  if (e.unseen) {
    text += "\n  ";
    line(
        say("not seen here: the path and query of an https page (they are where a tier says https: "
            "inspect)"));
  }
  if (!e.explanation.not_asked.empty()) {
    text += "\n  ";
    line(say("could decide otherwise, but cannot be asked without the path:"));
    for (Step step : e.explanation.not_asked) {
      step.note = {};  // said above
      text += step_text(snapshot, step, catalogue, colour);
    }
  }
  const Effect effect{v.action, v.flags};
  text += '\n';
  const std::string action = paint(colour, colour_of_action(to_string(v.action)), to_string(effect));
  const std::string place = printable(snapshot.place(v.rule));
  const std::string reason = reason_text(snapshot, v);
  line(place.empty() ? say("verdict  {} by {}", action, reason)
                     : say("verdict  {} by {}, {}", action, reason, place));
  const Message gets = outcome(e);
  line(say("gets     {}",
           e.safe_host.empty() ? gets : say("{}, by way of {}: safe search", gets, e.safe_host)));
  return text;
}

std::string explain_json(const Snapshot& snapshot, const Explained& e) {
  const Verdict& v = e.explanation.verdict;
  JsonArray steps, not_asked;
  for (const Step& step : e.explanation.steps) steps.add(step_json(snapshot, step));
  for (const Step& step : e.explanation.not_asked) not_asked.add(step_json(snapshot, step));
  JsonObject json;
  json.add("forward", e.url.forward()).add("match", e.url.match());
  json.add("tier", snapshot.policy->tiers()[e.tier].id).add("time", to_string(e.time));
  json.add("stage", e.connect ? "connect" : "request");
  json.add("action", to_string(v.action)).add("flags", flags_text(v.flags)).add("passes", e.passes);
  json.add("layer", to_string(v.layer)).add("reason", to_string(v.reason));
  json.add_or_null("category", category_id(snapshot, v.category));
  add_place(json, snapshot, v.rule);
  json.add("path_may_change_it", v.path_may_change_it)
      .add("clock_doubted", e.time.in_doubt)
      .add("path_unseen", e.unseen)
      .add_or_null("https", e.https.english())
      .add_or_null("safe_search", e.safe_host);
  if (e.unreachable) json.add("unreachable", true);
  json.add("digest", snapshot.digest);
  json.add("steps", steps).add("not_asked", not_asked);
  return json.text() + "\n";
}

namespace {

std::int64_t now_ms() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
}

// Whether the running proxy doubts the clock, where one answers.
std::int64_t doubted_by_proxy(const Config& config) {
  const auto status = ask_proxy(config.control_socket, "status json");
  const bool doubted = status && status->text.find("\"clock_doubted\":true") != std::string::npos;
  return doubted ? newest_row_ms(config.log.directory) : 0;
}

// At another hour none of the overrides is known.
std::shared_ptr<const Overrides> overrides_of(const Snapshot& snapshot, const ExplainQuestion& question,
                                              Console& console) {
  return question.at ? compile_overrides(snapshot, {}) : overrides_now(snapshot, console);
}

}  // namespace

std::shared_ptr<const Overrides> overrides_now(const Snapshot& snapshot, Console& console) {
  const std::string path = overrides_file(snapshot.config);
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return compile_overrides(snapshot, {});
  constexpr std::uint64_t most_bytes = 1024 * 1024;
  const auto text = read_file(path, most_bytes);
  const Moment now{now_ms(), std::chrono::steady_clock::now()};
  auto rows = text ? parse_overrides(*text, now) : std::nullopt;
  if (!rows) {
    console.complain(
        say("without what is opened or blocked for this lesson, for {} cannot be read; --running asks the "
            "proxy itself",
            path));
    return compile_overrides(snapshot, {});
  }
  keep_what_holds(*rows, now, 0);
  return compile_overrides(snapshot, rows->rows);
}

Reply explain_reply(const Snapshot& snapshot, const std::shared_ptr<const Overrides>& overrides,
                    std::int64_t clock_doubted_until_ms, const TeacherQuestion& question) {
  ExplainQuestion asked;
  asked.clock_doubted_until_ms = clock_doubted_until_ms;
  asked.url = question.target;
  if (!question.tier.empty()) asked.tier = question.tier;
  if (!question.room.empty()) asked.room = question.room;
  const auto explained = explain_url(snapshot, asked, now_ms() / 1000, overrides);
  const Catalogue catalogue = catalogue_of(snapshot.config.school.language);
  if (!explained) return {exit_usage, printable(explained.error().message.in(catalogue)) + "\n"};
  return {exit_ok, question.json ? explain_json(snapshot, *explained)
                                 : explain_text(snapshot, *explained, catalogue, question.colour)};
}

Reply explain_for_pages(const Snapshot& snapshot, const std::shared_ptr<const Overrides>& overrides,
                        std::int64_t clock_doubted_until_ms, const std::string& url, const std::string& tier,
                        Catalogue catalogue) {
  ExplainQuestion asked;
  asked.clock_doubted_until_ms = clock_doubted_until_ms;
  asked.url = url;
  if (!tier.empty()) asked.tier = tier;
  const auto explained = explain_url(snapshot, asked, now_ms() / 1000, overrides);
  if (!explained) return {exit_usage, printable(explained.error().message.in(catalogue)) + "\n"};
  return {exit_ok, explain_text(snapshot, *explained, catalogue, false)};
}

void add_explain_command(CLI::App& app, Console& console, int& result) {
  struct Options {
    std::string config;
    ExplainQuestion question;
    std::string state;
    bool json = false, exit_code = false, running = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("explain", "Say what happens to a URL, by which line, and what lost");
  command->add_option("url", options->question.url, "the URL")->required();
  auto* tier = command->add_option("--tier", options->question.tier, "as a client of this tier");
  auto* client =
      command->add_option("--client", options->question.client, "as the client with this IP address")
          ->excludes(tier);
  command->add_option("--room", options->question.room, "as a device in this room")
      ->excludes(tier)
      ->excludes(client);
  auto* at =
      command->add_option("--at", options->question.at,
                          "at this time, \"T2 08:30\" of the week or \"2026-12-24 08:30\" (default: now)");
  auto* stage =
      command
          ->add_option("--stage", options->question.stage, "request: the whole URL; connect: the name alone")
          ->check(CLI::IsMember({"request", "connect"}));
  command->add_flag("--json", options->json, "for programs");
  auto* exit_code = command->add_flag("--exit-code", options->exit_code, "answer 10 if it would be blocked");
  command->add_flag("--running", options->running, "ask the running proxy, as teachers may")
      ->excludes(client)
      ->excludes(at)
      ->excludes(stage)
      ->excludes(exit_code);
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  command->footer(explain_footer);
  on_command(*command, options->config, console, [options, &console, &result] {
    if (options->running) {
      TeacherQuestion question;
      question.verb = TeacherQuestion::Verb::explain;
      question.target = options->question.url;
      question.tier = options->question.tier.value_or("");
      question.room = options->question.room.value_or("");
      question.json = options->json;
      question.colour = console.out_colour;
      result = ask_as_teacher(options->config, options->state, question, console);
      return;
    }
    const LoadResult loaded = load_for_reading(options->config, console);
    if (!loaded.snapshot) {
      print_errors(loaded.diagnostics, loaded.texts, console);
      result = exit_config_errors;
      return;
    }
    if (!options->question.at)
      options->question.clock_doubted_until_ms = doubted_by_proxy(loaded.snapshot->config);
    const auto explained = explain_url(*loaded.snapshot, options->question, now_ms() / 1000,
                                       overrides_of(*loaded.snapshot, options->question, console));
    if (!explained) {
      console.err << console.text(explained.error().message) << '\n';
      result = exit_usage;
      return;
    }
    console.out << (options->json
                        ? explain_json(*loaded.snapshot, *explained)
                        : explain_text(*loaded.snapshot, *explained, console.catalogue, console.out_colour));
    const bool blocked = explained->explanation.verdict.action == Action::block ||
                         (explained->connect && !explained->passes && !explained->inspect);
    result = options->exit_code && blocked ? exit_blocked : exit_ok;
  });
}

}  // namespace schoolgate::tools
