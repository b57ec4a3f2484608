// For this lesson: what is open or blocked, and, for teachers, a form. Who may do what is judged by the
// proxy.
#include <algorithm>
#include <charconv>

#include "proxy/web/names.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

constexpr std::uint32_t usual_minutes = 45;

// What the account may open or block anywhere, in the order of the configuration.
std::vector<std::string> categories_of(const Names& names, const std::vector<Delegated>& mine) {
  std::vector<std::string> out;
  const auto holds = [](const std::vector<std::string>& all, const std::string& id) {
    return std::find(all.begin(), all.end(), id) != all.end();
  };
  for (const std::string& id : names.all_categories())
    if (std::any_of(mine.begin(), mine.end(),
                    [&](const Delegated& one) { return holds(one.open, id) || holds(one.block, id); }))
      out.push_back(id);
  return out;
}

std::string form_html(const Visit& visit, const Names& names, const std::vector<Delegated>& mine) {
  const std::vector<std::string> categories = categories_of(names, mine);
  const std::string target(visit.query("target"));
  const bool category = std::find(categories.begin(), categories.end(), target) != categories.end();
  const std::string tier(visit.query("tier"));
  std::uint32_t most = 0;
  for (const Delegated& one : mine) most = std::max(most, one.minutes_max);
  std::string out = "<form method=\"post\" action=\"/overrides\" class=\"card\">" + token_field(visit) +
                    "<fieldset class=\"choice\"><legend>" + visit.t(say("What to do")) +
                    "</legend><label><input type=\"radio\" name=\"action\" value=\"allow\" checked>" +
                    visit.t(say("open")) +
                    "</label><label><input type=\"radio\" name=\"action\" value=\"block\">" +
                    visit.t(say("block")) + "</label></fieldset>" +
                    input(visit, say("Site"), "target", "text", category ? "" : target,
                          "maxlength=\"253\" autocapitalize=\"none\" spellcheck=\"false\"") +
                    "<label>" + visit.t(say("or a category of sites")) + "<select name=\"category\">" +
                    option("", visit.t(say("none")), !category) + names.category_options(categories, target) +
                    "</select></label><label>" + visit.t(say("In the tier")) + "<select name=\"tier\">";
  for (const Delegated& one : mine)
    out += option(one.tier, (one.tier == "-" ? std::string() : esc(names.tier(one.tier))), one.tier == tier);
  out +=
      "</select></label>" +
      input(visit, say("Minutes"), "minutes", "number", std::to_string(std::min(usual_minutes, most)),
            "required min=\"1\" max=\"" + std::to_string(most) + "\"") +
      input(visit, say("Why, for colleagues and the log"), "why", "text", "", "required maxlength=\"200\"") +
      "<button>" + visit.t(say("Do it")) + "</button><ul class=\"quiet\">";
  for (const Delegated& one : mine)
    out += "<li>" +
           visit.t(say("Tier {}: you may open {}, and block {}.", names.tier(one.tier),
                       names.categories(one.open), names.categories(one.block))) +
           "</li>";
  return out + "</ul></form>";
}

std::string line_html(const Visit& visit, const Names& names, const OverrideLine& one) {
  std::string out =
      "<tr><td>" + action_mark(visit, one.action) + "</td><td class=\"address\"><bdi>" +
      esc(names.category(one.target)) + "</bdi></td><td>" + esc(names.tier(one.tier)) + "</td><td>" +
      esc(one.until) + "</td><td>" + esc(one.account) + "</td><td>" + esc(one.why) +
      (one.idle.empty() ? "" : "<br><span class=\"bad-text\">" + esc(one.idle) + "</span>") + "</td><td>";
  if (visit.can(Page::overrides, Verb::change) && one.account == visit.account->name)
    out += "<form method=\"post\" action=\"/overrides/revoke\">" + token_field(visit) +
           hidden("id", std::to_string(one.id)) + "<button class=\"quiet-button small\" aria-label=\"" +
           visit.t(say("End now: {}", names.category(one.target))) + "\">" + visit.t(say("End now")) +
           "</button></form>";
  return out + "</td></tr>";
}

}  // namespace

Response overrides_page(const Visit& visit) {
  std::string body;
  const auto lines = visit.sources.daemon.overrides(visit.language);
  if (!lines)
    return page_response(visit, Page::overrides, name_of(Page::overrides), body + not_answering(visit));
  const Names names(visit);
  if (visit.can(Page::overrides, Verb::change)) {
    const auto mine = visit.sources.daemon.delegated(visit.account->name);
    if (mine && !mine->empty())
      body += form_html(visit, names, *mine);
    else
      body += "<p>" + visit.t(say("delegation.yaml gives your account no tier.")) + "</p>";
  }
  body += "<h2>" + visit.t(say("In force now")) + "</h2>";
  if (lines->empty()) {
    body += "<p>" + visit.t(say("Nothing is opened or blocked for a lesson.")) + "</p>";
  } else {
    body += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
            visit.t(say("In force now")) + "\"><table><thead><tr>";
    for (const Message& head : {say("What became of it"), say("Site or category"), say("Tier"), say("until"),
                                say("Account"), say("Why")})
      body += "<th scope=\"col\">" + visit.t(head) + "</th>";
    body += "<td></td></tr></thead><tbody>";
    for (const OverrideLine& one : *lines) body += line_html(visit, names, one);
    body += "</tbody></table></div>";
  }
  return page_response(visit, Page::overrides, name_of(Page::overrides), body);
}

Response overrides_change(const Visit& visit) {
  OverrideAsk ask;
  ask.account = visit.account->name;
  ask.target = std::string(visit.form("target"));
  const std::string_view category = visit.form("category");
  if (ask.target.empty())
    ask.target = std::string(category);
  else if (!category.empty())
    return refusal(visit, 400, say("A site or a category, not both at once."));
  ask.tier = std::string(visit.form("tier"));
  ask.minutes = std::string(visit.form("minutes"));
  ask.why = std::string(visit.form("why"));
  const std::string_view action = visit.form("action");
  if ((action != "allow" && action != "block") || ask.target.empty() || ask.tier.empty() || ask.why.empty())
    return refusal(visit, 400, say("This form is not whole."));
  ask.allow = action == "allow";
  const auto said = visit.sources.daemon.change(ask, visit.language);
  if (!said) return refusal(visit, 503, say("The proxy does not answer: nothing was changed."));
  return lead_to(visit, path_of(Page::overrides), *said);
}

Response overrides_revoke(const Visit& visit) {
  const std::string_view text = visit.form("id");
  std::uint32_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc{} || end != text.data() + text.size() || id == 0)
    return refusal(visit, 400, say("This form is not whole."));
  const auto said = visit.sources.daemon.revoke(id, visit.account->name, visit.language);
  if (!said) return refusal(visit, 503, say("The proxy does not answer: nothing was changed."));
  return lead_to(visit, path_of(Page::overrides), *said);
}

}  // namespace schoolgate::web
