#include "config/teacher_question.h"

#include <charconv>
#include <utility>

#include "rules/diagnostic.h"

namespace schoolgate {
namespace {

using Verb = TeacherQuestion::Verb;

constexpr std::size_t most_question_bytes = 1000;  // of a line; the socket takes 1,024
constexpr std::pair<std::string_view, Verb> verbs[] = {
    {"allow", Verb::allow},   {"block", Verb::block},     {"overrides", Verb::overrides},
    {"revoke", Verb::revoke}, {"explain", Verb::explain}, {"room", Verb::room},
    {"rooms", Verb::rooms}};

std::string_view next_field(std::string_view& rest) noexcept {
  const std::size_t end = rest.find('\t');
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

// Into a field that is empty so far.
bool fill_field(std::string& field, std::string_view value) {
  if (!field.empty() || value.empty()) return false;
  field = value;
  return true;
}

bool raise(bool& flag, std::string_view value) noexcept {
  return value.empty() && !std::exchange(flag, true);
}

bool take_id(std::uint32_t& id, std::string_view value) noexcept {
  if (id != 0 || value.starts_with('0')) return false;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), id);
  return error == std::errc() && end == value.data() + value.size() && id != 0;
}

bool take_field(TeacherQuestion& out, std::string_view name, std::string_view value) {
  if (name == "target") return fill_field(out.target, value);
  if (name == "tier") return fill_field(out.tier, value);
  if (name == "why") return fill_field(out.why, value);
  if (name == "room") return fill_field(out.room, value);
  if (name == "state") return fill_field(out.room_state, value);
  if (name == "for" || name == "until") return fill_field(out.how, name) && fill_field(out.end, value);
  if (name == "id") return take_id(out.id, value);
  if (name == "json") return raise(out.json, value);
  if (name == "colour") return raise(out.colour, value);
  return false;
}

// Each verb has its own fields, all that it needs and no others.
bool fits(const TeacherQuestion& q) noexcept {
  const bool has_target = !q.target.empty(), has_tier = !q.tier.empty(), has_end = !q.how.empty();
  const bool has_why = !q.why.empty(), has_id = q.id != 0, has_room = !q.room.empty();
  const bool normal = q.room_state == "normal", only = q.room_state == "only";
  if (q.verb != Verb::room && !q.room_state.empty()) return false;
  switch (q.verb) {
    case Verb::allow:
    case Verb::block:
      return has_target && has_tier && has_why && !has_id && !has_room;
    case Verb::overrides:
    case Verb::rooms:
      return !has_target && !has_tier && !has_end && !has_why && !has_id && !has_room;
    case Verb::revoke:
      return has_id && !has_target && !has_tier && !has_end && !has_why && !has_room;
    case Verb::explain:
      return has_target && !has_end && !has_why && !has_id && !(has_room && has_tier);
    case Verb::room:
      return has_room && (normal || only || q.room_state == "off") && has_target == only &&
             (has_why || normal) && !has_tier && !has_id && !(normal && has_end);
  }
  return false;
}

}  // namespace

std::optional<TeacherQuestion> parse_teacher_question(std::string_view line) {
  if (line.size() > most_question_bytes) return std::nullopt;
  TeacherQuestion out;
  std::string_view rest = line;
  const std::string_view verb = next_field(rest);
  bool known = false;
  for (const auto& [name, value] : verbs) {
    if (name != verb) continue;
    out.verb = value;
    known = true;
  }
  if (!known || line.ends_with('\t')) return std::nullopt;
  while (!rest.empty()) {
    const std::string_view field = next_field(rest);
    const std::size_t equals = field.find('=');
    if (equals == std::string_view::npos || printable(field) != field) return std::nullopt;
    if (!take_field(out, field.substr(0, equals), field.substr(equals + 1))) return std::nullopt;
  }
  if (!fits(out)) return std::nullopt;
  return out;
}

std::optional<std::string> to_text(const TeacherQuestion& question) {
  std::string text;
  for (const auto& [name, value] : verbs)
    if (value == question.verb) text = name;
  const auto add = [&text](std::string_view name, std::string_view value) {
    if (!value.empty()) text.append("\t").append(name).append("=").append(value);
  };
  add("target", question.target);
  add("tier", question.tier);
  add(question.how, question.end);
  add("room", question.room);
  add("state", question.room_state);
  add("why", question.why);
  if (question.id != 0) add("id", std::to_string(question.id));
  if (question.json) text += "\tjson=";
  if (question.colour) text += "\tcolour=";
  if (parse_teacher_question(text) != question) return std::nullopt;
  return text;
}

}  // namespace schoolgate
