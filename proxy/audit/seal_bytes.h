// What a seal is about, as bytes: the tables of a month's file, and how a row of them is written down to be
// hashed. Another program that does the same comes to the same digests
// (packaging/auditor/schoolgate-verify.py).
//
// A row is its columns, in the order of the statement in `sealed_tables`, each followed by ';', and a line
// feed:
//   an integer          its decimal digits, with '-' before them when it is less than nothing
//   a text              how many bytes, ':', the bytes
//   NULL                '-'
// A table's digest is the SHA-256 of its rows one after another, in the order of their ids. Rows name hosts,
// clients, rulings and policies by numbers: the tables of these are sealed with the span in which a name
// came, and no name ever goes but with the file, so that a number always stands for what it stood for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/audit/month.h"
#include "proxy/audit/seal_text.h"
#include "proxy/audit/sqlite.h"
#include "rules/bytes/sha256.h"

namespace schoolgate::audit {

enum class SealedAs : std::uint8_t { name, event, row };  // rows alone go when they are old
struct SealedTableSpec {
  const char* name;
  SealedAs as;
  bool safeguarding_only;
  const char* sql;  // columns and tables; the first column is the id, of the table that is called `a`
};
inline constexpr SealedTableSpec sealed_tables[] = {
    {"access", SealedAs::row, false,
     "SELECT a.id, a.ts_ms, a.code, a.client_id, a.host_id, a.ruling_id, a.action, a.seen, a.method, a.port,"
     " a.status, a.bytes_up, a.bytes_down, a.duration_ms, a.ended, a.path, d.cause, s.count"
     " FROM access a LEFT JOIN detail d ON d.id = a.id LEFT JOIN summed s ON s.id = a.id"},
    // Its ids are those of tunnels, which end in any order: a seal lists the ones that came in its span.
    {"tunnel_end", SealedAs::row, false,
     "SELECT a.id, a.bytes_up, a.bytes_down, a.duration_ms, a.ended FROM tunnel_end a"},
    {"event", SealedAs::event, false, "SELECT a.id, a.ts_ms, a.actor, a.what, a.detail FROM event a"},
    {"action", SealedAs::name, false, "SELECT a.id, a.name FROM action a"},
    {"method", SealedAs::name, false, "SELECT a.id, a.name FROM method a"},
    {"seen", SealedAs::name, false, "SELECT a.id, a.name FROM seen a"},
    {"ended", SealedAs::name, false, "SELECT a.id, a.name FROM ended a"},
    {"host", SealedAs::name, false, "SELECT a.id, a.name FROM host a"},
    {"client", SealedAs::name, false, "SELECT a.id, a.name FROM client a"},
    {"policy", SealedAs::name, false, "SELECT a.id, a.revision, a.digest, a.loaded_ms FROM policy a"},
    {"ruling", SealedAs::name, false,
     "SELECT a.id, a.policy_id, a.tier, a.action, a.flags, a.layer, a.reason, a.category, a.file, a.line"
     " FROM ruling a"},
    {"again", SealedAs::row, true, "SELECT a.id, a.rang FROM again a"},
    {"case_hit", SealedAs::row, true, "SELECT a.id, a.case_id FROM case_hit a"},
    {"alert_case", SealedAs::row, true,
     "SELECT a.id, a.code, a.opened_ms, a.until_ms, a.client_id, a.theme, a.tier, a.place, a.shared"
     " FROM alert_case a"},
    {"case_step", SealedAs::row, true,
     "SELECT a.id, a.case_id, a.ts_ms, a.state, a.actor, a.note FROM case_step a"},
    {"case_message", SealedAs::row, true,
     "SELECT a.id, a.step_id, a.ts_ms, a.way, a.failed FROM case_message a"},
};
inline constexpr std::string_view ends_table = "tunnel_end";

[[nodiscard]] constexpr bool is_sealed_in(const SealedTableSpec& spec, LogKind kind) noexcept {
  return !spec.safeguarding_only || kind == LogKind::safeguarding;
}

// Rows, column by column, as the bytes above; hashed when there are enough of them.
class RowHash {
 public:
  void number(std::int64_t number) noexcept;
  void text(std::string_view text) noexcept;
  void null() noexcept;
  void end_row() noexcept;
  // Once.
  [[nodiscard]] Sha256Digest finish() noexcept;

 private:
  void digits(std::int64_t number) noexcept;
  void flush() noexcept;
  static constexpr std::size_t longest_number = 24;  // with what follows it
  std::array<char, 4096> bytes_{};
  std::size_t used_ = 0;
  Sha256 hash_;
};

// Rows of `access` that were hashed while they were written: all that there are from `first` to `last`.
struct HashedRows {
  std::int64_t first = 0, last = 0, count = 0;
  std::int64_t from_ms = 0, to_ms = 0;
  RowHash hash;
};

// A row of `tunnel_end`.
struct EndRow {
  std::int64_t id = 0, bytes_up = 0, bytes_down = 0, duration_ms = 0, ended = 0;
};

// The rows of one table, hashed a piece at a time.
class TableHash {
 public:
  // Of the rows with ids above `after`, up to `last`.
  TableHash(const SealedTableSpec& spec, std::int64_t after, std::int64_t last)
      : spec_(spec), at_(after), last_(last) {
    sealed_.name = spec.name;
    sealed_.after = after;
    sealed_.last = last;
  }
  // These are all of them, and need not be read; unless they are others.
  void use(const HashedRows& rows);
  // At most `limit` rows. True: that was the last piece. A table that the file lacks has no rows.
  [[nodiscard]] Result<bool, DbError> step(Database& db, std::int64_t limit);
  // Once, after the last piece.
  [[nodiscard]] SealedTable finish();
  [[nodiscard]] std::int64_t count() const noexcept { return sealed_.count; }
  [[nodiscard]] std::int64_t after() const noexcept { return sealed_.after; }
  [[nodiscard]] std::int64_t last() const noexcept { return sealed_.last; }
  // Of rows of `access`: the oldest and the newest so far; 0 when there is none.
  [[nodiscard]] std::int64_t from_ms() const noexcept { return from_ms_; }
  [[nodiscard]] std::int64_t to_ms() const noexcept { return to_ms_; }

 private:
  const SealedTableSpec& spec_;
  std::int64_t at_, last_;
  std::int64_t from_ms_ = 0, to_ms_ = 0;
  SealedTable sealed_;
  RowHash hash_;
};

// The ends of these tunnels, as far as they are there.
[[nodiscard]] Result<SealedTable, DbError> hash_ends(Database& db, std::span<const std::int64_t> ids);
// The same of ends as they were written, in the order of their ids.
[[nodiscard]] SealedTable hash_ends(std::span<const EndRow> ends);

// The number in `born`; "-" of a file that an older program began.
[[nodiscard]] std::string file_id_of(Database& db);

}  // namespace schoolgate::audit
