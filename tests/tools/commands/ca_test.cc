#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "proxy/io/tls/certificate.h"
#include "proxy/io/tls/school_ca.h"
#include "tests/config/support.h"
#include "tests/tools/program_runner.h"

using namespace schoolgate;
using namespace schoolgate::tools_test;

namespace {

// Root has to name an owner for the key; in tests it is root itself.
std::vector<std::string> create(const std::string& config) {
  return {"ca", "create", "-c", config, "--user", "root"};
}

}  // namespace

TEST_CASE("ca create, show, export", "[tools][ca]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const std::string config = folder.path("schoolgate.yaml");

  const Ran before = run({"ca", "show", "-c", config});
  CHECK(before.exit_code == 1);
  CHECK_THAT(before.err, Catch::Contains("schoolgate ca create"));

  const Ran made = run(create(config));
  INFO(made.err);
  REQUIRE(made.exit_code == 0);
  struct stat key {};
  REQUIRE(::stat(folder.path("ca/ca.key").c_str(), &key) == 0);
  CHECK((key.st_mode & 0777) == 0600);
  const auto certificate = SchoolCa::load_certificate(folder.path("ca"));
  REQUIRE(certificate);
  const std::string mark = fingerprint(certificate->get());
  CHECK_THAT(made.out, Catch::Contains("Test Schoolgate CA") && Catch::Contains(mark));
  CHECK_THAT(run({"ca", "show", "-c", config}).out, Catch::Contains(mark));
  CHECK_THAT(run({"ca", "show", "--json", "-c", config}).out, Catch::Contains("\"sha256\":\"" + mark));

  CHECK(run({"ca", "export", "-c", config}).out == to_pem(certificate->get()));
  CHECK(run({"ca", "export", "--der", "-c", config}).out == to_der(certificate->get()));
  CHECK(run({"ca", "export", "--der", "-o", folder.path("out.der"), "-c", config}).exit_code == 0);
  CHECK(folder.read("out.der") == to_der(certificate->get()));
  CHECK(run({"ca", "export", "-o", folder.path("no/such/folder"), "-c", config}).exit_code == 1);

  const Ran again = run(create(config));
  CHECK(again.exit_code == 1);
  CHECK_THAT(again.err, Catch::Contains("--force"));
  CHECK_THAT(run({"ca", "show", "-c", config}).out, Catch::Contains(mark));
  auto forced = create(config);
  forced.emplace_back("--force");
  CHECK(run(forced).exit_code == 0);
  CHECK_THAT(run({"ca", "show", "-c", config}).out, !Catch::Contains(mark));
}

TEST_CASE("ca create --pages: a certificate for the pages, signed anew by the same authority",
          "[tools][ca]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const std::string config = folder.path("schoolgate.yaml");
  auto command = create(config);
  command.emplace_back("--pages");
  const Ran nowhere = run(command);
  CHECK(nowhere.exit_code == 1);
  CHECK_THAT(nowhere.err, Catch::Contains("listen: admin: tls:"));
  std::string text = folder.read("schoolgate.yaml");
  const std::string proxy = "proxy: [\"127.0.0.1:3128\"]";
  text.replace(
      text.find(proxy), proxy.size(),
      proxy +
          ", admin: {address: \"127.0.0.1:8443\", names: [gate.test], tls: {certificate: pages.crt, key: "
          "pages.key}}");
  folder.write("schoolgate.yaml", text);
  const Ran made = run(command);
  INFO(made.err);
  REQUIRE(made.exit_code == 0);
  CHECK_THAT(made.out, Catch::Contains("Test Schoolgate Pages CA") && Catch::Contains("pages-ca/ca.crt"));
  struct stat key {};
  for (const char* const name : {"pages.key", "pages-ca/ca.key"}) {
    REQUIRE(::stat(folder.path(name).c_str(), &key) == 0);
    CHECK((key.st_mode & 0777) == 0600);
  }
  const std::string authority = folder.read("pages-ca/ca.crt"), first = folder.read("pages.crt");
  CHECK_THAT(first, Catch::EndsWith(authority));
  CHECK_FALSE(std::filesystem::exists(folder.path("ca")));  // that of inspection has nothing to do with it
  CHECK_THAT(run(command).out, Catch::Contains("no device needs anything"));
  CHECK(folder.read("pages-ca/ca.crt") == authority);
  CHECK(folder.read("pages.crt") != first);
  folder.write("schoolgate.yaml", text.replace(text.find("gate.test"), 9, "door.test"));
  const Ran other = run(command);
  CHECK(other.exit_code == 1);
  CHECK_THAT(other.err, Catch::Contains("made for other names"));
  command.emplace_back("--force");
  CHECK(run(command).exit_code == 0);
  CHECK(folder.read("pages-ca/ca.crt") != authority);
}

TEST_CASE("ca in wrong hands or words", "[tools][ca]") {
  CHECK(run({"ca"}).exit_code == 2);
  CHECK(run({"ca", "burn"}).exit_code == 2);
  CHECK(run({"ca", "show", "-c", "/no/such/file.yaml"}).exit_code == 3);
}

TEST_CASE("ca export never writes the key, in neither form", "[tools][ca]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const std::string config = folder.path("schoolgate.yaml");
  REQUIRE(run(create(config)).exit_code == 0);
  const std::string key = folder.read("ca/ca.key");
  REQUIRE_THAT(key, Catch::Contains("PRIVATE KEY"));
  for (const std::vector<std::string>& form : {std::vector<std::string>{}, {"--der"}}) {
    std::vector<std::string> arguments{"ca", "export", "-c", config};
    arguments.insert(arguments.end(), form.begin(), form.end());
    CHECK(run(arguments).out.find("PRIVATE") == std::string::npos);
  }
  // Who may not read the key can hand out the certificate.
  std::filesystem::remove(folder.path("ca/ca.key"));
  CHECK(run({"ca", "export", "-c", config}).out == folder.read("ca/ca.crt"));
}

TEST_CASE("ca create for a user who is not there makes nothing", "[tools][ca]") {
  if (::geteuid() != 0) return;  // nobody but root gives the key away
  const test::Folder folder;
  test::write_small_school(folder);
  const Ran ran = run({"ca", "create", "-c", folder.path("schoolgate.yaml"), "--user", "no-such-user"});
  CHECK(ran.exit_code == 1);
  CHECK_THAT(ran.err, Catch::Contains("no-such-user") && Catch::Contains("--user"));
  CHECK(ran.out.empty());
  CHECK_FALSE(std::filesystem::exists(folder.path("ca")));
}
