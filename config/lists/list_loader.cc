#include "config/lists/list_loader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <set>
#include <utility>

#include "config/lists/held_lists.h"
#include "config/lists/list_change.h"
#include "config/lists/list_includes.h"
#include "config/lists/list_names.h"
#include "config/lists/list_tree.h"
#include "config/text/suggest.h"
#include "rules/db/rule_db_builder.h"

namespace schoolgate {
namespace {

// Part of the key, with the versions of the formats: raise it when the parser or the builder makes something
// else of the same bytes in the same format.
constexpr std::string_view compiler_version = "schoolgate lists 5";

constexpr std::string_view accept_hint = "schoolgate reload --accept-shrunk";

struct PlacedList {
  ListSource source;
  CategoryId category = no_category;
  Place where;
  bool suffixes = false;  // public suffixes are meant
  bool fetched = false;   // by `lists update`
  bool absent = false;    // there is nothing to read, and a person accepted that: it stays as an empty list
};

// What last good lists can stand in for. Everything else is an error of the configuration.
bool is_about_lists(int code) noexcept {
  switch (code) {
    case diag::list_unreadable:
    case diag::folder_without_lists:
    case diag::list_shrunk:
    case diag::list_empty:
    case diag::list_binary:
    case diag::list_not_text:
    case diag::list_too_big:
    case diag::list_utf16:
    case diag::list_include:
    case diag::list_not_fetched:
    case diag::compile_failed:
      return true;
    default:
      return false;
  }
}

// Surely no such file: one that may not be read, or a link that leads to nothing, was meant to be there.
bool not_there(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) != 0 && errno == ENOENT;
}

class ListLoader {
 public:
  ListLoader(const MainFile& main, const CategoryCatalogue& catalogue, const ListLoadOptions& options,
             const std::optional<RunningLists>& running, LoadContext& context)
      : main_(main),
        catalogue_(catalogue),
        options_(options),
        running_(running),
        context_(context),
        names_(catalogue, main.config.policy.lookalikes_wrong, context),
        cache_path_(join_path(main.config.state_directory, "lists.sgdb")) {}

  LoadedLists load() {
    const std::size_t before = context_.diagnostics.size();
    open_cache();
    remember_held();
    const bool config_is_whole = !errors_since(0);
    for (const ListEntry& entry : main_.lists) entry.tree ? expand_tree(entry) : expand_file(entry);
    report_gone(config_is_whole);
    LoadedLists out;
    const auto key = make_key();
    if (key && cached_ && cached_->key == *key && !drops_suffixes() &&
        !(options_.accept_shrunk && keeps_former_names(*cached_->db))) {
      out.compiled = std::move(*cached_);
      out.kept = out.from_cache = true;
    } else if (key && !errors_since(before)) {
      compile(*key, out);
    }
    if (out.compiled.db && keeps_former_names(*out.compiled.db))
      note(Severity::warning, diag::lookalikes_waiting,
           say("what the names of lists teach now would judge many sites of last week otherwise: the former "
               "look-alikes go on"),
           say("look at schoolgate lists lookalikes and at the lists; to take it: schoolgate reload "
               "--accept-shrunk"));
    if (out.compiled.db) tell_all_suffixes(out.compiled.records);
    if (!out.compiled.db && options_.last_good_lists) use_last_good(before, out);
    if (out.compiled.db) give_meaning(out);
    return out;
  }

  // Writes what was compiled; what cannot be written serves all the same.
  void keep(LoadedLists& lists) {
    if (!lists.fresh || !options_.use_cache || !options_.write_cache) return;
    if (!cache_problem_.empty())
      note(Severity::warning, diag::cache_damaged,
           say("the compiled lists could not be used ({}); they were compiled anew", cache_problem_));
    const auto written =
        write_compiled_lists(cache_path_, *lists.fresh, lists.compiled.records, lists.compiled.key);
    if (written.failed())
      note(Severity::note, diag::cache_not_written,
           say("the compiled lists could not be kept: {}", written.error().message));
    lists.kept = written.ok();
  }

 private:
  void error(int code, const Place& at, Message message, Message hint = {}) {
    context_.add(Severity::error, code, at, std::move(message), std::move(hint));
  }

  void progress(const Message& what, double done) const {
    if (options_.progress) options_.progress(what, done);
  }

  bool errors_since(std::size_t first) const {
    return std::any_of(context_.diagnostics.begin() + static_cast<std::ptrdiff_t>(first),
                       context_.diagnostics.end(),
                       [](const Diagnostic& d) { return d.severity == Severity::error; });
  }

  void open_cache() {
    if (!options_.use_cache) return;
    auto opened = open_compiled_lists(cache_path_);
    if (opened)
      cached_ = *std::move(opened);
    else
      cache_problem_ = opened.error().message;
  }

  // The measure: what lies compiled on the disk, or what runs when that could not be written there.
  void remember_held() {
    const auto remember = [&](const ListSource& source, std::uint64_t accepted, const SourceInfo& counts) {
      held_.add({source, accepted, counts.domains + counts.urls + counts.patterns + counts.networks});
    };
    if (running_ && (!running_->kept || !cached_)) {
      held_db_ = &running_->db;
      for (std::size_t i = 0; i < running_->status.size(); ++i)
        remember(running_->status[i].source, running_->status[i].report.accepted, running_->db.sources()[i]);
    } else if (cached_) {
      held_db_ = cached_->db.get();
      for (std::size_t i = 0; i < cached_->records.size(); ++i)
        remember(cached_->records[i].source, cached_->records[i].report.accepted, cached_->db->sources()[i]);
    }
  }

  // A person accepts now that suffixes go which stayed because they were there before: compile anew.
  bool drops_suffixes() const {
    return options_.accept_shrunk &&
           std::any_of(cached_->records.begin(), cached_->records.end(),
                       [](const ListRecord& record) { return record.suffixes.kept != 0; });
  }

  // The records stand beside lists_.
  void tell_all_suffixes(const std::vector<ListRecord>& records) {
    for (std::size_t i = 0; i < records.size(); ++i)
      tell_suffixes(records[i].suffixes, lists_[i].source.name, lists_[i].source.path,
                    catalogue_.categories[lists_[i].category].protecting, lists_[i].where, context_);
  }

  // What becomes of an entry that names a public suffix; nullopt: it is none, or it is meant.
  std::optional<SuffixEntry> as_suffix(const PlacedList& list, const RuleEntry& entry) const {
    using Fate = SuffixEntry::Fate;
    auto suffix = list.suffixes ? std::nullopt : suffix_of(entry);
    if (suffix && suffix->fate == Fate::left_out && !entry.exception && !options_.accept_shrunk &&
        was_there(list, entry, suffix->host))
      suffix->fate = Fate::kept;
    return suffix;
  }

  bool was_there(const PlacedList& list, const RuleEntry& entry, std::string_view host) const {
    const std::size_t index = held_.before(static_cast<std::size_t>(&list - lists_.data()));
    if (index == HeldLists::none) return false;
    const auto hits = held_db_->search(host);
    return std::any_of(hits.begin(), hits.end(), [&](const RuleHit& hit) {
      return hit.tag == index && !hit.exception && hit.kind == entry.kind && hit.text == entry.text;
    });
  }

  // Whether a person accepted, now or before, that this list, folder or collection holds nothing.
  bool may_lack(const std::string& name) const {
    const auto standing = held_.standing(name);
    return standing == HeldLists::Standing::emptied ||
           (standing == HeldLists::Standing::filled && options_.accept_shrunk);
  }

  static Message counted_entries(std::uint64_t count) {
    return count == 1 ? say("1 entry") : say("{} entries", count);
  }

  // "; the last good load had 100 entries of it", or nothing.
  static Message what_was(std::uint64_t entries) {
    return entries == 0 ? Message() : say("; the last good load had {} of it", counted_entries(entries));
  }
  Message what_was(const std::string& name) const { return what_was(held_.entries(name)); }

  void expand_file(const ListEntry& entry) {
    const auto category = catalogue_.require(*entry.category, entry.category_where, context_);
    if (!category) {
      told_.push_back(entry.name);
      return;
    }
    lists_.push_back({{entry.name, *entry.category, entry.path, entry.format, 0, entry.own},
                      *category,
                      entry.where,
                      entry.suffixes,
                      entry.update.has_value()});
    // What was fetched names no other files of this machine.
    if (entry.format == ListFormat::e2guardian && !entry.update) expand_includes(entry, *category);
  }

  void expand_includes(const ListEntry& entry, CategoryId category) {
    const Includes includes = find_includes(entry.path);
    for (const IncludedFile& file : includes.files)
      lists_.push_back(
          {{entry.name + "/" + file.below, *entry.category, file.path, entry.format, 0, entry.own},
           category,
           entry.where,
           entry.suffixes});
    for (const IncludeProblem& problem : includes.problems) {
      if (!problem.below.empty()) told_.push_back(entry.name + "/" + problem.below);
      error(
          diag::list_include, entry.where,
          say("list {} ({}:{}): .Include<{}>: {}", entry.name, problem.file, problem.line, problem.written,
              problem.message),
          say("a list includes files of its own folder and below, named from there; links are not followed"));
    }
  }

  void expand_tree(const ListEntry& entry) {
    for (const auto& [folder, target] : entry.map)
      if (target.first != "skip" && !catalogue_.require(target.first, target.second, context_))
        told_.push_back(entry.name + "/" + folder);
    const auto folders = read_tree(entry.path, [&](const std::string& name) {
      const auto named = entry.map.find(name);
      return named != entry.map.end() && named->second.first != "skip";
    });
    if (!folders || folders->empty()) {
      lacks_all(entry, folders ? Message() : folders.error().message);
      return;
    }
    std::vector<std::string> unknown;
    std::set<std::string> found;
    for (const TreeFolder& folder : *folders) {
      if (folder.too_deep && entry.map.count(folder.name) == 0) continue;
      const auto category = category_of(entry, folder.name, unknown);
      if (!category) continue;
      found.insert(folder.name);
      for (const auto& [path, format] : folder.files) {
        lists_.push_back({{tree_list_name(entry.name, folder.name, path, format), catalogue_.ids[*category],
                           path, format, 0, std::nullopt},
                          *category,
                          entry.where,
                          entry.suffixes});
      }
      if (!folder.problem.empty()) lacks_folder(entry, folder.name, folder.problem);
    }
    for (const auto& [folder, target] : entry.map)
      if (target.first != "skip" && catalogue_.find(target.first) && found.count(folder) == 0)
        lacks_folder(entry, folder, say("it holds no file domains, urls or expressions with anything in it"));
    if (!unknown.empty())
      context_.add(Severity::warning, diag::folder_not_mapped, entry.where,
                   say("list {}: no category for: {}", entry.name, join_words(unknown)),
                   say("add under map: \"{}: skip\", or a category", unknown.front()));
  }

  // The whole collection: its disk may not be mounted.
  void lacks_all(const ListEntry& entry, const Message& problem) {
    const bool accepted = may_lack(entry.name),
               was = held_.standing(entry.name) != HeldLists::Standing::unknown;
    const Message hint =
        was               ? say("bring it back (is its disk mounted?); if it is meant to go: {}", accept_hint)
        : problem.empty() ? say("name the folder that holds adult/, gambling/, ...")
                          : Message();
    context_.add(accepted ? Severity::warning : Severity::error,
                 problem.empty() ? diag::folder_without_lists : diag::list_unreadable, entry.where,
                 problem.empty()
                     ? say("list {}: no subfolder of {} holds a file domains, urls or expressions{}",
                           entry.name, entry.path, what_was(entry.name))
                     : say("list {}: cannot read the folder {}: {}{}", entry.name, entry.path, problem,
                           what_was(entry.name)),
                 hint);
    stand_in(entry, entry.name);
  }

  // A folder that belongs to a category gives less than it should.
  void lacks_folder(const ListEntry& entry, const std::string& folder, const Message& problem) {
    const std::string name = entry.name + "/" + folder;
    const bool was = held_.standing(name) != HeldLists::Standing::unknown;
    context_.add(may_lack(name) ? Severity::warning : Severity::error,
                 was ? diag::list_shrunk : diag::list_unreadable, entry.where,
                 say("list {}: the folder {}: {}{}", entry.name, folder, problem, what_was(name)),
                 was ? say("bring it back; if it is meant to go, write \"{}: skip\" under map, then: {}",
                           folder, accept_hint)
                     : say("bring it back; if it is meant to go, write \"{}: skip\" under map", folder));
    stand_in(entry, name);
  }

  // What the last good load had of `name` and is told to be lacking. Where that is accepted it stays as empty
  // lists, so that the next load knows it too, and takes the files when they are back.
  void stand_in(const ListEntry& entry, const std::string& name) {
    told_.push_back(name);
    if (!may_lack(name)) return;
    std::vector<std::string> unknown;
    for (const HeldList& list : held_.all()) {
      if (!HeldLists::belongs(list.source.name, name) || list.source.name.size() <= entry.name.size())
        continue;
      const bool there = std::any_of(lists_.begin(), lists_.end(), [&](const PlacedList& other) {
        return other.source.name == list.source.name || other.source.path == list.source.path;
      });
      const std::string below = list.source.name.substr(entry.name.size() + 1);
      const auto category = category_of(entry, std::string(tree_folder_of(below)), unknown);
      if (there || !category) continue;
      lists_.push_back({{list.source.name, catalogue_.ids[*category], list.source.path, list.source.format, 0,
                         std::nullopt},
                        *category,
                        entry.where,
                        entry.suffixes,
                        false,
                        true});
    }
  }

  // Every list of the last good load that this one lacks, and nothing else has spoken of. An entry that could
  // not be read has its own error: its lists are not called taken out.
  void report_gone(bool config_is_whole) {
    std::vector<ListSource> now;
    for (const PlacedList& list : lists_) now.push_back(list.source);
    held_.match(now);
    std::map<std::string, std::vector<std::size_t>> taken_out;  // by the name that stood in the configuration
    for (const std::size_t index : held_.gone()) {
      const HeldList& list = held_.all()[index];
      const std::string& name = list.source.name;
      if (list.blocking == 0 || std::any_of(told_.begin(), told_.end(), [&](const std::string& told) {
            return HeldLists::belongs(name, told);
          }))
        continue;
      const std::string top = name.substr(0, name.find('/'));
      const auto entry = std::find_if(main_.lists.begin(), main_.lists.end(),
                                      [&](const ListEntry& one) { return one.name == top && one.tree; });
      if (entry == main_.lists.end()) {
        if (config_is_whole) taken_out[top].push_back(index);
        continue;
      }
      gone(entry->where, say("list {} is gone ({}: {}){}", name, list.source.path,
                             why_no_list(list.source.path), what_was(&list)));
    }
    for (const auto& [top, lists] : taken_out) {
      const HeldList& first = held_.all()[lists.front()];
      if (lists.size() == 1)
        gone({}, say("list {} ({}, {}) is named in no file any more{}", first.source.name,
                     first.source.category, first.source.path, what_was(&first)));
      else
        gone({}, say("list {} is named in no file any more; the last good load had {} lists of it with {}",
                     top, lists.size(), counted_entries(held_.entries(top))));
    }
  }

  void gone(const Place& where, Message message) {
    if (options_.accept_shrunk)
      context_.add(Severity::note, diag::list_shrunk, where, std::move(message));
    else
      error(diag::list_shrunk, where, std::move(message),
            say("bring it back; if it is meant to go: {}", accept_hint));
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

  // Nullopt after an error. A list that may lack is an empty text.
  std::optional<std::string> read(PlacedList& list) {
    if (list.absent) return std::string();
    auto text = read_file(file_of(list), largest_list_file);
    if (text) return std::move(*text);
    const HeldList* const held = before(list);
    if (list.fetched && (held == nullptr || held->accepted == 0) && not_there(file_of(list)))
      return read_unfetched(list, held);
    list.absent = may_lack(held);
    context_.add(list.absent ? Severity::warning : Severity::error, diag::list_unreadable, list.where,
                 say("list {}: cannot read {}: {}{}", list.source.name, list.source.path,
                     text.error().message, what_was(held)),
                 take_out_hint(held));
    return list.absent ? std::optional<std::string>(std::in_place) : std::nullopt;
  }

  // Nothing is lost by a list that never was, where the last good load is known and had none of it. Where
  // none is known it may have been there: that needs a person.
  std::optional<std::string> read_unfetched(PlacedList& list, const HeldList* held) {
    list.absent = held != nullptr || held_db_ != nullptr || options_.unfetched_may_lack;
    context_.add(list.absent ? Severity::warning : Severity::error, diag::list_not_fetched, list.where,
                 say("list {} has never been fetched", list.source.name),
                 say("run: schoolgate lists update {}, then schoolgate reload", list.source.name));
    return list.absent ? std::optional<std::string>(std::in_place) : std::nullopt;
  }

  const std::string& file_of(const PlacedList& list) const {
    if (options_.staged == nullptr) return list.source.path;
    const auto staged = options_.staged->find(list.source.path);
    return staged == options_.staged->end() ? list.source.path : staged->second;
  }

  // The list of the last good load that this one continues; null when it is new.
  const HeldList* before(const PlacedList& list) const {
    const std::size_t index = held_.before(static_cast<std::size_t>(&list - lists_.data()));
    return index == HeldLists::none ? nullptr : &held_.all()[index];
  }

  bool may_lack(const HeldList* held) const {
    return held != nullptr && (held->accepted == 0 || options_.accept_shrunk);
  }

  static Message what_was(const HeldList* held) { return what_was(held == nullptr ? 0 : held->blocking); }

  static Message take_out_hint(const HeldList* held) {
    return held == nullptr || held->blocking == 0
               ? say("bring the file back, or take the list out")
               : say("bring the file back, or take the list out and run: {}", accept_hint);
  }

  // Everything the compiled bytes depend on. Nullopt when a file could not be read.
  std::optional<Sha256Digest> make_key() {
    Sha256 key;
    key.update(compiler_version);
    key.update(RuleDb::version());
    bool good = true;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      PlacedList& list = lists_[i];
      progress(say("reading {}", list.source.name),
               0.2 * static_cast<double>(i) / static_cast<double>(lists_.size()));
      const auto text = read(list);
      digests_.push_back(text ? sha256(*text) : Sha256Digest{});
      good = good && text.has_value();
      const std::string own = list.source.own ? to_string(*list.source.own) : std::string("-");
      for (const std::string_view part :
           {std::string_view(list.source.name), std::string_view(list.source.category),
            std::string_view(list.source.path), to_string(list.source.format), std::string_view(own),
            std::string_view(list.suffixes ? "suffixes" : "")}) {
        key.update(part);
        key.update(std::string_view("\0", 1));
      }
      key.update(std::as_bytes(std::span(digests_.back())));
      names_.will_read(list.category, digests_.back());
    }
    names_key_ = names_.key();
    key.update(std::as_bytes(std::span(names_key_)));
    if (!good) return std::nullopt;
    return key.finish();
  }

  void compile(const Sha256Digest& key, LoadedLists& out) {
    const std::size_t before = context_.diagnostics.size();
    RuleDbBuilder builder;
    std::vector<ListRecord> records;
    for (std::size_t i = 0; i < lists_.size(); ++i) {
      progress(say("reading {}", lists_[i].source.name),
               0.2 + 0.3 * static_cast<double>(i) / static_cast<double>(lists_.size()));
      std::uint64_t blocking = 0;
      ListRecord& record = records.emplace_back();
      record.source = lists_[i].source;
      record.report = parse(lists_[i], digests_[i], builder, blocking, record.suffixes);
      if (!lists_[i].absent) check_report(lists_[i], record.report, blocking);
    }
    if (errors_since(before)) return;
    builder.set_lookalikes(learn_names());
    progress(say("compiling"), 0.7);
    auto bytes = builder.build();
    if (!bytes) {
      context_.reporter(context_.config_file())
          .add(Severity::error, diag::compile_failed, {}, 0,
               say("the lists cannot be compiled: {}", bytes.error().message));
      return;
    }
    out.fresh = std::make_shared<const std::vector<std::byte>>(std::move(*bytes));
    auto db = open_owning(*out.fresh, out.fresh);
    if (!db) {
      context_.reporter(context_.config_file())
          .add(Severity::error, diag::compile_failed, {}, 0,
               say("the compiled lists cannot be opened: {}", db.error().message));
      return;
    }
    out.compiled = {key, std::move(records), std::move(*db)};
    progress(say("done"), 1.0);
  }

  // What was learned of the same names before is taken as it was.
  Bytes learn_names() {
    if (!names_.learns()) return {};
    if (knows_names()) {
      const auto bytes = cached_->db->lookalikes().bytes();
      return {bytes.begin(), bytes.end()};
    }
    const Message what = say("learning from names");
    progress(what, 0.5);
    Bytes learned = names_.train([&](double done) { progress(what, 0.5 + 0.2 * done); });
    if (changes_much(learned)) return names_.former(held_db_->lookalikes());
    return learned;
  }

  // What is newly learned judges many hosts of last week otherwise, and nobody has accepted that: somebody
  // may have filled a list with the names of good sites, or of another kind.
  bool changes_much(const Bytes& learned) const {
    if (options_.accept_shrunk || !options_.hosts_of_last_week || learned.empty()) return false;
    if (held_db_ == nullptr || held_db_->lookalikes().empty()) return false;
    const auto now = LookalikeModels::open(learned);
    if (!now) return false;
    const auto hosts = options_.hosts_of_last_week(main_.config.log.directory);
    return judged_otherwise(held_db_->lookalikes(), *now, hosts).size() > most_judged_otherwise;
  }

  // Former look-alikes go on: what the lists teach now waits for a person.
  bool keeps_former_names(const RuleDb& db) const {
    return !db.lookalikes().empty() && db.lookalikes().key() != names_key_;
  }

  bool knows_names() const {
    if (!cached_) return false;
    const LookalikeModels& known = cached_->db->lookalikes();
    return !known.bytes().empty() && known.key() == names_key_;
  }

  // `blocking`: how many of the entries that were compiled are no exceptions.
  ListReport parse(PlacedList& list, const Sha256Digest& digest, RuleDbBuilder& builder,
                   std::uint64_t& blocking, ListSuffixes& suffixes) {
    const Tag tag = builder.add_source({list.source.category, list.source.name, list.source.path});
    const auto text = read(list);
    if (!text || list.absent) return {};
    if (sha256(*text) != digest)  // a file that is being written: the next load sees it whole
      error(diag::list_unreadable, list.where,
            say("list {}: the file changed while it was read", list.source.name), say("run this again"));
    const bool learns = !knows_names();
    ListReport report = parse_list(*text, list.source.format, list.source.path, [&](RuleEntry&& entry) {
      if (auto suffix = as_suffix(list, entry)) {
        const bool left_out = suffix->fate == SuffixEntry::Fate::left_out;
        suffixes.add(std::move(*suffix));
        if (left_out) return;
      }
      if (!entry.exception) ++blocking;
      if (learns) names_.take(list.category, entry);
      builder.add(tag, std::move(entry));
    });
    report.accepted -= suffixes.left_out;
    return report;
  }

  // Whether the file has lines that say something, be it nothing that can be used.
  static bool reads_lines(const ListReport& report) {
    constexpr auto said_nothing = static_cast<std::size_t>(Ignored::comment_or_blank);
    return report.invalid != 0 || std::any_of(report.ignored.begin() + said_nothing + 1, report.ignored.end(),
                                              [](std::uint64_t lines) { return lines != 0; });
  }
  static Message right_format_hint(const PlacedList& list) {
    return say("is the format right? it is read as {}", to_string(list.source.format));
  }

  // Whether the list can be used; a file that holds nothing has shrunk to nothing, if it held something.
  bool usable(const PlacedList& list, const ListReport& report) {
    bool good = true;
    for (const Diagnostic& problem : report.first_problems) {
      if (problem.severity != Severity::error) continue;
      good = false;
      const HeldList* const held = before(list);
      const Message was = what_was(held);
      const bool emptied = problem.code == diag::list_empty;
      context_.add(emptied && may_lack(held) ? Severity::warning : Severity::error,
                   emptied && !was.empty() ? diag::list_shrunk : problem.code, list.where,
                   say("list {} ({}): {}{}", list.source.name, list.source.path, problem.message, was),
                   !problem.hint.empty()                           ? problem.hint
                   : emptied && was.empty() && reads_lines(report) ? right_format_hint(list)
                                                                   : take_out_hint(held));
    }
    return good;
  }

  [[nodiscard]] bool reaches_category(const std::string& name) const {
    return std::any_of(main_.lists.begin(), main_.lists.end(),
                       [&](const ListEntry& entry) { return entry.name == name && entry.reaches_category; });
  }

  void check_report(const PlacedList& list, const ListReport& report, std::uint64_t blocking) {
    if (!usable(list, report)) return;
    check_shrunk(list, blocking);
    if (blocking == 0 && report.accepted != 0 && !reaches_category(list.source.name))
      context_.add(
          Severity::warning, diag::list_only_exceptions, list.where,
          say("list {} holds exceptions alone, and they lift nothing but rules of their own list",
              list.source.name),
          say("to open these sites: allow: in the file of a tier, or a list of a protecting category"));
    if (report.other_format) return tell_other_format(list, *report.other_format);
    if (report.invalid == 0) return;
    // Public lists always have some bad lines; many of them mean a wrong format.
    const bool many = report.invalid * 100 > report.lines;
    context_.add(
        many ? Severity::warning : Severity::note, diag::list_bad_lines, list.where,
        report.first_problems.empty()
            ? say("list {}: {} of {} lines cannot be used", list.source.name, report.invalid, report.lines)
            : say("list {}: {} of {} lines cannot be used, the first in line {}: {}", list.source.name,
                  report.invalid, report.lines, report.first_problems.front().pos.line,
                  report.first_problems.front().message),
        many ? right_format_hint(list) : Message());
  }

  void tell_other_format(const PlacedList& list, const OtherFormat& other) {
    // Expressions without host: may be meant so, and ruled nothing before either.
    context_.add(other.look.format == list.source.format ? Severity::note : Severity::warning,
                 diag::list_other_format, list.where,
                 say("list {}: {}, and it is read as {}", list.source.name, message_of(other),
                     to_string(list.source.format)),
                 hint_of(other));
  }

  void check_shrunk(const PlacedList& list, std::uint64_t blocking) {
    const HeldList* const held = before(list);
    if (held == nullptr || options_.accept_shrunk) return;
    const std::uint64_t was = held->blocking;
    if (was == 0 || (blocking != 0 && (was < shrink_matters_from || blocking * 10 >= was * 7))) return;
    error(diag::list_shrunk, list.where,
          say("list {} has shrunk from {} to {}", list.source.name, counted_entries(was), blocking),
          say("a broken download? if it is right, run: schoolgate lists compile --accept-shrunk"));
  }

  void note(Severity severity, int code, Message message, Message hint = {}) {
    context_.reporter(cache_path_).add(severity, code, {}, 0, std::move(message), std::move(hint));
  }

  // A start must not fail because an update did: what was good last time serves, and says so.
  void use_last_good(std::size_t first_diagnostic, LoadedLists& out) {
    if (!cached_ || !errors_since(first_diagnostic)) return;
    for (const ListRecord& record : cached_->records)
      if (!catalogue_.find(record.source.category)) return;
    for (std::size_t i = first_diagnostic; i < context_.diagnostics.size(); ++i) {
      Diagnostic& d = context_.diagnostics[i];
      if (d.severity == Severity::error && is_about_lists(d.code)) d.severity = Severity::warning;
    }
    note(Severity::warning, diag::last_good_lists_used,
         say("the lists as they are now cannot be used; the last good ones are in use"));
    out.compiled = std::move(*cached_);
    out.kept = out.from_cache = true;
  }

  void give_meaning(LoadedLists& out) {
    for (const ListRecord& record : out.compiled.records) {
      ListStatus status{record.source, record.report};
      status.source.source = context_.source(record.source.path);
      for (const ListEntry& entry : main_.lists)
        if (entry.name == record.source.name && !entry.tree) {
          status.source.update = entry.update;
          status.source.reaches_category = entry.reaches_category;
        }
      out.meanings.push_back({catalogue_.find(record.source.category).value_or(no_category),
                              status.source.source, record.source.own, status.source.reaches_category});
      out.status.push_back(std::move(status));
    }
  }

  const MainFile& main_;
  const CategoryCatalogue& catalogue_;
  const ListLoadOptions& options_;
  const std::optional<RunningLists>& running_;
  LoadContext& context_;
  ListNames names_;
  std::string cache_path_;
  Message cache_problem_;
  std::vector<PlacedList> lists_;
  std::vector<Sha256Digest> digests_;  // beside lists_
  Sha256Digest names_key_{};           // of all that names are learned from
  std::optional<CompiledLists> cached_;
  HeldLists held_;
  const RuleDb* held_db_ = nullptr;  // of held_, whose indices are its tags
  std::vector<std::string> told_;    // what a diagnostic says is lacking: lists, folders, collections
};

}  // namespace

struct ListLoad::Impl : ListLoader {
  using ListLoader::ListLoader;
};

ListLoad::ListLoad(const MainFile& main, const CategoryCatalogue& catalogue, const ListLoadOptions& options,
                   const std::optional<RunningLists>& running, LoadContext& context)
    : impl_(std::make_unique<Impl>(main, catalogue, options, running, context)) {}
ListLoad::~ListLoad() = default;

LoadedLists ListLoad::load() {
  return impl_->load();
}

void ListLoad::keep(LoadedLists& lists) {
  impl_->keep(lists);
}

}  // namespace schoolgate
