#include "tools/daemon/alert_post.h"

#include <algorithm>

#include "proxy/io/net/wall_clock.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"
#include "tools/daemon/alert_hook.h"
#include "tools/daemon/smtp.h"

namespace schoolgate::tools {
namespace {

constexpr int look_every_ms = 2'000;
constexpr std::int64_t day_s = 86'400;
constexpr const char* way_names[] = {"mail", "hook"};

std::string joined_codes(const std::vector<std::string>& codes) {
  std::string text;
  for (const std::string& code : codes) text += (text.empty() ? "" : " ") + code;
  return text;
}

MailText mail_text(const std::vector<std::string>& codes, const Snapshot& snapshot) {
  const Catalogue catalogue = catalogue_of(snapshot.config.school.language);
  MailText mail;
  mail.subject = "Schoolgate: " + (codes.size() == 1 ? codes[0] : std::to_string(codes.size()));
  mail.body = say("Cases to look at: {}", joined_codes(codes)).in(catalogue) + "\n" +
              say("On the machine of Schoolgate: schoolgate cases show {}", codes[0]).in(catalogue) + "\n";
  return mail;
}

}  // namespace

std::int64_t last_digest_s(const TimeZone& zone, std::uint16_t minute, std::int64_t now_s) noexcept {
  const std::int64_t local = now_s + zone.offset(now_s);
  std::int64_t moment = local - local % day_s + minute * 60;
  if (moment > local) moment -= day_s;
  return moment - zone.offset(now_s);
}

AlertPost::AlertPost(std::string log_directory, Hooks hooks)
    : book_(std::move(log_directory)), hooks_(std::move(hooks)) {
  if (!hooks_.now_ms) hooks_.now_ms = [] { return wall_clock_ms(); };
  if (!hooks_.mail)
    hooks_.mail = [this](const MailSettings& settings, const std::vector<std::string>& codes,
                         const Snapshot& snapshot) {
      return send_mail(settings, mail_text(codes, snapshot), rounds_.ending());
    };
  if (!hooks_.hook)
    hooks_.hook = [this](const std::vector<std::string>& words, const std::vector<std::string>& codes) {
      return run_alert_hook(words, codes, rounds_.ending());
    };
}

void AlertPost::start() {
  rounds_.start([this] { look(); }, look_every_ms);
}

void AlertPost::look() {
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  const AlertSettings& settings = snapshot->config.alerts;
  if (!(settings == known_)) {  // what was wrong may be right now
    known_ = settings;
    const MutexLock lock(mutex_);
    for (Retry& attempt : attempts_) attempt = {};
  }
  if (settings.mail) look_at(by_mail, *snapshot);
  if (!settings.hook.empty()) look_at(by_hook, *snapshot);
}

void AlertPost::look_at(Way way, const Snapshot& snapshot) {
  const std::int64_t now = hooks_.now_ms();
  {
    const MutexLock lock(mutex_);
    if (attempts_[way].waits(now)) return;
  }
  const auto all = book_.due(way_names[way]);
  if (!all) return note(way, all.error().message, now);
  const std::int64_t digest_ms =
      last_digest_s(snapshot.zone, snapshot.config.alerts.digest, now / 1000) * 1000;
  std::vector<std::vector<audit::DueMessage>> messages;  // a case each, then the digest
  std::vector<audit::DueMessage> digest;
  for (const audit::DueMessage& one : *all) {
    if (audit::is_urgent(one.theme)) {
      messages.push_back({one});
    } else if (one.since_ms < digest_ms) {
      digest.push_back(one);
    }
  }
  if (!digest.empty()) messages.push_back(std::move(digest));
  for (auto message = messages.begin(); message != messages.end(); ++message) {
    const Message failure = deliver(way, *message, snapshot);
    if (failure.empty()) continue;
    // Nothing else is tried now. Whoever looks at one of these cases is to see that nobody was told of it.
    for (; message != messages.end(); ++message) note_failed(way, *message, failure, now);
    return;
  }
}

Result<void> AlertPost::tell(Way way, const std::vector<std::string>& codes, const Snapshot& snapshot) const {
  const AlertSettings& settings = snapshot.config.alerts;
  return way == by_mail ? hooks_.mail(*settings.mail, codes, snapshot) : hooks_.hook(settings.hook, codes);
}

// Why it failed; empty: they were told, and that is noted.
Message AlertPost::deliver(Way way, const std::vector<audit::DueMessage>& due, const Snapshot& snapshot) {
  std::vector<std::string> codes;
  for (const audit::DueMessage& one : due) {
    if (std::ranges::find(codes, one.code) == codes.end()) codes.push_back(one.code);
  }
  const Result<void> told = tell(way, codes, snapshot);
  Message failure = told.failed() ? told.error().message : Message();
  if (rounds_.ending() && told.failed()) return failure;
  const std::int64_t now = hooks_.now_ms();
  if (told.ok()) {
    for (const audit::DueMessage& one : due) {
      const auto noted = book_.note_message(one, way_names[way], now, "");
      if (noted.failed()) failure = noted.error().message;  // it will be told once more
    }
  }
  note(way, failure, now);
  return failure;
}

// Once for each case: it is tried many times.
void AlertPost::note_failed(Way way, const std::vector<audit::DueMessage>& due, const Message& failure,
                            std::int64_t now_ms) {
  if (rounds_.ending()) return;
  for (const audit::DueMessage& one : due) {
    if (!one.failed_before) (void)book_.note_message(one, way_names[way], now_ms, failure.english());
  }
}

void AlertPost::note(Way way, const Message& failure, std::int64_t now_ms) {
  bool begins = false;
  {
    const MutexLock lock(mutex_);
    begins = attempts_[way].note(failure, now_ms);
  }
  if (begins)
    hooks_.complain(
        say("the safeguarding lead could not be told by {}: {}; it is tried again", way_names[way], failure));
}

Message AlertPost::failure() const {
  const MutexLock lock(mutex_);
  for (std::size_t way = 0; way < ways; ++way) {
    const Message& failure = attempts_[way].failure();
    if (!failure.empty()) return say("{}: {}", way_names[way], failure);
  }
  return {};
}

}  // namespace schoolgate::tools
