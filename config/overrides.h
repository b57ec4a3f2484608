// What holds for this lesson, as the program keeps it: texts, which each policy gives a meaning of its own.
//
// The state folder's file "overrides", 0600, written whole at each change:
//
//   schoolgate overrides 1
//   last 17
//   row 17 allow site thcs 1764412345000 1764415045000 lan zalo.me
//   why class 8A
//   row 18 only room - 1764412345000 1764415045000 - olm
//   room Phòng máy 1
//   why test
//   sum <SHA-256 hex of all above>
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/snapshot.h"
#include "rules/message.h"
#include "rules/policy/overrides.h"
#include "rules/result.h"

namespace schoolgate {

enum class OverrideKind : std::uint8_t { site, category, bundle, room };
[[nodiscard]] std::string_view to_string(OverrideKind kind) noexcept;

struct OverrideRow {
  std::uint32_t id = 0;           // from 1
  std::string account;            // "" = root, the admin
  Action action = Action::block;  // of a room: block is off, allow is only
  OverrideKind kind = OverrideKind::site;
  // "zalo.me", "olm.vn/thi" (rule_from_text()), "games", "olm"; of a room the bundle or file of hosts that is
  // open alone, or "-".
  std::string target;
  std::string tier;           // "-": of a room
  std::string room;           // its name
  std::int64_t since_ms = 0;  // UTC
  Ending end;
  std::string why;

  [[nodiscard]] std::string_view verb() const noexcept;  // "allow", "block"; of a room "only", "off"
};

struct OverrideRows {
  std::uint32_t last_id = 0;  // no number comes twice
  std::vector<OverrideRow> rows;
};

inline constexpr std::size_t most_overrides = 200;
inline constexpr std::size_t most_why_bytes = 300;
// What may stand in a row as `why`, and as `target`: neither control characters nor bytes that are no UTF-8.
[[nodiscard]] bool is_override_text(std::string_view text, std::size_t most) noexcept;

// Whether rows may be written so; what parse gives always may.
[[nodiscard]] bool is_whole(const OverrideRow& row) noexcept;
[[nodiscard]] std::string to_text(const OverrideRows& rows);
// Nullopt: not as to_text wrote it. The steady clock's ends are what is left from `now` on, at most 90
// minutes; of a room a day.
[[nodiscard]] std::optional<OverrideRows> parse_overrides(std::string_view text, const Moment& now);
// Those of an earlier run that still hold at a start: none, if its clock is behind the newest of them, or
// behind `newest_row_ms`, the last row of the log (0: there is none). Such a clock prolongs nothing.
void keep_what_holds(OverrideRows& rows, const Moment& now, std::int64_t newest_row_ms);

struct OverrideMeaning {
  std::vector<Override> opened;  // a bundle's hosts are several, of one number
  std::optional<Closing> closing;
};
// One row, as this policy understands it; or why it has no effect under it: its tier, category, bundle or
// room is gone or locked, or its author may not do so any more.
[[nodiscard]] Result<OverrideMeaning, Message> meaning_of(const Snapshot& snapshot, const OverrideRow& row);
// Those rows that have one, and the policy's exams. Null: there is nothing of either.
[[nodiscard]] std::shared_ptr<const Overrides> compile_overrides(const Snapshot& snapshot,
                                                                 std::span<const OverrideRow> rows);
// What the school lets the account do in this tier; null: nothing.
[[nodiscard]] const Delegation* delegation_of(const Policy& policy, std::string_view account, TierId tier);
// Whether the account may switch the room; "" = root, who may.
[[nodiscard]] bool may_switch(const Policy& policy, std::string_view account, RoomId room);
// The room of this name, or the only one that is called so but for marks and capitals: "phong may 1".
[[nodiscard]] std::optional<RoomId> room_called(const Policy& policy, std::string_view name);

// With the tier that is meant, or all that there are.
[[nodiscard]] Message no_such_tier(const std::string& name, std::span<const std::string> known);
[[nodiscard]] Message no_such_tier(const Policy& policy, const std::string& name);
[[nodiscard]] Message no_such_room(const Policy& policy, std::string_view name);

// "45m", "1h", "1h30m", "45", "45 phút", "1 giờ 30": minutes from 1 on.
[[nodiscard]] std::optional<std::uint32_t> parse_minutes(std::string_view text) noexcept;
// When an override ends that begins now: "for" a time, or "until" the school's clocks show one ("11:30",
// "11h30", "11h") today, until "end-of-lesson" or "next-break" of `clock`. `how` "": `otherwise` minutes. Not
// longer than `most` minutes.
[[nodiscard]] Result<Ending, Message> override_end(std::string_view how, std::string_view text,
                                                   const Moment& now, const TimeZone& zone,
                                                   const SchoolClock& clock, std::uint32_t otherwise,
                                                   std::uint32_t most);
// Minutes until the school's day is over, at least 1.
[[nodiscard]] std::uint32_t minutes_to_midnight(std::int64_t wall_ms, const TimeZone& zone);
// "10:30", by the school's clocks.
[[nodiscard]] std::string clock_text(std::int64_t wall_ms, const TimeZone& zone);

}  // namespace schoolgate
