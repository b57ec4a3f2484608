#include <catch2/catch.hpp>
#include <string>

#include "proxy/core/grants.h"
#include "proxy/core/hmac.h"
#include "proxy/core/recent_verdicts.h"
#include "tests/proxy/core/pages/gallery_school.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

const std::string key(32, 'k');
const IpAddress client = IpAddress::v4(0x0a000001), other = IpAddress::v4(0x0a000002);
const GrantSubject subject{client, "thcs", "phim.vn", "streaming"};
constexpr std::int64_t now = gallery_time_ms;

std::vector<CategoryId> granted(const Grants& grants, const IpAddress& who, const std::string& host,
                                std::int64_t time = now, TierId tier = thcs) {
  static const auto school = gallery_school();
  std::vector<CategoryId> out{9};
  grants.categories(who, *school->policy, tier, host, time, out);
  return out;
}

}  // namespace

TEST_CASE("HMAC-SHA256 of RFC 4231", "[core][hmac]") {
  CHECK(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")) ==
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  CHECK(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha256(std::string(131, '\xaa'),
                           "Test Using Larger Than Block-Size Key - Hash Key First")) ==
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(equal_in_constant_time("abc", "abcd"));
}

TEST_CASE("a token opens its category on its host for its client", "[core][grants]") {
  Grants grants(key);
  CHECK(granted(grants, client, "phim.vn").empty());
  const std::string token = grants.make_token(subject, now);
  CHECK(granted(grants, client, "phim.vn").empty());  // showing the page opens nothing
  CHECK(grants.redeem(token, client, "thcs", now + 1000) == subject);
  CHECK(granted(grants, client, "phim.vn") == std::vector<CategoryId>{streaming});
  CHECK(granted(grants, client, "www.phim.vn").empty());
  CHECK(granted(grants, other, "phim.vn").empty());
  CHECK(granted(grants, client, "phim.vn", now, giao_vien).empty());
  const std::int64_t end = now + 1000 + Grants::grant_life_ms;
  CHECK(granted(grants, client, "phim.vn", end - 1).size() == 1);
  CHECK(granted(grants, client, "phim.vn", end).empty());
}

TEST_CASE("tokens that open nothing", "[core][grants]") {
  Grants grants(key), stranger(std::string(32, 'x'));
  const std::string good = grants.make_token(subject, now);
  std::string flipped = good;
  flipped.back() = flipped.back() == '0' ? '1' : '0';
  std::string later = good;
  later[0] = '9';
  std::string host = good;
  host.replace(host.find("phim.vn"), 7, "xxxx.vn");
  struct Row {
    const char* name;
    std::string token;
    IpAddress who = client;
    const char* tier = "thcs";
    std::int64_t time = now;
  };
  const Row rows[] = {
      {"empty", ""},
      {"rubbish", "~~~"},
      {"too few parts", "1~2~3"},
      {"too many parts", good + "~x"},
      {"a changed mac", flipped},
      {"a later expiry", later},
      {"another host", host},
      {"cut", good.substr(0, good.size() - 1)},
      {"of another process", stranger.make_token(subject, now)},
      {"of another client", good, other},
      {"of another tier", good, client, "giao_vien"},
      {"expired", good, client, "thcs", now + Grants::token_life_ms + 1},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      CHECK_FALSE(grants.redeem(row.token, row.who, row.tier, row.time));
      CHECK(grants.size() == 0);
    }
}

TEST_CASE("parts of a token cannot trade bytes", "[core][grants]") {
  Grants grants(key);
  const std::string a = grants.make_token({client, "t", "ab", "c"}, now),
                    b = grants.make_token({client, "t", "a", "bc"}, now);
  CHECK(a.substr(a.rfind('~')) != b.substr(b.rfind('~')));
}

TEST_CASE("pressing Continue again prolongs, and room is bounded", "[core][grants]") {
  Grants grants(key, 3);
  const std::string token = grants.make_token(subject, now);
  REQUIRE(grants.redeem(token, client, "thcs", now));
  REQUIRE(grants.redeem(token, client, "thcs", now + 60'000));
  CHECK(grants.size() == 1);
  CHECK(granted(grants, client, "phim.vn", now + Grants::grant_life_ms + 1).size() == 1);
  for (int i = 0; i < 10; ++i) {
    const GrantSubject more{client, "thcs", std::to_string(i) + ".vn", "streaming"};
    REQUIRE(grants.redeem(grants.make_token(more, now), client, "thcs", now + 120'000));
    CHECK(grants.size() <= 3);
  }
  CHECK(granted(grants, client, "phim.vn").empty());  // the oldest made room
  CHECK(granted(grants, client, "9.vn").size() == 1);
  // All are over: the next one finds room.
  REQUIRE(grants.redeem(grants.make_token(subject, now + 9'000'000), client, "thcs", now + 9'000'000));
  CHECK(grants.size() == 1);
}

TEST_CASE("a warning by a line is continued too; an unknown category lifts nothing", "[core][grants]") {
  Grants grants(key);
  const GrantSubject line{client, "thcs", "phim.vn", ""}, gone{client, "thcs", "phim.vn", "gone"};
  REQUIRE(grants.redeem(grants.make_token(line, now), client, "thcs", now));
  REQUIRE(grants.redeem(grants.make_token(gone, now), client, "thcs", now));
  CHECK(granted(grants, client, "phim.vn") == std::vector<CategoryId>{no_category});
}

TEST_CASE("keys that are too short are our own bug", "[core][grants]") {
  CHECK_THROWS_AS(Grants("short"), std::invalid_argument);
  CHECK_THROWS_AS(Grants(key, 0), std::invalid_argument);
}

namespace {
RecentVerdict seen(const std::string& url, std::int64_t time, Action action = Action::block) {
  RecentVerdict verdict;
  verdict.url = url;
  verdict.time_ms = time;
  verdict.verdict = verdict_of(action, Reason::category, gambling);
  return verdict;
}
}  // namespace

TEST_CASE("recent verdicts: newest first, bounded, without allow and help", "[core][recent_verdicts]") {
  RecentVerdicts recent(2, 3);
  recent.add(client, seen("http://a.vn/", 1));
  recent.add(client, seen("http://help.vn/", 2, Action::help));
  recent.add(client, seen("http://ok.vn/", 3, Action::allow));
  recent.add(client, seen("http://b.vn/", 4, Action::warn));
  recent.add(client, seen("http://a.vn/", 5));  // again: one line, the newer time
  auto list = recent.of(client);
  REQUIRE(list.size() == 2);
  CHECK(list[0].url == "http://a.vn/");
  CHECK(list[0].time_ms == 5);
  CHECK(list[1].url == "http://b.vn/");
  recent.add(client, seen("http://c.vn/", 6));
  recent.add(client, seen("http://d.vn/", 7));
  list = recent.of(client);
  REQUIRE(list.size() == 3);
  CHECK(list[0].url == "http://d.vn/");
  CHECK(recent.of(other).empty());
}

TEST_CASE("recent verdicts: what was searched for is not kept", "[core][recent_verdicts]") {
  struct Row {
    const char* name;
    std::string url, kept;
  };
  const Row rows[] = {
      {"a search", "http://find.vn/search?q=secret", "http://find.vn/search"},
      {"a query and a second mark", "http://find.vn/?a?b", "http://find.vn/"},
      {"no query", "http://find.vn/a/b", "http://find.vn/a/b"},
      {"a long query", "http://find.vn/x?q=" + std::string(4000, 's'), "http://find.vn/x"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.name) {
      RecentVerdicts recent(2, 3);
      recent.add(client, seen(row.url, 1));
      CHECK(recent.of(client)[0].url == row.kept);
    }
}

TEST_CASE("recent verdicts: the client that was quiet longest makes room", "[core][recent_verdicts]") {
  RecentVerdicts recent(2, 3);
  const IpAddress third = IpAddress::v4(0x0a000003);
  recent.add(client, seen("http://a.vn/", 1));
  recent.add(other, seen("http://b.vn/", 2));
  recent.add(client, seen("http://c.vn/", 3));
  recent.add(third, seen("http://d.vn/", 4));
  CHECK(recent.clients() == 2);
  CHECK(recent.of(client).size() == 2);
  CHECK(recent.of(other).empty());
  recent.add(third, seen("http://" + std::string(5000, 'x') + "/", 5));
  CHECK(recent.of(third)[0].url.size() == RecentVerdicts::max_url);
}
