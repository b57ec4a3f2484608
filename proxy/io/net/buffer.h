// Read buffers that exist only while something is in them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include "proxy/io/net/asio.h"

namespace schoolgate {

// Blocks of one worker thread. A connection takes one when it has something to read and gives it back when it
// is idle, so a thousand idle connections share a handful.
class BufferPool {
 public:
  static constexpr std::size_t small = 8 * 1024;   // a request head
  static constexpr std::size_t large = 32 * 1024;  // a piece of a response
  BufferPool() {
    small_.reserve(keep);  // so that give() cannot throw
    large_.reserve(keep);
  }
  ~BufferPool();
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  // Throws bad_alloc while there is room (memory_room.h) for small things only.
  [[nodiscard]] char* take(std::size_t size);
  void give(char* block, std::size_t size) noexcept;

 private:
  static constexpr std::size_t keep = 64;  // of each size; the rest goes back to the allocator
  static constexpr unsigned blocks_per_look = 64;
  [[nodiscard]] std::vector<char*>* shelf(std::size_t size) noexcept;
  std::vector<char*> small_, large_;
  unsigned made_since_look_ = 0;
  bool short_of_room_ = false;
};

// A queue of bytes in one contiguous block: read at the end, consume at the front.
class Buffer {
 public:
  explicit Buffer(BufferPool& pool) noexcept : pool_(&pool) {}
  ~Buffer() { drop(); }
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;

  [[nodiscard]] std::string_view view() const noexcept { return {block_ + begin_, end_ - begin_}; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  // Room for at least `least` more bytes, and as much as the block of at least `block_size` has. Views
  // taken before are void.
  [[nodiscard]] asio::mutable_buffer prepare(std::size_t least, std::size_t block_size);
  void commit(std::size_t bytes) noexcept { end_ += bytes; }
  void consume(std::size_t bytes) noexcept;
  void append(std::string_view bytes);
  // Gives the block back; what was in it is lost.
  void drop() noexcept;
  // Gives the block back if nothing is in it.
  void drop_if_empty() noexcept;

 private:
  BufferPool* pool_;
  char* block_ = nullptr;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

// One block per worker thread that every tunnel of it reads into. Only ever used between a recv() and a
// send() that follow at once; it must never be handed to an asynchronous read, whose bytes another session
// would overwrite before its handler runs.
class TunnelScratch {
 public:
  static constexpr std::size_t size = 512 * 1024;
  [[nodiscard]] char* data() {
    if (!block_) block_ = std::make_unique<char[]>(size);
    return block_.get();
  }

 private:
  std::unique_ptr<char[]> block_;
};

}  // namespace schoolgate
