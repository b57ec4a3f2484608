// The Judge against the slow evaluator that follows the text, on random policies and URLs; and its laws.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <random>
#include <set>

#include "tests/support/draws.h"
#include "tests/support/policy_text.h"
#include "tests/support/reference_judge.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class T>
  const T& of(const std::vector<T>& all) {
    return all[below(all.size())];
  }

 private:
  std::mt19937 random_;
};

const std::vector<std::string> hosts{"a.vn",   "b.a.vn",   "c.b.a.vn", "d.vn",
                                     "x-a.vn", "10.0.0.7", "10.0.0.8", "k.example"};
const std::vector<std::string> networks{"10.0.0.0/24", "10.0.0.0/8", "10.0.0.0/29",
                                        "10.0.0.7/32", "0.0.0.0/0",  "::/0"};
const std::vector<std::string> paths{"/",          "/x",       "/x/y",
                                     "/x/y/z",     "/xy",      "/q?w=one",
                                     "/x/y?w=two", "/one-two", "/q?w=one+t%E1%BB%AD&w=one+two"};
const std::vector<std::string> ports{":25", ":81", ":443", ":1024", ":6667", ":8080", ":10080"};
// \C{0} stands for nothing, but only RE2 reads \C: so a long address leaves all of them unanswered.
const std::vector<std::string> patterns{R"(one\C{0})", R"(x/y\C{0})",  R"(^a[.]\C{0})",
                                        R"(^b\C{0})",  R"(two\C{0}$)", R"(vn/x\C{0})"};
const std::vector<std::string> effects{"allow",        "allow+record", "warn",       "block",
                                       "block+locked", "help",         "help+alert", "allow+locked"};
const std::vector<std::string> schedules{"T2-T6 07:00-11:30", "T3 00:00-24:00", "T3 08:00-09:00",
                                         "T2-CN 10:00-16:00"};

class RandomWorld {
 public:
  explicit RandomWorld(Dice& dice) : dice_(dice), world_(std::make_unique<World>()) {
    world_->rule_texts.emplace_back("default");
    add_categories();
    add_lists();
    add_tiers();
    for (std::size_t n = dice_.below(3); n > 0; --n) {
      world_->spec.locked_lines.push_back(line({"allow", "block", "warn", "allow+locked", "block+locked"}));
    }
    if (dice_.one_in(3)) {
      Line added = line({"allow"});
      while (added.rule.kind == RuleKind::network) added.rule = rule(false);  // a help line names a site
      world_->spec.help_lines.push_back(added);
    }
    for (std::size_t n = dice_.below(8); n > 0; --n) {
      Line added = line({"allow", "allow+record", "warn", "block", "help+alert"});
      added.tier = static_cast<TierId>(dice_.below(world_->spec.tiers.size()));
      if (dice_.one_in(3) && added.effect.action != Action::help) {
        added.when = *Schedule::parse(dice_.of(schedules));
        added.lifts_words = false;
        // Often beside others on the same site, at other times or at all.
        if (dice_.one_in(2) && !world_->spec.tier_lines.empty()) {
          const Line& other = world_->spec.tier_lines.back();
          added.rule = other.rule;
          added.tier = other.tier;
        }
      }
      world_->spec.tier_lines.push_back(added);
    }
    if (dice_.one_in(4)) add_floor();
    if (dice_.one_in(2)) add_terms();
    // The Judge has the floor as a signed one in half of the worlds; the slow judge reads the plain one.
    std::vector<FloorEntry> plain = world_->spec.floor;
    if (!plain.empty() && plain.front().where.line % 2 == 0) {
      world_->spec.signed_floor = std::move(salted_);
      world_->spec.floor.clear();
    }
    compile_world(*world_);
    world_->spec.floor = std::move(plain);
  }

  std::unique_ptr<World> take() { return std::move(world_); }

 private:
  Effect effect() { return *parse_effect(dice_.of(effects)); }

  RuleRef place() {
    world_->rule_texts.emplace_back("rule");
    return {0, static_cast<std::uint32_t>(world_->rule_texts.size() - 1)};
  }

  RuleEntry rule(bool exceptions) {
    RuleEntry rule;
    rule.exception = exceptions && dice_.one_in(8);
    rule.important = exceptions && dice_.one_in(4);
    const std::size_t kind = dice_.below(5);
    if (kind < 2) {
      rule.text = dice_.of(hosts);
      rule.subdomains = !exceptions || !dice_.one_in(6);  // of lists; a line of the policy reaches down
      rule.itself = !exceptions || !rule.subdomains || !dice_.one_in(6);
    } else if (kind == 2) {
      rule.kind = RuleKind::url;
      rule.subdomains = dice_.one_in(2);
      rule.text = dice_.of(hosts) + paths[1 + dice_.below(paths.size() - 1)];
    } else if (kind == 3) {
      rule.kind = RuleKind::network;
      rule.text = dice_.of(networks);
    } else {
      rule.kind = RuleKind::pattern;
      rule.target = static_cast<PatternTarget>(dice_.below(4));
      rule.text = dice_.of(patterns);
    }
    return rule;
  }

  Line line(const std::vector<std::string>& allowed) {
    Line line;
    line.effect = *parse_effect(dice_.of(allowed));
    line.rule = rule(false);
    line.lifts_words = line.effect.action == Action::allow && dice_.one_in(3);
    line.where = place();
    return line;
  }

  void add_categories() {
    for (const char* id : {"plain", "other", "third", "protecting", "protecting2", "beats"}) {
      Category category;
      category.id = id;
      category.protecting = category.id.starts_with("protecting");
      category.beats_protecting = category.id == "beats";
      world_->spec.categories.push_back(category);
    }
  }

  void add_lists() {
    for (std::size_t n = dice_.below(7); n > 0; --n) {
      ListMeaning meaning;
      meaning.category = static_cast<CategoryId>(dice_.below(world_->spec.categories.size()));
      meaning.source = 0;
      if (dice_.one_in(3)) meaning.own = effect();
      world_->meanings.push_back(meaning);
      auto& rules = world_->list_rules.emplace_back();
      for (std::size_t m = 1 + dice_.below(4); m > 0; --m) {
        rules.push_back(rule(true));
        rules.back().line = place().line;
      }
    }
  }

  void add_tiers() {
    auto& tiers = world_->spec.tiers;
    for (std::size_t n = 0; n < 4; ++n) {
      Tier tier;
      if (n > 0 && !dice_.one_in(3)) {
        const auto parent = static_cast<TierId>(dice_.below(n));
        tier = tiers[parent];
        tier.parent = parent;
      }
      tier.id = "tier" + std::to_string(n);
      tier.pupils = n == 0 || dice_.one_in(2);
      tier.default_action = dice_.one_in(2) ? Action::allow : Action::block;
      tier.default_where = {0, 0};
      tier.safesearch = dice_.one_in(4) ? SafeLevel::off : SafeLevel::strict;
      tier.effects.resize(world_->spec.categories.size());
      for (CategoryEffect& given : tier.effects) {
        if (tier.parent && dice_.one_in(2)) continue;  // as the parent says
        given.effect = effect();
        given.tier = static_cast<TierId>(n);
      }
      for (std::size_t m = dice_.below(4); m > 0; --m) {
        tier.timetable.push_back({*Schedule::parse(dice_.of(schedules)),
                                  {category(), category()},
                                  effect(),
                                  {},
                                  static_cast<TierId>(n)});
      }
      if (dice_.one_in(2)) tier.open_categories.push_back(category());
      tiers.push_back(tier);
    }
  }

  CategoryId category() { return static_cast<CategoryId>(dice_.below(world_->spec.categories.size())); }

  void add_floor() {
    Url url;
    REQUIRE(url.parse("http://" + dice_.of(hosts) + dice_.of(paths)).ok());
    FloorEntry entry = *parse_floor_entry(*seal_floor_line(url));
    entry.where = place();
    world_->spec.floor.push_back(entry);
    SaltedEntry same = *seal_with(salted_.salt, url);
    same.where = entry.where;
    salted_.entries.push_back(same);
  }

  void add_terms() {
    PolicySpec& spec = world_->spec;
    for (std::size_t n = dice_.below(3); n > 0; --n) add_engine();
    for (std::size_t n = dice_.below(5); n > 0; --n) {
      TermRule& rule = spec.terms.emplace_back();
      rule.id = "T" + std::to_string(n);
      rule.category = category();
      rule.match = dice_.one_in(3) ? TermRule::Match::toned : TermRule::Match::any;
      rule.term = dice_.of(std::vector<std::string>{"one", "two", "one (two|tử)", "tư", "tử"});
      if (dice_.one_in(3)) rule.unless = dice_.of(std::vector<std::string>{"two", "y"});
      rule.in_path = dice_.one_in(2);
      rule.path_always = dice_.one_in(4);
      rule.near = dice_.below(most_near_words + 1);
      if (dice_.one_in(2)) rule.effect = effect();
      rule.where = place();
    }
    if (dice_.one_in(4)) spec.path_terms_not_on.push_back(category());
    if (dice_.one_in(4))
      spec.path_unless.push_back(dice_.of(std::vector<std::string>{"y", "one & tử", "x * two"}));
  }

  void add_engine() {
    SearchEngine& engine = world_->spec.engines.emplace_back();
    engine.id = "engine" + std::to_string(world_->spec.engines.size());
    engine.sites = {dice_.of(hosts)};
    engine.words = {"w"};
    engine.where = place();
    if (dice_.one_in(2))
      engine.otherwise_in_others =
          parse_effect(dice_.of(std::vector<std::string>{"allow", "allow+record", "warn", "block"}));
  }

  SaltedFloor salted_{{7, 7, 7}, {}};
  Dice& dice_;
  std::unique_ptr<World> world_;
};

std::string random_url(Dice& dice) {
  const std::string port = dice.one_in(8) ? dice.of(ports) : "";
  std::string url = (dice.one_in(2) ? "http://" : "https://") + dice.of(hosts) + port + dice.of(paths);
  if (dice.one_in(12)) {
    url = "http://" + dice.of(hosts) + "/x/" + std::string(9000, 'o') + (dice.one_in(2) ? "?one" : "");
  }
  return url;
}

// Of any minute of the week, and now and then from a clock that may be wrong.
LocalTime random_time(Dice& dice) {
  LocalTime time{static_cast<std::uint16_t>(dice.below(10080))};
  time.in_doubt = dice.one_in(6);
  return time;
}

// What anybody may rely on, whatever the policy.
void check_laws(const World& world, const JudgeRequest& request, const Verdict& verdict,
                const Explanation& explanation) {
  CHECK(explanation.verdict == verdict);
  std::size_t winners = 0;
  for (const Step& step : explanation.steps) {
    winners += step.wins;
    if (!step.wins) continue;
    CHECK(step.layer == verdict.layer);
    CHECK(step.category == verdict.category);
    if (verdict.layer != Layer::fault) CHECK(step.effect.action == verdict.action);
    if (verdict.layer != Layer::fault) CHECK(step.where == verdict.rule);
  }
  CHECK(winners == 1);
  if (!world.spec.tiers[request.tier].pupils) CHECK_FALSE(verdict.flags.alert);
  if (request.stage == Stage::request) CHECK_FALSE(verdict.path_may_change_it);
  if (verdict.path_may_change_it) CHECK_FALSE(explanation.not_asked.empty());
}

}  // namespace

TEST_CASE("the Judge decides as the text says, on random policies", "[rules][judge]") {
  Dice dice(20261125);
  int faults = 0, locks = 0, by_network = 0, changed_by_path = 0, terms = 0, engines = 0, targets = 0,
      helped = 0;
  for (int round = 0; round < test::draws(400); ++round) {
    const std::unique_ptr<World> world = RandomWorld(dice).take();
    Judge judge = world->judge();
    for (int question = 0; question < 60; ++question) {
      const std::string address = random_url(dice);
      Url url;
      const bool by_name = dice.one_in(3);
      if (by_name) {
        REQUIRE(url.parse_authority(dice.of(hosts) + ":443").ok());
      } else {
        REQUIRE(url.parse(address).ok());
      }
      std::vector<CategoryId> granted;
      if (dice.one_in(3))
        granted.push_back(dice.one_in(3) ? no_category : static_cast<CategoryId>(dice.below(6)));
      const JudgeRequest request{url, by_name ? Stage::host : Stage::request,
                                 static_cast<TierId>(dice.below(4)), random_time(dice), granted};
      const Verdict verdict = judge.evaluate(request);
      INFO("round " << round << ", question " << question << ": " << url.forward().substr(0, 80) << " tier "
                    << int{request.tier} << ": " << world->words(verdict));
      const Verdict expected = reference_verdict(*world, request);
      CHECK(world->words(verdict) == world->words(expected));
      CHECK(verdict.rule.line == expected.rule.line);
      CHECK(verdict.path_may_change_it == expected.path_may_change_it);
      REQUIRE(verdict == expected);
      const Judged judged = judge.judge(request);
      REQUIRE(judged.verdict == verdict);
      REQUIRE(judged.without_help() == reference_verdict(*world, request, true));
      helped += judged.help.has_value();
      const Explanation explanation = judge.explain(request);
      check_laws(*world, request, verdict, explanation);
      faults += verdict.layer == Layer::fault;
      locks += verdict.layer == Layer::locked;
      by_network += std::any_of(explanation.steps.begin(), explanation.steps.end(), [](const Step& step) {
        return step.wins && step.what.english().find("network ") != std::string::npos;
      });
      changed_by_path += verdict.path_may_change_it;
      targets += verdict.layer == Layer::tunnel_rule;
      engines += verdict.reason == Reason::unsafe_search;
      terms += verdict.reason == Reason::search_term || verdict.reason == Reason::path_term;
    }
  }
  // The dice reach every corner.
  CHECK(faults > test::draws(50));
  CHECK(locks > test::draws(500));
  CHECK(by_network > test::draws(200));
  CHECK(changed_by_path > test::draws(500));
  CHECK(terms > test::draws(100));
  CHECK(engines > test::draws(60));
  CHECK(targets > test::draws(100));
  CHECK(helped > test::draws(1000));
}

namespace {

constexpr std::uint32_t override_source = 9;

std::vector<Override> random_overrides(Dice& dice, const World& world) {
  std::vector<Override> all;
  const auto category = [&] { return static_cast<CategoryId>(dice.below(world.spec.categories.size())); };
  for (std::size_t n = 2 + dice.below(7); n > 0; --n) {
    Override& one = all.emplace_back();
    one.id = static_cast<std::uint32_t>(all.size());
    one.action = dice.one_in(3) ? Action::block : Action::allow;
    one.tier = static_cast<TierId>(dice.below(world.spec.tiers.size()));
    one.end.wall_ms = static_cast<std::int64_t>(3 + dice.below(6));
    one.end.steady += std::chrono::hours(2 + dice.below(6));
    one.about = Message("override " + std::to_string(one.id));
    if (dice.one_in(3)) {
      one.category = category();
      continue;
    }
    do one.rule.text = dice.of(hosts);
    while (one.rule.text.starts_with("10."));
    if (dice.one_in(4)) {
      one.rule.kind = RuleKind::url;
      one.rule.text += paths[1 + dice.below(3)];
    }
    for (std::size_t m = dice.below(4); m > 0; --m) one.lifts.push_back(category());
    one.lifts_every_category = dice.one_in(3);
    one.lifts_lines = dice.one_in(2);
    one.lifts_unknown = dice.one_in(2);
  }
  return all;
}

// What has ended once does not come back.
bool is_live(const Override& one, TierId tier, const std::set<std::uint32_t>& over) {
  return one.tier == tier && !over.contains(one.id);
}

bool is_lifted_in_list(const Step& step) {
  return step.note.english().starts_with("lifted by") || step.note.english().starts_with("an exception");
}

bool is_silent_now(const Step& step) {
  const std::string note = step.note.english();
  return note == "it holds at other times" || note.starts_with("it gives way to its exception");
}

// `over` opened what was judged as `before` without any override: nothing stood against it but what it may
// lift. `wholly`: neither did a rule on words or on unsafe search, as it does where it warns all the same.
void check_rights(const Override& over, const Tier& tier, const Explanation& before,
                  const std::set<CategoryId>& opened, bool wholly) {
  bool held = false, first_line = true;
  for (const Step& step : before.steps) {
    CHECK(step.layer != Layer::sealed_floor);
    if (is_silent_now(step)) continue;
    if (step.layer == Layer::locked && !is_lifted_in_list(step)) CHECK(step.effect.action == Action::allow);
    const bool opens = step.effect.action == Action::allow;
    if (step.layer == Layer::explicit_line && std::exchange(first_line, false) && !opens)
      CHECK(over.lifts_lines);
    if (step.layer != Layer::category || is_lifted_in_list(step)) continue;
    const bool of_list = step.what.english().find(", list ") != std::string::npos;
    held = held || of_list;
    const bool muted = step.note.english().starts_with("allow and warn speak only");
    if ((opens && !muted) || opened.contains(step.category) || (!of_list && !wholly)) continue;
    CHECK(step.category != no_category);  // an unsafe engine
    CHECK((over.may_lift(step.category) || (!of_list && opens)));
  }
  if (!held && tier.default_action == Action::block) CHECK(over.lifts_unknown);
}

// The override that opens a site in an explanation, though another rule may warn of it; null: none does.
const Override* opener(const Explanation& explanation, const Overrides& overrides) {
  for (const Step& step : explanation.steps)
    if (step.layer == Layer::timed_override && step.effect.action == Action::allow &&
        !step.note.english().starts_with("its author may not"))
      return overrides.find(step.where);
  return nullptr;
}

// What was met, so that a test knows that the dice reach every corner.
struct OverridesMet {
  std::size_t by_site = 0, by_category = 0, closed = 0, ended = 0;
};

// Nobody exceeds what is his, nothing outlives its end, and nothing that opens makes anything stricter.
void check_random_overrides(unsigned seed, int rounds, OverridesMet& met) {
  Dice dice(seed);
  for (int round = 0; round < rounds; ++round) {
    const std::unique_ptr<World> world = RandomWorld(dice).take();
    Judge plain = world->judge(), judge = world->judge();
    const std::vector<Override> all = random_overrides(dice, *world);
    const auto overrides = Overrides::compile(world->policy, all, override_source);
    REQUIRE(overrides);
    Moment now;
    std::set<std::uint32_t> over;
    judge.use(*overrides);
    for (int question = 0; question < 40; ++question) {
      if (dice.one_in(16)) {  // one clock goes on, the other is set
        now.wall_ms = static_cast<std::int64_t>(dice.below(9));
        now.steady += std::chrono::minutes(dice.below(120));
        static_cast<void>(judge.end_overrides(now));
        for (const Override& one : all)
          if (one.end.is_over(now)) over.insert(one.id);
      }
      Url url;
      const bool by_name = dice.one_in(3);
      const std::string address = by_name ? dice.of(hosts) + ":443" : random_url(dice);
      REQUIRE((by_name ? url.parse_authority(address) : url.parse(address)).ok());
      const JudgeRequest request{url, by_name ? Stage::host : Stage::request,
                                 static_cast<TierId>(dice.below(4)), random_time(dice)};
      const Verdict before = plain.evaluate(request), verdict = judge.evaluate(request);
      INFO("seed " << seed << ", round " << round << ", question " << question << ": "
                   << address.substr(0, 80) << " tier " << int{request.tier} << ": " << world->words(before)
                   << " -> " << world->words(verdict));
      CHECK(judge.judge(request).verdict == verdict);
      check_laws(*world, request, verdict, judge.explain(request));

      // Sealed stays sealed, help stays help, and so do locks and faults.
      if (before.layer <= Layer::locked && before.layer != Layer::fault) {
        CHECK(verdict.action == before.action);
        CHECK(verdict.layer == before.layer);
        CHECK(verdict.rule == before.rule);
        continue;
      }
      std::set<CategoryId> opened, shut;
      for (const Override& one : all)
        if (is_live(one, request.tier, over) && !one.names_site())
          (one.action == Action::allow ? opened : shut).insert(one.category);
      const bool some = std::any_of(all.begin(), all.end(),
                                    [&](const Override& one) { return is_live(one, request.tier, over); });
      if (!some) {
        CHECK(verdict == before);
        ++met.ended;
        continue;
      }
      const int was = strength({before.action, before.flags}), is = strength({verdict.action, verdict.flags});
      if (verdict.reason == Reason::override_line) {
        const Override* const by = (*overrides)->find(verdict.rule);
        REQUIRE(by != nullptr);
        CHECK(is_live(*by, request.tier, over));
        CHECK(by->action == verdict.action);
        if (verdict.action == Action::allow) {
          ++met.by_site;
          check_rights(*by, world->spec.tiers[request.tier], plain.explain(request), opened, true);
        } else {
          ++met.closed;
        }
      } else if (is < was) {
        ++met.by_category;
        const bool of_words = verdict.reason == Reason::unsafe_search ||
                              verdict.reason == Reason::search_term || verdict.reason == Reason::path_term;
        const Override* const by = of_words ? opener(judge.explain(request), **overrides) : nullptr;
        if (by != nullptr) {
          check_rights(*by, world->spec.tiers[request.tier], plain.explain(request), opened, false);
          continue;
        }
        // Some category that is open now stood against it; a line never gives way to one.
        CHECK_FALSE(opened.empty());
        CHECK((before.layer == Layer::category || before.layer == Layer::tier_default));
      } else if (is > was) {
        // Words that help say so once the line that closed the site is lifted.
        const bool helps = verdict.action == Action::help && verdict.layer == Layer::category &&
                           before.layer == Layer::explicit_line;
        CHECK((!shut.empty() || verdict.layer == Layer::fault || helps));
      }
    }
  }
}

}  // namespace

TEST_CASE("overrides on random policies: nobody exceeds what is his, nothing outlives its end",
          "[rules][judge][override]") {
  OverridesMet met;
  // Met a list that may only warn, closed by a teacher where the tier blocks by default.
  check_random_overrides(12, test::draws(500), met);
  CHECK(met.by_site > test::draws(100));
  CHECK(met.by_category > test::draws(20));
  CHECK(met.closed > test::draws(100));
  CHECK(met.ended > test::draws(500));
}

TEST_CASE("overrides on random policies: a site that is opened becomes no stricter by it",
          "[rules][judge][override]") {
  // Met sites that a tier only warned of, while a protecting entry or a line left their words aside.
  OverridesMet met;
  check_random_overrides(6, test::draws(52), met);
  check_random_overrides(16, test::draws(339), met);
  CHECK(met.by_site > test::draws(50));
}

// Minutes: run by its name.
TEST_CASE("overrides on random policies, with thirty seeds more", "[.][override-seeds]") {
  OverridesMet met;
  for (unsigned seed = 100; seed < 130; ++seed) check_random_overrides(seed, 500, met);
}

namespace {

const std::vector<std::string> pupils{"10.1.0.7", "10.1.0.200", "10.2.0.7", "10.9.0.1", "fd00::7"};
const std::vector<std::string> moments{"2026-11-30 09:29", "2026-11-30 09:30", "2026-11-30 10:00",
                                       "2026-12-01 09:30", "T2 09:30"};

std::vector<RuleEntry> random_only(Dice& dice) {
  std::vector<RuleEntry> only;
  for (std::size_t n = 1 + dice.below(3); n > 0; --n) {
    RuleEntry& rule = only.emplace_back();
    do rule.text = dice.of(hosts);
    while (rule.text.starts_with("10."));
    rule.subdomains = !dice.one_in(4);
  }
  return only;
}

std::vector<Closing> random_closings(Dice& dice, const World& world) {
  std::vector<Closing> all;
  for (std::size_t n = 1 + dice.below(3); n > 0; --n) {
    Closing& one = all.emplace_back();
    one.about = Message("closing " + std::to_string(all.size()));
    if (dice.one_in(3)) {  // an exam
      one.where = {9, static_cast<std::uint32_t>(50 + all.size())};
      one.when.emplace();
      DayTimes span;
      span.add(0x7f, 570, 600);
      const std::int32_t day = parse_local_time("2026-11-30 09:30")->day;
      one.when->add(span, DaySet({{day, day}}));
      one.end = one.lifts_end = {INT64_MAX, std::chrono::steady_clock::time_point::max()};
    } else {
      one.id = static_cast<std::uint32_t>(100 + all.size());
      one.end.wall_ms = static_cast<std::int64_t>(3 + dice.below(6));
      one.end.steady += std::chrono::hours(2 + dice.below(6));
      one.lifts_end = one.end;
      if (dice.one_in(2)) one.lifts_end.wall_ms -= 2;
    }
    if (dice.one_in(3)) {
      one.tiers = {static_cast<TierId>(dice.below(world.spec.tiers.size()))};
    } else {
      one.networks = {*Network::parse(dice.one_in(2) ? "10.1.0.0/24" : "10.0.0.0/8")};
      one.not_these = {*Network::parse("10.1.0.200/32")};
    }
    one.off = !one.when && dice.one_in(3);
    if (one.off) continue;
    one.only = random_only(dice);
    for (std::size_t tier = 0; tier < world.spec.tiers.size(); ++tier) {
      MayLift& lifts = one.lifts.emplace_back();
      for (std::size_t m = dice.below(3); m > 0; --m)
        lifts.lifts.push_back(static_cast<CategoryId>(dice.below(world.spec.categories.size())));
      lifts.lifts_every_category = dice.one_in(3);
      lifts.lifts_lines = dice.one_in(2);
      lifts.lifts_unknown = dice.one_in(2);
    }
  }
  return all;
}

// The exam of random_closings(): on one morning; where the clock is in doubt, in the month before it as well.
bool is_held(const LocalTime& time) {
  const LocalTime exam = *parse_local_time("2026-11-30 09:30");
  if (time.day == LocalTime::no_day) return false;
  return time.in_doubt ? time.day <= exam.day && exam.day - time.day <= 31 : time == exam;
}

bool names_host(const Closing& closing, const std::string& host) {
  return std::any_of(closing.only.begin(), closing.only.end(), [&](const RuleEntry& rule) {
    return host == rule.text || (rule.subdomains && host.ends_with("." + rule.text));
  });
}

}  // namespace

TEST_CASE("closed rooms on random policies: nothing but what is named, no longer than it lasts",
          "[rules][judge][room]") {
  Dice dice(20261130);
  std::size_t shut = 0, lifted = 0, as_ever = 0, uncovered = 0;
  for (int round = 0; round < test::draws(400); ++round) {
    const std::unique_ptr<World> world = RandomWorld(dice).take();
    Judge plain = world->judge(), judge = world->judge();
    const std::vector<Override> sites =
        dice.one_in(2) ? random_overrides(dice, *world) : std::vector<Override>();
    const std::vector<Closing> closings = random_closings(dice, *world);
    const auto overrides = Overrides::compile(world->policy, sites, override_source, closings);
    const auto without = Overrides::compile(world->policy, sites, override_source);
    REQUIRE((overrides && without));
    Moment now;
    std::set<std::uint32_t> over, lifts_over;  // ids of switches
    judge.use(*overrides);
    plain.use(*without);
    for (int question = 0; question < 40; ++question) {
      if (dice.one_in(12)) {
        now.wall_ms = static_cast<std::int64_t>(dice.below(9));
        now.steady += std::chrono::minutes(dice.below(120));
        static_cast<void>(judge.end_overrides(now));
        static_cast<void>(plain.end_overrides(now));
        for (const Closing& one : closings) {
          if (one.end.is_over(now)) over.insert(one.id);
          if (one.lifts_end.is_over(now)) lifts_over.insert(one.id);
        }
      }
      Url url;
      const bool by_name = dice.one_in(3);
      const std::string address = by_name ? dice.of(hosts) + ":443" : random_url(dice);
      REQUIRE((by_name ? url.parse_authority(address) : url.parse(address)).ok());
      const IpAddress client = *IpAddress::parse(dice.of(pupils));
      const auto tier = static_cast<TierId>(dice.below(4));
      LocalTime time = *parse_local_time(dice.of(moments));
      time.in_doubt = dice.one_in(4);
      const JudgeRequest request{url, by_name ? Stage::host : Stage::request, tier, time, {}, &client};
      const Verdict before = plain.evaluate(request), verdict = judge.evaluate(request);
      INFO("round " << round << ", question " << question << ": " << address.substr(0, 80) << " tier "
                    << int{tier} << " from " << client.to_string() << ": " << world->words(before) << " -> "
                    << world->words(verdict));
      CHECK(judge.judge(request).verdict == verdict);
      check_laws(*world, request, verdict, judge.explain(request));

      std::vector<const Closing*> covering;
      for (const Closing& one : closings) {
        const bool of_room = std::any_of(one.networks.begin(), one.networks.end(),
                                         [&](const Network& n) { return n.contains(client); }) &&
                             client.to_string() != "10.1.0.200";
        const bool covers = of_room || std::find(one.tiers.begin(), one.tiers.end(), tier) != one.tiers.end();
        const bool now_on = one.when ? is_held(request.time) : !over.contains(one.id);
        if (covers && now_on) covering.push_back(&one);
      }
      JudgeRequest by_nobody = request;
      by_nobody.client = nullptr;
      CHECK(judge.evaluate(by_nobody) == before);
      if (covering.empty()) {
        CHECK(verdict == before);
        ++uncovered;
        continue;
      }
      // Sealed stays sealed, help stays help, and so do locks that block.
      const bool firm = before.layer == Layer::sealed_floor || before.layer == Layer::guaranteed_help ||
                        (before.layer == Layer::locked && before.action == Action::block);
      if (firm) {
        CHECK(verdict.action == before.action);
        CHECK(verdict.layer == before.layer);
        continue;
      }
      const std::string host(url.host().text);
      const bool named = std::all_of(covering.begin(), covering.end(),
                                     [&](const Closing* one) { return !one->off && names_host(*one, host); });
      if (!named) {
        CHECK(verdict.action == Action::block);
        ++shut;
        continue;
      }
      // Never stricter than without; looser only by a closing that still may.
      const int was = strength({before.action, before.flags}), is = strength({verdict.action, verdict.flags});
      if (is >= was) {
        ++as_ever;
        continue;
      }
      const bool may = std::any_of(covering.begin(), covering.end(), [&](const Closing* one) {
        const MayLift& lifts = one->lifts[tier];
        const bool any =
            lifts.lifts_every_category || lifts.lifts_lines || lifts.lifts_unknown || !lifts.lifts.empty();
        return any && (one->when || !lifts_over.contains(one->id));
      });
      CHECK(may);
      if (verdict.reason != Reason::override_line) continue;  // a rule on words warns all the same
      const Closing* by = (*overrides)->find_closing(verdict.rule);
      if (by == nullptr || !sites.empty()) continue;  // see above for overrides of sites
      ++lifted;
      Override as_override;
      static_cast<MayLift&>(as_override) = by->lifts[tier];
      CHECK((by->when || !lifts_over.contains(by->id)));
      check_rights(as_override, world->spec.tiers[tier], plain.explain(request), {}, true);
    }
  }
  CHECK(shut > test::draws(1000));
  CHECK(lifted > test::draws(20));
  CHECK(as_ever > test::draws(50));
  CHECK(uncovered > test::draws(1000));
}

// Overrides, rooms and exams as above, warnings that were continued, every tier and time: none opens it.
TEST_CASE("what is sealed stays sealed on random policies, whatever anybody lifts", "[rules][judge][floor]") {
  Dice dice(20261201);
  std::size_t asked = 0, below = 0;
  for (int round = 0; round < test::draws(400); ++round) {
    const std::unique_ptr<World> world = RandomWorld(dice).take();
    SaltedFloor floor{{static_cast<std::uint8_t>(round), 3}, {}};
    std::vector<std::string> sealed;
    for (std::size_t n = 1 + dice.below(3); n > 0; --n) {
      sealed.push_back(dice.of(hosts) + dice.of(paths));
      Url url;
      REQUIRE(url.parse("http://" + sealed.back()).ok());
      floor.entries.push_back(*seal_with(floor.salt, url));
      floor.entries.back().where = {0, 1};
    }
    PolicySpec spec = world->spec;
    spec.floor.clear();
    spec.signed_floor = floor;
    world->spec = spec;
    compile_world(*world);
    Judge judge = world->judge();
    const auto overrides = Overrides::compile(world->policy, random_overrides(dice, *world), override_source,
                                              random_closings(dice, *world));
    REQUIRE(overrides);
    judge.use(*overrides);
    const std::vector<CategoryId> granted{no_category, 0, 1, 2, 3};
    for (int question = 0; question < 40; ++question) {
      const std::string& one = dice.of(sealed);
      Url url;
      const bool whole_host = one.find('/') == one.size() - 1;
      const bool by_name = whole_host && dice.one_in(3);
      REQUIRE(
          (by_name ? url.parse_authority(one.substr(0, one.size() - 1) + ":443") : url.parse("http://" + one))
              .ok());
      const IpAddress client = *IpAddress::parse(dice.of(pupils));
      JudgeRequest request{url,
                           by_name ? Stage::host : Stage::request,
                           static_cast<TierId>(dice.below(4)),
                           *parse_local_time(dice.of(moments)),
                           granted,
                           &client};
      const Verdict verdict = judge.judge(request).verdict;
      INFO("round " << round << ": " << one << ": " << world->words(verdict));
      CHECK(verdict.action == Action::block);
      CHECK(verdict.layer == Layer::sealed_floor);
      CHECK(verdict.reason == Reason::floor_hash);
      CHECK(verdict.flags.locked);
      CHECK(judge.explain(request).verdict == verdict);
      ++asked;
      below += by_name ? 1 : 0;
    }
  }
  CHECK(asked > test::draws(10'000));
  CHECK(below > test::draws(100));
}
