#include "config/policy_question.h"

#include <charconv>
#include <utility>

#include "config/text/overlay.h"
#include "rules/diagnostic.h"

namespace schoolgate {
namespace {

using PolicyVerb = PolicyQuestion::Verb;

constexpr std::size_t most_policy_bytes = 1000;  // of a line; the socket takes 1,024
constexpr std::string_view policy_head = "policy\t";
constexpr std::pair<std::string_view, PolicyVerb> policy_verbs[] = {{"rollback", PolicyVerb::rollback},
                                                                    {"drop", PolicyVerb::drop},
                                                                    {"pin", PolicyVerb::pin},
                                                                    {"unpin", PolicyVerb::unpin}};

std::string_view next_policy_field(std::string_view& rest) noexcept {
  const std::size_t end = rest.find('\t');
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

bool set_once(std::string& field, std::string_view value) {
  if (!field.empty() || value.empty()) return false;
  field = value;
  return true;
}

bool raise_once(bool& flag, std::string_view value) noexcept {
  return value.empty() && !std::exchange(flag, true);
}

bool take_number(std::uint64_t& number, std::string_view value) noexcept {
  if (number != 0 || value.starts_with('0')) return false;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  return error == std::errc() && end == value.data() + value.size() && number != 0;
}

bool take_policy_field(PolicyQuestion& out, std::string_view name, std::string_view value) {
  if (name == "number") return take_number(out.number, value);
  if (name == "name") return set_once(out.name, value) && can_be_laid(value);
  if (name == "url") return set_once(out.url, value);
  if (name == "tier") return set_once(out.tier, value);
  if (name == "at") return set_once(out.at, value);
  if (name == "was") return set_once(out.was, value);
  if (name == "why") return set_once(out.why, value);
  if (name == "accept-shrunk") return raise_once(out.accept_shrunk, value);
  if (name == "json") return raise_once(out.json, value);
  if (name == "colour") return raise_once(out.colour, value);
  return false;
}

// Each verb has its own fields, all that it needs and no others.
bool is_whole(const PolicyQuestion& q) noexcept {
  const bool names_page = !q.url.empty() && !q.tier.empty(),
             no_page = q.url.empty() && q.tier.empty() && q.was.empty();
  switch (q.verb) {
    case PolicyVerb::rollback:
      return q.number != 0 && q.name.empty() && no_page && q.at.empty();
    case PolicyVerb::drop:
      return q.number == 0 && !q.name.empty() && no_page && q.at.empty();
    case PolicyVerb::pin:
      return q.number == 0 && q.name.empty() && names_page && !q.why.empty();
    case PolicyVerb::unpin:
      return q.number == 0 && q.name.empty() && names_page && q.at.empty() && q.was.empty();
  }
  return false;
}

}  // namespace

std::optional<PolicyQuestion> parse_policy_question(std::string_view line) {
  if (line.size() > most_policy_bytes || !line.starts_with(policy_head) || line.ends_with('\t'))
    return std::nullopt;
  PolicyQuestion out;
  std::string_view rest = line.substr(policy_head.size());
  const std::string_view verb = next_policy_field(rest);
  bool known = false;
  for (const auto& [name, value] : policy_verbs) {
    if (name != verb) continue;
    out.verb = value;
    known = true;
  }
  if (!known) return std::nullopt;
  while (!rest.empty()) {
    const std::string_view field = next_policy_field(rest);
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos || printable(field) != field) return std::nullopt;
    if (!take_policy_field(out, field.substr(0, equals), field.substr(equals + 1))) return std::nullopt;
  }
  if (!is_whole(out)) return std::nullopt;
  return out;
}

std::optional<std::string> to_text(const PolicyQuestion& question) {
  std::string text(policy_head);
  for (const auto& [name, value] : policy_verbs)
    if (value == question.verb) text += name;
  const auto add = [&text](std::string_view name, std::string_view value) {
    if (!value.empty()) text.append("\t").append(name).append("=").append(value);
  };
  if (question.number != 0) add("number", std::to_string(question.number));
  add("name", question.name);
  add("url", question.url);
  add("tier", question.tier);
  add("at", question.at);
  add("was", question.was);
  add("why", question.why);
  if (question.accept_shrunk) text += "\taccept-shrunk=";
  if (question.json) text += "\tjson=";
  if (question.colour) text += "\tcolour=";
  if (parse_policy_question(text) != question) return std::nullopt;
  return text;
}

}  // namespace schoolgate
