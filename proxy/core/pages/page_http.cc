#include "proxy/core/pages/page_http.h"

#include <array>
#include <cstdio>
#include <string>

#include "config/main/local_time.h"
#include "proxy/core/pages/embedded.h"
#include "rules/bytes/sha256.h"

namespace schoolgate {

std::string http_date(std::int64_t time_ms) {
  constexpr std::array days = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};  // 1970-01-01 was a Thursday
  constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::int64_t seconds = time_ms / 1000, day = seconds / 86400, rest = seconds % 86400;
  if (seconds < 0) return {};
  const CivilDate date = civil_from_days(day);
  std::array<char, 64> text;
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days[static_cast<std::size_t>(day % 7)], date.day,
                                   months[static_cast<std::size_t>(date.month - 1)],
                                   static_cast<int>(date.year), static_cast<int>(rest / 3600),
                                   static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string_view reason_phrase(std::uint16_t status) noexcept {
  switch (status) {
    case 200:
      return "OK";
    case 303:
      return "See Other";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 431:
      return "Request Header Fields Too Large";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    case 508:
      return "Loop Detected";
    default:
      return "Refused";
  }
}

namespace {

// RFC 4648 4, of a digest.
std::string in_base64(const Sha256Digest& digest) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < digest.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t i = at; i < at + 3; ++i) bits = bits << 8 | (i < digest.size() ? digest[i] : 0U);
    for (int shift = 18; shift >= 0; shift -= 6) out += letters[bits >> shift & 63U];
  }
  for (std::size_t i = 0; i < (3 - digest.size() % 3) % 3; ++i) out[out.size() - 1 - i] = '=';
  return out;
}

// The one script of our pages, by its digest (CSP level 3, 2.3.1): no other one runs, wherever it comes from.
const std::string& script_allowed() {
  static const std::string source =
      "; script-src 'sha256-" + in_base64(sha256(embedded_file("language.js"))) + "'";
  return source;
}

}  // namespace

std::string page_response(const PageAnswer& answer, std::string_view body) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  const auto add = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  out.append(reason_phrase(answer.status)).append("\r\n");
  if (answer.time_ms > 0) add("Date", http_date(answer.time_ms));
  add("Cache-Control", "no-store");
  if (answer.methods || answer.status == 405)
    add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, CONNECT");
  if (answer.status == 503) add("Retry-After", "60");
  if (!answer.location.empty()) add("Location", answer.location);
  if (!answer.code.empty()) add("X-Schoolgate-Code", answer.code);
  if (!answer.content_type.empty()) add("Content-Type", answer.content_type);
  if (answer.content_type.starts_with("text/html")) {
    std::string policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
    if (!answer.pictures_from.empty()) policy.append(" ").append(answer.pictures_from);
    policy += script_allowed();
    policy += "; base-uri 'none'; form-action ";
    policy += answer.forms_to.empty() ? std::string_view("'none'") : answer.forms_to;
    // A site that shows Continue in a frame of its own could make somebody press it.
    policy += "; frame-ancestors 'none'";
    add("Content-Security-Policy", policy);
    add("X-Frame-Options", "DENY");
    add("Referrer-Policy", "no-referrer");
  }
  add("X-Content-Type-Options", "nosniff");
  add("Content-Length", std::to_string(body.size()));
  add("Connection", answer.keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  if (!answer.head_only) out += body;
  return out;
}

}  // namespace schoolgate
