#include "config/policy_checks.h"

#include <algorithm>
#include <string>

#include "config/inspection.h"
#include "config/text/suggest.h"
#include "rules/judge/judge.h"
#include "rules/message.h"
#include "rules/url/url.h"

namespace schoolgate {
namespace {

// rules/ knows files by their index and no columns; a person wants the path to open and the word underlined.
void complete_place(Diagnostic& diagnostic, const PolicyDraft& draft, const LoadContext& context) {
  const auto& names = context.sources();
  const auto found = std::find(names.begin(), names.end(), diagnostic.file);
  if (found == names.end()) return;
  const auto source = static_cast<std::uint32_t>(found - names.begin());
  diagnostic.file = context.opened_path(source);
  for (const auto& [tier, line] : draft.tier_lines) {
    if (line.where.source != source || line.where.pos.line != diagnostic.pos.line) continue;
    // "`allow: www.a.vn` ..." or "`www.a.vn` ...": not about a.vn, which may stand in the same line.
    const std::string named = line.line.rule.text + "`";
    if (diagnostic.message.english().find(": " + named) == std::string::npos &&
        diagnostic.message.english().find("`" + named) == std::string::npos)
      continue;
    diagnostic.pos = line.where.pos;
    diagnostic.length = line.where.length;
    return;
  }
}

void run_tests(const PolicyDraft& draft, const Snapshot& snapshot, Judge& judge, LoadContext& context) {
  Url url;
  for (const auto& [tier, test] : draft.tests) {
    if (const auto parsed = url.parse(escape_typed_url(test.url)); parsed.failed()) {
      context.add(Severity::error, diag::policy_test_failed, test.where,
                  say("\"{}\" is not a URL: {}", test.url, message_of(parsed.error())),
                  url.parse("https://" + escape_typed_url(test.url)).ok()
                      ? say("write https://{}", test.url)
                      : say("a whole address: https://example.vn/page"));
      continue;
    }
    const Verdict verdict = judge.evaluate({url, Stage::request, tier, test.at, {}});
    if (verdict.action == test.expect) continue;
    const std::string place = snapshot.place(verdict.rule), now(to_string(verdict.action));
    context.add(Severity::error, diag::policy_test_failed, test.where,
                place.empty() ? say("this test wants {}, and the policy says {}", to_string(test.expect), now)
                              : say("this test wants {}, and the policy says {} ({})", to_string(test.expect),
                                    now, place),
                say("if that is meant, the test may be changed (expect: {}) or deleted; why it is so: "
                    "schoolgate explain {} --tier {} --at \"{}\"",
                    now, test.url, snapshot.policy->tiers()[tier].id, moment_text(test.at)));
  }
}

const Bundle* bundle_of(const Line& line, const Snapshot& snapshot) {
  const bool opens_site =
      line.effect.action == Action::allow && line.rule.kind == RuleKind::domain && line.bundle.empty();
  if (!opens_site) return nullptr;
  for (const Bundle& bundle : snapshot.policy->spec().bundles) {
    const std::string& site = bundle.hosts.front();
    if (line.rule.text == site || line.rule.text.ends_with("." + site)) return &bundle;
  }
  return nullptr;
}

// A line that opens a site while hosts stay closed without which its pages show nothing.
void note_bundles(const PolicyDraft& draft, const Snapshot& snapshot, Judge& judge, LoadContext& context) {
  for (const auto& [tier, line] : draft.tier_lines) {
    const Bundle* const bundle = bundle_of(line.line, snapshot);
    if (bundle == nullptr) continue;
    std::vector<std::string> closed;
    for (const std::vector<std::string>* const hosts : {&bundle->hosts, &bundle->shared})
      for (const std::string& host : *hosts) {
        Url url;
        if (url.parse("https://" + host + "/").failed()) continue;
        if (judge.evaluate({url, Stage::host, tier, LocalTime{}, {}}).action == Action::block)
          closed.push_back(host);
      }
    if (closed.empty()) continue;
    constexpr std::size_t most_named = 4;
    context.add(
        Severity::note, diag::bundle_known, line.where,
        say("{} needs hosts that stay closed in this tier: {}", bundle->name, join_words(closed, most_named)),
        say("write \"bundle: {}\" in place of the name, which opens them too", bundle->id));
  }
}

// A tier that closes look-alikes of a category whose names are too few for that.
void note_lookalikes(const Snapshot& snapshot, LoadContext& context) {
  const Policy& policy = *snapshot.policy;
  const auto models = snapshot.lists->lookalikes().all();
  for (std::size_t id = 0; id < policy.tiers().size() && id < snapshot.tier_keys.size(); ++id) {
    const Tier& tier = policy.tiers()[id];
    if (tier.lookalikes != Lookalikes::warn && tier.lookalikes != Lookalikes::block) continue;
    const auto key = std::find_if(snapshot.tier_keys[id].begin(), snapshot.tier_keys[id].end(),
                                  [](const TierKey& one) { return one.key == "lookalikes"; });
    if (key == snapshot.tier_keys[id].end() || key->tier != id) continue;
    std::vector<std::string> few;
    for (const Category& category : policy.categories()) {
      if (category.names != Category::Names::lookalikes) continue;
      const bool acts = std::any_of(models.begin(), models.end(), [&](const LookalikeModel& model) {
        return model.category == category.id && model.may_act();
      });
      if (!acts) few.push_back(category.id);
    }
    if (few.empty()) continue;
    context.add(Severity::warning, diag::lookalikes_act_not, {key->where.source, {key->where.line, 1}, 0},
                say("too few names are known to close sites by their names alone: look-alikes are recorded "
                    "only, of: {}",
                    join_words(few)),
                say("it takes {} entries of the category and {} of categories that say `names: benign`",
                    fewest_to_act, fewest_benign_to_act));
  }
}

}  // namespace

void check_reach(const std::vector<ListEntry>& lists, const Snapshot& snapshot, LoadContext& context) {
  for (const ListEntry& entry : lists) {
    const auto category =
        entry.reaches_category ? snapshot.policy->find_category(*entry.category) : std::nullopt;
    if (!category) continue;
    for (const Tier& tier : snapshot.policy->tiers()) {
      if (!tier.effects[*category].effect.flags.locked) continue;
      context.add(
          Severity::error, diag::list_reach_locked, entry.where,
          say("list {}: tier {} locks {}, and exceptions of one list reach no other of a locked category",
              entry.name, tier.id, *entry.category),
          say("delete reach: category, or write what is to be open into locked.yaml"));
      break;
    }
  }
}

void run_policy_checks(const PolicyDraft& draft, const Snapshot& snapshot, LoadContext& context) {
  const auto judge = snapshot.make_judge();
  for (Diagnostic diagnostic : policy_conflicts(*judge, context.sources())) {
    complete_place(diagnostic, draft, context);
    context.diagnostics.push_back(std::move(diagnostic));
  }
  check_inspection(draft, snapshot, *judge, context);
  note_bundles(draft, snapshot, *judge, context);
  note_lookalikes(snapshot, context);
  run_tests(draft, snapshot, *judge, context);
}

namespace {

constexpr LocalTime monday_at_ten{10 * 60};

bool lets_in(Judge& judge, const Url& url, TierId tier, Verdict& verdict) {
  verdict = judge.evaluate({url, Stage::request, tier, monday_at_ten, {}});
  return verdict.action == Action::allow || verdict.action == Action::warn;
}

}  // namespace

void check_must_work(const PolicyDraft& draft, const Snapshot& snapshot, const Snapshot* before,
                     bool warn_alone, LoadContext& context) {
  const auto judge = snapshot.make_judge();
  const std::unique_ptr<Judge> former = before == nullptr ? nullptr : before->make_judge();
  const auto was_closed = [&](const Url& url, const std::string& tier) {
    Verdict then;
    const auto id = former == nullptr ? std::nullopt : before->policy->find_tier(tier);
    return id && !lets_in(*former, url, *id, then);
  };
  Url url;
  for (const auto& [tiers, entry] : draft.must_work) {
    if (url.parse("https://" + entry.host + "/").failed()) continue;
    for (const TierId tier : tiers) {
      Verdict verdict;
      if (lets_in(*judge, url, tier, verdict)) continue;
      const std::string place = snapshot.place(verdict.rule), id = snapshot.policy->tiers()[tier].id;
      const bool warns = warn_alone || was_closed(url, id);
      context.add(
          warns ? Severity::warning : Severity::error, diag::must_work_closed, entry.where,
          place.empty() ? say("{} must work, and tier \"{}\" closes it", entry.host, id)
                        : say("{} must work, and tier \"{}\" closes it ({})", entry.host, id, place),
          say("take that line or entry out; or if it is meant, take {0} out of this file, or say with tiers: "
              "where it must work",
              entry.host));
      if (!warns) break;
    }
  }
}

}  // namespace schoolgate
