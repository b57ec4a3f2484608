// What ships must load without an error or a warning, and its own tests must pass.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "tests/config/shipped.h"

namespace schoolgate {
namespace {

TEST_CASE("the shipped configurations load without a word", "[config][defaults]") {
  for (const char* file : {"schoolgate.yaml", "quickstart.yaml"}) {
    DYNAMIC_SECTION(file) {
      const LoadResult& result = test::shipped(file);
      CHECK(render(result.diagnostics, result.texts, nullptr, false) == "");
      REQUIRE(result.snapshot != nullptr);
      CHECK(result.snapshot->counts.tiers == 6);
      CHECK(result.snapshot->counts.categories == 51);
      CHECK(result.snapshot->counts.policy_tests >= 20);
      CHECK(result.snapshot->policy->tiers()[result.snapshot->policy->spec().unknown_tier].id == "tieu_hoc");
    }
  }
}

TEST_CASE("the quickstart answers as its page says", "[config][defaults]") {
  const LoadResult& result = test::shipped("quickstart.yaml");
  REQUIRE(result.snapshot != nullptr);
  const Snapshot& snapshot = *result.snapshot;
  const TierId tier = snapshot.policy->tier_of(*IpAddress::parse("127.0.0.1"));
  CHECK(snapshot.policy->tiers()[tier].id == "thcs");
  const auto judge = snapshot.make_judge();
  struct Row {
    const char *url, *category, *place;
    Action action;
  };
  const Row rows[] = {
      {"http://gambling.schoolgate.test/", "gambling", "lists/gambling.txt:5", Action::block},
      {"http://nohu88-taixiu.example/", "gambling", "lists/gambling-names.txt:5", Action::block},
      {"http://adult.schoolgate.test/", "adult", "lists/adult.txt:5", Action::block},
      {"http://ai.schoolgate.test/", "ai", "lists/ai.txt:5", Action::warn},
      {"http://self-harm.schoolgate.test/", "self_harm", "lists/self_harm.txt:3", Action::help},
      {"http://locked.schoolgate.test/", "", "locked.yaml:23", Action::block},
      {"http://vi.wikipedia.org/wiki/Ai", "education", "lists/education.txt:8", Action::allow},
      {"http://example.com/", "", "tiers.d/30-thcs.yaml:13", Action::allow},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.url) {
      Url url;
      REQUIRE(url.parse(row.url).ok());
      const Verdict verdict = judge->evaluate({url, Stage::request, tier, LocalTime{}, {}});
      CHECK(verdict.action == row.action);
      CHECK(snapshot.place(verdict.rule) == row.place);
      const std::string category =
          verdict.category == no_category ? "" : snapshot.policy->categories()[verdict.category].id;
      CHECK(category == row.category);
    }
  }
}

TEST_CASE("the starter lists know the ways around", "[config][defaults]") {
  const LoadResult& result = test::shipped("quickstart.yaml");
  REQUIRE(result.snapshot != nullptr);
  const Snapshot& snapshot = *result.snapshot;
  const auto tier = *snapshot.policy->find_tier("tieu_hoc");
  const auto judge = snapshot.make_judge();
  struct Row {
    const char* url;
    bool around;
  };
  const Row rows[] = {
      // hosts
      {"https://8888.google/dns-query", true},
      {"https://dns.google/resolve?name=a.vn", true},
      {"https://dns.umbrella.com/", true},
      {"https://doh.dns.apple.com/", true},
      {"https://use-application-dns.net/", true},
      {"https://abcdef.cloudflare-gateway.com/", true},
      {"http://1.1.1.1/dns-query", true},
      {"http://1.1.1.1/", true},
      {"https://16843009/", true},
      {"https://[2606:4700:4700:0::1111]/", true},
      {"https://ghostarchive.org/archive/AbCdE", true},
      {"https://cc.bingj.com/cache.aspx?d=1&w=x", true},
      {"https://proxy.cors.sh/https://good.example/", true},
      {"https://good.example.rsz.io/i.jpg", true},
      // paths on any host
      {"http://school.example/dns-query", true},
      {"http://school.example/dns-query?dns=q80BAAABAAAAAAAAA3d3dw", true},
      {"http://school.example/%64ns-query", true},
      {"http://school.example//DNS-Query", true},
      {"http://school.example/x?dns=AAABAAABAAAAAAAAA3d3dw", true},
      {"http://school.example/browse.php?u=Oi8vYmFkLmNvbQ%3D%3D&b=4", true},
      {"http://school.example/p/browse.php/Oi8vYmFk/b4/", true},
      {"http://school.example/index.php?q=aHR0cDovL2JhZC5jb20v", true},
      {"http://school.example/index.php?hl=1&q=uggc%3A%2F%2Fonq.pbz", true},
      {"http://school.example/cgi-bin/nph-proxy.cgi/000/http/bad.com/", true},
      {"http://school.example/?__cpo=aHR0cHM6Ly9iYWQuY29t", true},
      {"http://school.example/service/hvtrs8%2F-bcd%2Ccmm", true},
      {"http://school.example/uv/service/abc", true},
      {"http://school.example/proxy/https://bad.com/", true},
      // and none
      {"http://school.example/dns-query-tool.html", false},
      {"http://school.example/help/dns-query", false},
      {"http://school.example/index.php?q=http", false},
      {"http://school.example/index.php?u=5", false},
      {"http://school.example/browse.php?page=2", false},
      {"http://school.example/search?dns=example.vn", false},
      {"http://school.example/proxy/settings", false},
      {"https://1.1.1.10/", false},
      {"https://web.archive.org/web/2020/http://good.example/", false},
      {"https://apple.com/", false},
      {"https://google.com/", false},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.url) {
      Url url;
      REQUIRE(url.parse(row.url).ok());
      const Verdict verdict = judge->evaluate({url, Stage::request, tier, LocalTime{}, {}});
      const std::string category =
          verdict.category == no_category ? "" : snapshot.policy->categories()[verdict.category].id;
      CHECK((category == "circumvention") == row.around);
      if (row.around) CHECK(verdict.action == Action::block);
    }
  }
}

TEST_CASE("tablets of the youngest get updates, certificate status and the connectivity check",
          "[config][defaults]") {
  const LoadResult& result = test::shipped("schoolgate.yaml");
  REQUIRE(result.snapshot != nullptr);
  const Snapshot& snapshot = *result.snapshot;
  const auto tier = *snapshot.policy->find_tier("mam_non");
  const auto judge = snapshot.make_judge();
  for (const auto& [address, opens] : {std::pair{"http://connectivitycheck.gstatic.com/generate_204", true},
                                       {"http://captive.apple.com/hotspot-detect.html", true},
                                       {"http://www.msftconnecttest.com/connecttest.txt", true},
                                       {"http://ocsp.digicert.com/", true},
                                       {"http://r10.o.lencr.org/", true},
                                       {"https://fe2.update.microsoft.com/", true},
                                       {"https://mesu.apple.com/", true},
                                       {"https://pbskids.org/", true},
                                       {"https://blockly.games/", true},
                                       {"https://www.google.com/", false},
                                       {"https://vi.wikipedia.org/", false},
                                       {"https://doh.dns.apple.com/", false},
                                       {"https://chatgpt.com/", false}}) {
    INFO(address);
    Url url;
    REQUIRE(url.parse(address).ok());
    const Verdict verdict = judge->evaluate({url, Stage::request, tier, LocalTime{}, {}});
    CHECK((verdict.action == Action::allow) == opens);
  }
}

TEST_CASE("banks, health, public services and devices are never opened", "[config][defaults]") {
  const LoadResult& result = test::shipped("schoolgate.yaml");
  REQUIRE(result.snapshot != nullptr);
  const auto judge = result.snapshot->make_judge();
  for (const auto& [authority, never] : {std::pair{"vietcombank.com.vn:443", true},
                                         {"ibank.acb.com.vn:443", true},
                                         {"dichvucong.gov.vn:443", true},
                                         {"www.vinmec.com:443", true},
                                         {"itunes.apple.com:443", true},
                                         {"gs.apple.com:443", true},
                                         {"is1-ssl.mzstatic.com:443", true},
                                         {"gateway.icloud.com:443", true},
                                         {"1-courier.push.apple.com:443", true},
                                         {"android.clients.google.com:443", true},
                                         {"play.googleapis.com:443", true},
                                         {"mtalk.google.com:443", true},
                                         {"login.microsoftonline.com:443", true},
                                         {"displaycatalog.mp.microsoft.com:443", true},
                                         {"chat.zalo.me:443", true},
                                         {"g.whatsapp.net:443", true},
                                         {"us04web.zoom.us:443", true},
                                         {"www.apple.com:443", false},
                                         {"www.microsoft.com:443", false},
                                         {"www.facebook.com:443", false},
                                         {"notvinmec.com:443", false},
                                         {"www.google.com:443", false}}) {
    DYNAMIC_SECTION(authority) {
      Url url;
      REQUIRE(url.parse_authority(authority).ok());
      CHECK(judge->never_inspected(url) == never);
    }
  }
}

TEST_CASE("what is thin in the starter set is said", "[config][defaults]") {
  const LoadResult& result = test::shipped("quickstart.yaml");
  REQUIRE(result.snapshot != nullptr);
  std::string all;
  for (const Message& sentence : result.snapshot->thin) all += sentence.english() + "\n";
  CHECK(all.find("The sealed floor has no entries") != std::string::npos);
  CHECK(all.find("only starter lists") != std::string::npos);
  CHECK(all.find("No list entries for: csam") != std::string::npos);
  CHECK(all.find("560 rules on search words read http alone") != std::string::npos);
}

}  // namespace
}  // namespace schoolgate
