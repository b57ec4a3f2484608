#include "proxy/io/net/pipe_pool.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <new>

namespace schoolgate {

Pipe::Moved Pipe::fill(int socket) noexcept {
  for (;;) {
    const ssize_t got =
        ::splice(socket, nullptr, in_.get(), nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (got > 0) {
      held_ += static_cast<std::size_t>(got);
      return Moved::some;
    }
    if (got == 0) return Moved::end;
    switch (errno) {
      case EINTR:
        continue;
      case EAGAIN:
        return Moved::again;
      case EINVAL:
      case ENOMEM:
      case ENOSYS:
      case EPERM:  // a sandbox
        return Moved::unable;
      default:  // the connection's own: asked again it would look like an end
        return Moved::failed;
    }
  }
}

Pipe::Moved Pipe::drain(int socket, std::size_t& given) noexcept {
  given = 0;
  while (held_ > 0) {
    const ssize_t gave =
        ::splice(out_.get(), nullptr, socket, nullptr, held_, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
    if (gave > 0) {
      held_ -= static_cast<std::size_t>(gave);
      given += static_cast<std::size_t>(gave);
    } else if (gave < 0 && errno == EAGAIN) {
      return Moved::again;
    } else if (gave == 0 || errno != EINTR) {
      return Moved::failed;
    }
  }
  return Moved::some;
}

PipePool::Lent PipePool::lend() noexcept {
  if (lent_ == most_lent) return {};
  Lent lent(nullptr, GiveBack{this});
  if (!kept_.empty()) {
    lent.reset(kept_.back().release());
    kept_.pop_back();
  } else {
    int ends[2];
    if (::pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return {};
    Pipe* const made = new (std::nothrow) Pipe(ends[0], ends[1]);
    if (made == nullptr) {
      ::close(ends[0]);
      ::close(ends[1]);
      return {};
    }
    static_cast<void>(::fcntl(ends[1], F_SETPIPE_SZ, static_cast<int>(Pipe::size)));
    lent.reset(made);
  }
  ++lent_;
  return lent;
}

void PipePool::give_back(Pipe* pipe) noexcept {
  std::unique_ptr<Pipe> back(pipe);
  --lent_;
  if (!back->empty() || kept_.size() == most_kept) return;  // nobody else may get what is in it
  try {
    kept_.push_back(std::move(back));
  } catch (const std::bad_alloc&) {
    return;
  }
}

}  // namespace schoolgate
