#include "proxy/io/upstream/route.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

TEST_CASE("ways out beside a parent proxy", "[io][route]") {
  const AddressPolicy addresses({*Network::parse("10.1.0.0/16")}, {{*IpAddress::parse("10.1.0.1"), 3128}});
  struct Row {
    const char* host;
    bool in_hosts_file;
    Route want;
  };
  const Row rows[] = {
      {"example.vn", false, Route::parent},
      {"a.internal.example.vn", false, Route::parent},
      {"93.184.216.34", false, Route::parent},
      {"[2606:2800:220:1::1]", false, Route::parent},
      {"10.1.2.3", false, Route::direct},  // allow_networks: the parent cannot reach it
      {"10.1.0.1", false, Route::own},
      {"192.168.1.1", false, Route::refused},
      {"0x7f.1", false, Route::refused},  // 127.0.0.1 in another spelling
      {"169.254.169.254", false, Route::refused},
      {"[::1]", false, Route::refused},
      {"[::ffff:192.168.1.1]", false, Route::refused},
      {"[64:ff9b::7f00:1]", false, Route::refused},
      {"localhost", false, Route::refused},
      {"LOCALHOST.", false, Route::refused},
      {"a.localhost", false, Route::refused},
      {"printer", false, Route::refused},
      {"printer.local", false, Route::refused},
      {"router.lan", false, Route::refused},
      {"metadata.google.internal", false, Route::refused},
      {"nas.home.arpa", false, Route::refused},
      {"home.arpa", false, Route::refused},
      {"lms.lan", true, Route::direct},  // the hosts file says where; its addresses are checked
      {"example.vn", true, Route::direct},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.host << (row.in_hosts_file ? ", in the hosts file" : "")) {
      Host host;
      REQUIRE(parse_host(row.host, host).ok());
      CHECK(route_beside_parent(host, 3128, row.in_hosts_file, addresses, {}) == row.want);
    }
}
