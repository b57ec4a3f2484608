#include "proxy/io/upstream/dns_aliases.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace schoolgate {
namespace {

using namespace std::string_literals;

const std::string question = "\1a\4test\0\0\1\0\1"s;

std::string header(int questions, int answers) {
  std::string out = "\x12\x34\x81\x80"s;
  for (const int count : {questions, answers, 0, 0}) {
    out.push_back(static_cast<char>(count >> 8));
    out.push_back(static_cast<char>(count));
  }
  return out;
}

std::string record(const std::string& owner, int type, const std::string& data) {
  std::string out = owner + '\0' + static_cast<char>(type) + "\0\1\0\0\0\x3c"s;
  out.push_back(static_cast<char>(data.size() >> 8));
  out.push_back(static_cast<char>(data.size()));
  return out + data;
}

std::string cname(const std::string& target) {
  return record("\xc0\x0c"s, 5, target);
}

// "bbb...b.bbb...b" of so many letters and dots, in labels of 63; and as it is sent.
std::string text_of(std::size_t size) {
  std::string text(size, 'b');
  for (std::size_t dot = 63; dot < size; dot += 64) text[dot] = '.';
  return text;
}
std::string long_name(std::size_t size) {
  const std::string text = text_of(size);
  std::string wire;
  for (std::size_t at = 0; at < size; at += 64) {
    const std::string label = text.substr(at, 63);
    wire += static_cast<char>(label.size()) + label;
  }
  return wire + '\0';
}

}  // namespace

TEST_CASE("dns aliases: the names that an answer leads through, or no answer at all", "[io][dns]") {
  std::string sixteen, seventeen;
  for (char c = 'a'; c < 'a' + 17; ++c) {
    if (c < 'a' + 16) sixteen += cname("\1"s + c + '\0');
    seventeen += cname("\1"s + c + '\0');
  }
  const std::string address = record("\xc0\x0c"s, 1, "\x7f\0\0\1"s);
  struct Row {
    const char* name;
    std::string message;
    bool good;
    std::vector<std::string> want;
  };
  const Row rows[] = {
      {"an address", header(1, 1) + question + address, true, {}},
      {"one alias", header(1, 2) + question + cname("\1b\4test\0"s) + address, true, {"b.test"}},
      {"a pointer into the question", header(1, 1) + question + cname("\1b\xc0\x0e"s), true, {"b.test"}},
      {"the same twice", header(1, 2) + question + cname("\1b\0"s) + cname("\1b\0"s), true, {"b"}},
      {"bytes that are no host name", header(1, 1) + question + cname("\3b\0d\0"s), true, {"b\\000d"}},
      {"a dot within a label", header(1, 1) + question + cname("\3b.d\0"s), true, {"b\\046d"}},
      {"no question", header(0, 1) + record("\1a\0"s, 5, "\1b\0"s), true, {"b"}},
      {"nothing", "", false, {}},
      {"a header cut short", header(1, 1).substr(0, 11), false, {}},
      {"no room for the question", header(1, 0), false, {}},
      {"a question without its type", header(1, 0) + question.substr(0, 8), false, {}},
      {"more answers promised", header(1, 2) + question + cname("\1b\0"s), false, {"b"}},
      {"more than there is",
       header(1, 1) + question + record("\xc0\x0c"s, 5, "\1b\0"s).substr(0, 13),
       false,
       {}},
      {"a pointer to itself", header(1, 1) + question + cname("\xc0\x24"s), false, {}},
      {"a pointer to nowhere", header(1, 1) + question + cname("\xff\xff"s), false, {}},
      {"two pointers in a ring", header(1, 1) + question + cname("\xc0\x26\xc0\x24"s), false, {}},
      {"bytes after the name", header(1, 1) + question + cname("\1b\0x"s), false, {}},
      {"a name that ends outside its record", header(1, 2) + question + cname("\2b"s) + address, false, {}},
      {"a pointer forward", header(1, 2) + question + cname("\xc0\x32"s) + cname("\1b\0"s), false, {}},
      {"a label of 64", header(1, 1) + question + cname("\x40" + std::string(64, 'b') + '\0'), false, {}},
      {"a name of 255 bytes", header(1, 1) + question + cname(long_name(253)), true, {text_of(253)}},
      {"a name of 256 bytes", header(1, 1) + question + cname(long_name(254)), false, {}},
      {"a name made long by pointers",
       header(1, 2) + question + cname(long_name(200)) + cname("\x3f" + std::string(63, 'b') + "\xc0\x24"s),
       false,
       {text_of(200)}},
      {"an empty record", header(1, 1) + question + cname(""), false, {}},
      {"sixteen",
       header(1, 16) + question + sixteen,
       true,
       {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"}},
      {"seventeen",
       header(1, 17) + question + seventeen,
       false,
       {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"}},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      std::vector<std::string> aliases;
      const auto* bytes = reinterpret_cast<const unsigned char*>(row.message.data());
      CHECK(add_dns_aliases(bytes, static_cast<int>(row.message.size()), aliases) == row.good);
      CHECK(aliases == row.want);
    }
  }
}

}  // namespace schoolgate
