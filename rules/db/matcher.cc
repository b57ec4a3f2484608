#include "rules/db/matcher.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "rules/db/compiled_db.h"
#include "rules/patterns/matcher.h"
#include "rules/wrappers/wrapper_hosts.h"

namespace schoolgate {
namespace {

// A rule that holds what is asked about, as it is found.
struct Held {
  Tag tag;
  RuleKind kind;
  bool exception;
  bool important;
  bool inner;
  std::uint16_t labels;
  std::uint32_t line;
  std::string_view host;  // domain, url: the key
  bool www;               // url: its author wrote "www." before the key
  std::string_view rest;  // url: path and query; pattern: its text
  const Network* network;

  [[nodiscard]] std::size_t text_length() const noexcept {
    if (kind == RuleKind::pattern) return rest.size();
    if (kind == RuleKind::network) return 0;
    return (www ? 4 : 0) + host.size() + (kind == RuleKind::url ? std::max<std::size_t>(rest.size(), 1) : 0);
  }
};

// The path and query of the match form, lower case, as one text.
std::string_view path_and_query(const Url& url) noexcept {
  const std::string_view whole = url.match_lower(), path = url.match_path(true);
  return whole.substr(static_cast<std::size_t>(path.data() - whole.data()));
}

// The suffixes of a host whose buckets do not rule them out; their records are on the way.
class Likely {
 public:
  Likely(const DomainIndex& domains, const HostKeys& keys) noexcept {
    std::size_t count = 0;
    for (const HostKeys::Key& key : keys) {
      keys_[count] = &key;
      count += domains.may_hold(key.hash) ? 1 : 0;
    }
    count_ = count;
  }
  [[nodiscard]] const HostKeys::Key* const* begin() const noexcept { return keys_.data(); }
  [[nodiscard]] const HostKeys::Key* const* end() const noexcept { return keys_.data() + count_; }

 private:
  std::size_t count_;
  std::array<const HostKeys::Key*, HostKeys::max_labels> keys_;  // set only up to count_
};

// What a walk says besides the rules it finds.
struct Asides {
  bool error = false;
  bool path_rules = false;
};

}  // namespace

struct Matcher::Impl {
  Impl(std::shared_ptr<const RuleDb> database, Reach how_far)
      : owner(std::move(database)), db(owner->sections()), reach(std::move(how_far)) {
    if (db.patterns) patterns.emplace(db.patterns);
  }

  std::shared_ptr<const RuleDb> owner;
  const CompiledDb& db;
  const Reach reach;
  std::optional<PatternMatcher> patterns;
  std::vector<std::uint32_t> pattern_ids;
  Unwrapper unwrapper;

  void prefetch(const HostKeys& keys) const noexcept {
    for (const HostKeys::Key& key : keys) db.domains.prefetch(key.hash);
  }

  // Calls sink.take(Held) for every rule that holds `url`, and sink.end_subject() after those of the visible
  // URL and after those of each URL within it: exceptions reach no further than that.
  template <class Sink>
  void walk(const Url& url, const HostKeys& keys, Stage stage, Sink& sink, Asides& asides) {
    if (db.domains.empty() && !patterns && db.networks.empty()) return;  // a policy without lines
    if (patterns) ask_patterns(url, stage, false, sink, asides);         // meanwhile the buckets arrive
    const Likely likely(db.domains, keys);
    if (stage == Stage::host && db.path_patterns) asides.path_rules = true;
    ask_hosts(url, keys, likely, stage, false, sink, asides);
    if (!db.networks.empty()) ask_networks(url.host(), false, sink);
    sink.end_subject();
    if (unwrapper.may_wrap(keys)) [[unlikely]]
      ask_inner(url, stage, sink, asides);
  }

  template <class Sink>
  void ask_patterns(const Url& url, Stage stage, bool inner, Sink& sink, Asides& asides) {
    pattern_ids.clear();
    if (!patterns->match(url, stage, pattern_ids)) asides.error = true;
    for (const std::uint32_t id : pattern_ids) {
      const auto rules = db.pattern_rules[id];
      for (std::size_t i = 0; i + numbers_per_pattern_rule <= rules.size(); i += numbers_per_pattern_rule) {
        Held held{};
        held.inner = inner;
        held.tag = rules[i];
        held.kind = RuleKind::pattern;
        held.line = rules[i + 1];
        held.exception = (rules[i + 2] & PatternFlags::exception) != 0;
        held.important = (rules[i + 2] & PatternFlags::important) != 0;
        held.rest = db.patterns->text(id);
        sink.take(held);
      }
    }
  }

  template <class Sink>
  void ask_hosts(const Url& url, const HostKeys& keys, const Likely& likely, Stage stage, bool inner,
                 Sink& sink, Asides& asides) {
    for (const HostKeys::Key* key : likely) {
      DomainRecord record;
      const DomainIndex::Found found = db.domains.find(key->hash, keys.suffix(*key), record);
      if (found == DomainIndex::Found::no) continue;
      if (found == DomainIndex::Found::damaged ||
          !take_record(url, keys, *key, record, stage, inner, sink, asides))
        asides.error = true;
    }
  }

  template <class Sink>
  bool take_record(const Url& url, const HostKeys& keys, const HostKeys::Key& key, const DomainRecord& record,
                   Stage stage, bool inner, Sink& sink, Asides& asides) {
    Held held{};
    held.inner = inner;
    held.host = keys.suffix(key);
    held.labels = key.labels;
    held.kind = RuleKind::domain;
    const bool itself = held.host.size() == keys.text().size();
    const bool good = db.domain_rules(record, [&](Tag tag, std::uint32_t flags, std::uint32_t line) {
      if ((flags & (itself ? DomainFlags::not_itself : DomainFlags::not_below)) != 0) return;
      held.tag = tag;
      held.exception = (flags & DomainFlags::exception) != 0;
      held.important = (flags & DomainFlags::important) != 0;
      held.line = line;
      sink.take(held);
    });
    if (record.url_group == 0) return good;
    if (!db.urls.valid(record.url_group)) return false;

    const HostRelation relation = host_relation(keys.text(), held.host);
    if (stage == Stage::host) {
      asides.path_rules = asides.path_rules || db.urls.may_hold(record.url_group, relation);
      return good;
    }
    held.kind = RuleKind::url;
    db.urls.match(record.url_group, path_and_query(url),
                  [&](std::string_view rest, std::span<const UrlItem> items, bool at_border) {
                    for (const UrlItem& item : items) {
                      if (!at_border && (item.flags & UrlItem::open_end) == 0) continue;
                      if (!holds(item, relation)) continue;
                      held.tag = item.tag;
                      held.exception = (item.flags & UrlItem::exception) != 0;
                      held.important = (item.flags & UrlItem::important) != 0;
                      held.line = item.line;
                      held.www = (item.flags & UrlItem::www) != 0;
                      held.labels = static_cast<std::uint16_t>(key.labels + (held.www ? 1 : 0));
                      held.rest = rest;
                      sink.take(held);
                    }
                  });
    return good;
  }

  template <class Sink>
  void ask_networks(const Host& host, bool inner, Sink& sink) {
    if (!host.is_address()) return;
    db.networks.match(host.address, [&](const Network& network, std::span<const NetworkItem> items) {
      Held held{};
      held.inner = inner;
      held.kind = RuleKind::network;
      held.labels = network.bits;
      held.network = &network;
      for (const NetworkItem& item : items) {
        held.tag = item.tag;
        held.exception = (item.flags & NetworkItem::exception) != 0;
        held.important = (item.flags & NetworkItem::important) != 0;
        held.line = item.line;
        sink.take(held);
      }
    });
  }

  template <class Sink>
  void ask_inner(const Url& url, Stage stage, Sink& sink, Asides& asides) {
    const Unwrapper::Inner within = unwrapper.unwrap(url, stage);
    if (stage == Stage::host && within.in_path) asides.path_rules = true;
    if (within.too_many) asides.error = true;
    for (const Url& inner : within.urls) {
      const HostKeys keys(inner.host());
      prefetch(keys);
      if (patterns) ask_patterns(inner, stage, true, sink, asides);
      ask_hosts(inner, keys, Likely(db.domains, keys), stage, true, sink, asides);
      if (!db.networks.empty()) ask_networks(inner.host(), true, sink);
      sink.end_subject();
    }
  }
};

namespace {

unsigned network_bits(const Matches::Hit& hit) noexcept {
  return hit.specificity;
}
unsigned network_bits(const RuleHit& hit) noexcept {
  const auto network = Network::parse(hit.text);
  return network ? network->bits : 0;
}

// Of networks within each other the narrower one speaks, so that an exception for one lifts what is no
// narrower, and no name.
template <class Hit>
bool reaches(const Hit& exception, const Hit& hit) noexcept {
  if (exception.kind != RuleKind::network) return true;
  return hit.kind == RuleKind::network && network_bits(hit) <= network_bits(exception);
}

template <class Hit>
bool is_of_reach(const Hit& exception, const Hit& hit, const Reach& reach) noexcept {
  if (exception.tag == hit.tag) return exception.important || !hit.important;
  return exception.tag < reach.reaching.size() && hit.tag < reach.group.size() &&
         reach.reaching[exception.tag] && reach.group[exception.tag] == reach.group[hit.tag] &&
         !exception.important && !hit.important;
}

// Whether an exception is among [first, end) that lifts it.
template <class Hit>
bool is_lifted(const Hit& hit, const Hit* first, const Hit* end, const Reach& reach) noexcept {
  return !hit.exception && std::any_of(first, end, [&](const Hit& h) {
    return h.exception && is_of_reach(h, hit, reach) && reaches(h, hit);
  });
}

struct HitSink {
  std::vector<Matches::Hit>& hits;
  const Reach& reach;
  std::size_t subject = hits.size();  // where the hits of the present URL begin
  bool exceptions = false;            // among them

  void take(const Held& held) {
    exceptions = exceptions || held.exception;
    hits.push_back({held.tag, held.kind, held.exception, held.labels,
                    static_cast<std::uint32_t>(held.text_length()), held.line, held.inner, held.important});
  }
  void end_subject() {
    if (exceptions) drop_lifted();
    subject = hits.size();
    exceptions = false;
  }
  void drop_lifted() {
    // Exceptions to the front, so that what they lift can be dropped while they stay.
    const auto begin = hits.begin() + static_cast<std::ptrdiff_t>(subject);
    const auto rest = std::partition(begin, hits.end(), [](const Matches::Hit& h) { return h.exception; });
    const Matches::Hit *first = &*begin, *end = first + (rest - begin);
    hits.erase(std::remove_if(rest, hits.end(),
                              [&](const Matches::Hit& h) { return is_lifted(h, first, end, reach); }),
               hits.end());
  }
};

struct ExplainSink {
  const Reach& reach;
  std::vector<RuleHit> hits{};
  std::size_t subject = 0;

  void take(const Held& held) {
    std::string text;
    switch (held.kind) {
      case RuleKind::domain:
        text = held.host;
        break;
      case RuleKind::url:
        text = url_rule_text(held.host, held.www, held.rest);
        break;
      case RuleKind::pattern:
        text = held.rest;
        break;
      case RuleKind::network:
        text = held.network->cidr();
        break;
    }
    hits.push_back(
        {held.tag, held.kind, held.exception, held.line, std::move(text), held.inner, false, held.important});
  }
  void end_subject() {
    const RuleHit *first = hits.data() + subject, *end = hits.data() + hits.size();
    for (std::size_t i = subject; i < hits.size(); ++i)
      hits[i].lifted = is_lifted(hits[i], first, end, reach);
    subject = hits.size();
  }
};

}  // namespace

Matcher::Matcher(std::shared_ptr<const RuleDb> db, Reach reach)
    : impl_(std::make_unique<Impl>(std::move(db), std::move(reach))) {}
Matcher::~Matcher() = default;
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;

const RuleDb& Matcher::db() const noexcept {
  return *impl_->owner;
}

void Matcher::match(const Url& url, Stage stage, Matches& out) {
  const HostKeys keys(url.host());
  prefetch(keys);
  match(url, keys, stage, out);
}

void Matcher::match(const Url& url, const HostKeys& keys, Stage stage, Matches& out) {
  HitSink sink{out.hits, impl_->reach};
  Asides asides;
  impl_->walk(url, keys, stage, sink, asides);
  out.pattern_error = out.pattern_error || asides.error;
  out.path_rules = out.path_rules || asides.path_rules;
}

void Matcher::prefetch(const HostKeys& keys) const noexcept {
  impl_->prefetch(keys);
}

std::vector<RuleHit> Matcher::explain(const Url& url, Stage stage) {
  ExplainSink sink{impl_->reach};
  Asides asides;
  impl_->walk(url, HostKeys(url.host()), stage, sink, asides);
  return std::move(sink.hits);
}

}  // namespace schoolgate
