// An upgrade without a gap: the new process takes the very listening sockets of the running one, and its
// control socket, so that every connection in the kernel's queues is accepted by one of the two.
//
//   new                                     old, serving
//   loads policy and lists
//   > take-over                             same user or root only
//   < copies of the sockets (SCM_RIGHTS)    serves on; if the new one dies now, nothing happened
//   serves on them too
//   > taken-over PID                        tells the manager; stops accepting, leaves the control socket,
//   drains, ends
#pragma once

#include <string>
#include <vector>

#include "rules/result.h"

namespace schoolgate::tools {

struct TakenSockets {
  std::vector<int> listeners;
  int control = -1;
};

// Error: nobody runs there, or it refuses.
[[nodiscard]] Result<TakenSockets> take_sockets(const std::string& control_path);
// The running process may go. Error: it did not hear it; it goes on serving.
[[nodiscard]] Result<void> tell_taken_over(const std::string& control_path);

}  // namespace schoolgate::tools
