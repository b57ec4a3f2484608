#include "config/text/diag_codes.h"

#include <catch2/catch.hpp>
#include <string>

namespace schoolgate {
namespace {

TEST_CASE("every code is explained, in both languages", "[config][diagnostics]") {
  for (const diag::Explanation& one : diag::all()) {
    INFO("SG" << one.code);
    CHECK(diag::find(one.code) == &one);
    CHECK(diag::find("SG" + std::to_string(one.code)) == &one);
    CHECK_FALSE(one.title.empty());
    CHECK_FALSE(one.en.empty());
    CHECK_FALSE(one.vi.empty());
  }
}

TEST_CASE("a code is found as people write it", "[config][diagnostics]") {
  for (const char* const text : {"SG1204", "sg1204", "Sg1204", "1204"}) {
    const diag::Explanation* const found = diag::find(text);
    REQUIRE(found != nullptr);
    CHECK(found->code == diag::unknown_category);
  }
  for (const char* const text :
       {"", "SG", "nonsense", "SG9999", "1204 ", " 1204", "SG 1204", "-1204", "12040000000000"}) {
    INFO(text);
    CHECK(diag::find(text) == nullptr);
  }
}

}  // namespace
}  // namespace schoolgate
