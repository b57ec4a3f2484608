#include "rules/patterns/match/filter.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <vector>

using namespace schoolgate::pattern;

namespace {

std::uint32_t gram_at(const std::vector<Symbol>& text, std::size_t at) {
  std::uint32_t gram;
  std::memcpy(&gram, text.data() + at, sizeof gram);
  return gram;
}

}  // namespace

TEST_CASE("gram filter: what was put in passes, and both searches find the same places",
          "[rules][patterns]") {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    std::vector<std::uint32_t> words(std::size_t{1} << random() % (GramFilter::max_log2 + 1));
    const std::size_t size = random() % 150;
    std::vector<Symbol> text(size + 16);
    for (Symbol& s : text) s = static_cast<Symbol>('a' + random() % 26);
    std::vector<std::size_t> put;
    for (std::size_t i = random() % 20; i < size; i += 1 + random() % 20) {
      const std::uint32_t hash = GramFilter::hash(gram_at(text, i));
      words[hash >> GramFilter::to_word & (words.size() - 1)] |= GramFilter::bits(hash);
      put.push_back(i);
    }
    const GramFilter filter{words.data(), static_cast<std::uint32_t>(words.size() - 1)};
    std::vector<std::uint32_t> plain(size + 8), fast(size + 8);
    plain.resize(find_grams_portable(filter, text.data(), size, plain.data()));
    fast.resize(fastest_find_grams()(filter, text.data(), size, fast.data()));
    REQUIRE(plain == fast);
    for (const std::size_t place : put)
      REQUIRE(std::find(fast.begin(), fast.end(), static_cast<std::uint32_t>(place)) != fast.end());
    // Few others: with one gram in 2,048 words it would be luck to find ten.
    if (words.size() >= 2048 && put.size() <= 1) REQUIRE(fast.size() < put.size() + 10);
  }
}
