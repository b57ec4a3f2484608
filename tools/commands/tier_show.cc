#include "tools/commands/tier_show.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "config/policy/tier_reader.h"
#include "config/text/suggest.h"
#include "proxy/core/json_text.h"
#include "rules/url/url.h"
#include "tools/console/console.h"

namespace schoolgate::tools {
namespace {

// What stands above a line or a row and makes it say nothing, in whole or in part.
struct Beaten {
  Message what;
  RuleRef where;
};

struct Setting {
  std::string key;
  Message value;
  std::string why;  // as the school wrote it
  Message note;     // what makes it mean less than it says
};

// A line; or those of a bundle, which have one place.
struct Spoken {
  const Line* line;
  Layer layer;
  std::vector<const Line*> hosts;  // of a bundle, `line` first; else empty
};

// What somebody may do for a lesson, or does now.
struct Lesson {
  Message what;
  RuleRef where;
};

std::string_view word(SafeLevel level) noexcept {
  return level == SafeLevel::off ? "off" : level == SafeLevel::moderate ? "moderate" : "strict";
}
std::string_view word(Https https) noexcept {
  return https == Https::names ? "names" : https == Https::block_page ? "block-page" : "inspect";
}
std::string inspected_names(const InspectOnly& only) {
  std::string text;
  for (const std::string& host : only.hosts) text += (text.empty() ? "" : ", ") + host;
  for (const std::string& host : only.below) text += (text.empty() ? "*." : ", *.") + host;
  return text;
}
std::string_view word(Voice voice) noexcept {
  return voice == Voice::small_children ? "small_children" : voice == Voice::pupils ? "pupils" : "adults";
}
std::string_view word(Lookalikes choice) noexcept {
  switch (choice) {
    case Lookalikes::off:
      return "off";
    case Lookalikes::record:
      return "record";
    case Lookalikes::warn:
      return "warn";
    case Lookalikes::block:
      return "block";
  }
  return "off";
}
std::string_view word(Choice choice) noexcept {
  return choice == Choice::block ? "block" : choice == Choice::allow ? "allow" : "allow_and_record";
}

// One tier of a policy, and what can be asked about each of its parts.
class Shown {
 public:
  Shown(const Snapshot& snapshot, TierId id, std::shared_ptr<const Overrides> overrides)
      : snapshot_(snapshot),
        policy_(*snapshot.policy),
        id_(id),
        overrides_(std::move(overrides)),
        judge_(snapshot.make_judge()) {
    judge_->use(overrides_);
  }

  [[nodiscard]] TierId id() const noexcept { return id_; }
  [[nodiscard]] const Tier& tier() const noexcept { return policy_.tiers()[id_]; }
  [[nodiscard]] const Policy& policy() const noexcept { return policy_; }
  [[nodiscard]] std::string place(const RuleRef& where) const { return snapshot_.place(where); }
  // "" for the tier itself.
  [[nodiscard]] std::string inherited_from(TierId from) const {
    return from == id_ ? std::string() : policy_.tiers()[from].id;
  }
  // Where a setting stands; null: no file says it.
  [[nodiscard]] const TierKey* said(std::string_view key) const {
    if (id_ >= snapshot_.tier_keys.size()) return nullptr;
    const TierKeys& keys = snapshot_.tier_keys[id_];
    const auto found =
        std::find_if(keys.begin(), keys.end(), [&](const TierKey& one) { return one.key == key; });
    return found == keys.end() ? nullptr : &*found;
  }

  [[nodiscard]] Message names(const std::vector<CategoryId>& categories) const {
    std::string text;
    for (const CategoryId id : categories) text += (text.empty() ? "" : ", ") + policy_.categories()[id].id;
    return text.empty() ? say("none") : Message(text);
  }

  [[nodiscard]] std::vector<Setting> settings() const {
    const Tier& t = tier();
    std::vector<Setting> all;
    const auto add = [&all](std::string key, auto value, std::string why = {}, Message note = {}) {
      all.push_back({std::move(key), Message(std::move(value)), std::move(why), std::move(note)});
    };
    const bool closed = t.default_action == Action::block;
    const auto when_open = [closed](bool asked) {
      return closed && asked ? say("has no effect: what nothing names is closed here anyway") : Message();
    };
    if (t.parent) add("extends", policy_.tiers()[*t.parent].id);
    add("default", to_string(t.default_action));
    add("voice", word(t.voice));
    add("pupils", t.pupils ? "true" : "false");
    add("warn_without_page", t.warn_without_page == WarnWithoutPage::block ? "block" : "allow_and_record");
    add("safesearch", word(t.safesearch));
    add("youtube", word(t.youtube));
    add("lookalikes", word(t.lookalikes), "", when_open(t.lookalikes != Lookalikes::off));
    add("https", word(t.https), t.https_reason,
        t.opens_any() && !policy_.some_trust_ca(id_)
            ? say("nothing is opened: no device of this tier is said to trust the school's certificate")
            : Message());
    if (!t.inspect_only.empty()) add("https: inspect_only", inspected_names(t.inspect_only));
    if (t.unknown_on_hosting)
      add("unknown_on_hosting", to_string(*t.unknown_on_hosting), "", when_open(true));
    else
      add("unknown_on_hosting", say("as the platform"));
    if (t.unknown_engines)
      add("unknown_engines", to_string(*t.unknown_engines), "",
          when_open(*t.unknown_engines != Action::block));
    else
      add("unknown_engines", say("as their entry says"));
    add("open_categories", names(t.open_categories));
    add("may_override", names(t.may_override));
    for (const auto& [key, member] : tunnel_keys) add("tunnel: " + std::string(key), word(t.tunnel.*member));
    std::string ports, http_ports;
    for (const std::uint16_t port : t.tunnel.ports)
      ports += (ports.empty() ? "" : ", ") + std::to_string(port);
    for (const TunnelRules::Ports& range : t.tunnel.http_ports)
      http_ports += (http_ports.empty() ? "" : ", ") + std::to_string(range.first) +
                    (range.last == range.first ? "" : "-" + std::to_string(range.last));
    add("tunnel: ports", ports.empty() ? say("none") : Message(ports));
    add("tunnel: http_ports", http_ports.empty() ? say("none") : Message(http_ports));
    return all;
  }

  // The lines that speak in this tier: the school's, its own, those of the tiers that it extends. `together`:
  // a bundle's hosts as one.
  [[nodiscard]] std::vector<Spoken> lines(bool together) const {
    const PolicySpec& spec = policy_.spec();
    std::vector<Spoken> all;
    for (const Line& line : spec.locked_lines) all.push_back({&line, Layer::locked, {}});
    const std::size_t of_tiers = all.size();
    for (const Line& line : spec.tier_lines) {
      if (policy_.depth(id_, line.tier) == Policy::not_in_chain) continue;
      Spoken* const last = all.size() == of_tiers ? nullptr : &all.back();
      if (together && !line.bundle.empty() && last != nullptr && last->line->bundle == line.bundle &&
          last->line->where == line.where) {
        last->hosts.push_back(&line);
        continue;
      }
      all.push_back({&line, Layer::explicit_line, {}});
      if (together && !line.bundle.empty()) all.back().hosts.push_back(&line);
    }
    std::stable_sort(all.begin() + static_cast<std::ptrdiff_t>(of_tiers), all.end(),
                     [&](const Spoken& a, const Spoken& b) {
                       return policy_.depth(id_, a.line->tier) < policy_.depth(id_, b.line->tier);
                     });
    return all;
  }

  // A moment of an ordinary week at which the line speaks; nullopt: there is none.
  [[nodiscard]] static std::optional<LocalTime> moment_of(const Line& line) {
    LocalTime time;
    if (!line.when || line.when->contains(time)) return time;
    const std::uint32_t minutes = line.when->minutes_to_next_edge(time);
    if (minutes >= LocalTime::minutes_per_week) return std::nullopt;
    time.minute_of_week = static_cast<std::uint16_t>(minutes);
    return line.when->contains(time) ? std::optional(time) : std::nullopt;
  }

  // Asked of the judge itself, with the address that the line names; of a pattern or a network nobody can
  // say.
  [[nodiscard]] std::optional<Beaten> beaten(const Line& line) const {
    if (line.rule.kind != RuleKind::domain && line.rule.kind != RuleKind::url) return std::nullopt;
    const bool v6 = line.rule.kind == RuleKind::domain && line.rule.text.find(':') != std::string::npos;
    Url url;
    const std::string text = v6 ? "[" + line.rule.text + "]" : line.rule.text;
    if (url.parse("http://" + escape_typed_url(text)).failed()) return std::nullopt;
    const std::optional<LocalTime> time = moment_of(line);
    if (!time) return std::nullopt;
    const Explanation said = judge_->explain({url, Stage::request, id_, *time, {}});
    const auto winner =
        std::find_if(said.steps.begin(), said.steps.end(), [](const Step& s) { return s.wins; });
    if (winner == said.steps.end() || winner->where == line.where) return std::nullopt;
    const bool above = winner->layer <= Layer::explicit_line;
    return above ? std::optional(Beaten{winner->what, winner->where}) : std::nullopt;
  }

  // Until which day the school has this AI tool; "": the line is none.
  [[nodiscard]] std::string review_of(const Line& line) const {
    constexpr std::string_view ai = "ai: ";
    if (id_ >= snapshot_.tier_keys.size()) return {};
    for (const TierKey& key : snapshot_.tier_keys[id_]) {
      if (!key.key.starts_with(ai) || !(key.where == line.where)) continue;
      const std::string_view rest = std::string_view(key.key).substr(ai.size());
      const std::size_t blank = rest.find(' ');
      const std::string_view name = rest.substr(std::min(blank + 1, rest.size()));
      if (name == line.bundle || (line.bundle.empty() && name.ends_with(line.rule.text)))
        return std::string(rest.substr(0, blank));
    }
    return {};
  }
  // What else a line does there.
  [[nodiscard]] std::vector<Message> besides(const Line& line) const {
    std::vector<Message> all;
    if (line.not_tls) all.push_back(say("connections there that are not TLS may pass (tunnel: [not_tls])"));
    if (line.lifts_words) all.push_back(say("rules on search words do not hold there (terms: off)"));
    if (const std::string day = review_of(line); !day.empty())
      all.push_back(say("an AI tool, to be looked at again by {}", day));
    return all;
  }

  // Whether some device of this tier is in one of these networks.
  [[nodiscard]] bool reaches(std::span<const Network> networks) const {
    return std::ranges::any_of(policy_.spec().networks, [&](const TierNetwork& own) {
      return own.tier == id_ && std::ranges::any_of(networks, [&](const Network& one) {
               return one.contains(own.network.base) || own.network.contains(one.base);
             });
    });
  }
  [[nodiscard]] std::vector<const Room*> rooms() const {
    std::vector<const Room*> all;
    for (const Room& room : policy_.spec().rooms)
      if (reaches(room.networks)) all.push_back(&room);
    return all;
  }
  // Those of the tier, and of rooms in which it is.
  [[nodiscard]] std::vector<const Exam*> exams() const {
    std::vector<const Exam*> all;
    for (const Exam& exam : policy_.spec().exams)
      if (std::ranges::find(exam.tiers, id_) != exam.tiers.end() ||
          std::ranges::any_of(exam.rooms,
                              [&](RoomId room) { return reaches(policy_.spec().rooms[room].networks); }))
        all.push_back(&exam);
    return all;
  }
  [[nodiscard]] std::string rooms_of(const Exam& exam) const {
    std::string text;
    for (const RoomId room : exam.rooms) text += (text.empty() ? "" : ", ") + policy_.spec().rooms[room].name;
    return text;
  }
  // What is open, blocked or closed now, and ends by itself.
  [[nodiscard]] std::vector<Lesson> lesson() const {
    std::vector<Lesson> all;
    if (!overrides_) return all;
    const auto add = [&](const Message& what, const RuleRef& where) {
      if (all.empty() || !(all.back().where == where)) all.push_back({what, where});
    };
    for (const Override& one : overrides_->all())
      if (one.tier == id_ && one.closing == Override::no_closing) add(one.about, overrides_->where(one));
    for (const Closing& one : overrides_->closings())
      if (one.id != 0 && reaches(one.networks)) add(one.about, overrides_->where(one));
    return all;
  }
  [[nodiscard]] std::vector<const Delegation*> teachers() const {
    std::vector<const Delegation*> all;
    for (const Delegation& one : policy_.spec().delegations)
      if (std::ranges::find(one.tiers, id_) != one.tiers.end()) all.push_back(&one);
    return all;
  }

  // The categories of a row for which something above it speaks.
  [[nodiscard]] std::vector<Beaten> beaten(const TimetableEntry& row) const {
    std::vector<Beaten> all;
    for (const CategoryId category : row.categories) {
      const CategoryEffect& effect = tier().effects[category];
      const std::string& id = policy_.categories()[category].id;
      if (effect.effect.flags.locked)
        all.push_back({say("{} is locked", id), effect.where});
      else if (policy_.depth(id_, effect.tier) < policy_.depth(id_, row.tier))
        all.push_back({say("tier {} says of {} itself", policy_.tiers()[effect.tier].id, id), effect.where});
    }
    return all;
  }

  // Who is in the tier: "192.168.20.0/24", "port 3129", "unknown devices".
  [[nodiscard]] std::vector<Beaten> who() const {
    std::vector<Beaten> all;
    for (const TierNetwork& network : policy_.spec().networks)
      if (network.tier == id_) all.push_back({Message(network.network.to_string()), network.where});
    for (const Listener& listener : snapshot_.config.listen)
      if (listener.tier && *listener.tier == tier().id) all.push_back({say("port {}", listener.port), {}});
    if (policy_.spec().unknown_tier == id_)
      all.push_back({say("devices of no other network"), policy_.spec().unknown_where});
    return all;
  }

 private:
  const Snapshot& snapshot_;
  const Policy& policy_;
  TierId id_;
  std::shared_ptr<const Overrides> overrides_;
  std::unique_ptr<Judge> judge_;
};

// "games.vn", "pattern \bnohu[0-9]+\b".
Message rule_text(const Line& line) {
  return line.rule.kind == RuleKind::pattern ? say("pattern {}", line.rule.text) : Message(line.rule.text);
}

class Writer {
 public:
  Writer(const Shown& shown, Catalogue catalogue, bool colour)
      : shown_(shown), catalogue_(catalogue), colour_(colour) {}

  std::string write() {
    const Tier& tier = shown_.tier();
    text_ =
        paint(colour_, Colour::bold, say("tier {}", tier.id).in(catalogue_)) + "  " + printable(tier.name_vi);
    if (tier.name_en != tier.name_vi) text_ += " / " + printable(tier.name_en);
    if (!tier.ages.empty()) text_ += ", " + printable(tier.ages);
    text_ += '\n';
    head(say("who is in it"));
    for (const Beaten& one : shown_.who()) row(one.what, "", shown_.place(one.where), "");
    lesson();
    head(say("settings"));
    for (const Setting& setting : shown_.settings()) {
      const TierKey* const said = shown_.said(setting.key);
      row(setting.key, setting.value,
          said != nullptr ? Message(shown_.place(said->where)) : say("no file says it"),
          said != nullptr ? shown_.inherited_from(said->tier) : "");
      if (!setting.why.empty()) more(say("why: {}", setting.why));
      if (!setting.note.empty()) more(setting.note);
    }
    categories();
    timetable();
    lines();
    engines();
    exams();
    teachers();
    return std::move(text_);
  }

 private:
  [[nodiscard]] std::string safe(const Message& message) const { return printable(message.in(catalogue_)); }
  void head(const Message& title) { text_ += "\n" + paint(colour_, Colour::bold, safe(title)) + "\n"; }

  // Each is a Message, or a text that is the same in each language.
  void row(const auto& what, const auto& value, const auto& place, const std::string& inherited) {
    text_ += "  " + padded(safe(Message(what)), 28) + "  " + padded(safe(Message(value)), 14) + "  " +
             safe(Message(place));
    if (!inherited.empty()) text_ += "  (" + say("tier {}", inherited).in(catalogue_) + ")";
    text_ += '\n';
  }
  void more(const Message& note) {
    text_ += paint(colour_, Colour::dim, std::string(32, ' ') + safe(note)) + "\n";
  }
  void beaten(const Beaten& by, const std::string& host = {}) {
    const std::string place = shown_.place(by.where);
    const Message told =
        place.empty() ? say("beaten by {}", by.what) : say("beaten by {}, {}", by.what, place);
    more(host.empty() ? told : say("{}: {}", host, told));
  }

  void categories() {
    head(say("categories"));
    const Tier& tier = shown_.tier();
    for (std::size_t i = 0; i < tier.effects.size(); ++i) {
      const CategoryEffect& effect = tier.effects[i];
      row(shown_.policy().categories()[i].id, to_string(effect.effect),
          effect.named_by_tier ? Message(shown_.place(effect.where))
                               : say("{} by \"other\"", shown_.place(effect.where)),
          shown_.inherited_from(effect.tier));
    }
  }

  void timetable() {
    if (shown_.tier().timetable.empty()) return;
    head(say("timetable"));
    for (const TimetableEntry& entry : shown_.tier().timetable) {
      row(shown_.names(entry.categories), to_string(entry.effect), shown_.place(entry.where),
          shown_.inherited_from(entry.tier));
      more(Message(entry.when.to_string()));
      for (const Beaten& by : shown_.beaten(entry)) beaten(by);
    }
  }

  void bundle_hosts(const std::vector<const Line*>& hosts) {
    std::string names, alone;
    for (const Line* const host : hosts) {
      std::string& list = host->rule.subdomains ? names : alone;
      list += (list.empty() ? "" : ", ") + host->rule.text;
    }
    if (!names.empty()) more(say("hosts, with the names below them: {}", names));
    if (!alone.empty()) more(say("and these alone, which others use too: {}", alone));
    for (const Line* const host : hosts)
      if (const auto by = shown_.beaten(*host)) beaten(*by, host->rule.text);
  }

  void lines() {
    const auto all = shown_.lines(true);
    if (all.empty()) return;
    head(say("lines"));
    for (const auto& [line, layer, hosts] : all) {
      const bool own = layer == Layer::explicit_line;
      row(line->bundle.empty() ? rule_text(*line) : say("bundle {}", line->bundle), to_string(line->effect),
          shown_.place(line->where), own ? shown_.inherited_from(line->tier) : "");
      if (line->when) more(say("at these times: {}", line->when->to_string()));
      if (!line->why.empty()) more(say("why: {}", line->why));
      for (const Message& note : shown_.besides(*line)) more(note);
      if (hosts.empty()) {
        if (const auto by = shown_.beaten(*line)) beaten(*by);
        continue;
      }
      bundle_hosts(hosts);
    }
  }

  void lesson() {
    const auto all = shown_.lesson();
    if (all.empty()) return;
    head(say("for this lesson"));
    for (const Lesson& one : all) text_ += "  " + safe(one.what) + "\n";
  }

  void exams() {
    const auto rooms = shown_.rooms();
    const auto all = shown_.exams();
    if (rooms.empty() && all.empty()) return;
    head(say("rooms and exams"));
    for (const Room* const room : rooms) {
      std::string networks;
      for (const Network& network : room->networks)
        networks += (networks.empty() ? "" : ", ") + network.to_string();
      row(say("room {}", room->name), "", networks, "");
    }
    for (const Exam* const exam : all) {
      row(say("exam {}", exam->name), "", shown_.place(exam->where), "");
      more(Message(exam->when.to_string()));
      if (const std::string in = shown_.rooms_of(*exam); !in.empty()) more(say("in {}", in));
      more(say("nothing is open but: {}", join_words(exam->only, exam->only.size())));
    }
  }

  void teachers() {
    const auto all = shown_.teachers();
    if (all.empty()) return;
    head(say("who may open or block for a lesson"));
    for (const Delegation* const one : all) {
      row(one->account, say("{} minutes", one->minutes_max), shown_.place(one->where), "");
      if (!one->open.empty()) more(say("may open: {}", shown_.names(one->open)));
      if (!one->block.empty()) more(say("may block: {}", shown_.names(one->block)));
      if (one->lines) more(say("may lift the tier's own lines"));
      if (one->unknown) more(say("may open what no list holds"));
    }
  }

  void engines() {
    bool first = true;
    for (const SearchEngine& engine : shown_.policy().spec().engines) {
      const Effect* const otherwise = engine.otherwise_in(shown_.id());
      if (otherwise == nullptr) continue;
      if (std::exchange(first, false)) head(say("search engines, where they cannot be made safe"));
      row(engine.id, to_string(*otherwise), shown_.place(engine.where), "");
    }
  }

  const Shown& shown_;
  const Catalogue catalogue_;
  const bool colour_;
  std::string text_;
};

JsonObject& add_from(JsonObject& json, const Shown& shown, const RuleRef& where, const std::string& tier) {
  return json.add_or_null("from", shown.place(where)).add_or_null("inherited_from", tier);
}

JsonObject beaten_json(const Shown& shown, const Beaten& by) {
  JsonObject json;
  json.add("what", by.what.english()).add_or_null("from", shown.place(by.where));
  return json;
}

}  // namespace

std::string tier_text(const Snapshot& snapshot, TierId tier, Catalogue catalogue, bool colour,
                      std::shared_ptr<const Overrides> overrides) {
  const Shown shown(snapshot, tier, std::move(overrides));
  return Writer(shown, catalogue, colour).write();
}

namespace {

JsonArray lines_json(const Shown& shown) {
  JsonArray lines;
  for (const Spoken& one : shown.lines(false)) {
    const Line& line = *one.line;
    JsonObject json;
    json.add("rule", rule_text(line).english())
        .add("action", to_string(line.effect))
        .add("layer", to_string(one.layer));
    json.add_or_null("why", line.why);
    if (line.when) json.add("when", line.when->to_string());
    if (!line.bundle.empty()) json.add("bundle", line.bundle);
    if (line.not_tls) json.add("tunnel", JsonArray().add("not_tls"));
    if (line.lifts_words) json.add("terms", "off");
    if (const std::string day = shown.review_of(line); !day.empty()) json.add("review_by", day);
    const bool own = one.layer == Layer::explicit_line;
    add_from(json, shown, line.where, own ? shown.inherited_from(line.tier) : std::string());
    const auto by = shown.beaten(line);
    lines.add(by ? json.add("beaten_by", beaten_json(shown, *by)) : json.raw("beaten_by", "null"));
  }
  return lines;
}

JsonArray ids_json(const Shown& shown, const std::vector<CategoryId>& categories) {
  JsonArray ids;
  for (const CategoryId category : categories) ids.add(shown.policy().categories()[category].id);
  return ids;
}

// Rooms, exams, what is on for a lesson, and who may do so.
void add_lessons(const Shown& shown, JsonObject& json) {
  JsonArray rooms, exams, lesson, teachers;
  for (const Room* const room : shown.rooms()) rooms.add(room->name);
  for (const Exam* const exam : shown.exams()) {
    JsonArray only;
    for (const std::string& name : exam->only) only.add(name);
    JsonObject one;
    one.add("name", exam->name).add("when", exam->when.to_string()).add("only", only);
    exams.add(one.add_or_null("rooms", shown.rooms_of(*exam)).add_or_null("from", shown.place(exam->where)));
  }
  for (const Lesson& one : shown.lesson()) lesson.add(one.what.english());
  for (const Delegation* const one : shown.teachers()) {
    JsonObject teacher;
    teacher.add("account", one->account).add("minutes", one->minutes_max);
    teacher.add("open", ids_json(shown, one->open)).add("block", ids_json(shown, one->block));
    teacher.add("lines", one->lines).add("unknown", one->unknown);
    teachers.add(teacher.add_or_null("from", shown.place(one->where)));
  }
  json.add("rooms", rooms).add("exams", exams).add("lesson", lesson).add("teachers", teachers);
}

}  // namespace

std::string tier_json(const Snapshot& snapshot, TierId id, std::shared_ptr<const Overrides> overrides) {
  const Shown shown(snapshot, id, std::move(overrides));
  const Tier& tier = shown.tier();
  JsonArray who, settings, categories, timetable, engines;
  for (const Beaten& one : shown.who()) who.add(beaten_json(shown, one));
  for (const Setting& setting : shown.settings()) {
    const TierKey* const said = shown.said(setting.key);
    JsonObject json;
    json.add("key", setting.key).add("value", setting.value.english()).add_or_null("why", setting.why);
    if (!setting.note.empty()) json.add("note", setting.note.english());
    settings.add(add_from(json, shown, said != nullptr ? said->where : RuleRef{},
                          said != nullptr ? shown.inherited_from(said->tier) : std::string()));
  }
  for (std::size_t i = 0; i < tier.effects.size(); ++i) {
    const CategoryEffect& effect = tier.effects[i];
    JsonObject json;
    json.add("category", shown.policy().categories()[i].id).add("action", to_string(effect.effect));
    json.add("locked", effect.effect.flags.locked).add("named", effect.named_by_tier);
    categories.add(add_from(json, shown, effect.where, shown.inherited_from(effect.tier)));
  }
  for (const TimetableEntry& row : tier.timetable) {
    JsonObject json;
    JsonArray named, beaten;
    for (const CategoryId category : row.categories) named.add(shown.policy().categories()[category].id);
    for (const Beaten& by : shown.beaten(row)) beaten.add(beaten_json(shown, by));
    json.add("when", row.when.to_string()).add("categories", named).add("action", to_string(row.effect));
    timetable.add(add_from(json, shown, row.where, shown.inherited_from(row.tier)).add("beaten_by", beaten));
  }
  for (const SearchEngine& engine : shown.policy().spec().engines) {
    const Effect* const otherwise = engine.otherwise_in(id);
    if (otherwise == nullptr) continue;
    JsonObject json;
    json.add("engine", engine.id).add("otherwise", to_string(*otherwise));
    engines.add(json.add_or_null("from", shown.place(engine.where)));
  }
  JsonObject json;
  json.add("tier", tier.id).add("name_vi", tier.name_vi).add("name_en", tier.name_en);
  json.add_or_null("ages", tier.ages).add("digest", snapshot.digest).add("who", who);
  json.add("settings", settings).add("categories", categories).add("timetable", timetable);
  json.add("lines", lines_json(shown)).add("search_engines", engines);
  add_lessons(shown, json);
  return json.text() + "\n";
}

}  // namespace schoolgate::tools
