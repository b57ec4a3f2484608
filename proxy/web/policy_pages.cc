// What holds and why: a verdict explained, a tier resolved, the lists. For reading.
#include "proxy/web/form.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

std::string tier_choice(const Visit& visit, std::string_view chosen, bool none_too) {
  std::string out = "<label>" + visit.t(say("Tier")) + "<select name=\"tier\">";
  if (none_too) out += option("", visit.t(say("a device nobody knows")), chosen.empty());
  if (const auto tiers = visit.sources.daemon.tiers(visit.language))
    for (const TierLine& one : *tiers) out += option(one.id, esc(one.name), one.id == chosen);
  return out + "</select></label>";
}

// Lines of a text; those that name `mark` ("tiers.d/thcs.yaml:12") stand out.
std::string listing(const std::string& text, std::string_view mark) {
  std::string out = "<pre tabindex=\"0\">";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const bool marked = !mark.empty() && line.find(mark) != std::string::npos;
    out += marked ? "<mark id=\"rule\">" + esc(line) + "</mark>\n" : esc(line) + "\n";
    at = end + 1;
  }
  return out + "</pre>";
}

std::string host_in(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  return std::string(rest.substr(0, rest.find(':')));
}

}  // namespace

Response explain_page(const Visit& visit) {
  const std::string url(visit.query("url")), tier(visit.query("tier"));
  std::string body =
      "<form method=\"get\" action=\"/explain\" class=\"filter\">" +
      input(visit, say("Address of the page"), "url", "text", url,
            "required maxlength=\"600\" inputmode=\"url\" autocapitalize=\"none\" spellcheck=\"false\"") +
      tier_choice(visit, tier, true) + "<button>" + visit.t(say("Explain")) + "</button></form>";
  if (url.empty()) {
    body +=
        "<p class=\"quiet\">" +
        visit.t(say("What happens to an address in a tier, by which line of which file, and what lost.")) +
        "</p>";
  } else if (const auto said = visit.sources.daemon.explain(url, tier, visit.language)) {
    if (!said->done)
      body += told(visit, false, said->text);
    else
      body += listing(said->text, {});
    if (said->done && !tier.empty()) {
      body += "<p class=\"links\">";
      if (visit.can(Page::policy, Verb::view))
        body += "<a href=\"/policy?tier=" + esc(encode_value(tier)) + "\">" +
                visit.t(say("All that holds in this tier")) + "</a> ";
      if (visit.can(Page::overrides, Verb::change))
        body += "<a href=\"/overrides?target=" + esc(encode_value(host_in(url))) +
                "&amp;tier=" + esc(encode_value(tier)) + "\">" +
                visit.t(say("Open or block it for this lesson")) + "</a>";
      body += "</p>";
    }
  } else {
    body += not_answering(visit);
  }
  return page_response(visit, Page::explain, say("What happens, and why?"), body);
}

Response policy_page(const Visit& visit) {
  const auto tiers = visit.sources.daemon.tiers(visit.language);
  if (!tiers) return page_response(visit, Page::policy, name_of(Page::policy), not_answering(visit));
  std::string chosen(visit.query("tier"));
  if (chosen.empty() && !tiers->empty()) chosen = tiers->front().id;
  std::string body = "<ul class=\"tabs\">";
  for (const TierLine& one : *tiers)
    body += "<li><a href=\"/policy?tier=" + esc(encode_value(one.id)) + "\"" +
            (one.id == chosen ? " aria-current=\"true\"" : "") + ">" + esc(one.name) + "</a></li>";
  body += "</ul>";
  const auto said = visit.sources.daemon.tier(chosen, visit.language);
  if (!said)
    body += not_answering(visit);
  else if (!said->done)
    body += told(visit, false, said->text);
  else
    body +=
        "<p class=\"quiet\">" +
        visit.t(say("Everything that holds in the tier {}, with the file and line it comes from.", chosen)) +
        "</p>" + listing(said->text, visit.query("rule"));
  return page_response(visit, Page::policy, name_of(Page::policy), body);
}

Response lists_page(const Visit& visit) {
  const auto lists = visit.sources.daemon.lists(visit.language);
  if (!lists) return page_response(visit, Page::lists, name_of(Page::lists), not_answering(visit));
  std::string body = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
                     visit.t(name_of(Page::lists)) + "\"><table data-filter=\"" +
                     visit.t(say("Only rows with")) + "\"><thead><tr><th scope=\"col\">" +
                     visit.t(say("List")) + "</th><th scope=\"col\">" + visit.t(say("Category")) +
                     "</th><th scope=\"col\" class=\"number\">" + visit.t(say("Entries")) +
                     "</th><th scope=\"col\" class=\"number\">" + visit.t(say("Wrong lines")) +
                     "</th><th scope=\"col\">" + visit.t(say("Age")) + "</th></tr></thead><tbody>";
  for (const ListLine& one : *lists)
    body += "<tr" + std::string(one.late ? " class=\"late\"" : "") + "><th scope=\"row\">" + esc(one.name) +
            "</th><td>" + esc(one.category) + "</td><td class=\"number\">" + visit.t(grouped(one.entries)) +
            "</td><td class=\"number\">" + visit.t(grouped(one.wrong_lines)) + "</td><td>" +
            (one.age.empty() ? "<span class=\"quiet\">" + visit.t(say("kept by the school")) + "</span>"
                             : esc(one.age)) +
            "</td></tr>";
  body += "</tbody></table></div><p class=\"quiet\">" +
          visit.t(say("Published lists that the school may take: schoolgate lists catalogue.")) + "</p>";
  return page_response(visit, Page::lists, name_of(Page::lists), body);
}

}  // namespace schoolgate::web
