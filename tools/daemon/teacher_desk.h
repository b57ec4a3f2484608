// `schoolgate allow`, `block`, `overrides`, `room` and `rooms`: what a teacher opens or closes for a lesson.
// A socket of its own beside the control socket, for root and the group `schoolgate-teachers`, which
// understands nothing else; each question is held against what delegation.yaml gives the peer's account.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/overrides.h"
#include "config/snapshot.h"
#include "config/teacher_question.h"
#include "config/wish_question.h"
#include "proxy/audit/access_log.h"
#include "proxy/core/mutex.h"
#include "rules/result.h"
#include "tools/daemon/control.h"
#include "tools/daemon/main_thread.h"

namespace schoolgate::tools {

inline constexpr char teachers_group[] = "schoolgate-teachers";

// "/run/schoolgate/control.sock" -> "/run/schoolgate/teacher.sock"; another name gets "-teacher" at its end.
[[nodiscard]] std::string teacher_socket_path(const std::string& control_socket);
// Where overrides are kept over a restart: a file of the state folder.
[[nodiscard]] std::string overrides_file(const Config& config);

// The running proxy's side, on a thread of its own.
class TeacherDesk {
 public:
  // What `schoolgate explain` would print of a question, under these overrides (null: none), by a clock that
  // is doubted until then.
  using ExplainText = std::function<Reply(const Snapshot&, const std::shared_ptr<const Overrides>&,
                                          std::int64_t clock_doubted_until_ms, const TeacherQuestion&)>;
  struct Explain {
    ExplainText text;
    std::function<std::int64_t()> clock_doubted_until_ms;  // any thread; empty: never
  };
  struct Hooks {
    std::function<std::shared_ptr<const Snapshot>()> current;
    std::function<void(std::vector<OverrideRow>)> apply;  // Server::override_with()
    Explain explain;
    std::function<Moment()> now;  // empty: the machine's clocks
    // What is asked about reports of wrong blocks (config/wish_question.h); `account` "" = root. Empty:
    // nothing.
    std::function<Reply(const std::string& question, const std::string& actor, const std::string& account)>
        wishes = {};
  };
  TeacherDesk(AccessLog& log, Hooks hooks) : log_(log), hooks_(std::move(hooks)) {}
  ~TeacherDesk();
  TeacherDesk(const TeacherDesk&) = delete;
  TeacherDesk& operator=(const TeacherDesk&) = delete;

  // Takes up what an earlier run left, and applies what of it still holds. Error: the file is damaged or
  // cannot be read, and none is in force; the proxy runs all the same.
  [[nodiscard]] Result<void> load();
  // Error: nobody can ask, or only root can; the proxy runs all the same.
  [[nodiscard]] Result<void> open(const std::string& control_socket);
  // Leaves socket and file to another process. One thread.
  void close();

  // The reply to a question, as the socket gives it.
  [[nodiscard]] Reply reply(const std::string& question, uid_t asker);
  // The same for an account of the staff's pages, as delegation.yaml names it. What it may do is no more than
  // that says, whatever its role there.
  [[nodiscard]] Reply reply_as(const std::string& account, const TeacherQuestion& question);
  // The same for who was told apart already; `account` "" = root. Not within Hooks::explain.
  [[nodiscard]] Reply answer_for(const std::string& actor, const std::string& account,
                                 const TeacherQuestion& question);
  // What is in force now.
  [[nodiscard]] std::vector<OverrideRow> kept();
  // 0: it is not.
  [[nodiscard]] std::int64_t clock_doubted_until_ms() const {
    return hooks_.explain.clock_doubted_until_ms ? hooks_.explain.clock_doubted_until_ms() : 0;
  }
  struct RoomLine {
    std::string name, networks;
    std::string state = "normal", only, until;  // "normal", "off", "only", "exam"
    Message text;                               // the same as a sentence
    std::uint32_t override_id = 0;              // 0: no switch
    bool yours = false;                         // the asker may switch it
  };
  // Every room, for an account of the staff's pages.
  [[nodiscard]] std::vector<RoomLine> rooms_for(const std::string& account);
  // Overrides that have ended are told of, and no longer kept.
  void sweep();

 private:
  struct Asker {
    std::string actor;    // as events name who asks
    std::string account;  // "" = root
  };
  void serve();
  [[nodiscard]] Moment now() const;
  [[nodiscard]] Reply answer(const TeacherQuestion& asked, const Asker& who, const Snapshot& snapshot)
      SG_REQUIRES(mutex_);
  [[nodiscard]] Reply change(const TeacherQuestion& question, const Asker& asker, const Snapshot& snapshot)
      SG_REQUIRES(mutex_);
  [[nodiscard]] Result<OverrideRow, Message> row_of(const TeacherQuestion& question, const Asker& asker,
                                                    const Snapshot& snapshot) SG_REQUIRES(mutex_);
  // Empty: it has one. `closed`: how many hosts of a bundle stay closed all the same.
  [[nodiscard]] Message why_without_effect(const Snapshot& snapshot, const OverrideRow& row,
                                           std::size_t& closed) SG_REQUIRES(mutex_);
  [[nodiscard]] Reply switch_room(const TeacherQuestion& question, const Asker& asker,
                                  const Snapshot& snapshot) SG_REQUIRES(mutex_);
  [[nodiscard]] Result<OverrideRow, Message> row_of_room(const TeacherQuestion& question, const Asker& asker,
                                                         const Snapshot& snapshot, const std::string& room)
      SG_REQUIRES(mutex_);
  [[nodiscard]] std::vector<RoomLine> room_lines(const std::string& account, const Snapshot& snapshot)
      SG_REQUIRES(mutex_);
  [[nodiscard]] Reply list_rooms(bool json, const Asker& asker, const Snapshot& snapshot) SG_REQUIRES(mutex_);
  [[nodiscard]] Reply revoke(std::uint32_t id, const Asker& asker, const Snapshot& snapshot)
      SG_REQUIRES(mutex_);
  [[nodiscard]] Reply list(bool json, const Snapshot& snapshot) SG_REQUIRES(mutex_);
  [[nodiscard]] Result<void> save(const OverrideRows& rows, const Snapshot& snapshot);
  void tell(const std::string& actor, const char* what, const OverrideRow& row, const Snapshot& snapshot);

  AccessLog& log_;
  const Hooks hooks_;
  std::optional<ControlSocket> socket_;
  std::string path_;
  Bell end_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
  Mutex mutex_;
  OverrideRows rows_ SG_GUARDED_BY(mutex_);
};

}  // namespace schoolgate::tools
