// Who may see and answer a report of a wrong block, and what an answer does.
#include "tools/daemon/wishes_desk.h"

#include <catch2/catch.hpp>
#include <optional>

#include "tests/config/support.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tools/console/console.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Matchers::Contains;

namespace {

class AnsweredWishes {
 public:
  AnsweredWishes() {
    test::write_small_school(folder);
    folder.write("tiers.d/pupil.yaml", R"(version: 1
tier: pupil
name: {vi: Học sinh, en: Pupils}
default: allow
may_override: [games]
categories: {gambling: block+locked, games: block, learning: allow}
)");
    folder.write("delegation.yaml", R"(version: 1
teachers:
  - {account: lan, tiers: [pupil], open: [games]}
  - {account: hoa, tiers: [pupil], open: [games], lines: true}
  - {account: nam, tiers: [pupil], lines: true}
)");
    const LoadResult loaded = folder.load();
    INFO(folder.text_of(loaded));
    REQUIRE(loaded.snapshot);
    snapshot = loaded.snapshot;
    log = audit_test::open_log(dir, now_ms);
    book.emplace(audit::WishBook::Hooks{});
    REQUIRE(book->open(dir.path).ok());
    desk.emplace(*book, *log,
                 WishesDesk::Hooks{.current = [this] { return snapshot; },
                                   .open =
                                       [this](const WishesDesk::Asker& who, const TeacherQuestion& asked) {
                                         opened.push_back(who.account + " " + asked.target + " " + asked.end);
                                         return Reply{can_open ? exit_ok : exit_failed, "said\n"};
                                       },
                                   .overrides =
                                       [this] {
                                         OverrideRow row;
                                         row.target = "games.test";
                                         row.tier = "pupil";
                                         row.end.wall_ms = now_ms + 60'000;
                                         return std::vector{row};
                                       },
                                   .add_line =
                                       [this](const WishesDesk::LineWanted& line) {
                                         lines.push_back(line.who.account + " " + line.host);
                                         return Message();
                                       },
                                   .now_ms = [this] { return now_ms; }});
    code = book->ask({.client = IpAddress::v4(1),
                      .shared = false,
                      .host = "games.test",
                      .tier = "pupil",
                      .category = "games",
                      .list = "lists/games.txt",
                      .reason = WishReason::lesson,
                      .now_ms = now_ms})
               .code;
  }
  Reply ask(const std::string& account, const std::string& question) {
    return desk->reply("wishes\t" + question, {"uid " + account, account});
  }

  const test::Folder folder;
  const audit_test::TempDir dir;
  std::int64_t now_ms = 1'764'400'000'000;
  std::shared_ptr<const Snapshot> snapshot;
  std::unique_ptr<AccessLog> log;
  std::optional<audit::WishBook> book;
  std::optional<WishesDesk> desk;
  std::vector<std::string> opened, lines;
  bool can_open = true;
  std::string code;
};

}  // namespace

TEST_CASE("reports are seen by root and by whom the tier is given", "[tools][wishes]") {
  AnsweredWishes one;
  CHECK_THAT(one.ask("", "list").text, Contains(one.code) && Contains("games.test"));
  CHECK_THAT(one.ask("lan", "list\tjson=").text, Contains("\"devices\":1"));
  CHECK_THAT(one.ask("lan", "show\tcode=" + one.code).text, Contains("lists/games.txt"));
  CHECK_THAT(one.ask("eve", "list").text, !Contains(one.code));
  CHECK(one.ask("eve", "show\tcode=" + one.code).exit_code == exit_failed);
  CHECK(one.ask("eve", "deny\tcode=" + one.code + "\twhy=x").exit_code == exit_failed);
  CHECK(one.ask("lan", "show\tcode=BN-00000000").exit_code == exit_failed);
  CHECK(one.ask("lan", "reload").exit_code == exit_usage);
  CHECK_THAT(one.desk->rows("lan").text, Contains("\t1\n"));
  CHECK_THAT(one.desk->rows("eve").text, Contains("\t0\n"));
  CHECK_THAT(one.desk->rows("").text, Contains("\t0\n"));  // never the admin
}

TEST_CASE("a grant for a lesson is an override", "[tools][wishes]") {
  AnsweredWishes one;
  one.can_open = false;
  CHECK(one.ask("lan", "grant\tcode=" + one.code + "\twhy=x").exit_code == exit_failed);
  CHECK(one.book->with_code(one.code)->state == WishState::open);
  one.can_open = true;
  CHECK(one.ask("lan", "grant\tcode=" + one.code + "\ttier=staff\twhy=x").exit_code == exit_failed);
  CHECK(one.ask("lan", "grant\tcode=" + one.code + "\ttier=pupil\tfor=30m\twhy=x").exit_code == exit_ok);
  CHECK(one.opened.back() == "lan games.test 30m");
  const auto wish = one.book->with_code(one.code);
  CHECK(wish->state == WishState::granted);
  CHECK(wish->by == "lan");
  CHECK(wish->open_until_ms == one.now_ms + 60'000);
  CHECK(one.ask("", "deny\tcode=" + one.code + "\twhy=x").exit_code == exit_failed);
}

TEST_CASE("for good is for who may lift lines, and could open it for a lesson", "[tools][wishes]") {
  AnsweredWishes one;
  const std::string grant = "grant\tcode=" + one.code + "\twhy=x\tline=";
  CHECK(one.ask("lan", grant).exit_code == exit_failed);
  CHECK(one.ask("nam", grant).exit_code == exit_failed);
  CHECK(one.lines.empty());
  CHECK(one.ask("hoa", grant).exit_code == exit_ok);
  CHECK(one.lines == std::vector<std::string>{"hoa games.test"});
  CHECK(one.book->with_code(one.code)->line);
  // What the policy has locked is opened by no line.
  CHECK_FALSE(why_line_is_idle(*one.snapshot, "pupil", "bet.test", one.now_ms).empty());
  CHECK_FALSE(why_line_is_idle(*one.snapshot, "nobody", "ok.test", one.now_ms).empty());
  CHECK(why_line_is_idle(*one.snapshot, "pupil", "ok.test", one.now_ms).empty());
}

TEST_CASE("a denial says why", "[tools][wishes]") {
  AnsweredWishes one;
  CHECK(one.ask("lan", "deny\tcode=" + one.code + "\twhy=a shop").exit_code == exit_ok);
  CHECK(one.book->find(one.code, one.now_ms)->why == "a shop");
  CHECK(one.opened.empty());
  CHECK_THAT(one.ask("lan", "list\tall=").text, Contains(one.code));
}
