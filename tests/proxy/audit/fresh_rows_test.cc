// A seal of what was hashed while it was written is the seal of what stands in the file, byte for byte.
#include "proxy/audit/fresh_rows.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>
#include <random>

#include "proxy/audit/month_file.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tests/support/draws.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;

namespace {

constexpr std::int64_t all_rows = std::numeric_limits<std::int64_t>::max();

// One file, and a connection that only reads.
struct FreshPlace {
  FreshPlace() {
    std::filesystem::create_directories(dir.path);
    auto opened = MonthFile::open(dir.path, LogKind::access, Month::of(march_2026), key);
    if (!opened) FAIL(opened.error().message.english());
    file = std::move(*opened);
    auto reading = Database::open(file->path(), Database::Mode::read);
    REQUIRE(reading);
    db.emplace(std::move(*reading));
    CHECK_FALSE(file->take_fresh());  // of what was there before nothing is known
  }
  // In a transaction of its own.
  void insert(const LogRecord& record) {
    REQUIRE(file->begin().ok());
    REQUIRE(file->insert(record, nullptr));
    REQUIRE(file->commit().ok());
  }
  void by_another(const char* sql) const {
    auto other = Database::open(file->path(), Database::Mode::write);
    REQUIRE(other);
    REQUIRE(other->exec(sql) == SQLITE_OK);
  }
  // Rows above `after` as they stand in the file.
  [[nodiscard]] TableHash rows(std::int64_t after) { return {sealed_tables[0], after, last()}; }
  [[nodiscard]] SealedTable read(std::int64_t after, std::int64_t& from_ms, std::int64_t& to_ms) {
    TableHash hash = rows(after);
    REQUIRE(hash.step(*db, all_rows));
    from_ms = hash.from_ms();
    to_ms = hash.to_ms();
    return hash.finish();
  }
  [[nodiscard]] std::int64_t last() { return db->integer("SELECT max(id) FROM access"); }

  TempDir dir;
  PseudonymKey key{};
  std::unique_ptr<MonthFile> file;
  std::optional<Database> db;
};

// Any bytes there are, zeros, what is no UTF-8 and what is too long among them.
std::string any_text(std::mt19937_64& random) {
  const std::size_t sizes[] = {0, 1, 7, 60, 199, 200, 201, 254, 255, 256, 1'023, 1'024, 1'025, 5'000};
  std::string text(sizes[random() % std::size(sizes)], '\0');
  const bool plain = random() % 2 == 0;
  for (char& c : text) c = plain ? static_cast<char>('a' + random() % 26) : static_cast<char>(random());
  return text;
}

std::uint64_t any_number(std::mt19937_64& random) {
  return random() >> random() % 64;
}

LogRecord any_record(std::mt19937_64& random) {
  LogRecord row = allowed_record(random(), any_text(random));
  row.time_ms = static_cast<std::int64_t>(any_number(random));
  if (random() % 8 == 0) row.time_ms = -row.time_ms;
  row.client = IpAddress::v4(static_cast<std::uint32_t>(random() % 5));
  row.verdict.action = static_cast<Action>(random() % 4);
  row.verdict.rule = RuleRef{static_cast<std::uint32_t>(random() % 3), static_cast<std::uint32_t>(random())};
  row.seen = static_cast<Seen>(random() % 6);
  row.ended = static_cast<Ended>(random() % 10);
  row.method = random() % 2 == 0 ? "GET" : any_text(random);
  row.port = static_cast<std::uint16_t>(random());
  row.status = static_cast<std::uint16_t>(random());
  row.bytes_up = any_number(random);
  row.bytes_down = any_number(random);
  row.duration_ms = static_cast<std::uint32_t>(any_number(random));
  if (random() % 3 == 0) row.part = LogRecord::Part::tunnel_open;
  if (random() % 3 == 0) row.path = any_text(random);
  if (random() % 3 == 0) row.cause = any_text(random);
  if (random() % 5 == 0) row.count = static_cast<std::uint32_t>(any_number(random));
  return row;
}

}  // namespace

TEST_CASE("fresh rows: hashed as written they are hashed as they stand in the file", "[audit][seal]") {
  FreshPlace place;
  std::mt19937_64 random(17);
  std::int64_t after = 0;
  std::vector<std::int64_t> tunnels;
  for (int seals = 0; seals < test::draws(60); ++seals) {
    std::size_t ended = 0;
    for (std::uint64_t batches = random() % 4; batches > 0; --batches) {
      REQUIRE(place.file->begin().ok());
      for (std::uint64_t n = random() % 40; n > 0; --n) {
        const auto id = place.file->insert(any_record(random), nullptr);
        REQUIRE(id);
        tunnels.push_back(*id);
        if (random() % 3 != 0) continue;
        LogRecord end = any_record(random);
        const std::size_t which = random() % tunnels.size();
        REQUIRE(place.file->insert_tunnel_end(tunnels[which], end).ok());
        REQUIRE(
            place.file->insert_tunnel_end(tunnels[which], any_record(random)).ok());  // the first one stays
        tunnels.erase(tunnels.begin() + static_cast<std::ptrdiff_t>(which));
        ++ended;
      }
      REQUIRE(place.file->commit().ok());
    }
    auto taken = place.file->take_fresh();
    REQUIRE(taken);
    CAPTURE(seals, after, taken->rows.count);
    TableHash hash = place.rows(after);
    hash.use(taken->rows);
    CHECK(hash.count() == place.last() - after);  // nothing is left to be read
    std::int64_t from_ms = 0, to_ms = 0;
    const SealedTable read = place.read(after, from_ms, to_ms);
    CHECK(hash.from_ms() == from_ms);
    CHECK(hash.to_ms() == to_ms);
    CHECK(hash.finish() == read);
    CHECK(taken->ends.size() == ended);
    std::sort(taken->ends.begin(), taken->ends.end(),
              [](const EndRow& a, const EndRow& b) { return a.id < b.id; });
    std::vector<std::int64_t> ids;
    for (const EndRow& end : taken->ends) ids.push_back(end.id);
    const auto ends = hash_ends(*place.db, ids);
    REQUIRE(ends);
    CHECK(hash_ends(taken->ends) == *ends);
    after = place.last();
  }
}

TEST_CASE("fresh rows: what nobody else can have changed is taken once", "[audit][seal]") {
  FreshPlace place;
  place.insert(allowed_record(1, "a.vn"));
  place.insert(allowed_record(2, "b.vn"));
  const auto taken = place.file->take_fresh();
  REQUIRE(taken);
  CHECK(taken->rows.count == 2);
  const auto more = place.file->take_fresh();
  REQUIRE(more);
  CHECK(more->rows.count == 0);
}

TEST_CASE("fresh rows: what may have been changed is read", "[audit][seal]") {
  FreshPlace place;
  place.insert(allowed_record(1, "a.vn"));
  place.insert(allowed_record(2, "b.vn"));
  SECTION("by another process") {
    place.by_another("UPDATE access SET status = 201 WHERE id = 1");
  }
  SECTION("by a transaction that did not come to its end") {
    REQUIRE(place.file->begin().ok());
    REQUIRE(place.file->insert(allowed_record(3, "c.vn"), nullptr));
    place.file->rollback();
  }
  SECTION("by what deletes old rows") {
    REQUIRE(place.file->delete_before(march_2026 + 1, 1));
  }
  SECTION("by what deletes a unit") {
    SealUnit unit;
    unit.tables.push_back({"access", 0, 1, 1, "-"});
    REQUIRE(place.file->delete_unit(unit, 10));
  }
  SECTION("by a gap in the numbers") {
    REQUIRE(place.file->begin().ok());
    REQUIRE(place.file->number_above(10).ok());
    REQUIRE(place.file->insert(allowed_record(3, "c.vn"), nullptr));
    REQUIRE(place.file->commit().ok());
  }
  CHECK_FALSE(place.file->take_fresh());
  place.insert(allowed_record(4, "d.vn"));
  const auto taken = place.file->take_fresh();  // and from there on it is known again
  REQUIRE(taken);
  CHECK(taken->rows.count == 1);
}

TEST_CASE("fresh rows: a row whose words cannot be stored is read as it stands", "[audit][seal]") {
  FreshPlace place;
  place.by_another(
      "CREATE TRIGGER no_words BEFORE INSERT ON detail BEGIN SELECT RAISE(ABORT, 'no room'); END");
  CHECK_FALSE(place.file->take_fresh());
  LogRecord row = allowed_record(1, "a.vn");
  row.cause = "bad_url";
  REQUIRE(place.file->begin().ok());
  const auto id = place.file->insert(row, nullptr);
  REQUIRE_FALSE(id);
  REQUIRE(id.error().row_only());
  REQUIRE(place.file->commit().ok());
  CHECK(place.last() == 1);
  CHECK_FALSE(place.file->take_fresh());
}

TEST_CASE("fresh rows: other rows than those that are to be sealed are not taken for them", "[audit][seal]") {
  FreshPlace place;
  for (std::uint64_t n = 1; n <= 5; ++n) place.insert(allowed_record(n, "a.vn"));
  const auto taken = place.file->take_fresh();
  REQUIRE(taken);
  const struct {
    std::int64_t after, last;
    bool fits;
  } asked[] = {{-1, 5, true}, {0, 5, true}, {1, 5, false}, {0, 4, false}, {0, 6, false}};
  for (const auto& one : asked) {
    CAPTURE(one.after, one.last);
    TableHash hash(sealed_tables[0], one.after, one.last);
    hash.use(taken->rows);
    CHECK((hash.count() == 5) == one.fits);
  }
  TableHash begun(sealed_tables[0], 0, 5);
  REQUIRE(begun.step(*place.db, 2));
  begun.use(taken->rows);
  CHECK(begun.count() == 2);
}

TEST_CASE("row hash: the bytes are those that the header tells, however they fall", "[audit][seal]") {
  std::mt19937_64 random(4);
  for (int i = 0; i < test::draws(300); ++i) {
    std::string bytes;
    RowHash hash;
    for (std::uint64_t n = random() % 30; n > 0; --n) {
      const std::uint64_t kind = random() % 4;
      if (kind == 0) {
        const auto number =
            static_cast<std::int64_t>(random() % 5 == 0 ? std::uint64_t{1} << 63 : any_number(random));
        hash.number(number);
        bytes += std::to_string(number) + ";";
      } else if (kind == 1) {
        std::string text(4'050 + random() % 60, 'x');
        if (random() % 2 == 0) text = any_text(random);
        hash.text(text);
        bytes += std::to_string(text.size()) + ":" + text + ";";
      } else if (kind == 2) {
        hash.null();
        bytes += "-;";
      } else {
        hash.end_row();
        bytes += "\n";
      }
    }
    CHECK(to_hex(hash.finish()) == to_hex(sha256(bytes)));
  }
}
