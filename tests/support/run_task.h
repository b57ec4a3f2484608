// Runs one coroutine of the I/O room to its end on an io_context of its own.
#pragma once

#include <exception>
#include <optional>

#include "proxy/io/net/asio.h"

namespace schoolgate::test {

template <class T>
T run_task(asio::io_context& io, Task<T> task) {
  std::exception_ptr failure;
  std::optional<T> result;
  bool done = false;
  asio::co_spawn(io.get_executor(), std::move(task), [&](std::exception_ptr error, T value) {
    failure = error;
    result.emplace(std::move(value));
    done = true;
  });
  io.restart();
  while (!done && io.run_one() != 0) {
  }
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

}  // namespace schoolgate::test
