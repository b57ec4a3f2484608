// `schoolgate gateway`: what the machine that stands between the school and the world needs besides.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <ostream>

#include "config/text/system_words.h"
#include "tools/commands/commands.h"
#include "tools/commands/nft_table.h"
#include "tools/console/load.h"
#include "tools/lan/dhcp_probe.h"

namespace schoolgate::tools {
namespace {

constexpr char gateway_footer[] =
    R"(The rules are one table of nftables, inet schoolgate, and touch no other. Ports 80 and 443 of the networks under
listen: clients: and who: go to listen: transparent:, questions for names to this machine's resolver; everything else that would be
forwarded is dropped, but for the lines of gateway: open:. They stay in force when the proxy ends. `nft list table inet schoolgate`
shows them with their counters.

Examples:
  schoolgate gateway rules                        print them
  schoolgate gateway rules --check                let nftables look at them first; as root
  schoolgate gateway rules | nft -f -             put them in force, all at once; again after each change)";

struct GatewayOptions {
  std::string config;
  bool check = false;
};

// Whether nftables takes the text; it says itself what it does not like.
Result<void> ask_nft(const std::string& text) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0)
    return Error{say("cannot start nft (package nftables): {}", system_words(errno))};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, pipe[0], STDIN_FILENO);
  ::posix_spawn_file_actions_addclose(&actions, pipe[0]);
  ::posix_spawn_file_actions_addclose(&actions, pipe[1]);
  std::array<char*, 5> words{const_cast<char*>("nft"), const_cast<char*>("-c"), const_cast<char*>("-f"),
                             const_cast<char*>("-"), nullptr};
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, "nft", &actions, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(pipe[0]);
  if (error != 0) {
    ::close(pipe[1]);
    return Error{say("cannot start nft (package nftables): {}", system_words(error))};
  }
  for (std::size_t at = 0; at < text.size();) {  // SIGPIPE is ignored by the program
    const ssize_t sent = ::write(pipe[1], text.data() + at, text.size() - at);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) break;
    at += static_cast<std::size_t>(sent);
  }
  ::close(pipe[1]);
  int status = 0;
  pid_t ended = 0;
  do {
    ended = ::waitpid(child, &status, 0);
  } while (ended < 0 && errno == EINTR);
  if (ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return Error{say("nftables does not take these rules; it says why above")};
}

int rules(const GatewayOptions& options, Console& console) {
  const auto config = load_main_file(options.config, console);
  if (!config) return exit_config_errors;
  const Result<std::string> table = nft_table(*config);
  if (!table) {
    console.complain(table.error().message);
    return exit_config_errors;
  }
  if (options.check)
    if (const Result<void> taken = ask_nft(*table); taken.failed()) {
      console.complain(taken.error().message);
      return exit_failed;
    }
  console.out << *table << std::flush;
  return exit_ok;
}

struct ProbeOptions {
  std::string interface, config;
};

// Whoever may not hand out addresses beside another does not start after a 1.
int other_dhcp_servers(const ProbeOptions& options, Console& console) {
  constexpr std::chrono::seconds wait{4};
  const auto servers = dhcp_servers(options.interface, wait);
  if (!servers) {
    console.complain(servers.error().message);
    return exit_failed;
  }
  for (const IpAddress& server : *servers)
    console.complain(
        say("another DHCP server answers on {}: {}; switch it off", options.interface, server.to_string()));
  return servers->empty() ? exit_ok : exit_failed;
}

}  // namespace

void add_gateway_command(CLI::App& app, Console& console, int& result) {
  CLI::App* command = app.add_subcommand("gateway", "The firewall of the gateway");
  command->require_subcommand(1);
  command->footer(gateway_footer);
  auto options = std::make_shared<GatewayOptions>();
  CLI::App* printing =
      command->add_subcommand("rules", "Print the rules that this configuration needs, for nft -f");
  printing->add_flag("--check", options->check, "let nftables look at them first (nft -c; needs root)");
  add_config_option(*printing, options->config);
  on_command(*printing, options->config, console,
             [options, &console, &result] { result = rules(*options, console); });
  auto probe = std::make_shared<ProbeOptions>();
  CLI::App* probing = command->add_subcommand(
      "dhcp-servers", "Whether another DHCP server answers on a network: exit code 1 if so; as root");
  probing->add_option("--interface", probe->interface, "on which network")
      ->type_name("INTERFACE")
      ->required();
  add_config_option(*probing, probe->config);
  on_command(*probing, probe->config, console,
             [probe, &console, &result] { result = other_dhcp_servers(*probe, console); });
}

}  // namespace schoolgate::tools
