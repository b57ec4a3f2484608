#include <algorithm>

#include "tools/report/parts.h"

namespace schoolgate::tools {
namespace {

using Deed = Counts::Deed;

constexpr std::size_t most_categories = 10;  // in a picture

Folded handled(const Counts& counts) {
  Folded all = counts.sum(Deed::allowed);
  all += counts.sum(Deed::warned);
  all += counts.sum(Deed::blocked);
  return all;
}

std::string first_sentence(const ReportOf& of, const Parts& tell) {
  const PeriodFacts& now = of.facts.now;
  const Folded all = handled(now.counts), blocked = now.counts.sum(Deed::blocked);
  const std::string period = of.facts.period.name(of.language);
  if (now.counts.empty()) return tell(say("In {} the filter handled no visits.", period));
  const std::uint64_t of_all = std::max<std::uint64_t>(all.sum, 1);
  // Of cells under five alone no share is known, but what it is under.
  const bool folded_alone = blocked.sum == 0 && blocked.hidden != 0;
  const std::string share =
      folded_alone ? tell(say("under {}", share_text(blocked.hidden * fewest_told, of_all, of.language)))
                   : share_text(blocked.sum, of_all, of.language);
  if (!now.devices)
    return tell(say("In {} the filter handled {} visits and blocked {} of them ({}).", period,
                    tell.in_sentence(all), tell.in_sentence(blocked), share));
  const bool one_month = of.facts.period.last_day() - of.facts.period.first_day() < 31;
  if (!one_month)
    return tell(
        say("In {} the filter handled {} visits, from {} devices in the busiest month, and blocked {} of "
            "them ({}).",
            period, tell.in_sentence(all), tell.in_sentence(*now.devices), tell.in_sentence(blocked), share));
  return tell(say("In {} the filter handled {} visits from {} devices and blocked {} of them ({}).", period,
                  tell.in_sentence(all), tell.in_sentence(*now.devices), tell.in_sentence(blocked), share));
}

std::string second_sentence(const ReportOf& of, const Parts& tell) {
  const Counts& counts = of.facts.now.counts;
  const auto categories = counts.categories(Deed::blocked);
  if (categories.empty()) return tell(say("Nothing was blocked."));
  const std::string& top = categories.front();
  const Folded most = counts.sum(Deed::blocked, {}, top);
  if (most.sum == 0) return tell(say("No group of sites was blocked five times or more in a tier."));
  std::string where;
  std::uint64_t there = 0;
  for (const std::string& tier : tell.tiers()) {
    const Folded one = counts.sum(Deed::blocked, tier, top);
    if (one.sum > there) there = one.sum, where = tier;
  }
  return tell(say("Blocked most: {} ({} times), above all in the tier {}.", tell.category(top),
                  tell.in_sentence(most), tell.tier(where)));
}

Table numbers(const ReportOf& of, const Parts& tell) {
  Table table{.id = "numbers",
              .title = tell(say("In numbers")),
              .note = tell.note_on_folding(),
              .columns = {},
              .rows = {}};
  table.columns = {"", of.facts.period.name(of.language), of.facts.before.name(of.language),
                   tell(say("Change"))};
  const PeriodFacts &now = of.facts.now, &then = of.facts.then;
  const auto row = [&](const Message& name, const Folded& a, const Folded& b) {
    table.rows.push_back(
        {text_cell(tell(name)), tell.cell(a), tell.cell(b), {tell.change(a, b), true, false, {}}});
  };
  row(say("Visits"), handled(now.counts), handled(then.counts));
  row(say("Blocked"), now.counts.sum(Deed::blocked), then.counts.sum(Deed::blocked));
  row(say("Warned of"), now.counts.sum(Deed::warned), then.counts.sum(Deed::warned));
  row(say("Continued after a warning"), now.counts.sum(Deed::continued), then.counts.sum(Deed::continued));
  const auto maybe = [&](const Message& name, const std::optional<Folded>& a,
                         const std::optional<Folded>& b) {
    if (!a) return;
    const auto cell = [&](const std::optional<Folded>& n) {
      return n ? tell.cell(*n) : Cell{"–", true, false, {}};
    };
    table.rows.push_back(
        {text_cell(tell(name)), cell(a), cell(b), {b ? tell.change(*a, *b) : "–", true, false, {}}});
  };
  maybe(say("Devices, in the busiest month"), now.devices, then.devices);
  const auto alerts = [](const PeriodFacts& of_period) {
    return of_period.alerts ? std::optional(of_period.alerts->all()) : std::nullopt;
  };
  maybe(say("Safeguarding alerts"), alerts(now), alerts(then));
  return table;
}

// Bars, and their table.
Chart bars(const std::string& id, std::string title, std::string sentence, const std::string& column,
           const std::vector<std::pair<std::string, Folded>>& figures, const Parts& tell) {
  Chart chart{std::move(title), std::move(sentence), {}, {}};
  chart.table.id = id;
  chart.table.title = chart.title;
  chart.table.columns = {column, tell(say("Blocked"))};
  std::vector<Bar> all;
  for (const auto& [name, n] : figures) {
    all.push_back({name, tell.count(n), n.sum});
    chart.table.rows.push_back({text_cell(name), tell.cell(n)});
  }
  chart.svg = bars_svg({id, chart.title, chart.sentence}, all);
  return chart;
}

Chart by_hour(const ReportOf& of, const Parts& tell) {
  const HeatLevels& levels = *of.facts.heat;
  Chart chart;
  chart.title = tell(say("When the network is used"));
  chart.sentence =
      tell(say("Busiest: {}, from {} to {} o'clock. The stronger the colour, the more visits; five steps.",
               tell.weekday(of.facts.busiest_day), of.facts.busiest_hour, of.facts.busiest_hour + 1));
  std::array<std::string, 7> days;
  for (std::size_t day = 0; day < 7; ++day) days[day] = tell.weekday(day);
  chart.svg = heat_svg({"hours", chart.title, chart.sentence}, levels, days);
  chart.table.id = "hours";
  chart.table.title = chart.title;
  chart.table.columns.push_back(tell(say("Hour")));
  for (int hour = 0; hour < 24; ++hour) chart.table.columns.push_back(std::to_string(hour));
  for (std::size_t day = 0; day < 7; ++day) {
    std::vector<Cell> row{text_cell(days[day])};
    for (const std::uint8_t level : levels[day]) row.push_back({std::to_string(level), true, false, {}});
    chart.table.rows.push_back(std::move(row));
  }
  chart.table.note = tell(say("0: hardly anything; 5: as much as in the busiest hour, or nearly."));
  return chart;
}

Chart trend(const ReportOf& of, const Parts& tell) {
  const Trend& steps = *of.facts.trend;
  const bool by_day = steps.days == 1;
  Chart chart;
  chart.title = tell(by_day ? say("Day by day") : say("Week by week"));
  chart.sentence = tell(
      steps.drawn[1]
          ? say("Visits, and what was blocked of them: each in five steps up to its own largest figure.")
          : say("Visits, in five steps up to the largest figure. Too little was blocked for a picture."));
  const std::array<std::string, 2> figures{tell(say("Visits")),
                                           steps.drawn[1] ? tell(say("Blocked")) : std::string()};
  chart.table.id = "trend";
  chart.table.title = chart.title;
  chart.table.columns = {tell(by_day ? say("Day") : say("Week from")), figures[0]};
  if (steps.drawn[1]) chart.table.columns.push_back(figures[1]);
  std::vector<Columns> columns;
  const std::size_t named = (steps.levels.size() + 6) / 7;  // room for seven dates
  for (std::size_t i = 0; i < steps.levels.size(); ++i) {
    const std::int64_t day = of.facts.period.first_day() + static_cast<std::int64_t>(i) * steps.days;
    const CivilDate date = civil_from_days(day);
    std::string name = std::to_string(date.day);
    if (!by_day) name += "/" + std::to_string(date.month);
    columns.push_back({i % named == 0 ? name : std::string(), steps.levels[i]});
    std::vector<Cell> row{text_cell(date_text(day, of.language))};
    for (std::size_t k = 0; k + 1 < chart.table.columns.size(); ++k)
      row.push_back({std::to_string(steps.levels[i][k]), true, false, {}});
    chart.table.rows.push_back(std::move(row));
  }
  chart.svg = columns_svg({"trend", chart.title, chart.sentence}, columns, figures);
  chart.table.note = tell(say("0: hardly anything; 5: as much as at most, or nearly."));
  return chart;
}

}  // namespace

Document head_report(const ReportOf& of) {
  const Parts tell(of);
  Document document = tell.begin("head", tell(say("The network of the school, and what was filtered")));
  document.blocks = {Paragraph{first_sentence(of, tell), true}, Paragraph{second_sentence(of, tell), true},
                     Paragraph{tell.running(), true}, numbers(of, tell)};
  if (of.facts.heat) {
    document.blocks.emplace_back(by_hour(of, tell));
  } else {
    document.blocks.emplace_back(Paragraph{tell(say("Too few visits for a picture of the hours."))});
  }
  if (of.facts.trend) document.blocks.emplace_back(trend(of, tell));
  const Counts& counts = of.facts.now.counts;
  std::vector<std::pair<std::string, Folded>> tiers, categories;
  for (const std::string& tier : tell.tiers())
    tiers.emplace_back(tell.tier(tier), counts.sum(Deed::blocked, tier));
  for (const std::string& category : counts.categories(Deed::blocked)) {
    if (categories.size() == most_categories) break;
    categories.emplace_back(tell.category(category), counts.sum(Deed::blocked, {}, category));
  }
  if (!tiers.empty())
    document.blocks.emplace_back(bars("tiers", tell(say("Blocked, by tier")),
                                      tell(say("How often something was blocked in each tier.")),
                                      tell(say("Tier")), tiers, tell));
  if (!categories.empty())
    document.blocks.emplace_back(bars("categories", tell(say("Blocked, by group of sites")),
                                      tell(say("The groups that were blocked most, at most ten of them.")),
                                      tell(say("Group")), categories, tell));
  return document;
}

}  // namespace schoolgate::tools
