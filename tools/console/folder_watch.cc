#include "tools/console/folder_watch.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "config/text/text_file.h"

namespace schoolgate::tools {
namespace {

constexpr std::uint32_t changes = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |
                                  IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF;

bool is_an_editors(std::string_view name) noexcept {
  return name.starts_with('.') || name.ends_with('~');
}

}  // namespace

FolderWatch::FolderWatch() : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

FolderWatch::~FolderWatch() {
  if (fd_ >= 0) ::close(fd_);
}

void FolderWatch::add(const std::string& folder) {
  const std::string path = folder.empty() ? "." : folder;
  const int watch = ::inotify_add_watch(fd_, path.c_str(), changes | IN_ONLYDIR);
  if (watch >= 0) folders_[watch] = folder;
}

// Takes what is there. False: there is no more to be had, ever.
bool FolderWatch::read_events(std::vector<std::string>& changed) {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
  for (;;) {
    const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = buffer.data() + at + sizeof event;
      at += sizeof event + event.len;
      const auto folder = folders_.find(event.wd);
      if (folder == folders_.end()) continue;
      if ((event.mask & IN_IGNORED) != 0) {
        folders_.erase(folder);
        continue;
      }
      const std::string_view file = event.len == 0 ? std::string_view{} : std::string_view(name);
      if (!is_an_editors(file)) changed.push_back(join_path(folder->second, file));
    }
  }
}

std::vector<std::string> FolderWatch::wait(std::chrono::milliseconds quiet) {
  std::vector<std::string> changed;
  for (;;) {
    pollfd poll{fd_, POLLIN, 0};
    const int ready = ::poll(&poll, 1, changed.empty() ? -1 : static_cast<int>(quiet.count()));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) break;
    if (ready < 0 || (poll.revents & POLLIN) == 0 || !read_events(changed)) break;
  }
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  return changed;
}

}  // namespace schoolgate::tools
