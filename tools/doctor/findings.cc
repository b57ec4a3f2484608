#include "tools/doctor/findings.h"

#include <string_view>

#include "proxy/core/json_text.h"
#include "rules/diagnostic.h"

namespace schoolgate::tools {
namespace {

constexpr std::string_view state_words[] = {"good", "warning", "bad", "unknown"};

Message state_message(Finding::State state) {
  switch (state) {
    case Finding::State::good:
      return say("ok       ");
    case Finding::State::warning:
      return say("look     ");
    case Finding::State::bad:
      return say("WRONG    ");
    case Finding::State::unknown:
      return say("unknown  ");
  }
  return {};
}

std::string painted(Finding::State state, const std::string& text, bool colour) {
  if (state == Finding::State::good) return text;
  return paint(colour, state == Finding::State::bad ? Colour::red : Colour::yellow, text);
}

}  // namespace

Finding well(const char* key, Message what) {
  return {key, Finding::State::good, std::move(what), {}};
}
Finding warn(const char* key, Message what, Message todo) {
  return {key, Finding::State::warning, std::move(what), std::move(todo)};
}
Finding bad(const char* key, Message what, Message todo) {
  return {key, Finding::State::bad, std::move(what), std::move(todo)};
}
Finding unknown(const char* key, Message why) {
  return {key, Finding::State::unknown, std::move(why), {}};
}

FindingCounts count_findings(const Findings& findings) {
  FindingCounts counts;
  for (const Finding& one : findings) {
    if (one.state == Finding::State::good) ++counts.good;
    if (one.state == Finding::State::warning) ++counts.warnings;
    if (one.state == Finding::State::bad) ++counts.bad;
  }
  return counts;
}

std::string findings_text(const Findings& findings, Catalogue catalogue, bool colour) {
  std::string text;
  for (const Finding& one : findings) {
    const std::string line = printable(state_message(one.state).in(catalogue) + one.what.in(catalogue));
    text += painted(one.state, line, colour) + "\n";
    if (!one.todo.empty()) text += "         -> " + printable(one.todo.in(catalogue)) + "\n";
  }
  const FindingCounts n = count_findings(findings);
  const Message sum = n.bad != 0 ? say("{} wrong, {} to look at, {} ok", n.bad, n.warnings, n.good)
                                 : say("nothing is wrong: {} to look at, {} ok", n.warnings, n.good);
  return text + painted(n.bad != 0 ? Finding::State::bad : Finding::State::good, sum.in(catalogue), colour) +
         "\n";
}

std::string findings_json(const Findings& findings) {
  const FindingCounts n = count_findings(findings);
  JsonArray all;
  for (const Finding& one : findings) {
    JsonObject object;
    object.add("key", one.key).add("state", state_words[static_cast<std::size_t>(one.state)]);
    object.add("what", printable(one.what.english())).add_or_null("todo", printable(one.todo.english()));
    all.add(object);
  }
  JsonObject json;
  json.add("ok", n.bad == 0).add("good", n.good).add("warnings", n.warnings).add("bad", n.bad);
  return json.add("findings", all).text() + "\n";
}

}  // namespace schoolgate::tools
