#include "rules/judge/override_view.h"

#include <algorithm>

#include "rules/db/url_index.h"

namespace schoolgate {
namespace {

// The name under which the database has the rule.
std::string host_of(const RuleEntry& rule) {
  return rule.kind == RuleKind::url ? std::string(UrlRuleText::split(rule.text, rule.open_end).host)
                                    : rule.text;
}

}  // namespace

void OverrideSummary::add_site(std::string_view host) noexcept {
  sites = true;
  hosts_ |= bit(hash_host(host));
  const std::size_t labels = HostKeys(host, false).size();
  label_counts_ |= labels == 0 || labels >= 64 ? any_count : std::uint64_t{1} << labels;
}

OverrideView::OverrideView(std::shared_ptr<const Overrides> overrides)
    : overrides_(std::move(overrides)),
      ended_(overrides_->all().size()),
      closing_ended_(overrides_->closings().size()),
      matcher_(overrides_->sites()) {
  in_force_.reserve(closing_ended_.size());
  covering_.reserve(closing_ended_.size());
  std::size_t networks = 0;
  for (const Closing& one : overrides_->closings()) networks += one.networks.size();
  covered_.reserve(networks);
  hosts_.reserve(ended_.size());
  for (const Override& one : overrides_->all()) hosts_.push_back(host_of(one.rule));
  summarize();
}

void OverrideView::summarize() noexcept {
  summary_ = {};
  summary_.closings = !closing_ended_.empty();
  site_hosts_.clear();
  for (std::size_t i = 0; i < ended_.size(); ++i) {
    const Override& one = overrides_->all()[i];
    if (!holds(i) || !one.names_site() || one.closing != Override::no_closing) continue;
    summary_.add_site(hosts_[i]);
    site_hosts_.add(hash_host(hosts_[i]));
  }
}

bool OverrideView::find_closings(const IpAddress& client, TierId tier, LocalTime time) noexcept {
  const auto all = overrides_->closings();
  if (time_ != time) {
    time_ = time;
    in_force_.clear();
    covered_.clear();
    for (std::uint32_t i = 0; i < all.size(); ++i) {
      const auto& when = all[i].when;
      const bool now = when ? is_exam_time(*when, time) : closing_ended_[i] == 0;
      if (!now) continue;
      in_force_.push_back(i);
      for (const Network& network : all[i].networks) covered_.add(network);
      for (const TierId of : all[i].tiers) covered_.add(of);
    }
  }
  covering_.clear();
  for (const std::uint32_t i : in_force_)
    if (all[i].covers(client, tier)) covering_.push_back(i);
  return !covering_.empty();
}

bool OverrideView::end(const Moment& now) noexcept {
  bool some = false;
  for (std::size_t i = 0; i < ended_.size(); ++i) {
    if (ended_[i] != 0 || !overrides_->all()[i].end.is_over(now)) continue;
    ended_[i] = 1;
    some = true;
  }
  for (std::size_t i = 0; i < closing_ended_.size(); ++i) {
    const Closing& one = overrides_->closings()[i];
    if (one.when || closing_ended_[i] != 0 || !one.end.is_over(now)) continue;
    closing_ended_[i] = 1;
    some = true;
  }
  if (!some) return false;
  time_.reset();
  summarize();
  return true;
}

bool OverrideView::all_over() const noexcept {
  const auto over = [](char ended) { return ended != 0; };
  return std::all_of(ended_.begin(), ended_.end(), over) &&
         std::all_of(closing_ended_.begin(), closing_ended_.end(), over);  // an exam's never
}

void OverrideView::match(const Url& url, const HostKeys& keys, Stage stage) {
  matches_.clear();
  matcher_.match(url, keys, stage, matches_);
  std::erase_if(matches_.hits, [this](const Matches::Hit& hit) {
    return !holds(hit.tag) && by_tag(hit.tag).closing == Override::no_closing;
  });
}

const Override* OverrideView::of_category(TierId tier, CategoryId category) const noexcept {
  const Override* best = nullptr;
  for (std::size_t i = 0; i < ended_.size(); ++i) {
    const Override& one = overrides_->all()[i];
    if (one.names_site() || one.tier != tier || one.category != category || !holds(i)) continue;
    if (best == nullptr || one.action == Action::block) best = &one;
  }
  return best;
}

}  // namespace schoolgate
