#include "tools/daemon/wishes_desk.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "config/web_question.h"
#include "proxy/core/json_text.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"

namespace schoolgate::tools {
namespace {

constexpr std::size_t most_wish_rows = 600;  // for a page

Reply wish_told(int code, const Message& message, Catalogue catalogue) {
  return {code, printable(message.in(catalogue)) + "\n"};
}

bool may_answer(const Snapshot& snapshot, const std::string& account, const std::string& tier) {
  if (account.empty()) return true;
  const auto id = snapshot.policy->find_tier(tier);
  return id && delegation_of(*snapshot.policy, account, *id) != nullptr;
}

// "29/11 08:05"
std::string wish_time(std::int64_t ms, const TimeZone& zone) {
  const std::int64_t local = ms / 1000 + zone.offset(ms / 1000);
  const CivilDate date = civil_from_days(local / 86'400);
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%02d/%02d %s", date.day, date.month, clock_text(ms, zone).c_str());
  return text.data();
}

Message state_of_wish(const Wish& wish) {
  switch (wish.state) {
    case WishState::open:
      return say("waits for an answer");
    case WishState::granted:
      return wish.line ? say("opened by a line") : say("opened for a lesson");
    case WishState::denied:
      return say("not opened");
    case WishState::lapsed:
      break;
  }
  return say("never answered");
}

Message reason_of_wish(WishReason reason) {
  switch (reason) {
    case WishReason::lesson:
      return say("needed for a lesson");
    case WishReason::knowledge:
      return say("to learn something");
    case WishReason::service:
      return say("a school's or public service");
    case WishReason::wrong_group:
      return say("not of this category");
    case WishReason::broken:
      return say("part of an open page");
    case WishReason::other:
      break;
  }
  return say("another reason");
}

JsonObject wish_json(const Wish& wish) {
  JsonObject json;
  json.add("code", wish.code).add("host", wish.host).add("tier", wish.tier);
  json.add_or_null("category", wish.category).add_or_null("list", wish.list);
  json.add("state", to_string(wish.state)).add("devices", wish.devices);
  json.add("asked_ms", wish.asked_ms).add("last_ms", wish.last_ms);
  for (const WishReason reason : wish_reasons)
    json.add(to_string(reason), wish.reasons[static_cast<std::size_t>(reason)]);
  json.add("answered_ms", wish.answered_ms).add_or_null("by", wish.by).add_or_null("why", wish.why);
  json.add("line", wish.line).add("open_until_ms", wish.open_until_ms);
  return json;
}

std::string wish_line(const Wish& wish, const Snapshot& snapshot, Catalogue catalogue) {
  return wish.code + "  " + wish_time(wish.asked_ms, snapshot.zone) + "  " + padded(wish.tier, 12) + " " +
         padded(std::to_string(wish.devices), 4) + " " +
         padded(wish.category.empty() ? "-" : wish.category, 16) + " " + printable(wish.host) + "  " +
         printable(state_of_wish(wish).in(catalogue)) + "\n";
}

Reply show_wish(const WishQuestion& question, const Wish& wish, const Snapshot& snapshot,
                Catalogue catalogue) {
  if (question.json) return {exit_ok, wish_json(wish).text() + "\n"};
  std::string text = wish_line(wish, snapshot, catalogue);
  const auto add = [&](const Message& line) { text += "  " + printable(line.in(catalogue)) + "\n"; };
  if (!wish.list.empty()) add(say("blocked by {}", wish.list));
  for (const WishReason reason : wish_reasons)
    if (const std::uint32_t times = wish.reasons[static_cast<std::size_t>(reason)]; times != 0)
      add(say("{}: {}", reason_of_wish(reason), times));
  if (wish.answered_ms != 0 && wish.state != WishState::lapsed)
    add(say("{} at {}: {}", wish.by, wish_time(wish.answered_ms, snapshot.zone), wish.why));
  return {exit_ok, text};
}

// Of the site, by name, as this policy judges it with what is laid over it.
Verdict verdict_on(const Snapshot& snapshot, const std::shared_ptr<const Overrides>& over, TierId tier,
                   const std::string& host, std::int64_t now_ms, Message& about) {
  const auto judge = snapshot.make_judge();
  if (over) judge->use(over);
  Url url;
  if (url.parse("http://" + host + "/").failed()) return Verdict::refused(Reason::bad_request);
  const Explanation said =
      judge->explain({url, Stage::request, tier, snapshot.zone.local(now_ms / 1000), {}});
  for (const Step& step : said.steps)
    if (step.wins) about = step.what;
  return said.verdict;
}

}  // namespace

bool may_add_line(const Snapshot& snapshot, const std::string& account, const std::string& tier,
                  const std::string& host, std::int64_t now_ms) {
  const Policy& policy = *snapshot.policy;
  const auto id = policy.find_tier(tier);
  if (!id) return false;
  if (account.empty()) return true;  // whether it helps is seen when it is tried
  const Delegation* const mine = delegation_of(policy, account, *id);
  if (mine == nullptr || !mine->lines) return false;
  OverrideRow row;
  row.id = 1;
  row.account = account;
  row.action = Action::allow;
  row.kind = OverrideKind::site;
  row.target = host;
  row.tier = tier;
  row.since_ms = now_ms;
  row.end = {now_ms + 60'000, std::chrono::steady_clock::now() + std::chrono::minutes(1)};
  row.why = "-";
  Message about;
  return verdict_on(snapshot, compile_overrides(snapshot, {&row, 1}), *id, host, now_ms, about).action ==
         Action::allow;
}

Message why_line_is_idle(const Snapshot& snapshot, const std::string& tier, const std::string& host,
                         std::int64_t now_ms) {
  const auto id = snapshot.policy->find_tier(tier);
  if (!id) return say("there is no tier \"{}\"", tier);
  Message about;
  const Verdict verdict = verdict_on(snapshot, nullptr, *id, host, now_ms, about);
  if (verdict.action == Action::allow) return {};
  return say("a line of the tier does not open {}: {}", host, about);
}

Reply WishesDesk::reply(const std::string& question, const Asker& who) const {
  const Catalogue catalogue = catalogue_of(hooks_.current()->config.school.language);
  const auto asked = parse_wish_question(question);
  if (!asked) return wish_told(exit_usage, say("the proxy does not understand this question"), catalogue);
  return answer(*asked, who, catalogue);
}

Reply WishesDesk::rows(const std::string& account) const {
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  std::string text;
  std::vector<Wish> wishes = book_.list(false);
  for (Wish& wish : book_.list(true)) {
    if (wishes.size() >= most_wish_rows) break;
    if (wish.state != WishState::open) wishes.push_back(std::move(wish));
  }
  for (const Wish& wish : wishes) {
    std::string reasons;
    for (const std::uint32_t times : wish.reasons)
      reasons += (reasons.empty() ? "" : " ") + std::to_string(times);
    const bool mine = !account.empty() && may_answer(*snapshot, account, wish.tier);
    text += web_row({"wish", wish.code, wish.host, wish.tier, wish.category, wish.list,
                     std::to_string(wish.asked_ms), std::string(to_string(wish.state)),
                     std::to_string(wish.devices), reasons, std::to_string(wish.answered_ms), wish.by,
                     wish.why, wish.line ? "1" : "0", std::to_string(wish.open_until_ms), mine ? "1" : "0"});
  }
  return {exit_ok, text};
}

Reply WishesDesk::list(const WishQuestion& question, const Asker& who, Catalogue catalogue) const {
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  std::string text;
  JsonArray array;
  for (const Wish& wish : book_.list(question.all)) {
    if (!may_answer(*snapshot, who.account, wish.tier)) continue;
    if (question.json) array.add(wish_json(wish));
    text += wish_line(wish, *snapshot, catalogue);
  }
  if (question.json) return {exit_ok, array.text() + "\n"};
  if (text.empty()) return wish_told(exit_ok, say("No report of a wrong block waits."), catalogue);
  return {exit_ok, text};
}

Reply WishesDesk::answer(const WishQuestion& question, const Asker& who, Catalogue catalogue) const {
  if (question.verb == WishQuestion::Verb::list) return list(question, who, catalogue);
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  const auto wish = book_.with_code(question.code);
  // What is another tier's is not told apart from what is not there.
  if (!wish || !may_answer(*snapshot, who.account, wish->tier))
    return wish_told(exit_failed, say("there is no report \"{}\"", question.code), catalogue);
  if (question.verb == WishQuestion::Verb::show) return show_wish(question, *wish, *snapshot, catalogue);
  if (wish->state == WishState::granted || wish->state == WishState::denied)
    return wish_told(exit_failed, say("{} was answered already", wish->code), catalogue);
  if (!is_override_text(question.why, most_why_bytes))
    return wish_told(exit_failed, say("the name or the reason is too long"), catalogue);
  if (question.verb == WishQuestion::Verb::grant) return grant(question, *wish, who, catalogue);
  Wish answer;
  answer.state = WishState::denied;
  answer.why = question.why;
  return keep(*wish, answer, "wish_denied", who,
              wish_told(exit_ok, say("{} stays closed, and who asks is told why", wish->host), catalogue),
              catalogue);
}

Reply WishesDesk::grant(const WishQuestion& question, const Wish& wish, const Asker& who,
                        Catalogue catalogue) const {
  const auto refuse = [&](const Message& why) { return wish_told(exit_failed, why, catalogue); };
  if (!question.tier.empty() && question.tier != wish.tier)
    return refuse(say("{} is of tier \"{}\"", wish.code, wish.tier));
  Wish answer;
  answer.state = WishState::granted;
  answer.why = question.why;
  answer.line = question.line;
  if (question.line) {
    if (!may_add_line(*hooks_.current(), who.account, wish.tier, wish.host, hooks_.now_ms()))
      return refuse(
          say("delegation.yaml does not let \"{}\" open {} for good in tier \"{}\"; for a lesson: "
              "--for 45m",
              who.account, wish.host, wish.tier));
    if (const Message why = hooks_.add_line({wish.tier, wish.host, question.why, who}); !why.empty())
      return refuse(why);
    return keep(
        wish, answer, "wish_granted", who,
        wish_told(exit_ok, say("{} is open in tier \"{}\" from now on", wish.host, wish.tier), catalogue),
        catalogue);
  }
  TeacherQuestion allow;
  allow.verb = TeacherQuestion::Verb::allow;
  allow.target = wish.host;
  allow.tier = wish.tier;
  allow.how = question.how;
  allow.end = question.end;
  allow.why = question.why;
  Reply opened = hooks_.open(who, allow);
  if (opened.exit_code != exit_ok) return opened;
  for (const OverrideRow& row : hooks_.overrides())
    if (row.tier == wish.tier && row.target == wish.host) answer.open_until_ms = row.end.wall_ms;
  return keep(wish, answer, "wish_granted", who, std::move(opened), catalogue);
}

Reply WishesDesk::keep(const Wish& wish, const Wish& answer, const char* what, const Asker& who, Reply done,
                       Catalogue catalogue) const {
  Wish kept = answer;
  kept.by = who.account.empty() ? "root" : who.account;
  kept.answered_ms = hooks_.now_ms();
  const auto written = book_.answer(wish.code, kept);
  JsonObject json;
  json.add("wish", wish.code).add("tier", wish.tier).add("host", wish.host);
  json.add("line", kept.line).add("why", kept.why);
  log_.event(who.actor, what, json.text());
  if (written.failed())
    done.text +=
        wish_told(exit_failed,
                  say("but not kept: {}", say("the answer is not written yet: see schoolgate status")),
                  catalogue)
            .text;
  return done;
}

}  // namespace schoolgate::tools
