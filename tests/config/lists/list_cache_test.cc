// The file of compiled lists: found as it was written, or not believed.
#include "config/lists/list_cache.h"

#include <catch2/catch.hpp>
#include <functional>

#include "rules/db/rule_db_builder.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

Sha256Digest cache_key(unsigned char first) {
  Sha256Digest key{};
  key[0] = first;
  return key;
}

// A database of one list with one name, and its record.
struct Compiled {
  explicit Compiled(const std::string& host = "bet.test") {
    RuleDbBuilder builder;
    RuleEntry entry;
    entry.text = host;
    builder.add(builder.add_source({"gambling", "bets", "/l/bets"}), std::move(entry));
    auto built = builder.build();
    REQUIRE(built);
    database = std::move(*built);
    records.push_back({{"bets", "gambling", "/l/bets", ListFormat::domains, 0, std::nullopt}, {}, {}});
  }
  // "" when it was written.
  [[nodiscard]] std::string write(const std::string& path, const Sha256Digest& key = cache_key(1)) const {
    const auto written = write_compiled_lists(path, database, records, key);
    return written.failed() ? written.error().message.english() : std::string();
  }
  std::vector<std::byte> database;
  std::vector<ListRecord> records;
};

// Why the file is not believed; "" when it is, "(none)" when there is none.
std::string distrust_of(const std::string& path) {
  const auto lists = open_compiled_lists(path);
  if (!lists) return lists.error().message.english();
  return *lists ? "" : "(none)";
}

// As they lie there, and they must.
CompiledLists opened(const std::string& path) {
  auto lists = open_compiled_lists(path);
  REQUIRE(lists);
  REQUIRE(lists->has_value());
  return **std::move(lists);
}

constexpr const char* altered = "its bytes are not as they were written";

TEST_CASE("compiled lists are found as they were written", "[config][list_cache]") {
  const test::Folder folder;
  const std::string path = folder.path("a/b/lists.sgdb");  // the folders are made
  CHECK(distrust_of(path) == "(none)");
  Compiled compiled;
  ListRecord& record = compiled.records[0];
  record.source.own = Effect{Action::allow, {.record = true}};
  record.source.format = ListFormat::adblock;
  record.source.path = "/a\tb\\n\nc\\";  // paths may hold anything but NUL
  record.report.lines = 18'446'744'073'709'551'615u;
  record.report.accepted = 2;
  record.report.invalid = 3;
  record.report.ignored = {1, 2, 3, 4, 5, 6, 7};
  record.suffixes.add({SuffixEntry::Fate::kept, 12, "com.vn"});
  REQUIRE(compiled.write(path, cache_key(7)).empty());

  const CompiledLists lists = opened(path);
  CHECK(lists.key == cache_key(7));
  REQUIRE(lists.records.size() == 1);
  const ListRecord& found = lists.records[0];
  CHECK(found.source.name == "bets");
  CHECK(found.source.category == "gambling");
  CHECK(found.source.path == record.source.path);
  CHECK(found.source.format == ListFormat::adblock);
  CHECK(found.source.own == record.source.own);
  CHECK(found.report.lines == record.report.lines);
  CHECK(found.report.accepted == 2);
  CHECK(found.report.invalid == 3);
  CHECK(found.report.ignored == record.report.ignored);
  CHECK(to_text(found.suffixes) == to_text(record.suffixes));
  CHECK(lists.db->search("www.bet.test").size() == 1);
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0640);
}

TEST_CASE("no lists at all are lists too", "[config][list_cache]") {
  const test::Folder folder;
  Compiled compiled;
  RuleDbBuilder builder;
  compiled.database = *builder.build();
  compiled.records.clear();
  REQUIRE(compiled.write(folder.path("lists.sgdb")).empty());
  CHECK(distrust_of(folder.path("lists.sgdb")).empty());
}

TEST_CASE("what runs does not see what becomes of the file", "[config][list_cache]") {
  const test::Folder folder;
  const std::string path = folder.path("lists.sgdb");
  REQUIRE(Compiled().write(path).empty());
  const CompiledLists lists = opened(path);
  SECTION("replaced") {
    REQUIRE(Compiled("other.test").write(path).empty());
    CHECK(opened(path).db->search("other.test").size() == 1);
  }
  SECTION("written over and cut short: a mapping would end the proxy, or block something else") {
    std::ofstream(path, std::ios::binary) << std::string(64, 'x');
  }
  SECTION("deleted") {
    std::filesystem::remove(path);
  }
  CHECK(lists.db->search("bet.test").size() == 1);
  CHECK(lists.db->search("other.test").empty());
}

TEST_CASE("a file that is not as it was written is not believed", "[config][list_cache]") {
  const test::Folder folder;
  const std::string path = folder.path("lists.sgdb");
  REQUIRE(Compiled().write(path).empty());
  const std::string good = folder.read("lists.sgdb");
  const auto after = [&](const std::string& bytes) {
    folder.write("lists.sgdb", bytes);
    return distrust_of(path);
  };
  REQUIRE(after(good).empty());
  for (std::size_t at = 0; at < good.size(); ++at) {  // any one bit
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
    const std::string problem = after(bad);
    INFO("byte " << at << " of " << good.size());
    REQUIRE_FALSE(problem.empty());
    REQUIRE(problem != "(none)");
  }
  for (std::size_t length = 0; length < good.size(); length += length < 100 ? 1 : 97) {
    INFO("cut to " << length);
    REQUIRE(after(good.substr(0, length)) == (length < 88 ? "it is too short" : altered));
  }
  CHECK(after(good + "x") == altered);
  CHECK(after(good + good.substr(good.size() - 88)) == altered);  // two footers
  CHECK(after(std::string(good.size(), '\0')) == altered);        // as a disk leaves it after a power cut
}

TEST_CASE("a file that somebody else may have written is not believed", "[config][list_cache]") {
  const test::Folder folder;
  const std::string path = folder.path("lists.sgdb");
  REQUIRE(Compiled().write(path).empty());
  REQUIRE(distrust_of(path).empty());
  struct Row {
    const char* name;
    std::function<void()> happens;
    const char* problem;
  };
  const Row rows[] = {
      {"the group may write", [&] { ::chmod(path.c_str(), 0660); }, "others may write to it"},
      {"everybody may write", [&] { ::chmod(path.c_str(), 0602); }, "others may write to it"},
      {"a link",
       [&] {
         std::filesystem::rename(path, folder.path("other"));
         std::filesystem::create_symlink("other", path);
       },
       "Too many levels of symbolic links"},
      {"a folder",
       [&] {
         std::filesystem::remove(path);
         std::filesystem::create_directory(path);
       },
       "it is no regular file"},
      {"a pipe, for which nobody waits",
       [&] {
         std::filesystem::remove(path);
         REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
       },
       "it is no regular file"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      row.happens();
      CHECK(distrust_of(path) == row.problem);
    }
  }
  SECTION("closed to this user") {
    ::chmod(path.c_str(), 0);
    const test::AsAnybody anybody;
    CHECK(distrust_of(path) == "Permission denied");
  }
}

TEST_CASE("whose file it may be", "[config][list_cache]") {
  if (::geteuid() != 0) return;  // only root gives files away
  constexpr uid_t service = 990, somebody = 991;
  const test::Folder folder;
  const std::string path = folder.path("state/lists.sgdb");
  folder.write("state/x", "");
  REQUIRE(::chown(folder.path("state").c_str(), service, service) == 0);
  REQUIRE(Compiled().write(path).empty());
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK(info.st_uid == service);  // what root writes the proxy can use
  CHECK(info.st_gid == service);
  CHECK(distrust_of(path).empty());  // and what the proxy writes root believes
  REQUIRE(::chown(path.c_str(), somebody, service) == 0);
  CHECK(distrust_of(path) == "it belongs to another user");
  ::chmod(path.c_str(), 0644);
  {
    const test::AsAnybody anybody;
    CHECK(distrust_of(path) == "it belongs to another user");
  }
  REQUIRE(::chown(path.c_str(), 0, 0) == 0);
  const test::AsAnybody anybody;
  CHECK(distrust_of(path).empty());  // root's is everybody's
}

TEST_CASE("the records of another program with a right checksum", "[config][list_cache]") {
  const test::Folder folder;
  const Compiled compiled;
  const auto after = [&](const std::string& records) {
    const auto number = [](std::uint64_t value) {
      std::string bytes;
      for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i));
      return bytes;
    };
    std::string tail = records + "SGLISTS1" + number(compiled.database.size()) + number(records.size()) +
                       std::string(32, 'k');
    const Sha256Digest digest = sha256(tail);
    tail.append(digest.begin(), digest.end());
    folder.write("lists.sgdb", std::string(reinterpret_cast<const char*>(compiled.database.data()),
                                           compiled.database.size()) +
                                   tail);
    return distrust_of(folder.path("lists.sgdb"));
  };
  const std::string counts = "\t9\t8\t7\t0\t0\t0\t0\t0\t0\t0";
  const std::string good = "domains\t-\tbets\tgambling\t/l/bets" + counts;
  CHECK(after(good + "\t0 0 0\n").empty());
  CHECK(after(good + "\n").empty());  // from before suffixes were kept: still the measure of the next load
  for (const std::string& records :
       {good, std::string(), good + "\n" + good + "\n", good + "\t0 0 0\t\n", good + "\tnonsense\n",
        "csv\t-\tbets\tgambling\t/l/bets" + counts + "\n",
        "domains\tdeny\tbets\tgambling\t/l/bets" + counts + "\n",
        "domains\t-\tbets\tgambling\t/l/bets\t-1" + counts.substr(2) + "\n",
        "domains\t-\tbets\tgambling\t/l/bets\t18446744073709551616" + counts.substr(2) + "\n",
        std::string("domains\t-\tbets\tgambling\t/l/bets\n")}) {
    INFO(records);
    CHECK(after(records) == altered);
  }
}

TEST_CASE("lists that cannot be written are told by the name of the file", "[config][list_cache]") {
  const test::Folder folder;
  folder.write("file", "");
  const Compiled compiled;
  CHECK(compiled.write(folder.path("file/state/lists.sgdb")) ==
        "cannot make " + folder.path("file/state") + ": Not a directory");
  std::filesystem::create_directory(folder.path("lists.sgdb"));
  CHECK(compiled.write(folder.path("lists.sgdb")) ==
        "cannot write " + folder.path("lists.sgdb") + ": Is a directory");
  CHECK_FALSE(std::filesystem::exists(folder.path("lists.sgdb.new." + std::to_string(::getpid()))));
}

}  // namespace
}  // namespace schoolgate
