// What the running proxy answers to the staff's pages (`schoolgate web`): a socket of its own beside the
// control socket, for root and the group `schoolgate-web`, which understands the verbs of the pages and
// nothing else. What an account of the pages may change is what delegation.yaml gives that name: whoever took
// over the pages' process would get no more than that.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "config/snapshot.h"
#include "config/text/config_texts.h"
#include "config/web_question.h"
#include "proxy/audit/access_log.h"
#include "rules/result.h"
#include "tools/daemon/control.h"
#include "tools/daemon/gateway_text.h"
#include "tools/daemon/main_thread.h"
#include "tools/daemon/teacher_desk.h"
#include "tools/daemon/web_cases.h"
#include "tools/daemon/wishes_desk.h"

namespace schoolgate::tools {

inline constexpr char web_group[] = "schoolgate-web";

// "/run/schoolgate/control.sock" -> "/run/schoolgate/web.sock"; another name gets "-web" at its end.
[[nodiscard]] std::string web_socket_path(const std::string& control_socket);

// The running proxy's side, on threads of its own: who tries a change of the policy keeps nobody else
// waiting.
class WebDesk {
 public:
  // What commands print, in the language that is asked for.
  struct Texts {
    std::function<Reply(const Snapshot&, const std::shared_ptr<const Overrides>&,
                        std::int64_t clock_doubted_until_ms, const std::string& url, const std::string& tier,
                        Catalogue)>
        explain;
    std::function<std::string(const Snapshot&, TierId, Catalogue)> tier;
    // What changed from one accepted policy to another; lines of the floor are not shown.
    std::function<std::string(const std::string& config_file, const ConfigTexts& before,
                              const ConfigTexts& after, Catalogue)>
        difference{};
  };
  struct Hooks {
    std::function<std::shared_ptr<const Snapshot>()> current;
    // Calls `use` with what is so now.
    std::function<void(const std::function<void(const StatusFacts&)>& use)> status;
    Texts texts;
    // A tier's file, as an account may read and change it; accepted policies; lists that a school may take.
    // Rows, but for "difference". Empty: nobody may.
    std::function<Reply(const WebQuestion&, Catalogue)> tier_text{}, edit{}, policies{}, published{};
    // WebCases::Hooks; empty: nobody is told.
    std::function<Reply(const std::string& code, const std::string& why, const std::string& actor)> reveal{};
    std::function<Message()> untold{};       // AlertPost::failure()
    std::function<std::int64_t()> now_ms{};  // UTC; empty: the machine's clock
  };
  // `wishes` may be null: then there are none.
  WebDesk(AccessLog& log, TeacherDesk& teachers, Hooks hooks, const WishesDesk* wishes = nullptr);
  ~WebDesk();
  WebDesk(const WebDesk&) = delete;
  WebDesk& operator=(const WebDesk&) = delete;

  // Error: the pages cannot ask; the proxy runs all the same.
  [[nodiscard]] Result<void> open(const std::string& control_socket);
  // Leaves the socket to another process. One thread.
  void close();

  // The reply to a question, as the socket gives it.
  [[nodiscard]] Reply reply(const std::string& question);

 private:
  void serve();
  [[nodiscard]] Reply standing(Catalogue catalogue);
  [[nodiscard]] Reply tier(const Snapshot& snapshot, const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Reply explain(const Snapshot& snapshot, const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Reply change(const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Reply event(const WebQuestion& asked);
  [[nodiscard]] Reply lesson(const Snapshot& snapshot, const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Reply answer_wish(const Snapshot& snapshot, const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Reply rooms(const Snapshot& snapshot, const WebQuestion& asked, Catalogue catalogue);
  // A tier's file, what was accepted before, the catalogue of lists.
  [[nodiscard]] Reply of_policies(const WebQuestion& asked, Catalogue catalogue);
  [[nodiscard]] Reply switch_room(const WebQuestion& asked, Catalogue catalogue);

  AccessLog& log_;
  TeacherDesk& teachers_;
  const WishesDesk* const wishes_;
  const Hooks hooks_;
  WebCases cases_;
  std::optional<ControlSocket> socket_;
  std::string path_;
  Bell end_;
  std::atomic<bool> ending_{false};
  std::array<std::thread, 3> threads_;
};

}  // namespace schoolgate::tools
