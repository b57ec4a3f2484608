#include "tools/console/folder_watch.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/config/support.h"

using namespace schoolgate;
using namespace std::chrono_literals;

TEST_CASE("a folder that is watched tells which files changed, each once", "[tools][folder_watch]") {
  const test::Folder folder;
  folder.write("a.yaml", "1\n");
  folder.write("below/c.yaml", "1\n");
  tools::FolderWatch watch;
  watch.add(folder.path(""));
  watch.add(folder.path("not-there"));

  folder.write("a.yaml", "2\n");
  folder.write("a.yaml", "3\n");
  folder.write("b.yaml", "1\n");
  folder.write(".b.yaml.swp", "an editor's\n");
  folder.write("b.yaml~", "an editor's\n");
  folder.write("below/c.yaml", "another folder's\n");
  CHECK(watch.wait(1ms) == std::vector<std::string>{folder.path("a.yaml"), folder.path("b.yaml")});

  // As most editors save: a new file takes the name.
  folder.write(".a.new", "4\n");
  std::filesystem::rename(folder.path(".a.new"), folder.path("a.yaml"));
  CHECK(watch.wait(1ms) == std::vector<std::string>{folder.path("a.yaml")});

  watch.add(folder.path("below"));
  std::filesystem::remove(folder.path("below/c.yaml"));
  CHECK(watch.wait(1ms) == std::vector<std::string>{folder.path("below/c.yaml")});
}
