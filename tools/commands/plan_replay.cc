#include "tools/commands/plan_replay.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "proxy/core/json_text.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"

namespace schoolgate::tools {
namespace {

constexpr std::string_view unsaid_names[unsaid_kinds] = {"not_judged", "for_a_lesson", "tier_gone", "words",
                                                         "address"};

Message unsaid_text(Unsaid why, std::uint64_t requests, Catalogue catalogue) {
  const std::string n = in_column(requests, catalogue);
  switch (why) {
    case Unsaid::not_judged:
      return say("{}    were never judged", n);
    case Unsaid::for_a_lesson:
      return say("{}    somebody had opened or blocked for a lesson", n);
    case Unsaid::tier_gone:
      return say("{}    are of tiers that there would be no more", n);
    case Unsaid::words:
      return say("{}    were decided by words searched for, or by how a connection began", n);
    case Unsaid::address:
      return say("{}    would be decided by the whole address", n);
  }
  return {};
}

// The name alone was seen, or would be.
bool is_by_name(const audit::Decision& one) {
  return one.connect || one.seen == Seen::sni || one.seen == Seen::connect_only ||
         one.seen == Seen::ech_outer;
}

}  // namespace

std::uint64_t PlanResult::cannot_be_said() const noexcept {
  return std::accumulate(unsaid.begin(), unsaid.end(), std::uint64_t{0});
}

PlanReplay::PlanReplay(const Snapshot& candidate) : candidate_(candidate), judge_(candidate.make_judge()) {}

PlanReplay::Page& PlanReplay::page_of(const audit::Decision& one, bool by_name) {
  const std::uint16_t port = one.port != 0 ? one.port : by_name ? 443 : 80;
  const bool secure = by_name || port == 443;
  std::string text = (by_name ? "" : secure ? "https://" : "http://") + std::string(one.host);
  text += ":" + std::to_string(port) + (by_name ? "" : "/");
  const auto [found, fresh] = pages_.try_emplace(std::move(text));
  if (fresh)
    found->second.good = by_name ? found->second.url.parse_authority(found->first).ok()
                                 : found->second.url.parse(found->first).ok();
  return found->second;
}

// Rows come in the order of time, many in one minute.
LocalTime PlanReplay::local(std::int64_t time_ms) {
  constexpr std::int64_t ms_a_minute = 60'000;
  const std::int64_t minute = time_ms / ms_a_minute;
  if (minute == minute_) return at_minute_;
  const bool back = minute < minute_;
  minute_ = minute;
  at_minute_ = candidate_.zone.local(minute * 60);
  if (back || minute >= span_end_) {
    constexpr std::uint32_t longest = 60;  // whatever a zone's clocks do meanwhile
    ++span_;
    span_end_ = minute + std::min(candidate_.policy->minutes_to_next_edge(at_minute_), longest);
  }
  return at_minute_;
}

const Verdict& PlanReplay::verdict_on(Page& page, TierId tier, LocalTime time) {
  page.decided.resize(candidate_.policy->tiers().size());
  Decided& decided = page.decided[tier];
  if (decided.span != span_) decided = {span_, judge_->evaluate({page.url, Stage::host, tier, time, {}})};
  return decided.verdict;
}

void PlanReplay::take(const audit::Decision& one) {
  const auto cannot = [&](Unsaid why) { counts_.unsaid[static_cast<std::size_t>(why)] += one.requests; };
  if (one.refused || one.host.empty() || one.tier.empty() || one.layer == to_string(Layer::fault))
    return cannot(Unsaid::not_judged);
  if (one.layer == to_string(Layer::timed_override)) return cannot(Unsaid::for_a_lesson);
  const auto tier = candidate_.policy->find_tier(one.tier);
  if (!tier) return cannot(Unsaid::tier_gone);
  if (one.seen == Seen::search_words || one.layer == to_string(Layer::tunnel_rule))
    return cannot(Unsaid::words);
  const bool by_name = is_by_name(one);
  Page& page = page_of(one, by_name);
  if (!page.good) return cannot(Unsaid::not_judged);
  const LocalTime time = local(one.time_ms);
  const Verdict& verdict = verdict_on(page, *tier, time);
  const bool name_decides = by_name && candidate_.policy->tiers()[*tier].https != Https::inspect;
  // Who was helped is in no ordinary row: nothing is said of such addresses here either.
  if ((verdict.path_may_change_it && !name_decides) || verdict.action == Action::help)
    return cannot(Unsaid::address);
  if (verdict.action == one.action) {
    counts_.alike += one.requests;
    return;
  }
  counts_.changed += one.requests;
  Sum& sum = sums_[{std::string(one.tier), std::string(one.host), candidate_.place(verdict.rule), one.action,
                    verdict.action}];
  sum.requests += one.requests;
  sum.clients.insert(one.client);
}

PlanResult PlanReplay::result() const {
  PlanResult out = counts_;
  std::map<Key, Sum> folded;  // without hosts
  const auto add = [&](const Key& key, const Sum& sum) {
    const auto& [tier, host, rule, was, would] = key;
    const bool enough = sum.clients.size() >= fewest_clients;
    out.groups.push_back({tier, host, rule, was, would, sum.requests, enough ? sum.clients.size() : 0});
  };
  for (const auto& [key, sum] : sums_) {
    if (sum.clients.size() >= fewest_clients) {
      add(key, sum);
      continue;
    }
    const auto& [tier, host, rule, was, would] = key;
    Sum& all = folded[{tier, "", rule, was, would}];
    all.requests += sum.requests;
    all.clients.insert(sum.clients.begin(), sum.clients.end());
  }
  for (const auto& [key, sum] : folded) add(key, sum);
  std::stable_sort(out.groups.begin(), out.groups.end(),
                   [](const PlanGroup& a, const PlanGroup& b) { return a.requests > b.requests; });
  return out;
}

std::string plan_text(const PlanResult& result, std::size_t most_groups, Catalogue catalogue) {
  std::string out;
  const auto line = [&](const Message& message) { out += printable(message.in(catalogue)) + "\n"; };
  line(say("{} requests would be decided alike", in_column(result.alike, catalogue)));
  line(say("{} would be decided otherwise", in_column(result.changed, catalogue)));
  line(say("{} of which the log does not say enough", in_column(result.cannot_be_said(), catalogue)));
  for (std::size_t i = 0; i < unsaid_kinds; ++i)
    if (result.unsaid[i] != 0) line(unsaid_text(static_cast<Unsaid>(i), result.unsaid[i], catalogue));
  if (result.groups.empty()) return out;
  out += '\n';
  line(say("   requests    clients  tier        was -> would be  site"));
  const std::size_t told =
      most_groups == 0 ? result.groups.size() : std::min(most_groups, result.groups.size());
  for (std::size_t i = 0; i < told; ++i) {
    const PlanGroup& group = result.groups[i];
    const std::string clients = group.clients == 0 ? on_the_right("<5") : in_column(group.clients, catalogue);
    const std::string turn = std::string(to_string(group.was)) + " -> " + std::string(to_string(group.would));
    const std::string site =
        group.host.empty() ? say("(sites of fewer than five clients each)").in(catalogue) : group.host;
    out += in_column(group.requests, catalogue) + clients + "  " + padded(printable(group.tier), 12) +
           padded(turn, 17) + printable(site) +
           (group.rule.empty() ? "" : "  (" + printable(group.rule) + ")") + "\n";
  }
  if (told < result.groups.size()) line(say("and {} groups more: --limit 0", result.groups.size() - told));
  return out;
}

std::string plan_json(const PlanResult& result) {
  JsonObject unsaid, out;
  for (std::size_t i = 0; i < unsaid_kinds; ++i) unsaid.add(unsaid_names[i], result.unsaid[i]);
  JsonArray groups;
  for (const PlanGroup& group : result.groups) {
    JsonObject one;
    one.add("tier", group.tier).add_or_null("host", group.host).add_or_null("rule", group.rule);
    one.add("was", to_string(group.was)).add("would_be", to_string(group.would));
    one.add("requests", group.requests);
    one.raw("clients", group.clients == 0 ? "null" : std::to_string(group.clients));
    groups.add(one);
  }
  out.add("alike", result.alike).add("changed", result.changed);
  out.add("cannot_be_said", result.cannot_be_said()).add("why_not", unsaid).add("groups", groups);
  return out.text() + "\n";
}

}  // namespace schoolgate::tools
