// A piece of a body made ready for one sendmsg: the head in front, chunk framing around, no byte copied.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "proxy/core/http/body.h"
#include "proxy/io/net/net.h"

namespace schoolgate {

class BodyBatch {
 public:
  // Takes what `reader` finds in `input`, up to 16 runs of payload, which become one chunk if `chunked`.
  // `head` goes in front. Views into `input` and `head` until the parts are written.
  void collect(BodyReader& reader, std::string_view input, std::string_view head, bool chunked);
  // Lines that stand between the last chunk and the end of the body; the reader fills them.
  void end_with(const std::string& trailers) noexcept { trailers_ = &trailers; }
  // The end of a body that the closing of its connection ended.
  void collect_end(std::string_view head, bool chunked);

  [[nodiscard]] std::span<iovec> parts() noexcept { return {parts_.data(), count_}; }
  [[nodiscard]] std::size_t consumed() const noexcept { return consumed_; }  // of `input`
  [[nodiscard]] bool done() const noexcept { return status_ == BodyReader::Status::done; }
  [[nodiscard]] bool bad() const noexcept { return status_ == BodyReader::Status::bad; }
  [[nodiscard]] bool more() const noexcept {
    return status_ == BodyReader::Status::payload;
  }  // call again first

 private:
  static constexpr std::size_t max_runs = 16;
  void add(std::string_view text) noexcept {
    if (!text.empty()) parts_[count_++] = io_part(text);
  }

  void add_last_chunk() noexcept;

  std::array<iovec, max_runs + 6> parts_;
  const std::string* trailers_ = nullptr;
  std::size_t count_ = 0, consumed_ = 0;
  BodyReader::Status status_ = BodyReader::Status::need_more;
  std::string chunk_head_;
};

}  // namespace schoolgate
