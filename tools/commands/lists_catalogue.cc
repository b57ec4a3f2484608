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

void fail(const std::string& why, Console& console, int& result, int code = exit_failed) {
  console.err << "schoolgate: " << printable(why) << '\n';
  result = code;
}

// Nullopt after it was said why.
std::optional<ListOffers> read_offers(const std::string& config, Console& console, int& result) {
  auto offers = read_list_offers(config);
  if (!offers) {
    fail(offers.error().message.english(), console, result, exit_config_errors);
    return std::nullopt;
  }
  console.err << render(offers->diagnostics, offers->texts, nullptr, console.err_colour);
  if (has_errors(offers->diagnostics)) {
    result = exit_config_errors;
    return std::nullopt;
  }
  if (offers->file.empty()) {
    fail("there is no list-catalogue.yaml beside " + config, console, result);
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

std::string state_of(const PublishedList& list, bool enabled, bool colour) {
  if (enabled) return paint(colour, Colour::green, "enabled");
  if (list.school == PublishedList::School::no) return paint(colour, Colour::red, "not for schools");
  std::string text = list.checked ? "" : "not checked";
  if (list.school == PublishedList::School::ask) text += text.empty() ? "ask first" : ", ask first";
  return paint(colour && !text.empty(), Colour::yellow, text);
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
                << (list.entries == 0 ? padded("", 11) : in_column(list.entries)) << "  "
                << padded(printable(list.licence), 14) << "  "
                << state_of(list, offers->has(list.name), console.out_colour) << "\n    "
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
  if (!written) return fail(written.error().message.english(), console, result);
  const bool vi = offers->main.config.school.language == Language::vi;
  const PublishedList& list = *offers->published.find(options.name);
  if (const std::string& note = vi ? list.note_vi : list.note_en; !note.empty())
    console.out << printable(note) << '\n';
  console.out << "written: " << printable(*written) << "\nto use it: schoolgate lists update "
              << printable(options.name) << ", then schoolgate reload\n";
}

void disable(const CatalogueOptions& options, Console& console, int& result) {
  const auto done = disable_list(options.config, options.name);
  if (!done) return fail(done.error().message.english(), console, result);
  console.out << printable(done->english())
              << "\nto go on without the list: schoolgate check, then schoolgate reload --accept-shrunk\n";
}

}  // namespace

void add_lists_catalogue(CLI::App& lists, Console& console, int& result) {
  const auto add = [&](const char* name, const char* what, auto&& act) {
    CLI::App* const sub = lists.add_subcommand(name, what);
    const auto options = std::make_shared<CatalogueOptions>();
    add_config_option(*sub, options->config);
    sub->callback([options, &console, &result, act] { act(*options, console, result); });
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
