// The details of events, which the log holds as JSON, as names and values: SQLite reads them. A list's values
// stand under its own name, those of an object under theirs; nothing else of the shape is kept.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {

struct EventDetail {
  std::string name;                   // "" = the whole detail is one value
  std::vector<std::string> values{};  // numbers as digits; null is none
  bool truth = false;                 // the values are "true" and "false"
};

// Owns a database without a file; belongs to one thread.
class EventDetails {
 public:
  [[nodiscard]] static Result<EventDetails, DbError> open();
  // In the order they were written. Empty: there are none, or it is no JSON.
  [[nodiscard]] std::vector<EventDetail> of(std::string_view json);

 private:
  EventDetails(Database database, Statement statement)
      : database_(std::move(database)), statement_(std::move(statement)) {}
  Database database_;
  Statement statement_;
};

}  // namespace schoolgate::audit
