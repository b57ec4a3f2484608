// The part of a host name that look-alikes are judged by, and the pieces that it is cut into.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace schoolgate {

// What somebody registered: "bet88.vip" of "www.m.bet88.vip", "bet88.com.vn" of "a.bet88.com.vn". The second
// level of a country counts as its suffix where it is short (com.vn, co.uk, edu.vn): the Public Suffix List
// is too slow for every request, and what it knows besides are hosters, whose own name is judged then. `host`
// is canonical and no address. Empty: nothing here can be judged; a name of one label, in punycode, or longer
// than `max_judged_name`.
[[nodiscard]] std::string_view judged_name(std::string_view host) noexcept;
inline constexpr std::size_t max_judged_name = 60;

// What a judged name's siblings have in common ("bet88.vip", "bet-89.com"): the letters of its first label;
// of one with less than three letters its first three digits too.
[[nodiscard]] std::string siblings_key(std::string_view name);

// Pieces of two to five characters, with a border at both ends; one with a digit counts twice, as it is and
// with every digit as "#". Each falls into one of `count` buckets.
class NamePieces {
 public:
  static constexpr std::size_t buckets = std::size_t{1} << 17;
  static constexpr std::size_t shortest = 2, longest = 5;

  // `name` comes from judged_name().
  explicit NamePieces(std::string_view name) noexcept;

  [[nodiscard]] const std::uint32_t* begin() const noexcept { return all_.data(); }
  [[nodiscard]] const std::uint32_t* end() const noexcept { return all_.data() + size_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t most = (max_judged_name + 2) * (longest - shortest + 1) * 2;
  std::size_t size_ = 0;
  std::array<std::uint32_t, most> all_;  // set only in [0, size_)
};

// The text of each piece in the order of NamePieces, for people: "^bet", "t##.".
[[nodiscard]] std::string piece_text(std::string_view name, std::size_t index);

}  // namespace schoolgate
