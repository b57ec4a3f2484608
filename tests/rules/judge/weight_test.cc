#include "rules/judge/weight.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace schoolgate;

namespace {

using Kind = Specificity::Kind;
constexpr std::uint8_t some_bytes[] = {0, 1, 254, 255};
constexpr std::uint8_t some_strictness[] = {0, 2, 15};

std::vector<Specificity> specificities() {
  std::vector<Specificity> all;
  for (const Kind kind : {Kind::none, Kind::pattern, Kind::network, Kind::host, Kind::url, Kind::line}) {
    for (const unsigned labels : {0U, 1U, 2U, 127U, 255U, 256U, 65535U})
      all.push_back({kind, static_cast<std::uint16_t>(labels)});
  }
  return all;
}

// Pairs that are not in the order of their parts once they are packed.
template <class Weight>
int out_of_order(const std::vector<Weight>& all) {
  int wrong = 0;
  for (const Weight& a : all) {
    for (const Weight& b : all) wrong += (a <=> b) == (a.pack() <=> b.pack()) ? 0 : 1;
  }
  return wrong;
}

}  // namespace

TEST_CASE("a packed line: the order of its parts, and nothing is lost", "[rules][judge]") {
  std::vector<LineWeight> all;
  for (const Specificity& specificity : specificities()) {
    for (const std::uint32_t length : {0U, 1U, 256U, +LineWeight::longest}) {
      for (const std::uint8_t nearness : some_bytes) {
        for (const std::uint8_t strictness : some_strictness) {
          all.push_back({specificity, length, nearness, strictness});
        }
      }
    }
  }
  CHECK(out_of_order(all) == 0);
  int changed = 0;
  for (const LineWeight& weight : all) changed += LineWeight::unpack(weight.pack()) == weight ? 0 : 1;
  CHECK(changed == 0);
}

TEST_CASE("a packed line: a longer prefix than the longest reaches into no other part", "[rules][judge]") {
  const LineWeight longest{{Kind::url, 2}, LineWeight::longest, 255, 3};
  LineWeight longer = longest;
  longer.length = 0xffffffff;
  CHECK(longer.pack() == longest.pack());
}

TEST_CASE("a packed list rule: the order of its parts", "[rules][judge]") {
  std::vector<ListWeight> weights;
  std::vector<ListRank> ranks;
  for (const Specificity& specificity : specificities()) {
    CHECK(Specificity::unpack(specificity.pack()) == specificity);
    for (const std::uint8_t strictness : some_strictness) weights.push_back({strictness, specificity});
    for (const std::uint32_t length : {0U, 1U, 0xffffffffU}) ranks.push_back({specificity, length});
  }
  CHECK(out_of_order(weights) == 0);
  CHECK(out_of_order(ranks) == 0);
}

TEST_CASE("an alert is named first, whatever else helps", "[rules][judge]") {
  const LineWeight greatest_line{{Kind::line, 65535}, LineWeight::longest, 255, 15};
  const ListWeight greatest_list{15, {Kind::line, 65535}};
  CHECK(alert_first > greatest_line.pack());
  CHECK(alert_first > greatest_list.pack());
  CHECK((greatest_line.pack() & alert_first) == 0);
}
