// Reading what people write: whole files or the reason why not, places in them, and lines shown again.
#include "config/text/text_file.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

constexpr std::uint64_t one_mebibyte = 1024 * 1024;

TEST_CASE("a file is read whole, byte by byte", "[config][text]") {
  struct Row {
    const char* name;
    std::string bytes;
  };
  const Row rows[] = {
      {"empty", ""},
      {"without a line end", "a"},
      {"CRLF, a byte order mark, NUL and Latin-1 stay: whoever reads on judges them",
       std::string("\xEF\xBB\xBF"
                   "a\r\n\0\xe9",
                   8)},
      {"as long as it may be", std::string(one_mebibyte, 'x')},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      folder.write("file", row.bytes);
      const auto text = read_file(folder.path("file"), one_mebibyte);
      REQUIRE(text);
      CHECK((*text == row.bytes));  // a mebibyte is not printed
    }
  }
  SECTION("a number of the kernel's, of which one read is all") {
    std::ifstream in("/proc/sys/kernel/pid_max");
    const std::string number{std::istreambuf_iterator<char>(in), {}};
    REQUIRE(number.size() > 2);
    const auto text = read_file("/proc/sys/kernel/pid_max", one_mebibyte);
    REQUIRE(text);
    CHECK(*text == number);
  }
  SECTION("through a link") {
    const test::Folder folder;
    folder.write("file", "a");
    std::filesystem::create_symlink("file", folder.path("link"));
    const auto text = read_file(folder.path("link"), one_mebibyte);
    REQUIRE(text);
    CHECK(*text == "a");
  }
}

TEST_CASE("a link of somebody else is not followed", "[config][text]") {
  const test::Folder folder;
  folder.write("secret", "not for teachers");
  std::filesystem::create_directory(folder.path("tiers.d"));
  std::filesystem::create_symlink("../secret", folder.path("tiers.d/own.yaml"));
  std::filesystem::create_symlink("own.yaml", folder.path("tiers.d/twice.yaml"));
  std::filesystem::create_symlink("circle.yaml", folder.path("tiers.d/circle.yaml"));
  folder.write("tiers.d/file.yaml", "a");
  const auto read = [&](const char* name) {
    return read_trusted_file(folder.path("tiers.d/" + std::string(name)), one_mebibyte);
  };
  REQUIRE(read("file.yaml"));
  CHECK(*read("file.yaml") == "a");
  REQUIRE(read("own.yaml"));
  CHECK(*read("own.yaml") == "not for teachers");
  CHECK(read("twice.yaml"));
  CHECK(read("circle.yaml").error().message == "too many symbolic links");
  CHECK(read("absent.yaml").error().message == "no such file");
  if (::geteuid() != 0) return;  // only root gives a link to somebody else
  constexpr uid_t teacher = 54321;
  REQUIRE(::lchown(folder.path("tiers.d/own.yaml").c_str(), teacher, teacher) == 0);
  CHECK(read("own.yaml").error().message ==
        "a link that belongs to neither root nor the proxy's user is not followed");
  CHECK_FALSE(read("twice.yaml"));  // nor one that a link of root leads to
  CHECK(read_file(folder.path("tiers.d/own.yaml"), one_mebibyte));
  REQUIRE(::lchown(folder.path("tiers.d/file.yaml").c_str(), teacher, teacher) == 0);
  CHECK(read("file.yaml"));  // a file of theirs is what it says
}

TEST_CASE("what cannot be read has a reason, without the path", "[config][text]") {
  struct Row {
    const char *path, *reason;
  };
  const Row rows[] = {
      {"absent", "no such file"},         {"nowhere/file", "no such file"},
      {"to-nothing", "no such file"},     {"file/below", "a part of the path is not a folder"},
      {"folder", "a folder, not a file"}, {"circle", "too many symbolic links"},
      {"pipe", "not a regular file"},  // and nobody waits until somebody writes to it
      {"closed", "permission denied"},    {"large", "larger than 1 MiB"},
  };
  const test::Folder folder;
  folder.write("file", "a");
  folder.write("closed", "a");
  folder.write("large", std::string(one_mebibyte + 1, 'x'));
  std::filesystem::create_directory(folder.path("folder"));
  std::filesystem::create_symlink("absent", folder.path("to-nothing"));
  std::filesystem::create_symlink("circle", folder.path("circle"));
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0644) == 0);
  REQUIRE(::chmod(folder.path("closed").c_str(), 0) == 0);
  const test::AsAnybody anybody;
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.path) {
      const auto text = read_file(folder.path(row.path), one_mebibyte);
      REQUIRE_FALSE(text);
      CHECK(text.error().message == row.reason);
    }
  }
}

TEST_CASE("a file that is longer than it said is read to its end, or is too large", "[config][text]") {
  const std::string grows = "/proc/self/status";  // of 0 bytes, says stat()
  const auto text = read_file(grows, one_mebibyte);
  REQUIRE(text);
  CHECK(text->size() > 100);
  CHECK_FALSE(read_file(grows, 100));
}

TEST_CASE("the first byte that is not UTF-8", "[config][text]") {
  constexpr std::size_t none = std::string_view::npos;
  struct Row {
    const char* name;
    std::string text;
    std::size_t bad;
  };
  const Row rows[] = {
      {"nothing", "", none},
      {"ASCII with NUL", std::string("a\0b", 3), none},
      {"letters of two, three, four bytes", "é\u1ea1\U0001F600", none},
      {"the first of two bytes", "\xC2\x80", none},
      {"the last of two bytes", "\xDF\xBF", none},
      {"the first of three bytes", "\xE0\xA0\x80", none},
      {"before the surrogates", "\xED\x9F\xBF", none},
      {"the last of three bytes", "\xEF\xBF\xBF", none},
      {"the first of four bytes", "\xF0\x90\x80\x80", none},
      {"the last of all", "\xF4\x8F\xBF\xBF", none},
      {"a tail alone", "ab\x80", 2},
      {"Latin-1", "caf\xE9 x", 3},
      {"two bytes too long", "a\xC1\xBF", 1},
      {"three bytes too long", "a\xE0\x9F\xBF", 1},
      {"four bytes too long", "a\xF0\x8F\xBF\xBF", 1},
      {"a surrogate", "a\xED\xA0\x80", 1},
      {"above Unicode", "a\xF4\x90\x80\x80", 1},
      {"no lead at all", "a\xF5\x80\x80\x80", 1},
      {"cut after one of two", "a\xC3", 1},
      {"cut after two of three", "a\xE1\xBA", 1},
      {"cut after three of four", "a\xF0\x9F\x98", 1},
      {"a letter where a tail belongs", "a\xE1\xBAx", 1},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      CHECK(first_bad_utf8(row.text) == row.bad);
    }
  }
}

TEST_CASE("places count lines and bytes from 1", "[config][text]") {
  const std::string_view text = "ab\n\xC4\x91x\n";
  CHECK(place_of(text, 0) == SourcePos{1, 1});
  CHECK(place_of(text, 2) == SourcePos{1, 3});  // the line end belongs to its line
  CHECK(place_of(text, 3) == SourcePos{2, 1});
  CHECK(place_of(text, 5) == SourcePos{2, 3});
  CHECK(place_of(text, 7) == SourcePos{3, 1});
  CHECK(place_of(text, 99) == SourcePos{3, 1});
  CHECK(place_of("", 0) == SourcePos{1, 1});
}

TEST_CASE("lines that hold something, with their numbers", "[config][text]") {
  struct Row {
    const char *name, *text, *want;
  };
  const Row rows[] = {
      {"nothing", "", ""},
      {"blanks alone", "\n \t\n\r\n", ""},
      {"without a last line end", "a\nb", "1a 2b "},
      {"CRLF", "a\r\n\r\nb\r\n", "1a 3b "},
      {"indented, with blanks behind", "  a b \t\n", "1a b "},
      {"comments are the caller's", "# a\n", "1# a "},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      std::string got;
      for_each_line(row.text, [&](std::string_view line, std::uint32_t number) {
        got += std::to_string(number) + std::string(line) + " ";
      });
      CHECK(got == row.want);
    }
  }
}

TEST_CASE("paths that people write start at the configuration's folder", "[config][text]") {
  struct Row {
    const char *folder, *written, *want;
  };
  const Row rows[] = {
      {"/etc/sg", "lists/x", "/etc/sg/lists/x"},
      {"/etc/sg/", "x", "/etc/sg/x"},
      {"/", "x", "/x"},
      {"/etc/sg", "/srv/x", "/srv/x"},
      {"/etc/sg", "./x", "/etc/sg/x"},
      {"/etc/sg", "././x", "/etc/sg/x"},
      {"/etc/sg", ".", "/etc/sg"},
      {"/etc/sg", "./", "/etc/sg"},
      {"/etc/sg", "../x", "/etc/sg/../x"},
      {"/etc/sg", ".hidden", "/etc/sg/.hidden"},
      {"", "lists/x", "lists/x"},  // the main file was named without a folder
      {"", "./x", "x"},
      {"/etc/sg", ".//x", "/etc/sg/x"},  // once taken for the absolute path /x
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.folder << " + " << row.written) {
      CHECK(join_path(row.folder, row.written) == row.want);
    }
  }
  CHECK(folder_of("/etc/sg/x.yaml") == "/etc/sg");
  CHECK(folder_of("/x.yaml") == "/");
  CHECK(folder_of("x.yaml").empty());
  CHECK(base_name("/etc/sg/x.yaml") == "x.yaml");
  CHECK(base_name("x.yaml") == "x.yaml");
  CHECK(base_name("/etc/sg/").empty());
}

TEST_CASE("a diagnostic shows the line as it was read", "[config][text]") {
  SourceTexts texts;
  texts.add("a", "one\r\ntwo\nthree");
  CHECK(texts.line("a", 1) == "one");
  CHECK(texts.line("a", 2) == "two");
  CHECK(texts.line("a", 3) == "three");
  for (const std::uint32_t beyond : {0u, 4u, 4'294'967'295u}) CHECK(texts.line("a", beyond).empty());
  CHECK(texts.line("b", 1).empty());
  texts.add("a", "");  // read again: the text of now
  CHECK(texts.line("a", 1).empty());

  texts.add("a", "one\r\n  two\n");
  const Diagnostics diagnostics = {
      {Severity::error, 1101, "a", {2, 3}, 3, say("no key \"{}\"", "two"), say("leave it out")},
      {Severity::note, 0, "", {}, 0, say("of no file"), {}},
  };
  CHECK(render(diagnostics, texts, nullptr, false) ==
        "a:2:3: error SG1101: no key \"two\"\n"
        "      two\n"
        "      ^~~\n"
        "    hint: leave it out\n"
        "note: of no file\n");
}

TEST_CASE("diagnostics stand in the order of their places, errors first", "[config][text]") {
  const auto one = [](const char* file, SourcePos pos, Severity severity, int code, const char* message) {
    return Diagnostic{severity, code, file, pos, 0, Message(message), {}};
  };
  const Diagnostics sorted = {
      one("a", {}, Severity::error, 1, "the whole file"),
      one("a", {1, 1}, Severity::note, 1, "a note is no error, but its place is before"),
      one("a", {2, 1}, Severity::error, 1, "the first column"),
      one("a", {2, 9}, Severity::error, 1, "an error"),
      one("a", {2, 9}, Severity::error, 2, "a greater code"),
      one("a", {2, 9}, Severity::warning, 1, "a warning"),
      one("a", {10, 1}, Severity::error, 1, "line 10 is after line 2"),
      one("b", {1, 1}, Severity::error, 1, "another file"),
  };
  Diagnostics mixed(sorted.rbegin(), sorted.rend());
  sort_by_place(mixed);
  CHECK(test::told(mixed, "") == test::told(sorted, ""));
}

}  // namespace
}  // namespace schoolgate
