// The HTTP around a page.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace schoolgate {

struct PageAnswer {
  std::uint16_t status = 403;
  std::int64_t time_ms = 0;             // for Date; 0 = none
  std::string_view content_type = {};   // "" = none
  std::string_view forms_to = {};       // HTML: the schemes a form may lead to, "" = no form
  std::string_view pictures_from = {};  // HTML: the schemes a picture may come from besides data:
  std::string_view code = {};           // X-Schoolgate-Code
  std::string_view location = {};       // redirects; no control characters
  bool keep_alive = false;
  bool head_only = false;  // the request was HEAD
  bool methods = false;    // Allow: what the proxy passes on; a 405 has it anyway
};

// A whole response as it is sent, and the status in it.
struct PageResponse {
  std::uint16_t status = 0;
  std::string text;
};

// "Tue, 24 Nov 2026 08:00:00 GMT", RFC 9110 5.6.7; "" before 1970.
[[nodiscard]] std::string http_date(std::int64_t time_ms);

[[nodiscard]] std::string page_response(const PageAnswer& answer, std::string_view body);
[[nodiscard]] std::string_view reason_phrase(std::uint16_t status) noexcept;

}  // namespace schoolgate
