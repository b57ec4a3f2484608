#include <csignal>

#include "tools/commands.h"

int main(int argc, char** argv) {
  // First of all: OpenSSL's sockets write() without MSG_NOSIGNAL, and a reader of our output may leave.
  std::signal(SIGPIPE, SIG_IGN);
  // A log that reaches a limit on file sizes is a full disk (EFBIG), no reason to die.
  std::signal(SIGXFSZ, SIG_IGN);
  auto console = schoolgate::tools::Console::standard();
  return schoolgate::tools::run_program(argc, argv, console);
}
