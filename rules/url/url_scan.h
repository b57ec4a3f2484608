// One look at path and query, sixteen bytes at a time: which of the rarer things are in them?
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "rules/bytes/byte_block.h"

namespace schoolgate {

struct TargetScan {
  std::size_t query = 0;     // index of the first "?", or the size
  bool bad_byte = false;     // not in 0x21..0x7e
  bool fragment = false;     // "#"
  bool dot_segment = false;  // perhaps: in the path a slash followed by "." or "%"
  bool path_folds = false;   // "%", "\" or "//" in the path: its match form differs
  bool query_folds = false;  // "%" in the query
  bool upper = false;        // A-Z
};

// `size` bytes that begin with "/"; ByteBlock::size more must be readable.
inline TargetScan scan_target(const char* text, std::size_t size) noexcept {
  TargetScan scan;
  scan.query = size;
  std::uint32_t bad = 0, fragment = 0, dots = 0, path_folds = 0, query_folds = 0, upper = 0;
  std::uint32_t carry = 0;  // the byte before this block is a slash
  bool in_query = false;    // since an earlier block
  for (std::size_t i = 0; i < size; i += ByteBlock::size) {
    const ByteBlock block = ByteBlock::load(text + i);
    const std::size_t left = size - i;
    const std::uint32_t here = left >= ByteBlock::size ? ByteBlock::all : (1U << left) - 1;
    const std::uint32_t percent = block.equal('%') & here;
    bad |= ~block.between(0x21, 0x7e) & here;
    fragment |= block.equal('#') & here;
    upper |= block.between('A', 'Z') & here;
    if (in_query) {
      query_folds |= percent;
      continue;
    }
    std::uint32_t path = here;
    if (const std::uint32_t question = block.equal('?') & here; question != 0) {
      const auto at = static_cast<std::size_t>(std::countr_zero(question));
      scan.query = i + at;
      path = (1U << at) - 1;
      in_query = true;
    }
    const std::uint32_t slash = block.equal('/');
    const std::uint32_t after_slash = (slash << 1 | carry) & path;
    carry = slash >> (ByteBlock::size - 1);
    dots |= after_slash & (block.equal('.') | percent);
    path_folds |= (after_slash & slash) | ((block.equal('\\') | percent) & path);
    query_folds |= percent & ~path;
  }
  scan.bad_byte = bad != 0;
  scan.fragment = fragment != 0;
  scan.dot_segment = dots != 0;
  scan.path_folds = path_folds != 0;
  scan.query_folds = query_folds != 0;
  scan.upper = upper != 0;
  return scan;
}

}  // namespace schoolgate
