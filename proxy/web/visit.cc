#include "proxy/web/visit.h"

#include "config/text/vietnamese.h"
#include "proxy/core/pages/template.h"
#include "proxy/web/form.h"
#include "proxy/web/labelled_tables.h"

namespace schoolgate::web {

Catalogue Visit::catalogue() const noexcept {
  return language == Language::vi ? &vietnamese : nullptr;
}

std::string Visit::t(const Message& message) const {
  return escape_html(message.in(catalogue()));
}

std::string Visit::time(std::int64_t wall_ms, bool with_day) const {
  const std::string iso = options.zone.iso8601(wall_ms / 1000);  // 2026-11-25T15:04:44+07:00
  const std::string clock = iso.substr(11, 5);
  return with_day ? iso.substr(8, 2) + "/" + iso.substr(5, 2) + " " + clock : clock;
}

std::string Visit::local(std::string_view text) const {
  constexpr std::size_t date = 10, minutes = 16;  // "2026-11-29", "2026-11-29 09:14"
  constexpr std::string_view form = "0000-00-00 00:00";
  std::string out(text.substr(0, minutes));
  if (out.size() == minutes && out[date] == 'T') out[date] = ' ';
  if (out.size() != date && out.size() != minutes) return std::string(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const bool digit = out[i] >= '0' && out[i] <= '9';
    if (form[i] == '0' ? !digit : out[i] != form[i]) return std::string(text);
  }
  // Seconds and the school's own zone may follow a time, and nothing else: UTC is told as it is.
  const std::string_view rest = text.substr(out.size());
  if (rest.find_first_not_of("0123456789:+") != std::string_view::npos) return std::string(text);
  if (language != Language::vi) return out;
  return out.substr(8, 2) + "/" + out.substr(5, 2) + "/" + out.substr(0, 4) + out.substr(date);
}

std::string esc(std::string_view text) {
  return escape_html(text);
}

std::string hidden(std::string_view name, std::string_view value) {
  return "<input type=\"hidden\" name=\"" + esc(name) + "\" value=\"" + esc(value) + "\">";
}

std::string token_field(const Visit& visit) {
  return hidden("csrf", visit.session.csrf);
}

std::string input(const Visit& visit, const Message& label, std::string_view name, std::string_view kind,
                  std::string_view value, std::string_view more) {
  std::string out =
      "<label>" + visit.t(label) + "<input name=\"" + esc(name) + "\" type=\"" + esc(kind) + "\"";
  if (!value.empty()) out += " value=\"" + esc(value) + "\"";
  if (!more.empty()) out += " " + std::string(more);
  return out + "></label>";
}

std::string option(std::string_view value, std::string_view shown, bool chosen) {
  return "<option value=\"" + esc(value) + "\"" + (chosen ? " selected" : "") + ">" + std::string(shown) +
         "</option>";
}

std::string told(const Visit&, bool good, std::string_view text) {
  return std::string("<p class=\"told ") + (good ? "good\" role=\"status\">" : "bad\" role=\"alert\">") +
         esc(text) + "</p>";
}

Message action_name(std::string_view action) {
  if (action == "allow") return say("allowed");
  if (action == "warn") return say("warned");
  if (action == "block") return say("blocked");
  if (action == "refused") return say("refused");
  if (action == "off") return say("off");
  if (action == "only") return say("one thing alone");
  if (action == "exam") return say("exam");
  return Message(std::string(action));
}

std::string action_mark(const Visit& visit, std::string_view action) {
  std::string_view colour = action == "off"                        ? "block"
                            : action == "only" || action == "exam" ? "warn"
                                                                   : action;
  if (colour != "allow" && colour != "warn" && colour != "block") colour = "other";
  return "<span class=\"mark " + std::string(colour) + "\">" + visit.t(action_name(action)) + "</span>";
}

std::string not_answering(const Visit& visit) {
  return "<p class=\"told bad\" role=\"alert\">" +
         visit.t(say("The proxy does not answer. If this lasts: systemctl status schoolgate.")) + "</p>";
}

namespace {

// The address of this very page in the other language.
std::string language_link(const Visit& visit, Language to) {
  std::string address = visit.request.path + "?";
  for (const auto& [name, value] : visit.request.query)
    if (name != "lang") address += encode_value(name) + "=" + encode_value(value) + "&";
  const bool current = visit.language == to;
  const std::string code = to == Language::vi ? "vi" : "en";
  const std::string shown = to == Language::vi ? "Tiếng Việt" : "English";
  // A form's answer has an address that only POST understands.
  const std::string target = visit.request.method == "POST" ? "/?lang=" + code : address + "lang=" + code;
  return "<a href=\"" + esc(target) + "\" hreflang=\"" + code + "\" lang=\"" + code + "\"" +
         (current ? " aria-current=\"true\"" : "") + ">" + shown + "</a>";
}

// What waits on a page for the account that is here; 0 also where nobody can tell.
std::size_t waiting_on(const Visit& visit, Page page) {
  Daemon& daemon = visit.sources.daemon;
  const std::string& account = visit.account->name;
  std::size_t waiting = 0;
  if (page == Page::wishes && visit.can(page, Verb::change)) {
    if (const auto wishes = daemon.wishes(account))
      for (const WishLine& one : *wishes) waiting += one.state == "open" && one.mine ? 1 : 0;
  } else if (page == Page::cases) {
    CasesAsk ask;
    ask.account = account;
    ask.state = "new";
    if (const auto cases = daemon.cases(ask, visit.language); cases && cases->why_not.done)
      waiting = cases->cases.size();
  } else if (page == Page::lists && visit.account->role == Role::admin) {
    if (const auto lists = daemon.lists(visit.language))
      for (const ListLine& one : *lists) waiting += one.waits.empty() ? 0 : 1;
  }
  return waiting;
}

// A number for the eye; for the ear with what it counts.
std::string count_html(const Visit& visit, std::size_t waiting) {
  if (waiting == 0) return {};
  const Message aloud = waiting == 1 ? say("1 waits") : say("{} wait", waiting);
  return " <span class=\"count\" aria-hidden=\"true\">" + std::to_string(waiting) +
         "</span><span class=\"aloud\">(" + visit.t(aloud) + ")</span>";
}

std::string menu(const Visit& visit, std::optional<Page> here) {
  std::string out = "<nav aria-label=\"" + visit.t(say("Pages")) + "\"><ul>";
  for (const Page page : pages) {
    if (page == Page::account || !visit.can(page, Verb::view)) continue;
    out += "<li><a href=\"" + std::string(path_of(page)) + "\"" +
           (here == page ? " aria-current=\"page\"" : "") + ">" + visit.t(name_of(page)) +
           count_html(visit, waiting_on(visit, page)) + "</a></li>";
  }
  return out + "</ul></nav>";
}

std::string who_is_here(const Visit& visit, std::optional<Page> here) {
  return "<div class=\"me\"><a href=\"/account\"" +
         std::string(here == Page::account ? " aria-current=\"page\"" : "") + ">" + esc(visit.account->name) +
         "</a> <span class=\"quiet\">" + visit.t(name_of(visit.account->role)) +
         "</span><form method=\"post\" action=\"/sign-out\">" + token_field(visit) +
         "<button class=\"plain\">" + visit.t(say("Sign out")) + "</button></form></div>";
}

}  // namespace

Response page_response(const Visit& visit, std::optional<Page> page, const Message& title,
                       const std::string& body, int status) {
  const std::string language = visit.language == Language::vi ? "vi" : "en";
  std::string out = "<!doctype html><html lang=\"" + language +
                    "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                    "content=\"width=device-width,initial-scale=1\"><title>" +
                    visit.t(title) + " · " + esc(visit.options.school) +
                    "</title><link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" "
                    "href=\"/style.css\"><script src=\"/script.js\" "
                    "defer></script></head><body><a class=\"skip\" href=\"#main\">" +
                    visit.t(say("To the content")) + "</a><header><div class=\"top\"><p class=\"school\">" +
                    esc(visit.options.school) + "</p><p class=\"languages\">" +
                    language_link(visit, Language::vi) + language_link(visit, Language::en) + "</p>";
  if (visit.account) out += who_is_here(visit, page);
  out += "</div>";
  if (visit.account) out += menu(visit, page);
  out += "</header><main id=\"main\" tabindex=\"-1\"><h1>" + visit.t(title) + "</h1>" + visit.told_first +
         labelled_tables(body) + "</main><footer><p>Schoolgate " + esc(visit.options.version) +
         "</p></footer></body></html>";
  Response response;
  response.status = status;
  response.body = std::move(out);
  return response;
}

Response redirect(std::string_view path) {
  Response response;
  response.status = 303;
  response.headers.emplace_back("Location", std::string(path));
  return response;
}

Response lead_to(const Visit& visit, std::string_view address, std::string html) {
  Session session = visit.session;
  session.told_at = std::string(address.substr(0, address.find('?')));
  session.told = std::move(html);
  visit.sessions.change(visit.secret, session);
  return redirect(address);
}

Response lead_to(const Visit& visit, std::string_view address, const Said& said) {
  return lead_to(visit, address, told(visit, said.done, said.text));
}

Response refusal(const Visit& visit, int status, const Message& why) {
  return page_response(visit, std::nullopt, say("That is not possible"),
                       told(visit, false, why.in(visit.catalogue())) + "<p><a href=\"/\">" +
                           visit.t(say("To the first page")) + "</a></p>",
                       status);
}

}  // namespace schoolgate::web
