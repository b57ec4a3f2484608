#include "rules/url/punycode.h"

#include <cstdint>

namespace schoolgate {
namespace {

// RFC 3492 5.
constexpr std::uint32_t base = 36, t_min = 1, t_max = 26, skew = 38, damp = 700;
constexpr std::uint32_t initial_bias = 72, initial_n = 128;
constexpr std::size_t max_encoded = 63 - 4;

// 6.1
std::uint32_t adapt(std::uint32_t delta, std::uint32_t points, bool first) noexcept {
  delta = first ? delta / damp : delta / 2;
  delta += delta / points;
  std::uint32_t k = 0;
  for (; delta > ((base - t_min) * t_max) / 2; k += base) delta /= base - t_min;
  return k + (base - t_min + 1) * delta / (delta + skew);
}

std::uint32_t threshold(std::uint32_t k, std::uint32_t bias) noexcept {
  return k <= bias ? t_min : k >= bias + t_max ? t_max : k - bias;
}

std::uint32_t digit_value(char c) noexcept {
  if (c >= 'a' && c <= 'z') return static_cast<std::uint32_t>(c - 'a');
  if (c >= 'A' && c <= 'Z') return static_cast<std::uint32_t>(c - 'A');
  if (c >= '0' && c <= '9') return static_cast<std::uint32_t>(c - '0') + 26;
  return base;
}

char digit(std::uint32_t value) noexcept {
  return static_cast<char>(value < 26 ? 'a' + value : '0' + (value - 26));
}

bool is_scalar(std::uint32_t c) noexcept {
  return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
}

}  // namespace

// 6.2
std::optional<std::u32string> punycode_decode(std::string_view text) {
  if (text.size() > max_encoded) return std::nullopt;
  std::u32string label;
  std::size_t in = 0;
  if (const std::size_t last_hyphen = text.rfind('-');
      last_hyphen != std::string_view::npos && last_hyphen > 0) {
    for (const char c : text.substr(0, last_hyphen)) {
      if (static_cast<unsigned char>(c) >= 0x80) return std::nullopt;
      label.push_back(static_cast<char32_t>(c));
    }
    in = last_hyphen + 1;
  }
  std::uint64_t n = initial_n, i = 0;  // 64 bits: 63 digits are bounded by the checks below
  std::uint32_t bias = initial_bias;
  while (in < text.size()) {
    const std::uint64_t old_i = i;
    std::uint64_t weight = 1;
    for (std::uint32_t k = base;; k += base) {
      if (in == text.size()) return std::nullopt;
      const std::uint32_t value = digit_value(text[in++]);
      if (value >= base) return std::nullopt;
      i += value * weight;
      if (i > 0xffffffff) return std::nullopt;
      const std::uint32_t t = threshold(k, bias);
      if (value < t) break;
      weight *= base - t;
      if (weight > 0xffffffff) return std::nullopt;
    }
    const std::uint64_t points = label.size() + 1;
    bias = adapt(static_cast<std::uint32_t>(i - old_i), static_cast<std::uint32_t>(points), old_i == 0);
    n += i / points;
    i %= points;
    if (n > 0x10ffff || !is_scalar(static_cast<std::uint32_t>(n))) return std::nullopt;
    label.insert(static_cast<std::size_t>(i), 1, static_cast<char32_t>(n));
    ++i;
  }
  return label;
}

// 6.3
std::optional<std::string> punycode_encode(std::u32string_view label) {
  if (label.size() > max_encoded) return std::nullopt;  // every code point takes a byte at least
  std::string out;
  for (const char32_t c : label)
    if (c < 0x80) out.push_back(static_cast<char>(c));
  const std::size_t basic = out.size();
  std::size_t handled = basic;
  if (basic > 0) out.push_back('-');
  std::uint32_t n = initial_n, delta = 0, bias = initial_bias;
  while (handled < label.size()) {
    std::uint32_t next = 0xffffffff;
    for (const char32_t c : label)
      if (c >= n && c < next) next = c;
    // At most 59 code points below 0x110000: the product stays under 2^32.
    delta += (next - n) * static_cast<std::uint32_t>(handled + 1);
    n = next;
    for (const char32_t c : label) {
      if (c < n) ++delta;
      if (c != n) continue;
      std::uint32_t q = delta;
      for (std::uint32_t k = base;; k += base) {
        const std::uint32_t t = threshold(k, bias);
        if (q < t) break;
        out.push_back(digit(t + (q - t) % (base - t)));
        q = (q - t) / (base - t);
      }
      out.push_back(digit(q));
      bias = adapt(delta, static_cast<std::uint32_t>(handled + 1), handled == basic);
      delta = 0;
      ++handled;
    }
    ++delta;
    ++n;
  }
  if (out.size() > max_encoded) return std::nullopt;
  return out;
}

}  // namespace schoolgate
