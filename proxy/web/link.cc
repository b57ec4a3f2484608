#include "proxy/web/link.h"

#include <algorithm>

#include "rules/bytes/sha256.h"

namespace schoolgate::web {

std::string new_secret(const Surroundings& around) {
  constexpr std::size_t bytes = 32;
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : around.random(bytes)) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string give_link(Account& account, const Surroundings& around) {
  constexpr std::int64_t second_of_ms = 1000;
  const std::string code = new_secret(around);
  account.link = to_hex(sha256(code));
  account.link_until = around.wall_ms() / second_of_ms + link_seconds;
  return "/first?code=" + code;
}

bool is_account_name(std::string_view name) noexcept {
  constexpr std::size_t longest = 32;
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (name.empty() || name.size() > longest || !letter(name.front())) return false;
  return std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
}

}  // namespace schoolgate::web
