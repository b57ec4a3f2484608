#include "proxy/audit/known_names.h"

#include <initializer_list>

namespace schoolgate::audit {
namespace {

// False: the table is there, and no row of it is so.
bool any_row(Database& db, const std::string& sql, std::initializer_list<std::string> values) {
  auto query = db.prepare(sql + " LIMIT 1");
  if (!query) return true;
  int index = 0;
  for (const std::string& value : values) query->bind(++index, value);
  return query->step() != SQLITE_DONE;
}

}  // namespace

bool knows_names(Database& db, const LogQuery& query) {
  if (query.client && !any_row(db, "SELECT 1 FROM client WHERE name = ?", {*query.client})) return false;
  if (query.host && !any_row(db, "SELECT 1 FROM host WHERE name = ?", {*query.host})) {
    const std::string below = "." + *query.host;
    if (!any_row(db, "SELECT 1 FROM host WHERE substr(name, -length(?)) = ?", {below, below})) return false;
  }
  // Of one ruling all that is asked of rulings.
  std::string rulings = "SELECT 1 FROM ruling WHERE 1";
  if (query.tier) rulings += " AND tier = ?1";
  if (query.category) rulings += " AND category = ?2";
  if (query.reason) rulings += " AND reason = ?3";
  if (query.action) rulings += " AND action = " + std::to_string(*query.action);
  if (!query.tier && !query.category && !query.reason && !query.action) return true;
  auto found = db.prepare(rulings + " LIMIT 1");
  if (!found) return true;
  if (query.tier) found->bind(1, *query.tier);
  if (query.category) found->bind(2, *query.category);
  if (query.reason) found->bind(3, *query.reason);
  return found->step() != SQLITE_DONE;
}

}  // namespace schoolgate::audit
