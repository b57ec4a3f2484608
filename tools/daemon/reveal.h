// `schoolgate log --reveal`: whose address is behind a pseudonym, or which pseudonyms an address has. A
// socket beside the control socket, for root and the group `schoolgate-safeguarding`: the key file stays
// closed to both. Each reply is on record first, in the safeguarding file, with who asked and why.
//
//   > HS-7K3Q2F9A call of 4 March\n
//   < 0\n
//   < HS-7K3Q2F9A is 10.1.0.5 (Phòng máy 1) in the log of 2026-03\n
//
// Where delegation.yaml names several accounts under safeguarding:, and does not let one reveal alone, two
// names are asked: who asks is one, unless it is root, and the others stand behind the code:
// "HS-7K3Q2F9A+hoa". They are taken at their word: a socket knows one user alone, and root can read the keys.
//
// The same socket answers `schoolgate cases` (cases_desk.h).
#pragma once

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/snapshot.h"
#include "proxy/audit/access_log.h"
#include "rules/message.h"
#include "rules/result.h"
#include "tools/daemon/cases_desk.h"
#include "tools/daemon/control.h"
#include "tools/daemon/main_thread.h"

namespace schoolgate::tools {

inline constexpr char safeguarding_group[] = "schoolgate-safeguarding";

// "/run/schoolgate/control.sock" -> "/run/schoolgate/control-safeguarding.sock"
[[nodiscard]] std::string reveal_socket_path(const std::string& control_socket);

// What is asked in place of a pseudonym: the sites first seen since then (milliseconds follow), also those of
// few clients. The reply has a line each: day (UTC, days since 1970), site, 1 for five clients or more; with
// tabs between.
inline constexpr char new_sites_question[] = "new-sites:";

// Root, or in the group by the system's user database.
[[nodiscard]] bool may_reveal(uid_t asker);

// The running proxy's side, on a thread of its own: a search may take half a minute.
class RevealDesk {
 public:
  using Current = std::function<std::shared_ptr<const Snapshot>()>;
  RevealDesk(AccessLog& log, Current current)
      : log_(log), current_(std::move(current)), cases_(log, current_) {}
  ~RevealDesk();
  RevealDesk(const RevealDesk&) = delete;
  RevealDesk& operator=(const RevealDesk&) = delete;

  // Error: nobody can ask, or only root can; the proxy runs all the same.
  [[nodiscard]] Result<void> open(const std::string& control_socket);
  // Leaves the path to another process. One thread.
  void close();

  // The reply to a question, as the socket gives it.
  [[nodiscard]] Reply reply(const std::string& question, uid_t asker);
  // Who is behind a pseudonym, for somebody of whom it is known that they may ask; threads: any.
  [[nodiscard]] Reply reveal_as(const std::string& code, const std::string& why, const std::string& actor) {
    return reveal_code(code, why, {actor});
  }

 private:
  void serve();
  // Who asks, and with whom.
  struct Askers {
    std::string actor;
    std::vector<std::string> with{};
  };
  // Empty: these are enough.
  [[nodiscard]] Message why_not(uid_t asker, const std::vector<std::string>& with) const;
  [[nodiscard]] Reply reveal_code(const std::string& code, const std::string& why, const Askers& askers);
  [[nodiscard]] Reply reveal_address(const IpAddress& address, const std::string& why, const Askers& askers);
  [[nodiscard]] Reply tell_new_sites(const std::string& since, const std::string& why,
                                     const std::string& actor);
  [[nodiscard]] Reply record_first(Reply reply, const std::string& actor, const std::string& detail);
  // In the school's language, with an end of line.
  [[nodiscard]] std::string line(const Message& message) const;

  AccessLog& log_;
  const Current current_;
  const CasesDesk cases_;
  std::optional<ControlSocket> socket_;
  std::string path_;
  Bell end_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace schoolgate::tools
