// Accounts: who has which role. Those who watch over the admin (safeguarding, auditor) are changed on the
// machine alone, by `schoolgate user`.
#include "proxy/core/json_text.h"
#include "proxy/web/link.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

bool changed_here(Role role) noexcept {
  return role == Role::teacher || role == Role::head || role == Role::admin;
}

Message state_of(const Account& account, std::int64_t now_s) {
  if (account.locked) return say("locked");
  if (!account.password.empty()) return account.totp.empty() ? say("password") : say("password and code");
  return account.link_until > now_s ? say("waits for its link") : say("no password, and no link that holds");
}

std::string act_form(const Visit& visit, const Account& account, const char* act, const Message& label) {
  return "<form method=\"post\" action=\"/users\">" + token_field(visit) + hidden("act", act) +
         hidden("account", account.name) + "<button class=\"quiet-button small\" aria-label=\"" +
         visit.t(label) + ": " + esc(account.name) + "\">" + visit.t(label) + "</button></form>";
}

std::string account_row(const Visit& visit, const Account& account) {
  std::string out = "<tr><th scope=\"row\">" + esc(account.name) + "</th><td>" +
                    visit.t(name_of(account.role)) + "</td><td>" +
                    visit.t(state_of(account, visit.now_ms() / 1000)) + "</td><td><div class=\"acts\">";
  if (visit.can(Page::users, Verb::change) && changed_here(account.role) &&
      account.name != visit.account->name) {
    out += act_form(visit, account, "link", say("New link"));
    out += account.locked ? act_form(visit, account, "unlock", say("Unlock"))
                          : act_form(visit, account, "lock", say("Lock"));
  }
  return out + "</div></td></tr>";
}

std::string add_form(const Visit& visit) {
  std::string out = "<form method=\"post\" action=\"/users\" class=\"card\"><h2>" +
                    visit.t(say("A new account")) + "</h2>" + token_field(visit) + hidden("act", "add") +
                    input(visit, say("Account, as delegation.yaml names it"), "account", "text", "",
                          "required maxlength=\"32\" pattern=\"[a-z][a-z0-9._\\-]*\" autocapitalize=\"none\" "
                          "autocomplete=\"off\" spellcheck=\"false\"") +
                    "<label>" + visit.t(say("Role")) + "<select name=\"role\">";
  for (const Role role : roles)
    if (changed_here(role)) out += option(to_string(role), visit.t(name_of(role)), role == Role::teacher);
  return out + "</select></label><button>" + visit.t(say("Make it")) + "</button></form>";
}

std::string link_html(const Visit& visit, const std::string& link) {
  return "<div class=\"told good\" role=\"status\"><p>" +
         visit.t(say("Give this link to the person, and to nobody else. It works once, within a day.")) +
         "</p><p class=\"address\"><code>" + esc(visit.options.scheme + "://" + visit.request.host + link) +
         "</code></p></div>";
}

}  // namespace

Response users_page(const Visit& visit) {
  std::string body = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
                     visit.t(name_of(Page::users)) + "\"><table><thead><tr><th scope=\"col\">" +
                     visit.t(say("Account")) + "</th><th scope=\"col\">" + visit.t(say("Role")) +
                     "</th><th scope=\"col\">" + visit.t(say("Signs in with")) +
                     "</th><td></td></tr></thead><tbody>";
  for (const Account& account : visit.sources.accounts.all()) body += account_row(visit, account);
  body += "</tbody></table></div>";
  if (visit.can(Page::users, Verb::change)) body += add_form(visit);
  body += "<p class=\"quiet\">" +
          visit.t(say("Accounts of the safeguarding lead and the auditor are made on the machine: schoolgate "
                      "user add.")) +
          "</p>";
  return page_response(visit, Page::users, name_of(Page::users), body);
}

Response users_change(const Visit& visit) {
  const std::string name(visit.form("account"));
  const std::string act(visit.form("act"));
  const auto no = [&](const Message& why) {
    return lead_to(visit, path_of(Page::users), Said{false, why.in(visit.catalogue())});
  };
  if (!is_account_name(name))
    return no(say("A name has small letters a to z, digits and . _ -, a letter first."));
  auto account = visit.sources.accounts.find(name);
  if (act == "add") {
    const auto role = role_of(visit.form("role"));
    if (account) return no(say("There is an account {} already.", name));
    if (!role || !changed_here(*role))
      return refusal(visit, 403, say("This role is given on the machine alone."));
    account.emplace();
    account->name = name;
    account->role = *role;
  } else if (!account) {
    return no(say("There is no account {}.", name));
  }
  if (!changed_here(account->role) || name == visit.account->name)
    return refusal(visit, 403, say("This account is changed on the machine alone: schoolgate user."));
  std::string link;
  if (act == "add" || act == "link") {
    link = give_link(*account, visit.around);
  } else if (act == "lock" || act == "unlock") {
    account->locked = act == "lock";
    ++account->generation;
  } else {
    return refusal(visit, 400, say("This form is not whole."));
  }
  JsonObject detail;
  detail.add("account", name).add("act", act).add("role", to_string(account->role));
  if (!visit.sources.daemon.event(visit.account->name, "account_changed", detail.text()))
    return no(say("It cannot be recorded who changes accounts, so nothing was changed."));
  if (const auto kept = visit.sources.accounts.put(*account); kept.failed()) return no(kept.error().message);
  if (account->locked) visit.sessions.end_all_of(name);
  return link.empty() ? redirect(path_of(Page::users))
                      : lead_to(visit, path_of(Page::users), link_html(visit, link));
}

}  // namespace schoolgate::web
