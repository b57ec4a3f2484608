// The control socket: how `schoolgate reload` and `status` speak with the running proxy. A Unix stream
// socket, 0660, whose group may use it. One question a connection: a line, then the reply until the end of
// file.
//
//   > reload\n
//   < 3\n                      exit code for the asking command
//   < tiers.d/thcs.yaml:3:1: error SG1001: ...
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "rules/result.h"

namespace schoolgate::tools {

struct Reply {
  int exit_code = 0;
  std::string text;
  std::vector<int> fds = {};  // copies of descriptors for the asker, closed once they are sent (SCM_RIGHTS)
};

// The proxy's side. Threads: used by one.
class ControlSocket {
 public:
  // Replaces a socket that nobody listens on; an error when another proxy does, or the path cannot be used.
  [[nodiscard]] static Result<ControlSocket> open(const std::string& path);
  // The socket of a running proxy, handed over by it. The path is that one's until take_path().
  [[nodiscard]] static ControlSocket adopt(int fd) noexcept { return ControlSocket(fd, {}); }
  void take_path(std::string path) { path_ = std::move(path); }
  void leave_path() noexcept { path_.clear(); }
  ~ControlSocket();  // removes its path
  ControlSocket(ControlSocket&& other) noexcept;
  ControlSocket& operator=(ControlSocket&&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_; }  // readable: somebody asks
  // Serves one connection; a caller has two seconds to ask and two to take the reply, however he drips.
  // False: out of descriptors or memory, and whoever asks is still waiting.
  // `most`: bytes of a question with its newline.
  bool serve(const std::function<Reply(const std::string& question, uid_t asker)>& reply,
             std::size_t most = 1024);

 private:
  ControlSocket(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  int fd_;
  std::string path_;
};

// The asking side. Error: no proxy answers there. Reply::fds is the caller's; close-on-exec.
[[nodiscard]] Result<Reply> ask_proxy(const std::string& path, const std::string& question);

}  // namespace schoolgate::tools
