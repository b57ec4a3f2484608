#include "tools/daemon/teacher_target.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/policy/category_reader.h"
#include "config/policy/line_reader.h"
#include "config/text/suggest.h"
#include "rules/url/public_suffix.h"

namespace schoolgate::tools {
namespace {

bool is_address(const std::string& host) {
  Url url;
  return url.parse("http://" + host + "/").failed() || url.host().is_address();
}

// Of one word, which may be meant as a category or a bundle.
Message neither_category_nor_site(const Policy& policy, const std::string& word) {
  if (policy.find_hosts(word) != nullptr)
    return say("\"{0}\" is neither a category nor a site, but a bundle: write bundle:{0}", word);
  std::vector<std::string> known;
  for (const Category& one : policy.categories()) known.push_back(one.id);
  for (const Bundle& one : policy.spec().bundles) known.push_back("bundle:" + one.id);
  const std::string_view meant = meant_word(word, known);
  const Message hint =
      meant.empty() ? category_called(policy.categories(), word) : say("did you mean \"{}\"?", meant);
  return hint.empty() ? say("\"{}\" is neither a category nor a site: name one, as in zalo.me", word)
                      : say("\"{}\" is neither a category nor a site; {}", word, hint);
}

// What to write in place of "*.zalo.me", ".zalo.me" or "zalo*"; empty: there is nothing of the kind.
Message why_no_pattern(const std::string& text) {
  std::string host = text.substr(text.find("://") == std::string::npos ? 0 : text.find("://") + 3);
  host.resize(std::min(host.find_first_of("/?#"), host.size()));
  const bool below = host.starts_with("*.") || host.starts_with('.');
  if (!below && host.find('*') == std::string::npos) return {};
  if (below) host.erase(0, host.find('.') + 1);
  const auto rule = below ? rule_from_text(host) : Result<RuleEntry>(Error{});
  if (!rule || rule->kind != RuleKind::domain || host.find('.') == std::string::npos)
    return say("\"{}\" is a pattern: name one site, as in zalo.me", text);
  if (public_suffix(rule->text) != Suffix::none) return {};
  return say("\"{}\" is a pattern: write {}, which means every name below it too", text, host);
}

}  // namespace

bool sees_paths(const Snapshot& snapshot, Judge& judge, const Tier& tier, const std::string& host) {
  Url url;
  if (tier.https_at(host) != Https::inspect || !snapshot.config.https.needed) return false;
  const auto id = snapshot.policy->find_tier(tier.id);
  if (!id || !snapshot.policy->some_trust_ca(*id)) return false;
  return url.parse_authority(host + ":443").ok() && !judge.never_inspected(url);
}

Message no_such_bundle(const Policy& policy, const std::string& name) {
  std::vector<std::string> known;
  for (const Bundle& one : policy.spec().bundles) known.push_back(one.id);
  if (known.empty()) return say("there is no bundle \"{}\"", name);
  const std::string_view meant = meant_word(name, known);
  return meant.empty() ? say("there is no bundle \"{}\"; there are: {}", name, join_words(known))
                       : say("there is no bundle \"{}\"; did you mean {}?", name, std::string(meant));
}

Result<std::string, Message> named_site(const Snapshot& snapshot, const Tier& tier, const std::string& text) {
  if (Message refused = why_no_pattern(text); !refused.empty()) return refused;
  if (text.find_first_of(".:/") == std::string::npos)
    return neither_category_nor_site(*snapshot.policy, text);
  const auto rule = rule_from_text(text);
  if (!rule) return say("\"{}\" is no site: {}", text, rule.error().message);
  if (rule->kind != RuleKind::domain && rule->kind != RuleKind::url)
    return say("\"{}\" is a network: name a site, as in zalo.me", text);
  const std::string host = rule->text.substr(0, rule->text.find('/'));
  if (is_address(host)) return say("\"{}\" is an address: name a site, as in zalo.me", text);
  if (const auto again = rule_from_text(rule->text); !again || again->text != rule->text)
    return say("\"{}\" is no site that can be opened or blocked for a lesson", text);
  if (host.find('.') == std::string::npos) return neither_category_nor_site(*snapshot.policy, text);
  if (public_suffix(host) != Suffix::none)
    return say("\"{}\" is the ending of many sites: name one of them", text);
  if (rule->kind == RuleKind::url && !text.starts_with("http://")) {
    const auto judge = snapshot.make_judge();
    if (!sees_paths(snapshot, *judge, tier, host))
      return say(
          "of https pages of {0} only the name is seen in tier \"{1}\", so all of {0} would be meant: write "
          "{0} if that is wanted",
          host, tier.id);
  }
  return rule->text;
}

}  // namespace schoolgate::tools
