// What a candidate weighs against others of its layer: the parts that are compared, packed into one number,
// so that a request compares numbers only. Internal to the Judge. A struct lists its parts in the order in
// which they count, so that comparing two packed numbers and comparing two structs part by part come to the
// same.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>

namespace schoolgate {

// How closely a rule names what it holds.
struct Specificity {
  // First, the least before the greatest: words and search engines hold whatever site they are met on, and a
  // hosting platform's name says nothing of the sites below it; a pattern names no site either, a network
  // holds what happens to stand there, a URL prefix names but some pages of a host. `line` stands for any
  // line where lines meet lists.
  enum class Kind : std::uint8_t { none, pattern, network, host, url, line };

  Kind kind = Kind::none;
  // Then: of two hosts the longer names less, of two networks too (its bits); 0 for a pattern.
  std::uint16_t labels = 0;

  static constexpr int bits = 24;
  [[nodiscard]] constexpr std::uint64_t pack() const noexcept {
    return std::uint64_t{static_cast<std::uint8_t>(kind)} << 16 | labels;
  }
  [[nodiscard]] static constexpr Specificity unpack(std::uint64_t packed) noexcept {
    return {static_cast<Kind>(packed >> 16 & 0xff), static_cast<std::uint16_t>(packed)};
  }
  friend auto operator<=>(const Specificity&, const Specificity&) = default;
};

// Of lines of the policy.
struct LineWeight {
  // First: who writes a line on a part of a site means it to be the exception.
  Specificity specificity;
  // Of URL prefixes under one host, for the same reason; those over `longest` are equal.
  std::uint32_t length = 0;
  // Then nearness_of(): a tier overrules the tiers it extends, and a line with times one of all times.
  std::uint8_t nearness = 0;
  // Last, 0 .. 15: else chance would decide between two lines on the same.
  std::uint8_t strictness = 0;

  static constexpr std::uint32_t longest = (1U << 20) - 1;
  // `depth`: steps of `extends`; from the 128th on they are equal. `timed`: the line has times, and now is
  // one.
  [[nodiscard]] static constexpr std::uint8_t nearness_of(std::uint8_t depth, bool timed) noexcept {
    constexpr unsigned farthest = 127;
    return static_cast<std::uint8_t>((farthest - std::min<unsigned>(depth, farthest)) << 1 |
                                     (timed ? 1U : 0U));
  }
  [[nodiscard]] static constexpr bool same_tier(std::uint8_t one, std::uint8_t other) noexcept {
    return one >> 1 == other >> 1;
  }
  [[nodiscard]] constexpr std::uint64_t pack() const noexcept {
    return ((specificity.pack() << 20 | std::min(length, longest)) << 8 | nearness) << 4 | strictness;
  }
  [[nodiscard]] static constexpr LineWeight unpack(std::uint64_t packed) noexcept {
    return {Specificity::unpack(packed >> 32), static_cast<std::uint32_t>(packed >> 12 & longest),
            static_cast<std::uint8_t>(packed >> 4), static_cast<std::uint8_t>(packed & 15)};
  }
  friend auto operator<=>(const LineWeight&, const LineWeight&) = default;
};

// Of rules of lists, on words and on search engines, and of all that hold the page inside a wrapper.
struct ListWeight {
  std::uint8_t strictness = 0;  // first: lists know nothing of each other, so none is another's exception
  Specificity specificity;      // then: which of several that say the same is named

  [[nodiscard]] constexpr std::uint64_t pack() const noexcept {
    return std::uint64_t{strictness} << Specificity::bits | specificity.pack();
  }
  friend auto operator<=>(const ListWeight&, const ListWeight&) = default;
};

// Of rules of lists, for the question what a protecting one lifts: what is no more specific than itself.
// Packed it is 0 for what is no list's rule.
struct ListRank {
  Specificity specificity;   // first: a pattern names no site, so every host lifts it
  std::uint32_t length = 0;  // of a URL prefix: of two under one host the longer

  [[nodiscard]] constexpr std::uint64_t pack() const noexcept { return specificity.pack() << 32 | length; }
  friend auto operator<=>(const ListRank&, const ListRank&) = default;
};

// Among matches that help one with an alert is named first; this stands above all parts of either weight.
inline constexpr std::uint64_t alert_first = std::uint64_t{1} << 63;

}  // namespace schoolgate
