#include "config/inspection.h"

#include <algorithm>
#include <span>

#include "config/lists/list_status.h"
#include "config/text/text_file.h"
#include "rules/lists/list_parser.h"
#include "rules/patterns/build/reach.h"
#include "rules/url/host_keys.h"
#include "rules/url/url.h"

namespace schoolgate {
namespace {

// Categories whose lists name places where people keep what is their own.
constexpr std::string_view private_categories[] = {"finance", "webmail", "file_sharing"};

bool lies_below(std::string_view host, std::string_view parent) {
  return host.size() > parent.size() && host.ends_with(parent) &&
         host[host.size() - parent.size() - 1] == '.';
}

Place place_of_https(const Snapshot& snapshot, TierId tier) {
  for (const TierKey& key : snapshot.tier_keys[tier])
    if (key.key == "https") return Place{key.where.source, {key.where.line, 1}, 0};
  return {};
}

// Devices of a tier that a listener gives are told by no network of it.
bool some_device_trusts(const Snapshot& snapshot, TierId tier) {
  const Policy& policy = *snapshot.policy;
  const auto& listen = snapshot.config.listen;
  const bool by_listener = std::any_of(
      listen.begin(), listen.end(), [&](const Listener& one) { return one.tier == policy.tiers()[tier].id; });
  if (!by_listener) return policy.some_trust_ca(tier);
  const auto& networks = policy.spec().networks;
  return !policy.spec().trust_is_said ||
         std::any_of(networks.begin(), networks.end(), [](const TierNetwork& one) { return one.trusts_ca; });
}

void check_device_trust(const Snapshot& snapshot, LoadContext& context) {
  const auto tiers = snapshot.policy->tiers();
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    if (!tiers[i].opens_any()) continue;
    const auto id = static_cast<TierId>(i);
    const Place where = place_of_https(snapshot, id);
    if (!snapshot.policy->spec().trust_is_said) {
      context.add(
          Severity::warning, diag::trust_unsaid, where,
          say("https connections are opened, and no line of who: says which devices trust the school's "
              "certificate: all are taken to"),
          say("in schoolgate.yaml, at each network whose devices have it: who: - {network: ..., tier: {}, "
              "trusts_ca: true}",
              tiers[i].id));
      return;
    }
    if (some_device_trusts(snapshot, id)) continue;
    context.add(
        Severity::warning, diag::trusted_nowhere, where,
        say("nothing is opened in this tier: none of its networks in who: says trusts_ca: true"),
        say("write trusts_ca: true at the networks whose devices have the certificate, or https: names"));
  }
}

struct Below {
  std::uint64_t closed = 0, opened = 0;
  std::string example;  // of those opened
};

// What is known to be private below a name.
Below count_below(const std::string& parent, const Tier& tier, const Snapshot& snapshot, Judge& judge) {
  Below below;
  for (const PrivateSite& site : private_sites()) below.closed += lies_below(site.name, parent) ? 1 : 0;
  const auto count = [&](const std::string& host) {
    Url url;
    if (!lies_below(host, parent) || url.parse_authority(host + ":443").failed()) return;
    if (private_site(host)) return;  // counted already
    if (!tier.inspect_only.holds(host) || judge.never_inspected(url)) {
      ++below.closed;
    } else if (below.opened++ == 0) {
      below.example = host;
    }
  };
  for (const ListStatus& status : snapshot.list_status) {
    const bool is_private = std::find(std::begin(private_categories), std::end(private_categories),
                                      status.source.category) != std::end(private_categories);
    if (!is_private) continue;
    const auto text = read_file(status.source.path, largest_list_file);
    if (!text) continue;
    (void)parse_list(*text, status.source.format, status.source.path, [&](RuleEntry&& entry) {
      if (entry.kind == RuleKind::domain && !entry.exception) count(entry.text);
    });
  }
  return below;
}

void check_name(const InspectName& name, const Tier& tier, const Snapshot& snapshot, Judge& judge,
                LoadContext& context) {
  Url url;
  if (url.parse_authority(name.host + ":443").failed()) return;
  const auto kind = private_site(name.host);
  const Message never = judge.never_inspected_because(url);
  if (kind || !never.empty()) {
    context.add(Severity::warning, diag::inspect_only_closed, name.where,
                say("{} stays closed: {}", name.host, kind ? message_of(*kind) : never),
                say("take it out of inspect_only"));
    return;
  }
  if (!name.below) return;
  const Below below = count_below(name.host, tier, snapshot, judge);
  Message said = say("every site below {} is opened", name.host);
  if (below.opened != 0)
    said =
        say("every site below {} is opened; of those known for sign-in, mail, files, meetings or money {} "
            "stay closed and {} are opened, such as {}",
            name.host, below.closed, below.opened, below.example);
  else if (below.closed != 0)
    said =
        say("every site below {} is opened; of those known for sign-in, mail, files, meetings or money {} "
            "stay closed and none is opened",
            name.host, below.closed);
  context.add(Severity::warning, diag::inspect_only_wide, name.where, std::move(said),
              say("name the hosts that are meant, one by one"));
}

bool needs_path(const RuleEntry& rule) {
  if (rule.kind != RuleKind::pattern) return rule.kind == RuleKind::url;
  const Pattern pattern{rule.text, rule.target, rule.case_sensitive};
  return can_match_an_address(pattern) && needs_a_path(pattern);
}

void add_engines(const Snapshot& snapshot, const Tier& tier, Waking& waking) {
  const SearchEngines& engines = snapshot.policy->engines();
  std::vector<const SearchEngine*> open;
  for (const std::string& text : tier.inspect_only.hosts) {
    if (!tier.inspect_only.holds(text)) continue;
    if (const SearchEngine* const engine = engines.find(HostKeys(text, false))) open.push_back(engine);
  }
  const bool any_words = !snapshot.policy->spec().terms.empty();
  for (const SearchEngine& engine : engines.all()) {
    const bool opened = std::find(open.begin(), open.end(), &engine) != open.end();
    if (engine.sees_words() && any_words) (opened ? waking.words : waking.words_asleep).push_back(engine.id);
    if (opened && (!engine.parameter.empty() || !engine.header.empty())) waking.safe.push_back(engine.id);
  }
}

void add_lines(const Snapshot& snapshot, TierId id, const Tier& tier, Waking& waking) {
  const PolicySpec& spec = snapshot.policy->spec();
  const auto add = [&](const Line& line) {
    if (!needs_path(line.rule)) return;
    const std::string host = line.rule.text.substr(0, line.rule.text.find('/'));
    const bool awake = line.rule.kind == RuleKind::pattern || tier.inspect_only.holds(host);
    (awake ? waking.lines : waking.lines_asleep).push_back(line.where);
  };
  for (const Line& line : spec.locked_lines) add(line);
  for (const Line& line : spec.tier_lines)
    if (snapshot.policy->depth(id, line.tier) != Policy::not_in_chain) add(line);
}

}  // namespace

void check_inspection(const PolicyDraft& draft, const Snapshot& snapshot, Judge& judge,
                      LoadContext& context) {
  check_device_trust(snapshot, context);
  const auto tiers = snapshot.policy->tiers();
  for (const auto& [tier, name] : draft.inspect_names)
    check_name(name, tiers[tier], snapshot, judge, context);
}

Message message_of(PrivateKind kind) {
  switch (kind) {
    case PrivateKind::sign_in:
      return say("a site where people sign in");
    case PrivateKind::mail:
      return say("a site where people read mail");
    case PrivateKind::files:
      return say("a site where people keep files");
    case PrivateKind::meetings:
      return say("a site where people meet");
    case PrivateKind::money:
      break;
  }
  return say("a site about people's money");
}

std::vector<Waking> what_wakes(const Snapshot& snapshot) {
  std::vector<Waking> all;
  const auto tiers = snapshot.policy->tiers();
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    const Tier& tier = tiers[i];
    if (tier.inspect_only.empty()) continue;
    Waking& waking = all.emplace_back();
    waking.tier = static_cast<TierId>(i);
    waking.sites = tier.inspect_only.hosts.size() + tier.inspect_only.below.size();
    waking.trusted = some_device_trusts(snapshot, waking.tier);
    add_engines(snapshot, tier, waking);
    add_lines(snapshot, waking.tier, tier, waking);
  }
  return all;
}

}  // namespace schoolgate
