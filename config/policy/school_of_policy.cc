// PolicyBuild: networks, rooms, exams, delegations, and what must work.
#include "config/policy/policy_build.h"

#include <algorithm>
#include <ctime>

#include "config/main/local_time.h"
#include "config/policy/delegation_reader.h"
#include "config/text/names.h"
#include "config/text/suggest.h"

namespace schoolgate {

void PolicyBuild::note_school_days() {
  const auto goes_by_them = [](const TierFile& file) {
    return file.lines_by_school || std::any_of(file.timetable.begin(), file.timetable.end(),
                                               [](const TimetableText& row) { return row.by_school; });
  };
  if (std::none_of(files_.begin(), files_.end(), goes_by_them)) return;
  const auto zone = TimeZone::load(main_.config.school.time_zone);
  note_holidays(periods_, (zone ? *zone : TimeZone()).local(std::time(nullptr)).day, context_);
}

void PolicyBuild::who() {
  const Config& config = main_.config;
  for (std::size_t i = 0; i < config.who.size(); ++i)
    if (const auto tier = require_tier(config.who[i].tier, main_.who_places[i]))
      draft_.spec.networks.push_back(
          {config.who[i].network, *tier, main_.who_places[i].ref(), config.who[i].trusts_ca.value_or(false)});
  draft_.spec.trust_is_said =
      std::any_of(config.who.begin(), config.who.end(),
                  [](const ClientNetwork& line) { return line.trusts_ca.has_value(); });
  for (std::size_t i = 0; i < config.listen.size(); ++i)
    if (config.listen[i].tier) require_tier(*config.listen[i].tier, main_.listen_places[i]);
  for (std::size_t i = 0; i < config.gateway.open.size(); ++i)
    if (const auto& tier = config.gateway.open[i].tier) require_tier(*tier, main_.hole_places[i]);
  if (config.unknown_tier.empty()) return;
  const auto unknown = require_tier(config.unknown_tier, main_.unknown_tier_place);
  if (!unknown) return;
  draft_.spec.unknown_tier = *unknown;
  draft_.spec.unknown_where = main_.unknown_tier_place.ref();
  if (!draft_.spec.tiers[*unknown].pupils)
    error(diag::staff_as_unknown, main_.unknown_tier_place,
          say("unknown devices cannot be in \"{}\": it is a tier of adults", config.unknown_tier),
          say("take a tier of pupils"));
}

void PolicyBuild::rooms() {
  const auto& who = main_.config.who;
  std::vector<Room>& rooms = draft_.spec.rooms;
  for (const ClientNetwork& line : who) {
    if (line.label.empty()) continue;
    const auto same = [&](const Room& room) { return room.name == line.label; };
    auto room = std::find_if(rooms.begin(), rooms.end(), same);
    if (room == rooms.end()) {
      if (rooms.size() == most_rooms) return;
      room = rooms.insert(rooms.end(), Room{line.label, {}, {}});
    }
    room->networks.push_back(line.network);
  }
  for (Room& room : rooms)
    for (const ClientNetwork& line : who) {
      const bool inside = std::any_of(room.networks.begin(), room.networks.end(), [&](const Network& one) {
        return one.bits < line.network.bits && one.contains(line.network.base);
      });
      if (inside && line.label != room.name) room.not_these.push_back(line.network);
    }
}

std::optional<RoomId> PolicyBuild::require_room(const Placed<std::string>& name) {
  const auto& rooms = draft_.spec.rooms;
  std::vector<std::string> known;
  for (std::size_t i = 0; i < rooms.size(); ++i) {
    if (rooms[i].name == name.value) return static_cast<RoomId>(i);
    known.push_back(rooms[i].name);
  }
  error(diag::unknown_room, name.where, say("unknown room \"{}\"", name.value),
        did_you_mean(name.value, known,
                     known.empty() ? say("a room is a line of who: with a label: \"Phòng máy 1\"")
                                   : say("there are: {}", join_words(known))));
  return std::nullopt;
}

void PolicyBuild::exams() {
  for (const PeriodsFile::ExamText& text : periods_.exams) {
    Exam exam{text.name, text.when, text.ends, {}, {}, {}, text.where.ref()};
    for (const auto& room : text.rooms)
      if (const auto id = require_room(room)) exam.rooms.push_back(*id);
    for (const auto& tier : text.tiers)
      if (const auto id = require_tier(tier.value, tier.where)) exam.tiers.push_back(*id);
    for (const auto& only : text.only)
      if (knows_hosts(only)) exam.only.push_back(only.value);
    draft_.spec.exams.push_back(std::move(exam));
  }
}

bool PolicyBuild::knows_hosts(const Placed<std::string>& name) {
  std::vector<std::string> known;
  for (const std::vector<Bundle>* all : {&draft_.spec.bundles, &draft_.spec.host_files})
    for (const Bundle& one : *all) {
      if (one.id == name.value) return true;
      known.push_back(one.id);
    }
  error(diag::unknown_bundle, name.where, say("there is no bundle and no file of hosts \"{}\"", name.value),
        did_you_mean(name.value, known, say("a file of hosts lies in only.d, as in only.d/test.txt")));
  return false;
}

void PolicyBuild::delegations() {
  const std::string& path = main_.config.policy.delegation;
  if (path.empty()) return;
  DelegationFile file = read_delegation_file(path, context_);
  draft_.spec.case_keepers = std::move(file.case_keepers);
  for (const DelegationText& text : file.teachers) {
    Delegation one;
    one.account = text.account.value;
    one.where = text.account.where.ref();
    for (const auto& tier : text.tiers)
      if (const auto id = require_tier(tier.value, tier.where)) one.tiers.push_back(*id);
    one.open = ids(text.open);
    one.block = ids(text.block);
    for (const auto& room : text.rooms)
      if (const auto id = require_room(room)) one.rooms.push_back(*id);
    one.lines = text.lines;
    one.unknown = text.unknown;
    one.edit = text.edit;
    one.minutes_max = text.minutes_max;
    for (const auto& name : text.open) note_never_opened(name, one.tiers);
    draft_.spec.delegations.push_back(std::move(one));
  }
}

void PolicyBuild::expectations() {
  const std::string expected = expect_file(context_), pinned = pins_file(context_);
  if (!expected.empty())
    for (MustWork& entry : read_expect_file(expected, context_)) {
      std::vector<TierId> tiers;
      if (entry.tiers)
        for (const auto& tier : *entry.tiers)
          if (const auto id = require_tier(tier.value, tier.where)) tiers.push_back(*id);
      for (TierId id = 0; !entry.tiers && id < draft_.spec.tiers.size(); ++id)
        if (draft_.spec.tiers[id].default_action == Action::allow) tiers.push_back(id);
      draft_.must_work.emplace_back(std::move(tiers), std::move(entry));
    }
  if (pinned.empty()) return;
  for (Pin& pin : read_pins_file(pinned, context_))
    if (const auto id = require_tier(pin.tier.value, pin.tier.where))
      draft_.tests.emplace_back(*id, std::move(pin.test));
}

void PolicyBuild::note_never_opened(const Placed<std::string>& name, const std::vector<TierId>& tiers) {
  const auto category = catalogue_.find(name.value);
  if (!category) return;
  for (const TierId tier : tiers) {
    const std::vector<CategoryId>& may = draft_.spec.tiers[tier].may_override;
    if (std::find(may.begin(), may.end(), *category) != may.end()) continue;
    context_.add(Severity::warning, diag::opens_nothing, name.where,
                 say("in tier \"{}\" nobody can open \"{}\" for a lesson: its may_override does not name it",
                     tier_names_[tier], name.value),
                 say("add it to may_override there, or take it out here"));
    return;
  }
}

void PolicyBuild::never_inspect() {
  draft_.spec.never_inspect_hosts = main_.never_inspect.hosts;
  draft_.spec.never_inspect_networks = main_.never_inspect.networks;
  auto& categories = draft_.spec.never_inspect_categories;
  for (const auto& [name, where] : main_.never_inspect.categories)
    if (const auto id = catalogue_.require(name, where, context_)) categories.push_back(*id);
  if (main_.never_inspect.named) return;
  for (const char* const name : NeverInspect::standard)
    if (const auto id = catalogue_.find(name)) categories.push_back(*id);
}

}  // namespace schoolgate
