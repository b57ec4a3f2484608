#include "config/overrides.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "config/policy/line_reader.h"
#include "config/text/names.h"
#include "rules/bytes/sha256.h"
#include "rules/diagnostic.h"

namespace schoolgate {
namespace {

constexpr std::string_view first_line = "schoolgate overrides 1\n";
constexpr std::int64_t ms_per_minute = 60'000;
constexpr std::size_t most_target_bytes = 400;
constexpr std::size_t most_account_bytes = 64;

std::string digest_of(std::string_view text) {
  Sha256 digest;
  digest.update(std::as_bytes(std::span(text)));
  return to_hex(digest.finish());
}

template <class Number>
std::optional<Number> number(std::string_view text) noexcept {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

// The text up to `stop`, which goes too; nullopt: there is none.
std::optional<std::string_view> take_until(std::string_view& text, char stop) noexcept {
  const std::size_t end = text.find(stop);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end + 1);
  return part;
}

bool take_word(std::string_view& text, std::string_view word) noexcept {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

bool has_blank(std::string_view text) noexcept {
  return text.find(' ') != std::string_view::npos;
}

// "17 allow site thcs 1764412345000 1764415045000 lan zalo.me"
std::optional<OverrideRow> parse_row(std::string_view line) {
  OverrideRow row;
  std::vector<std::string_view> words;
  for (int i = 0; i < 7; ++i) {
    const auto word = take_until(line, ' ');
    if (!word) return std::nullopt;
    words.push_back(*word);
  }
  const auto id = number<std::uint32_t>(words[0]);
  const auto since = number<std::int64_t>(words[4]), end = number<std::int64_t>(words[5]);
  const bool known =
      (words[1] == "allow" || words[1] == "block") && (words[2] == "site" || words[2] == "category");
  if (!id || !since || !end || !known) return std::nullopt;
  row.id = *id;
  row.action = words[1] == "allow" ? Action::allow : Action::block;
  row.site = words[2] == "site";
  row.tier = words[3];
  row.since_ms = *since;
  row.end.wall_ms = *end;
  if (words[6] != "-") row.account = words[6];
  row.target = line;
  return row;
}

std::string row_text(const OverrideRow& row) {
  std::string text = "row " + std::to_string(row.id) + ' ' + std::string(to_string(row.action)) + ' ' +
                     (row.site ? "site" : "category") + ' ' + row.tier + ' ' + std::to_string(row.since_ms) +
                     ' ' + std::to_string(row.end.wall_ms) + ' ' + (row.account.empty() ? "-" : row.account) +
                     ' ' + row.target + '\n';
  return text + "why " + row.why + '\n';
}

std::vector<CategoryId> both(const std::vector<CategoryId>& a, const std::vector<CategoryId>& b) {
  std::vector<CategoryId> out;
  for (const CategoryId id : a)
    if (std::find(b.begin(), b.end(), id) != b.end()) out.push_back(id);
  return out;
}

bool holds(const std::vector<CategoryId>& all, CategoryId one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

// What is wrong with a category for `row`; empty: nothing.
Message category_refused(const Policy& policy, const OverrideRow& row, const Delegation* mine, TierId tier,
                         CategoryId category) {
  const Tier& in = policy.tiers()[tier];
  if (in.effects[category].effect.flags.locked)
    return say("\"{}\" is locked in tier \"{}\": nobody opens or changes it for a lesson", row.target,
               row.tier);
  if (in.effects[category].effect.action == Action::help)
    return say("\"{}\" is there to help pupils: it is not changed for a lesson", row.target);
  if (mine == nullptr) return {};
  if (row.action == Action::block)
    return holds(mine->block, category)
               ? Message()
               : say("\"{}\" is not among the categories that you may block", row.target);
  if (!holds(mine->open, category))
    return say("\"{}\" is not among the categories that you may open", row.target);
  if (!holds(in.may_override, category))
    return say("in tier \"{1}\" nobody may open \"{0}\" for a lesson", row.target, row.tier);
  return {};
}

}  // namespace

bool is_override_text(std::string_view text, std::size_t most) noexcept {
  return text.size() <= most && printable(text) == text;
}

bool is_whole(const OverrideRow& row) noexcept {
  const std::int64_t lasts = row.end.wall_ms - row.since_ms;
  const auto word = [](std::string_view text, std::size_t most) {
    return !text.empty() && !has_blank(text) && is_override_text(text, most);
  };
  return row.id != 0 && is_id(row.tier) && (row.action == Action::allow || row.action == Action::block) &&
         (row.account.empty() || (word(row.account, most_account_bytes) && row.account != "-")) &&
         word(row.target, most_target_bytes) && !row.why.empty() &&
         is_override_text(row.why, most_why_bytes) && row.since_ms >= 0 && lasts > 0 &&
         lasts <= Delegation::most_minutes * ms_per_minute;
}

std::string to_text(const OverrideRows& rows) {
  std::string text(first_line);
  text += "last " + std::to_string(rows.last_id) + '\n';
  for (const OverrideRow& row : rows.rows) text += row_text(row);
  return text + "sum " + digest_of(text) + '\n';
}

std::optional<OverrideRows> parse_overrides(std::string_view text, const Moment& now) {
  const std::size_t sum = text.rfind("sum ");
  if (sum == std::string_view::npos || text.substr(sum) != "sum " + digest_of(text.substr(0, sum)) + "\n")
    return std::nullopt;
  std::string_view rest = text.substr(0, sum);
  OverrideRows out;
  if (!take_word(rest, first_line) || !take_word(rest, "last ")) return std::nullopt;
  const auto last_text = take_until(rest, '\n');
  const auto last = last_text ? number<std::uint32_t>(*last_text) : std::nullopt;
  if (!last) return std::nullopt;
  out.last_id = *last;
  while (!rest.empty()) {
    if (!take_word(rest, "row ")) return std::nullopt;
    const auto line = take_until(rest, '\n');
    auto row = line ? parse_row(*line) : std::nullopt;
    if (!row || !take_word(rest, "why ")) return std::nullopt;
    const auto why = take_until(rest, '\n');
    if (!why) return std::nullopt;
    row->why = *why;
    const bool ascending = out.rows.empty() || out.rows.back().id < row->id;
    if (!is_whole(*row) || !ascending || row->id > out.last_id || out.rows.size() == most_overrides)
      return std::nullopt;
    const std::int64_t left =
        std::clamp<std::int64_t>(row->end.wall_ms - now.wall_ms, 0, Delegation::most_minutes * ms_per_minute);
    row->end.steady = now.steady + std::chrono::milliseconds(left);
    out.rows.push_back(*std::move(row));
  }
  if (to_text(out) != text) return std::nullopt;
  return out;
}

void keep_what_holds(OverrideRows& rows, const Moment& now, std::int64_t newest_row_ms) {
  std::int64_t newest = newest_row_ms;
  for (const OverrideRow& row : rows.rows) newest = std::max(newest, row.since_ms);
  std::erase_if(rows.rows,
                [&](const OverrideRow& row) { return now.wall_ms < newest || row.end.is_over(now); });
}

const Delegation* delegation_of(const Policy& policy, std::string_view account, TierId tier) {
  const auto& all = policy.spec().delegations;
  const auto found = std::find_if(all.begin(), all.end(), [&](const Delegation& one) {
    return one.account == account && std::find(one.tiers.begin(), one.tiers.end(), tier) != one.tiers.end();
  });
  return found == all.end() ? nullptr : &*found;
}

Result<Override, Message> meaning_of(const Snapshot& snapshot, const OverrideRow& row) {
  const Policy& policy = *snapshot.policy;
  const auto tier = policy.find_tier(row.tier);
  if (!tier) return say("there is no tier \"{}\"", row.tier);
  const bool admin = row.account.empty();
  const Delegation* const mine = admin ? nullptr : delegation_of(policy, row.account, *tier);
  if (!admin && mine == nullptr)
    return say("delegation.yaml gives \"{}\" nothing to do in tier \"{}\"", row.account, row.tier);
  Override out;
  out.id = row.id;
  out.action = row.action;
  out.tier = *tier;
  out.end = row.end;
  if (row.site) {
    auto rule = rule_from_text(row.target);
    if (!rule || (rule->kind != RuleKind::domain && rule->kind != RuleKind::url))
      return say("\"{}\" is no site", row.target);
    out.rule = *std::move(rule);
    out.lifts_every_category = out.lifts_lines = out.lifts_unknown = admin;
    if (mine != nullptr) {
      out.lifts = both(mine->open, policy.tiers()[*tier].may_override);
      out.lifts_lines = mine->lines;
      out.lifts_unknown = mine->unknown;
    }
  } else {
    const auto category = policy.find_category(row.target);
    if (!category) return say("there is no category \"{}\"", row.target);
    if (Message refused = category_refused(policy, row, mine, *tier, *category); !refused.empty())
      return refused;
    out.category = *category;
  }
  const std::string until = clock_text(row.end.wall_ms, snapshot.zone);
  const std::string who = admin ? "root" : row.account;
  out.about = row.action == Action::allow
                  ? say("override {} of {} until {}: allow {} ({})", row.id, who, until, row.target, row.why)
                  : say("override {} of {} until {}: block {} ({})", row.id, who, until, row.target, row.why);
  return out;
}

std::shared_ptr<const Overrides> compile_overrides(const Snapshot& snapshot,
                                                   std::span<const OverrideRow> rows) {
  std::vector<Override> all;
  for (const OverrideRow& row : rows)
    if (auto one = meaning_of(snapshot, row)) all.push_back(*std::move(one));
  if (all.empty()) return nullptr;
  auto compiled = Overrides::compile(snapshot.policy, std::move(all), snapshot.override_source);
  return compiled ? *std::move(compiled) : nullptr;
}

std::optional<std::uint32_t> parse_minutes(std::string_view text) noexcept {
  std::uint64_t minutes = 0;
  const std::size_t hour = text.find('h');
  if (hour != std::string_view::npos) {
    const auto hours = number<std::uint32_t>(text.substr(0, hour));
    if (!hours) return std::nullopt;
    minutes = std::uint64_t{*hours} * 60;
    text.remove_prefix(hour + 1);
  }
  if (text.ends_with('m')) {
    text.remove_suffix(1);
    if (text.empty()) return std::nullopt;
  }
  if (!text.empty()) {
    const auto rest = number<std::uint32_t>(text);
    if (!rest) return std::nullopt;
    minutes += *rest;
  } else if (hour == std::string_view::npos) {
    return std::nullopt;
  }
  constexpr std::uint64_t most = 7 * 24 * 60;
  if (minutes == 0 || minutes > most) return std::nullopt;
  return static_cast<std::uint32_t>(minutes);
}

namespace {

// "11:30", "7h05": minutes since midnight.
std::optional<std::uint32_t> parse_clock(std::string_view text) noexcept {
  const std::size_t colon = text.find_first_of(":h");
  if (colon > 2 || text.size() != colon + 3) return std::nullopt;  // none is far more than 2
  const auto hour = number<std::uint32_t>(text.substr(0, colon));
  const auto minute = number<std::uint32_t>(text.substr(colon + 1));
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  return *hour * 60 + *minute;
}

constexpr std::uint32_t minutes_per_day = 24 * 60;

std::uint32_t minute_of_day(std::int64_t wall_ms, const TimeZone& zone) noexcept {
  return zone.local(wall_ms / 1000).minute_of_week % minutes_per_day;
}

Ending ending_at(std::int64_t wall_ms, const Moment& now) {
  return {wall_ms, now.steady + std::chrono::milliseconds(wall_ms - now.wall_ms)};
}

}  // namespace

std::string clock_text(std::int64_t wall_ms, const TimeZone& zone) {
  const std::string text = to_string(zone.local(wall_ms / 1000));  // "T2 10:30"
  return text.substr(text.find(' ') + 1);
}

Result<Ending, Message> override_end(std::string_view how, std::string_view text, const Moment& now,
                                     const TimeZone& zone, std::uint32_t otherwise, std::uint32_t most) {
  std::int64_t end_ms = now.wall_ms + std::min(otherwise, most) * ms_per_minute;
  if (how == "for") {
    const auto minutes = parse_minutes(text);
    if (!minutes) return say("\"{}\" is no time; write it as 45m or 1h30m", std::string(text));
    end_ms = now.wall_ms + *minutes * ms_per_minute;
  } else if (how == "until") {
    const auto wanted = parse_clock(text);
    if (!wanted) return say("\"{}\" is no time of the day; write it as 11:30", std::string(text));
    const std::uint32_t is_now = minute_of_day(now.wall_ms, zone);
    if (*wanted <= is_now)
      return say("it is {} already: an override ends today, later than now", clock_text(now.wall_ms, zone));
    end_ms = now.wall_ms - now.wall_ms % ms_per_minute + (*wanted - is_now) * ms_per_minute;
    if (minute_of_day(end_ms, zone) != *wanted)
      return say("the clocks change until {}: write how long instead, as in 45m", std::string(text));
  }
  if (end_ms - now.wall_ms > most * ms_per_minute)
    return say("that is longer than the {} minutes that you may open or block for", most);
  return ending_at(end_ms, now);
}

}  // namespace schoolgate
