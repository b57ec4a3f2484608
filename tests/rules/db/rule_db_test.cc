#include "rules/db/rule_db.h"
#include "rules/db/matcher.h"
#include "rules/db/rule_db_builder.h"
#include "rules/rule.h"

#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "rules/bytes/hash.h"
#include "rules/db/rule_db_format.h"

namespace schoolgate {
namespace {

RuleEntry entry(RuleKind kind, std::string text, std::uint32_t line) {
  RuleEntry e;
  e.kind = kind;
  e.text = std::move(text);
  e.line = line;
  return e;
}

std::vector<std::byte> small_database() {
  RuleDbBuilder builder;
  const Tag one = builder.add_source({"gambling", "ut1-gambling", "lists/gambling", 0, 0, 0, 0});
  const Tag two = builder.add_source({"adult", "own", "lists/own", 0, 0, 0, 0});
  builder.add(one, entry(RuleKind::domain, "bet.example", 1));
  builder.add(two, entry(RuleKind::domain, "bet.example", 7));
  builder.add(two, entry(RuleKind::url, "www.site.example/bet", 8));
  builder.add(two, entry(RuleKind::pattern, "casino[0-9]+", 9));
  RuleEntry lifted = entry(RuleKind::domain, "fine.bet.example", 10);
  lifted.exception = true;
  builder.add(two, lifted);
  RuleEntry alone = entry(RuleKind::domain, "alone.example", 11),
            below = entry(RuleKind::domain, "below.example", 12);
  alone.subdomains = false;
  below.itself = false;
  builder.add(one, alone);
  builder.add(one, below);
  auto bytes = builder.build();
  REQUIRE(bytes);
  return *bytes;
}

// The same as an older program wrote it: without the sections that it did not know, before there were
// networks with a shorter header, and no count of them.
std::vector<std::byte> as_version(std::uint32_t version, const std::vector<std::byte>& now) {
  const DbShape shape = shape_of(version);
  const auto at = [&](const SectionEntry& e) { return std::span(now).subspan(e.offset, e.size); };
  DbHeader header;
  std::memcpy(std::as_writable_bytes(std::span(&header, 1)).data(), now.data(), sizeof header);
  header.version = version;
  std::vector<std::byte> out(shape.header);
  for (std::size_t i = 0; i < shape.sections; ++i) {
    SectionEntry& entry = header.sections[i];
    std::vector<std::byte> bytes(at(entry).begin(), at(entry).end());
    if (static_cast<Section>(i) == Section::sources &&
        version < networks_version) {  // one list, which ends in the count
      REQUIRE(bytes.at(0) == std::byte{1});
      bytes.resize(bytes.size() - sizeof(std::uint64_t));
    }
    entry.offset = out.size();
    entry.size = bytes.size();
    out.insert(out.end(), bytes.begin(), bytes.end());
    out.resize(aligned(out.size()));
    entry.sum = checksum(std::span(out).subspan(entry.offset));
  }
  for (std::size_t i = shape.sections; i < section_count; ++i) header.sections[i] = {};
  header.file_size = out.size();
  header.header_sum = 0;
  const auto bytes = std::as_bytes(std::span(&header, 1)).first(shape.header);
  header.header_sum = checksum(bytes);
  std::memcpy(out.data(), bytes.data(), bytes.size());
  return out;
}

std::string error_of(std::span<const std::byte> bytes) {
  const auto db = RuleDb::open(bytes);
  return db ? std::string() : db.error().message.english();
}

}  // namespace

TEST_CASE("rule db: sources, counts and search", "[rules][rule_db]") {
  const auto bytes = small_database();
  const auto opened = RuleDb::open(bytes);
  REQUIRE(opened);
  const RuleDb& db = **opened;
  REQUIRE(db.sources().size() == 2);
  CHECK(db.sources()[0].name == "ut1-gambling");
  CHECK(db.sources()[0].domains == 3);
  CHECK(db.sources()[1].category == "adult");
  CHECK(db.sources()[1].urls == 1);
  CHECK(db.sources()[1].patterns == 1);
  CHECK(db.sources()[1].exceptions == 1);
  CHECK(db.counts().domains == 4);
  CHECK(db.counts().urls == 1);
  CHECK(db.counts().patterns == 1);
  CHECK(db.counts().total_bytes == bytes.size());

  struct Row {
    const char* host;
    std::vector<std::string> want;
  };
  const Row table[] = {
      {"bet.example", {"0:1 bet.example", "1:7 bet.example"}},
      {"m.fine.bet.example", {"0:1 bet.example", "1:7 bet.example", "1:10 fine.bet.example"}},
      {"www.site.example", {"1:8 www.site.example/bet"}},
      {"example", {}},
      {"not a host", {}},
      {"alone.example", {"0:11 alone.example"}},
      {"www.alone.example", {}},
      {"below.example", {}},
      {"a.below.example", {"0:12 below.example"}},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.host) {
      std::vector<std::string> got;
      for (const RuleHit& hit : db.search(r.host))
        got.push_back(std::to_string(hit.tag) + ":" + std::to_string(hit.line) + " " + hit.text);
      CHECK(got == r.want);
    }
  }
}

TEST_CASE("rule db: networks are counted, searched and checked", "[rules][rule_db][network]") {
  RuleDbBuilder builder;
  const Tag one = builder.add_source({"gambling", "nets", "lists/nets"});
  for (const char* text : {"198.51.100.0/24", "2001:db8::/32", "198.51.100.0/24"})
    builder.add(one, entry(RuleKind::network, text, 3));
  builder.add(one, entry(RuleKind::domain, "198.51.100.7", 4));
  RuleEntry lifted = entry(RuleKind::network, "198.51.100.7/32", 5);
  lifted.exception = true;
  builder.add(one, lifted);
  const auto bytes = builder.build();
  REQUIRE(bytes);
  const auto opened = RuleDb::open(*bytes);
  REQUIRE(opened);
  const RuleDb& db = **opened;
  CHECK(db.sources()[0].networks == 3);
  CHECK(db.sources()[0].exceptions == 1);
  CHECK(db.sources()[0].domains == 1);
  CHECK(db.counts().networks == 3);  // distinct ones
  std::vector<std::string> got;
  for (const RuleHit& hit : db.search("198.51.100.7"))
    got.push_back((hit.exception ? "@@" : "") + hit.text + ":" + std::to_string(hit.line));
  CHECK(got == std::vector<std::string>{"198.51.100.7:4", "@@198.51.100.7/32:5", "198.51.100.0/24:3",
                                        "198.51.100.0/24:3"});
  CHECK(db.search("2001:db8::9").size() == 1);
  CHECK(db.search("2001:db9::9").empty());

  std::size_t accepted = 0;
  for (std::size_t i = 0; i < bytes->size(); ++i) {
    auto bad = *bytes;
    bad[i] ^= std::byte{0x40};
    accepted += error_of(bad).empty() ? 1 : 0;
  }
  CHECK(accepted == 0);
}

TEST_CASE("rule db: what an older program compiled is read", "[rules][rule_db][network]") {
  RuleDbBuilder builder;
  builder.add(builder.add_source({"gambling", "own", "lists/own"}),
              entry(RuleKind::domain, "bet.example", 7));
  const auto now = builder.build();
  REQUIRE(now);
  for (const std::uint32_t version : {4U, 5U, 6U, 7U}) {
    DYNAMIC_SECTION("version " << version) {
      const auto bytes = version == db_version ? *now : as_version(version, *now);
      const auto opened = RuleDb::open(bytes);
      REQUIRE(opened);
      CHECK((*opened)->counts().networks == 0);
      CHECK((*opened)->sources()[0].name == "own");
      CHECK((*opened)->sources()[0].domains == 1);
      CHECK((*opened)->sources()[0].networks == 0);
      REQUIRE((*opened)->search("www.bet.example").size() == 1);
      CHECK((*opened)->search("www.bet.example")[0].line == 7);
      std::size_t accepted = 0;
      for (std::size_t size = 0; size < bytes.size(); ++size)
        accepted += error_of(std::span(bytes).first(size)).empty() ? 1 : 0;
      CHECK(accepted == 0);
    }
  }
  CHECK(error_of(as_version(3, *now)).find("version 3") != std::string::npos);
}

TEST_CASE("rule db: look-alikes are a section like any other", "[rules][rule_db][lookalike]") {
  const std::vector<std::int8_t> weights(NamePieces::buckets, 3);
  LookalikeModel model;
  model.category = "gambling";
  model.weights = weights;
  model.threshold = 7;
  RuleDbBuilder builder;
  builder.add(builder.add_source({"gambling", "own", "lists/own"}),
              entry(RuleKind::domain, "bet.example", 7));
  builder.set_lookalikes(lookalike_bytes(std::span(&model, 1), {}));
  const auto bytes = builder.build();
  REQUIRE(bytes);
  const auto opened = RuleDb::open(*bytes);
  REQUIRE(opened);
  REQUIRE((*opened)->lookalikes().all().size() == 1);
  CHECK((*opened)->lookalikes().all()[0].category == "gambling");
  CHECK((*opened)->lookalikes().all()[0].threshold == 7);
  CHECK((*opened)->lookalikes().all()[0].weights[99] == 3);
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < bytes->size(); i += i < 2'000 ? 1 : 1'999) {
    auto bad = *bytes;
    bad[i] ^= std::byte{0x10};
    accepted += error_of(bad).empty() ? 1 : 0;
  }
  CHECK(accepted == 0);

  RuleDbBuilder nonsense;
  nonsense.set_lookalikes(std::vector<std::byte>(50, std::byte{0xff}));
  const auto refused = nonsense.build();
  REQUIRE(refused);
  CHECK_FALSE(error_of(*refused).empty());
}

TEST_CASE("rule db: the same calls make the same bytes", "[rules][rule_db]") {
  CHECK(small_database() == small_database());
}

TEST_CASE("rule db: every changed, missing or added byte is refused", "[rules][rule_db]") {
  const auto good = small_database();
  REQUIRE(error_of(good).empty());
  std::size_t accepted = 0;
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int change : {0x01, 0x80, 0xff}) {
      auto bad = good;
      bad[i] ^= static_cast<std::byte>(change);
      accepted += error_of(bad).empty() ? 1 : 0;
    }
  }
  for (std::size_t size = 0; size < good.size(); ++size)
    accepted += error_of(std::span(good).first(size)).empty() ? 1 : 0;
  auto longer = good;
  longer.resize(good.size() + 64);
  accepted += error_of(longer).empty() ? 1 : 0;
  CHECK(accepted == 0);
}

TEST_CASE("rule db: what is wrong with a file is said", "[rules][rule_db]") {
  const auto good = small_database();
  SECTION("another kind of file") {
    CHECK(error_of(std::vector<std::byte>(1000, std::byte{'x'})).find("does not begin") != std::string::npos);
  }
  SECTION("too short") {
    CHECK(error_of({}).find("shorter than its header") != std::string::npos);
  }
  SECTION("another version") {
    auto bad = good;
    bad[offsetof(DbHeader, version)] = std::byte{77};
    CHECK(error_of(bad).find("version 77") != std::string::npos);
  }
  SECTION("cut") {
    CHECK(error_of(std::span(good).first(good.size() - 1)).find("were written") != std::string::npos);
  }
  SECTION("a section") {
    auto bad = good;
    bad[good.size() - 1] ^= std::byte{1};
    CHECK(error_of(bad).find("section 7 is damaged") != std::string::npos);
  }
}

TEST_CASE("rule db: what cannot be built is an error", "[rules][rule_db]") {
  struct Row {
    const char* name;
    RuleEntry rule;
    Tag tag;
  };
  const Row table[] = {
      {"no host", entry(RuleKind::domain, "", 1), 0},
      {"upper case", entry(RuleKind::domain, "Bad.com", 1), 0},
      {"a host of another alphabet", entry(RuleKind::url, "b\xc3\xbc.de/x", 1), 0},
      {"a pattern that is none", entry(RuleKind::pattern, "(", 1), 0},
      {"a network with host bits", entry(RuleKind::network, "198.51.100.7/24", 1), 0},
      {"a network without its length", entry(RuleKind::network, "198.51.100.7", 1), 0},
      {"a name as a network", entry(RuleKind::network, "a.com/24", 1), 0},
      {"a tag too big", entry(RuleKind::domain, "a.com", 1), 0x80000000},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.name) {
      RuleDbBuilder builder;
      builder.add(r.tag, r.rule);
      CHECK_FALSE(builder.build());
    }
  }
}

TEST_CASE("rule db: an empty database holds nothing", "[rules][rule_db]") {
  RuleDbBuilder builder;
  const auto bytes = builder.build();
  REQUIRE(bytes);
  const auto db = RuleDb::open(*bytes);
  REQUIRE(db);
  Matcher matcher(*db);
  Url url;
  REQUIRE(url.parse("http://www-bad-com.translate.goog/").ok());
  Matches out;
  matcher.match(url, Stage::request, out);
  matcher.match(url, Stage::host, out);
  CHECK(out.hits.empty());
  CHECK_FALSE(out.path_rules);
  CHECK_FALSE(out.pattern_error);
}

TEST_CASE("rule db: a builder is empty after build()", "[rules][rule_db]") {
  RuleDbBuilder builder;
  builder.add(0, entry(RuleKind::domain, "a.com", 1));
  REQUIRE(builder.build());
  const auto again = builder.build();
  REQUIRE(again);
  const auto db = RuleDb::open(*again);
  REQUIRE(db);
  CHECK((*db)->counts().domains == 0);
}

}  // namespace schoolgate
