// Wishes as they are kept: merged, limited, answered, over a restart and a damaged file, and never with a
// client.
#include "proxy/audit/wish_book.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;

namespace {

constexpr std::int64_t noon_ms = 1'764'400'000'000, minute_ms = 60'000;

WishAsk wish_for(const std::string& host, std::uint32_t client, std::int64_t now_ms = noon_ms) {
  return {.client = IpAddress::v4(0x0a000000 + client),
          .shared = false,
          .host = host,
          .tier = "thcs",
          .category = "games",
          .list = "lists/games.txt",
          .reason = WishReason::lesson,
          .now_ms = now_ms};
}

struct KeptWishes {
  KeptWishes() { std::filesystem::create_directories(dir.path); }
  audit_test::TempDir dir;
  std::vector<std::string> events;
  std::int64_t cut_ms = 0;
  WishBook::Hooks hooks() {
    return {[this](const std::string& what, const std::string&) { events.push_back(what); },
            [this] { return cut_ms; }};
  }
};

}  // namespace

TEST_CASE("the same site in the same tier is one wish, whoever asks", "[audit][wishes]") {
  KeptWishes kept;
  WishBook book(kept.hooks());
  CHECK(book.ask(wish_for("a.vn", 1)).outcome == WishOutcome::closed);
  REQUIRE(book.open(kept.dir.path).ok());
  const WishReply first = book.ask(wish_for("a.vn", 1));
  CHECK(first.outcome == WishOutcome::taken);
  CHECK(typed_code(first.code) == first.code);
  CHECK(book.ask(wish_for("a.vn", 1)).outcome == WishOutcome::repeated);
  WishAsk other = wish_for("a.vn", 2, noon_ms + minute_ms);
  other.reason = WishReason::broken;
  const WishReply second = book.ask(other);
  CHECK(second.outcome == WishOutcome::merged);
  CHECK(second.code == first.code);
  WishAsk elsewhere = wish_for("a.vn", 2);
  elsewhere.tier = "thpt";
  CHECK(book.ask(elsewhere).outcome == WishOutcome::taken);
  const auto wish = book.find(first.code, noon_ms);
  REQUIRE(wish);
  CHECK(wish->devices == 2);
  CHECK(wish->reasons == std::array<std::uint32_t, 6>{1, 0, 0, 0, 1, 0});
  CHECK(wish->last_ms == noon_ms + minute_ms);
  CHECK(book.about("a.vn", "thcs", "games", noon_ms)->code == first.code);
  CHECK_FALSE(book.about("a.vn", "thcs", "", noon_ms));
  CHECK(book.list(false).size() == 2);
}

TEST_CASE("a client asks so often an hour", "[audit][wishes]") {
  KeptWishes kept;
  WishBook book(kept.hooks(),
                {.open = 500, .devices = 200, .clients = 2, .per_hour = 3, .per_hour_shared = 5});
  REQUIRE(book.open(kept.dir.path).ok());
  const auto asks = [&](std::uint32_t client, int times, std::int64_t now_ms, bool shared = false) {
    int taken = 0;
    for (int i = 0; i < times; ++i) {
      WishAsk ask = wish_for("s" + std::to_string(client) + "-" + std::to_string(i) + ".vn", client, now_ms);
      ask.shared = shared;
      if (book.ask(ask).outcome != WishOutcome::too_many) ++taken;
    }
    return taken;
  };
  CHECK(asks(1, 10, noon_ms) == 3);
  CHECK(asks(2, 10, noon_ms, true) == 5);
  CHECK(book.ask(wish_for("late.vn", 1, noon_ms + 59 * minute_ms)).outcome == WishOutcome::too_many);
  CHECK(book.ask(wish_for("late.vn", 1, noon_ms + 60 * minute_ms)).outcome == WishOutcome::taken);
  // A clock that was set back keeps nobody out for ever.
  CHECK(book.ask(wish_for("back.vn", 2, noon_ms - 90 * minute_ms)).outcome == WishOutcome::taken);
}

TEST_CASE("over the bound the least wished for lapses", "[audit][wishes]") {
  KeptWishes kept;
  WishBook book(kept.hooks(),
                {.open = 3, .devices = 2, .clients = 100, .per_hour = 50, .per_hour_shared = 50});
  REQUIRE(book.open(kept.dir.path).ok());
  const std::string popular = book.ask(wish_for("popular.vn", 1)).code;
  for (std::uint32_t client = 2; client < 6; ++client) (void)book.ask(wish_for("popular.vn", client));
  CHECK(book.find(popular, noon_ms)->devices == 2);  // as many as are told apart
  const std::string old = book.ask(wish_for("old.vn", 1)).code;
  const std::string young = book.ask(wish_for("young.vn", 1)).code;
  CHECK(book.ask(wish_for("new.vn", 1)).outcome == WishOutcome::taken);
  CHECK(book.find(old, noon_ms)->state == WishState::lapsed);
  CHECK(book.find(young, noon_ms)->state == WishState::open);
  CHECK(book.find(popular, noon_ms)->state == WishState::open);
  CHECK(book.list(false).size() == 3);
}

TEST_CASE("no more are kept than the bound", "[audit][wishes]") {
  KeptWishes kept;
  const WishLimits limits{
      .open = 2, .devices = 2, .clients = 9, .per_hour = 90, .per_hour_shared = 90, .kept = 4};
  {
    WishBook book(kept.hooks(), limits);
    REQUIRE(book.open(kept.dir.path).ok());
    for (int i = 0; i < 20; ++i) (void)book.ask(wish_for("s" + std::to_string(i) + ".vn", 1));
    CHECK(book.list(true).size() == 4);
    CHECK(book.list(false).size() == 2);
    CHECK(book.list(true).front().host == "s19.vn");
  }
  CHECK(read_wishes(kept.dir.path, 0, noon_ms + 1)->size() == 4);
}

TEST_CASE("an answer is shown for a day, and kept over a restart", "[audit][wishes]") {
  KeptWishes kept;
  std::string denied, granted;
  {
    WishBook book(kept.hooks());
    REQUIRE(book.open(kept.dir.path).ok());
    denied = book.ask(wish_for("a.vn", 1)).code;
    granted = book.ask(wish_for("b.vn", 1)).code;
    Wish answer;
    answer.state = WishState::denied;
    answer.answered_ms = noon_ms + minute_ms;
    answer.by = "lan";
    answer.why = "một cửa hàng";
    REQUIRE(book.answer(denied, answer).ok());
    CHECK(book.answer(denied, answer).failed());
    CHECK(book.answer("BN-00000000", answer).failed());
    answer.state = WishState::granted;
    answer.open_until_ms = noon_ms + 45 * minute_ms;
    REQUIRE(book.answer(granted, answer).ok());
    CHECK(book.ask(wish_for("a.vn", 2)).outcome == WishOutcome::denied);
    book.close();
    CHECK(book.ask(wish_for("c.vn", 2)).outcome == WishOutcome::closed);
  }
  WishBook book(kept.hooks());
  REQUIRE(book.open(kept.dir.path).ok());
  const auto wish = book.find(denied, noon_ms + 2 * minute_ms);
  REQUIRE(wish);
  CHECK(wish->why == "một cửa hàng");
  CHECK(wish->by == "lan");
  CHECK(wish->list == "lists/games.txt");
  CHECK(wish->reasons[0] == 1);
  const std::int64_t day_after = noon_ms + minute_ms + wish_shown_ms;
  CHECK(book.find(denied, day_after - 1));
  CHECK_FALSE(book.find(denied, day_after));
  CHECK(book.ask(wish_for("a.vn", 2, day_after)).outcome == WishOutcome::taken);
  // Open for a while: when that is over it may be wished for again.
  CHECK(book.ask(wish_for("b.vn", 2, noon_ms + 50 * minute_ms)).outcome == WishOutcome::taken);
  const auto read = read_wishes(kept.dir.path, noon_ms, noon_ms + 1);
  REQUIRE(read);
  CHECK(read->size() >= 2);
  CHECK(read_wishes(kept.dir.path, 0, noon_ms)->empty());
}

TEST_CASE("no file says who asked", "[audit][wishes]") {
  KeptWishes kept;
  {
    WishBook book(kept.hooks());
    REQUIRE(book.open(kept.dir.path).ok());
    WishAsk ask = wish_for("a.vn", 0);
    ask.client = *IpAddress::parse("192.168.77.123");
    CHECK(book.ask(ask).outcome == WishOutcome::taken);
  }
  std::ifstream file(wishes_path(kept.dir.path), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  CHECK(bytes.find("a.vn") != std::string::npos);
  CHECK(bytes.find("192.168.77.123") == std::string::npos);
  CHECK(bytes.find(std::string("\xc0\xa8\x4d\x7b")) == std::string::npos);
}

TEST_CASE("a damaged file is set aside, a foreign one is left alone", "[audit][wishes]") {
  KeptWishes kept;
  std::ofstream(wishes_path(kept.dir.path)) << std::string(8192, 'x');
  {
    WishBook book(kept.hooks());
    REQUIRE(book.open(kept.dir.path).ok());
    CHECK(kept.events == std::vector<std::string>{"wishes_damaged"});
    CHECK(book.ask(wish_for("a.vn", 1)).outcome == WishOutcome::taken);
  }
  {
    auto db = Database::open(wishes_path(kept.dir.path), Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("PRAGMA user_version=99") == SQLITE_OK);
  }
  WishBook book(kept.hooks());
  CHECK(book.open(kept.dir.path).failed());
  CHECK(book.ask(wish_for("a.vn", 1)).outcome == WishOutcome::closed);
  CHECK(read_wishes(kept.dir.path, 0, noon_ms * 2).failed());
}

TEST_CASE("what is older than the log's rows goes", "[audit][wishes]") {
  KeptWishes kept;
  {
    WishBook book(kept.hooks());
    REQUIRE(book.open(kept.dir.path).ok());
    (void)book.ask(wish_for("old.vn", 1));
    (void)book.ask(wish_for("new.vn", 1, noon_ms + minute_ms));
  }
  kept.cut_ms = noon_ms + 1;
  WishBook book(kept.hooks());
  REQUIRE(book.open(kept.dir.path).ok());
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  (void)book.ask(wish_for("third.vn", 1, noon_ms + 2 * minute_ms));  // wakes it
  while (book.list(true).size() > 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  CHECK(book.list(true).size() == 2);
  CHECK_FALSE(book.about("old.vn", "thcs", "games", noon_ms));
}

TEST_CASE("codes as people type them", "[core][wishes]") {
  CHECK(typed_code("BN-7K3Q2F9A") == "BN-7K3Q2F9A");
  CHECK(typed_code("bn7k3q2f9a") == "BN-7K3Q2F9A");
  CHECK(typed_code(" bn-7k3q 2f9a ") == "BN-7K3Q2F9A");
  CHECK(typed_code("7kq2m4xh") == "7KQ2-M4XH");
  CHECK(typed_code("7KQ2-M4XO") == "7KQ2-M4X0");
  for (const char* wrong :
       {"", "BN", "BN-", "7KQ2-M4X", "BN-7K3Q2F9", "7KQ2-M4XHH", "../../etc", "UUUU-UUUU"}) {
    INFO(wrong);
    CHECK(typed_code(wrong).empty());
  }
}
