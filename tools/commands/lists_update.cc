// `schoolgate lists update`: what is published is fetched, tried with the configuration in force, and rules
// only then. What a person has to see first waits; what ruled before is kept.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <ostream>
#include <sstream>
#include <utility>
#include <vector>

#include "config/kept_sets.h"
#include "config/list_enable.h"
#include "config/list_update.h"
#include "config/lists/fetched_list.h"
#include "config/lists/list_status.h"
#include "config/lists/published_lists.h"
#include "config/policy/expect_reader.h"
#include "config/text/descriptor.h"
#include "config/text/system_words.h"
#include "proxy/audit/log_reader.h"
#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "proxy/io/upstream/local_addresses.h"
#include "rules/bytes/sha256.h"
#include "rules/url/url.h"
#include "tools/commands/ask_running.h"
#include "tools/commands/lists.h"
#include "tools/commands/proxys_user.h"
#include "tools/console/last_week.h"
#include "tools/console/load.h"
#include "tools/daemon/privileges.h"
#include "tools/fetch/fetch.h"

namespace schoolgate::tools {
namespace {

constexpr std::int64_t week_ms = 7LL * 24 * 3600 * 1000;
constexpr std::uint64_t visited_from = 5;  // clients
constexpr std::size_t most_visited_told = 10;
constexpr char system_authorities[] = "/etc/ssl/certs/ca-certificates.crt";

struct UpdateOptions {
  std::string config, state, user, from, cacert;
  std::vector<std::string> names;
  bool dry_run = false, accept = false, due = false;
};

// What root opens before it becomes the proxy's user: a stick that only root may read.
struct Brought {
  int folder = -1;
  std::string authorities;
};

// One run, as the user whose files the lists are.
class Update {
 public:
  // `terminal`: where progress is shown.
  Update(const UpdateOptions& options, const Brought& brought, Console& console, Console& terminal)
      : options_(options), brought_(brought), console_(console), bar_(terminal) {}
  int run();

 private:
  [[nodiscard]] bool open();
  [[nodiscard]] bool choose();
  [[nodiscard]] bool lock();
  void prepare();
  [[nodiscard]] std::optional<ParentRoute> route_through_parent() const;
  [[nodiscard]] std::vector<VisitedHost> visited_last_week();
  void bring(const ListEntry& entry);
  [[nodiscard]] Result<Fetched> fetch(const ListEntry& entry, const FetchedList& files,
                                      const std::string& digest);
  void tell_kept(const ListEntry& entry, const FetchedList& files, const PartialDownload& part);
  [[nodiscard]] int brought_file(const ListEntry& entry) const;
  [[nodiscard]] Result<Fetched> copy(const ListEntry& entry, const FetchedList& files);
  void tell(const TriedList& list);
  void settle(TriedList& list);
  void reload();
  void put_back(const Message& why);
  void record(const std::string& what, const std::string& detail);
  void tell(const ListEntry& entry, Colour colour, const Message& what);
  void fail(const ListEntry& entry, const Message& why);

  const UpdateOptions& options_;
  const Brought& brought_;
  Console& console_;
  ProgressBar bar_;
  std::optional<ListUpdates> updates_;
  std::vector<const ListEntry*> chosen_;
  std::vector<std::string> must_work_;
  std::vector<TriedList> tried_;
  std::vector<const ListEntry*> taken_;
  std::vector<FetchRecord> records_;  // beside tried_
  FetchOrder order_;                  // what is the same for all
  std::unique_ptr<Descriptor> lock_;
  bool any_failed_ = false, any_shrunk_ = false, unlogged_ = false;
};

void Update::tell(const ListEntry& entry, Colour colour, const Message& what) {
  console_.out << padded(printable(entry.name), 24) << "  "
               << paint(console_.out_colour, colour, console_.text(what)) << '\n';
}

void Update::fail(const ListEntry& entry, const Message& why) {
  any_failed_ = true;
  bar_.clear();
  tell(entry, Colour::red, say("not updated: {}", why));
  record("list_not_updated", JsonObject().add("list", entry.name).add("why", why.english()).text());
}

bool Update::open() {
  const KeptSets kept(kept_sets_folder(options_.config, options_.state), options_.config);
  KeptSets::Found found = kept.find();
  for (const Message& problem : found.problems)
    console_.complain(say("not compared with what was accepted last: {}", problem));
  std::optional<ConfigTexts> last_good;
  if (found.set) last_good = std::move(found.set->texts);
  Diagnostics diagnostics;
  SourceTexts texts;
  auto opened = ListUpdates::open(options_.config, std::move(last_good), diagnostics, texts);
  print_errors(diagnostics, texts, console_);
  if (!opened) {
    console_.complain(opened.error().message);
    return false;
  }
  updates_ = std::move(*opened);
  if (!diagnostics.empty())
    console_.complain(say("the files have errors; lists are tried with the configuration accepted last"));
  return true;
}

bool Update::choose() {
  for (const std::string& name : options_.names) {
    const ListEntry* const entry = updates_->find(name);
    if (entry == nullptr) {
      console_.complain(say("no list \"{}\" says update: (schoolgate lists enable)", name));
      return false;
    }
    if (std::find(chosen_.begin(), chosen_.end(), entry) == chosen_.end()) chosen_.push_back(entry);
  }
  if (options_.names.empty())
    for (const ListEntry& entry : updates_->lists()) chosen_.push_back(&entry);
  if (options_.due)
    std::erase_if(chosen_, [now = wall_clock_ms() / 1000](const ListEntry* entry) {
      return !due(*entry->update, fetched_at(entry->path), now);
    });
  return true;
}

// One update at a time.
bool Update::lock() {
  const std::string& state = updates_->config().state_directory;
  const std::string folder = join_path(state, "lists");
  const auto trouble = [&](const std::string& what) {
    console_.complain(say("{}: {}", what, system_words(errno)));
    return false;
  };
  if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) return trouble(folder);
  const std::string path = join_path(folder, "lock");
  lock_ = std::make_unique<Descriptor>(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (lock_->get() < 0) return trouble(path);
  if (::flock(lock_->get(), LOCK_EX | LOCK_NB) == 0) return true;
  console_.complain(say("another update of lists is under way"));
  return false;
}

// What all transfers share, and what an update may not close.
void Update::prepare() {
  const Config& config = updates_->config();
  std::vector<ListenAddress> own;
  for (const Listener& listener : config.listen) own.push_back({listener.address, listener.port});
  order_.addresses = AddressPolicy(config.upstream.allow_networks, std::move(own));
  order_.local = LocalAddresses().now();
  order_.authorities = brought_.authorities;
  order_.parent = route_through_parent();
  must_work_ = read_must_work(options_.config);
}

// The parent looks names up itself, so that no address of ours can be looked at: what the catalogue of lists
// names is known to be a publisher's.
std::optional<ParentRoute> Update::route_through_parent() const {
  const auto& parent = updates_->config().upstream.parent;
  if (!parent) return std::nullopt;
  const bool is_v6 = parent->host.text.find(':') != std::string::npos;
  ParentRoute route;
  route.proxy = "http://" + (is_v6 ? "[" + parent->host.text + "]" : parent->host.text) + ":" +
                std::to_string(parent->port);
  if (const auto offers = read_list_offers(options_.config); offers) {
    for (const PublishedList& list : offers->published.lists) {
      Url url;
      if (url.parse(list.update.from).ok()) route.names.push_back(url.host().text);
    }
  }
  return route;
}

// Nothing where the log cannot be read, which is said: no update waits for it.
std::vector<VisitedHost> Update::visited_last_week() {
  std::vector<VisitedHost> out;
  const std::string& folder = updates_->config().log.directory;
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0 && errno == ENOENT) return out;  // nobody was here yet
  const std::int64_t now = wall_clock_ms();
  const auto visited = audit::LogReader(folder).visited(now - week_ms, now, visited_from);
  if (!visited) {
    console_.complain(
        say("what these lists close of last week's sites is not known: {}", visited.error().message));
    return out;
  }
  for (const audit::Visited& one : *visited) out.push_back({one.host, one.clients});
  return out;
}

Result<Fetched> Update::fetch(const ListEntry& entry, const FetchedList& files, const std::string& digest) {
  FetchOrder order = order_;
  order.from = entry.update->from;
  order.inside = entry.update->inside;
  if (const auto known = files.record(digest); known && known->from == order.from) {
    order.etag = known->etag;
    order.modified = known->modified;
  }
  const auto progress = [&](std::uint64_t got, std::uint64_t all) {
    const std::string size = std::to_string(got >> 10) + " KiB";
    bar_.show(say("{}: {}", entry.name, size),
              all == 0 ? 0.0 : static_cast<double>(got) / static_cast<double>(all));
  };
  PartialDownload part{files.partial(), options_.dry_run ? std::string() : files.partial_etag(order.from)};
  if (options_.dry_run) part.path = files.incoming() + ".partial";
  auto got = fetch_list(order, files.incoming(), part, progress);
  bar_.clear();
  if (options_.dry_run)
    ::unlink(part.path.c_str());
  else
    tell_kept(entry, files, part);
  return got;
}

void Update::tell_kept(const ListEntry& entry, const FetchedList& files, const PartialDownload& part) {
  const auto noted = files.note_partial(entry.update->from, part.etag);
  if (noted.failed()) console_.complain(noted.error().message);
  struct stat info {};
  if (part.etag.empty() || noted.failed() || ::stat(part.path.c_str(), &info) != 0) return;
  tell(entry, Colour::dim,
       say("{} KiB of it have come; the next update goes on behind them",
           grouped(static_cast<std::uint64_t>(info.st_size) >> 10)));
}

// The file of a list in the folder, as an open one; negative: there is none.
int Update::brought_file(const ListEntry& entry) const {
  for (const char* ending : {"", ".txt", ".gz", ".txt.gz", ".tar", ".tar.gz"}) {
    const std::string name = entry.name + ending;
    // No link, and nothing that waits: a stick may hold anything.
    const int fd = ::openat(brought_.folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd >= 0 || errno != ENOENT) return fd;
  }
  return -1;
}

Result<Fetched> Update::copy(const ListEntry& entry, const FetchedList& files) {
  const Descriptor file(brought_file(entry));
  if (file.get() < 0 && errno == ELOOP)
    return Error{say("{} in {} is a link: put the file itself there", entry.name, options_.from)};
  if (file.get() < 0) return Error{say("of {} in {}: {}", entry.name, options_.from, system_words(errno))};
  struct stat info {};
  if (::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return Error{say("{} in {} is no file", entry.name, options_.from)};
  return copy_list(file.get(), order_.limits, entry.update->inside, files.incoming());
}

void Update::bring(const ListEntry& entry) {
  const FetchedList files(entry.path);
  const auto now = read_file(files.path(), largest_list_file);
  const std::string digest = now ? to_hex(sha256(*now)) : std::string();
  if (options_.accept) {
    const auto waiting = read_file(files.waiting(), largest_list_file);
    if (!waiting) return fail(entry, say("nothing of it waits"));
    records_.push_back({entry.update->from, "", "", to_hex(sha256(*waiting))});
    tried_.push_back({&entry, files.waiting(), true});
    return;
  }
  if (brought_.folder >= 0 && options_.names.empty()) {  // a stick need not have all of them
    const Descriptor file(brought_file(entry));
    if (file.get() < 0 && errno == ENOENT) return tell(entry, Colour::dim, say("not in {}", options_.from));
  }
  const auto got = brought_.folder >= 0 ? copy(entry, files) : fetch(entry, files, digest);
  if (!got) return fail(entry, got.error().message);
  FetchRecord record{entry.update->from, got->etag, got->modified, digest};
  if (!got->unchanged) {
    const auto fresh = read_file(files.incoming(), largest_list_file);
    if (!fresh) return fail(entry, say("{}: {}", files.incoming(), fresh.error().message));
    record.digest = to_hex(sha256(*fresh));
  }
  if (!got->unchanged && record.digest != digest) {
    tried_.push_back({&entry, files.incoming()});
    records_.push_back(std::move(record));
    return;
  }
  ::unlink(files.incoming().c_str());
  if (got->unchanged && got->etag.empty() && got->modified.empty())  // a 304 need not repeat them
    if (const auto known = files.record(digest)) record = *known;
  if (!options_.dry_run)
    if (const auto confirmed = files.confirm(record); confirmed.failed())
      return fail(entry, confirmed.error().message);
  tell(entry, Colour::dim, say("nothing new"));
}

void Update::tell(const TriedList& list) {
  if (list.change.no_list) return fail(*list.entry, say("what came is no list: {}", *list.change.no_list));
  tell(*list.entry, Colour::bold, message_of(list.change));
  if (const Message left_out = suffixes_left_out(list.change); !left_out.empty())
    tell(*list.entry, Colour::yellow, left_out);
  for (std::size_t i = 0; i < std::min(list.closes.size(), most_visited_told); ++i) {
    const ClosedVisit& closed = list.closes[i];
    tell(*list.entry, Colour::yellow,
         say("closes {}, which {} clients visited last week, in tier {}", closed.visited.host,
             grouped(closed.visited.clients), closed.tier));
  }
  if (const std::size_t more = list.closes.size(); more > most_visited_told)
    tell(*list.entry, Colour::yellow,
         say("and {} more that five clients or more visited", grouped(more - most_visited_told)));
  for (const Message& why : list.waits) tell(*list.entry, Colour::yellow, say("waits: {}", why));
  if (list.errors.empty()) return;
  print_errors(list.errors, list.texts, console_);
  fail(*list.entry, say("the configuration refuses it"));
}

void Update::settle(TriedList& list) {
  const FetchedList files(list.entry->path);
  JsonObject detail;
  detail.add("list", list.entry->name).add("come", list.change.come.count).add("go", list.change.go.count);
  detail.add("opens", list.change.opens.count).add("closes_visited", list.closes.size());
  if (list.may_rule()) {
    const auto taken = files.take(list.file, records_[static_cast<std::size_t>(&list - tried_.data())]);
    if (taken.failed()) return fail(*list.entry, taken.error().message);
    taken_.push_back(list.entry);
    any_shrunk_ = any_shrunk_ || has_shrunk(list.change);
    return record("list_updated", detail.text());
  }
  if (list.accepted) return;  // it waits on
  if (list.waits.empty()) {
    ::unlink(list.file.c_str());
    return;
  }
  any_failed_ = true;
  if (const auto aside = files.set_aside(); aside.failed()) return fail(*list.entry, aside.error().message);
  tell(*list.entry, Colour::yellow,
       say("the old list stays; to take the new one: schoolgate lists update --accept {}", list.entry->name));
  JsonArray why;
  for (const Message& one : list.waits) why.add(one.english());
  record("list_waits", detail.add("why", why).text());
}

// On record where it can be; a log that is not there stops no update.
void Update::record(const std::string& what, const std::string& detail) {
  if (options_.dry_run) return;
  const auto written = audit::append_event(updates_->config().log.directory, wall_clock_ms(),
                                           "uid " + std::to_string(::getuid()), what, detail);
  if (written.failed() && !std::exchange(unlogged_, true))
    console_.complain(say("not in the log: {}", written.error().message));
}

void Update::put_back(const Message& why) {
  for (const ListEntry* entry : taken_) {
    const auto back = FetchedList(entry->path).put_back();
    fail(*entry, back.ok() ? why : back.error().message);
  }
}

// A running proxy takes the new lists at once, and nothing else that somebody is editing.
void Update::reload() {
  if (taken_.empty()) return;
  if (any_shrunk_) {
    console_.print(say("to use what was accepted: schoolgate reload --accept-shrunk"));
    return;
  }
  std::ostringstream unsaid;
  Console quiet{unsaid, unsaid};
  const auto reply = ask_running(options_.config, options_.state, "reload-lists", quiet);
  if (!reply) {
    console_.print(say("no proxy runs here; the next start uses them"));
    return;
  }
  (reply->exit_code == exit_ok ? console_.out : console_.err) << reply->text;
  if (reply->exit_code != exit_ok) return put_back(say("the running proxy refused it; the old list is back"));
  if (!updates_->files_are_in_force())
    console_.print(
        say("the files of the configuration are not as they were accepted last: they wait for schoolgate "
            "check, then schoolgate reload"));
}

int Update::run() {
  if (!open()) return exit_config_errors;
  if (!choose()) return exit_failed;
  if (chosen_.empty()) {
    console_.print(options_.due ? say("no list is due")
                                : say("no list says update: (schoolgate lists catalogue)"));
    return exit_ok;
  }
  if (!lock()) return exit_failed;
  prepare();
  tried_.reserve(chosen_.size());
  for (const ListEntry* entry : chosen_) bring(*entry);
  if (!tried_.empty()) {
    bar_.show(say("trying the new lists"), 1.0);
    const auto last_week = [&] { return hosts_of_last_week(updates_->config().log.directory); };
    updates_->judge(tried_, must_work_, visited_last_week(), last_week);
    bar_.clear();
  }
  for (const TriedList& list : tried_) tell(list);
  for (TriedList& list : tried_) {
    if (!options_.dry_run)
      settle(list);
    else if (!list.accepted)
      ::unlink(list.file.c_str());
  }
  reload();
  return any_failed_ ? exit_failed : exit_ok;
}

// Nullopt after it was said why.
std::optional<Brought> bring_along(const UpdateOptions& options, Console& console) {
  const auto trouble = [&](const std::string& path, const Message& why) {
    console.complain(say("{}: {}", path, why));
    return std::nullopt;
  };
  Brought brought;
  constexpr std::uint64_t most = 16 << 20;
  const auto system = read_file(system_authorities, most);
  if (system) brought.authorities = *system;
  if (!options.cacert.empty()) {
    const auto own = read_file(options.cacert, most);
    if (!own) return trouble(options.cacert, own.error().message);
    brought.authorities += "\n" + *own;
  }
  if (options.from.empty()) {
    if (brought.authorities.empty()) return trouble(system_authorities, system.error().message);
    return brought;
  }
  brought.folder = ::open(options.from.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (brought.folder < 0) return trouble(options.from, system_words(errno));
  return brought;
}

int update(const UpdateOptions& options, Console& console) {
  const auto brought = bring_along(options, console);
  if (!brought) return exit_failed;
  const Descriptor folder(brought->folder);
  const auto user =
      ::geteuid() == 0 ? proxys_user(options.config, options.state, options.user) : std::nullopt;
  if (!options.user.empty() && ::geteuid() == 0 && !user) {
    console.complain(say("there is no user \"{}\"", options.user));
    return exit_failed;
  }
  if (!user || *user == 0) return Update(options, *brought, console, console).run();
  const auto done = do_as(*user, [&] {
    std::ostringstream out, err;
    Console quiet{out, err, false, false, console.out_colour, console.err_colour, console.catalogue};
    const int code = Update(options, *brought, quiet, console).run();  // its terminal is ours
    return Done{code, out.str(), err.str()};
  });
  return tell(done, console);
}

}  // namespace

void add_lists_update(CLI::App& lists, Console& console, int& result) {
  const auto options = std::make_shared<UpdateOptions>();
  CLI::App* const command = lists.add_subcommand("update", "Fetch lists anew, try them, and let them rule");
  add_config_option(*command, options->config);
  add_state_option(*command, options->state);
  command->add_option("name", options->names, "which lists; none = all that say update:");
  command->add_flag("--dry-run", options->dry_run, "show what would change, change nothing");
  command->add_flag("--due", options->due,
                    "only what is as old as its rhythm, every_days: (the nightly timer)");
  CLI::Option* const accept =
      command->add_flag("--accept", options->accept, "take what waits of these lists: you have looked at it");
  command->add_option("--from", options->from, "read NAME, NAME.txt or NAME.gz in this folder, fetch nothing")
      ->type_name("DIR")
      ->check(CLI::ExistingDirectory)
      ->excludes(accept);
  command
      ->add_option("--cacert", options->cacert,
                   "authorities that may vouch for a mirror of your own, beside the system's (PEM)")
      ->type_name("FILE");
  command
      ->add_option("--user", options->user,
                   "as root: do it as this user (default: whose the proxy's files are)")
      ->type_name("NAME");
  on_command(*command, options->config, console, [options, &console, &result] {
    const bool unnamed = options->accept && options->names.empty();
    if (unnamed) console.complain(say("--accept needs the name of a list"));
    const bool both = options->due && (options->accept || !options->from.empty());
    if (both) console.complain(say("--due goes with neither --accept nor --from: those take what you name"));
    if (unnamed || both) {
      result = exit_usage;
      return;
    }
    result = update(*options, console);
  });
}

}  // namespace schoolgate::tools
