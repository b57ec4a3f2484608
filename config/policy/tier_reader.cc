#include "config/policy/tier_reader.h"

#include <algorithm>
#include <ctime>

#include "config/main/main_shapes.h"
#include "config/main/port_reader.h"
#include "config/policy/ai_tools.h"
#include "config/policy/policy_shapes.h"
#include "config/policy/time_text.h"
#include "config/policy/when_text.h"
#include "config/text/names.h"
#include "config/text/suggest.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {

namespace {

Message effect_hint() {
  return say("allow, allow+record, warn, block, block+locked, help or help+alert");
}

std::optional<Effect> read_effect(const YamlNode& node, const Reporter& report) {
  const auto text = read_text(node, report);
  if (!text) return std::nullopt;
  auto effect = parse_effect(*text);
  static const std::vector<std::string> words{"allow", "warn", "block", "help", "block+locked"};
  if (!effect)
    report.error(diag::bad_effect, node, say("\"{}\" is not an action", *text),
                 did_you_mean(*text, words, effect_hint()));
  return effect;
}

// "https://a.vn/b" where "a.vn" is meant.
std::optional<std::string> host_within(std::string_view text) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 3);
  return site_name(text.substr(0, text.find_first_of("/:?")));
}

// Of a key that a tier's file does not have, and another file does.
Message where_key_belongs(std::string_view key) {
  if (key == "holidays" || key == "lessons" || key == "boarding" || key == "exam_days")
    return say(
        "that belongs in periods.yaml; a row of timetable: speaks of it, as in \"when: lessons\" or \"when: "
        "T2-T6 07:00-11:30 not holidays\"");
  if (key == "room" || key == "rooms" || key == "only")
    return say(
        "a room is a label: of who: in schoolgate.yaml; one is open for one thing alone with `schoolgate "
        "room NAME "
        "only BUNDLE`, or with exams: in periods.yaml");
  for (const auto& [shape, file] : {std::pair{&periods_shape, "periods.yaml"},
                                    {&delegation_shape, "delegation.yaml"},
                                    {&bundles_shape, "bundles.yaml"},
                                    {&expect_shape, "expect.yaml"},
                                    {&hotlines_shape, "hotlines.yaml"},
                                    {&terms_shape, "terms.yaml"},
                                    {&main_shape, "schoolgate.yaml"}})
    if (key != "terms" && shape->find(key) != nullptr) return say("that belongs in {}", file);
  return {};
}

// Of a row of the timetable, that is written like the tier's own lines.
Message how_rows_name_sites(std::string_view key) {
  if (key != "allow" && key != "warn" && key != "block") return {};
  return say("name the sites under sites:, and write \"action: {}\"", key);
}

class TierReader {
 public:
  TierReader(const std::string& path, const YamlNode& root, LoadContext& context, const PeriodsFile& periods,
             const Bundles& bundles)
      : path_(path),
        context_(context),
        periods_(periods),
        bundles_(bundles),
        report_(context.reporter(path)),
        top_(root, report_, tier_shape, say("a tier's file")) {}

  std::optional<TierFile> read() {
    if (!top_.valid()) return std::nullopt;
    const auto errors = [this] {
      const Diagnostics& all = report_.out();
      return std::count_if(all.begin(), all.end(),
                           [](const Diagnostic& d) { return d.severity == Severity::error; });
    };
    const auto before = errors();
    read_version(top_);
    remember_keys(top_.node(), "");
    identity();
    behaviour();
    tunnel();
    categories();
    for (const auto& [key, action] :
         {std::pair{"allow", Action::allow}, {"warn", Action::warn}, {"block", Action::block}})
      if (const YamlNode* node = top_.get(key))
        for (PlacedLine& line : read_lines(*node, action, report_, context_, &bundles_))
          tier_.lines.push_back(std::move(line));
    if (const YamlNode* node = top_.get("ai")) remember_reviews(*node);
    if (const YamlNode* node = top_.get("ai"))
      for (PlacedLine& line : read_ai_tools(*node, report_, context_, bundles_, std::time(nullptr)))
        tier_.lines.push_back(std::move(line));
    note_www_alone(tier_.lines, context_);
    timetable();
    tests();
    top_.finish(where_key_belongs);
    if (errors() == before) tier_.says_default = tier_.says_categories = false;  // no error stands for them
    if (tier_.id.value.empty()) return std::nullopt;
    return std::move(tier_);
  }

 private:
  [[nodiscard]] Place place(const YamlNode& node) { return context_.place(path_, node); }

  void remember_keys(const YamlNode& map, const std::string& inside) {
    for (std::size_t i = 0; i + 1 < map.children.size(); i += 2)
      if (map.children[i + 1].kind != YamlNode::Kind::null)
        tier_.keys.emplace_back(inside + map.children[i].text, place(map.children[i]));
  }

  // "ai: 2027-06-30 chatgpt.com", where that tool stands: a Line does not say until when.
  void remember_reviews(const YamlNode& list) {
    for (const YamlNode& item : list.children) {
      if (item.kind != YamlNode::Kind::map) continue;
      const YamlNode* const review = item.find("review_by");
      for (const char* const key : {"site", "bundle"})
        if (const YamlNode* const name = item.find(key); name != nullptr && review != nullptr)
          tier_.keys.emplace_back("ai: " + review->text + " " + name->text, place(*name));
    }
  }

  void identity() {
    const YamlNode* id = top_.get("tier");
    if (const auto text = id == nullptr ? std::nullopt : read_text(*id, report_)) {
      if (!is_id(*text))
        report_.error(diag::bad_text, *id, say("\"{}\" cannot be the id of a tier", *text),
                      say("small letters a-z, digits and _, a letter first, at most 32"));
      tier_.id = {*text, place(*id)};
    }
    if (const YamlNode* name = top_.get("name"))
      read_two_languages(*name, report_, tier_.name_vi, tier_.name_en);
    if (const YamlNode* extends = top_.get("extends"))
      if (auto parent = read_text(*extends, report_)) tier_.extends = {std::move(*parent), place(*extends)};
    top_.text("ages", tier_.ages);
  }

  void behaviour() {
    if (const auto word = top_.word("voice")) tier_.voice = static_cast<Voice>(*word);
    if (const YamlNode* pupils = top_.get("pupils")) tier_.pupils = read_boolean(*pupils, report_);
    tier_.says_default = top_.seems_to_have("default");
    tier_.says_categories = top_.seems_to_have("categories");
    if (const YamlNode* action = top_.get("default"))
      if (const auto word = top_.word("default"))
        tier_.default_action = {*word == 0 ? Action::allow : Action::block, place(*action)};
    if (const auto word = top_.word("warn_without_page"))
      tier_.warn_without_page = static_cast<WarnWithoutPage>(*word);
    for (const auto& [key, action] : {std::pair{"unknown_on_hosting", &tier_.unknown_on_hosting},
                                      {"unknown_engines", &tier_.unknown_engines}})
      if (const YamlNode* node = top_.get(key))
        if (const auto word = top_.word(key)) *action = {static_cast<Action>(*word), place(*node)};
    for (const auto& [key, level] : {std::pair{"safesearch", &tier_.safesearch}, {"youtube", &tier_.youtube}})
      if (const auto word = top_.word(key)) *level = static_cast<SafeLevel>(*word);
    if (const auto word = top_.word("lookalikes")) tier_.lookalikes = static_cast<Lookalikes>(*word);
    if (const YamlNode* https = top_.get("https")) read_https_mode(*https);
    if (const YamlNode* open = top_.get("open_categories")) tier_.open_categories = names(*open);
    if (const YamlNode* open = top_.get("may_override")) tier_.may_override = names(*open);
  }

  // "https: names", or "https: {mode: inspect, reason: ...}".
  void read_https_mode(const YamlNode& node) {
    const YamlNode* mode = &node;
    if (node.kind == YamlNode::Kind::map) {
      Fields fields(node, report_, https_mode_shape, Message("https"));
      remember_keys(node, "https: ");
      mode = fields.get("mode");
      fields.text("reason", tier_.https_reason);
      if (const YamlNode* only = fields.get("inspect_only")) read_inspect_only(*only);
      fields.finish();
    }
    if (mode == nullptr) return;
    const auto word = read_word(*mode, report_, top_.words("https"));
    if (!word) return;
    tier_.https = {static_cast<Https>(*word), place(*mode)};
    const bool inspects = tier_.https->value == Https::inspect;
    if (inspects && !tier_.inspect_only.empty())
      report_.error(diag::inspect_only_useless, *mode,
                    say("mode: inspect opens every site already, and inspect_only names a few"),
                    say("write mode: names to open those of inspect_only alone"));
    if ((inspects || !tier_.inspect_only.empty()) && tier_.https_reason.empty())
      report_.error(
          diag::inspect_without_reason, *mode, say("opening pupils' connections needs a reason"),
          inspects ? say("https: {mode: inspect, reason: \"decided by the school board on ...\"}")
                   : say("https: {mode: names, inspect_only: [...], reason: \"decided by the school board on "
                         "...\"}"));
  }

  void read_inspect_only(const YamlNode& node) {
    for (const YamlNode* item : read_items(node, report_)) {
      const auto text = read_text(*item, report_);
      if (!text) continue;
      const bool below = text->starts_with("*.");
      const auto host = site_name(*text);
      if (!host || (below && text->find('*', 1) != std::string::npos)) {
        const auto within = host_within(*text);
        report_.error(diag::bad_line, *item, say("\"{}\" is not the name of a site", *text),
                      within ? say("write {}: the name alone, which holds every page of it", *within)
                             : say("one host, such as www.google.com, or \"*.example.vn\" for all below "
                                   "example.vn"));
        continue;
      }
      const bool everybodys = public_suffix(*host) != Suffix::none || host->find('.') == std::string::npos;
      if (below && everybodys)
        report_.error(diag::line_too_wide, *item, say("\"{}\" would open the sites of many owners", *text),
                      say("name the hosts that are meant, one by one"));
      else
        tier_.inspect_only.push_back({*host, below, place(*item)});
    }
  }

  std::vector<Placed<std::string>> names(const YamlNode& node) {
    std::vector<Placed<std::string>> out;
    for (const YamlNode* item : read_items(node, report_))
      if (auto text = read_text(*item, report_)) out.push_back({std::move(*text), place(*item)});
    return out;
  }

  void tunnel() {
    const YamlNode* node = top_.get("tunnel");
    if (node == nullptr) return;
    Fields fields(*node, report_, tunnel_shape, Message("tunnel"));
    if (fields.valid()) remember_keys(*node, "tunnel: ");
    for (std::size_t i = 0; i < tunnel_choices; ++i)
      if (const auto word = fields.word(tunnel_keys[i].first)) tier_.tunnel[i] = static_cast<Choice>(*word);
    if (const YamlNode* ports = fields.get("ports")) {
      tier_.ports.emplace();
      for (const YamlNode* item : read_items(*ports, report_))
        if (const auto port = read_number(*item, report_, 1, 65'535))
          tier_.ports->push_back(static_cast<std::uint16_t>(*port));
    }
    if (const YamlNode* ports = fields.get("http_ports")) {
      tier_.http_ports.emplace();
      for (const YamlNode* item : read_items(*ports, report_))
        if (const auto range = read_ports(*item, report_)) tier_.http_ports->push_back(*range);
    }
    fields.finish();
  }

  void categories() {
    const YamlNode* node = top_.get("categories");
    if (node == nullptr) return;
    tier_.categories_where = place(*node);
    tier_.says_categories = false;  // what it does not name is missing
    if (node->kind != YamlNode::Kind::map) {
      report_.error(diag::wrong_kind, *node,
                    say("categories holds lines \"category: action\", not {}", node->kind_name()),
                    node->kind == YamlNode::Kind::sequence
                        ? say("leave out the \"- \" in front of each line")
                        : say("each category has a line of its own below it: \"games: block\""));
      tier_.says_categories = true;
      return;
    }
    for (std::size_t i = 0; i + 1 < node->children.size(); i += 2) {
      const YamlNode& key = node->children[i];
      // What cannot be read is an error already; the category is named all the same.
      const YamlNode& value = node->children[i + 1];
      Effect effect;
      if (value.kind == YamlNode::Kind::null)
        report_.error(diag::wrong_kind, value, say("\"{}\" has no action", key.text), effect_hint());
      else
        effect = read_effect(value, report_).value_or(Effect{});
      if (key.text == "other")
        tier_.other = {effect, place(key)};
      else
        tier_.categories.push_back({{key.text, place(key)}, effect});
    }
  }

  void timetable() {
    const YamlNode* node = top_.get("timetable");
    if (node == nullptr) return;
    for (const YamlNode* item : read_items(*node, report_)) {
      const Message example =
          say("for example {when: \"T2-T6 07:00-11:30\", categories: [games], action: block}");
      Fields fields(*item, report_, timetable_shape, say("a line of the timetable"), example);
      const YamlNode* when = fields.get("when");
      const YamlNode* categories = fields.get("categories");
      const YamlNode* sites = fields.get("sites");
      const YamlNode* action = fields.get("action");
      const std::size_t told = report_.out().size();
      fields.finish(how_rows_name_sites);
      if (fields.valid() && categories == nullptr && sites == nullptr && report_.out().size() == told)
        report_.error(diag::missing_key, *item,
                      say("a line of the timetable has the key categories, or sites"), example);
      if (when == nullptr || (categories == nullptr && sites == nullptr) || action == nullptr) continue;
      TimetableText entry;
      entry.where = place(*item);
      if (categories != nullptr) entry.categories = names(*categories);
      const auto effect = read_effect(*action, report_);
      const auto text = read_text(*when, report_);
      if (!effect || !text) continue;
      entry.effect = *effect;
      if (effect->flags.locked)
        report_.error(diag::bad_effect, *action, say("a timetable cannot lock"),
                      say("what holds at all times is locked under categories:"));
      if (!read_row_times(*when, *text, entry)) continue;
      if (sites != nullptr) timed_lines(*sites, *action, entry);
      if (categories != nullptr) tier_.timetable.push_back(std::move(entry));
    }
  }

  void timed_lines(const YamlNode& sites, const YamlNode& action, const TimetableText& row) {
    if (row.effect.action == Action::help) {
      report_.error(diag::bad_line, action, say("help is for categories, not for sites"),
                    say("write allow, warn or block, or name a category"));
      return;
    }
    if (row.effect.flags.locked) return;  // told
    for (PlacedLine& line : read_timed_lines(sites, row.effect, report_, context_, bundles_)) {
      line.line.when = row.when;
      tier_.lines.push_back(std::move(line));
    }
    tier_.lines_by_school = tier_.lines_by_school || row.by_school;
  }

  bool read_row_times(const YamlNode& node, const std::string& text, TimetableText& entry) {
    WhenReading when = read_when(text, periods_);
    TimeTrouble& trouble = when.trouble;
    if (!when.times) {
      if (!when.silent)
        report_.error_in(when.code, node, trouble.offset, trouble.length, std::move(trouble.message),
                         std::move(trouble.hint));
      return false;
    }
    if (when.code != 0) report_.warning(when.code, node, std::move(trouble.message), std::move(trouble.hint));
    entry.when = std::move(*when.times);
    entry.by_school = when.by_school;
    return true;
  }

  void tests() {
    const YamlNode* node = top_.get("tests");
    if (node == nullptr) return;
    for (const YamlNode* item : read_items(*node, report_)) {
      Fields fields(*item, report_, policy_test_shape, say("a test"));
      const YamlNode* url = fields.get("url");
      const YamlNode* expect = fields.get("expect");
      const YamlNode* at = fields.get("at");
      fields.finish();
      if (url == nullptr || expect == nullptr) continue;
      PolicyTest test;
      const auto text = read_text(*url, report_);
      const auto word = fields.word("expect");
      if (!text || !word) continue;
      test.url = *text;
      test.expect = static_cast<Action>(*word);
      test.where = place(*url);
      if (at != nullptr) {
        const auto time = read_text(*at, report_);
        const auto moment = time ? parse_local_time(*time) : std::nullopt;
        if (time && !moment) {
          TimeTrouble trouble = explain_moment(*time);
          report_.error_in(diag::bad_schedule, *at, trouble.offset, trouble.length,
                           std::move(trouble.message), std::move(trouble.hint));
        }
        if (!moment) continue;
        test.at = *moment;
      }
      tier_.tests.push_back(std::move(test));
    }
  }

  const std::string& path_;
  LoadContext& context_;
  const PeriodsFile& periods_;
  const Bundles& bundles_;
  Reporter report_;
  Fields top_;
  TierFile tier_;
};

}  // namespace

std::optional<TierFile> read_tier_file(const std::string& path, LoadContext& context,
                                       const PeriodsFile& periods, const Bundles& bundles) {
  const auto root = context.yaml(path);
  if (!root) return std::nullopt;
  return TierReader(path, *root, context, periods, bundles).read();
}

}  // namespace schoolgate
