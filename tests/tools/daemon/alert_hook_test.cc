#include "tools/daemon/alert_hook.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/proxy/audit/log_fixture.h"
#include "tools/daemon/smtp.h"

using namespace schoolgate;
using namespace schoolgate::audit_test;
using namespace schoolgate::tools;

namespace {

const std::atomic<bool> going{false}, ending{true};

std::string script(const TempDir& dir, const std::string& text) {
  const std::string path = dir.root + "/ring";
  std::ofstream(path) << "#!/bin/sh\n" << text << "\n";
  std::filesystem::permissions(path, std::filesystem::perms(0755));
  return path;
}

}  // namespace

TEST_CASE("hook: words and codes as they are, no shell between", "[tools][alert]") {
  TempDir dir;
  const std::string path =
      script(dir, "printf '%s|' \"$@\" > " + dir.root + "/said; env >> " + dir.root + "/said");
  REQUIRE(run_alert_hook({path, "--door; rm -rf $HOME"}, {"CA-1", "CA-2"}, going).ok());
  std::ifstream in(dir.root + "/said");
  const std::string said{std::istreambuf_iterator<char>(in), {}};
  CHECK(said.starts_with("--door; rm -rf $HOME|CA-1|CA-2|"));
  CHECK(said.find("HOME=") == std::string::npos);
}

TEST_CASE("hook: what goes wrong is said", "[tools][alert]") {
  TempDir dir;
  CHECK(run_alert_hook({script(dir, "exit 7")}, {}, going).error().message == "it ended with exit code 7");
  CHECK(run_alert_hook({script(dir, "kill -9 $$")}, {}, going).error().message == "it was ended by signal 9");
  CHECK(run_alert_hook({dir.root + "/none"}, {}, going).failed());
  // At the end of the proxy nobody waits for it.
  CHECK(run_alert_hook({script(dir, "exec sleep 600")}, {}, ending).failed());
}

TEST_CASE("secret: of the proxy's user alone", "[tools][alert]") {
  TempDir dir;
  const std::string path = dir.root + "/secret";
  CHECK(read_secret(path).failed());
  const auto write = [&](const std::string& text, unsigned mode) {
    std::filesystem::remove(path);
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms(mode));
  };
  write("mật khẩu\n", 0600);
  CHECK(*read_secret(path) == "mật khẩu");
  for (const unsigned mode : {0640u, 0604u, 0660u}) {
    write("x", mode);
    CHECK(read_secret(path).failed());
  }
  for (const std::string& text : {std::string(), std::string("\n"), std::string(1'025, 'x')}) {
    write(text, 0600);
    CHECK(read_secret(path).failed());
  }
  write(std::string(1'024, 'x'), 0600);
  CHECK(read_secret(path)->size() == 1'024);
}
