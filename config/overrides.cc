#include "config/overrides.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "config/policy/line_reader.h"
#include "config/text/names.h"
#include "config/text/suggest.h"
#include "rules/bytes/sha256.h"
#include "rules/diagnostic.h"

namespace schoolgate {
namespace {

constexpr std::string_view first_line = "schoolgate overrides 1\n";
constexpr std::int64_t ms_per_minute = 60'000;
constexpr std::size_t most_target_bytes = 400;
constexpr std::size_t most_account_bytes = 64;
constexpr std::size_t most_room_bytes = 200;
constexpr std::int64_t most_room_minutes = 25 * 60;  // a day on which clocks change
constexpr std::string_view override_kinds[] = {"site", "category", "bundle", "room"};  // by OverrideKind

std::int64_t most_ms(const OverrideRow& row) noexcept {
  return (row.kind == OverrideKind::room ? most_room_minutes : std::int64_t{Delegation::most_minutes}) *
         ms_per_minute;
}

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
  const auto kind = std::find(std::begin(override_kinds), std::end(override_kinds), words[2]);
  if (!id || !since || !end || kind == std::end(override_kinds)) return std::nullopt;
  row.id = *id;
  row.kind = static_cast<OverrideKind>(kind - std::begin(override_kinds));
  row.action = words[1] == "allow" || words[1] == "only" ? Action::allow : Action::block;
  if (row.verb() != words[1]) return std::nullopt;
  row.tier = words[3];
  row.since_ms = *since;
  row.end.wall_ms = *end;
  if (words[6] != "-") row.account = words[6];
  row.target = line;
  return row;
}

std::string row_text(const OverrideRow& row) {
  std::string text = "row " + std::to_string(row.id) + ' ' + std::string(row.verb()) + ' ' +
                     std::string(to_string(row.kind)) + ' ' + row.tier + ' ' + std::to_string(row.since_ms) +
                     ' ' + std::to_string(row.end.wall_ms) + ' ' + (row.account.empty() ? "-" : row.account) +
                     ' ' + row.target + '\n';
  if (row.kind == OverrideKind::room) text += "room " + row.room + '\n';
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

std::string_view to_string(OverrideKind kind) noexcept {
  return override_kinds[static_cast<std::size_t>(kind)];
}

std::string_view OverrideRow::verb() const noexcept {
  const bool of_room = kind == OverrideKind::room;
  if (action == Action::allow) return of_room ? "only" : "allow";
  return of_room ? "off" : "block";
}

bool is_whole(const OverrideRow& row) noexcept {
  const std::int64_t lasts = row.end.wall_ms - row.since_ms;
  const auto word = [](std::string_view text, std::size_t most) {
    return !text.empty() && !has_blank(text) && is_override_text(text, most);
  };
  const bool of_room = row.kind == OverrideKind::room;
  const bool placed = of_room ? row.tier == "-" && !row.room.empty() &&
                                    (row.action == Action::allow || row.target == "-") &&
                                    is_override_text(row.room, most_room_bytes)
                              : is_id(row.tier) && row.room.empty();
  return row.id != 0 && placed && (row.action == Action::allow || row.action == Action::block) &&
         (row.account.empty() || (word(row.account, most_account_bytes) && row.account != "-")) &&
         word(row.target, most_target_bytes) && !row.why.empty() &&
         is_override_text(row.why, most_why_bytes) && row.since_ms >= 0 && lasts > 0 && lasts <= most_ms(row);
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
    if (!row) return std::nullopt;
    if (row->kind == OverrideKind::room) {
      const auto room = take_word(rest, "room ") ? take_until(rest, '\n') : std::nullopt;
      if (!room) return std::nullopt;
      row->room = *room;
    }
    if (!take_word(rest, "why ")) return std::nullopt;
    const auto why = take_until(rest, '\n');
    if (!why) return std::nullopt;
    row->why = *why;
    const bool ascending = out.rows.empty() || out.rows.back().id < row->id;
    if (!is_whole(*row) || !ascending || row->id > out.last_id || out.rows.size() == most_overrides)
      return std::nullopt;
    const std::int64_t left = std::clamp<std::int64_t>(row->end.wall_ms - now.wall_ms, 0, most_ms(*row));
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

bool may_switch(const Policy& policy, std::string_view account, RoomId room) {
  const auto& all = policy.spec().delegations;
  return account.empty() || std::any_of(all.begin(), all.end(), [&](const Delegation& one) {
           return one.account == account &&
                  std::find(one.rooms.begin(), one.rooms.end(), room) != one.rooms.end();
         });
}

std::optional<RoomId> room_called(const Policy& policy, std::string_view name) {
  if (const auto exact = policy.find_room(name)) return exact;
  const std::string plain = plain_letters(name);
  std::optional<RoomId> found;
  const auto& rooms = policy.spec().rooms;
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    if (plain.empty() || plain_letters(rooms[i].name) != plain) continue;
    if (found) return std::nullopt;
    found = static_cast<RoomId>(i);
  }
  return found;
}

namespace {

std::vector<RuleEntry> rules_of(const Bundle& bundle, bool shared) {
  std::vector<RuleEntry> out;
  const auto add = [&](const std::string& host, bool below) {
    RuleEntry& rule = out.emplace_back();
    rule.kind = RuleKind::domain;
    rule.text = host;
    rule.subdomains = below;
  };
  for (const std::string& host : bundle.hosts) add(host, true);
  if (shared)
    for (const std::string& host : bundle.shared) add(host, false);
  return out;
}

MayLift lifts_in(const Policy& policy, std::string_view account, TierId tier) {
  if (account.empty()) return MayLift::all();
  MayLift out;
  const Delegation* const mine = delegation_of(policy, account, tier);
  if (mine == nullptr) return out;
  out.lifts = both(mine->open, policy.tiers()[tier].may_override);
  out.lifts_lines = mine->lines;
  out.lifts_unknown = mine->unknown;
  return out;
}

std::string owner_of(const OverrideRow& row) {
  return row.account.empty() ? "root" : row.account;
}

Message about_row(const OverrideRow& row, const TimeZone& zone) {
  const std::string until = clock_text(row.end.wall_ms, zone), who = owner_of(row);
  const std::string what = row.kind == OverrideKind::bundle ? "bundle:" + row.target : row.target;
  if (row.kind == OverrideKind::room)
    return row.action == Action::allow
               ? say("override {} of {} until {}: room {} only {} ({})", row.id, who, until, row.room, what,
                     row.why)
               : say("override {} of {} until {}: room {} off ({})", row.id, who, until, row.room, row.why);
  return row.action == Action::allow
             ? say("override {} of {} until {}: allow {} ({})", row.id, who, until, what, row.why)
             : say("override {} of {} until {}: block {} ({})", row.id, who, until, what, row.why);
}

Message no_such_hosts(const Policy& policy, const std::string& name) {
  std::vector<std::string> known;
  for (const Bundle& one : policy.spec().bundles) known.push_back(one.id);
  const std::string_view meant = meant_word(name, known);
  return meant.empty() ? say("there is no bundle and no file of hosts \"{}\"", name)
                       : say("there is no bundle and no file of hosts \"{}\"; did you mean {}?", name,
                             std::string(meant));
}

// What a switch opens of what is closed ends as any override does, though the room stays closed longer.
Result<OverrideMeaning, Message> meaning_of_room(const Snapshot& snapshot, const OverrideRow& row) {
  const Policy& policy = *snapshot.policy;
  const auto room = policy.find_room(row.room);
  if (!room) return say("there is no room \"{}\"", row.room);
  if (!may_switch(policy, row.account, *room))
    return say("delegation.yaml does not let \"{}\" switch the room \"{}\"", row.account, row.room);
  Closing out;
  out.id = row.id;
  out.networks = policy.spec().rooms[*room].networks;
  out.not_these = policy.spec().rooms[*room].not_these;
  out.end = out.lifts_end = row.end;
  out.until = clock_text(row.end.wall_ms, snapshot.zone);
  out.about = about_row(row, snapshot.zone);
  out.off = row.action == Action::block;
  if (!out.off) {
    const Bundle* const hosts = policy.find_hosts(row.target);
    if (hosts == nullptr) return no_such_hosts(policy, row.target);
    out.opens = hosts->name;
    out.only = rules_of(*hosts, true);
    std::uint32_t most = row.account.empty() ? Delegation::most_minutes : 0;
    for (const Delegation& one : policy.spec().delegations)
      if (one.account == row.account) most = one.minutes_max;
    const std::int64_t cut =
        std::max<std::int64_t>(row.end.wall_ms - (row.since_ms + most * ms_per_minute), 0);
    out.lifts_end.wall_ms -= cut;
    out.lifts_end.steady -= std::chrono::milliseconds(cut);
    for (std::size_t tier = 0; tier < policy.tiers().size(); ++tier)
      out.lifts.push_back(lifts_in(policy, row.account, static_cast<TierId>(tier)));
  }
  return OverrideMeaning{{}, std::move(out)};
}

Closing closing_of(const Policy& policy, const Exam& exam) {
  Closing out;
  out.where = exam.where;
  out.tiers = exam.tiers;
  out.when = exam.when;
  out.until = exam.ends;
  out.end = out.lifts_end = {INT64_MAX, std::chrono::steady_clock::time_point::max()};
  out.lifts.assign(policy.tiers().size(), MayLift::all());
  for (const std::string& name : exam.only) {
    const Bundle* const hosts = policy.find_hosts(name);
    if (hosts == nullptr) continue;  // cannot be: Policy::compile() has looked
    out.opens += (out.opens.empty() ? "" : ", ") + hosts->name;
    for (RuleEntry& rule : rules_of(*hosts, true)) out.only.push_back(std::move(rule));
  }
  out.about = say("exam {} until {}: only {}", exam.name, exam.ends, out.opens);
  return out;
}

// One for each room, so that no room's exception holds for another's.
void add_exam(std::vector<Closing>& closings, const Policy& policy, const Exam& exam) {
  const Closing closing = closing_of(policy, exam);
  if (!closing.tiers.empty()) closings.push_back(closing);
  for (const RoomId id : exam.rooms) {
    const Room& room = policy.spec().rooms[id];
    Closing& one = closings.emplace_back(closing);
    one.tiers.clear();
    one.networks = room.networks;
    one.not_these = room.not_these;
  }
}

}  // namespace

Result<OverrideMeaning, Message> meaning_of(const Snapshot& snapshot, const OverrideRow& row) {
  if (row.kind == OverrideKind::room) return meaning_of_room(snapshot, row);
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
  out.about = about_row(row, snapshot.zone);
  static_cast<MayLift&>(out) = lifts_in(policy, row.account, *tier);
  OverrideMeaning meaning;
  if (row.kind == OverrideKind::bundle) {
    const Bundle* const bundle = policy.find_hosts(row.target);
    if (bundle == nullptr) return say("there is no bundle \"{}\"", row.target);
    for (RuleEntry& rule : rules_of(*bundle, row.action == Action::allow)) {
      out.rule = std::move(rule);
      meaning.opened.push_back(out);
    }
    return meaning;
  }
  if (row.kind == OverrideKind::site) {
    auto rule = rule_from_text(row.target);
    if (!rule || (rule->kind != RuleKind::domain && rule->kind != RuleKind::url))
      return say("\"{}\" is no site", row.target);
    out.rule = *std::move(rule);
  } else {
    const auto category = policy.find_category(row.target);
    if (!category) return say("there is no category \"{}\"", row.target);
    if (Message refused = category_refused(policy, row, mine, *tier, *category); !refused.empty())
      return refused;
    out.category = *category;
    static_cast<MayLift&>(out) = {};
  }
  meaning.opened.push_back(std::move(out));
  return meaning;
}

std::shared_ptr<const Overrides> compile_overrides(const Snapshot& snapshot,
                                                   std::span<const OverrideRow> rows) {
  std::vector<Override> all;
  std::vector<Closing> closings;
  for (const OverrideRow& row : rows) {
    auto one = meaning_of(snapshot, row);
    if (!one) continue;
    for (Override& site : one->opened) all.push_back(std::move(site));
    if (one->closing) closings.push_back(*std::move(one->closing));
  }
  for (const Exam& exam : snapshot.policy->spec().exams) add_exam(closings, *snapshot.policy, exam);
  if (all.empty() && closings.empty()) return nullptr;
  auto compiled =
      Overrides::compile(snapshot.policy, std::move(all), snapshot.override_source, std::move(closings));
  return compiled ? *std::move(compiled) : nullptr;
}

Message no_such_tier(const std::string& name, std::span<const std::string> known) {
  const std::string_view meant = meant_word(name, known);
  return meant.empty() ? say("there is no tier \"{}\"; there are: {}", name, join_words(known, known.size()))
                       : say("there is no tier \"{}\"; did you mean \"{}\"?", name, meant);
}

Message no_such_tier(const Policy& policy, const std::string& name) {
  std::vector<std::string> known;
  for (const Tier& tier : policy.tiers()) known.push_back(tier.id);
  return no_such_tier(name, known);
}

Message no_such_room(const Policy& policy, std::string_view name) {
  std::vector<std::string> known;
  for (const Room& room : policy.spec().rooms) known.push_back(room.name);
  if (known.empty()) return say("there is no room \"{}\": no line of who: has a label", std::string(name));
  return say("there is no room \"{}\"; there are: {}", std::string(name), join_words(known));
}

namespace {

// The unit that a text begins with, in minutes, taken off it; 0: it begins with none.
std::uint32_t take_unit(std::string_view& text) noexcept {
  constexpr std::pair<std::string_view, std::uint32_t> units[] = {
      {"giờ", 60}, {"gio", 60}, {"tiếng", 60}, {"tieng", 60}, {"h", 60}, {"phút", 1},
      {"phut", 1}, {"ph", 1},   {"p", 1},      {"m", 1},      {"'", 1}};
  for (const auto& [unit, minutes] : units) {
    if (!text.starts_with(unit)) continue;
    text.remove_prefix(unit.size());
    return minutes;
  }
  return 0;
}

void skip_blanks(std::string_view& text) noexcept {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
}

}  // namespace

std::optional<std::uint32_t> parse_minutes(std::string_view text) noexcept {
  std::uint64_t minutes = 0;
  std::uint32_t before = UINT32_MAX;  // the unit of the part before: each is smaller
  while (!text.empty()) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = number<std::uint32_t>(text.substr(0, digits));
    if (!count) return std::nullopt;
    text.remove_prefix(digits);
    skip_blanks(text);
    std::uint32_t unit = take_unit(text);
    if (unit == 0 && text.empty()) unit = 1;
    if (unit == 0 || unit >= before) return std::nullopt;
    before = unit;
    minutes += std::uint64_t{*count} * unit;
    skip_blanks(text);
  }
  constexpr std::uint64_t most = 7 * 24 * 60;
  if (minutes == 0 || minutes > most) return std::nullopt;
  return static_cast<std::uint32_t>(minutes);
}

namespace {

// "11:30", "7h05", "11h": minutes since midnight.
std::optional<std::uint32_t> parse_clock(std::string_view text) noexcept {
  const std::size_t colon = text.find_first_of(":h");
  if (colon > 2) return std::nullopt;  // none is far more than 2
  const bool full = text[colon] == 'h' && text.size() == colon + 1;
  if (!full && text.size() != colon + 3) return std::nullopt;
  const auto hour = number<std::uint32_t>(text.substr(0, colon));
  const auto minute = full ? std::optional<std::uint32_t>(0) : number<std::uint32_t>(text.substr(colon + 1));
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  return *hour * 60 + *minute;
}

constexpr std::uint32_t minutes_per_day = 24 * 60;

enum class Bell : std::uint8_t { none, end_of_lesson, next_break };

// In both languages, with or without marks and hyphens.
Bell bell_of(std::string_view text) {
  const std::string plain = plain_letters(text);
  for (const std::string_view word : {"end of lesson", "het tiet", "het tiet hoc", "cuoi tiet"})
    if (plain == word) return Bell::end_of_lesson;
  for (const std::string_view word : {"next break", "ra choi", "gio ra choi"})
    if (plain == word) return Bell::next_break;
  return Bell::none;
}

std::uint32_t minute_of_day(std::int64_t wall_ms, const TimeZone& zone) noexcept {
  return zone.local(wall_ms / 1000).minute_of_week % minutes_per_day;
}

Ending ending_at(std::int64_t wall_ms, const Moment& now) {
  return {wall_ms, now.steady + std::chrono::milliseconds(wall_ms - now.wall_ms)};
}

}  // namespace

std::uint32_t minutes_to_midnight(std::int64_t wall_ms, const TimeZone& zone) {
  return std::max<std::uint32_t>(minutes_per_day - minute_of_day(wall_ms, zone), 1);
}

std::string clock_text(std::int64_t wall_ms, const TimeZone& zone) {
  const std::string text = to_string(zone.local(wall_ms / 1000));  // "T2 10:30"
  return text.substr(text.find(' ') + 1);
}

Result<Ending, Message> override_end(std::string_view how, std::string_view text, const Moment& now,
                                     const TimeZone& zone, const SchoolClock& clock, std::uint32_t otherwise,
                                     std::uint32_t most) {
  std::int64_t end_ms = now.wall_ms + std::min(otherwise, most) * ms_per_minute;
  if (how == "for") {
    const auto minutes = parse_minutes(text);
    if (!minutes) return say("\"{}\" is no time; write it as 45m or 1h30m", std::string(text));
    end_ms = now.wall_ms + *minutes * ms_per_minute;
  } else if (const Bell bell = how == "until" ? bell_of(text) : Bell::none; bell != Bell::none) {
    const LocalTime local = zone.local(now.wall_ms / 1000);
    const bool lesson = bell == Bell::end_of_lesson;
    const auto left = lesson ? minutes_to_end_of_lesson(clock, local) : minutes_to_next_break(clock, local);
    if (!left && clock.shifts.empty()) return say("periods.yaml names no lessons: write a time, as in 11:30");
    if (!left && lesson) return say("there is no lesson now: write a time, as in 11:30");
    if (!left) return say("there is no break any more today: write a time, as in 11:30");
    end_ms = now.wall_ms - now.wall_ms % ms_per_minute + *left * ms_per_minute;
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
