// What the log's writer does with an alert: it opens a case, or belongs to one that is open. In the
// transaction of its row.
#pragma once

#include <cstdint>
#include <string>

#include "proxy/audit/seal_units.h"
#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {

struct AlertHit {
  std::int64_t row = 0;  // id in `access` of the safeguarding file
  std::int64_t time_ms = 0, until_ms = 0;
  std::int64_t client = 0;  // id
  std::string theme, tier, place;
  bool shared = false;
};

// A case of that client and theme that lasts takes the hit, also one of a run before this; one that was seen
// or handled is new again. Without such a case one is opened.
[[nodiscard]] Result<void, DbError> note_alert_hit(Database& db, const AlertHit& hit);

// Statements after which nothing is left of cases that ended before then. `only`: of what came before sealing
// began; the rest goes with its span.
[[nodiscard]] std::string forget_cases_sql(std::int64_t before_ms, const UnsealedRows* only = nullptr);

// False: an older program began the file.
[[nodiscard]] bool has_cases(Database& db);

}  // namespace schoolgate::audit
