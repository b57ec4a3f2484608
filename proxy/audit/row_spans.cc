#include "proxy/audit/row_spans.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>

#include "proxy/audit/seal_text.h"

namespace schoolgate::audit {
namespace {

constexpr int spans_per_call = 12;                        // some 20 ms
constexpr std::int64_t most_untold = 64 * rows_per_span;  // some 70 ms

// What the rows of one span hold.
struct SpanFacts {
  std::int64_t rows = 0;
  std::int64_t from_ms = std::numeric_limits<std::int64_t>::max();
  std::int64_t to_ms = std::numeric_limits<std::int64_t>::min();
  std::array<std::vector<std::int64_t>, 3> held;  // hosts, clients, rulings
};

Statement& bind_span(Statement& query, std::int64_t span) {
  return query.bind(1, span * rows_per_span).bind(2, (span + 1) * rows_per_span);
}

Result<Statement, DbError> prepare_facts(Database& db) {
  auto query =
      db.prepare("SELECT ts_ms, host_id, client_id, ruling_id FROM access WHERE id >= ?1 AND id < ?2");
  if (!query) return DbError{SQLITE_ERROR, query.error().message};
  return std::move(*query);
}

Result<SpanFacts, DbError> facts_of(Database& db, Statement& query, std::int64_t span) {
  SpanFacts facts;
  bind_span(query, span);
  int code = SQLITE_DONE;
  while ((code = query.step()) == SQLITE_ROW) {
    ++facts.rows;
    facts.from_ms = std::min(facts.from_ms, query.integer(0));
    facts.to_ms = std::max(facts.to_ms, query.integer(0));
    for (std::size_t i = 0; i < facts.held.size(); ++i)
      facts.held[i].push_back(query.integer(static_cast<int>(i) + 1));
  }
  query.reset();
  if (code != SQLITE_DONE) return db.error();
  for (auto& numbers : facts.held) {
    std::sort(numbers.begin(), numbers.end());
    numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  }
  return facts;
}

bool any_of(const std::vector<std::int64_t>& asked, std::string_view packed) {
  const std::vector<std::int64_t> held = unpack_ids(packed);
  return std::any_of(asked.begin(), asked.end(), [&](std::int64_t number) {
    return std::binary_search(held.begin(), held.end(), number);
  });
}

bool tells_all(std::string_view packed, const std::vector<std::int64_t>& held) {
  const std::vector<std::int64_t> told = unpack_ids(packed);
  return std::is_sorted(told.begin(), told.end()) &&
         std::includes(told.begin(), told.end(), held.begin(), held.end());
}

Result<bool, DbError> add_within(Database& db) {
  const std::int64_t first = db.integer("SELECT min(id) FROM access"),
                     last = db.integer("SELECT max(id) FROM access");
  const std::int64_t whole = (last + 1) / rows_per_span;  // spans below have all their rows
  auto forget = db.prepare("DELETE FROM row_span WHERE span < ?1 OR span >= ?2");
  if (!forget || forget->bind(1, first / rows_per_span).bind(2, whole).step() != SQLITE_DONE)
    return db.error();
  std::int64_t span = db.integer("SELECT coalesce(max(span) + 1, 0) FROM row_span");
  auto next_row = db.prepare("SELECT min(id) FROM access WHERE id >= ?1");
  auto query = prepare_facts(db);
  auto add = db.prepare("INSERT INTO row_span VALUES (?1,?2,?3,?4,?5,?6)");
  if (!next_row || !query || !add) return db.error();
  for (int i = 0; i < spans_per_call; ++i) {
    if (next_row->bind(1, span * rows_per_span).step() != SQLITE_ROW) return db.error();
    if (next_row->is_null(0) || next_row->integer(0) / rows_per_span >= whole) return false;
    span = next_row->integer(0) / rows_per_span;
    next_row->reset();
    const auto facts = facts_of(db, *query, span);
    if (!facts) return facts.error();
    add->bind(1, span).bind(2, facts->from_ms).bind(3, facts->to_ms);
    std::array<std::string, 3> packed;
    for (std::size_t k = 0; k < packed.size(); ++k)
      add->bind_blob(static_cast<int>(k) + 4, packed[k] = pack_ids(facts->held[k]));
    if (add->step() != SQLITE_DONE) return db.error();
    add->reset();
    ++span;
  }
  return true;
}

}  // namespace

Result<bool, DbError> add_row_spans(Database& db) {
  if (db.exec("BEGIN IMMEDIATE") != SQLITE_OK) return db.error();
  auto added = add_within(db);
  if (added && db.exec("COMMIT") == SQLITE_OK) return added;
  DbError error = added ? db.error() : added.error();
  if (db.in_transaction()) (void)db.exec("ROLLBACK");
  return error;
}

std::optional<std::vector<RowRun>> runs_that_may_hold(Database& db, const AskedNumbers& asked) {
  std::vector<RowRun> runs;
  std::int64_t untold_rows = 0;
  const std::int64_t last = db.integer("SELECT max(id) FROM access");
  std::int64_t next = db.integer("SELECT min(id) FROM access");  // the first id of which nothing is told yet
  const auto untold = [&](std::int64_t to) {
    if (next >= to) return;
    runs.push_back({next, to - 1, std::numeric_limits<std::int64_t>::max()});
    untold_rows += to - next;
  };
  const auto may = [](const std::optional<std::vector<std::int64_t>>& numbers, std::string_view packed) {
    return !numbers || any_of(*numbers, packed);
  };
  auto query = db.prepare("SELECT span, from_ms, to_ms, hosts, clients, rulings FROM row_span ORDER BY span");
  while (query && query->step() == SQLITE_ROW) {
    const std::int64_t begin = query->integer(0) * rows_per_span, end = begin + rows_per_span;
    if (end <= next || begin < 0) continue;
    if (end > last + 1) break;  // of other rows, which had these numbers before
    untold(begin);
    next = end;
    const std::int64_t from_ms = query->integer(1), to_ms = query->integer(2);
    if (from_ms >= asked.until_ms || to_ms < asked.since_ms) continue;
    if (may(asked.hosts, query->view(3)) && may(asked.clients, query->view(4)) &&
        may(asked.rulings, query->view(5)))
      runs.push_back({begin, end - 1, to_ms});
  }
  untold(last + 1);
  if (untold_rows > most_untold) return {};
  std::stable_sort(runs.begin(), runs.end(),
                   [](const RowRun& a, const RowRun& b) { return a.to_ms > b.to_ms; });
  return runs;
}

std::vector<std::int64_t> untrue_spans(Database& db, std::size_t most) {
  std::vector<std::int64_t> untrue;
  auto told = db.prepare("SELECT span, from_ms, to_ms, hosts, clients, rulings FROM row_span ORDER BY span");
  auto query = prepare_facts(db);
  if (!told || !query) return untrue;
  const std::int64_t last = db.integer("SELECT max(id) FROM access");
  while (untrue.size() < most && told->step() == SQLITE_ROW) {
    const std::int64_t span = told->integer(0);
    if ((span + 1) * rows_per_span > last + 1) break;  // no reader looks at it
    const auto facts = facts_of(db, *query, span);
    if (!facts || facts->rows == 0) continue;
    const bool is_true = facts->from_ms >= told->integer(1) && facts->to_ms <= told->integer(2) &&
                         tells_all(told->view(3), facts->held[0]) &&
                         tells_all(told->view(4), facts->held[1]) && tells_all(told->view(5), facts->held[2]);
    if (!is_true) untrue.push_back(span);
  }
  return untrue;
}

}  // namespace schoolgate::audit
