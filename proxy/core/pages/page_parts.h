// What every page of ours is put together from. Internal to this folder.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "proxy/core/pages/page_http.h"
#include "proxy/core/pages/page_request.h"
#include "proxy/core/pages/page_texts.h"
#include "proxy/core/pages/template.h"

namespace schoolgate {

inline constexpr std::array both_languages = {Language::vi, Language::en};

// The language shown first: the school's, whatever language the computer has been left in.
[[nodiscard]] Language first_language(const PageRequest& request);

// With the school's own words.
[[nodiscard]] TextsOf texts_of(const PageRequest& request, Language language);

[[nodiscard]] Voice voice_of(const PageRequest& request);
[[nodiscard]] std::string_view voice_key(Voice voice) noexcept;              // in the texts and in style.css
[[nodiscard]] const Tier* tier_of(const PageRequest& request, TierId tier);  // null before the first snapshot

// The category's name and reason as this tier may read them; both empty if there is no category. A hidden
// name becomes the words for "content that is not suitable".
struct CategoryWords {
  std::string name, reason;
};
[[nodiscard]] CategoryWords category_words(const PageRequest& request, const Verdict& verdict, TierId tier,
                                           Language language);

// Who reads a page: the tier's id where there are words for it alone ("block.khach.title"), else the voice.
// `end`: of the key that tells, ".title", or "" where a reader has one line.
[[nodiscard]] std::string reader_of(const PageRequest& request, const TextsOf& texts, std::string_view page,
                                    std::string_view end = ".title");

// "15:04, 25/11/2026" in the school's time zone; "" for no time.
[[nodiscard]] std::string local_time_text(const PageRequest& request, std::int64_t time_ms,
                                          Language language);

// A URL for the eye: without its query, which may hold what somebody typed, and at most 100 bytes; "…" stands
// for what is left out.
[[nodiscard]] std::string address_text(std::string_view url);

// {it_contact}, {safeguarding}, {keep_days}, ... for the texts; what the school left empty gets words of its
// own.
[[nodiscard]] Values school_values(const PageRequest& request, Language language);

// "<p>...</p>" for each text of the list whose variables are known, or "<ul>" of them.
[[nodiscard]] std::string paragraphs(const std::vector<std::string>& texts, const Values& values);
[[nodiscard]] std::string bullets(const std::vector<std::string>& texts, const Values& values);

// Whom to call, by hotlines.yaml, each number to be tapped; "" where the school names none.
[[nodiscard]] std::string hotline_list(const PageRequest& request, Language language);

// The form that says "blocked wrongly", with reasons to choose from; "" without a token.
[[nodiscard]] std::string wish_form(const PageRequest& request, std::string_view token, std::string_view url,
                                    Language language);

// Where the links and forms of this page lead: a page over https must not send its form in the clear.
[[nodiscard]] std::string own_site_of(const PageRequest& request);

// The labels that cards share, to be filled further.
[[nodiscard]] Values card_values(const PageRequest& request, Language language);

// The whole document around the two cards.
struct Document {
  std::string_view tone;              // a class of style.css
  std::array<std::string, 2> titles;  // by both_languages
  std::array<std::string, 2> cards;
  std::string head = {}, below = {};    // HTML of our own, in the head and below the cards; lines
  std::string_view pictures_from = {};  // see PageAnswer
};
[[nodiscard]] std::string render_document(const PageRequest& request, const Document& document);
// A page of schoolgate.internal as a response.
[[nodiscard]] PageResponse own_response(const PageRequest& request, const Document& document,
                                        std::uint16_t status, bool keep_alive);

}  // namespace schoolgate
