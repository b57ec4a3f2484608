// explain(): the walk of evaluate(), watched, with every candidate written down and a word on why it lost.
#include <algorithm>
#include <cstdio>
#include <string>

#include "rules/judge/decide.h"
#include "rules/judge/judge_impl.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {
namespace {

// Writes down what decide() saw.
struct Recorder {
  static constexpr bool wants_all = true;
  struct Recorded {
    Candidate candidate;
    bool muted = false;
  };
  std::vector<Recorded> recorded;

  void saw(const Candidate& candidate) { recorded.push_back({candidate, false}); }
  void saw_muted(const Candidate& candidate) { recorded.push_back({candidate, true}); }
};

Message text_of(const RuleEntry& rule) {
  if (rule.kind == RuleKind::pattern) return say("pattern {}", rule.text);
  if (rule.kind == RuleKind::network) return say("network {}", rule.text);
  return Message(rule.text);
}

Message text_of(const Line& line, Layer layer) {
  Message rule = text_of(line.rule);
  if (!line.bundle.empty()) rule = say("{}, bundle {}", std::move(rule), line.bundle);
  if (line.when)
    rule = say("{}, at {}", std::move(rule),
               line.when->name().empty() ? line.when->to_string() : line.when->name());
  if (!line.why.empty()) rule = say("{} ({})", std::move(rule), line.why);
  if (layer == Layer::guaranteed_help) return say("help line {}", rule);
  const auto effect = to_string(line.effect);
  if (layer == Layer::locked)
    return line.lifts_words ? say("locked line {} with terms off, {}", effect, rule)
                            : say("locked line {} {}", effect, rule);
  return line.lifts_words ? say("line {} with terms off, {}", effect, rule) : say("line {} {}", effect, rule);
}

bool same_rule(const Candidate& a, const Candidate& b) {
  return a.layer == b.layer && a.from_line == b.from_line && a.reason == b.reason && a.tag == b.tag &&
         a.from_override == b.from_override && a.from_closing == b.from_closing &&
         a.from_lookalike == b.from_lookalike && a.rule == b.rule && a.kind == b.kind &&
         (!a.from_term || a.effect == b.effect);
}

class Explainer {
 public:
  Explainer(Judge::Impl& judge, const JudgeRequest& request) : judge_(judge), request_(request) {}

  Explanation explain() {
    Explanation out;
    out.verdict = judge_.decide(request_, found_, recorder_);
    if (request_.tier >= judge_.views.size()) return out;
    winner_ = found_.winner();
    faulty_ = out.verdict.layer == Layer::fault;
    list_hits_ = judge_.list_matcher.explain(request_.url, request_.stage);

    if (faulty_) out.steps.push_back(fault_step());
    sort_recorded();
    for (const Recorder::Recorded& recorded : recorder_.recorded) out.steps.push_back(step_of(recorded));
    add_lifted(out.steps);
    out.steps.push_back(default_step());
    if (request_.stage == Stage::host) add_not_asked(out.not_asked);
    return out;
  }

  [[nodiscard]] const Found& found() const noexcept { return found_; }

 private:
  [[nodiscard]] const TierView& view() const { return judge_.views[request_.tier]; }
  [[nodiscard]] const std::string& category_id(CategoryId id) const {
    return judge_.policy->categories()[id].id;
  }

  [[nodiscard]] const TermRule& term(std::uint32_t number) const {
    return judge_.term_matcher.rules().rules()[number];
  }
  // Of a list's or a term's candidate.
  [[nodiscard]] ListOpinion opinion_of(const Candidate& candidate) const {
    if (candidate.engine != nullptr) return {};
    if (candidate.from_lookalike)
      return view().opinion(*judge_.policy, {candidate.category, candidate.rule.source, candidate.effect},
                            request_.time);
    if (!candidate.from_term)
      return candidate.inner ? view().list_within(candidate.tag) : view().list(candidate.tag);
    return judge_.term_opinion(view(), term(candidate.tag), candidate.effect, request_.time);
  }

  [[nodiscard]] Message name_of(const Candidate& candidate) const {
    return candidate.engine != nullptr ? say("search engine {}", candidate.engine->id)
                                       : say("category {}", category_id(candidate.category));
  }
  // "category gambling, list ut1: bet.vn"
  [[nodiscard]] Message of_list(CategoryId category, Tag list, const Message& rule) const {
    return say("category {}, list {}: {}", category_id(category), judge_.lists->sources()[list].name, rule);
  }

  // By layer; in a layer the winner, then the strongest, and among equals as evaluate() prefers them.
  void sort_recorded() {
    const auto before = [&](const Recorder::Recorded& a, const Recorder::Recorded& b) {
      const Candidate &x = a.candidate, &y = b.candidate;
      if (x.layer != y.layer) return x.layer < y.layer;
      if (wins(a) != wins(b)) return wins(a);
      if (x.from_line != y.from_line) return x.from_line;
      if (a.muted != b.muted) return b.muted;
      if (x.weight != y.weight) return x.weight > y.weight;
      return x.tag != y.tag ? x.tag < y.tag : x.rule.line < y.rule.line;
    };
    std::stable_sort(recorder_.recorded.begin(), recorder_.recorded.end(), before);
    // A wrapper may show two pages that one rule holds.
    const auto same = [](const Recorder::Recorded& a, const Recorder::Recorded& b) {
      return same_rule(a.candidate, b.candidate) && a.muted == b.muted;
    };
    recorder_.recorded.erase(std::unique(recorder_.recorded.begin(), recorder_.recorded.end(), same),
                             recorder_.recorded.end());
  }

  [[nodiscard]] bool wins(const Recorder::Recorded& recorded) const {
    return !faulty_ && !recorded.muted && winner_ != nullptr && same_rule(recorded.candidate, *winner_);
  }

  [[nodiscard]] Step fault_step() const {
    Step step;
    step.layer = Layer::fault;
    step.wins = true;
    step.what = say("a pattern could not be asked");
    step.note = say("the address is too long for patterns, or RE2 ran out of memory: blocked for pupils");
    return step;
  }

  [[nodiscard]] Step step_of(const Recorder::Recorded& recorded) const {
    const Candidate& candidate = recorded.candidate;
    Step step;
    step.layer = candidate.layer;
    step.effect = candidate.effect;
    step.where = candidate.rule;
    step.category = candidate.category;
    step.wins = wins(recorded);
    step.what = candidate.inner ? say("{} (the page inside the wrapper)", what(candidate)) : what(candidate);
    if (candidate.category != no_category) step.action_where = opinion_of(candidate).action_where;
    if (!step.wins) step.note = recorded.muted ? muted_note(candidate) : losing_note(candidate);
    return step;
  }

  [[nodiscard]] Message what(const Candidate& candidate) const {
    if (candidate.layer == Layer::sealed_floor) return say("sealed floor");
    if (candidate.from_line) return text_of(judge_.policy->line(candidate.tag), candidate.layer);
    if (candidate.from_override) return judge_.overrides->by_tag(candidate.tag).about;
    if (candidate.from_closing) return judge_.overrides->closing(candidate.tag).about;
    if (candidate.reason == Reason::unknown_on_hosting)
      return say("unknown_on_hosting: no line and no list names a site of {}",
                 hosting_platform(request_.url.host().text));
    if (candidate.engine != nullptr)
      return say("search engine {}, which cannot be made safe here", candidate.engine->id);
    if (candidate.from_term) {
      const TermRule& rule = term(candidate.tag);
      return say("category {}, term {}: {}", category_id(candidate.category), rule.id, rule.term);
    }
    if (candidate.from_lookalike) return text_of_lookalike(candidate);
    const Override* const over = opinion_of(candidate).by_override;
    for (const RuleHit& hit : list_hits_) {
      if (hit.lifted || hit.exception || hit.tag != candidate.tag || hit.kind != candidate.kind ||
          hit.line != candidate.rule.line)
        continue;
      const Message text =
          of_list(candidate.category, candidate.tag,
                  hit.kind == RuleKind::network ? say("network {}", hit.text) : Message(hit.text));
      return over == nullptr ? text : say("{} ({})", text, over->about);
    }
    const Message text = say("category {}, list {}", category_id(candidate.category),
                             judge_.lists->sources()[candidate.tag].name);
    return over == nullptr ? text : say("{} ({})", text, over->about);
  }

  // Which pieces of the name spoke, and how loud all of them have to be.
  [[nodiscard]] Message text_of_lookalike(const Candidate& candidate) const {
    constexpr std::size_t most_pieces = 6;
    const LookalikeModel& model = judge_.lists->lookalikes().all()[candidate.tag];
    const std::string_view name = lookalike_name(request_.url.host().text);
    std::string pieces;
    for (const SpokenPiece& piece : loudest_pieces(model, name, most_pieces))
      pieces += (pieces.empty() ? "" : ", ") + piece.text + " +" + weight_text(model, piece.weight);
    return say("category {}: {} looks like its names, {} of {} needed: {}", category_id(candidate.category),
               name, weight_text(model, model.score(NamePieces(name))), weight_text(model, model.threshold),
               pieces);
  }

  // In natural log-odds, as "6.4".
  [[nodiscard]] static std::string weight_text(const LookalikeModel& model, std::int32_t weight) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", static_cast<double>(model.unit) * weight);
    return text;
  }

  [[nodiscard]] Message muted_note(const Candidate& candidate) const {
    if (candidate.from_line) {
      const LineOpinion::Silent silent = view().line(candidate.tag).silent;
      if (silent == LineOpinion::Silent::other_times) return say("it holds at other times");
      if (silent == LineOpinion::Silent::excepted)
        return say("it gives way to its exception, whose times lie within its own");
    }
    if (candidate.inner) return say("the page inside a wrapper is no reason to let the wrapper through");
    if (candidate.from_override) return say("its author may not lift all that closes this site");
    return say("allow and warn speak only for open_categories where the tier blocks by default");
  }

  [[nodiscard]] Message losing_note(const Candidate& candidate) const {
    if (faulty_) return say("not trusted while a pattern could not be asked");
    if (candidate.only_where_open) {
      return candidate.from_term ? say("what is searched for does not open a site")
                                 : say("this does not open the site in a tier that blocks by default");
    }
    if (winner_ != nullptr && winner_->from_closing && !candidate.from_closing &&
        candidate.layer <= Layer::timed_override)
      return say("a room that is closed now is closed before this opens anything");
    if (candidate.from_override && candidate.effect.action == Action::allow &&
        candidate.layer < winner_layer())
      return say(
          "it lifts no rule on words, opens no page within a wrapper, and is not needed for what is open");
    if (winner_ == nullptr) return say("it does not open the page inside the wrapper");
    if (winner_->reason == Reason::unknown_on_hosting)
      return say("what the tier says of unknown sites on hosting platforms is stricter");
    if (winner_->inner && !candidate.inner) return say("the page inside the wrapper is judged more strictly");
    if (candidate.inner) return say("of a page inside a wrapper only what is stricter counts");
    if (candidate.from_line && winner_->from_term && winner_->effect.flags.locked)
      return say("no line lifts the search words of a locked category");
    if (candidate.from_line && winner_->from_term)
      return say("a line on a site lifts no rule on search words there, unless it says `terms: off`");
    if (candidate.layer > winner_->layer) return say("layer \"{}\" speaks first", to_string(winner_->layer));
    if (candidate.from_line && winner_->from_line) return losing_line_note(candidate);
    if (candidate.from_override && winner_->from_override)
      return say("a more specific override wins, then a block");
    if (winner_->from_line) return say("a locked line speaks before locked categories");
    if (candidate.layer == Layer::category && pushed_aside(candidate)) {
      return say("{} protects this site", name_of(*winner_));
    }
    if (strength(candidate.effect) == strength(winner_->effect))
      return say("says the same; another rule is named");
    return say("{} is stricter", name_of(*winner_));
  }

  [[nodiscard]] Layer winner_layer() const noexcept {
    return winner_ == nullptr ? Layer::tier_default : winner_->layer;
  }

  [[nodiscard]] bool pushed_aside(const Candidate& candidate) const {
    return found_.protects != 0 && !opinion_of(candidate).stands && candidate.rank <= found_.protects;
  }

  [[nodiscard]] Message losing_line_note(const Candidate& candidate) const {
    const LineWeight lost = LineWeight::unpack(candidate.weight), won = LineWeight::unpack(winner_->weight);
    if (lost.specificity != won.specificity || lost.length != won.length)
      return say("a more specific line wins");
    if (!LineWeight::same_tier(lost.nearness, won.nearness)) return say("the line of the nearer tier wins");
    if (lost.nearness != won.nearness) return say("a line with times of its own wins while they last");
    if (lost.strictness != won.strictness) return say("of two equally specific lines the stricter wins");
    return say("says the same; another line is named");
  }

  [[nodiscard]] Step default_step() const {
    const Tier& tier = view().tier();
    Step step;
    step.layer = Layer::tier_default;
    step.effect.action = tier.default_action;
    step.wins = !faulty_ && winner_ == nullptr;
    step.what = say("default of tier {}", tier.id);
    if (step.wins)
      step.note = found_.closed_within ? say("a page inside the wrapper is not open here")
                                       : say("nothing else speaks");
    step.where = tier.default_where;
    return step;
  }

  // Rules of lists that an exception ("@@") of their list lifts, and the exceptions.
  void add_lifted(std::vector<Step>& steps) const {
    for (const RuleHit& hit : list_hits_) {
      if (!hit.lifted && !hit.exception) continue;
      const ListOpinion& opinion = view().list(hit.tag);
      Step step;
      step.layer = opinion.locked ? Layer::locked : Layer::category;
      step.effect = hit.exception ? Effect{Action::allow, {}} : opinion.effect;
      step.where = {opinion.source, hit.line};
      step.category = opinion.category;
      step.action_where = opinion.action_where;
      step.what = of_list(opinion.category, hit.tag, Message((hit.exception ? "@@" : "") + hit.text));
      step.note = hit.exception ? say("an exception: lifts this list's other rules")
                  : is_lifted_at_home(hit.tag)
                      ? say("lifted by an exception of its list")
                      : say("lifted by an exception of another list of the category (reach: category)");
      steps.push_back(std::move(step));
    }
  }

  [[nodiscard]] bool is_lifted_at_home(Tag tag) const {
    return std::any_of(list_hits_.begin(), list_hits_.end(),
                       [&](const RuleHit& hit) { return hit.exception && hit.tag == tag; });
  }

  void add_not_asked(std::vector<Step>& steps) const {
    if (found_.floor_has_paths) {
      Step& step = steps.emplace_back();
      step.layer = Layer::sealed_floor;
      step.effect = {Action::block, {.locked = true}};
      step.what = say("sealed paths on this host");
    }
    const std::string& host = request_.url.host().text;
    for (const Tag tag : view().path_lines()) {
      const Line& line = judge_.policy->line(tag);
      if (!may_hold(line.rule, request_.url.host()) || line_spoke(tag)) continue;
      Step& step = steps.emplace_back();
      step.layer = judge_.policy->layer_of(tag);
      step.effect = line.effect;
      step.what = text_of(line, step.layer);
      step.where = line.where;
    }
    for (const RuleHit& hit : judge_.lists->search(host)) {
      if (hit.kind != RuleKind::url) continue;
      const ListOpinion& opinion = view().list(hit.tag);
      Step& step = steps.emplace_back();
      step.layer = opinion.locked ? Layer::locked : Layer::category;
      step.effect = opinion.effect;
      step.category = opinion.category;
      step.action_where = opinion.action_where;
      step.what = of_list(opinion.category, hit.tag, Message((hit.exception ? "@@" : "") + hit.text));
      step.where = {opinion.source, hit.line};
    }
    if (judge_.overrides != nullptr)
      judge_.overrides->each_with_path(request_.tier, [&](const Override& one) {
        if (!may_hold(one.rule, request_.url.host())) return;
        Step& step = steps.emplace_back();
        step.layer = Layer::timed_override;
        step.effect = {one.action, {}};
        step.what = one.about;
        step.where = judge_.overrides->where(one);
      });
    for (Step& step : steps) step.note = say("needs the path");
    add_words_not_asked(steps);
    if (steps.empty() && found_.path_rules) {
      Step& step = steps.emplace_back();
      step.layer = Layer::category;
      step.what = say("rules that look at the path");
      step.note = say("they need the path");
    }
  }

  // A pattern of whole addresses that holds every address of this host needs no path.
  [[nodiscard]] bool line_spoke(Tag tag) const {
    return std::any_of(recorder_.recorded.begin(), recorder_.recorded.end(),
                       [tag](const Recorder::Recorded& recorded) {
                         return recorded.candidate.from_line && recorded.candidate.tag == tag;
                       });
  }

  void add_words_not_asked(std::vector<Step>& steps) const {
    const auto rules = judge_.term_matcher.rules().rules();
    const auto add = [&](Message what, Message note) {
      Step& step = steps.emplace_back();
      step.layer = Layer::category;
      step.effect = {};
      step.what = std::move(what);
      step.note = std::move(note);
      step.where = {rules.front().where.source, 0};
    };
    if (found_.search_words)
      add(say("{} rules on search words", rules.size()), say("they need the whole address"));
    if (!found_.path_words) return;
    const auto in_path =
        std::count_if(rules.begin(), rules.end(), [](const TermRule& r) { return r.in_path; });
    add(say("{} rules on words in addresses", in_path), say("they need the path"));
  }

  Judge::Impl& judge_;
  const JudgeRequest& request_;
  Recorder recorder_;
  Found found_;
  const Candidate* winner_ = nullptr;  // in found_
  bool faulty_ = false;
  std::vector<RuleHit> list_hits_;
};

}  // namespace

namespace {

// The tier's choices about ports and addresses, as a step where they say something.
void add_target_step(const JudgeRequest& request, const Tier& tier, const Found& found, Explanation& out) {
  const Verdict verdict = target_verdict(request, tier, out.verdict, found);
  if (verdict == out.verdict) return;
  out.verdict = verdict;
  const bool tunnel = request.stage == Stage::host;
  Step step;
  step.layer = Layer::tunnel_rule;
  step.effect = {verdict.action, verdict.flags};
  step.what = verdict.reason == Reason::port_not_allowed
                  ? say("tunnel rule {}: port {} is not among {} of tier {}", to_string(verdict.reason),
                        request.url.port(), tunnel ? "tunnel: ports" : "tunnel: http_ports", tier.id)
                  : say("tunnel rule {}", to_string(verdict.reason));
  if (verdict.layer == Layer::tunnel_rule) {
    for (Step& other : out.steps) other.wins = false;
    step.wins = true;
  } else {
    step.what = tunnel ? say("tunnels to addresses") : say("addresses instead of names");
    step.note = say("the tier records these");
  }
  out.steps.push_back(std::move(step));
}

}  // namespace

Explanation Judge::explain(const JudgeRequest& request) {
  Explainer explainer(*impl_, request);
  Explanation out = explainer.explain();
  if (request.stage == Stage::request && request.tier < impl_->views.size())
    add_target_step(request, impl_->views[request.tier].tier(), explainer.found(), out);
  out.help = judge(request).help;
  return out;
}

Explanation Judge::explain_connect(const JudgeRequest& request) {
  JudgeRequest by_name = request;
  by_name.stage = Stage::host;
  Explainer explainer(*impl_, by_name);
  Explanation out = explainer.explain();
  if (request.tier < impl_->views.size())
    add_target_step(by_name, impl_->views[request.tier].tier(), explainer.found(), out);
  out.help = judge_connect(request).help;
  return out;
}

}  // namespace schoolgate
