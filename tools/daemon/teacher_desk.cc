#include "tools/daemon/teacher_desk.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "config/main/doubted_time.h"
#include "config/text/newer_form.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "tools/console/console.h"
#include "tools/daemon/doubted_clock.h"
#include "tools/daemon/system_users.h"
#include "tools/daemon/teacher_target.h"

namespace schoolgate::tools {
namespace {

constexpr int look_ms = 1000;                // for those that have ended
constexpr int no_room_ms = 200;              // out of descriptors
constexpr std::uint32_t usual_minutes = 45;  // a lesson
constexpr std::string_view bundle_prefix = "bundle:";
constexpr std::uint64_t most_file_bytes = 1024 * 1024;

Catalogue language_of(const Snapshot& snapshot) {
  return catalogue_of(snapshot.config.school.language);
}

Reply say_to(const Snapshot& snapshot, int code, const Message& message) {
  return {code, printable(message.in(language_of(snapshot))) + "\n"};
}

// What is asked about a site to see what became of it.
struct Trial {
  Url url;
  bool connect = false;
};
bool make_trial(const std::string& target, bool paths_seen, Trial& trial) {
  const bool path = target.find('/') != std::string::npos;
  trial.connect = !path && !paths_seen;
  if (trial.connect) return trial.url.parse_authority(target + ":443").ok();
  const std::string scheme = paths_seen ? "https://" : "http://";
  return trial.url.parse(scheme + target + (path ? "" : "/")).ok();
}

// What it is about, in JSON: {"room", "only"}, or {"site" | "category" | "bundle", "tier"}.
void add_target(JsonObject& json, const OverrideRow& row) {
  if (row.kind != OverrideKind::room) {
    json.add(to_string(row.kind), row.target).add("tier", row.tier);
    return;
  }
  json.add("room", row.room);
  json.add_or_null("only", row.action == Action::allow ? row.target : std::string());
}

// For people.
std::string shown_target(const OverrideRow& row) {
  return row.kind == OverrideKind::bundle ? "bundle:" + row.target : row.target;
}

Message done_text(const OverrideRow& row, const Snapshot& snapshot) {
  const std::string until = clock_text(row.end.wall_ms, snapshot.zone);
  if (row.kind == OverrideKind::room)
    return row.action == Action::allow
               ? say("room {}: only {} is open until {}; to end it before: schoolgate overrides revoke {}",
                     row.room, row.target, until, row.id)
               : say("room {} is off until {}; to end it before: schoolgate overrides revoke {}", row.room,
                     until, row.id);
  if (row.action == Action::allow)
    return say("{} is open in tier \"{}\" until {}; to end it before: schoolgate overrides revoke {}",
               shown_target(row), row.tier, until, row.id);
  return say("{} is blocked in tier \"{}\" until {}; to end it before: schoolgate overrides revoke {}",
             shown_target(row), row.tier, until, row.id);
}

}  // namespace

std::string teacher_socket_path(const std::string& control_socket) {
  constexpr std::string_view usual = "control.sock", ending = ".sock";
  std::string path = control_socket;
  if (path.ends_with(usual) && (path.size() == usual.size() || path[path.size() - usual.size() - 1] == '/'))
    return path.substr(0, path.size() - usual.size()) + "teacher.sock";
  if (path.ends_with(ending)) path.resize(path.size() - ending.size());
  return path + "-teacher.sock";
}

std::string overrides_file(const Config& config) {
  return join_path(config.state_directory, "overrides");
}

TeacherDesk::~TeacherDesk() {
  close();
  if (thread_.joinable()) thread_.join();
}

Moment TeacherDesk::now() const {
  if (hooks_.now) return hooks_.now();
  return {wall_clock_ms(), std::chrono::steady_clock::now()};
}

Result<void> TeacherDesk::load() {
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  const std::string path = overrides_file(snapshot->config);
  const MutexLock lock(mutex_);
  rows_ = {};
  hooks_.apply({});
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) return {};
  const auto text = read_file(path, most_file_bytes);
  if (!text) return Error{say("no override is in force: {} cannot be read: {}", path, text.error().message)};
  auto rows = parse_overrides(*text, now());
  if (const std::uint32_t form = newer_form(*text, "schoolgate overrides 1"); form != 0)
    return Error{say("no override is in force: {}", newer_file(path, form, 1))};
  if (!rows) return Error{say("no override is in force: {} is damaged", path)};
  const std::size_t kept = rows->rows.size();
  keep_what_holds(*rows, now(), newest_row_ms(snapshot->config.log.directory));
  rows_ = *std::move(rows);
  if (kept != 0) {
    JsonObject detail;
    detail.add("kept", rows_.rows.size()).add("over", kept - rows_.rows.size());
    log_.event("schoolgate", "overrides_kept", detail.text());
  }
  hooks_.apply(rows_.rows);
  return {};
}

Result<void> TeacherDesk::open(const std::string& control_socket) {
  const std::string path = teacher_socket_path(control_socket);
  Result<ControlSocket> opened = ControlSocket::open(path);
  if (!opened) return Error{say("schoolgate allow and block cannot be asked: {}", opened.error().message)};
  socket_.emplace(std::move(*opened));
  socket_->leave_path();  // removed by close(), which another thread may call
  path_ = path;
  thread_ = std::thread([this] { serve(); });
  const auto group = group_id(teachers_group);
  if (group && give_to_group(path, *group)) return {};
  const int error = errno;
  ::chmod(path.c_str(), 0600);
  if (!group) return {};  // a school without it: root alone
  return Error{say("only root can ask schoolgate allow and block: {} cannot be given to the group {}: {}",
                   path, teachers_group, system_words(error))};
}

void TeacherDesk::close() {
  ending_ = true;
  const MutexLock last_answer(mutex_);  // what is being changed is changed, and nothing after it
  if (!path_.empty()) ::unlink(path_.c_str());
  path_.clear();
  end_.ring();
}

void TeacherDesk::serve() {
  while (!ending_) {
    pollfd waiting[] = {{socket_->fd(), POLLIN, 0}, {end_.fd(), POLLIN, 0}};
    const int ready = ::poll(waiting, 2, look_ms);
    if (waiting[1].revents != 0 && ready > 0) return;
    try {
      sweep();
      if (ready <= 0) continue;
      const bool served =
          socket_->serve([this](const std::string& question, uid_t asker) { return reply(question, asker); });
      if (!served) ::poll(&waiting[1], 1, no_room_ms);
    } catch (const std::exception&) {  // no memory: this one is not answered
      ::poll(&waiting[1], 1, no_room_ms);
    }
  }
}

Reply TeacherDesk::reply(const std::string& question, uid_t asker) {
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  const auto refuse = [&](int code, const Message& why) { return say_to(*snapshot, code, why); };
  if (ending_) return refuse(exit_failed, say("the proxy is ending"));
  const auto user = asker == 0 ? std::optional(SystemUser{}) : user_of(asker);
  const auto& delegations = snapshot->policy->spec().delegations;
  const bool known =
      asker == 0 || (user && std::any_of(delegations.begin(), delegations.end(),
                                         [&](const Delegation& one) { return one.account == user->name; }));
  if (!known)
    return refuse(exit_failed, say("delegation.yaml gives the account \"{}\" nothing to do",
                                   user ? user->name : std::to_string(asker)));
  const std::string account = asker == 0 ? std::string() : user->name;
  if (hooks_.wishes && question.starts_with(wish_question_word))
    return hooks_.wishes(question, actor_text(asker), account);
  const auto asked = parse_teacher_question(question);
  if (!asked) return refuse(exit_usage, say("the proxy does not understand this question"));
  return answer_for(actor_text(asker), account, *asked);
}

Reply TeacherDesk::answer_for(const std::string& actor, const std::string& account,
                              const TeacherQuestion& question) {
  const MutexLock lock(mutex_);
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  if (ending_) return say_to(*snapshot, exit_failed, say("the proxy is ending"));
  return answer(question, {actor, account}, *snapshot);
}

Reply TeacherDesk::reply_as(const std::string& account, const TeacherQuestion& question) {
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  const auto& delegations = snapshot->policy->spec().delegations;
  // An empty name would be the admin's.
  if (account.empty() || std::none_of(delegations.begin(), delegations.end(),
                                      [&](const Delegation& one) { return one.account == account; }))
    return say_to(*snapshot, exit_failed,
                  say("delegation.yaml gives the account \"{}\" nothing to do", account));
  return answer_for("web " + account, account, question);
}

std::vector<OverrideRow> TeacherDesk::kept() {
  const MutexLock lock(mutex_);
  return rows_.rows;
}

Reply TeacherDesk::answer(const TeacherQuestion& asked, const Asker& who, const Snapshot& snapshot) {
  switch (asked.verb) {
    case TeacherQuestion::Verb::allow:
    case TeacherQuestion::Verb::block:
      return change(asked, who, snapshot);
    case TeacherQuestion::Verb::room:
      return switch_room(asked, who, snapshot);
    case TeacherQuestion::Verb::rooms:
      return list_rooms(asked.json, who, snapshot);
    case TeacherQuestion::Verb::overrides:
      return list(asked.json, snapshot);
    case TeacherQuestion::Verb::revoke:
      return revoke(asked.id, who, snapshot);
    case TeacherQuestion::Verb::explain:
      return hooks_.explain.text(snapshot, compile_overrides(snapshot, rows_.rows), clock_doubted_until_ms(),
                                 asked);
  }
  return say_to(snapshot, exit_usage, say("the proxy does not understand this question"));
}

Reply TeacherDesk::change(const TeacherQuestion& question, const Asker& asker, const Snapshot& snapshot) {
  if (rows_.rows.size() >= most_overrides)
    return say_to(snapshot, exit_failed,
                  say("{} overrides are in force: end one of them first", rows_.rows.size()));
  const auto row = row_of(question, asker, snapshot);
  if (!row) return say_to(snapshot, exit_failed, row.error());
  std::size_t closed = 0;
  if (const Message why = why_without_effect(snapshot, *row, closed); !why.empty())
    return say_to(snapshot, exit_failed, why);
  OverrideRows changed = rows_;
  // Her newest word on a thing takes the place of what she said before; others' stays.
  std::vector<OverrideRow> before;
  std::erase_if(changed.rows, [&](const OverrideRow& old) {
    const bool same = old.kind == row->kind && old.target == row->target && old.tier == row->tier &&
                      old.account == row->account;
    if (same) before.push_back(old);
    return same;
  });
  changed.rows.push_back(*row);
  changed.last_id = row->id;
  // On the disk first: what is not kept over a restart is not promised.
  if (const auto saved = save(changed, snapshot); saved.failed())
    return say_to(snapshot, exit_failed, say("not done: {}", saved.error().message));
  rows_ = std::move(changed);
  hooks_.apply(rows_.rows);
  for (const OverrideRow& old : before) tell(asker.actor, "override_revoked", old, snapshot);
  tell(asker.actor, "override", *row, snapshot);
  Reply reply = say_to(snapshot, exit_ok, done_text(*row, snapshot));
  if (closed != 0)
    reply.text +=
        say_to(snapshot, exit_ok,
               say("{} of its hosts stay closed, for not all that closes them may be lifted", closed))
            .text;
  return reply;
}

// A room has one state: a switch takes the place of the one before it.
Reply TeacherDesk::switch_room(const TeacherQuestion& question, const Asker& asker,
                               const Snapshot& snapshot) {
  const Policy& policy = *snapshot.policy;
  const auto refuse = [&](const Message& why) { return say_to(snapshot, exit_failed, why); };
  const auto room = room_called(policy, question.room);
  if (!room) return refuse(no_such_room(policy, question.room));
  const std::string& name = policy.spec().rooms[*room].name;
  if (!may_switch(policy, asker.account, *room))
    return refuse(say("delegation.yaml does not let \"{}\" switch the room \"{}\"", asker.account, name));
  const bool normal = question.room_state == "normal";
  std::vector<OverrideRow> before;
  OverrideRows changed = rows_;
  std::erase_if(changed.rows, [&](const OverrideRow& row) {
    const bool same = row.kind == OverrideKind::room && row.room == name;
    if (same) before.push_back(row);
    return same;
  });
  // Who teaches there next may end what the one before her left; not what the admin said.
  if (!asker.account.empty() &&
      std::any_of(before.begin(), before.end(), [](const OverrideRow& row) { return row.account.empty(); }))
    return refuse(say("the admin has switched this room, and alone may end that"));
  if (normal && before.empty()) return say_to(snapshot, exit_ok, say("room {} is as always", name));
  std::optional<OverrideRow> row;
  if (!normal) {
    if (changed.rows.size() >= most_overrides)
      return refuse(say("{} overrides are in force: end one of them first", changed.rows.size()));
    auto made = row_of_room(question, asker, snapshot, name);
    if (!made) return refuse(made.error());
    if (const auto meaning = meaning_of(snapshot, *made); !meaning) return refuse(meaning.error());
    row = *std::move(made);
    changed.rows.push_back(*row);
    changed.last_id = row->id;
  }
  const auto saved = save(changed, snapshot);
  if (saved.failed() && !normal) return refuse(say("not done: {}", saved.error().message));
  rows_ = std::move(changed);
  hooks_.apply(rows_.rows);
  for (const OverrideRow& old : before) tell(asker.actor, "override_revoked", old, snapshot);
  if (row) tell(asker.actor, "override", *row, snapshot);
  if (row) return say_to(snapshot, exit_ok, done_text(*row, snapshot));
  if (saved.failed())
    return refuse(say("override {} has ended, but a restart would bring it back: {}", before.front().id,
                      saved.error().message));
  return say_to(snapshot, exit_ok, say("room {} is as always again", name));
}

Result<OverrideRow, Message> TeacherDesk::row_of_room(const TeacherQuestion& question, const Asker& asker,
                                                      const Snapshot& snapshot, const std::string& room) {
  OverrideRow row;
  row.id = rows_.last_id + 1;
  row.account = asker.account;
  row.kind = OverrideKind::room;
  row.action = question.room_state == "only" ? Action::allow : Action::block;
  row.room = room;
  row.tier = row.target = "-";
  row.why = question.why;
  if (row.action == Action::allow)
    row.target = question.target.starts_with(bundle_prefix) ? question.target.substr(bundle_prefix.size())
                                                            : question.target;
  const Moment begin = now();
  // It closes, so it may last as long as the day.
  const auto end = override_end(
      question.how, question.end, begin, snapshot.zone, snapshot.policy->spec().clock, usual_minutes,
      std::max(minutes_to_midnight(begin.wall_ms, snapshot.zone), std::uint32_t{Delegation::most_minutes}));
  if (!end) return end.error();
  row.since_ms = begin.wall_ms;
  row.end = *end;
  if (!is_whole(row)) return say("the name or the reason is too long");
  return row;
}

namespace {

struct RoomState {
  std::string state = "normal", only, until;
  Message text;
  const OverrideRow* row = nullptr;
};

// What is on in a room now: a switch, or an exam.
RoomState state_of(const Snapshot& snapshot, const std::vector<OverrideRow>& rows, RoomId id,
                   const Moment& now, std::int64_t clock_doubted_until_ms) {
  RoomState out;
  out.text = say("as always");
  const Policy& policy = *snapshot.policy;
  for (const OverrideRow& row : rows) {
    if (row.kind != OverrideKind::room || row.room != policy.spec().rooms[id].name) continue;
    const auto meaning = meaning_of(snapshot, row);
    if (!meaning) continue;
    out.row = &row;
    out.state = row.verb();
    out.until = clock_text(row.end.wall_ms, snapshot.zone);
    out.text = meaning->closing->about;
    if (row.action == Action::allow) out.only = row.target;
    return out;
  }
  const LocalTime local = school_time(snapshot.zone, now.wall_ms, clock_doubted_until_ms);
  for (const Exam& exam : policy.spec().exams) {
    const bool here = std::find(exam.rooms.begin(), exam.rooms.end(), id) != exam.rooms.end();
    if (!here || !is_exam_time(exam.when, local)) continue;
    out.state = "exam";
    out.until = exam.ends;
    for (const std::string& one : exam.only) out.only += (out.only.empty() ? "" : ", ") + one;
    out.text = say("exam {} until {}: only {}", exam.name, exam.ends, out.only);
  }
  return out;
}

}  // namespace

std::vector<TeacherDesk::RoomLine> TeacherDesk::room_lines(const std::string& account,
                                                           const Snapshot& snapshot) {
  const Policy& policy = *snapshot.policy;
  std::vector<RoomLine> out;
  for (std::size_t i = 0; i < policy.spec().rooms.size(); ++i) {
    const Room& room = policy.spec().rooms[i];
    const RoomState state =
        state_of(snapshot, rows_.rows, static_cast<RoomId>(i), now(), clock_doubted_until_ms());
    RoomLine one{room.name, {}, state.state, state.only, state.until, state.text};
    for (const Network& network : room.networks)
      one.networks += (one.networks.empty() ? "" : " ") + network.to_string();
    one.yours = may_switch(policy, account, static_cast<RoomId>(i));
    if (state.row != nullptr) one.override_id = state.row->id;
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<TeacherDesk::RoomLine> TeacherDesk::rooms_for(const std::string& account) {
  const MutexLock lock(mutex_);
  std::vector<RoomLine> out = room_lines(account, *hooks_.current());
  if (account.empty())  // would be the admin's
    for (RoomLine& one : out) one.yours = false;
  return out;
}

Reply TeacherDesk::list_rooms(bool json, const Asker& asker, const Snapshot& snapshot) {
  JsonArray array;
  std::string text;
  for (const RoomLine& room : room_lines(asker.account, snapshot)) {
    JsonObject one;
    one.add("room", room.name).add("networks", room.networks).add("state", room.state);
    one.add_or_null("only", room.only).add_or_null("until", room.until).add("yours", room.yours);
    if (room.override_id != 0) one.add("override", room.override_id);
    array.add(one);
    text += padded(room.name, 24) + padded(room.networks, 20) +
            printable(room.text.in(language_of(snapshot))) + "\n";
  }
  if (json) return {exit_ok, array.text() + "\n"};
  if (text.empty()) return say_to(snapshot, exit_ok, say("no line of who: has a label, so there is no room"));
  return {exit_ok, text};
}

Result<OverrideRow, Message> TeacherDesk::row_of(const TeacherQuestion& question, const Asker& asker,
                                                 const Snapshot& snapshot) {
  const Policy& policy = *snapshot.policy;
  const auto tier = policy.find_tier(question.tier);
  if (!tier) return no_such_tier(policy, question.tier);
  const Delegation* const mine =
      asker.account.empty() ? nullptr : delegation_of(policy, asker.account, *tier);
  if (mine == nullptr && !asker.account.empty())
    return say("delegation.yaml gives \"{}\" nothing to do in tier \"{}\"", asker.account, question.tier);
  OverrideRow row;
  row.id = rows_.last_id + 1;
  row.account = asker.account;
  row.action = question.verb == TeacherQuestion::Verb::allow ? Action::allow : Action::block;
  row.tier = question.tier;
  row.why = question.why;
  row.kind = policy.find_category(question.target) ? OverrideKind::category : OverrideKind::site;
  row.target = question.target;
  if (question.target.starts_with(bundle_prefix)) {
    row.kind = OverrideKind::bundle;
    row.target = question.target.substr(bundle_prefix.size());
    const Bundle* const bundle = policy.find_hosts(row.target);
    if (bundle == nullptr) return no_such_bundle(policy, row.target);
  } else if (row.kind == OverrideKind::site) {
    auto site = named_site(snapshot, policy.tiers()[*tier], question.target);
    if (!site) return site.error();
    row.target = *std::move(site);
  }
  const Moment begin = now();
  const auto end =
      override_end(question.how, question.end, begin, snapshot.zone, policy.spec().clock, usual_minutes,
                   mine == nullptr ? Delegation::most_minutes : mine->minutes_max);
  if (!end) return end.error();
  row.since_ms = begin.wall_ms;
  row.end = *end;
  if (!is_whole(row)) return say("the name or the reason is too long");
  return row;
}

namespace {

// Why one site of `row` is not what it says, though it is in force; empty: it is.
Message why_as_before(const Snapshot& snapshot, Judge& judge, const OverrideRow& row, const Override& one) {
  const std::string target = row.kind == OverrideKind::bundle ? one.rule.text : row.target;
  const Tier& tier = snapshot.policy->tiers()[one.tier];
  const bool paths_seen = sees_paths(snapshot, judge, tier, target.substr(0, target.find('/')));
  Trial trial;
  if (!make_trial(target, paths_seen, trial)) return say("\"{}\" is no site", target);
  const JudgeRequest request{trial.url, trial.connect ? Stage::host : Stage::request, one.tier,
                             snapshot.zone.local(row.since_ms / 1000)};
  const Explanation after = trial.connect ? judge.explain_connect(request) : judge.explain(request);
  if (after.verdict.action == row.action) return {};
  Message what;
  for (const Step& step : after.steps)
    if (step.wins) what = step.what;
  if (row.action == Action::block) return say("{} stays as it is in tier \"{}\": {}", target, row.tier, what);
  if (after.verdict.flags.locked)
    return say("{} is locked in tier \"{}\", and nobody opens it for a lesson: {}", target, row.tier, what);
  if (after.verdict.layer == Layer::tier_default)
    return say("no list knows {}, and your account may not open what is unknown in tier \"{}\"", target,
               row.tier);
  return say("your account may not lift all that closes {} in tier \"{}\": {}", target, row.tier, what);
}

}  // namespace

Message TeacherDesk::why_without_effect(const Snapshot& snapshot, const OverrideRow& row,
                                        std::size_t& closed) {
  const auto meaning = meaning_of(snapshot, row);
  if (!meaning) return meaning.error();
  if (row.kind == OverrideKind::category) return {};
  std::vector<OverrideRow> with = rows_.rows;
  with.push_back(row);
  const auto judge = snapshot.make_judge();
  judge->use(compile_overrides(snapshot, with));
  Message first;  // the host that people know a bundle by, or the site
  for (const Override& one : meaning->opened) {
    const Message why = why_as_before(snapshot, *judge, row, one);
    if (&one == &meaning->opened.front())
      first = why;
    else if (!why.empty() && row.action == Action::allow)
      ++closed;
  }
  return first;
}

Reply TeacherDesk::revoke(std::uint32_t id, const Asker& asker, const Snapshot& snapshot) {
  OverrideRows changed = rows_;
  const auto found = std::find_if(changed.rows.begin(), changed.rows.end(),
                                  [&](const OverrideRow& row) { return row.id == id; });
  if (found == changed.rows.end())
    return say_to(snapshot, exit_failed, say("no override {} is in force", id));
  const auto room = snapshot.policy->find_room(found->room);
  const bool switches = found->kind == OverrideKind::room && !found->account.empty() && room &&
                        may_switch(*snapshot.policy, asker.account, *room);
  if (!asker.account.empty() && found->account != asker.account && !switches)
    return say_to(snapshot, exit_failed,
                  say("override {} is another's: only who made it, or the admin, may end it", id));
  const OverrideRow row = *found;
  changed.rows.erase(found);
  // It ends now, whatever becomes of the file; which would bring it back, at a start before its time.
  const auto saved = save(changed, snapshot);
  rows_ = std::move(changed);
  hooks_.apply(rows_.rows);
  tell(asker.actor, "override_revoked", row, snapshot);
  if (saved.failed())
    return say_to(
        snapshot, exit_failed,
        say("override {} has ended, but a restart would bring it back: {}", id, saved.error().message));
  return say_to(snapshot, exit_ok, say("override {} has ended", id));
}

Reply TeacherDesk::list(bool json, const Snapshot& snapshot) {
  JsonArray array;
  std::string text;
  for (const OverrideRow& row : rows_.rows) {
    const auto meaning = meaning_of(snapshot, row);
    const std::string idle = meaning ? std::string() : meaning.error().in(language_of(snapshot));
    const std::string account = row.account.empty() ? "root" : row.account;
    JsonObject one;
    one.add("id", row.id).add("action", row.verb());
    add_target(one, row);
    one.add("account", account).add("why", row.why);
    one.add("since", snapshot.zone.iso8601(row.since_ms / 1000));
    one.add("until", snapshot.zone.iso8601(row.end.wall_ms / 1000)).add_or_null("without_effect", idle);
    array.add(one);
    text += padded(std::to_string(row.id), 6) + padded(std::string(row.verb()), 7) +
            padded(row.kind == OverrideKind::room ? row.room : row.tier, 12) +
            padded(clock_text(row.end.wall_ms, snapshot.zone), 7) + padded(account, 12) + shown_target(row) +
            "  " + row.why + "\n";
    if (!idle.empty()) text += std::string(6, ' ') + printable(idle) + "\n";
  }
  if (json) return {exit_ok, array.text() + "\n"};
  if (text.empty()) return say_to(snapshot, exit_ok, say("no override is in force"));
  return {exit_ok, text};
}

void TeacherDesk::sweep() {
  const MutexLock lock(mutex_);
  if (ending_) return;
  const Moment moment = now();
  OverrideRows left = rows_;
  std::erase_if(left.rows, [&](const OverrideRow& row) { return row.end.is_over(moment); });
  if (left.rows.size() == rows_.rows.size()) return;
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  for (const OverrideRow& row : rows_.rows)
    if (row.end.is_over(moment)) tell("schoolgate", "override_ended", row, *snapshot);
  // Each worker ends them by itself, and at a start the file's old ones are over.
  static_cast<void>(save(left, *snapshot));
  rows_ = std::move(left);
  hooks_.apply(rows_.rows);
}

Result<void> TeacherDesk::save(const OverrideRows& rows, const Snapshot& snapshot) {
  return write_whole_file(overrides_file(snapshot.config), {to_text(rows)}, {.mode = 0600});
}

void TeacherDesk::tell(const std::string& actor, const char* what, const OverrideRow& row,
                       const Snapshot& snapshot) {
  JsonObject detail;
  detail.add("id", row.id).add("action", row.verb());
  add_target(detail, row);
  detail.add("until", snapshot.zone.iso8601(row.end.wall_ms / 1000));
  detail.add("why", row.why).add("account", row.account.empty() ? "root" : row.account);
  detail.add("admin", row.account.empty());
  log_.event(actor, what, detail.text());
}

}  // namespace schoolgate::tools
