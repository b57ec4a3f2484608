#include "config/list_enable.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "config/main/lists_reader.h"
#include "config/main/main_reader.h"
#include "config/text/names.h"
#include "config/text/shape.h"
#include "config/text/suggest.h"
#include "config/text/system_words.h"
#include "config/text/whole_file.h"

namespace schoolgate {
namespace {

// For a comment: what follows a line end would be no comment.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';
  return text;
}

bool is_there(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0 || errno != ENOENT;
}

// Whether the file is one of lists.d with exactly one list, of this name.
bool holds_it_alone(const std::string& config_file, const std::string& path, const std::string& name) {
  LoadContext context(config_file);
  std::vector<ListEntry> entries;
  read_list_file(path, context, entries);
  return entries.size() == 1 && entries.front().name == name && !has_errors(context.diagnostics);
}

}  // namespace

bool ListOffers::has(const std::string& name) const {
  return std::any_of(main.lists.begin(), main.lists.end(),
                     [&](const ListEntry& entry) { return entry.name == name; });
}

Result<ListOffers> read_list_offers(const std::string& config_file) {
  LoadContext context(config_file);
  auto main = read_main_file(context);
  if (!main) return Error{say("the configuration {} cannot be read; see: schoolgate check", config_file)};
  const CategoryCatalogue categories = read_catalogue(main->config.policy.categories, context);
  if (categories.categories.empty())
    return Error{say("the catalogue of categories cannot be read; see: schoolgate check")};
  ListOffers offers;
  LoadContext told(config_file);
  offers.file = published_lists_file(told);
  if (!offers.file.empty()) offers.published = read_published_lists(offers.file, categories, told);
  offers.main = std::move(*main);
  sort_by_place(told.diagnostics);
  offers.diagnostics = std::move(told.diagnostics);
  offers.texts = std::move(told.texts);
  return offers;
}

std::vector<std::string> lists_named(const ListOffers& offers, const std::string& name) {
  const PublishedSet* const set = offers.published.find_set(name);
  return set == nullptr ? std::vector{name} : set->lists;
}

std::string enable_text(const PublishedList& list) {
  return "# Bật bằng: schoolgate lists enable " + list.name + ". " + one_line(list.purpose_vi) +
         "\n# Made by: schoolgate lists enable " + list.name + ". " + one_line(list.purpose_en) + "\n# " +
         one_line(list.licence) + ", " + one_line(list.maintainer) +
         "\n# Tải về / fetch it: schoolgate lists update " + list.name + "\n" + schema_comment("lists") +
         "version: 1\nlists:\n  - name: " + yaml_quoted(list.name) +
         "\n    category: " + yaml_quoted(list.category) +
         "\n    format: " + std::string(to_string(list.format)) +
         "\n    update: {from: " + yaml_quoted(list.update.from) +
         (list.update.inside.empty() ? "" : ", file: " + yaml_quoted(list.update.inside)) +
         ", every_days: " + std::to_string(list.update.every_days) + "}\n";
}

Result<std::string> enable_list(const ListOffers& offers, const std::string& name, bool unchecked) {
  const PublishedList* const list = offers.published.find(name);
  if (list == nullptr) {
    std::vector<std::string> known;
    for (const PublishedList& one : offers.published.lists) known.push_back(one.name);
    for (const PublishedSet& one : offers.published.sets) known.push_back(one.name);
    return Error{say("the catalogue has no list \"{}\"; {}", name,
                     did_you_mean(name, known, say("see: schoolgate lists catalogue")))};
  }
  if (list->school == PublishedList::School::no)
    return Error{say("the licence of {} ({}) does not let a school use it", name, list->licence)};
  if (!list->checked && !unchecked)
    return Error{
        say("nobody has fetched {} from {} and read it for this release: look at the address yourself, then "
            "add --unchecked",
            name, list->update.from)};
  const std::string path = list_entry_file(offers.main, name), &folder = offers.main.lists_folder;
  if (is_there(path))
    return Error{say("{} is there already; edit it, or: schoolgate lists disable {}", path, name)};
  if (offers.has(name))
    return Error{say("another file of the configuration has a list \"{}\" already", name)};
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
    return Error{say("{}: {}", folder, system_words(errno))};
  if (const auto written = write_whole_file(path, {enable_text(*list)}, {.mode = 0644}); written.failed())
    return written.error();
  return path;
}

Result<Message> disable_list(const std::string& config_file, const std::string& name) {
  if (!is_list_name(name)) return Error{say("\"{}\" is not the name of a list", name)};
  const auto offers = read_list_offers(config_file);
  if (!offers) return offers.error();
  const std::string path = list_entry_file(offers->main, name);
  if (!is_there(path))
    return Error{offers->has(name)
                     ? say("the list {} stands in no file of its own: take its entry out by hand", name)
                     : say("there is no {}", path)};
  const auto text = read_file(path, YamlLimits::bytes);
  if (!text) return Error{say("{}: {}", path, text.error().message)};
  const PublishedList* const list = offers->published.find(name);
  if (list != nullptr && *text == enable_text(*list)) {
    if (::unlink(path.c_str()) != 0) return Error{say("{}: {}", path, system_words(errno))};
    return say("{} is removed", path);
  }
  if (!holds_it_alone(config_file, path, name))
    return Error{say("{} holds more than the list {}: take its entry out by hand", path, name)};
  const std::string off = path + ".off";
  if (std::rename(path.c_str(), off.c_str()) != 0) return Error{say("{}: {}", path, system_words(errno))};
  return say("{} was changed by hand; it is kept as {}", path, off);
}

}  // namespace schoolgate
