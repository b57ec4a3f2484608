#include "tools/daemon/reveal.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <set>
#include <utility>
#include <vector>

#include "config/text/system_words.h"
#include "proxy/audit/pseudonym_search.h"
#include "proxy/audit/site_names.h"
#include "proxy/core/json_text.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"
#include "tools/console/counted.h"
#include "tools/daemon/system_users.h"

namespace schoolgate::tools {
namespace {

using namespace std::chrono_literals;

constexpr auto search_limit = 30s;
constexpr auto record_limit = 10s;
constexpr int retry_ms = 200;  // out of descriptors

std::string joined(const std::vector<Network>& networks) {
  std::string text;
  for (const Network& network : networks) text += (text.empty() ? "" : ", ") + network.to_string();
  return text;
}

// At least one.
std::vector<std::string> split_at_plus(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0;;) {
    const std::size_t plus = text.find('+', at);
    out.push_back(text.substr(at, plus - at));
    if (plus == std::string::npos) return out;
    at = plus + 1;
  }
}

void add_names(JsonObject& detail, const std::vector<std::string>& with) {
  if (with.empty()) return;
  JsonArray names;
  for (const std::string& name : with) names.add(name);
  detail.add("with", names);
}

// " (Phòng máy 1)"
std::string place_of(const Config& config, const IpAddress& address) {
  const std::string label = config.place_of(address);
  return label.empty() ? label : " (" + printable(label) + ")";
}

}  // namespace

std::string reveal_socket_path(const std::string& control_socket) {
  constexpr std::string_view ending = ".sock";
  std::string path = control_socket;
  if (path.ends_with(ending)) path.resize(path.size() - ending.size());
  return path + "-safeguarding.sock";
}

bool may_reveal(uid_t asker) {
  return asker == 0 || is_member(asker, safeguarding_group);
}

RevealDesk::~RevealDesk() {
  close();
  if (thread_.joinable()) thread_.join();
}

void RevealDesk::close() {
  ending_ = true;
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
  end_.ring();
}

Result<void> RevealDesk::open(const std::string& control_socket) {
  const std::string path = reveal_socket_path(control_socket);
  Result<ControlSocket> opened = ControlSocket::open(path);
  if (!opened) return Error{say("log --reveal cannot be asked: {}", opened.error().message)};
  socket_.emplace(std::move(*opened));
  socket_->leave_path();  // removed by close(), which another thread may call
  path_ = path;
  thread_ = std::thread([this] { serve(); });
  const auto group = group_id(safeguarding_group);
  if (group && give_to_group(path, *group)) return {};
  const int error = errno;
  ::chmod(path.c_str(), 0600);
  if (!group) return {};  // a school without it: root alone
  return Error{
      say("only root can ask log --reveal: {} cannot be given to the group {}: {}; make the proxy's user a "
          "member of it, and start again",
          path, safeguarding_group, system_words(error))};
}

void RevealDesk::serve() {
  while (!ending_) {
    pollfd waiting[] = {{socket_->fd(), POLLIN, 0}, {end_.fd(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    const bool served =
        socket_->serve([this](const std::string& question, uid_t asker) { return reply(question, asker); });
    if (!served) ::poll(&waiting[1], 1, retry_ms);
  }
}

Reply RevealDesk::reply(const std::string& question, uid_t asker) {
  if (!may_reveal(asker))
    return {exit_failed, line(say("only root and members of the group {} may ask this", safeguarding_group))};
  constexpr std::string_view about_cases = "cases ";
  if (question.starts_with(about_cases))
    return cases_.reply(question.substr(about_cases.size()), actor_text(asker));
  const std::size_t blank = question.find(' ');
  std::vector<std::string> with = split_at_plus(question.substr(0, blank));
  const std::string asked = std::move(with.front());
  with.erase(with.begin());
  const std::string why = blank == std::string::npos ? std::string() : question.substr(blank + 1);
  if (why.find_first_not_of(' ') == std::string::npos)
    return {exit_usage, line(say("say why: log --reveal CODE|ADDRESS --why TEXT"))};
  const std::string actor = actor_text(asker);
  if (asked.starts_with(new_sites_question))
    return tell_new_sites(asked.substr(sizeof new_sites_question - 1), why, actor);
  if (const Message missing = why_not(asker, with); !missing.empty()) return {exit_failed, line(missing)};
  if (const auto address = IpAddress::parse(asked)) return reveal_address(*address, why, {actor, with});
  return reveal_code(asked, why, {actor, with});
}

Message RevealDesk::why_not(uid_t asker, const std::vector<std::string>& with) const {
  const std::shared_ptr<const Snapshot> snapshot = current_();
  const CaseKeepers& keepers = snapshot->policy->spec().case_keepers;
  std::set<std::string> names;
  for (const std::string& name : with) {
    if (std::find(keepers.accounts.begin(), keepers.accounts.end(), name) == keepers.accounts.end())
      return say("delegation.yaml does not name the account \"{}\" under safeguarding:", printable(name));
    names.insert(name);
  }
  if (keepers.accounts.size() < 2 || keepers.reveal_alone) return {};
  // Root is a machine's administrator, whoever that is: two others are named.
  if (const auto user = user_of(asker); asker != 0 && user) names.insert(user->name);
  if (names.size() >= 2) return {};
  std::string all;
  for (const std::string& name : keepers.accounts) all += (all.empty() ? "" : ", ") + name;
  if (asker == 0) return say("two must know of it: as root name both, --with NAME --with NAME, of: {}", all);
  return say("two must know of it: name the other one, --with NAME, of: {}", all);
}

Reply RevealDesk::reveal_address(const IpAddress& address, const std::string& why, const Askers& askers) {
  const auto keys = audit::PseudonymKeys::load(log_.settings().key_file);
  if (!keys) return {exit_failed, line(keys.error().message)};
  std::string text;
  JsonArray codes;  // the address itself is not written down: it would tie the log to a device for good
  for (auto it = keys->all().rbegin(); it != keys->all().rend(); ++it) {
    const std::string code = audit::pseudonym(it->second, address);
    text += line(say("{} is {} in the log of {}", address.to_string(), code, it->first.to_string()));
    codes.add(code);
  }
  JsonObject detail;
  detail.add("asked", "an address").add("codes", codes).add("why", why);
  add_names(detail, askers.with);
  return record_first({exit_ok, text}, askers.actor, detail.text());
}

Reply RevealDesk::tell_new_sites(const std::string& since, const std::string& why, const std::string& actor) {
  std::int64_t since_ms = 0;
  const auto [end, failed] = std::from_chars(since.data(), since.data() + since.size(), since_ms);
  if (failed != std::errc{} || end != since.data() + since.size())
    return {exit_usage, line(say("say why: log --reveal CODE|ADDRESS --why TEXT"))};
  const auto names = audit::read_site_names(log_.settings().directory, since_ms, true);
  if (!names) return {exit_failed, line(names.error().message)};
  std::string text;
  for (const audit::SiteName& name : *names)
    text +=
        std::to_string(name.first_ms / audit::day_ms) + "\t" + name.site + "\t" + (name.many ? "1\n" : "0\n");
  JsonObject detail;
  detail.add("asked", "new sites").add("found", names->size()).add("why", why);
  return record_first({exit_ok, text}, actor, detail.text());
}

Reply RevealDesk::reveal_code(const std::string& code, const std::string& why, const Askers& askers) {
  const auto bits = audit::parse_pseudonym(code);
  if (!bits)
    return {
        exit_usage,
        line(say("\"{}\" is neither a pseudonym such as HS-7K3Q2F9A (schoolgate log shows it) nor an address",
                 code))};
  const std::shared_ptr<const Snapshot> snapshot = current_();
  const Config& config = snapshot->config;
  const auto keys = audit::PseudonymKeys::load(log_.settings().key_file);
  if (!keys) return {exit_failed, line(keys.error().message)};
  audit::PseudonymSearch search;
  search.addresses = log_.seen_clients();
  for (const ClientNetwork& line : config.who) search.networks.push_back(line.network);
  for (const Network& network : config.clients) search.networks.push_back(network);
  const auto end = std::chrono::steady_clock::now() + search_limit;
  const auto outcome =
      search.run(*bits, keys->all(), [&] { return ending_ || std::chrono::steady_clock::now() >= end; });

  JsonObject detail;
  detail.add("asked", printable(code)).add("found", outcome.found.has_value()).add("why", why);
  add_names(detail, askers.with);
  if (outcome.found) {
    const Message found = say("{} is {} in the log of {}", code,
                              outcome.found->address.to_string() + place_of(config, outcome.found->address),
                              outcome.found->month.to_string());
    return record_first({exit_ok, line(found)}, askers.actor, detail.text());
  }
  std::string text = line(say("nobody found behind {}: {} addresses tried, under the keys of {}", code,
                              grouped(outcome.tried), counted::months(keys->all().size())));
  if (outcome.given_up)
    text += line(say("the search ended after half a minute: who: and listen: clients: were not all tried"));
  if (!outcome.too_large.empty())
    text += line(
        say("too large to be tried, but for clients seen since the start: {}", joined(outcome.too_large)));
  return record_first({exit_failed, text}, askers.actor, detail.text());
}

// On the disk before a word goes out.
Reply RevealDesk::record_first(Reply reply, const std::string& actor, const std::string& detail) {
  if (log_.record_first(actor, "reveal", detail, record_limit)) return reply;
  return {exit_failed,
          line(say("not revealed: that it was asked could not be written to the safeguarding log (see "
                   "`schoolgate status`)"))};
}

std::string RevealDesk::line(const Message& message) const {
  return printable(message.in(catalogue_of(current_()->config.school.language))) + "\n";
}

}  // namespace schoolgate::tools
