// Waits until something in some folders changes.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace schoolgate::tools {

// inotify(7) on folders, not what lies below them. Files whose names begin with "." or end in "~", as editors
// make them beside what they write, do not count. Threads: one.
class FolderWatch {
 public:
  FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;
  ~FolderWatch();

  // One that is not there, or may not be read, is passed over; a folder that is watched stays so.
  void add(const std::string& folder);
  // Until something changed and nothing more did for `quiet`: the paths, sorted, each once. Empty: it cannot
  // be waited for.
  [[nodiscard]] std::vector<std::string> wait(std::chrono::milliseconds quiet);

 private:
  bool read_events(std::vector<std::string>& changed);
  int fd_;
  std::map<int, std::string> folders_;  // by watch
};

}  // namespace schoolgate::tools
