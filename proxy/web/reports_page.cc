// The head's report and the department's, as the command makes them; the latter with empty fields for what
// these pages may not read. The admin's, for the admin alone: it counts the same requests another way, and
// both together would tell what each of them hides.
#include <optional>

#include "proxy/core/json_text.h"
#include "proxy/web/form.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

// Its own styles, which it carries so that it can be mailed and printed; nothing else, and no script.
constexpr std::string_view report_policy =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

std::optional<ReportAsk> asked_report(const Visit& visit, const Fields& values) {
  ReportAsk ask;
  ask.kind = std::string(field(values, "kind"));
  ask.period = std::string(field(values, "period"));
  ask.format = std::string(field(values, "format"));
  ask.language = visit.language;
  if (const auto now = visit.sources.daemon.standing(visit.language)) ask.floor = now->floor;
  const bool admin = visit.account->role == Role::admin;
  if (admin) ask.audience = "admin";
  if (const std::string_view audience = field(values, "for"); !audience.empty()) ask.audience = audience;
  const bool known = admin ? ask.audience == "admin" : ask.audience == "head" || ask.audience == "department";
  const bool kind = ask.kind == "month" || ask.kind == "term" || ask.kind == "year";
  constexpr std::size_t longest = 12;
  if (!kind || !known || ask.period.size() > longest) return std::nullopt;
  return ask;
}

// What a report may be taken as, with its type.
const char* type_of_form(std::string_view format) {
  return format == "csv"    ? "text/csv; charset=utf-8"
         : format == "html" ? "text/html; charset=utf-8"
         : format == "docx" ? "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
                            : nullptr;
}

// What shows it here: its address has no token in it, as one of a form that asks for a page would have.
constexpr std::string_view shown_here = "page";

std::string take_button(const Visit& visit, std::string_view format, const Message& text) {
  return "<button" + std::string(format == shown_here ? "" : " class=\"quiet-button\"") +
         " name=\"format\" value=\"" + std::string(format) + "\">" + visit.t(text) + "</button>";
}

std::string for_whom(const Visit& visit) {
  const std::string label = "<label>" + visit.t(say("For")) + "<select name=\"for\">";
  if (visit.account->role == Role::admin)
    return label + option("admin", visit.t(say("who looks after the filter")), true) + "</select></label>";
  return label + option("head", visit.t(say("the head of the school")), true) +
         option("department", visit.t(say("the department: a letter to fill in and sign")), false) +
         "</select></label>";
}

std::string report_form(const Visit& visit) {
  const std::string today = visit.options.zone.iso8601(visit.now_ms() / 1000);
  std::string out = "<form method=\"post\" action=\"/reports/take\" class=\"card\">" + token_field(visit) +
                    "<label>" + visit.t(say("About")) + "<select name=\"kind\">" +
                    option("month", visit.t(say("a month, such as {}", today.substr(0, 7))), true) +
                    option("term", visit.t(say("a term, such as {}-1", today.substr(0, 4))), false) +
                    option("year", visit.t(say("a school year, such as {}", today.substr(0, 4))), false) +
                    "</select></label>" +
                    input(visit, say("Month, term or year"), "period", "text", today.substr(0, 7),
                          "required maxlength=\"10\" pattern=\"[0-9\\-]+\"") +
                    for_whom(visit) + "<div class=\"acts\">";
  if (visit.can(Page::reports, Verb::take))
    out += take_button(visit, shown_here, say("Show")) + take_button(visit, "docx", say("Take it as Word")) +
           take_button(visit, "csv", say("Take it as CSV")) +
           take_button(visit, "html", say("Take it as a web page"));
  return out + "</div></form>";
}

}  // namespace

Response reports_page(const Visit& visit) {
  if (visit.account->role == Role::admin)
    return page_response(
        visit, Page::reports, name_of(Page::reports),
        report_form(visit) + "<p class=\"quiet\">" +
            visit.t(say(
                "Rules, lists, new sites, wrong blocks and faults: no pupil and no device is named, and no "
                "count under five is told.")) +
            "</p>");
  const std::string body =
      report_form(visit) + "<p class=\"quiet\">" +
      visit.t(say("A report names no pupil, no device and no site, and tells no count under five.")) +
      "</p><p class=\"quiet\">" +
      visit.t(say("The letter leaves empty what only people know, and what these pages may not read: alerts, "
                  "tests and the dates of lists. On the machine \"schoolgate report\" fills these in.")) +
      "</p>";
  return page_response(visit, Page::reports, name_of(Page::reports), body);
}

Response report_show(const Visit& visit) {
  auto ask = asked_report(visit, visit.request.query);
  if (!ask) return refusal(visit, 400, say("This form is not whole."));
  ask->format = "html";
  auto text = visit.sources.reports.make(*ask);
  if (!text) return refusal(visit, 400, text.error().message);
  Response response;
  response.headers.emplace_back("Content-Security-Policy", report_policy);
  response.body = *std::move(text);
  return response;
}

Response report_take(const Visit& visit) {
  const auto ask = asked_report(visit, visit.request.form);
  if (ask && ask->format == shown_here)
    return redirect("/reports/show?kind=" + ask->kind + "&period=" + encode_value(ask->period) +
                    "&for=" + ask->audience);
  const char* const type = ask ? type_of_form(ask->format) : nullptr;
  if (type == nullptr) return refusal(visit, 400, say("This form is not whole."));
  auto text = visit.sources.reports.make(*ask);
  if (!text) return refusal(visit, 400, text.error().message);
  JsonObject detail;
  detail.add("for", ask->audience).add("period", ask->period).add("format", ask->format);
  if (!visit.sources.daemon.event(visit.account->name, "report_taken", detail.text()))
    return refusal(visit, 503, say("It cannot be recorded that you take a report, so none is given."));
  Response response;
  response.type = type;
  response.headers.emplace_back("Content-Security-Policy", report_policy);
  response.headers.emplace_back("Content-Disposition",
                                "attachment; filename=\"schoolgate-report." + ask->format + "\"");
  response.body = *std::move(text);
  return response;
}

}  // namespace schoolgate::web
