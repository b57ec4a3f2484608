// Cases that alerts have opened: of a device, never of a person. For the safeguarding role alone; whom of it
// the proxy answers, delegation.yaml says. Who is behind a device takes the code of a phone, and where there
// are several of that role, another one's word.
#include <algorithm>
#include <array>

#include "proxy/web/event_words.h"
#include "proxy/web/form.h"
#include "proxy/web/totp.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

constexpr std::array<std::string_view, 7> case_lists{"open",      "new",   "seen", "handled",
                                                     "passed_on", "wrong", "all"};

Message list_name(std::string_view state) {
  if (state == "open") return say("Open");
  if (state == "new") return say("New");
  if (state == "seen") return say("Looked at");
  if (state == "handled") return say("Handled");
  if (state == "passed_on") return say("Passed on");
  if (state == "wrong") return say("False alarms");
  return say("All");
}

Message case_state_name(std::string_view state) {
  if (state == "new") return say("new");
  if (state == "seen") return say("seen");
  if (state == "handled") return say("handled");
  if (state == "passed_on") return say("passed on");
  return say("false alarm");
}

std::string state_mark(const Visit& visit, const std::string& state) {
  const char* const colour = state == "new" ? "block" : state == "seen" ? "warn" : "allow";
  return "<span class=\"mark " + std::string(colour) + "\">" + visit.t(case_state_name(state)) + "</span>";
}

std::string address_of_case(const std::string& code) {
  return "/cases/one?code=" + encode_value(code);
}

std::string table_head(const Visit& visit, const Message& name, std::initializer_list<Message> heads) {
  std::string out = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" + visit.t(name) +
                    "\"><table><thead><tr>";
  for (const Message& head : heads) out += "<th scope=\"col\">" + visit.t(head) + "</th>";
  return out + "</tr></thead><tbody>";
}
constexpr std::string_view table_end = "</tbody></table></div>";

std::string fact(const Visit& visit, const Message& name, const std::string& html) {
  return "<dt>" + visit.t(name) + "</dt><dd>" + html + "</dd>";
}

std::string about_html(const Visit& visit, const CaseLine& one) {
  const auto text = [](const std::string& value) { return "<bdi>" + esc(value) + "</bdi>"; };
  std::string out =
      "<section class=\"card\"><dl class=\"facts\">" +
      fact(visit, say("State"), state_mark(visit, one.state)) + fact(visit, say("About"), text(one.theme)) +
      fact(visit, say("Opened at"), text(visit.local(one.opened))) +
      fact(visit, say("Last alert"), text(visit.local(one.last))) + fact(visit, say("Tier"), text(one.tier)) +
      fact(visit, say("Device"), "<code>" + text(one.device) + "</code>") +
      fact(visit, say("Room or label"), one.place.empty() ? visit.t(say("none is known")) : text(one.place)) +
      fact(visit, say("Alerts"), visit.t(grouped(one.alerts))) + "</dl><p>" +
      visit.t(say("Of a device, not of a person: who sat there is for people to find out.")) + "</p>";
  if (one.shared)
    out += "<p><strong>" +
           visit.t(say("Many people use this address: later alerts may be of somebody else.")) +
           "</strong></p>";
  return out + "</section>";
}

std::string case_rows_html(const Visit& visit, const CaseNow& now) {
  std::string out = "<h2>" + visit.t(say("What the device asked for in this case")) + "</h2>";
  if (now.rows.empty()) return out + "<p>" + visit.t(say("No row is left in the log.")) + "</p>";
  out += table_head(visit, say("What the device asked for in this case"),
                    {say("Time"), say("Site"), say("Rule")});
  for (const CaseNow::Row& one : now.rows)
    out += "<tr><td class=\"nowrap\">" + esc(visit.local(one.time)) + "</td><td class=\"address\"><bdi>" +
           esc(one.host) + "</bdi></td><td class=\"rule\"><code>" + esc(one.rule) + "</code></td></tr>";
  return out + std::string(table_end);
}

std::string steps_html(const Visit& visit, const CaseNow& now) {
  std::string out = "<h2>" + visit.t(say("Steps")) + "</h2>";
  if (now.steps.empty() && now.messages.empty())
    return out + "<p>" + visit.t(say("Nobody has looked after it yet.")) + "</p>";
  out += table_head(visit, say("Steps"), {say("Time"), say("State"), say("Account"), say("Note")});
  for (const CaseNow::Told& one : now.messages) {
    const Message text = one.failed.empty()
                             ? say("told by {}", one.way)
                             : say("not told by {}: {}", one.way, Message::foreign(one.failed));
    out += "<tr><td class=\"nowrap\">" + esc(visit.local(one.time)) + "</td><td></td><td></td><td>" +
           visit.t(text) + "</td></tr>";
  }
  for (const CaseNow::Step& one : now.steps)
    out += "<tr><td class=\"nowrap\">" + esc(visit.local(one.time)) + "</td><td>" +
           state_mark(visit, one.state) + "</td><td>" + visit.t(event_actor(one.actor)) +
           "</td><td class=\"address\">" + esc(one.note) + "</td></tr>";
  return out + std::string(table_end);
}

std::string step_forms(const Visit& visit, const CaseLine& about) {
  std::string out = "<form method=\"post\" action=\"/cases/step\" class=\"card\"><h2>" +
                    visit.t(say("Note a step")) + "</h2>" + token_field(visit) + hidden("code", about.code) +
                    "<fieldset class=\"choice\"><legend>" + visit.t(say("State")) + "</legend>";
  for (const char* const state : {"seen", "handled", "passed_on"})
    out += std::string("<label><input type=\"radio\" name=\"state\" value=\"") + state + "\"" +
           (std::string_view(state) == "seen" ? " checked" : "") + ">" + visit.t(case_state_name(state)) +
           "</label>";
  out += "</fieldset>" + input(visit, say("Note"), "note", "text", "", "maxlength=\"200\"") + "<button>" +
         visit.t(say("Note it")) + "</button></form>";
  if (about.state == "wrong") return out;
  return out + "<form method=\"post\" action=\"/cases/step\" class=\"side\">" + token_field(visit) +
         hidden("code", about.code) + hidden("state", "wrong") + "<button class=\"quiet-button\">" +
         visit.t(say("It was a false alarm")) + "</button></form>";
}

std::string exclusions_html(const Visit& visit, const CaseNow& now) {
  if (now.exclusions.empty()) return {};
  std::string out =
      "<section class=\"thin\"><h2>" + visit.t(say("What the administrator can change")) + "</h2><ul>";
  for (const std::string& one : now.exclusions) out += "<li class=\"address\">" + esc(one) + "</li>";
  return out + "</ul></section>";
}

// Whoever reads this is the one whom nobody could tell.
std::string untold_html(const Visit& visit, const std::string& why) {
  if (why.empty()) return {};
  return told(visit, false,
              say("You are not told of new cases: {}. It is tried again; until then look here.", why)
                  .in(visit.catalogue()));
}

std::string code_field(const Visit& visit) {
  return input(visit, say("Code of your phone"), "totp", "text", "",
               "required inputmode=\"numeric\" maxlength=\"7\" autocomplete=\"one-time-code\"");
}

std::string reveal_form(const Visit& visit, const std::string& code, const char* act,
                        const std::string& fields, const Message& button) {
  return "<form method=\"post\" action=\"/cases/reveal\">" + token_field(visit) + hidden("code", code) +
         hidden("act", act) + fields + code_field(visit) + "<button>" + visit.t(button) + "</button></form>";
}

// What the asker may do next about who is behind the device.
std::string reveal_html(const Visit& visit, const CaseNow& now) {
  std::string out = "<section class=\"card\"><h2>" + visit.t(say("Who is behind the device?")) + "</h2>";
  const std::string& code = now.about.code;
  if (visit.account->totp.empty())
    return out + "<p>" +
           visit.t(say("This takes the code of your phone: set it up under My account first.")) +
           " <a href=\"/account\">" + visit.t(name_of(Page::account)) + "</a></p></section>";
  const std::string why =
      input(visit, say("Why you must know"), "why", "text", "", "required maxlength=\"200\"");
  if (!now.two_needed) {
    out += "<p class=\"quiet\">" + visit.t(say("The answer and your reason are written down.")) + "</p>" +
           reveal_form(visit, code, "ask", why, say("Show it"));
  } else if (now.wish_by.empty()) {
    out += "<p class=\"quiet\">" +
           visit.t(say("Another safeguarding account must agree, within a day; all of it is written down.")) +
           "</p>" + reveal_form(visit, code, "ask", why, say("Ask for it"));
  } else if (now.wish_by != visit.account->name) {
    out += "<p>" +
           visit.t(say("{} asks for it since {}: {}", now.wish_by, visit.local(now.wish_at), now.wish_why)) +
           "</p>";
    if (now.wish_agreed.empty())
      out += reveal_form(visit, code, "agree", "", say("Agree"));
    else
      out += "<p>" + visit.t(say("{} has agreed.", now.wish_agreed)) + "</p>";
  } else if (now.wish_agreed.empty()) {
    out += "<p>" + visit.t(say("You asked for it; nobody has agreed yet.")) + "</p>";
  } else {
    out += "<p>" + visit.t(say("{} has agreed.", now.wish_agreed)) + "</p>" +
           reveal_form(visit, code, "show", "", say("Show it"));
  }
  return out + "</section>";
}

Response one_case(const Visit& visit, const std::string& code) {
  CasesAsk ask;
  ask.account = visit.account->name;
  ask.code = code;
  const auto now = visit.sources.daemon.one_case(ask, visit.language);
  const std::string back = "<p class=\"links\"><a href=\"/cases\">" + visit.t(say("All cases")) + "</a></p>";
  if (!now) return page_response(visit, Page::cases, name_of(Page::cases), not_answering(visit));
  if (!now->why_not.done)
    return page_response(visit, Page::cases, name_of(Page::cases),
                         told(visit, false, now->why_not.text) + back);
  return page_response(visit, Page::cases, say("Case {}", now->about.code),
                       untold_html(visit, now->untold) + back + about_html(visit, now->about) +
                           exclusions_html(visit, *now) + case_rows_html(visit, *now) +
                           steps_html(visit, *now) + step_forms(visit, now->about) +
                           reveal_html(visit, *now));
}

// Whether the code is the phone's, once; else why not.
std::optional<Message> wrong_code(const Visit& visit) {
  constexpr std::int64_t second_ms = 1000;
  Account account = *visit.account;
  const std::int64_t now = visit.around.steady_ms();
  if (account.totp.empty())
    return say("This takes the code of your phone: set it up under My account first.");
  if (const std::int64_t wait = visit.limit.wait_ms(account.name, visit.request.peer, now); wait > 0)
    return say("Too many tries: wait {} seconds.", wait / second_ms + 1);
  const auto step =
      totp_step(account.totp, visit.form("totp"), visit.now_ms() / second_ms, account.totp_last);
  if (!step) {
    static_cast<void>(visit.limit.failed(account.name, visit.request.peer, now));
    return say("The code is wrong, or was used before: wait for the next one.");
  }
  account.totp_last = *step;
  if (visit.sources.accounts.put(account).failed())
    return say("The accounts cannot be written: tell the administrator.");
  return std::nullopt;
}

}  // namespace

Response cases_page(const Visit& visit) {
  std::string state(visit.query("state"));
  if (std::find(case_lists.begin(), case_lists.end(), state) == case_lists.end()) state = "open";
  std::string body = "<ul class=\"tabs\">";
  for (const std::string_view one : case_lists)
    body += "<li><a href=\"/cases?state=" + std::string(one) + "\"" +
            (one == state ? " aria-current=\"true\"" : "") + ">" + visit.t(list_name(one)) + "</a></li>";
  body += "</ul>";
  CasesAsk ask;
  ask.account = visit.account->name;
  ask.state = state;
  const auto found = visit.sources.daemon.cases(ask, visit.language);
  if (!found) {
    body += not_answering(visit);
  } else if (!found->why_not.done) {
    body += told(visit, false, found->why_not.text);
  } else if (found->cases.empty()) {
    body += untold_html(visit, found->untold) + "<p>" + visit.t(say("There is no such case.")) + "</p>";
  } else {
    body += untold_html(visit, found->untold);
    body += table_head(visit, name_of(Page::cases),
                       {say("Case"), say("State"), say("Opened at"), say("About"), say("Tier"),
                        say("Room or label"), say("Alerts")});
    for (const CaseLine& one : found->cases)
      body += "<tr><th scope=\"row\"><a href=\"" + esc(address_of_case(one.code)) + "\">" + esc(one.code) +
              "</a></th><td>" + state_mark(visit, one.state) + "</td><td class=\"nowrap\">" +
              esc(visit.local(one.opened)) + "</td><td>" + esc(one.theme) + "</td><td>" + esc(one.tier) +
              "</td><td>" + esc(one.place) + "</td><td class=\"number\">" + visit.t(grouped(one.alerts)) +
              "</td></tr>";
    body += std::string(table_end) + "<p class=\"quiet\">" +
            visit.t(say("Who opens a case is written down.")) + "</p>";
  }
  return page_response(visit, Page::cases, name_of(Page::cases), body);
}

Response case_page(const Visit& visit) {
  return one_case(visit, std::string(visit.query("code")));
}

Response case_step(const Visit& visit) {
  CasesAsk ask{.account = visit.account->name,
               .code = std::string(visit.form("code")),
               .state = std::string(visit.form("state")),
               .note = std::string(visit.form("note"))};
  constexpr std::array<std::string_view, 4> steps{"seen", "handled", "passed_on", "wrong"};
  if (ask.code.empty() || std::find(steps.begin(), steps.end(), ask.state) == steps.end())
    return refusal(visit, 400, say("This form is not whole."));
  const auto said = visit.sources.daemon.case_step(ask, visit.language);
  if (!said) return refusal(visit, 503, say("The proxy does not answer: nothing was changed."));
  return lead_to(visit, address_of_case(ask.code), *said);
}

Response case_reveal(const Visit& visit) {
  const RevealAsk ask{visit.account->name, std::string(visit.form("code")), std::string(visit.form("act")),
                      std::string(visit.form("why"))};
  if (ask.code.empty() || (ask.act != "ask" && ask.act != "agree" && ask.act != "show"))
    return refusal(visit, 400, say("This form is not whole."));
  if (const auto why = wrong_code(visit))
    return lead_to(visit, address_of_case(ask.code), Said{false, why->in(visit.catalogue())});
  const auto said = visit.sources.daemon.reveal(ask, visit.language);
  if (!said) return refusal(visit, 503, say("The proxy does not answer: nothing was changed."));
  return lead_to(visit, address_of_case(ask.code), *said);
}

}  // namespace schoolgate::web
