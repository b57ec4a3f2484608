#include "config/floor_proof.h"

#include <algorithm>
#include <random>
#include <utility>

#include "rules/judge/judge.h"
#include "rules/policy/overrides.h"
#include "rules/url/url.h"

namespace schoolgate {
namespace {

constexpr std::size_t sealed_each_round = 12, questions_each_round = 400, most_opened_told = 20;
constexpr std::uint32_t proof_source = 0xfffffff0;

class FloorTrial {
 public:
  FloorTrial(const Snapshot& snapshot, std::uint64_t seed) : snapshot_(snapshot), dice_(seed) { collect(); }

  void round(FloorProof& proof) {
    seal();
    auto policy = Policy::compile(spec_);
    if (!policy) return;
    policy_ = std::move(*policy);
    Judge judge(policy_, snapshot_.lists, snapshot_.list_meanings);
    judge.use(overrides());
    proof.sealed += sealed_.size();
    for (std::size_t i = 0; i < questions_each_round; ++i) ask(judge, proof);
  }

 private:
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(dice_() % n); }
  bool one_in(std::size_t n) { return below(n) == 0; }

  // What the policy names, whether it opens or closes it: hosts and pages.
  void collect() {
    const PolicySpec& spec = snapshot_.policy->spec();
    const auto add = [&](const RuleEntry& rule) {
      if (rule.kind == RuleKind::domain || rule.kind == RuleKind::url) named_.push_back(rule.text);
    };
    for (const auto* lines : {&spec.tier_lines, &spec.locked_lines, &spec.help_lines})
      for (const Line& line : *lines) add(line.rule);
    for (const auto* bundles : {&spec.bundles, &spec.host_files})
      for (const Bundle& bundle : *bundles)
        named_.insert(named_.end(), bundle.hosts.begin(), bundle.hosts.end());
  }

  std::string some_address() {
    if (!named_.empty() && !one_in(4)) return named_[below(named_.size())];
    std::string made = "sealed" + std::to_string(dice_() % 1'000'000) + ".schoolgate.test";
    if (one_in(2)) made += "/page/" + std::to_string(dice_() % 100);
    return made;
  }

  void seal() {
    spec_ = snapshot_.policy->spec();
    SaltedFloor floor;
    for (std::uint8_t& byte : floor.salt) byte = static_cast<std::uint8_t>(dice_());
    sealed_.clear();
    while (sealed_.size() < sealed_each_round) {
      const std::string address = some_address();
      Url url;
      if (url.parse("http://" + address).failed()) continue;
      auto entry = seal_with(floor.salt, url);
      if (!entry) continue;
      entry->where = {proof_source, static_cast<std::uint32_t>(sealed_.size() + 1)};
      floor.entries.push_back(*entry);
      sealed_.push_back(address);
    }
    spec_.signed_floor = std::move(floor);
  }

  RuleEntry rule_of(const std::string& address) {
    RuleEntry rule;
    const bool page = address.find('/') != std::string::npos;
    rule.kind = page ? RuleKind::url : RuleKind::domain;
    rule.text = address;
    return rule;
  }

  // Everything that a person could do for a lesson, by somebody who may lift all.
  std::shared_ptr<const Overrides> overrides() {
    std::vector<Override> all;
    std::vector<Closing> closings;
    const Ending never{INT64_MAX, std::chrono::steady_clock::time_point::max()};
    for (TierId tier = 0; tier < policy_->tiers().size(); ++tier) {
      for (const std::string& address : sealed_) {
        if (one_in(3)) continue;
        Override one;
        static_cast<MayLift&>(one) = MayLift::all();
        one.id = static_cast<std::uint32_t>(all.size() + 1);
        one.action = Action::allow;
        one.tier = tier;
        one.rule = rule_of(address);
        one.end = never;
        all.push_back(std::move(one));
      }
      for (CategoryId category = 0; category < policy_->categories().size(); ++category) {
        if (!one_in(3)) continue;
        Override one;
        static_cast<MayLift&>(one) = MayLift::all();
        one.id = static_cast<std::uint32_t>(all.size() + 1);
        one.action = Action::allow;
        one.tier = tier;
        one.category = category;
        one.end = never;
        all.push_back(std::move(one));
      }
    }
    if (one_in(2)) {
      Closing room;
      room.id = static_cast<std::uint32_t>(all.size() + 1);
      for (TierId tier = 0; tier < policy_->tiers().size(); ++tier) room.tiers.push_back(tier);
      for (const std::string& address : sealed_) room.only.push_back(rule_of(address));
      room.lifts.assign(policy_->tiers().size(), MayLift::all());
      room.end = room.lifts_end = never;
      closings.push_back(std::move(room));
    }
    auto made = Overrides::compile(policy_, std::move(all), proof_source - 1, std::move(closings));
    return made ? *made : nullptr;
  }

  void ask(Judge& judge, FloorProof& proof) {
    std::string address = sealed_[below(sealed_.size())];
    const bool page = address.find('/') != std::string::npos;
    if (one_in(3) && !is_number(address)) address.insert(0, "www.");
    const bool by_name = !page && one_in(3);
    if (!page && one_in(2)) address += "/search?q=" + std::to_string(below(1000)) + "+test";
    if (page && one_in(2)) address += "/below";
    Url url;
    if (by_name) address = address.substr(0, address.find('/')) + ":443";
    const auto parsed =
        by_name ? url.parse_authority(address) : url.parse((one_in(2) ? "https://" : "http://") + address);
    if (parsed.failed()) return;
    std::vector<CategoryId> granted{no_category};
    for (CategoryId category = 0; category < policy_->categories().size(); ++category)
      granted.push_back(category);
    IpAddress client;
    if (!policy_->spec().networks.empty())
      client = policy_->spec().networks[below(policy_->spec().networks.size())].network.base;
    JudgeRequest request{url, by_name ? Stage::host : Stage::request,
                         static_cast<TierId>(below(policy_->tiers().size())),
                         LocalTime{static_cast<std::uint16_t>(below(LocalTime::minutes_per_week))}};
    request.granted = granted;
    request.client = &client;
    request.trusts_ca = one_in(2);
    const Verdict verdict =
        by_name && one_in(2) ? judge.evaluate_connect(request) : judge.judge(request).verdict;
    ++proof.asked;
    if (verdict.action == Action::block && verdict.layer == Layer::sealed_floor && verdict.flags.locked)
      return;
    if (++proof.opened_in_all > most_opened_told) return;
    proof.opened.push_back(address + " (" + policy_->tiers()[request.tier].id +
                           "): " + to_string(Effect{verdict.action, verdict.flags}) + ", " +
                           std::string(to_string(verdict.layer)));
  }

  static bool is_number(const std::string& address) {
    Url url;
    return url.parse("http://" + address).ok() && url.host().is_address();
  }

  const Snapshot& snapshot_;
  std::mt19937_64 dice_;
  std::vector<std::string> named_, sealed_;
  PolicySpec spec_;
  std::shared_ptr<const Policy> policy_;
};

}  // namespace

FloorProof prove_floor(const Snapshot& snapshot, std::uint64_t seed, std::uint32_t rounds) {
  FloorProof proof;
  FloorTrial trial(snapshot, seed);
  for (std::uint32_t i = 0; i < rounds; ++i) trial.round(proof);
  return proof;
}

}  // namespace schoolgate
