// Accounts in their file: what is written is read again, what is damaged lets nobody in.
#include "tools/web/account_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/config/support.h"
#include "tools/web/passwords.h"

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

web::Account account_of(const std::string& name, web::Role role) {
  web::Account account;
  account.name = name;
  account.role = role;
  return account;
}

}  // namespace

TEST_CASE("accounts are kept", "[tools][accounts]") {
  test::Folder folder;
  const std::string path = folder.path("accounts");
  AccountFile file(path);
  CHECK(file.look().ok());
  CHECK(file.all().empty());
  web::Account lan = account_of("lan", web::Role::teacher);
  lan.password = "$y$j9T$x$y";
  lan.totp = "GEZDGNBV";
  lan.totp_last = 58823412;
  lan.link = std::string(64, 'a');
  lan.link_until = 1764415045;
  lan.generation = 7;
  lan.locked = true;
  REQUIRE(file.put(account_of("nam", web::Role::admin)).ok());
  REQUIRE(file.put(lan).ok());
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);

  AccountFile other(path);
  const auto read = other.find("lan");
  REQUIRE(read);
  CHECK(web::to_text({*read}) == web::to_text({lan}));
  CHECK(other.find("nam")->role == web::Role::admin);
  CHECK_FALSE(other.find("eve"));
  // Another process changes it: seen at the next question.
  lan.locked = false;
  REQUIRE(other.put(lan).ok());
  CHECK_FALSE(file.find("lan")->locked);
}

TEST_CASE("a damaged file lets nobody in, and is not written over", "[tools][accounts]") {
  test::Folder folder;
  AccountFile good(folder.path("accounts"));
  REQUIRE(good.put(account_of("nam", web::Role::admin)).ok());
  const std::string text = folder.read("accounts");
  for (std::size_t at = 0; at < text.size(); at += 3) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    CHECK_FALSE(web::parse_accounts(damaged));
  }
  CHECK_FALSE(web::parse_accounts(text.substr(0, text.size() - 1)));
  CHECK_FALSE(web::parse_accounts(""));
  folder.write("accounts", "schoolgate accounts 1\naccount eve admin open 0\n");
  AccountFile file(folder.path("accounts"));
  CHECK(file.look().failed());
  CHECK_FALSE(file.find("eve"));
  CHECK(file.put(account_of("eve", web::Role::admin)).failed());
}

TEST_CASE("passwords cost the same whoever asks", "[tools][passwords]") {
  YescryptPasswords passwords(1);  // cheap: this is a test
  const std::string hash = passwords.hash("a long password");
  CHECK(hash.starts_with("$y$"));
  CHECK(hash != passwords.hash("a long password"));  // salted
  CHECK(passwords.check("a long password", hash) == web::Checked::right);
  CHECK(passwords.check("a long passwore", hash) == web::Checked::wrong);
  CHECK(passwords.check("", hash) == web::Checked::wrong);
  CHECK(passwords.check("nobody has this password", "") == web::Checked::wrong);
  CHECK(passwords.check("x", "*") == web::Checked::wrong);
  CHECK(passwords.check(std::string(10'000, 'x'), hash) == web::Checked::wrong);
  CHECK(passwords.hash("").empty());
}
