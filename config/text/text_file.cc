#include "config/text/text_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <tuple>
#include <utility>
#include <vector>

#include "config/text/descriptor.h"
#include "config/text/system_words.h"

namespace schoolgate {
namespace {

Message reason_of(int error) {
  switch (error) {
    case ENOENT:
      return say("no such file");
    case EACCES:
      return say("permission denied");
    case ENOTDIR:
      return say("a part of the path is not a folder");
    case ELOOP:
      return say("too many symbolic links");
    default:
      return system_words(error);
  }
}

// Length of the well-formed sequence at the head of `text` (Unicode 15, table 3-7), 0 if there is none.
std::size_t utf8_length(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned lead = byte(0), second = byte(1);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && second < 0xA0, surrogate = lead == 0xED && second > 0x9F;
    return tail(1) && tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && second < 0x90, beyond = lead == 0xF4 && second > 0x8F;
    return tail(1) && tail(2) && tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

// O_NONBLOCK: a FIFO in the place of a file must not hang the start.
constexpr int to_read = O_RDONLY | O_CLOEXEC | O_NONBLOCK;

Result<std::string> read_opened(const Descriptor& file, std::uint64_t max_bytes) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return Error{reason_of(errno)};
  if (S_ISDIR(info.st_mode)) return Error{say("a folder, not a file")};
  if (!S_ISREG(info.st_mode)) return Error{say("not a regular file")};
  const Message too_large = say("larger than {} MiB", max_bytes / (1024 * 1024));
  if (static_cast<std::uint64_t>(info.st_size) > max_bytes) return Error{too_large};
  std::string text;
  // One more: a file that grew is seen. Those of /proc have no size, and a number of /proc/sys comes with the
  // first read or not at all.
  constexpr std::size_t least = 4096;
  text.resize(std::max(static_cast<std::size_t>(info.st_size) + 1, least));
  std::size_t used = 0;
  for (;;) {
    if (used == text.size()) text.resize(text.size() * 2);
    const ssize_t got = ::read(file.get(), text.data() + used, text.size() - used);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{reason_of(errno)};
    if (got == 0) break;
    used += static_cast<std::size_t>(got);
    if (used > max_bytes) return Error{too_large};
  }
  text.resize(used);
  return text;
}

// Where a link leads that root or this process's user made. Of one descriptor, so that nobody puts another
// link in its place between the two questions.
Result<std::string> trusted_target(const std::string& path) {
  const Descriptor link(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  struct stat info {};
  if (link.get() < 0 || ::fstat(link.get(), &info) != 0) return Error{reason_of(errno)};
  if (!S_ISLNK(info.st_mode)) return path;  // somebody has put a file in its place since
  if (info.st_uid != 0 && info.st_uid != ::geteuid())
    return Error{say("a link that belongs to neither root nor the proxy's user is not followed")};
  std::string target(PATH_MAX, '\0');
  const ssize_t length = ::readlinkat(link.get(), "", target.data(), target.size());
  if (length < 0) return Error{reason_of(errno)};
  target.resize(static_cast<std::size_t>(length));
  return join_path(folder_of(path), target);
}

}  // namespace

Result<std::string> read_file(const std::string& path, std::uint64_t max_bytes) {
  const Descriptor file(::open(path.c_str(), to_read));
  if (file.get() < 0) return Error{reason_of(errno)};
  return read_opened(file, max_bytes);
}

Result<std::string> read_trusted_file(const std::string& path, std::uint64_t max_bytes) {
  constexpr int most_links = 40;  // as the kernel follows
  std::string at = path;
  for (int i = 0; i < most_links; ++i) {
    {
      const Descriptor file(::open(at.c_str(), to_read | O_NOFOLLOW));
      if (file.get() >= 0) return read_opened(file, max_bytes);
      if (errno != ELOOP) return Error{reason_of(errno)};
    }
    auto target = trusted_target(at);
    if (!target) return target.error();
    at = std::move(*target);
  }
  return Error{reason_of(ELOOP)};
}

std::size_t first_bad_utf8(std::string_view text) noexcept {
  std::size_t i = 0;
  while (i < text.size()) {
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = utf8_length(text.substr(i));
    if (length == 0) return i;
    i += length;
  }
  return std::string_view::npos;
}

SourcePos place_of(std::string_view text, std::size_t offset) noexcept {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t start = before.rfind('\n');
  const std::size_t column = start == std::string_view::npos ? before.size() : before.size() - start - 1;
  return {static_cast<std::uint32_t>(lines + 1), static_cast<std::uint32_t>(column + 1)};
}

std::string join_path(std::string_view folder, std::string_view path) {
  while (path.starts_with("./"))  // what follows is relative, with however many slashes
    path.remove_prefix(std::min(path.find_first_not_of('/', 1), path.size()));
  if (folder.empty() || (!path.empty() && path.front() == '/')) return std::string(path);
  std::string out(folder);
  if (path.empty() || path == ".") return out;
  if (out.back() != '/') out += '/';
  return out += path;
}

std::string folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos) return {};
  return std::string(path.substr(0, slash == 0 ? 1 : slash));
}

std::string base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

void SourceTexts::add(const std::string& file, std::string text) {
  Text& entry = texts_[file];
  entry.bytes = std::move(text);
  entry.lines = {0};
  for (std::size_t i = 0; i < entry.bytes.size(); ++i)
    if (entry.bytes[i] == '\n') entry.lines.push_back(i + 1);
}

std::string SourceTexts::line(const std::string& file, std::uint32_t number) const {
  const auto found = texts_.find(file);
  if (found == texts_.end() || number == 0 || number > found->second.lines.size()) return {};
  const std::string_view rest = std::string_view(found->second.bytes).substr(found->second.lines[number - 1]);
  std::string_view line = rest.substr(0, rest.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return std::string(line);
}

std::string render(const Diagnostics& diagnostics, const SourceTexts& texts, Catalogue catalogue,
                   bool colour) {
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    out += to_text(d, texts.line(d.file, d.pos.line), catalogue, colour);
    if (!out.empty() && out.back() != '\n') out += '\n';
  }
  return out;
}

void sort_by_place(Diagnostics& diagnostics) {
  const auto key = [](const Diagnostic& d) {
    return std::tie(d.file, d.pos.line, d.pos.column, d.severity, d.code);
  };
  std::stable_sort(diagnostics.begin(), diagnostics.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    const auto left = key(a), right = key(b);
    return left < right || (left == right && a.message.english() < b.message.english());
  });
}

}  // namespace schoolgate
