// Whole answers stand in ../fixture/expected/explain.txt; here are the parts that decide something.
#include "tools/commands/explain.h"

#include <catch2/catch.hpp>
#include <limits>

#include "tests/config/support.h"
#include "tests/tools/program_runner.h"
#include "tests/tools/valid_json.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using namespace schoolgate::tools_test;
using Catch::Contains;

namespace {

constexpr std::int64_t monday_noon = 1'772'427'600;  // 2026-03-02 12:00 in the school's zone

// One tier for each way with https. bet.test is blocked, games.test warned of, bank.test never inspected.
const test::Folder& school() {
  static const std::unique_ptr<const test::Folder> made = [] {
    auto folder = std::make_unique<test::Folder>();
    test::write_small_school(*folder);
    folder->write("schoolgate.yaml", folder->read("schoolgate.yaml") +
                                         "https: {never_inspect: {categories: [], hosts: [bank.test]}}\n"
                                         "upstream: {allow_networks: [192.0.2.0/24]}\n");
    const std::string pupil = folder->read("tiers.d/pupil.yaml");
    const auto tier = [&](const std::string& name, const std::string& more) {
      std::string text = pupil;
      folder->write("tiers.d/" + name + ".yaml", text.replace(text.find("pupil"), 5, name) + more);
    };
    tier("paged", "https: block-page\n");
    tier("opened", "https: {mode: inspect, reason: a test}\n");
    tier("eager", "warn_without_page: allow_and_record\n");
    tier("lan", "allow: [10.0.0.0/8, 8.8.8.0/24, 127.0.0.0/8, 192.0.2.0/24]\n");
    const Ran made_ca = run({"ca", "create", "-c", folder->path("schoolgate.yaml"), "--user", "root"});
    REQUIRE(made_ca.exit_code == 0);
    return folder;
  }();
  return *made;
}

const Snapshot& snapshot() {
  static const LoadResult loaded = school().load();
  INFO(school().text_of(loaded));
  REQUIRE(loaded.snapshot != nullptr);
  return *loaded.snapshot;
}

Explained explained(const ExplainQuestion& question) {
  auto answer = explain_url(snapshot(), question, monday_noon);
  if (!answer) FAIL(answer.error().message);
  return std::move(*answer);
}

ExplainQuestion about(const std::string& url, const std::string& tier = "pupil") {
  ExplainQuestion question;
  question.url = url;
  question.tier = tier;
  return question;
}

// The line of the answer that says what the pupil gets.
std::string gets(const Explained& explained) {
  const std::string text = explain_text(snapshot(), explained, nullptr, false);
  const std::size_t at = text.find("\ngets     ");
  REQUIRE(at != std::string::npos);
  return text.substr(at + 10, text.find('\n', at + 1) - at - 10);
}

Explained with_verdict(Action action, Reason reason = Reason::category) {
  Explained e = explained(about("http://ok.test/"));
  e.explanation.verdict.action = action;
  e.explanation.verdict.reason = reason;
  return e;
}

}  // namespace

TEST_CASE("explain: an address as people paste it", "[tools][explain]") {
  struct Row {
    const char *pasted, *forward;
    bool connect, unseen;
  };
  const Row rows[] = {
      {"http://a.test/x", "http://a.test/x", false, false},
      {"a.test", "http://a.test/", false, false},  // no scheme: http
      {"a.test:8080/x?y", "http://a.test:8080/x?y", false, false},
      {"//a.test/x", "http://a.test/x", false, false},
      {"https://a.test", "https://a.test/", true, false},
      {"https://a.test/x", "https://a.test/", true, true},  // the name is all that is seen
      {"https://a.test/?x", "https://a.test/", true, true},
      {"https://a.test:8443/x", "https://a.test:8443/", true, true},
      {"https://[2001:db8::1]/x", "https://[2001:db8::1]/", true, true},
      {"https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443/", true, false},
      {"HTTPS:/\\a.test/", "https://a.test/", true, false},
      {" \t<https://a.test/>\r\n", "https://a.test/", true, false},
      {"\"http://a.test/\"", "http://a.test/", false, false},
      {"'a.test/x y'", "http://a.test/x%20y", false, false},
      {"\xC2\xA0\xE2\x80\x8Bhttp://a.test/\xEF\xBB\xBF", "http://a.test/", false, false},
      {"a.test/?to=https://b.test/", "http://a.test/?to=https://b.test/", false, false},
      {"a.test?https://b.test/", "http://a.test/?https://b.test/", false, false},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.pasted) {
      const Explained e = explained(about(row.pasted));
      CHECK(e.url.forward() == row.forward);
      CHECK(e.connect == row.connect);
      CHECK(e.unseen == row.unseen);
    }
}

TEST_CASE("explain: as a CONNECT, the authority is what was written", "[tools][explain]") {
  struct Row {
    const char *pasted, *forward;
  };
  const Row rows[] = {
      {"a.test", "https://a.test/"},
      {"a.test:8443", "https://a.test:8443/"},
      {"http://a.test/x", "http://a.test/"},  // port 80: judged as http
      {"https://a.test:444/x", "https://a.test:444/"},
      {"[2001:db8::1]", "https://[2001:db8::1]/"},
      {"0x7f.1", "https://127.0.0.1/"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.pasted) {
      ExplainQuestion question = about(row.pasted);
      question.stage = "connect";
      const Explained e = explained(question);
      CHECK(e.connect);
      CHECK(e.url.forward() == row.forward);
      CHECK_FALSE(e.unseen);  // that much was asked for
    }
}

TEST_CASE("explain: a clock that is doubted is told, and judged by", "[tools][explain]") {
  ExplainQuestion question = about("http://a.test/");
  CHECK_THAT(explain_text(snapshot(), explained(question), nullptr, false), !Contains("clock"));
  CHECK_THAT(explain_json(snapshot(), explained(question)), Contains("\"clock_doubted\":false"));
  question.clock_doubted_until_ms = (monday_noon + 86'400) * 1000;
  const Explained e = explained(question);
  CHECK(e.time.in_doubt);
  CHECK(moment_text(e.time) == "2026-03-03 12:00");  // it is that late at least
  CHECK_THAT(explain_text(snapshot(), e, nullptr, false),
             Contains("\nclock    the clock is behind the newest row of the log"));
  CHECK_THAT(explain_json(snapshot(), e), Contains("\"clock_doubted\":true"));
  question.clock_doubted_until_ms = std::numeric_limits<std::int64_t>::max();
  CHECK(moment_text(explained(question).time) == "2026-03-02 12:00");
  question.at = "T2 08:30";
  CHECK_FALSE(explained(question).time.in_doubt);
}

TEST_CASE("explain: what is no address, tier, client or time is an error that quotes it",
          "[tools][explain]") {
  const auto error_of = [](const ExplainQuestion& question) {
    const auto answer = explain_url(snapshot(), question, monday_noon);
    REQUIRE_FALSE(answer);
    return answer.error().message.english();
  };
  for (const char* url :
       {"", " ", "<>", "http://", "https://", "http://a b/", "https://a.test:0/", "http://@/"})
    DYNAMIC_SECTION('"' << url << '"') {
      CHECK_THAT(error_of(about(url)), Catch::StartsWith("\"" + std::string(url) + "\": "));
    }
  CHECK(error_of(about("http://a.test/", "nobody")) ==
        "no tier \"nobody\"; there are: eager, lan, opened, paged, pupil, staff");
  ExplainQuestion question;
  question.url = "http://a.test/";
  question.client = "10.1.2";
  CHECK_THAT(error_of(question), Contains("\"10.1.2\" is not an IP address"));
  question.client.reset();
  question.at = "noon";
  CHECK_THAT(error_of(question), Contains("\"noon\" is not a time such as"));
}

TEST_CASE("explain: whose tier, and when", "[tools][explain]") {
  struct Row {
    std::optional<std::string> tier, client;
    const char *want, *because;
  };
  const Row rows[] = {
      {"staff", std::nullopt, "staff", "asked for"},
      {std::nullopt, "10.1.2.3", "staff", "client 10.1.2.3"},
      {std::nullopt, "::ffff:10.1.2.3", "staff", "client 10.1.2.3"},
      {std::nullopt, "10.2.0.1", "pupil", "client 10.2.0.1"},
      {std::nullopt, std::nullopt, "pupil", "unknown_tier"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.because) {
      ExplainQuestion question;
      question.url = "http://ok.test/";
      question.tier = row.tier;
      question.client = row.client;
      const Explained e = explained(question);
      CHECK(snapshot().policy->tiers()[e.tier].id == row.want);
      CHECK(e.tier_because == row.because);
    }
  ExplainQuestion question = about("http://ok.test/");
  CHECK(to_string(explained(question).time) == "T2 12:00");  // now, in the school's zone
  question.at = "Fri 23:59";
  CHECK(to_string(explained(question).time) == "T6 23:59");
}

TEST_CASE("explain: a line on a network opens nothing that no proxy may reach", "[tools][explain]") {
  struct Row {
    const char* url;
    bool reached;
  };
  const Row rows[] = {
      {"http://10.1.2.3/", false},       {"https://10.1.2.3/", false},
      {"http://127.0.0.1:8080/", false}, {"https://8.8.8.8/", true},
      {"http://8.8.8.8/x", true},        {"http://192.0.2.1/", true},  // allow_networks
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.url) {
      const Explained e = explained(about(row.url, "lan"));
      CHECK(e.explanation.verdict.action == Action::allow);
      CHECK(e.passes == row.reached);
      CHECK(gets(e) == (row.reached ? "the site"
                                    : "not the site: " + std::string(e.url.host().text) +
                                          " is no address of the Internet, and upstream: allow_networks does "
                                          "not name it"));
      CHECK((explain_json(snapshot(), e).find("\"unreachable\":true") == std::string::npos) == row.reached);
    }
}

TEST_CASE("explain: what becomes of https, by the tier's way with it", "[tools][explain]") {
  struct Row {
    const char *tier, *url;
    bool connect, passes, page, inspect;
    const char *gets, *https;
  };
  const Row rows[] = {
      {"pupil", "https://ok.test/", true, true, false, false, "the site",
       "not opened: tier pupil says https: names"},
      {"pupil", "https://bet.test/", true, false, false, false, "a refused CONNECT, no page",
       "not opened: tier pupil says https: names"},
      {"pupil", "https://games.test/", true, false, false, false,
       "a refused CONNECT: no page can be shown, so `warn` blocks in this tier",
       "not opened: tier pupil says https: names"},
      {"eager", "https://games.test/", true, true, false, false, "the site, recorded: no page can be shown",
       "not opened: tier eager says https: names"},
      {"paged", "https://ok.test/", true, true, false, false, "the site",
       "not opened: tier paged says https: block-page, and there is no page to show"},
      {"paged", "https://bet.test/", true, false, true, false,
       "the block page, on devices that trust the school's certificate",
       "opened: tier paged says https: block-page, and there is a page to show"},
      {"paged", "https://games.test/", true, false, true, false,
       "a page with Continue, on devices that trust the school's certificate",
       "opened: tier paged says https: block-page, and there is a page to show"},
      {"paged", "https://bank.test/", true, true, false, false, "the site",
       "not opened: never_inspect names bank.test"},
      {"opened", "https://ok.test/x", false, true, false, false, "the site",
       "opened: tier opened says https: inspect"},
      {"opened", "https://bet.test/x", false, false, false, false, "the block page",
       "opened: tier opened says https: inspect"},
      {"opened", "https://games.test/x", false, false, false, false, "a page with Continue",
       "opened: tier opened says https: inspect"},
      {"opened", "https://bank.test/x", true, true, false, false, "the site",
       "not opened: never_inspect names bank.test"},
      {"opened", "http://bet.test/", false, false, false, false, "the block page", ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.tier << ' ' << row.url) {
      const Explained e = explained(about(row.url, row.tier));
      CHECK(e.connect == row.connect);
      CHECK(e.passes == row.passes);
      CHECK(e.page == row.page);
      CHECK(e.inspect == row.inspect);
      CHECK(gets(e) == row.gets);
      CHECK(e.https == row.https);
    }
}

TEST_CASE("explain: the CONNECT of a connection that will be inspected", "[tools][explain]") {
  struct Row {
    const char* host;
    bool passes;
    const char* by_name;
  };
  // Of bet.test no path changes the verdict: it is opened for its page alone.
  const Row rows[] = {{"ok.test", true, "the site"}, {"games.test", false, "a page with Continue"}};
  for (const Row& row : rows) DYNAMIC_SECTION(row.host) {
      ExplainQuestion question = about(row.host, "opened");
      question.stage = "connect";
      const Explained e = explained(question);
      CHECK(e.inspect);
      CHECK(e.passes == row.passes);
      CHECK(gets(e) == std::string("each request inside is judged as a whole address; by the name alone: ") +
                           row.by_name);
    }
}

TEST_CASE("explain: what the pupil gets where words or a site help", "[tools][explain]") {
  struct Row {
    const char* name;
    Reason reason;
    bool alert, passes;
    Action without;
    const char* gets;
  };
  const Row rows[] = {
      {"words, and no alert", Reason::search_term, false, true, Action::allow,
       "the site; that it helps is recorded privately"},
      {"words of a path", Reason::path_term, false, true, Action::allow,
       "the site; that it helps is recorded privately"},
      {"words with an alert", Reason::search_term, true, true, Action::allow,
       "the help page once in 45 minutes, then the site"},
      {"words of a site that is warned of", Reason::search_term, true, false, Action::warn,
       "the help page once in 45 minutes, then a page with Continue"},
      {"words of a site that is blocked", Reason::search_term, true, false, Action::block,
       "the help page once in 45 minutes, then the block page"},
      {"a site that a list names", Reason::category, true, false, Action::allow,
       "the help page, without a way on"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      Explained e = with_verdict(Action::help, row.reason);
      e.passes = row.passes;
      HelpMatch& help = e.explanation.help.emplace();
      help.help = e.explanation.verdict;
      help.help.flags.alert = row.alert;
      help.without.action = row.without;
      CHECK(gets(e) == row.gets);
    }
  Explained refused = with_verdict(Action::help);
  refused.connect = true;
  CHECK(gets(refused) == "a refused CONNECT, no page");
  refused.page = true;
  CHECK(gets(refused) == "the help page, on devices that trust the school's certificate");
  refused.page = false;
  refused.inspect = true;
  CHECK_THAT(gets(refused), Catch::EndsWith("by the name alone: the help page"));
}

TEST_CASE("explain: JSON is JSON, whatever was asked about", "[tools][explain]") {
  for (const char* url :
       {"http://ok.test/\"\\?a=%00%1b", "https://games.test/", "http://bet.test/", "bank.test"}) {
    CAPTURE(url);
    const std::string json = explain_json(snapshot(), explained(about(url)));
    CHECK(is_json(json));
    CHECK(json.find_first_of("\x1b\t\r") == std::string::npos);
  }
  CHECK_THAT(explain_json(snapshot(), explained(about("https://bet.test/", "paged"))),
             Contains("\"action\":\"block\",\"flags\":\"locked\",\"passes\":false"));
}

TEST_CASE("explain: --exit-code is 10 for what would not get through", "[tools][explain]") {
  struct Row {
    const char *tier, *url;
    int want;
  };
  const Row rows[] = {
      {"pupil", "http://ok.test/", exit_ok},          {"pupil", "http://bet.test/", exit_blocked},
      {"pupil", "http://games.test/", exit_ok},        // a page with a way on
      {"pupil", "https://games.test/", exit_blocked},  // no page, no way
      {"eager", "https://games.test/", exit_ok},      {"paged", "https://games.test/", exit_blocked},
      {"opened", "https://games.test/", exit_ok},     {"opened", "https://bet.test/", exit_blocked},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.tier << ' ' << row.url) {
      const std::vector<std::string> asked{
          "explain", row.url, "--tier", row.tier, "-c", school().path("schoolgate.yaml"), "--at", "T2 08:30"};
      CHECK(run(asked).exit_code == exit_ok);
      std::vector<std::string> strict = asked;
      strict.emplace_back("--exit-code");
      CHECK(run(strict).exit_code == row.want);
    }
}
