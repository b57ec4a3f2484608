#include "tools/setup/changes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "rules/bytes/sha256.h"

namespace schoolgate::tools {
namespace {

constexpr std::uint64_t most_bytes = 4 << 20;

bool is_written(const FileChange& change) {
  return change.fate == FileFate::create || change.fate == FileFate::replace;
}

// A link stays a link: what it leads to is what is edited.
std::string behind_links(const std::string& path) {
  std::error_code error;
  const auto real = std::filesystem::canonical(path, error);
  return error ? path : real.string();
}

Result<void> put(const std::string& path, const std::string& text) {
  FileAccess access{.mode = 0644};
  struct stat info {};
  const std::string real = behind_links(path);
  if (::stat(real.c_str(), &info) == 0) {
    access.mode = info.st_mode & 07777;
    access.owner = static_cast<int>(info.st_uid);
    access.group = static_cast<int>(info.st_gid);
  }
  std::error_code error;
  std::filesystem::create_directories(folder_of(real), error);
  if (error) return Error{say("{}: {}", folder_of(real), system_words(error.value()))};
  return write_whole_file(real, {text}, access);
}

}  // namespace

WrittenFiles WrittenFiles::parse(std::string_view text) {
  WrittenFiles written;
  for_each_line(text, [&](std::string_view line, std::uint32_t) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string_view::npos || !parse_sha256_hex(line.substr(0, blank))) return;
    written.digests_[std::string(line.substr(blank + 1))] = line.substr(0, blank);
  });
  return written;
}

std::string WrittenFiles::text() const {
  std::string all;
  for (const auto& [path, digest] : digests_) all += digest + " " + path + "\n";
  return all;
}

bool WrittenFiles::wrote(const std::string& path, const std::string& content) const {
  const auto found = digests_.find(path);
  return found != digests_.end() && found->second == to_hex(sha256(content));
}

void WrittenFiles::note(const std::string& path, const std::string& content) {
  digests_[path] = to_hex(sha256(content));
}

std::vector<std::string> WrittenFiles::paths() const {
  std::vector<std::string> all;
  for (const auto& [path, digest] : digests_) all.push_back(path);
  return all;
}

Result<std::vector<FileChange>> changes_for(const std::vector<PlannedFile>& files, const std::string& root,
                                            const WrittenFiles& written) {
  std::vector<FileChange> all;
  for (const PlannedFile& file : files) {
    FileChange change{file, root + file.path, FileFate::create, std::nullopt};
    struct stat info {};
    if (::lstat(change.path.c_str(), &info) == 0) {
      auto text = read_file(change.path, most_bytes);
      if (!text) return Error{say("{}: {}", change.path, text.error().message)};
      if (*text == file.text)
        change.fate = FileFate::same;
      else if (file.edited || written.wrote(file.path, *text))
        change.fate = FileFate::replace;
      else
        change.fate = FileFate::keep;
      change.before = std::move(*text);
    } else if (errno != ENOENT) {
      return Error{say("{}: {}", change.path, system_words(errno))};
    }
    all.push_back(std::move(change));
  }
  return all;
}

Result<void> write_changes(const std::vector<FileChange>& changes, WrittenFiles& written) {
  WrittenFiles after = written;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const FileChange& change = changes[i];
    if (is_written(change))
      if (auto done = put(change.path, change.file.text); done.failed()) {
        const auto back = undo_changes({changes.begin(), changes.begin() + static_cast<std::ptrdiff_t>(i)});
        return back.failed() ? back.error() : done.error();
      }
    if (change.fate != FileFate::keep) after.note(change.file.path, change.file.text);
  }
  written = std::move(after);
  return {};
}

Result<void> undo_changes(const std::vector<FileChange>& changes) {
  Result<void> done;
  for (auto change = changes.rbegin(); change != changes.rend(); ++change) {
    if (!is_written(*change)) continue;
    if (change->before) {
      if (auto put_back = put(change->path, *change->before); put_back.failed()) done = put_back.error();
    } else if (::unlink(change->path.c_str()) != 0 && errno != ENOENT) {
      done = Error{say("{}: {}", change->path, system_words(errno))};
    }
  }
  return done;
}

}  // namespace schoolgate::tools
