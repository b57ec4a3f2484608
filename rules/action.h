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
  Flags& operator|=(const Flags& o) noexcept;
};

struct Effect {
  Action action = Action::block;
  Flags flags;
  friend bool operator==(const Effect&, const Effect&) = default;
};

// locked block > help > block > warn > allow (5 .. 1)
[[nodiscard]] int strength(const Effect& e) noexcept;

[[nodiscard]] std::string_view to_string(Action a) noexcept;
[[nodiscard]] std::string to_string(const Effect& e);  // "block+locked"
[[nodiscard]] std::optional<Action> parse_action(std::string_view text) noexcept;
[[nodiscard]] std::optional<Effect> parse_effect(
    std::string_view text) noexcept;  // flags that do not fit: nullopt

}  // namespace schoolgate
