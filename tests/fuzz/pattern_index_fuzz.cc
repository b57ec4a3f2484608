// A pattern and texts: the index answers as RE2 does. Then its bytes are damaged: refused, or harmless.
//   input: flags, number of changed bytes, pattern, '\n', text, '\n', text ...
#include <re2/re2.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "rules/patterns/build/index_builder.h"
#include "rules/patterns/build/reach.h"
#include "rules/patterns/match/index_matcher.h"
#include "rules/patterns/match/pattern_re2.h"
#include "rules/url/url.h"
#include "tests/fuzz/require.h"
#include "tests/support/pattern_corpus.h"

using namespace schoolgate;

namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at <= text.size() && out.size() < 20;) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

void same_answers(const Pattern& pattern, std::span<const std::byte> bytes,
                  std::span<const std::string_view> texts) {
  const auto index = PatternIndex::open(bytes);
  require(static_cast<bool>(index));
  pattern::IndexMatcher scanner(*index);
  const RE2 re(pattern.text, pattern_options(pattern.case_sensitive));
  for (const std::string_view text : texts) {
    std::vector<std::uint32_t> ids;
    require(scanner.match(pattern.target, text, ids));
    require(ids.size() == (re2_finds(re, text) ? 1u : 0u));
  }
}

// What is said of addresses as such is so of each: those of the texts, put behind a host.
void true_of_addresses(const Pattern& pattern, std::span<const std::string_view> texts) {
  const bool can_match = can_match_an_address(pattern);
  WholeHostPattern whole(pattern);
  const RE2 re(pattern.text, pattern_options(pattern.case_sensitive));
  Url url;
  for (const std::string_view text : texts) {
    for (const std::string& address :
         {"https://a-1.vn/" + escape_typed_url(text), "https://" + std::string(text) + "/"}) {
      if (url.parse(address).failed() || url.match().size() > max_pattern_subject) continue;
      const std::string_view subject = pattern.target == PatternTarget::host    ? url.match_host()
                                       : pattern.target == PatternTarget::path  ? url.match_path(false)
                                       : pattern.target == PatternTarget::query ? url.match_query(false)
                                                                                : url.match();
      const bool found = re2_finds(re, subject);
      require(can_match || !found);
      if (pattern.target != PatternTarget::url) continue;
      const std::string_view whole_url = url.match();
      const std::string_view front = whole_url.substr(0, whole_url.find('/', whole_url.find("://") + 3) + 1);
      const bool held = whole.holds_all_of(front);
      require(found || !held);
      require(!held || whole.holds_all_of_some_host());
    }
  }
}

void harmless(std::vector<std::byte> bytes, std::uint8_t changes, std::string_view seed,
              std::span<const std::string_view> texts) {
  std::uint32_t random = 2166136261;
  const auto next = [&] { return random = random * 1664525 + 1013904223, random >> 8; };
  for (const char c : seed) random = (random ^ static_cast<unsigned char>(c)) * 16777619;
  for (unsigned i = 0; i < changes % 8u; ++i)
    bytes[next() % (i % 2 == 0 ? bytes.size() : 300)] = static_cast<std::byte>(next());
  const auto index = PatternIndex::open(bytes);
  if (!index) return;
  pattern::IndexMatcher scanner(*index);
  std::vector<std::uint32_t> ids;
  for (const std::string_view text : texts)
    for (const auto target :
         {PatternTarget::host, PatternTarget::path, PatternTarget::query, PatternTarget::url})
      static_cast<void>(scanner.match(target, text, ids));
  for (const std::uint32_t id : ids) require(id < (*index)->size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3 || size > 1500) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto lines = lines_of(input);
  const Pattern pattern{std::string(lines[0]), static_cast<PatternTarget>(data[0] >> 1 & 3),
                        (data[0] & 1) != 0};
  if (pattern.text.size() > 120 || check_pattern(pattern.text, pattern.case_sensitive).failed()) return 0;
  const std::vector<Pattern> patterns{pattern};
  const auto bytes = pattern::assemble_index(patterns, {});
  std::mt19937 random(static_cast<std::uint32_t>(std::hash<std::string_view>{}(input)));
  std::vector<std::string> made;
  for (int i = 0; i < 8; ++i) {
    made.push_back(testing::text_like(pattern.text, random));
    made.push_back(testing::spoilt(made.back(), random));
  }
  std::vector<std::string_view> texts(lines.begin() + 1, lines.end());
  texts.insert(texts.end(), made.begin(), made.end());
  same_answers(pattern, bytes, texts);
  require(pattern::disagreements(patterns, bytes).empty());
  true_of_addresses(pattern, texts);
  harmless(bytes, data[1], input, texts);
  return 0;
}
