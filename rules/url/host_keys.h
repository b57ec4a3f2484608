// The hashes of a host and of all its parent names, made in one pass from the right.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace schoolgate {

struct Host;

// Threads: a value. Lives no longer than the text it was made from.
class HostKeys {
 public:
  static constexpr std::size_t max_labels = 254;  // of 253 bytes; 127 where none is empty

  struct Key {
    std::uint64_t hash;
    std::uint16_t begin;   // of the suffix in text()
    std::uint16_t labels;  // of the suffix
  };

  // An address has one key, the whole text: it has no parents. Text over 253 bytes or 127 labels is no host
  // and has no keys.
  explicit HostKeys(const Host& host) noexcept;
  HostKeys(std::string_view text, bool is_address) noexcept;

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] const Key* begin() const noexcept { return keys_.data() + first_; }  // shortest suffix first
  [[nodiscard]] const Key* end() const noexcept { return keys_.data() + end_; }      // the whole host is last
  [[nodiscard]] std::size_t size() const noexcept { return end_ - first_; }
  [[nodiscard]] std::string_view suffix(const Key& key) const noexcept { return text_.substr(key.begin); }

 private:
  std::string_view text_;
  std::size_t first_ = 0, end_ = 0;
  std::array<Key, max_labels> keys_;  // set only in [first_, end_)
};

// The hash of one name, as HostKeys makes it for the whole text.
[[nodiscard]] std::uint64_t hash_host(std::string_view name) noexcept;

}  // namespace schoolgate
