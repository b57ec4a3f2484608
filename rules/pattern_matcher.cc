#include <memory>

#include "rules/pattern_format.h"
#include "rules/pattern_re2.h"

namespace schoolgate {

using namespace pattern_format;

struct PatternMatcher::Impl {
  std::shared_ptr<const PatternIndex> index;
  const PatternData& data;
  std::vector<std::unique_ptr<RE2>> confirmers;  // made on first use

  explicit Impl(std::shared_ptr<const PatternIndex> i)
      : index(std::move(i)), data(static_cast<const PatternData&>(*index)), confirmers(data.size()) {}

  const RE2& confirmer(std::uint32_t id) {
    auto& re = confirmers[id];
    if (!re) {
      const std::string_view text = data.text(id);
      const bool case_sensitive = (data.entries[id].flags & flag_case_sensitive) != 0;
      re = std::make_unique<RE2>(re2::StringPiece(text.data(), text.size()), pattern_options(case_sensitive));
    }
    return *re;
  }
};

PatternMatcher::PatternMatcher(std::shared_ptr<const PatternIndex> index)
    : impl_(std::make_unique<Impl>(std::move(index))) {}
PatternMatcher::~PatternMatcher() = default;
PatternMatcher::PatternMatcher(PatternMatcher&&) noexcept = default;
PatternMatcher& PatternMatcher::operator=(PatternMatcher&&) noexcept = default;

bool PatternMatcher::match(const Url& url, Stage stage, std::vector<std::uint32_t>& ids) {
  const std::string_view subjects[] = {url.match_host(), url.match_path(false), url.match_query(false),
                                       url.match()};
  bool judged = true;
  for (std::uint32_t id = 0; id < impl_->data.size(); ++id) {
    const auto target = static_cast<PatternTarget>(impl_->data.entries[id].target);
    if (stage == Stage::host && target != PatternTarget::host) continue;
    const std::string_view subject = subjects[static_cast<std::size_t>(target)];
    if (subject.size() > max_pattern_subject) {
      judged = false;
    } else if (const RE2& re = impl_->confirmer(id); !re.ok()) {
      judged = false;
    } else if (re2_finds(re, subject)) {
      ids.push_back(id);
    }
  }
  return judged;
}

}  // namespace schoolgate
