// The manual against what the program itself says: every command, option and key stands in it, and nothing
// else.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "config/main/main_reader.h"
#include "config/policy/tier_reader.h"
#include "config/text/load_context.h"
#include "tests/config/support.h"
#include "tests/tools/program_runner.h"
#include "tools/commands/help_vietnamese.h"
#include "tools/manual/completion.h"
#include "tools/manual/man_page.h"

using namespace schoolgate;
using namespace schoolgate::tools;
namespace fs = std::filesystem;

namespace {

using Set = std::set<std::string>;
const fs::path pages = SCHOOLGATE_SOURCE_DIR "/packaging/man";

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Every match of the first group.
Set all(const std::string& text, const std::regex& what) {
  Set found;
  for (std::sregex_iterator it(text.begin(), text.end(), what), end; it != end; ++it) found.insert((*it)[1]);
  return found;
}

// The options that `--help` of a command prints.
Set helped(const CommandText& command) {
  std::vector<std::string> arguments(command.words.begin() + 1, command.words.end());
  arguments.push_back("--help");
  const tools_test::Ran ran = tools_test::run(arguments);
  CHECK(ran.exit_code == 0);
  Set names = all(ran.out, std::regex("(?:^|\n)  (?:-[a-z],)?(--[a-z-]+)"));
  names.merge(all(ran.out, std::regex("\n  (-[a-z]),")));
  return names;
}

std::string plain(std::string page) {
  page = std::regex_replace(page, std::regex(R"(\\-)"), "-");
  return std::regex_replace(page, std::regex(R"(\\f[BIPR])"), "");
}

// The options that a part of a page lists.
Set listed(const std::string& page) {
  Set names;
  for (const std::string& line : all(page, std::regex("\n\\.TP\n(\\\\fB\\\\-[^\n]+)\n")))
    names.merge(all(" " + plain(line), std::regex("[ ](--?[a-z][a-z-]*)")));
  return names;
}

// From a heading to the next.
std::string part(const std::string& page, const std::string& heading) {
  const std::size_t begin = page.find("\n" + heading + "\n");
  REQUIRE(begin != std::string::npos);
  return page.substr(begin, page.find("\n.S", begin + 1) - begin + 1);
}

// A page of section 5: heading -> the keys below it, ".TP" and then ".B key:".
std::map<std::string, Set> keys_of_page(const fs::path& path) {
  std::map<std::string, Set> keys;
  std::string heading;
  bool item = false;
  std::istringstream lines(read(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(".SH ") || line.starts_with(".SS ")) heading = line.substr(4);
    if (item && line.starts_with(".B ") && line.ends_with(':'))
      keys[heading].insert(line.substr(3, line.size() - 4));
    item = line == ".TP";
  }
  return keys;
}

// What the reader says there may be, of each map that holds a key "qqqqqqqqqqqq".
Set known_keys(const Diagnostics& diagnostics) {
  Set keys;
  for (const Diagnostic& d : diagnostics) {
    constexpr std::string_view begin = "it may have: ";
    if (d.code != diag::unknown_key || !d.hint.english().starts_with(begin)) continue;
    std::istringstream words(d.hint.english().substr(begin.size()));
    for (std::string word; words >> word;)
      keys.insert(word.ends_with(',') ? word.substr(0, word.size() - 1) : word);
  }
  return keys;
}

Set keys_of_main_file(const std::string& yaml) {
  const test::Folder folder;
  folder.write("schoolgate.yaml", yaml);
  LoadContext context(folder.path("schoolgate.yaml"));
  (void)read_main_file(context);
  return known_keys(context.diagnostics);
}

Set keys_of_tier(const std::string& yaml) {
  const test::Folder folder;
  folder.write("a.yaml", "tier: a\nname: A\n" + yaml);
  LoadContext context(folder.path("schoolgate.yaml"));
  (void)read_tier_file(folder.path("a.yaml"), context);
  return known_keys(context.diagnostics);
}

}  // namespace

TEST_CASE("each command's page lists the options that --help prints", "[tools][manual]") {
  const CommandText program = describe_program();
  const Words english, other(help_in_vietnamese());
  for (const Words* words : {&english, &other}) {
    const std::string first = program_page(program, *words);
    CHECK(listed(first) == helped(program));
    for (const CommandText& command : program.commands) {
      INFO(command.name());
      CHECK(first.find("\\fB" + command.words.back() + "\\fP") != std::string::npos);
      const std::string page = command_page(command, *words);
      CHECK(listed(part(page, ".SH \"" + (*words)("Options") + "\"")) == helped(command));
      Set all_of_it = helped(command);
      for (const CommandText& below : command.commands) {
        CHECK(listed(part(page, ".SS \"" + roff(below.name()) + "\"")) == helped(below));
        all_of_it.merge(helped(below));
      }
      CHECK(listed(page) == all_of_it);
    }
  }
}

TEST_CASE("the Vietnamese manual says all that the English one does, and no more", "[tools][manual]") {
  const Words words(help_in_vietnamese());
  const CommandText program = describe_program();
  (void)program_page(program, words);
  for (const CommandText& command : program.commands) (void)command_page(command, words);
  CHECK(words.missing() == std::vector<std::string>{});
  CHECK(words.unused() == std::vector<std::string>{});
  for (const char* page : {"schoolgate.yaml.5", "schoolgate-tier.5"}) {
    const auto english = keys_of_page(pages / page), other = keys_of_page(pages / "vi" / page);
    std::vector<Set> own, theirs;
    for (const auto& [heading, keys] : english) own.push_back(keys);
    for (const auto& [heading, keys] : other) theirs.push_back(keys);
    std::sort(own.begin(), own.end());
    std::sort(theirs.begin(), theirs.end());
    CHECK(own == theirs);
  }
}

TEST_CASE("schoolgate.yaml(5) lists the keys that the program reads", "[tools][manual]") {
  const std::string q = "qqqqqqqqqqqq: 1";
  const std::pair<const char*, std::string> maps[] = {
      {"Keys of the file", q},
      {"\"school:\"", "school: {" + q + "}"},
      {"\"listen:\"", "listen: {" + q + "}"},
      {"\"listen: transparent:\"", "listen: {transparent: {" + q + "}}"},
      {"\"listen: admin:\"", "listen: {admin: {" + q + "}}"},
      {"\"who: (a line)\"", "who: [{" + q + "}]"},
      {"\"log:\"", "log: {" + q + "}"},
      {"\"timeouts:\"", "timeouts: {" + q + "}"},
      {"\"limits:\"", "limits: {" + q + "}"},
      {"\"upstream:\"", "upstream: {" + q + "}"},
      {"\"https:\"", "https: {" + q + "}"},
      {"\"https: never_inspect:\"", "https: {never_inspect: {" + q + "}}"},
      {"\"https: exceptions: (a line)\"", "https: {exceptions: [{" + q + "}]}"},
      {"\"alerts:\"", "alerts: {" + q + "}"},
      {"\"alerts: mail:\"", "alerts: {mail: {" + q + "}}"},
      {"\"pac:\"", "pac: {" + q + "}"},
      {"\"gateway:\"", "gateway: {" + q + "}"},
      {"\"gateway: open: (a line)\"", "gateway: {open: [{" + q + "}]}"},
      {"\"lists: (a list)\"", "lists: [{format: domains, " + q + "}, {format: squidguard, " + q + "}]"},
  };
  auto page = keys_of_page(pages / "schoolgate.yaml.5");
  for (const auto& [heading, yaml] : maps) {
    INFO(heading);
    CHECK(page[heading] == keys_of_main_file(yaml + "\n"));
    page.erase(heading);
  }
  CHECK(page.empty());
  const std::string text = read(pages / "schoolgate.yaml.5");
  for (const std::string& key : keys_of_main_file("school: {safeguarding: {" + q + "}}\n"))
    CHECK(text.find(key + ":") != std::string::npos);
  for (const std::string_view format : list_format_names) CHECK(text.find(format) != std::string::npos);
}

TEST_CASE("schoolgate-tier(5) lists the keys that the program reads", "[tools][manual]") {
  const std::string q = "qqqqqqqqqqqq: 1";
  const std::pair<const char*, std::string> maps[] = {
      {"Keys of the file", q},
      {"\"tunnel:\"", "tunnel: {" + q + "}"},
      {"\"allow: warn: block: (a line)\"",
       "allow: [{domain: a.vn, " + q + "}, {pattern: a, " + q + "}]\nblock: [{pattern: a, " + q + "}]"},
      {"\"timetable: (a line)\"", "timetable: [{" + q + "}]"},
      {"\"tests: (a line)\"", "tests: [{" + q + "}]"},
  };
  auto page = keys_of_page(pages / "schoolgate-tier.5");
  for (const auto& [heading, yaml] : maps) {
    INFO(heading);
    CHECK(page[heading] == keys_of_tier(yaml + "\n"));
    page.erase(heading);
  }
  CHECK(page.empty());
}

TEST_CASE("a footer falls into paragraphs and headed blocks", "[tools][manual]") {
  const auto parts = parse_footer(
      "Exit codes:\n  0 ok    1 failed at run time    2 wrong usage\n\nOne sentence\nends "
      "here.\n\nAnother.\n\n"
      "Examples:\n  a b                what it does\n                     and more\n  c | d\n");
  REQUIRE(parts.size() == 3);
  CHECK(parts[0].title == "Exit codes");
  REQUIRE(parts[0].items.size() == 3);
  CHECK(parts[0].items[1].head == "1");
  CHECK(parts[0].items[1].text == "failed at run time");
  CHECK(parts[1].title == "");
  REQUIRE(parts[1].items.size() == 2);
  CHECK(parts[1].items[0].text == "One sentence ends here.");
  CHECK(parts[1].items[1].text == "Another.");
  REQUIRE(parts[2].items.size() == 2);
  CHECK(parts[2].items[0].head == "a b");
  CHECK(parts[2].items[0].text == "what it does and more");
  CHECK(parts[2].items[1].head == "c | d");
  CHECK(parts[2].items[1].text == "");
}

TEST_CASE("what man(7) would take for its own is escaped", "[tools][manual]") {
  CHECK(roff("a-b") == "a\\-b");
  CHECK(roff(".x") == "\\&.x");
  CHECK(roff("'x'") == "\\(aqx\\(aq");
  CHECK(roff("\\xNN") == "\\exNN");
  CHECK(roff("as `schoolgate reload`") == "as \\fBschoolgate reload\\fP");
}

TEST_CASE("words of another language", "[tools][manual]") {
  const Translation table[] = {{"yes", "có"}, {"no", "không"}};
  const Words words(table);
  CHECK(words("yes") == "có");
  CHECK(words("perhaps") == "perhaps");
  CHECK(words.missing() == std::vector<std::string>{"perhaps"});
  CHECK(words.unused() == std::vector<std::string>{"no"});
  CHECK(Words()("yes") == "yes");
}
