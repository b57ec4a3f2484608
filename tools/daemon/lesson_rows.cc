#include "tools/daemon/lesson_rows.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/main/doubted_time.h"
#include "config/overrides.h"
#include "proxy/audit/codes.h"
#include "proxy/audit/log_reader.h"
#include "proxy/audit/pseudonym.h"
#include "proxy/audit/read_deadline.h"
#include "proxy/core/lesson_span.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"

namespace schoolgate::tools {
namespace {

constexpr std::chrono::milliseconds longest_lesson_read{2'000};
constexpr std::size_t most_looked_at = 20'000, longest_lesson_path = 300;

// What delegation.yaml gives an account.
struct OwnOf {
  std::set<RoomId> rooms;
  std::set<std::string> tiers;
};

OwnOf own_of(const Policy& policy, const std::string& account) {
  OwnOf own;
  if (account.empty()) return own;  // would be the admin's
  for (std::size_t i = 0; i < policy.spec().rooms.size(); ++i)
    if (may_switch(policy, account, static_cast<RoomId>(i))) own.rooms.insert(static_cast<RoomId>(i));
  for (const Delegation& one : policy.spec().delegations)
    if (one.account == account)
      for (const TierId tier : one.tiers) own.tiers.insert(policy.tiers()[tier].id);
  return own;
}

std::optional<RoomId> room_of_client(const Policy& policy, const IpAddress& client) {
  const auto& rooms = policy.spec().rooms;
  const auto found =
      std::find_if(rooms.begin(), rooms.end(), [&](const Room& one) { return one.holds(client); });
  if (found == rooms.end()) return std::nullopt;
  return static_cast<RoomId>(found - rooms.begin());
}

// Every address of a network that is no larger than a floor of rooms, as long as there is room for it.
void add_addresses(const Network& network, std::vector<IpAddress>& to) {
  constexpr unsigned most_host_bits = 10;
  constexpr std::size_t most_addresses = 32'768;
  const unsigned host_bits = 128U - network.bits;
  if (host_bits > most_host_bits || to.size() + (std::size_t{1} << host_bits) > most_addresses) return;
  IpAddress address = network.base;
  for (std::size_t left = std::size_t{1} << host_bits; left != 0; --left) {
    to.push_back(address);
    for (std::size_t i = address.bytes.size(); i-- > 0;)
      if (++address.bytes[i] != 0) break;
  }
}

// Whose pseudonyms rows may have: who was seen since the start, and, for rows from before it, whoever may sit
// in the networks of who:.
class SeenDevices {
 public:
  SeenDevices(const AccessLog& log, const Config& config) : clients_(log.seen_clients()) {
    for (const ClientNetwork& line : config.who) add_addresses(line.network, clients_);
    if (auto keys = audit::PseudonymKeys::load(log.settings().key_file)) keys_ = keys->all();
  }
  // Nullopt: none of these.
  [[nodiscard]] std::optional<IpAddress> find(audit::Month month, const std::string& pseudonym) {
    const auto key = keys_.find(month);
    if (key == keys_.end()) return std::nullopt;
    auto& known = by_month_[month];
    if (known.empty())
      for (const IpAddress& client : clients_) known.emplace(audit::pseudonym(key->second, client), client);
    const auto found = known.find(pseudonym);
    return found == known.end() ? std::nullopt : std::optional(found->second);
  }

 private:
  std::vector<IpAddress> clients_;
  std::map<audit::Month, audit::PseudonymKey> keys_;
  std::map<audit::Month, std::map<std::string, IpAddress>> by_month_;
};

std::optional<std::int64_t> moment_in(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Nullopt: the words name nothing that such a row may be.
std::optional<audit::LogQuery> lesson_query(const WebQuestion& asked, std::int64_t since_ms,
                                            std::int64_t now_ms) {
  audit::LogQuery query;
  query.since_ms = std::max(moment_in(asked.get("since")).value_or(since_ms), since_ms);
  query.until_ms = std::min(moment_in(asked.get("until")).value_or(now_ms + 1), now_ms + 1);
  query.not_allowed = true;
  query.limit = most_looked_at;
  const std::pair<const char*, std::optional<std::string>*> words[] = {
      {"tier", &query.tier}, {"category", &query.category}, {"host", &query.host}};
  for (const auto& [name, field] : words)
    if (!asked.get(name).empty()) *field = asked.get(name);
  if (const std::string& code = asked.get("code"); !code.empty()) {
    query.code = audit::parse_decision_code(code);
    if (!query.code) return std::nullopt;
  }
  return query;
}

std::string lesson_row(const audit::LogRow& row, const std::string& place) {
  const std::string rule = row.file.empty() ? std::string() : row.file + ":" + std::to_string(row.line);
  return web_row({"row", std::to_string(row.time_ms), row.code, row.tier, std::string(to_string(row.action)),
                  row.host, row.path.substr(0, longest_lesson_path), row.category, rule,
                  std::to_string(std::max<std::int64_t>(row.count, 1)), row.method == "CONNECT" ? "1" : "0",
                  place});
}

}  // namespace

Reply lesson_rows(const AccessLog& log, const Snapshot& snapshot, const WebQuestion& asked,
                  std::int64_t now_ms, std::int64_t clock_doubted_until_ms, Catalogue catalogue) {
  const Policy& policy = *snapshot.policy;
  const LessonSpan span =
      lesson_span(policy.spec().clock, school_time(snapshot.zone, now_ms, clock_doubted_until_ms), now_ms);
  std::string text = web_row({"span", std::to_string(span.since_ms), span.by_lessons ? "1" : "0"});
  const OwnOf own = own_of(policy, asked.get("account"));
  for (const RoomId room : own.rooms) text += web_row({"own", "room", policy.spec().rooms[room].name});
  for (const std::string& tier : own.tiers) text += web_row({"own", "tier", tier});
  const auto query = lesson_query(asked, span.since_ms, now_ms);
  if ((own.rooms.empty() && own.tiers.empty()) || !query) return {exit_ok, text};

  const audit::ReadDeadline deadline(longest_lesson_read);
  const auto rows = audit::LogReader(log.settings().directory).rows(*query);
  if (!rows) {
    const Message why = deadline.passed() ? say("The log has too many rows for this question: choose a "
                                                "shorter time.")
                                          : rows.error().message;
    return {exit_failed, text + web_row({"problem", why.in(catalogue)})};
  }
  SeenDevices devices(log, snapshot.config);
  const std::string& action = asked.get("action");
  std::size_t shown = 0;
  for (auto row = rows->rbegin(); row != rows->rend() && shown < most_lesson_rows; ++row) {
    if (row->refused || (!action.empty() && to_string(row->action) != action)) continue;
    const auto client = devices.find(row->month, row->client);
    const auto room = client ? room_of_client(policy, *client) : std::nullopt;
    // Another's room is another's, whoever teaches the tier.
    const bool hers = room && !own.rooms.empty() ? own.rooms.contains(*room) : own.tiers.contains(row->tier);
    if (!hers) continue;
    text += lesson_row(*row, client ? snapshot.config.place_of(*client) : std::string());
    ++shown;
  }
  return {exit_ok, text};
}

}  // namespace schoolgate::tools
