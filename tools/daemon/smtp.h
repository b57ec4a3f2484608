// One mail to the school's own server, over TLS or not at all (libcurl).
#pragma once

#include <atomic>
#include <string>

#include "config/main/alert_settings.h"
#include "rules/result.h"

namespace schoolgate::tools {

struct MailText {
  std::string subject;  // ASCII
  std::string body;     // UTF-8
};

// Waits for at most 30 seconds, or until `ending`. Error: the server did not take it; what it said. Threads:
// one at a time.
[[nodiscard]] Result<void> send_mail(const MailSettings& settings, const MailText& mail,
                                     const std::atomic<bool>& ending);

// The content of the password's file, without its end of line. Error: it cannot be read, others may read it,
// or it is empty or longer than 1,024 bytes.
[[nodiscard]] Result<std::string> read_secret(const std::string& path);

}  // namespace schoolgate::tools
