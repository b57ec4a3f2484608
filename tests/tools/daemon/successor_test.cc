#include "tools/daemon/successor.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <thread>

#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

// A script in the program's place.
struct Installed {
  explicit Installed(const std::string& script) {
    folder.write("program", "#!/bin/sh\n" + script);
    REQUIRE(::chmod(folder.path("program").c_str(), 0755) == 0);
    options.program = folder.path("program");
    options.config_file = folder.path("school gate.yaml");
  }
  // Its exit code; -1 when it has not ended after 20 s.
  int run() const {
    const Result<pid_t> started = start_successor(options);
    if (!started) FAIL(started.error().message);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < until) {
      if (const auto code = ended_with(*started)) return *code;
      std::this_thread::yield();
    }
    ::kill(*started, SIGKILL);
    return -1;
  }

  test::Folder folder;
  SuccessorOptions options;
};

}  // namespace

TEST_CASE("successor: the program as it lies there, with the configuration that runs", "[tools][successor]") {
  Installed installed("cd \"$(dirname \"$0\")\" && printf '%s\\n' \"$@\" > words; cat >> words; exit 7\n");
  CHECK(installed.run() == 7);
  const std::string config = installed.options.config_file;  // one word, though it has a blank
  CHECK(installed.folder.read("words") == "run\n--take-over\n--config\n" + config + "\n");  // no input
  installed.options.state = "/var/lib/x";
  CHECK(installed.run() == 7);
  CHECK(installed.folder.read("words") ==
        "run\n--take-over\n--config\n" + config + "\n--state\n/var/lib/x\n");
}

TEST_CASE(
    "successor: it hears of the manager's watchdog, which this process has taken out of its own "
    "environment",
    "[tools][successor]") {
  Installed installed("cd \"$(dirname \"$0\")\" && echo \"[$WATCHDOG_USEC] [$SG_TEST]\" > heard\n");
  ::setenv("SG_TEST", "as ours", 1);
  CHECK(installed.run() == 0);
  CHECK(installed.folder.read("heard") == "[] [as ours]\n");
  installed.options.watchdog = std::chrono::seconds(30);
  CHECK(installed.run() == 0);
  CHECK(installed.folder.read("heard") == "[30000000] [as ours]\n");
  ::unsetenv("SG_TEST");
}

TEST_CASE("successor: how it ended, by itself or by a signal, told once", "[tools][successor]") {
  CHECK(Installed("exit 0\n").run() == 0);
  CHECK(Installed("kill -KILL $$\n").run() == 128 + SIGKILL);
  CHECK(ended_with(1) == 1);  // no child of ours: never taken for one that runs
}

TEST_CASE("successor: what cannot be started is an error, and the proxy goes on", "[tools][successor]") {
  Installed installed("exit 0\n");
  REQUIRE(std::filesystem::remove(installed.options.program));
  const Result<pid_t> missing = start_successor(installed.options);
  REQUIRE_FALSE(missing);
  CHECK_THAT(missing.error().message.english(), Catch::Contains(installed.options.program));
  installed.options.program.clear();
  CHECK_FALSE(start_successor(installed.options));
}

TEST_CASE("successor: this very program is known by its path", "[tools][successor]") {
  CHECK(std::filesystem::equivalent(own_program(), "/proc/self/exe"));
}
