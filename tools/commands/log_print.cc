#include "tools/commands/log_print.h"

#include <charconv>

#include "proxy/audit/codes.h"
#include "proxy/audit/month.h"
#include "proxy/core/json_text.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"
#include "tools/console/csv_cell.h"

namespace schoolgate::tools {
namespace {

using audit::LogEvent;
using audit::LogRow;

std::string rule_of(const LogRow& row) {
  if (row.file.empty()) return {};
  return row.line == 0 ? row.file : row.file + ":" + std::to_string(row.line);
}

std::string flags_of(const LogRow& row) {
  std::string text;
  if (row.flags.record) text += "+record";
  if (row.flags.alert) text += "+alert";
  if (row.flags.locked) text += "+locked";
  return text;
}

// "allow", ..., or "refused" for what no rule was asked about.
std::string action_of(const LogRow& row) {
  return std::string(row.refused ? audit::action_name(audit::refused_action) : to_string(row.action));
}

// "2026-03-04 11:53:20": what a person reads; the zone is the school's.
std::string short_time(std::int64_t time_ms, const TimeZone& zone) {
  std::string iso = zone.iso8601(time_ms / 1000).substr(0, 19);
  if (iso.size() > 10) iso[10] = ' ';
  return iso;
}

std::string row_text(const LogRow& row, const TimeZone& zone, Catalogue catalogue, bool colour) {
  const std::string action = action_of(row);
  std::string line =
      paint(colour, Colour::dim, short_time(row.time_ms, zone)) + "  " + printable(row.client) + "  ";
  const std::string tier = row.tier.empty() ? "-" : printable(row.tier);
  line += tier + std::string(tier.size() < 10 ? 10 - tier.size() : 1, ' ');
  line += paint(colour, colour_of_action(action), action);
  line.append(action.size() < 6 ? 6 - action.size() : 1, ' ');
  const bool is_floor = row.host.empty() && row.layer == to_string(Layer::sealed_floor);
  line += printable(row.method) + " " + (is_floor ? "floor" : printable(row.host));
  if (row.port != 80 && row.port != 443 && row.port != 0) line += ":" + std::to_string(row.port);
  line += printable(row.path);
  if (row.status != 0) line += "  " + std::to_string(row.status);
  if (row.action != Action::allow || !row.category.empty() || row.flags != Flags{}) {
    line += "  " + printable(row.category.empty() ? row.reason : row.category) + flags_of(row);
    if (const std::string rule = rule_of(row); !rule.empty()) line += "  " + printable(rule);
  }
  if (row.ended != "done" && row.ended != "blocked" && !(row.refused && row.ended == "refused"))
    line += "  " + printable(row.ended);
  if (!row.cause.empty()) line += " (" + printable(row.cause) + ")";
  if (row.count != 1)
    line += "  " + say("stands for {}", grouped(static_cast<std::uint64_t>(row.count))).in(catalogue);
  if (row.action != Action::allow) line += "  " + row.code;
  return line + "\n";
}

std::string row_json(const LogRow& row, const TimeZone& zone) {
  const auto safe = [](const std::string& text) { return printable(text); };
  JsonObject json;
  json.add("time", audit::utc_text(row.time_ms)).add("local_time", zone.iso8601(row.time_ms / 1000));
  json.add("code", row.code).add("client", safe(row.client)).add_or_null("tier", safe(row.tier));
  json.add("action", action_of(row));
  std::string flags = flags_of(row);
  if (!flags.empty()) flags.erase(0, 1);
  json.add("flags", flags).add("method", safe(row.method)).add("host", safe(row.host)).add("port", row.port);
  json.add_or_null("path", safe(row.path)).add("status", row.status).add("seen", safe(row.seen));
  json.add("layer", safe(row.layer))
      .add("reason", safe(row.reason))
      .add_or_null("category", safe(row.category));
  json.add_or_null("rule", safe(rule_of(row)))
      .add("revision", row.revision)
      .add_or_null("digest", safe(row.digest));
  json.add("bytes_up", row.bytes_up).add("bytes_down", row.bytes_down).add("duration_ms", row.duration_ms);
  json.add("ended", safe(row.ended)).add_or_null("cause", safe(row.cause)).add("count", row.count);
  json.add("visit", row.visit);
  return json.text() + "\n";
}

std::string row_csv(const LogRow& row, const TimeZone& zone) {
  std::string flags = flags_of(row);
  if (!flags.empty()) flags.erase(0, 1);
  const std::string cells[] = {audit::utc_text(row.time_ms),
                               zone.iso8601(row.time_ms / 1000),
                               row.code,
                               row.client,
                               row.tier,
                               action_of(row),
                               flags,
                               row.method,
                               row.host,
                               std::to_string(row.port),
                               row.path,
                               std::to_string(row.status),
                               row.seen,
                               row.layer,
                               row.reason,
                               row.category,
                               rule_of(row),
                               std::to_string(row.revision),
                               row.digest,
                               std::to_string(row.bytes_up),
                               std::to_string(row.bytes_down),
                               std::to_string(row.duration_ms),
                               row.ended,
                               row.cause,
                               std::to_string(row.count),
                               row.visit ? "1" : "0"};
  std::string line;
  for (const std::string& cell : cells) line += (line.empty() ? "" : ",") + csv_cell(cell);
  return line + "\r\n";
}

}  // namespace

std::string log_line(const LogRow& row, LogFormat format, const TimeZone& zone, Catalogue catalogue,
                     bool colour) {
  switch (format) {
    case LogFormat::text:
      return row_text(row, zone, catalogue, colour);
    case LogFormat::json:
      return row_json(row, zone);
    case LogFormat::csv:
      return row_csv(row, zone);
  }
  return {};
}

std::string log_line(const LogEvent& event, LogFormat format, const TimeZone& zone, bool colour) {
  const std::string local = zone.iso8601(event.time_ms / 1000);
  switch (format) {
    case LogFormat::text:
      return paint(colour, Colour::dim, short_time(event.time_ms, zone)) + "  " + printable(event.actor) +
             "  " + paint(colour, Colour::bold, printable(event.what)) + "  " + printable(event.detail) +
             "\n";
    case LogFormat::json:
      return JsonObject()
                 .add("time", audit::utc_text(event.time_ms))
                 .add("local_time", local)
                 .add("actor", printable(event.actor))
                 .add("what", printable(event.what))
                 .raw("detail", printable(event.detail) == event.detail
                                    ? event.detail
                                    : json_string(printable(event.detail)))
                 .text() +
             "\n";
    case LogFormat::csv:
      return csv_cell(audit::utc_text(event.time_ms)) + "," + csv_cell(local) + "," + csv_cell(event.actor) +
             "," + csv_cell(event.what) + "," + csv_cell(event.detail) + "\r\n";
  }
  return {};
}

std::string log_header(LogFormat format, bool events) {
  if (format != LogFormat::csv) return {};
  if (events) return "time,local_time,actor,what,detail\r\n";
  return "time,local_time,code,client,tier,action,flags,method,host,port,path,status,seen,layer,reason,"
         "category,rule,"
         "revision,digest,bytes_up,bytes_down,duration_ms,ended,cause,count,visit\r\n";
}

namespace {

struct PrintedTime {
  std::int64_t ms = 0;     // UTC
  bool whole_day = false;  // it begins then
};

std::optional<std::int64_t> number_of(std::string_view digits) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.empty() || n < 0)
    return std::nullopt;
  return n;
}

// The offset at that wall time, near enough: of the same reading as UTC.
std::int64_t utc_of(std::int64_t local_seconds, const TimeZone& zone) {
  return local_seconds - zone.offset(local_seconds);
}

std::optional<PrintedTime> date_of(std::string_view text, const TimeZone& zone) {
  if (text.size() != 10 && text.size() != 16) return std::nullopt;
  if (text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = number_of(text.substr(0, 4)), month = number_of(text.substr(5, 2)),
             day = number_of(text.substr(8, 2));
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1 || *day > 31) return std::nullopt;
  const std::int64_t days = days_from_civil({*year, static_cast<int>(*month), static_cast<int>(*day)});
  if (civil_from_days(days).day != *day) return std::nullopt;  // 31 April
  std::int64_t seconds = days * 86'400;
  if (text.size() == 16) {
    if ((text[10] != ' ' && text[10] != 'T') || text[13] != ':') return std::nullopt;
    const auto hour = number_of(text.substr(11, 2)), minute = number_of(text.substr(14, 2));
    if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
    seconds += *hour * 3600 + *minute * 60;
  }
  return PrintedTime{utc_of(seconds, zone) * 1000, text.size() == 10};
}

std::optional<PrintedTime> moment_of(std::string_view text, std::int64_t now_ms, const TimeZone& zone) {
  if (text == "today" || text == "yesterday") {
    const std::int64_t local = now_ms / 1000 + zone.offset(now_ms / 1000);
    const std::int64_t midnight = local - local % 86'400 - (text == "today" ? 0 : 86'400);
    return PrintedTime{utc_of(midnight, zone) * 1000, true};
  }
  if (text.size() >= 2 && text.find('-') == std::string_view::npos) {
    constexpr std::string_view units = "smhdw";
    constexpr std::int64_t unit_ms[] = {1000, 60'000, 3'600'000, 86'400'000, 7 * 86'400'000};
    const auto unit = units.find(text.back());
    const auto n = number_of(text.substr(0, text.size() - 1));
    if (unit == std::string_view::npos || !n || *n > 1'000'000) return std::nullopt;
    return PrintedTime{now_ms - *n * unit_ms[unit], false};
  }
  return date_of(text, zone);
}

}  // namespace

std::optional<std::int64_t> parse_since(std::string_view text, std::int64_t now_ms, const TimeZone& zone) {
  const auto moment = moment_of(text, now_ms, zone);
  if (!moment) return std::nullopt;
  return moment->ms;
}

std::optional<std::int64_t> parse_until(std::string_view text, std::int64_t now_ms, const TimeZone& zone) {
  const auto moment = moment_of(text, now_ms, zone);
  if (!moment) return std::nullopt;
  if (!moment->whole_day) return moment->ms;
  const std::int64_t begin = moment->ms / 1000;
  return utc_of(begin + zone.offset(begin) + 86'400, zone) * 1000;
}

std::string top_header(audit::Top what, LogFormat format, Catalogue catalogue) {
  constexpr const char* words[] = {"host", "rule", "category"};
  const std::string word = words[static_cast<int>(what)];
  const bool rules = what == audit::Top::rules;
  if (format == LogFormat::text) {
    std::string text;
    for (const Message& column : {say("requests"), say("blocked"), say("warned")})
      text += on_the_right(column.in(catalogue));
    const Message about = what == audit::Top::hosts ? say("host") : rules ? say("rule") : say("category");
    return text + "  " + about.in(catalogue) + "\n";
  }
  if (format == LogFormat::csv) return word + (rules ? ",category" : "") + ",requests,blocked,warned\r\n";
  return {};
}

std::string top_line(audit::Top what, const audit::TopLine& line, LogFormat format, Catalogue catalogue) {
  const bool rules = what == audit::Top::rules;
  if (format == LogFormat::csv) {
    return csv_cell(line.name) + (rules ? "," + csv_cell(line.category) : "") + "," +
           std::to_string(line.requests) + "," + std::to_string(line.blocked) + "," +
           std::to_string(line.warned) + "\r\n";
  }
  if (format == LogFormat::json) {
    constexpr const char* words[] = {"host", "rule", "category"};
    JsonObject json;
    json.add_or_null(words[static_cast<int>(what)], printable(line.name));
    if (rules) json.add_or_null("category", printable(line.category));
    json.add("requests", line.requests).add("blocked", line.blocked).add("warned", line.warned);
    return json.text() + "\n";
  }
  std::string text;
  for (const std::uint64_t n : {line.requests, line.blocked, line.warned}) text += in_column(n, catalogue);
  text += "  " + (line.name.empty() ? "-" : printable(line.name));
  if (rules && !line.category.empty()) text += "  " + printable(line.category);
  return text + "\n";
}

}  // namespace schoolgate::tools
