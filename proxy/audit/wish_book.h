// wishes.db: what people said was blocked wrongly, and what was answered. One table beside the log, without
// any client; what tells devices apart is in memory alone.
//
//   worker ── ask() ──► memory ── 1 thread ──► wishes.db        desk ── answer() ──► memory, waits for the
//   file
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <tuple>
#include <vector>

#include "proxy/audit/sqlite.h"
#include "proxy/core/wishes.h"
#include "rules/result.h"

namespace schoolgate::audit {

// "DIR/wishes.db"
[[nodiscard]] std::string wishes_path(const std::string& directory);
// Asked within [from_ms, to_ms), oldest first. No file: none. Threads: any. Errors: the file cannot be read.
[[nodiscard]] Result<std::vector<Wish>> read_wishes(const std::string& directory, std::int64_t from_ms,
                                                    std::int64_t to_ms);

struct WishLimits {
  std::size_t open = 500;      // over it the one of fewest devices, then the oldest, lapses
  std::size_t devices = 200;   // told apart of one wish; further ones are not counted
  std::size_t clients = 4096;  // whose asking is counted; the one that asked longest ago is forgotten
  std::uint32_t per_hour = 6, per_hour_shared = 60;  // of one client
  std::size_t kept = 5000;  // of any state; over it the oldest that lapsed goes, then the oldest answered
};

class WishBook final : public Wishes {
 public:
  struct Hooks {
    std::function<void(const std::string& what, const std::string& detail_json)> event;  // may be empty
    std::function<std::int64_t()> cut_ms;  // what was asked before is deleted; empty: nothing is
  };
  explicit WishBook(Hooks hooks, WishLimits limits = {}) : hooks_(std::move(hooks)), limits_(limits) {}
  ~WishBook() override;  // as close()
  WishBook(const WishBook&) = delete;
  WishBook& operator=(const WishBook&) = delete;

  // Takes up what is in the folder's file, makes it if there is none, and begins to take wishes. A damaged
  // file is set aside as FILE.damaged-N (event `wishes_damaged`). Error: it cannot be read or made; nothing
  // is taken.
  [[nodiscard]] Result<void> open(const std::string& directory);
  // Writes what is not written, for at most five seconds, and takes nothing any more: another process may go
  // on with the file. Any thread; once.
  void close();

  [[nodiscard]] WishReply ask(const WishAsk& ask) override;
  [[nodiscard]] std::optional<Wish> find(std::string_view code, std::int64_t now_ms) const override;
  [[nodiscard]] std::optional<Wish> about(std::string_view host, std::string_view tier,
                                          std::string_view category, std::int64_t now_ms) const override;

  // The newest first: those that are open, or all that are kept.
  [[nodiscard]] std::vector<Wish> list(bool all) const;
  [[nodiscard]] std::optional<Wish> with_code(std::string_view code) const;
  // `answer`: state, answered_ms, by, why, line, open_until_ms are taken. On the disk when it returns. Error:
  // there is no such wish, it was answered already, or it cannot be written (then it is answered in memory).
  [[nodiscard]] Result<void> answer(std::string_view code, const Wish& answer);

 private:
  using About = std::tuple<std::string, std::string, std::string>;  // host, tier, category
  struct Entry {
    Wish wish;
    std::int64_t id = 0;
    std::set<IpAddress> devices;
    bool changed = false;  // since it was written
  };
  struct Asked {  // of a client
    std::int64_t since_ms = 0;
    std::uint32_t times = 0;
    std::list<IpAddress>::iterator age;
  };

  [[nodiscard]] Result<Database, DbError> open_file(const std::string& path);
  [[nodiscard]] Result<void, DbError> take_up();
  [[nodiscard]] bool may_ask(const WishAsk& ask);
  [[nodiscard]] Entry& begin_wish(const WishAsk& ask);
  void lapse_one(std::int64_t now_ms);
  void drop_one();
  void forget(std::int64_t id);
  [[nodiscard]] const Entry* entry_about(const About& about) const;
  void changed(Entry& entry);
  // Lets go of the lock while it writes.
  void write_changed(std::unique_lock<std::mutex>& lock);
  void write_on();  // the thread
  [[nodiscard]] std::vector<Entry> take_changed();
  [[nodiscard]] Result<void, DbError> write(const std::vector<Entry>& entries,
                                            const std::vector<std::int64_t>& gone);
  void forget_old();
  void put_back(const std::vector<Entry>& entries);
  void tell(const char* what, const std::string& detail) const;

  const Hooks hooks_;
  const WishLimits limits_;
  std::string directory_;
  mutable std::mutex mutex_;  // what follows but db_, which is the thread's once it runs
  std::condition_variable wake_, written_;
  std::map<std::int64_t, Entry> entries_;  // by id
  std::map<std::string, std::int64_t, std::less<>> by_code_;
  std::map<About, std::int64_t> newest_about_;
  std::map<IpAddress, Asked> asked_;
  std::list<IpAddress> by_age_;     // who asked last, in front
  std::vector<std::int64_t> gone_;  // to be deleted from the file
  std::int64_t last_id_ = 0;
  std::size_t open_ = 0, unwritten_ = 0;
  bool taking_ = false, ending_ = false, failing_ = false, writing_ = false;
  std::optional<Database> db_;
  std::thread thread_;
};

}  // namespace schoolgate::audit
