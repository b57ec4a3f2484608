#include "tools/doctor/look.h"

#include <arpa/inet.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <filesystem>

#include "config/text/text_file.h"
#include "tools/lan/gateway_counts.h"
#include "tools/lan/tproxy_way.h"

namespace schoolgate::tools {
namespace {

class Connection {
 public:
  Connection(int domain, int type) : fd_(::socket(domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const { return fd_; }

  [[nodiscard]] bool wait(short events, std::chrono::steady_clock::time_point until) const {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())
            .count();
    pollfd waiting{fd_, events, 0};
    return left > 0 && ::poll(&waiting, 1, static_cast<int>(left)) == 1;
  }

  [[nodiscard]] bool connect(const IpAddress& address, std::uint16_t port,
                             std::chrono::steady_clock::time_point until) const {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, address.bytes.data(), address.bytes.size());
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    if (address.is_v4()) v4.sin_addr.s_addr = htonl(address.v4_value());
    const auto* const to =
        address.is_v4() ? reinterpret_cast<const sockaddr*>(&v4) : reinterpret_cast<const sockaddr*>(&v6);
    const socklen_t length = address.is_v4() ? sizeof v4 : sizeof v6;
    if (fd_ < 0) return false;
    if (::connect(fd_, to, length) == 0) return true;
    if (errno != EINPROGRESS || !wait(POLLOUT, until)) return false;
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
  }

 private:
  int fd_;
};

int domain_of(const IpAddress& address) {
  return address.is_v4() ? AF_INET : AF_INET6;
}

// "access-2026-11.db" -> the second at which that month began.
std::optional<std::int64_t> month_begin(const std::string& name) {
  constexpr std::string_view prefix = "access-";
  if (!name.starts_with(prefix) || !name.ends_with(".db")) return std::nullopt;
  int year = 0, month = 0;
  const char* const begin = name.data() + prefix.size();
  const auto [dash, error] = std::from_chars(begin, begin + 4, year);
  if (error != std::errc() || *dash != '-') return std::nullopt;
  if (std::from_chars(dash + 1, dash + 3, month).ec != std::errc() || month < 1 || month > 12)
    return std::nullopt;
  std::tm when{};
  when.tm_year = year - 1900;
  when.tm_mon = month - 1;
  when.tm_mday = 1;
  return ::timegm(&when);
}

// What a command prints, "" where it failed; `input` is what it reads.
std::string output_of(const std::vector<std::string>& words, const std::string& input) {
  std::array<int, 2> in{}, out{};
  if (::pipe(in.data()) != 0) return {};
  if (::pipe(out.data()) != 0) {
    ::close(in[0]);
    ::close(in[1]);
    return {};
  }
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  for (const int fd : {in[0], in[1], out[0], out[1]}) ::posix_spawn_file_actions_addclose(&actions, fd);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  // A table fits a pipe: 64 KiB are more than a thousand rules; the program ignores SIGPIPE.
  if (error == 0)
    for (std::size_t at = 0; at < input.size();) {
      const ssize_t sent = ::write(in[1], input.data() + at, input.size() - at);
      if (sent <= 0) break;
      at += static_cast<std::size_t>(sent);
    }
  ::close(in[1]);
  std::string text;
  if (error == 0) {
    std::array<char, 4096> bytes{};
    for (ssize_t got = 0; (got = ::read(out[0], bytes.data(), bytes.size())) > 0;)
      text.append(bytes.data(), static_cast<std::size_t>(got));
  }
  ::close(out[0]);
  if (error != 0) return {};
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return {};
  return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? text : std::string();
}

bool is_on(const char* path) {
  return number_in_file(path).value_or(0) != 0;
}

}  // namespace

std::optional<DiskFacts> look_at_disk(const LogSettings& log, std::int64_t now) {
  struct statvfs room {};
  if (::statvfs(log.directory.c_str(), &room) != 0) return std::nullopt;
  DiskFacts facts;
  facts.free_bytes = std::uint64_t{room.f_bavail} * room.f_frsize;
  std::error_code error;
  std::int64_t oldest = now;
  for (const auto& entry : std::filesystem::directory_iterator(log.directory, error)) {
    const auto month = month_begin(entry.path().filename().string());
    std::error_code unreadable;
    const std::uintmax_t size = entry.file_size(unreadable);
    if (!month || unreadable) continue;
    facts.log_bytes += size;
    oldest = std::min(oldest, *month);
  }
  constexpr double day = 86'400;
  facts.days = static_cast<double>(now - oldest) / day;
  return facts;
}

std::vector<RightsFact> look_at_rights(const Config& config) {
  constexpr std::uint32_t secret = 0077, others_may_read = 0022, not_for_others = 0007;
  const std::pair<std::string, std::uint32_t> files[] = {
      {config.https.ca_directory + "/ca.key", secret}, {config.log.key_file, secret},
      {config.log.directory, not_for_others},          {config.file, others_may_read},
      {config.policy.tiers_directory, 0002},
  };
  std::vector<RightsFact> facts;
  for (const auto& [path, forbidden] : files) {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) facts.push_back({path, info.st_mode & 07777U, forbidden});
  }
  return facts;
}

bool clock_is_synchronised() {
  timex state{};
  return ::adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

std::optional<std::uint64_t> number_in_file(const std::string& path) {
  const auto text = read_file(path, 4096);
  if (!text) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end == text->data()) return std::nullopt;
  return number;
}

std::optional<int> get_status(const std::string& address, std::uint16_t port, const std::string& url,
                              std::chrono::milliseconds patience) {
  const auto to = IpAddress::parse(address);
  if (!to) return std::nullopt;
  const auto until = std::chrono::steady_clock::now() + patience;
  const Connection connection(domain_of(*to), SOCK_STREAM);
  if (!connection.connect(*to, port, until)) return std::nullopt;
  const std::size_t host_at = url.find("//") + 2;
  const std::string host = url.substr(host_at, url.find('/', host_at) - host_at);
  const std::string request =
      "GET " + url + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\nAccept: text/html\r\n\r\n";
  if (::send(connection.fd(), request.data(), request.size(), MSG_NOSIGNAL) < 0) return std::nullopt;
  std::string head;
  constexpr std::size_t wanted = 12;  // "HTTP/1.1 403"
  while (head.size() < wanted && connection.wait(POLLIN, until)) {
    std::array<char, 512> bytes{};
    const ssize_t got = ::recv(connection.fd(), bytes.data(), bytes.size(), 0);
    if (got <= 0) break;
    head.append(bytes.data(), static_cast<std::size_t>(got));
  }
  if (head.empty()) return std::nullopt;
  int status = 0;
  constexpr std::size_t status_at = 9;
  if (head.size() >= wanted && head.starts_with("HTTP/1."))
    std::from_chars(head.data() + status_at, head.data() + wanted, status);
  return status;
}

bool takes_connections(const std::string& address, std::uint16_t port, std::chrono::milliseconds patience) {
  const auto to = IpAddress::parse(address);
  if (!to) return false;
  const Connection connection(domain_of(*to), SOCK_STREAM);
  return connection.connect(*to, port, std::chrono::steady_clock::now() + patience);
}

std::string dns_question(std::uint16_t id, const std::string& name) {
  std::string bytes;
  for (const unsigned word : {unsigned{id}, 0x0100U, 1U, 0U, 0U, 0U}) {
    bytes += static_cast<char>(word >> 8);
    bytes += static_cast<char>(word & 0xff);
  }
  for (std::size_t at = 0; at < name.size();) {
    const std::size_t end = std::min(name.find('.', at), name.size());
    bytes += static_cast<char>(end - at);
    bytes += name.substr(at, end - at);
    at = end + 1;
  }
  return bytes + std::string("\0\0\1\0\1", 5);  // an address, of the Internet
}

std::optional<unsigned> dns_answers(std::string_view bytes, std::uint16_t id) {
  constexpr std::size_t head = 12;
  if (bytes.size() < head) return std::nullopt;
  const auto word = [&](std::size_t at) {
    return static_cast<unsigned>(static_cast<unsigned char>(bytes[at])) << 8 |
           static_cast<unsigned char>(bytes[at + 1]);
  };
  if (word(0) != id || (word(2) & 0x8000U) == 0) return std::nullopt;
  return word(6);
}

std::optional<unsigned> ask_resolver(const IpAddress& server, std::uint16_t port, const std::string& name,
                                     std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  const Connection connection(domain_of(server), SOCK_DGRAM);
  constexpr std::uint16_t id = 0x5347;
  const std::string question = dns_question(id, name);
  if (!connection.connect(server, port, until) ||
      ::send(connection.fd(), question.data(), question.size(), MSG_NOSIGNAL) < 0)
    return std::nullopt;
  while (connection.wait(POLLIN, until)) {
    std::array<char, 2048> bytes{};
    const ssize_t got = ::recv(connection.fd(), bytes.data(), bytes.size(), 0);
    if (got < 0) return std::nullopt;  // nobody is there
    if (const auto answers = dns_answers({bytes.data(), static_cast<std::size_t>(got)}, id)) return answers;
  }
  return std::nullopt;
}

std::vector<IpAddress> name_servers_in(std::string_view resolv_conf) {
  std::vector<IpAddress> servers;
  for_each_line(resolv_conf, [&](std::string_view line, std::uint32_t) {
    constexpr std::string_view key = "nameserver";
    if (!line.starts_with(key) || line.size() == key.size()) return;
    line.remove_prefix(key.size());
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (const auto address = IpAddress::parse(line.substr(0, line.find_first_of(" \t#"))))
      servers.push_back(*address);
  });
  return servers;
}

namespace {

// Whether a packet that TPROXY marked stays here, wherever it was going: the kernel says "local ...".
bool stays_here(const char* family, const char* far_away) {
  return output_of({"ip", family, "route", "get", far_away, "mark", tproxy_mark_text}, "")
      .starts_with("local ");
}

}  // namespace

FirewallFacts look_at_firewall(const std::string& rules) {
  FirewallFacts facts;
  const auto takes = [&rules](const char* words) { return rules.find(words) != std::string::npos; };
  facts.hands_over = (!takes("tproxy ip to") || stays_here("-4", "192.0.2.1")) &&
                     (!takes("tproxy ip6 to") || stays_here("-6", "2001:db8::1"));
  facts.wanted =
      output_of({"unshare", "--net", "sh", "-c", "nft -f - && nft -s list table inet schoolgate"}, rules);
  facts.loaded = without_tried(output_of({"nft", "-s", "list", "table", "inet", "schoolgate"}, ""));
  facts.tried = tried_in(output_of({"nft", "list", "table", "inet", "schoolgate"}, ""));
  facts.readable = !facts.wanted.empty();
  facts.forwards4 = is_on("/proc/sys/net/ipv4/ip_forward");
  facts.forwards6 = is_on("/proc/sys/net/ipv6/conf/all/forwarding");
  return facts;
}

}  // namespace schoolgate::tools
