#include "tools/web/account_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "config/text/newer_form.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"

namespace schoolgate::tools {
namespace {

constexpr std::uint64_t most_account_bytes = 1024 * 1024;

struct FileLock {
  explicit FileLock(const std::string& path) : fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (fd >= 0) held = ::flock(fd, LOCK_EX) == 0;
  }
  ~FileLock() {
    if (fd >= 0) ::close(fd);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  int fd;
  bool held = false;
};

}  // namespace

Result<void> AccountFile::refresh() {
  struct stat info {};
  if (::stat(path_.c_str(), &info) != 0) {
    if (errno != ENOENT) return Error{say("cannot read {}: {}", path_, system_words(errno))};
    accounts_.clear();
    seen_ = {};
    return {};
  }
  constexpr std::int64_t second_ns = 1'000'000'000;
  const Seen now{info.st_dev, info.st_ino, info.st_mtim.tv_sec * second_ns + info.st_mtim.tv_nsec};
  if (now == seen_) return {};
  const auto text = read_file(path_, most_account_bytes);
  if (!text) return Error{say("cannot read {}: {}", path_, text.error().message)};
  auto accounts = web::parse_accounts(*text);
  if (const std::uint32_t form = newer_form(*text, "schoolgate accounts 1"); form != 0)
    return Error{newer_file(path_, form, 1)};
  if (!accounts) return Error{say("{} is damaged: nobody can sign in", path_)};
  accounts_ = *std::move(accounts);
  seen_ = now;
  return {};
}

Result<void> AccountFile::look() {
  const MutexLock lock(mutex_);
  return refresh();
}

// What cannot be read lets nobody in.
std::optional<web::Account> AccountFile::find(std::string_view name) {
  const MutexLock lock(mutex_);
  if (refresh().failed()) return std::nullopt;
  const auto found =
      std::find_if(accounts_.begin(), accounts_.end(), [&](const auto& one) { return one.name == name; });
  return found == accounts_.end() ? std::nullopt : std::optional(*found);
}

std::vector<web::Account> AccountFile::all() {
  const MutexLock lock(mutex_);
  if (refresh().failed()) return {};
  return accounts_;
}

Result<void> AccountFile::put(const web::Account& account) {
  const MutexLock lock(mutex_);
  const FileLock file_lock(path_ + ".lock");
  if (!file_lock.held) return Error{say("cannot lock {}: {}", path_, system_words(errno))};
  if (auto read = refresh(); read.failed()) return read;
  std::vector<web::Account> changed = accounts_;
  const auto found =
      std::find_if(changed.begin(), changed.end(), [&](const auto& one) { return one.name == account.name; });
  if (found != changed.end())
    *found = account;
  else if (changed.size() == web::most_accounts)
    return Error{say("there are {} accounts already", changed.size())};
  else
    changed.push_back(account);
  if (auto written = write_whole_file(path_, {web::to_text(changed)}, {.mode = 0600}); written.failed())
    return written;
  accounts_ = std::move(changed);
  seen_ = {};  // read again at the next question
  return {};
}

}  // namespace schoolgate::tools
