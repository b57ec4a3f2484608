#include "rules/result.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include <catch2/catch.hpp>

namespace schoolgate {
namespace {

enum class Fault { small, large };  // the first is 0: an error all the same

// What makes nothing is no bool and no optional: code written for either does not compile.
static_assert(!std::is_constructible_v<bool, Result<void>>);
static_assert(!std::is_constructible_v<bool, Result<void, Fault>>);
static_assert(!std::is_constructible_v<Result<void>, bool>);
static_assert(!std::is_constructible_v<Result<void, Fault>, bool>);
static_assert(!std::is_constructible_v<Result<void>, std::nullopt_t>);
static_assert(!std::is_constructible_v<Result<void, Fault>, std::nullopt_t>);
static_assert(std::is_constructible_v<bool, Result<int>>);
static_assert(!std::is_convertible_v<Result<int>, bool>);
static_assert(std::is_trivially_copyable_v<Result<void, Fault>>);  // as cheap to return as an optional

Result<void, Fault> hold(int grams) {
  if (grams > 10) return Fault::large;
  if (grams < 1) return Fault::small;
  return {};
}

Result<void, std::string_view> say(bool good) {
  if (!good) return std::string_view();
  return {};
}

Result<std::unique_ptr<int>> make(int value) {
  if (value < 0) return Error{"too little"};
  return std::make_unique<int>(value);
}

}  // namespace

TEST_CASE("result: an operation that makes nothing is good or has an error", "[rules][result]") {
  CHECK(Result<void>().ok());
  CHECK_FALSE(Result<void>().failed());
  CHECK(hold(5).ok());
  CHECK_FALSE(hold(5).failed());
  CHECK(hold(11).failed());
  CHECK_FALSE(hold(11).ok());
  CHECK(hold(11).error() == Fault::large);
  CHECK(hold(0).failed());
  CHECK(hold(0).error() == Fault::small);
  CHECK(say(true).ok());
  CHECK(say(false).failed());  // an empty word is an error all the same

  Result<void> several;
  CHECK(several.ok());
  several = Error{"the disk is full"};
  REQUIRE(several.failed());
  CHECK(several.error().message == "the disk is full");
  several = Result<void>();
  CHECK(several.ok());
}

TEST_CASE("result: a value or an error", "[rules][result]") {
  auto made = make(7);
  REQUIRE(made);
  CHECK_FALSE(made.failed());
  CHECK(**made == 7);
  const std::unique_ptr<int> taken = *std::move(made);
  CHECK(*taken == 7);

  const auto failed = make(-1);
  CHECK(failed.failed());
  CHECK_FALSE(failed);
  CHECK(failed.error().message == "too little");
}

TEST_CASE("result: what is not there cannot be taken", "[rules][result]") {
  CHECK_THROWS_AS(hold(5).error(), std::bad_optional_access);
  CHECK_THROWS_AS(*make(-1), std::bad_variant_access);
  CHECK_THROWS_AS(make(1).error(), std::bad_variant_access);
}

}  // namespace schoolgate
