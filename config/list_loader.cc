#include "config/list_loader.h"

#include <algorithm>
#include <utility>

#include "config/list_tree.h"
#include "config/suggest.h"
#include "rules/pattern_format.h"
#include "rules/rule_db_format.h"

namespace schoolgate {
namespace {

constexpr std::uint64_t largest_list = 1024ull * 1024 * 1024;
// Part of the key, with the versions of the formats: raise it when the parser or the builder makes something
// else of the same bytes in the same format.
constexpr std::string_view compiler_version = "schoolgate lists 1";
constexpr std::uint64_t shrink_matters_from = 50;  // entries; a handful of lines may come and go

struct PlacedList {
  ListSource source;
  CategoryId category = no_category;
  Place where;
};

class ListLoader {
 public:
  ListLoader(const MainFile& main, const Catalogue& catalogue, const LoadOptions& options,
             LoadContext& context)
      : main_(main),
        catalogue_(catalogue),
        options_(options),
        context_(context),
        cache_path_(join_path(main.config.state_directory, "lists.sgdb")) {}

  LoadedLists load() {
    for (const ListEntry& entry : main_.lists) entry.tree ? expand_tree(entry) : expand_file(entry);
    const std::size_t before = context_.diagnostics.size();
    if (options_.use_cache) cached_ = open_compiled_lists(cache_path_, cache_problem_);
    LoadedLists out;
    const auto key = make_key();
    if (key && cached_ && cached_->key == *key) {
      out.compiled = std::move(*cached_);
      out.from_cache = true;
    } else if (key) {
      compile(*key, out);
    }
    if (!out.compiled.db && options_.last_good_lists) use_last_good(before, out);
    if (out.compiled.db) give_meaning(out);
    return out;
  }

 private:
  void error(int code, const Place& at, std::string message, std::string hint = {}) {
    context_.add(Severity::error, code, at, std::move(message), std::move(hint));
  }

  void progress(const std::string& what, double done) const {
    if (options_.progress) options_.progress(what, done);
  }

  void expand_file(const ListEntry& entry) {
    const auto category = catalogue_.require(*entry.category, entry.category_where, context_);
    if (!category) return;
    lists_.push_back(
        {{entry.name, *entry.category, entry.path, entry.format, 0, entry.own}, *category, entry.where});
  }

  void expand_tree(const ListEntry& entry) {
    for (const auto& [folder, target] : entry.map)
      if (target.first != "skip") (void)catalogue_.require(target.first, target.second, context_);
    const auto folders = scan_tree(entry.path);
    if (!folders) {
      error(diag::list_unreadable, entry.where,
            "list " + entry.name + ": cannot read the folder " + entry.path + ": " + folders.error().message);
      return;
    }
    if (folders->empty())
      error(diag::folder_without_lists, entry.where,
            "list " + entry.name + ": no subfolder of " + entry.path +
                " holds a file domains, urls or expressions",
            "name the folder that holds adult/, gambling/, ...");
    std::vector<std::string> unknown;
    for (const TreeFolder& folder : *folders) {
      const auto category = category_of(entry, folder.name, unknown);
      if (!category) continue;
      for (const auto& [path, format] : folder.files) {
        const std::string name =
            entry.name + "/" + folder.name + (format == ListFormat::domains ? "" : "/" + base_name(path));
        lists_.push_back(
            {{name, catalogue_.ids[*category], path, format, 0, std::nullopt}, *category, entry.where});
      }
    }
    if (!unknown.empty())
      context_.add(Severity::warning, diag::folder_not_mapped, entry.where,
                   "list " + entry.name + ": no category for: " + join_words(unknown),
                   "add under map: \"" + unknown.front() + ": skip\", or a category");
  }

  std::optional<CategoryId> category_of(const ListEntry& entry, const std::string& folder,
                                        std::vector<std::string>& unknown) const {
    if (const auto own = entry.map.find(folder); own != entry.map.end())
      return own->second.first == "skip" ? std::nullopt : catalogue_.find(own->second.first);
    if (const auto known = catalogue_.folders.find(folder); known != catalogue_.folders.end())
      return known->second;
    if (catalogue_.skipped_folders.count(folder) == 0) unknown.push_back(folder);
    return std::nullopt;
  }

  std::optional<std::string> read(const PlacedList& list) {
    auto text = read_file(list.source.path, largest_list);
    if (text) return std::move(*text);
    error(diag::list_unreadable, list.where,
          "list " + list.source.name + ": cannot read " + list.source.path + ": " + text.error().message,
          "bring the file back, or take the list out");
    return std::nullopt;
  }

  // Everything the compiled bytes depend on. Nullopt when a file could not be read.
  std::optional<Sha256Digest> make_key() {
    Sha256 key;
    key.update(compiler_version);
    key.update(std::to_string(db_version) + "." + std::to_string(pattern::index_version));
    bool good = true;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      const PlacedList& list = lists_[i];
      progress("reading " + list.source.name,
               0.2 * static_cast<double>(i) / static_cast<double>(lists_.size()));
      const auto text = read(list);
      digests_.push_back(text ? sha256(*text) : Sha256Digest{});
      good = good && text.has_value();
      const std::string own = list.source.own ? to_string(*list.source.own) : std::string("-");
      for (const std::string_view part :
           {std::string_view(list.source.name), std::string_view(list.source.category),
            std::string_view(list.source.path), to_string(list.source.format), std::string_view(own)}) {
        key.update(part);
        key.update(std::string_view("\0", 1));
      }
      key.update(std::as_bytes(std::span(digests_.back())));
    }
    if (!good) return std::nullopt;
    return key.finish();
  }

  void compile(const Sha256Digest& key, LoadedLists& out) {
    const std::size_t before = context_.diagnostics.size();
    RuleDbBuilder builder;
    std::vector<ListRecord> records;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      progress("reading " + lists_[i].source.name,
               0.2 + 0.4 * static_cast<double>(i) / static_cast<double>(lists_.size()));
      records.push_back({lists_[i].source, parse(lists_[i], digests_[i], builder)});
      check_report(lists_[i], records.back().report);
    }
    const auto is_error = [](const Diagnostic& d) { return d.severity == Severity::error; };
    if (std::any_of(context_.diagnostics.begin() + static_cast<std::ptrdiff_t>(before),
                    context_.diagnostics.end(), is_error))
      return;
    progress("compiling", 0.6);
    auto bytes = builder.build();
    if (!bytes) {
      context_.reporter(context_.config_file())
          .add(Severity::error, diag::compile_failed, {}, 0,
               "the lists cannot be compiled: " + bytes.error().message);
      return;
    }
    keep(std::move(*bytes), std::move(records), key, out);
    progress("done", 1.0);
  }

  ListReport parse(const PlacedList& list, const Sha256Digest& digest, RuleDbBuilder& builder) {
    const Tag tag = builder.add_source({list.source.category, list.source.name, list.source.path});
    const auto text = read(list);
    if (!text) return {};
    if (sha256(*text) != digest)  // a file that is being written: the next load sees it whole
      error(diag::list_unreadable, list.where,
            "list " + list.source.name + ": the file changed while it was read", "run this again");
    return parse_list(*text, list.source.format, list.source.path,
                      [&](RuleEntry&& entry) { builder.add(tag, std::move(entry)); });
  }

  void check_report(const PlacedList& list, const ListReport& report) {
    bool refused = false;
    for (const Diagnostic& problem : report.first_problems) {
      if (problem.severity != Severity::error) continue;
      refused = true;
      error(problem.code, list.where,
            "list " + list.source.name + " (" + list.source.path + "): " + problem.message,
            problem.hint.empty() ? "bring the file back, or take the list out" : problem.hint);
    }
    if (refused) return;
    check_shrunk(list, report);
    if (report.invalid == 0) return;
    // Public lists always have some bad lines; many of them mean a wrong format.
    const bool many = report.invalid * 100 > report.lines;
    std::string first = report.first_problems.empty()
                            ? std::string()
                            : ", the first in line " +
                                  std::to_string(report.first_problems.front().pos.line) + ": " +
                                  report.first_problems.front().message;
    context_.add(many ? Severity::warning : Severity::note, diag::list_bad_lines, list.where,
                 "list " + list.source.name + ": " + std::to_string(report.invalid) + " of " +
                     std::to_string(report.lines) + " lines cannot be used" + first,
                 many ? "is the format right? it is read as " + std::string(to_string(list.source.format))
                      : std::string());
  }

  void check_shrunk(const PlacedList& list, const ListReport& report) {
    if (!cached_ || options_.accept_shrunk) return;
    for (const ListRecord& old : cached_->records) {
      if (old.source.name != list.source.name || old.source.format != list.source.format) continue;
      if (old.report.accepted < shrink_matters_from || report.accepted * 10 >= old.report.accepted * 7)
        return;
      error(diag::list_shrunk, list.where,
            "list " + list.source.name + " has shrunk from " + std::to_string(old.report.accepted) +
                " entries to " + std::to_string(report.accepted),
            "a broken download? if it is right, run: schoolgate lists compile --accept-shrunk");
      return;
    }
  }

  // Writes the compiled lists and maps them; what cannot be written is used from memory.
  void keep(std::vector<std::byte> bytes, std::vector<ListRecord> records, const Sha256Digest& key,
            LoadedLists& out) {
    if (options_.use_cache && options_.write_cache) {
      if (!cache_problem_.empty())
        note(Severity::warning, diag::cache_damaged,
             "the compiled lists could not be used (" + cache_problem_ + "); they were compiled anew");
      if (const auto failed = write_compiled_lists(cache_path_, bytes, records, key)) {
        note(Severity::note, diag::cache_not_written,
             "the compiled lists could not be kept: " + failed->message);
      } else if (auto opened = open_compiled_lists(cache_path_, cache_problem_);
                 opened && opened->key == key) {
        out.compiled = std::move(*opened);
        return;
      }
    }
    const auto owned = std::make_shared<const std::vector<std::byte>>(std::move(bytes));
    auto db = open_owning(*owned, owned);
    if (!db) {
      context_.reporter(context_.config_file())
          .add(Severity::error, diag::compile_failed, {}, 0,
               "the compiled lists cannot be opened: " + db.error().message);
      return;
    }
    out.compiled = {key, std::move(records), std::move(*db)};
  }

  void note(Severity severity, int code, std::string message) {
    context_.reporter(cache_path_).add(severity, code, {}, 0, std::move(message));
  }

  // A start must not fail because an update did: what was good last time serves, and says so.
  void use_last_good(std::size_t first_diagnostic, LoadedLists& out) {
    if (!cached_) return;
    for (const ListRecord& record : cached_->records)
      if (!catalogue_.find(record.source.category)) return;
    for (std::size_t i = first_diagnostic; i < context_.diagnostics.size(); ++i) {
      Diagnostic& d = context_.diagnostics[i];
      if (d.severity == Severity::error) d.severity = Severity::warning;
    }
    note(Severity::warning, diag::last_good_lists_used,
         "the lists as they are now cannot be used; the last good ones are in use");
    out.compiled = std::move(*cached_);
    out.from_cache = true;
  }

  void give_meaning(LoadedLists& out) {
    for (const ListRecord& record : out.compiled.records) {
      ListStatus status{record.source, record.report};
      status.source.source = context_.source(record.source.path);
      out.meanings.push_back({catalogue_.find(record.source.category).value_or(no_category),
                              status.source.source, record.source.own});
      out.status.push_back(std::move(status));
    }
  }

  const MainFile& main_;
  const Catalogue& catalogue_;
  const LoadOptions& options_;
  LoadContext& context_;
  std::string cache_path_, cache_problem_;
  std::vector<PlacedList> lists_;
  std::vector<Sha256Digest> digests_;  // beside lists_
  std::optional<CompiledLists> cached_;
};

}  // namespace

LoadedLists load_lists(const MainFile& main, const Catalogue& catalogue, const LoadOptions& options,
                       LoadContext& context) {
  return ListLoader(main, catalogue, options, context).load();
}

}  // namespace schoolgate
