// What the firewall counts: as nft prints it, and from the socket where it is asked for.
#include "tools/lan/gateway_counts.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <thread>

#include "tests/config/support.h"

namespace schoolgate::tools {
namespace {

constexpr std::int64_t day = 24 * 3600 * 1000;

TEST_CASE("gateway counts: who tried what, and the table without it", "[tools][lan]") {
  const std::string head =
                        "table inet schoolgate {\n\tset filtered4 {\n\t\ttype ipv4_addr\n\t\telements = { "
                        "10.0.0.0/8 }\n\t}\n\n",
                    quic = "\tset tried_quic4 {\n\t\ttype ipv4_addr\n\t\ttimeout 1d",
                    between = "\n\t}\n\n\tset tried_dot4 {\n\t\ttype ipv4_addr",
                    end = "\n\t}\n\n\tchain forward {\n\t}\n}\n", plain = head + quic + between + end;
  const std::string full = head + quic +
                           "\n\t\telements = { 10.0.0.5 counter packets 3 bytes 90 expires 23h59m59s992ms, "
                           "10.0.0.6 counter packets 1 bytes 30 expires 1h,\n"
                           "\t\t\t     10.0.0.7 counter packets 2 bytes 60 expires 2s }" +
                           between + "\n\t\telements = { 10.0.0.5 counter packets 7 bytes 1 expires 1s }" +
                           end;
  CHECK(without_tried(plain) == plain);
  CHECK(without_tried(full) == plain);
  CHECK(tried_in(plain).empty());
  CHECK(tried_in(full) == std::vector<TriedAddress>{{"10.0.0.5", 3, 7, 8, day - 1000},
                                                    {"10.0.0.6", 1, 0, day - 3'600'000, std::nullopt},
                                                    {"10.0.0.7", 2, 0, day - 2000, std::nullopt}});
  for (std::size_t size = 0; size <= full.size(); ++size) {  // cut anywhere it is still read
    static_cast<void>(tried_in(full.substr(0, size)));
    static_cast<void>(without_tried(full.substr(0, size)));
    static_cast<void>(holes_in(full.substr(0, size)));
  }
}

TEST_CASE("gateway counts: how long ago the last packet came", "[tools][lan]") {
  const auto age = [](const std::string& expires) {
    const auto all = tried_in("\tset tried_dot6 {\n\t\telements = { fd00::5 counter packets 1 bytes 9" +
                              expires + " }\n\t}\n");
    REQUIRE(all.size() == 1);
    CHECK(all[0].address == "fd00::5");
    return all[0].dot_ms;
  };
  CHECK(age("") == std::nullopt);
  CHECK(age(" expires 1d") == 0);
  CHECK(age(" expires 23h59m59s700ms") == 300);
  CHECK(age(" expires 59s") == day - 59'000);
  CHECK(age(" expires 2d") == 0);  // of another table: not in the future
  CHECK(age(" expires x") == day);
  CHECK(age(" expires 99999999999999999999s") == day);
}

TEST_CASE("gateway counts: what went out through holes", "[tools][lan]") {
  const std::string table =
      "table inet schoolgate {\n\tcounter hole_01 {\n\t\tpackets 12 bytes 900\n\t}\n\n"
      "\tcounter hole_02 {\n\t\tpackets 0 bytes 0\n\t}\n\n\tcounter other {\n\t\tpackets 5 bytes 5\n\t}\n"
      "\n\tchain forward {\n\t\tcounter name \"hole_01\" accept comment \"counter hole_03 packets "
      "9\"\n\t}\n}\n";
  CHECK(holes_in(table) == std::map<std::string, std::uint64_t>{{"hole_01", 12}, {"hole_02", 0}});
  CHECK(holes_in("").empty());
}

TEST_CASE("gateway counts: a hole's name is that of what it lets through", "[tools][lan]") {
  GatewayHole hole;
  hole.is_udp = true;
  hole.ports = {{3478, 3481}};
  hole.to = {*Network::parse("203.0.113.0/24")};
  const std::string name = hole_counter(hole);
  CHECK(name.starts_with("hole_"));
  CHECK(name.size() == 21);
  GatewayHole same = hole;
  same.why = "for another reason";
  same.review_by = "2099-01-01";
  CHECK(hole_counter(same) == name);
  std::vector<GatewayHole> others(4, hole);
  others[0].is_udp = false;
  others[1].ports[0].last = 3482;
  others[2].to[0] = *Network::parse("203.0.113.0/25");
  others[3].tier = "staff";
  for (const GatewayHole& other : others) CHECK(hole_counter(other) != name);
}

// What a process at the other end says to the first who comes; "" = nothing, without an end.
struct OtherEnd {
  OtherEnd(const std::string& path, std::string says) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, path.c_str(), path.size());
    REQUIRE(::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(::listen(fd, 4) == 0);
    if (says.empty()) return;
    thread = std::thread([this, says] {
      const int client = ::accept(fd, nullptr, nullptr);
      for (std::size_t sent = 0; sent < says.size();) {
        const ssize_t now = ::send(client, says.data() + sent, says.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) break;
        sent += static_cast<std::size_t>(now);
      }
      ::close(client);
    });
  }
  ~OtherEnd() {
    if (thread.joinable()) thread.join();
    ::close(fd);
  }
  OtherEnd(const OtherEnd&) = delete;
  OtherEnd& operator=(const OtherEnd&) = delete;
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::thread thread{};
};

TEST_CASE("gateway counts: the table comes whole, or not at all", "[tools][lan]") {
  const test::Folder folder;
  const std::string path = counts_socket(folder.path("control.sock"));
  CHECK(path == folder.path("counts.sock"));
  constexpr std::chrono::seconds patience{10};
  CHECK_FALSE(read_counts(path, patience));  // nobody is there
  SECTION("whole") {
    const std::string table = "table inet schoolgate {\n" + std::string(100'000, ' ') + "\n}\n";
    const OtherEnd end(path, table);
    CHECK(read_counts(path, patience) == table);
  }
  SECTION("cut") {
    const OtherEnd end(path, "table inet schoolgate {\n\tset x");
    CHECK_FALSE(read_counts(path, patience));
  }
  SECTION("something else") {
    const OtherEnd end(path, "Error: No such file or directory\n}\n");
    CHECK_FALSE(read_counts(path, patience));
  }
  SECTION("silence") {
    const OtherEnd end(path, "");
    CHECK_FALSE(read_counts(path, std::chrono::milliseconds(50)));
  }
}

}  // namespace
}  // namespace schoolgate::tools
