// `pac:`: a slip would send a whole school around its filter, so that each doubt is an error.
#include "config/main/pac_reader.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;
using Texts = std::vector<std::string>;

struct PacReading : Reading {
  void read(const std::string& text) {  // what stands below "pac:", indented
    folder.write("schoolgate.yaml", "pac:\n" + text);
    const auto root = context.yaml(context.config_file());
    REQUIRE(root);
    const YamlNode* const section = root->find("pac");
    REQUIRE(section != nullptr);
    read_pac(*section, context.reporter(context.config_file()), pac);
  }
  [[nodiscard]] std::string told() const { return Reading::told("schoolgate.yaml"); }
  PacSettings pac;
};

TEST_CASE("what browsers are told of the proxy", "[config][pac]") {
  PacReading reading;
  reading.read(
      "  proxies: [\"192.168.10.1:3128\", \"[fd00::1]:3128\", \"gate.truong.vn:3128\"]\n"
      "  direct: [NoiBo.truong.vn, \"*.so.truong.vn\"]\n");
  CHECK_THAT(reading.told(), Tells(""));
  CHECK(reading.pac.proxies == Texts{"192.168.10.1:3128", "[fd00::1]:3128", "gate.truong.vn:3128"});
  CHECK(reading.pac.direct == Texts{"noibo.truong.vn", "so.truong.vn"});
}

TEST_CASE("a proxy is written with its port, and nothing else", "[config][pac]") {
  for (const char* const text :
       {"192.168.10.1", "[fd00::1]", "gate.truong.vn", "gate:", "http://gate:3128", "gate:3128/x",
        "gate:99999", "a b:3128", "x\\\"; return 1:3128", "user@gate:3128", ""}) {
    DYNAMIC_SECTION(text) {
      PacReading reading;
      reading.read("  proxies: [\"" + std::string(text) + "\"]\n");
      CHECK(reading.pac.proxies.empty());
      CHECK_THAT(reading.told(), Tells(*text == '\0' ? "2:13: error SG1113" : "2:13: error SG1108"));
    }
  }
  PacReading reading;
  reading.read("  proxies: [a:1, b:1, c:1, d:1, e:1]\n");
  CHECK_THAT(reading.told(), Tells("2:12: error SG1105"));
}

TEST_CASE("a direct name is no registry, no address, no address of a page", "[config][pac]") {
  struct Row {
    const char *text, *tells;
  };
  for (const Row& row : {Row{"vn", "2:12: error SG1307"}, Row{"com.vn", "2:12: error SG1307"},
                         Row{"10.0.0.1", "2:12: error SG1301"}, Row{"a.vn/x", "2:12: error SG1301"},
                         Row{"a\\\"b.vn", "2:12: error SG1301"}}) {
    DYNAMIC_SECTION(row.text) {
      PacReading reading;
      reading.read("  direct: [\"" + std::string(row.text) + "\"]\n");
      CHECK(reading.pac.direct.empty());
      CHECK_THAT(reading.told(), Tells(row.tells));
    }
  }
}

}  // namespace
}  // namespace schoolgate
