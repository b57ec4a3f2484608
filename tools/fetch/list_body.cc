#include "tools/fetch/list_body.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "config/text/system_words.h"
#include "config/text/whole_file.h"

namespace schoolgate::tools {
namespace {

constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr std::size_t piece = 64 * 1024;  // zlib counts in 32 bits

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

}  // namespace

struct ListBody::Inflate {
  Inflate() { good = ::inflateInit2(&stream, MAX_WBITS + 16) == Z_OK; }  // + 16: gzip and nothing else
  ~Inflate() {
    if (good) ::inflateEnd(&stream);
  }
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;

  z_stream stream{};
  bool good = false;
  bool ended = false;  // a member is whole; another one may follow
  std::array<unsigned char, piece> out;
};

ListBody::ListBody(int fd, BodyLimits limits, std::string inside)
    : fd_(fd), limits_(limits), inside_(std::move(inside)) {}
ListBody::~ListBody() = default;

Result<void> ListBody::take(std::string_view bytes) {
  if (bytes.empty()) return {};
  bytes_ += bytes.size();
  if (bytes_ > limits_.bytes) return Error{say("it is larger than {}", mebibytes(limits_.bytes))};
  if (!begun_) {
    // Text never begins with the first of gzip's two bytes, so that one is enough to know.
    begun_ = true;
    if (bytes.front() == gzip_magic.front()) inflate_ = std::make_unique<Inflate>();
  }
  return inflate_ ? expand(bytes) : unpack(bytes);
}

Result<void> ListBody::expand(std::string_view bytes) {
  Inflate& in = *inflate_;
  if (!in.good) return Error{say("no memory to expand it")};
  while (!bytes.empty()) {
    if (in.ended) {
      if (::inflateReset(&in.stream) != Z_OK) return Error{say("it cannot be expanded")};
      in.ended = false;
    }
    const std::string_view now = bytes.substr(0, piece);
    // zlib does not write to what it reads.
    in.stream.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(now.data()));
    in.stream.avail_in = static_cast<unsigned>(now.size());
    do {
      in.stream.next_out = in.out.data();
      in.stream.avail_out = static_cast<unsigned>(in.out.size());
      const int said = ::inflate(&in.stream, Z_NO_FLUSH);
      if (said != Z_OK && said != Z_STREAM_END && said != Z_BUF_ERROR)
        return Error{say("it begins as gzip does and is none, or is damaged")};
      const std::size_t made = in.out.size() - in.stream.avail_out;
      if (auto unpacked = unpack({reinterpret_cast<const char*>(in.out.data()), made}); unpacked.failed())
        return unpacked;
      in.ended = said == Z_STREAM_END;
    } while (!in.ended && in.stream.avail_out == 0);
    bytes.remove_prefix(now.size() - in.stream.avail_in);
  }
  return {};
}

Result<void> ListBody::unpack(std::string_view bytes) {
  expanded_ += bytes.size();
  if (expanded_ > limits_.expanded)
    return Error{say("it expands to more than {}", mebibytes(limits_.expanded))};
  if (!decided_) {
    first_ += bytes;
    return first_.size() < tar_block ? Result<void>() : begin();
  }
  return archive_ ? archive_->take(bytes) : write(bytes);
}

// What came so far shows what it is.
Result<void> ListBody::begin() {
  decided_ = true;
  const std::string first = std::exchange(first_, {});
  if (begins_tar(first)) {
    archive_ = std::make_unique<ArchivedFile>(inside_, [this](std::string_view text) { return write(text); });
    return archive_->take(first);
  }
  if (!inside_.empty()) return Error{say("it is no archive, and {} was to be in one", inside_)};
  return write(first);
}

Result<void> ListBody::write(std::string_view text) {
  lines_ += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
  if (lines_ > limits_.lines) return Error{say("it has more than {} lines", limits_.lines)};
  if (const auto written = write_all(fd_, text); written.failed())
    return Error{say("it cannot be kept: {}", system_words(written.error()))};
  return {};
}

Result<void> ListBody::finish() {
  if (!begun_) return Error{say("it is empty")};
  if (inflate_ && !inflate_->ended) return Error{say("it is cut short")};
  if (!decided_)
    if (auto begun = begin(); begun.failed()) return begun;
  return archive_ ? archive_->finish() : Result<void>();
}

}  // namespace schoolgate::tools
