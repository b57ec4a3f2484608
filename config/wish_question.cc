#include "config/wish_question.h"

#include <utility>

#include "rules/diagnostic.h"

namespace schoolgate {
namespace {

using WishVerb = WishQuestion::Verb;

constexpr std::size_t most_wish_bytes = 1000;  // of a line; the sockets take 1,024
constexpr std::pair<std::string_view, WishVerb> wish_verbs[] = {
    {"list", WishVerb::list}, {"show", WishVerb::show}, {"grant", WishVerb::grant}, {"deny", WishVerb::deny}};

std::string_view next_wish_field(std::string_view& rest) noexcept {
  const std::size_t end = rest.find('\t');
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

bool is_wish_code(std::string_view code) noexcept {
  constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  return code.size() == 11 && code.starts_with("BN-") &&
         code.find_first_not_of(letters, 3) == std::string_view::npos;
}

bool take_wish_field(WishQuestion& out, std::string_view name, std::string_view value) {
  const auto fill = [&](std::string& field) {
    if (!field.empty() || value.empty()) return false;
    field = value;
    return true;
  };
  const auto raise = [&](bool& flag) { return value.empty() && !std::exchange(flag, true); };
  if (name == "code") return is_wish_code(value) && fill(out.code);
  if (name == "tier") return fill(out.tier);
  if (name == "why") return fill(out.why);
  if (name == "for" || name == "until") {
    if (!out.how.empty()) return false;
    out.how = name;
    return fill(out.end);
  }
  if (name == "line") return raise(out.line);
  if (name == "all") return raise(out.all);
  if (name == "json") return raise(out.json);
  return false;
}

// Each verb has its own fields, all that it needs and no others.
bool has_its_fields(const WishQuestion& q) noexcept {
  const bool has_code = !q.code.empty(), has_why = !q.why.empty();
  const bool of_grant = !q.tier.empty() || !q.how.empty() || q.line;
  switch (q.verb) {
    case WishVerb::list:
      return !has_code && !has_why && !of_grant;
    case WishVerb::show:
      return has_code && !has_why && !of_grant && !q.all;
    case WishVerb::grant:
      return has_code && has_why && !q.all && !q.json && !(q.line && !q.how.empty());
    case WishVerb::deny:
      return has_code && has_why && !of_grant && !q.all && !q.json;
  }
  return false;
}

}  // namespace

std::optional<WishQuestion> parse_wish_question(std::string_view line) {
  if (line.size() > most_wish_bytes || line.ends_with('\t')) return std::nullopt;
  std::string_view rest = line;
  if (next_wish_field(rest) != wish_question_word) return std::nullopt;
  const std::string_view verb = next_wish_field(rest);
  WishQuestion out;
  bool known = false;
  for (const auto& [name, value] : wish_verbs) {
    if (name != verb) continue;
    out.verb = value;
    known = true;
  }
  if (!known) return std::nullopt;
  while (!rest.empty()) {
    const std::string_view field = next_wish_field(rest);
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos || printable(field) != field) return std::nullopt;
    if (!take_wish_field(out, field.substr(0, equals), field.substr(equals + 1))) return std::nullopt;
  }
  if (!has_its_fields(out)) return std::nullopt;
  return out;
}

std::optional<std::string> to_text(const WishQuestion& question) {
  std::string text(wish_question_word);
  for (const auto& [name, value] : wish_verbs)
    if (value == question.verb) text.append("\t").append(name);
  const auto add = [&text](std::string_view name, std::string_view value) {
    if (!value.empty()) text.append("\t").append(name).append("=").append(value);
  };
  add("code", question.code);
  add("tier", question.tier);
  add(question.how, question.end);
  add("why", question.why);
  if (question.line) text += "\tline=";
  if (question.all) text += "\tall=";
  if (question.json) text += "\tjson=";
  if (parse_wish_question(text) != question) return std::nullopt;
  return text;
}

}  // namespace schoolgate
