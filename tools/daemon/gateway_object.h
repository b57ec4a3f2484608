// The running proxy as one object: everything that run_gateway() holds. Internal to gateway*.cc.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "config/kept_sets.h"
#include "config/policy_change.h"
#include "config/policy_question.h"
#include "config/tier_edit.h"
#include "config/web_question.h"
#include "proxy/audit/access_log.h"
#include "proxy/core/mutex.h"
#include "proxy/io/server.h"
#include "proxy/io/tls/tls_material.h"
#include "tools/console/load.h"
#include "tools/daemon/alert_post.h"
#include "tools/daemon/control.h"
#include "tools/daemon/doubted_clock.h"
#include "tools/daemon/gateway.h"
#include "tools/daemon/gateway_text.h"
#include "tools/daemon/main_thread.h"
#include "tools/daemon/refused_watch.h"
#include "tools/daemon/reveal.h"
#include "tools/daemon/seal_post.h"
#include "tools/daemon/successor.h"
#include "tools/daemon/systemd.h"
#include "tools/daemon/teacher_desk.h"
#include "tools/daemon/web_desk.h"
#include "tools/daemon/wishes_desk.h"
#include "tools/daemon/worker_watch.h"

namespace schoolgate::tools {

// Threads: the main one owns the server and reads signals. Loading, which may take seconds, happens on the
// thread that asks for it: one of two that serve the control socket (a status is answered during a reload),
// or one of its own after SIGHUP.
class Gateway {
 public:
  Gateway(const RunOptions& options, Console& console)
      : config_file_(options.config_file),
        state_(options.state),
        take_over_(options.take_over),
        explain_{options.explain, [this] { return server_->clock_doubted_until_ms(); }},
        texts_(options.texts),
        kept_(kept_sets_folder(options.config_file, options.state), options.config_file),
        console_(console) {}

  int run();

 private:
  [[nodiscard]] int load_first();
  [[nodiscard]] LoadResult begin_with_last_good(LoadOptions options, const Message& errors,
                                                LastGoodFacts& facts);
  void keep(const std::string& who, const std::string& why, const Snapshot& accepted,
            const ConfigTexts& texts) noexcept;
  void tell_removed(const std::vector<std::uint64_t>& numbers);
  [[nodiscard]] Result<void> open();
  [[nodiscard]] Result<std::vector<ListeningSocket>> listeners(const std::vector<int>& handed,
                                                               unsigned workers);
  [[nodiscard]] bool replace_running();
  void take_up_overrides();
  void start_posts();
  void open_pages();
  void open_wishes();
  [[nodiscard]] Message add_allow_line(const WishesDesk::LineWanted& line);
  void tell_status(const std::function<void(const StatusFacts&)>& use);
  void loop();
  void look_at_workers();
  void doubt_clock();
  void look_at_clock();
  void on_signal(int signals);
  void begin_end(const std::string& who, bool taken_over = false);
  void reload_in_background();
  void start_reloader();
  [[nodiscard]] LoadResult reload(const std::string& who, bool accept_shrunk);
  [[nodiscard]] LoadResult reload_lists(const std::string& who);
  // `before_it_rules` may refuse what was loaded.
  [[nodiscard]] LoadResult load_and_rule(LoadOptions options, const std::string& who, const std::string& why,
                                         const std::function<void(LoadResult&)>& before_it_rules)
      SG_REQUIRES(reload_mutex_);
  // gateway_policy.cc: what commands and pages change. Loaded, tested, laid over the files and in force, or
  // refused whole; `why` is told in log and history.
  struct ChangeWanted {
    std::string who;  // "uid 1001 (lan)"
    bool is_admin = false;
    std::string why;
    bool accept_shrunk = false;
    const ConfigTexts* exactly =
        nullptr;  // what must come of it: nothing else that is laid over files counts
    std::function<Message(const Snapshot&)> refused_for = {};  // of what was loaded; empty: it may rule
  };
  [[nodiscard]] LoadResult change_policy(const PolicyChange& change, const ChangeWanted& wanted)
      SG_REQUIRES(reload_mutex_);
  void check_change(LoadResult& loaded, const Overlay& laid, const ChangeWanted& wanted);
  void drop_repeats();
  [[nodiscard]] LoadResult roll_back(std::uint64_t number, ChangeWanted wanted) SG_REQUIRES(reload_mutex_);
  [[nodiscard]] LoadResult pin(const PolicyQuestion& question, ChangeWanted wanted, std::string& done)
      SG_REQUIRES(reload_mutex_);
  [[nodiscard]] Reply reply_policy(const std::string& text, uid_t asker);
  // gateway_edit.cc: a tier's file on the staff's pages.
  [[nodiscard]] Result<TierText, Message> tier_file(TierId tier);
  [[nodiscard]] Reply reply_tier_text(const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Reply reply_edit(const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Result<PolicyChange, Message> edit_of(const WebQuestion& asked, const TierText& file,
                                                      TierId tier);
  [[nodiscard]] LoadResult try_change(const PolicyChange& change, const ChangeWanted& wanted)
      SG_REQUIRES(reload_mutex_);
  [[nodiscard]] Reply reply_policies(const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Reply reply_published(Catalogue catalogue);
  void tell_reveal_rule(const Snapshot* before, const Snapshot& now);
  void serve_control();
  [[nodiscard]] Reply reply(const std::string& question, uid_t asker);
  [[nodiscard]] Reply reply_reload(const LoadResult& loaded, bool json, bool colour);
  [[nodiscard]] Reply refused(const Message& why) { return {exit_failed, why.in(language()) + "\n"}; }
  [[nodiscard]] Reply reply_status(bool json, bool colour);
  [[nodiscard]] Reply reply_retention(const std::vector<std::string>& words, const std::string& who);
  [[nodiscard]] Reply reply_standing(bool json);
  [[nodiscard]] Reply reply_health();
  [[nodiscard]] Reply reply_self_test(const std::vector<std::string>& words, const std::string& who);
  [[nodiscard]] Reply no_such_question() {
    return {exit_usage, say("no such question").in(language()) + "\n"};
  }
  [[nodiscard]] Reply reply_upgrade(uid_t asker);
  [[nodiscard]] Reply reply_take_over(uid_t asker);
  [[nodiscard]] Reply reply_taken_over(const std::vector<std::string>& words, uid_t asker);
  // Without memory for a sentence.
  void complain_plainly(const std::exception& failure) noexcept {
    try {
      const MutexLock lock(console_mutex_);
      console_.err << "schoolgate: not done: " << failure.what() << '\n' << std::flush;
    } catch (...) {
    }
  }
  void write(std::ostream& where, const std::string& text) {
    const MutexLock lock(console_mutex_);
    where << text << std::flush;
  }
  void complain(const Message& line) {
    write(console_.err, "schoolgate: " + printable(line.in(language())) + "\n");
  }
  // The school's; before there is a policy that of `run`.
  [[nodiscard]] Catalogue language() {
    const std::shared_ptr<const Snapshot> running = snapshot();
    return running ? catalogue_of(running->config.school.language) : console_.catalogue;
  }

  const std::string config_file_, state_, program_ = own_program();
  const bool take_over_;
  const TeacherDesk::Explain explain_;
  const WebDesk::Texts texts_;
  const KeptSets kept_;
  Console& console_;
  Mutex console_mutex_;  // one line at a time
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();

  // What rules, and how it came to.
  struct Standing {
    std::shared_ptr<const Snapshot> snapshot;
    Message last_reload;
    LastGoodFacts last_good;
    std::shared_ptr<const ConfigTexts> texts;  // of `snapshot`
    std::vector<Message> waiting;              // keys that a reload did not apply
  };
  [[nodiscard]] Standing standing() {
    const MutexLock lock(standing_mutex_);
    return standing_;
  }
  [[nodiscard]] std::shared_ptr<const Snapshot> snapshot() { return standing().snapshot; }
  Mutex standing_mutex_;
  Standing standing_ SG_GUARDED_BY(standing_mutex_);
  Config started_with_;  // what the sockets, the threads and the log were made of
  Mutex reload_mutex_;   // one reload at a time
  std::uint64_t revision_ SG_GUARDED_BY(reload_mutex_) = 1;  // of the last attempt to load

  MainThread main_;
  Bell ended_, end_control_;
  std::unique_ptr<AccessLog> log_;
  std::unique_ptr<audit::WishBook> wishes_;  // outlives the server
  std::unique_ptr<Server> server_;
  std::shared_ptr<const TlsMaterial> tls_;  // of the first load, until the server has it
  std::optional<ControlSocket> control_;
  std::optional<RevealDesk> reveal_;
  std::optional<AlertPost> post_;
  std::optional<SealPost> seal_post_;
  std::optional<WishesDesk> wishes_desk_;
  std::optional<TeacherDesk> teachers_;
  std::optional<WebDesk> pages_;
  std::optional<RefusedWatch> refused_;
  std::optional<DoubtedClock> clock_;  // only the main thread
  std::thread joiner_;                 // waits for the drain to end
  std::thread reloader_;
  std::atomic<bool> reload_wanted_{false}, reloader_busy_{false};
  std::atomic<bool> replaced_{false};  // the manager hears of the process that took over
  const std::optional<std::chrono::milliseconds> watchdog_ = watchdog_limit();
  std::atomic<bool> upgrading_{false};
  bool sockets_lent_ = false;  // only the main thread, as the next
  WorkerWatch watch_{watchdog_};
};

}  // namespace schoolgate::tools
