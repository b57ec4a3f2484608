// The running proxy: joins snapshot, access log, server and control socket, and carries out what signals and
// commands ask. Policy and I/O are elsewhere.
#pragma once

#include <string>

#include "tools/console/console.h"
#include "tools/daemon/teacher_desk.h"
#include "tools/daemon/web_desk.h"

namespace schoolgate::tools {

// Runs until a signal ends it; the exit code. SIGTERM and SIGINT drain, a second one ends at once; SIGHUP
// reloads. The signals must be blocked in every thread by the caller (block_signals).
struct RunOptions {
  std::string config_file;
  std::string state;                 // where accepted configurations are kept; "" = kept_sets_folder() knows
  bool take_over = false;            // in place of a running one, whose sockets are taken (handover.h)
  TeacherDesk::ExplainText explain;  // for teachers who ask the running proxy
  WebDesk::Texts texts;              // for the staff's pages
};
[[nodiscard]] int run_gateway(const RunOptions& options, Console& console);

// Before the first thread is started.
void block_signals() noexcept;

// What the control socket understands, besides "json" and "colour" (how to answer: for programs in English,
// for people in the language of the policy in force):
//   reload [accept-shrunk]    load anew; swapped whole or refused whole
//   reload-lists              the same with the texts in force: lists alone are new
//   status
//   retention [confirm DATE]  what is old enough in the log; a person says that today is DATE
//   standing                  what is out of the ordinary, for `check`: a policy that is not the files' own
//   stop                      as SIGTERM
//   upgrade                   start the program anew, as it lies on the disk, in place of this process
//   policy\tVERB\t...        what changes the policy (policy_question.h)
//   take-over, taken-over PID from a new process that replaces this one (handover.h)

}  // namespace schoolgate::tools
