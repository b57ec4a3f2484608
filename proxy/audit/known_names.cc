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

bool knows_names(Database& db, const AskedNames& asked) {
  if (asked.client && !any_row(db, "SELECT 1 FROM client WHERE name = ?", {*asked.client})) return false;
  if (asked.host && !any_row(db, "SELECT 1 FROM host WHERE name = ?", {*asked.host})) {
    const std::string below = "." + *asked.host;
    if (!any_row(db, "SELECT 1 FROM host WHERE substr(name, -length(?)) = ?", {below, below})) return false;
  }
  // Of one ruling all that is asked of rulings.
  std::string rulings = "SELECT 1 FROM ruling WHERE 1";
  if (asked.tier) rulings += " AND tier = ?1";
  if (asked.category) rulings += " AND category = ?2";
  if (asked.reason) rulings += " AND reason = ?3";
  if (asked.action) rulings += " AND action = " + std::to_string(*asked.action);
  if (!asked.tier && !asked.category && !asked.reason && !asked.action) return true;
  auto found = db.prepare(rulings + " LIMIT 1");
  if (!found) return true;
  if (asked.tier) found->bind(1, *asked.tier);
  if (asked.category) found->bind(2, *asked.category);
  if (asked.reason) found->bind(3, *asked.reason);
  return found->step() != SQLITE_DONE;
}

}  // namespace schoolgate::audit
