// The pages of http://schoolgate.internal/ itself.
#include "proxy/core/log_record.h"
#include "proxy/core/pages/embedded.h"
#include "proxy/core/pages/page_parts.h"
#include "proxy/core/pages/pages.h"
#include "proxy/core/pages/qr_code.h"

namespace schoolgate {

PageResponse own_response(const PageRequest& request, const Document& document, std::uint16_t status,
                          bool keep_alive) {
  PageAnswer answer;
  answer.status = status;
  answer.time_ms = request.time_ms;
  answer.content_type = "text/html; charset=utf-8";
  answer.forms_to = "http: https:";  // see render_page()
  answer.pictures_from = document.pictures_from;
  answer.keep_alive = keep_alive;
  answer.head_only = request.head != nullptr && request.head->method == "HEAD";
  return {status, page_response(answer, render_document(request, document))};
}

namespace {

std::string render_row(const PageRequest& request, const PastVerdict& past, Language language) {
  const PageTexts& texts = page_texts(language);
  const bool warned = past.verdict.action == Action::warn;
  Values row;
  row.set("own_site", own_site_of(request));
  row.set("time", local_time_text(request, past.time_ms, language));
  row.set("code", decision_code(past.decision));
  row.set("action", texts.text(warned ? "own.warned" : "own.blocked"));
  row.set("action_class", warned ? "asked" : "closed");
  row.set("address", address_text(past.url));
  row.set("why", category_words(request, past.verdict, past.tier, language).name);
  row.set("token", past.continue_token);
  row.set("full_url", past.url);
  row.set("continue", texts.text("own.continue"));
  if (past.wish) {
    const bool open = past.wish->state == WishState::open;
    const bool granted = past.wish->state == WishState::granted;
    row.set("wish_state", texts.text(open ? "wish.asked" : granted ? "wish.granted" : "wish.denied"));
    row.set("wish_code", past.wish->code);
    row.set("wish_see", texts.text("wish.see"));
  }
  row.set("wish", wish_form(request, past.wish_token, past.url, language));
  return render_template(embedded_file("own_row.html"), row);
}

std::string render_rows(const PageRequest& request, std::span<const PastVerdict> past, PastShown shown,
                        Language language) {
  const PageTexts& texts = page_texts(language);
  if (shown == PastShown::shared_address) return paragraphs({texts.text("own.recent_shared")}, {});
  if (shown == PastShown::shared_seats) return paragraphs({texts.text("own.recent_seats")}, {});
  if (past.empty()) return paragraphs({texts.text("own.recent_none")}, {});
  std::string rows = "<ul class=\"recent\">\n";
  for (const PastVerdict& verdict : past) rows += render_row(request, verdict, language);
  return rows + "</ul>\n";
}

}  // namespace

PageResponse render_own_page(const PageRequest& request, std::span<const PastVerdict> past, bool keep_alive,
                             PastShown shown) {
  Document document{"own", {}, {}};
  for (std::size_t i = 0; i < both_languages.size(); ++i) {
    const Language language = both_languages[i];
    const PageTexts& texts = page_texts(language);
    Values card = card_values(request, language);
    document.titles[i] = texts.text("own.title");
    card.set("title", document.titles[i]);
    card.set("picture", std::string(embedded_file("house.svg")));
    card.set("you", texts.text("own.you"));
    card.set("recent", texts.text("own.recent"));
    card.set("rows", render_rows(request, past, shown, language));
    if (shown == PastShown::yes && !past.empty())
      card.set("note",
               expand_text(texts.text("own.recent_note"), school_values(request, language)).value_or(""));
    document.cards[i] = render_template(embedded_file("own.html"), card);
  }
  return own_response(request, document, 200, keep_alive);
}

namespace {

struct OwnLook {
  std::string title, body;
  std::string_view tone, picture;
  std::uint16_t status;
};

OwnLook look_of(OwnPage page, const PageRequest& request, const TextsOf& texts) {
  const std::string reader(voice_key(voice_of(request))), helped = reader_of(request, texts, "help"),
                                                          safe = reader_of(request, texts, "safety");
  const bool child = voice_of(request) == Voice::small_children;
  switch (page) {
    case OwnPage::privacy:
      return {"privacy.title", "privacy." + reader, "own", "house.svg", 200};
    case OwnPage::parents:
      return {"privacy.parents_title", "privacy.parents", "own", "house.svg", 200};
    case OwnPage::setup:
      return {"setup.title", "setup.intro", "own", "house.svg", 200};
    case OwnPage::help:
      return {"help." + helped + ".title", "help." + helped + ".body", "help",
              child ? "turtle_help.svg" : "heart.svg", 200};
    case OwnPage::safety:
      return {"safety." + safe + ".title", "safety." + safe + ".body", "help",
              child ? "turtle_help.svg" : "heart.svg", 200};
    case OwnPage::expired:
      return {"own.gone_title", "own.gone_body", "error", "plug.svg", 403};
    case OwnPage::missing:
      break;
  }
  return {"own.missing_title", "own.missing_body", "error", "plug.svg", 404};
}

bool is_list(OwnPage page) noexcept {
  return page == OwnPage::privacy || page == OwnPage::parents || page == OwnPage::safety;
}

std::string link_line(const std::string& address, std::string_view label) {
  return "<p><a href=\"" + escape_html(address) + "\">" + escape_html(label) + "</a></p>\n";
}

std::string setup_steps(const TextsOf& texts, std::string_view proxy_address) {
  Values values;
  for (const auto& [name, key] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"automatic", "setup.automatic"},
           {"automatic_note", "setup.automatic_note"},
           {"manual", "setup.manual"},
           {"manual_note", "setup.manual_note"},
           {"check", "setup.check"},
           {"scan_note", "setup.scan_note"}})
    values.set(name, texts.text(key));
  values.set("pac_url", "http://" + std::string(proxy_address) + "/proxy.pac");
  values.set("proxy_address", std::string(proxy_address));
  values.set("steps", bullets(texts.list("setup.steps"), {}));
  const std::string test = "http://" + std::string(proxy_address) + "/test";
  if (const auto code = QrCode::of(test)) values.set("qr", code->svg("QR: " + test));
  values.set("test_url", test);
  return render_template(embedded_file("setup.html"), values);
}

}  // namespace

PageResponse render_own_page(const PageRequest& request, OwnPage page, std::string_view proxy_address,
                             bool keep_alive) {
  Document document{};
  std::uint16_t status = 0;
  for (std::size_t i = 0; i < both_languages.size(); ++i) {
    const TextsOf texts = texts_of(request, both_languages[i]);
    const OwnLook look = look_of(page, request, texts);
    document.tone = look.tone;
    status = look.status;
    const Values words = school_values(request, both_languages[i]);
    Values card = card_values(request, both_languages[i]);
    document.titles[i] = texts.text(look.title);
    card.set("title", document.titles[i]);
    card.set("picture", std::string(embedded_file(look.picture)));
    std::string body =
        is_list(page) ? bullets(texts.list(look.body), words) : paragraphs(texts.list(look.body), words);
    if (page == OwnPage::setup) {
      body += setup_steps(texts, proxy_address);
      body += link_line("http://" + std::string(own_host) + "/test", texts.text("device.link"));
    }
    if (page == OwnPage::privacy)
      body += link_line(own_site_of(request) + "/privacy/parents", texts.text("privacy.parents_link"));
    if (page == OwnPage::help || page == OwnPage::safety) {
      card.set("call", texts.text("help.call"));
      card.set("call_note", texts.text("help.call_note"));
      if (const std::string lines = hotline_list(request, both_languages[i]); !lines.empty())
        body += "<h2>" + escape_html(texts.text("safety.call_whom")) + "</h2>\n" + lines;
    }
    card.set("paragraphs", body);
    document.cards[i] = render_template(embedded_file("card.html"), card);
  }
  return own_response(request, document, status, keep_alive);
}

}  // namespace schoolgate
