// Public suffixes in lists: left out with a word, unless they are meant or were there before.
#include "config/lists/list_suffixes.h"

#include <catch2/catch.hpp>

#include "config/text/diag_codes.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::verdict;

void write_school(const test::Folder& folder, const std::string& format, const std::string& text,
                  const std::string& more = {}) {
  test::write_small_school(folder);
  folder.write("lists.d/t.yaml", "version: 1\nlists:\n  - {name: t, category: gambling, format: " + format +
                                     ", path: lists/t.txt" + more + "}\n");
  folder.write("lists/t.txt", text);
}

TEST_CASE("an entry that is a public suffix is left out", "[config][lists][suffix]") {
  struct Row {
    const char *name, *format, *text, *says;
  };
  const Row rows[] = {
      {"domains", "domains", "casino.test\ncom.vn\n", "lists/t.txt:2): \"com.vn\""},
      {"a star", "domains", "casino.test\n*.com.vn\n", "lists/t.txt:2): \"com.vn\""},
      {"hosts", "hosts", "0.0.0.0 casino.test\n0.0.0.0 com.vn\n", "lists/t.txt:2): \"com.vn\""},
      {"adblock", "adblock", "||casino.test^\n||com.vn^\n", "lists/t.txt:2): \"com.vn\""},
      {"adblock, all", "adblock", "||casino.test^\n||com.vn^$all\n", nullptr},
      {"urls", "urls", "casino.test/\ncom.vn\n", "lists/t.txt:2): \"com.vn\""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      write_school(folder, row.format, row.text);
      for (int round = 0; round < 2; ++round) {  // compiled, then from the cache
        const LoadResult result = folder.load();
        CHECK(verdict(result, "http://casino.test/") == Action::block);
        CHECK(verdict(result, "http://school.com.vn/") == Action::allow);
        CHECK(verdict(result, "http://com.vn/") == Action::allow);
        if (row.says != nullptr)
          CHECK(folder.text_of(result).find(std::string("warning SG1412: list t (") + row.says +
                                            " would block every site whose name ends in .com.vn; it is left "
                                            "out") != std::string::npos);
      }
    }
  }
}

TEST_CASE("a suffix of a hoster stays, and a URL below a suffix", "[config][lists][suffix]") {
  const test::Folder folder;
  write_school(folder, "domains", "casino.test\ngithub.io\n");
  const LoadResult result = folder.load();
  CHECK(folder.text_of(result).find("note SG1413: list t: under github.io everybody has a site") !=
        std::string::npos);
  CHECK(verdict(result, "http://a.github.io/") == Action::block);
  write_school(folder, "urls", "com.vn/choi\ncasino.test/x\n");
  const LoadResult urls = folder.load();
  CHECK(folder.text_of(urls) == "");
  CHECK(verdict(urls, "http://com.vn/choi") == Action::block);
}

TEST_CASE("suffixes that are meant", "[config][lists][suffix]") {
  const test::Folder folder;
  write_school(folder, "domains", "xxx\ngithub.io\n", ", suffixes: true");
  const LoadResult result = folder.load();
  CHECK(folder.text_of(result) == "");
  CHECK(verdict(result, "http://a.xxx/") == Action::block);
  write_school(folder, "domains", "xxx\ngithub.io\n");  // the same bytes, another meaning
  CHECK(folder.text_of(folder.load()).find("it stays because the last good load had it") !=
        std::string::npos);
}

TEST_CASE("a suffix of the last good load stays until its loss is accepted", "[config][lists][suffix]") {
  const test::Folder folder;
  write_school(folder, "domains", "casino.test\nxxx\n", ", suffixes: true");
  REQUIRE(verdict(folder.load(), "http://a.xxx/") == Action::block);
  write_school(folder, "domains", "casino.test\nxxx\ncom.vn\n");
  for (int round = 0; round < 2; ++round) {
    const LoadResult kept = folder.load();
    CHECK(verdict(kept, "http://a.xxx/") == Action::block);
    CHECK(verdict(kept, "http://a.com.vn/") == Action::allow);
    CHECK(folder.text_of(kept).find("(lists/t.txt:2): \"xxx\" blocks every site whose name ends in .xxx; it "
                                    "stays because the last good load had it") != std::string::npos);
  }
  folder.write("lists/t.txt", "casino.test\nxxx\ncom.vn\nnew.test\n");
  CHECK(verdict(folder.load(), "http://a.xxx/") == Action::block);
  LoadOptions options;
  options.accept_shrunk = true;
  CHECK(verdict(folder.load(options), "http://a.xxx/") == Action::allow);
  const LoadResult after = folder.load();
  CHECK(verdict(after, "http://a.xxx/") == Action::allow);
  CHECK(folder.text_of(after).find("\"xxx\" would block every site") != std::string::npos);
}

TEST_CASE("a list of nothing but suffixes is no error", "[config][lists][suffix]") {
  const test::Folder folder;
  write_school(folder, "domains", "com.vn\nnet\n");
  for (int round = 0; round < 2; ++round) {
    const LoadResult result = folder.load();
    CHECK(verdict(result, "http://a.net/") == Action::allow);
    CHECK(result.snapshot->list_status.back().report.accepted == 0);
  }
}

TEST_CASE("lines and never_inspect with suffixes are taken, with a warning", "[config][lines][suffix]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("locked.yaml", "version: 1\nblock: [com.vn]\n");
  folder.write("tiers.d/staff.yaml",
               folder.read("tiers.d/staff.yaml") + "allow: ['*.edu.vn', lan]\nwarn: [co.uk, x.co.uk]\n");
  folder.write("schoolgate.yaml",
               folder.read("schoolgate.yaml") +
                   "https: {never_inspect: {hosts: [gov.vn, '*.gov.uk', vietcombank.com.vn]}}\n");
  const LoadResult result = folder.load();
  CHECK(verdict(result, "http://a.com.vn/") == Action::block);
  std::string said;
  for (const Diagnostic& d : result.diagnostics) {
    CHECK(d.code == diag::line_too_wide);
    CHECK(d.severity == Severity::warning);
    said += d.message.english() + "\n";
  }
  CHECK(said ==
        "this line blocks every site whose name ends in .com.vn\n"
        "no site whose name ends in .gov.vn is ever opened\n"
        "this line allows every site whose name ends in .edu.vn\n"
        "this line allows every site whose name ends in .lan\n"
        "this line warns of every site whose name ends in .co.uk\n");
}

TEST_CASE("a file of never_inspect that names a suffix is taken, with a warning at its line",
          "[config][lists][suffix]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("schoolgate.yaml",
               folder.read("schoolgate.yaml") + "https: {never_inspect: {lists: [banks.txt]}}\n");
  folder.write("banks.txt", "# banks\nvietcombank.com.vn\ncom.vn  # all of them?\n*.gov.vn\ngithub.io\n");
  const LoadResult result = folder.load();
  CHECK(folder.text_of(result) ==
        "banks.txt:3:1: warning SG1307: no site whose name ends in .com.vn is ever opened\n"
        "    com.vn  # all of them?\n"
        "    ^~~~~~\n"
        "    hint: if that is meant: \"*.com.vn\"\n");
}

TEST_CASE("suffixes as they are kept beside the compiled lists", "[config][lists][suffix]") {
  ListSuffixes suffixes;
  CHECK(to_text(suffixes) == "0 0 0");
  suffixes.add({SuffixEntry::Fate::left_out, 12, "com.vn"});
  suffixes.add({SuffixEntry::Fate::kept, 4294967295u, "xxx"});
  suffixes.add({SuffixEntry::Fate::hoster, 1, "github.io"});
  const std::string text = to_text(suffixes);
  CHECK(text == "1 1 1 12lcom.vn 4294967295kxxx 1hgithub.io");
  const auto back = read_suffixes(text);
  REQUIRE(back);
  CHECK(to_text(*back) == text);
  for (std::uint32_t i = 0; i < 100; ++i) suffixes.add({SuffixEntry::Fate::left_out, i, "com"});
  CHECK(suffixes.left_out == 101);
  CHECK(suffixes.entries.size() == most_suffixes + 2);
  for (const char* const bad :
       {"", "1", "1 1", "1 1 ", "x 0 0", "0 0 0 ", "0 0 0 12", "0 0 0 12q", "0 0 0 12xcom", "0 0 0 12l 5kxxx",
        "0 0 0 4294967296lcom", "-1 0 0", "99999999999999999999 0 0"})
    CHECK_FALSE(read_suffixes(bad));
}

TEST_CASE("a list's entry against a line of a tier is told and stops nothing", "[config][lists]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml", folder.read("tiers.d/pupil.yaml") + "allow: [casino.test]\n");
  REQUIRE(folder.text_of(folder.load()) == "");
  folder.write("lists/bets.txt", "bet.test\nlucky.test\ncasino.test\n");
  const LoadResult result = folder.load();
  CHECK(verdict(result, "http://casino.test/") == Action::block);
  const std::string text = folder.text_of(result);
  CHECK(text.find("tiers.d/pupil.yaml:6:9: warning SG3001: `allow: casino.test`") != std::string::npos);
  CHECK(text.find("lists/bets.txt:3") != std::string::npos);
  folder.write("locked.yaml", "version: 1\nblock: [casino.test]\n");
  CHECK(folder.load().snapshot == nullptr);
}

}  // namespace
}  // namespace schoolgate
