// A folder of configuration files for one test, removed with it.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "config/load_snapshot.h"

namespace schoolgate::test {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "schoolgate-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path file = path(name);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  [[nodiscard]] std::string read(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // The diagnostics as `check` prints them, with the folder's own path left out.
  [[nodiscard]] std::string text_of(const LoadResult& result) const {
    std::string text = render(result.diagnostics, result.texts, false);
    for (std::size_t at; (at = text.find(path_ + "/")) != std::string::npos;)
      text.erase(at, path_.size() + 1);
    return text;
  }
  [[nodiscard]] LoadResult load(LoadOptions options = {}) const {
    // Without the key it is the machine's own folder, which is no place for a test's lists.
    if (read("schoolgate.yaml").find("state_directory:") == std::string::npos) options.use_cache = false;
    return load_snapshot(path("schoolgate.yaml"), options);
  }

 private:
  std::string path_;
};

// A small whole configuration: two categories that are blocked and one that protects, a tier of pupils and
// one of adults. Tests replace the file they are about.
inline void write_small_school(const Folder& folder) {
  folder.write("schoolgate.yaml", R"(version: 1
school: {name: Test}
listen: {proxy: ["127.0.0.1:3128"]}
who:
  - {network: 10.1.0.0/16, tier: staff}
unknown_tier: pupil
lists:
  - {name: bets, category: gambling, format: domains, path: lists/bets.txt}
  - {name: fun, category: games, format: domains, path: lists/fun.txt}
state_directory: state
log: {directory: log}
control_socket: control.sock
)");
  folder.write("categories.yaml", R"(version: 1
categories:
  gambling: {name: Gambling, reason: No., folders: [gambling, arjel]}
  games: {name: Games, reason: Later., folders: [games]}
  learning: {name: Learning, reason: Open., kind: protecting}
skipped_folders: [mixed]
)");
  folder.write("tiers.d/pupil.yaml", R"(version: 1
tier: pupil
name: Pupils
default: allow
categories: {gambling: block+locked, games: warn, learning: allow}
)");
  folder.write("tiers.d/staff.yaml", R"(version: 1
tier: staff
name: Staff
pupils: false
voice: adults
default: allow
categories: {gambling: block+locked, games: allow, learning: allow}
)");
  folder.write("lists/bets.txt", "bet.test\nlucky.test\n");
  folder.write("lists/fun.txt", "games.test\n");
}

[[nodiscard]] inline bool has(const LoadResult& result, int code, Severity severity = Severity::error) {
  return std::any_of(result.diagnostics.begin(), result.diagnostics.end(),
                     [&](const Diagnostic& d) { return d.code == code && d.severity == severity; });
}

// What the loaded policy says of an address, on Monday at midnight.
[[nodiscard]] inline Action verdict(const LoadResult& result, const std::string& address,
                                    const std::string& tier = "pupil") {
  REQUIRE(result.snapshot != nullptr);
  Url url;
  REQUIRE(url.parse(address).ok());
  return result.snapshot->make_judge()
      ->evaluate({url, Stage::request, *result.snapshot->policy->find_tier(tier), LocalTime{}, {}})
      .action;
}

}  // namespace schoolgate::test
