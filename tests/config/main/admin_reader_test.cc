// Where the staff's pages are served: what is taken, and that nobody leaves them open by a slip.
#include "config/main/admin_reader.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

using namespace schoolgate;
using Catch::Matchers::Contains;

namespace {

// The small school with this under listen: admin:.
std::string with_admin(const test::Folder& folder, const std::string& admin) {
  test::write_small_school(folder);
  std::string main = folder.read("schoolgate.yaml");
  const std::string listen = R"(listen: {proxy: ["127.0.0.1:3128"]})";
  const std::size_t at = main.find(listen);
  REQUIRE(at != std::string::npos);
  main.replace(at, listen.size(), R"(listen: {proxy: ["127.0.0.1:3128"], admin: )" + admin + "}");
  const std::string who = "who:\n";
  main.replace(main.find(who), who.size(), who + "  - {network: 10.2.0.0/16, tier: pupil}\n");
  folder.write("schoolgate.yaml", main);
  return main;
}

}  // namespace

TEST_CASE("where the staff's pages are served", "[config][admin]") {
  const test::Folder folder;
  with_admin(folder,
             R"({address: "10.1.0.2:8443", clients: [10.1.0.0/24, 10.2.0.7/32], names: [Gate.Truong.edu.vn],
                      tls: {certificate: pages/cert.pem, key: /k.pem}})");
  const LoadResult loaded = folder.load();
  INFO(folder.text_of(loaded));
  REQUIRE(loaded.snapshot);
  REQUIRE(loaded.snapshot->config.admin);
  const AdminPages& pages = *loaded.snapshot->config.admin;
  CHECK(pages.address.to_string() == "10.1.0.2");
  CHECK(pages.port == 8443);
  CHECK(pages.clients.size() == 2);
  CHECK(pages.names == std::vector<std::string>{"gate.truong.edu.vn"});
  CHECK(pages.certificate == folder.path("pages/cert.pem"));
  CHECK(pages.key == "/k.pem");
}

TEST_CASE("what would leave the staff's pages open is an error", "[config][admin]") {
  const std::string tls = ", tls: {certificate: c, key: k}";
  struct Row {
    const char* name;
    std::string admin;
    const char* says;  // "" = taken
  };
  const Row rows[] = {
      {"this machine alone", R"({address: "127.0.0.1:8443"})", ""},
      {"this machine alone, IPv6", R"({address: "[::1]:8443"})", ""},
      {"loopback clients", R"({address: "127.0.0.1:8443", clients: [127.0.0.0/8]})", ""},
      {"no address", R"({clients: [10.1.0.5/32]})", "SG1102"},
      {"no port", R"({address: "127.0.0.1"})", "SG1108"},
      {"port 0", R"({address: "127.0.0.1:0"})", "SG1108"},
      {"a name", R"({address: "localhost:8443"})", "SG1108"},
      {"the proxy's own place", R"({address: "127.0.0.1:3128"})", "SG1112"},
      {"an unknown key", R"({address: "127.0.0.1:8443", user: x})", "SG1101"},
      {"a URL as name", R"({address: "127.0.0.1:8443", names: ["http://gate"]})",
       "is not the name of a machine"},
      {"half a certificate", R"({address: "127.0.0.1:8443", tls: {certificate: c}})", "SG1102"},
      {"nobody named", R"({address: "10.1.0.2:8443")" + tls + "}", "SG1131"},
      {"without TLS", R"({address: "10.1.0.2:8443", clients: [10.1.0.5/32]})", "SG1132"},
      {"pupils' network", R"({address: "10.1.0.2:8443", clients: [10.2.0.0/24])" + tls + "}",
       "pupils are in the network"},
      {"wider than a pupils' network", R"({address: "10.1.0.2:8443", clients: [10.0.0.0/8])" + tls + "}",
       "pupils are in the network"},
      {"nobody's network", R"({address: "10.1.0.2:8443", clients: [192.168.9.0/24])" + tls + "}",
       "is in no tier of adults"},
      {"a pupil's single address", R"({address: "10.1.0.2:8443", clients: [10.2.0.7/32])" + tls + "}", ""},
      {"the staff's network", R"({address: "10.1.0.2:8443", clients: [10.1.0.0/16])" + tls + "}", ""},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      const test::Folder folder;
      with_admin(folder, row.admin);
      const LoadResult loaded = folder.load();
      const std::string text = folder.text_of(loaded);
      INFO(text);
      CHECK((loaded.snapshot != nullptr) == (*row.says == '\0'));
      CHECK_THAT(text, Contains(row.says));
    }
}
