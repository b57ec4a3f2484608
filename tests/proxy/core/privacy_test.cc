#include "proxy/core/privacy.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

namespace {

Verdict verdict(Action action) {
  Verdict result;
  result.action = action;
  result.layer = Layer::category;
  result.reason = Reason::category;
  return result;
}

LogRecord record(const Verdict& verdict, Ended ended, const char* path = "/a/b?c=d#e") {
  LogRecord made;
  made.decision = 7;
  made.verdict = verdict;
  made.ended = ended;
  made.host = "a.vn";
  made.path = path;
  return made;
}

}  // namespace

TEST_CASE("privacy: whose path is kept, and how much of it", "[core][privacy]") {
  struct Row {
    const char* name;
    Verdict verdict;
    Ended ended;
    bool kept;
  };
  const Verdict allow = verdict(Action::allow), warn = verdict(Action::warn), block = verdict(Action::block),
                help = verdict(Action::help);
  const Row rows[] = {
      {"allowed", allow, Ended::done, false},
      {"allowed, and blocked behind its name", allow, Ended::blocked, false},
      {"allowed, and failed", allow, Ended::upstream_failed, false},
      {"a page of warning", warn, Ended::blocked, true},
      {"a warning that passed", warn, Ended::done, true},
      {"a warning whose client left", warn, Ended::client_gone, true},
      {"blocked", block, Ended::blocked, true},
      {"ended before it was blocked", block, Ended::done, false},
      {"ended by an address that none may reach", block, Ended::refused, false},
      {"helped", help, Ended::done, false},
      {"a help page", help, Ended::blocked, false},
      {"refused for its form", Verdict::refused(Reason::bad_request), Ended::refused, false},
      {"refused, whatever else", Verdict::refused(Reason::too_many_requests), Ended::blocked, false},
      {"judged by nobody", Verdict{}, Ended::done, false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      LogRecord made = record(row.verdict, row.ended);
      CHECK(keeps_path(made) == row.kept);
      make_ordinary(made);
      CHECK(made.path == (row.kept ? "/a/b" : ""));
      CHECK(made.host == "a.vn");
      CHECK(made.verdict == row.verdict);
    }
}

TEST_CASE("privacy: neither query nor fragment", "[core][privacy]") {
  struct Row {
    const char *path, *want;
  };
  const Row rows[] = {{"/a", "/a"}, {"/a?b#c", "/a"},     {"/a#b?c", "/a"},
                      {"?b", ""},   {"/a%3Fb", "/a%3Fb"}, {"", ""}};
  for (const Row& row : rows) DYNAMIC_SECTION("path " << row.path) {
      LogRecord made = record(verdict(Action::block), Ended::blocked, row.path);
      make_ordinary(made);
      CHECK(made.path == row.want);
    }
}

TEST_CASE("privacy: which log a record has a row in", "[core][privacy]") {
  struct Row {
    const char* name;
    Action action;
    bool beside;  // a match that helps
    bool ordinary, safeguarding;
  };
  const Row rows[] = {
      {"allowed", Action::allow, false, true, false},
      {"warned", Action::warn, false, true, false},
      {"blocked", Action::block, false, true, false},
      {"allowed, words that help beside it", Action::allow, true, true, true},
      {"blocked, words that help beside it", Action::block, true, true, true},
      {"help alone", Action::help, false, false, true},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      LogRecord made = record(verdict(row.action), Ended::done);
      if (row.beside) made.help = verdict(Action::help);
      CHECK(is_ordinary(made) == row.ordinary);
      CHECK(is_private(made) == row.safeguarding);
      CHECK((is_ordinary(made) || is_private(made)));
    }
}

TEST_CASE("privacy: of a hit on the sealed floor the ordinary log names nothing", "[core][privacy]") {
  Verdict sealed = verdict(Action::block);
  sealed.layer = Layer::sealed_floor;
  for (const Ended ended : {Ended::blocked, Ended::done, Ended::refused}) {
    LogRecord made = record(sealed, ended);
    made.port = 8443;
    made.cause = "dns: no such name a.vn";
    CHECK_FALSE(keeps_path(made));
    CHECK(is_ordinary(made));
    CHECK(is_private(made));
    LogRecord kept = made;
    make_ordinary(kept);
    CHECK(kept.host.empty());
    CHECK(kept.path.empty());
    CHECK(kept.cause.empty());
    CHECK(kept.port == 0);
    CHECK(kept.verdict == sealed);
    make_safeguarding(made);
    CHECK(made.host == "a.vn");
    CHECK(made.path.empty());
    CHECK(made.verdict == sealed);
  }
}

TEST_CASE("privacy: the safeguarding file has the match that helps, and no path", "[core][privacy]") {
  LogRecord beside = record(verdict(Action::block), Ended::blocked),
            alone = record(verdict(Action::help), Ended::done);
  beside.help = verdict(Action::help);
  make_safeguarding(beside);
  CHECK(beside.verdict.action == Action::help);
  CHECK(beside.path.empty());
  make_safeguarding(alone);
  CHECK(alone.verdict.action == Action::help);
  CHECK(alone.path.empty());
  CHECK(alone.host == "a.vn");
}
