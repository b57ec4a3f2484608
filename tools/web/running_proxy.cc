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
                                                        {"rows_written", &out.rows_written},
                                                        {"rows_queued", &out.rows_queued},
                                                        {"rows_lost", &out.rows_lost},
                                                        {"log_bytes", &out.log_bytes},
                                                        {"log_max_bytes", &out.log_max_bytes}};
    const std::map<std::string, std::string*> texts{
        {"version", &out.version}, {"policy", &out.policy}, {"last_reload", &out.last_reload}};
    for (const auto& row : *rows) {
      if (row.size() != 2) continue;
      if (const auto found = numbers.find(row[0]); found != numbers.end()) *found->second = number_in(row[1]);
      if (const auto found = texts.find(row[0]); found != texts.end()) *found->second = row[1];
      if (row[0] == "uptime_s") out.uptime_s = static_cast<std::int64_t>(number_in(row[1]));
      if (row[0] == "fault") out.faults.push_back(row[1]);
      if (row[0] == "thin") out.thin.push_back(row[1]);
    }
    return out;
  }

  std::optional<std::vector<web::ListLine>> lists(Language language) override {
    const auto rows = rows_of({"lists", {{"lang", word(language)}}});
    if (!rows) return std::nullopt;
    std::vector<web::ListLine> out;
    for (const auto& row : *rows)
      if (row.size() == 7)
        out.push_back({row[1], row[2], row[5], number_in(row[3]), number_in(row[4]), row[6] == "1"});
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
  bool event(const std::string& account, const std::string& what, const std::string& detail) override {
    const auto answer = ask({"event", {{"account", account}, {"what", what}, {"detail", detail}}});
    return answer && answer->exit_code == 0;
  }

 private:
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
