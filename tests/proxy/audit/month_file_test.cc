#include "proxy/audit/month_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <limits>

#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;

namespace {

constexpr Month march{2026, 3};

// One file, and a connection of its own that asks what stands in it.
struct MonthPlace {
  MonthPlace() { std::filesystem::create_directories(dir.path); }
  [[nodiscard]] std::unique_ptr<MonthFile> open(LogKind kind = LogKind::access) const {
    auto opened = MonthFile::open(dir.path, kind, march, key);
    if (!opened) FAIL(opened.error().message);
    return std::move(*opened);
  }
  [[nodiscard]] std::int64_t number(const std::string& sql) const {
    auto db = Database::open(log_path(dir.path, LogKind::access, march), Database::Mode::read);
    REQUIRE(db);
    return db->integer(sql);
  }
  [[nodiscard]] std::string text(const std::string& sql) const {
    auto db = Database::open(log_path(dir.path, LogKind::access, march), Database::Mode::read);
    REQUIRE(db);
    auto query = db->prepare(sql);
    if (!query) FAIL(query.error().message);
    return query->step() == SQLITE_ROW ? query->text(0) : "no row";
  }

  TempDir dir;
  PseudonymKey key{};
};

RevisionNames names_of(std::uint64_t serial) {
  RevisionNames names;
  names.serial = serial;
  names.revision = 7;
  names.digest = "digest";
  names.loaded_ms = march_2026;
  names.tiers = {"tieu_hoc", "thcs"};
  names.categories = {"gambling", "self_harm"};
  names.sources = {"tiers.d/thcs.yaml", "lists/gambling.txt"};
  return names;
}

std::int64_t insert_one(MonthFile& file, const LogRecord& record, const RevisionNames* names = nullptr) {
  const auto id = file.insert(record, names);
  if (!id) FAIL(id.error().message);
  return *id;
}

// In a transaction of its own.
std::int64_t write_one(MonthFile& file, const LogRecord& record, const RevisionNames* names = nullptr) {
  REQUIRE(file.begin().ok());
  const std::int64_t id = insert_one(file, record, names);
  REQUIRE(file.commit().ok());
  return id;
}

LogRecord at_time(std::int64_t time_ms) {
  LogRecord record = allowed_record(static_cast<std::uint64_t>(time_ms), "a.vn");
  record.time_ms = time_ms;
  return record;
}

unsigned file_mode(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 07777;
}

}  // namespace

TEST_CASE("month file: made for its readers alone, whatever the umask", "[audit][month]") {
  const mode_t umask = GENERATE(0, 077);
  const MonthPlace place;
  const mode_t before = ::umask(umask);
  const auto access = place.open(), safeguarding = place.open(LogKind::safeguarding);
  ::umask(before);
  CHECK(access->path() == place.dir.path + "/access-2026-03.db");
  CHECK(file_mode(access->path()) == 0640);
  CHECK(file_mode(safeguarding->path()) == 0600);
}

TEST_CASE("month file: a safeguarding file that others could read is closed to them", "[audit][month]") {
  const MonthPlace place;
  const std::string path = place.open(LogKind::safeguarding)->path();
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  (void)place.open(LogKind::safeguarding);
  CHECK(file_mode(path) == 0600);
}

TEST_CASE("month file: a link is not followed, and another's file not written to", "[audit][month]") {
  const MonthPlace place;
  const std::string path = log_path(place.dir.path, LogKind::access, march);
  SECTION("a link") {
    const std::string precious = place.dir.root + "/precious";
    std::ofstream(precious).flush();
    std::filesystem::create_symlink(precious, path);
    CHECK_FALSE(MonthFile::open(place.dir.path, LogKind::access, march, place.key));
    CHECK(std::filesystem::file_size(precious) == 0);
  }
  SECTION("a folder that is not there") {
    const auto opened = MonthFile::open(place.dir.path + "/none", LogKind::access, march, place.key);
    REQUIRE_FALSE(opened);
    CHECK_THAT(opened.error().message.english(), Catch::Contains(place.dir.path + "/none"));
    CHECK_FALSE(opened.error().damaged());
  }
  SECTION("of a later version") {
    (void)place.open();
    auto db = Database::open(path, Database::Mode::write);
    REQUIRE(db);
    REQUIRE(db->exec("PRAGMA user_version=99") == SQLITE_OK);
    const auto opened = MonthFile::open(place.dir.path, LogKind::access, march, place.key);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == SQLITE_MISUSE);
    CHECK_FALSE(opened.error().damaged());  // so it is not set aside
  }
}

TEST_CASE("month file: repeated names are written once, by their id", "[audit][month]") {
  const MonthPlace place;
  const auto file = place.open();
  const RevisionNames names = names_of(1);
  LogRecord other_client = blocked_record(4, "bad.vn", "/z");
  other_client.client = IpAddress::v4(9);
  for (const LogRecord& record : {blocked_record(1, "bad.vn", "/x"), blocked_record(2, "bad.vn", "/y"),
                                  allowed_record(3, "ok.vn"), other_client})
    write_one(*file, record, &names);
  CHECK(place.number("SELECT count(*) FROM access") == 4);
  CHECK(place.number("SELECT count(*) FROM host") == 2);
  CHECK(place.number("SELECT count(*) FROM client") == 2);
  CHECK(place.number("SELECT count(*) FROM ruling") == 2);
  CHECK(place.number("SELECT count(*) FROM policy") == 1);
  CHECK(place.text("SELECT name FROM client WHERE id=1") == pseudonym(place.key, IpAddress::v4(0x0a000307)));
  // Also after the file was opened anew: policy and names are found again, a ruling may be there twice.
  const auto again = place.open();
  write_one(*again, blocked_record(5, "bad.vn", "/x"), &names);
  CHECK(place.number("SELECT count(*) FROM host") == 2);
  CHECK(place.number("SELECT count(*) FROM policy") == 1);
  CHECK(place.number("SELECT count(*) FROM log WHERE tier='thcs' AND rule='lists/gambling.txt:12'") == 4);
}

TEST_CASE("month file: ids of a batch that was rolled back are void", "[audit][month]") {
  // Else a row would point at another host, or at none.
  const MonthPlace place;
  const auto file = place.open();
  const RevisionNames names = names_of(1);
  REQUIRE(file->begin().ok());
  insert_one(*file, blocked_record(1, "lost.vn", "/"), &names);
  file->rollback();
  CHECK_FALSE(file->in_transaction());
  CHECK(place.number("SELECT count(*) FROM access") == 0);
  write_one(*file, blocked_record(2, "other.vn", "/"), &names);
  write_one(*file, blocked_record(3, "lost.vn", "/"), &names);
  CHECK(place.number("SELECT count(*) FROM log") == 2);  // every name is found
  CHECK(place.text("SELECT host FROM log WHERE id=2") == "lost.vn");
  CHECK(place.text("SELECT tier || rule || revision FROM log WHERE id=2") == "thcslists/gambling.txt:127");
  CHECK(place.number("SELECT count(*) FROM pragma_foreign_key_check") == 0);
  file->rollback();  // without a transaction: nothing happens
  CHECK(place.number("SELECT count(*) FROM log") == 2);
}

TEST_CASE("month file: names of numbers that a policy does not have are nobody's", "[audit][month]") {
  const MonthPlace place;
  const auto file = place.open();
  const RevisionNames names = names_of(1);
  LogRecord strange = blocked_record(1, "bad.vn", "/");
  strange.tier = 7;
  strange.verdict.category = 7;
  strange.verdict.rule.source = 7;
  write_one(*file, strange, &names);
  write_one(*file, blocked_record(2, "bad.vn", "/"));  // from before the first policy
  CHECK(place.text("SELECT tier IS NULL AND category IS NULL AND rule IS NULL FROM log WHERE id=1") == "1");
  CHECK(place.text("SELECT tier IS NULL AND category IS NULL AND revision IS NULL FROM log WHERE id=2") ==
        "1");
  CHECK(place.number("SELECT count(*) FROM log WHERE action='block'") == 2);
}

TEST_CASE("month file: what a peer chose is bounded, and figures end at their largest", "[audit][month]") {
  const MonthPlace place;
  const auto file = place.open();
  LogRecord large = blocked_record(1, std::string(5'000, 'h'), std::string(5'000, 'p'));
  large.cause = std::string(5'000, 'c');
  large.method = std::string(5'000, 'M');
  large.bytes_up = std::numeric_limits<std::uint64_t>::max();
  large.decision = std::numeric_limits<std::uint64_t>::max();
  write_one(*file, large);
  CHECK(place.number("SELECT length(host) FROM log") == 255);
  CHECK(place.number("SELECT length(path) FROM log") == 1'024);
  CHECK(place.number("SELECT length(cause) FROM log") == 200);
  CHECK(place.text("SELECT method FROM log") == "other");
  CHECK(place.number("SELECT bytes_up FROM log") == std::numeric_limits<std::int64_t>::max());
  CHECK(place.number("SELECT code FROM access") == (std::int64_t{1} << 40) - 1);
}

TEST_CASE("month file: what is not there takes no row, and no path is not an empty one", "[audit][month]") {
  const MonthPlace place;
  const auto file = place.open();
  LogRecord many = allowed_record(2, "a.vn");
  many.count = 3;
  many.cause = "dns: no answer";
  write_one(*file, allowed_record(1, "a.vn"));
  write_one(*file, many);
  CHECK(place.number("SELECT count(*) FROM detail") == 1);
  CHECK(place.number("SELECT count(*) FROM summed") == 1);
  CHECK(place.number("SELECT count(*) FROM log WHERE path IS NULL") == 2);
  CHECK(place.text("SELECT group_concat(count) FROM log") == "1,3");
}

TEST_CASE("month file: a tunnel has no end until it is told, and then one", "[audit][month]") {
  const MonthPlace place;
  const auto file = place.open();
  LogRecord tunnel = allowed_record(1, "a.vn");
  tunnel.part = LogRecord::Part::tunnel_open;
  const std::int64_t id = write_one(*file, tunnel);
  CHECK(place.text("SELECT ended IS NULL FROM log") == "1");
  tunnel.part = LogRecord::Part::tunnel_end;
  tunnel.ended = Ended::client_gone;
  tunnel.bytes_down = 9;
  CHECK(file->insert_tunnel_end(id, tunnel).ok());
  tunnel.ended = Ended::timed_out;
  CHECK(file->insert_tunnel_end(id, tunnel).ok());  // told again: the first word stands
  CHECK(place.text("SELECT ended || bytes_down FROM log") == "client-gone9");
}

TEST_CASE("month file: the hits of an alert are counted from the row that rang on", "[audit][month]") {
  const MonthPlace place;
  const auto file = place.open();
  const std::int64_t id = write_one(*file, allowed_record(1, "a.vn"));
  for (const int count : {2, 3, 4}) {
    CHECK(file->count_hit(id).ok());
    CHECK(place.number("SELECT count FROM log") == count);
  }
}

TEST_CASE("month file: an error that lasts is an error, never silence", "[audit][month]") {
  const MonthPlace place;
  const auto file = place.open();
  auto other = Database::open(file->path(), Database::Mode::write);
  REQUIRE(other);
  REQUIRE(other->exec("BEGIN IMMEDIATE") == SQLITE_OK);
  const auto busy = file->begin();
  REQUIRE(busy.failed());
  CHECK((busy.error().code & 0xff) == SQLITE_BUSY);
  REQUIRE(other->exec("COMMIT; DROP TABLE access") == SQLITE_OK);
  CHECK(file->begin().ok());
  CHECK(file->insert(allowed_record(1, "a.vn"), nullptr).failed());
  file->rollback();
  CHECK(file->delete_before(march_2026, 10).failed());
  CHECK_FALSE(file->in_transaction());
}

TEST_CASE("month file: rows before a time go, the oldest first, with all that hangs on them",
          "[audit][month]") {
  const MonthPlace place;
  const auto file = place.open();
  for (const std::int64_t time : {30, 10, 20, 40}) {
    LogRecord record = at_time(march_2026 + time);
    record.cause = "dns: no answer";
    record.count = 2;
    record.part = LogRecord::Part::tunnel_open;
    const std::int64_t id = write_one(*file, record);
    REQUIRE(file->insert_tunnel_end(id, record).ok());
  }
  const auto left = [&] { return place.text("SELECT group_concat(ts_ms) FROM access ORDER BY ts_ms"); };
  const auto deleted = [&](std::int64_t before, int limit) {
    const auto count = file->delete_before(before, limit);
    REQUIRE(count);
    return *count;
  };
  CHECK(deleted(march_2026 + 10, 10) == 0);  // its own time is not before it
  CHECK(deleted(march_2026 + 40, 2) == 2);
  CHECK(place.number("SELECT min(ts_ms) FROM access") == march_2026 + 30);
  for (const char* table : {"tunnel_end", "detail", "summed", "access"})
    CHECK(place.number("SELECT count(*) FROM " + std::string(table)) == 2);
  CHECK(deleted(march_2026 + 40, 10) == 1);
  CHECK(left() == std::to_string(march_2026 + 40));
}

TEST_CASE("month file: from when to when, without the events", "[audit][month]") {
  const MonthPlace place;
  const auto file = place.open();
  const auto is = [](const RowRange& range, std::int64_t rows, std::int64_t from, std::int64_t to) {
    return range.rows == rows && range.from_ms == from && range.to_ms == to;
  };
  REQUIRE(file->insert_event({1, "schoolgate", "start", "{}", LogKind::access}).ok());
  CHECK(is(file->ends(), 0, 0, 0));
  CHECK(is(file->range_before(march_2026), 0, 0, 0));
  for (const std::int64_t time : {30, 10, 20}) write_one(*file, at_time(march_2026 + time));
  CHECK(is(file->ends(), 0, march_2026 + 10, march_2026 + 30));
  CHECK(is(file->range_before(march_2026 + 10), 0, 0, 0));
  CHECK(is(file->range_before(march_2026 + 30), 2, march_2026 + 10, march_2026 + 20));
  CHECK(is(file->range_before(march_2026 + 31), 3, march_2026 + 10, march_2026 + 30));
}

TEST_CASE("month file: how the last run ended is what the last word of its life says", "[audit][month]") {
  const MonthPlace place;
  const auto file = place.open();
  const auto add = [&](const char* what) {
    REQUIRE(file->insert_event({march_2026, "schoolgate", what, "{}", LogKind::access}).ok());
  };
  CHECK_FALSE(file->last_life_event());
  add("reload");
  CHECK_FALSE(file->last_life_event());
  add("start");
  add("reload");
  CHECK(file->last_life_event() == "start");
  add("stop");
  add("drained");  // of another process
  CHECK(file->last_life_event() == "stop");
}

TEST_CASE("month file: a file that was moved, deleted or exchanged is told", "[audit][month]") {
  const MonthPlace place;
  auto file = place.open();
  const std::string path = file->path();
  CHECK_FALSE(file->replaced());
  SECTION("moved") {
    std::filesystem::rename(path, path + ".old");
    CHECK(file->replaced());
    std::filesystem::rename(path + ".old", path);
    CHECK_FALSE(file->replaced());
  }
  SECTION("deleted") {
    std::filesystem::remove(path);
    CHECK(file->replaced());
  }
  SECTION("exchanged") {
    std::filesystem::copy_file(path, path + ".copy");
    std::filesystem::rename(path + ".copy", path);
    CHECK(file->replaced());
  }
}
