#include "tools/daemon/smtp.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <memory>

#include "config/text/system_words.h"

namespace schoolgate::tools {
namespace {

constexpr long mail_seconds = 30, mail_connect_seconds = 10;
constexpr std::size_t longest_secret = 1024;

struct FreeSlist {
  void operator()(curl_slist* list) const noexcept { ::curl_slist_free_all(list); }
};
using Slist = std::unique_ptr<curl_slist, FreeSlist>;

void append(Slist& list, const std::string& text) {
  curl_slist* const longer = ::curl_slist_append(list.get(), text.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  (void)list.release();
  list.reset(longer);
}

// "Sun, 29 Nov 2026 09:14:00 +0000" (RFC 5322 3.3)
std::string date_of_mail(std::time_t now) {
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 64> text{};
  const int size =
      std::snprintf(text.data(), text.size(), "%s, %02d %s %d %02d:%02d:%02d +0000", days[utc.tm_wday],
                    utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return {text.data(), static_cast<std::size_t>(size)};
}

int stop_when_ending(void* ending, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<const std::atomic<bool>*>(ending)->load() ? 1 : 0;
}

class Mail {
 public:
  Mail(const MailSettings& settings, const MailText& mail) : settings_(settings), mail_(mail) {}

  Result<void> send(const std::string& secret, const std::atomic<bool>& ending) {
    curl_.reset(::curl_easy_init());
    if (!curl_) return Error{say("no memory for a mail")};
    where(secret);
    envelope();
    content();
    set(CURLOPT_XFERINFOFUNCTION, stop_when_ending);
    set(CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&ending));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_ERRORBUFFER, words_);
    if (!all_set_) return Error{say("libcurl cannot send mail")};
    const CURLcode code = ::curl_easy_perform(curl_.get());
    if (code == CURLE_OK) return {};
    return Error{words_[0] != '\0' ? std::string(words_) : std::string(::curl_easy_strerror(code))};
  }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    if (::curl_easy_setopt(curl_.get(), option, value) != CURLE_OK) all_set_ = false;
  }

  void where(const std::string& secret) {
    const bool inside = settings_.tls == MailSettings::Tls::starttls;
    const std::string url =
        (inside ? "smtp://" : "smtps://") + settings_.server + ":" + std::to_string(settings_.port);
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_PROXY, "");  // whatever the environment says
    set(CURLOPT_NOPROXY, "*");
    set(CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!settings_.ca.empty()) set(CURLOPT_CAINFO, settings_.ca.c_str());
    if (!settings_.user.empty()) {
      set(CURLOPT_USERNAME, settings_.user.c_str());
      set(CURLOPT_PASSWORD, secret.c_str());
    }
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT, mail_seconds);
    set(CURLOPT_CONNECTTIMEOUT, mail_connect_seconds);
  }

  void envelope() {
    set(CURLOPT_MAIL_FROM, ("<" + settings_.from + ">").c_str());
    for (const std::string& one : settings_.to) append(to_, "<" + one + ">");
    set(CURLOPT_MAIL_RCPT, to_.get());
  }

  void content() {
    std::string to;
    for (const std::string& one : settings_.to) to += (to.empty() ? "" : ", ") + one;
    append(heads_, "Date: " + date_of_mail(std::time(nullptr)));
    append(heads_, "From: " + settings_.from);
    append(heads_, "To: " + to);
    append(heads_, "Subject: " + mail_.subject);
    append(heads_, "Auto-Submitted: auto-generated");
    set(CURLOPT_HTTPHEADER, heads_.get());
    mime_.reset(::curl_mime_init(curl_.get()));
    curl_mimepart* const part = mime_ ? ::curl_mime_addpart(mime_.get()) : nullptr;
    all_set_ = all_set_ && part != nullptr &&
               ::curl_mime_data(part, mail_.body.data(), mail_.body.size()) == CURLE_OK &&
               ::curl_mime_type(part, "text/plain; charset=utf-8") == CURLE_OK &&
               ::curl_mime_encoder(part, "base64") == CURLE_OK;
    set(CURLOPT_MIMEPOST, mime_.get());
  }

  const MailSettings& settings_;
  const MailText& mail_;
  Slist to_, heads_;
  std::unique_ptr<CURL, void (*)(CURL*)> curl_{nullptr, ::curl_easy_cleanup};
  std::unique_ptr<curl_mime, void (*)(curl_mime*)> mime_{nullptr, ::curl_mime_free};  // before curl_
  bool all_set_ = true;
  char words_[CURL_ERROR_SIZE] = {};
};

}  // namespace

Result<std::string> read_secret(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return Error{say("the password cannot be read: {}", system_words(errno))};
  struct stat info {};
  std::array<char, longest_secret + 1> bytes{};
  const bool open_to_others = ::fstat(fd, &info) != 0 || (info.st_mode & 077) != 0;
  const ssize_t got = open_to_others ? 0 : ::read(fd, bytes.data(), bytes.size());
  ::close(fd);
  if (open_to_others) return Error{say("others than the proxy's user can read this password")};
  std::string secret(bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) secret.pop_back();
  if (secret.empty() || secret.size() > longest_secret)
    return Error{say("the file of the password is empty or longer than {} bytes", longest_secret)};
  return secret;
}

Result<void> send_mail(const MailSettings& settings, const MailText& mail, const std::atomic<bool>& ending) {
  std::string secret;
  if (!settings.password_file.empty()) {
    auto read = read_secret(settings.password_file);
    if (!read) return read.error();
    secret = std::move(*read);
  }
  return Mail(settings, mail).send(secret, ending);
}

}  // namespace schoolgate::tools
