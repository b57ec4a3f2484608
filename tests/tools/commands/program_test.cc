#include <stdlib.h>

#include <catch2/catch.hpp>
#include <new>
#include <streambuf>

#include "tests/config/support.h"
#include "tests/tools/program_runner.h"
#include "tools/console/console.h"

using namespace schoolgate;
using namespace schoolgate::tools;
using namespace schoolgate::tools_test;

namespace {

// An output for which there is no memory.
struct NoMemory : std::streambuf {
  int_type overflow(int_type) override { throw std::bad_alloc(); }
  std::streamsize xsputn(const char*, std::streamsize) override { throw std::bad_alloc(); }
};

}  // namespace

TEST_CASE("wrong usage is exit code 2, help and version are 0", "[tools]") {
  struct Case {
    const char* command;
    int want;
    const char* says;
  };
  const Case cases[] = {
      {"--version", 0, "schoolgate 0."},
      {"--help", 0, "Examples:"},
      {"check --help", 0, "--strict"},
      {"upgrade --help", 0, "no\nconnection is refused"},
      {"explain --help", 0, "schoolgate explain"},
      {"log --help", 0, "--follow"},
      {"tier --help", 0, "show"},
      {"gateway --help", 0, "rules"},
      {"gateway rules --help", 0, "--check"},
      {"tier show --help", 0, "--json"},
      {"lists --help", 0, "search"},
      {"allow --help", 0, "--until"},
      {"block --help", 0, "--for"},
      {"overrides --help", 0, "revoke"},
      {"chek", 2, "did you mean \"check\"?"},
      {"lists enabel hagezi", 2, "did you mean \"enable\"?"},
      {"tier sow thcs", 2, "did you mean \"show\"?"},
      {"log --sinc=1h", 2, "did you mean \"--since\"?"},
      {"allow zalo.me --tier thcs", 2, "--why"},
      {"allow zalo.me --why x", 2, "--tier"},
      {"block a.vn --tier a --why x --for 5m --until 9:00", 2, "excludes"},
      {"overrides revoke", 2, "number"},
      {"overrides revoke 0", 2, "number: 0 is not a number from 1 on"},
      {"overrides revoke all", 2, "number: all is not a number from 1 on"},
      {"explain http://a.vn/ --running --client 10.0.0.1", 2, "excludes"},
      {"web --help", 0, "listen: admin:"},
      {"user --help", 0, "schoolgate user add lan"},
      {"user", 2, "subcommand"},
      {"user add", 2, "account"},
      {"user add lan --role king", 2, "--role"},
      {"user role lan", 2, "role"},
      {"lists update --help", 0, "--accept"},
      {"lists catalogue --help", 0, "--json"},
      {"lists enable", 2, "name"},
      {"lists disable", 2, "name"},
      {"lists update --accept -c /nonexistent/x.yaml", 2, "needs the name"},
      {"lists update a --accept --from /", 2, "excludes"},
      {"help", 0, "SG3001"},
      {"help SG1012", 0, "Tệp rỗng."},
      {"help sg1012 1005", 0, "SG1005  not YAML"},
      {"help check", 0, "--strict"},
      {"help SG9999", 2, "neither a code nor a command \"SG9999\""},
      {"", 2, "--help"},
      {"no-such-command", 2, "--help"},
      {"check --no-such-option", 2, "--no-such-option"},
      {"explain", 2, "url"},
      {"tier", 2, "subcommand"},
      {"gateway", 2, "subcommand"},
      {"tier show", 2, "tier"},
      {"explain http://a.vn/ --tier a --client 10.0.0.1", 2, "excludes"},
      {"explain http://a.vn/ --stage somewhere", 2, "--stage"},
      {"log --json --csv", 2, "excludes"},
      {"log --safeguarding", 2, "--why"},
      {"log --limit many", 2, "--limit"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION("schoolgate " << c.command) {
      const Ran ran = run(words(c.command));
      CHECK(ran.exit_code == c.want);
      CHECK((ran.out + ran.err).find(c.says) != std::string::npos);
      CHECK((c.want == 0 ? ran.err : ran.out).empty());
    }
  }
}

TEST_CASE("in Vietnamese: --help, and what is wrong with a command line", "[tools]") {
  struct Case {
    const char *command, *says;
  };
  const Case cases[] = {
      {"--help", "Cách dùng: schoolgate [TÙY CHỌN] LỆNH"},
      {"help check", "Ví dụ:\n  schoolgate check "},
      {"check --help", "Tùy chọn:"},
      {"help SG9999", "schoolgate: không có mã nào hay lệnh nào là \"SG9999\""},
      {"", "Cần nêu một lệnh\nDùng --help để biết thêm.\n"},
      {"check --no-such-option", "Không hiểu tham số này: --no-such-option\n"},
      {"check --no-such-option -x", "Không hiểu các tham số này: "},
      {"tier show", "Cần nêu tier\n"},
      {"explain http://a.vn/ --tier a --client 10.0.0.1", " không dùng cùng --"},
      {"overrides revoke all", "number: all không phải là số từ 1 trở lên\n"},
      {"explain http://a.vn/ --stage somewhere", "--stage: somewhere không thuộc {request,connect}\n"},
      {"explain http://a.vn/ --tier a --tier b", "--tier: nhiều nhất 1 lần, mà đã ghi 2 lần\n"},
      {"explain http://a.vn/ --tier", "--tier: còn thiếu 1 giá trị TEXT\n"},
      {"log --safeguarding", "--safeguarding chỉ dùng cùng --why\n"},
      {"log --limit many", "Giá trị không hợp lệ: --limit = many\n"},
      {"lists import /no/such/folder", "folder: không có thư mục /no/such/folder\n"},
      {"lists import /etc/passwd", "folder: đây là tệp, không phải thư mục: /etc/passwd\n"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION("schoolgate " << c.command) {
      const Ran ran = run(words(c.command), catalogue_of(Language::vi));
      CHECK_THAT(ran.out + ran.err, Catch::Contains(c.says));
      for (const char* english : {"Usage", "Example", "REQUIRED", "Excludes", "required", "expected", "the "})
        CHECK_THAT(ran.out + ran.err, !Catch::Contains(english));
    }
  }
}

TEST_CASE("a command speaks its school's language, else that of the environment", "[tools]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const std::string config = folder.path("schoolgate.yaml"), english = folder.read("schoolgate.yaml");
  std::string vietnamese = english;
  vietnamese.replace(vietnamese.find("language: en"), 12, "language: vi");
  const std::vector<std::string> command{"lists", "search", "nobody.test", "-c", config};
  const Catalogue vi = catalogue_of(Language::vi);
  CHECK(run(command, vi).out == "no list names nobody.test\n");
  folder.write("schoolgate.yaml", vietnamese);
  CHECK(run(command).out == "không danh sách nào nêu nobody.test\n");
  // Whatever else is wrong in the files.
  folder.write("schoolgate.yaml", vietnamese + "alow: 1\n");
  CHECK_THAT(run({"check", "-c", config}).out, Catch::Contains("1 lỗi: chưa dùng được cấu hình này\n"));
  folder.write("schoolgate.yaml", "school: [\n");
  CHECK_THAT(run({"check", "-c", config}).out, Catch::Contains("cannot be used"));
  CHECK_THAT(run({"check", "-c", config}, vi).out, Catch::Contains("chưa dùng được cấu hình này"));
  // For programs there is one language.
  folder.write("schoolgate.yaml", vietnamese);
  CHECK(run({"lists", "search", "nobody.test", "--json", "-c", config}).out == "[]\n");
}

TEST_CASE("a configuration that is not there", "[tools]") {
  for (const char* command : {"check", "explain http://a.vn/", "tier show a", "log", "lists show",
                              "gateway rules", "setup --dry-run --phone 1"}) {
    DYNAMIC_SECTION(command) {
      auto arguments = words(command);
      arguments.insert(arguments.end(), {"--config", "/nonexistent/schoolgate.yaml"});
      const Ran ran = run(arguments);
      CHECK(ran.exit_code == exit_config_errors);
      CHECK((ran.out + ran.err).find("/nonexistent/schoolgate.yaml") != std::string::npos);
    }
  }
}

TEST_CASE("the configuration: --config, else SCHOOLGATE_CONFIG, else the installed one", "[tools]") {
  const test::Folder named, other;
  test::write_small_school(named);
  test::write_small_school(other);
  other.write("lists/bets.txt", "other.test\n");
  const auto search = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"lists", "search", "other.test"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments).out;
  };
  ::setenv("SCHOOLGATE_CONFIG", other.path("schoolgate.yaml").c_str(), 1);
  const std::string by_variable = search({}), by_option = search({"-c", named.path("schoolgate.yaml")});
  ::unsetenv("SCHOOLGATE_CONFIG");
  CHECK(by_variable.starts_with("gambling  other.test"));
  CHECK(by_option == "no list names other.test\n");  // what is written down is stronger
  CHECK_THAT(run({"check", "--help"}).out, Catch::Contains("/etc/schoolgate/schoolgate.yaml"));
}

TEST_CASE("what no command expects ends it with a sentence, and is no success", "[tools]") {
  const test::Folder folder;
  test::write_small_school(folder);
  const std::string config = folder.path("schoolgate.yaml");
  NoMemory buffer;
  std::ostream out(&buffer);
  out.exceptions(std::ios::badbit);  // the stream lets through what was thrown
  std::ostringstream err;
  Console console{out, err};
  const char* const argv[] = {"schoolgate", "lists", "show", "-c", config.c_str()};
  CHECK(run_program(5, argv, console) == exit_failed);
  CHECK_THAT(err.str(), Catch::StartsWith("schoolgate: cannot go on: ") && Catch::EndsWith("\n"));
}

TEST_CASE("--config is stronger than the environment in every command", "[tools]") {
  // It was not where commands shared their options: `ca create -c draft.yaml` made the authority elsewhere.
  const test::Folder folder;
  const std::string named = folder.path("named.yaml"), other = folder.path("other.yaml");  // neither is there
  const std::vector<std::string> commands[] = {
      {"check"},
      {"explain", "http://a.vn/"},
      {"log"},
      {"log", "retention"},
      {"tier", "show", "a"},
      {"lists", "show"},
      {"lists", "search", "a.vn"},
      {"lists", "import", folder.path("")},
      {"lists", "compile"},
      {"lists", "catalogue"},
      {"lists", "enable", "a"},
      {"lists", "disable", "a"},
      {"lists", "update"},
      {"ca", "show"},
      {"ca", "create"},
      {"ca", "export"},
      {"reload"},
      {"upgrade"},
      {"status"},
      {"stop"},
  };
  ::setenv("SCHOOLGATE_CONFIG", other.c_str(), 1);
  for (std::vector<std::string> command : commands) {
    CAPTURE(command);
    command.insert(command.end(), {"-c", named});
    const Ran ran = run(command);
    CHECK(ran.exit_code != exit_ok);
    CHECK_THAT(ran.out + ran.err, Catch::Contains("named.yaml") && !Catch::Contains("other.yaml"));
  }
  ::unsetenv("SCHOOLGATE_CONFIG");
}
