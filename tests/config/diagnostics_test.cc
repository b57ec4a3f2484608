// Wrong files and the exact text that a person reads about them: tests/golden/diagnostics/*.txt, made of
//   @@ case NAME
//   @@ file PATH          (its text follows; several are possible)
//   @@ behind PATH        (the same, behind what write_small_school() has there)
//   @@ expect             (what `check` prints)
// and tests/golden/diagnostics/vi/*.txt, of the same cases by name with what it prints in Vietnamese. After a
// wanted change: SCHOOLGATE_UPDATE_GOLDEN=1 config_test "[diagnostics]", then read the difference.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "config/text/vietnamese.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

struct Case {
  std::string name, want;
  struct File {
    std::string name, text;
    bool behind;
  };
  std::vector<File> files;
};

std::vector<Case> read_cases(const std::string& path) {
  std::vector<Case> cases;
  std::ifstream in(path);
  std::string* target = nullptr;
  for (std::string line; std::getline(in, line);) {
    if (line.rfind("@@ case ", 0) == 0) {
      cases.push_back({line.substr(8), {}, {}});
      target = nullptr;
    } else if (line.starts_with("@@ file ") || line.starts_with("@@ behind ")) {
      const bool behind = line.starts_with("@@ behind ");
      cases.back().files.push_back({line.substr(behind ? 10 : 8), "", behind});
      target = &cases.back().files.back().text;
    } else if (line == "@@ expect") {
      target = &cases.back().want;
    } else if (target != nullptr) {
      *target += line + "\n";
    }
  }
  return cases;
}

void write_cases(const std::string& path, const std::vector<Case>& cases) {
  std::ofstream out(path);
  for (const Case& one : cases) {
    out << "@@ case " << one.name << "\n";
    for (const auto& [file, text, behind] : one.files)
      out << (behind ? "@@ behind " : "@@ file ") << file << "\n" << text;
    out << "@@ expect\n" << one.want;
  }
}

TEST_CASE("wrong files are explained", "[config][diagnostics]") {
  for (const char* file : {"yaml", "values", "main", "https", "terms", "tired_yaml", "tired_words",
                           "tired_times", "tired_sites", "tired_lessons", "tired_school", "clock", "bundles",
                           "rooms", "inspection", "expect", "alerts", "pages", "page_texts"}) {
    const std::string path =
        std::string(SCHOOLGATE_SOURCE_DIR) + "/tests/golden/diagnostics/" + file + ".txt";
    std::vector<Case> cases = read_cases(path);
    REQUIRE_FALSE(cases.empty());
    const std::string path_vi =
        std::string(SCHOOLGATE_SOURCE_DIR) + "/tests/golden/diagnostics/vi/" + file + ".txt";
    const std::vector<Case> before = read_cases(path_vi);
    std::vector<Case> cases_vi;
    for (std::size_t i = 0; i < cases.size(); ++i) {
      Case& one = cases[i];
      Case& vi = cases_vi.emplace_back(i < before.size() ? before[i] : Case{});
      const test::Folder folder;
      test::write_small_school(folder);
      for (const auto& [name, text, behind] : one.files)
        folder.write(name, behind ? folder.read(name) + text : text);
      const LoadResult result = folder.load();
      const std::string got = folder.text_of(result);
      INFO(file << ": " << one.name);
      const std::string got_vi = folder.text_of(result, vietnamese);
      if (std::getenv("SCHOOLGATE_UPDATE_GOLDEN") != nullptr) {
        one.want = got;
        vi = {one.name, got_vi, {}};
      }
      CHECK(got == one.want);
      CHECK(vi.name == one.name);
      CHECK(got_vi == vi.want);
      CHECK_FALSE(got.empty());
      CHECK((result.snapshot == nullptr) == has_errors(result.diagnostics));  // what is only odd loads
    }
    if (std::getenv("SCHOOLGATE_UPDATE_GOLDEN") != nullptr) {
      write_cases(path, cases);
      write_cases(path_vi, cases_vi);
    }
  }
}

TEST_CASE("bytes that no text file can hold", "[config][diagnostics]") {
  struct Row {
    const char* name;
    std::string text, want;
  };
  const Row rows[] = {
      {"Latin-1", "version: 1\n# caf\xe9\n",
       "tiers.d/pupil.yaml:2:6: error SG1003: this byte is not UTF-8\n"},
      {"half a letter at the end", "version: 1\n# \xe1\xba",
       "tiers.d/pupil.yaml:2:3: error SG1003: this byte is not UTF-8\n"},
      {"an overlong slash", "# \xc0\xaf\n", "tiers.d/pupil.yaml:1:3: error SG1003: this byte is not UTF-8\n"},
      {"a surrogate", "# \xed\xa0\x80\n", "tiers.d/pupil.yaml:1:3: error SG1003: this byte is not UTF-8\n"},
      {"NUL", std::string("version: 1\0\n", 12),
       "tiers.d/pupil.yaml:1:11: error SG1004: a control character is not allowed here\n"},
      {"escaped NUL", "version: 1\ntier: \"a\\0\"\n",
       "tiers.d/pupil.yaml:2:7: error SG1004: this text holds a control character\n"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      test::write_small_school(folder);
      folder.write("tiers.d/pupil.yaml", row.text);
      const std::string got = folder.text_of(folder.load());
      const std::size_t at = got.find("tiers.d/pupil.yaml");
      REQUIRE(at != std::string::npos);
      CHECK(got.substr(at, row.want.size()) == row.want);
    }
  }
}

TEST_CASE("with a parent proxy check says what the parent must guard", "[config][diagnostics]") {
  const test::Folder folder;
  test::write_small_school(folder);
  std::string main = folder.read("schoolgate.yaml");
  folder.write("schoolgate.yaml", main + "upstream: {parent: \"http://proxy.isp.vn:3128\"}\n");
  const LoadResult result = folder.load();
  REQUIRE(result.snapshot != nullptr);
  REQUIRE(result.snapshot->config.upstream.parent);
  CHECK(result.snapshot->config.upstream.parent->host.text == "proxy.isp.vn");
  CHECK(result.snapshot->config.upstream.parent->port == 3128);
  const std::string text = folder.text_of(result);
  CHECK(text.find("note SG1116: names are looked up by the parent") != std::string::npos);
  CHECK(text.find("http_access deny inside") != std::string::npos);
}

}  // namespace
}  // namespace schoolgate
