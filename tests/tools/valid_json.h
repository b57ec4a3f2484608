// Whether a text is JSON, by SQLite's word.
#pragma once

#include <catch2/catch.hpp>
#include <string>

#include "proxy/audit/sqlite.h"

namespace schoolgate::tools_test {

inline bool is_json(const std::string& text) {
  auto db = audit::Database::open(":memory:", audit::Database::Mode::write);
  REQUIRE(db);
  auto query = db->prepare("SELECT json_valid(?1)");
  REQUIRE(query);
  REQUIRE(query->bind(1, text).step() == SQLITE_ROW);
  return query->integer(0) == 1;
}

}  // namespace schoolgate::tools_test
