// http://schoolgate.internal/test: what a device shows of the filter. No script: pictures are asked for, and
// the page looks again by itself.
#include "proxy/core/device_tests.h"
#include "proxy/core/json_text.h"
#include "proxy/core/pages/embedded.h"
#include "proxy/core/pages/own_site.h"
#include "proxy/core/pages/page_parts.h"
#include "proxy/core/plan.h"

namespace schoolgate {
namespace {

constexpr std::array all_probes = {Probe::blocked_page, Probe::blocked_secure, Probe::allowed_page,
                                   Probe::by_address,   Probe::doh_canary,     Probe::relay_canary};
constexpr std::string_view run_key = "run=";

enum class RowStand : std::uint8_t { good, bad, noted };

struct DeviceRow {
  std::string name, what;  // keys of texts
  RowStand stand = RowStand::noted;
  std::string way = {};  // "" = none is told
};

DeviceRow probe_row(const DeviceRun& run, Probe probe) {
  const std::string name = "device." + std::string(to_string(probe));
  const DeviceRun::Seen& seen = run.of(probe);
  if (!seen.arrived) return {name, "device.missing", RowStand::bad};
  const std::string way = seen.way == ProbeWay::setting ? "device.by_setting" : "device.by_gateway";
  const bool may_be_blocked = probe == Probe::blocked_page || probe == Probe::blocked_secure;
  if (!may_be_blocked) return {name, "device.answered", RowStand::good, way};
  return seen.blocked ? DeviceRow{name, "device.blocked", RowStand::good, way}
                      : DeviceRow{name, "device.not_blocked", RowStand::noted, way};
}

DeviceRow names_row(DeviceRun::Names names) {
  switch (names) {
    case DeviceRun::Names::school:
      return {"device.names", "device.names_school", RowStand::good};
    case DeviceRun::Names::by_proxy:
      return {"device.names", "device.names_by_proxy", RowStand::good};
    case DeviceRun::Names::elsewhere:
      return {"device.names", "device.names_elsewhere", RowStand::bad};
    case DeviceRun::Names::unknown:
      break;
  }
  return {"device.names", "device.names_unknown", RowStand::noted};
}

// By the firewall's counters. That a door is closed is shown by what was refused at it.
DeviceRow refused_row(const DeviceRun& run, RefusedKind kind) {
  const std::string name = kind == RefusedKind::quic ? "device.quic" : "device.dot";
  switch (run.tried(kind)) {
    case DeviceRun::Tried::now:
      return {name, "device.refused_now", RowStand::good};
    case DeviceRun::Tried::before:
      return {name, "device.refused_before", RowStand::good};
    case DeviceRun::Tried::never:
    case DeviceRun::Tried::uncounted:
      break;
  }
  // Nobody can make a browser try QUIC; at the other door the page itself has it knock.
  const bool knocked = kind == RefusedKind::dot && run.may_knock();
  return {name, knocked ? "device.knock_missing" : "device.untried", RowStand::noted};
}

std::string probe_rows(const DeviceRun& run, const PageTexts& texts) {
  std::vector<DeviceRow> rows{{"device.page", "device.page_answered", RowStand::good}};
  for (const Probe probe : all_probes)
    if (!is_canary(probe)) rows.push_back(probe_row(run, probe));
  rows.push_back(names_row(run.names()));
  if (run.refused)
    for (const RefusedKind kind : {RefusedKind::quic, RefusedKind::dot})
      rows.push_back(refused_row(run, kind));
  else
    rows.push_back({"device.unseen", "device.unseen_what", RowStand::noted});
  std::string html = "<ul class=\"probes\">\n";
  for (const DeviceRow& row : rows) {
    Values values;
    values.set("state", row.stand == RowStand::good ? "good" : row.stand == RowStand::bad ? "bad" : "noted");
    values.set("sign", row.stand == RowStand::good  ? "\xe2\x9c\x93"
                       : row.stand == RowStand::bad ? "\xe2\x9c\x95"
                                                    : "i");
    values.set("name", texts.text(row.name));
    values.set("what", texts.text(row.what));
    if (!row.way.empty()) values.set("way", texts.text(row.way));
    html += render_template(embedded_file("device_row.html"), values);
  }
  return html + "</ul>\n";
}

// Hidden from the eye and from readers of screens, but within the window, where browsers load lazy pictures
// too. Lazy they must be: others hold up the end of loading, from which on the time until the page looks
// again is counted (HTML, 4.2.5.3 "refresh state"), and a picture that nothing answers would do so for
// minutes.
std::string pictures_of(const DeviceRun& run, std::string_view nonce) {
  std::string html = "<p class=\"asks\" aria-hidden=\"true\">\n";
  const auto ask = [&html](const std::string& url) {
    html += "<img src=\"" + url + "\" alt=\"\" width=\"1\" height=\"1\" loading=\"lazy\">\n";
  };
  for (const Probe probe : all_probes)
    if (!run.of(probe).arrived) ask(probe_url(probe, nonce));
  if (run.may_knock() && run.tried(RefusedKind::dot) != DeviceRun::Tried::now) ask(knock_url(nonce));
  return html + "</p>\n";
}

struct DeviceLook {
  std::string_view tone, sign;
  std::string verdict, title, body, link_label;
};

DeviceLook device_look(bool asked_before, bool passed) {
  if (!asked_before)
    return {"testing", "\xe2\x80\xa6", "device.wait", "device.wait_title", "device.wait_body", "device.show"};
  if (passed)
    return {"passed",           "\xe2\x9c\x93", "device.passed", "device.pass_title",
            "device.pass_body", "device.again"};
  return {"failed", "\xe2\x9c\x95", "device.failed", "device.fail_title", "device.fail_body", "device.again"};
}

std::string device_event(const OwnRequest& request, const DeviceRun& run, std::string_view kind,
                         const std::string& room) {
  const PageRequest& page = request.page;
  JsonObject json;  // not which device: its kind and its room are what is to be shown
  json.add("passed", run.passed()).add("kind", kind).add_or_null("room", room);
  json.add("tier", page.snapshot->policy->tiers()[page.tier].id);
  const bool by_setting = run.arrived_by(ProbeWay::setting), by_gateway = run.arrived_by(ProbeWay::gateway);
  json.add_or_null("way", by_setting && by_gateway ? "both"
                          : by_setting             ? "setting"
                          : by_gateway             ? "gateway"
                                                   : "");
  JsonArray missing;
  for (const Probe probe : all_probes)
    if (!is_canary(probe) && !run.of(probe).arrived) missing.add(to_string(probe));
  json.add("missing", missing).add("asks_elsewhere", run.names() == DeviceRun::Names::elsewhere);
  JsonArray refused;
  for (const RefusedKind tried : {RefusedKind::quic, RefusedKind::dot})
    if (run.tried(tried) == DeviceRun::Tried::now) refused.add(tried == RefusedKind::quic ? "quic" : "dot");
  if (run.refused) json.add("refused", refused);
  return json.text();
}

std::string told_once(const OwnRequest& request, const DeviceRun& run) {
  const PageRequest& page = request.page;
  const std::string room = room_of(page.snapshot->config, request.client);
  const std::string_view kind = kind_of_device(page.head->field("User-Agent"));
  const std::int64_t seconds = page.time_ms / 1000;
  const std::int64_t day = (seconds + page.snapshot->zone.offset(seconds)) / 86'400;
  return request.tests->is_news(room, kind, run.passed(), day) ? device_event(request, run, kind, room)
                                                               : std::string();
}

}  // namespace

OwnAnswer answer_device_test(const OwnRequest& request, bool keep_alive) {
  const PageRequest& page = request.page;
  if (page.secure) {  // from a page over https browsers ask for http pictures over https, or not at all
    PageAnswer away;
    away.status = 303;
    away.time_ms = page.time_ms;
    away.location = "http://schoolgate.internal/test";
    away.keep_alive = keep_alive;
    return {{away.status, page_response(away, {})}};
  }
  const std::size_t query = request.target.find('?');
  std::string nonce(query == std::string_view::npos ? std::string_view() : request.target.substr(query + 1));
  std::optional<DeviceRun> run;
  if (nonce.starts_with(run_key)) {
    nonce.erase(0, run_key.size());
    run = request.tests->find(request.client, nonce, page.time_ms);
  }
  const bool asked_before = run.has_value();
  if (!run) {
    nonce = request.tests->begin(request.client, page.time_ms);
    run.emplace();
  }
  const bool passed = run->passed();
  // One look more, where there is a door left to knock at.
  const bool knocks = run->may_knock() && run->tried(RefusedKind::dot) != DeviceRun::Tried::now;
  const bool settled =
      (passed && !knocks) || (asked_before && page.time_ms - run->began_ms >= DeviceTests::settled_ms);
  const DeviceLook look = device_look(asked_before, passed);
  const std::string here = "/test?" + std::string(run_key) + nonce;
  Document document{look.tone, {}, {}};
  for (std::size_t i = 0; i < both_languages.size(); ++i) {
    const PageTexts& texts = page_texts(both_languages[i]);
    Values card = card_values(page, both_languages[i]);
    document.titles[i] = texts.text(look.title);
    card.set("title", document.titles[i]);
    card.set("sign", std::string(look.sign));
    card.set("verdict", texts.text(look.verdict));
    const Values words = school_values(page, both_languages[i]);
    std::string body = paragraphs(texts.list(look.body), words);
    if (asked_before && !settled) body += paragraphs(texts.list("device.still"), words);
    card.set("paragraphs", body);
    if (asked_before) card.set("rows", probe_rows(*run, texts));
    card.set("link", asked_before ? "/test" : here);
    card.set("link_label", texts.text(look.link_label));
    document.cards[i] = render_template(embedded_file("device.html"), card);
  }
  if (!settled) {
    document.head = "<meta http-equiv=\"refresh\" content=\"5; url=" + here + "\">\n";
    document.below = pictures_of(*run, nonce);
    document.pictures_from = "http: https:";
  }
  OwnAnswer answer{own_response(page, document, 200, keep_alive)};
  if (asked_before && settled) answer.tested = told_once(request, *run);
  return answer;
}

}  // namespace schoolgate
