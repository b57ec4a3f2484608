// The control socket's name in a main file that is no YAML any more.
#include "tools/commands/ask_running.h"

#include <catch2/catch.hpp>

using schoolgate::tools::control_socket_in;

TEST_CASE("the control socket that a broken main file names", "[tools][control]") {
  struct Row {
    const char *text, *want;
  };
  const Row rows[] = {
      {"version: 1\ncontrol_socket: /run/x.sock\n", "/run/x.sock"},
      {"control_socket:   state/x.sock   # why\r\n\tbroken: [", "state/x.sock"},
      {"a: [\ncontrol_socket: \"/run/a b.sock\"  # c\n", "/run/a b.sock"},
      {"control_socket: '/run/x.sock", "/run/x.sock"},
      {"control_socket: /run/x.sock", "/run/x.sock"},
      {"control_socket: /run/a#b.sock", "/run/a#b.sock"},
      {"  control_socket: /run/inner.sock\n", ""},  // a key of something else
      {"# control_socket: /run/x.sock\n", ""},
      {"control_socket:\n", ""},
      {"control_socket: # nothing\n", ""},
      {"control_sockets: /run/x.sock\n", ""},
      {"control_socket: ''\ncontrol_socket: /run/second.sock\n", "/run/second.sock"},
      {"", ""},
  };
  for (const Row& row : rows) {
    DYNAMIC_SECTION(row.text) {
      CHECK(control_socket_in(row.text) == row.want);
    }
  }
}
