#include "tools/daemon/cases_desk.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <sstream>

#include "proxy/audit/month.h"
#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"

namespace schoolgate::tools {
namespace {

using namespace std::chrono_literals;
using audit::Case;
using audit::CaseDetail;
using audit::CaseState;

constexpr std::size_t most_listed = 200;
constexpr auto case_record_limit = 10s;

JsonObject case_json(const Case& one) {
  JsonObject json;
  json.add("case", one.code).add("state", to_string(one.state)).add("opened", audit::utc_text(one.opened_ms));
  json.add("last", audit::utc_text(one.last_ms)).add("theme", one.theme).add("tier", one.tier);
  json.add("device", one.client)
      .add_or_null("place", one.place)
      .add("shared", one.shared)
      .add("alerts", one.hits);
  return json;
}

std::string place_of_rule(const audit::LogRow& row) {
  return row.line == 0 ? row.file : row.file + ":" + std::to_string(row.line);
}

// The next word of `text`, which loses it.
std::string take_word(std::string& text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = std::min(text.find(' ', begin), text.size());
  std::string word = text.substr(begin, end - begin);
  text.erase(0, std::min(end + 1, text.size()));
  return word;
}

}  // namespace

std::vector<Message> exclusions_for(const CaseDetail& detail) {
  std::set<std::string> told;
  std::vector<Message> out;
  for (const audit::LogRow& row : detail.rows) {
    const std::string place = place_of_rule(row);
    if (place.empty() || !told.insert(place).second) continue;
    const bool words = row.file.ends_with(".yaml") || row.file.ends_with(".yml");
    out.push_back(
        words ? say("So that it does not ring again: add the words that it was about under unless: at {} "
                    "(help stays, the alert goes), then schoolgate check",
                    place)
              : say("So that it does not ring again: {} names {}; if that is wrong, open it with allow: and "
                    "why: in locked.yaml, then schoolgate check",
                    place, row.host));
  }
  return out;
}

Reply CasesDesk::reply(const std::string& question, const std::string& actor) const {
  std::string rest = question;
  const std::string verb = take_word(rest);
  if (verb == "list")
    return list(rest.find("all") == std::string::npos, rest.find("json") != std::string::npos);
  const std::string code = take_word(rest);
  if (verb == "show") return show(code, rest == "json", actor);
  for (const CaseState state :
       {CaseState::seen, CaseState::handled, CaseState::passed_on, CaseState::wrong}) {
    if (verb == to_string(state)) return step(state, code, rest, actor);
  }
  return {exit_usage, line(say("no such question"))};
}

Reply CasesDesk::list(bool open, bool json) const {
  const auto all = book_.list(open, most_listed);
  if (!all) return {exit_failed, line(all.error().message)};
  std::string text;
  for (const Case& one : *all) text += json ? case_json(one).text() + "\n" : heading(one);
  if (all->empty() && !json) text = line(open ? say("No case is open.") : say("There are no cases."));
  return {exit_ok, text};
}

// "CA-7K3Q2F9A  new  2026-11-29 09:14  Tự hại  thcs  HS-7K3Q2F9A (Phòng máy 1)  3"
std::string CasesDesk::heading(const Case& one) const {
  std::string text = one.code + "  " + say_state(one.state) + "  " + time(one.opened_ms) + "  " +
                     printable(theme_name(one.theme)) + "  " + printable(one.tier) + "  " +
                     printable(one.client);
  if (!one.place.empty()) text += " (" + printable(one.place) + ")";
  return text + "  " + std::to_string(one.hits) + "\n";
}

Reply CasesDesk::show(const std::string& code, bool json, const std::string& actor) const {
  const auto found = book_.find(code);
  if (!found) return {exit_failed, line(found.error().message)};
  if (!*found) return no_such(code);
  const CaseDetail& detail = **found;
  const Case& one = detail.about;
  if (!log_.record_first(actor, "case_read", JsonObject().add("case", one.code).text(), case_record_limit))
    return {exit_failed,
            line(say("not shown: that it was asked could not be written to the safeguarding log (see "
                     "`schoolgate status`)"))};
  if (json) {
    JsonArray steps, rows;
    for (const audit::CaseStep& step : detail.steps) {
      JsonObject object;
      object.add("time", audit::utc_text(step.time_ms)).add("state", to_string(step.state));
      steps.add(object.add("actor", printable(step.actor)).add("note", printable(step.note)));
    }
    for (const audit::LogRow& row : detail.rows) {
      JsonObject object;
      object.add("time", audit::utc_text(row.time_ms)).add("host", printable(row.host));
      rows.add(object.add("rule", printable(place_of_rule(row))));
    }
    return {exit_ok, case_json(one).add("steps", steps).add("rows", rows).text() + "\n"};
  }
  std::string text = heading(one);
  text += line(say("Of a device, not of a person: who sat there is for people to find out."));
  if (one.shared) text += line(say("Many people use this address: later alerts may be of somebody else."));
  for (const audit::LogRow& row : detail.rows)
    text +=
        "  " + time(row.time_ms) + "  " + printable(row.host) + "  " + printable(place_of_rule(row)) + "\n";
  for (const audit::CaseStep& step : detail.steps) {
    text += "  " + time(step.time_ms) + "  " + say_state(step.state) + "  " + printable(step.actor);
    text += (step.note.empty() ? "" : "  " + printable(step.note)) + "\n";
  }
  for (const CaseDetail::Message& message : detail.messages)
    text += "  " + time(message.time_ms) + "  " +
            line(message.failed.empty()
                     ? say("told by {}", message.way)
                     : say("not told by {}: {}", message.way, Message::foreign(message.failed)));
  text += line(say("Whose address that is: schoolgate log --reveal {} --why \"...\"", one.client));
  return {exit_ok, text};
}

Reply CasesDesk::step(CaseState state, const std::string& code, const std::string& note,
                      const std::string& actor) const {
  const auto done = book_.step(code, {wall_clock_ms(), state, actor, note});
  if (!done) return {exit_failed, line(done.error().message)};
  if (!*done) return no_such(code);
  const auto found = book_.find(code);
  if (!found || !*found) return {exit_failed, line(say("no such question"))};
  std::string text = heading((**found).about);
  if (state == CaseState::wrong)
    for (const Message& one : exclusions_for(**found)) text += line(one);
  return {exit_ok, text};
}

std::string CasesDesk::theme_name(const std::string& category) const {
  const auto snapshot = current_();
  for (const Category& one : snapshot->policy->categories()) {
    if (one.id != category) continue;
    const std::string& name = snapshot->config.school.language == Language::vi ? one.name_vi : one.name_en;
    return name.empty() ? category : name;
  }
  return category;
}

// Local, to the minute.
std::string CasesDesk::time(std::int64_t ms) const {
  std::string text = current_()->zone.iso8601(ms / 1000).substr(0, 16);
  if (text.size() > 10) text[10] = ' ';
  return text;
}

std::string CasesDesk::say_state(CaseState state) const {
  const Message words[] = {say("new"), say("seen"), say("handled"), say("passed on"), say("false alarm")};
  return words[static_cast<std::size_t>(state)].in(catalogue_of(current_()->config.school.language));
}

Reply CasesDesk::no_such(const std::string& code) const {
  return {exit_failed,
          line(say("there is no case \"{}\"; schoolgate cases list --all shows which there are", code))};
}

std::string CasesDesk::line(const Message& message) const {
  return printable(message.in(catalogue_of(current_()->config.school.language))) + "\n";
}

}  // namespace schoolgate::tools
