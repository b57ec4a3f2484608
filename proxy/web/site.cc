#include "proxy/web/site.h"

#include <algorithm>
#include <array>

#include "proxy/core/hmac.h"
#include "proxy/core/pages/embedded.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

// Which right a path needs, and who answers.
struct Route {
  std::string_view path;
  bool post;
  Page page;
  Verb verb;
  Response (*answer)(const Visit&);
};

constexpr std::array routes{
    Route{"/now", false, Page::now, Verb::view, now_page},
    Route{"/now/part", false, Page::now, Verb::view, now_part},
    Route{"/log", false, Page::log, Verb::view, log_page},
    Route{"/log/take", true, Page::log, Verb::take, log_take},
    Route{"/log/clients", true, Page::log, Verb::take, log_clients},
    Route{"/explain", false, Page::explain, Verb::view, explain_page},
    Route{"/policy", false, Page::policy, Verb::view, policy_page},
    Route{"/overrides", false, Page::overrides, Verb::view, overrides_page},
    Route{"/overrides", true, Page::overrides, Verb::change, overrides_change},
    Route{"/overrides/revoke", true, Page::overrides, Verb::change, overrides_revoke},
    Route{"/wishes", false, Page::wishes, Verb::view, wishes_page},
    Route{"/wishes", true, Page::wishes, Verb::change, wishes_answer},
    Route{"/policy/edit", false, Page::policy, Verb::change, editor_page},
    Route{"/policy/edit", true, Page::policy, Verb::change, editor_change},
    Route{"/rooms", false, Page::rooms, Verb::view, rooms_page},
    Route{"/rooms", true, Page::rooms, Verb::change, rooms_change},
    Route{"/cases", false, Page::cases, Verb::view, cases_page},
    Route{"/cases/one", false, Page::cases, Verb::view, case_page},
    Route{"/cases/step", true, Page::cases, Verb::change, case_step},
    Route{"/cases/reveal", true, Page::cases, Verb::take, case_reveal},
    Route{"/reports", false, Page::reports, Verb::view, reports_page},
    Route{"/reports/show", false, Page::reports, Verb::view, report_show},
    Route{"/reports/take", true, Page::reports, Verb::take, report_take},
    Route{"/lists", false, Page::lists, Verb::view, lists_page},
    Route{"/users", false, Page::users, Verb::view, users_page},
    Route{"/users", true, Page::users, Verb::change, users_change},
    Route{"/health", false, Page::health, Verb::view, health_page},
    Route{"/account", false, Page::account, Verb::view, account_page},
    Route{"/account", true, Page::account, Verb::change, account_change},
};

constexpr std::string_view page_policy =
    "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return out;
}

// Another site's page must not make a browser change something here. Browsers say at least one of the two.
bool from_here(const Request& request, const SiteOptions& options) {
  if (request.fetch_site.empty() && request.origin.empty()) return false;
  const bool site = request.fetch_site.empty() || request.fetch_site == "same-origin";
  const bool origin =
      request.origin.empty() || lower(request.origin) == options.scheme + "://" + lower(request.host);
  return site && origin;
}

Response own_file(std::string_view name, std::string type) {
  Response response;
  response.type = std::move(type);
  response.body = std::string(embedded_file(name));
  return response;
}

void guard(Response& response) {
  const auto has = [&](std::string_view name) {
    return std::any_of(response.headers.begin(), response.headers.end(),
                       [&](const auto& one) { return one.first == name; });
  };
  if (!has("Content-Security-Policy")) response.headers.emplace_back("Content-Security-Policy", page_policy);
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  response.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  response.headers.emplace_back("Cache-Control", "no-store");
}

// The language that was chosen here, or the school's.
Language language_of(const Request& request, const SiteOptions& options) {
  for (const std::string_view said : {field(request.query, "lang"), field(request.cookies, "__Host-lang")}) {
    if (said == "vi") return Language::vi;
    if (said == "en") return Language::en;
  }
  return options.language;
}

void take_up_session(Visit& visit) {
  visit.secret = std::string(field(visit.request.cookies, session_cookie_name));
  if (visit.secret.empty()) return;
  const auto session = visit.sessions.find(visit.secret, visit.around.steady_ms());
  if (!session) return;
  auto account = visit.sources.accounts.find(session->account);
  if (!account || account->locked || account->generation != session->generation) {
    visit.sessions.end(visit.secret);
    return;
  }
  visit.session = *session;
  visit.account = std::move(account);
}

// What became of the form that led to this page: for this load of it alone.
void take_up_told(Visit& visit) {
  if (!visit.account || visit.session.told.empty()) return;
  if (visit.request.method != "GET" || visit.request.path != visit.session.told_at) return;
  visit.told_first = std::move(visit.session.told);
  visit.session.told.clear();
  visit.session.told_at.clear();
  visit.sessions.change(visit.secret, visit.session);
}

Response open_path(const Visit& visit) {  // for those who are not signed in
  const std::string& path = visit.request.path;
  const bool post = visit.request.method == "POST";
  if (path == "/sign-in") return post ? sign_in(visit) : sign_in_page(visit);
  return post ? first_password(visit) : first_page(visit);
}

Response route(const Visit& visit) {
  const Request& request = visit.request;
  const bool post = request.method == "POST";
  if (request.path == "/sign-in" || request.path == "/first") {
    if (post && !from_here(request, visit.options))
      return refusal(visit, 403, say("This form was not sent from these pages."));
    return open_path(visit);
  }
  const bool same_path_known =
      std::any_of(routes.begin(), routes.end(), [&](const Route& one) { return one.path == request.path; });
  const auto found = std::find_if(routes.begin(), routes.end(), [&](const Route& one) {
    return one.path == request.path && one.post == post;
  });
  if (!visit.account) {
    if (post) return refusal(visit, 403, say("Nobody is signed in any more."));
    return redirect("/sign-in");
  }
  if (post &&
      (!from_here(request, visit.options) || !equal_in_constant_time(visit.form("csrf"), visit.session.csrf)))
    return refusal(visit, 403, say("This form was not sent from these pages."));
  if (request.path == "/") return redirect(path_of(first_page_of(visit.account->role)));
  if (request.path == "/sign-out" && post) return sign_out(visit);
  if (found == routes.end()) {
    Response response = refusal(visit, same_path_known || request.path == "/sign-out" ? 405 : 404,
                                say("There is no such page."));
    return response;
  }
  if (!visit.can(found->page, found->verb))
    return refusal(visit, 403, say("Your role does not give you this page."));
  return found->answer(visit);
}

}  // namespace

Response Site::answer(const Request& request) {
  Response response;
  const std::string host = lower(request.host);
  if (std::find(options_.hosts.begin(), options_.hosts.end(), host) == options_.hosts.end()) {
    response.status = 421;  // a name that was led here (DNS rebinding)
    response.type = "text/plain; charset=utf-8";
    response.body = "These pages are not served under this name.\n";
  } else if (request.method != "GET" && request.method != "HEAD" && request.method != "POST") {
    response.status = 405;
    response.headers.emplace_back("Allow", "GET, HEAD, POST");
  } else if (request.path == "/favicon.ico") {
    response.status = 204;  // pages say that they have none; what they give away to be kept does not
  } else if (request.path == "/style.css") {
    response = own_file("staff.css", "text/css; charset=utf-8");
  } else if (request.path == "/script.js") {
    response = own_file("staff.js", "text/javascript; charset=utf-8");
  } else {
    Visit visit{request, options_, around_, sources_, sessions_, limit_, language_of(request, options_)};
    if (request.path == "/healthz" || request.path == "/readyz" || request.path == "/metrics") {
      response = machine_page(visit);
    } else {
      take_up_session(visit);
      take_up_told(visit);
      response = route(visit);
      if (const std::string_view lang = field(request.query, "lang"); lang == "vi" || lang == "en")
        response.headers.emplace_back("Set-Cookie",
                                      "__Host-lang=" + std::string(lang) +
                                          "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=31536000");
    }
  }
  guard(response);
  return response;
}

}  // namespace schoolgate::web
