// Wishes: somebody says that a page was blocked wrongly. One wish stands for everybody who says so of the
// same site in the same tier; it holds no client.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rules/url/ip.h"
#include "rules/verdict.h"

namespace schoolgate {

// What may be chosen: nobody types words, which would tell who wrote them, or more than anybody asked for.
enum class WishReason : std::uint8_t { lesson, knowledge, service, wrong_group, broken, other };
inline constexpr std::array wish_reasons{WishReason::lesson,      WishReason::knowledge, WishReason::service,
                                         WishReason::wrong_group, WishReason::broken,    WishReason::other};
[[nodiscard]] std::string_view to_string(WishReason reason) noexcept;  // "lesson"
[[nodiscard]] std::optional<WishReason> wish_reason_of(std::string_view word) noexcept;

// lapsed: nobody answered, and newer ones needed its place.
enum class WishState : std::uint8_t { open, granted, denied, lapsed };
[[nodiscard]] std::string_view to_string(WishState state) noexcept;  // "open"

struct Wish {
  std::string code;                        // "BN-7K3Q2F9A"
  std::string host, tier, category;        // Host::text, Tier::id, Category::id; "" = no category
  std::string list;                        // the file whose line blocked it; "" = none, the tier's default
  std::int64_t asked_ms = 0, last_ms = 0;  // UTC: the first and the last who asked
  WishState state = WishState::open;
  std::array<std::uint32_t, wish_reasons.size()> reasons{};  // how often each was chosen
  std::uint32_t devices =
      0;  // after a restart one that asks again counts again: who it was is written nowhere
  // Of an answer:
  std::int64_t answered_ms = 0;
  std::string by, why;             // the account; what is told to who asked
  bool line = false;               // granted by a line of the tier, not for a lesson
  std::int64_t open_until_ms = 0;  // granted for a lesson: until then
  friend bool operator==(const Wish&, const Wish&) = default;
};

struct WishAsk {
  IpAddress client;
  bool shared = false;  // many people use that address
  std::string host, tier, category, list;
  WishReason reason = WishReason::other;
  std::int64_t now_ms = 0;
};
enum class WishOutcome : std::uint8_t {
  taken,     // a new one
  merged,    // others had asked
  repeated,  // this device had
  denied,    // it was denied within a day: there is an answer
  too_many,  // of this client, for now
  closed,    // nobody keeps wishes now: a start, an end, a file that cannot be read
};
struct WishReply {
  WishOutcome outcome = WishOutcome::closed;
  std::string code = {};  // of the wish; "" for too_many and closed
};

inline constexpr std::int64_t wish_shown_ms =
    24 * 60 * 60 * 1000;  // a code shows its wish, or verdict, so long

// Implemented by proxy/audit. Threads: every worker calls it at once; never waits for the disk.
class Wishes {
 public:
  virtual ~Wishes() = default;
  [[nodiscard]] virtual WishReply ask(const WishAsk& ask) = 0;
  // Open, or answered within a day before `now_ms`. `code` as people type it.
  [[nodiscard]] virtual std::optional<Wish> find(std::string_view code, std::int64_t now_ms) const = 0;
  // The same of what a refused page would be asked about.
  [[nodiscard]] virtual std::optional<Wish> about(std::string_view host, std::string_view tier,
                                                  std::string_view category, std::int64_t now_ms) const = 0;
};

// Whether somebody may wish that this were otherwise: a line, a list or the default of the tier blocks the
// site. Not what is locked or sealed, which nobody lifts; what a teacher closed for a lesson; words that were
// searched for, which no wish may name; nor what helps.
[[nodiscard]] bool may_be_wished(const Verdict& verdict) noexcept;

// "bn-7k3q 2f9a" as people type it -> "BN-7K3Q2F9A", "7kq2m4xh" -> "7KQ2-M4XH"; "" if it is neither.
[[nodiscard]] std::string typed_code(std::string_view text);

}  // namespace schoolgate
