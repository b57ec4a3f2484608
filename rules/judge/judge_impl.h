// The inside of the Judge, shared by evaluate.cc, explain.cc and tunnel_rules.cc. Internal.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/db/matcher.h"
#include "rules/judge/judge.h"
#include "rules/judge/override_view.h"
#include "rules/judge/tier_view.h"
#include "rules/wrappers/wrapper_hosts.h"

namespace schoolgate {

// A rule that holds the URL, with what it says in this tier now.
struct Candidate {
  std::uint64_t weight = 0;  // the greater wins within a layer: a LineWeight or ListWeight, packed
  std::uint64_t rank = 0;    // rules of lists: a ListRank, packed
  Effect effect;
  Layer layer = Layer::fault;
  Reason reason = Reason::no_snapshot;
  CategoryId category = no_category;
  RuleKind kind = RuleKind::pattern;
  std::uint8_t strict = 0;               // strictness() of what it says
  bool inner = false;                    // holds the page inside a wrapper
  bool only_where_open = false;          // opens nothing itself: speaks where something else does
  bool lifts_words = false;              // a line that rules on search words do not overrule
  bool from_line = false;                // `tag` is one of the policy's lines,
  bool from_term = false;                // or the number of a term rule,
  bool from_override = false;            // or of a site of the overrides,
  bool from_closing = false;             // of one of their closings,
  bool from_lookalike = false;           // or of a model of the lists' look-alikes; else of a list
  const SearchEngine* engine = nullptr;  // unsafe_search: this one, and no list
  Tag tag = 0;
  RuleRef rule;
};

// The best candidate so far. The order in which candidates come does not matter.
struct Best {
  std::optional<Candidate> candidate;
  Best() noexcept {}  // not "= default": that would have Found filled with zeros first, for nothing
  void offer(const Candidate& other) noexcept;
};

// Everything that was found about a request, layer by layer.
struct Found {
  Best floor, help_line, locked_line, locked_category, line;
  // Of the categories: the strictest of all, and the strictest of those that a protecting one leaves
  // standing.
  Best category, standing_category;
  // Rules on search words, which a line on their host does not lift; those of locked categories, which no
  // line lifts.
  Best words, locked_words;
  // Overrides of the site: what closes it, and what opens it with all that it lifts; then `unlifted` is the
  // strictest rule on words, or on unsafe search, that it does not lift.
  Best closed_for_now, opened_for_now, unlifted;
  // What the tier does with a site of a hosting platform that nothing names.
  Best hosting;
  bool named = false;  // some line holds the site
  // Labels of the hosting platform that the host lies below; 0: none. Absent: nobody has asked yet.
  std::optional<std::uint16_t> platform;
  Best room;                    // of closings that cover the client and do not name the site
  bool in_closed_room = false;  // some closing covers the client
  Best where_open;              // of the candidates that open nothing themselves
  Best within;                  // the strictest about the pages inside a wrapper
  std::uint64_t protects = 0;   // the rank of the most specific protecting entry; 0 = none speaks
  Flags flags;                  // union over all matches
  bool without_help = false;    // asked for: matches that help are passed over
  Best help;                    // of these
  bool pattern_error = false;
  bool override_spoke = false;  // one of a site was met, in whatever tier
  // Host stage: what a whole URL would be asked besides. Words of paths make a verdict stricter at most.
  bool floor_has_paths = false, path_rules = false, search_words = false, path_words = false;
  bool may_wrap = false;           // the host may be a wrapper's
  bool page_in_path = false;       // host stage: a wrapper, whose inner page the path would name
  bool page_within = false;        // a wrapper with a page inside, or with more than could be judged
  bool override_within = false;    // an override of a site may name such a page
  bool judged_within = false;      // this is a page inside a wrapper, asked about alone
  bool closed_by_default = false;  // the tier blocks what nothing opens;
  bool closed_within = false;      // a page inside the wrapper is not open in it

  // The floor and the help lines: no other rule adds anything, so nothing tells on a child who asks a
  // hotline.
  [[nodiscard]] bool speaks_alone() const noexcept { return floor.candidate || help_line.candidate; }
  // The candidate of the first layer that speaks; null when none does.
  [[nodiscard]] const Candidate* winner() const noexcept;

 private:
  // Of the layers, as if nothing were within.
  [[nodiscard]] const Candidate* of_layers() const noexcept;
  // Of the layers below the locks: without overrides, and of these.
  [[nodiscard]] const Candidate* of_tier() const noexcept;
  [[nodiscard]] const Candidate* of_overrides(const Candidate* tier) const noexcept;
  // The rule on words, or on what opens nothing itself, that could overrule this one; may be null.
  [[nodiscard]] const Candidate* besides(const Candidate& candidate) const noexcept;
  // What is said where an override opens the site, and this, on words, is stricter and not lifted by it.
  [[nodiscard]] const Candidate* besides_opening(const Candidate& not_lifted) const noexcept;
};

// How many labels the hosting platform of a host has; 0: it lies below none.
[[nodiscard]] std::uint16_t platform_labels(std::string_view host);

// Who watches evaluate() decide. This one does not, and lets it stop at the first layer that settles the
// matter.
struct Nobody {
  static constexpr bool wants_all = false;
  void saw(const Candidate&) noexcept {}
  void saw_muted(const Candidate&) noexcept {}
};

// The verdict on a CONNECT (Stage::host) or a request, from the verdict on its name or URL and what was
// found: with the tier's choices about ports and addresses.
[[nodiscard]] Verdict target_verdict(const JudgeRequest& request, const Tier& tier, const Verdict& name,
                                     const Found& found);

struct Judge::Impl {
  Impl(std::shared_ptr<const Policy> policy_in, std::shared_ptr<const RuleDb> lists_in,
       std::vector<ListMeaning> meanings_in);

  // The one function that decides. `found` comes empty; `watcher` is told of every candidate.
  template <class Watcher>
  [[nodiscard]] Verdict decide(const JudgeRequest& request, Found& found, Watcher& watcher);

  // What lies within a wrapper. Before the other steps, which use the same scratch.
  void look_within(const JudgeRequest& request, Found& found);
  // The steps of decide(), in their order.
  template <class Watcher>
  void ask_floor(const JudgeRequest& request, Found& found, Watcher& watcher);
  template <class Watcher>
  void ask_lines(const JudgeRequest& request, const HostKeys& keys, const TierView& view, Found& found,
                 Watcher& watcher);
  template <class Watcher>
  void ask_lists(const JudgeRequest& request, const HostKeys& keys, const TierView& view, Found& found,
                 Watcher& watcher);
  // After the lines and lists: what the tier says of unknown sites on hosting platforms.
  template <class Watcher>
  void ask_hosting(const JudgeRequest& request, const TierView& view, Found& found, Watcher& watcher);
  // Whether a hit is of the hosting platform that the host lies below: it says less of the host than any
  // other.
  [[nodiscard]] static bool names_platform(const JudgeRequest& request, const Matches::Hit& hit,
                                           Found& found);
  // After the lines and lists, before words and engines; first whether they may say anything at all.
  [[nodiscard]] bool overrides_may_speak(const Found& found, const HostKeys& keys) const noexcept;
  template <class Watcher>
  void ask_overrides(const JudgeRequest& request, const HostKeys& keys, const TierView& view, Found& found,
                     Watcher& watcher);
  // Whether one that opens a site may lift all that lines and lists have against it.
  [[nodiscard]] bool lifts_all(const MayLift& over, const TierView& view, const Found& found) const;
  // The closings that cover the client and do not name the site, which overrides->matches() are of.
  template <class Watcher>
  void ask_closings(Found& found, Watcher& watcher);
  // A rule on words, or on unsafe search: noted where an override opens the site and does not lift it.
  void note_unlifted(const Candidate& candidate, TierId tier, Found& found) const;
  // Of a host that no rule names. After the lines and lists.
  template <class Watcher>
  void ask_lookalikes(const JudgeRequest& request, const TierView& view, Found& found, Watcher& watcher);
  // What they make of line_matches and list_matches.
  template <class Watcher>
  void offer_lines(const JudgeRequest& request, const TierView& view, Found& found, Watcher& watcher);
  template <class Watcher>
  void offer_lists(const JudgeRequest& request, const TierView& view, Found& found, Watcher& watcher);
  // A search engine that cannot be made safe for this tier: what the file of engines says.
  template <class Watcher>
  void ask_engine(const JudgeRequest& request, const TierView& view, const SearchEngine& engine, Found& found,
                  Watcher& watcher);
  template <class Watcher>
  void ask_terms(const JudgeRequest& request, const HostKeys& keys, const TierView& view, Found& found,
                 Watcher& watcher);
  // The words of one URL; hits are added to term_hits. Host stage: what would be asked is noted in `found`.
  void find_terms(const Url& url, const HostKeys& keys, Stage stage, bool path_counts, Found& found);
  template <class Watcher>
  void offer_terms(const JudgeRequest& request, const TierView& view, bool inner, Found& found,
                   Watcher& watcher);
  [[nodiscard]] bool path_words_count() const noexcept;  // on this site, by what its lists say
  // What the tier says to a match of a term rule that says `own`. A search never opens the site it is made
  // on.
  [[nodiscard]] ListOpinion term_opinion(const TierView& view, const TermRule& rule,
                                         const std::optional<Effect>& own, LocalTime time) const;
  // Host stage: a line of this tier, not only of others, needs the path of a URL of this host.
  [[nodiscard]] bool some_line_needs_path(const JudgeRequest& request, const TierView& view) const;
  // The match that helps, of those in `found`.
  [[nodiscard]] Verdict help_of(const JudgeRequest& request, const Found& found) const;
  [[nodiscard]] static Verdict conclude(const JudgeRequest& request, const Tier& tier, const Found& found);

  // For evaluate_resolved(): the block that stands behind a name, if any. `rules_spoke` is set when any rule
  // of any tier holds it.
  [[nodiscard]] std::optional<Verdict> block_of_alias(const JudgeRequest& request, bool& rules_spoke);
  [[nodiscard]] std::optional<Verdict> block_of_address(const JudgeRequest& request, bool& rules_spoke);
  // Its parts: the line, or the floor, that blocks the address; the list's network that closes it. Null:
  // none.
  [[nodiscard]] const Candidate* closing_line(const JudgeRequest& request, const HostKeys& keys, Found& found,
                                              bool& rules_spoke);
  [[nodiscard]] const Candidate* closing_list(const JudgeRequest& request, const HostKeys& keys, Found& found,
                                              bool& rules_spoke);

  // decide(), then target_verdict() where the port and the address count.
  [[nodiscard]] Verdict judge_target(const JudgeRequest& request, bool with_target, Found& found);
  [[nodiscard]] Judged judge(const JudgeRequest& request, bool with_target);
  // Both leave list_matches with their own.
  [[nodiscard]] bool never_inspected(const Url& url) { return find_closed(url).has_value(); }
  struct Closed {
    std::string_view name;              // of never_inspect: hosts, lists; empty for an address
    CategoryId category = no_category;  // where a category is the reason
    const Network* network = nullptr;   // of never_inspect: the narrowest around an address
  };
  [[nodiscard]] std::optional<Closed> find_closed(const Url& url);

  [[nodiscard]] Floor::HostMatch floor_of(const Host& host);
  [[nodiscard]] std::optional<RuleRef> floor_hit(const Url& url, Stage stage, Found& found);

  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const RuleDb> lists;
  std::vector<ListMeaning> meanings;
  std::vector<TierView> views;  // by tier
  Matcher line_matcher, list_matcher;
  bool lists_hold_networks;
  // Beside lists->lookalikes().all(): the category of each; no_category where this policy has none so called.
  std::vector<CategoryId> lookalike_categories;
  TermMatcher term_matcher;
  std::unique_ptr<OverrideView> overrides;  // null: none are in force
  OverrideSummary in_force;                 // of it
  Unwrapper unwrapper;                      // for the floor; the matchers have their own
  Matches line_matches, list_matches;       // scratch
  std::vector<TermHit> term_hits;           // scratch

  // The floor's answers about hosts seen lately: hashing is the dear part. The host's hash chooses the slot,
  // its whole text is compared. 76 bytes each, only there where there is a floor.
  struct Remembered {
    static constexpr std::size_t max_host = 63;
    std::uint8_t length = 0;  // 0 = empty
    std::array<char, max_host> host;
    Floor::HostMatch match;
  };
  static constexpr std::size_t floor_memory_slots = 8192;
  std::vector<Remembered> floor_memory;
};

}  // namespace schoolgate
