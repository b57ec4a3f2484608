// The fast way to see that a host is what nearly every host is: a lower-case DNS name without anything
// to decode, map, count or refuse. Shared by parse_host() and Url.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "rules/byte_block.h"

namespace schoolgate {

struct HostScan {
  static constexpr std::size_t limit = 64;  // bytes looked at; a longer host is for the careful parser
  std::size_t length = 0;                   // of the run of [a-z0-9-_.] at the start
  std::uint64_t dots = 0, hyphens = 0;      // bit i: the byte at i; bits at and above `length` are zero
};

// Reads whole blocks: `p` must have ByteBlock::size readable bytes past the first byte outside
// [a-z0-9-_.], or past HostScan::limit.
inline HostScan scan_host(const char* p) noexcept {
  HostScan scan;
  for (std::size_t i = 0; i < HostScan::limit; i += ByteBlock::size) {
    const ByteBlock block = ByteBlock::load(p + i);
    const std::uint32_t dots = block.equal('.'), hyphens = block.equal('-');
    const std::uint32_t other =
        ~(block.between('a', 'z') | block.between('0', '9') | block.equal('_') | dots | hyphens) &
        ByteBlock::all;
    scan.dots |= std::uint64_t{dots} << i;
    scan.hyphens |= std::uint64_t{hyphens} << i;
    scan.length = i + ByteBlock::size;
    if (other == 0) continue;
    scan.length = i + static_cast<std::size_t>(std::countr_zero(other));
    const std::uint64_t in_host = (std::uint64_t{1} << scan.length) - 1;
    scan.dots &= in_host;
    scan.hyphens &= in_host;
    break;
  }
  return scan;
}

// True: the scanned bytes are a host in canonical spelling, parse_host() would return them as they are.
// False: ask parse_host(). Shorter than 64 bytes, so no label is too long; no empty label, no trailing
// dot; the last label does not begin like a number; no "--", so no A-label.
inline bool is_plain_host(const HostScan& scan, const char* p) noexcept {
  if (scan.length == 0 || scan.length >= HostScan::limit) return false;
  const std::uint64_t last = std::uint64_t{1} << (scan.length - 1);
  const bool empty_label = ((scan.dots & 1) | (scan.dots & scan.dots >> 1) | (scan.dots & last)) != 0;
  if (empty_label || (scan.hyphens & scan.hyphens >> 1) != 0) return false;
  const int last_label = HostScan::limit - std::countl_zero(scan.dots);  // 0 without a dot
  return p[last_label] < '0' || p[last_label] > '9';
}

}  // namespace schoolgate
