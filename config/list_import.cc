#include "config/list_import.h"
#include "config/text/names.h"
#include "config/text/shape.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <map>
#include <memory>

#include "config/lists/list_status.h"
#include "config/lists/list_suffixes.h"
#include "config/lists/list_tree.h"
#include "config/main/lists_reader.h"
#include "config/main/main_reader.h"
#include "config/policy/category_reader.h"
#include "config/text/system_words.h"
#include "config/text/whole_file.h"

namespace schoolgate {
namespace {

std::string absolute(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), std::free);
  return resolved ? std::string(resolved.get()) : path;
}

using TakeEntry = std::function<void(const RuleEntry&)>;

// As loading does: what names a public suffix will be left out.
ListReport read_list(const std::string& text, const ImportFile& file, ListSuffixes& suffixes,
                     const TakeEntry& take) {
  ListReport report = parse_list(text, file.format, file.path, [&](RuleEntry&& entry) {
    if (auto suffix = suffix_of(entry)) suffixes.add(std::move(*suffix));
    take(entry);
  });
  report.accepted -= suffixes.left_out;
  return report;
}

using FolderMap = std::map<std::string, std::pair<std::string, Place>>;

// What becomes of a folder: as the admin's map says, else as the catalogue does.
ImportFolder place_folder(const TreeFolder& found, const FolderMap& map, const CategoryCatalogue& catalogue) {
  ImportFolder folder;
  folder.name = found.name;
  folder.too_deep = found.too_deep;
  const auto known = catalogue.folders.find(found.name);
  if (known != catalogue.folders.end()) folder.category = catalogue.ids[known->second];
  folder.skipped = catalogue.skipped_folders.count(found.name) != 0;
  const auto own = map.find(found.name);
  if (own == map.end()) return folder;
  const std::string by_catalogue = folder.category.value_or("skip"), &by_map = own->second.first;
  if (by_map != by_catalogue && (folder.category || folder.skipped)) folder.otherwise = by_catalogue;
  folder.skipped = by_map == "skip" && (folder.skipped || folder.otherwise);
  folder.category = by_map == "skip" ? std::nullopt : std::optional(by_map);
  return folder;
}

// A collection's folders as they are read: what stands in them, and what they lift with the single lists that
// are configured already.
class FolderReader {
 public:
  // `entry`: where the collection will stand; `told` takes what is wrong.
  FolderReader(const std::string& collection, const MainFile& main, const CategoryCatalogue& catalogue,
               const Place& entry, LoadContext& told)
      : collection_(collection), main_(main), catalogue_(catalogue), entry_(entry), told_(told) {}

  // Fills `folders`, which stand beside `found`; returns what is lifted.
  std::vector<Lifts> read(const std::vector<TreeFolder>& found, std::vector<ImportFolder>& folders) {
    const std::size_t single = add_single_lists();
    std::vector<std::size_t> first_file;  // of each folder, in files_
    for (std::size_t i = 0; i < found.size(); ++i) {
      first_file.push_back(files_.size());
      for (const auto& [path, format] : found[i].files)
        add(collection_ + "/" + found[i].name, path, format, folders[i].category);
    }
    LiftCounter lifts(std::move(files_), [this](CategoryId, CategoryId blocking) {
      return !catalogue_.categories[blocking].beats_protecting;
    });
    for (const bool protects : {true, false}) {
      for (std::size_t i = 0; i < single; ++i)
        if (lifts.files()[i].protects == protects) lifts.read(i);
      for (std::size_t i = 0; i < found.size(); ++i)
        if (is_protecting(folders[i].category) == protects)
          read_folder(found[i], folders[i], lifts, first_file[i]);
    }
    return lifts.take();
  }

 private:
  bool is_protecting(const std::optional<std::string>& category) const {
    const auto id = category ? catalogue_.find(*category) : std::nullopt;
    return id && catalogue_.categories[*id].protecting;
  }

  // Files of no category are there too, and lift nothing.
  void add(const std::string& name, const std::string& path, ListFormat format,
           const std::optional<std::string>& category) {
    const auto id = category ? catalogue_.find(*category) : std::nullopt;
    files_.push_back({name, path, format, id.value_or(no_category), is_protecting(category)});
  }

  std::size_t add_single_lists() {
    for (const ListEntry& entry : main_.lists)
      if (!entry.tree && entry.category && catalogue_.find(*entry.category))
        add(entry.name, entry.path, entry.format, entry.category);
    return files_.size();
  }

  void read_folder(const TreeFolder& found, ImportFolder& folder, LiftCounter& lifts, std::size_t number) {
    if (folder.category && !found.problem.empty()) cannot_read(found.name, found.problem);
    for (const auto& [path, format] : found.files) {
      ImportFile file{path, format, {}};
      ListSuffixes suffixes;
      const bool counts = lifts.files()[number].category != no_category;
      if (const auto text = read_file(path, largest_list_file))
        file.report = read_list(*text, file, suffixes, [&](const RuleEntry& one) {
          if (counts) lifts.add(number, one);
        });
      else if (folder.category)  // what nobody takes need not be readable
        cannot_read(path, text.error().message);
      if (folder.category) {
        for (const Diagnostic& problem : file.report.first_problems)
          // A bad line is told by the counts; only a file that is no list at all stops the import.
          if (problem.severity == Severity::error) told_.diagnostics.push_back(problem);
        tell_suffixes(suffixes, tree_list_name(collection_, found.name, path, format), path,
                      is_protecting(folder.category), entry_, told_);
      }
      folder.files.push_back(std::move(file));
      ++number;
    }
  }

  void cannot_read(const std::string& path, const Message& why) {
    told_.diagnostics.push_back(
        {Severity::error, diag::list_unreadable, path, {}, 0, say("cannot be read: {}", why), {}});
  }

  const std::string& collection_;
  const MainFile& main_;
  const CategoryCatalogue& catalogue_;
  const Place& entry_;
  LoadContext& told_;
  std::vector<LiftFile> files_;
};

// The entry of that name, which an import replaces; null: there is none. Error: more than that would go.
Result<const ListEntry*> entry_to_replace(const MainFile& main, const std::string& name,
                                          const LoadContext& context) {
  const std::string file = list_entry_file(main, name);
  const ListEntry* own = nullptr;
  for (const ListEntry& entry : main.lists) {
    const bool here = context.opened_path(entry.where.source) == file;
    if (entry.name == name && here && entry.tree) {
      own = &entry;
    } else if (entry.name == name) {
      return Error{say("the name \"{}\" is taken ({}); --name gives the collection another", name,
                       context.show(entry.where))};
    } else if (here) {
      return Error{
          say("{} holds the list {} besides, which an import would take away: move it into a file of "
              "its own",
              file, entry.name)};
    }
  }
  const bool broken = std::any_of(
      context.diagnostics.begin(), context.diagnostics.end(),
      [&](const Diagnostic& d) { return d.severity == Severity::error && d.file == context.real(file); });
  if (broken) return Error{say("{} has errors, so that its map would be lost; see: schoolgate check", file)};
  return own;
}

}  // namespace

std::uint64_t ImportFolder::entries() const noexcept {
  std::uint64_t sum = 0;
  for (const ImportFile& file : files) sum += file.report.accepted;
  return sum;
}

Result<ImportPlan> plan_import(const std::string& config_file, const std::string& directory,
                               const std::string& name) {
  if (!is_list_name(name))
    return Error{
        say("\"{}\" cannot be the name of a list: letters a-z, digits, - _ . and at most 64; --name gives it "
            "another",
            name)};
  LoadContext context(config_file);
  const auto main = read_main_file(context);
  if (!main) return Error{say("the configuration {} cannot be read; see: schoolgate check", config_file)};
  const CategoryCatalogue catalogue = read_catalogue(main->config.policy.categories, context);
  if (catalogue.categories.empty())
    return Error{say("the catalogue of categories cannot be read; see: schoolgate check")};
  ImportPlan plan;
  plan.name = name;
  plan.root = absolute(directory);
  const auto folders = read_tree(plan.root);
  if (!folders) return Error{say("cannot read the folder {}: {}", plan.root, folders.error().message)};
  if (folders->empty())
    return Error{say("no subfolder of {} holds a file domains, urls or expressions", plan.root)};
  const auto replaced = entry_to_replace(*main, name, context);
  if (!replaced) return replaced.error();
  const FolderMap map = *replaced == nullptr ? FolderMap() : (*replaced)->map;
  plan.suffixes = *replaced != nullptr && (*replaced)->suffixes;
  LoadContext told(config_file);
  Place entry;
  entry.source = told.source(list_entry_file(*main, name));
  for (const TreeFolder& folder : *folders) plan.folders.push_back(place_folder(folder, map, catalogue));
  plan.lifts = FolderReader(plan.name, *main, catalogue, entry, told).read(*folders, plan.folders);
  for (const auto& [folder, target] : map)
    if (target.first != "skip" &&
        std::none_of(folders->begin(), folders->end(),
                     [&name = folder](const auto& one) { return one.name == name; }))
      plan.gone.emplace_back(folder, target.first);
  plan.diagnostics = std::move(told.diagnostics);
  sort_by_place(plan.diagnostics);
  return plan;
}

std::string import_text(const ImportPlan& plan) {
  std::string out =
      "# Bộ danh sách nhập bằng: schoolgate lists import. Nhóm của mỗi thư mục đổi được dưới map.\n"
      "# Imported by: schoolgate lists import. The category of a folder can be changed under map.\n"
      "# After an update of the files: schoolgate reload\n";
  out += schema_comment("lists") + "version: 1\nlists:\n  - name: " + plan.name +
         "\n    format: squidguard\n    path: " + yaml_quoted(plan.root) +
         (plan.suffixes ? "\n    suffixes: true" : "") + "\n    map:\n";
  for (const ImportFolder& folder : plan.folders) {
    if (folder.too_deep) continue;
    out += "      " + yaml_quoted(folder.name) + ": " + folder.category.value_or("skip") + "   # " +
           std::to_string(folder.entries()) + " entries";
    if (folder.otherwise)
      out += ", categories.yaml: " + *folder.otherwise;
    else if (!folder.category)
      out += folder.skipped ? ", not wanted" : ", no category known";
    out += '\n';
  }
  for (const auto& [folder, category] : plan.gone)
    out += "      " + yaml_quoted(folder) + ": " + category + "   # not in the collection\n";
  return out;
}

Result<std::string> write_import(const std::string& config_file, const ImportPlan& plan) {
  LoadContext context(config_file);
  const auto main = read_main_file(context);
  if (!main) return Error{say("the configuration {} cannot be read", config_file)};
  const std::string& folder = main->lists_folder;
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
    return Error{say("{}: {}", folder, system_words(errno))};
  const std::string path = list_entry_file(*main, plan.name), text = import_text(plan);
  if (const auto written = write_whole_file(path, {text}, {.mode = 0644}); written.failed())
    return written.error();
  return path;
}

}  // namespace schoolgate
