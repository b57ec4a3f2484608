// A file of tiers.d, and locked.yaml, hotlines.yaml: text -> values with their places. What the
// parts mean together is policy_builder's work.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/main/config.h"
#include "config/policy/bundle_reader.h"
#include "config/policy/category_reader.h"
#include "config/policy/line_reader.h"
#include "config/policy/periods_reader.h"
#include "config/text/load_context.h"
#include "rules/policy/policy.h"

namespace schoolgate {

// "tests: - {url: ..., expect: allow, at: T2 08:30}": run against the whole policy before it may be used.
struct PolicyTest {
  std::string url;
  Action expect = Action::block;
  LocalTime at{};
  Place where;
};

struct TimetableText {
  SchoolTimes when;
  bool by_school = false;  // it goes by holidays or terms
  std::vector<Placed<std::string>> categories;
  Effect effect;
  Place where;
};

// A name of `inspect_only`: "www.google.com" that host alone, "*.vtv.vn" those below.
struct InspectName {
  std::string host;  // canonical, without "*."
  bool below = false;
  Place where;
};

inline constexpr std::size_t tunnel_choices = 8;  // the Choice members of TunnelRules, in order
inline constexpr std::array<std::pair<std::string_view, Choice TunnelRules::*>, tunnel_choices> tunnel_keys{{
    {"address_target", &TunnelRules::address_target},
    {"odd_address", &TunnelRules::odd_address},
    {"sni_mismatch", &TunnelRules::sni_mismatch},
    {"no_sni", &TunnelRules::no_sni},
    {"several_names", &TunnelRules::several_names},
    {"sni_is_address", &TunnelRules::sni_is_address},
    {"not_tls", &TunnelRules::not_tls},
    {"hidden_name", &TunnelRules::hidden_name},
}};

struct TierFile {
  Placed<std::string> id;
  std::string name_vi, name_en, ages;
  std::optional<Placed<std::string>> extends;
  std::optional<Voice> voice;
  std::optional<bool> pupils;
  std::optional<Placed<Action>> default_action;
  // Whether the file says something of these, be it unreadable: then nothing more is said of their absence.
  bool says_default = false, says_categories = false;
  std::optional<WarnWithoutPage> warn_without_page;
  std::optional<SafeLevel> safesearch, youtube;
  std::optional<Lookalikes> lookalikes;
  std::optional<Placed<Https>> https;
  std::string https_reason;
  std::vector<InspectName> inspect_only;  // of `https`
  std::optional<Placed<Action>> unknown_on_hosting, unknown_engines;
  std::optional<std::vector<Placed<std::string>>> open_categories, may_override;
  std::array<std::optional<Choice>, tunnel_choices> tunnel;
  std::optional<std::vector<std::uint16_t>> ports;
  std::optional<std::vector<TunnelRules::Ports>> http_ports;
  std::vector<std::pair<Placed<std::string>, Effect>> categories;
  std::optional<Placed<Effect>> other;  // every category that is not named
  Place categories_where;
  std::vector<PlacedLine> lines;
  std::vector<TimetableText> timetable;  // its rows on categories; those on sites are lines
  bool lines_by_school = false;          // times of some line go by holidays or terms
  std::vector<PolicyTest> tests;
  std::vector<std::pair<std::string, Place>>
      keys;  // every key with a value; "tunnel: no_sni" for those inside
};

// `periods`, `bundles`: what rows of the timetable and lines may speak of.
[[nodiscard]] std::optional<TierFile> read_tier_file(const std::string& path, LoadContext& context,
                                                     const PeriodsFile& periods = {},
                                                     const Bundles& bundles = {});

// What no tier may change.
struct LockedFile {
  bool whole = true;                            // false: it could not be read
  std::vector<Placed<std::string>> categories;  // block+locked in every tier
  std::vector<PlacedLine> lines;
};
[[nodiscard]] LockedFile read_locked_file(const std::string& path, LoadContext& context, const Place& named);

struct HelpFile {
  std::vector<Hotline> hotlines;
  std::vector<PlacedLine> lines;
};
[[nodiscard]] HelpFile read_help_file(const std::string& path, LoadContext& context, const Place& named);

}  // namespace schoolgate
