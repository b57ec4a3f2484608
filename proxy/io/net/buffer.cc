#include "proxy/io/net/buffer.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "proxy/io/net/memory_room.h"

namespace schoolgate {

BufferPool::~BufferPool() {
  for (char* block : small_) delete[] block;
  for (char* block : large_) delete[] block;
}

std::vector<char*>* BufferPool::shelf(std::size_t size) noexcept {
  if (size == small) return &small_;
  if (size == large) return &large_;
  return nullptr;
}

char* BufferPool::take(std::size_t size) {
  std::vector<char*>* blocks = shelf(size);
  if (blocks == nullptr || blocks->empty()) {
    if (short_of_room_ || ++made_since_look_ >= blocks_per_look) {
      made_since_look_ = 0;
      short_of_room_ = !has_room(room_for_blocks);
    }
    if (short_of_room_) throw std::bad_alloc();
    return new char[size];
  }
  char* block = blocks->back();
  blocks->pop_back();
  return block;
}

void BufferPool::give(char* block, std::size_t size) noexcept {
  std::vector<char*>* blocks = shelf(size);
  if (blocks == nullptr || blocks->size() >= keep) {
    delete[] block;
    return;
  }
  blocks->push_back(block);
}

Buffer::Buffer(Buffer&& other) noexcept
    : pool_(other.pool_),
      block_(std::exchange(other.block_, nullptr)),
      capacity_(std::exchange(other.capacity_, 0)),
      begin_(std::exchange(other.begin_, 0)),
      end_(std::exchange(other.end_, 0)) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this == &other) return *this;
  drop();
  pool_ = other.pool_;
  block_ = std::exchange(other.block_, nullptr);
  capacity_ = std::exchange(other.capacity_, 0);
  begin_ = std::exchange(other.begin_, 0);
  end_ = std::exchange(other.end_, 0);
  return *this;
}

asio::mutable_buffer Buffer::prepare(std::size_t least, std::size_t block_size) {
  if (capacity_ - end_ < least || capacity_ < block_size) {
    const std::size_t held = size();
    if (capacity_ >= block_size && capacity_ - held >= least) {
      std::memmove(block_, block_ + begin_, held);
    } else {
      std::size_t wanted = block_size;
      while (wanted < held + least) wanted *= 2;
      char* block = pool_->take(wanted);
      if (held > 0) std::memcpy(block, block_ + begin_, held);
      if (block_ != nullptr) pool_->give(block_, capacity_);
      block_ = block;
      capacity_ = wanted;
    }
    begin_ = 0;
    end_ = held;
  }
  return {block_ + end_, capacity_ - end_};
}

void Buffer::consume(std::size_t bytes) noexcept {
  begin_ += bytes;
  if (begin_ >= end_) begin_ = end_ = 0;
}

void Buffer::append(std::string_view bytes) {
  if (bytes.empty()) return;
  const asio::mutable_buffer space = prepare(bytes.size(), std::max(capacity_, BufferPool::small));
  std::memcpy(space.data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

void Buffer::drop() noexcept {
  if (block_ != nullptr) pool_->give(block_, capacity_);
  block_ = nullptr;
  capacity_ = begin_ = end_ = 0;
}

void Buffer::drop_if_empty() noexcept {
  if (empty()) drop();
}

}  // namespace schoolgate
