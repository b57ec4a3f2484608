// A tier's file as the staff's pages edit it: what changes nothing goes beyond nothing, and a text that is
// packed for the socket comes back as it was.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "config/tier_edit.h"
#include "config/web_question.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

const Policy& small_policy() {
  static const std::shared_ptr<const Policy> policy = [] {
    PolicySpec spec;
    spec.categories = {{.id = "games"}, {.id = "gambling"}};
    Tier tier;
    tier.id = "thcs";
    tier.default_action = Action::allow;
    tier.may_override = {0};
    tier.effects.resize(2);
    tier.effects[1].effect.flags.locked = true;
    spec.tiers = {tier};
    const auto compiled = Policy::compile(std::move(spec));
    require(static_cast<bool>(compiled));
    return *compiled;
  }();
  return *policy;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size != 0) std::memcpy(copy.get(), data, size);
  const std::string_view all(copy.get(), size);
  // Two texts with a NUL between them.
  const std::string_view before = all.substr(0, all.find('\0'));
  const std::string_view after = before.size() < all.size() ? all.substr(before.size() + 1) : before;
  const Policy& policy = small_policy();
  require(!beyond_lines(before, before, policy, 0));
  static_cast<void>(beyond_lines(before, after, policy, 0));
  require(unpacked_text(packed_text(all)) == all);
  if (const auto text = unpacked_text(all)) require(packed_text(*text) == all);
  require(with_plain_ends(with_plain_ends(all)) == with_plain_ends(all));
  if (unseen_line(all) == 0) require(all.find('\0') == std::string_view::npos);
  return 0;
}
