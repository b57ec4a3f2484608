// The files of a list that is fetched: there is a whole list at every step, and a way back.
#include "config/lists/fetched_list.h"

#include <catch2/catch.hpp>

#include "rules/bytes/sha256.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

namespace fs = std::filesystem;

struct Lying {
  Lying() { fs::create_directories(folder.path("lists")); }
  std::string read(const std::string& path) const {
    return fs::exists(path) ? folder.read(path.substr(folder.path("").size())) : "(none)";
  }
  void write(const std::string& path, const std::string& text) const {
    folder.write(path.substr(folder.path("").size()), text);
  }
  test::Folder folder;
  FetchedList list{folder.path("lists/bets.list")};
};

TEST_CASE("a new list rules, the old one stays beside it, and can come back", "[config][fetched_list]") {
  const Lying lying;
  const FetchedList& list = lying.list;
  const FetchRecord record{"https://a.example/l", "\"1\"", "", to_hex(sha256("one\n"))};
  lying.write(list.incoming(), "one\n");
  REQUIRE(list.take(list.incoming(), record).ok());
  CHECK(lying.read(list.path()) == "one\n");
  CHECK(lying.read(list.before()) == "(none)");
  CHECK(lying.read(list.incoming()) == "(none)");
  CHECK(list.record(record.digest) == record);
  CHECK_FALSE(list.record(to_hex(sha256("two\n"))));  // of other bytes it says nothing

  lying.write(list.incoming(), "two\n");
  REQUIRE(list.set_aside().ok());
  CHECK(lying.read(list.waiting()) == "two\n");
  CHECK(lying.read(list.path()) == "one\n");
  REQUIRE(list.take(list.waiting(), {"https://a.example/l", "", "", to_hex(sha256("two\n"))}).ok());
  CHECK(lying.read(list.path()) == "two\n");
  CHECK(lying.read(list.before()) == "one\n");
  CHECK(lying.read(list.waiting()) == "(none)");

  lying.write(list.incoming(), "three\n");
  lying.write(list.waiting(), "older\n");
  REQUIRE(list.take(list.incoming(), record).ok());
  CHECK(lying.read(list.before()) == "two\n");  // one generation
  CHECK(lying.read(list.waiting()) == "(none)");
  REQUIRE(list.put_back().ok());
  CHECK(lying.read(list.path()) == "two\n");
  CHECK_FALSE(list.record(record.digest));
}

TEST_CASE("what came before a download was cut is gone on with as it came alone", "[config][fetched_list]") {
  const Lying lying;
  const FetchedList& list = lying.list;
  const std::string from = "https://a.example/l";
  CHECK(list.partial_etag(from).empty());
  lying.write(list.partial(), "half of i");
  REQUIRE(list.note_partial(from, "\"1\"").ok());
  CHECK(list.partial_etag(from) == "\"1\"");
  CHECK(list.partial_etag("https://b.example/l").empty());
  lying.write(list.partial(), "half of it");  // somebody else's bytes, or more than was noted
  CHECK(list.partial_etag(from).empty());
  REQUIRE(list.note_partial(from, "").ok());
  CHECK(lying.read(list.partial()) == "(none)");
  CHECK(list.partial_etag(from).empty());
  CHECK(list.note_partial(from, "\"1\"").failed());  // of bytes that are not there
}

TEST_CASE("a first list that is put back leaves none", "[config][fetched_list]") {
  const Lying lying;
  lying.write(lying.list.incoming(), "one\n");
  REQUIRE(lying.list.take(lying.list.incoming(), {}).ok());
  REQUIRE(lying.list.put_back().ok());
  CHECK(lying.read(lying.list.path()) == "(none)");
  CHECK(lying.list.put_back().ok());
  CHECK_FALSE(lying.list.take(lying.list.incoming(), {}).ok());  // nothing came
}

TEST_CASE("a record is what was written, or none", "[config][fetched_list]") {
  const FetchRecord record{"https://a.example/l?x=1", "W/\"a b\"", "Sat, 28 Nov 2026 20:03:00 GMT", "ab12"};
  const std::string text = to_text(record);
  CHECK(parse_fetch_record(text) == record);
  CHECK(parse_fetch_record(to_text(FetchRecord{})) == FetchRecord{});
  for (std::size_t i = 0; i < text.size(); ++i) CHECK_FALSE(parse_fetch_record(text.substr(0, i)));
  CHECK_FALSE(parse_fetch_record(text + "x"));
  CHECK_FALSE(parse_fetch_record("from a\x01\netag \nmodified \ndigest \n"));
  CHECK(recordable("\"abc\"") == "\"abc\"");
  CHECK(recordable("a\r\nHost: evil") == "");
  CHECK(recordable("caf\xc3\xa9") == "");
  CHECK(recordable(std::string(257, 'a')) == "");
}

TEST_CASE("how old a list is, and when that is too old", "[config][fetched_list]") {
  constexpr std::int64_t day = 86'400, now = 1'000 * day;
  struct Row {
    std::optional<std::int64_t> fetched;
    std::uint32_t rhythm;
    const char* text;
    bool late;
  };
  const Row rows[] = {
      {std::nullopt, 90, "never fetched", true},
      {now, 1, "fetched today", false},
      {now + day, 1, "fetched today", false},  // a clock that was wrong
      {now - day, 1, "fetched 1 day ago", false},
      {now - 2 * day, 1, "fetched 2 days ago", false},
      {now - 2 * day - 1, 1, "fetched 2 days ago", true},
      {now - 14 * day, 7, "fetched 14 days ago", false},
      {now - 15 * day, 7, "fetched 15 days ago", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text, row.rhythm);
    CHECK(age_text(row.fetched, now) == row.text);
    CHECK(overdue({"https://a.example/l", row.rhythm}, row.fetched, now) == row.late);
  }
}

TEST_CASE("a list is due some hours before its rhythm is over", "[config][lists]") {
  constexpr std::int64_t now = 1'800'000'000, hour = 3600;
  struct Row {
    std::uint32_t every_days;
    std::optional<std::int64_t> hours_ago;
    bool due;
  };
  const Row rows[] = {
      {1, std::nullopt, true}, {1, 0, false},  {1, 17, false},  {1, 18, true},  {1, 24, true},
      {1, -48, false},         {7, 24, false}, {7, 161, false}, {7, 162, true}, {7, 1000, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.every_days, row.hours_ago.value_or(-1));
    std::optional<std::int64_t> fetched;
    if (row.hours_ago) fetched = now - *row.hours_ago * hour;
    CHECK(due({"https://a.example/l", row.every_days}, fetched, now) == row.due);
  }
}

}  // namespace
}  // namespace schoolgate
