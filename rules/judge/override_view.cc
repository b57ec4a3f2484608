#include "rules/judge/override_view.h"

#include <algorithm>

namespace schoolgate {

OverrideView::OverrideView(std::shared_ptr<const Overrides> overrides)
    : overrides_(std::move(overrides)), ended_(overrides_->all().size()), matcher_(overrides_->sites()) {}

bool OverrideView::end(const Moment& now) noexcept {
  bool some = false;
  for (std::size_t i = 0; i < ended_.size(); ++i) {
    if (ended_[i] != 0 || !overrides_->all()[i].end.is_over(now)) continue;
    ended_[i] = 1;
    some = true;
  }
  return some;
}

bool OverrideView::all_over() const noexcept {
  return std::all_of(ended_.begin(), ended_.end(), [](char ended) { return ended != 0; });
}

void OverrideView::match(const Url& url, const HostKeys& keys, Stage stage) {
  matches_.clear();
  matcher_.match(url, keys, stage, matches_);
  std::erase_if(matches_.hits, [this](const Matches::Hit& hit) { return !holds(hit.tag); });
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
