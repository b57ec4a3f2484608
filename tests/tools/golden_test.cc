// Commands on the small configuration of fixture/, and what they print, word for word. A file of
// fixture/expected/ holds
// "$ COMMAND" lines, each followed by what it printed and "[exit N]" where N is not 0; those of
// fixture/expected/vi/ the same of a school that speaks Vietnamese.
//
// After a wanted change: SCHOOLGATE_UPDATE_GOLDEN=1 build/release/tests/tools_test "[golden]", then read the
// difference.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>

#include "tests/config/support.h"
#include "tests/tools/program_runner.h"

using namespace schoolgate::tools_test;
namespace fs = std::filesystem;

namespace {

const std::string fixture = SCHOOLGATE_SOURCE_DIR "/tests/tools/fixture";

// Paths of this machine and digests of file contents are left out.
std::string neutral(std::string text, const std::string& folder) {
  for (std::size_t at = 0; (at = text.find(folder, at)) != std::string::npos;)
    text.replace(at, folder.size(), "FIXTURE");
  text = std::regex_replace(text, std::regex("schoolgate: [^\n]* root \\([^\n]*\n"), "");  // as root alone
  return std::regex_replace(text, std::regex("[0-9a-f]{64}"), "DIGEST");
}

std::string answer(const std::string& command, const std::string& folder, schoolgate::Catalogue environment) {
  auto arguments = words(command);
  arguments.insert(arguments.end(), {"--config", folder + "/schoolgate.yaml"});
  const Ran ran = run(arguments, environment);
  std::string text = "$ " + command + "\n" + neutral(ran.out + ran.err, folder);
  if (ran.exit_code != 0) text += "[exit " + std::to_string(ran.exit_code) + "]\n";
  return text;
}

// What the commands of each file in `expected` print of the configuration in `folder`.
void check_files(const std::string& expected, const std::string& folder, schoolgate::Catalogue environment) {
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(expected)) {
    if (entry.is_directory()) continue;
    ++files;
    DYNAMIC_SECTION(entry.path().filename().string()) {
      std::ifstream in(entry.path());
      std::string want, got;
      for (std::string line; std::getline(in, line);) {
        want += line + "\n";
        if (line.starts_with("$ ")) got += answer(line.substr(2), folder, environment);
      }
      if (std::getenv("SCHOOLGATE_UPDATE_GOLDEN") != nullptr) std::ofstream(entry.path()) << got;
      CHECK_FALSE(got.empty());
      CHECK(got == want);
    }
  }
  CHECK(files >= 3);
}

}  // namespace

TEST_CASE("commands print what they should", "[tools][golden]") {
  check_files(fixture + "/expected", fixture, nullptr);
}

TEST_CASE("commands print what they should, in Vietnamese", "[tools][golden]") {
  const schoolgate::test::Folder folder;
  fs::copy(fixture, folder.path("school"), fs::copy_options::recursive);
  std::string main = folder.read("school/schoolgate.yaml");
  folder.write("school/schoolgate.yaml", main.replace(main.find("language: en"), 12, "language: vi"));
  check_files(fixture + "/expected/vi", folder.path("school"),
              schoolgate::tools::catalogue_of(schoolgate::Language::vi));
}
