#include "proxy/audit/seal_units.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "proxy/audit/seal_bytes.h"

namespace schoolgate::audit {
namespace {

std::vector<SealedTable> tables_of_rows(const Seal& seal) {
  std::vector<SealedTable> tables;
  for (const SealedTableSpec& spec : sealed_tables) {
    const SealedTable* table = seal.table(spec.name);
    if (spec.as == SealedAs::row && table != nullptr) tables.push_back(*table);
  }
  return tables;
}

}  // namespace

const SealedTable* SealUnit::table(std::string_view name) const noexcept {
  const auto found =
      std::find_if(tables.begin(), tables.end(), [&](const SealedTable& t) { return t.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

std::int64_t UnsealedRows::base_of(std::string_view table) const noexcept {
  const auto found =
      std::find_if(before.begin(), before.end(), [&](const SealedTable& t) { return t.name == table; });
  return found == before.end() ? -1 : found->last;
}

UnsealedRows SealUnits::unsealed() const {
  UnsealedRows rows{base_, last_, {}, before_};
  for (const SealUnit& unit : units_) {
    for (const std::int64_t id : unpack_ids(unit.ends))
      if (id <= base_) rows.ended_since.push_back(id);
  }
  return rows;
}

bool SealUnits::take(const Seal& seal, std::string ends) {
  const SealedTable* access = seal.table("access");
  if (seal.kind == SealKind::opening) {
    if (access != nullptr) base_ = last_ = access->last;
    before_ = tables_of_rows(seal);
    ends_before_ = std::move(ends);
    return access != nullptr;
  }
  if (seal.kind == SealKind::span) {
    if (access == nullptr) return false;
    last_ = access->last;
    SealUnit unit;
    unit.first_seal = unit.last_seal = unit.seal = seal.number;
    unit.from_ms = seal.from_ms;
    unit.to_ms = seal.to_ms;
    unit.rows = access->count;
    unit.tables = tables_of_rows(seal);
    unit.ends = std::move(ends);
    units_.push_back(std::move(unit));
    return true;
  }
  if (seal.kind == SealKind::removed && seal.first_seal == 0) {
    gone_by_ = seal.number;
    for (SealUnit& unit : units_) {
      if (unit.removed_by != 0) continue;
      unit.removed_by = seal.number;
      unit.why = seal.why;
    }
    return true;
  }
  const auto begin = std::find_if(units_.begin(), units_.end(),
                                  [&](const SealUnit& u) { return u.first_seal == seal.first_seal; });
  const auto last =
      std::find_if(begin, units_.end(), [&](const SealUnit& u) { return u.last_seal == seal.last_seal; });
  if (begin == units_.end() || last == units_.end()) return false;
  if (seal.kind == SealKind::removed) {
    for (auto unit = begin; unit <= last; ++unit) {
      if (unit->removed_by != 0) continue;
      unit->removed_by = seal.number;
      unit->why = seal.why;
    }
    return true;
  }
  SealUnit unit;
  unit.first_seal = begin->first_seal;
  unit.last_seal = last->last_seal;
  unit.seal = seal.number;
  unit.why = seal.why;
  unit.from_ms = seal.from_ms;
  unit.to_ms = seal.to_ms;
  unit.rows = access != nullptr ? access->count : 0;
  unit.tables = tables_of_rows(seal);
  unit.ends = std::move(ends);
  unit.before.assign(std::make_move_iterator(begin), std::make_move_iterator(last + 1));
  for (SealUnit& part : unit.before) part.before.clear();  // those are done: the next one began after them
  const auto place = units_.erase(begin, last + 1);
  units_.insert(place, std::move(unit));
  return true;
}

}  // namespace schoolgate::audit
