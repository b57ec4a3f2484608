#include "rules/action.h"

namespace schoolgate {
namespace {

constexpr Action actions[] = {Action::allow, Action::warn, Action::block, Action::help};

// A flag fits an action when it changes something: `warn` and `block` are always recorded and `help` always
// privately; an alert needs a help page; `help` cannot be locked, for nothing beats it but a locked block.
bool fits(Action action, const Flags& flags) noexcept {
  if (flags.record && action != Action::allow) return false;
  if (flags.alert && action != Action::help) return false;
  if (flags.locked && action != Action::block && action != Action::allow) return false;
  return true;
}

}  // namespace

std::string_view to_string(Action a) noexcept {
  switch (a) {
    case Action::allow:
      return "allow";
    case Action::warn:
      return "warn";
    case Action::block:
      return "block";
    case Action::help:
      return "help";
  }
  return "block";
}

std::string to_string(const Effect& e) {
  std::string text(to_string(e.action));
  if (e.flags.record) text += "+record";
  if (e.flags.alert) text += "+alert";
  if (e.flags.locked) text += "+locked";
  return text;
}

std::optional<Action> parse_action(std::string_view text) noexcept {
  for (const Action action : actions)
    if (text == to_string(action)) return action;
  return std::nullopt;
}

std::optional<Effect> parse_effect(std::string_view text) noexcept {
  std::size_t plus = text.find('+');
  const std::optional<Action> action = parse_action(text.substr(0, plus));
  if (!action) return std::nullopt;
  Effect effect{*action, {}};
  while (plus != std::string_view::npos) {
    text.remove_prefix(plus + 1);
    plus = text.find('+');
    const std::string_view name = text.substr(0, plus);
    bool* const flag = name == "record"   ? &effect.flags.record
                       : name == "alert"  ? &effect.flags.alert
                       : name == "locked" ? &effect.flags.locked
                                          : nullptr;
    if (flag == nullptr || *flag) return std::nullopt;  // unknown, or named twice
    *flag = true;
  }
  if (!fits(effect.action, effect.flags)) return std::nullopt;
  return effect;
}

}  // namespace schoolgate
