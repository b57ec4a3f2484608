#include "rules/lookalike/name_pieces.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

using namespace schoolgate;

TEST_CASE("lookalike: what of a host is judged", "[rules][lookalike]") {
  const std::string long_label(63, 'a');
  struct Row {
    std::string host, name, siblings;
  };
  const Row rows[] = {
      {"bet88.vip", "bet88.vip", "bet"},
      {"www.m.bet88.vip", "bet88.vip", "bet"},
      {"a.bet-88.com.vn", "bet-88.com.vn", "bet"},
      {"bet88.co.uk", "bet88.co.uk", "bet"},
      {"com.vn", "com.vn", "com"},  // nobody's name, and nobody's site
      {"vnexpress.net", "vnexpress.net", "vnexpress"},
      {"static.thethao.tuoitre.vn", "tuoitre.vn", "tuoitre"},
      {"foo.blogspot.com", "blogspot.com", "blogspot"},  // a hoster is judged by its own name
      {"24h.com.vn", "24h.com.vn", "h24"},               // few letters: digits tell siblings apart
      {"9998163.com", "9998163.com", "999"},
      {"localhost", "", ""},
      {"xn--bcher-kva.de", "", ""},
      {long_label + ".com", "", ""},
      {".com", "", ""},
      {"", "", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.host) {
      CHECK(judged_name(row.host) == row.name);
      CHECK(siblings_key(judged_name(row.host)) == row.siblings);
    }
  }
}

TEST_CASE("lookalike: the pieces of a name", "[rules][lookalike]") {
  // Each piece has a bucket of its own by its text, whatever name it comes from.
  std::map<std::string, std::uint32_t> buckets;
  for (const std::string& name : {std::string("a1.vn"), std::string("bet88.vip"), std::string("8bet8.vip"),
                                  std::string(max_judged_name, '7'), std::string("x_y-z.com")}) {
    const NamePieces pieces(name);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const std::string text = piece_text(name, i);
      const auto [found, fresh] = buckets.emplace(text, pieces.begin()[i]);
      INFO(name << " " << text);
      CHECK(text.size() >= NamePieces::shortest);
      CHECK(text.size() <= NamePieces::longest);
      CHECK(found->second == pieces.begin()[i]);
      CHECK(pieces.begin()[i] < NamePieces::buckets);
    }
    CHECK(piece_text(name, pieces.size()).empty());
  }
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < NamePieces("a1").size(); ++i) texts.push_back(piece_text("a1", i));
  CHECK(texts ==
        std::vector<std::string>{"^a", "a1", "^a1", "a#", "^a#", "1^", "a1^", "^a1^", "#^", "a#^", "^a#^"});
}
