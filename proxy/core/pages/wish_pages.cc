// "Blocked wrongly": the form, and what http://schoolgate.internal/w/CODE shows.
#include <optional>

#include "proxy/core/log_record.h"
#include "proxy/core/pages/embedded.h"
#include "proxy/core/pages/page_parts.h"
#include "proxy/core/pages/pages.h"

namespace schoolgate {

std::string wish_form(const PageRequest& request, std::string_view token, std::string_view url,
                      Language language) {
  if (token.empty()) return {};
  const PageTexts& texts = page_texts(language);
  std::string reasons;
  for (const WishReason reason : wish_reasons) {
    const std::string word(to_string(reason));
    reasons.append("<label><input type=\"radio\" name=\"why\" value=\"")
        .append(word)
        .append("\" required>")
        .append(escape_html(texts.text("wish.reason." + word)))
        .append("</label>\n");
  }
  Values values;
  values.set("own_site", own_site_of(request));
  values.set("token", std::string(token));
  values.set("full_url", std::string(url));
  values.set("reasons", std::move(reasons));
  for (const std::string_view part : {"button", "legend", "note", "send"})
    values.set(part, texts.text("wish." + std::string(part)));
  return render_template(embedded_file("wish_form.html"), values);
}

namespace {

// One of the pages under "wish.page.": its words, and what is shown of the site.
struct WishCard {
  std::string_view page;
  std::string_view tone;
  std::uint16_t status = 200;
  std::string address = {}, code = {}, answer = {};
  std::int64_t time_ms = 0, until_ms = 0;
  Verdict about = {};               // category: that of the site
  std::optional<TierId> tier = {};  // whose page was refused
};

PageResponse wish_response(const PageRequest& request, const WishCard& shown, bool keep_alive) {
  Document document{shown.tone, {}, {}};
  const std::string key = "wish.page." + std::string(shown.page);
  for (std::size_t i = 0; i < both_languages.size(); ++i) {
    const Language language = both_languages[i];
    const PageTexts& texts = page_texts(language);
    const CategoryWords group = category_words(request, shown.about, request.tier, language);
    Values words = school_values(request, language);
    words.set("until", local_time_text(request, shown.until_ms, language));
    words.set("answer", shown.answer);
    words.set("reason", group.reason);
    Values card = card_values(request, language);
    document.titles[i] = texts.text(key + ".title");
    card.set("title", document.titles[i]);
    card.set("picture", std::string(embedded_file(shown.tone == "error" ? "plug.svg" : "house.svg")));
    card.set("paragraphs", paragraphs(texts.list(key + ".body"), words));
    if (!shown.code.empty()) {
      card.set("facts", "yes");
      card.set("code", shown.code);
      card.set("address", shown.address);
      card.set("group", group.name);
      // Who looks may be in another tier: a teacher at her own device.
      const Tier* const tier = shown.tier ? tier_of(request, *shown.tier) : nullptr;
      card.set("tier", tier == nullptr ? "" : language == Language::en ? tier->name_en : tier->name_vi);
      card.set("time", local_time_text(request, shown.time_ms, language));
    }
    document.cards[i] = render_template(embedded_file("card.html"), card);
  }
  return own_response(request, document, shown.status, keep_alive);
}

}  // namespace

PageResponse render_wish_page(const PageRequest& request, WishPage page, bool keep_alive) {
  switch (page) {
    case WishPage::allowed:
      return wish_response(request, {"allowed", "own", 200}, keep_alive);
    case WishPage::locked:
      return wish_response(request, {"locked", "error", 403}, keep_alive);
    case WishPage::too_many:
      return wish_response(request, {"too_many", "error", 429}, keep_alive);
    case WishPage::closed:
      return wish_response(request, {"closed", "error", 503}, keep_alive);
    case WishPage::choose:
      return wish_response(request, {"choose", "error", 400}, keep_alive);
    case WishPage::gone:
      break;
  }
  return wish_response(request, {"gone", "error", 404}, keep_alive);
}

PageResponse render_wish(const PageRequest& request, const Wish& wish, bool keep_alive) {
  WishCard shown{"open", "own"};
  if (wish.state == WishState::lapsed) shown.page = "lapsed";
  if (wish.state == WishState::denied) shown.page = "denied";
  if (wish.state == WishState::granted)
    shown.page = wish.line                              ? "granted_line"
                 : wish.open_until_ms > request.time_ms ? "granted"
                                                        : "granted_over";
  shown.address = wish.host;
  shown.code = wish.code;
  shown.answer = wish.why;
  shown.time_ms = wish.asked_ms;
  shown.until_ms = wish.open_until_ms;
  shown.tier = request.snapshot->policy->find_tier(wish.tier);
  if (const auto category = request.snapshot->policy->find_category(wish.category))
    shown.about.category = *category;
  return wish_response(request, shown, keep_alive);
}

PageResponse render_verdict(const PageRequest& request, const PastVerdict& past, bool keep_alive) {
  WishCard shown{"verdict", "own"};
  shown.address = address_text(past.url);
  shown.code = decision_code(past.decision);
  shown.time_ms = past.time_ms;
  shown.about = past.verdict;
  shown.tier = past.tier;
  return wish_response(request, shown, keep_alive);
}

}  // namespace schoolgate
