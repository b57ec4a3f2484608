#include "rules/words/phrase_finder.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>

using namespace schoolgate;

namespace {

struct PartedPhrase {
  struct Position {
    std::vector<std::string> words;
  };
  struct Part {
    std::size_t gap = 0;
    std::vector<Position> positions;
  };
  std::vector<Part> parts;
  bool at_end = false;
  std::uint32_t item = 0;
};

Result<PhraseFinder> finder_of(const std::vector<PartedPhrase>& phrases) {
  PhraseSet set;
  for (const PartedPhrase& phrase : phrases) {
    std::vector<PhraseSet::Step> steps;
    for (const PartedPhrase::Part& part : phrase.parts) {
      PhraseSet::Numbers positions;
      for (const PartedPhrase::Position& position : part.positions) {
        PhraseSet::Numbers words;
        for (const std::string& word : position.words) words.push_back(set.word(word));
        positions.push_back(set.position(words));
      }
      steps.push_back({static_cast<std::uint32_t>(part.gap), set.part(positions)});
    }
    set.add(phrase.item, phrase.at_end, steps);
  }
  return PhraseFinder::build(set);
}

}  // namespace

// All phrases at once against one after the other, on few words so that phrases overlap.
TEST_CASE("the finder finds what asking each phrase finds", "[rules][terms]") {
  std::mt19937 random(5);
  const auto below = [&](std::size_t n) { return random() % n; };
  for (int round = 0; round < 600; ++round) {
    // Some begin or end as the one before, and some are of one rule: what is alike is held once.
    std::vector<PartedPhrase> phrases(1 + below(12));
    for (std::uint32_t i = 0; i < phrases.size(); ++i) {
      phrases[i].item = below(4) == 0 && i > 0 ? i - 1 : i;
      phrases[i].at_end = below(4) == 0;
      for (std::size_t parts = 1 + below(3); parts > 0; --parts) {
        PartedPhrase::Part& part = phrases[i].parts.emplace_back();
        part.gap = below(4);
        for (std::size_t n = 1 + below(3); n > 0; --n) {
          PartedPhrase::Position& position = part.positions.emplace_back();
          for (std::size_t m = 1 + below(2); m > 0; --m)
            position.words.push_back(std::string(2, static_cast<char>('a' + below(3))));
        }
      }
      if (i == 0 || below(2) == 0) continue;
      (below(2) == 0 ? phrases[i].parts.front() : phrases[i].parts.back()) =
          below(2) == 0 ? phrases[i - 1].parts.front() : phrases[i - 1].parts.back();
    }
    const auto finder = finder_of(phrases);
    REQUIRE(finder);
    std::vector<std::string> words(below(below(8) == 0 ? 40 : 11));
    std::string text;
    for (std::string& word : words) {
      word = std::string(2, static_cast<char>('a' + below(4)));
      text += (text.empty() ? "" : " ") + word;
    }
    // Whether parts[p..] match from words[w] on.
    const auto holds = [&](auto&& self, const PartedPhrase& phrase, std::size_t p, std::size_t w) -> bool {
      if (p == phrase.parts.size()) return !phrase.at_end || w == words.size();
      const PartedPhrase::Part& part = phrase.parts[p];
      for (std::size_t gap = 0; gap <= (p == 0 ? 0 : part.gap); ++gap) {
        std::size_t at = w + gap, fits = 0;
        for (const PartedPhrase::Position& position : part.positions)
          if (at < words.size() && std::count(position.words.begin(), position.words.end(), words[at++]) > 0)
            ++fits;
        if (fits == part.positions.size() && self(self, phrase, p + 1, at)) return true;
      }
      return false;
    };
    std::vector<bool> want(phrases.size()), got(phrases.size());
    for (const PartedPhrase& phrase : phrases)
      for (std::size_t w = 0; w < words.size(); ++w)
        want[phrase.item] = want[phrase.item] || holds(holds, phrase, 0, w);
    PhraseFinder::Scratch scratch;
    finder->match(text, ReadWords::as_written, scratch, [&](std::uint32_t item) { got[item] = true; });
    INFO("round " << round << ": " << text);
    REQUIRE(got == want);
  }
}

TEST_CASE("a text that repeats itself does not multiply what is awaited", "[rules][terms]") {
  PartedPhrase phrase;
  for (int part = 0; part < 12; ++part) phrase.parts.push_back({10, {{{"aa"}}}});
  phrase.parts.push_back({10, {{{"bb"}}}});
  const auto finder = finder_of({phrase});
  REQUIRE(finder);
  std::string text = "aa";
  for (int word = 0; word < 500; ++word) text += " aa";
  PhraseFinder::Scratch scratch;
  bool found = false;
  finder->match(text, ReadWords::as_written, scratch, [&](std::uint32_t) { found = true; });
  CHECK_FALSE(found);
  CHECK(scratch.awaited.size() <= phrase.parts.size() * 12);
  finder->match(text + " bb", ReadWords::as_written, scratch, [&](std::uint32_t) { found = true; });
  CHECK(found);
}

TEST_CASE("what is awaited of letters as they stand is not found by letters put together", "[rules][terms]") {
  const PartedPhrase phrase{{{0, {{{"s"}}}}, {1, {{{"bb"}}}}}, false, 0};
  const PartedPhrase word{{{0, {{{"sex"}}}}}, false, 1};
  const auto finder = finder_of({phrase, word});
  REQUIRE(finder);
  PhraseFinder::Scratch scratch;
  std::vector<std::uint32_t> found;
  finder->match("s e x bb", ReadWords::typed_folded, scratch,
                [&](std::uint32_t item) { found.push_back(item); });
  CHECK(found == std::vector<std::uint32_t>{1});
}
