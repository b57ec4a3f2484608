#include "tools/daemon/web_desk.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <utility>

#include "config/lists/fetched_list.h"
#include "config/overrides.h"
#include "config/text/system_words.h"
#include "config/thinness.h"
#include "proxy/io/net/wall_clock.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"
#include "tools/console/load_report.h"
#include "tools/daemon/faults.h"
#include "tools/daemon/lesson_rows.h"
#include "tools/daemon/report_facts.h"
#include "tools/daemon/system_users.h"
#include "tools/lan/machine.h"
#include "tools/lan/school_address.h"

namespace schoolgate::tools {
namespace {

constexpr int web_retry_ms = 200;
constexpr std::chrono::milliseconds longest_to_record{2'000};
// Of those that the pages may write: what people did there.
constexpr std::array<std::string_view, 9> web_events{
    "sign_in",   "sign_in_failed",    "password_set", "second_step_on", "second_step_off",
    "log_taken", "log_clients_shown", "report_taken", "account_changed"};

std::string number(std::uint64_t n) {
  return std::to_string(n);
}

std::string words_of(const std::vector<CategoryId>& categories, const Policy& policy) {
  std::string out;
  for (const CategoryId id : categories) out += (out.empty() ? "" : " ") + policy.categories()[id].id;
  return out;
}

Reply tier_rows(const Snapshot& snapshot, bool vietnamese) {
  std::string text;
  for (const Tier& tier : snapshot.policy->tiers())
    text += web_row({"tier", tier.id, vietnamese || tier.name_en.empty() ? tier.name_vi : tier.name_en,
                     tier.pupils ? "1" : "0"});
  return {exit_ok, text};
}

Reply category_rows(const Snapshot& snapshot, bool vietnamese) {
  std::string text;
  for (const Category& one : snapshot.policy->categories())
    text += web_row({"category", one.id, vietnamese || one.name_en.empty() ? one.name_vi : one.name_en});
  return {exit_ok, text};
}

// A bundle or a file of hosts, by the name that people know it by.
std::string bundle_name(const Policy& policy, const std::string& id) {
  for (const auto* all : {&policy.spec().bundles, &policy.spec().host_files})
    for (const Bundle& one : *all)
      if (one.id == id && !one.name.empty()) return one.name;
  return id;
}

// "" = no new file of it waits for a person.
std::string waits_since(const ListSource& list, const TimeZone& zone) {
  struct stat info {};
  if (!list.update || ::stat(FetchedList(list.path).waiting().c_str(), &info) != 0) return {};
  std::string time = zone.iso8601(info.st_mtim.tv_sec).substr(0, 16);
  std::replace(time.begin(), time.end(), 'T', ' ');
  return time;
}

Reply list_rows(const Snapshot& snapshot, Catalogue catalogue) {
  std::string text;
  const std::int64_t now = std::time(nullptr);
  for (const ListStatus& status : snapshot.list_status) {
    const bool late = status.source.update && overdue(*status.source.update, fetched_at(status.source), now);
    text += web_row({"list", status.source.name, status.source.category, number(status.report.accepted),
                     number(status.report.invalid), list_age(status.source, now, catalogue, false),
                     late ? "1" : "0", waits_since(status.source, snapshot.zone)});
  }
  return {exit_ok, text};
}

Reply override_rows(const Snapshot& snapshot, const std::vector<OverrideRow>& rows, Catalogue catalogue) {
  std::string text;
  for (const OverrideRow& row : rows) {
    const auto meaning = meaning_of(snapshot, row);
    const std::string open_alone =
        row.target == "-" ? std::string() : ": " + bundle_name(*snapshot.policy, row.target);
    const std::string target = row.room.empty() ? row.target : row.room + open_alone;
    text += web_row({"override", number(row.id), std::string(row.verb()), target, row.tier,
                     clock_text(row.end.wall_ms, snapshot.zone), row.account.empty() ? "root" : row.account,
                     row.why, meaning ? std::string() : meaning.error().in(catalogue)});
  }
  return {exit_ok, text};
}

Reply delegated_rows(const Snapshot& snapshot, const std::string& account) {
  const Policy& policy = *snapshot.policy;
  std::string text;
  for (const Delegation& one : policy.spec().delegations) {
    if (one.account != account) continue;
    for (const TierId tier : one.tiers)
      text += web_row({"delegated", policy.tiers()[tier].id, words_of(one.open, policy),
                       words_of(one.block, policy), number(one.minutes_max)});
  }
  return {exit_ok, text};
}

}  // namespace

std::string web_socket_path(const std::string& control_socket) {
  constexpr std::string_view usual = "control.sock", ending = ".sock";
  std::string path = control_socket;
  if (path.ends_with(usual) && (path.size() == usual.size() || path[path.size() - usual.size() - 1] == '/'))
    return path.substr(0, path.size() - usual.size()) + "web.sock";
  if (path.ends_with(ending)) path.resize(path.size() - ending.size());
  return path + "-web.sock";
}

WebDesk::WebDesk(AccessLog& log, TeacherDesk& teachers, Hooks hooks, const WishesDesk* wishes)
    : log_(log),
      teachers_(teachers),
      wishes_(wishes),
      hooks_(std::move(hooks)),
      cases_(log, {hooks_.current, hooks_.reveal, wall_clock_ms, hooks_.untold}) {}

WebDesk::~WebDesk() {
  close();
  for (std::thread& thread : threads_)
    if (thread.joinable()) thread.join();
}

Result<void> WebDesk::open(const std::string& control_socket) {
  const std::string path = web_socket_path(control_socket);
  Result<ControlSocket> opened = ControlSocket::open(path);
  if (!opened) return Error{say("the staff's pages cannot ask: {}", opened.error().message)};
  socket_.emplace(std::move(*opened));
  socket_->leave_path();  // removed by close(), which another thread may call
  path_ = path;
  for (std::thread& thread : threads_) thread = std::thread([this] { serve(); });
  const auto group = group_id(web_group);
  if (group && give_to_group(path, *group)) return {};
  const int error = errno;
  ::chmod(path.c_str(), 0600);
  if (!group) return {};  // pages that run as the proxy's own user, or none
  return Error{say("the staff's pages cannot ask: {} cannot be given to the group {}: {}", path, web_group,
                   system_words(error))};
}

void WebDesk::close() {
  ending_ = true;
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
  end_.ring();
}

void WebDesk::serve() {
  while (!ending_) {
    pollfd waiting[] = {{socket_->fd(), POLLIN, 0}, {end_.fd(), POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (waiting[1].revents != 0) return;
    bool served = false;
    try {
      served = socket_->serve([this](const std::string& question, uid_t) { return reply(question); },
                              most_text_question + 1);
    } catch (const std::exception&) {  // no memory: this one is not answered
    }
    if (!served) ::poll(&waiting[1], 1, web_retry_ms);
  }
}

Reply WebDesk::reply(const std::string& question) {
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  const auto asked = parse_web_question(question);
  if (!asked || ending_) return {exit_usage, "no such question\n"};
  const bool vi = asked->get("lang") == "vi";
  const Catalogue catalogue = catalogue_of(vi ? Language::vi : Language::en);
  if (asked->verb == "standing") return standing(catalogue);
  if (asked->verb == "lists") return list_rows(*snapshot, catalogue);
  if (asked->verb == "tiers") return tier_rows(*snapshot, vi);
  if (asked->verb == "categories") return category_rows(*snapshot, vi);
  if (asked->verb == "tier") return tier(*snapshot, *asked, catalogue);
  if (asked->verb == "explain") return explain(*snapshot, *asked, catalogue);
  if (asked->verb == "overrides") return override_rows(*snapshot, teachers_.kept(), catalogue);
  if (asked->verb == "delegated") return delegated_rows(*snapshot, asked->get("account"));
  if (asked->verb == "change" || asked->verb == "revoke") return change(*asked, catalogue);
  if (asked->verb == "event") return event(*asked);
  if (asked->verb == "policy_facts")
    return policy_facts_reply(*snapshot, *asked, hooks_.now_ms ? hooks_.now_ms() : wall_clock_ms(),
                              catalogue);
  if (asked->verb == "lesson") return lesson(*snapshot, *asked, catalogue);
  if (asked->verb == "wishes" && wishes_ != nullptr) return wishes_->rows(asked->get("account"));
  if (asked->verb == "wish" && wishes_ != nullptr) return answer_wish(*snapshot, *asked, catalogue);
  if (asked->verb == "rooms") return rooms(*snapshot, *asked, catalogue);
  if (asked->verb == "room") return switch_room(*asked, catalogue);
  const bool of_cases = asked->verb == "cases" || asked->verb == "case" || asked->verb == "case_step";
  if (of_cases || (asked->verb == "reveal" && hooks_.reveal)) return cases_.reply(*asked, catalogue);
  return of_policies(*asked, catalogue);
}

Reply WebDesk::of_policies(const WebQuestion& asked, Catalogue catalogue) {
  if (asked.verb == "tier_text" && hooks_.tier_text) return hooks_.tier_text(asked, catalogue);
  if (asked.verb == "edit" && hooks_.edit) return hooks_.edit(asked, catalogue);
  if (asked.verb == "catalogue" && hooks_.published) return hooks_.published(asked, catalogue);
  if ((asked.verb == "history" || asked.verb == "difference") && hooks_.policies)
    return hooks_.policies(asked, catalogue);
  return {exit_usage, "no such question\n"};
}

Reply WebDesk::standing(Catalogue catalogue) {
  std::string text;
  hooks_.status([&](const StatusFacts& facts) {
    const Snapshot& s = facts.snapshot;
    const auto fact = [&](const char* name, const std::string& value) { text += web_row({name, value}); };
    fact("version", SCHOOLGATE_VERSION);
    fact("policy", policy_text(s, catalogue));
    fact("last_reload", facts.last_reload.in(catalogue));
    fact("floor", s.floor.entries == 0                           ? "none"
                  : s.floor.state == FloorStanding::State::plain ? "plain"
                                                                 : "sealed");
    fact("uptime_s", std::to_string(facts.uptime_s));
    fact("connections", number(facts.server.connections));
    fact("clients", number(facts.server.clients));
    fact("tunnels", number(facts.server.tunnels));
    fact("requests", number(facts.server.requests));
    fact("blocked", number(facts.server.blocked));
    fact("failures", number(facts.server.failures));
    fact("upstream_failures", number(facts.server.upstream_failures));
    fact("median_us", number(facts.server.median_us));
    fact("slowest_us", number(facts.server.slowest_us));
    fact("rows_written", number(facts.log.written));
    fact("rows_queued", number(facts.log.queued));
    fact("rows_lost", number(facts.log.lost));
    fact("log_bytes", number(facts.log.bytes));
    fact("log_max_bytes", number(facts.log.max_bytes));
    for (const Message& fault : faults_of(facts, std::time(nullptr))) fact("fault", fault.in(catalogue));
    const std::string no_floor = what_the_floor_lacks(s).english();
    for (const Message& thin : s.thin)
      fact(thin.english() == no_floor ? "floor_lacks" : "thin", thin.in(catalogue));
    for (const Message& why : unsent_of(facts)) fact("unsent", why.in(catalogue));
  });
  return {exit_ok, text};
}

Reply WebDesk::tier(const Snapshot& snapshot, const WebQuestion& asked, Catalogue catalogue) {
  const auto id = snapshot.policy->find_tier(asked.get("tier"));
  if (!id) return {exit_usage, say("there is no tier \"{}\"", asked.get("tier")).in(catalogue)};
  return {exit_ok, hooks_.texts.tier(snapshot, *id, catalogue)};
}

Reply WebDesk::explain(const Snapshot& snapshot, const WebQuestion& asked, Catalogue catalogue) {
  return hooks_.texts.explain(snapshot, compile_overrides(snapshot, teachers_.kept()),
                              teachers_.clock_doubted_until_ms(), asked.get("url"), asked.get("tier"),
                              catalogue);
}

Reply WebDesk::change(const WebQuestion& asked, Catalogue catalogue) {
  TeacherQuestion question;
  question.verb = TeacherQuestion::Verb::revoke;
  if (asked.verb == "revoke") {
    const std::string& id = asked.get("id");
    std::from_chars(id.data(), id.data() + id.size(), question.id);
  } else {
    question.verb =
        asked.get("action") == "allow" ? TeacherQuestion::Verb::allow : TeacherQuestion::Verb::block;
    question.target = asked.get("target");
    question.tier = asked.get("tier");
    question.why = asked.get("why");
    question.how = "for";
    question.end = asked.get("minutes") + "m";
  }
  // What a teacher's own command would not be let ask, the pages are not either.
  if (!to_text(question))
    return {exit_usage,
            say("a name or reason is too long, or holds characters that cannot be seen").in(catalogue)};
  return teachers_.reply_as(asked.get("account"), question);
}

Reply WebDesk::answer_wish(const Snapshot& snapshot, const WebQuestion& asked, Catalogue catalogue) {
  const std::string& account = asked.get("account");
  const auto& delegations = snapshot.policy->spec().delegations;
  // An empty name would be the admin's.
  if (account.empty() || std::none_of(delegations.begin(), delegations.end(),
                                      [&](const Delegation& one) { return one.account == account; }))
    return {exit_failed,
            say("delegation.yaml gives the account \"{}\" nothing to do", account).in(catalogue)};
  WishQuestion question;
  const std::string& act = asked.get("act");
  question.verb = act == "deny" ? WishQuestion::Verb::deny : WishQuestion::Verb::grant;
  question.code = asked.get("code");
  question.why = asked.get("why");
  question.line = act == "line";
  if (act == "lesson") question.how = "for", question.end = asked.get("minutes") + "m";
  if ((act != "deny" && act != "line" && act != "lesson") || !to_text(question))
    return {exit_usage,
            say("a name or reason is too long, or holds characters that cannot be seen").in(catalogue)};
  return wishes_->answer(question, {"web " + account, account}, catalogue);
}

// Labels and counts: which hosts a room asks for is no teacher's business.
Reply WebDesk::rooms(const Snapshot& snapshot, const WebQuestion& asked, Catalogue catalogue) {
  std::string text;
  const std::vector<IpAddress> seen = log_.seen_clients();
  const Policy& policy = *snapshot.policy;
  for (const TeacherDesk::RoomLine& one : teachers_.rooms_for(asked.get("account"))) {
    const auto id = policy.find_room(one.name);
    const auto here = [&](const IpAddress& client) { return policy.spec().rooms[*id].holds(client); };
    const auto devices = id ? std::count_if(seen.begin(), seen.end(), here) : 0;
    text += web_row({"room", one.name, one.state, one.only, one.until, one.text.in(catalogue),
                     one.yours ? "1" : "0", std::to_string(devices)});
  }
  for (const auto* all : {&policy.spec().bundles, &policy.spec().host_files})
    for (const Bundle& one : *all) text += web_row({"only", one.id, one.name.empty() ? one.id : one.name});
  if (const std::string address = address_of_pages(look_at_machine(), snapshot.config); !address.empty())
    text += web_row({"pages", address});
  return {exit_ok, text};
}

Reply WebDesk::switch_room(const WebQuestion& asked, Catalogue catalogue) {
  TeacherQuestion question;
  question.verb = TeacherQuestion::Verb::room;
  question.room = asked.get("room");
  question.room_state = asked.get("state");
  question.why = asked.get("why");
  if (question.room_state == "only") question.target = asked.get("only");
  if (question.room_state != "normal") {
    question.how = "until";
    question.end = asked.get("until");
  }
  if (!to_text(question))
    return {exit_usage,
            say("a name or reason is too long, or holds characters that cannot be seen").in(catalogue)};
  return teachers_.reply_as(asked.get("account"), question);
}

Reply WebDesk::lesson(const Snapshot& snapshot, const WebQuestion& asked, Catalogue catalogue) {
  return lesson_rows(log_, snapshot, asked, hooks_.now_ms ? hooks_.now_ms() : wall_clock_ms(),
                     teachers_.clock_doubted_until_ms(), catalogue);
}

Reply WebDesk::event(const WebQuestion& asked) {
  const std::string& what = asked.get("what");
  const std::string& account = asked.get("account");
  if (std::find(web_events.begin(), web_events.end(), what) == web_events.end() || account.empty())
    return {exit_usage, "no such event\n"};
  log_.event("web " + account, what, asked.get("detail"));
  // What gives rows away is on the disk before they go, or they do not: the others (signing in, to see what
  // is wrong with the disk) wait in memory.
  const bool gives = what == "log_taken" || what == "log_clients_shown" || what == "report_taken";
  if (gives && !log_.flush(longest_to_record)) return {exit_failed, "it cannot be recorded now\n"};
  return {exit_ok, ""};
}

}  // namespace schoolgate::tools
