// What one load shares: which files were read, what they are called, and that kept texts can stand in for
// them.
#include "config/text/load_context.h"

#include <catch2/catch.hpp>
#include <system_error>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

constexpr std::uint64_t enough = 1024 * 1024;

// The digest once these files were read; a name that begins with "." stays unread.
std::string digest_after(const std::vector<std::pair<std::string, std::string>>& files) {
  const test::Folder folder;
  LoadContext context("schoolgate.yaml");  // names do not depend on where the test lies
  const std::filesystem::path was = std::filesystem::current_path();
  std::filesystem::current_path(folder.path(""));
  for (const auto& [name, text] : files) {
    folder.write(name, text);
    if (!name.starts_with(".")) CHECK(context.text(name, enough));
  }
  std::filesystem::current_path(was);
  return to_hex(context.digest.finish());
}

TEST_CASE("a file is known by one number, and by its path inside the folder", "[config][load_context]") {
  LoadContext context("/etc/sg/schoolgate.yaml");
  const std::uint32_t tier = context.source("/etc/sg/tiers.d/a.yaml");
  CHECK(context.source("/etc/sg/tiers.d/a.yaml") == tier);
  const std::uint32_t other = context.source("/etc/sg-other/a.yaml");  // begins alike, lies elsewhere
  CHECK(other != tier);
  CHECK(context.sources() == std::vector<std::string>{"tiers.d/a.yaml", "/etc/sg-other/a.yaml"});
  CHECK(context.opened_path(tier) == "/etc/sg/tiers.d/a.yaml");
  CHECK(context.path("tiers.d") == "/etc/sg/tiers.d");
  CHECK(context.path("/srv/lists") == "/srv/lists");

  CHECK(context.show({tier, {12, 3}}) == "tiers.d/a.yaml:12");
  CHECK(context.show({tier, {}}) == "tiers.d/a.yaml");
  CHECK(context.show({}) == "/etc/sg/schoolgate.yaml");  // no place: it is the main file's matter
  context.add(Severity::error, 1101, {tier, {12, 3}, 4}, Message("there"));
  context.add(Severity::warning, 1101, {}, Message("nowhere"));
  CHECK_THAT(test::told(context.diagnostics, ""), Tells("/etc/sg/tiers.d/a.yaml:12:3: error SG1101: there\n"
                                                        "/etc/sg/schoolgate.yaml: warning SG1101: nowhere"));

  LoadContext bare("schoolgate.yaml");
  CHECK(bare.path("tiers.d") == "tiers.d");
}

TEST_CASE("a text is remembered for diagnostics, for keeping and for the digest", "[config][load_context]") {
  Reading reading;
  reading.folder.write("a.yaml",
                       "\xEF\xBB\xBF"
                       "version: 1\r\nb: 2\n");
  const auto text = reading.context.text(reading.folder.path("a.yaml"), enough);
  REQUIRE(text);
  CHECK(*text == "version: 1\r\nb: 2\n");  // a byte order mark is no part of line 1
  CHECK(reading.context.texts.line(reading.folder.path("a.yaml"), 1) == "version: 1");
  CHECK(reading.context.read.files == std::map<std::string, std::string>{{"a.yaml", *text}});
  CHECK(reading.context.diagnostics.empty());

  const std::string one = digest_after({{"a", "x"}});
  CHECK(digest_after({{"a", "x"}}) == one);
  CHECK(digest_after({{"a", "x"}, {".unread", "z"}}) == one);
  CHECK(digest_after({{"a", "\xEF\xBB\xBFx"}}) == one);
  CHECK(digest_after({{"a", "y"}}) != one);
  CHECK(digest_after({{"b", "x"}}) != one);
  CHECK(digest_after({{"a", ""}, {"b", "x"}}) != digest_after({{"a", "x"}, {"b", ""}}));
}

TEST_CASE("a file that cannot be read is one error, where it is named if it is", "[config][load_context]") {
  Reading reading;
  reading.folder.write("large", "12345");
  std::filesystem::create_directory(reading.folder.path("folder"));
  LoadContext& context = reading.context;
  const Place named{context.source(reading.folder.path("schoolgate.yaml")), {7, 9}, 6};
  CHECK_FALSE(context.text(reading.folder.path("absent"), enough));
  CHECK_FALSE(context.text(reading.folder.path("absent"), enough, named));
  CHECK_FALSE(context.text(reading.folder.path("large"), 4, named));
  CHECK_FALSE(context.yaml(reading.folder.path("folder"), named));
  CHECK_THAT(reading.told("schoolgate.yaml"), Tells("absent: error SG1001: cannot read absent: no such file\n"
                                                    "7:9: error SG1001: cannot read absent: no such file\n"
                                                    "7:9: error SG1001: cannot read large: larger than\n"
                                                    "7:9: error SG1001: cannot read folder: a folder"));
  CHECK(context.read.files.empty());
}

// Teachers may write in tiers.d, and the proxy reads more than they may.
TEST_CASE("a teacher's link brings nothing into a configuration", "[config][load_context]") {
  if (::geteuid() != 0) return;  // only root gives a link to somebody else
  Reading reading;
  reading.folder.write("secret", "\tpassword");
  std::filesystem::create_directory(reading.folder.path("tiers.d"));
  const std::string link = reading.folder.path("tiers.d/a.yaml");
  std::filesystem::create_symlink("../secret", link);
  constexpr uid_t teacher = 54321;
  REQUIRE(::lchown(link.c_str(), teacher, teacher) == 0);
  CHECK_FALSE(reading.context.yaml(link));
  CHECK_FALSE(reading.context.untouched(link, enough));
  CHECK_THAT(
      reading.told("schoolgate.yaml"),
      Tells("tiers.d/a.yaml: error SG1001: cannot read tiers.d/a.yaml: a link that belongs to neither"));
  CHECK(reading.context.read.files.empty());
}

TEST_CASE("whether there is surely no such file", "[config][load_context]") {
  const Reading reading;
  reading.folder.write("file", "");
  std::filesystem::create_directory(reading.folder.path("folder"));
  std::filesystem::create_symlink("circle", reading.folder.path("circle"));
  std::filesystem::create_symlink("not-mounted/file", reading.folder.path("link"));
  struct Row {
    const char* path;
    bool absent;
  };
  const Row rows[] = {
      {"nothing", true}, {"nowhere/file", true}, {"file", false},
      {"folder", false}, {"file/below", false},  // something is wrong, so that nothing is sure
      {"circle", false}, {"link", false},        // somebody put it there: a locked file on a disk that is not
                                                 // mounted is lost, not absent
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.path) {
      CHECK(reading.context.absent(reading.folder.path(row.path)) == row.absent);
    }
  }
}

TEST_CASE("the YAML files of a folder, sorted", "[config][load_context]") {
  Reading reading;
  for (const char* const name :
       {"b.yaml", "a.yml", "c.yaml~", ".hidden.yaml", ".yaml", "readme.txt", "d.YAML"})
    reading.folder.write(std::string("tiers.d/") + name, "");
  std::filesystem::create_directory(reading.folder.path("tiers.d/folder.yaml"));
  std::filesystem::create_symlink("nothing", reading.folder.path("tiers.d/link.yaml"));
  const auto files = reading.context.yaml_files_in(reading.folder.path("tiers.d"));
  REQUIRE(files);
  std::vector<std::string> names;
  for (const std::string& file : *files) names.push_back(reading.folder.without_path(file));
  // What is no file is named all the same: reading it is an error, for leaving it out would lose a tier.
  const std::vector<std::string> want{"tiers.d/a.yml", "tiers.d/b.yaml", "tiers.d/folder.yaml",
                                      "tiers.d/link.yaml"};
  CHECK(names == want);
  CHECK(reading.context.read.folders == std::map<std::string, std::vector<std::string>>{{"tiers.d", want}});

  reading.folder.write("file", "");
  const auto why = [&](const char* folder) {
    const auto none = reading.context.yaml_files_in(reading.folder.path(folder));
    REQUIRE_FALSE(none);
    return none.error();
  };
  CHECK(why("nothing") == std::errc::no_such_file_or_directory);
  CHECK(why("file") == std::errc::not_a_directory);
  ::chmod(reading.folder.path("tiers.d").c_str(), 0);
  const test::AsAnybody anybody;
  CHECK(why("tiers.d") == std::errc::permission_denied);
}

TEST_CASE("kept texts stand in for the files, and for nothing else", "[config][load_context]") {
  const test::Folder folder;
  folder.write("a.yaml", "of today");
  folder.write("b.yaml", "of today");
  folder.write("tiers.d/new.yaml", "");
  const ConfigTexts kept{{{"a.yaml", "kept"}, {"/srv/c.yaml", "kept elsewhere"}},
                         {{"tiers.d", {"tiers.d/x.yaml", "tiers.d/y.yaml"}}}};
  LoadContext context(folder.path("schoolgate.yaml"), &kept);
  CHECK(context.uses_kept());
  CHECK(context.text(folder.path("a.yaml"), enough).value_or("") == "kept");
  CHECK(context.text("/srv/c.yaml", enough).value_or("") == "kept elsewhere");
  CHECK_FALSE(context.absent(folder.path("a.yaml")));
  CHECK(context.absent(folder.path("b.yaml")));  // it was not of that configuration
  CHECK_FALSE(context.text(folder.path("b.yaml"), enough));
  CHECK_THAT(test::told(context.diagnostics, folder.path("b.yaml")),
             Tells("error SG1001: cannot read " + folder.path("b.yaml") + ": it was not kept"));
  const auto tiers = context.yaml_files_in(folder.path("tiers.d"));
  REQUIRE(tiers);
  CHECK(*tiers == std::vector<std::string>{folder.path("tiers.d/x.yaml"), folder.path("tiers.d/y.yaml")});
  const auto lists = context.yaml_files_in(folder.path("lists.d"));
  REQUIRE_FALSE(lists);
  CHECK(lists.error() == std::errc::no_such_file_or_directory);

  // For a while the files again.
  CHECK(context.use_texts(nullptr) == &kept);
  CHECK_FALSE(context.uses_kept());
  CHECK(context.text(folder.path("a.yaml"), enough).value_or("") == "of today");
  CHECK(context.use_texts(&kept) == nullptr);
  CHECK(context.text(folder.path("a.yaml"), enough).value_or("") == "kept");
}

}  // namespace
}  // namespace schoolgate
