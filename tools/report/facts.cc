#include "tools/report/facts.h"

#include <algorithm>
#include <limits>

#include "config/policy/category_reader.h"
#include "config/policy/tier_reader.h"
#include "proxy/audit/codes.h"
#include "proxy/audit/month.h"
#include "proxy/audit/seal_book.h"

namespace schoolgate::tools {
namespace {

using audit::LogEvent;
using audit::LogKind;
using audit::LogReader;
using audit::Month;
using audit::Tally;

// Visits of the week's busiest hour below which a picture would show single ones.
constexpr std::uint64_t fewest_drawn = 50;
constexpr std::uint64_t fewest_of_a_day = heat_levels * fewest_told;  // no step is under five
constexpr std::int64_t shortest_ms = 60'000;                          // a restart is no break

const char* word_of(SafeLevel level) {
  return level == SafeLevel::off ? "off" : level == SafeLevel::strict ? "strict" : "moderate";
}

std::optional<Counts::Deed> done_of(int action) {
  switch (action) {
    case static_cast<int>(Action::allow):
      return Counts::Deed::allowed;
    case static_cast<int>(Action::warn):
      return Counts::Deed::warned;
    case static_cast<int>(Action::block):
      return Counts::Deed::blocked;
    default:
      return std::nullopt;  // refused: never judged
  }
}

std::optional<SealFacts> last_seal(const std::string& directory) {
  auto book = audit::SealBook::open(directory, LogKind::access, audit::Database::Mode::read);
  if (!book) return std::nullopt;
  const auto last = book->last();
  if (!last || !*last) return std::nullopt;
  const audit::KeptSeal& kept = **last;
  const auto seal = audit::parse_seal(kept.text);
  if (!seal) return std::nullopt;
  return SealFacts{kept.number, seal->made_ms, audit::seal_digest(kept.text, kept.signature)};
}

// The cell of what stands in the log.
std::string category_of(Counts::Deed done, const std::string& category, const SchoolNames& names) {
  return done == Counts::Deed::allowed || names.helps(category) ? std::string() : category;
}

std::uint64_t visits_of(const Tally::Line& line, std::int64_t since_ms) {
  return line.hour * audit::hour_ms < since_ms ? line.requests : line.visits;
}

Result<PeriodFacts> facts_of(const FactsOf& of, const Period& period, std::int64_t visits_since_ms,
                             std::vector<Tally::Line>* lines) {
  PeriodFacts facts;
  auto totals = audit::read_totals(of.directory, period.from_ms(), period.to_ms());
  if (!totals) return totals.error();
  for (const Tally::Line& line : *totals) {
    if (const auto done = done_of(line.action))
      facts.counts.add(*done, line.tier, category_of(*done, line.category, of.names),
                       visits_of(line, visits_since_ms));
  }
  if (lines != nullptr) *lines = std::move(*totals);
  const LogReader reader(of.directory);
  const auto passed = reader.passed(period.from_ms(), period.to_ms());
  if (!passed) return passed.error();
  for (const audit::Passed& one : *passed) {
    if (!of.names.helps(one.category))
      facts.counts.add(Counts::Deed::continued, one.tier, one.category, one.times);
  }
  // Of whole months: pseudonyms are counted by the month, and by UTC's; a day's edge makes no other device.
  std::optional<std::uint64_t> most;
  for (Month month = Month::of(period.from_ms() + audit::day_ms); month.begin_ms() < period.to_ms();
       month = month.next()) {
    if (month.begin_ms() + audit::day_ms < period.from_ms()) continue;
    if (month.next().begin_ms() - audit::day_ms > period.to_ms()) continue;
    const auto clients = reader.clients(month);
    if (!clients) return clients.error();
    if (*clients) most = std::max(most.value_or(0), **clients);
  }
  if (most) facts.devices = folded(*most);
  if (of.safeguarding) {
    auto alerts = gather_alerts(of.directory, period.from_ms(), period.to_ms());
    if (alerts) facts.alerts = *alerts;
  }
  return facts;
}

// Five steps up to the largest. Under five nothing shows.
std::uint8_t level_of(std::uint64_t n, std::uint64_t most) {
  return n < fewest_told ? std::uint8_t{0} : static_cast<std::uint8_t>((n * heat_levels + most - 1) / most);
}

// What the pictures count.
struct Drawn {
  std::array<std::array<std::uint64_t, 24>, 7> hours{};
  std::vector<std::array<std::uint64_t, 2>> steps;  // visits, blocked
};

std::optional<HeatLevels> draw_hours(Facts& facts, const Drawn& drawn) {
  std::uint64_t most = 0;
  for (std::size_t day = 0; day < drawn.hours.size(); ++day) {
    for (std::size_t hour = 0; hour < 24; ++hour) {
      if (drawn.hours[day][hour] <= most) continue;
      most = drawn.hours[day][hour];
      facts.busiest_day = day;
      facts.busiest_hour = hour;
    }
  }
  if (most < fewest_drawn) return {};
  HeatLevels levels{};
  for (std::size_t day = 0; day < drawn.hours.size(); ++day)
    for (std::size_t hour = 0; hour < 24; ++hour) levels[day][hour] = level_of(drawn.hours[day][hour], most);
  return levels;
}

std::optional<Trend> draw_trend(const Drawn& drawn, std::int64_t days_of_a_step) {
  Trend trend{.days = days_of_a_step, .drawn = {}, .levels = {}};
  trend.levels.resize(drawn.steps.size());
  for (std::size_t figure = 0; figure < 2; ++figure) {
    std::uint64_t most = 0;
    for (const auto& step : drawn.steps) most = std::max(most, step[figure]);
    if (most < fewest_of_a_day) continue;
    trend.drawn[figure] = true;
    for (std::size_t i = 0; i < drawn.steps.size(); ++i)
      trend.levels[i][figure] = level_of(drawn.steps[i][figure], most);
  }
  return trend.drawn[0] ? std::optional(trend) : std::nullopt;
}

// Only what has a figure elsewhere, so that no cell under five shows in the pictures either.
void draw(Facts& facts, const std::vector<Tally::Line>& lines, const FactsOf& of) {
  const std::int64_t first = facts.period.first_day(), days = facts.period.last_day() - first + 1;
  const std::int64_t days_of_a_step = days <= 31 ? 1 : 7;
  Drawn drawn;
  drawn.steps.resize(static_cast<std::size_t>((days + days_of_a_step - 1) / days_of_a_step));
  for (const Tally::Line& line : lines) {
    const auto done = done_of(line.action);
    if (!done || !facts.now.counts.told(*done, line.tier, category_of(*done, line.category, of.names)))
      continue;
    const std::int64_t utc = line.hour * 3'600, local = utc + of.zone.offset(utc);
    const auto day = static_cast<std::size_t>((local / 86'400 + 3) % 7);  // 1 January 1970: a Thursday
    const auto hour = static_cast<std::size_t>(local % 86'400 / 3'600);
    const std::uint64_t visits = visits_of(line, facts.visits_since_ms);
    drawn.hours[day][hour] += visits;
    const auto step = static_cast<std::size_t>((local / 86'400 - first) / days_of_a_step);
    if (local / 86'400 >= first && step < drawn.steps.size()) {
      drawn.steps[step][0] += visits;
      if (*done == Counts::Deed::blocked) drawn.steps[step][1] += visits;
    }
    if (static_cast<std::size_t>(line.seen) < facts.seen.size())
      facts.seen[static_cast<std::size_t>(line.seen)] += line.requests;
  }
  facts.heat = draw_hours(facts, drawn);
  facts.trend = draw_trend(drawn, days_of_a_step);
}

bool says(const LogEvent& event, const char* text) {
  return event.detail.find(text) != std::string::npos;
}

void note_fault(Faults& faults, const LogEvent& event) {
  const auto count = [&](const char* what, std::uint64_t& n) {
    if (event.what == what) ++n;
  };
  count("start", faults.starts);
  if (event.what == "start" && says(event, "\"unclean stop\"")) ++faults.unclean_stops;
  count("reload", faults.reloads);
  count("reload_refused", faults.refused_reloads);
  count("last_good_used", faults.last_good_used);
  count("log_damaged", faults.damaged);
  count("log_moved", faults.damaged);
  count("rows_lost", faults.lost);
  count("session_failed", faults.failed_sessions);
  count("worker_stuck", faults.stuck_workers);
  count("log_full", faults.full);
  count("retention", faults.deletions);
  count("log_shortened", faults.deletions);
}

// The last sign of life before a start that found no stop.
std::int64_t last_sign(const LogReader& reader, std::int64_t start_ms) {
  audit::LogQuery query;
  query.until_ms = start_ms;
  query.limit = 1;
  const auto rows = reader.rows(query);
  return rows && !rows->empty() ? rows->front().time_ms : start_ms;
}

class Life {
 public:
  Life(std::int64_t from_ms, std::int64_t to_ms, bool runs)
      : from_(from_ms), to_(to_ms), down_since_(from_ms), down_(!runs) {}
  void event(const LogEvent& event, const LogReader& reader) {
    if (event.what == "stop") {
      down_ = true;
      down_since_ = event.time_ms;
    }
    if (event.what != "start" || says(event, "\"handed over\"")) return;
    note(down_ ? down_since_ : last_sign(reader, event.time_ms), event.time_ms);
    down_ = false;
  }
  [[nodiscard]] Running end() {
    if (down_) note(down_since_, to_);
    running_.up_ms = std::max<std::int64_t>(to_ - from_ - running_.down_ms, 0);
    return running_;
  }

 private:
  void note(std::int64_t since, std::int64_t until) {
    const std::int64_t down = until - std::max(since, from_);
    if (down < shortest_ms) return;
    running_.down_ms += down;
    running_.longest_ms = std::max(running_.longest_ms, down);
    ++running_.stops;
  }
  std::int64_t from_, to_, down_since_;
  bool down_;
  Running running_;
};

Result<void> note_events(Facts& facts, const FactsOf& of) {
  const LogReader reader(of.directory);
  const Period& period = facts.period;
  const auto events = reader.events(period.from_ms(), 0, LogKind::access, period.to_ms());
  if (!events) return events.error();
  const auto before = reader.events(std::nullopt, 1, LogKind::access, period.from_ms());
  if (!before) return before.error();
  for (const LogEvent& event : *events) note_fault(facts.faults, event);
  if (before->empty() && events->empty()) return {};
  const std::int64_t from = before->empty() ? events->front().time_ms : period.from_ms();
  // Figures from before the first event: its file is gone.
  if (before->empty() && facts.begun_ms && *facts.begun_ms + audit::hour_ms <= from) return {};
  Life life(from, std::min(period.to_ms(), of.now_ms), !before->empty() && before->front().what != "stop");
  for (const LogEvent& event : *events) life.event(event, reader);
  facts.running = life.end();
  return {};
}

}  // namespace

std::string SchoolNames::tier(const std::string& id) const {
  const auto found =
      std::find_if(tiers.begin(), tiers.end(), [&](const auto& one) { return one.first == id; });
  return found == tiers.end() || found->second.empty() ? id : found->second;
}

std::string SchoolNames::category(const std::string& id) const {
  const auto found = categories.find(id);
  return found == categories.end() || found->second.empty() ? id : found->second;
}

bool SchoolNames::helps(const std::string& category) const {
  return std::find(helping.begin(), helping.end(), category) != helping.end();
}

// What cannot be read keeps its id: figures are told also while the files have errors.
SchoolNames read_names(const Config& config, Language language) {
  SchoolNames names;
  LoadContext context(config.file);
  const bool vi = language == Language::vi;
  for (const Category& category : read_catalogue(config.policy.categories, context).categories)
    names.categories[category.id] = vi ? category.name_vi : category.name_en;
  const auto files = context.yaml_files_in(config.policy.tiers_directory);
  if (!files) return names;
  for (const std::string& file : *files) {
    const auto tier = read_tier_file(file, context);
    if (!tier) continue;
    const std::string& name = vi ? tier->name_vi : tier->name_en;
    names.tiers.emplace_back(tier->id.value, name);
    if (tier->safesearch)
      names.safe_search.emplace_back(name.empty() ? tier->id.value : name, word_of(*tier->safesearch));
    for (const auto& [category, effect] : tier->categories) {
      if (effect.action == Action::help && !names.helps(category.value))
        names.helping.push_back(category.value);
    }
  }
  return names;
}

Result<Facts> gather(const FactsOf& of, const Period& period) {
  Facts facts{.period = period, .before = period.before(of.zone)};
  facts.visits_since_ms =
      audit::first_visit_ms(of.directory).value_or(std::numeric_limits<std::int64_t>::max());
  std::vector<Tally::Line> lines;
  auto now = facts_of(of, period, facts.visits_since_ms, &lines);
  if (!now) return now.error();
  facts.now = std::move(*now);
  auto then = facts_of(of, facts.before, facts.visits_since_ms, nullptr);
  if (!then) return then.error();
  facts.then = std::move(*then);
  draw(facts, lines, of);
  facts.begun_ms = audit::first_hour_ms(of.directory);
  facts.seal = last_seal(of.directory);
  if (const auto noted = note_events(facts, of); noted.failed()) return noted.error();
  auto wishes = gather_wishes(of.directory, of.names, period.from_ms(), period.to_ms());
  if (!wishes) return wishes.error();
  facts.wishes = std::move(*wishes);
  if (of.safeguarding) {
    const auto looked =
        LogReader(of.directory).events(period.from_ms(), 0, LogKind::safeguarding, period.to_ms());
    if (looked)
      facts.reveals = static_cast<std::uint64_t>(std::count_if(
          looked->begin(), looked->end(), [](const LogEvent& e) { return e.what == "reveal"; }));
  }
  return facts;
}

}  // namespace schoolgate::tools
