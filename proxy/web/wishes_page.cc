// Wishes: what people reported as blocked wrongly, and the answers. Whether an account may answer is judged
// by the proxy.
#include <algorithm>
#include <array>

#include "proxy/web/names.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

constexpr std::uint32_t usual_grant_minutes = 45;

Message wish_state_name(const WishLine& one) {
  if (one.state == "open") return say("waits for an answer");
  if (one.state == "granted") return one.line ? say("opened by a line") : say("opened for a lesson");
  return one.state == "denied" ? say("not opened") : say("never answered");
}

std::string wish_reasons_html(const Visit& visit, const WishLine& one) {
  const std::array names{say("needed for a lesson"),          say("to learn something"),
                         say("a school's or public service"), say("not of this category"),
                         say("part of an open page"),         say("another reason")};
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < one.reasons.size(); ++i)
    if (one.reasons[i] != 0)
      out += (out.empty() ? "" : "<br>") + visit.t(say("{}: {}", names[i], one.reasons[i]));
  return out;
}

std::string wish_form_html(const Visit& visit, const WishLine& one) {
  const auto choice = [&](const char* act, const Message& shown, bool chosen) {
    return "<label><input type=\"radio\" name=\"act\" value=\"" + std::string(act) + "\"" +
           (chosen ? " checked" : "") + ">" + visit.t(shown) + "</label>";
  };
  return "<details><summary>" + visit.t(say("Answer {}", one.code)) +
         "</summary><form method=\"post\" action=\"/wishes\">" + token_field(visit) +
         hidden("code", one.code) + "<fieldset class=\"choice\"><legend>" + visit.t(say("What to do")) +
         "</legend>" + choice("lesson", say("open for a lesson"), true) +
         choice("line", say("open for good"), false) + choice("deny", say("leave it closed"), false) +
         "</fieldset>" +
         input(visit, say("Minutes"), "minutes", "number", std::to_string(usual_grant_minutes),
               "required min=\"1\" max=\"90\"") +
         input(visit, say("Why: where it stays closed, who asks is told"), "why", "text", "",
               "required maxlength=\"200\"") +
         "<button class=\"small\">" + visit.t(say("Do it")) + "</button></form></details>";
}

std::string wish_line_html(const Visit& visit, const Names& names, const WishLine& one) {
  std::string out = "<tr><td>" + esc(one.code) + "<br><span class=\"quiet\">" +
                    esc(visit.time(one.asked_ms, true)) + "</span></td><td class=\"address\"><bdi>" +
                    esc(one.host) + "</bdi></td><td>" + esc(names.tier(one.tier)) + "</td><td>" +
                    esc(names.category(one.category)) +
                    (one.list.empty() ? "" : "<br><code class=\"quiet\">" + esc(one.list) + "</code>") +
                    "</td><td>" + std::to_string(one.devices) + "</td><td>" + wish_reasons_html(visit, one) +
                    "</td><td>" + visit.t(wish_state_name(one));
  if (!one.why.empty()) out += "<br>" + esc(one.by) + ": " + esc(one.why);
  const bool waits = one.state == "open" || one.state == "lapsed";
  if (waits && one.mine && visit.can(Page::wishes, Verb::change)) out += wish_form_html(visit, one);
  return out + "</td></tr>";
}

std::string wishes_table(const Visit& visit, const std::vector<WishLine>& lines) {
  const std::string label = visit.t(name_of(Page::wishes));
  std::string body =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + label + "\"><table><thead><tr>";
  for (const Message& head : {say("Code"), say("Site"), say("Tier"), say("Category"), say("Devices"),
                              say("Reasons"), say("What became of it")})
    body += "<th scope=\"col\">" + visit.t(head) + "</th>";
  body += "</tr></thead><tbody>";
  const Names names(visit);
  for (const WishLine& one : lines) body += wish_line_html(visit, names, one);
  return body + "</tbody></table></div>";
}

}  // namespace

Response wishes_page(const Visit& visit) {
  std::string body;
  auto lines = visit.sources.daemon.wishes(visit.account->name);
  if (!lines) return page_response(visit, Page::wishes, name_of(Page::wishes), body + not_answering(visit));
  // A teacher sees her own tiers'.
  if (visit.account->role == Role::teacher)
    std::erase_if(*lines, [](const WishLine& one) { return !one.mine; });
  std::stable_partition(lines->begin(), lines->end(),
                        [](const WishLine& one) { return one.state == "open"; });
  body += lines->empty() ? "<p>" + visit.t(say("No report of a wrong block waits.")) + "</p>"
                         : wishes_table(visit, *lines);
  return page_response(visit, Page::wishes, name_of(Page::wishes), body);
}

Response wishes_answer(const Visit& visit) {
  WishAnswer answer;
  answer.account = visit.account->name;
  answer.code = std::string(visit.form("code"));
  answer.act = std::string(visit.form("act"));
  answer.minutes = std::string(visit.form("minutes"));
  answer.why = std::string(visit.form("why"));
  const bool known = answer.act == "lesson" || answer.act == "line" || answer.act == "deny";
  if (!known || answer.code.empty() || answer.why.empty() ||
      (answer.act == "lesson" && answer.minutes.empty()))
    return refusal(visit, 400, say("This form is not whole."));
  const auto said = visit.sources.daemon.answer_wish(answer, visit.language);
  if (!said) return refusal(visit, 503, say("The proxy does not answer: nothing was changed."));
  return lead_to(visit, path_of(Page::wishes), *said);
}

}  // namespace schoolgate::web
