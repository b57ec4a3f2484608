// The log, as much of it as each role may see: the limits are set here, whatever the address asks for.
#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "proxy/core/json_text.h"
#include "proxy/web/event_words.h"
#include "proxy/web/form.h"
#include "proxy/web/names.h"
#include "proxy/web/visit.h"
#include "rules/policy/civil_date.h"

namespace schoolgate::web {
namespace {

constexpr std::int64_t minute_ms = 60'000, hour_ms = 60 * minute_ms, day_ms = 24 * hour_ms;
constexpr std::int64_t clients_shown_ms = 15 * minute_ms;
constexpr std::size_t shown_rows = 200, taken_rows = 100'000;
constexpr std::uint64_t folded_below = 5;

struct Span {
  std::string_view word;
  std::int64_t ms;
};
// What a teacher sees at most, which is what she sees unless she asks for less.
constexpr std::string_view lesson_range = "lesson";
constexpr Span spans[] = {{"1h", hour_ms}, {"8h", 8 * hour_ms}, {"1d", day_ms}, {"7d", 7 * day_ms}};

Message span_name(std::string_view word) {
  if (word == "1h") return say("the last hour");
  if (word == "8h") return say("the last 8 hours");
  if (word == "1d") return say("the last day");
  return say("the last 7 days");
}

// "2026-11-29T08:05", by the school's clocks.
std::optional<std::int64_t> local_ms(std::string_view text, const TimeZone& zone) {
  const auto number = [&](std::size_t at, std::int64_t most) -> std::optional<std::int64_t> {
    int value = 0;
    const char* const begin = text.data() + at;
    const auto [end, error] = std::from_chars(begin, begin + 2, value);
    if (error != std::errc{} || end != begin + 2 || value < 0 || value > most) return std::nullopt;
    return value;
  };
  if (text.size() != 16 || text[10] != 'T' || text[13] != ':') return std::nullopt;
  const auto day = parse_date(text.substr(0, 10));
  const auto hour = number(11, 23), minute = number(14, 59);
  if (!day || !hour || !minute) return std::nullopt;
  const std::int64_t local_s = static_cast<std::int64_t>(*day) * 86'400 + *hour * 3600 + *minute * 60;
  return (local_s - zone.offset(local_s - zone.offset(local_s))) * 1000;
}

std::string input_time(std::int64_t ms, const TimeZone& zone) {
  return zone.iso8601(ms / 1000).substr(0, 16);
}

struct Asked {
  LogAsk ask;
  std::string range;  // "1h", or "" where from and to are said
};

// What the address asks for, within what the role may see. Values come from a query or a form alike.
Asked asked_for(const Visit& visit, const Fields& values) {
  Asked out;
  LogAsk& ask = out.ask;
  const std::int64_t now = visit.now_ms();
  const auto from = local_ms(field(values, "from"), visit.options.zone);
  const auto to = local_ms(field(values, "to"), visit.options.zone);
  out.range = std::string(field(values, "range"));
  const auto span = std::find_if(std::begin(spans), std::end(spans),
                                 [&](const Span& one) { return one.word == out.range; });
  if (span == std::end(spans) && !from) out.range = "1h";
  ask.until_ms = to ? *to + minute_ms : now + 1;
  ask.since_ms =
      from && span == std::end(spans) ? *from : now - (span == std::end(spans) ? hour_ms : span->ms);
  if (span != std::end(spans)) ask.until_ms = now + 1;
  ask.limit = shown_rows;
  ask.action = std::string(field(values, "action"));
  if (ask.action == "closed") {
    ask.closed_only = true;
    ask.action.clear();
  }
  ask.category = std::string(field(values, "category"));
  ask.host = std::string(field(values, "host"));
  ask.code = std::string(field(values, "code"));
  const std::string tier(field(values, "tier"));
  if (!tier.empty()) ask.tiers = {tier};
  if (visit.account->role != Role::teacher) return out;
  // A teacher: what was closed. Where and since when the proxy says (Daemon::lesson_log()).
  const std::string_view range = field(values, "range");
  if (span == std::end(spans) && (range == lesson_range || !from)) {
    out.range = lesson_range;
    ask.since_ms = 0;
  }
  if (ask.action != "block" && ask.action != "warn") {
    ask.action.clear();
    ask.closed_only = true;
  }
  return out;
}

std::string tier_and_action(const Visit& visit, const LogAsk& ask) {
  const bool teacher = visit.account->role == Role::teacher;
  const std::string action = ask.closed_only ? "closed" : ask.action;
  std::string out = "<label>" + visit.t(say("What became of it")) + "<select name=\"action\">";
  if (!teacher) out += option("", visit.t(say("all")), action.empty());
  out += option("closed", visit.t(say("blocked or warned")), action == "closed");
  for (const char* one : {"block", "warn", "allow", "refused"})
    if (!teacher || one[0] == 'b' || one[0] == 'w')
      out += option(one, visit.t(action_name(one)), action == one);
  out += "</select></label><label>" + visit.t(say("Tier")) + "<select name=\"tier\">" +
         option("", visit.t(say("all")), ask.tiers.size() != 1);
  if (const auto tiers = visit.sources.daemon.tiers(visit.language))
    for (const TierLine& one : *tiers)
      out += option(one.id, esc(one.name), ask.tiers.size() == 1 && ask.tiers.front() == one.id);
  return out + "</select></label>" + input(visit, say("Site"), "host", "text", ask.host, "maxlength=\"253\"");
}

// What is asked for seldom is folded away until it is.
std::string filter_form(const Visit& visit, const Names& names, const Asked& asked) {
  const LogAsk& ask = asked.ask;
  const bool totals = visit.account->role == Role::head;
  const bool known =
      asked.range == lesson_range || std::any_of(std::begin(spans), std::end(spans),
                                                 [&](const Span& one) { return one.word == asked.range; });
  std::string out = "<form method=\"get\" action=\"/log\"><div class=\"filter\"><label>" +
                    visit.t(say("Time")) + "<select name=\"range\">";
  const bool lesson = visit.account->role == Role::teacher;
  if (lesson)
    out += option(lesson_range, visit.t(say("this lesson and the last one")), asked.range == lesson_range);
  for (const Span& one : spans)
    if (!lesson || one.ms <= hour_ms)
      out += option(one.word, visit.t(span_name(one.word)), asked.range == one.word);
  out += option("own", visit.t(say("time range")), !known) + "</select></label>";
  const std::int64_t shown_since = ask.since_ms != 0 ? ask.since_ms : ask.until_ms - hour_ms;
  if (!totals) out += tier_and_action(visit, ask);
  out += "<button>" + visit.t(say("Show")) + "</button></div><details" +
         (known && ask.category.empty() && ask.code.empty() ? "" : " open") + "><summary>" +
         visit.t(say("More conditions")) + "</summary><div class=\"filter\">" +
         input(visit, say("from"), "from", "datetime-local", input_time(shown_since, visit.options.zone)) +
         input(visit, say("to"), "to", "datetime-local", input_time(ask.until_ms, visit.options.zone));
  if (!totals)
    out += "<label>" + visit.t(say("Category")) + "<select name=\"category\">" +
           option("", visit.t(say("all")), ask.category.empty()) +
           names.category_options(names.all_categories(), ask.category) +
           (ask.category.empty() || names.is_category(ask.category)
                ? std::string()
                : option(esc(ask.category), esc(ask.category), true)) +
           "</select></label>" +
           input(visit, say("Code of a page"), "code", "text", ask.code, "maxlength=\"12\"");
  return out + "</div></details></form>";
}

// A line of a tier's file is found again in what holds there; one of a list is named alone.
std::string rule_html(const Visit& visit, const LogLine& row) {
  if (row.rule.empty()) return {};
  const std::string shown = "<code>" + esc(row.rule) + "</code>";
  if (row.rule.find(".yaml:") == std::string::npos || !visit.can(Page::policy, Verb::view)) return shown;
  return "<a href=\"" + esc("/policy?tier=" + encode_value(row.tier) + "&rule=" + encode_value(row.rule)) +
         "#rule\">" + shown + "</a>";
}

// What of a device a page names.
enum class Named : std::uint8_t { nothing, pseudonym, place };

std::string row_html(const Visit& visit, const Names& names, const LogLine& row, Named named) {
  const std::string address = (row.connect ? "https://" : "http://") + row.host + row.path;
  const std::string why = "/explain?url=" + encode_value(address) + "&tier=" + encode_value(row.tier);
  std::string out =
      "<tr><td class=\"nowrap\">" + esc(visit.time(row.time_ms, true)) + "</td><td>" +
      action_mark(visit, row.action) + "</td><td class=\"address\"><bdi>" + esc(row.host) +
      "<span class=\"quiet\">" + esc(row.path) + "</span></bdi>" +
      (row.count > 1 ? " <span class=\"quiet\">×" + std::to_string(row.count) + "</span>" : "") +
      "</td><td>" + esc(names.tier(row.tier)) + "</td><td>" + esc(names.category(row.category)) +
      "</td><td class=\"rule\">" + rule_html(visit, row) + "</td>";
  if (named == Named::pseudonym) out += "<td><code>" + esc(row.client) + "</code></td>";
  if (named == Named::place) out += "<td><bdi>" + esc(row.place) + "</bdi></td>";
  out +=
      "<td class=\"nowrap\">" + (row.code.empty() ? "" : "<code>" + esc(row.code) + "</code>") + "</td><td>";
  if (!row.tier.empty() && visit.can(Page::explain, Verb::view))
    out += "<a href=\"" + esc(why) + "\">" + visit.t(name_of(Page::explain)) + "</a>";
  return out + "</td></tr>";
}

std::string rows_html(const Visit& visit, const Names& names, const std::vector<LogLine>& rows, Named named) {
  if (rows.empty()) return "<p>" + visit.t(say("No row of the log is of that kind.")) + "</p>";
  std::string out = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
                    visit.t(name_of(Page::log)) + "\"><table data-filter=\"" +
                    visit.t(say("Only rows with")) + "\"><thead><tr>";
  for (const Message& head :
       {say("Time"), say("What became of it"), say("Site"), say("Tier"), say("Category"), say("Rule")})
    out += "<th scope=\"col\">" + visit.t(head) + "</th>";
  if (named == Named::pseudonym) out += "<th scope=\"col\">" + visit.t(say("Pseudonym")) + "</th>";
  if (named == Named::place) out += "<th scope=\"col\">" + visit.t(say("Room or label")) + "</th>";
  out += "<th scope=\"col\">" + visit.t(say("Code")) + "</th><td></td></tr></thead><tbody>";
  for (const LogLine& row : rows) out += row_html(visit, names, row, named);
  return out + "</tbody></table></div>" +
         (rows.size() >= shown_rows
              ? "<p class=\"quiet\">" +
                    visit.t(say("The newest {} rows; choose a shorter time to see others.", shown_rows)) +
                    "</p>"
              : "");
}

std::string joined_names(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

// Where a teacher looks, and since when.
std::string lesson_scope(const Visit& visit, const Names& names, const LessonLog& found) {
  const std::string since = visit.time(found.since_ms, false);
  const Message when = found.by_lessons
                           ? say("In this lesson and the last one, since {}.", since)
                           : say("There is no lesson now: in the last 100 minutes, since {}.", since);
  std::vector<std::string> tier_names;
  for (const std::string& id : found.tiers) tier_names.push_back(names.tier(id));
  const std::string rooms = joined_names(found.rooms), tiers = joined_names(tier_names);
  const Message where =
      found.rooms.empty()   ? say("You see what was blocked or warned in your tiers: {}.", tiers)
      : found.tiers.empty() ? say("You see what was blocked or warned in your rooms: {}.", rooms)
                            : say("You see what was blocked or warned in your rooms: {}; where the room of a "
                                  "device is not known, in your tiers: {}.",
                                  rooms, tiers);
  return "<p class=\"quiet\">" + visit.t(where) + " " + visit.t(when) + "</p>";
}

// A teacher's rows: the proxy chooses them, for it alone knows whose device is in which room.
std::string lesson_html(const Visit& visit, const Names& names, const LogAsk& ask) {
  const auto found = visit.sources.daemon.lesson_log(visit.account->name, ask, visit.language);
  if (!found) return not_answering(visit);
  if (!found->why_not.done) return told(visit, false, found->why_not.text);
  if (found->rooms.empty() && found->tiers.empty())
    return "<p>" + visit.t(say("delegation.yaml gives your account neither a room nor a tier.")) + "</p>";
  return lesson_scope(visit, names, *found) + rows_html(visit, names, found->rows, Named::place);
}

// Requests by tier and action; a cell below five says so, and is in no sum.
std::string totals_html(const Visit& visit, const Names& names, const Asked& asked) {
  const auto lines = visit.sources.log.totals(asked.ask.since_ms, asked.ask.until_ms);
  if (!lines) return told(visit, false, lines.error().message.in(visit.catalogue()));
  constexpr const char* actions[] = {"allow", "warn", "block"};
  std::map<std::string, std::map<std::string, std::uint64_t>> by_tier;
  for (const TotalLine& one : *lines)
    if (!one.tier.empty()) by_tier[one.tier][one.action] += one.requests;
  if (by_tier.empty()) return "<p>" + visit.t(say("Nothing was asked for in this time.")) + "</p>";
  std::string out = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
                    visit.t(say("Requests")) + "\"><table><thead><tr><th scope=\"col\">" +
                    visit.t(say("Tier")) + "</th>";
  for (const char* action : actions)
    out += "<th scope=\"col\" class=\"number\">" + visit.t(action_name(action)) + "</th>";
  out += "</tr></thead><tbody>";
  for (auto& [tier, counts] : by_tier) {
    out += "<tr><th scope=\"row\">" + esc(names.tier(tier)) + "</th>";
    for (const char* action : actions) {
      const std::uint64_t n = counts[action];
      out += "<td class=\"number\">" +
             (n == 0             ? std::string("0")
              : n < folded_below ? visit.t(say("under 5"))
                                 : visit.t(grouped(n))) +
             "</td>";
    }
    out += "</tr>";
  }
  return out + "</tbody></table></div>";
}

// The sentence, and the word that the log has for it.
std::string event_html(const Visit& visit, const Names& names, const EventLine& one) {
  const Message sentence = event_sentence(one.what);
  const std::string word = "<code class=\"quiet\">" + esc(one.what) + "</code>";
  return "<tr><td class=\"nowrap\">" + esc(visit.time(one.time_ms, true)) + "</td><td>" +
         visit.t(event_actor(one.actor)) + "</td><td>" +
         (sentence.empty() ? word : visit.t(sentence) + "<br>" + word) + "</td><td class=\"address\">" +
         event_details(visit, names, one) + "</td></tr>";
}

std::string events_html(const Visit& visit, const Names& names, const Asked& asked) {
  const auto events = visit.sources.log.events(asked.ask.since_ms, asked.ask.until_ms, shown_rows);
  if (!events) return told(visit, false, events.error().message.in(visit.catalogue()));
  std::string out = "<section><h2>" + visit.t(say("Events: who did what")) +
                    "</h2><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
                    visit.t(say("Events: who did what")) + "\"><table><thead><tr><th scope=\"col\">" +
                    visit.t(say("Time")) + "</th><th scope=\"col\">" + visit.t(say("Who")) +
                    "</th><th scope=\"col\">" + visit.t(say("What")) + "</th><th scope=\"col\">" +
                    visit.t(say("Details")) + "</th></tr></thead><tbody>";
  if (events->empty()) return "<p>" + visit.t(say("No event is of this time.")) + "</p>";
  for (const EventLine& one : *events) out += event_html(visit, names, one);
  return out + "</tbody></table></div></section>";
}

// The same question again, as a form of its own.
std::string again(const Asked& asked, const TimeZone& zone) {
  const LogAsk& ask = asked.ask;
  return hidden("range", asked.range) + hidden("from", input_time(ask.since_ms, zone)) +
         hidden("to", input_time(ask.until_ms, zone)) +
         hidden("action", ask.closed_only ? "closed" : ask.action) +
         hidden("tier", ask.tiers.size() == 1 ? ask.tiers.front() : "") + hidden("host", ask.host) +
         hidden("category", ask.category) + hidden("code", ask.code);
}

std::string take_forms(const Visit& visit, const Asked& asked, bool clients) {
  std::string out = "<div class=\"side\"><form method=\"post\" action=\"/log/take\">" + token_field(visit) +
                    again(asked, visit.options.zone) +
                    "<button class=\"quiet-button\" name=\"form\" value=\"csv\">" +
                    visit.t(say("Take these rows as CSV, without clients")) +
                    "</button><button class=\"quiet-button\" name=\"form\" value=\"jsonl\">" +
                    visit.t(say("as JSON lines")) + "</button><p class=\"quiet\">" +
                    visit.t(say("At most {} rows, the newest; that you take them is recorded. All of them: "
                                "schoolgate log export",
                                grouped(taken_rows))) +
                    "</p></form>";
  if (visit.account->role == Role::admin && !clients)
    out += "<form method=\"post\" action=\"/log/clients\" class=\"inline\">" + token_field(visit) +
           again(asked, visit.options.zone) +
           input(visit, say("With pseudonyms, because"), "why", "text", "",
                 "required minlength=\"5\" maxlength=\"300\"") +
           "<button class=\"quiet-button\">" + visit.t(say("Show them for 15 minutes")) + "</button></form>";
  return out + "</div>";
}

std::string address_of(const Fields& values) {
  std::string out = "/log?";
  for (const auto& [name, value] : values)
    if (name != "csrf" && name != "why") out += encode_value(name) + "=" + encode_value(value) + "&";
  out.pop_back();
  return out;
}

}  // namespace

Response log_page(const Visit& visit) {
  const Asked asked = asked_for(visit, visit.request.query);
  const Names names(visit);
  std::string body = filter_form(visit, names, asked);
  const Role role = visit.account->role;
  if (role == Role::head)
    return page_response(visit, Page::log, name_of(Page::log), body + totals_html(visit, names, asked));
  if (role == Role::teacher)
    return page_response(visit, Page::log, name_of(Page::log), body + lesson_html(visit, names, asked.ask));
  const bool clients = role == Role::admin && visit.session.clients_until > visit.around.steady_ms();
  auto rows = visit.sources.log.rows(asked.ask);
  if (!rows)
    body += told(visit, false, rows.error().message.in(visit.catalogue()));
  else
    body += rows_html(visit, names, *rows, clients ? Named::pseudonym : Named::nothing);
  if (visit.can(Page::log, Verb::take)) body += take_forms(visit, asked, clients);
  if (role == Role::admin || role == Role::auditor) body += events_html(visit, names, asked);
  if (role == Role::auditor)
    body += "<section><h2>" + visit.t(say("Requests")) + "</h2>" + totals_html(visit, names, asked) +
            "</section>";
  return page_response(visit, Page::log, name_of(Page::log), body);
}

Response log_take(const Visit& visit) {
  Asked asked = asked_for(visit, visit.request.form);
  asked.ask.limit = taken_rows;
  const std::string_view wanted = field(visit.request.form, "form");
  const auto* const form = std::find(std::begin(taken_forms), std::end(taken_forms), wanted);
  if (form == std::end(taken_forms)) return refusal(visit, 400, say("This form is not whole."));
  // As the event of `schoolgate log export`.
  JsonObject detail;
  detail.add("since", visit.options.zone.iso8601(asked.ask.since_ms / 1000));
  detail.add("until", visit.options.zone.iso8601(asked.ask.until_ms / 1000)).add("format", *form);
  const std::string tier = asked.ask.tiers.size() == 1 ? asked.ask.tiers.front() : "";
  const std::pair<const char*, const std::string&> words[] = {{"tier", tier},
                                                              {"category", asked.ask.category},
                                                              {"action", asked.ask.action},
                                                              {"host", asked.ask.host}};
  for (const auto& [name, value] : words)
    if (!value.empty()) detail.add(name, value);
  if (asked.ask.closed_only) detail.add("blocked", true);
  detail.add("clients", false);
  // What cannot be recorded does not happen.
  if (!visit.sources.daemon.event(visit.account->name, "log_taken", detail.text()))
    return refusal(visit, 503, say("It cannot be recorded that you take rows, so none are given."));
  auto text = visit.sources.log.taken(asked.ask, *form);
  if (!text) return refusal(visit, 503, text.error().message);
  Response response;
  response.type = *form == "csv" ? "text/csv; charset=utf-8" : "application/x-ndjson; charset=utf-8";
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"schoolgate-log." + std::string(*form) + "\"");
  response.body = *std::move(text);
  return response;
}

Response log_clients(const Visit& visit) {
  // A right of the admin's alone: the auditor takes rows too, and never sees a client.
  if (visit.account->role != Role::admin)
    return refusal(visit, 403, say("Your role does not give you this page."));
  const std::string why(visit.form("why"));
  constexpr std::size_t shortest = 5, longest = 300;
  if (why.size() < shortest || why.size() > longest)
    return refusal(visit, 400, say("Say in a few words why you need pseudonyms."));
  JsonObject detail;
  detail.add("why", why);
  if (!visit.sources.daemon.event(visit.account->name, "log_clients_shown", detail.text()))
    return refusal(visit, 503, say("It cannot be recorded why, so no pseudonyms are shown."));
  Session session = visit.session;
  session.clients_until = visit.around.steady_ms() + clients_shown_ms;
  visit.sessions.change(visit.secret, session);
  return redirect(address_of(visit.request.form));
}

}  // namespace schoolgate::web
