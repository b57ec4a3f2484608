// What `check` finds beside what the configuration's own files say.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <mutex>
#include <streambuf>
#include <thread>

#include "tests/config/support.h"
#include "tests/tools/program_runner.h"

using namespace schoolgate;
using namespace schoolgate::tools_test;

namespace {

// Who reads `check --watch`, and leaves when told: then the next write fails, as a pipe's.
class Reader final : public std::streambuf {
 public:
  // Waits until so many looks have come to their end, at most 20 s.
  [[nodiscard]] bool has(const std::string& end, std::size_t times) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (count(end) < times && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return count(end) >= times;
  }
  void leave() noexcept { left_ = true; }
  [[nodiscard]] std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  std::size_t count(const std::string& what) {
    const std::string all = text();
    std::size_t n = 0;
    for (std::size_t at = 0; (at = all.find(what, at)) != std::string::npos; at += what.size()) ++n;
    return n;
  }
  int_type overflow(int_type c) override {
    const std::lock_guard lock(mutex_);
    text_ += traits_type::to_char_type(c);
    return c;
  }
  int sync() override { return left_ ? -1 : 0; }

  std::mutex mutex_;
  std::string text_;
  std::atomic<bool> left_ = false;
};

// A school whose pupils' connections are opened, with a folder of revocation lists.
void write_inspecting_school(const test::Folder& folder) {
  test::write_small_school(folder);
  folder.write("schoolgate.yaml", folder.read("schoolgate.yaml") +
                                      "https: {crl_dir: crl, never_inspect: {categories: []}}\n"
                                      "upstream: {extra_ca: [school.pem]}\n");
  folder.write("tiers.d/pupil.yaml",
               folder.read("tiers.d/pupil.yaml") + "https: {mode: inspect, reason: a test}\n");
  std::filesystem::create_directory(folder.path("crl"));
  const std::string config = folder.path("schoolgate.yaml");
  REQUIRE(run({"ca", "create", "-c", config, "--user", "root"}).exit_code == 0);
  std::filesystem::copy(folder.path("ca/ca.crt"), folder.path("school.pem"));
}

}  // namespace

TEST_CASE("check reads what a start reads: revocation lists and certificates", "[tools][check]") {
  const test::Folder folder;
  write_inspecting_school(folder);
  const auto check = [&] { return run({"check", "-c", folder.path("schoolgate.yaml")}); };
  const Ran good = check();
  INFO(good.out << good.err);
  REQUIRE(good.exit_code == 0);

  folder.write("crl/broken.crl", "no list\n");
  const Ran broken = check();
  CHECK(broken.exit_code == tools::exit_config_errors);
  CHECK_THAT(broken.out, Catch::Contains("error SG1503: https.crl_dir: " + folder.path("crl/broken.crl") +
                                         " holds no revocation list that can be read: ") &&
                             Catch::Contains("remove it, or put the authority's list there again"));
  CHECK_THAT(run({"check", "--json", "-c", folder.path("schoolgate.yaml")}).out,
             Catch::Contains("\"code\":\"SG1503\""));

  std::filesystem::remove(folder.path("crl/broken.crl"));
  folder.write("school.pem", "no certificate\n");
  const Ran unknown = check();
  CHECK(unknown.exit_code == tools::exit_config_errors);
  CHECK_THAT(unknown.out, Catch::Contains("error SG1503: upstream.extra_ca: " + folder.path("school.pem") +
                                          " holds no certificate that can be read: "));

  // Where no tier inspects, nobody reads them.
  folder.write("crl/broken.crl", "no list\n");
  folder.write("tiers.d/pupil.yaml", [&] {
    std::string tier = folder.read("tiers.d/pupil.yaml");
    return tier.erase(tier.find("https:"));
  }());
  CHECK(check().exit_code == 0);
}

TEST_CASE("check --watch looks again when a file was saved, until its reader leaves", "[tools][check]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const std::string good = folder.read("tiers.d/pupil.yaml"), config = folder.path("schoolgate.yaml");
  Reader reader;
  int exit_code = -1;
  std::thread watching([&] {
    std::ostream out(&reader);
    std::ostringstream err;
    tools::Console console{out, err};
    const char* const argv[] = {"schoolgate", "check", "--watch", "-c", config.c_str()};
    exit_code = tools::run_program(5, argv, console);
  });
  const bool first = reader.has("\nok", 1);
  folder.write("tiers.d/pupil.yaml", good + "alow: [a.vn]\n");
  const bool wrong = reader.has("SG1101", 1);
  folder.write("tiers.d/pupil.yaml", good);
  const bool again = reader.has("\nok", 2);
  reader.leave();
  folder.write("lists/bets.txt", "bet.test\n");  // a list's folder is watched too
  watching.join();
  INFO(reader.text());
  CHECK(first);
  CHECK(wrong);
  CHECK(again);
  CHECK(exit_code == tools::exit_ok);
  CHECK_THAT(reader.text(), Catch::Contains("\nchanged: " + folder.path("tiers.d/pupil.yaml") + "\n"));
}
