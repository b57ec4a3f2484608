// What the proxy does now: for people (Now, Health), and for machines that look after machines.
#include <string>

#include "proxy/web/labelled_tables.h"
#include "proxy/web/names.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

constexpr std::int64_t minute_s = 60, hour_s = 3600, day_s = 86'400;

std::string figure(const Visit& visit, const Message& label, std::uint64_t number) {
  return "<div><dt>" + visit.t(label) + "</dt><dd>" + visit.t(grouped(number)) + "</dd></div>";
}

// "12 ms"; "-" where nobody asked.
std::string waited(const Visit& visit, const Message& label, std::uint64_t us) {
  constexpr std::uint64_t ms = 1000, second = 1000 * ms;
  std::string text = "-";
  if (us >= 10 * second)
    text = std::to_string((us + second / 2) / second) + " s";
  else if (us >= second)
    text = std::to_string(us / second) + (visit.language == Language::vi ? "," : ".") +
           std::to_string(us % second / (second / 10)) + " s";
  else if (us != 0)
    text = us < ms ? "< 1 ms" : std::to_string((us + ms / 2) / ms) + " ms";
  return "<div><dt>" + visit.t(label) + "</dt><dd>" + esc(text) + "</dd></div>";
}

std::string sentences(const Visit& visit, const Message& title, const std::vector<std::string>& lines,
                      std::string_view kind) {
  if (lines.empty()) return {};
  std::string out = "<section class=\"" + std::string(kind) + "\"><h2>" + visit.t(title) + "</h2><ul>";
  for (const std::string& line : lines) out += "<li>" + esc(line) + "</li>";
  return out + "</ul></section>";
}

// What is wrong, as much of it as the role may know: that messages do not go out is a fault of the machine,
// but it may be the first sign that there is something to tell, so it is the administrator's alone.
std::string faults_html(const Visit& visit, const Standing& now) {
  std::vector<std::string> faults = now.faults;
  if (visit.account->role == Role::admin) faults.insert(faults.end(), now.unsent.begin(), now.unsent.end());
  if (!faults.empty()) return sentences(visit, say("Faults"), faults, "faults");
  return "<p class=\"told good\">" + visit.t(say("The filter works: no faults are known.")) + "</p>";
}

std::string thin_html(const Visit& visit, const Standing& now) {
  std::vector<std::string> floor;
  if (!now.floor_lacks.empty()) floor.push_back(now.floor_lacks);
  const Names names(visit);
  std::vector<std::string> thin;
  for (const std::string& one : now.thin) thin.push_back(names.tiers_in(one));
  return sentences(visit, say("The sealed floor"), floor, "faults") +
         sentences(visit, say("Thin spots"), thin, "faults");
}

// When each list that the program fetches last came: the longest ago in front is the one to look at.
std::string list_ages(const Visit& visit) {
  const auto lists = visit.sources.daemon.lists(visit.language);
  if (!lists) return {};
  std::string rows;
  std::size_t by_hand = 0;
  for (const bool late : {true, false})
    for (const ListLine& one : *lists) {
      if (one.age.empty() && !late) ++by_hand;
      if (one.age.empty() || one.late != late) continue;
      rows += "<dt><code>" + esc(one.name) + "</code></dt><dd" + (late ? " class=\"bad-text\"" : "") + ">" +
              esc(one.age) + "</dd>";
    }
  std::string out = "<section class=\"card\"><h2>" + visit.t(say("How old the lists are")) + "</h2>";
  if (!rows.empty()) out += "<dl class=\"facts\">" + rows + "</dl>";
  if (by_hand != 0)
    out += "<p class=\"quiet\">" +
           visit.t(say("{} lists are files of this machine, not fetched.", grouped(by_hand))) + "</p>";
  return out + "</section>";
}

Message up_for(std::int64_t seconds) {
  if (seconds < hour_s) return say("runs for {} minutes", seconds / minute_s);
  if (seconds < 2 * day_s) return say("runs for {} hours", seconds / hour_s);
  return say("runs for {} days", seconds / day_s);
}

std::string standing_html(const Visit& visit) {
  const auto now = visit.sources.daemon.standing(visit.language);
  if (!now) return not_answering(visit);
  std::string out = faults_html(visit, *now);
  out +=
      "<dl class=\"figures\">" + figure(visit, say("requests since the start"), now->requests) +
      figure(visit, say("of them blocked"), now->blocked) + figure(visit, say("devices now"), now->clients) +
      figure(visit, say("connections now"), now->connections) +
      figure(visit, say("tunnels now"), now->tunnels) +
      figure(visit, say("failed towards the Internet"), now->upstream_failures) +
      waited(visit, say("until half of the answers begin"), now->median_us) +
      waited(visit, say("until 99 of 100 answers begin"), now->slowest_us) + "</dl>" + "<p class=\"quiet\">" +
      visit.t(say("How long devices wait: in the last five to ten minutes, until a site or a page of ours "
                  "began to answer.")) +
      "</p>";
  out += "<section class=\"card\"><h2>" + visit.t(say("Policy in force")) + "</h2><p>" + esc(now->policy) +
         "</p>";
  if (!now->last_reload.empty())
    out += "<p class=\"quiet\">" + visit.t(say("Last reload: {}", now->last_reload)) + "</p>";
  out += "<p class=\"quiet\">Schoolgate " + esc(now->version) + ", " + visit.t(up_for(now->uptime_s)) +
         "</p></section>";
  return out + list_ages(visit) + thin_html(visit, *now);
}

}  // namespace

Response now_part(const Visit& visit) {
  Response response;
  response.body = labelled_tables(standing_html(visit));
  return response;
}

Response now_page(const Visit& visit) {
  return page_response(visit, Page::now, name_of(Page::now),
                       "<div data-live=\"/now/part\">" + standing_html(visit) + "</div>");
}

Response health_page(const Visit& visit) {
  const auto now = visit.sources.daemon.standing(visit.language);
  std::string body;
  if (!now) {
    body = not_answering(visit);
  } else {
    body = faults_html(visit, *now);
    body += "<section class=\"card\"><h2>" + visit.t(say("The access log")) + "</h2><dl class=\"figures\">" +
            figure(visit, say("rows written since the start"), now->rows_written) +
            figure(visit, say("rows that wait"), now->rows_queued) +
            figure(visit, say("rows lost"), now->rows_lost) +
            figure(visit, say("MiB on the disk"), now->log_bytes >> 20) +
            figure(visit, say("MiB at most"), now->log_max_bytes >> 20) + "</dl></section>";
    body += thin_html(visit, *now);
  }
  return page_response(visit, Page::health, name_of(Page::health), body);
}

// No client, no host, nothing of help: counters since the start, as the control socket tells them.
Response machine_page(const Visit& visit) {
  Response response;
  response.type = "text/plain; charset=utf-8";
  const auto now = visit.sources.daemon.standing(Language::en);
  const bool ready = now && now->faults.empty();
  if (visit.request.path == "/healthz") {
    response.status = now ? 200 : 503;
    response.body = now ? "ok\n" : "the proxy does not answer\n";
  } else if (visit.request.path == "/readyz") {
    response.status = ready ? 200 : 503;
    response.body = now ? ready ? "ready\n" : "" : "the proxy does not answer\n";
    if (now)
      for (const std::string& fault : now->faults) response.body += fault + "\n";
  } else {
    response.type = "text/plain; version=0.0.4; charset=utf-8";
    const auto metric = [&](const char* name, const char* kind, const char* help, std::uint64_t value) {
      response.body += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + kind + "\n" +
                       name + " " + std::to_string(value) + "\n";
    };
    metric("schoolgate_up", "gauge", "Whether the proxy answers.", now ? 1 : 0);
    if (!now) return response;
    metric("schoolgate_ready", "gauge", "Whether no fault is known.", ready ? 1 : 0);
    metric("schoolgate_uptime_seconds", "gauge", "Since the start.",
           static_cast<std::uint64_t>(now->uptime_s));
    metric("schoolgate_requests_total", "counter", "Requests since the start.", now->requests);
    metric("schoolgate_blocked_total", "counter", "Requests that were blocked.", now->blocked);
    metric("schoolgate_upstream_failures_total", "counter",
           "Requests whose site was not reached, did not answer, or broke off.", now->upstream_failures);
    metric("schoolgate_internal_failures_total", "counter", "Requests that failed within Schoolgate itself.",
           now->failures);
    metric("schoolgate_connections", "gauge", "Open client connections.", now->connections);
    metric("schoolgate_tunnels", "gauge", "Open tunnels.", now->tunnels);
    metric("schoolgate_log_rows_total", "counter", "Rows of the access log written.", now->rows_written);
    metric("schoolgate_log_rows_lost_total", "counter", "Rows of the access log lost.", now->rows_lost);
    metric("schoolgate_log_bytes", "gauge", "Bytes of the access log on the disk.", now->log_bytes);
  }
  return response;
}

}  // namespace schoolgate::web
