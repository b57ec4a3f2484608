#include "tools/daemon/handover.h"

#include <sys/socket.h>
#include <unistd.h>

#include "tools/daemon/control.h"

namespace schoolgate::tools {
namespace {

bool is_unix_socket(int fd) noexcept {
  int domain = 0;
  socklen_t size = sizeof domain;
  return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX;
}

}  // namespace

Result<TakenSockets> take_sockets(const std::string& control_path) {
  const Result<Reply> reply = ask_proxy(control_path, "take-over");
  if (!reply) return reply.error();
  TakenSockets taken;
  for (const int fd : reply->fds) {
    if (taken.control < 0 && is_unix_socket(fd))
      taken.control = fd;
    else
      taken.listeners.push_back(fd);
  }
  if (reply->exit_code == 0 && taken.control >= 0 && !taken.listeners.empty()) return taken;
  for (const int fd : reply->fds) ::close(fd);
  if (reply->exit_code != 0) return Error{say("the running schoolgate refuses: {}", reply->text)};
  return Error{say("the running schoolgate handed over no sockets")};
}

Result<void> tell_taken_over(const std::string& control_path) {
  const Result<Reply> reply = ask_proxy(control_path, "taken-over " + std::to_string(::getpid()));
  if (!reply) return reply.error();
  if (reply->exit_code != 0) return Error{say("the running schoolgate refuses: {}", reply->text)};
  return {};
}

}  // namespace schoolgate::tools
