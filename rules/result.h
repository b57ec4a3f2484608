// The one way to say that something failed (g++ 12 has no std::expected):
//   Result<T>         what an operation makes, or the error that kept it from being made
//   Result<void>      of an operation that makes nothing, or fills what it was given
//   std::optional<T>  there may be none: a look-up, an absent key, a text that is not of this form; never an
//                     error, so never "nothing went wrong"
//   bool              the answer to a question
// Faults in people's files are diagnostics (diagnostic.h), those of sockets error codes.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "rules/message.h"

namespace schoolgate {

// One sentence for a person, without a place.
struct Error {
  Error() = default;
  explicit Error(Message why) : message(std::move(why)) {}
  // The words of another program, and of rooms that say theirs in English alone so far.
  explicit Error(std::string words) : message(std::move(words)) {}
  explicit Error(const char* words) : message(words) {}
  Message message;
};

template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  explicit operator bool() const noexcept { return state_.index() == 0; }  // there is a value
  [[nodiscard]] bool failed() const noexcept { return state_.index() != 0; }
  T& operator*() & { return std::get<0>(state_); }
  const T& operator*() const& { return std::get<0>(state_); }
  T&& operator*() && { return std::get<0>(std::move(state_)); }
  T* operator->() { return &std::get<0>(state_); }
  const T* operator->() const { return &std::get<0>(state_); }
  const E& error() const { return std::get<1>(state_); }
  E& error() { return std::get<1>(state_); }

 private:
  std::variant<T, E> state_;
};

// Default-made it is a success: `return {};`. It is no bool: of an operation that makes nothing, `if (done)`
// could mean either.
template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  Result(E error) : error_(std::move(error)) {}  // NOLINT: implicit by design

  [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
  [[nodiscard]] bool failed() const noexcept { return error_.has_value(); }
  const E& error() const { return error_.value(); }
  E& error() { return error_.value(); }

 private:
  std::optional<E> error_;
};

}  // namespace schoolgate
