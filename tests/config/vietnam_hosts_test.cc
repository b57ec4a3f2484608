// tests/golden/hosts/*.txt: hosts, and what a school wants of each in every shipped tier.
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/config/shipped.h"

namespace schoolgate {
namespace {

struct HostRow {
  std::size_t line;
  std::string host;
  std::vector<std::string> wanted;  // an action for each of Table::tiers
};
struct Table {
  std::vector<std::string> tiers;
  std::vector<HostRow> rows;
};

// "# tiers: ..." names the columns; a row is a host, an action a tier, and the words why.
Table read_table(const std::filesystem::path& file) {
  Table table;
  std::ifstream in(file);
  std::size_t number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    std::istringstream words(text);
    std::string word;
    if (constexpr std::string_view title = "# tiers:"; text.starts_with(title)) {
      words.seekg(static_cast<std::streamoff>(title.size()));
      while (words >> word) table.tiers.push_back(word);
    }
    if (text.empty() || text[0] == '#') continue;
    HostRow row{number, {}, {}};
    words >> row.host;
    while (row.wanted.size() < table.tiers.size() && words >> word) row.wanted.push_back(word);
    const bool says_why = static_cast<bool>(words >> word);
    INFO(file.filename().string() << ":" << number);
    CHECK(says_why);
    REQUIRE(row.wanted.size() == table.tiers.size());
    table.rows.push_back(std::move(row));
  }
  return table;
}

TEST_CASE("hosts of Vietnamese schools get what a school wants", "[config][golden]") {
  const std::string root = SCHOOLGATE_SOURCE_DIR;
  const LoadResult& result = test::shipped();
  REQUIRE(result.snapshot != nullptr);
  const auto judge = result.snapshot->make_judge();
  const LocalTime in_a_lesson = *parse_local_time("T3 09:00");

  const Table table = read_table(root + "/tests/golden/hosts/vietnam.txt");
  REQUIRE(table.tiers.size() == result.snapshot->policy->tiers().size());
  REQUIRE(table.rows.size() >= 300);
  std::set<std::string> hosts;
  for (const HostRow& row : table.rows) CHECK(hosts.insert(row.host).second);

  for (std::size_t column = 0; column < table.tiers.size(); ++column) {
    DYNAMIC_SECTION(table.tiers[column]) {
      const auto tier = result.snapshot->policy->find_tier(table.tiers[column]);
      REQUIRE(tier);
      std::size_t wrong = 0;
      std::string what;
      for (const HostRow& row : table.rows) {
        Url url;
        REQUIRE(url.parse_authority(row.host + ":443").ok());
        const Verdict verdict = judge->evaluate({url, Stage::host, *tier, in_a_lesson, {}});
        const std::string action(to_string(verdict.action));
        if (action == row.wanted[column]) continue;
        ++wrong;
        what += "\nvietnam.txt:" + std::to_string(row.line) + ": " + row.host + ": wanted " +
                row.wanted[column] + ", is " + action + " by " + result.snapshot->place(verdict.rule);
      }
      INFO(wrong << " of " << table.rows.size() << " hosts in " << table.tiers[column] << ":" << what);
      CHECK(wrong == 0);
    }
  }
}

}  // namespace
}  // namespace schoolgate
