#include "config/main/lists_reader.h"

#include "config/main/main_shapes.h"
#include "config/text/names.h"

#include <algorithm>
#include <utility>

#include "rules/url/url.h"

namespace schoolgate {
namespace {

void read_format(Fields& fields, ListEntry& entry) {
  const auto number = fields.word("format");
  if (!number) return;
  entry.tree = *number == list_format_names.size();  // the last is list_tree_format
  if (!entry.tree) entry.format = static_cast<ListFormat>(*number);
}

void read_map(const YamlNode& node, const Reporter& report, LoadContext& context, ListEntry& entry) {
  if (node.kind != YamlNode::Kind::map) {
    report.error(diag::wrong_kind, node,
                 say("map holds lines \"folder: category\", not {}", node.kind_name()));
    return;
  }
  for (std::size_t i = 0; i + 1 < node.children.size(); i += 2)
    if (auto category = read_text(node.children[i + 1], report))
      entry.map[node.children[i].text] = {std::move(*category),
                                          context.place(report.file(), node.children[i + 1])};
}

void read_own_action(const YamlNode& node, const Reporter& report, ListEntry& entry) {
  const auto text = read_text(node, report);
  if (!text) return;
  entry.own = parse_effect(*text);
  if (entry.own && !entry.own->flags.locked) return;
  report.error(diag::bad_effect, node, say("\"{}\" is not an action a list can have", *text),
               say("allow, allow+record, warn, block, help or help+alert"));
  entry.own.reset();
}

void read_update(const YamlNode& node, const Reporter& report, ListEntry& entry) {
  Fields fields(node, report, update_shape, Message("update"));
  ListUpdate update;
  const YamlNode* from = fields.get("from");
  const bool good = from != nullptr && read_list_address(*from, report, update.from);
  fields.number("every_days", update.every_days);
  read_inner_path(fields, update.inside);
  fields.finish();
  if (good) entry.update = std::move(update);
}

void read_entry(const YamlNode& item, const Reporter& report, LoadContext& context,
                std::vector<ListEntry>& out) {
  Fields fields(item, report, list_shape, say("a list"));
  if (!fields.valid()) return;
  ListEntry entry;
  entry.where = context.place(report.file(), item);
  const YamlNode* name = fields.get("name");
  const YamlNode* path = fields.get("path");
  read_format(fields, entry);
  const YamlNode* category = fields.get("category");
  if (const YamlNode* own = fields.get("action")) read_own_action(*own, report, entry);
  if (const YamlNode* map = fields.get("map")) read_map(*map, report, context, entry);
  fields.boolean("suffixes", entry.suffixes);
  if (const auto word = fields.word("reach")) entry.reaches_category = *word == 1;
  const YamlNode* const update = fields.get("update");
  if (update == nullptr) path = fields.require("path");
  fields.finish();
  if (update != nullptr) read_update(*update, report, entry);
  if (update != nullptr && path != nullptr)
    report.error(diag::unknown_key, *path, say("a list that is fetched has no path of its own"),
                 say("delete the path: the program keeps the list in the folder of state_directory"));
  const auto name_text = name != nullptr ? read_text(*name, report) : std::nullopt;
  const auto path_text = path != nullptr ? read_text(*path, report) : std::nullopt;
  if (category != nullptr) {
    entry.category = read_text(*category, report);
    entry.category_where = context.place(report.file(), *category);
  }
  if (!name_text || (update == nullptr ? !path_text : !entry.update) || (!entry.tree && !entry.category))
    return;
  if (!is_list_name(*name_text))
    report.error(diag::bad_text, *name, say("\"{}\" cannot be the name of a list", *name_text),
                 say("letters a-z, digits, - _ . and at most 64 of them"));
  for (const ListEntry& other : out)
    if (other.name == *name_text)
      report.error(diag::duplicate_name, *name,
                   say("the name \"{}\" is taken ({})", *name_text, context.show(other.where)));
  entry.name = *name_text;
  if (update == nullptr) {  // else main_reader knows the folder
    entry.path = context.path(*path_text);
    while (entry.path.size() > 1 && entry.path.back() == '/') entry.path.pop_back();
  }
  entry.where = context.place(report.file(), update == nullptr ? *path : *update);
  out.push_back(std::move(entry));
}

}  // namespace

void read_list_entries(const YamlNode& lists, const Reporter& report, LoadContext& context,
                       std::vector<ListEntry>& out) {
  for (const YamlNode* item : read_items(lists, report)) read_entry(*item, report, context, out);
}

bool read_list_address(const YamlNode& node, const Reporter& report, std::string& out) {
  constexpr std::size_t longest = 2048;
  const auto text = read_text(node, report);
  if (!text) return false;
  Url url;
  Message problem;
  if (const auto parsed = url.parse(*text); parsed.failed())
    problem = message_of(parsed.error());
  else if (url.scheme() != Scheme::https)
    problem = say("lists are fetched over https alone");
  else if (text->find('#') != std::string::npos)
    problem = say("what follows # is never sent");
  else if (text->size() > longest)
    problem = say("it is longer than {} bytes", longest);
  if (!problem.empty()) {
    report.error(diag::bad_list_address, node, say("a list cannot be fetched from here: {}", problem),
                 say("the address of one file: https://lists.example/gambling.txt"));
    return false;
  }
  out = *text;
  return true;
}

void read_inner_path(Fields& fields, std::string& out) {
  const YamlNode* const node = fields.get("file");
  if (node == nullptr) return;
  const auto text = read_text(*node, fields.report());
  if (text && !is_inner_path(*text))
    fields.report().error(diag::bad_text, *node, say("\"{}\" is no path within an archive", *text),
                          say("folders and file as the archive has them: gambling/domains"));
  else if (text)
    out = *text;
}

std::string fetched_list_path(const std::string& state_directory, const std::string& name) {
  return join_path(state_directory, "lists/" + name + ".list");
}

std::string list_entry_file(const MainFile& main, const std::string& name) {
  return join_path(main.lists_folder, name + ".yaml");
}

std::string yaml_quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

void read_list_file(const std::string& path, LoadContext& context, std::vector<ListEntry>& out) {
  const auto root = context.yaml(path);
  if (!root) return;
  const Reporter report = context.reporter(path);
  Fields fields(*root, report, list_file_shape, say("a file of lists.d"));
  read_version(fields);
  if (const YamlNode* lists = fields.get("lists")) read_list_entries(*lists, report, context, out);
  fields.finish();
}

}  // namespace schoolgate
