// What a rule does: four actions and three flags, written "block+locked", "allow+record", "help+alert".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace schoolgate {

enum class Action : std::uint8_t { allow, warn, block, help };

struct Flags {
  bool record = false;  // an event in the log
  bool alert = false;   // tell the safeguarding lead (pupils' tiers only)
  bool locked = false;  // no tier line or override lifts it
  friend bool operator==(const Flags&, const Flags&) = default;
  constexpr Flags& operator|=(const Flags& o) noexcept {
    record = record || o.record;
    alert = alert || o.alert;
    locked = locked || o.locked;
    return *this;
  }
};

struct Effect {
  Action action = Action::block;
  Flags flags;
  friend bool operator==(const Effect&, const Effect&) = default;
};

// locked block > help > block > warn > allow (5 .. 1)
[[nodiscard]] constexpr int strength(const Effect& e) noexcept {
  switch (e.action) {
    case Action::allow:
      return 1;
    case Action::warn:
      return 2;
    case Action::block:
      return e.flags.locked ? 5 : 3;
    case Action::help:
      return 4;
  }
  return 5;  // no such action: as strict as can be
}

[[nodiscard]] std::string_view to_string(Action a) noexcept;
[[nodiscard]] std::string to_string(const Effect& e);  // "block+locked"
[[nodiscard]] std::optional<Action> parse_action(std::string_view text) noexcept;
[[nodiscard]] std::optional<Effect> parse_effect(
    std::string_view text) noexcept;  // flags that do not fit: nullopt

}  // namespace schoolgate
