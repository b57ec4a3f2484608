// The running proxy of a configuration, asked over its control socket, also when the main file that names the
// socket is broken or gone.
#pragma once

#include <string>
#include <string_view>

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

// `state`: as for `run`. The socket that the main file names; where that one cannot be read, the one that its
// text or the configuration accepted last names. What is wrong is told on console.err.
[[nodiscard]] Result<Reply, NotAsked> ask_running(const std::string& config_file, const std::string& state,
                                                  const std::string& question, Console& console);

// "control_socket: /run/x.sock  # why" at the start of a line of a text that is no YAML any more ->
// "/run/x.sock";
// "" if there is none.
[[nodiscard]] std::string control_socket_in(std::string_view text);

}  // namespace schoolgate::tools
