#include "proxy/io/listeners.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "config/text/system_words.h"
#include "proxy/io/net/net.h"

namespace schoolgate {
namespace {

void close_all(const std::vector<ListeningSocket>& sockets) noexcept {
  for (const ListeningSocket& socket : sockets)
    for (const int fd : socket.fds) ::close(fd);
}

Result<ListeningSocket> describe(int fd) {
  tcp::endpoint here;
  auto size = static_cast<socklen_t>(here.capacity());
  int listening = 0;
  socklen_t length = sizeof listening;
  if (::getsockname(fd, here.data(), &size) != 0 ||
      ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 || listening == 0 ||
      (here.protocol().family() != AF_INET && here.protocol().family() != AF_INET6))
    return Error{say("descriptor {} is not a listening TCP socket", fd)};
  here.resize(size);
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  set_nodelay(fd);
  limit_unsent(fd);
  return ListeningSocket{to_ip(here.address()), here.port(), {fd}};
}

// Of `sockets`, the one on that address and port; its place is then empty.
std::vector<int> take(std::vector<ListeningSocket>& sockets, const Listener& listener) {
  for (ListeningSocket& socket : sockets)
    if (socket.address == listener.address && socket.port == listener.port)
      return std::exchange(socket.fds, {});
  return {};
}

bool is_any(const IpAddress& address) noexcept {
  return address == IpAddress{} || address == IpAddress::v4(0);
}

// A socket on the one takes what is meant for the other; "::" takes IPv4 too.
bool overlap(const ListeningSocket& a, const Listener& b) noexcept {
  if (a.port != b.port) return false;
  if (a.address == b.address || a.address == IpAddress{} || b.address == IpAddress{}) return true;
  return a.address.is_v4() && b.address.is_v4() && (is_any(a.address) || is_any(b.address));
}

Message cannot_listen(const Listener& listener, int error) {
  const std::string address = listener.address.to_string();
  if (error != EADDRINUSE)
    return say("cannot listen on {} port {}: {}", address, listener.port, system_words(error));
  return say(
      "cannot listen on {} port {}: another process serves it already; end that one, replace it (schoolgate "
      "run "
      "--take-over), or name another address under listen:",
      address, listener.port);
}

// The firewall's TPROXY finds only sockets that may take any address.
Result<void> take_unchanged(const Listener& listener, const std::vector<int>& fds) {
  if (!listener.tproxy) return {};
  for (const int fd : fds)
    if (const int error = take_any_address(fd); error != 0)
      return Error{
          say("cannot listen on {} port {} with tproxy: {}: the service needs CAP_NET_RAW, which `schoolgate "
              "setup` gives it; without tproxy: true the firewall redirects, and that needs no right",
              listener.address.to_string(), listener.port, system_words(error))};
  return {};
}

// The sockets of one address. `own`: those of this process, which may overlap with it.
Result<ListeningSocket> open_one(const Listener& listener, unsigned workers, Beside beside,
                                 const std::vector<ListeningSocket>& own) {
  ListeningSocket socket{listener.address, listener.port, {}, listener.entrance, listener.tproxy};
  const bool overlaps = std::any_of(own.begin(), own.end(), [&](const ListeningSocket& other) {
    return !other.fds.empty() && overlap(other, listener);
  });
  for (unsigned i = 0; i < std::max(workers, 1u); ++i) {
    const bool sole = i == 0 && beside == Beside::nobody && !overlaps;
    const int fd = open_listener(socket.address, socket.port, sole);
    if (fd < 0) {
      close_all({socket});
      return Error{cannot_listen(listener, -fd)};
    }
    socket.fds.push_back(fd);
    if (socket.port != 0) continue;
    tcp::endpoint here;
    auto size = static_cast<socklen_t>(here.capacity());
    ::getsockname(fd, here.data(), &size);
    socket.port = here.port();
  }
  if (auto taken = take_unchanged(listener, socket.fds); taken.failed()) {
    close_all({socket});
    return taken.error();
  }
  return socket;
}

}  // namespace

Result<std::vector<ListeningSocket>> open_listeners(const std::vector<Listener>& listeners, unsigned workers,
                                                    Beside beside) {
  std::vector<ListeningSocket> sockets(listeners.size());
  // An address that takes all others first: it is refused when anybody serves one of them.
  for (const bool any : {true, false})
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      if (is_any(listeners[i].address) != any) continue;
      auto opened = open_one(listeners[i], workers, beside, sockets);
      if (!opened) {
        close_all(sockets);
        return opened.error();
      }
      sockets[i] = std::move(*opened);
    }
  return sockets;
}

Result<AdoptedListeners> adopt_listeners(const std::vector<int>& fds, const std::vector<Listener>& listeners,
                                         unsigned workers, Beside beside) {
  std::vector<ListeningSocket> handed;
  for (std::size_t i = 0; i < fds.size(); ++i) {
    Result<ListeningSocket> socket = describe(fds[i]);
    if (!socket) {
      close_all(handed);
      for (std::size_t rest = i; rest < fds.size(); ++rest) ::close(fds[rest]);
      return socket.error();
    }
    const auto same = std::find_if(handed.begin(), handed.end(), [&](const ListeningSocket& other) {
      return other.address == socket->address && other.port == socket->port;
    });
    if (same == handed.end())
      handed.push_back(std::move(*socket));
    else
      same->fds.push_back(fds[i]);
  }
  AdoptedListeners adopted;
  for (const Listener& listener : listeners) {
    std::vector<int> found = take(handed, listener);
    Result<void> done = take_unchanged(listener, found);
    if (found.empty()) {
      std::vector<ListeningSocket> own = handed;
      own.insert(own.end(), adopted.sockets.begin(), adopted.sockets.end());
      auto opened = open_one(listener, workers, beside, own);
      if (opened)
        found = std::move(opened->fds);
      else
        done = opened.error();
    }
    adopted.sockets.push_back(
        {listener.address, listener.port, std::move(found), listener.entrance, listener.tproxy});
    if (done.failed()) {
      close_all(adopted.sockets);
      close_all(handed);
      return done.error();
    }
  }
  for (ListeningSocket& socket : handed)
    if (!socket.fds.empty()) adopted.left_over.push_back(std::move(socket));
  close_all(adopted.left_over);
  for (ListeningSocket& socket : adopted.left_over) socket.fds.clear();
  return adopted;
}

}  // namespace schoolgate
