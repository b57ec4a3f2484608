// Checked against the C library's own idea of every zone it knows, and by hand where it matters.
#include "config/main/local_time.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <random>

#include "config/text/text_file.h"

namespace schoolgate {
namespace {

// Sets TZ for one scope; tests of this program run one after the other.
class ZoneScope {
 public:
  explicit ZoneScope(const std::string& name) {
    if (const char* old = std::getenv("TZ")) old_ = old;
    ::setenv("TZ", name.c_str(), 1);
    ::tzset();
  }
  ~ZoneScope() {
    if (old_.empty())
      ::unsetenv("TZ");
    else
      ::setenv("TZ", old_.c_str(), 1);
    ::tzset();
  }

 private:
  std::string old_;
};

TEST_CASE("Viet Nam needs no file", "[config][local_time]") {
  const auto zone = TimeZone::load("Asia/Ho_Chi_Minh", "/nowhere");
  REQUIRE(zone);
  CHECK(zone->offset(0) == 7 * 3600);
  // 2026-11-25T00:30:00Z is a Wednesday (T4), 07:30 there.
  CHECK(to_string(zone->local(1'795'566'600)) == "T4 07:30");
  CHECK(zone->iso8601(1'795'566'600) == "2026-11-25T07:30:00+07:00");
  CHECK(to_string(zone->local(0)) == "T5 07:00");
  CHECK(to_string(zone->local(-1)) == "T5 06:59");
}

TEST_CASE("every zone agrees with the C library", "[config][local_time]") {
  struct Row {
    const char* zone;
  };
  const Row rows[] = {
      {"Asia/Bangkok"},      {"Europe/Paris"},      {"America/New_York"}, {"Australia/Lord_Howe"},
      {"America/St_Johns"},  {"Africa/Cairo"},      {"Asia/Kathmandu"},   {"Pacific/Apia"},
      {"America/Sao_Paulo"}, {"Asia/Tehran"},       {"Europe/Dublin"},    {"Asia/Gaza"},
      {"America/Nuuk"},      {"Africa/Casablanca"}, {"Antarctica/Troll"}, {"Pacific/Auckland"}};
  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> moment(-2'000'000'000, 6'000'000'000);  // 1906 to 2160
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.zone) {
      const auto zone = TimeZone::load(row.zone);
      REQUIRE(zone);
      const ZoneScope scope(row.zone);
      for (int i = 0; i < 4000; ++i) {
        const std::time_t t = moment(random);
        std::tm local{};
        REQUIRE(::localtime_r(&t, &local) != nullptr);
        INFO(t);
        REQUIRE(zone->offset(t) == local.tm_gmtoff);
        const int minutes = (local.tm_wday + 6) % 7 * 1440 + local.tm_hour * 60 + local.tm_min;
        REQUIRE(zone->local(t).minute_of_week == minutes);
      }
    }
  }
}

TEST_CASE("names that are no zones", "[config][local_time]") {
  for (const char* name :
       {"", "/etc/passwd", "../../etc/passwd", "Asia/..", "Asia", "Asia/Saigonn", "Asia/Ho Chi Minh"}) {
    DYNAMIC_SECTION("\"" << name << "\"") {
      CHECK_FALSE(TimeZone::load(name));
    }
  }
}

TEST_CASE("POSIX rules", "[config][local_time]") {
  struct Row {
    const char* text;
    std::int64_t moment;
    std::int32_t offset;
  };
  const Row rows[] = {
      {"<+07>-7", 0, 25'200},
      {"UTC0", 0, 0},
      {"CET-1CEST,M3.5.0,M10.5.0/3", 1'774'746'000 - 1, 3600},  // 2026-03-29T01:00Z, one second before
      {"CET-1CEST,M3.5.0,M10.5.0/3", 1'774'746'000, 7200},
      {"CET-1CEST,M3.5.0,M10.5.0/3", 1'792'890'000 - 1, 7200},  // 2026-10-25T01:00Z
      {"CET-1CEST,M3.5.0,M10.5.0/3", 1'792'890'000, 3600},
      {"NZST-12NZDT,M9.5.0,M4.1.0/3", 1'767'225'600, 46'800},  // 1 January is summer in the south
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1'767'225'600, -7200},
      {"AAA0BBB,J60/0,J300/0", 1'772'323'200, 3600},  // J60 is 1 March, leap year or not
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.text << " at " << row.moment) {
      const auto zone = PosixZone::parse(row.text);
      REQUIRE(zone);
      CHECK(zone->offset(row.moment) == row.offset);
    }
  }
  for (const char* bad : {"", "X", "UTC", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
                          "<+07-7", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0x", "UTC999"}) {
    DYNAMIC_SECTION("refused: " << bad) {
      CHECK_FALSE(PosixZone::parse(bad));
    }
  }
}

TEST_CASE("a damaged zone file is refused, never read past its end", "[config][local_time]") {
  const auto bytes = read_file("/usr/share/zoneinfo/Europe/Paris", 1 << 20);
  REQUIRE(bytes);
  REQUIRE(TimeZone::from_tzif(*bytes));
  for (std::size_t length = 0; length < bytes->size(); length += 7)
    CHECK_FALSE(TimeZone::from_tzif(std::string(bytes->data(), length)));
  std::mt19937 random(3);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = *bytes;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    if (const auto zone = TimeZone::from_tzif(damaged)) (void)zone->local(1'795'566'600);
  }
}

TEST_CASE("days and dates are each other's inverse", "[config][local_time]") {
  for (std::int64_t day = -1'000'000; day < 1'000'000; day += 37) {
    const CivilDate date = civil_from_days(day);
    REQUIRE(days_from_civil(date) == day);
    REQUIRE((date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31));
  }
  CHECK(days_from_civil({1970, 1, 1}) == 0);
  CHECK(days_from_civil({2000, 3, 1}) == 11'017);
}

}  // namespace
}  // namespace schoolgate
