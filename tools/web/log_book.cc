#include <algorithm>
#include <map>

#include "proxy/audit/codes.h"
#include "proxy/audit/event_details.h"
#include "proxy/audit/log_reader.h"
#include "proxy/audit/read_deadline.h"
#include "proxy/audit/totals_reader.h"
#include "rules/diagnostic.h"
#include "tools/console/export_row.h"
#include "tools/console/recognised.h"
#include "tools/web/page_sources.h"

namespace schoolgate::tools {
namespace {

constexpr std::chrono::milliseconds longest_read{2000};
constexpr std::int64_t hour_ms = 3'600'000;

Error too_long() {
  return Error{say("The log has too many rows for this question: choose a shorter time.")};
}

web::LogLine line_of(const audit::LogRow& row) {
  web::LogLine out;
  out.time_ms = row.time_ms;
  out.code = row.code;
  out.client = row.client;
  out.tier = row.tier;
  out.action = row.refused ? "refused" : std::string(to_string(row.action));
  out.host = row.host;
  out.path = row.path;
  out.category = row.category;
  if (!row.file.empty()) out.rule = row.file + ":" + std::to_string(row.line);
  out.connect = row.method == "CONNECT";
  out.count = static_cast<std::uint64_t>(std::max<std::int64_t>(row.count, 1));
  return out;
}

// Why something failed or waits is a sentence of the program, and is said in the page's language.
web::EventFact fact_of(const audit::EventDetail& detail) {
  const bool sentence = detail.name == "why" || detail.name == "error" || detail.name == "errors";
  web::EventFact out{detail.name, {}};
  for (const std::string& value : detail.values) {
    web::EventFact::Value one{value, {}, {}};
    if (detail.truth) one.truth = value == "true";
    if (Message said = sentence ? recognised(value) : Message(); !said.sentence().empty())
      one.sentence = std::move(said);
    out.values.push_back(std::move(one));
  }
  return out;
}

// Nullopt: the words name nothing that a row may be.
std::optional<audit::LogQuery> query_of(const web::LogAsk& ask) {
  audit::LogQuery query;
  query.since_ms = ask.since_ms;
  query.until_ms = ask.until_ms;
  query.not_allowed = ask.closed_only;
  query.limit = ask.limit;
  if (!ask.category.empty()) query.category = ask.category;
  if (!ask.host.empty()) query.host = ask.host;
  if (!ask.code.empty()) {
    query.code = audit::parse_decision_code(ask.code);
    if (!query.code) return std::nullopt;
  }
  if (!ask.action.empty()) {
    for (int number = 0; number <= audit::refused_action; ++number)
      if (audit::action_name(number) == ask.action) query.action = number;
    if (!query.action) return std::nullopt;
  }
  return query;
}

class LogFiles : public web::LogBook {
 public:
  explicit LogFiles(std::string directory) : directory_(std::move(directory)), reader_(directory_) {}

  Result<std::vector<web::LogLine>> rows(const web::LogAsk& ask) override {
    auto found = read(ask);
    if (!found) return found.error();
    std::vector<web::LogLine> out;
    out.reserve(found->size());
    for (auto row = found->rbegin(); row != found->rend(); ++row) out.push_back(line_of(*row));
    return out;
  }

  Result<std::string> taken(const web::LogAsk& ask, std::string_view form) override {
    const auto found = read(ask);
    if (!found) return found.error();
    const ExportFormat format = export_format(form).value_or(ExportFormat::csv);
    std::string out = export_header(format, ExportClients::left_out);
    for (const audit::LogRow& row : *found) out += export_line(row, format, ExportClients::left_out);
    return out;
  }

  Result<std::vector<web::TotalLine>> totals(std::int64_t since_ms, std::int64_t until_ms) override {
    const audit::ReadDeadline deadline(longest_read);
    const std::int64_t from = since_ms / hour_ms * hour_ms, to = (until_ms + hour_ms - 1) / hour_ms * hour_ms;
    const auto lines = audit::read_totals(directory_, from, to);
    if (!lines) return deadline.passed() ? too_long() : lines.error();
    std::map<std::pair<std::string, std::string>, std::uint64_t> sums;
    for (const audit::Tally::Line& one : *lines)
      sums[{one.tier, std::string(audit::action_name(one.action))}] += one.requests;
    std::vector<web::TotalLine> out;
    for (const auto& [what, requests] : sums) out.push_back({what.first, what.second, requests});
    return out;
  }

  Result<std::vector<web::LookalikeLine>> lookalikes(std::int64_t since_ms, std::int64_t until_ms,
                                                     std::size_t limit) override {
    const audit::ReadDeadline deadline(longest_read);
    audit::LogQuery query;
    query.since_ms = since_ms;
    query.until_ms = until_ms;
    query.reason = std::string(to_string(Reason::lookalike));
    query.limit = limit;
    const auto found = reader_.top(query, audit::Top::hosts);
    if (!found) return deadline.passed() ? too_long() : found.error();
    std::vector<web::LookalikeLine> out;
    for (const audit::TopLine& one : *found) out.push_back({one.name, one.requests, one.blocked, one.warned});
    return out;
  }

  Result<std::vector<web::ListWhy>> list_waits(std::int64_t since_ms) override {
    const audit::ReadDeadline deadline(longest_read);
    const auto found = reader_.list_waits(since_ms);
    if (!found) return deadline.passed() ? too_long() : found.error();
    std::vector<web::ListWhy> out;
    for (const audit::ListWait& one : *found) {
      web::ListWhy line{one.list, {}};
      for (const std::string& why : one.why) line.why.push_back(recognised(why));
      out.push_back(std::move(line));
    }
    return out;
  }

  Result<std::vector<web::EventLine>> events(std::int64_t since_ms, std::int64_t until_ms,
                                             std::size_t limit) override {
    const audit::ReadDeadline deadline(longest_read);
    const auto found = reader_.events(since_ms, limit, audit::LogKind::access, until_ms);
    if (!found) return deadline.passed() ? too_long() : found.error();
    auto details = audit::EventDetails::open();
    if (!details) return Error{details.error().message};
    std::vector<web::EventLine> out;
    for (auto one = found->rbegin(); one != found->rend(); ++one) {
      web::EventLine line{one->time_ms, one->actor, one->what, {}};
      for (const audit::EventDetail& detail : details->of(one->detail)) line.facts.push_back(fact_of(detail));
      out.push_back(std::move(line));
    }
    return out;
  }

 private:
  // Oldest first, the newest `limit` of all tiers together.
  Result<std::vector<audit::LogRow>> read(const web::LogAsk& ask) {
    auto query = query_of(ask);
    if (!query) return std::vector<audit::LogRow>{};
    const audit::ReadDeadline deadline(longest_read);
    std::vector<audit::LogRow> all;
    const std::vector<std::string> tiers = ask.tiers.empty() ? std::vector<std::string>{""} : ask.tiers;
    for (const std::string& tier : tiers) {
      if (!tier.empty()) query->tier = tier;
      auto rows = reader_.rows(*query);
      if (!rows) return deadline.passed() ? too_long() : rows.error();
      all.insert(all.end(), rows->begin(), rows->end());
    }
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.time_ms < b.time_ms; });
    if (ask.limit != 0 && all.size() > ask.limit)
      all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(ask.limit));
    return all;
  }

  const std::string directory_;
  const audit::LogReader reader_;
};

}  // namespace

std::unique_ptr<web::LogBook> log_book(std::string directory) {
  return std::make_unique<LogFiles>(std::move(directory));
}

}  // namespace schoolgate::tools
