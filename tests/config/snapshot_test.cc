#include "config/snapshot.h"

#include <catch2/catch.hpp>

namespace schoolgate {
namespace {

TEST_CASE("the place of a rule, as people look for it", "[config][snapshot]") {
  Snapshot snapshot;
  snapshot.sources = {"schoolgate.yaml", "tiers.d/thcs.yaml"};
  CHECK(snapshot.place({1, 12}) == "tiers.d/thcs.yaml:12");
  CHECK(snapshot.place({1, 0}) == "tiers.d/thcs.yaml");
  CHECK(snapshot.place({}).empty());
  CHECK(snapshot.place({2, 12}).empty());  // of another snapshot
}

}  // namespace
}  // namespace schoolgate
