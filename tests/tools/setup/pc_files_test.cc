#include "tools/setup/pc_files.h"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <sstream>

#include "tests/tools/valid_json.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using Catch::Matchers::Contains;

namespace {

PcFacts school() {
  return {"Trường <A> & \"B\"",
          "http://192.168.20.1:3128/proxy.pac",
          "return \"A b\";\n",
          "-----BEGIN CERTIFICATE-----\nQUJD\nREVG\n-----END CERTIFICATE-----\n",
          "AA:BB",
          false,
          "Wi-Fi <lớp>"};
}

std::map<std::string, std::string> files_of(const PcFacts& facts) {
  std::map<std::string, std::string> all;
  for (const PcFile& one : pc_files(facts)) all[one.name] = one.text;
  return all;
}

// "[key]" and the names of values, as regedit reads them.
std::set<std::string> values_in(const std::string& text, bool undone) {
  std::set<std::string> all;
  std::string key;
  std::istringstream lines(text);
  std::string line;
  REQUIRE(std::getline(lines, line));
  CHECK(line == "Windows Registry Editor Version 5.00\r");
  while (std::getline(lines, line)) {
    REQUIRE(line.ends_with('\r'));
    line.pop_back();
    if (line.empty()) continue;
    if (line.front() == '[') {
      REQUIRE(line.back() == ']');
      key = line;
      continue;
    }
    const std::size_t end = line.find("\"=");
    REQUIRE(line.front() == '"');
    REQUIRE(end != std::string::npos);
    CHECK((line.substr(end + 2) == "-") == undone);
    CHECK(all.insert(key + line.substr(0, end + 1)).second);
  }
  return all;
}

}  // namespace

TEST_CASE("files for PCs: what the registry is given, the undo takes out", "[tools][setup]") {
  const auto files = files_of(school());
  const auto set = values_in(files.at("windows/schoolgate.reg"), false);
  CHECK(set.size() == 20);
  CHECK(set == values_in(files.at("windows/schoolgate-undo.reg"), true));
  CHECK_THAT(files.at("windows/schoolgate.reg"),
             Contains("\"ProxySettings\"=\"{\\\"ProxyMode\\\":\\\"pac_script\\\",\\\"ProxyPacUrl\\\":"
                      "\\\"http://192.168.20.1:3128/proxy.pac\\\",\\\"ProxyPacMandatory\\\":true}\"\r\n"));
  CHECK_THAT(
      files.at("windows/schoolgate.reg"),
      Contains(
          "\"AutoConfigURL\"=\"data:application/x-ns-proxy-autoconfig,return%20%22A%20b%22%3B%0A\"\r\n"));
  for (const char* script : {"windows/schoolgate.ps1", "windows/schoolgate-undo.ps1"})
    CHECK_THAT(files.at(script), Contains("$wanted = 'AA:BB'\r\n"));
}

TEST_CASE("files for PCs: policies of browsers", "[tools][setup]") {
  const auto files = files_of(school());
  for (const char* name : {"chromium/schoolgate.json", "firefox/policies.json"})
    CHECK(tools_test::is_json(files.at(name)));
  CHECK_THAT(files.at("chromium/schoolgate.json"), Contains("\"CACertificates\":[\"QUJDREVG\"]") &&
                                                       Contains("\"EncryptedClientHelloEnabled\":false"));
  // One that cannot fetch the script goes past the proxy: it has the script itself.
  CHECK_THAT(
      files.at("firefox/policies.json"),
      Contains("\"AutoConfigURL\":\"data:application/x-ns-proxy-autoconfig,return%20%22A%20b%22%3B%0A\""));
  CHECK_THAT(files.at("firefox/policies.json"), !Contains("http://192.168.20.1"));
  PcFacts bare = school();
  bare.pem.clear();
  bare.wifi.clear();
  bare.keep_hidden_names = true;
  const auto without = files_of(bare);
  CHECK(without.count("schoolgate-ca.crt") + without.count("apple/schoolgate.mobileconfig") == 0);
  for (const auto& [name, text] : without) {
    INFO(name);
    CHECK_THAT(text, !Contains("ClientHello") && !Contains("AA:BB") && !Contains("QUJD"));
  }
}

TEST_CASE("files for PCs: an Apple profile is the same for the same school", "[tools][setup]") {
  const std::string profile = files_of(school()).at("apple/schoolgate.mobileconfig");
  CHECK(profile == files_of(school()).at("apple/schoolgate.mobileconfig"));
  CHECK_THAT(profile,
             Contains("Trường &lt;A&gt; &amp; \"B\"") && Contains("<string>Wi-Fi &lt;lớp&gt;</string>"));
  CHECK_THAT(profile, !Contains("com.apple.proxy.http.global"));
  CHECK_THAT(files_of(school()).at("apple/supervised.mobileconfig"), Contains("com.apple.proxy.http.global"));
}
