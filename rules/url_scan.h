// One look at path and query, sixteen bytes at a time: which of the rarer things are in them?
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "rules/byte_block.h"

namespace schoolgate {

struct TargetScan {
  std::size_t query = 0;     // index of the first "?", or the size
  bool bad_byte = false;     // not in 0x21..0x7e
  bool fragment = false;     // "#"
  bool dot_segment = false;  // perhaps: in the path a slash followed by "." or "%"
  bool folds = false;        // "%" anywhere, "\" or "//" in the path: the match form differs
  bool upper = false;        // A-Z
};

// `size` bytes that begin with "/"; ByteBlock::size more must be readable.
inline TargetScan scan_target(const char* text, std::size_t size) noexcept {
  TargetScan scan;
  scan.query = size;
  std::uint32_t bad = 0, fragment = 0, dots = 0, folds = 0, upper = 0;
  std::uint32_t carry = 0;                   // the byte before this block is a slash
  std::uint32_t path_left = ByteBlock::all;  // zero once the query has begun
  for (std::size_t i = 0; i < size; i += ByteBlock::size) {
    const ByteBlock block = ByteBlock::load(text + i);
    const std::size_t left = size - i;
    const std::uint32_t here = left >= ByteBlock::size ? ByteBlock::all : (1U << left) - 1;
    const std::uint32_t percent = block.equal('%') & here;
    bad |= ~block.between(0x21, 0x7e) & here;
    fragment |= block.equal('#') & here;
    upper |= block.between('A', 'Z') & here;
    folds |= percent;
    if (path_left == 0) continue;
    std::uint32_t path = here;
    if (const std::uint32_t question = block.equal('?') & here; question != 0) {
      const auto at = static_cast<std::size_t>(std::countr_zero(question));
      scan.query = i + at;
      path = (1U << at) - 1;
      path_left = 0;
    }
    const std::uint32_t slash = block.equal('/');
    const std::uint32_t after_slash = (slash << 1 | carry) & path;
    carry = slash >> (ByteBlock::size - 1);
    dots |= after_slash & (block.equal('.') | percent);
    folds |= (after_slash & slash) | (block.equal('\\') & path);
  }
  scan.bad_byte = bad != 0;
  scan.fragment = fragment != 0;
  scan.dot_segment = dots != 0;
  scan.folds = folds != 0;
  scan.upper = upper != 0;
  return scan;
}

}  // namespace schoolgate
