// Reports of a generated school (tests/support/school_month.h), for the tests of the forms that they take.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <utility>

#include "proxy/audit/wish_book.h"
#include "tests/proxy/audit/log_fixture.h"
#include "tests/support/school_month.h"
#include "tools/report/report.h"

namespace schoolgate::tools_test {

using namespace schoolgate::audit;
using namespace schoolgate::audit_test;
using namespace schoolgate::testing;
using namespace schoolgate::tools;

// Of two lists and a line: 12 of games (8 answered, 2 of them granted), 6 of ads (all granted), 3 of the
// line.
inline bool write_wishes(const std::string& directory) {
  WishBook book({}, {.open = 500, .devices = 200, .clients = 100, .per_hour = 1000, .per_hour_shared = 1000});
  if (book.open(directory).failed()) return false;
  const std::int64_t begin_ms = Month{2026, 11}.begin_ms() + 3 * day_ms;
  const auto write = [&](const std::string& list, int count, int answered, int granted) {
    for (int i = 0; i < count; ++i) {
      const std::int64_t asked_ms = begin_ms + i * hour_ms;
      const WishReply reply = book.ask({.client = IpAddress::v4(1),
                                        .shared = false,
                                        .host = "host" + std::to_string(i) + ".test",
                                        .tier = "thcs",
                                        .category = list,
                                        .list = list.empty() ? "" : "lists/" + list + ".txt",
                                        .reason = WishReason::lesson,
                                        .now_ms = asked_ms});
      if (i >= answered) continue;
      Wish answer;
      answer.state = i < granted ? WishState::granted : WishState::denied;
      answer.answered_ms = asked_ms + (20 + 10 * i) * 60'000;
      if (book.answer(reply.code, answer).failed()) return false;
    }
    return true;
  };
  return write("games", 12, 8, 2) && write("ads", 6, 6, 6) && write("", 3, 1, 1);
}

// October and November of one school.
inline const std::string& generated() {
  static const TempDir dir;
  static const bool written = [] {
    std::filesystem::create_directories(dir.path);
    SchoolMonths months(dir.path);
    return months.write({2026, 10}, true) && months.write({2026, 11}, false) && write_wishes(dir.path);
  }();
  REQUIRE(written);
  return dir.path;
}

inline SchoolNames sample_names() {
  SchoolNames names;
  names.tiers = SchoolMonths::tiers();
  for (const auto& [id, name] : SchoolMonths::categories()) names.categories[id] = name;
  names.helping = {"self_harm"};
  names.safe_search = {{"Tiểu học", "strict"}, {"Giáo viên", "off"}};
  return names;
}

inline School sample_school() {
  School school;
  school.name = "Trường THCS Mẫu";
  school.it_contact = "thầy Nam";
  school.safeguarding_person = "cô Lan";
  return school;
}

inline FloorStanding signed_floor() {
  FloorStanding floor;
  floor.state = FloorStanding::State::sealed;
  floor.entries = 1'200;
  return floor;
}

inline PolicyFacts sample_policy() {
  PolicyFacts facts;
  facts.rules = {{"lists/games.txt:3", "games", 240, 240, 0},
                 {"tiers.d/thcs.yaml:2", "streaming", 31, 0, 31}};
  facts.lists = {{"games", "games", 1'795'000'000, false, true},
                 {"phishing", "gambling", std::nullopt, true, false}};
  facts.idle_lines = {"tiers.d/thcs.yaml:40", "tiers.d/thcs.yaml:41"};
  facts.tests = 12;
  return facts;
}

inline Document document_of(const std::string& audience, const ReportOf& of) {
  return audience == "head"    ? head_report(of)
         : audience == "admin" ? admin_report(of)
                               : department_report(of);
}

inline Document sample(const std::string& audience, Language language) {
  static const TimeZone zone;
  static const SchoolNames names = sample_names();
  static const School school = sample_school();
  static const PolicyFacts policy = sample_policy();
  const FactsOf of{.directory = generated(),
                   .zone = zone,
                   .names = names,
                   .now_ms = Month{2026, 12}.begin_ms(),
                   .safeguarding = true};
  const auto facts = gather(of, *Period::month("2026-11", zone));
  REQUIRE(facts);
  REQUIRE(facts->seal);  // of a key made for this run
  Facts told = *facts;
  told.seal = SealFacts{12, Month{2026, 12}.begin_ms(), std::string(56, '0') + "3f2a9c0b"};
  return document_of(audience, {.facts = told,
                                .names = names,
                                .school = school,
                                .policy = &policy,
                                .floor = signed_floor(),
                                .language = language,
                                .version = "0.1.0",
                                .today = days_from_civil({2026, 12, 2})});
}

inline Facts facts_of_counts(Counts counts) {
  const TimeZone zone;
  const Period period = *Period::month("2026-11", zone);
  Facts facts{.period = period, .before = period.before(zone)};
  facts.now.counts = std::move(counts);
  return facts;
}

// Everything that comes from outside says `evil`.
inline Document hostile_document(const std::string& audience, const std::string& evil) {
  SchoolNames names;
  names.tiers = {{"thcs", evil}};
  names.categories = {{"games", evil}};
  names.safe_search = {{evil, "strict"}};
  School school;
  school.name = school.it_contact = school.safeguarding_person = evil;
  PolicyFacts policy;
  policy.rules = {{evil, "games", 9, 9, 0}};
  policy.lists = {{evil, "games", 1, true, false}};
  policy.idle_lines = {evil};
  Counts counts;
  counts.add(Counts::Deed::blocked, "thcs", "games", 99);
  counts.add(Counts::Deed::blocked, evil, evil, 98);
  Facts facts = facts_of_counts(std::move(counts));
  HeatLevels levels{};
  levels[0][9] = 5;
  facts.heat = levels;
  return document_of(audience, {.facts = facts,
                                .names = names,
                                .school = school,
                                .policy = &policy,
                                .language = Language::vi,
                                .version = evil,
                                .today = 20'000});
}

}  // namespace schoolgate::tools_test
