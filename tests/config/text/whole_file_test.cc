// Files of ours are written whole or not at all: whatever fails, the old one stands and nothing is left
// beside.
#include "config/text/whole_file.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <system_error>
#include <vector>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

// What lies in the folder, by name.
std::vector<std::string> names_in(const test::Folder& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path("")))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

// "" when it was written.
std::string write_or_why(const std::string& path, std::string_view text, FileAccess access = {.mode = 0640}) {
  const auto written = write_whole_file(path, {text}, access);
  return written.failed() ? written.error().message.english() : std::string();
}

// While it lives no file of this process can grow beyond `bytes`: a disk that is full after them.
class SmallDisk {
 public:
  explicit SmallDisk(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &was_) == 0);
    const rlimit small{bytes, was_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &was_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit was_{};
};

TEST_CASE("the parts of a file stand one after another, in place of what was there", "[config][whole_file]") {
  const test::Folder folder;
  for (const char* const before : {"", "a longer text than the new one"}) {
    folder.write("file", before);
    const auto written = write_whole_file(folder.path("file"), {"one,", "", "two"}, {.mode = 0600});
    CHECK(written.ok());
    CHECK(folder.read("file") == "one,two");
  }
  CHECK(write_or_why(folder.path("new"), "").empty());
  CHECK(folder.read("new").empty());
  CHECK(names_in(folder) == std::vector<std::string>{"file", "new"});
}

TEST_CASE("a large part is written whole, whatever goes at once", "[config][whole_file]") {
  const test::Folder folder;
  std::string text(3'000'001, ' ');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + i % 251 % 26);
  REQUIRE(write_or_why(folder.path("large"), text).empty());
  CHECK(folder.read("large") == text);
}

TEST_CASE("the rights of a file are those that were asked for, whatever the umask and the old file say",
          "[config][whole_file]") {
  const test::Folder folder;
  folder.write("file", "");
  REQUIRE(::chmod(folder.path("file").c_str(), 0666) == 0);
  const mode_t umask_before = ::umask(0077);
  for (const mode_t mode : {0640u, 0600u, 0644u}) {
    CHECK(write_or_why(folder.path("file"), "x", {.mode = mode}).empty());
    struct stat info {};
    REQUIRE(::stat(folder.path("file").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == mode);
  }
  ::umask(umask_before);
}

TEST_CASE("a link in the place of a file is replaced, not followed", "[config][whole_file]") {
  const test::Folder folder;
  folder.write("elsewhere", "of somebody else");
  std::filesystem::create_symlink("elsewhere", folder.path("file"));
  CHECK(write_or_why(folder.path("file"), "ours").empty());
  CHECK(folder.read("elsewhere") == "of somebody else");
  CHECK(folder.read("file") == "ours");
  CHECK_FALSE(std::filesystem::is_symlink(folder.path("file")));
}

TEST_CASE("what a killed process left beside is in nobody's way", "[config][whole_file]") {
  const test::Folder folder;
  const std::string beside = "file.new." + std::to_string(::getpid());
  SECTION("half a file") {
    folder.write(beside, "half");
  }
  SECTION("a link, which is not written through") {
    folder.write("elsewhere", "of somebody else");
    std::filesystem::create_symlink("elsewhere", folder.path(beside));
  }
  CHECK(write_or_why(folder.path("file"), "whole").empty());
  CHECK(folder.read("file") == "whole");
  CHECK_FALSE(std::filesystem::exists(std::filesystem::symlink_status(folder.path(beside))));
  if (std::filesystem::exists(folder.path("elsewhere")))
    CHECK(folder.read("elsewhere") == "of somebody else");
}

TEST_CASE("what cannot be written leaves the old file and nothing beside it", "[config][whole_file]") {
  const test::Folder folder;
  folder.write("file", "old");
  folder.write("folder/in-the-way", "");
  const auto before = names_in(folder);
  SECTION("no such folder") {
    CHECK(write_or_why(folder.path("nowhere/file"), "new") ==
          "cannot write " + folder.path("nowhere/file") + ": No such file or directory");
  }
  SECTION("a folder of that name") {
    CHECK_THAT(write_or_why(folder.path("folder"), "new"), Catch::Matchers::EndsWith("Is a directory"));
  }
  SECTION("a folder that may not be written to") {
    ::chmod(folder.path("").c_str(), 0555);
    const test::AsAnybody anybody;
    CHECK_THAT(write_or_why(folder.path("file"), "new"), Catch::Matchers::EndsWith("Permission denied"));
  }
  SECTION("a disk that is full before the end") {
    const SmallDisk disk(1000);
    CHECK_THAT(write_or_why(folder.path("file"), std::string(1001, 'x')),
               Catch::Matchers::EndsWith("File too large"));
    CHECK(write_or_why(folder.path("fits"), std::string(1000, 'x')).empty());
    std::filesystem::remove(folder.path("fits"));
  }
  SECTION("an owner that this user may not give") {
    ::chmod(folder.path("").c_str(), 0777);
    const test::AsAnybody anybody;
    CHECK_THAT(write_or_why(folder.path("file"), "new", {.mode = 0640, .owner = 0, .group = 0}),
               Catch::Matchers::EndsWith("Operation not permitted"));
  }
  CHECK(folder.read("file") == "old");
  CHECK(names_in(folder) == before);
  ::chmod(folder.path("").c_str(), 0755);
}

TEST_CASE("bytes that did not all go are told, with the reason", "[config][whole_file]") {
  const auto reason = [](int fd, const std::string& bytes) {
    const auto written = write_all(fd, bytes);
    return written.failed() ? written.error() : std::error_code();
  };
  CHECK_FALSE(reason(-1, ""));  // nothing to do
  CHECK(reason(-1, "x") == std::errc::bad_file_descriptor);
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  CHECK(reason(full, "x") == std::errc::no_space_on_device);
  ::close(full);

  // A pipe takes what fits and not the rest; all of it counts as not written.
  int ends[2];
  REQUIRE(::pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
  CHECK(reason(ends[1], std::string(4 * 1024 * 1024, 'x')) == std::errc::resource_unavailable_try_again);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace schoolgate
