#include "config/thinness.h"

#include <sys/stat.h>

#include <algorithm>
#include <ctime>

#include "config/lists/fetched_list.h"
#include "config/main/examples.h"
#include "config/text/suggest.h"
#include "rules/url/host_keys.h"

namespace schoolgate {
namespace {

constexpr std::uint64_t few_entries = 50;     // of one category that is blocked or warned of
constexpr std::uint64_t few_in_all = 20'000;  // public collections have a million
constexpr std::int64_t old_days = 30;
constexpr std::int64_t first_plausible_time = 946'684'800;  // 2000-01-01
constexpr std::uint64_t collected_from = 1'000;  // entries; shorter lists are written by hand and do not age

bool restricts(const Policy& policy, CategoryId category) {
  return std::any_of(policy.tiers().begin(), policy.tiers().end(), [&](const Tier& tier) {
    const Action action = tier.effects[category].effect.action;
    return action == Action::block || action == Action::warn;
  });
}

std::vector<Message> old_lists(const Snapshot& snapshot) {
  std::vector<Message> names;
  const std::int64_t now = std::time(nullptr);
  for (const ListStatus& status : snapshot.list_status) {
    struct stat info {};
    if (status.source.update) continue;  // those have a rhythm of their own
    if (status.report.accepted < collected_from || ::stat(status.source.path.c_str(), &info) != 0) continue;
    if (info.st_mtime < first_plausible_time) continue;  // unpacked without its time
    const std::int64_t days = (now - info.st_mtime) / 86'400;
    if (days > old_days) names.push_back(say("{} ({} days)", status.source.name, days));
  }
  return names;
}

std::vector<Message> overdue_lists(const Snapshot& snapshot) {
  std::vector<Message> names;
  const std::int64_t now = std::time(nullptr);
  for (const ListStatus& status : snapshot.list_status) {
    if (!status.source.update) continue;
    const auto fetched = fetched_at(status.source);
    if (overdue(*status.source.update, fetched, now))
      names.push_back(say("{} ({})", status.source.name, age_text(fetched, now)));
  }
  return names;
}

// Nearly every search is https: where that is not opened its words are never seen.
std::vector<std::string> tiers_blind_to_words(const Policy& policy) {
  std::vector<std::string> ids;
  if (policy.spec().terms.empty()) return ids;
  const auto reads_one = [&](const Tier& tier) {
    const auto& hosts = tier.inspect_only.hosts;
    return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
      const SearchEngine* const engine = policy.engines().find(HostKeys(host, false));
      return engine != nullptr && engine->sees_words() && tier.inspect_only.holds(host);
    });
  };
  for (const Tier& tier : policy.tiers())
    if (tier.https != Https::inspect && !reads_one(tier)) ids.push_back(tier.id);
  return ids;
}

// Categories whose names were to be learned, and were too few.
std::vector<std::string> not_learned(const Snapshot& snapshot) {
  std::vector<std::string> ids;
  const Policy& policy = *snapshot.policy;
  const auto is_off = [](const Tier& tier) { return tier.lookalikes == Lookalikes::off; };
  if (std::all_of(policy.tiers().begin(), policy.tiers().end(), is_off)) return ids;
  const auto models = snapshot.lists->lookalikes().all();
  for (const Category& category : policy.categories()) {
    const auto is_its = [&](const LookalikeModel& model) { return model.category == category.id; };
    if (category.names == Category::Names::lookalikes && std::none_of(models.begin(), models.end(), is_its))
      ids.push_back(category.id);
  }
  return ids;
}

}  // namespace

Message what_the_floor_lacks(const Snapshot& snapshot) {
  if (snapshot.policy->floor().empty())
    return say(
        "The sealed floor has no entries: nothing illegal is named to this machine (schoolgate floor).");
  if (snapshot.floor.state == FloorStanding::State::plain)
    return say("The floor in force is signed by nobody; entries of floor.txt: {} (schoolgate floor).",
               snapshot.floor.entries);
  return {};
}

std::vector<Message> what_is_thin(const Snapshot& snapshot) {
  std::vector<Message> out;
  const Policy& policy = *snapshot.policy;
  if (Message lack = what_the_floor_lacks(snapshot); !lack.empty()) out.push_back(std::move(lack));
  if (const auto keys = example_keys(snapshot.config.school); !keys.empty()) {
    std::vector<std::string> names(keys.begin(), keys.end());
    out.push_back(
        say("Still as shipped, so pages cannot name the school's own people (schoolgate.yaml, school): {}.",
            join_words(names, 50)));
  }
  std::vector<std::uint64_t> entries(policy.categories().size(), 0);
  std::uint64_t all = 0;
  for (std::size_t tag = 0; tag < snapshot.list_meanings.size(); ++tag) {
    entries[snapshot.list_meanings[tag].category] += snapshot.list_status[tag].report.accepted;
    all += snapshot.list_status[tag].report.accepted;
  }
  if (all < few_in_all)
    out.push_back(
        say("All lists together have {} entries: only starter lists. More: schoolgate lists catalogue, or a "
            "public collection with a million (schoolgate lists import).",
            grouped(all)));
  std::vector<std::string> none, few;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!restricts(policy, static_cast<CategoryId>(i))) continue;
    if (entries[i] == 0)
      none.push_back(policy.categories()[i].id);
    else if (entries[i] < few_entries)
      few.push_back(policy.categories()[i].id);
  }
  if (!none.empty()) out.push_back(say("No list entries for: {}.", join_words(none, 50)));
  if (!few.empty() && all >= few_in_all)  // else the sentence above says it all
    out.push_back(say("Fewer than {} list entries for: {}.", few_entries, join_words(few, 50)));
  if (const auto blind = tiers_blind_to_words(policy); !blind.empty())
    out.push_back(
        say("The {} rules on search words read http alone, not https (names are judged, safe search works; "
            "https: inspect shows whole addresses), in: {}.",
            policy.spec().terms.size(), join_words(blind)));
  if (!policy.spec().terms.empty())
    out.push_back(say(
        "Words are read in addresses alone: what is typed into chats, forms and YouTube's search within its "
        "page is seen in no tier."));
  if (const auto ids = not_learned(snapshot); !ids.empty())
    out.push_back(say(
        "Too few names to learn look-alikes from, of: {} (it takes {} entries, and {} of ordinary sites).",
        join_words(ids), fewest_to_learn, fewest_benign_to_learn));
  if (const auto old = old_lists(snapshot); !old.empty())
    out.push_back(say("Lists older than {} days: {}.", old_days, join_messages(old)));
  if (const auto late = overdue_lists(snapshot); !late.empty())
    out.push_back(
        say("Lists older than twice their rhythm (schoolgate lists update): {}.", join_messages(late)));
  return out;
}

}  // namespace schoolgate
