// Pipes through which the kernel moves bytes from one socket to another, unseen by us: splice(2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "config/text/descriptor.h"

namespace schoolgate {

class Pipe {
 public:
  Pipe(int out, int in) noexcept : out_(out), in_(in) {}

  enum class Moved : std::uint8_t { some, again, end, failed, unable };
  // Takes what is there of a socket in non-blocking mode; only while empty(), since `again` is the socket's
  // then. `unable`: the kernel does not do it with this socket; nothing was taken.
  [[nodiscard]] Moved fill(int socket) noexcept;
  // Gives to a socket what it takes. `given`: of this call.
  [[nodiscard]] Moved drain(int socket, std::size_t& given) noexcept;
  [[nodiscard]] bool empty() const noexcept { return held_ == 0; }
  [[nodiscard]] std::size_t held() const noexcept { return held_; }  // bytes that nobody has got yet

  static constexpr std::size_t size = 256 * 1024;  // asked for; the kernel may give less

 private:
  Descriptor out_, in_;
  std::size_t held_ = 0;
};

// One per worker. Kept for the next tunnel: making one costs more than a piece of bulk.
class PipePool {
 public:
  // `settles_at`: how large a tunnel's reads have become when it is worth a pipe.
  explicit PipePool(std::size_t settles_at) noexcept : settles_at_(settles_at) {}
  PipePool(const PipePool&) = delete;
  PipePool& operator=(const PipePool&) = delete;

  struct GiveBack {
    PipePool* pool = nullptr;
    void operator()(Pipe* pipe) const noexcept { pool->give_back(pipe); }
  };
  using Lent = std::unique_ptr<Pipe, GiveBack>;
  // Null: all are lent, or there are no descriptors. Empty ones only, and never longer than bytes come: two
  // descriptors each, and kernel memory while bytes are in it.
  [[nodiscard]] Lent lend() noexcept;
  [[nodiscard]] std::size_t settles_at() const noexcept { return settles_at_; }

  static constexpr std::size_t most_lent = 64;
  static constexpr std::size_t most_kept = 16;

 private:
  void give_back(Pipe* pipe) noexcept;

  std::size_t settles_at_;
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<Pipe>> kept_;
};

}  // namespace schoolgate
