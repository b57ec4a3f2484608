#include "tools/daemon/health.h"

#include <charconv>
#include <sstream>

#include "proxy/core/seen_clients.h"
#include "tools/lan/machine.h"

namespace schoolgate::tools {
namespace {

std::string on_one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return text;
}

template <class Number>
void number_in(std::string_view text, Number& out) {
  std::from_chars(text.data(), text.data() + text.size(), out);
}

// "02:00:00:00:00:07", as neighbours_in() writes it.
bool is_hardware_address(std::string_view text) {
  return text.size() == 17 && text.find_first_not_of("0123456789abcdef:") == std::string_view::npos;
}

void unseen_in(const std::string& value, Radar& radar) {
  std::istringstream words(value);
  Unseen one;
  if (!(words >> one.mac) || !is_hardware_address(one.mac)) return;
  for (std::string word; words >> word;)
    if (const auto address = IpAddress::parse(word)) one.addresses.push_back(*address);
  radar.unseen.push_back(std::move(one));
}

}  // namespace

std::string health_text(const Health& health) {
  std::string text;
  const auto line = [&](const char* key, const std::string& value) {
    text += key + (" " + on_one_line(value)) + "\n";
  };
  line("uptime_s", std::to_string(health.uptime_s));
  line("descriptors", std::to_string(health.descriptors));
  if (!health.log_error.empty()) line("log_error", health.log_error);
  if (!health.seal_error.empty()) line("seal_error", health.seal_error);
  if (health.log_full) line("log_full", "1");
  if (health.last_good) line("last_good", "1");
  for (const std::string& name : health.old_lists) line("old_list", name);
  for (const std::string& key : health.waiting) line("waiting", key);
  if (!health.radar_works) return text;
  line("machines", std::to_string(health.radar.machines));
  if (health.radar.router_between) line("router_between", "1");
  for (const Unseen& one : health.radar.unseen) {
    std::string words = one.mac;
    for (const IpAddress& address : one.addresses) words += " " + address.to_string();
    line("unseen", words);
  }
  return text;
}

Health health_in(std::string_view text) {
  Health health;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string::npos) continue;
    const std::string key = line.substr(0, blank), value = line.substr(blank + 1);
    if (key == "uptime_s") number_in(value, health.uptime_s);
    if (key == "descriptors") number_in(value, health.descriptors);
    if (key == "log_error") health.log_error = value;
    if (key == "seal_error") health.seal_error = value;
    if (key == "log_full") health.log_full = true;
    if (key == "last_good") health.last_good = true;
    if (key == "old_list") health.old_lists.push_back(value);
    if (key == "waiting") health.waiting.push_back(value);
    if (key == "router_between") health.radar.router_between = true;
    if (key == "unseen") unseen_in(value, health.radar);
    if (key == "machines") {
      health.radar_works = true;
      number_in(value, health.radar.machines);
    }
  }
  return health;
}

std::optional<Radar> radar_of(const Server& server, const Config& config) {
  const SeenClients& seen = server.seen_clients();
  if (seen.full()) return std::nullopt;
  const auto neighbours = neighbours_now();
  if (!neighbours) return std::nullopt;
  RadarView view;
  view.school = config.clients;
  for (const ClientNetwork& line : config.who) view.school.push_back(line.network);
  for (const FoundRoute& route : look_at_machine().default_routes)
    if (const auto router = IpAddress::parse(route.router)) view.routers.push_back(*router);
  view.seen = [&](const IpAddress& address) { return seen.has(address); };
  view.clients = seen.size();
  return look_around(*neighbours, view);
}

Message radar_message(const Radar& radar) {
  if (radar.unseen.empty() || radar.router_between) return {};
  return say(
      "NOT FILTERED {} of {} machines nearby were never a client since the start; see: schoolgate doctor",
      radar.unseen.size(), radar.machines);
}

}  // namespace schoolgate::tools
