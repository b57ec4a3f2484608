// JSON, written as text: events of the log, and what commands print under --json. Values are escaped; nothing
// is parsed here.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace schoolgate {

// A JSON string with its quotes (RFC 8259). Lossless for UTF-8; controls and invisible characters are written
// \uNNNN, so that it is harmless on a terminal; bytes that are not UTF-8 become U+FFFD. For text from the log
// use json_string(printable(text)), so that it stays harmless after parsing.
[[nodiscard]] std::string json_string(std::string_view text);

class JsonArray;

class JsonObject {
 public:
  JsonObject& add(std::string_view key, std::string_view text);
  JsonObject& add(std::string_view key, const char* text) { return add(key, std::string_view(text)); }
  JsonObject& add(std::string_view key, bool value) { return raw(key, value ? "true" : "false"); }
  template <std::integral T>
  JsonObject& add(std::string_view key, T number) {
    return raw(key, std::to_string(number));
  }
  JsonObject& add(std::string_view key, const JsonObject& value) { return raw(key, value.text()); }
  JsonObject& add(std::string_view key, const JsonArray& value);
  // "null" for an empty text.
  JsonObject& add_or_null(std::string_view key, std::string_view text);
  JsonObject& raw(std::string_view key, std::string_view json);
  [[nodiscard]] std::string text() const { return "{" + body_ + "}"; }

 private:
  std::string body_;
};

class JsonArray {
 public:
  JsonArray& add(const JsonObject& value) { return raw(value.text()); }
  JsonArray& add(std::string_view text);
  JsonArray& raw(std::string_view json);
  [[nodiscard]] bool empty() const noexcept { return body_.empty(); }
  [[nodiscard]] std::string text() const { return "[" + body_ + "]"; }

 private:
  std::string body_;
};

}  // namespace schoolgate
