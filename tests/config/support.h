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
#include <string_view>
#include <utility>

#include "config/load_snapshot.h"
#include "config/text/load_context.h"

namespace schoolgate::test {

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "schoolgate-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    ::chmod(path_.c_str(), 0755);  // see AsAnybody
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
  // A text with the folder's own path left out.
  [[nodiscard]] std::string without_path(std::string text) const {
    for (std::size_t at; (at = text.find(path_ + "/")) != std::string::npos;)
      text.erase(at, path_.size() + 1);
    return text;
  }
  // The diagnostics as `check` prints them.
  [[nodiscard]] std::string text_of(const LoadResult& result, Catalogue catalogue = nullptr) const {
    return without_path(render(result.diagnostics, result.texts, catalogue, false));
  }
  [[nodiscard]] LoadResult load(LoadOptions options = {}) const {
    // Without the key it is the machine's own folder, which is no place for a test's lists.
    if (read("schoolgate.yaml").find("state_directory:") == std::string::npos) options.use_cache = false;
    return load_snapshot(path("schoolgate.yaml"), options);
  }

 private:
  std::string path_;
};

// What was told, a line each, in the form that `check` begins with: "tiers.d/pupil.yaml:5:9: error SG1105:
// ...". The table of a test is about one `file`: where it begins the line, it is left out.
[[nodiscard]] inline std::string told(const Diagnostics& diagnostics, const std::string& file) {
  std::string out;
  for (Diagnostic one : diagnostics) {
    one.hint = {};
    std::string line = to_text(one, {}, nullptr, false);
    if (line.starts_with(file + ":")) line.erase(0, file.size() + 1);
    out += line.substr(line.find_first_not_of(' '));
  }
  return out;
}

// CHECK_THAT(told(...), Tells("5:9: error SG1105\n7:1: warning SG1301: this line")): the lines begin so, in
// this order, and there are no others; "" means that nothing was told. How they go on the golden files say.
class Tells : public Catch::MatcherBase<std::string> {
 public:
  explicit Tells(std::string want) : want_(std::move(want)) {}
  [[nodiscard]] bool match(const std::string& told) const override {
    std::string_view want = want_, rest = told;
    while (!want.empty() && !rest.empty()) {
      const std::string_view begin = want.substr(0, want.find('\n')), line = rest.substr(0, rest.find('\n'));
      if (!line.starts_with(begin)) return false;
      want.remove_prefix(std::min(begin.size() + 1, want.size()));
      rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    }
    return want.empty() && rest.empty();
  }
  [[nodiscard]] std::string describe() const override {
    return want_.empty() ? "says nothing" : "says, line by line:\n" + want_;
  }

 private:
  std::string want_;
};

// One reader's work on the files of a folder.
struct Reading {
  [[nodiscard]] std::string told(const std::string& file) const {
    return folder.without_path(test::told(context.diagnostics, folder.path(file)));
  }
  Folder folder;
  LoadContext context{folder.path("schoolgate.yaml")};
};

// While it lives this process may do with files what anybody may: tests run as root, too, which may do
// everything.
class AsAnybody {
 public:
  AsAnybody() : was_root_(::geteuid() == 0) {
    if (was_root_) REQUIRE(::seteuid(nobody) == 0);
  }
  AsAnybody(const AsAnybody&) = delete;
  AsAnybody& operator=(const AsAnybody&) = delete;
  ~AsAnybody() {
    if (was_root_ && ::seteuid(0) != 0) std::abort();
  }

 private:
  static constexpr uid_t nobody = 65534;
  bool was_root_;
};

// A small whole configuration: two categories that are blocked and one that protects, a tier of pupils and
// one of adults. Tests replace the file they are about.
inline void write_small_school(const Folder& folder) {
  folder.write("schoolgate.yaml", R"(version: 1
school: {name: Test, language: en}
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

// Lists in the folders of UT1, of which the small school has categories for gambling, arjel and games, wants
// no "mixed" and knows no "strange".
inline void write_collection(const Folder& folder) {
  folder.write("ut1/gambling/domains", "casino.test\n");
  folder.write("ut1/gambling/urls", "news.test/betting\n");
  folder.write("ut1/arjel/domains", "arjel.test\n");
  folder.write("ut1/games/expressions", "play[0-9]+\\.test\n");
  folder.write("ut1/mixed/domains", "mixed.test\n");
  folder.write("ut1/strange/domains", "strange.test\n");
  folder.write("ut1/empty/usage", "black\n");
  std::filesystem::create_directory_symlink("gambling", folder.path("ut1/bets"));
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
