#include <csignal>

#include "tools/commands/commands.h"

// How jemalloc behaves (jemalloc(3)): what was freed goes back to the system within its usual ten seconds,
// little by little, by a thread of its own: memory after a burst is what it was before, and no worker waits
// while much is given back at once.
extern "C" {
extern const char* malloc_conf;
const char* malloc_conf = "background_thread:true,muzzy_decay_ms:0";
}

int main(int argc, char** argv) {
  // First of all: OpenSSL's sockets write() without MSG_NOSIGNAL, and a reader of our output may leave.
  std::signal(SIGPIPE, SIG_IGN);
  // A log that reaches a limit on file sizes is a full disk (EFBIG), no reason to die.
  std::signal(SIGXFSZ, SIG_IGN);
  auto console = schoolgate::tools::Console::standard();
  return schoolgate::tools::run_program(argc, argv, console);
}
