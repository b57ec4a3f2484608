// What a browser asked for, and what it gets, without any socket: the whole of HTTP that the pages know.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace schoolgate::web {

// Names with their values, decoded, in the order they came; a name may come more than once.
using Fields = std::vector<std::pair<std::string, std::string>>;
// The first of that name; "" if there is none.
[[nodiscard]] std::string_view field(const Fields& fields, std::string_view name) noexcept;

struct Request {
  std::string method;      // "GET", "HEAD", "POST"
  std::string path;        // "/log", decoded
  std::string query_text;  // as it came, without "?"
  Fields query, form, cookies;
  std::string host;        // as the field Host says
  std::string origin;      // "" = not said
  std::string fetch_site;  // Sec-Fetch-Site; "" = not said
  std::string languages;   // Accept-Language
  std::string peer;        // the address that asks, "192.168.10.5"
};

struct Response {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // besides those that every answer has
};

}  // namespace schoolgate::web
