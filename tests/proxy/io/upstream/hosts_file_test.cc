#include "proxy/io/upstream/hosts_file.h"

#include <catch2/catch.hpp>

using namespace schoolgate;

TEST_CASE("hosts file: names, aliases, comments, both families", "[io][hosts_file]") {
  const HostsTable table = parse_hosts(
      "127.0.0.1 localhost loop # this machine\r\n"
      "# 10.9.9.9 hidden\n"
      "::1\tlocalhost\n"
      "10.0.0.5   Intranet.School.VN.\n"
      "not-an-address name\n"
      "10.0.0.6\n"
      "10.0.0.5 intranet.school.vn\n"
      "10.0.0.7 last");
  CHECK(table.size() == 4);
  CHECK(table.at("localhost").size() == 2);
  CHECK(table.at("loop").front() == IpAddress::v4(0x7f000001));
  CHECK(table.at("intranet.school.vn").size() == 1);  // lower case, no trailing dot, no duplicate
  CHECK(table.at("last").front().to_string() == "10.0.0.7");
}

TEST_CASE("an absent hosts file is an empty table", "[io][hosts_file]") {
  CHECK(read_hosts_file("/nonexistent/hosts").empty());
}
