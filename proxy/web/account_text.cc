#include "proxy/web/account_text.h"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <utility>

#include "rules/bytes/sha256.h"

namespace schoolgate::web {
namespace {

constexpr std::string_view first_line = "schoolgate accounts 1";

template <class Number>
bool read_number(const std::string& text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

bool read_account_line(const std::vector<std::string>& words, std::vector<Account>& out) {
  if (words[0] == "account") {
    if (words.size() != 5 || out.size() == most_accounts) return false;
    Account account;
    account.name = words[1];
    const auto role = role_of(words[2]);
    const bool known = words[3] == "open" || words[3] == "locked";
    if (!role || !known || !is_account_name(account.name) || !read_number(words[4], account.generation))
      return false;
    account.role = *role;
    account.locked = words[3] == "locked";
    if (std::any_of(out.begin(), out.end(), [&](const auto& one) { return one.name == account.name; }))
      return false;
    out.push_back(std::move(account));
    return true;
  }
  if (out.empty()) return false;
  Account& last = out.back();
  if (words[0] == "password" && words.size() == 2) {
    last.password = words[1];
    return true;
  }
  if (words[0] == "totp" && words.size() == 3) {
    last.totp = words[1];
    return read_number(words[2], last.totp_last);
  }
  if (words[0] == "link" && words.size() == 3) {
    last.link = words[1];
    return read_number(words[2], last.link_until);
  }
  return false;
}

}  // namespace

std::string to_text(const std::vector<Account>& accounts) {
  std::string text = std::string(first_line) + "\n";
  for (const Account& one : accounts) {
    text += "account " + one.name + " " + std::string(to_string(one.role)) +
            (one.locked ? " locked " : " open ") + std::to_string(one.generation) + "\n";
    if (!one.password.empty()) text += "password " + one.password + "\n";
    if (!one.totp.empty()) text += "totp " + one.totp + " " + std::to_string(one.totp_last) + "\n";
    if (!one.link.empty()) text += "link " + one.link + " " + std::to_string(one.link_until) + "\n";
  }
  return text + "sum " + to_hex(sha256(text)) + "\n";
}

std::optional<std::vector<Account>> parse_accounts(std::string_view text) {
  const std::size_t sum = text.rfind("sum ");
  if (sum == std::string_view::npos ||
      text.substr(sum) != "sum " + to_hex(sha256(text.substr(0, sum))) + "\n")
    return std::nullopt;
  std::istringstream lines{std::string(text.substr(0, sum))};
  std::string line;
  if (!std::getline(lines, line) || line != first_line) return std::nullopt;
  std::vector<Account> out;
  while (std::getline(lines, line)) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    if (words.empty() || !read_account_line(words, out)) return std::nullopt;
  }
  return out;
}

}  // namespace schoolgate::web
