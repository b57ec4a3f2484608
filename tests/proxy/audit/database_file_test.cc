// Files of the log, begun while others read them.
#include "proxy/audit/database_file.h"

#include <sys/stat.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::audit;

namespace {

const FileKind kind{
    .id = 0x1234, .version = 3, .mode = 0640, .tables = "CREATE TABLE t (n INTEGER);", .layout = {}};

std::size_t files_in(const test::Folder& folder) {
  const auto path = std::filesystem::path(folder.path("x")).parent_path();
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(path), {}));
}

}  // namespace

TEST_CASE("a file is begun, and opened the next time", "[audit][database_file]") {
  const test::Folder folder;
  const std::string path = folder.path("a.db");
  {
    auto file = open_or_begin(path, kind);
    REQUIRE(file);
    CHECK(file->begun);
    CHECK(version_problem(file->db, path, kind.id, kind.version).empty());
    CHECK(file->db.exec("INSERT INTO t VALUES (1)") == SQLITE_OK);
  }
  CHECK(files_in(folder) == 1);  // nothing is left of how it was made
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0640);
  auto file = open_or_begin(path, kind);
  REQUIRE(file);
  CHECK_FALSE(file->begun);
  CHECK(file->db.integer("SELECT n FROM t") == 1);
}

TEST_CASE("an empty file is filled; another's is left alone", "[audit][database_file]") {
  const test::Folder folder;
  const std::string path = folder.path("a.db");
  std::ofstream(path).flush();
  auto file = open_or_begin(path, kind);
  REQUIRE(file);
  CHECK(file->begun);
  FileKind other = kind;
  other.id = 0x4321;
  CHECK(open_or_begin(path, other).error().code == SQLITE_MISUSE);
  FileKind older = kind;
  older.version = 2;
  CHECK(open_or_begin(path, older).error().code == SQLITE_MISUSE);
}

TEST_CASE("a link is no file of the log", "[audit][database_file]") {
  const test::Folder folder;
  const std::string path = folder.path("a.db"), target = folder.path("target");
  std::ofstream(target).flush();
  std::filesystem::create_symlink(target, path);
  CHECK(open_or_begin(path, kind).failed());
  CHECK(std::filesystem::file_size(target) == 0);
}

TEST_CASE("what a deleted file left beside it is not read into the new one", "[audit][database_file]") {
  const test::Folder folder;
  const std::string path = folder.path("a.db");
  auto old = open_or_begin(path, kind);
  REQUIRE(old);
  REQUIRE(old->db.exec("INSERT INTO t VALUES (1)") == SQLITE_OK);
  std::filesystem::remove(path);
  REQUIRE(std::filesystem::exists(path + "-wal"));
  auto file = open_or_begin(path, kind);
  REQUIRE(file);
  CHECK(file->db.integer("SELECT count(*) FROM t") == 0);
  CHECK(file->db.exec("INSERT INTO t VALUES (2)") == SQLITE_OK);
  old = open_or_begin(path, kind);  // the old one is closed: it takes nothing of the new one's with it
  REQUIRE(old);
  CHECK(old->db.integer("SELECT n FROM t") == 2);
}

TEST_CASE("who reads while files are begun meets none or a whole one", "[audit][database_file]") {
  const test::Folder folder;
  std::atomic<int> begun = 0;
  constexpr int files = 60;
  std::thread writer([&] {
    for (int n = 0; n < files; ++n) {
      if (open_or_begin(folder.path(std::to_string(n) + ".db"), kind).failed()) break;
      begun = n + 1;
    }
    begun = files;
  });
  int whole = 0;
  std::string said;
  for (int n = 0; n < files; ++n) {
    const std::string path = folder.path(std::to_string(n) + ".db");
    while (true) {
      const bool must_be_there = begun > n;
      auto db = Database::open(path, Database::Mode::read);
      if (!db && (db.error().code & 0xff) == SQLITE_CANTOPEN && !must_be_there) continue;
      if (db && version_problem(*db, path, kind.id, kind.version).empty())
        ++whole;
      else
        said += db ? "of another kind " : std::to_string(db.error().code) + " ";
      break;
    }
  }
  writer.join();
  CHECK(said == "");
  CHECK(whole == files);
}
