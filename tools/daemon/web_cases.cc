#include "tools/daemon/web_cases.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "proxy/core/json_text.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"
#include "tools/daemon/cases_desk.h"

namespace schoolgate::tools {
namespace {

using namespace std::chrono_literals;
using audit::Case;
using audit::CaseState;

constexpr std::size_t most_shown = 300;
constexpr std::size_t most_wishes = 100;
constexpr auto page_record_limit = 10s;

Reply not_so(const Message& why, Catalogue catalogue) {
  return {exit_failed, web_row({"problem", why.in(catalogue)})};
}

Reply done_row(const Message& what, Catalogue catalogue) {
  return {exit_ok, web_row({"done", what.in(catalogue)})};
}

std::optional<CaseState> state_called(std::string_view word) {
  for (const CaseState state :
       {CaseState::opened, CaseState::seen, CaseState::handled, CaseState::passed_on, CaseState::wrong})
    if (to_string(state) == word) return state;
  return std::nullopt;
}

std::string rule_place(const audit::LogRow& row) {
  return row.line == 0 ? row.file : row.file + ":" + std::to_string(row.line);
}

}  // namespace

bool WebCases::two_needed(const Snapshot& snapshot) const {
  const CaseKeepers& keepers = snapshot.policy->spec().case_keepers;
  return keepers.accounts.size() > 1 && !keepers.reveal_alone;
}

Reply WebCases::reply(const WebQuestion& asked, Catalogue catalogue) {
  const std::string& account = asked.get("account");
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  const auto& keepers = snapshot->policy->spec().case_keepers.accounts;
  if (std::find(keepers.begin(), keepers.end(), account) == keepers.end())
    return not_so(say("delegation.yaml does not name the account \"{}\" under safeguarding:", account),
                  catalogue);
  if (asked.verb == "cases") return list(asked, catalogue);
  if (asked.verb == "case") return show(asked, catalogue);
  if (asked.verb == "case_step") return step(asked, catalogue);
  return reveal(asked, catalogue);
}

// Local, to the minute: "2026-11-29 09:14".
std::string WebCases::local(std::int64_t ms) const {
  std::string text = hooks_.current()->zone.iso8601(ms / 1000).substr(0, 16);
  if (text.size() > 10) text[10] = ' ';
  return text;
}

std::string WebCases::case_row(const Case& one, Catalogue catalogue) const {
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  std::string theme = one.theme, tier = one.tier;
  const auto named = [&](const std::string& vi, const std::string& en, std::string& out) {
    const std::string& name = catalogue != nullptr || en.empty() ? vi : en;
    if (!name.empty()) out = name;
  };
  for (const Category& category : snapshot->policy->categories())
    if (category.id == one.theme) named(category.name_vi, category.name_en, theme);
  for (const Tier& known : snapshot->policy->tiers())
    if (known.id == one.tier) named(known.name_vi, known.name_en, tier);
  return web_row({"case", one.code, std::string(to_string(one.state)), local(one.opened_ms),
                  local(one.last_ms), theme, tier, one.client, one.place, one.shared ? "1" : "0",
                  std::to_string(one.hits)});
}

// Nothing where all were told.
std::string WebCases::untold_row(Catalogue catalogue) const {
  const Message why = hooks_.untold ? hooks_.untold() : Message();
  return why.empty() ? std::string() : web_row({"untold", why.in(catalogue)});
}

Reply WebCases::list(const WebQuestion& asked, Catalogue catalogue) const {
  const std::string& wanted = asked.get("state");
  const auto all = book_.list(wanted == "open", most_shown);
  if (!all) return not_so(all.error().message, catalogue);
  const auto state = state_called(wanted);
  std::string text = untold_row(catalogue);
  for (const Case& one : *all)
    if (!state || one.state == *state) text += case_row(one, catalogue);
  return {exit_ok, text};
}

Reply WebCases::show(const WebQuestion& asked, Catalogue catalogue) {
  const std::string& account = asked.get("account");
  const auto found = book_.find(asked.get("code"));
  if (!found) return not_so(found.error().message, catalogue);
  if (!*found) return not_so(say("There is no such case."), catalogue);
  const audit::CaseDetail& detail = **found;
  const std::string& code = detail.about.code;
  if (!log_.record_first("web " + account, "case_read", JsonObject().add("case", code).text(),
                         page_record_limit))
    return not_so(say("Not shown: that it was asked could not be written to the safeguarding log."),
                  catalogue);
  std::string text = untold_row(catalogue) + case_row(detail.about, catalogue);
  for (const audit::LogRow& row : detail.rows)
    text += web_row({"row", local(row.time_ms), row.host, rule_place(row)});
  for (const audit::CaseStep& one : detail.steps)
    text += web_row({"step", local(one.time_ms), std::string(to_string(one.state)), one.actor, one.note});
  for (const audit::CaseDetail::Message& one : detail.messages)
    text += web_row({"message", local(one.time_ms), one.way, one.failed});
  if (detail.about.state == CaseState::wrong)
    for (const Message& one : exclusions_for(detail)) text += web_row({"exclusion", one.in(catalogue)});
  const MutexLock lock(mutex_);
  text += web_row({"two", two_needed(*hooks_.current()) ? "1" : "0"});
  if (const auto wish = wish_for(code))
    text += web_row({"wish", wish->account, local(wish->at_ms), wish->why, wish->agreed});
  return {exit_ok, text};
}

Reply WebCases::step(const WebQuestion& asked, Catalogue catalogue) const {
  const auto state = state_called(asked.get("state"));
  if (!state || *state == CaseState::opened) return {exit_usage, "no such question\n"};
  const audit::CaseStep taken{hooks_.now_ms(), *state, "web " + asked.get("account"), asked.get("note")};
  const auto written = book_.step(asked.get("code"), taken);
  if (!written) return not_so(written.error().message, catalogue);
  if (!*written) return not_so(say("There is no such case."), catalogue);
  return done_row(say("It is kept."), catalogue);
}

std::optional<WebCases::Wish> WebCases::wish_for(const std::string& code) {
  const std::int64_t now = hooks_.now_ms();
  std::erase_if(wishes_, [&](const auto& one) {
    return one.second.at_ms + wish_ms <= now || one.second.at_ms > now + wish_ms;
  });
  const auto found = wishes_.find(code);
  return found == wishes_.end() ? std::nullopt : std::optional(found->second);
}

// act=ask: with a reason; told at once where one is enough. act=agree: another one's word. act=show: what was
// agreed to, once.
Reply WebCases::reveal(const WebQuestion& asked, Catalogue catalogue) {
  const std::string &account = asked.get("account"), &act = asked.get("act");
  const auto found = book_.find(asked.get("code"));
  if (!found) return not_so(found.error().message, catalogue);
  if (!*found) return not_so(say("There is no such case."), catalogue);
  const Case& one = (**found).about;
  if (act == "ask") {
    const std::string& why = asked.get("why");
    if (why.find_first_not_of(' ') == std::string::npos)
      return not_so(say("Say why: it is written down."), catalogue);
    if (!two_needed(*hooks_.current())) return tell(one, why, account, "", catalogue);
    return ask_for(one.code, asked, catalogue);
  }
  if (act == "agree") return agree(one.code, account, catalogue);
  if (act != "show") return {exit_usage, "no such question\n"};
  Wish wish;
  {
    const MutexLock lock(mutex_);
    const auto kept = wish_for(one.code);
    if (!kept || kept->account != account || kept->agreed.empty())
      return not_so(say("Nobody has agreed to that yet."), catalogue);
    wish = *kept;
    wishes_.erase(one.code);
  }
  return tell(one, wish.why, account, wish.agreed, catalogue);
}

// Empty: it may be asked for.
Message WebCases::why_not_ask(const std::string& code, const std::string& account) {
  if (const auto other = wish_for(code); other && other->account != account)
    return say("{} has asked for that already: agree, or wait.", other->account);
  if (wishes_.size() >= most_wishes && wishes_.count(code) == 0)
    return say("Too many such questions wait already.");
  return {};
}

Reply WebCases::ask_for(const std::string& code, const WebQuestion& asked, Catalogue catalogue) {
  const std::string& account = asked.get("account");
  {
    const MutexLock lock(mutex_);
    if (const Message why = why_not_ask(code, account); !why.empty()) return not_so(why, catalogue);
  }
  JsonObject detail;
  detail.add("case", code).add("why", asked.get("why"));
  if (!log_.record_first("web " + account, "reveal_asked", detail.text(), page_record_limit))
    return not_so(say("Not shown: that it was asked could not be written to the safeguarding log."),
                  catalogue);
  const MutexLock lock(mutex_);
  if (const Message why = why_not_ask(code, account); !why.empty()) return not_so(why, catalogue);
  wishes_[code] = {account, asked.get("why"), "", hooks_.now_ms()};
  return done_row(say("Another safeguarding account must agree now, within a day."), catalogue);
}

Reply WebCases::agree(const std::string& code, const std::string& account, Catalogue catalogue) {
  {
    const MutexLock lock(mutex_);
    const auto wish = wish_for(code);
    if (!wish) return not_so(say("Nobody asks for that any more."), catalogue);
    if (wish->account == account)
      return not_so(say("You asked for that yourself: another account must agree."), catalogue);
  }
  if (!log_.record_first("web " + account, "reveal_agreed", JsonObject().add("case", code).text(),
                         page_record_limit))
    return not_so(say("Not shown: that it was asked could not be written to the safeguarding log."),
                  catalogue);
  const MutexLock lock(mutex_);
  const auto wish = wish_for(code);
  if (!wish || wish->account == account) return not_so(say("Nobody asks for that any more."), catalogue);
  wishes_[code].agreed = account;
  return done_row(say("You have agreed: {} may look now.", wish->account), catalogue);
}

// On record in the safeguarding file alone: from the ordinary log nobody may read that there was a case.
Reply WebCases::tell(const Case& one, const std::string& why, const std::string& account,
                     const std::string& agreed, Catalogue) {
  const std::string both = agreed.empty() ? why : why + " (" + agreed + ")";
  Reply said = hooks_.reveal(one.client, one.code + ": " + both, "web " + account);
  std::string rows;
  for (std::size_t at = 0; at < said.text.size();) {
    const std::size_t end = std::min(said.text.find('\n', at), said.text.size());
    rows += web_row({said.exit_code == exit_ok ? "told" : "problem", said.text.substr(at, end - at)});
    at = end + 1;
  }
  return {said.exit_code == exit_ok ? exit_ok : exit_failed, rows};
}

}  // namespace schoolgate::tools
