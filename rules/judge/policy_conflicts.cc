#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "rules/judge/judge.h"

namespace schoolgate {
namespace {

enum Code {
  line_defeated = 3001,
  line_twice = 3002,
  timetable_on_lock = 3003,
  timetable_overlap = 3004,
  line_left_open = 3005
};

class Conflicts {
 public:
  Conflicts(Judge& judge, std::span<const std::string> places)
      : judge_(judge), spec_(judge.policy().spec()), places_(places) {}

  Diagnostics find() {
    for (const Line& line : spec_.tier_lines) check_defeated(line);
    check_twice();
    check_twice_at_a_time();
    for (const Tier& tier : spec_.tiers) check_timetable(tier);
    for (std::size_t i = 0; i < spec_.tiers.size(); ++i) check_overlaps(static_cast<TierId>(i));
    check_left_open();
    return std::move(found_);
  }

 private:
  [[nodiscard]] std::string file(const RuleRef& ref) const {
    return ref.source < places_.size() ? places_[ref.source] : std::string();
  }
  [[nodiscard]] Message place(const RuleRef& ref) const {
    const std::string name = file(ref);
    return name.empty() ? say("the policy") : Message(name + ":" + std::to_string(ref.line));
  }

  void report(Severity severity, Code code, const RuleRef& at, Message message, Message hint) {
    Diagnostic& diagnostic = found_.emplace_back();
    diagnostic.severity = severity;
    diagnostic.code = code;
    diagnostic.file = file(at);
    diagnostic.pos = {at.line, 0};
    diagnostic.message = std::move(message);
    diagnostic.hint = std::move(hint);
  }

  // A URL that the line is about: its host, or its path spelled so that it parses back to the same match
  // form.
  static std::string url_of(const RuleEntry& rule) {
    constexpr std::string_view plain = "/?&=._~-";
    constexpr std::string_view digits = "0123456789ABCDEF";
    const std::size_t host_end = std::min(rule.text.find_first_of("/?"), rule.text.size());
    const std::string host = rule.text.substr(0, host_end);
    std::string url = "http://" + (host.find(':') == std::string::npos ? host : "[" + host + "]");
    if (host_end < rule.text.size() && rule.text[host_end] == '?') url += '/';
    for (const char c : std::string_view(rule.text).substr(host_end)) {
      const auto byte = static_cast<unsigned char>(c);
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (letter || plain.find(c) != std::string_view::npos) {
        url += c;
      } else {
        url += {'%', digits[byte >> 4], digits[byte & 15]};
      }
    }
    return host_end == rule.text.size() ? url + '/' : url;
  }

  // A network is defeated where a locked line's holds all of it, and no narrower locked one is between them.
  void check_defeated_network(const Line& line) {
    const auto network = Network::parse(line.rule.text);
    if (!network) return;
    const Line* by = nullptr;
    unsigned bits = 0;
    for (const Line& locked : spec_.locked_lines) {
      const auto around =
          locked.rule.kind == RuleKind::network ? Network::parse(locked.rule.text) : std::nullopt;
      if (!around || around->bits > network->bits || !around->contains(network->base)) continue;
      if (by != nullptr && around->bits == bits && strength(locked.effect) <= strength(by->effect)) continue;
      if (by != nullptr && around->bits < bits) continue;
      by = &locked;
      bits = around->bits;
    }
    if (by == nullptr || by->effect.action == line.effect.action) return;
    report(Severity::error, line_defeated, line.where,
           say("`{}: {}` can never take effect: a locked line says {} ({})", to_string(line.effect.action),
               line.rule.text, to_string(by->effect.action), place(by->where)),
           say("remove the line"));
  }

  void check_defeated(const Line& line) {
    if (line.rule.kind == RuleKind::network) return check_defeated_network(line);
    if (line.rule.kind == RuleKind::pattern) return;
    Url url;
    if (url.parse(url_of(line.rule)).failed()) return;
    const Verdict verdict = judge_.evaluate({url, Stage::request, line.tier, LocalTime{}, {}});
    const bool defeated = verdict.layer == Layer::sealed_floor || verdict.layer == Layer::guaranteed_help ||
                          verdict.layer == Layer::locked;
    if (!defeated || verdict.action == line.effect.action) return;
    // An entry of a list may come with any update, and one line of a public list must not stop them all: the
    // lock stands, and a person is told. A locked line is the school's own word against itself.
    const bool by_list = verdict.reason == Reason::locked_category;
    report(by_list ? Severity::warning : Severity::error, line_defeated, line.where,
           say("`{}: {}` can never take effect: {}", to_string(line.effect.action), line.rule.text,
               reason(verdict)),
           by_list
               ? say("the lock stands; if the list is wrong, the school's own locked `allow:` line lifts it, "
                     "else remove the line")
               : say("remove the line"));
  }

  [[nodiscard]] Message reason(const Verdict& verdict) const {
    switch (verdict.reason) {
      case Reason::floor_hash:
        return say("the sealed floor blocks it");
      case Reason::help_line:
        return say("it is a help line, always allowed ({})", place(verdict.rule));
      case Reason::locked_category:
        return say("category \"{}\" is locked to {} in this tier and holds it ({})",
                   spec_.categories[verdict.category].id, to_string(verdict.action), place(verdict.rule));
      default:
        return say("a locked line says {} ({})", to_string(verdict.action), place(verdict.rule));
    }
  }

  void check_twice() {
    std::map<Line::Site, const Line*> first;
    for (const Line& line : spec_.tier_lines) {
      if (line.when) continue;  // it overrules one of all times
      const RuleEntry& rule = line.rule;
      const auto [at, is_new] = first.emplace(line.site(), &line);
      if (is_new || at->second->effect.action == line.effect.action) continue;
      report(
          Severity::warning, line_twice, line.where,
          say("`{}` is said twice in this tier: {} here, {} at {}; the stricter counts", rule.text,
              to_string(line.effect.action), to_string(at->second->effect.action), place(at->second->where)),
          say("keep one of the two lines"));
    }
  }

  // Rows of one tier that say different things of a site at the same time, none the other's exception.
  void check_twice_at_a_time() {
    std::map<Line::Site, std::vector<const Line*>> before;
    for (const Line& line : spec_.tier_lines) {
      if (!line.when) continue;
      std::vector<const Line*>& others = before[line.site()];
      for (const Line* const other : others) {
        const bool clash = other->effect.action != line.effect.action && line.when->overlaps(*other->when) &&
                           line.when->lies_within(*other->when) == other->when->lies_within(*line.when);
        if (!clash) continue;
        report(
            Severity::note, timetable_overlap, line.where,
            say("this row and the one at {} hold at the same time and differ about {} ({} here, {} there): "
                "the stricter counts",
                place(other->where), line.rule.text, to_string(line.effect.action),
                to_string(other->effect.action)),
            say("an exception lies wholly within the times of its rule, and then wins"));
        break;
      }
      others.push_back(&line);
    }
  }

  void check_timetable(const Tier& tier) {
    for (const TimetableEntry& entry : tier.timetable) {
      for (const CategoryId id : entry.categories) {
        const CategoryEffect& base = tier.effects[id];
        if (!base.effect.flags.locked || base.effect.action == entry.effect.action) continue;
        report(Severity::error, timetable_on_lock, entry.where,
               say("the timetable cannot change category \"{}\" in tier \"{}\": it is locked to {} ({})",
                   spec_.categories[id].id, tier.id, to_string(base.effect.action), place(base.where)),
               say("remove the category from the timetable"));
      }
    }
  }

  // Rows of one tier that say different things at the same time, where none is the other's exception.
  void check_overlaps(TierId tier) {
    const std::vector<TimetableEntry>& rows = spec_.tiers[tier].timetable;
    for (auto row = rows.begin(); row != rows.end(); ++row) {
      if (row->tier != tier) continue;  // the parent's, said there
      for (auto other = rows.begin(); other != row; ++other) {
        const bool clash = other->tier == tier && row->effect != other->effect &&
                           row->when.overlaps(other->when) && !row->is_exception_of(*other) &&
                           !other->is_exception_of(*row);
        if (clash) report_overlap(*row, *other);
      }
    }
  }

  void report_overlap(const TimetableEntry& row, const TimetableEntry& other) {
    std::string names;
    for (const CategoryId id : row.categories) {
      if (std::find(other.categories.begin(), other.categories.end(), id) == other.categories.end()) continue;
      names += (names.empty() ? "" : ", ") + spec_.categories[id].id;
    }
    if (names.empty()) return;
    report(
        Severity::note, timetable_overlap, row.where,
        say("this row and the one at {} hold at the same time and differ about {} ({} here, {} there): the "
            "stricter counts",
            place(other.where), names, to_string(row.effect), to_string(other.effect)),
        say("an exception lies wholly within the times of its rule, and then wins"));
  }

  // A tier's line on a site, beside a milder line of a tier it extends on a part of that site.
  void check_left_open() {
    std::multimap<std::string_view, const Line*> stricter;
    std::vector<std::pair<Network, const Line*>> networks;  // the stricter ones on networks
    std::set<std::pair<TierId, std::string_view>> own;
    for (const Line& line : spec_.tier_lines) {
      if (!always_names_a_site(line)) continue;
      own.emplace(line.tier, line.rule.text);
      if (line.effect.action == Action::allow) continue;
      const auto network =
          line.rule.kind == RuleKind::network ? Network::parse(line.rule.text) : std::nullopt;
      if (network)
        networks.emplace_back(*network, &line);
      else
        stricter.emplace(line.rule.text, &line);
    }
    for (const Line& part : spec_.tier_lines) {
      if (!always_names_a_site(part)) continue;
      const auto check = [&](const Line& line) {
        const std::uint8_t steps = judge_.policy().depth(line.tier, part.tier);
        const bool inherited = steps != 0 && steps != Policy::not_in_chain;
        if (inherited && strength(line.effect) > strength(part.effect) &&
            !own.contains({line.tier, part.rule.text}))
          report_left_open(line, part);
      };
      for (const auto& [network, line] : networks)
        if (is_part_of(network, part.rule)) check(*line);
      if (part.rule.kind == RuleKind::network) continue;
      for (const std::string_view whole : wholes_of(part.rule)) {
        const auto [first, end] = stricter.equal_range(whole);
        for (auto at = first; at != end; ++at) check(*at->second);
      }
    }
  }

  static bool always_names_a_site(const Line& line) {
    return line.rule.kind != RuleKind::pattern && !line.when;
  }

  // An address in the network, or a narrower network.
  static bool is_part_of(const Network& whole, const RuleEntry& rule) {
    if (rule.kind == RuleKind::domain) {
      const auto address = IpAddress::parse(rule.text);
      return address && whole.contains(*address);
    }
    const auto part = rule.kind == RuleKind::network ? Network::parse(rule.text) : std::nullopt;
    return part && part->bits > whole.bits && whole.contains(part->base);
  }

  // The hosts above a line's host; for one with a path its host and shorter paths too.
  static std::vector<std::string_view> wholes_of(const RuleEntry& rule) {
    std::vector<std::string_view> wholes;
    const std::string_view text = rule.text;
    const std::size_t path = std::min(text.find_first_of("/?"), text.size());
    for (std::size_t at = path; at < text.size(); at = text.find_first_of("/?", at + 1))
      wholes.push_back(text.substr(0, at));
    const std::string_view host = text.substr(0, path);
    for (std::size_t dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.', dot + 1))
      wholes.push_back(host.substr(dot + 1));
    return wholes;
  }

  void report_left_open(const Line& line, const Line& part) {
    const std::string_view action = to_string(line.effect.action);
    report(Severity::note, line_left_open, line.where,
           say("`{}: {}` does not reach {}: tier \"{}\", which this one extends, says {} there ({}), and the "
               "more specific line wins",
               action, line.rule.text, part.rule.text, spec_.tiers[part.tier].id,
               to_string(part.effect.action), place(part.where)),
           say("if it is meant, write `{}: {}` too", action, part.rule.text));
  }

  Judge& judge_;
  const PolicySpec& spec_;
  std::span<const std::string> places_;
  Diagnostics found_;
};

}  // namespace

Diagnostics policy_conflicts(Judge& judge, std::span<const std::string> places) {
  return Conflicts(judge, places).find();
}

}  // namespace schoolgate
