#include <mutex>

#include "proxy/audit/read_deadline.h"
#include "proxy/io/net/wall_clock.h"
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
  ReportMaker(const Config& config, const TimeZone& zone) : config_(config), zone_(zone) {}

  Result<std::string> make(const web::ReportAsk& ask) override {
    const std::unique_lock one(mutex_, std::try_to_lock);
    if (!one.owns_lock()) return Error{say("A report is being made just now: try again in a moment.")};
    const auto period = ask.kind == "month"  ? Period::month(ask.period, zone_)
                        : ask.kind == "term" ? Period::term(ask.period, zone_)
                                             : Period::year(ask.period, zone_);
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
    const std::int64_t now_s = of.now_ms / 1000;
    const ReportOf report{.facts = *facts,
                          .names = names,
                          .school = config_.school,
                          .policy = nullptr,
                          .floor = floor_of(ask.floor),
                          .language = ask.language,
                          .version = SCHOOLGATE_VERSION,
                          .today = (now_s + zone_.offset(now_s)) / 86'400};
    return in_form(ask.audience == "department" ? department_report(report) : head_report(report),
                   ask.format);
  }

 private:
  const Config& config_;
  const TimeZone& zone_;
  std::mutex mutex_;
};

}  // namespace

std::unique_ptr<web::Reports> report_maker(const Config& config, const TimeZone& zone) {
  return std::make_unique<ReportMaker>(config, zone);
}

}  // namespace schoolgate::tools
