#include "config/own_list.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>

#include "config/main/local_time.h"
#include "config/main/main_reader.h"
#include "config/policy/category_reader.h"
#include "config/text/names.h"
#include "config/text/shape.h"
#include "config/text/suggest.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {
namespace {

constexpr std::uint64_t most_list_bytes = 16ULL * 1024 * 1024;
constexpr std::string_view made_by =
    "# Do lệnh schoolgate log review ghi / written by: schoolgate log review\n";
constexpr std::string_view ok_file = "reviewed";

// By the name of a file without its ".txt": site -> note.
using OwnFiles = std::map<std::string, std::map<std::string, std::string>>;

std::string own_folder(const std::string& config_file) {
  LoadContext context(config_file);
  return context.path("lists/own");
}

std::map<std::string, std::string> read_sites_of(const std::string& path) {
  std::map<std::string, std::string> sites;
  const auto text = read_file(path, most_list_bytes);
  if (!text) return sites;
  for_each_line(*text, [&](std::string_view line, std::uint32_t) {
    const std::size_t hash = std::min(line.find('#'), line.size());
    std::string_view name = line.substr(0, hash);
    name = name.substr(0, name.find_last_not_of(" \t") + 1);
    std::string_view note = line.substr(std::min(hash + 1, line.size()));
    note = note.substr(std::min(note.find_first_not_of(' '), note.size()));
    if (const auto site = site_name(name)) sites[*site] = note;
  });
  return sites;
}

OwnFiles read_own_files(const std::string& folder) {
  OwnFiles files;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(folder.c_str()), &::closedir);
  while (dir) {
    const dirent* const entry = ::readdir(dir.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (!name.ends_with(".txt") || !is_list_name(name)) continue;
    files[name.substr(0, name.size() - 4)] = read_sites_of(join_path(folder, name));
  }
  return files;
}

std::string text_of(const std::map<std::string, std::string>& sites) {
  std::string text(made_by);
  for (const auto& [site, note] : sites) text += site + (note.empty() ? "" : "  # " + note) + "\n";
  return text;
}

std::string own_entries_of(const OwnFiles& files) {
  std::string text = std::string(made_by) + schema_comment("lists") + "version: 1\nlists:\n";
  for (const auto& [name, sites] : files)
    if (name != ok_file && !sites.empty())
      text += "  - {name: own-" + name + ", category: " + name + ", format: domains, path: lists/own/" +
              name + ".txt}\n";
  return text;
}

bool has_lists(const OwnFiles& files) {
  return std::any_of(files.begin(), files.end(),
                     [](const auto& one) { return one.first != ok_file && !one.second.empty(); });
}

Result<void> make_own_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST)
    return Error{say("{}: {}", path, system_words(errno))};
  return {};
}

Result<void> put(const std::string& path, const std::string& text) {
  return write_whole_file(path, {text}, {.mode = 0644});
}

Result<void> take_away(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return Error{say("{}: {}", path, system_words(errno))};
  return {};
}

// Not ours, then not to be overwritten.
Result<void> check_entries(const std::string& path) {
  const auto text = read_file(path, most_list_bytes);
  if (!text && ::access(path.c_str(), F_OK) != 0) return {};
  if (text && text->starts_with(made_by)) return {};
  return Error{say("{} is not of this program: give that file another name", path)};
}

// The file with the new mark first, then the entries, then what stood elsewhere: a list is never named before
// it is there.
Result<void> write_own(const std::string& folder, const std::string& entries, const OwnFiles& files,
                       const std::string& into, const std::vector<std::string>& out_of) {
  const auto path = [&](const std::string& name) { return join_path(folder, name + ".txt"); };
  if (const auto done = put(path(into), text_of(files.at(into))); done.failed()) return done;
  const auto listed = has_lists(files) ? put(entries, own_entries_of(files)) : take_away(entries);
  if (listed.failed()) return listed;
  for (const std::string& name : out_of) {
    const auto& sites = files.at(name);
    const auto done = sites.empty() ? take_away(path(name)) : put(path(name), text_of(sites));
    if (done.failed()) return done;
  }
  return {};
}

}  // namespace

std::vector<Review> read_reviews(const std::string& config_file) {
  std::vector<Review> all;
  for (const auto& [name, sites] : read_own_files(own_folder(config_file)))
    for (const auto& [site, note] : sites)
      all.push_back({site, name == ok_file ? std::string(reviewed_ok) : name, note});
  std::sort(all.begin(), all.end(), [](const Review& a, const Review& b) { return a.site < b.site; });
  return all;
}

Result<Reviewed> review_site(const std::string& config_file, const std::string& host,
                             const std::string& category, const std::string& who, std::int64_t now_seconds) {
  LoadContext context(config_file);
  const auto main = read_main_file(context);
  if (!main) return Error{say("the configuration {} cannot be read; see: schoolgate check", config_file)};
  const auto name = site_name(host);
  if (!name || name->find('.') == std::string::npos)
    return Error{say("\"{}\" is not the name of a site", host)};
  if (public_suffix(*name) != Suffix::none)
    return Error{say("\"{}\" is the ending of many sites: name one of them", host)};
  const std::string site(site_of(*name));
  const CategoryCatalogue catalogue = read_catalogue(main->config.policy.categories, context);
  if (category != reviewed_ok && !catalogue.find(category))
    return Error{say("unknown category \"{}\"; {}", category,
                     did_you_mean(category, catalogue.ids, say("the categories stand in categories.yaml")))};
  const std::string folder = context.path("lists/own"), entries = join_path(main->lists_folder, "own.yaml");
  if (const auto ours = check_entries(entries); ours.failed()) return ours.error();
  for (const std::string& one : {context.path("lists"), folder, main->lists_folder})
    if (const auto made = make_own_folder(one); made.failed()) return made.error();

  OwnFiles files = read_own_files(folder);
  const std::string before = own_entries_of(files);
  const std::string into = category == reviewed_ok ? std::string(ok_file) : category;
  std::vector<std::string> out_of;
  for (auto& [file, sites] : files)
    if (file != into && sites.erase(site) != 0) out_of.push_back(file);
  const auto zone = TimeZone::load(main->config.school.time_zone);
  const std::string day = (zone ? *zone : TimeZone()).iso8601(now_seconds).substr(0, 10);
  files[into][site] = day + " " + who;
  const std::string after = own_entries_of(files);
  if (const auto done = write_own(folder, entries, files, into, out_of); done.failed()) return done.error();
  Reviewed reviewed{site, join_path(folder, into + ".txt")};
  reviewed.new_list = after.size() > before.size();
  reviewed.gone_list = std::any_of(out_of.begin(), out_of.end(), [&](const std::string& file) {
    return file != ok_file && files[file].empty();
  });
  return reviewed;
}

}  // namespace schoolgate
