// The running proxy of a configuration, asked over its control socket, also when the main file that names the
// socket is broken or gone.
#pragma once

#include <string>
#include <string_view>

#include "config/policy_question.h"
#include "config/teacher_question.h"
#include "rules/message.h"
#include "rules/result.h"
#include "tools/console/console.h"
#include "tools/daemon/control.h"

namespace schoolgate::tools {

struct NotAsked {
  Message message;
  bool main_file =
      false;  // the main file has errors, and what can be read of it names no socket that answers
};

// From the control socket's path to that of another socket of the same proxy.
using SocketBeside = std::string (*)(const std::string& control_socket);

// `state`: as for `run`. The socket that the main file names; where that one cannot be read, the one that its
// text or the configuration accepted last names. What is wrong is told on console.err.
[[nodiscard]] Result<Reply, NotAsked> ask_running(const std::string& config_file, const std::string& state,
                                                  const std::string& question, Console& console,
                                                  SocketBeside beside = nullptr);
// A teacher's question, over the teachers' socket: what is answered is printed; the exit code.
[[nodiscard]] int ask_as_teacher(const std::string& config_file, const std::string& state,
                                 const TeacherQuestion& question, Console& console);
// A question that changes the policy, over the control socket: as ask_as_teacher().
[[nodiscard]] int ask_to_change(const std::string& config, const std::string& state,
                                const PolicyQuestion& wanted, Console& console);

// "control_socket: /run/x.sock  # why" at the start of a line of a text that is no YAML any more ->
// "/run/x.sock";
// "" if there is none.
[[nodiscard]] std::string control_socket_in(std::string_view text);

}  // namespace schoolgate::tools
