// Body framing without I/O: tells which of the bytes that arrived belong to the body, and where it ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/core/http/http_head.h"

namespace schoolgate {

// Feed it what arrived, in any pieces; it hands out runs of payload as views into the fed bytes. Chunk
// framing is checked strictly (RFC 9112 7.1: CRLF only, hex size of at most 16 digits, extensions of at most
// 256 bytes and trailers within 8 KiB are checked; trailers are dropped unless asked for). Old origins pad
// the size with blanks (Apache 1.3): with `blanks_after_size`, for responses only, these count as an
// extension. What is sent on is written anew, so nobody else reads them.
class BodyReader {
 public:
  // `trailers`, if given, gets the trailer lines of a chunked body as they came, each with its CRLF.
  void start(Framing framing, std::uint64_t content_length, bool blanks_after_size = false,
             std::string* trailers = nullptr) noexcept;

  enum class Status : std::uint8_t { need_more, payload, done, bad };
  struct Parsed {
    Status status;
    std::size_t consumed;      // bytes of the input that are dealt with
    std::string_view payload;  // for Status::payload: part of the input
  };
  // Call until need_more, done or bad; `bad` is final. After done nothing more is consumed.
  [[nodiscard]] Parsed next(std::string_view input);

  // The peer closed: true if that is a proper end (until_close, or already done).
  [[nodiscard]] bool finish_at_eof() noexcept;
  [[nodiscard]] bool done() const noexcept { return done_; }

 private:
  [[nodiscard]] Parsed next_chunked(std::string_view input);
  [[nodiscard]] bool take_framing_byte(char c) noexcept;
  [[nodiscard]] bool in_trailers() const noexcept;

  Framing framing_ = Framing::none;
  bool done_ = true;
  bool blanks_after_size_ = false;
  std::uint8_t state_ = 0;
  std::uint8_t digits_ = 0;
  std::uint32_t extra_ = 0;  // bytes of this chunk's extensions, or of the trailers, so far
  std::uint64_t left_ = 0;
  std::string* trailers_ = nullptr;
};

// "1a2b\r\n" for a chunk of `size` bytes, appended; the caller sends payload and "\r\n" after it.
void write_chunk_head(std::uint64_t size, std::string& out);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace schoolgate
