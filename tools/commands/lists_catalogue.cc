// `schoolgate lists catalogue`, `enable` and `disable`: which published lists a school may have.
#include <algorithm>
#include <memory>
#include <optional>
#include <ostream>

#include "config/list_enable.h"
#include "proxy/core/json_text.h"
#include "tools/commands/lists.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

struct CatalogueOptions {
  std::string config, name;
  bool json = false, unchecked = false;
};

void fail(const Message& why, Console& console, int& result, int code = exit_failed) {
  console.complain(why);
  result = code;
}

// Nullopt after it was said why.
std::optional<ListOffers> read_offers(const std::string& config, Console& console, int& result) {
  auto offers = read_list_offers(config);
  if (!offers) {
    fail(offers.error().message, console, result, exit_config_errors);
    return std::nullopt;
  }
  print_errors(offers->diagnostics, offers->texts, console);
  if (has_errors(offers->diagnostics)) {
    result = exit_config_errors;
    return std::nullopt;
  }
  if (offers->file.empty()) {
    fail(say("there is no list-catalogue.yaml beside {}", config), console, result);
    return std::nullopt;
  }
  return std::move(*offers);
}

JsonObject published_json(const PublishedList& list, const PublishedLists& all, bool enabled) {
  JsonObject json;
  json.add("name", list.name).add("purpose_vi", list.purpose_vi).add("purpose_en", list.purpose_en);
  json.add("category", list.category).add("format", to_string(list.format)).add("from", list.update.from);
  json.add("every_days", list.update.every_days);
  json.raw("entries", list.entries == 0 ? "null" : std::to_string(list.entries));
  json.add("licence", list.licence).add("school", to_string(list.school));
  json.add("maintainer", list.maintainer).add_or_null("note_vi", list.note_vi);
  json.add_or_null("note_en", list.note_en).add("checked", list.checked).add("enabled", enabled);
  JsonArray sets;
  for (const PublishedSet& set : all.sets)
    if (std::find(set.lists.begin(), set.lists.end(), list.name) != set.lists.end()) sets.add(set.name);
  json.add("sets", sets);
  return json;
}

std::string state_of(const PublishedList& list, bool enabled, Catalogue catalogue, bool colour) {
  const bool ask = list.school == PublishedList::School::ask;
  if (enabled) return paint(colour, Colour::green, say("enabled").in(catalogue));
  if (list.school == PublishedList::School::no)
    return paint(colour, Colour::red, say("not for schools").in(catalogue));
  if (list.checked && !ask) return {};
  const Message state = list.checked ? say("ask first")
                        : ask        ? say("not checked, ask first")
                                     : say("not checked");
  return paint(colour, Colour::yellow, state.in(catalogue));
}

// Sets first: one name for lists that go well together.
void show_sets(const ListOffers& offers, bool vi, Console& console) {
  for (const PublishedSet& set : offers.published.sets) {
    std::string names;
    std::size_t enabled = 0;
    for (const std::string& list : set.lists) {
      names += (names.empty() ? "" : " ") + list;
      if (offers.has(list)) ++enabled;
    }
    console.out << printable(set.name) << "  "
                << paint(console.out_colour, enabled == 0 ? Colour::bold : Colour::green,
                         console.text(
                             say("{} lists in one name, {} of them enabled", set.lists.size(), enabled)))
                << "\n    " << printable(vi ? set.purpose_vi : set.purpose_en) << "\n    " << printable(names)
                << '\n';
  }
}

void show_catalogue(const CatalogueOptions& options, Console& console, int& result) {
  const auto offers = read_offers(options.config, console, result);
  if (!offers) return;
  const bool vi = offers->main.config.school.language == Language::vi;
  JsonArray json;
  std::size_t name_width = 4, category_width = 8;
  for (const PublishedList& list : offers->published.lists) {
    name_width = std::max(name_width, list.name.size());
    category_width = std::max(category_width, list.category.size());
    json.add(published_json(list, offers->published, offers->has(list.name)));
  }
  if (options.json) {
    console.out << json.text() << '\n';
    return;
  }
  show_sets(*offers, vi, console);
  for (const PublishedList& list : offers->published.lists) {
    console.out << padded(printable(list.name), name_width) << "  "
                << padded(printable(list.category), category_width)
                << (list.entries == 0 ? padded("", 11) : in_column(list.entries, console.catalogue)) << "  "
                << padded(printable(list.licence), 14) << "  "
                << state_of(list, offers->has(list.name), console.catalogue, console.out_colour) << "\n    "
                << printable(vi ? list.purpose_vi : list.purpose_en) << "; " << printable(list.update.from)
                << '\n';
    if (const std::string& note = vi ? list.note_vi : list.note_en; !note.empty())
      console.out << "    " << printable(note) << '\n';
  }
}

// True: the entry is written.
bool enable_one(const ListOffers& offers, const std::string& name, bool unchecked, Console& console,
                int& result) {
  const auto written = enable_list(offers, name, unchecked);
  if (!written) {
    fail(written.error().message, console, result);
    return false;
  }
  const bool vi = offers.main.config.school.language == Language::vi;
  const PublishedList& list = *offers.published.find(name);
  if (const std::string& note = vi ? list.note_vi : list.note_en; !note.empty())
    console.out << printable(note) << '\n';
  console.print(say("written: {}", *written));
  return true;
}

// What is there already is no fault: somebody took some of the lists before, or the set has grown.
void enable_set(const ListOffers& offers, const PublishedSet& set, bool unchecked, Console& console,
                int& result) {
  std::size_t unread = 0, written = 0;
  for (const std::string& name : set.lists) {
    const PublishedList* const list = offers.published.find(name);
    if (list != nullptr && !list->checked && !offers.has(name)) ++unread;
  }
  if (unread != 0 && !unchecked)
    return fail(
        say("of {} nobody has fetched {} lists and read them for this release: look at their addresses "
            "yourself (schoolgate lists catalogue), then add --unchecked",
            set.name, unread),
        console, result);
  for (const std::string& name : set.lists) {
    if (offers.has(name))
      console.print(say("{} is enabled already", name));
    else if (enable_one(offers, name, unchecked, console, result))
      ++written;
  }
  if (written != 0) console.print(say("to use them: schoolgate lists update, then schoolgate reload"));
}

void enable(const CatalogueOptions& options, Console& console, int& result) {
  const auto offers = read_offers(options.config, console, result);
  if (!offers) return;
  if (const PublishedSet* const set = offers->published.find_set(options.name))
    return enable_set(*offers, *set, options.unchecked, console, result);
  if (enable_one(*offers, options.name, options.unchecked, console, result))
    console.print(say("to use it: schoolgate lists update {}, then schoolgate reload", options.name));
}

void disable(const CatalogueOptions& options, Console& console, int& result) {
  const auto offers = read_list_offers(options.config);
  if (!offers) return fail(offers.error().message, console, result);
  const bool is_set = offers->published.find_set(options.name) != nullptr;
  bool any = false;
  for (const std::string& name : lists_named(*offers, options.name)) {
    if (is_set && !offers->has(name)) continue;
    const auto done = disable_list(options.config, name);
    if (!done) {
      fail(done.error().message, console, result);
      continue;
    }
    any = true;
    console.print(*done);
  }
  if (any)
    console.print(say("to go on without the list: schoolgate check, then schoolgate reload --accept-shrunk"));
  else if (is_set && result == exit_ok)
    console.print(say("no list of {} is enabled", options.name));
}

}  // namespace

void add_lists_catalogue(CLI::App& lists, Console& console, int& result) {
  const auto add = [&](const char* name, const char* what, auto&& act) {
    CLI::App* const sub = lists.add_subcommand(name, what);
    const auto options = std::make_shared<CatalogueOptions>();
    add_config_option(*sub, options->config);
    on_command(*sub, options->config, console,
               [options, &console, &result, act] { act(*options, console, result); });
    return std::pair(sub, options);
  };
  const auto [showing, shown] =
      add("catalogue", "Published lists that a school may have, with their licences", show_catalogue);
  showing->add_flag("--json", shown->json, "for programs");
  const auto [enabling, enabled] = add("enable", "Take a list of the catalogue into lists.d", enable);
  enabling->add_option("name", enabled->name, "the list, or a set of lists")->required();
  enabling->add_flag("--unchecked", enabled->unchecked, "also a list that was not fetched for this release");
  const auto [disabling, disabled] = add("disable", "Take its entry out of lists.d again", disable);
  disabling->add_option("name", disabled->name, "the list, or a set of lists")->required();
}

}  // namespace schoolgate::tools
