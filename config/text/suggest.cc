#include "config/text/suggest.h"

#include <algorithm>
#include <array>
#include <utility>

#include "rules/words/text_fold.h"

namespace schoolgate {
namespace {
constexpr std::size_t longest = 64;

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
}  // namespace

namespace {

// Folded, and the words of the configuration that may be meant, of which the reader of the place knows one.
struct Synonym {
  std::string_view word;
  std::array<std::string_view, 3> meant;
};
constexpr Synonym synonyms[] = {
    {"cho phep", {"allow"}},
    {"cho", {"allow"}},
    {"mo", {"allow"}},
    {"duoc phep", {"allow"}},
    {"chan", {"block"}},
    {"cam", {"block"}},
    {"khoa", {"block+locked", "locked", "block"}},
    {"canh bao", {"warn"}},
    {"nhac", {"warn"}},
    {"giup do", {"help"}},
    {"tro giup", {"help"}},
    {"ho tro", {"help"}},
    {"mac dinh", {"default"}},
    {"ten", {"name"}},
    {"cap", {"tier"}},
    {"cap hoc", {"tier"}},
    {"lop", {"tier"}},
    {"tuoi", {"ages"}},
    {"do tuoi", {"ages"}},
    {"ke thua", {"extends"}},
    {"nhom", {"categories", "category"}},
    {"danh muc", {"categories", "category"}},
    {"thoi khoa bieu", {"timetable"}},
    {"lich", {"timetable"}},
    {"gio", {"when", "at"}},
    {"thoi gian", {"when", "at"}},
    {"khi nao", {"when", "at"}},
    {"hanh dong", {"action", "expect"}},
    {"xu ly", {"action", "expect"}},
    {"ly do", {"why", "reason"}},
    {"ghi chu", {"why", "note", "label"}},
    {"trang", {"domain", "url"}},
    {"trang web", {"domain", "url"}},
    {"ten mien", {"domain"}},
    {"dia chi", {"url", "address"}},
    {"mau", {"pattern"}},
    {"kiem tra", {"tests"}},
    {"ket qua", {"expect"}},
    {"phien ban", {"version"}},
    {"mang", {"network"}},
    {"nhan", {"label"}},
    {"truong", {"school"}},
    {"co", {"true"}},
    {"dung", {"true"}},
    {"khong", {"false"}},
    {"sai", {"false"}},
    {"tat", {"off", "false"}},
    {"bat", {"strict", "true", "on"}},
    {"tieng viet", {"vi"}},
    {"vietnamese", {"vi"}},
    {"tieng anh", {"en"}},
    {"english", {"en"}},
    {"gaming", {"games"}},
    {"true", {"strict"}},
    {"false", {"off"}},
    {"deny", {"block"}},
    {"denied", {"block"}},
    {"forbid", {"block"}},
    {"reject", {"block"}},
    {"ban", {"block"}},
    {"blacklist", {"block"}},
    {"blocklist", {"block"}},
    {"permit", {"allow"}},
    {"accept", {"allow"}},
    {"pass", {"allow"}},
    {"open", {"allow"}},
    {"whitelist", {"allow"}},
    {"allowlist", {"allow"}},
    {"site", {"domain", "url"}},
    {"host", {"domain"}},
    {"hostname", {"domain"}},
    {"regex", {"pattern"}},
    {"reason", {"why"}},
    {"comment", {"why", "note", "label"}},
    {"note", {"why", "label"}},
    {"schedule", {"timetable"}},
    {"time", {"when", "at"}},
    {"times", {"when"}},
    {"hours", {"when"}},
    {"day", {"when"}},
    {"days", {"when"}},
    {"result", {"expect"}},
    {"want", {"expect"}},
    {"parent", {"extends"}},
    {"inherits", {"extends"}},
    {"id", {"tier"}},
    {"group", {"tier"}},
    {"title", {"name"}},
    {"subnet", {"network"}},
    {"range", {"network"}},
    {"ip", {"network", "address"}},
    {"on", {"strict", "true"}},
    {"yes", {"true", "strict"}},
    {"no", {"false", "off"}},
    {"none", {"off"}},
};

constexpr std::string_view curly[] = {"\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x9E", "\xE2\x80\x98",
                                      "\xE2\x80\x99", "\xE2\x80\x9A", "\xC2\xAB",     "\xC2\xBB"};

std::string_view synonym_among(std::string_view word, std::span<const std::string> known) {
  const std::string plain = plain_letters(word);
  for (const Synonym& synonym : synonyms)
    if (synonym.word == plain)
      for (const std::string_view meant : synonym.meant)
        if (!meant.empty() && std::find(known.begin(), known.end(), meant) != known.end()) return meant;
  return {};
}

}  // namespace

std::string plain_letters(std::string_view text) {
  TextKeys keys;
  fold_text(text, keys);
  return std::move(keys.folded);
}

std::string_view without_curly_quotes(std::string_view text) noexcept {
  for (bool found = true; std::exchange(found, false);) {
    for (const std::string_view mark : curly) {
      if (text.starts_with(mark)) text.remove_prefix(mark.size()), found = true;
      if (text.ends_with(mark)) text.remove_suffix(mark.size()), found = true;
    }
    while (text.starts_with(' ')) text.remove_prefix(1), found = true;
    while (text.ends_with(' ')) text.remove_suffix(1), found = true;
  }
  return text;
}

bool has_curly_quotes(std::string_view text) noexcept {
  return std::any_of(std::begin(curly), std::end(curly), [text](std::string_view mark) {
    return text.starts_with(mark) || text.ends_with(mark);
  });
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, longest);
  b = b.substr(0, longest);
  using Row = std::array<std::size_t, longest + 1>;
  Row before_last{}, last{}, now{};
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped =
          i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) now[j] = std::min(now[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = now;
  }
  return last[b.size()];
}

std::string_view nearest(std::string_view word, std::span<const std::string> known) {
  const std::size_t bound = std::clamp<std::size_t>(word.size() / 3, 1, 3);
  std::string_view best;
  std::size_t best_distance = bound + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance >= best_distance) continue;
    best_distance = distance;
    best = candidate;
  }
  return best;
}

std::string_view meant_word(std::string_view word, std::span<const std::string> known) {
  const std::string_view synonym = synonym_among(word, known);
  return synonym.empty() ? nearest(without_curly_quotes(word), known) : synonym;
}

Message did_you_mean(std::string_view word, std::span<const std::string> known, Message otherwise) {
  const std::string_view best = meant_word(word, known);
  if (best.empty()) return otherwise;
  return say("did you mean \"{}\"?", best);
}

std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

Message join_words(std::span<const std::string> words, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < words.size() && i < limit; ++i) {
    if (i != 0) out += ", ";
    out += words[i];
  }
  if (words.size() > limit) return say("{} and {} more", out, words.size() - limit);
  return Message(out);
}

Message join_messages(std::span<const Message> messages, std::size_t limit) {
  Message out;
  for (std::size_t i = 0; i < messages.size() && i < limit; ++i)
    out = i == 0 ? messages[i] : say("{}, {}", out, messages[i]);
  if (messages.size() > limit) return say("{} and {} more", out, messages.size() - limit);
  return out;
}

}  // namespace schoolgate
