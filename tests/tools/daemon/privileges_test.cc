// What the process may do is changed for good, so each case is tried in a child process; what takes root is
// left out without it.
#include "tools/daemon/privileges.h"

#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <csignal>
#include <stdexcept>
#include <vector>

#include "tests/support/child_process.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using namespace schoolgate::test;
using Catch::Contains;

namespace {

bool is_root() {
  return ::geteuid() == 0;
}

constexpr char nobody[] = "nobody";  // on every Debian

// As a shell of root has it: what is not given up with the user would go on holding.
bool take_group(gid_t group) {
  return ::setgroups(1, &group) == 0;
}

bool has_group(gid_t group) {
  std::vector<gid_t> all(static_cast<std::size_t>(::getgroups(0, nullptr)));
  all.resize(static_cast<std::size_t>(::getgroups(static_cast<int>(all.size()), all.data())));
  return std::find(all.begin(), all.end(), group) != all.end();
}

}  // namespace

TEST_CASE("privileges: as many descriptors as the system grants", "[tools][privileges]") {
  CHECK(in_child([] {
          rlimit limit{};
          ::getrlimit(RLIMIT_NOFILE, &limit);
          limit.rlim_cur = 64;
          ::setrlimit(RLIMIT_NOFILE, &limit);
          const std::uint64_t raised = raise_descriptor_limit();
          rlimit now{};
          ::getrlimit(RLIMIT_NOFILE, &now);
          return first_false({raised == limit.rlim_max, now.rlim_cur == limit.rlim_max,
                              now.rlim_max == limit.rlim_max, raise_descriptor_limit() == raised});
        }) == 0);
}

TEST_CASE("privileges: names of users and back", "[tools][privileges]") {
  CHECK(uid_of("root") == uid_t{0});
  CHECK(name_of(0) == "root");
  const auto number = uid_of(nobody);
  REQUIRE(number);
  CHECK(name_of(*number) == nobody);
  CHECK_FALSE(uid_of("no-such-user"));
  CHECK_FALSE(uid_of(""));
  CHECK(name_of(4'000'000'000u) == "4000000000");  // without a name
}

TEST_CASE("privileges: who is not root stays who he is", "[tools][privileges]") {
  CHECK(in_child([] {
          if (is_root() && ::setresuid(65'534, 65'534, 65'534) != 0) return 100;
          const uid_t before = ::geteuid();
          return first_false({drop_root("no-such-user").ok(), drop_root("root").ok(), ::geteuid() == before});
        }) == 0);
}

TEST_CASE("privileges: root becomes the user for good, or the start fails", "[tools][privileges]") {
  if (!is_root()) return;
  // Refused while nothing has changed: who to name instead is said.
  const auto missing = drop_root("no-such-user"), same = drop_root("root");
  REQUIRE(missing.failed());
  CHECK_THAT(missing.error().message.english(), Contains("no-such-user") && Contains("--user"));
  REQUIRE(same.failed());
  CHECK_THAT(same.error().message.english(), Contains("name an unprivileged user"));
  CHECK(::geteuid() == 0);
  CHECK(in_child([] {
          const uid_t wanted = uid_of(nobody).value_or(0);
          if (!take_group(0)) return 100;
          const bool refused = drop_root(nobody).failed();
          uid_t real = 0, effective = 0, saved = 0;
          ::getresuid(&real, &effective, &saved);
          return first_false({!refused, real == wanted, effective == wanted, saved == wanted,
                              ::getegid() != 0, !has_group(0), ::setuid(0) != 0, ::setgid(0) != 0,
                              ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1});
        }) == 0);
}

#ifdef __SANITIZE_ADDRESS__
constexpr bool dumps_stay = true;  // its leak check reads the memory so
#else
constexpr bool dumps_stay = false;
#endif

TEST_CASE("privileges: what is in memory is not written to a core file", "[tools][privileges]") {
  CHECK(in_child([] {
          const bool refused = forbid_dumps().failed();
          rlimit limit{};
          ::getrlimit(RLIMIT_CORE, &limit);
          const bool no_core = limit.rlim_cur == 0 && limit.rlim_max == 0;
          return first_false(
              {!refused, no_core || dumps_stay, ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 || dumps_stay});
        }) == 0);
}

TEST_CASE("privileges: work done as another user brings back its answer, output and errors",
          "[tools][privileges]") {
  if (!is_root()) return;
  const uid_t user = uid_of(nobody).value_or(0);
  struct Row {
    const char* name;
    Done done;
  };
  const Row rows[] = {
      {"both", {3, "out\n", "err\n"}},
      {"nothing", {0, "", ""}},
      {"errors alone", {1, "", "err"}},
      {"lines like the frame", {0, "7\n12\n", "3\n"}},
      {"more than a pipe holds", {4, std::string(1 << 20, 'o'), std::string(1 << 20, 'e')}},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const Result<Done> done = do_as(user, [&]() -> Done {
        const bool other = ::geteuid() == user && ::getegid() != 0 && !has_group(0) && ::setuid(0) != 0;
        return other ? row.done : Done{99, "", ""};
      });
      REQUIRE(done);
      CHECK(done->exit_code == row.done.exit_code);
      CHECK(done->out == row.done.out);
      CHECK(done->err == row.done.err);
      CHECK(::geteuid() == 0);
    }
}

TEST_CASE("privileges: work done as another user has none of root's groups", "[tools][privileges]") {
  if (!is_root()) return;
  CHECK(in_child([] {
          if (!take_group(0)) return 100;
          const Result<Done> done = do_as(uid_of(nobody).value_or(0), [] {
            return Done{has_group(0) ? 1 : 0, "", ""};
          });
          return first_false({static_cast<bool>(done), done && done->exit_code == 0, has_group(0)});
        }) == 0);
}

TEST_CASE("privileges: work that did not come to its end is an error, not an empty answer",
          "[tools][privileges]") {
  if (!is_root()) return;
  const uid_t user = uid_of(nobody).value_or(0);
  const Result<Done> threw = do_as(user, []() -> Done { throw std::runtime_error("no file"); });
  REQUIRE_FALSE(threw);
  CHECK_THAT(threw.error().message.english(), Contains("as user nobody ended before it answered"));
  const Result<Done> died = do_as(user, []() -> Done {
    ::kill(::getpid(), SIGKILL);
    return {};
  });
  REQUIRE_FALSE(died);
  CHECK_THAT(died.error().message.english(), Contains("ended before it answered"));
}

TEST_CASE("privileges: who may not become that user does nothing as another", "[tools][privileges]") {
  CHECK(in_child([] {
          if (is_root() && ::setresuid(65'534, 65'534, 65'534) != 0) return 100;
          const Result<Done> done = do_as(0, [] { return Done{0, "as nobody should", ""}; });
          return first_false({!done, !done && done.error().message == "cannot become user root"});
        }) == 0);
}
