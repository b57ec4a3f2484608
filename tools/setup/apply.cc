#include "tools/setup/apply.h"

#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <sstream>

#include "config/text/text_file.h"
#include "tools/lan/tproxy_way.h"
#include "tools/setup/interview.h"

namespace schoolgate::tools {
namespace {

const FileChange* change_of(const std::vector<FileChange>& from, std::string_view name) {
  const auto found = std::find_if(from.begin(), from.end(), [&](const FileChange& one) {
    return base_name(one.file.path) == name &&
           (one.fate == FileFate::create || one.fate == FileFate::replace);
  });
  return found == from.end() ? nullptr : &*found;
}

// "4 (sshd) S 1 ..." of /proc/PID/stat: the name, and the parent.
bool descends_from_sshd(pid_t process) {
  constexpr int deepest = 64;
  for (int depth = 0; process > 1 && depth < deepest; ++depth) {
    const auto stat = read_file("/proc/" + std::to_string(process) + "/stat", 1 << 16);
    if (!stat) return false;
    const std::size_t open = stat->find('('), close = stat->rfind(')');
    if (open == std::string::npos || close == std::string::npos || close < open) return false;
    if (stat->substr(open + 1, close - open - 1).starts_with("sshd")) return true;
    std::istringstream rest(stat->substr(close + 1));
    std::string state;
    if (!(rest >> state >> process)) return false;
  }
  return false;
}

}  // namespace

bool run_command(const CommandWords& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ) != 0) return false;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return false;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::vector<ApplyStep> steps_to_apply(const SetupAnswers& answers) {
  std::vector<ApplyStep> steps{
      {{"systemctl", "daemon-reload"}},
      {{"systemctl", "restart", gateway_unit}},
      {{"systemctl", "enable", "-q", gateway_unit}},
      {{"systemctl", "restart", "schoolgate.service"}},
      {{"systemctl", "restart", "dnsmasq.service"}},
  };
  if (answers.is_gateway() && answers.dhcp != "none") {
    steps.push_back({{"systemctl", "enable", "-q", dhcp_unit}});
    steps.push_back({{"systemctl", "restart", dhcp_unit}, false});
  }
  if (answers.ipv6 == "radvd") {
    steps.push_back({{"systemctl", "enable", "-q", "radvd.service"}});
    steps.push_back({{"systemctl", "restart", "radvd.service"}});
  }
  return steps;
}

WayBack way_back(const std::vector<FileChange>& changes) {
  const auto is_new = [&](std::string_view name) {
    const FileChange* const change = change_of(changes, name);
    return change != nullptr && !change->before;
  };
  const auto was_there = [&](std::string_view name) {
    return std::any_of(changes.begin(), changes.end(),
                       [&](const FileChange& one) { return base_name(one.file.path) == name && one.before; });
  };
  WayBack back;
  if (is_new(dhcp_unit)) back.before.push_back({"systemctl", "disable", "-q", "--now", dhcp_unit});
  if (is_new("radvd.conf")) back.before.push_back({"systemctl", "disable", "-q", "--now", "radvd.service"});
  if (is_new(gateway_unit)) {
    back.before.push_back({"systemctl", "disable", "-q", "--now", gateway_unit});
    back.before.push_back({"sysctl", "-q", "-w", "net.ipv4.ip_forward=0", "net.ipv6.conf.all.forwarding=0"});
    back.before.push_back({"nft", "delete", "table", "inet", "schoolgate"});
    if (is_new(base_name(tproxy_drop_in)))
      for (const char* const family : {"-4", "-6"})
        back.before.push_back({"ip", family, "rule", "del", "fwmark", tproxy_mark_text});
  }
  back.after.push_back({"systemctl", "daemon-reload"});
  if (was_there(gateway_unit)) back.after.push_back({"systemctl", "restart", gateway_unit});
  back.after.push_back({"systemctl", "restart", "schoolgate.service"});
  back.after.push_back({"systemctl", "restart", "dnsmasq.service"});
  if (was_there(dhcp_unit)) back.after.push_back({"systemctl", "restart", dhcp_unit});
  if (was_there("radvd.conf")) back.after.push_back({"systemctl", "restart", "radvd.service"});
  return back;
}

CommandWords apply(const std::vector<ApplyStep>& steps, const RunCommand& run,
                   const std::function<void(const Message&)>& told) {
  for (const ApplyStep& step : steps) {
    std::string line;
    for (const std::string& word : step.words) line += (line.empty() ? "" : " ") + word;
    if (run(step.words)) {
      told(say("done: {}", line));
      continue;
    }
    told(say("failed: {}", line));
    if (step.needed) return step.words;
  }
  return {};
}

bool is_over_ssh() {
  return std::getenv("SSH_CONNECTION") != nullptr || descends_from_sshd(::getpid());
}

bool confirmed(int fd, std::chrono::milliseconds within) {
  const auto until = std::chrono::steady_clock::now() + within;
  std::string line;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())
            .count();
    if (left <= 0) return false;
    pollfd waiting{fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left) + 1);
    if (ready < 0 && errno != EINTR) return false;
    if (ready <= 0) continue;
    char c = 0;
    const ssize_t got = ::read(fd, &c, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got <= 0) return false;
    if (c != '\n') {
      if (line.size() < 16) line += c;
      continue;
    }
    std::istringstream typed(line + "\n");
    return says_yes(typed);
  }
}

}  // namespace schoolgate::tools
