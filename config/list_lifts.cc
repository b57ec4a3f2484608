#include "config/list_lifts.h"

#include <algorithm>
#include <unordered_map>

#include "config/lists/list_suffixes.h"
#include "config/text/text_file.h"
#include "rules/url/ip.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {
namespace {

void each_host(const LiftFile& file, const std::function<void(std::string&&)>& use) {
  const auto text = read_file(file.path, largest_list_file);
  if (!text) return;
  (void)parse_list(*text, file.format, file.path, [&](RuleEntry&& entry) {
    if (entry.kind == RuleKind::domain && !entry.exception) use(std::move(entry.text));
  });
}

// Which files speak for a host: those that name it or something below it.
using Speakers = std::unordered_map<std::string, std::vector<std::uint32_t>>;

void add_speaker(Speakers& speakers, std::string_view host, std::uint32_t file) {
  for (;;) {
    auto& files = speakers[std::string(host)];
    if (!files.empty() && files.back() == file) return;  // so do its parents
    files.push_back(file);
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos) return;
    host.remove_prefix(dot + 1);
  }
}

}  // namespace

std::vector<Lifts> count_lifts(std::span<const LiftFile> files,
                               const std::function<bool(CategoryId, CategoryId)>& lifts) {
  Speakers speakers;
  for (std::uint32_t i = 0; i < files.size(); ++i)
    if (files[i].protects)
      each_host(files[i], [&](std::string&& host) {
        if (IpAddress::parse(host))
          speakers[std::move(host)].push_back(i);
        else if (public_suffix(host) != Suffix::registry)
          add_speaker(speakers, host, i);
      });
  std::vector<Lifts> found(files.size());
  if (speakers.empty()) return {};
  for (const LiftFile& file : files) {
    if (file.protects) continue;
    each_host(file, [&](std::string&& host) {
      const auto speaking = speakers.find(host);
      if (speaking == speakers.end()) return;
      for (const std::uint32_t i : speaking->second)
        if (lifts(files[i].category, file.category) && found[i].entries++ == 0) found[i].example = host;
    });
  }
  std::vector<Lifts> out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (found[i].entries == 0) continue;
    found[i].list = files[i].name;
    out.push_back(std::move(found[i]));
  }
  return out;
}

std::vector<Lifts> count_lifts(const Snapshot& snapshot) {
  const auto categories = snapshot.policy->categories();
  std::vector<LiftFile> files;
  for (std::size_t tag = 0; tag < snapshot.list_status.size(); ++tag) {
    const ListSource& source = snapshot.list_status[tag].source;
    const CategoryId category = snapshot.list_meanings[tag].category;
    if (category != no_category)
      files.push_back({source.name, source.path, source.format, category, categories[category].protecting});
  }
  return count_lifts(files, [&](CategoryId protecting, CategoryId blocking) {
    if (categories[blocking].beats_protecting) return false;
    const auto tiers = snapshot.policy->tiers();
    return std::any_of(tiers.begin(), tiers.end(), [&](const Tier& tier) {
      const Effect& closes = tier.effects[blocking].effect;
      return tier.effects[protecting].effect.action == Action::allow && closes.action != Action::allow &&
             !closes.flags.locked;
    });
  });
}

Message message_of(const Lifts& lifts) {
  return lifts.entries == 1 ? say("{} lifts 1 entry of other lists, such as {}", lifts.list, lifts.example)
                            : say("{} lifts {} entries of other lists, such as {}", lifts.list, lifts.entries,
                                  lifts.example);
}

}  // namespace schoolgate
