#include <algorithm>

#include "rules/pattern_index.h"
#include "rules/pattern_scan.h"

namespace schoolgate {

struct PatternMatcher::Impl {
  pattern::Scanner scanner;
};

PatternMatcher::PatternMatcher(std::shared_ptr<const PatternIndex> index)
    : impl_(new Impl{pattern::Scanner(std::move(index))}) {}
PatternMatcher::~PatternMatcher() = default;
PatternMatcher::PatternMatcher(PatternMatcher&&) noexcept = default;
PatternMatcher& PatternMatcher::operator=(PatternMatcher&&) noexcept = default;

bool PatternMatcher::match(const Url& url, Stage stage, std::vector<std::uint32_t>& ids) {
  pattern::Scanner& scanner = impl_->scanner;
  const std::size_t before = ids.size();
  bool judged = scanner.match(PatternTarget::host, url.match_host(), ids);
  if (stage == Stage::request) {
    judged = scanner.match(PatternTarget::path, url.match_path(false), ids) && judged;
    judged = scanner.match(PatternTarget::query, url.match_query(false), ids) && judged;
    judged = scanner.match(PatternTarget::url, url.match(), ids) && judged;
  }
  std::sort(ids.begin() + static_cast<std::ptrdiff_t>(before), ids.end());
  return judged;
}

}  // namespace schoolgate
