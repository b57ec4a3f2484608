// names.db: every site once, with the day on which it was first seen, and no client in it.
#include "proxy/audit/site_names.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "proxy/audit/log_store.h"
#include "tests/proxy/audit/log_fixture.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::audit_test;

namespace {

LogStore open_named_store(const TempDir& dir) {
  std::filesystem::create_directories(dir.path);
  auto store = LogStore::open(dir.path, dir.path + "/keys", 90);
  if (!store) FAIL(store.error().message);
  return std::move(*store);
}

std::uint64_t next_named_decision = 1;

LogRecord asked_for(const std::string& host, std::uint32_t client = 1, std::int64_t time_ms = march_2026) {
  LogRecord row = allowed_record(next_named_decision++, host);
  row.client = IpAddress::v4(0x0a000000 + client);
  row.time_ms = time_ms;
  return row;
}

void write_named(LogStore& store, std::vector<LogRecord> rows) {
  Batch batch;
  batch.rows = std::move(rows);
  if (const auto done = store.store(batch); done.failed()) FAIL(done.error().message);
  for (;;) {
    const LogStore::Counted counted = store.add_totals();
    if (counted.result.failed()) FAIL(counted.result.error().message);
    if (!counted.more) return;
  }
}

// "a.vn 2026-03-04 many"
std::vector<std::string> named(const TempDir& dir, std::int64_t since_ms = 0, bool all = true) {
  const auto names = read_site_names(dir.path, since_ms, all);
  if (!names) FAIL(names.error().message);
  std::vector<std::string> out;
  for (const SiteName& name : *names)
    out.push_back(name.site + " " + std::to_string((name.first_ms - march_2026 / day_ms * day_ms) / day_ms) +
                  (name.many ? " many" : ""));
  return out;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("names: a site once, by its owner, on its first day", "[audit][names]") {
  const TempDir dir;
  LogStore store = open_named_store(dir);
  write_named(store, {asked_for("www.a.vn"), asked_for("m.a.vn"), asked_for("x.github.io"),
                      asked_for("y.github.io"), asked_for("www.y.github.io")});
  write_named(store, {asked_for("a.vn", 1, march_2026 + day_ms), asked_for("b.vn", 1, march_2026 + day_ms)});
  CHECK(named(dir) == Texts{"b.vn 1", "a.vn 0", "x.github.io 0", "y.github.io 0"});
  CHECK(named(dir, march_2026 + day_ms) == Texts{"b.vn 1"});
}

TEST_CASE("names: what is no name of a site is not one", "[audit][names]") {
  const TempDir dir;
  LogStore store = open_named_store(dir);
  write_named(store, {asked_for("10.1.2.3"), asked_for("2001:db8::1"), asked_for("localhost"), asked_for(""),
                      asked_for("A.vn"), asked_for("a..vn"), asked_for("a b.vn"), asked_for("ok.vn")});
  CHECK(named(dir) == Texts{"ok.vn 0"});
}

TEST_CASE("names: five clients make many, of all hosts of a site, whenever they come", "[audit][names]") {
  const TempDir dir;
  std::optional<LogStore> store = open_named_store(dir);
  for (std::uint32_t client = 1; client <= 4; ++client)
    write_named(*store,
                {asked_for("www.a.vn", client), asked_for("b.vn", client), asked_for("b.vn", client)});
  CHECK(named(dir, 0, false).empty());
  store.reset();  // who asked is in no memory any more, and is counted from the rows
  store = open_named_store(dir);
  write_named(*store, {asked_for("m.a.vn", 5), asked_for("b.vn", 4)});
  CHECK(named(dir, 0, false) == Texts{"a.vn 0 many"});
  CHECK(named(dir) == Texts{"a.vn 0 many", "b.vn 0"});
}

TEST_CASE("names: the file holds no client", "[audit][names]") {
  const TempDir dir;
  LogStore store = open_named_store(dir);
  for (std::uint32_t client = 1; client <= 6; ++client) write_named(store, {asked_for("a.vn", client)});
  for (const char* suffix : {"", "-wal"}) {
    std::ifstream in(names_path(dir.path) + suffix, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    if (*suffix == 0 || !bytes.empty()) CHECK(bytes.find("HS-") == std::string::npos);
  }
  auto db = Database::open(names_path(dir.path), Database::Mode::read);
  REQUIRE(db);
  CHECK(db->integer("SELECT count(*) FROM pragma_table_info('site')") == 4);  // id, name, day, many
}

TEST_CASE("names: of a month that was there before nobody is taken to be new", "[audit][names]") {
  const TempDir dir;
  {
    LogStore store = open_named_store(dir);
    write_named(store, {asked_for("cu.vn"), asked_for("giua.vn", 1, march_2026 + 3 * day_ms)});
  }
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(names_path(dir.path) + suffix);
  LogStore store = open_named_store(dir);
  write_named(store, {asked_for("lai.vn", 1, march_2026 + 4 * day_ms)});
  const std::int64_t begin = Month::of(march_2026).begin_ms();
  const auto names = read_site_names(dir.path, 0, true);
  REQUIRE(names);
  REQUIRE(names->size() == 3);
  for (const SiteName& name : *names) CHECK(name.first_ms == begin);
  write_named(store, {asked_for("moi.vn", 1, march_2026 + 4 * day_ms)});
  CHECK(named(dir, march_2026 + 4 * day_ms) == Texts{"moi.vn 4"});
}

TEST_CASE("names: what few asked for goes with the rows, and is told before", "[audit][names]") {
  const TempDir dir;
  LogStore store = open_named_store(dir);
  for (std::uint32_t client = 1; client <= 5; ++client)
    write_named(store, {asked_for("nhieu.vn", client), asked_for("it.vn", 1)});
  const std::int64_t later = march_2026 + 100 * day_ms;
  write_named(store, {asked_for("nay.vn", 1, later)});
  const auto none = [](Month) { return false; };
  while (store.retain(later - 90 * day_ms, later, none).more) {
  }
  CHECK(named(dir) == Texts{"nay.vn 100", "nhieu.vn 0 many"});
  const auto events = LogReader(dir.path).events({}, 0);
  REQUIRE(events);
  bool told = false;
  for (const LogEvent& event : *events)
    told = told || (event.what == "retention" && event.detail.find("names.db") != std::string::npos);
  CHECK(told);
}

TEST_CASE("names: a damaged file is set aside and made anew", "[audit][names]") {
  const TempDir dir;
  {
    LogStore store = open_named_store(dir);
    write_named(store, {asked_for("a.vn")});
  }
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(names_path(dir.path) + suffix);
  std::ofstream(names_path(dir.path), std::ios::binary) << std::string(8192, 'x');
  LogStore store = open_named_store(dir);
  Batch batch;
  batch.rows = {asked_for("b.vn")};
  REQUIRE(store.store(batch).ok());
  for (int i = 0; i < 10; ++i) (void)store.add_totals();
  CHECK(store.take_damaged().size() == 1);
  write_named(store, {asked_for("c.vn")});
  CHECK(named(dir).size() == 3);
}
