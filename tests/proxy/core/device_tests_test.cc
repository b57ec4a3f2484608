#include "proxy/core/device_tests.h"

#include <catch2/catch.hpp>

#include "tests/proxy/core/pages/gallery_school.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

const std::string some_nonce(32, 'a');
const IpAddress phone_address = IpAddress::v4(0x0a000005), neighbour_address = IpAddress::v4(0x0a000006);

std::optional<Probe> probe_at(const std::string& text) {
  Url url;
  REQUIRE(url.parse(text).ok());
  const auto asked = probe_of(url);
  if (asked) CHECK(asked->nonce == some_nonce);
  return asked ? std::optional(asked->probe) : std::nullopt;
}

}  // namespace

TEST_CASE("what a test asks for, and what only looks like it", "[core][device_tests]") {
  for (const Probe probe : {Probe::blocked_page, Probe::blocked_secure, Probe::allowed_page,
                            Probe::by_address, Probe::doh_canary, Probe::relay_canary})
    CHECK(probe_at(probe_url(probe, some_nonce)) == probe);
  Url tunnel;
  REQUIRE(tunnel.parse_authority(some_nonce + ".gambling.schoolgate.test:443").ok());
  CHECK(probe_of(tunnel)->probe == Probe::blocked_secure);
  const std::string short_one(31, 'a'), no_digit = std::string(31, 'a') + "g";
  for (const std::string& url : std::initializer_list<std::string>{
           "http://gambling.schoolgate.test/", "http://" + short_one + ".gambling.schoolgate.test/",
           "http://" + no_digit + ".gambling.schoolgate.test/",
           "http://x." + some_nonce + ".gambling.schoolgate.test/",
           "http://" + some_nonce + ".gambling.schoolgate.test:8080/",
           "http://" + some_nonce + ".drugs.schoolgate.test/",
           "http://" + some_nonce + ".gambling.schoolgate.test.vn/", "http://192.0.2.80/",
           "http://192.0.2.81/" + some_nonce, "https://192.0.2.80/" + some_nonce,
           "http://192.0.2.80/" + some_nonce + "/x", "http://192.0.2.80/" + some_nonce + "?x",
           "http://use-application-dns.net/", "https://mask.icloud.com/" + some_nonce,
           "http://bet.test/" + some_nonce}) {
    INFO(url);
    CHECK_FALSE(probe_at(url));
  }
}

TEST_CASE("a canary that the browser asks for in https is of the run that waits for it",
          "[core][device_tests]") {
  DeviceTests tests(std::string(32, 'k'));
  for (const auto& [name, probe] : {std::pair{"mask.icloud.com:443", Probe::relay_canary},
                                    {"use-application-dns.net:443", Probe::doh_canary}}) {
    Url tunnel;
    REQUIRE(tunnel.parse_authority(name).ok());
    const auto asked = probe_of(tunnel);
    REQUIRE(asked);
    CHECK(asked->probe == probe);
    CHECK(asked->nonce.empty());
    CHECK_FALSE(tests.knows(phone_address, "", 1000));  // nobody tests: an ordinary site
  }
  Url elsewhere;
  REQUIRE(elsewhere.parse_authority("mask.icloud.com:8443").ok());
  CHECK_FALSE(probe_of(elsewhere));
  const std::string first = tests.begin(phone_address, 1000), second = tests.begin(phone_address, 2000);
  CHECK(tests.knows(phone_address, "", 2000));
  CHECK(tests.knows(phone_address, "", 2000 + DeviceTests::settled_ms));
  CHECK_FALSE(tests.knows(phone_address, "", 2001 + DeviceTests::settled_ms));
  CHECK_FALSE(tests.knows(neighbour_address, "", 2000));
  CHECK_FALSE(tests.find(phone_address, "", 2000));  // an address without a nonce names no run
  tests.note(phone_address, {Probe::relay_canary, ""}, ProbeWay::gateway, true, 3000);
  CHECK(tests.find(phone_address, second, 3000)->of(Probe::relay_canary).arrived);
  CHECK(tests.find(phone_address, second, 3000)->names() == DeviceRun::Names::elsewhere);
  CHECK_FALSE(tests.find(phone_address, first, 3000)->of(Probe::relay_canary).arrived);
  tests.note(neighbour_address, {Probe::relay_canary, ""}, ProbeWay::gateway, true, 3000);
}

TEST_CASE("a run is its client's, and ends", "[core][device_tests]") {
  DeviceTests tests(std::string(32, 'k'));
  const std::string nonce = tests.begin(phone_address, 1000);
  CHECK(nonce.size() == 32);
  CHECK(nonce != tests.begin(phone_address, 1000));
  CHECK(tests.knows(phone_address, nonce, 1000));
  CHECK_FALSE(tests.knows(neighbour_address, nonce, 1000));
  CHECK_FALSE(tests.find(neighbour_address, nonce, 1000));
  tests.note(neighbour_address, {Probe::blocked_page, nonce}, ProbeWay::gateway, true, 2000);
  CHECK_FALSE(tests.find(phone_address, nonce, 2000)->of(Probe::blocked_page).arrived);
  tests.note(phone_address, {Probe::blocked_page, nonce}, ProbeWay::gateway, true, 2000);
  const DeviceRun::Seen seen = tests.find(phone_address, nonce, 2000)->of(Probe::blocked_page);
  CHECK((seen.arrived && seen.blocked && seen.way == ProbeWay::gateway));
  CHECK(tests.find(phone_address, nonce, 1000 + DeviceTests::life_ms));
  CHECK_FALSE(tests.find(phone_address, nonce, 1001 + DeviceTests::life_ms));
  for (std::size_t i = 0; i < DeviceTests::most_of_client; ++i)
    static_cast<void>(tests.begin(phone_address, 3000));
  CHECK_FALSE(tests.knows(phone_address, nonce, 3000));  // its own made room
  const std::string other = tests.begin(neighbour_address, 3000);
  for (std::uint32_t i = 0; i < DeviceTests::most; ++i)
    static_cast<void>(tests.begin(IpAddress::v4(0x0b000000 + i), 3000));
  CHECK_FALSE(tests.knows(neighbour_address, other, 3000));  // the oldest of all
}

TEST_CASE("what a run says by what arrived", "[core][device_tests]") {
  using Names = DeviceRun::Names;
  const auto with = [](std::initializer_list<Probe> arrived, ProbeWay way) {
    DeviceRun run;
    for (const Probe probe : arrived) run.seen[static_cast<std::size_t>(probe)] = {true, true, way};
    return run;
  };
  constexpr ProbeWay gateway = ProbeWay::gateway, setting = ProbeWay::setting;
  const auto page = Probe::blocked_page, secure = Probe::blocked_secure, allowed = Probe::allowed_page,
             address = Probe::by_address, doh = Probe::doh_canary, relay = Probe::relay_canary;
  const struct {
    const char* name;
    DeviceRun run;
    Names names;
    bool passed;
  } rows[] = {
      {"nothing", {}, Names::unknown, false},
      {"all, by the gateway", with({page, secure, allowed, address}, gateway), Names::school, true},
      {"all, by a setting", with({page, secure, allowed, address, doh, relay}, setting), Names::by_proxy,
       true},
      {"https goes another way", with({page, allowed, address}, gateway), Names::school, false},
      {"another resolver", with({address}, gateway), Names::elsewhere, false},
      {"a name that ours denies", with({page, secure, allowed, address, doh}, gateway), Names::elsewhere,
       false},
      {"the other one", with({page, secure, allowed, address, relay}, gateway), Names::elsewhere, false},
  };
  for (const auto& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK(row.run.names() == row.names);
      CHECK(row.run.passed() == row.passed);
    }
}

TEST_CASE("what the firewall refused of a device, since its run began", "[core][device_tests]") {
  using Tried = DeviceRun::Tried;
  DeviceTests tests(std::string(32, 'k'));
  constexpr std::int64_t begin = 1'000'000;
  CHECK_FALSE(tests.waits_for_refused(begin));
  const std::string phone = tests.begin(phone_address, begin);
  const std::string neighbour = tests.begin(neighbour_address, begin + 5000);
  CHECK(tests.waits_for_refused(begin + 1));
  CHECK(tests.waits_for_refused(begin + 5000 + DeviceTests::settled_ms));
  CHECK_FALSE(tests.waits_for_refused(begin + 5001 + DeviceTests::settled_ms));
  CHECK_FALSE(tests.waits_for_refused(begin - 1));  // the clock was set back
  const auto of = [&](const IpAddress& client, const std::string& nonce) {
    return *tests.find(client, nonce, begin + 6000);
  };
  CHECK(of(phone_address, phone).tried(RefusedKind::quic) == Tried::uncounted);
  CHECK_FALSE(of(phone_address, phone).may_knock());
  tests.note_refused({{phone_address, begin + 1000, begin - 1}}, begin + 6000);
  CHECK(of(phone_address, phone).tried(RefusedKind::quic) == Tried::now);
  CHECK(of(phone_address, phone).tried(RefusedKind::dot) == Tried::before);
  CHECK(of(neighbour_address, neighbour).tried(RefusedKind::quic) == Tried::never);
  tests.note_refused({}, begin + 6000);  // loaded anew: it counts from the beginning
  CHECK(of(phone_address, phone).tried(RefusedKind::quic) == Tried::never);
  // Who has no setting knocks; from who has one it would be asked of the proxy.
  CHECK_FALSE(of(phone_address, phone).may_knock());
  tests.note(phone_address, {Probe::allowed_page, phone}, ProbeWay::gateway, false, begin + 6000);
  CHECK(of(phone_address, phone).may_knock());
  tests.note(phone_address, {Probe::by_address, phone}, ProbeWay::setting, false, begin + 6000);
  CHECK_FALSE(of(phone_address, phone).may_knock());
}

TEST_CASE("what a tier does with the name of a test", "[core][device_tests]") {
  const auto school = gallery_school();
  const Verdict allowed = verdict_of(Action::allow, Reason::tier_default);
  CHECK(probe_is_blocked(verdict_of(Action::block, Reason::host_line), *school->policy, khach));
  CHECK(probe_is_blocked(allowed, *school->policy, thcs));  // no list holds it, but its category is blocked
  PolicySpec spec;
  spec.categories = {make_category("gambling", "a", "b", "c", "d", Category::ShowName::yes)};
  spec.tiers = {make_tier("staff", "a", "b", Voice::adults, true)};
  spec.tiers[0].effects.assign(1, CategoryEffect{Effect{Action::warn, {}}, {0, 3}, true});
  const auto staff = Policy::compile(std::move(spec));
  REQUIRE(staff);
  CHECK_FALSE(probe_is_blocked(allowed, **staff, 0));
}

TEST_CASE("kinds of devices, by what browsers say", "[core][device_tests]") {
  CHECK(kind_of_device("Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36") == "android");
  CHECK(kind_of_device("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)") == "iphone-ipad");
  CHECK(kind_of_device("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)") == "mac");
  CHECK(kind_of_device("Mozilla/5.0 (Windows NT 10.0; Win64; x64)") == "windows");
  CHECK(kind_of_device("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)") == "chromeos");
  CHECK(kind_of_device("Mozilla/5.0 (X11; Linux x86_64)") == "linux");
  CHECK(kind_of_device("curl/7.88.1") == "other");
}

TEST_CASE("one event a day for each room and kind, and one when it changes", "[core][device_tests]") {
  DeviceTests tests(std::string(32, 'k'));
  CHECK(tests.is_news("Phòng máy 1", "android", false, 5));
  CHECK_FALSE(tests.is_news("Phòng máy 1", "android", false, 5));
  CHECK(tests.is_news("Phòng máy 1", "android", true, 5));
  CHECK(tests.is_news("Phòng máy 1", "android", false, 5));  // the last word is what holds
  CHECK(tests.is_news("Phòng máy 2", "android", true, 5));
  CHECK(tests.is_news("Phòng máy 1", "windows", true, 5));
  CHECK_FALSE(tests.is_news("Phòng máy 1", "windows", true, 5));
  CHECK(tests.is_news("Phòng máy 1", "windows", true, 6));
  unsigned told = 1;
  for (int i = 0; i < 100; ++i) told += tests.is_news("Phòng máy 1", "windows", i % 2 == 1, 6) ? 1 : 0;
  CHECK(told == DeviceTests::most_told);
}

TEST_CASE("a room is a label, or a network", "[core][device_tests]") {
  Config config;
  const auto network = [](const char* text) { return *Network::parse(text); };
  config.who = {{network("10.0.0.0/8"), "thcs", "Cả trường"}, {network("10.0.1.0/24"), "thcs", ""}};
  CHECK(room_of(config, IpAddress::v4(0x0a000005)) == "Cả trường");
  CHECK(room_of(config, IpAddress::v4(0x0a000105)) == "10.0.1.0/24");
  CHECK(room_of(config, IpAddress::v4(0x0b000105)).empty());
}
