// From the header block of an HTTP/2 request to the text of an HTTP/1.1 head (RFC 9113 8.1 to 8.3), so that
// parse_request_head() and everything behind it are the one way in. What is malformed is refused, never
// mended. No I/O; nothing here throws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/core/http/http_head.h"
#include "rules/result.h"

namespace schoolgate {

// Takes the fields of one header block one after the other, as HPACK hands them out.
// proxy/core/http/README.md holds the table of what each oddity gets.
class H2RequestHead {
 public:
  // `limit`: bytes of all names and values, and 32 for each field, as SETTINGS_MAX_HEADER_LIST_SIZE counts
  // (RFC 9113 6.5.2). What comes after it is counted, and not kept.
  explicit H2RequestHead(std::size_t limit) noexcept : limit_(limit) {}

  void add(std::string_view name, std::string_view value);
  [[nodiscard]] std::size_t size() const noexcept { return size_; }  // as the limit is counted

  // The block is complete; `ends` = so is the request (END_STREAM). Status 400, 405 (CONNECT: a tunnel in a
  // tunnel) or 431; parse_request_head() may still refuse the text.
  [[nodiscard]] Result<void, HeadError> finish(bool ends);
  // After finish() was good: the head, with its empty line.
  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  [[nodiscard]] const std::string& method() const noexcept { return method_; }
  // A body follows in chunks, as its length was not said.
  [[nodiscard]] bool chunked() const noexcept { return chunked_; }
  [[nodiscard]] std::optional<std::uint64_t> content_length() const noexcept { return length_; }

 private:
  void refuse(std::uint16_t status, std::string_view what) noexcept;
  void add_pseudo(std::string_view name, std::string_view value);
  void add_field(std::string_view name, std::string_view value);
  void check_request(bool ends);

  std::size_t limit_, size_ = 0;
  Result<void, HeadError> read_;  // the first error
  bool in_fields_ = false;        // pseudo-header fields come before all others
  bool have_host_ = false, chunked_ = false;
  std::string method_, scheme_, authority_, path_, host_, cookie_;
  std::optional<std::uint64_t> length_;
  std::string fields_, text_;
};

// A field of a trailer section: a lower-case token that is not about framing, routing or the connection, and
// a value without control characters (RFC 9110 6.5.1, RFC 9113 8.1).
[[nodiscard]] bool valid_trailer(std::string_view name, std::string_view value) noexcept;

}  // namespace schoolgate
