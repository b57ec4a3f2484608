#include "config/list_lifts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "config/text/text_file.h"
#include "rules/db/rule_db.h"
#include "rules/url/ip.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {
namespace {

bool names_a_host(const RuleEntry& entry) noexcept {
  return entry.kind == RuleKind::domain && !entry.exception;
}

// A public suffix is left out of the lists, and protects nothing.
bool speaks(std::string_view host) {
  return IpAddress::parse(host).has_value() || public_suffix(host) != Suffix::registry;
}

void each_entry(const std::string& path, ListFormat format, const std::function<void(RuleEntry&&)>& use) {
  if (const auto text = read_file(path, largest_list_file)) (void)parse_list(*text, format, path, use);
}

// What one protecting list lifts of those that a database holds.
class LiftedEntries {
 public:
  LiftedEntries(const RuleDb& lists, std::function<bool(Tag)> closes)
      : lists_(lists), closes_(std::move(closes)) {}

  void add(std::string_view host) {
    for (RuleHit& hit : lists_.host_entries(host)) {
      if (hit.exception || !closes_(hit.tag)) continue;
      const Line line(hit.tag, hit.line);
      if (!known_.emplace(line, hit.text).second || line >= first_) continue;
      first_ = line;
      example_ = std::move(hit.text);
    }
  }
  [[nodiscard]] Lifts take(const std::string& list) { return {list, known_.size(), std::move(example_)}; }

 private:
  const RuleDb& lists_;
  std::function<bool(Tag)> closes_;
  using Line = std::pair<Tag, std::uint32_t>;
  std::set<std::pair<Line, std::string>> known_;
  Line first_{UINT32_MAX, 0};
  std::string example_;
};

bool opens_anywhere(const Policy& policy, CategoryId protecting, CategoryId blocking) {
  if (policy.categories()[blocking].beats_protecting) return false;
  const auto tiers = policy.tiers();
  return std::any_of(tiers.begin(), tiers.end(), [&](const Tier& tier) {
    const Effect& closes = tier.effects[blocking].effect;
    return tier.effects[protecting].effect.action == Action::allow && closes.action != Action::allow &&
           !closes.flags.locked;
  });
}

}  // namespace

LiftCounter::LiftCounter(std::vector<LiftFile> files, LiftsCategory lifts)
    : files_(std::move(files)), lifts_(std::move(lifts)), found_(files_.size()) {}

void LiftCounter::add(std::size_t file, const RuleEntry& entry) {
  if (!names_a_host(entry)) return;
  if (files_[file].protects) {
    if (speaks(entry.text)) speak(entry.text, static_cast<std::uint32_t>(file));
    return;
  }
  if (speakers_.empty()) return;
  const auto speaking = speakers_.find(entry.text);
  if (speaking == speakers_.end()) return;
  for (const std::uint32_t i : speaking->second)
    if (lifts_(files_[i].category, files_[file].category) && found_[i].entries++ == 0)
      found_[i].example = entry.text;
}

void LiftCounter::speak(std::string_view host, std::uint32_t file) {
  const bool has_parents = !IpAddress::parse(host);
  for (;;) {
    auto& files = speakers_[std::string(host)];
    if (!files.empty() && files.back() == file) return;  // so do its parents
    files.push_back(file);
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos || !has_parents) return;
    host.remove_prefix(dot + 1);
  }
}

void LiftCounter::read(std::size_t file) {
  each_entry(files_[file].path, files_[file].format, [&](RuleEntry&& entry) { add(file, entry); });
}

std::vector<Lifts> LiftCounter::take() {
  std::vector<Lifts> out;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    if (found_[i].entries == 0) continue;
    found_[i].list = files_[i].name;
    out.push_back(std::move(found_[i]));
  }
  return out;
}

std::vector<Lifts> count_lifts(const Snapshot& snapshot) {
  const auto categories = snapshot.policy->categories();
  const auto category_of = [&](std::size_t tag) { return snapshot.list_meanings[tag].category; };
  const auto protects = [&](CategoryId category) {
    return category != no_category && categories[category].protecting;
  };
  std::vector<Lifts> out;
  for (std::size_t tag = 0; tag < snapshot.list_status.size(); ++tag) {
    if (!protects(category_of(tag))) continue;
    const ListSource& source = snapshot.list_status[tag].source;
    LiftedEntries lifted(*snapshot.lists, [&](Tag other) {
      const CategoryId blocking = category_of(other);
      return blocking != no_category && !protects(blocking) &&
             opens_anywhere(*snapshot.policy, category_of(tag), blocking);
    });
    each_entry(source.path, source.format, [&](RuleEntry&& entry) {
      if (names_a_host(entry) && speaks(entry.text)) lifted.add(entry.text);
    });
    if (Lifts lifts = lifted.take(source.name); lifts.entries != 0) out.push_back(std::move(lifts));
  }
  return out;
}

Message message_of(const Lifts& lifts) {
  return lifts.entries == 1 ? say("{} lifts 1 entry of other lists, such as {}", lifts.list, lifts.example)
                            : say("{} lifts {} entries of other lists, such as {}", lifts.list, lifts.entries,
                                  lifts.example);
}

}  // namespace schoolgate
