// One file out of an archive: in pieces of any size, and nothing that an archive says leads anywhere else.
#include "config/lists/archived_file.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <string>

namespace schoolgate {
namespace {

// A head as ustar has it. `type`: '0' a file, '5' a folder, '2' a link, 'L' GNU's long name, 'x' POSIX's.
std::string tar_head(const std::string& name, std::size_t size, char type = '0') {
  std::string head(tar_block, '\0');
  head.replace(0, name.size(), name);
  char octal[12];
  std::snprintf(octal, sizeof octal, "%011zo", size);
  head.replace(124, 11, octal);
  head.replace(148, 8, "        ");
  head[156] = type;
  head.replace(257, 6, std::string("ustar\0", 6));
  head.replace(263, 2, "00");
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  std::snprintf(octal, sizeof octal, "%06o", sum);
  head.replace(148, 7, std::string(octal, 6) + '\0');
  return head;
}

std::string member(const std::string& name, const std::string& text, char type = '0') {
  return tar_head(name, text.size(), type) + text +
         std::string((tar_block - text.size() % tar_block) % tar_block, '\0');
}

const std::string tar_end(2 * tar_block, '\0');

// The text of the file, or "error: ...".
std::string file_of(const std::string& archive, const std::string& wanted, std::size_t piece = 1000) {
  std::string text;
  ArchivedFile file(wanted, [&](std::string_view bytes) -> Result<void> {
    text += bytes;
    return {};
  });
  for (std::size_t at = 0; at < archive.size(); at += piece)
    if (const auto taken = file.take(std::string_view(archive).substr(at, piece)); taken.failed())
      return "error: " + taken.error().message.english();
  if (const auto finished = file.finish(); finished.failed())
    return "error: " + finished.error().message.english();
  return text;
}

const std::string ut1 = member("gambling/", "", '5') + member("gambling/domains", "bet.test\ncasino.test\n") +
                        member("gambling/urls", "a.test/bet\n") + tar_end;

TEST_CASE("a file of an archive, in pieces of any size", "[config][archive]") {
  CHECK(begins_tar(ut1));
  CHECK_FALSE(begins_tar(std::string(tar_block, 'a')));
  CHECK_FALSE(begins_tar(ut1.substr(0, tar_block - 1)));
  const std::string long_name(120, 'n');
  const std::string pax = member("p", "10 path=b\n", 'x') + member("a", "of b\n") + tar_end;
  for (const std::size_t piece : {1, 7, 511, 512, 513, 100'000}) {
    CAPTURE(piece);
    CHECK(file_of(ut1, "gambling/domains", piece) == "bet.test\ncasino.test\n");
    CHECK(file_of(ut1, "gambling/urls", piece) == "a.test/bet\n");
    CHECK(file_of(member("./a.txt", "x\n") + tar_end, "a.txt", piece) == "x\n");
    CHECK(file_of(member("d/", "", '5') + member("d/a", "alone\n") + tar_end, "", piece) == "alone\n");
    CHECK(file_of(member("l", long_name + '\0', 'L') + member("n", "long\n") + tar_end, long_name, piece) ==
          "long\n");
    CHECK(file_of(pax, "b", piece) == "of b\n");
  }
  CHECK(file_of(member("a", std::string(5000, 'x')) + tar_end + "what follows is nobody's", "a") ==
        std::string(5000, 'x'));
}

TEST_CASE("an archive that leads astray, or is cut or damaged, is refused", "[config][archive]") {
  struct Row {
    const char* name;
    std::string archive, wanted, error;
  };
  std::string many;
  for (std::size_t i = 0; i <= ArchivedFile::most_entries; ++i)
    many += member("d" + std::to_string(i), "", '5');
  std::string damaged = ut1;
  damaged[130] = '7';
  std::string huge = tar_head("a", 1);
  huge[124] = '\x80';
  const Row rows[] = {
      {"a link in its place", member("a", "", '2') + tar_end, "a", "a in the archive is a link"},
      {"a hard link in its place", member("a", "", '1') + tar_end, "a", "a in the archive is a link"},
      {"out of the archive", member("../a", "x") + tar_end, "a", "\"../a\" in the archive leads out of it"},
      {"and in the middle", member("b/../../a", "x") + tar_end, "a",
       "\"b/../../a\" in the archive leads out of it"},
      {"from the root", member("/etc/passwd", "x") + tar_end, "",
       "\"/etc/passwd\" in the archive leads out of it"},
      {"another file", ut1, "gambling/expressions",
       "there is no gambling/expressions in the archive; there are: gambling/domains, gambling/urls"},
      {"which of them", ut1, "",
       "it is an archive of several files (gambling/domains, gambling/urls): update: file: says which one"},
      {"twice", member("a", "x") + member("a", "y") + tar_end, "a", "a is twice in the archive"},
      {"no file", member("d/", "", '5') + tar_end, "", "there is no file in the archive"},
      {"too many", many + tar_end, "a", "there are more than 10000 files in the archive"},
      {"a damaged head", damaged, "a", "it begins as an archive does and is none, or is damaged"},
      {"a size in another base", huge, "a", "it begins as an archive does and is none, or is damaged"},
      {"a size apart", member("p", "9 size=1\n", 'x') + member("a", "x") + tar_end, "a",
       "a file in the archive is too large"},
      {"a line that lies about its length", member("p", "99 path=b\n", 'x') + tar_end, "a",
       "it begins as an archive does and is none, or is damaged"},
      {"a name without end", member("l", std::string(9000, 'n'), 'L') + tar_end, "a",
       "a name in the archive is too long"},
      {"a name in another head that leads out",
       member("p", "13 path=../b\n", 'x') + member("a", "x") + tar_end, "a",
       "\"../b\" in the archive leads out of it"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(file_of(row.archive, row.wanted) == "error: " + row.error);
    }
  const std::size_t end = ut1.size() - 2 * tar_block;
  for (std::size_t cut = 1; cut <= end; cut += 100) {
    CAPTURE(cut);
    CHECK(file_of(ut1.substr(0, cut), "gambling/domains") == "error: it is cut short");
  }
}

}  // namespace
}  // namespace schoolgate
