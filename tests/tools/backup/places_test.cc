#include "tools/backup/places.h"

#include <catch2/catch.hpp>

#include "tests/config/support.h"

using namespace schoolgate;
using namespace schoolgate::tools;

TEST_CASE("every file has its class", "[tools][backup]") {
  Places places{"/etc/schoolgate/schoolgate.yaml",
                "/etc/schoolgate",
                "/var/lib/schoolgate",
                "/var/log/schoolgate",
                "/var/lib/schoolgate-web/accounts",
                "/var/lib/schoolgate/pseudonym.keys",
                "/etc/schoolgate/ca",
                {"/etc/schoolgate/mail.password"}};
  struct Row {
    const char* path;
    const char* what;
  };
  const Row rows[] = {
      {"/etc/schoolgate/schoolgate.yaml", "config"},
      {"/etc/schoolgate/tiers.d/thcs.yaml", "config"},
      {"/etc/schoolgate/lists/own/x.txt", "config"},
      {"/etc/schoolgate/ca/ca.key", "secret"},
      {"/etc/schoolgate/ca/ca.crt", "secret"},
      {"/etc/schoolgate/mail.password", "secret"},
      {"/etc/schoolgate/tiers.d/.thcs.yaml.swp", "leftover"},
      {"/etc/schoolgate/schoolgate.yaml~", "leftover"},
      {"/etc/schoolgate/schoolgate.yaml.dpkg-old", "leftover"},
      {"/etc/schoolgate/schoolgate.yaml.new.812", "leftover"},
      {"/etc/schoolgate/.before-restore-20261129-2050/schoolgate.yaml", "leftover"},
      {"/var/lib/schoolgate/policy/current", "policy"},
      {"/var/lib/schoolgate/policy/gen-000000000001/.laid", "policy"},
      {"/var/lib/schoolgate/last-good/text-0", "history"},
      {"/var/lib/schoolgate/lists/ut1.list", "lists"},
      {"/var/lib/schoolgate/lists/ut1.list.record", "lists"},
      {"/var/lib/schoolgate/lists/ut1.list.waiting", "passing"},
      {"/var/lib/schoolgate/lists.sgdb", "made_anew"},
      {"/var/lib/schoolgate/overrides", "passing"},
      {"/var/lib/schoolgate/setup/answers", "answers"},
      {"/var/lib/schoolgate/pseudonym.keys", "month_key"},
      {"/var/lib/schoolgate/what-is-this", "unknown"},
      {"/var/log/schoolgate/access-2026-11.db", "rows"},
      {"/var/log/schoolgate/access-2026-11.db-wal", "rows"},
      {"/var/log/schoolgate/safeguarding-2026-11.db", "rows"},
      {"/var/log/schoolgate/totals.db.damaged-1", "rows"},
      {"/var/log/schoolgate/retention.state", "rows"},
      {"/var/log/schoolgate/seal.key", "seals"},
      {"/var/log/schoolgate/seal.pub", "seals"},
      {"/var/log/schoolgate/seals.db-wal", "seals"},
      {"/var/log/schoolgate/seals-safeguarding.db", "seals"},
      {"/var/log/schoolgate/totals.db", "totals"},
      {"/var/log/schoolgate/totals.db-shm", "made_anew"},
      {"/var/log/schoolgate/names.db", "names"},
      {"/var/lib/schoolgate-web/accounts", "secret"},
      {"/var/lib/schoolgate-web/accounts.lock", "made_anew"},
  };
  for (const Row& row : rows) DYNAMIC_SECTION(row.path) {
      const auto what = class_of(places, row.path);
      REQUIRE(what);
      CHECK(to_string(*what) == row.what);
    }
  CHECK_FALSE(class_of(places, "/etc/passwd"));
  CHECK_FALSE(class_of(places, "/etc/schoolgate-other/x"));
  CHECK(is_held(FileClass::config, false));
  CHECK_FALSE(is_held(FileClass::secret, false));
  CHECK(is_held(FileClass::secret, true));
  for (const bool keys : {false, true}) {
    CHECK_FALSE(is_held(FileClass::rows, keys));
    CHECK_FALSE(is_held(FileClass::seals, keys));
  }
}

TEST_CASE("what holds a private key is a secret wherever it lies", "[tools][backup]") {
  const test::Folder folder;
  folder.write("schoolgate.yaml", "version: 1\n");
  folder.write("pages.pem", "-----BEGIN EC PRIVATE KEY-----\n");
  folder.write("closed.txt", "secret\n");
  ::chmod(folder.path("closed.txt").c_str(), 0600);
  Places places;
  places.main_file = folder.path("schoolgate.yaml");
  places.config = folder.path("schoolgate.yaml").substr(0, folder.path("schoolgate.yaml").rfind('/'));
  places.state = "/nonexistent/state";
  places.log = "/nonexistent/log";
  places.accounts = "/nonexistent/accounts";
  places.key_file = "/nonexistent/keys";
  places.ca = places.config + "/ca";
  std::map<std::string, std::string> got;
  for (const FoundFile& file : find_files(places).files)
    got[file.path.substr(places.config.size() + 1)] = to_string(file.what);
  CHECK(got == std::map<std::string, std::string>{
                   {"schoolgate.yaml", "config"}, {"pages.pem", "secret"}, {"closed.txt", "secret"}});
}
