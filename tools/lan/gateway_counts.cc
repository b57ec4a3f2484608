#include "tools/lan/gateway_counts.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <functional>
#include <iterator>
#include <utility>

#include "rules/url/ip.h"

namespace schoolgate::tools {
namespace {

// Calls take(name of the set, text between its braces) for each set whose name begins with "tried_", and
// gives the rest of the table.
template <class Take>
std::string for_each_tried(std::string_view table, Take&& take) {
  constexpr std::string_view set_begin = "set tried_", elements = "elements = {";
  std::string rest;
  while (!table.empty()) {
    const std::size_t set = table.find(set_begin);
    const std::size_t end = set == std::string_view::npos ? set : table.find("\n\t}", set);
    if (end == std::string_view::npos) break;
    const std::string_view text = table.substr(set, end - set);
    const std::size_t begin = text.find(elements), close = text.rfind('}');
    if (begin != std::string_view::npos && close != std::string_view::npos && close > begin) {
      const std::size_t name_at = set_begin.size() - std::string_view("tried_").size();
      take(text.substr(name_at, text.find(' ', name_at) - name_at),
           text.substr(begin + elements.size(), close - begin - elements.size()));
      const std::size_t line = text.rfind('\n', begin);
      rest += table.substr(0, set + (line == std::string_view::npos ? begin : line));
    } else {
      rest += table.substr(0, end);
    }
    table.remove_prefix(end);
  }
  return rest + std::string(table);
}

std::uint64_t packets_in(std::string_view element) {
  constexpr std::string_view word = "packets ";
  const std::size_t at = element.find(word);
  std::uint64_t packets = 0;
  if (at != std::string_view::npos)
    std::from_chars(element.data() + at + word.size(), element.data() + element.size(), packets);
  return packets;
}

// "23h59m58s712ms", as nft writes it; a part that is zero may be left out. Nullopt: there is none.
std::optional<std::int64_t> expires_in(std::string_view element) {
  constexpr std::string_view word = " expires ";
  constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"ms", 1}, {"d", 24 * 3600 * 1000}, {"h", 3600 * 1000}, {"m", 60 * 1000}, {"s", 1000}};
  const std::size_t at = element.find(word);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = element.substr(at + word.size());
  std::int64_t sum = 0;
  for (;;) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc()) break;
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const auto* const unit = std::find_if(std::begin(units), std::end(units),
                                          [&](const auto& one) { return rest.starts_with(one.first); });
    if (unit == std::end(units)) break;
    sum += number * unit->second;
    rest.remove_prefix(unit->first.size());
  }
  return std::clamp<std::int64_t>(sum, 0, tried_life_ms);
}

class LocalSocket {
 public:
  LocalSocket() : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {}
  ~LocalSocket() {
    if (fd_ >= 0) ::close(fd_);
  }
  LocalSocket(const LocalSocket&) = delete;
  LocalSocket& operator=(const LocalSocket&) = delete;
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::vector<TriedAddress> tried_in(std::string_view table) {
  std::vector<TriedAddress> all;
  std::map<std::string, std::size_t, std::less<>> places;
  static_cast<void>(for_each_tried(table, [&](std::string_view set, std::string_view elements) {
    const bool of_quic = set.find("quic") != std::string_view::npos;
    while (!elements.empty()) {
      const std::size_t end = std::min(elements.find(','), elements.size());
      std::string_view one = elements.substr(0, end);
      elements.remove_prefix(std::min(end + 1, elements.size()));
      one.remove_prefix(std::min(one.find_first_not_of(" \t\n"), one.size()));
      const auto address = IpAddress::parse(one.substr(0, one.find(' ')));
      if (!address) continue;
      const auto [place, is_new] = places.try_emplace(address->to_string(), all.size());
      if (is_new) all.push_back({place->first});
      TriedAddress& tried = all[place->second];
      (of_quic ? tried.quic : tried.dot) += packets_in(one);
      if (const auto left = expires_in(one)) (of_quic ? tried.quic_ms : tried.dot_ms) = tried_life_ms - *left;
    }
  }));
  return all;
}

std::string without_tried(std::string_view table) {
  return for_each_tried(table, [](std::string_view, std::string_view) {});
}

std::string hole_counter(const GatewayHole& hole) {
  std::string text = hole.tier.value_or("") + (hole.is_udp ? " udp" : " tcp");
  for (const GatewayHole::Ports& ports : hole.ports)
    text += " " + std::to_string(ports.first) + "-" + std::to_string(ports.last);
  for (const Network& to : hole.to) text += " " + to.cidr();
  std::uint64_t sum = 0xcbf29ce484222325U;  // FNV-1a: it tells lines of one file apart, and guards nothing
  for (const char c : text) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  std::array<char, 24> name{};
  std::snprintf(name.data(), name.size(), "hole_%016llx", static_cast<unsigned long long>(sum));
  return name.data();
}

std::map<std::string, std::uint64_t> holes_in(std::string_view table) {
  constexpr std::string_view begin = "\n\tcounter hole_", prefix = "hole_";
  std::map<std::string, std::uint64_t> holes;
  for (std::size_t at = table.find(begin); at != std::string_view::npos; at = table.find(begin, at)) {
    at += begin.size() - prefix.size();
    const std::size_t end = table.find("\n\t}", at);
    if (end == std::string_view::npos) break;
    const std::string_view text = table.substr(at, end - at);
    holes[std::string(text.substr(0, text.find(' ')))] = packets_in(text);
    at = end;
  }
  return holes;
}

std::string counts_socket(const std::string& control_socket) {
  return control_socket.substr(0, control_socket.rfind('/') + 1) + "counts.sock";
}

std::optional<std::string> read_counts(const std::string& socket, std::chrono::milliseconds patience) {
  constexpr std::size_t most = 32U << 20;  // four full sets of 65,535 addresses have half of it
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  if (socket.size() >= sizeof to.sun_path) return std::nullopt;
  std::memcpy(to.sun_path, socket.c_str(), socket.size());
  const LocalSocket connection;
  // A queue that is full (EAGAIN) is as good as nobody.
  if (connection.fd() < 0 ||
      ::connect(connection.fd(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
    return std::nullopt;
  const auto until = std::chrono::steady_clock::now() + patience;
  std::string text;
  std::array<char, 16384> bytes{};
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now())
            .count();
    pollfd waiting{connection.fd(), POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) != 1) return std::nullopt;
    const ssize_t got = ::recv(connection.fd(), bytes.data(), bytes.size(), 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0 || text.size() > most) return std::nullopt;
    if (got == 0) break;
    text.append(bytes.data(), static_cast<std::size_t>(got));
  }
  // Cut, or an error in its place: nothing is concluded from it.
  if (!text.starts_with("table inet schoolgate {") || !text.ends_with("\n}\n")) return std::nullopt;
  return text;
}

}  // namespace schoolgate::tools
