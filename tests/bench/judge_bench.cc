// What deciding costs over matching: judge_bench DOMAINS URLS (a domain a line, an absolute URL a line).
// The domains become eight lists, a policy of six tiers and 200 lines is laid over them. Prints the best of
// several rounds in nanoseconds per URL: the two matchers alone, evaluate(), evaluate() over a sealed floor,
// and what two models of look-alikes cost hosts that a rule names and hosts that none names. Then, in turns,
// what the rest of the school pays for a room that is closed, an exam of another day, an override, and
// periods: ten lessons a day in each tier, with dates, for categories and a site.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "rules/db/matcher.h"
#include "rules/db/rule_db_builder.h"
#include "rules/judge/judge.h"

using namespace schoolgate;

namespace {

constexpr std::size_t list_count = 8;

std::vector<std::string> lines_of(const char* path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

template <class Work>
double best_ns(std::size_t count, Work work) {
  constexpr int rounds = 15;
  std::vector<double> ns;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    ns.push_back(spent.count() / static_cast<double>(count));
  }
  return *std::min_element(ns.begin(), ns.end());
}

double thread_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// What holds beside what does not, in nanoseconds of this thread's CPU an address.
struct Difference {
  double median, low, high;  // with its 95 % interval
};

double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// `make_without` and `make_with` each give a fresh judge's work over all addresses. Pairs of fresh ones, as
// where they lie in memory counts too; within a pair the two take turns, and the best round of each counts.
template <class MakeWithout, class MakeWith>
Difference compare(std::size_t count, MakeWithout make_without, MakeWith make_with) {
  constexpr int pairs = 41, rounds = 12, resamples = 4'000;
  std::vector<double> differences;
  for (int pair = 0; pair < pairs; ++pair) {
    auto without = make_without();
    auto with = make_with();
    const auto spent = [](auto& work) {
      const double start = thread_ns();
      work();
      return thread_ns() - start;
    };
    double best_without = 1e18, best_with = 1e18;
    for (int round = 0; round < rounds; ++round) {
      if (round % 2 == 0) best_without = std::min(best_without, spent(without));
      best_with = std::min(best_with, spent(with));
      if (round % 2 == 1) best_without = std::min(best_without, spent(without));
    }
    differences.push_back((best_with - best_without) / static_cast<double>(count));
  }
  std::mt19937 random(1);
  std::vector<double> medians;
  for (int i = 0; i < resamples; ++i) {
    std::vector<double> drawn(differences.size());
    for (double& one : drawn) one = differences[random() % differences.size()];
    medians.push_back(median_of(std::move(drawn)));
  }
  std::sort(medians.begin(), medians.end());
  return {median_of(differences), medians[resamples * 25 / 1000], medians[resamples * 975 / 1000]};
}

// Lessons and breaks of a school's week on the days of one term, for categories and for a site: each row says
// what holds anyhow, so that the verdicts stay as they are.
void add_periods(PolicySpec& spec) {
  const DaySet term({{parse_local_time("2026-09-07 00:00")->day, parse_local_time("2027-05-28 00:00")->day}});
  for (std::size_t i = 0; i < spec.tiers.size(); ++i) {
    for (int period = 7; period < 17; ++period) {
      const std::string hour = (period < 10 ? "0" : "") + std::to_string(period);
      SchoolTimes when;
      when.add(*DayTimes::parse("T2-T6 " + hour + ":00-" + hour + ":45"), term);
      TimetableEntry& row = spec.tiers[i].timetable.emplace_back();
      row.when = when;
      row.categories = {4};
      row.effect = spec.tiers[i].effects[4].effect;
      row.tier = static_cast<TierId>(i);
      Line& line = spec.tier_lines.emplace_back();
      line.effect = {Action::allow, {}};
      line.rule.text = "film.example";
      line.tier = static_cast<TierId>(i);
      line.when = when;
    }
  }
}

std::shared_ptr<const Policy> make_policy(const std::vector<std::string>& domains, std::size_t sealed,
                                          Lookalikes lookalikes = Lookalikes::off, bool periods = false) {
  PolicySpec spec;
  spec.categories.resize(list_count);
  for (std::size_t i = 0; i < list_count; ++i) spec.categories[i].id = "category" + std::to_string(i);
  for (std::size_t i = 0; i < 6; ++i) {
    Tier& tier = spec.tiers.emplace_back();
    tier.id = "tier" + std::to_string(i);
    tier.default_action = Action::allow;
    tier.lookalikes = lookalikes;
    if (i > 0) tier.parent = static_cast<TierId>(i - 1);
    tier.effects.resize(list_count);
    for (std::size_t c = 0; c < list_count; ++c) {
      tier.effects[c].effect = {c % 2 == 0 ? Action::block : Action::warn, {.locked = c == 0}};
    }
    tier.timetable.push_back({*Schedule::parse("T2-T6 07:00-11:30"), {1, 2, 3}, {Action::block, {}}, {}});
  }
  const std::size_t step = domains.size() / 200 + 1;
  for (std::size_t i = 0; i < domains.size(); i += step) {
    Line& line = spec.tier_lines.emplace_back();
    line.effect = {Action::allow, {}};
    line.rule.text = domains[i];
    line.tier = static_cast<TierId>(i % 6);
  }
  for (std::size_t i = 0; i < sealed; ++i) {
    FloorEntry& entry = spec.floor.emplace_back();
    entry.host = sha256("sealed" + std::to_string(i) + ".example");
    if (i % 2 == 0) entry.url = sha256("sealed" + std::to_string(i) + ".example/x");
  }
  if (periods) add_periods(spec);
  auto policy = Policy::compile(std::move(spec));
  if (!policy) std::fprintf(stderr, "%s\n", policy.error().message.english().c_str());
  return policy ? *policy : nullptr;
}

// Their weights do not matter, only where they lie.
std::vector<std::byte> two_models() {
  static const std::vector<std::int8_t> weights(NamePieces::buckets, 1);
  std::vector<LookalikeModel> models(2);
  for (std::size_t i = 0; i < models.size(); ++i) {
    models[i].category = "category" + std::to_string(i);
    models[i].threshold = 1 << 20;
    models[i].weights = weights;
  }
  return lookalike_bytes(models, {});
}

std::vector<std::byte> make_lists(const std::vector<std::string>& domains) {
  RuleDbBuilder builder;
  builder.set_lookalikes(two_models());
  for (std::size_t i = 0; i < list_count; ++i) builder.add_source({});
  for (std::size_t i = 0; i < domains.size(); ++i) {
    RuleEntry entry;
    entry.text = domains[i];
    entry.line = static_cast<std::uint32_t>(i + 1);
    builder.add(static_cast<Tag>(i % list_count), std::move(entry));
  }
  auto bytes = builder.build();
  if (!bytes) std::fprintf(stderr, "%s\n", bytes.error().message.english().c_str());
  return bytes ? *std::move(bytes) : std::vector<std::byte>();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: judge_bench DOMAINS URLS\n");
    return 2;
  }
  const std::vector<std::string> domains = lines_of(argv[1]);
  std::vector<Url> urls;
  for (const std::string& text : lines_of(argv[2])) {
    Url url;
    if (url.parse(text).ok()) urls.push_back(url);
    if (urls.size() == 50'000) break;
  }
  const std::vector<std::byte> bytes = make_lists(domains);
  const auto lists = RuleDb::open(bytes);
  const auto plain = make_policy(domains, 0), with_floor = make_policy(domains, 20'000);
  if (urls.empty() || !lists || !plain || !with_floor) return 1;
  std::vector<ListMeaning> meanings(list_count);
  for (std::size_t i = 0; i < list_count; ++i) meanings[i] = {static_cast<CategoryId>(i), 0, std::nullopt};

  std::size_t sum = 0;
  Matcher line_matcher(plain->lines_db()), list_matcher(*lists);
  Matches matches;
  const double matching = best_ns(urls.size(), [&] {
    for (const Url& url : urls) {
      const HostKeys keys(url.host());
      matches.clear();
      line_matcher.match(url, keys, Stage::request, matches);
      list_matcher.match(url, keys, Stage::request, matches);
      sum += matches.hits.size();
    }
  });
  const IpAddress client = *IpAddress::parse("10.9.0.7");
  const auto judged_of = [&](const std::shared_ptr<const Policy>& policy, const std::vector<Url>& asked) {
    Judge judge(policy, *lists, meanings);
    const LocalTime now = *parse_local_time("2026-11-30 08:00");
    return best_ns(asked.size(), [&] {
      for (const Url& url : asked) {
        sum += judge.evaluate({url, Stage::request, 5, now, {}, &client}).action == Action::block;
      }
    });
  };
  const auto judged = [&](const std::shared_ptr<const Policy>& policy) { return judged_of(policy, urls); };
  const double evaluate = judged(plain), sealed = judged(with_floor);
  std::vector<Url> named, unnamed;
  {
    Judge judge(plain, *lists, meanings);
    for (const Url& url : urls) {
      const bool is_named =
          judge.evaluate({url, Stage::request, 5, LocalTime{480}, {}}).reason != Reason::tier_default;
      (is_named ? named : unnamed).push_back(url);
    }
  }
  const auto learned = make_policy(domains, 0, Lookalikes::record);
  if (!learned) return 1;
  std::printf("matchers alone   %7.1f ns\n", matching);
  std::printf("evaluate()       %7.1f ns   deciding: %.1f ns\n", evaluate, evaluate - matching);
  std::printf("... with a floor %7.1f ns   floor: %.1f ns\n", sealed, sealed - evaluate);
  for (const auto& [what, asked] : {std::pair("no rule names", &unnamed), {"a rule names ", &named}}) {
    if (asked->empty()) continue;
    const double off = judged_of(plain, *asked), on = judged_of(learned, *asked);
    std::printf("hosts that %s (%zu): %7.1f ns, with look-alikes %7.1f ns: %.1f ns\n", what, asked->size(),
                off, on, on - off);
  }
  Closing room;
  room.id = 1;
  room.off = true;
  room.networks = {*Network::parse("10.1.0.0/24")};
  room.end = room.lifts_end = {INT64_MAX, std::chrono::steady_clock::time_point::max()};
  Closing exam = room;
  exam.id = 0;
  exam.off = false;
  exam.only.emplace_back().text = "olm.example";
  exam.when.emplace(*Schedule::parse("T3 07:00-11:30"));
  Override over;
  over.id = 2;
  over.tier = 5;
  over.rule.text = "olm.example";
  over.end = room.end;
  const auto by_the_clock = make_policy(domains, 0, Lookalikes::off, true);
  if (!by_the_clock) return 1;
  const auto work_of = [&](const std::shared_ptr<const Policy>& policy, std::vector<Override> sites,
                           std::vector<Closing> closings) {
    return [&, policy, sites, closings] {
      auto judge = std::make_shared<Judge>(policy, *lists, meanings);
      if (!sites.empty() || !closings.empty()) judge->use(*Overrides::compile(policy, sites, 0, closings));
      return [&, judge] {
        const LocalTime now = *parse_local_time("2026-11-30 08:00");
        for (const Url& url : urls)
          sum += judge->evaluate({url, Stage::request, 5, now, {}, &client}).action == Action::block;
      };
    };
  };
  const auto print_cost = [&](const char* what, const auto& with) {
    const Difference cost = compare(urls.size(), work_of(plain, {}, {}), with);
    std::printf("%-24s %5.1f ns [%.1f, %.1f]\n", what, cost.median, cost.low, cost.high);
  };
  print_cost("nothing (the same twice)", work_of(plain, {}, {}));
  print_cost("a room is off", work_of(plain, {}, {room}));
  print_cost("an exam of another day", work_of(plain, {}, {exam}));
  print_cost("one site is blocked", work_of(plain, {over}, {}));
  std::vector<Override> bundles(100, over);
  for (std::size_t i = 0; i < bundles.size(); ++i) bundles[i].rule.text = std::to_string(i) + ".olm.example";
  print_cost("a hundred hosts", work_of(plain, bundles, {}));
  print_cost("periods", work_of(by_the_clock, {}, {}));
  std::printf("(%zu domains, %zu URLs, sum %zu)\n", domains.size(), urls.size(), sum);
  return 0;
}
