// Reading and writing the bytes of a rule database. The reader never leaves its range: after a read past the
// end, or of a number that is none, ok() is false and everything read is zero or empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace schoolgate {

using Bytes = std::vector<std::byte>;

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) noexcept
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  template <class T>
  [[nodiscard]] T fixed() noexcept {
    T value{};
    if (const std::byte* from = take(sizeof(T))) std::memcpy(&value, from, sizeof(T));
    return value;
  }
  // LEB128: seven bits a byte, low ones first; at most five bytes.
  [[nodiscard]] std::uint32_t varint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      const std::byte* from = take(1);
      if (from == nullptr) return 0;
      const auto byte = static_cast<std::uint32_t>(*from);
      value |= std::uint64_t{byte & 0x7f} << shift;
      if (byte < 0x80 && value <= 0xffffffff) return static_cast<std::uint32_t>(value);
    }
    ok_ = false;
    return 0;
  }
  [[nodiscard]] std::span<const std::byte> bytes(std::size_t count) noexcept {
    const std::byte* from = take(count);
    return from == nullptr ? std::span<const std::byte>{} : std::span<const std::byte>{from, count};
  }
  [[nodiscard]] std::string_view text(std::size_t count) noexcept {
    const auto range = bytes(count);
    return {reinterpret_cast<const char*>(range.data()), range.size()};
  }
  void skip(std::size_t count) noexcept { (void)take(count); }

 private:
  const std::byte* take(std::size_t count) noexcept {
    if (!ok_ || count > left()) {
      ok_ = false;
      return nullptr;
    }
    const std::byte* from = at_;
    at_ += count;
    return from;
  }

  const std::byte* at_;
  const std::byte* end_;
  bool ok_ = true;
};

// Not insert(): g++ 12 warns of an overflow there that is none.
inline void put_bytes(Bytes& out, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  const std::size_t end = out.size();
  out.resize(end + bytes.size());
  std::memcpy(out.data() + end, bytes.data(), bytes.size());
}
template <class T>
void put(Bytes& out, const T& value) {
  put_bytes(out, std::as_bytes(std::span(&value, 1)));
}
inline void put_varint(Bytes& out, std::uint32_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>(value | 0x80));
  out.push_back(static_cast<std::byte>(value));
}
inline void put_text(Bytes& out, std::string_view text) {
  put_bytes(out, std::as_bytes(std::span(text)));
}

}  // namespace schoolgate
