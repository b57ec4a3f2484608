#include <mutex>

#include "proxy/audit/read_deadline.h"
#include "proxy/io/net/wall_clock.h"
#include "tools/daemon/control.h"
#include "tools/daemon/report_facts.h"
#include "tools/report/report.h"
#include "tools/report/word.h"
#include "tools/web/page_sources.h"

namespace schoolgate::tools {
namespace {

constexpr std::chrono::milliseconds longest_report{10'000};

// As the proxy tells of the floor in force; its files cannot be read from here.
std::optional<FloorStanding> floor_of(std::string_view told) {
  FloorStanding floor;
  if (told.empty()) return std::nullopt;
  if (told == "plain") floor.state = FloorStanding::State::plain;
  if (told == "sealed") floor.state = FloorStanding::State::sealed;
  if (told != "none") floor.entries = 1;  // how many is not told
  return floor;
}

class ReportMaker : public web::Reports {
 public:
  ReportMaker(const Config& config, const TimeZone& zone, std::string web_socket)
      : config_(config), zone_(zone), web_socket_(std::move(web_socket)) {}

  Result<std::string> make(const web::ReportAsk& ask) override {
    const std::unique_lock one(mutex_, std::try_to_lock);
    if (!one.owns_lock()) return Error{say("A report is being made just now: try again in a moment.")};
    const auto period = period_asked(ask.kind, ask.period, zone_);
    if (!period) return Error{period.error()};
    const SchoolNames names = read_names(config_, ask.language);
    // The figures of the safeguarding file are not for these pages: its files cannot be read from here.
    const FactsOf of{
        .directory = config_.log.directory, .zone = zone_, .names = names, .now_ms = wall_clock_ms()};
    const audit::ReadDeadline deadline(longest_report);
    const auto facts = gather(of, *period);
    if (!facts)
      return deadline.passed()
                 ? Error{say("The log has too many rows for this question: choose a shorter time.")}
                 : facts.error();
    std::optional<PolicyFacts> policy;
    if (ask.audience == "admin") {
      auto told = policy_facts(ask);
      if (!told) return told.error();
      policy = std::move(*told);
    }
    const std::int64_t now_s = of.now_ms / 1000;
    const ReportOf report{.facts = *facts,
                          .names = names,
                          .school = config_.school,
                          .policy = policy ? &*policy : nullptr,
                          .floor = floor_of(ask.floor),
                          .language = ask.language,
                          .version = SCHOOLGATE_VERSION,
                          .today = (now_s + zone_.offset(now_s)) / 86'400};
    return in_form(ask.audience == "department" ? department_report(report)
                   : ask.audience == "admin"    ? admin_report(report)
                                                : head_report(report),
                   ask.format);
  }

 private:
  // What rules, and its lists, the proxy alone knows.
  [[nodiscard]] Result<PolicyFacts> policy_facts(const web::ReportAsk& ask) const {
    const auto question = to_text(WebQuestion{
        "policy_facts",
        {{"kind", ask.kind}, {"period", ask.period}, {"lang", ask.language == Language::vi ? "vi" : "en"}}});
    if (!question) return Error{say("This form is not whole.")};
    const Result<Reply> reply = ask_proxy(web_socket_, *question);
    if (!reply) return Error{say("The proxy does not answer. If this lasts: systemctl status schoolgate.")};
    if (reply->exit_code == 0) return policy_facts_in(reply->text);
    const auto rows = web_rows(reply->text);
    const bool told = !rows.empty() && rows[0].size() == 2 && rows[0][0] == "problem";
    return Error{Message(told ? rows[0][1] : reply->text)};
  }

  const Config& config_;
  const TimeZone& zone_;
  const std::string web_socket_;
  std::mutex mutex_;
};

}  // namespace

std::unique_ptr<web::Reports> report_maker(const Config& config, const TimeZone& zone,
                                           std::string web_socket) {
  return std::make_unique<ReportMaker>(config, zone, std::move(web_socket));
}

}  // namespace schoolgate::tools
