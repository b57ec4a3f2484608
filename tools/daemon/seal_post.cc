#include "tools/daemon/seal_post.h"

#include <unistd.h>

#include <optional>
#include <utility>

#include "proxy/audit/seal_book.h"
#include "proxy/io/net/wall_clock.h"
#include "tools/console/console.h"
#include "tools/daemon/alert_post.h"

namespace schoolgate::tools {
namespace {

using audit::LogKind;

constexpr int look_for_a_seal_every_ms = 2'000;

struct SealToMail {
  std::int64_t number = 0, made_ms = 0;
  std::string digest, key;
};

// Nullopt: nothing is sealed yet.
Result<std::optional<SealToMail>> last_seal_of(const std::string& directory) {
  if (::access(audit::seals_path(directory, LogKind::access).c_str(), F_OK) != 0)
    return std::optional<SealToMail>();
  auto book = audit::SealBook::open(directory, LogKind::access, audit::Database::Mode::read);
  if (!book) return Error{book.error().message};
  const auto last = book->last();
  if (!last) return Error{last.error().message};
  if (!*last) return std::optional<SealToMail>();
  const audit::KeptSeal& kept = **last;
  const auto seal = audit::parse_seal(kept.text);
  if (!seal) return seal.error();
  return std::optional(
      SealToMail{kept.number, seal->made_ms, audit::seal_digest(kept.text, kept.signature), seal->key});
}

MailText text_of(const SealToMail& seal, const Snapshot& snapshot) {
  const Catalogue catalogue = catalogue_of(snapshot.config.school.language);
  MailText mail;
  mail.subject = "Schoolgate: seal " + std::to_string(seal.number);
  mail.body = say("The log of {} is sealed up to number {}, of {}.", snapshot.config.school.name, seal.number,
                  snapshot.zone.iso8601(seal.made_ms / 1000))
                  .in(catalogue) +
              "\n" + say("digest: {}", seal.digest).in(catalogue) + "\n" +
              say("key: {}", seal.key).in(catalogue) + "\n" +
              say("Keep this mail where nobody of that machine can change it. `schoolgate log verify --seal` "
                  "with the "
                  "digest says later whether the log still has this seal.")
                  .in(catalogue) +
              "\n";
  return mail;
}

}  // namespace

SealPost::SealPost(std::string log_directory, Hooks hooks)
    : log_directory_(std::move(log_directory)), hooks_(std::move(hooks)) {
  if (!hooks_.now_ms) hooks_.now_ms = [] { return wall_clock_ms(); };
  if (!hooks_.mail)
    hooks_.mail = [this](const MailSettings& settings, const MailText& text) {
      return send_mail(settings, text, rounds_.ending());
    };
}

void SealPost::start() {
  rounds_.start([this] { look(); }, look_for_a_seal_every_ms);
}

void SealPost::look() {
  const std::shared_ptr<const Snapshot> snapshot = hooks_.current();
  const AlertSettings& settings = snapshot->config.alerts;
  const MailSettings wanted =
      settings.mail && !settings.mail->seals_to.empty() ? *settings.mail : MailSettings();
  const bool changed = !(wanted == known_);
  known_ = wanted;
  const std::int64_t now = hooks_.now_ms();
  {
    const MutexLock lock(mutex_);
    if (changed) attempt_ = {};  // what was wrong may be right now
    if (wanted.seals_to.empty() || attempt_.waits(now)) return;
  }
  const std::int64_t due_s = last_digest_s(snapshot->zone, settings.digest, now / 1000);
  if (due_s == mailed_for_s_) return;
  const auto seal = last_seal_of(log_directory_);
  if (seal && !*seal) return;
  Result<void> sent;
  if (!seal) {
    sent = seal.error();
  } else {
    MailSettings to_these = wanted;
    to_these.to = wanted.seals_to;
    sent = hooks_.mail(to_these, text_of(**seal, *snapshot));
  }
  if (rounds_.ending() && sent.failed()) return;
  const Message failure = sent.failed() ? sent.error().message : Message();
  bool begins = false;
  {
    const MutexLock lock(mutex_);
    begins = attempt_.note(failure, hooks_.now_ms());
  }
  if (begins)
    hooks_.complain(say("the last seal of the log could not be mailed: {}; it is tried again", failure));
  if (sent.failed()) return;
  mailed_for_s_ = due_s;
  hooks_.mailed((*seal)->number, (*seal)->digest);
}

Message SealPost::failure() const {
  const MutexLock lock(mutex_);
  return attempt_.failure();
}

}  // namespace schoolgate::tools
