// The overrides that a Judge goes by, less those that have ended. Internal to the Judge.
#pragma once

#include <memory>
#include <vector>

#include "rules/db/matcher.h"
#include "rules/policy/overrides.h"

namespace schoolgate {

class OverrideView {
 public:
  explicit OverrideView(std::shared_ptr<const Overrides> overrides);

  // Those whose time has come end. True: there were some.
  bool end(const Moment& now) noexcept;
  [[nodiscard]] bool all_over() const noexcept;

  // Asks for the sites; hits() are of tags that still hold, in whatever tier.
  void match(const Url& url, const HostKeys& keys, Stage stage);
  [[nodiscard]] const Matches& matches() const noexcept { return matches_; }
  [[nodiscard]] const Override& by_tag(Tag tag) const noexcept { return overrides_->all()[tag]; }
  // What is said of a whole category in a tier; of two the block. Null: nothing.
  [[nodiscard]] const Override* of_category(TierId tier, CategoryId category) const noexcept;
  // Those of a tier that only a whole URL can be asked about.
  template <class Visit>
  void each_with_path(TierId tier, Visit&& visit) const {
    for (std::size_t i = 0; i < ended_.size(); ++i) {
      const Override& one = overrides_->all()[i];
      if (one.names_site() && one.rule.kind == RuleKind::url && one.tier == tier && holds(i)) visit(one);
    }
  }

  [[nodiscard]] const Override* find(const RuleRef& where) const noexcept { return overrides_->find(where); }
  [[nodiscard]] RuleRef where(const Override& one) const noexcept { return overrides_->where(one); }

 private:
  [[nodiscard]] bool holds(std::size_t index) const noexcept { return ended_[index] == 0; }
  std::shared_ptr<const Overrides> overrides_;
  std::vector<char> ended_;  // by index; so that ending one needs no memory
  Matcher matcher_;
  Matches matches_;
};

}  // namespace schoolgate
