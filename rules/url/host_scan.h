// The fast way to see that a host is what nearly every host is: a lower-case DNS name without anything
// to decode, map, count or refuse. Shared by parse_host() and Url.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rules/bytes/byte_block.h"

namespace schoolgate {

struct HostScan {
  static constexpr std::size_t limit = 64;  // bytes looked at; a longer host is for the careful parser
  std::size_t length = 0;                   // of the run of [a-z0-9-_.] at the start
  std::uint64_t dots = 0, hyphens = 0;      // bit i: the byte at i; bits at and above `length` are zero
};

// What the sixteen bytes of a block are, a bit each.
struct HostBytes {
  std::uint32_t dots, hyphens, other;  // other: outside [a-z0-9-_.]

  explicit HostBytes(const ByteBlock& block) noexcept
      : dots(block.equal('.')),
        hyphens(block.equal('-')),
        other(~(block.between('a', 'z') | block.between('0', '9') | block.equal('_') | dots | hyphens) &
              ByteBlock::all) {}
  // Of a block that begins `count` bytes before the place that is asked about, and ends with the text.
  void skip(std::size_t count) noexcept {
    dots >>= count, hyphens >>= count;
    other = (other | ByteBlock::all << ByteBlock::size) >> count & ByteBlock::all;
  }
};

// `bytes_at(i)`: the HostBytes of the text from i on.
template <class BytesAt>
HostScan scan_host_bytes(BytesAt&& bytes_at) noexcept {
  HostScan scan;
  for (std::size_t i = 0; i < HostScan::limit; i += ByteBlock::size) {
    const HostBytes bytes = bytes_at(i);
    scan.dots |= std::uint64_t{bytes.dots} << i;
    scan.hyphens |= std::uint64_t{bytes.hyphens} << i;
    scan.length = i + ByteBlock::size;
    if (bytes.other == 0) continue;
    scan.length = i + static_cast<std::size_t>(std::countr_zero(bytes.other));
    const std::uint64_t in_host = (std::uint64_t{1} << scan.length) - 1;
    scan.dots &= in_host;
    scan.hyphens &= in_host;
    break;
  }
  return scan;
}

// Reads whole blocks: `p` must have ByteBlock::size readable bytes past the first byte outside
// [a-z0-9-_.], or past HostScan::limit.
inline HostScan scan_host(const char* p) noexcept {
  return scan_host_bytes([p](std::size_t i) { return HostBytes(ByteBlock::load(p + i)); });
}

// Reads `text` alone, which has ByteBlock::size bytes at least; its end ends the host.
inline HostScan scan_host(std::string_view text) noexcept {
  return scan_host_bytes([text](std::size_t i) {
    const std::size_t begin = std::min(i, text.size() - ByteBlock::size);
    HostBytes bytes(ByteBlock::load(text.data() + begin));
    bytes.skip(i - begin);
    return bytes;
  });
}

// Whether some label begins with "xn--". `double_hyphens`: bit i for "--" at i.
inline bool has_a_label(const HostScan& scan, std::uint64_t double_hyphens, const char* p) noexcept {
  for (std::uint64_t at = double_hyphens & (scan.dots << 1 | 1) << 2; at != 0; at &= at - 1) {
    const int i = std::countr_zero(at);
    if (p[i - 2] == 'x' && p[i - 1] == 'n') return true;
  }
  return false;
}

// True: the scanned bytes are a host in canonical spelling, parse_host() would return them as they are.
// False: ask parse_host(). Shorter than 64 bytes, so no label is too long; no empty label, no trailing
// dot; the last label does not begin like a number; no A-label.
inline bool is_plain_host(const HostScan& scan, const char* p) noexcept {
  if (scan.length == 0 || scan.length >= HostScan::limit) return false;
  const std::uint64_t last = std::uint64_t{1} << (scan.length - 1);
  const bool empty_label = ((scan.dots & 1) | (scan.dots & scan.dots >> 1) | (scan.dots & last)) != 0;
  if (empty_label) return false;
  const std::uint64_t double_hyphens = scan.hyphens & scan.hyphens >> 1;
  if (double_hyphens != 0 && has_a_label(scan, double_hyphens, p)) return false;
  const int last_label = HostScan::limit - std::countl_zero(scan.dots);  // 0 without a dot
  return p[last_label] < '0' || p[last_label] > '9';
}

}  // namespace schoolgate
