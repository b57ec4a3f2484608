// A seal: what stood in a file of the log when a span of about ten minutes was over. It is a short text,
// signed as a whole; the digest of a seal is the SHA-256 of text and signature, and the next one begins with
// it.
//
//   schoolgate seal 1
//   number: 17                                     in this chain, from 1
//   previous: <64 hex digits, or - of the first one>
//   key: 1F2E3D4C5B6A7988                          which signed it
//   made: 1772600000123 2026-03-04T04:53:20.123Z
//   log: access                                    or safeguarding: each has a chain of its own
//   kind: span                                     opening, span, replaced or removed
//   file: access-2026-03.db 3f2a9c0b12345678       and its number in `born`
//   note: cut                                      of a span: cut (left by an end by force), stop, or -
//   time: 1772599400000 1772599999999              of the oldest and the newest row; 0 0 if there is none
//   seals: 12 20                                   that go or are replaced; 0 0 of a span, and where the
//   whole
//                                                  file goes
//   rows: 5000                                     there were in those
//   why: older than 90 days                        - of a span
//   access: 1200 1845 645 <64 hex digits>          a line per table: above which id, to which id, how many
//   ...                                            rows, and the SHA-256 of their bytes (seal_bytes.h)
//   root: <64 hex digits>                          the SHA-256 of the lines of tables
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/audit/month.h"
#include "rules/result.h"

namespace schoolgate::audit {

enum class SealKind : std::uint8_t {
  opening,   // sealing began in a file with rows: its rows up to here are in no seal, its names are
  span,      // what came since the seal before
  replaced,  // rows of those seals were summed or went by the bound on the disk: this is what stays
  removed,   // rows of those seals go because they are old; the seals stay
};
[[nodiscard]] std::string_view to_string(SealKind kind) noexcept;

struct SealedTable {
  std::string name;
  std::int64_t after = -1, last = -1;  // ids; of tunnel_end, whose ends come in any order, 0 and 0
  std::int64_t count = 0;
  std::string digest;  // hex; "-" when there is nothing, or nothing is said
  friend bool operator==(const SealedTable&, const SealedTable&) = default;
};

struct Seal {
  std::int64_t number = 0;
  std::string previous = "-", key;
  std::int64_t made_ms = 0;
  LogKind log = LogKind::access;
  SealKind kind = SealKind::span;
  std::string file, file_id, note = "-", why = "-";
  std::int64_t from_ms = 0, to_ms = 0;
  std::int64_t first_seal = 0, last_seal = 0, rows_before = 0;
  std::vector<SealedTable> tables;
  std::string root;

  [[nodiscard]] const SealedTable* table(std::string_view name) const noexcept;
  friend bool operator==(const Seal&, const Seal&) = default;
};

// Of the lines of tables, in hex.
[[nodiscard]] std::string seal_root(const std::vector<SealedTable>& tables);
[[nodiscard]] std::string seal_text(const Seal& seal);
// Takes exactly what seal_text() writes; its root is that of its tables. Error: the line that is wrong.
[[nodiscard]] Result<Seal> parse_seal(std::string_view text);
// What the next seal begins with.
[[nodiscard]] std::string seal_digest(std::string_view text, std::string_view signature);

// Ids, in growing order, as a short text of bytes: LEB128 of the differences. Reading stops at what is no
// such text.
[[nodiscard]] std::string pack_ids(const std::vector<std::int64_t>& ids);
[[nodiscard]] std::vector<std::int64_t> unpack_ids(std::string_view bytes);

}  // namespace schoolgate::audit
