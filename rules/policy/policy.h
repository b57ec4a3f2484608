// Everything a school decided, as one immutable object: categories, tiers, lines, timetables, who is in which
// tier. Built from plain values by config/; never reads a file, a clock or a socket.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "rules/db/rule_db.h"
#include "rules/diagnostic.h"
#include "rules/policy/bundle.h"
#include "rules/policy/exam.h"
#include "rules/policy/floor.h"
#include "rules/policy/schedule.h"
#include "rules/policy/school_clock.h"
#include "rules/policy/school_times.h"
#include "rules/rule.h"
#include "rules/url/ip.h"
#include "rules/verdict.h"
#include "rules/words/search_engines.h"
#include "rules/words/term_rules.h"

namespace schoolgate {

struct Category {
  std::string id;  // "gambling"
  std::string name_vi, name_en;
  std::string reason_vi, reason_en;  // one sentence for pupils
  bool protecting = false;           // beats every list category but csam and malware
  bool beats_protecting = false;     // csam, malware
  enum class ShowName : std::uint8_t { yes, no, older } show_name = ShowName::yes;
  // What the names of its lists teach: what such sites are called, what ordinary ones are called, or nothing.
  enum class Names : std::uint8_t { nothing, lookalikes, benign } names = Names::nothing;
};

// What a tier does with a host that no rule names and that looks like those of a category's lists. Never
// stricter than the category itself.
enum class Lookalikes : std::uint8_t { off, record, warn, block };

// What to do with a target that is doubtful: a tunnel's name, an address, a port. Each is a choice per tier.
enum class Choice : std::uint8_t { block, allow_and_record, allow };
struct TunnelRules {
  Choice address_target = Choice::block;  // the authority is an IP literal in canonical spelling
  Choice odd_address = Choice::block;     // an IP literal spelled in another way (0x7f.1, 2130706433)
  Choice sni_mismatch = Choice::block;    // SNI is another name than the authority
  Choice no_sni = Choice::block;
  Choice several_names = Choice::block;  // more than one entry or extension
  Choice sni_is_address = Choice::block;
  Choice not_tls = Choice::block;      // first bytes are no TLS handshake
  Choice hidden_name = Choice::block;  // Encrypted ClientHello with a known public name or a differing SNI
  std::vector<std::uint16_t> ports{443, 80};  // CONNECT ports; others are blocked
  // Of plain http; others are blocked, and within a range of several those that browsers refuse. The choices
  // about addresses above hold for plain http as well.
  struct Ports {
    std::uint16_t first, last;  // both count
  };
  std::vector<Ports> http_ports{{80, 80}, {443, 443}, {1024, 65535}};
};

// How far https is opened. `names`: never. `block_page`: only connections to what is blocked or warned about,
// to show the page. `inspect`: all, except what is never inspected.
enum class Https : std::uint8_t { names, block_page, inspect };

// The sites that a tier inspects and no others (`inspect_only`). A name is that host alone.
struct InspectOnly {
  std::vector<std::string> hosts;  // canonical, ascending
  std::vector<std::string> below;  // of "*.x": x, canonical, ascending; the hosts below x, not x itself
  [[nodiscard]] bool empty() const noexcept { return hosts.empty() && below.empty(); }
  // `host` is canonical. Never what private_site() knows, nor, below a "*.x", what is named like a door or a
  // letter box (private_sites.h).
  [[nodiscard]] bool holds(std::string_view host) const noexcept;
};

enum class WarnWithoutPage : std::uint8_t { block, allow_and_record };
enum class Voice : std::uint8_t { small_children, pupils, adults };  // how pages speak

struct TimetableEntry {
  SchoolTimes when;
  std::vector<CategoryId> categories;
  Effect effect;
  RuleRef where;
  TierId tier = 0;  // that wrote it
  // Its times lie wholly within the other's: it is the other's exception.
  [[nodiscard]] bool is_exception_of(const TimetableEntry& other) const {
    return when.lies_within(other.when) && !other.when.lies_within(when);
  }
};

// An explicit line: "allow: [vi.wikipedia.org]".
struct Line {
  Effect effect;
  RuleEntry rule;
  RuleRef where;
  std::string why;  // the author's reason; shown by explain
  // "terms: off": it overrules rules on search words on its host, but for those of locked categories.
  bool lifts_words = false;
  bool not_tls = false;  // "tunnel: [not_tls]": a tunnel to it may carry something else than TLS
  TierId tier = 0;       // tier lines: the tier that wrote it
  std::string bundle;    // whose host this is; all lines of one have one place. "": a site by itself
  // Of a row of the timetable: it speaks at these times alone, and then overrules what its tier says of the
  // same site at all times. Among several, as with rows on categories, one that is another's exception wins.
  std::optional<SchoolTimes> when{};

  // Equal for lines of one tier on the same site.
  using Site = std::tuple<TierId, RuleKind, std::string_view, bool, PatternTarget, bool>;
  [[nodiscard]] Site site() const noexcept {
    return {tier, rule.kind, rule.text, rule.subdomains, rule.target, rule.case_sensitive};
  }
  // What it says then; nullopt: nothing. In doubt about the time one that allows does not speak, one that
  // blocks does, and one that warns blocks: whatever is said of the site at other times, this is no milder.
  [[nodiscard]] std::optional<Action> action_at(LocalTime time) const noexcept;
};

struct CategoryEffect {
  Effect effect;
  RuleRef where;
  bool named_by_tier = false;
  TierId tier = 0;  // that said it
};

struct Tier {
  std::string id;
  std::string name_vi, name_en;
  std::string ages;              // as written, "11-14"; for people, may be empty
  std::optional<TierId> parent;  // `extends`
  bool pupils = true;            // `alert` works here
  Voice voice = Voice::pupils;
  Action default_action = Action::block;
  RuleRef default_where;
  std::vector<CategoryId> open_categories;
  std::vector<CategoryId> may_override;
  WarnWithoutPage warn_without_page = WarnWithoutPage::block;
  SafeLevel safesearch = SafeLevel::strict, youtube = SafeLevel::strict;
  Lookalikes lookalikes = Lookalikes::off;
  Https https = Https::names;
  std::string https_reason;  // why connections are opened, as the school wrote it
  InspectOnly inspect_only;  // opened like `inspect`, whatever `https` says
  // What is done with a site below a hosting platform (x.github.io) that no line and no list names; nullopt:
  // what is done with any other.
  std::optional<Action> unknown_on_hosting;
  RuleRef hosting_where;
  // What is done with small search engines (SearchEngine::small); nullopt: what the engine's entry says.
  std::optional<Action> unknown_engines;
  RuleRef engines_where;
  TunnelRules tunnel;
  std::vector<CategoryEffect> effects;    // by CategoryId, inheritance resolved
  std::vector<TimetableEntry> timetable;  // own and inherited

  // How far connections to this host (canonical) are opened, unless it is one that never is.
  [[nodiscard]] Https https_at(std::string_view host) const noexcept {
    return inspect_only.holds(host) ? Https::inspect : https;
  }
  [[nodiscard]] bool inspects_any() const noexcept {
    return https == Https::inspect || !inspect_only.empty();
  }
  [[nodiscard]] bool opens_any() const noexcept { return https != Https::names || !inspect_only.empty(); }
};

struct TierNetwork {
  Network network;
  TierId tier;
  RuleRef where;
  bool trusts_ca = false;  // its devices trust the school's certificate
};

// What of its tiers' files an account may change for good, on the staff's pages: allow, warn, block, tests
// and the actions of categories that may_override names; or everything but locks.
enum class TierEdit : std::uint8_t { nothing, lines, whole };

// What the school lets one account do (delegation.yaml).
struct Delegation {
  std::string account;  // a user of the system
  std::vector<TierId> tiers;
  std::vector<CategoryId> open, block;
  std::vector<RoomId> rooms;  // may switch
  bool lines = false;         // may lift a tier's own lines
  bool unknown = false;       // may open what no list holds
  TierEdit edit = TierEdit::nothing;
  static constexpr std::uint32_t most_minutes = 90;
  std::uint32_t minutes_max = most_minutes;
  RuleRef where;
};

// Who looks after cases on the staff's pages (delegation.yaml, safeguarding:).
struct CaseKeepers {
  std::vector<std::string> accounts;
  bool reveal_alone = false;  // nobody else need agree before one of several sees who is behind a device
};

struct PolicySpec {
  std::vector<Category> categories;
  std::vector<Tier> tiers;
  std::vector<Line> tier_lines;             // layer 5
  std::vector<Line> locked_lines;           // layer 3, the school's
  std::vector<Line> help_lines;             // layer 2, always allow
  std::vector<FloorEntry> floor;            // layer 1
  std::optional<SaltedFloor> signed_floor;  // as well
  std::vector<TermRule> terms;              // layer 6: matches of their categories
  std::vector<TermVariant> term_variants;
  std::vector<CategoryId> path_terms_not_on;  // on their sites words of paths do not count
  std::vector<std::string> path_unless;       // terms; with them neither, see TermRules::compile()
  std::vector<SearchEngine> engines;
  std::vector<TierNetwork> networks;
  // Some network says whether its devices trust the school's certificate: then only those that say yes are
  // taken to. Otherwise all are.
  bool trust_is_said = false;
  TierId unknown_tier = 0;
  RuleRef unknown_where;
  // Connections to these are never opened, whatever the tier says: banks, health, government.
  std::vector<CategoryId> never_inspect_categories;
  std::vector<std::string> never_inspect_hosts;  // canonical; holds the names below them too
  std::vector<Network> never_inspect_networks;   // of addresses, which are not opened anyhow: for explain
  std::vector<Delegation> delegations;           // who may override for a time; see overrides.h
  CaseKeepers case_keepers;
  std::vector<Bundle> bundles;     // lines of tiers have taken from them what they name
  std::vector<Bundle> host_files;  // files of hosts, as bundles; their id is the file's name
  std::vector<Room> rooms;         // at most most_rooms
  std::vector<Exam> exams;
  SchoolClock clock;  // rows of timetables have taken from it what they speak of
};

class Policy {
 public:
  // Compiles the lines into a rule database of their own and the floor into sets. Errors: a pattern RE2
  // refuses, and whatever would make a decision meaningless: no tier, an id twice, `extends` in a circle,
  // effects that do not fit the categories, `locked` on another action than block, an unknown_tier that is no
  // pupils' tier, a default that is neither allow nor block. config/ finds these first and says where; here
  // they fail closed.
  [[nodiscard]] static Result<std::shared_ptr<const Policy>> compile(PolicySpec spec);

  [[nodiscard]] std::span<const Category> categories() const noexcept { return spec_.categories; }
  [[nodiscard]] std::span<const Tier> tiers() const noexcept { return spec_.tiers; }
  [[nodiscard]] std::optional<CategoryId> find_category(std::string_view id) const noexcept;
  [[nodiscard]] std::optional<TierId> find_tier(std::string_view id) const noexcept;
  [[nodiscard]] std::optional<RoomId> find_room(std::string_view name) const noexcept;
  // A bundle, or a file of hosts; null: there is none of this name.
  [[nodiscard]] const Bundle* find_hosts(std::string_view id) const noexcept;

  // Longest prefix; unknown_tier if none holds it.
  [[nodiscard]] TierId tier_of(const IpAddress& client) const noexcept;
  // Whether devices at this address trust the school's certificate, so that connections may be opened: what
  // the longest prefix says, else no; everybody where trust_is_said is false.
  [[nodiscard]] bool trusts_ca(const IpAddress& client) const noexcept;
  // Whether some device of this tier may.
  [[nodiscard]] bool some_trust_ca(TierId tier) const noexcept;
  // The action of a category in a tier at a time, timetable applied. A locked action is not changed by
  // timetables, nor what a tier says itself by its parent's. Of rows that apply, those of the nearest tier
  // count; among them an exception beats what it is an exception of, then the stricter. In doubt about the
  // time: the strictest of what holds without rows and of all rows that may ever apply.
  [[nodiscard]] CategoryEffect effect(TierId tier, CategoryId category, LocalTime time) const noexcept;
  // Minutes until some timetable of some tier may change an action or a line, or an exam begins or ends;
  // SchoolTimes::never: none will.
  [[nodiscard]] std::uint32_t minutes_to_next_edge(LocalTime now) const;

  [[nodiscard]] const PolicySpec& spec() const noexcept { return spec_; }
  [[nodiscard]] const std::shared_ptr<const RuleDb>& lines_db() const noexcept { return lines_db_; }
  // Tags of lines_db(): the help lines, then the locked ones, then those of the tiers.
  [[nodiscard]] std::size_t line_count() const noexcept;
  [[nodiscard]] const Line& line(Tag tag) const noexcept;
  [[nodiscard]] Layer layer_of(Tag tag) const noexcept;
  // Of a line with times: the lines of its tier on the same site whose times are its exceptions.
  [[nodiscard]] std::span<const Tag> line_exceptions(Tag tag) const noexcept;
  // Steps of `extends` from a tier to one it inherits from: 0 for itself.
  static constexpr std::uint8_t not_in_chain = 255;
  [[nodiscard]] std::uint8_t depth(TierId tier, TierId ancestor) const noexcept;
  [[nodiscard]] const Floor& floor() const noexcept { return floor_; }
  // Never null.
  [[nodiscard]] const std::shared_ptr<const TermRules>& terms() const noexcept { return terms_; }
  [[nodiscard]] const SearchEngines& engines() const noexcept { return engines_; }

 private:
  explicit Policy(PolicySpec spec);
  [[nodiscard]] const TimetableEntry* row_of(TierId tier, CategoryId category, LocalTime time) const noexcept;
  void find_exceptions();
  void find_line_exceptions();
  [[nodiscard]] CategoryEffect strictest(TierId tier, CategoryId category) const noexcept;
  PolicySpec spec_;
  std::vector<std::byte> lines_bytes_;
  std::shared_ptr<const RuleDb> lines_db_;
  Floor floor_;
  std::shared_ptr<const TermRules> terms_;
  SearchEngines engines_;
  std::vector<TierNetwork> by_prefix_;  // longest first
  // By tier and row of its timetable: the rows that are its exceptions.
  std::vector<std::vector<std::vector<std::uint32_t>>> exceptions_;
  std::map<Tag, std::vector<Tag>> line_exceptions_;
};

}  // namespace schoolgate
