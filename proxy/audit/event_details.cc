#include "proxy/audit/event_details.h"

namespace schoolgate::audit {

// Of a list each value's key is its number, and the list's own name the end of its path: "$.why" or "$.a[0]".
Result<EventDetails, DbError> EventDetails::open() {
  auto database = Database::open(":memory:", Database::Mode::write);
  if (!database) return database.error();
  auto statement = database->prepare(
      "SELECT CASE WHEN typeof(key) = 'text' THEN key ELSE path END, type, atom FROM json_tree(?1) "
      "WHERE atom IS NOT NULL ORDER BY id");
  if (!statement) return statement.error();
  return EventDetails(std::move(*database), std::move(*statement));
}

std::vector<EventDetail> EventDetails::of(std::string_view json) {
  std::vector<EventDetail> out;
  statement_.reset();
  statement_.bind(1, json);
  while (statement_.step() == SQLITE_ROW) {
    std::string name = statement_.text(0);
    if (name.starts_with('$')) {
      while (name.ends_with(']')) name.resize(name.rfind('['));
      const bool quoted = name.ends_with('"');  // a key that is no word
      const std::size_t dot = quoted ? name.rfind(".\"") : name.rfind('.');
      name = dot == std::string::npos ? std::string() : name.substr(dot + (quoted ? 2 : 1));
      if (quoted && !name.empty()) name.pop_back();
    }
    const std::string type = statement_.text(1);
    const bool truth = type == "true" || type == "false";
    if (out.empty() || out.back().name != name || out.back().truth != truth) out.push_back({name, {}, truth});
    out.back().values.push_back(truth ? type : statement_.text(2));
  }
  statement_.reset();
  return out;
}

}  // namespace schoolgate::audit
