#include "config/policy/category_reader.h"

#include <algorithm>
#include <utility>

#include "config/policy/policy_shapes.h"
#include "config/text/names.h"
#include "config/text/suggest.h"
#include "config/text/text_file.h"

namespace schoolgate {
namespace {

// unnamed_as, until all categories are known.
using UnnamedAs = std::vector<std::pair<CategoryId, const YamlNode*>>;

void read_category(const YamlNode& key, const YamlNode& value, const Reporter& report, LoadContext& context,
                   CategoryCatalogue& out, UnnamedAs& unnamed) {
  const Place place = context.place(report.file(), key);
  if (!is_id(key.text)) {
    report.error(diag::bad_text, key, say("\"{}\" cannot be the id of a category", key.text),
                 say("small letters a-z, digits and _, a letter first, at most 32"));
    return;
  }
  if (key.text == "other" || key.text == "skip") {
    report.error(diag::bad_text, key, say("\"{}\" means something else; take another id", key.text));
    return;
  }
  Category category;
  category.id = key.text;
  Fields fields(value, report, category_shape, say("category {}", key.text));
  if (const YamlNode* name = fields.get("name"))
    read_two_languages(*name, report, category.name_vi, category.name_en);
  if (const YamlNode* reason = fields.get("reason"))
    read_two_languages(*reason, report, category.reason_vi, category.reason_en);
  if (const auto word = fields.word("kind")) category.protecting = *word == 1;
  fields.boolean("beats_protecting", category.beats_protecting);
  if (category.protecting && category.beats_protecting)
    report.error(diag::unknown_word, key, say("a category cannot be protecting and beat protecting ones"));
  if (const auto word = fields.word("show_name")) category.show_name = static_cast<Category::ShowName>(*word);
  const auto id = static_cast<CategoryId>(out.categories.size());
  if (const auto word = fields.word("names"))
    category.names = *word == 0 ? Category::Names::lookalikes : Category::Names::benign;
  if (const YamlNode* other = fields.get("unnamed_as")) unnamed.emplace_back(id, other);
  if (const YamlNode* folders = fields.get("folders"))
    for (const YamlNode* item : read_items(*folders, report)) {
      const auto folder = read_text(*item, report);
      if (!folder) continue;
      const auto [found, fresh] = out.folders.emplace(*folder, id);
      if (!fresh && found->second != id)
        report.error(diag::duplicate_name, *item,
                     say("the folder \"{}\" belongs to {} already", *folder, out.ids[found->second]));
    }
  fields.finish();
  out.ids.push_back(category.id);
  out.categories.push_back(std::move(category));
  out.places.push_back(place);
}

void settle_unnamed(const UnnamedAs& unnamed, const Reporter& report, LoadContext& context,
                    CategoryCatalogue& out) {
  out.unnamed_as.resize(out.categories.size());
  for (const auto& [id, node] : unnamed) {
    const auto name = read_text(*node, report);
    const auto other = name ? out.require(*name, context.place(report.file(), *node), context) : std::nullopt;
    if (!other) continue;
    const bool leads_on = std::any_of(unnamed.begin(), unnamed.end(),
                                      [&, other = *other](const auto& one) { return one.first == other; });
    if (leads_on)
      report.error(diag::unknown_word, *node,
                   say("unnamed_as names a category that every tier names, not {}", *name));
    else
      out.unnamed_as[id] = *other;
  }
}

// A package's upgrade leaves its own file beside one that somebody changed: where that has the category, the
// line of its block there, else 0.
std::size_t line_of_category(const std::string& path, std::string_view id) {
  constexpr std::uint64_t most = 4 * 1024 * 1024;
  const auto text = read_file(path, most);
  if (!text) return 0;
  const std::string wanted = "\n  " + std::string(id) + ":";
  const std::size_t at = text->find(wanted);
  if (at == std::string::npos) return 0;
  return 2 + static_cast<std::size_t>(std::count(text->begin(), text->begin() + static_cast<long>(at), '\n'));
}

Message place_of_new_category(const CategoryCatalogue& catalogue, std::string_view id) {
  const std::string newer = catalogue.path + ".dpkg-dist";
  if (const std::size_t line = line_of_category(newer, id); line != 0)
    return say("an upgrade brought it, and {} is as you changed it: copy the block of {} from line {} of {}",
               catalogue.path, id, line, newer);
  return {};
}

}  // namespace

Message category_called(std::span<const Category> categories, std::string_view id) {
  const std::string plain = plain_letters(id);
  constexpr std::size_t fewest_letters = 3, most_named = 3;
  if (plain.size() < fewest_letters) return {};
  std::vector<std::string> in_part;
  for (const Category& category : categories)
    for (const std::string& name : {category.name_vi, category.name_en}) {
      const std::string called = plain_letters(name);
      if (called == plain) return say("did you mean \"{}\"?", category.id);
      if ((" " + called + " ").find(" " + plain + " ") == std::string::npos) continue;
      if (in_part.empty() || !in_part.back().starts_with(category.id + " "))
        in_part.push_back(category.id + " (" + name + ")");
    }
  if (in_part.empty() || in_part.size() > most_named) return {};
  return say("did you mean one of these: {}?", join_words(in_part));
}

std::optional<CategoryId> CategoryCatalogue::find(std::string_view id) const noexcept {
  const auto found = std::find(ids.begin(), ids.end(), id);
  if (found == ids.end()) return std::nullopt;
  return static_cast<CategoryId>(found - ids.begin());
}

std::optional<CategoryId> CategoryCatalogue::require(std::string_view id, const Place& at,
                                                     LoadContext& context) const {
  const auto found = find(id);
  if (found || ids.empty()) return found;  // an unreadable catalogue is one error, not one for each name
  Message hint = place_of_new_category(*this, id);
  if (hint.empty()) hint = category_called(categories, id);
  if (hint.empty()) hint = did_you_mean(id, ids, say("the categories stand in categories.yaml"));
  context.add(Severity::error, diag::unknown_category, at, say("unknown category \"{}\"", id), hint);
  return found;
}

CategoryCatalogue read_catalogue(const std::string& path, LoadContext& context, const Place& named) {
  CategoryCatalogue out;
  out.path = path;
  UnnamedAs unnamed;
  const auto root = context.yaml(path, named);
  if (!root) return out;
  const Reporter report = context.reporter(path);
  Fields fields(*root, report, catalogue_shape, say("the catalogue"));
  read_version(fields);
  if (const YamlNode* categories = fields.get("categories")) {
    if (categories->kind != YamlNode::Kind::map)
      report.error(diag::wrong_kind, *categories,
                   say("categories holds one key for each category, not {}", categories->kind_name()));
    constexpr std::size_t most = 1000;
    if (categories->kind == YamlNode::Kind::map && categories->children.empty())
      // Without this error no other file would have one: see CategoryCatalogue::require().
      report.error(diag::missing_key, *categories, say("the catalogue holds no category"));
    else if (categories->children.size() / 2 > most)
      report.error(diag::too_many, *categories, say("more than 1,000 categories"));
    else if (categories->kind == YamlNode::Kind::map)
      for (std::size_t i = 0; i + 1 < categories->children.size(); i += 2)
        read_category(categories->children[i], categories->children[i + 1], report, context, out, unnamed);
  }
  settle_unnamed(unnamed, report, context, out);
  if (const YamlNode* skipped = fields.get("skipped_folders"))
    for (const YamlNode* item : read_items(*skipped, report))
      if (auto folder = read_text(*item, report)) {
        if (out.folders.count(*folder) != 0)
          report.error(diag::duplicate_name, *item,
                       say("the folder \"{}\" belongs to a category above", *folder));
        out.skipped_folders.insert(std::move(*folder));
      }
  fields.finish();
  return out;
}

void read_two_languages(const YamlNode& node, const Reporter& report, std::string& vi, std::string& en) {
  if (node.kind == YamlNode::Kind::scalar) {
    if (const auto text = read_text(node, report)) vi = en = *text;
    return;
  }
  Fields fields(node, report, two_languages_shape, say("a text in two languages"));
  if (const YamlNode* text = fields.get("vi"))
    if (auto read = read_text(*text, report)) vi = std::move(*read);
  if (const YamlNode* text = fields.get("en"))
    if (auto read = read_text(*text, report)) en = std::move(*read);
  fields.finish();
}

}  // namespace schoolgate
