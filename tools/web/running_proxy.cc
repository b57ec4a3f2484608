#include <charconv>

#include "config/web_question.h"
#include "tools/daemon/control.h"
#include "tools/web/page_sources.h"

namespace schoolgate::tools {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::uint64_t number_in(const std::string& text) {
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::vector<std::string> words_in(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    if (end != at) out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

std::string without_end(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

class RunningProxy : public web::Daemon {
 public:
  explicit RunningProxy(std::string path) : path_(std::move(path)) {}

  std::optional<web::Standing> standing(Language language) override {
    const auto rows = rows_of({"standing", {{"lang", word(language)}}});
    if (!rows) return std::nullopt;
    web::Standing out;
    const std::map<std::string, std::uint64_t*> numbers{{"connections", &out.connections},
                                                        {"clients", &out.clients},
                                                        {"tunnels", &out.tunnels},
                                                        {"requests", &out.requests},
                                                        {"blocked", &out.blocked},
                                                        {"failures", &out.failures},
                                                        {"upstream_failures", &out.upstream_failures},
                                                        {"median_us", &out.median_us},
                                                        {"slowest_us", &out.slowest_us},
                                                        {"rows_written", &out.rows_written},
                                                        {"rows_queued", &out.rows_queued},
                                                        {"rows_lost", &out.rows_lost},
                                                        {"log_bytes", &out.log_bytes},
                                                        {"log_max_bytes", &out.log_max_bytes}};
    const std::map<std::string, std::string*> texts{{"version", &out.version},
                                                    {"policy", &out.policy},
                                                    {"last_reload", &out.last_reload},
                                                    {"floor", &out.floor},
                                                    {"floor_lacks", &out.floor_lacks}};
    for (const auto& row : *rows) {
      if (row.size() != 2) continue;
      if (const auto found = numbers.find(row[0]); found != numbers.end()) *found->second = number_in(row[1]);
      if (const auto found = texts.find(row[0]); found != texts.end()) *found->second = row[1];
      if (row[0] == "uptime_s") out.uptime_s = static_cast<std::int64_t>(number_in(row[1]));
      if (row[0] == "fault") out.faults.push_back(row[1]);
      if (row[0] == "thin") out.thin.push_back(row[1]);
      if (row[0] == "unsent") out.unsent.push_back(row[1]);
    }
    return out;
  }

  std::optional<std::vector<web::ListLine>> lists(Language language) override {
    const auto rows = rows_of({"lists", {{"lang", word(language)}}});
    if (!rows) return std::nullopt;
    std::vector<web::ListLine> out;
    for (const auto& row : *rows)
      if (row.size() == 8)
        out.push_back({row[1], row[2], row[5], number_in(row[3]), number_in(row[4]), row[6] == "1", row[7]});
    return out;
  }

  std::optional<std::vector<web::TierLine>> tiers(Language language) override {
    const auto rows = rows_of({"tiers", {{"lang", word(language)}}});
    if (!rows) return std::nullopt;
    std::vector<web::TierLine> out;
    for (const auto& row : *rows)
      if (row.size() == 4) out.push_back({row[1], row[2].empty() ? row[1] : row[2], row[3] == "1"});
    return out;
  }

  std::optional<std::vector<web::CategoryLine>> categories(Language language) override {
    const auto rows = rows_of({"categories", {{"lang", word(language)}}});
    if (!rows) return std::nullopt;
    std::vector<web::CategoryLine> out;
    for (const auto& row : *rows)
      if (row.size() == 3) out.push_back({row[1], row[2].empty() ? row[1] : row[2]});
    return out;
  }

  std::optional<web::Said> tier(const std::string& id, Language language) override {
    return said({"tier", {{"tier", id}, {"lang", word(language)}}});
  }
  std::optional<web::Said> explain(const std::string& url, const std::string& tier,
                                   Language language) override {
    return said({"explain", {{"url", url}, {"tier", tier}, {"lang", word(language)}}});
  }

  std::optional<std::vector<web::OverrideLine>> overrides(Language language) override {
    const auto rows = rows_of({"overrides", {{"lang", word(language)}}});
    if (!rows) return std::nullopt;
    std::vector<web::OverrideLine> out;
    for (const auto& row : *rows)
      if (row.size() == 9)
        out.push_back({static_cast<std::uint32_t>(number_in(row[1])), row[2], row[3], row[4], row[5], row[6],
                       row[7], row[8]});
    return out;
  }

  std::optional<std::vector<web::Delegated>> delegated(const std::string& account) override {
    const auto rows = rows_of({"delegated", {{"account", account}}});
    if (!rows) return std::nullopt;
    std::vector<web::Delegated> out;
    for (const auto& row : *rows)
      if (row.size() == 5)
        out.push_back(
            {row[1], words_in(row[2]), words_in(row[3]), static_cast<std::uint32_t>(number_in(row[4]))});
    return out;
  }

  std::optional<web::Said> change(const web::OverrideAsk& ask, Language language) override {
    return said({"change",
                 {{"account", ask.account},
                  {"action", ask.allow ? "allow" : "block"},
                  {"target", ask.target},
                  {"tier", ask.tier},
                  {"minutes", ask.minutes},
                  {"why", ask.why},
                  {"lang", word(language)}}});
  }
  std::optional<web::Said> revoke(std::uint32_t id, const std::string& account, Language language) override {
    return said({"revoke", {{"id", std::to_string(id)}, {"account", account}, {"lang", word(language)}}});
  }
  std::optional<std::vector<web::WishLine>> wishes(const std::string& account) override {
    const auto rows = rows_of({"wishes", {{"account", account}}});
    if (!rows) return std::nullopt;
    std::vector<web::WishLine> out;
    for (const auto& row : *rows) {
      if (row.size() != 16) continue;
      web::WishLine one;
      one.code = row[1], one.host = row[2], one.tier = row[3], one.category = row[4], one.list = row[5];
      one.asked_ms = static_cast<std::int64_t>(number_in(row[6]));
      one.state = row[7];
      one.devices = static_cast<std::uint32_t>(number_in(row[8]));
      for (const std::string& times : words_in(row[9]))
        one.reasons.push_back(static_cast<std::uint32_t>(number_in(times)));
      one.by = row[11], one.why = row[12];
      one.line = row[13] == "1";
      one.mine = row[15] == "1";
      out.push_back(std::move(one));
    }
    return out;
  }
  std::optional<web::Said> answer_wish(const web::WishAnswer& answer, Language language) override {
    return said({"wish",
                 {{"account", answer.account},
                  {"code", answer.code},
                  {"act", answer.act},
                  {"minutes", answer.minutes},
                  {"why", answer.why},
                  {"lang", word(language)}}});
  }

  std::optional<web::RoomsNow> rooms(const std::string& account, Language language) override {
    const auto rows = rows_of({"rooms", {{"account", account}, {"lang", word(language)}}});
    if (!rows) return std::nullopt;
    web::RoomsNow out;
    for (const auto& row : *rows) {
      if (row[0] == "room" && row.size() == 8)
        out.rooms.push_back({row[1], row[2], row[3], row[4], row[5], row[6] == "1", number_in(row[7])});
      if (row[0] == "pages" && row.size() == 2) out.pages_address = row[1];
      if (row[0] == "only" && row.size() == 3) out.choices.push_back({row[1], row[2]});
    }
    return out;
  }
  std::optional<web::Said> switch_room(const web::RoomAsk& ask, Language language) override {
    return said({"room",
                 {{"account", ask.account},
                  {"room", ask.room},
                  {"state", ask.state},
                  {"only", ask.only},
                  {"until", ask.until},
                  {"why", ask.why},
                  {"lang", word(language)}}});
  }

  std::optional<web::TierFileNow> tier_file(const std::string& account, const std::string& tier,
                                            Language language) override {
    const auto answer = ask({"tier_text", {{"account", account}, {"tier", tier}, {"lang", word(language)}}});
    if (!answer) return std::nullopt;
    web::TierFileNow out;
    out.why_not.done = answer->exit_code == 0;
    for (const auto& row : web_rows(answer->text)) {
      take_file(row, out);
      if (row[0] == "problem" && row.size() == 2) out.why_not.text = row[1];
      if (row[0] == "right" && row.size() == 2) out.whole = row[1] == "whole";
      if (row[0] == "may_override" && row.size() == 2) out.may_override = words_in(row[1]);
      if (row[0] == "waits") out.waits = true;
    }
    return out;
  }
  std::optional<web::EditSaid> edit(const web::EditAsk& asked, Language language) override {
    const auto answer = ask({"edit",
                             {{"account", asked.account},
                              {"tier", asked.tier},
                              {"version", asked.version},
                              {"text", packed_text(asked.text)},
                              {"why", asked.why},
                              {"save", asked.save ? "1" : "0"},
                              {"lang", word(language)}}});
    if (!answer) return std::nullopt;
    web::EditSaid out;
    out.done = answer->exit_code == 0;
    for (const auto& row : web_rows(answer->text)) {
      if ((row[0] == "problem" || row[0] == "done") && row.size() == 2) out.text = row[1];
      if (row[0] == "name" && row.size() == 2) out.name = row[1];
      if (row[0] == "difference" && row.size() == 2) out.difference = unpacked_text(row[1]).value_or("");
      web::TierFileNow file;
      if (take_file(row, file)) out.now = std::move(file);
      if (row[0] != "note" || row.size() != 10) continue;
      out.notes.push_back({row[1], row[2], row[3], row[7], row[8], row[9], row[4] == "here",
                           number_in(row[5]), number_in(row[6])});
    }
    if (out.text.empty()) out.text = without_end(answer->text);
    return out;
  }

  std::optional<std::vector<web::HistoryLine>> history(Language language) override {
    const auto rows = rows_of({"history", {{"lang", word(language)}}});
    if (!rows) return std::nullopt;
    std::vector<web::HistoryLine> out;
    for (const auto& row : *rows)
      if (row.size() == 6) out.push_back({number_in(row[1]), row[2], row[3], row[4], row[5]});
    return out;
  }
  std::optional<web::Said> difference(std::uint64_t from, std::uint64_t to, Language language) override {
    return said({"difference",
                 {{"from", std::to_string(from)}, {"to", std::to_string(to)}, {"lang", word(language)}}});
  }
  std::optional<std::vector<web::PublishedLine>> catalogue(Language language) override {
    const auto rows = rows_of({"catalogue", {{"lang", word(language)}}});
    if (!rows) return std::nullopt;
    std::vector<web::PublishedLine> out;
    for (const auto& row : *rows)
      if (row.size() == 9)
        out.push_back({row[1], row[2], row[3], row[4], row[5], row[6], number_in(row[7]), row[8] == "1"});
    return out;
  }

  std::optional<web::CaseList> cases(const web::CasesAsk& asked, Language language) override {
    const auto answer =
        ask({"cases", {{"account", asked.account}, {"state", asked.state}, {"lang", word(language)}}});
    if (!answer) return std::nullopt;
    web::CaseList out{{answer->exit_code == 0, ""}, {}};
    for (const auto& row : web_rows(answer->text)) {
      if (row[0] == "problem" && row.size() == 2) out.why_not.text = row[1];
      if (row[0] == "untold" && row.size() == 2) out.untold = row[1];
      web::CaseLine line;
      if (take_case(row, line)) out.cases.push_back(std::move(line));
    }
    return out;
  }
  std::optional<web::CaseNow> one_case(const web::CasesAsk& asked, Language language) override {
    const auto answer =
        ask({"case", {{"account", asked.account}, {"code", asked.code}, {"lang", word(language)}}});
    if (!answer) return std::nullopt;
    web::CaseNow out;
    out.why_not.done = answer->exit_code == 0;
    for (const auto& row : web_rows(answer->text)) {
      take_case(row, out.about);
      if (row[0] == "problem" && row.size() == 2) out.why_not.text = row[1];
      if (row[0] == "row" && row.size() == 4) out.rows.push_back({row[1], row[2], row[3]});
      if (row[0] == "step" && row.size() == 5) out.steps.push_back({row[1], row[2], row[3], row[4]});
      if (row[0] == "message" && row.size() == 4) out.messages.push_back({row[1], row[2], row[3]});
      if (row[0] == "exclusion" && row.size() == 2) out.exclusions.push_back(row[1]);
      if (row[0] == "untold" && row.size() == 2) out.untold = row[1];
      if (row[0] == "two" && row.size() == 2) out.two_needed = row[1] == "1";
      if (row[0] != "wish" || row.size() != 5) continue;
      out.wish_by = row[1];
      out.wish_at = row[2];
      out.wish_why = row[3];
      out.wish_agreed = row[4];
    }
    return out;
  }
  std::optional<web::Said> case_step(const web::CasesAsk& asked, Language language) override {
    return sentences({"case_step",
                      {{"account", asked.account},
                       {"code", asked.code},
                       {"state", asked.state},
                       {"note", asked.note},
                       {"lang", word(language)}}});
  }
  std::optional<web::Said> reveal(const web::RevealAsk& asked, Language language) override {
    return sentences({"reveal",
                      {{"account", asked.account},
                       {"code", asked.code},
                       {"act", asked.act},
                       {"why", asked.why},
                       {"lang", word(language)}}});
  }

  std::optional<web::LessonLog> lesson_log(const std::string& account, const web::LogAsk& asked,
                                           Language language) override {
    const auto answer = ask({"lesson",
                             {{"account", account},
                              {"since", std::to_string(asked.since_ms)},
                              {"until", std::to_string(asked.until_ms)},
                              {"tier", asked.tiers.empty() ? "" : asked.tiers.front()},
                              {"action", asked.action},
                              {"category", asked.category},
                              {"host", asked.host},
                              {"code", asked.code},
                              {"lang", word(language)}}});
    if (!answer) return std::nullopt;
    web::LessonLog out;
    out.why_not.done = answer->exit_code == 0;
    if (!out.why_not.done) out.why_not.text = without_end(answer->text);
    for (const auto& row : web_rows(answer->text)) {
      if (row[0] == "problem" && row.size() == 2) out.why_not.text = row[1];
      if (row[0] == "span" && row.size() == 3) {
        out.since_ms = static_cast<std::int64_t>(number_in(row[1]));
        out.by_lessons = row[2] == "1";
      }
      if (row[0] == "own" && row.size() == 3) (row[1] == "room" ? out.rooms : out.tiers).push_back(row[2]);
      if (row[0] != "row" || row.size() != 12) continue;
      web::LogLine line{.code = row[2],
                        .client = {},
                        .tier = row[3],
                        .action = row[4],
                        .host = row[5],
                        .path = row[6],
                        .category = row[7],
                        .rule = row[8]};
      line.time_ms = static_cast<std::int64_t>(number_in(row[1]));
      line.count = number_in(row[9]);
      line.connect = row[10] == "1";
      line.place = row[11];
      out.rows.push_back(std::move(line));
    }
    return out;
  }

  bool event(const std::string& account, const std::string& what, const std::string& detail) override {
    const auto answer = ask({"event", {{"account", account}, {"what", what}, {"detail", detail}}});
    return answer && answer->exit_code == 0;
  }

 private:
  static bool take_file(const std::vector<std::string>& row, web::TierFileNow& out) {
    if (row[0] != "file" || row.size() != 4) return false;
    out.name = row[1];
    out.version = row[2];
    out.text = unpacked_text(row[3]).value_or("");
    return true;
  }
  static bool take_case(const std::vector<std::string>& row, web::CaseLine& out) {
    if (row[0] != "case" || row.size() != 11) return false;
    out = {row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9] == "1", number_in(row[10])};
    return true;
  }
  // What rows of sentences say, a line each.
  [[nodiscard]] std::optional<web::Said> sentences(const WebQuestion& question) const {
    const auto answer = ask(question);
    if (!answer) return std::nullopt;
    std::string text;
    for (const auto& row : web_rows(answer->text))
      if (row.size() == 2) text += (text.empty() ? "" : "\n") + row[1];
    return web::Said{answer->exit_code == 0, text.empty() ? without_end(answer->text) : text};
  }
  static const char* word(Language language) { return language == Language::vi ? "vi" : "en"; }

  // Nullopt: it does not answer. What cannot be asked at all is answered as a refusal.
  [[nodiscard]] std::optional<Reply> ask(const WebQuestion& question) const {
    const auto text = to_text(question);
    if (!text)
      return Reply{1, say("a name or reason is too long, or holds characters that cannot be seen").english()};
    Result<Reply> reply = ask_proxy(path_, *text);
    if (!reply) return std::nullopt;
    return std::move(*reply);
  }
  [[nodiscard]] std::optional<Rows> rows_of(const WebQuestion& question) const {
    const auto answer = ask(question);
    if (!answer || answer->exit_code != 0) return std::nullopt;
    return web_rows(answer->text);
  }
  [[nodiscard]] std::optional<web::Said> said(const WebQuestion& question) const {
    const auto answer = ask(question);
    if (!answer) return std::nullopt;
    return web::Said{answer->exit_code == 0, without_end(answer->text)};
  }

  const std::string path_;
};

}  // namespace

std::unique_ptr<web::Daemon> running_proxy(std::string web_socket) {
  return std::make_unique<RunningProxy>(std::move(web_socket));
}

}  // namespace schoolgate::tools
