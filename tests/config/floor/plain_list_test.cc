#include "config/floor/plain_list.h"

#include <catch2/catch.hpp>

#include "config/floor/floor_build.h"

namespace schoolgate {
namespace {

std::string cells_of(const Result<ListTable>& table) {
  if (!table) return "error: " + table.error().message.english();
  std::string out;
  for (const ListTable::Row& row : table->rows) {
    out += std::to_string(row.number) + ":";
    for (const std::string& cell : row.cells) out += "[" + cell + "]";
  }
  return out;
}

TEST_CASE("lists in cells", "[config][floor]") {
  struct Row {
    const char *text, *cells;
  };
  const Row rows[] = {
      {"", ""},
      {"a,b\nc,d\n", "1:[a][b]2:[c][d]"},
      {"\xEF\xBB\xBF"
       "a;b,c;\r\n\r\nd;e",
       "1:[a][b,c][]3:[d][e]"},
      {"a\tb\n", "1:[a][b]"},
      {"\"a,\"\"1\"\"\nmore\",b\nc,d\n", "1:[a,\"1\"\nmore][b]3:[c][d]"},
      {"a,\n,b\n", "1:[a][]2:[][b]"},
      {"\"a", "error: the quotes of line 1 are not closed"},
      {"\"a\"b,c", "error: in line 1 something stands behind the closing quotes"},
      {"a\xFF\n", "error: line 1 is not UTF-8"},
      {"\xFF\xFE"
       "a",
       "error: it is UTF-16; save it as UTF-8 (in Excel: CSV UTF-8)"},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(cells_of(read_csv_list(row.text)) == row.cells);
  }
  CHECK(cells_of(read_csv_list(std::string("a\0b", 3))) == "error: it is no text");
  CHECK(cells_of(read_csv_list(std::string(300, ','))) == "error: line 1 has more than 256 cells");
  CHECK(cells_of(read_csv_list(std::string(70'000, 'a'))) == "error: line 1 has a cell of over 64 KiB");
  CHECK(cells_of(read_text_list("# head\na.vn\n\n  b.vn \n")) == "2:[a.vn]4:[b.vn]");
}

TEST_CASE("addresses as lists write them", "[config][floor]") {
  struct Row {
    const char *cell, *addresses;
  };
  const Row rows[] = {
      {"bad.example", "http://bad.example"},
      {" https://Bad.example/X?y=1 ", "http://Bad.example/X?y=1"},
      {"hxxps://bad[.]example/x", "http://bad.example/x"},
      {"*.bad.example", "http://bad.example"},
      {".bad.example", "http://bad.example"},
      {"a.example\nb.example;", "http://a.example http://b.example"},
      {"192.0.2.7", "http://192.0.2.7"},
      {"bad.example:8443/x", "http://bad.example:8443/x"},
      {"ftp://bad.example", "none"},
      {"bad", "none"},
      {"", "none"},
      {"Nguyễn Văn A", "none"},
      {"192.0.2.0/33.x/..", "http://192.0.2.0/33.x/.."},
  };
  for (const Row& row : rows) {
    INFO(row.cell);
    const auto found = addresses_in(row.cell);
    std::string all;
    if (found)
      for (const std::string& one : *found) all += (all.empty() ? "" : " ") + one;
    CHECK((found ? all : "none") == row.addresses);
  }
}

TEST_CASE("which column holds the addresses", "[config][floor]") {
  struct Row {
    const char *text, *wanted, *found;
  };
  const Row rows[] = {
      {"STT,Tên miền,Ghi chú\n1,a.vn,x\n", "", "1/1"},
      {"no,URL\n1,http://a.vn/x\n", "", "1/1"},
      {"1,a.vn,x y\n2,b.vn,x y\n", "", "1/0"},
      {"1,something,a.vn\n2,else,b.vn\n", "3", "2/0"},
      {"n,mine,other\n1,a.vn,b.vn\n", "Mine", "1/1"},
      {"n,mine,other\n1,a.vn,b.vn\n", "",
       "error: several columns may hold the addresses: name one with --column"},
      {"n,mine\n1,x\n", "", "error: no column of addresses was found: name it with --column"},
      {"n,mine\n1,x\n", "theirs", "error: no column has that head"},
  };
  for (const Row& row : rows) {
    INFO(row.text << row.wanted);
    const auto found = find_column(*read_csv_list(row.text), row.wanted);
    CHECK((found ? std::to_string(found->index) + "/" + std::to_string(found->first_row)
                 : "error: " + found.error().message.english()) == row.found);
  }
}

TEST_CASE("a floor out of lists: digests, and of what is wrong the rows alone", "[config][floor]") {
  FloorBuilder builder(FloorSalt{5});
  const auto first = builder.take("a.example\ntên-miền.vn\nwww.c.example\n", "list.txt", FloorKind::csam, "");
  REQUIRE(first);
  CHECK(first->entries == 3);
  CHECK(first->www_alone == 1);
  const auto second =
      builder.take("url\nhttp://d.example/x\ncom.vn\nnot one\n\"a b\"\n", "l.csv", FloorKind::unlawful, "");
  REQUIRE(second);
  CHECK(second->entries == 1);
  CHECK(second->wrong == 3);
  REQUIRE(second->first_wrong.size() == 3);
  CHECK(second->first_wrong[0] ==
        "line 3: a public suffix, below which everybody registers: it would seal them all");
  CHECK(second->first_wrong[1] == "line 4: neither a host nor the address of a page");
  CHECK_FALSE(builder.take("# nothing\n", "l.txt", FloorKind::csam, ""));
  const SealedFile file = builder.finish(0);
  CHECK(file.counts == FloorCounts{3, 0, 0, 1});
  const Floor floor({}, &file.floor);
  const auto hit = [&](const char* address) {
    Url url;
    REQUIRE(url.parse(std::string("http://") + address).ok());
    return floor.ask_host(url.host()).hit || floor.ask_path(url).has_value();
  };
  CHECK(hit("www.a.example/any"));
  CHECK(hit("d.example/x/y"));
  CHECK_FALSE(hit("d.example/"));
  CHECK_FALSE(hit("c.example"));
  CHECK(to_text(file).find("example") == std::string::npos);
}

}  // namespace
}  // namespace schoolgate
