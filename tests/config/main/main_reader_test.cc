// schoolgate.yaml as values: what stands there when the file says little, what each key may say, and that a
// wrong value is an error and never another value.
#include "config/main/main_reader.h"

#include <catch2/catch.hpp>
#include <functional>

#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Reading;
using test::Tells;

// All that a main file must say, in three lines; what a test adds begins in line 5.
const std::string least_main =
    "version: 1\nschool: {name: Test}\nlisten: {proxy: [\"127.0.0.1:3128\"]}\nunknown_tier: pupil\n";

struct MainReading : Reading {
  // Reads the least file with `more` below it, or `whole` in its place.
  explicit MainReading(const std::string& more = {}) { folder.write("schoolgate.yaml", least_main + more); }
  const MainFile& read() {
    file = read_main_file(context);
    REQUIRE(file);
    return *file;
  }
  const Config& config() { return read().config; }
  [[nodiscard]] std::string told() const { return Reading::told("schoolgate.yaml"); }
  std::optional<MainFile> file;
};

TEST_CASE("what a main file need not say", "[config][main]") {
  MainReading reading;
  const MainFile& main = reading.read();
  const Config& config = main.config;
  const auto in_folder = [&](const char* name) { return reading.folder.path(name); };
  CHECK(reading.context.diagnostics.empty());
  CHECK(config.file == in_folder("schoolgate.yaml"));
  CHECK(config.school.name == "Test");
  CHECK(config.school.language == Language::vi);
  CHECK(config.school.time_zone == "Asia/Ho_Chi_Minh");
  REQUIRE(config.listen.size() == 1);
  CHECK(config.listen[0].address.to_string() == "127.0.0.1");
  CHECK(config.listen[0].port == 3128);
  CHECK_FALSE(config.listen[0].tier);
  CHECK(config.unknown_tier == "pupil");
  CHECK(main.unknown_tier_place.pos == SourcePos{4, 15});
  CHECK(config.workers == 0);
  CHECK(config.state_directory == "/var/lib/schoolgate");
  CHECK(config.control_socket == "/run/schoolgate/control.sock");
  CHECK(config.log.directory == "/var/log/schoolgate");
  CHECK(config.log.key_file == "/var/lib/schoolgate/pseudonym.keys");
  CHECK(config.log.max_bytes == 20'000'000'000);
  CHECK(config.upstream.hosts_file == "/etc/hosts");
  CHECK(config.https.ca_directory == in_folder("ca"));
  CHECK(config.https.crl_directory.empty());
  CHECK_FALSE(main.never_inspect.named);
  CHECK(main.lists_folder == in_folder("lists.d"));

  // Only private addresses may use the proxy: it must not become an open one.
  std::string clients;
  for (const Network& network : config.clients) clients += network.to_string() + " ";
  CHECK(clients == "127.0.0.0/8 ::1 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fe80::/10 ");
}

TEST_CASE("numbers at their bounds and beyond", "[config][main]") {
  struct Row {
    const char *section, *key;  // section "": at the top
    std::uint64_t low, high;
    std::function<std::uint64_t(const Config&)> value;
  };
  const Row rows[] = {
      {"", "workers", 0, 256, [](const Config& c) { return c.workers; }},
      {"limits", "connections", 16, 500'000, [](const Config& c) { return c.limits.connections; }},
      {"limits", "connections_per_client", 8, 500'000,
       [](const Config& c) { return c.limits.connections_per_client; }},
      {"limits", "requests_per_second_per_client", 1, 1'000'000,
       [](const Config& c) { return c.limits.requests_per_second_per_client; }},
      {"limits", "request_burst_per_client", 1, 1'000'000,
       [](const Config& c) { return c.limits.request_burst_per_client; }},
      {"limits", "min_bytes_per_second", 0, 1'000'000,
       [](const Config& c) { return c.limits.min_bytes_per_second; }},
      {"limits", "head_bytes", 8192, 1'048'576, [](const Config& c) { return c.limits.head_bytes; }},
      {"limits", "url_bytes", 1024, 65'536, [](const Config& c) { return c.limits.url_bytes; }},
      {"upstream", "idle_per_origin", 0, 1024, [](const Config& c) { return c.upstream.idle_per_origin; }},
      {"upstream", "idle_total", 0, 100'000, [](const Config& c) { return c.upstream.idle_total; }},
      {"log", "keep_days", 30, 365, [](const Config& c) { return c.log.keep_days; }},
      {"log", "min_days", 30, 365, [](const Config& c) { return c.log.min_days; }},
      {"log", "max_megabytes", 20, 4'000'000, [](const Config& c) { return c.log.max_bytes / 1'000'000; }},
      {"gateway", "dns_port", 1, 65'535, [](const Config& c) { return c.gateway.dns_port; }},
      {"timeouts", "head", 1, 300, [](const Config& c) { return c.timeouts.head.count(); }},
      {"timeouts", "keep_alive", 1, 3600, [](const Config& c) { return c.timeouts.keep_alive.count(); }},
      {"timeouts", "connect", 1, 120, [](const Config& c) { return c.timeouts.connect.count(); }},
      {"timeouts", "hello", 1, 120, [](const Config& c) { return c.timeouts.hello.count(); }},
      {"timeouts", "response", 1, 3600, [](const Config& c) { return c.timeouts.response.count(); }},
      {"timeouts", "body", 1, 3600, [](const Config& c) { return c.timeouts.body.count(); }},
      {"timeouts", "tunnel_idle", 10, 86'400, [](const Config& c) { return c.timeouts.tunnel_idle.count(); }},
      {"timeouts", "drain", 0, 600, [](const Config& c) { return c.timeouts.drain.count(); }},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.section << " " << row.key) {
      const std::string section = row.section, key = row.key;
      const auto saying = [&](std::uint64_t number) {
        const std::string line = key + ": " + std::to_string(number);
        return section.empty() ? line + "\n" : section + ": {" + line + "}\n";
      };
      for (const std::uint64_t good : {row.low, row.high}) {
        MainReading reading(saying(good));
        CHECK(row.value(reading.config()) == good);
        CHECK_THAT(reading.told(), Tells(""));
      }
      MainReading silent;
      const std::uint64_t standard = row.value(silent.config());
      for (const std::uint64_t bad : {row.low - 1, row.high + 1}) {
        if (row.low == 0 && bad != row.high + 1) continue;
        MainReading reading(saying(bad));
        CHECK(row.value(reading.config()) == standard);
        CHECK(reading.context.diagnostics.size() == 1);
        CHECK(has_errors(reading.context.diagnostics));
      }
    }
  }
}

TEST_CASE("addresses to listen on", "[config][main]") {
  struct Row {
    const char *written, *address;
    int port;
  };
  const Row good[] = {
      {"0.0.0.0:3128", "0.0.0.0", 3128},
      {"[::]:3128", "::", 3128},
      {"[fd00::1]:1", "fd00::1", 1},
      {"10.0.0.1:65535", "10.0.0.1", 65535},
  };
  for (const Row& row : good) {
    DYNAMIC_SECTION(row.written) {
      MainReading reading;
      reading.folder.write("schoolgate.yaml",
                           "version: 1\nschool: {name: T}\nunknown_tier: p\nlisten: {proxy: \"" +
                               std::string(row.written) + "\"}\n");
      const Config& config = reading.config();
      REQUIRE(config.listen.size() == 1);
      CHECK(config.listen[0].address.to_string() == row.address);
      CHECK(config.listen[0].port == row.port);
      CHECK_THAT(reading.told(), Tells(""));
    }
  }
  for (const char* const bad : {"", "3128", ":3128", "10.0.0.1", "10.0.0.1:", "10.0.0.1:0", "10.0.0.1:65536",
                                "10.0.0.1:-1", "10.0.0.1:31 28", "10.0.0.01:80", "::1:3128", "[::1]",
                                "[::1]3128", "[::1:3128", "[10.0.0.1]:80", "proxy.vn:3128", "*:3128"}) {
    DYNAMIC_SECTION("not \"" << bad << "\"") {
      MainReading reading;
      reading.folder.write("schoolgate.yaml",
                           "version: 1\nschool: {name: T}\nunknown_tier: p\nlisten: {proxy: [\"" +
                               std::string(bad) + "\"]}\n");
      CHECK(reading.config().listen.empty());
      CHECK_THAT(reading.told(), Tells(*bad == '\0' ? "4:18: error SG1113" : "4:18: error SG1108"));
    }
  }
}

TEST_CASE("listeners for what is redirected", "[config][main]") {
  MainReading reading;
  reading.folder.write("schoolgate.yaml", R"(version: 1
school: {name: T}
unknown_tier: pupil
listen:
  proxy: "0.0.0.0:3128"
  transparent: {tls: ["0.0.0.0:3130", {address: "[::]:3130", tier: guests}], http: "0.0.0.0:3129"}
)");
  const Config& config = reading.config();
  REQUIRE(config.listen.size() == 4);
  CHECK(config.listen[0].entrance == Entrance::proxy);
  CHECK(config.listen[1].entrance == Entrance::http);
  CHECK(config.listen[1].port == 3129);
  CHECK(config.listen[2].entrance == Entrance::tls);
  CHECK(config.listen[3].entrance == Entrance::tls);
  CHECK(config.listen[3].address.to_string() == "::");
  CHECK(config.listen[3].tier == "guests");
  CHECK_FALSE(config.listen[3].tproxy);
  CHECK_THAT(reading.told(), Tells(""));
  MainReading handed_over;
  handed_over.folder.write("schoolgate.yaml", R"(version: 1
school: {name: Test}
unknown_tier: pupil
listen:
  proxy: "0.0.0.0:3128"
  transparent: {tproxy: true, tls: "0.0.0.0:3130"}
)");
  CHECK_FALSE(handed_over.config().listen[0].tproxy);
  CHECK(handed_over.config().listen[1].tproxy);
  CHECK_THAT(handed_over.told(), Tells(""));
}

TEST_CASE("holes in the gateway's firewall", "[config][main]") {
  MainReading silent;
  CHECK(silent.config().gateway.dns_port == 53);
  CHECK(silent.config().gateway.open.empty());
  MainReading reading(R"(gateway:
  dns_port: 5300
  masquerade: enp1s0.20
  open:
    - {tier: staff, proto: udp, ports: [3478-3481, 19302], to: [203.0.113.0/24, "2001:db8::/32"], why: calls, review_by: 2099-01-31}
    - {proto: tcp, ports: 8883, to: 203.0.113.7, why: a meter, review_by: 2099-12-31}
)");
  const GatewaySettings& gateway = reading.config().gateway;
  CHECK(gateway.dns_port == 5300);
  CHECK(gateway.masquerade == "enp1s0.20");
  REQUIRE(gateway.open.size() == 2);
  CHECK(gateway.open[0].tier == "staff");
  CHECK(gateway.open[0].is_udp);
  REQUIRE(gateway.open[0].ports.size() == 2);
  CHECK(gateway.open[0].ports[0].first == 3478);
  CHECK(gateway.open[0].ports[0].last == 3481);
  CHECK(gateway.open[0].to.size() == 2);
  CHECK(gateway.open[0].review_by == "2099-01-31");
  CHECK_FALSE(gateway.open[1].tier.has_value());
  CHECK_FALSE(gateway.open[1].is_udp);
  CHECK(gateway.open[1].why == "a meter");
  CHECK_THAT(reading.told(), Tells(""));
}

TEST_CASE("what is no network interface", "[config][main]") {
  for (const char* wrong :
       {"eth0 eth1", "\"a;b\"", "\"..\"", "sixteen_letters_", "\"x\\ny\"", "\"e\\\"q\""}) {
    INFO(wrong);
    MainReading reading("gateway: {masquerade: " + std::string(wrong) + "}\n");
    CHECK(reading.config().gateway.masquerade.empty());
    CHECK_FALSE(reading.told().empty());
  }
}

TEST_CASE("what is no whole hole is none", "[config][main]") {
  const std::string good = "proto: tcp, ports: 1, to: 203.0.113.7, why: x, review_by: 2099-01-01";
  for (const char* wrong :
       {"proto: tcp, ports: 1, to: 203.0.113.7, why: x",
        "proto: sctp, ports: 1, to: 203.0.113.7, why: x, review_by: 2099-01-01",
        "proto: tcp, ports: 0, to: 203.0.113.7, why: x, review_by: 2099-01-01",
        "proto: tcp, ports: [], to: 203.0.113.7, why: x, review_by: 2099-01-01",
        "proto: tcp, ports: 1, to: [], why: x, review_by: 2099-01-01",
        "proto: tcp, ports: 1, to: 203.0.113.7, why: \"\", review_by: 2099-01-01",
        "tier: [], proto: tcp, ports: 1, to: 203.0.113.7, why: x, review_by: 2099-01-01"}) {
    INFO(wrong);
    MainReading reading("gateway: {open: [{" + std::string(wrong) + "}, {" + good + "}]}\n");
    const MainFile& main = reading.read();
    CHECK(main.config.gateway.open.size() == 1);
    CHECK(main.hole_places.size() == 1);
  }
}

TEST_CASE("a listener may put its clients into a tier", "[config][main]") {
  MainReading reading;
  reading.folder.write("schoolgate.yaml", R"(version: 1
school: {name: T}
unknown_tier: pupil
listen:
  clients: [10.0.0.0/8]
  proxy:
    - {address: "10.0.0.1:3128", tier: guests}
    - {tier: staff}
    - {address: "10.0.0.1:3129", teir: staff}
)");
  const MainFile& main = reading.read();
  REQUIRE(main.config.listen.size() == 2);
  CHECK(main.config.listen[0].tier == "guests");
  REQUIRE(main.listen_places.size() == 2);
  CHECK(main.listen_places[0].pos == SourcePos{7, 40});  // where an unknown tier will be shown
  REQUIRE(main.config.clients.size() == 1);
  CHECK(main.config.clients[0].to_string() == "10.0.0.0/8");
  CHECK_THAT(reading.told(), Tells("8:7: error SG1102: a listener needs the key \"address\"\n"
                                   "9:34: error SG1101: a listener has no key \"teir\""));
}

TEST_CASE("who is in which tier", "[config][main]") {
  MainReading reading(R"(who:
  - {network: [10.1.0.0/16, "fd00:1::/32"], tier: room, label: Phòng máy, shared: true}
  - {network: 10.2.0.7, tier: staff}
  - {network: 10.3.0.0/16}
  - {tier: staff}
  - {network: 10.4.0.1/16, tier: staff}
  - {network: [], tier: staff}
  - {network: 10.5.0.0/16, tier: room, seats: shared}
  - {network: 10.6.0.0/16, tier: room, seats: own}
  - {network: 10.7.0.0/16, tier: room, seats: sharde}
)");
  const MainFile& main = reading.read();
  std::string lines;
  for (const ClientNetwork& line : main.config.who)
    lines += line.network.to_string() + " " + line.tier + (line.shared ? " shared " : " ") +
             (line.seats_shared ? "seats " : "") + line.label + "\n";
  CHECK(lines ==
        "10.1.0.0/16 room shared Phòng máy\n"
        "fd00:1::/32 room shared Phòng máy\n"
        "10.2.0.7 staff \n"
        "10.5.0.0/16 room seats \n"
        "10.6.0.0/16 room \n"
        "10.7.0.0/16 room \n");
  REQUIRE(main.who_places.size() == main.config.who.size());
  CHECK(main.who_places[1].pos == SourcePos{6, 51});
  CHECK(main.who_places[2].pos == SourcePos{7, 31});
  CHECK_THAT(reading.told(), Tells("7:15: warning SG1118: this is one address\n"
                                   "8:5: error SG1102: a line of who needs the key \"tier\"\n"
                                   "9:5: error SG1102: a line of who needs the key \"network\"\n"
                                   "10:15: error SG1109: \"10.4.0.1/16\" is not a network\n"
                                   "14:47: error SG1104: \"sharde\" is not known here"));
}

TEST_CASE("paths start at the folder of the main file", "[config][main]") {
  MainReading reading(R"(state_directory: state
control_socket: ./run/control.sock
categories: /srv/categories.yaml
tiers_dir: tiers
lists_dir: lists
log: {directory: log, key_file: keys}
https: {ca: keys/ca}
upstream: {hosts_file: hosts, extra_ca: [a.pem, /srv/b.pem]}
)");
  std::filesystem::create_directory(reading.folder.path("lists"));
  const Config& config = reading.config();
  const auto in_folder = [&](const char* name) { return reading.folder.path(name); };
  CHECK_THAT(reading.told(), Tells(""));
  CHECK(config.state_directory == in_folder("state"));
  CHECK(config.control_socket == in_folder("run/control.sock"));
  CHECK(config.policy.categories == "/srv/categories.yaml");
  CHECK(config.policy.tiers_directory == in_folder("tiers"));
  CHECK(config.log.directory == in_folder("log"));
  CHECK(config.log.key_file == in_folder("keys"));
  CHECK(config.https.ca_directory == in_folder("keys/ca"));
  CHECK(config.upstream.hosts_file == in_folder("hosts"));
  CHECK(config.upstream.extra_ca == std::vector<std::string>{in_folder("a.pem"), "/srv/b.pem"});

  MainReading state("state_directory: state\n");
  CHECK(state.config().log.key_file == state.folder.path("state/pseudonym.keys"));  // goes with it
}

TEST_CASE("the path of the control socket fits into an address of unix(7)", "[config][main]") {
  for (const std::size_t length : {107u, 108u}) {
    const std::string path = "/" + std::string(length - 1, 's');
    MainReading reading("control_socket: " + path + "\n");
    CHECK(reading.config().control_socket == path);
    CHECK_THAT(reading.told(), Tells(length == 107 ? "" : "5:17: error SG1115"));
  }
}

// locked.yaml, hotlines.yaml, floor.txt, terms.yaml, safesearch.yaml, periods.yaml, bundles.yaml: part of the
// policy where they are there.
TEST_CASE("a part of the policy that is there is never left out", "[config][main]") {
  struct Row {
    const char *key, *standard;
    std::string PolicyFiles::*path;
  };
  const Row rows[] = {
      {"locked", "locked.yaml", &PolicyFiles::locked},
      {"help_lines", "hotlines.yaml", &PolicyFiles::help},
      {"floor", "floor.txt", &PolicyFiles::floor},
      {"terms", "terms.yaml", &PolicyFiles::terms},
      {"safesearch", "safesearch.yaml", &PolicyFiles::search},
      {"periods", "periods.yaml", &PolicyFiles::periods},
      {"bundles", "bundles.yaml", &PolicyFiles::bundles},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.key) {
      const auto path_of = [&](MainReading& reading) { return reading.config().policy.*row.path; };
      {
        MainReading reading;
        CHECK(path_of(reading).empty());  // not there, not named: there is no such part
      }
      {
        MainReading reading(std::string(row.key) + ": other/file\n");
        CHECK(path_of(reading) ==
              reading.folder.path("other/file"));  // named: it must be there, says its reader
      }
      {
        MainReading reading(std::string(row.key) + ":\n");
        CHECK(path_of(reading).empty());  // an empty key names nothing
      }
      MainReading reading;
      SECTION("there") {
        reading.folder.write(row.standard, "");
      }
      SECTION("a folder of that name") {
        std::filesystem::create_directory(reading.folder.path(row.standard));
      }
      SECTION("a link to a place that is not mounted") {
        std::filesystem::create_symlink("nothing", reading.folder.path(row.standard));
      }
      CHECK(path_of(reading) == reading.folder.path(row.standard));
    }
  }
}

TEST_CASE("the folder of lists may be absent, but not unreadable", "[config][main]") {
  MainReading reading;
  const std::string folder = reading.folder.path("lists.d");
  std::string want = "error SG1001: cannot read the folder";
  SECTION("absent") {
    want.clear();
  }
  SECTION("empty") {
    std::filesystem::create_directory(folder);
    want.clear();
  }
  SECTION("a file of that name") {
    reading.folder.write("lists.d", "");
  }
  SECTION("a link to a place that is not mounted") {
    std::filesystem::create_symlink("nothing", folder);
  }
  SECTION("named and absent") {
    reading.folder.write("schoolgate.yaml", least_main + "lists_dir: lists.d\n");
    want = "5:12: " + want;
  }
  CHECK(reading.read().lists.empty());
  CHECK_THAT(reading.told(), Tells(want));
}

TEST_CASE("lists of the main file and of lists.d are one table, in the order of the files",
          "[config][main]") {
  MainReading reading("lists: [{name: own, category: games, format: domains, path: own.txt}]\n");
  reading.folder.write("lists.d/b.yaml", "version: 1\nlists: [{name: b, format: squidguard, path: b}]\n");
  reading.folder.write("lists.d/a.yaml",
                       "version: 1\nlists: [{name: a, category: games, format: hosts, path: a.txt}]\n");
  std::string names;
  for (const ListEntry& entry : reading.read().lists) names += entry.name + " ";
  CHECK(names == "own a b ");
  CHECK_THAT(reading.told(), Tells(""));
}

TEST_CASE("servers of names", "[config][main]") {
  MainReading reading(
      "upstream: {dns_servers: [10.0.0.53, \"10.0.0.53:5353\", \"fd00::53\", \"[fd00::53]:5353\", 8.8.8.8:x, "
      "\"\"]}\n");
  CHECK(reading.config().upstream.dns_servers ==
        std::vector<std::string>{"10.0.0.53", "10.0.0.53:5353", "fd00::53", "[fd00::53]:5353"});
  CHECK_THAT(reading.told(), Tells("5:86: error SG1108\n5:97: error SG1113"));
}

TEST_CASE("a parent proxy is a host and a port", "[config][main]") {
  MainReading reading("upstream: {parent: \"HTTP://Proxy.ISP.vn:8080\"}\n");
  const Config& config = reading.config();
  REQUIRE(config.upstream.parent);
  CHECK(config.upstream.parent->host.text == "proxy.isp.vn");
  CHECK(config.upstream.parent->port == 8080);
  CHECK_THAT(reading.told(), Tells("5:20: note SG1116"));
  for (const char* const bad :
       {"socks5://10.0.0.1:1080", "http://10.0.0.1/?x", "http://", "[http://10.0.0.1]"}) {
    INFO(bad);
    MainReading other("upstream: {parent: \"" + std::string(bad) + "\"}\n");
    CHECK_FALSE(other.config().upstream.parent);
    CHECK(has_errors(other.context.diagnostics));
  }
}

TEST_CASE("a section that is no map is an error, and so is its wrong key", "[config][main]") {
  for (const std::string section : {"school", "listen", "log", "timeouts", "limits", "upstream", "https"}) {
    DYNAMIC_SECTION(section) {
      std::string head = "version: 1\nunknown_tier: pupil\n";
      if (section != "school") head += "school: {name: T}\n";
      if (section != "listen") head += "listen: {proxy: \"10.0.0.1:80\"}\n";
      for (const auto& [value, code] : {std::pair{"text", diag::wrong_kind},
                                        {"[a]", diag::wrong_kind},
                                        {"{nonsense: 1}", diag::unknown_key}}) {
        MainReading reading;
        reading.folder.write("schoolgate.yaml", head + section + ": " + value + "\n");
        reading.read();
        INFO(reading.told());
        CHECK(std::any_of(reading.context.diagnostics.begin(), reading.context.diagnostics.end(),
                          [code = code](const Diagnostic& d) { return d.code == code; }));
      }
    }
  }
  MainReading reading("upstreams: {}\n");
  reading.read();
  CHECK_THAT(reading.told(), Tells("5:1: error SG1101: this file has no key \"upstreams\""));
  CHECK(reading.context.diagnostics.front().hint == "did you mean \"upstream\"?");
}

TEST_CASE("every error of the file is told at once, and what is right is read", "[config][main]") {
  MainReading reading("workers: many\nlimits: {connections: 1, url_bytes: 2048}\nlog: {keep_days: 1}\n");
  const Config& config = reading.config();
  CHECK(config.workers == 0);
  CHECK(config.limits.connections == 8000);
  CHECK(config.limits.url_bytes == 2048);
  // In the order of the sections as they are read; whoever prints them sorts by place.
  CHECK_THAT(reading.told(), Tells("7:18: error SG1105\n6:23: error SG1105\n5:10: error SG1105"));
}

TEST_CASE("a main file that is no map at all gives nothing", "[config][main]") {
  struct Row {
    const char* name;
    std::string text;
    const char* tells;
  };
  const Row rows[] = {
      {"empty", "", "error SG1012"},
      {"a list", "- version: 1\n", "1:1: error SG1103: this file holds keys and values"},
      {"cut in the middle", least_main + "who: [{network: 10.0.0.0/8, ti", "5:7: error SG1005"},
      {"NUL bytes, as a disk leaves them after a power cut", std::string(4096, '\0'), "1:1: error SG1004"},
      {"UTF-16", "\xFF\xFEv\0e\0", "1:1: error SG1003"},
      {"a key twice: nobody knows which one counts", least_main + "unknown_tier: staff\n",
       "5:1: error SG1010"},
      {"an anchor that many could repeat", least_main + "who: &a [b]\nlists: *a\n",
       "5:6: error SG1008\n6:8: error SG1008"},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.name) {
      MainReading reading;
      reading.folder.write("schoolgate.yaml", row.text);
      CHECK_FALSE(read_main_file(reading.context));
      CHECK_THAT(reading.told(), Tells(row.tells));
    }
  }
  SECTION("absent") {
    Reading reading;
    CHECK_FALSE(read_main_file(reading.context));
    CHECK_THAT(reading.told("schoolgate.yaml"),
               Tells("error SG1001: cannot read schoolgate.yaml: no such file"));
  }
  SECTION("a byte order mark and CRLF are fine") {
    MainReading reading;
    reading.folder.write("schoolgate.yaml",
                         "\xEF\xBB\xBFversion: 1\r\nschool: {name: T}\r\nunknown_tier: p\r\n"
                         "listen: {proxy: \"10.0.0.1:80\"}\r\nworkers: x\r\n");
    CHECK(reading.config().school.name == "T");
    CHECK_THAT(reading.told(), Tells("5:10: error SG1105: \"x\" is"));
  }
}

}  // namespace
}  // namespace schoolgate
