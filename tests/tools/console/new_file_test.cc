#include "tools/console/new_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::tools;
namespace fs = std::filesystem;

namespace {

std::size_t files_in(const test::Folder& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder.path("")), {}));
}

}  // namespace

TEST_CASE("a new file is there whole at the end, with its rights, and replaces none", "[tools][new_file]") {
  const test::Folder folder;
  const std::string path = folder.path("rows.csv");
  {
    auto file = NewFile::begin(path, 0640);
    REQUIRE(file);
    CHECK(file->add("one\n").ok());
    CHECK_FALSE(fs::exists(path));
    CHECK(file->add("two\n").ok());
    CHECK(file->finish().ok());
  }
  CHECK(folder.read("rows.csv") == "one\ntwo\n");
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0640);
  CHECK(files_in(folder) == 1);
  const auto again = NewFile::begin(path, 0640);
  REQUIRE_FALSE(again);
  CHECK_THAT(again.error().message.english(), Catch::Contains("is there already"));
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a new file that is not finished leaves nothing", "[tools][new_file]") {
  const test::Folder folder;
  {
    auto file = NewFile::begin(folder.path("rows.csv"), 0600);
    REQUIRE(file);
    CHECK(file->add("one\n").ok());
  }
  CHECK(files_in(folder) == 0);
}

TEST_CASE("a new file leaves alone what came while it was written", "[tools][new_file]") {
  const test::Folder folder;
  {
    auto file = NewFile::begin(folder.path("rows.csv"), 0600);
    REQUIRE(file);
    folder.write("rows.csv", "another's");
    CHECK(file->finish().failed());
  }
  CHECK(folder.read("rows.csv") == "another's");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("a new file where none can be", "[tools][new_file]") {
  CHECK_THAT(NewFile::begin("/nonexistent/rows.csv", 0600).error().message.english(),
             Catch::Contains("/nonexistent/rows.csv"));
}
