// Names for tests of look-alikes, put together by chance from a few words: the same every time.
#pragma once

#include <cstddef>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace schoolgate::testing {

class MadeNames {
 public:
  explicit MadeNames(unsigned seed) : random_(seed) {}

  // "kubet79.vip"
  [[nodiscard]] std::vector<std::string> betting(std::size_t count) {
    return distinct(count, [this] {
      const std::string words = pick(trade_) + (at_most(2) == 0 ? "" : pick(trade_));
      return words + (at_most(5) == 0 ? "" : number()) + pick(loud_endings_);
    });
  }
  // "sachhanoi.com.vn"
  [[nodiscard]] std::vector<std::string> ordinary(std::size_t count) {
    return distinct(count, [this] {
      const std::string words = pick(plain_) + pick(plain_) + (at_most(1) == 0 ? "" : pick(plain_));
      return words + (at_most(9) == 0 ? pick(plain_numbers_) : "") + pick(endings_);
    });
  }

 private:
  using Words = std::vector<std::string>;
  std::size_t at_most(std::size_t n) { return random_() % (n + 1); }
  const std::string& pick(const Words& words) { return words[at_most(words.size() - 1)]; }
  std::string number() { return std::to_string(at_most(989) + 10); }
  template <class Make>
  std::vector<std::string> distinct(std::size_t count, Make make) {
    std::set<std::string> names;
    while (names.size() < count) names.insert(make());
    return {names.begin(), names.end()};
  }

  const Words trade_{"bet",    "kubet",   "nohu",     "casino",   "win",    "jackpot", "slot",
                     "xoso",   "lode",    "taixiu",   "baccarat", "poker",  "vip",     "club",
                     "sunwin", "gamebai", "roulette", "thabet",   "rikvip", "banca"};
  const Words loud_endings_{".vip", ".bet", ".club", ".top", ".win", ".xyz", ".com", ".live"};
  const Words plain_{"bao",  "hoc",    "truong", "sach", "nha",    "viet",  "hanoi", "saigon", "dien",
                     "may",  "xanh",   "mua",    "ban",  "tin",    "tuc",   "nam",   "phu",    "nu",
                     "giao", "thong",  "bank",   "shop", "school", "house", "food",  "travel", "media",
                     "book", "health", "news",   "the",  "thao",   "bong",  "da",    "thuoc",  "benh",
                     "vien", "nong",   "san",    "kinh", "te",     "phim",  "nhac",  "cong",   "ty",
                     "du",   "lich",   "an",     "binh", "minh"};
  const Words plain_numbers_{"24h", "365", "247", "123", "24", "1", "2", "99"};
  const Words endings_{".vn", ".com.vn", ".com", ".net", ".org.vn", ".org", ".net.vn"};
  std::mt19937 random_;
};

}  // namespace schoolgate::testing
