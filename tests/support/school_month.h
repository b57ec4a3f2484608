// A school's months as its proxy would have written them: 150 clients in five tiers, lessons from Monday to
// Saturday morning, what is asked for often and what is asked for hardly ever. The same rows every time. For
// the programs that link proxy/audit.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "config/snapshot.h"
#include "proxy/audit/access_log.h"
#include "proxy/audit/month.h"

namespace schoolgate::testing {

class SchoolMonths {
 public:
  static constexpr std::int64_t zone_ms = 7 * audit::hour_ms;  // Asia/Ho_Chi_Minh

  // Tiers and categories, by the numbers of the rows.
  static std::vector<std::pair<std::string, std::string>> tiers() {
    return {{"tieu_hoc", "Tiểu học"},
            {"thcs", "Trung học cơ sở"},
            {"thpt", "Trung học phổ thông"},
            {"giao_vien", "Giáo viên"},
            {"khach", "Khách"}};
  }
  static std::vector<std::pair<std::string, std::string>> categories() {
    return {{"games", "Trò chơi"},           {"social", "Mạng xã hội"}, {"streaming", "Phim, video"},
            {"adult", "Nội dung người lớn"}, {"gambling", "Cờ bạc"},    {"self_harm", "Tự làm hại mình"}};
  }

  explicit SchoolMonths(std::string directory) : directory_(std::move(directory)) {}

  // The month's rows and events. `quiet`: a month of holidays, a tenth of it. The proxy is
  // down for a night.
  bool write(audit::Month month, bool quiet) {
    quiet_ = quiet;
    now_ms_ = month.begin_ms() - zone_ms;
    if (!open()) return false;
    int day = 0;
    for (std::int64_t begin = month.begin_ms() - zone_ms; begin < month.next().begin_ms() - zone_ms;
         begin += audit::day_ms) {
      ++day;
      if (!write_day(begin, day)) return false;
      if (day != 12) continue;
      now_ms_ = begin + 20 * audit::hour_ms;  // off at eight in the evening, on at six
      if (!log_->stop()) return false;
      now_ms_ = begin + 30 * audit::hour_ms;
      if (!open()) return false;
    }
    now_ms_ = month.next().begin_ms() - zone_ms - 1;
    if (!log_->flush(std::chrono::seconds(60))) return false;
    return log_->stop();
  }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }

  bool open() {
    AccessLogOptions options;
    options.settings.directory = directory_;
    options.settings.key_file = directory_ + "/keys";
    options.settings.keep_days = 3'000;
    options.version = "test";
    options.now_ms = [this] { return now_ms_.load(); };
    auto log = AccessLog::open(std::move(options));
    if (!log) return false;
    log_ = std::move(*log);
    auto snapshot = std::make_shared<Snapshot>();
    PolicySpec spec;
    for (const auto& [id, name] : tiers()) {
      spec.tiers.emplace_back();
      spec.tiers.back().id = id;
      spec.tiers.back().effects.resize(categories().size());
    }
    for (const auto& [id, name] : categories()) {
      spec.categories.emplace_back();
      spec.categories.back().id = id;
    }
    auto policy = Policy::compile(std::move(spec));
    if (!policy) return false;
    snapshot->revision = 1;
    snapshot->digest = "digest";
    snapshot->policy = *policy;
    snapshot->sources = {"lists/games.txt", "lists/social.txt", "tiers.d/thcs.yaml"};
    log_->policy_loaded(std::move(snapshot));
    return true;
  }

  // How busy an hour is, in hundredths of a lesson.
  static std::uint64_t busy(int hour, int weekday) {  // 0 = Monday
    if (weekday == 6 || (weekday == 5 && hour >= 12)) return hour >= 8 && hour <= 20 ? 1 : 0;
    if (hour >= 7 && hour < 11) return 100;
    if (hour >= 13 && hour < 17) return 80;
    return hour >= 6 && hour <= 21 ? 8 : 0;
  }

  bool write_day(std::int64_t begin, int day) {
    const int weekday = static_cast<int>(((begin + zone_ms) / audit::day_ms + 3) % 7);
    for (int hour = 0; hour < 24; ++hour) {
      std::uint64_t rows = busy(hour, weekday) * (quiet_ ? 8 : 80) / 100;
      for (; rows > 0; --rows) {
        now_ms_ = begin + hour * audit::hour_ms + static_cast<std::int64_t>(below(audit::hour_ms));
        if (!write_row()) return false;
      }
    }
    // What hardly ever happens: in this month three times, in the other one not at all.
    if (!quiet_ && (day == 3 || day == 10 || day == 17)) {
      now_ms_ = begin + 9 * audit::hour_ms;
      LogRecord row = blocked(2, 3);
      if (!log_->write(std::move(row))) return false;
    }
    if (!quiet_ && day % 3 == 0) {
      now_ms_ = begin + 10 * audit::hour_ms;
      log_->event("client", "grant", R"({"tier":"thcs","host":"phim.example","category":"streaming"})");
      LogRecord row = base(1);
      row.help = blocked(1, 5).verdict;
      row.help->action = Action::help;
      row.help->flags.alert = true;
      row.alert = row.decision;
      if (!log_->write(std::move(row))) return false;
    }
    return log_->flush(std::chrono::seconds(60));
  }

  LogRecord base(TierId tier) {
    LogRecord row;
    row.decision = ++decision_;
    row.time_ms = now_ms_;
    row.client = IpAddress::v4(0x0a000000 + static_cast<std::uint32_t>(tier * 256u + below(30)));
    row.tier = tier;
    row.revision = 1;
    row.verdict.action = Action::allow;
    row.verdict.layer = Layer::tier_default;
    row.verdict.reason = Reason::tier_default;
    row.seen = below(10) < 8 ? Seen::sni : Seen::url;
    row.port = 443;
    row.status = 200;
    row.method = "CONNECT";
    row.visit = Visit::yes;
    row.host = "site-" + std::to_string(below(200)) + ".example";
    return row;
  }
  LogRecord blocked(TierId tier, CategoryId category) {
    LogRecord row = base(tier);
    row.verdict.action = category == 2 ? Action::warn : Action::block;
    row.verdict.layer = Layer::category;
    row.verdict.reason = Reason::category;
    row.verdict.category = category;
    row.verdict.rule = RuleRef{category % 3u, static_cast<std::uint32_t>(1 + below(4))};
    row.ended = Ended::blocked;
    row.status = 403;
    return row;
  }
  bool write_row() {
    const auto tier = static_cast<TierId>(below(20) < 8 ? 1 : below(5));
    const std::uint64_t dice = below(1000);
    if (tier == 3 || dice >= 60) return log_->write(base(tier));  // teachers are blocked nothing
    const CategoryId category = dice < 30 ? 0 : dice < 48 ? 1 : dice < 59 ? 2 : 4;
    return log_->write(blocked(tier, category));
  }

  std::string directory_;
  std::mt19937 random_{20261101};
  std::atomic<std::int64_t> now_ms_{0};
  std::unique_ptr<AccessLog> log_;
  std::uint64_t decision_ = 0;
  bool quiet_ = false;
};

}  // namespace schoolgate::testing
