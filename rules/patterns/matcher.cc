// PatternMatcher: which subjects of an address are asked about at which stage.
#include <algorithm>
#include <string>

#include "rules/patterns/build/reach.h"
#include "rules/patterns/match/index.h"
#include "rules/patterns/match/index_matcher.h"
#include "rules/patterns/matcher.h"

namespace schoolgate {
namespace {

// "https://host:port/": what all addresses of a host begin with.
std::string_view front_of(const Url& url) noexcept {
  const std::string_view whole = url.match();
  return whole.substr(0, whole.find('/', whole.find("://") + 3) + 1);
}

}  // namespace

struct PatternMatcher::Impl {
  explicit Impl(std::shared_ptr<const PatternIndex> the_index)
      : index(std::move(the_index)), scanner(index), whole_hosts(index->size()) {}

  std::shared_ptr<const PatternIndex> index;
  pattern::IndexMatcher scanner;
  std::string with_blanks;
  std::vector<std::unique_ptr<WholeHostPattern>> whole_hosts;  // by id, made when first asked

  // Of a host of which no path is known: patterns of whole addresses that hold every one of its addresses.
  // Those hold the one with the path "/" too, which rules nearly all of them out.
  bool match_whole_host(std::string_view front, std::vector<std::uint32_t>& ids) {
    const std::size_t before = ids.size();
    const bool judged = scanner.match_front(front, ids);
    const auto first = ids.begin() + static_cast<std::ptrdiff_t>(before);
    ids.erase(std::remove_if(first, ids.end(),
                             [&](std::uint32_t id) {
                               WholeHostPattern& pattern = whole_host(id);
                               return !pattern.heeds_no_end() && !pattern.holds_all_of(front);
                             }),
              ids.end());
    return judged;
  }

  // Forms send a blank as "+" (URL Standard, application/x-www-form-urlencoded): a query that holds some is
  // asked about in that reading too; as it came as well, for patterns that take "+" for a border of words.
  bool match_with_blanks(const Url& url, std::vector<std::uint32_t>& ids) {
    const std::string_view whole = url.match();
    const auto query = static_cast<std::ptrdiff_t>(url.match_query(false).data() - whole.data());
    with_blanks = whole;
    std::replace(with_blanks.begin() + query, with_blanks.end(), '+', ' ');
    const std::string_view text = with_blanks;
    const bool judged =
        scanner.match(PatternTarget::query, text.substr(static_cast<std::size_t>(query)), ids);
    return scanner.match(PatternTarget::url, text, ids) && judged;
  }

  WholeHostPattern& whole_host(std::uint32_t id) {
    auto& known = whole_hosts[id];
    if (!known) known = std::make_unique<WholeHostPattern>(index->pattern(id));
    return *known;
  }
};

PatternMatcher::PatternMatcher(std::shared_ptr<const PatternIndex> index)
    : impl_(std::make_unique<Impl>(std::move(index))) {}
PatternMatcher::~PatternMatcher() = default;
PatternMatcher::PatternMatcher(PatternMatcher&&) noexcept = default;
PatternMatcher& PatternMatcher::operator=(PatternMatcher&&) noexcept = default;

bool PatternMatcher::match(const Url& url, Stage stage, std::vector<std::uint32_t>& ids) {
  pattern::IndexMatcher& scanner = impl_->scanner;
  const std::size_t before = ids.size();
  bool judged = scanner.match(PatternTarget::host, url.match_host(), ids);
  if (stage == Stage::request) {
    judged = scanner.match(PatternTarget::path, url.match_path(false), ids) && judged;
    judged = scanner.match(PatternTarget::query, url.match_query(false), ids) && judged;
    judged = scanner.match(PatternTarget::url, url.match(), ids) && judged;
    if (url.match_query(false).find('+') != std::string_view::npos)
      judged = impl_->match_with_blanks(url, ids) && judged;
  } else {
    judged = impl_->match_whole_host(front_of(url), ids) && judged;
  }
  const auto first = ids.begin() + static_cast<std::ptrdiff_t>(before);
  std::sort(first, ids.end());
  ids.erase(std::unique(first, ids.end()), ids.end());
  return judged;
}

}  // namespace schoolgate
