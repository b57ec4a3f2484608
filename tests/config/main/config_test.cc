#include "config/main/config.h"

#include <catch2/catch.hpp>

namespace schoolgate {
namespace {

TEST_CASE("a wrong certificate passes for one host, until the day is over", "[config][main]") {
  HttpsSettings https;
  https.exceptions = {{"old.vn", "renewal in June", 1000}, {"old.vn", "again", 2000}, {"other.vn", "", 5000}};
  CHECK(https.excepts("old.vn", 999));
  CHECK(https.excepts("old.vn", 1999));  // any of them
  CHECK_FALSE(https.excepts("old.vn", 2000));
  CHECK_FALSE(https.excepts("www.old.vn", 0));
  CHECK_FALSE(https.excepts("old.vn.evil.test", 0));
  CHECK_FALSE(https.excepts("", 0));
}

TEST_CASE("whether many people stand behind an address the narrowest network says", "[config][main]") {
  Config config;
  for (const auto& [network, shared] :
       {std::pair{"10.0.0.0/8", true}, {"10.1.0.0/16", false}, {"10.1.2.3", true}, {"fd00::/8", true}})
    config.who.push_back({*Network::parse(network), "pupil", "", shared});
  for (const auto& [client, shared] : {std::pair{"10.9.9.9", true},
                                       {"10.1.9.9", false},
                                       {"10.1.2.3", true},
                                       {"fd00::1", true},
                                       {"192.168.1.1", false}}) {
    INFO(client);
    CHECK(config.shares_address(*IpAddress::parse(client)) == shared);
  }
}

TEST_CASE("where people change, at once or one after another, the narrowest network says too",
          "[config][main]") {
  Config config;
  config.who.push_back({*Network::parse("10.0.0.0/8"), "pupil", "Lab", false, true});
  config.who.push_back({*Network::parse("10.1.0.0/16"), "pupil", "", false, false});
  config.who.push_back({*Network::parse("10.2.0.0/16"), "pupil", "", true, false});
  for (const auto& [client, change, at_once] : {std::tuple{"10.9.9.9", true, false},
                                                {"10.1.9.9", false, false},
                                                {"10.2.9.9", true, true},
                                                {"192.168.1.1", false, false}}) {
    INFO(client);
    CHECK(config.people_change(*IpAddress::parse(client)) == change);
    CHECK(config.shares_address(*IpAddress::parse(client)) == at_once);  // limits go by this alone
  }
}

TEST_CASE("a client may come with five seconds of requests at once, or with what the file says",
          "[config][main]") {
  Limits limits;
  CHECK(limits.request_burst() == 1000);
  limits.requests_per_second_per_client = 4'294'967'295;
  CHECK(limits.request_burst() == 21'474'836'475);  // more than 32 bits
  limits.request_burst_per_client = 7;
  CHECK(limits.request_burst() == 7);
}

}  // namespace
}  // namespace schoolgate
