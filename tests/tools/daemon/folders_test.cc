#include "tools/daemon/folders.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tools/daemon/privileges.h"

using namespace schoolgate;
using namespace schoolgate::tools;
namespace fs = std::filesystem;

namespace {

struct OwnFolder {
  fs::path path;
  OwnFolder() {
    char name[] = "/tmp/schoolgate-folders-XXXXXX";
    path = ::mkdtemp(name);
    ::chmod(path.c_str(), 0755);
  }
  ~OwnFolder() { fs::remove_all(path); }
  Config config() const {
    Config config;
    config.control_socket = path / "run/control.sock";
    config.state_directory = path / "state";
    config.log.directory = path / "log";
    config.log.key_file = path / "keys/pseudonym.keys";
    return config;
  }
};

// What is said to a user who is not root.
std::string said_to_nobody(const Config& config) {
  const auto ask = [&]() -> Done {
    const auto folders = missing_folders(config);
    return {0, folders.failed() ? folders.error().message.english() : "", ""};
  };
  if (::geteuid() != 0) return ask().out;
  const Result<Done> done = do_as(65534, ask);
  REQUIRE(done);
  return done->out;
}

bool names(const std::string& text, const fs::path& path) {
  return text.find("\n  " + path.string() + " (") != std::string::npos;
}

}  // namespace

TEST_CASE("folders that a start needs are named all at once", "[tools][folders]") {
  const OwnFolder place;
  ::chmod(place.path.c_str(), 0555);
  const std::string all = said_to_nobody(place.config());
  for (const char* folder : {"run", "state", "log", "keys"}) {
    CHECK(names(all, place.path / folder));
    CHECK((all + "\n").find(" " + (place.path / folder).string() + "\n") != std::string::npos);
  }
  CHECK(all.find("(log: key_file) does not exist") != std::string::npos);
  CHECK(all.find("install -d -o ") != std::string::npos);
}

TEST_CASE("what the proxy makes itself is not missed where it can", "[tools][folders]") {
  const OwnFolder place;
  ::chmod(place.path.c_str(), 01777);
  Config config = place.config();
  const std::string two = said_to_nobody(config);
  CHECK(names(two, place.path / "run"));
  CHECK(names(two, place.path / "keys"));
  CHECK_FALSE(names(two, place.path / "state"));
  CHECK_FALSE(names(two, place.path / "log"));
  config.log.key_file = place.path / "state/pseudonym.keys";
  fs::create_directory(place.path / "run");
  ::chmod((place.path / "run").c_str(), 01777);
  CHECK(said_to_nobody(config) == "");
  std::ofstream(place.path / "log") << "a file";
  CHECK(said_to_nobody(config).find("(log: directory) is not a folder") != std::string::npos);
}

TEST_CASE("a folder of somebody else is named with its owner", "[tools][folders]") {
  if (::geteuid() != 0) return;  // only root makes folders for others
  const OwnFolder place;
  Config config = place.config();
  config.log.key_file = place.path / "state/pseudonym.keys";
  for (const char* folder : {"run", "state", "log"}) {
    fs::create_directory(place.path / folder);
    REQUIRE(::chown((place.path / folder).c_str(), 65534, static_cast<gid_t>(-1)) == 0);
  }
  CHECK(said_to_nobody(config) == "");
  REQUIRE(::chown((place.path / "log").c_str(), 0, static_cast<gid_t>(-1)) == 0);
  const std::string said = said_to_nobody(config);
  CHECK(said.find("(log: directory) belongs to root, and this user (" + name_of(65534)) != std::string::npos);
  CHECK_FALSE(names(said, place.path / "run"));
}
