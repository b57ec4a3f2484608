// From the bytes of an HTTP/1.1 response, as the proxy would send them to a client, to what HTTP/2 sends:
// heads, payload, an end. No I/O; nothing here throws.
#pragma once

#include <string>
#include <string_view>

#include "proxy/core/http/body.h"
#include "proxy/core/http/http_head.h"

namespace schoolgate {

// Feed it what was written, in any pieces, the unconsumed rest first; as BodyReader. The input is our own
// writing, so `bad` is a bug of ours: the stream is reset.
class H2ResponseReader {
 public:
  explicit H2ResponseReader(std::string method) : method_(std::move(method)) {}

  enum class Status : std::uint8_t {
    need_more,
    interim,  // head() is a 1xx; another follows
    head,     // head() is the final one; done() may be true already
    payload,
    done,
    bad,
  };
  struct Parsed {
    Status status;
    std::size_t consumed;      // bytes of the input that are dealt with
    std::string_view payload;  // for Status::payload: part of the input
  };
  [[nodiscard]] Parsed next(std::string_view input);

  // The writer has finished: true if the response ends properly there.
  [[nodiscard]] bool finish_at_end() noexcept { return started_ && body_.finish_at_eof(); }
  [[nodiscard]] bool done() const noexcept { return started_ && body_.done(); }
  // Views until the next next().
  [[nodiscard]] const ResponseHead& head() const noexcept { return head_; }
  // Once done(): those fields that may stand behind a body.
  [[nodiscard]] std::vector<HeaderField> trailers() const;

 private:
  std::string method_, text_, trailer_text_;
  ResponseHead head_;
  BodyReader body_;
  bool started_ = false, failed_ = false;
};

// Whether a field of such a head is sent over HTTP/2: not those that speak of a connection (RFC 9113 8.2.2).
[[nodiscard]] bool passes_to_h2(const HeaderField& field) noexcept;

}  // namespace schoolgate
