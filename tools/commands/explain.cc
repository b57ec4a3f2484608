#include "tools/commands/explain.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <ostream>

#include "proxy/core/plan.h"
#include "tools/commands/commands.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

constexpr char explain_footer[] =
    R"(The URL is judged as the proxy would see it: of https only the name, since it comes as CONNECT, unless the
tier inspects; --stage request asks about the whole URL all the same.

Examples:
  schoolgate explain https://example.com/ --tier thcs
  schoolgate explain http://example.com/a?b=c --client 10.0.3.7 --at "T2 08:30"
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

Result<TierId> tier_of(const Snapshot& snapshot, const ExplainQuestion& question, std::string& because) {
  const Policy& policy = *snapshot.policy;
  if (question.tier) {
    because = "asked for";
    if (const auto tier = policy.find_tier(*question.tier)) return *tier;
    std::string known;
    for (const Tier& tier : policy.tiers()) known += (known.empty() ? "" : ", ") + tier.id;
    return Error{"no tier \"" + *question.tier + "\"; there are: " + known};
  }
  if (!question.client) {
    because = "unknown_tier";
    return policy.spec().unknown_tier;
  }
  const auto address = IpAddress::parse(*question.client);
  if (!address) return Error{"\"" + *question.client + "\" is not an IP address"};
  because = "client " + address->to_string();
  return policy.tier_of(*address);
}

std::string flags_text(const Flags& flags) {
  std::string text;
  for (const auto& [on, name] :
       {std::pair{flags.record, "record"}, {flags.alert, "alert"}, {flags.locked, "locked"}}) {
    if (on) text += (text.empty() ? "" : "+") + std::string(name);
  }
  return text;
}

std::string step_text(const Snapshot& snapshot, const Step& step, bool colour) {
  std::string line = step.wins ? "  > " : "    ";
  line += padded(std::string(to_string(step.layer)), 16) + padded(to_string(step.effect), 15) + " ";
  line += printable(step.what);
  const std::string where = printable(snapshot.place(step.where)),
                    action = printable(snapshot.place(step.action_where));
  if (!where.empty()) line += "  " + where;
  if (!action.empty() && action != where) line += "  (action: " + action + ")";
  if (step.wins) return paint(colour, Colour::bold, line) + "\n";
  if (!step.note.empty()) line += "\n" + std::string(36, ' ') + "lost: " + printable(step.note);
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
  json.add("flags", flags_text(step.effect.flags)).add("what", step.what).add_or_null("note", step.note);
  json.add_or_null("category", step.category == no_category
                                   ? std::string()
                                   : snapshot.policy->categories()[step.category].id);
  add_place(json, snapshot, step.where);
  json.add_or_null("action_where", snapshot.place(step.action_where));
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
std::string opened_text(const Tier& tier, const std::string& never, bool for_page) {
  if (tier.https == Https::names) return "not opened: tier " + tier.id + " says https: names";
  if (!never.empty()) return "not opened: " + never;
  if (tier.https == Https::inspect) return "opened: tier " + tier.id + " says https: inspect";
  if (for_page) return "opened: tier " + tier.id + " says https: block-page, and there is a page to show";
  return "not opened: tier " + tier.id + " says https: block-page, and there is no page to show";
}

// What becomes of the requests in a connection that is opened to judge each of them.
std::string outcome_inside(Action action) {
  const std::string inside = "each request inside is judged as a whole address; by the name alone: ";
  switch (action) {
    case Action::allow:
      return inside + "the site";
    case Action::warn:
      return inside + "a page with Continue";
    case Action::block:
      return inside + "the block page";
    case Action::help:
      return inside + "the help page";
  }
  return inside;
}

// Words are let through, a site that a list names is not opened.
std::string help_outcome(const Explained& e) {
  const auto& help = e.explanation.help;
  if (!help || !helps_with_words(e.explanation.verdict)) return "the help page, without a way on";
  const std::string then = e.passes                               ? "the site"
                           : help->without.action == Action::warn ? "a page with Continue"
                                                                  : "the block page";
  return help->help.flags.alert ? "the help page once in 45 minutes, then " + then
                                : then + "; that it helps is recorded privately";
}

// One sentence about what the pupil gets.
std::string outcome(const Explained& e) {
  const Action action = e.explanation.verdict.action;
  if (!e.connect) {
    switch (action) {
      case Action::allow:
        return "the site";
      case Action::warn:
        return "a page with Continue";
      case Action::block:
        return "the block page";
      case Action::help:
        return help_outcome(e);
    }
  }
  if (e.inspect) return outcome_inside(action);
  if (e.page && action == Action::help)
    return "the help page, on devices that trust the school's certificate";
  if (e.page) {
    return action == Action::warn ? "a page with Continue, on devices that trust the school's certificate"
                                  : "the block page, on devices that trust the school's certificate";
  }
  if (action == Action::block || action == Action::help) return "a refused CONNECT, no page";
  if (action == Action::warn && !e.passes)
    return "a refused CONNECT: no page can be shown, so `warn` blocks in this tier";
  if (action == Action::warn) return "the site, recorded: no page can be shown";
  return "the site";
}

}  // namespace

Result<Explained> explain_url(const Snapshot& snapshot, const ExplainQuestion& question,
                              std::int64_t now_seconds) {
  Explained result;
  const std::string url = pasted_url(question.url);
  const bool scheme = scheme_end(url) != std::string::npos;
  const auto tier = tier_of(snapshot, question, result.tier_because);
  if (!tier) return tier.error();
  result.tier = *tier;
  const Tier& rules = snapshot.policy->tiers()[result.tier];
  const bool https = url.starts_with("https://");
  const auto judge = snapshot.make_judge();
  // Where some tier opens connections the authority is there, or the configuration would not have loaded.
  Url name;
  const bool names_https = name.parse_authority(authority_of(url)).ok() && name.scheme() == Scheme::https;
  Opening opening;
  if (names_https)
    opening = {.has_authority = snapshot.config.https.needed, .judge = judge.get(), .name = &name};
  result.connect = question.stage ? *question.stage == "connect" : https && !may_inspect(rules, opening);
  if (https && result.connect && !question.stage) {
    Url whole;
    result.unseen = whole.parse(url).ok() && whole.target() != "/";
  }
  const auto parsed = result.connect ? result.url.parse_authority(authority_of(url))
                                     : result.url.parse((scheme ? "" : "http://") + url);
  if (parsed.failed()) return Error{"\"" + question.url + "\": " + std::string(to_string(parsed.error()))};
  result.time = snapshot.zone.local(now_seconds);
  if (question.at) {
    const auto at = parse_local_time(*question.at);
    if (!at)
      return Error{"\"" + *question.at +
                   "\" is not a time of the week such as \"T2 08:30\" or \"Mon 08:30\""};
    result.time = *at;
  }
  const JudgeRequest request{
      result.url, result.connect ? Stage::host : Stage::request, result.tier, result.time, {}};
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
  const bool of_https = https || result.connect;
  if (of_https && names_https)
    result.https = opened_text(rules, judge->never_inspected_because(name), tunnel == TunnelPlan::page);
  if (result.passes) {
    const SearchEngines& engines = snapshot.policy->engines();
    if (const Host* const safe = engines.safe_host(result.url.host(), rules.safesearch, rules.youtube))
      result.safe_host = safe->text;
  }
  return result;
}

std::string explain_text(const Snapshot& snapshot, const Explained& e, bool colour) {
  const Verdict& v = e.explanation.verdict;
  const Tier& tier = snapshot.policy->tiers()[e.tier];
  std::string text;
  text += "url      " + printable(e.url.forward()) + "\n";
  if (e.url.match() != e.url.forward()) text += "matched  " + printable(e.url.match()) + "\n";
  text += "tier     " + tier.id + " (" + e.tier_because + ")\n";
  text += "time     " + to_string(e.time) + "\n";
  text += "stage    " +
          std::string(e.connect ? "connect: the name alone is known" : "request: the whole URL") + "\n\n";
  if (!e.https.empty()) text.insert(text.size() - 1, "https    " + e.https + "\n");
  for (const Step& step : e.explanation.steps) text += step_text(snapshot, step, colour);
  if (e.unseen)
    text +=
        "\n  not seen here: the path and query of an https page (they are where a tier says https: "
        "inspect)\n";
  if (!e.explanation.not_asked.empty()) {
    text += "\n  could decide otherwise, but cannot be asked without the path:\n";
    for (Step step : e.explanation.not_asked) {
      step.note.clear();  // said above
      text += step_text(snapshot, step, colour);
    }
  }
  const Effect effect{v.action, v.flags};
  text += "\nverdict  " + paint(colour, colour_of_action(to_string(v.action)), to_string(effect)) + " by " +
          reason_text(snapshot, v);
  if (const std::string place = snapshot.place(v.rule); !place.empty()) text += ", " + printable(place);
  text += "\ngets     " + outcome(e);
  if (!e.safe_host.empty()) text += ", by way of " + e.safe_host + ": safe search";
  text += "\n";
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
      .add("path_unseen", e.unseen)
      .add_or_null("https", e.https)
      .add_or_null("safe_search", e.safe_host)
      .add("digest", snapshot.digest);
  json.add("steps", steps).add("not_asked", not_asked);
  return json.text() + "\n";
}

void add_explain_command(CLI::App& app, Console& console, int& result) {
  struct Options {
    std::string config;
    ExplainQuestion question;
    bool json = false, exit_code = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("explain", "Say what happens to a URL, by which line, and what lost");
  command->add_option("url", options->question.url, "the URL")->required();
  auto* tier = command->add_option("--tier", options->question.tier, "as a client of this tier");
  command->add_option("--client", options->question.client, "as the client with this IP address")
      ->excludes(tier);
  command->add_option("--at", options->question.at, "at this time of the week, \"T2 08:30\" (default: now)");
  command->add_option("--stage", options->question.stage, "request: the whole URL; connect: the name alone")
      ->check(CLI::IsMember({"request", "connect"}));
  command->add_flag("--json", options->json, "for programs");
  command->add_flag("--exit-code", options->exit_code, "answer 10 if it would be blocked");
  add_config_option(*command, options->config);
  command->footer(explain_footer);
  command->callback([options, &console, &result] {
    const LoadResult loaded = load_for_reading(options->config, console);
    if (!loaded.snapshot) {
      console.err << render(loaded.diagnostics, loaded.texts, nullptr, console.err_colour);
      result = exit_config_errors;
      return;
    }
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
    const auto explained = explain_url(*loaded.snapshot, options->question, now.count());
    if (!explained) {
      console.err << printable(explained.error().message.english()) << '\n';
      result = exit_usage;
      return;
    }
    console.out << (options->json ? explain_json(*loaded.snapshot, *explained)
                                  : explain_text(*loaded.snapshot, *explained, console.out_colour));
    const bool blocked = explained->explanation.verdict.action == Action::block ||
                         (explained->connect && !explained->passes && !explained->inspect);
    result = options->exit_code && blocked ? exit_blocked : exit_ok;
  });
}

}  // namespace schoolgate::tools
