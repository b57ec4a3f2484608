#include "config/tier_edit.h"

#include <algorithm>
#include <array>
#include <set>

#include "config/text/load_context.h"
#include "config/text/yaml_reader.h"
#include "rules/bytes/sha256.h"
#include "rules/diagnostic.h"

namespace schoolgate {
namespace {

// Keys that whoever has TierEdit::lines may write as they like; categories are looked at one by one.
constexpr std::array<std::string_view, 4> free_keys{"allow", "warn", "block", "tests"};
constexpr std::string_view categories_key = "categories";

std::optional<YamlNode> tree_of(std::string_view text) {
  Diagnostics ignored;
  auto root = read_yaml(text, "", ignored);
  if (root && root->kind != YamlNode::Kind::map) return std::nullopt;
  return root;
}

// Keys in any order, in quotes or not: what may not be quoted is refused by its reader.
bool same(const YamlNode* a, const YamlNode* b) {
  const auto is_there = [](const YamlNode* one) {
    return one != nullptr && one->kind != YamlNode::Kind::null;
  };
  if (!is_there(a) || !is_there(b)) return is_there(a) == is_there(b);
  if (a->kind != b->kind || a->text != b->text || a->children.size() != b->children.size()) return false;
  if (a->kind != YamlNode::Kind::map) {
    for (std::size_t i = 0; i < a->children.size(); ++i)
      if (!same(&a->children[i], &b->children[i])) return false;
    return true;
  }
  for (std::size_t i = 0; i + 1 < a->children.size(); i += 2)
    if (!same(&a->children[i + 1], b->find(a->children[i].text))) return false;
  for (std::size_t i = 0; i + 1 < b->children.size(); i += 2)
    if (!same(&b->children[i + 1], a->find(b->children[i].text))) return false;
  return true;
}

void add_keys(const YamlNode* map, std::set<std::string>& keys) {
  if (map == nullptr || map->kind != YamlNode::Kind::map) return;
  for (std::size_t i = 0; i + 1 < map->children.size(); i += 2) keys.insert(map->children[i].text);
}

// Of a category that the tier lets be overridden the action may change, nothing else.
std::optional<Message> beyond_action(const std::string& name, const YamlNode* after, const Policy& policy,
                                     const Tier& tier) {
  const auto id = policy.find_category(name);
  const bool may =
      id && std::find(tier.may_override.begin(), tier.may_override.end(), *id) != tier.may_override.end();
  if (!may) return say("the category \"{}\": may_override of this tier does not name it", name);
  const Effect& now = tier.effects[*id].effect;
  if (now.flags.locked) return say("the category \"{}\": it is locked", name);
  const auto wanted = after != nullptr && after->kind == YamlNode::Kind::scalar ? parse_effect(after->text)
                                                                                : std::optional<Effect>();
  if (after != nullptr && after->kind == YamlNode::Kind::scalar && !wanted)
    return std::nullopt;  // no action: the load says so, and refuses it
  if (!wanted) return say("the category \"{}\": it would no longer be named", name);
  if (wanted->flags != now.flags)
    return say("the category \"{}\": only its action may change, not what is told of it", name);
  if (wanted->action == Action::help || now.action == Action::help)
    return say("the category \"{}\": it is about help", name);
  return std::nullopt;
}

}  // namespace

std::optional<TierText> text_of_tier(const Snapshot& snapshot, const ConfigTexts& texts, TierId tier) {
  const Overlay none;
  const LoadContext context(snapshot.config.file, &texts, &none);
  const std::string folder = context.name_of(snapshot.config.policy.tiers_directory);
  const std::string& id = snapshot.policy->tiers()[tier].id;
  for (auto it = texts.files.lower_bound(folder + "/"); it != texts.files.end(); ++it) {
    if (!it->first.starts_with(folder + "/")) break;
    const auto root = tree_of(it->second);
    const YamlNode* const said = root ? root->find("tier") : nullptr;
    if (said != nullptr && said->text == id) return TierText{it->first, it->second};
  }
  return std::nullopt;
}

std::string version_of(std::string_view text) {
  return to_hex(sha256(text)).substr(0, 32);
}

std::size_t unseen_line(std::string_view text) {
  std::size_t number = 1;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (printable(line) != line) return number;
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
  }
  return 0;
}

std::string with_plain_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') out += text[i];
    if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) out += '\n';
  }
  if (!out.empty() && !out.ends_with('\n')) out += '\n';
  return out;
}

TierEdit edit_right(const Policy& policy, std::string_view account, TierId tier) {
  TierEdit most = TierEdit::nothing;
  if (account.empty()) return most;
  for (const Delegation& one : policy.spec().delegations)
    if (one.account == account && std::find(one.tiers.begin(), one.tiers.end(), tier) != one.tiers.end())
      most = std::max(most, one.edit);
  return most;
}

std::vector<TierId> changed_with(const Policy& policy, TierId tier) {
  std::vector<TierId> out;
  for (TierId id = 0; id < policy.tiers().size(); ++id) {
    std::optional<TierId> one = id;
    while (one && *one != tier) one = policy.tiers()[*one].parent;
    if (one) out.push_back(id);
  }
  return out;
}

std::optional<Message> not_to_edit(const Policy& policy, const std::string& account, TierId tier) {
  const TierEdit right = edit_right(policy, account, tier);
  if (right == TierEdit::nothing)
    return say("delegation.yaml does not let \"{}\" change the file of the tier \"{}\"", account,
               policy.tiers()[tier].id);
  for (const TierId id : changed_with(policy, tier))
    if (edit_right(policy, account, id) < right)
      return say("the tier \"{}\" extends \"{}\", and delegation.yaml does not let \"{}\" change it",
                 policy.tiers()[id].id, policy.tiers()[tier].id, account);
  return std::nullopt;
}

std::optional<Message> beyond_lines(std::string_view before, std::string_view after, const Policy& policy,
                                    TierId tier) {
  const auto then = tree_of(before), now = tree_of(after);
  if (!then || !now) return std::nullopt;
  std::set<std::string> keys;
  add_keys(&*then, keys);
  add_keys(&*now, keys);
  for (const std::string& key : keys) {
    if (std::find(free_keys.begin(), free_keys.end(), key) != free_keys.end()) continue;
    const YamlNode *const a = then->find(key), *const b = now->find(key);
    if (same(a, b)) continue;
    const auto is_map = [](const YamlNode* one) {
      return one != nullptr && one->kind == YamlNode::Kind::map;
    };
    if (key != categories_key || !is_map(a) || !is_map(b)) return say("the key \"{}\"", key);
    std::set<std::string> names;
    add_keys(a, names);
    add_keys(b, names);
    for (const std::string& name : names)
      if (!same(a->find(name), b->find(name)))
        if (auto why = beyond_action(name, b->find(name), policy, policy.tiers()[tier])) return why;
  }
  return std::nullopt;
}

}  // namespace schoolgate
