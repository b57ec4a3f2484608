// One request on its way through the pages: who asks, in which language, and what pages are made of. Internal
// to proxy/web.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/web/request.h"
#include "proxy/web/sessions.h"
#include "proxy/web/site_options.h"
#include "rules/message.h"

namespace schoolgate::web {

struct Visit {
  const Request& request;
  const SiteOptions& options;
  const Surroundings& around;
  const Sources& sources;
  Sessions& sessions;
  SignInLimit& limit;
  Language language = Language::vi;
  std::optional<Account> account{};  // who is signed in
  std::string secret{};              // of the session
  Session session{};
  std::string told_first{};  // HTML: what became of the form that led here

  [[nodiscard]] Catalogue catalogue() const noexcept;
  [[nodiscard]] std::string t(const Message& message) const;  // in the visit's language, escaped
  [[nodiscard]] bool can(Page page, Verb verb) const noexcept {
    return account && may(account->role, page, verb);
  }
  [[nodiscard]] std::string_view query(std::string_view name) const { return field(request.query, name); }
  [[nodiscard]] std::string_view form(std::string_view name) const { return field(request.form, name); }
  [[nodiscard]] std::int64_t now_ms() const { return around.wall_ms(); }
  [[nodiscard]] std::string time(std::int64_t wall_ms, bool with_day) const;  // "29/11 08:05"; "08:05"
  // A date or time as people of the language write it: "2026-11-29 09:14" -> "29/11/2026 09:14" in
  // Vietnamese; whatever is none stays.
  [[nodiscard]] std::string local(std::string_view text) const;
};

[[nodiscard]] std::string esc(std::string_view text);
// `<input type="hidden">` with the session's token: in every form that changes something.
[[nodiscard]] std::string token_field(const Visit& visit);
[[nodiscard]] std::string hidden(std::string_view name, std::string_view value);
// A labelled line of a form: `kind` is the input's type, `more` further attributes, our own.
[[nodiscard]] std::string input(const Visit& visit, const Message& label, std::string_view name,
                                std::string_view kind, std::string_view value, std::string_view more = {});
[[nodiscard]] std::string option(std::string_view value, std::string_view shown, bool chosen);
// A sentence in a box: what was done, or what was not.
[[nodiscard]] std::string told(const Visit& visit, bool good, std::string_view text);
// "block" as people read it, with its colour.
[[nodiscard]] std::string action_mark(const Visit& visit, std::string_view action);
[[nodiscard]] Message action_name(std::string_view action);

// A whole page around `body`; `page`: which of the menu is marked.
[[nodiscard]] Response page_response(const Visit& visit, std::optional<Page> page, const Message& title,
                                     const std::string& body, int status = 200);
[[nodiscard]] Response redirect(std::string_view path);
// The answer to a form: leads to the page at `address`, which shows `html` first, once. Loading that page
// again sends nothing again.
[[nodiscard]] Response lead_to(const Visit& visit, std::string_view address, std::string html);
// The same with a sentence.
[[nodiscard]] Response lead_to(const Visit& visit, std::string_view address, const Said& said);
// What cannot be done, as a page with a way back.
[[nodiscard]] Response refusal(const Visit& visit, int status, const Message& why);
[[nodiscard]] std::string not_answering(const Visit& visit);  // the proxy does not

// The pages: what GET and POST of each path answer. Rights were looked at before.
[[nodiscard]] Response now_page(const Visit& visit);
[[nodiscard]] Response now_part(const Visit& visit);
[[nodiscard]] Response health_page(const Visit& visit);
[[nodiscard]] Response machine_page(const Visit& visit);  // /healthz, /readyz, /metrics
[[nodiscard]] Response log_page(const Visit& visit);
[[nodiscard]] Response log_take(const Visit& visit);
[[nodiscard]] Response log_clients(const Visit& visit);
[[nodiscard]] Response explain_page(const Visit& visit);
[[nodiscard]] Response policy_page(const Visit& visit);
[[nodiscard]] Response lists_page(const Visit& visit);
[[nodiscard]] Response overrides_page(const Visit& visit);
[[nodiscard]] Response overrides_change(const Visit& visit);
[[nodiscard]] Response overrides_revoke(const Visit& visit);
[[nodiscard]] Response wishes_page(const Visit& visit);
[[nodiscard]] Response wishes_answer(const Visit& visit);
[[nodiscard]] Response editor_page(const Visit& visit);
[[nodiscard]] Response editor_change(const Visit& visit);
[[nodiscard]] Response rooms_page(const Visit& visit);
[[nodiscard]] Response rooms_change(const Visit& visit);
[[nodiscard]] Response cases_page(const Visit& visit);
[[nodiscard]] Response case_page(const Visit& visit);
[[nodiscard]] Response case_step(const Visit& visit);
[[nodiscard]] Response case_reveal(const Visit& visit);
[[nodiscard]] Response reports_page(const Visit& visit);
[[nodiscard]] Response report_show(const Visit& visit);
[[nodiscard]] Response report_take(const Visit& visit);
[[nodiscard]] Response users_page(const Visit& visit);
[[nodiscard]] Response users_change(const Visit& visit);
[[nodiscard]] Response account_page(const Visit& visit);
[[nodiscard]] Response account_change(const Visit& visit);
[[nodiscard]] Response sign_in_page(const Visit& visit, const std::string& told_first = {}, int status = 200);
[[nodiscard]] Response sign_in(const Visit& visit);
[[nodiscard]] Response sign_out(const Visit& visit);
[[nodiscard]] Response first_page(const Visit& visit, const std::string& told_first = {});
[[nodiscard]] Response first_password(const Visit& visit);

// The cookie that holds a session; "" as secret takes it away.
[[nodiscard]] std::string session_cookie(std::string_view secret);
inline constexpr std::string_view session_cookie_name = "__Host-sg";

// Why this cannot be a password; empty: it can.
[[nodiscard]] Message wrong_password(std::string_view password, std::string_view account);

}  // namespace schoolgate::web
