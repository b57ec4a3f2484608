#include "rules/lists/rpz_line.h"

#include <algorithm>

#include "rules/lists/dnsmasq_line.h"
#include "rules/lists/line_text.h"

namespace schoolgate {
namespace {

// A record as its line has it; the time to live and the class are passed over.
struct ZoneRecord {
  std::string_view owner, type, target;

  static ZoneRecord of(std::string_view line) noexcept {
    ZoneRecord out;
    out.owner = take_word(line);
    out.type = take_word(line);
    while (is_number(out.type) || is_class(out.type)) out.type = take_word(line);
    out.target = take_word(line);
    return out;
  }
  // "3600", "1h30m".
  static bool is_number(std::string_view word) noexcept {
    return !word.empty() && word.front() >= '0' && word.front() <= '9' &&
           word.find_first_not_of("0123456789smhdwSMHDW") == std::string_view::npos;
  }
  static bool is_class(std::string_view word) noexcept {
    const std::string name = lower_case(word);
    return name == "in" || name == "ch" || name == "hs" || name == "any";
  }
};

// The lines of a long SOA record: numbers and parentheses.
bool is_inner_line(std::string_view line) noexcept {
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line))
    if (!ZoneRecord::is_number(word) && word != "(" && word != ")") return false;
  return true;
}

bool is_other_type(std::string_view type) {
  constexpr std::string_view types[] = {"soa", "ns",  "txt",   "mx",   "srv",    "ptr",   "dname", "caa",
                                        "loc", "spf", "rrsig", "nsec", "dnskey", "https", "svcb"};
  return std::find(std::begin(types), std::end(types), lower_case(type)) != std::end(types);
}

// Rules on who asks, or on name servers: "8.0.0.0.10.rpz-client-ip".
bool is_other_trigger(std::string_view name) noexcept {
  return name.ends_with(".rpz-client-ip") || name.ends_with(".rpz-nsip") || name.ends_with(".rpz-nsdname");
}

constexpr std::string_view ip_trigger = ".rpz-ip";

// "24.0.100.51.198.rpz-ip" is 198.51.100.0/24, "48.zz.2.2001.rpz-ip" 2001:2::/48. Anything else: no network's
// text.
std::string network_of(std::string_view name) {
  name.remove_suffix(ip_trigger.size());
  const std::size_t first = std::min(name.find('.'), name.size());
  const std::string_view length = name.substr(0, first);
  std::string_view rest = name.substr(std::min(first + 1, name.size()));
  const bool is_v4 =
      std::count(rest.begin(), rest.end(), '.') == 3 && rest.find("zz") == std::string_view::npos;
  std::string text;
  while (!rest.empty()) {
    const std::size_t dot = rest.rfind('.');
    const std::string_view part = dot == std::string_view::npos ? rest : rest.substr(dot + 1);
    if (part == "zz")
      text += text.ends_with(':') ? ":" : "::";
    else
      text.append(part) += is_v4 ? '.' : ':';
    rest = rest.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  if (!text.empty() && !text.ends_with("::")) text.pop_back();
  return text.append("/").append(length);
}

std::string_view without_dot(std::string_view name) noexcept {
  return name.ends_with('.') ? name.substr(0, name.size() - 1) : name;
}

constexpr std::string_view passthru = "rpz-passthru.";

}  // namespace

RpzZone::RpzZone(std::string_view text) : text_(text) {
  constexpr std::string_view directive = "$ORIGIN";
  for (std::size_t at = text.find(directive); at != std::string_view::npos;
       at = text.find(directive, at + directive.size())) {
    std::string_view rest = without_comment(line_at(text, at + directive.size()), ';');
    origins_.emplace_back(at, without_dot(take_word(rest)));
  }
  if (!origins_.empty()) zone_ = lower_case(origins_.front().second);
  for (const std::string_view mark : {"SOA", "soa"})
    each_line_with(text, mark, [&](std::string_view line) {
      const ZoneRecord record = ZoneRecord::of(without_comment(line, ';'));
      if (record.owner.empty() || lower_case(record.type) != "soa") return true;
      const auto at = static_cast<std::size_t>(line.data() - text.data());
      zone_ = lower_case(record.owner == "@" ? origin_at(at) : without_dot(record.owner));
      return false;
    });
  each_line_with(text, passthru, [&](std::string_view line) {
    const ZoneRecord record = ZoneRecord::of(without_comment(line, ';'));
    std::string name;
    if (record.owner.starts_with("*.") && name_of(line, record.owner.substr(2), name)) passed_.insert(name);
    return true;
  });
}

std::string_view RpzZone::origin_at(std::size_t offset) const noexcept {
  const auto after = std::upper_bound(origins_.begin(), origins_.end(), offset,
                                      [](std::size_t at, const auto& origin) { return at < origin.first; });
  return after == origins_.begin() ? std::string_view() : std::prev(after)->second;
}

bool RpzZone::continues(std::string_view line) const noexcept {
  const auto at = static_cast<std::size_t>(line.data() - text_.data());
  return at > 0 && is_blank(text_[at - 1]);
}

bool RpzZone::name_of(std::string_view line, std::string_view owner, std::string& out) const {
  if (owner == "@") {
    out.clear();
    return true;
  }
  out = lower_case(without_dot(owner));
  const std::string origin = lower_case(origin_at(static_cast<std::size_t>(line.data() - text_.data())));
  if (!owner.ends_with('.') && (origin.empty() || origin == zone_)) return true;
  if (!owner.ends_with('.')) out += "." + origin;
  if (zone_.empty()) return true;
  if (out == zone_) {
    out.clear();
    return true;
  }
  if (!out.ends_with("." + zone_)) return false;
  out.resize(out.size() - zone_.size() - 1);
  return true;
}

bool RpzZone::is_passed(std::string_view name) const {
  if (passed_.empty()) return false;
  for (std::string_view parent = parent_of(name); !parent.empty(); parent = parent_of(parent))
    if (passed_.count(std::string(parent)) != 0) return true;
  return false;
}

void read_rpz(std::string_view line, const RpzZone& zone, EntryMaker& make, ListLineSink& sink) {
  if (line.starts_with('$') || zone.continues(line) || is_inner_line(line))
    return sink.ignore(Ignored::other_rule);
  const ZoneRecord record = ZoneRecord::of(line);
  const std::string type = lower_case(record.type), target = lower_case(record.target);
  const bool is_cname = type == "cname", is_address = type == "a" || type == "aaaa";
  if (is_other_type(type)) return sink.ignore(Ignored::other_rule);
  if ((!is_cname && !is_address) || target.empty())
    return sink.refuse(line, say("no record of a zone"), say("a line is: name CNAME ."));
  const bool below = record.owner.starts_with("*.");
  const std::string_view owner = below ? record.owner.substr(2) : record.owner;
  std::string name;
  if (!zone.name_of(line, owner, name))
    return sink.refuse(record.owner, say("\"{}\" lies outside of the zone", record.owner),
                       say("names end in the zone's own, or have no dot at their end"));
  if (is_other_trigger(name)) return sink.ignore(Ignored::other_rule);
  if (name.empty() || record.owner == "*") return sink.ignore(Ignored::too_broad);
  RuleEntry like;
  like.subdomains = below;
  like.itself = !below;
  like.exception = is_cname && target == passthru;
  const bool blocks =
      is_cname ? target == "." || target == "*." || target == "rpz-drop." : leads_nowhere(target);
  if (!blocks && !like.exception) return sink.ignore(Ignored::names_a_server);
  if (name.ends_with(ip_trigger)) {  // of networks the narrower goes before, as everywhere
    if (below || !make.network(network_of(name), line, sink, like, owner))
      sink.refuse(owner, say("\"{}\" is no network", owner),
                  say("24.0.100.51.198.rpz-ip is 198.51.100.0/24"));
    return;
  }
  // The record of a name goes before that of a parent: what lies below a passthru is not lifted by it, and
  // the passthru of one name lifts everything.
  like.important = like.exception ? !below : zone.is_passed(name);
  make.host(name, line, sink, like, owner);
}

}  // namespace schoolgate
