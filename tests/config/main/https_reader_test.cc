// `https:`: what is never opened must not be opened by a slip, so that each doubt is an error.
#include "config/main/https_reader.h"

#include <catch2/catch.hpp>
#include <ctime>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

struct HttpsReading : Reading {
  // `text` is what stands below "https:", indented.
  void read(const std::string& text) {
    folder.write("schoolgate.yaml", "https:\n" + text);
    const auto root = context.yaml(context.config_file());
    REQUIRE(root);
    const YamlNode* const section = root->find("https");
    REQUIRE(section != nullptr);
    read_https(*section, context.reporter(context.config_file()), context, https, never);
  }
  [[nodiscard]] std::string told() const { return Reading::told("schoolgate.yaml"); }
  HttpsSettings https;
  NeverInspect never;
};

TEST_CASE("an exception ends with the day that is written", "[config][https]") {
  struct Row {
    const char* day;
    std::int64_t end;  // UTC; 0: it is no day
  };
  const Row rows[] = {
      {"2099-06-30", 4'086'547'200},  // 2099-07-01T00:00:00Z
      {"2096-02-29", 3'981'398'400},  // a leap year
      {"2099-12-31", 4'102'444'800},  // the end of a year
      {"2099-02-29", 0},              // no leap year
      {"2099-02-30", 0},
      {"2099-04-31", 0},
      {"2099-13-01", 0},
      {"2099-00-10", 0},
      {"2099-01-00", 0},
      {"2099-6-30", 0},
      {"30-06-2099", 0},
      {"2099/06/30", 0},
      {"2099-06-30 ", 0},
      {"2099--1-30", 0},
      {"2099-+6-30", 0},
      {"", 0},
      {"forever", 0},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION('"' << row.day << '"') {
      HttpsReading reading;
      reading.read("  exceptions: [{host: old.vn, reason: x, until: \"" + std::string(row.day) + "\"}]\n");
      if (row.end == 0) {
        CHECK(reading.https.exceptions.empty());
        CHECK_THAT(reading.told(), Tells(*row.day == '\0' ? "2:49: error SG1113" : "2:49: error SG1117"));
      } else {
        REQUIRE(reading.https.exceptions.size() == 1);
        CHECK(reading.https.exceptions[0].until == row.end);
        CHECK_THAT(reading.told(), Tells(""));
      }
    }
  }
  SECTION("one that has ended is told, and lets nothing pass") {
    HttpsReading reading;
    reading.read("  exceptions: [{host: old.vn, reason: x, until: 2020-01-31}]\n");
    CHECK_THAT(reading.told(), Tells("2:49: warning SG1502"));
    CHECK_FALSE(reading.https.excepts("old.vn", std::time(nullptr)));
  }
}

TEST_CASE("an exception is for one site, with a reason and an end", "[config][https]") {
  struct Row {
    const char *exception, *tells;
  };
  const Row rows[] = {
      {"{host: OLD.vn, reason: x, until: 2099-01-01}", ""},
      {"{host: old.vn, until: 2099-01-01}", "2:16: error SG1102: an exception needs the key \"reason\""},
      {"{host: old.vn, reason: x}", "2:16: error SG1102: an exception needs the key \"until\""},
      {"{host: '*.old.vn', reason: x, until: 2099-01-01}",
       "2:23: error SG1301: an exception is for one site"},
      {"{host: 10.0.0.1, reason: x, until: 2099-01-01}", "2:23: error SG1301"},
      {"{host: old.vn/x, reason: x, until: 2099-01-01}", "2:23: error SG1301"},
      {"{host: [old.vn], reason: x, until: 2099-01-01}", "2:23: error SG1103"},
      {"{hosts: old.vn, reason: x, until: 2099-01-01}", "2:17: error SG1101"},
      {"old.vn", "2:16: error SG1103"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.exception) {
      HttpsReading reading;
      reading.read("  exceptions: [" + std::string(row.exception) + "]\n");
      CHECK_THAT(reading.told(), Tells(row.tells));
      const bool good = *row.tells == '\0';
      REQUIRE(reading.https.exceptions.size() == (good ? 1 : 0));
      if (good) CHECK(reading.https.exceptions[0].host == "old.vn");
    }
  }
}

TEST_CASE("the categories that are never opened, unless the file says others", "[config][https]") {
  struct Row {
    const char* text;
    bool named;
    std::size_t categories;
  };
  const Row rows[] = {
      {"  never_inspect: {}\n", false, 0},  // NeverInspect::standard, as far as the school has them
      {"  never_inspect: {categories: }\n", false, 0},
      {"  never_inspect: {categories: []}\n", true, 0},  // none, and that is meant
      {"  never_inspect: {categories: [finance, health]}\n", true, 2},
      {"  never_inspect: {categories: finance}\n", true, 1},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.text) {
      HttpsReading reading;
      reading.read(row.text);
      CHECK(reading.never.named == row.named);
      CHECK(reading.never.categories.size() == row.categories);
      CHECK_THAT(reading.told(), Tells(""));
    }
  }
}

TEST_CASE("hosts that are never opened", "[config][https]") {
  HttpsReading reading;
  reading.read(
      "  never_inspect:\n    hosts: [Bank.vn, '*.gov.vn', bücher.de, com.vn, github.io, '*.*.vn', 10.0.0/8, "
      "'', 10.0.0.1, 10.1.0.0/16, '2001:db8::/32']\n");
  CHECK(reading.never.hosts ==
        std::vector<std::string>{"bank.vn", "gov.vn", "xn--bcher-kva.de", "com.vn", "github.io"});
  std::string networks;
  for (const Network& network : reading.never.networks) networks += network.cidr() + " ";
  CHECK(networks == "10.0.0.1/32 10.1.0.0/16 2001:db8::/32 ");
  CHECK_THAT(reading.told(), Tells("3:46: warning SG1307: no site whose name ends in .com.vn is ever opened\n"
                                   "3:65: error SG1301\n3:75: error SG1301\n3:85: error SG1113"));
}

TEST_CASE("a file of hosts that are never opened is right to the last line, or an error", "[config][https]") {
  struct Row {
    const char* name;
    std::string text;
    std::vector<std::string> hosts;
    const char* tells;
  };
  const Row rows[] = {
      {"comments, blanks, a star", "# banks\n\n  bank.vn  # ours\n*.gov.vn#all\n", {"bank.vn", "gov.vn"}, ""},
      {"a byte order mark and CRLF",
       "\xEF\xBB\xBF"
       "bank.vn\r\nclinic.vn\r\n",
       {"bank.vn", "clinic.vn"},
       ""},
      {"without a last line end", "bank.vn", {"bank.vn"}, ""},
      {"one wrong line among right ones",
       "bank.vn\nhealth vn\nlast.vn\n",
       {"bank.vn", "last.vn"},
       "never.txt:2:1: error SG1301"},
      {"Latin-1", "caf\xE9.vn\n", {}, "never.txt:1:1: error SG1301"},
      {"NUL bytes", std::string("bank.vn\n\0\0\0\n", 12), {"bank.vn"}, "never.txt:2:1: error SG1301"},
      {"old line ends: all in one line", "a.vn\rb.vn\r", {}, "never.txt:1:1: error SG1301"},
      {"a registry", "com.vn\n*.com.vn\n", {"com.vn", "com.vn"}, "never.txt:1:1: warning SG1307"},
      {"a mebibyte is enough",
       std::string(1024 * 1024 + 1, '#'),
       {},
       "4:13: error SG1001: cannot read never.txt: larger than 1 MiB"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      HttpsReading reading;
      reading.folder.write("never.txt", row.text);
      reading.read("  never_inspect:\n    lists:\n          - never.txt\n");
      CHECK(reading.never.hosts == row.hosts);
      CHECK_THAT(reading.told(), Tells(row.tells));
    }
  }
}

TEST_CASE("the folder of revocation lists is there, or an error", "[config][https]") {
  HttpsReading reading;
  std::filesystem::create_directory(reading.folder.path("crls"));
  reading.folder.write("file", "");
  SECTION("there") {
    reading.read("  crl_dir: crls\n  ca: keys\n");
    CHECK_THAT(reading.told(), Tells(""));
    CHECK(reading.https.crl_directory == reading.folder.path("crls"));
    CHECK(reading.https.ca_directory == reading.folder.path("keys"));
  }
  for (const char* const other : {"nothing", "file", "file/below"}) DYNAMIC_SECTION(other) {
      reading.read("  crl_dir: " + std::string(other) + "\n");
      CHECK_THAT(reading.told(), Tells("2:12: error SG1504"));
    }
  SECTION("one that only the service may look into is the service's matter") {
    std::filesystem::create_directories(reading.folder.path("closed/crls"));
    ::chmod(reading.folder.path("closed").c_str(), 0);
    ::chmod(reading.folder.path("").c_str(), 0777);  // read() writes the main file
    const test::AsAnybody anybody;
    reading.read("  crl_dir: closed/crls\n");
    CHECK_THAT(reading.told(), Tells(""));
  }
}

// The authority, asked for once the tiers are known.
TEST_CASE("a tier that opens connections needs the school's authority", "[config][https]") {
  struct Row {
    const char* name;
    std::vector<Https> tiers;
    const char* opens;  // the first of them that does; "" = none
    bool inspects;
  };
  const Row rows[] = {
      {"no tier", {}, "", false},
      {"names alone", {Https::names, Https::names}, "", false},
      {"block pages", {Https::names, Https::block_page}, "t1", false},
      {"inspection", {Https::block_page, Https::inspect}, "t0", true},
  };
  for (const Row& row : rows)
    for (const bool there : {false, true}) {
      DYNAMIC_SECTION(row.name << (there ? ", with one" : ", without one")) {
        Reading reading;
        if (there) reading.folder.write("ca/ca.crt", "");
        MainFile main;
        main.config.https.ca_directory = reading.folder.path("ca");
        main.https_place = {reading.context.source(reading.folder.path("schoolgate.yaml")), {9, 1}, 5};
        PolicySpec spec;
        for (const Https https : row.tiers) {
          Tier tier;
          tier.id = "t" + std::to_string(spec.tiers.size());
          tier.https = https;
          spec.tiers.push_back(tier);
        }
        check_https(spec, main, reading.context);
        const bool needed = *row.opens != '\0';
        CHECK(main.config.https.needed == needed);
        CHECK(main.config.https.inspects == row.inspects);
        CHECK_THAT(reading.told("schoolgate.yaml"),
                   Tells(needed && !there ? "9:1: error SG1501: tier \"" + std::string(row.opens) + "\" opens"
                                          : ""));
      }
    }
}

}  // namespace
}  // namespace schoolgate
