#include "proxy/core/pages/own_site.h"

#include "proxy/core/help_watch.h"
#include "proxy/core/pages/pac.h"
#include "proxy/core/plan.h"
#include "rules/bytes/hex.h"
#include "rules/url/url.h"

namespace schoolgate {

namespace {

constexpr std::int64_t shown_for_ms = 60 * 60 * 1000;  // the next class at this computer need not see it

std::optional<std::string> decode_form(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = high < 0 ? -1 : hex_value(text[i + 2]);
      if (low < 0) return std::nullopt;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    }
  }
  return out;
}

// What was refused may be said to be wrong, once.
void add_wish(const OwnRequest& request, const Grants& grants, const RecentVerdict& verdict,
              PastVerdict& shown) {
  const Policy& policy = *request.page.snapshot->policy;
  std::string category;
  if (verdict.verdict.category < policy.categories().size())
    category = policy.categories()[verdict.verdict.category].id;
  shown.wish =
      request.wishes->about(verdict.host, policy.tiers()[verdict.tier].id, category, request.page.time_ms);
  const bool again = shown.wish && shown.wish->state == WishState::granted && !shown.wish->line &&
                     shown.wish->open_until_ms <= request.page.time_ms;
  // Small children read this page: their teacher asks on the page that refuses.
  const bool asks = policy.tiers()[verdict.tier].voice != Voice::small_children;
  if (asks && (!shown.wish || again))
    shown.wish_token = wish_token(grants, policy, request.client, verdict.tier, verdict.host, verdict.verdict,
                                  request.page.time_ms);
}

PageResponse list_page(const OwnRequest& request, const RecentVerdicts& recent, const Grants& grants,
                       bool keep_alive) {
  const PageRequest& page = request.page;
  // What one of many was refused is not shown to the others.
  if (page.snapshot == nullptr || page.snapshot->config.shares_address(request.client))
    return render_own_page(page, {}, keep_alive, PastShown::shared_address);
  if (page.snapshot->config.people_change(request.client))
    return render_own_page(page, {}, keep_alive, PastShown::shared_seats);
  std::vector<PastVerdict> past;
  for (RecentVerdict& verdict : recent.of(request.client)) {
    if (verdict.time_ms < page.time_ms - shown_for_ms) continue;
    PastVerdict shown{verdict.time_ms, verdict.decision,       verdict.verdict,
                      verdict.tier,    std::move(verdict.url), {}};
    if (verdict.revision != page.snapshot->revision) {
      shown.verdict.category = no_category;  // the number is another policy's
    } else if (verdict.tier == page.tier && request.wishes != nullptr &&
               verdict.verdict.action == Action::block) {
      add_wish(request, grants, verdict, shown);
    } else if (verdict.verdict.action == Action::warn && verdict.tier == page.tier) {
      shown.continue_token = continue_token(grants, *page.snapshot->policy, request.client, page.tier,
                                            verdict.host, verdict.verdict, page.time_ms);
    }
    past.push_back(std::move(shown));
  }
  return render_own_page(page, past, keep_alive);
}

PageResponse pac_file(const OwnRequest& request, bool keep_alive) {
  PageAnswer answer;
  answer.status = 200;
  answer.time_ms = request.page.time_ms;
  answer.content_type = "application/x-ns-proxy-autoconfig";
  answer.keep_alive = keep_alive;
  answer.head_only = request.page.head->method == "HEAD";
  const PacSettings& settings = request.page.snapshot->config.pac;
  return {answer.status, page_response(answer, pac_text(settings, request.proxy_address))};
}

OwnAnswer press_continue(const OwnRequest& request, Grants& grants, bool keep_alive) {
  const PageRequest& page = request.page;
  const Tier& tier = page.snapshot->policy->tiers()[page.tier];
  const auto subject =
      grants.redeem(form_value(request.body, "token"), request.client, tier.id, page.time_ms);
  if (!subject || subject->of_wish())
    return {render_own_page(page, OwnPage::expired, request.proxy_address, keep_alive)};
  // Only back to the host that the token names: this is no open redirect.
  Url url;
  const std::string wanted = form_value(request.body, "url");
  const bool same_host = url.parse(wanted).ok() && url.host().text == subject->host;
  const bool is_v6 = subject->host.find(':') != std::string::npos;
  const std::string home = is_v6 ? "http://[" + subject->host + "]/" : "http://" + subject->host + "/";
  PageAnswer answer;
  answer.status = 303;
  answer.time_ms = page.time_ms;
  answer.location = same_host ? url.forward() : std::string_view(home);
  answer.keep_alive = keep_alive;
  OwnAnswer own{.page = {answer.status, page_response(answer, {})}, .granted = subject};
  if (subject->of_help()) own.verdict.action = Action::help;
  return own;
}

// The page that somebody says is blocked wrongly, as it would be judged now; the host is the token's.
Verdict verdict_now(const OwnRequest& request, const std::string& host) {
  Url url;
  const std::string wanted = form_value(request.body, "url");
  const bool is_v6 = host.find(':') != std::string::npos;
  const std::string home = "http://" + (is_v6 ? "[" + host + "]" : host) + "/";
  if (url.parse(wanted).failed() || url.host().text != host)
    if (url.parse(home).failed()) return Verdict::refused(Reason::bad_request);
  return request.judge(url).without_help();
}

OwnAnswer press_wish(const OwnRequest& request, Grants& grants, bool keep_alive) {
  const PageRequest& page = request.page;
  const Policy& policy = *page.snapshot->policy;
  const Tier& tier = policy.tiers()[page.tier];
  const auto subject =
      grants.redeem(form_value(request.body, "token"), request.client, tier.id, page.time_ms);
  if (!subject || !subject->of_wish())
    return {render_own_page(page, OwnPage::expired, request.proxy_address, keep_alive)};
  const auto told = [&](WishPage which) { return OwnAnswer{render_wish_page(page, which, keep_alive)}; };
  const auto reason = wish_reason_of(form_value(request.body, "why"));
  if (!reason) return told(WishPage::choose);
  const Verdict verdict = verdict_now(request, subject->host);
  if (verdict.action == Action::allow || verdict.action == Action::warn) return told(WishPage::allowed);
  if (!may_be_wished(verdict)) return told(WishPage::locked);
  WishAsk ask{.client = request.client,
              .shared = page.snapshot->config.shares_address(request.client),
              .host = subject->host,
              .tier = tier.id,
              .category = {},
              .list = page.snapshot->place(verdict.rule),
              .reason = *reason,
              .now_ms = page.time_ms};
  if (verdict.category < policy.categories().size()) ask.category = policy.categories()[verdict.category].id;
  ask.list.resize(std::min(ask.list.size(), ask.list.rfind(':')));  // the file, not the line
  WishReply reply = request.wishes->ask(ask);
  if (reply.outcome == WishOutcome::too_many) return told(WishPage::too_many);
  if (reply.outcome == WishOutcome::closed) return told(WishPage::closed);
  const std::string place =
      std::string(page.secure ? "https://" : "http://") + std::string(own_host) + "/w/" + reply.code;
  PageAnswer answer;
  answer.status = 303;
  answer.time_ms = page.time_ms;
  answer.location = place;
  answer.keep_alive = keep_alive;
  OwnAnswer own{.page = {answer.status, page_response(answer, {})}};
  own.wished = OwnAnswer::Wished{std::move(ask), std::move(reply)};
  return own;
}

PageResponse code_page(const OwnRequest& request, const RecentVerdicts& recent, std::string_view typed,
                       bool keep_alive) {
  const PageRequest& page = request.page;
  const std::string code = typed_code(decode_form(typed).value_or(""));
  if (const auto wish = request.wishes->find(code, page.time_ms)) return render_wish(page, *wish, keep_alive);
  auto verdict = recent.with_code(code);
  if (!verdict || verdict->time_ms < page.time_ms - wish_shown_ms)
    return render_wish_page(page, WishPage::gone, keep_alive);
  if (verdict->revision != page.snapshot->revision)
    verdict->verdict.category = no_category;  // the number is another policy's
  return render_verdict(
      page, {verdict->time_ms, verdict->decision, verdict->verdict, verdict->tier, verdict->url, {}},
      keep_alive);
}

}  // namespace

Verdict own_verdict() noexcept {
  Verdict verdict;
  verdict.action = Action::allow;
  verdict.layer = Layer::guaranteed_help;
  verdict.reason = Reason::help_line;
  return verdict;
}

OwnAnswer answer_own(const OwnRequest& request, const RecentVerdicts& recent, Grants& grants,
                     bool keep_alive) {
  const PageRequest& page = request.page;
  if (page.snapshot == nullptr) {
    PageRequest starting = page;
    starting.kind = PageKind::not_ready;
    starting.status = status_of(starting.kind);
    return {{starting.status, render_page(starting, keep_alive)}};
  }
  const std::string_view path = request.target.substr(0, request.target.find('?'));
  const auto own_page = [&](OwnPage which) {
    return OwnAnswer{render_own_page(page, which, request.proxy_address, keep_alive)};
  };
  if (page.head->method == "POST") {
    if (path == "/wish" && request.wishes != nullptr && request.judge)
      return press_wish(request, grants, keep_alive);
    if (path != "/continue") return own_page(OwnPage::missing);
    return press_continue(request, grants, keep_alive);
  }
  if (page.head->method != "GET" && page.head->method != "HEAD") return own_page(OwnPage::missing);
  if (path == "/") return {list_page(request, recent, grants, keep_alive)};
  if (path == "/privacy") return own_page(OwnPage::privacy);
  if (path == "/setup") return own_page(OwnPage::setup);
  if (path == "/privacy/parents") return own_page(OwnPage::parents);
  if (path == "/help") return own_page(OwnPage::help);
  if (path == "/safety" || path == "/an-toan") return own_page(OwnPage::safety);
  constexpr std::string_view codes = "/w/";
  if (path.starts_with(codes) && request.wishes != nullptr)
    return {code_page(request, recent, path.substr(codes.size()), keep_alive)};
  if (path == "/test" && request.tests != nullptr) return answer_device_test(request, keep_alive);
  if (is_pac_path(path)) return {pac_file(request, keep_alive)};
  if (const CaFacts* ca = request.ca) {
    if (path == "/ca") return {render_ca_page(page, *ca, keep_alive)};
    if (path == "/ca.crt") return {ca_file(page, ca->pem, keep_alive)};
    if (path == "/ca.der") return {ca_file(page, ca->der, keep_alive)};
  }
  return own_page(OwnPage::missing);
}

std::string continue_token(const Grants& grants, const Policy& policy, const IpAddress& client, TierId tier,
                           std::string_view host, const Verdict& verdict, std::int64_t now_ms) {
  if (verdict.action != Action::warn) return {};
  GrantSubject subject{client, policy.tiers()[tier].id, std::string(host), {}};
  if (verdict.category != no_category) {
    if (verdict.category >= policy.categories().size()) return {};
    subject.category = policy.categories()[verdict.category].id;
  }
  return grants.make_token(subject, now_ms);
}

std::string wish_token(const Grants& grants, const Policy& policy, const IpAddress& client, TierId tier,
                       std::string_view host, const Verdict& verdict, std::int64_t now_ms) {
  const Tier& asking = policy.tiers()[tier];
  if (!may_be_wished(verdict)) return {};
  GrantSubject subject{client, asking.id, std::string(host), std::string(GrantSubject::wish_prefix)};
  if (verdict.category < policy.categories().size())
    subject.category += policy.categories()[verdict.category].id;
  return grants.make_token(subject, now_ms);
}

std::string help_token(const Grants& grants, const Snapshot& snapshot, const IpAddress& client, TierId tier,
                       std::string_view host, const HelpMatch& help, std::int64_t now_ms) {
  return grants.make_token(
      {client, snapshot.policy->tiers()[tier].id, std::string(host), help_rule(snapshot, help.help)}, now_ms);
}

std::string form_value(std::string_view body, std::string_view name) {
  while (!body.empty()) {
    const std::size_t end = body.find('&');
    const std::string_view pair = body.substr(0, end);
    body = end == std::string_view::npos ? std::string_view{} : body.substr(end + 1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
      return decode_form(pair.substr(name.size() + 1)).value_or("");
  }
  return {};
}

}  // namespace schoolgate
