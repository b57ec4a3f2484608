#include "proxy/core/pages/page_parts.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "config/main/examples.h"
#include "proxy/core/pages/embedded.h"

namespace schoolgate {

namespace {

std::string_view code_of(Language language) noexcept {
  return language == Language::en ? "en" : "vi";
}

}  // namespace

Language first_language(const PageRequest& request) {
  return request.snapshot == nullptr ? Language::vi : request.snapshot->config.school.language;
}

TextsOf texts_of(const PageRequest& request, Language language) {
  return {page_texts(language),
          request.snapshot == nullptr ? nullptr : &request.snapshot->page_words.of(language)};
}

std::string_view voice_key(Voice voice) noexcept {
  switch (voice) {
    case Voice::small_children:
      return "small_children";
    case Voice::pupils:
      return "pupils";
    case Voice::adults:
      break;
  }
  return "adults";
}

const Tier* tier_of(const PageRequest& request, TierId tier) {
  if (request.snapshot == nullptr || request.snapshot->policy == nullptr) return nullptr;
  const auto tiers = request.snapshot->policy->tiers();
  return tier < tiers.size() ? &tiers[tier] : nullptr;
}

Voice voice_of(const PageRequest& request) {
  const Tier* tier = tier_of(request, request.tier);
  return tier == nullptr ? Voice::pupils : tier->voice;
}

std::string reader_of(const PageRequest& request, const TextsOf& texts, std::string_view page,
                      std::string_view end) {
  const Tier* const tier = tier_of(request, request.tier);
  if (tier != nullptr && texts.has(std::string(page) + "." + tier->id + std::string(end))) return tier->id;
  return std::string(voice_key(voice_of(request)));
}

CategoryWords category_words(const PageRequest& request, const Verdict& verdict, TierId tier,
                             Language language) {
  const Tier* reader = tier_of(request, tier);
  if (reader == nullptr || verdict.category == no_category) return {};
  const auto categories = request.snapshot->policy->categories();
  if (verdict.category >= categories.size()) return {};
  const Category& category = categories[verdict.category];
  const bool hidden =
      category.show_name == Category::ShowName::no ||
      (category.show_name == Category::ShowName::older && reader->voice == Voice::small_children);
  if (hidden) return {page_texts(language).text("common.hidden_group"), {}};
  return language == Language::en ? CategoryWords{category.name_en, category.reason_en}
                                  : CategoryWords{category.name_vi, category.reason_vi};
}

std::string local_time_text(const PageRequest& request, std::int64_t time_ms, Language language) {
  if (time_ms <= 0) return {};
  const std::int64_t seconds = time_ms / 1000;
  const TimeZone& zone = request.snapshot == nullptr ? TimeZone() : request.snapshot->zone;
  const std::int64_t local = seconds + zone.offset(seconds);
  const CivilDate date = civil_from_days(local / 86400);
  const int hour = static_cast<int>(local % 86400 / 3600), minute = static_cast<int>(local % 3600 / 60);
  std::array<char, 64> text;
  const int length = language == Language::en
                         ? std::snprintf(text.data(), text.size(), "%02d:%02d, %04d-%02d-%02d", hour, minute,
                                         static_cast<int>(date.year), date.month, date.day)
                         : std::snprintf(text.data(), text.size(), "%02d:%02d, %02d/%02d/%04d", hour, minute,
                                         date.day, date.month, static_cast<int>(date.year));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string address_text(std::string_view url) {
  constexpr std::size_t limit = 100;
  const std::size_t query = url.find('?');
  if (query == std::string_view::npos && url.size() <= limit) return std::string(url);
  std::size_t end = std::min(query == std::string_view::npos ? url.size() : query + 1, limit);
  while (end > 0 && end < url.size() && (static_cast<unsigned char>(url[end]) & 0xc0) == 0x80) --end;
  return std::string(url.substr(0, end)) + "\xe2\x80\xa6";
}

Values school_values(const PageRequest& request, Language language) {
  const PageTexts& texts = page_texts(language);
  School school = request.snapshot == nullptr ? School{} : request.snapshot->config.school;
  forget_examples(school);  // a child must not go looking for somebody who does not exist
  Values values;
  values.set("it_contact", school.it_contact.empty() ? texts.text("common.teacher") : school.it_contact);
  std::string person =
      school.safeguarding_person.empty() ? texts.text("common.safeguarding") : school.safeguarding_person;
  const Values place{{"room", school.safeguarding_room}, {"phone", school.safeguarding_phone}};
  for (const std::string_view part : {"common.room", "common.phone"})
    if (const auto text = expand_text(texts.text(part), place)) person += ", " + *text;
  values.set("safeguarding", person);
  if (request.snapshot != nullptr)
    values.set("keep_days", std::to_string(request.snapshot->config.log.keep_days));
  if (request.port != 0) values.set("port", std::to_string(request.port));
  return values;
}

namespace {

std::string each_text(const std::vector<std::string>& texts, const Values& values, std::string_view tag) {
  std::string out;
  for (const std::string& text : texts)
    if (const auto words = expand_text(text, values))
      out.append("<")
          .append(tag)
          .append(">")
          .append(escape_html(*words))
          .append("</")
          .append(tag)
          .append(">\n");
  return out;
}

}  // namespace

std::string paragraphs(const std::vector<std::string>& texts, const Values& values) {
  return each_text(texts, values, "p");
}

std::string bullets(const std::vector<std::string>& texts, const Values& values) {
  return "<ul class=\"plain\">\n" + each_text(texts, values, "li") + "</ul>\n";
}

namespace {

std::string digits_of(std::string_view phone) {
  std::string digits;
  for (const char c : phone)
    if ((c >= '0' && c <= '9') || (c == '+' && digits.empty())) digits += c;
  return digits;
}

}  // namespace

std::string hotline_list(const PageRequest& request, Language language) {
  if (request.snapshot == nullptr) return {};
  std::string rows;
  for (const Hotline& line : request.snapshot->config.hotlines) {
    Values row;
    row.set("name", language == Language::en ? line.name_en : line.name_vi);
    row.set("phone", line.phone);
    row.set("digits", digits_of(line.phone));
    std::string note = line.hours;
    if (!line.cost.empty() && language == Language::vi) note += (note.empty() ? "" : ", ") + line.cost;
    row.set("note", note);
    if (line.web.starts_with("http://") || line.web.starts_with("https://")) row.set("web", line.web);
    rows += render_template(embedded_file("hotline.html"), row);
  }
  return rows.empty() ? rows : "<ul class=\"hotlines\">\n" + rows + "</ul>\n";
}

std::string own_site_of(const PageRequest& request) {
  return (request.secure ? "https://" : "http://") + std::string(own_host);
}

Values card_values(const PageRequest& request, Language language) {
  const PageTexts& texts = page_texts(language);
  Values values;
  values.set("own_site", own_site_of(request));
  values.set("language", std::string(code_of(language)));
  for (const auto& [name, key] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"address_label", "common.address"},
           {"group_label", "common.group"},
           {"tier_label", "common.tier"},
           {"time_label", "common.time"},
           {"code_label", "common.code"},
           {"rule_label", "common.rule"},
           {"technical_label", "common.technical"},
           {"help_short", "common.help_short"},
           {"lately_label", "common.lately"},
           {"recorded_label", "common.recorded"},
           {"setup_label", "own.setup"},
           {"safety_label", "safety.label"},
           {"help_label", "help.call"}})
    values.set(name, texts.text(key));
  if (const Tier* tier = tier_of(request, request.tier))
    values.set("tier", language == Language::en ? tier->name_en : tier->name_vi);
  return values;
}

std::string render_document(const PageRequest& request, const Document& document) {
  const Language first = first_language(request);
  std::string school = request.snapshot == nullptr ? std::string() : request.snapshot->config.school.name;
  if (school.empty()) school = page_texts(first).text("common.gate");
  Values values;
  values.set("language", std::string(code_of(first)));
  const auto title = [&](Language language) {
    return document.titles[language == Language::vi ? 0 : 1] + " \xc2\xb7 " +
           page_texts(language).text("common.product");
  };
  values.set("title", title(first));
  values.set("title_vi", title(Language::vi));
  values.set("title_en", title(Language::en));
  values.set("script", std::string(embedded_file("language.js")));
  values.set("style", std::string(embedded_file("style.css")));
  values.set("voice", std::string(voice_key(voice_of(request))));
  values.set("tone", std::string(document.tone));
  values.set(first == Language::vi ? "vi_first" : "en_first", "yes");
  values.set("logo", std::string(embedded_file("logo.svg")));
  values.set("school", school);
  values.set("vietnamese", document.cards[0]);
  values.set("english", document.cards[1]);
  values.set("head", document.head);
  values.set("below", document.below);
  return render_template(embedded_file("page.html"), values);
}

}  // namespace schoolgate
