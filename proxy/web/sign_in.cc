// Signing in and out, the one-time link, and one's own account.
#include <algorithm>

#include "proxy/core/hmac.h"
#include "proxy/core/json_text.h"
#include "proxy/web/link.h"
#include "proxy/web/totp.h"
#include "proxy/web/visit.h"
#include "rules/bytes/sha256.h"

namespace schoolgate::web {
namespace {

constexpr std::int64_t second_ms = 1000;

Response begin_session(const Visit& visit, const Account& account) {
  const std::string secret = new_secret(visit.around);
  Session session;
  session.account = account.name;
  session.generation = account.generation;
  session.csrf = new_secret(visit.around);
  visit.sessions.begin(secret, std::move(session), visit.around.steady_ms());
  Response response = redirect(path_of(first_page_of(account.role)));
  response.headers.emplace_back("Set-Cookie", session_cookie(secret));
  return response;
}

std::string form_field(const Visit& visit, const Message& label, const char* name, const char* fill) {
  return input(visit, label, name, "password", "",
               "required minlength=\"" + std::to_string(shortest_password) + "\" maxlength=\"" +
                   std::to_string(longest_password) + "\" autocomplete=\"" + fill + "\"");
}

void tell_event(const Visit& visit, const std::string& account, const char* what) {
  JsonObject detail;
  detail.add("from", visit.request.peer);
  static_cast<void>(visit.sources.daemon.event(account, what, detail.text()));
}

// The account that a one-time link is for.
std::optional<Account> link_account(const Visit& visit, std::string_view code) {
  if (code.empty()) return std::nullopt;
  const std::string digest = to_hex(sha256(code));
  std::optional<Account> found;
  for (Account& one : visit.sources.accounts.all())
    if (!one.link.empty() && equal_in_constant_time(one.link, digest) && !one.locked &&
        one.link_until > visit.now_ms() / second_ms)
      found = std::move(one);
  return found;
}

}  // namespace

std::string session_cookie(std::string_view secret) {
  return std::string(session_cookie_name) + "=" + std::string(secret) +
         "; Path=/; Secure; HttpOnly; SameSite=Strict" + (secret.empty() ? "; Max-Age=0" : "");
}

Message wrong_password(std::string_view password, std::string_view account) {
  if (password.size() < shortest_password)
    return say("A password has at least {} characters: three or four words are easy to keep.",
               shortest_password);
  if (password.size() > longest_password)
    return say("A password has at most {} characters.", longest_password);
  if (password.find(account) != std::string_view::npos && account.size() > 2)
    return say("The password holds the account's name.");
  if (std::all_of(password.begin(), password.end(), [&](char c) { return c == password.front(); }))
    return say("The password is one character over and over.");
  return {};
}

Response sign_in_page(const Visit& visit, const std::string& told_first, int status) {
  const std::string body =
      told_first + "<form method=\"post\" action=\"/sign-in\" class=\"card narrow\">" +
      input(visit, say("Account"), "account", "text", visit.form("account"),
            "required maxlength=\"32\" autocomplete=\"username\" autocapitalize=\"none\" "
            "spellcheck=\"false\"") +
      input(visit, say("Password"), "password", "password", "",
            "required maxlength=\"200\" autocomplete=\"current-password\"") +
      input(visit, say("Code of your phone, if you set one up"), "code", "text", "",
            "inputmode=\"numeric\" maxlength=\"7\" autocomplete=\"one-time-code\"") +
      "<button>" + visit.t(say("Sign in")) + "</button></form><p class=\"quiet\">" +
      visit.t(
          say("No password any more? The administrator makes a link for you: schoolgate user passwd NAME.")) +
      "</p>";
  return page_response(visit, std::nullopt, say("Sign in"), body, status);
}

Response sign_in(const Visit& visit) {
  const std::string name(visit.form("account"));
  const auto refuse = [&](int status, const Message& why) {
    return sign_in_page(visit, told(visit, false, why.in(visit.catalogue())), status);
  };
  const std::int64_t now = visit.around.steady_ms();
  if (const std::int64_t wait = visit.limit.wait_ms(name, visit.request.peer, now); wait > 0)
    return refuse(429, say("Too many tries: wait {} seconds.", wait / second_ms + 1));
  auto account = is_account_name(name) ? visit.sources.accounts.find(name) : std::nullopt;
  const Checked checked =
      visit.sources.passwords.check(visit.form("password"), account ? account->password : std::string());
  if (checked == Checked::busy) return refuse(503, say("Too many people sign in at once: try again."));
  bool good = checked == Checked::right && account && !account->locked;
  std::optional<std::uint64_t> step;
  if (good && !account->totp.empty()) {
    step = totp_step(account->totp, visit.form("code"), visit.now_ms() / second_ms, account->totp_last);
    good = step.has_value();
  }
  if (!good) {
    if (visit.limit.failed(name, visit.request.peer, now))
      tell_event(visit, is_account_name(name) ? name : "?", "sign_in_failed");
    return refuse(403, say("Account, password or code is wrong."));
  }
  if (step) {
    account->totp_last = *step;
    if (visit.sources.accounts.put(*account).failed())
      return refuse(503, say("The accounts cannot be written: tell the administrator."));
  }
  visit.limit.succeeded(name, visit.request.peer);
  tell_event(visit, name, "sign_in");
  return begin_session(visit, *account);
}

Response sign_out(const Visit& visit) {
  visit.sessions.end(visit.secret);
  Response response = redirect("/sign-in");
  response.headers.emplace_back("Set-Cookie", session_cookie(""));
  return response;
}

Response first_page(const Visit& visit, const std::string& told_first) {
  const std::string code(visit.request.method == "POST" ? visit.form("code") : visit.query("code"));
  const auto account = link_account(visit, code);
  if (!account)
    return refusal(
        visit, 403,
        say("This link was used, or is older than a day. A new one: schoolgate user passwd NAME."));
  const std::string body =
      told_first + "<p>" + visit.t(say("Choose a password for the account {}.", account->name)) +
      "</p><form method=\"post\" action=\"/first\" class=\"card narrow\">" + hidden("code", code) +
      "<input type=\"text\" name=\"account\" autocomplete=\"username\" hidden value=\"" + esc(account->name) +
      "\">" + form_field(visit, say("New password"), "password", "new-password") +
      form_field(visit, say("Once more"), "again", "new-password") + "<button>" + visit.t(say("Keep it")) +
      "</button></form>";
  return page_response(visit, std::nullopt, say("Welcome"), body);
}

Response first_password(const Visit& visit) {
  auto account = link_account(visit, visit.form("code"));
  if (!account) return first_page(visit);
  const auto again = [&](const Message& why) {
    return first_page(visit, told(visit, false, why.in(visit.catalogue())));
  };
  if (const Message why = wrong_password(visit.form("password"), account->name); !why.empty())
    return again(why);
  if (visit.form("password") != visit.form("again")) return again(say("The two passwords differ."));
  account->password = visit.sources.passwords.hash(visit.form("password"));
  if (account->password.empty()) return again(say("Too many people sign in at once: try again."));
  account->link.clear();
  account->link_until = 0;
  account->totp.clear();  // whoever lost the phone comes this way, too
  account->totp_last = 0;
  ++account->generation;
  if (visit.sources.accounts.put(*account).failed())
    return again(say("The accounts cannot be written: tell the administrator."));
  tell_event(visit, account->name, "password_set");
  return begin_session(visit, *account);
}

namespace {

std::string grouped_by_four(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i != 0 && i % 4 == 0) out += ' ';
    out += text[i];
  }
  return out;
}

std::string second_step(const Visit& visit) {
  std::string out =
      "<section class=\"card\"><h2>" + visit.t(say("Second step: a code of your phone")) + "</h2>";
  const auto begin = [&](const char* act) {
    return "<form method=\"post\" action=\"/account\">" + token_field(visit) + hidden("act", act);
  };
  const auto code = [&] {
    return input(visit, say("Code"), "code", "text", "",
                 "required inputmode=\"numeric\" maxlength=\"7\" autocomplete=\"one-time-code\"");
  };
  if (!visit.account->totp.empty()) {
    out += "<p>" + visit.t(say("Signing in asks for a code of your phone.")) + "</p>" + begin("totp_off") +
           code() + "<button class=\"quiet-button\">" + visit.t(say("Ask for no code any more")) +
           "</button></form>";
  } else if (!visit.session.new_totp.empty()) {
    out +=
        "<p>" +
        visit.t(
            say("Type this key into an app for codes (FreeOTP, Aegis, Google Authenticator), then the code "
                "that it shows.")) +
        "</p><p><code class=\"big\">" + grouped_by_four(visit.session.new_totp) + "</code></p><p><a href=\"" +
        esc(totp_address(visit.options.school, visit.account->name, visit.session.new_totp)) + "\">" +
        visit.t(say("Open it in the app of this phone")) + "</a></p>" + begin("totp_confirm") + code() +
        "<button>" + visit.t(say("Switch it on")) + "</button></form>";
  } else {
    out +=
        "<p>" +
        visit.t(say(
            "With it a stolen password opens nothing. Who asks for the person behind a device needs it.")) +
        "</p>" + begin("totp_new") + "<button class=\"quiet-button\">" + visit.t(say("Set it up")) +
        "</button></form>";
  }
  return out + "</section>";
}

Response change_password(const Visit& visit, Account account) {
  const auto no = [&](const Message& why) {
    return lead_to(visit, path_of(Page::account), Said{false, why.in(visit.catalogue())});
  };
  const std::int64_t now = visit.around.steady_ms();
  if (visit.limit.wait_ms(account.name, visit.request.peer, now) > 0)
    return no(say("Too many tries: wait a few minutes."));
  if (visit.sources.passwords.check(visit.form("old"), account.password) != Checked::right) {
    static_cast<void>(visit.limit.failed(account.name, visit.request.peer, now));
    return no(say("The old password is wrong."));
  }
  if (const Message why = wrong_password(visit.form("password"), account.name); !why.empty()) return no(why);
  if (visit.form("password") != visit.form("again")) return no(say("The two passwords differ."));
  account.password = visit.sources.passwords.hash(visit.form("password"));
  if (account.password.empty()) return no(say("Too many people sign in at once: try again."));
  ++account.generation;  // ends every session, this one too
  if (visit.sources.accounts.put(account).failed())
    return no(say("The accounts cannot be written: tell the administrator."));
  tell_event(visit, account.name, "password_set");
  visit.sessions.end_all_of(account.name);
  return begin_session(visit, account);
}

Response change_second_step(const Visit& visit, Account account, std::string_view act) {
  Session session = visit.session;
  const auto answer = [&](const Visit& after, bool good, const Message& text) {
    return lead_to(after, path_of(Page::account), Said{good, text.in(after.catalogue())});
  };
  if (act == "totp_new") {
    session.new_totp = to_base32(visit.around.random(totp_secret_bytes));
    visit.sessions.change(visit.secret, session);
    return redirect("/account");
  }
  const bool off = act == "totp_off";
  const std::string& key = off ? account.totp : session.new_totp;
  const auto step = totp_step(key, visit.form("code"), visit.now_ms() / second_ms, account.totp_last);
  if (!step) {
    static_cast<void>(visit.limit.failed(account.name, visit.request.peer, visit.around.steady_ms()));
    return answer(visit, false, say("This code is wrong, or was used; the phone's clock must be right."));
  }
  account.totp = off ? std::string() : session.new_totp;
  account.totp_last = off ? 0 : *step;
  if (visit.sources.accounts.put(account).failed())
    return answer(visit, false, say("The accounts cannot be written: tell the administrator."));
  session.new_totp.clear();
  visit.sessions.change(visit.secret, session);
  tell_event(visit, account.name, off ? "second_step_off" : "second_step_on");
  Visit after = visit;
  after.account = account;
  after.session = session;
  return answer(
      after, true,
      off ? say("Signing in asks for the password alone.") : say("From now on signing in asks for a code."));
}

}  // namespace

Response account_page(const Visit& visit) {
  const std::string body =
      "<section class=\"card\"><h2>" + visit.t(say("Password")) +
      "</h2><form method=\"post\" action=\"/account\">" + token_field(visit) + hidden("act", "password") +
      input(visit, say("Old password"), "old", "password", "",
            "required maxlength=\"200\" autocomplete=\"current-password\"") +
      form_field(visit, say("New password"), "password", "new-password") +
      form_field(visit, say("Once more"), "again", "new-password") + "<button>" + visit.t(say("Change it")) +
      "</button></form></section>" + second_step(visit) + "<section class=\"card\"><h2>" +
      visit.t(say("Other devices")) + "</h2><form method=\"post\" action=\"/account\">" + token_field(visit) +
      hidden("act", "sign_out_all") + "<button class=\"quiet-button\">" +
      visit.t(say("Sign out everywhere")) + "</button></form></section>";
  return page_response(visit, Page::account, name_of(Page::account), body);
}

Response account_change(const Visit& visit) {
  const std::string_view act = visit.form("act");
  if (act == "password") return change_password(visit, *visit.account);
  if (act == "totp_new" || act == "totp_confirm" || act == "totp_off") {
    const bool known = act == "totp_off" ? !visit.account->totp.empty() : visit.account->totp.empty();
    if (!known || (act == "totp_confirm" && visit.session.new_totp.empty())) return redirect("/account");
    const bool waits =
        visit.limit.wait_ms(visit.account->name, visit.request.peer, visit.around.steady_ms()) > 0;
    if (waits)
      return lead_to(visit, path_of(Page::account),
                     Said{false, say("Too many tries: wait a few minutes.").in(visit.catalogue())});
    return change_second_step(visit, *visit.account, act);
  }
  if (act == "sign_out_all") {
    visit.sessions.end_all_of(visit.account->name);
    return sign_out(visit);
  }
  return refusal(visit, 400, say("This form is not whole."));
}

}  // namespace schoolgate::web
