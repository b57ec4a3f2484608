#include "config/lists/published_lists.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/lists/list_catalogue_shapes.h"
#include "config/main/lists_reader.h"
#include "config/text/names.h"
#include "config/text/suggest.h"
#include "rules/url/host.h"

namespace schoolgate {
namespace {

constexpr std::size_t most_lists = 1'000;

void read_word_of(Fields& fields, std::string_view key, std::string& out) {
  if (const YamlNode* node = fields.get(key))
    if (auto text = read_text(*node, fields.report())) out = std::move(*text);
}

void read_source(Fields& fields, LoadContext& context, const CategoryCatalogue& categories,
                 PublishedList& list) {
  const Reporter& report = fields.report();
  if (const YamlNode* category = fields.get("category"))
    if (const auto text = read_text(*category, report))
      if (categories.require(*text, context.place(report.file(), *category), context)) list.category = *text;
  if (const auto word = fields.word("format")) list.format = static_cast<ListFormat>(*word);
  if (const YamlNode* from = fields.get("from"))
    if (!read_list_address(*from, report, list.update.from)) list.update.from.clear();
  fields.number("every_days", list.update.every_days);
  read_inner_path(fields, list.update.inside);
  fields.number("entries", list.entries);
}

// Nullopt after an error: half a list's facts are none.
std::optional<PublishedList> read_list(const YamlNode& key, const YamlNode& value, const Reporter& report,
                                       const CategoryCatalogue& categories, LoadContext& context) {
  const std::size_t before = report.out().size();
  PublishedList list;
  list.name = key.text;
  if (!is_list_name(key.text))
    report.error(diag::bad_text, key, say("\"{}\" cannot be the name of a list", key.text),
                 say("letters a-z, digits, - _ . and at most 64 of them"));
  Fields fields(value, report, published_list_shape, say("list {}", key.text));
  if (!fields.valid()) return std::nullopt;
  if (const YamlNode* purpose = fields.get("purpose"))
    read_two_languages(*purpose, report, list.purpose_vi, list.purpose_en);
  read_source(fields, context, categories, list);
  read_word_of(fields, "licence", list.licence);
  if (const auto word = fields.word("school")) list.school = static_cast<PublishedList::School>(*word);
  read_word_of(fields, "maintainer", list.maintainer);
  if (const YamlNode* note = fields.get("note"))
    read_two_languages(*note, report, list.note_vi, list.note_en);
  if (const auto word = fields.word("checked")) list.checked = *word == 0;
  fields.finish();
  if (report.out().size() != before) return std::nullopt;
  return list;
}

// Nullopt after an error. Each of its lists must be one that is named before.
std::optional<PublishedSet> read_set(const YamlNode& key, const YamlNode& value, const Reporter& report,
                                     const std::vector<std::string>& lists) {
  const std::size_t before = report.out().size();
  PublishedSet set;
  set.name = key.text;
  if (!is_list_name(key.text))
    report.error(diag::bad_text, key, say("\"{}\" cannot be the name of a list", key.text),
                 say("letters a-z, digits, - _ . and at most 64 of them"));
  if (std::find(lists.begin(), lists.end(), key.text) != lists.end())
    report.error(diag::duplicate_name, key, say("\"{}\" is the name of a list", key.text));
  Fields fields(value, report, published_set_shape, say("the set {}", key.text));
  if (!fields.valid()) return std::nullopt;
  if (const YamlNode* purpose = fields.get("purpose"))
    read_two_languages(*purpose, report, set.purpose_vi, set.purpose_en);
  if (const YamlNode* names = fields.get("lists"))
    for (const YamlNode* item : read_items(*names, report)) {
      auto name = read_text(*item, report);
      if (!name) continue;
      if (std::find(lists.begin(), lists.end(), *name) == lists.end())
        report.error(diag::unknown_word, *item, say("the catalogue has no list \"{}\"", *name),
                     did_you_mean(*name, lists));
      else if (std::find(set.lists.begin(), set.lists.end(), *name) == set.lists.end())
        set.lists.push_back(std::move(*name));
    }
  fields.finish();
  if (report.out().size() != before) return std::nullopt;
  return set;
}

// `named`: every list of the file, also one whose facts are wrong, which is told once.
void read_sets(const YamlNode& sets, const Reporter& report, const std::vector<std::string>& named,
               PublishedLists& out) {
  if (sets.kind != YamlNode::Kind::map) {
    report.error(diag::wrong_kind, sets, say("sets holds one key for each set, not {}", sets.kind_name()));
    return;
  }
  for (std::size_t i = 0; i + 1 < sets.children.size(); i += 2)
    if (auto set = read_set(sets.children[i], sets.children[i + 1], report, named))
      out.sets.push_back(std::move(*set));
}

void read_lists(const YamlNode& lists, const Reporter& report, const CategoryCatalogue& categories,
                LoadContext& context, PublishedLists& out) {
  if (lists.kind != YamlNode::Kind::map) {
    report.error(diag::wrong_kind, lists,
                 say("lists holds one key for each list, not {}", lists.kind_name()));
    return;
  }
  if (lists.children.size() / 2 > most_lists) {
    report.error(diag::too_many, lists, say("more than 1,000 lists"));
    return;
  }
  for (std::size_t i = 0; i + 1 < lists.children.size(); i += 2)
    if (auto list = read_list(lists.children[i], lists.children[i + 1], report, categories, context))
      out.lists.push_back(std::move(*list));
}

}  // namespace

std::string_view to_string(PublishedList::School school) noexcept {
  return school_words[static_cast<std::size_t>(school)];
}

const PublishedList* PublishedLists::find(std::string_view name) const noexcept {
  const auto found =
      std::find_if(lists.begin(), lists.end(), [&](const PublishedList& list) { return list.name == name; });
  return found == lists.end() ? nullptr : &*found;
}

const PublishedSet* PublishedLists::find_set(std::string_view name) const noexcept {
  const auto found =
      std::find_if(sets.begin(), sets.end(), [&](const PublishedSet& set) { return set.name == name; });
  return found == sets.end() ? nullptr : &*found;
}

std::string published_lists_file(const LoadContext& context) {
  std::string path = context.path("list-catalogue.yaml");
  return context.absent(path) ? std::string() : path;
}

PublishedLists read_published_lists(const std::string& path, const CategoryCatalogue& categories,
                                    LoadContext& context) {
  PublishedLists out;
  const auto root = context.yaml(path);
  if (!root) return out;
  const Reporter report = context.reporter(path);
  Fields fields(*root, report, list_catalogue_shape, say("the catalogue of lists"));
  read_version(fields);
  std::vector<std::string> named;
  if (const YamlNode* lists = fields.get("lists")) {
    read_lists(*lists, report, categories, context, out);
    for (std::size_t i = 0; i < lists->children.size(); i += 2) named.push_back(lists->children[i].text);
  }
  if (const YamlNode* sets = fields.get("sets")) read_sets(*sets, report, named, out);
  if (const YamlNode* hosts = fields.get("must_work"))
    report.warning(diag::unknown_key, *hosts, say("sites that must work stand in expect.yaml now"),
                   say("move them there"));
  fields.finish();
  return out;
}

}  // namespace schoolgate
