#include "proxy/core/wishes.h"

#include <algorithm>

namespace schoolgate {
namespace {

constexpr std::array<std::string_view, wish_reasons.size()> reason_words{
    "lesson", "knowledge", "service", "wrong_group", "broken", "other"};
constexpr std::array<std::string_view, 4> state_words{"open", "granted", "denied", "lapsed"};
constexpr std::string_view code_letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // Crockford
constexpr std::size_t code_length = 8;

}  // namespace

std::string_view to_string(WishReason reason) noexcept {
  return reason_words[static_cast<std::size_t>(reason)];
}

std::optional<WishReason> wish_reason_of(std::string_view word) noexcept {
  const auto found = std::find(reason_words.begin(), reason_words.end(), word);
  if (found == reason_words.end()) return std::nullopt;
  return static_cast<WishReason>(found - reason_words.begin());
}

std::string_view to_string(WishState state) noexcept {
  return state_words[static_cast<std::size_t>(state)];
}

bool may_be_wished(const Verdict& verdict) noexcept {
  if (verdict.action != Action::block || verdict.flags.locked) return false;
  if (verdict.layer == Layer::tier_default || verdict.layer == Layer::explicit_line) return true;
  return verdict.layer == Layer::category && verdict.reason != Reason::search_term &&
         verdict.reason != Reason::path_term && verdict.reason != Reason::unsafe_search;
}

std::string typed_code(std::string_view text) {
  std::string letters;
  bool is_wish = false;
  if (text.size() > 40) return {};
  for (char c : text) {
    if (c == '-' || c == ' ') {
      if (letters == "BN" && !is_wish) is_wish = true, letters.clear();
      continue;
    }
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == 'O') c = '0';
    if (c == 'I' || c == 'L') c = '1';
    letters += c;
  }
  if (letters.size() == code_length + 2 && letters.starts_with("BN") && !is_wish)
    is_wish = true, letters.erase(0, 2);
  if (letters.size() != code_length || letters.find_first_not_of(code_letters) != std::string::npos)
    return {};
  return is_wish ? "BN-" + letters : letters.insert(code_length / 2, 1, '-');
}

}  // namespace schoolgate
