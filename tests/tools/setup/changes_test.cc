#include "tools/setup/changes.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "tests/config/support.h"
#include "tools/setup/apply.h"

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

std::vector<FileFate> fates(const std::vector<FileChange>& changes) {
  std::vector<FileFate> all;
  for (const FileChange& one : changes) all.push_back(one.fate);
  return all;
}

}  // namespace

TEST_CASE("files that setup wrote are replaced, those of people are kept", "[tools][setup]") {
  const test::Folder folder;
  const std::string root = folder.path("root");
  ::mkdir(root.c_str(), 0755);
  folder.write("root/main", "old\n");
  folder.write("root/theirs", "a person's\n");
  ::chmod(folder.path("root/main").c_str(), 0640);
  const std::vector<PlannedFile> files{
      {"/main", "edited\n", true}, {"/etc/x/new", "new\n"}, {"/theirs", "ours\n"}};
  WrittenFiles written;
  auto changes = changes_for(files, root, written);
  REQUIRE(changes);
  CHECK(fates(*changes) == std::vector{FileFate::replace, FileFate::create, FileFate::keep});
  REQUIRE(write_changes(*changes, written).ok());
  CHECK(folder.read("root/main") == "edited\n");
  CHECK(folder.read("root/etc/x/new") == "new\n");
  CHECK(folder.read("root/theirs") == "a person's\n");
  struct stat info {};
  REQUIRE(::stat(folder.path("root/main").c_str(), &info) == 0);
  CHECK((info.st_mode & 07777) == 0640);

  SECTION("back") {
    REQUIRE(undo_changes(*changes).ok());
    CHECK(folder.read("root/main") == "old\n");
    CHECK(::access(folder.path("root/etc/x/new").c_str(), F_OK) != 0);
  }
  SECTION("again, after its record was written and read") {
    written = WrittenFiles::parse(written.text() + "nonsense\nabc /theirs\n");
    const std::vector<PlannedFile> later{{"/main", "edited\n", true}, {"/etc/x/new", "newer\n"}};
    changes = changes_for(later, root, written);
    CHECK(fates(*changes) == std::vector{FileFate::same, FileFate::replace});
    folder.write("root/etc/x/new", "new\n# mine\n");
    changes = changes_for(later, root, written);
    CHECK(fates(*changes) == std::vector{FileFate::same, FileFate::keep});
  }
  SECTION("one that cannot be written: all is as before") {
    folder.write("root/in_the_way", "x");
    const std::vector<PlannedFile> bad{{"/main", "third\n", true}, {"/in_the_way/file", "y\n"}};
    changes = changes_for({bad[0]}, root, written);
    FileChange impossible{bad[1], root + bad[1].path, FileFate::create, std::nullopt};
    changes->push_back(impossible);
    CHECK(write_changes(*changes, written).failed());
    CHECK(folder.read("root/main") == "edited\n");
  }
}

TEST_CASE("nothing after a firewall that cannot be loaded", "[tools][setup]") {
  SetupAnswers answers;
  answers.topology = "one-arm";
  answers.dhcp = "10.0.0.2-10.0.0.9";
  answers.ipv6 = "radvd";
  std::vector<std::string> ran;
  const auto failing = [&](const std::string& what) {
    return [&ran, what](const CommandWords& words) {
      ran.push_back(words[1] + " " + words.back());
      return ran.back() != what;
    };
  };
  const auto silent = [](const Message&) {};
  CHECK(apply(steps_to_apply(answers), failing("restart schoolgate-gateway.service"), silent) ==
        CommandWords{"systemctl", "restart", "schoolgate-gateway.service"});
  CHECK(ran == std::vector<std::string>{"daemon-reload daemon-reload", "restart schoolgate-gateway.service"});
  ran.clear();
  // Another DHCP server is in the way: the rest is in force.
  CHECK(apply(steps_to_apply(answers), failing("restart schoolgate-dhcp.service"), silent).empty());
  CHECK(ran.back() == "restart radvd.service");
}

TEST_CASE("the way back stops what is new, and loads again what was there", "[tools][setup]") {
  const auto change = [](const char* path, FileFate fate, std::optional<std::string> before) {
    return FileChange{{path, "x"}, path, fate, std::move(before)};
  };
  const WayBack first =
      way_back({change("/etc/systemd/system/schoolgate-gateway.service", FileFate::create, {}),
                change("/etc/systemd/system/schoolgate-dhcp.service", FileFate::create, {})});
  REQUIRE(first.before.size() == 4);
  CHECK(first.before[0].back() == "schoolgate-dhcp.service");
  CHECK(first.before[2][0] == "sysctl");
  CHECK(first.before[3] == CommandWords{"nft", "delete", "table", "inet", "schoolgate"});
  const WayBack later =
      way_back({change("/etc/systemd/system/schoolgate-gateway.service", FileFate::same, "x"),
                change("/etc/schoolgate/gateway.nft", FileFate::replace, "y")});
  CHECK(later.before.empty());
  CHECK(later.after[1] == CommandWords{"systemctl", "restart", "schoolgate-gateway.service"});
}

TEST_CASE("only yes in time is yes", "[tools][setup]") {
  using namespace std::chrono_literals;
  struct Row {
    const char* typed;
    bool want;
  };
  for (const Row& row :
       {Row{"yes\n", true}, {"có\n", true}, {"no\n", false}, {"", false}, {"yes", false}, {"\n", false}}) {
    DYNAMIC_SECTION(row.typed) {
      int pipe[2];
      REQUIRE(::pipe(pipe) == 0);
      REQUIRE(::write(pipe[1], row.typed, std::string(row.typed).size()) >= 0);
      ::close(pipe[1]);
      CHECK(confirmed(pipe[0], 10s) == row.want);
      ::close(pipe[0]);
    }
  }
  int silent[2];
  REQUIRE(::pipe(silent) == 0);
  CHECK_FALSE(confirmed(silent[0], 20ms));
  ::close(silent[0]);
  ::close(silent[1]);
}
