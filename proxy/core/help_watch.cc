#include "proxy/core/help_watch.h"

#include "proxy/core/grants.h"
#include "rules/bytes/hex.h"
#include "rules/bytes/sha256.h"

namespace schoolgate {

const HelpWatch::Entry* HelpWatch::find(const Table& table, const Key& key, std::int64_t now_ms) {
  const auto at = table.entries.find(key);
  if (at == table.entries.end()) return nullptr;
  // A clock that was set back must not hold alerts down for longer.
  return now_ms >= at->second.since_ms && now_ms < at->second.until_ms ? &at->second : nullptr;
}

void HelpWatch::put(Table& table, const Key& key, std::int64_t now_ms, std::int64_t until_ms,
                    std::uint64_t decision) {
  const auto [at, is_new] = table.entries.try_emplace(key);
  if (!is_new) table.by_age.erase(at->second.age);
  table.by_age.push_back(key);
  at->second = {now_ms, until_ms, decision, std::prev(table.by_age.end())};
  while (table.entries.size() > max_) {
    table.entries.erase(table.by_age.front());
    table.by_age.pop_front();
  }
}

bool HelpWatch::page_due(const IpAddress& client, const std::string& rule, std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  return find(pages_, {client, rule}, now_ms) == nullptr;
}

void HelpWatch::page_shown(const IpAddress& client, const std::string& rule, std::int64_t now_ms) {
  const MutexLock lock(mutex_);
  put(pages_, {client, rule}, now_ms, now_ms + window_ms, 0);
}

std::uint64_t HelpWatch::alert_of(const IpAddress& client, const std::string& theme, std::int64_t now_ms,
                                  std::int64_t until_ms, std::uint64_t decision) {
  const MutexLock lock(mutex_);
  const Key key{client, theme};
  if (const Entry* const rang = find(alerts_, key, now_ms)) return rang->decision;
  put(alerts_, key, now_ms, until_ms, decision);
  return decision;
}

void note_alert(LogRecord& record, bool rings, const Policy& policy, HelpWatch& watch) {
  Verdict& help = record.help ? *record.help : record.verdict;
  if (help.action != Action::help || !help.flags.alert) return;
  const auto& categories = policy.categories();
  const std::string theme = help.category < categories.size() ? categories[help.category].id : std::string();
  if (rings) {
    record.alert =
        watch.alert_of(record.client, theme, record.time_ms, record.alert_until_ms, record.decision);
  }
  help.flags.alert = rings && record.alert == record.decision;
}

void note_help_page(const Verdict& help, const IpAddress& client, const Snapshot& snapshot,
                    std::int64_t now_ms, HelpWatch& watch) {
  if (helps_with_words(help)) watch.page_shown(client, help_rule(snapshot, help), now_ms);
}

std::string help_rule(const Snapshot& snapshot, const Verdict& help) {
  const auto& categories = snapshot.policy->categories();
  const std::string theme = help.category < categories.size() ? categories[help.category].id : std::string();
  const std::string name = to_hex(sha256(theme + "\n" + snapshot.place(help.rule)));
  return std::string(GrantSubject::help_prefix) + name.substr(0, 32);
}

}  // namespace schoolgate
