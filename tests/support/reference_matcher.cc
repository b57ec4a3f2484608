#include "tests/support/reference_matcher.h"

#include <re2/re2.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>

#include "rules/wrappers/wrapper_hosts.h"

namespace schoolgate {
namespace {

bool is_below(const std::string& host, const std::string& parent) {
  const std::string ending = "." + parent;
  return host.size() > ending.size() && host.compare(host.size() - ending.size(), ending.size(), ending) == 0;
}

unsigned labels(const std::string& host) {
  return 1 + static_cast<unsigned>(std::count(host.begin(), host.end(), '.'));
}

std::string bare(const std::string& host) {
  if (host.compare(0, 4, "www.") != 0 || host.find('.', 4) == std::string::npos) return host;
  return host.substr(4);
}

struct UrlRule {
  std::string host, path;  // path: "" or "/..."
  bool open_end = false;

  explicit UrlRule(const std::string& text, bool open = false) : open_end(open) {
    const auto end = text.find_first_of("/?");
    host = text.substr(0, end);
    if (end != std::string::npos) path = text.substr(end);
    if (!path.empty() && path[0] == '?') path = "/" + path;
    if (!open_end && path.find('?') == std::string::npos) {
      while (!path.empty() && path.back() == '/') path.pop_back();
    }
  }
  bool holds_host(const std::string& url_host, bool is_address, bool subdomains) const {
    if (bare(url_host) == bare(host)) return true;
    return subdomains && !is_address && is_below(url_host, host);
  }
  bool holds_path(const std::string& target) const {
    if (target.compare(0, path.size(), path) != 0) return false;
    if (open_end || path.empty() || target.size() == path.size()) return true;
    const std::string borders = "/?&#;=";
    return target[path.size()] == '%' || target[path.size()] == ' ' ||
           borders.find(target[path.size()]) != std::string::npos ||
           borders.find(path.back()) != std::string::npos;
  }
};

std::string subject_of(const Url& url, PatternTarget target) {
  switch (target) {
    case PatternTarget::host:
      return std::string(url.match_host());
    case PatternTarget::path:
      return std::string(url.match_path(false));
    case PatternTarget::query:
      return std::string(url.match_query(false));
    case PatternTarget::url:
      break;
  }
  return std::string(url.match());
}

// A form's spelling of a blank in a query, read as one.
std::string blanks_for_plus(std::string subject, PatternTarget target) {
  const std::size_t query = target == PatternTarget::query ? 0
                            : target == PatternTarget::url ? std::min(subject.find('?'), subject.size())
                                                           : subject.size();
  std::replace(subject.begin() + static_cast<std::ptrdiff_t>(query), subject.end(), '+', ' ');
  return subject;
}

}  // namespace

bool seems_to_hold_whole_host(const Url& url, const std::string& pattern) {
  std::string front(url.match());
  front.resize(front.find('/', front.find("://") + 3) + 1);
  static const char* const tails[] = {"",       "a",       "z",
                                      "0",      "-",       "_",
                                      ".",      "/",       "?",
                                      "a/b",    "ab.html", "index.php?a=b&c=d",
                                      "~x/",    "\u1ed9",  "a/\u1ed9?q=\u1ed9",
                                      "%23",    "x%00",    "=",
                                      "casino", "play",    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                      "; ",     "A",       "?q",
                                      "a.jpg"};
  return std::all_of(std::begin(tails), std::end(tails),
                     [&](const char* tail) { return RE2::PartialMatch(front + tail, pattern); });
}

HitRow row(const Matches::Hit& hit) {
  return {hit.tag,  static_cast<int>(hit.kind), hit.exception, hit.specificity, hit.text_length, hit.line,
          hit.inner};
}

std::string to_string(const std::vector<HitRow>& rows) {
  std::ostringstream out;
  for (const HitRow& r : rows) {
    std::apply([&](const auto&... field) { ((out << field << ' '), ...); }, r);
    out << '\n';
  }
  return out.str();
}

std::vector<HitRow> rows(const Matches& matches) {
  std::vector<HitRow> out;
  for (const Matches::Hit& hit : matches.hits) out.push_back(row(hit));
  std::sort(out.begin(), out.end());
  return out;
}

void ReferenceMatcher::ask_all(const Url& url, Stage stage, bool inner, Matches& out) const {
  const std::string host = url.host().text;
  const bool is_address = url.host().is_address();
  std::string target(url.match_lower());
  target = target.substr(target.find('/', target.find("://") + 3));

  std::vector<Matches::Hit> held;
  for (const auto& [tag, rule] : rules_) {
    Matches::Hit hit{tag,       rule.kind, rule.exception, 0, static_cast<std::uint32_t>(rule.text.size()),
                     rule.line, inner,     rule.important};
    bool holds = false;
    if (rule.kind == RuleKind::domain) {
      holds =
          (rule.itself && host == rule.text) || (rule.subdomains && !is_address && is_below(host, rule.text));
      hit.specificity = static_cast<std::uint16_t>(labels(rule.text));
    } else if (rule.kind == RuleKind::url) {
      const UrlRule parts(rule.text, rule.open_end);
      holds = parts.holds_host(host, is_address, rule.subdomains);
      if (holds && stage == Stage::host) out.path_rules = true;
      holds = holds && stage == Stage::request && parts.holds_path(target);
      hit.specificity = static_cast<std::uint16_t>(labels(parts.host));
      hit.text_length =
          static_cast<std::uint32_t>(parts.host.size() + std::max<std::size_t>(parts.path.size(), 1));
    } else if (rule.kind == RuleKind::network) {
      const std::optional<Network> network = Network::parse(rule.text);
      holds = is_address && network->contains(url.host().address);
      hit.specificity = network->bits;
      hit.text_length = 0;
    } else {
      const bool asked = stage == Stage::request || rule.target == PatternTarget::host;
      if (!asked) out.path_rules = true;
      const std::string text = (rule.case_sensitive ? "" : "(?i)") + rule.text;
      holds = asked ? RE2::PartialMatch(subject_of(url, rule.target), text) ||
                          RE2::PartialMatch(blanks_for_plus(subject_of(url, rule.target), rule.target), text)
                    : rule.target == PatternTarget::url && seems_to_hold_whole_host(url, text);
    }
    if (holds) held.push_back(hit);
  }
  for (const Matches::Hit& hit : held) {
    const bool lifted =
        !hit.exception && std::any_of(held.begin(), held.end(), [&](const Matches::Hit& other) {
          const bool network = other.kind == RuleKind::network;
          if (network && (hit.kind != RuleKind::network || hit.specificity > other.specificity)) return false;
          return other.exception && other.tag == hit.tag && (other.important || !hit.important);
        });
    if (!lifted) out.hits.push_back(hit);
  }
}

Matches ReferenceMatcher::match(const Url& url, Stage stage) const {
  Matches out;
  ask_all(url, stage, false, out);
  if (rules_.empty()) return out;
  Unwrapper unwrapper;  // has tables of its own in its test
  const Unwrapper::Inner within = unwrapper.unwrap(url, stage);
  if (stage == Stage::host && within.in_path) out.path_rules = true;
  if (within.too_many) out.pattern_error = true;
  for (const Url& inner : within.urls) ask_all(inner, stage, true, out);
  return out;
}

}  // namespace schoolgate
