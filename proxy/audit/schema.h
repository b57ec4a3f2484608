// The tables of a month's file and of the totals; proxy/audit/README.md tells how to read them with the
// sqlite3 shell.
#pragma once

namespace schoolgate::audit {

inline constexpr int application_id = 0x53474C47;  // "SGLG", PRAGMA application_id
inline constexpr int schema_version = 1;           // PRAGMA user_version

// Per connection, before anything else. A commit survives kill -9; the writer syncs the WAL itself for power
// cuts.
inline constexpr char connection_pragmas[] =
    "PRAGMA journal_mode=WAL;"
    "PRAGMA synchronous=NORMAL;"
    "PRAGMA journal_size_limit=33554432;"
    "PRAGMA wal_autocheckpoint=2000;"
    "PRAGMA cache_size=-8192;"
    "PRAGMA temp_store=MEMORY;";

// Narrow on purpose: names live once in their own tables, and SQLite stores a small integer in 0 to 3 bytes.
inline constexpr char create_tables[] = R"sql(
CREATE TABLE host   (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE client (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;  -- pseudonyms
CREATE TABLE policy (id INTEGER PRIMARY KEY, revision INTEGER NOT NULL, digest TEXT NOT NULL,
                     loaded_ms INTEGER NOT NULL, UNIQUE (loaded_ms, revision, digest)) STRICT;

-- What was decided and why: one row for each combination that occurred under a policy.
CREATE TABLE ruling (id INTEGER PRIMARY KEY,
                     policy_id INTEGER REFERENCES policy (id),  -- NULL: before the first policy
                     tier TEXT, action INTEGER NOT NULL,
                     flags INTEGER NOT NULL,  -- record 1, alert 2, locked 4; 8: its rows are visits
                     layer TEXT NOT NULL, reason TEXT NOT NULL, category TEXT, file TEXT, line INTEGER) STRICT;

CREATE TABLE action  (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE method  (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE seen    (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;  -- how much of what was asked for was seen
CREATE TABLE ended   (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;

CREATE TABLE access (
  id INTEGER PRIMARY KEY,
  ts_ms INTEGER NOT NULL,        -- UTC, milliseconds since 1970
  code INTEGER NOT NULL,         -- the code on the page, as 40 bits
  client_id INTEGER NOT NULL REFERENCES client (id),
  host_id INTEGER NOT NULL REFERENCES host (id),
  ruling_id INTEGER NOT NULL REFERENCES ruling (id),
  action INTEGER NOT NULL,       -- also in ruling; here for the partial indexes
  seen INTEGER NOT NULL,
  method INTEGER NOT NULL,
  port INTEGER NOT NULL,
  status INTEGER NOT NULL,       -- sent to the client; 0 = none
  bytes_up INTEGER NOT NULL,
  bytes_down INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  ended INTEGER,                 -- NULL: a tunnel; see tunnel_end
  path TEXT                      -- only blocked and warned, without query
) STRICT;
CREATE TABLE tunnel_end (
  id INTEGER PRIMARY KEY REFERENCES access (id),
  bytes_up INTEGER NOT NULL, bytes_down INTEGER NOT NULL, duration_ms INTEGER NOT NULL, ended INTEGER NOT NULL
) STRICT;
CREATE TABLE event (id INTEGER PRIMARY KEY, ts_ms INTEGER NOT NULL, actor TEXT NOT NULL, what TEXT NOT NULL,
                    detail TEXT NOT NULL CHECK (json_valid(detail))) STRICT;

CREATE INDEX access_time ON access (ts_ms);
CREATE INDEX access_not_allowed ON access (ts_ms) WHERE action <> 0;
CREATE INDEX access_code ON access (code) WHERE action <> 0;
)sql";

// What came after the first version, also to files that an older program began. Tables of their own, never
// columns: a program of before, which may be writing the same file while it hands over, goes on as it was.
inline constexpr char added_table[] = "summed";  // the last one of them
inline constexpr char add_tables[] = R"sql(
CREATE TABLE IF NOT EXISTS detail (
  id INTEGER PRIMARY KEY REFERENCES access (id),
  cause TEXT  -- why it was refused, or what failed upstream
) STRICT;
CREATE TABLE IF NOT EXISTS summed (
  id INTEGER PRIMARY KEY REFERENCES access (id),
  count INTEGER NOT NULL  -- that row stands for so many; one that is not here for itself
) STRICT;
-- Of the safeguarding file: the alert that rang in row `rang` was hit once more. Rows are never changed.
CREATE TABLE IF NOT EXISTS again (
  id INTEGER PRIMARY KEY,
  rang INTEGER NOT NULL REFERENCES access (id)
) STRICT;
CREATE INDEX IF NOT EXISTS again_of ON again (rang);
-- Which file this is: seals name it, so that another one in its place is no change of rows. '-': an older
-- program began it.
CREATE TABLE IF NOT EXISTS born (id TEXT NOT NULL) STRICT;
-- What the rows span * 4096 to span * 4096 + 4095 hold: for questions, never for the record (row_spans.h).
CREATE TABLE IF NOT EXISTS row_span (
  span INTEGER PRIMARY KEY, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
  hosts BLOB NOT NULL, clients BLOB NOT NULL, rulings BLOB NOT NULL
) STRICT;
DROP VIEW IF EXISTS log;
CREATE VIEW log AS
SELECT a.id, strftime('%Y-%m-%dT%H:%M:%fZ', a.ts_ms / 1000.0, 'unixepoch') AS time, c.name AS client, r.tier,
       v.name AS action, h.name AS host, a.path, m.name AS method, a.port, a.status, s.name AS seen,
       r.layer, r.reason, r.category, r.file || ':' || r.line AS rule, p.revision, substr(p.digest, 1, 12) AS digest,
       coalesce(t.bytes_up, a.bytes_up) AS bytes_up, coalesce(t.bytes_down, a.bytes_down) AS bytes_down,
       coalesce(t.duration_ms, a.duration_ms) AS duration_ms, e.name AS ended, q.cause,
       coalesce(n.count, 1) + (SELECT count(*) FROM again g WHERE g.rang = a.id) AS count,
       r.flags & 8 <> 0 AS visit
FROM access a
JOIN client c ON c.id = a.client_id JOIN host h ON h.id = a.host_id JOIN ruling r ON r.id = a.ruling_id
LEFT JOIN policy p ON p.id = r.policy_id
LEFT JOIN action v ON v.id = a.action LEFT JOIN method m ON m.id = a.method LEFT JOIN seen s ON s.id = a.seen
LEFT JOIN detail q ON q.id = a.id LEFT JOIN summed n ON n.id = a.id LEFT JOIN tunnel_end t ON t.id = a.id
LEFT JOIN ended e ON e.id = coalesce(t.ended, a.ended);
)sql";

// Of the safeguarding file alone: cases, what was done about them and how they were told. Nothing here is
// ever changed: the state of a case is its last step.
inline constexpr char add_case_tables[] = R"sql(
CREATE TABLE IF NOT EXISTS alert_case (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,     -- "CA-7K3Q2F9A": says nothing of the rest
  opened_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL,     -- further alerts of that device and theme until then belong to it
  client_id INTEGER NOT NULL REFERENCES client (id),
  theme TEXT NOT NULL,           -- the category
  tier TEXT NOT NULL,
  place TEXT NOT NULL,           -- the label of the device's network in `who`
  shared INTEGER NOT NULL        -- many people behind that address
) STRICT;
CREATE INDEX IF NOT EXISTS alert_case_until ON alert_case (until_ms);
CREATE TABLE IF NOT EXISTS case_hit (
  id INTEGER PRIMARY KEY REFERENCES access (id),
  case_id INTEGER NOT NULL REFERENCES alert_case (id)
) STRICT;
CREATE INDEX IF NOT EXISTS case_hit_of ON case_hit (case_id);
CREATE TABLE IF NOT EXISTS case_step (
  id INTEGER PRIMARY KEY,
  case_id INTEGER NOT NULL REFERENCES alert_case (id),
  ts_ms INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('new', 'seen', 'handled', 'passed_on', 'wrong')),
  actor TEXT NOT NULL,
  note TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS case_step_of ON case_step (case_id);
CREATE TABLE IF NOT EXISTS case_message (
  id INTEGER PRIMARY KEY,
  step_id INTEGER NOT NULL REFERENCES case_step (id),  -- of the state `new` that it tells
  ts_ms INTEGER NOT NULL,
  way TEXT NOT NULL CHECK (way IN ('mail', 'hook')),
  failed TEXT                    -- why; NULL: it was sent
) STRICT;
CREATE INDEX IF NOT EXISTS case_message_of ON case_message (step_id);
)sql";

// The totals: a file of their own, without clients, hosts or rules.
inline constexpr int totals_id = 0x53475453;  // "SGTS"
inline constexpr int totals_version = 1;
inline constexpr char create_totals[] = R"sql(
CREATE TABLE name   (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;  -- of tiers and categories; '' = none
CREATE TABLE action (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE seen   (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
CREATE TABLE hourly (
  hour INTEGER NOT NULL,  -- UTC, hours since 1970
  tier INTEGER NOT NULL REFERENCES name (id),
  category INTEGER NOT NULL REFERENCES name (id),
  action INTEGER NOT NULL, seen INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  PRIMARY KEY (hour, tier, category, action, seen)
) STRICT, WITHOUT ROWID;
-- The rows of that month's file up to this id are in `hourly`, and no others: both change in one transaction.
CREATE TABLE counted (month TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)sql";

// What came after the first version, also to a file that an older program began: a table of its own, so that
// a program of before, which may be counting into it while it hands over, goes on as it was.
inline constexpr char add_totals_tables[] = R"sql(
CREATE TABLE IF NOT EXISTS visited (  -- of the requests in `hourly`: pages that somebody opened
  hour INTEGER NOT NULL, tier INTEGER NOT NULL, category INTEGER NOT NULL, action INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  visits INTEGER NOT NULL,
  PRIMARY KEY (hour, tier, category, action, seen)
) STRICT, WITHOUT ROWID;
DROP VIEW IF EXISTS totals;
CREATE VIEW totals AS
SELECT strftime('%Y-%m-%dT%H:00:00Z', h.hour * 3600, 'unixepoch') AS hour, t.text AS tier, c.text AS category,
       a.name AS action, s.name AS seen, h.requests, coalesce(v.visits, 0) AS visits
FROM hourly h JOIN name t ON t.id = h.tier JOIN name c ON c.id = h.category
LEFT JOIN visited v ON v.hour = h.hour AND v.tier = h.tier AND v.category = h.category AND v.action = h.action
  AND v.seen = h.seen
LEFT JOIN action a ON a.id = h.action LEFT JOIN seen s ON s.id = h.seen;
)sql";

// The seals (seal_book.h): a file of their own for each chain.
inline constexpr int seals_id = 0x5347534C;  // "SGSL"
inline constexpr int seals_version = 1;

// The names: a file of their own, without clients.
inline constexpr int wishes_id = 0x53475748;  // "SGWH"
inline constexpr int wishes_version = 1;
// No client: who asked is written nowhere.
inline constexpr char create_wishes[] = R"sql(
CREATE TABLE wish (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE,
                   host TEXT NOT NULL, tier TEXT NOT NULL, category TEXT NOT NULL,
                   list TEXT NOT NULL,                 -- the file whose line blocked it; '' = none
                   asked_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,  -- UTC
                   state INTEGER NOT NULL,             -- 0 open, 1 granted, 2 denied, 3 lapsed
                   reasons TEXT NOT NULL,              -- how often each was chosen: '2 0 1 0 0 0'
                   devices INTEGER NOT NULL,
                   answered_ms INTEGER NOT NULL, by TEXT NOT NULL, why TEXT NOT NULL,
                   line INTEGER NOT NULL,              -- 1: granted by a line of the tier
                   open_until_ms INTEGER NOT NULL) STRICT;
CREATE INDEX wish_asked ON wish (asked_ms);
)sql";

inline constexpr int names_id = 0x53474E53;  // "SGNS"
inline constexpr int names_version = 1;
inline constexpr char create_names[] = R"sql(
CREATE TABLE site (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
                   first_day INTEGER NOT NULL,     -- UTC, days since 1970
                   many INTEGER NOT NULL) STRICT;  -- 1: five clients or more asked for it
-- The hosts of that month's file up to this id were looked at.
CREATE TABLE read_to (month TEXT PRIMARY KEY, host INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX site_day ON site (first_day);
CREATE VIEW sites AS
SELECT name, strftime('%Y-%m-%d', first_day * 86400, 'unixepoch') AS first_seen, many FROM site;
)sql";

}  // namespace schoolgate::audit
