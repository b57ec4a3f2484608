// `schoolgate lists catalogue`, `enable` and `disable`: which published lists a school may have.
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

JsonObject published_json(const PublishedList& list, bool enabled) {
  JsonObject json;
  json.add("name", list.name).add("purpose_vi", list.purpose_vi).add("purpose_en", list.purpose_en);
  json.add("category", list.category).add("format", to_string(list.format)).add("from", list.update.from);
  json.add("every_days", list.update.every_days);
  json.raw("entries", list.entries == 0 ? "null" : std::to_string(list.entries));
  json.add("licence", list.licence).add("school", to_string(list.school));
  json.add("maintainer", list.maintainer).add_or_null("note_vi", list.note_vi);
  json.add_or_null("note_en", list.note_en).add("checked", list.checked).add("enabled", enabled);
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

void show_catalogue(const CatalogueOptions& options, Console& console, int& result) {
  const auto offers = read_offers(options.config, console, result);
  if (!offers) return;
  const bool vi = offers->main.config.school.language == Language::vi;
  JsonArray json;
  std::size_t name_width = 4, category_width = 8;
  for (const PublishedList& list : offers->published.lists) {
    name_width = std::max(name_width, list.name.size());
    category_width = std::max(category_width, list.category.size());
    json.add(published_json(list, offers->has(list.name)));
  }
  if (options.json) {
    console.out << json.text() << '\n';
    return;
  }
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

void enable(const CatalogueOptions& options, Console& console, int& result) {
  const auto offers = read_offers(options.config, console, result);
  if (!offers) return;
  const auto written = enable_list(*offers, options.name, options.unchecked);
  if (!written) return fail(written.error().message, console, result);
  const bool vi = offers->main.config.school.language == Language::vi;
  const PublishedList& list = *offers->published.find(options.name);
  if (const std::string& note = vi ? list.note_vi : list.note_en; !note.empty())
    console.out << printable(note) << '\n';
  console.print(say("written: {}", *written));
  console.print(say("to use it: schoolgate lists update {}, then schoolgate reload", options.name));
}

void disable(const CatalogueOptions& options, Console& console, int& result) {
  const auto done = disable_list(options.config, options.name);
  if (!done) return fail(done.error().message, console, result);
  console.print(*done);
  console.print(say("to go on without the list: schoolgate check, then schoolgate reload --accept-shrunk"));
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
  enabling->add_option("name", enabled->name, "the list")->required();
  enabling->add_flag("--unchecked", enabled->unchecked, "also a list that was not fetched for this release");
  const auto [disabling, disabled] = add("disable", "Take its entry out of lists.d again", disable);
  disabling->add_option("name", disabled->name, "the list")->required();
}

}  // namespace schoolgate::tools
