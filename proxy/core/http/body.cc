#include "proxy/core/http/body.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "proxy/core/http/http_scan.h"
#include "rules/bytes/hex.h"

namespace schoolgate {

namespace {

constexpr std::uint32_t max_extension_bytes = 256;
constexpr std::uint32_t max_trailer_bytes = 8 * 1024;
constexpr std::uint8_t max_size_digits = 16;

// Where in the chunked coding the next byte stands (RFC 9112 7.1).
enum State : std::uint8_t {
  size,
  size_blank,
  extension,
  size_lf,
  data,
  data_cr,
  data_lf,
  trailer_start,
  trailer_name,
  trailer_value,
  trailer_lf,
  end_lf,
  failed,
};

bool is_text(char c) noexcept {
  return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

}  // namespace

void BodyReader::start(Framing framing, std::uint64_t content_length, bool blanks_after_size,
                       std::string* trailers) noexcept {
  trailers_ = trailers;
  if (trailers != nullptr) trailers->clear();
  framing_ = framing;
  blanks_after_size_ = blanks_after_size;
  left_ = framing == Framing::length ? content_length : 0;
  done_ = framing == Framing::none || (framing == Framing::length && content_length == 0);
  state_ = State::size;
  digits_ = 0;
  extra_ = 0;
}

bool BodyReader::in_trailers() const noexcept {
  return state_ == State::trailer_name || state_ == State::trailer_value || state_ == State::trailer_lf;
}

BodyReader::Parsed BodyReader::next(std::string_view input) {
  if (done_) return {Status::done, 0, {}};
  if (framing_ == Framing::chunked) return next_chunked(input);
  if (input.empty()) return {Status::need_more, 0, {}};
  if (framing_ == Framing::until_close) return {Status::payload, input.size(), input};
  const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  left_ -= count;
  done_ = left_ == 0;
  return {Status::payload, count, input.substr(0, count)};
}

BodyReader::Parsed BodyReader::next_chunked(std::string_view input) {
  for (std::size_t i = 0; i < input.size(); ++i) {
    if (state_ == State::data) {
      const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - i));
      left_ -= count;
      if (left_ == 0) state_ = State::data_cr;
      return {Status::payload, i + count, input.substr(i, count)};
    }
    const bool inside = trailers_ != nullptr && in_trailers();
    if (!take_framing_byte(input[i])) {
      state_ = State::failed;
      return {Status::bad, i, {}};
    }
    if (trailers_ != nullptr && (inside || in_trailers())) trailers_->push_back(input[i]);
    if (done_) return {Status::done, i + 1, {}};
  }
  return {state_ == State::failed ? Status::bad : Status::need_more, input.size(), {}};
}

// Everything that is not payload, one byte at a time; false if it is not allowed here.
// NOLINTNEXTLINE(readability-function-cognitive-complexity): a machine, each state counts as nested
bool BodyReader::take_framing_byte(char c) noexcept {
  switch (state_) {
    case State::size:
      if (const int value = hex_value(c); value >= 0) {
        if (++digits_ > max_size_digits) return false;
        left_ = left_ << 4 | static_cast<std::uint64_t>(value);
        return true;
      }
      if (digits_ == 0 || left_ >> 63 != 0) return false;
      [[fallthrough]];
    case State::size_blank:
      if (c == ';')
        state_ = State::extension;
      else if (c == '\r')
        state_ = State::size_lf;
      else if (blanks_after_size_ && (c == ' ' || c == '\t') && ++extra_ <= max_extension_bytes)
        state_ = State::size_blank;
      else
        return false;
      return true;
    case State::extension:
      if (c == '\r')
        state_ = State::size_lf;
      else if (!is_text(c) || ++extra_ > max_extension_bytes)
        return false;
      return true;
    case State::size_lf:
      state_ = left_ == 0 ? State::trailer_start : State::data;
      digits_ = 0;
      extra_ = 0;
      return c == '\n';
    case State::data_cr:
      state_ = State::data_lf;
      return c == '\r';
    case State::data_lf:
      state_ = State::size;
      return c == '\n';
    case State::trailer_start:
      if (c == '\r')
        state_ = State::end_lf;
      else if (http_scan::is_token_char(c) && ++extra_ <= max_trailer_bytes)
        state_ = State::trailer_name;
      else
        return false;
      return true;
    case State::trailer_name:
      if (c == ':')
        state_ = State::trailer_value;
      else if (!http_scan::is_token_char(c))
        return false;
      return ++extra_ <= max_trailer_bytes;
    case State::trailer_value:
      if (c == '\r')
        state_ = State::trailer_lf;
      else if (!is_text(c))
        return false;
      return ++extra_ <= max_trailer_bytes;
    case State::trailer_lf:
      state_ = State::trailer_start;
      return c == '\n';
    case State::end_lf:
      done_ = c == '\n';
      return done_;
    default:
      return false;
  }
}

bool BodyReader::finish_at_eof() noexcept {
  if (framing_ == Framing::until_close) done_ = true;
  return done_;
}

void write_chunk_head(std::uint64_t size, std::string& out) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  out.append(digits.data(), end).append("\r\n");
}

}  // namespace schoolgate
