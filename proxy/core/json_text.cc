#include "proxy/core/json_text.h"

#include "proxy/core/safe_text.h"

namespace schoolgate {

JsonObject& JsonObject::raw(std::string_view key, std::string_view json) {
  if (!body_.empty()) body_ += ',';
  body_ += json_string(key);
  body_ += ':';
  body_ += json;
  return *this;
}

JsonObject& JsonObject::add(std::string_view key, std::string_view text) {
  return raw(key, json_string(text));
}

JsonObject& JsonObject::add(std::string_view key, const JsonArray& value) {
  return raw(key, value.text());
}

JsonObject& JsonObject::add_or_null(std::string_view key, std::string_view text) {
  return text.empty() ? raw(key, "null") : add(key, text);
}

JsonArray& JsonArray::raw(std::string_view json) {
  if (!body_.empty()) body_ += ',';
  body_ += json;
  return *this;
}

JsonArray& JsonArray::add(std::string_view text) {
  return raw(json_string(text));
}

}  // namespace schoolgate
