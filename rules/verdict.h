// The decision about one request, and which rule made it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "rules/action.h"

namespace schoolgate {

using TierId = std::uint8_t;       // index into Policy::tiers()
using CategoryId = std::uint16_t;  // index into Policy::categories()
inline constexpr CategoryId no_category = 0xffff;

// The layers in the order in which they speak (rules/judge/README.md, "How a verdict is made").
enum class Layer : std::uint8_t {
  fault,  // could not be judged: blocked
  sealed_floor,
  guaranteed_help,
  locked,
  timed_override,
  explicit_line,
  category,
  tier_default,
  tunnel_rule,  // the per-tier choices about what a tunnel carries (SNI, ports, ...)
  refused,      // never judged: refused for its form, its place or its rate
};
[[nodiscard]] std::string_view to_string(Layer layer) noexcept;

enum class Reason : std::uint8_t {
  no_snapshot,
  pattern_error,  // fault
  floor_hash,
  help_line,
  locked_line,
  locked_category,
  override_line,
  host_line,
  url_line,
  pattern_line,
  category,
  tier_default,
  // tunnel_rule
  port_not_allowed,
  address_target,
  odd_address,
  sni_mismatch,
  no_sni,
  several_names,
  sni_is_address,
  not_tls,
  bad_hello,
  hidden_name,
  search_term,
  path_term,      // category: words of a search, words of a path (rules/words/term_rules.h)
  unsafe_search,  // category: a search engine that cannot be made safe (rules/words/search_engines.h)
  // refused
  bad_request,
  unfinished_request,  // the client left before its head was whole
  method_not_allowed,
  request_timeout,
  uri_too_long,
  expectation_failed,
  wrong_host,  // another name than the connection was opened for
  too_many_requests,
  head_too_large,
  no_room,  // of this proxy
  http_version,
  loop,
  override_category,   // category: what was said of one for a time (rules/policy/overrides.h)
  unknown_on_hosting,  // tier_default: a site below a hosting platform that nothing names
  lookalike,           // category: a name like those of its lists (rules/lookalike)
  room_off,            // timed_override: a room, or a tier, in which nothing is open now
  room_only,           // ... or nothing but what was named
};
[[nodiscard]] std::string_view to_string(Reason reason) noexcept;

// A rule's place: `source` indexes the source-file table of the snapshot that judged.
struct RuleRef {
  std::uint32_t source = 0xffffffff;  // none
  std::uint32_t line = 0;
  [[nodiscard]] bool empty() const noexcept { return source == 0xffffffff; }
  friend bool operator==(const RuleRef&, const RuleRef&) = default;
};

struct Verdict {
  Action action = Action::block;  // a default-made Verdict blocks
  Flags flags;
  Layer layer = Layer::fault;
  Reason reason = Reason::no_snapshot;
  CategoryId category = no_category;
  bool path_may_change_it = false;  // host stage only: a rule with a path could decide otherwise
  RuleRef rule;
  friend bool operator==(const Verdict&, const Verdict&) = default;
  // What no rule was asked about. It passes nowhere (`action` stays block), but nobody was blocked either.
  [[nodiscard]] static constexpr Verdict refused(Reason reason) noexcept {
    Verdict verdict;
    verdict.layer = Layer::refused;
    verdict.reason = reason;
    return verdict;
  }
  [[nodiscard]] constexpr bool was_refused() const noexcept { return layer == Layer::refused; }
};

// A rule that helps (self-harm, abuse) holds what was asked for. Nobody but the safeguarding lead may learn
// of it, so everybody else's record is of the verdict without it.
struct HelpMatch {
  Verdict help;     // the rule: action help, and `alert` where one is due
  Verdict without;  // what would have been decided without any such rule; never help
  friend bool operator==(const HelpMatch&, const HelpMatch&) = default;
};

struct Judged {
  Verdict verdict;
  std::optional<HelpMatch> help;  // even where another rule decides
  [[nodiscard]] const Verdict& without_help() const noexcept { return help ? help->without : verdict; }
  friend bool operator==(const Judged&, const Judged&) = default;
};

// Words that were searched for, or stand in an address, are let through; a site that a list names is not
// opened: it may be a method forum.
[[nodiscard]] constexpr bool helps_with_words(const Verdict& verdict) noexcept {
  return verdict.action == Action::help &&
         (verdict.reason == Reason::search_term || verdict.reason == Reason::path_term);
}

}  // namespace schoolgate
