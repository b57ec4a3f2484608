// Passwords as crypt(5) keeps them: yescrypt, by crypt_r.
#pragma once

#include <string>
#include <string_view>

#include "proxy/web/account.h"

namespace schoolgate::tools {

// Each caller has a thread of its own (http_server.h), so the quarter of a second that a password costs holds
// up nobody else; at most two at a time leave the other cores to the filter, and at most eight more may wait.
class YescryptPasswords : public web::Passwords {
 public:
  // `cost` as crypt_gensalt() takes it.
  explicit YescryptPasswords(unsigned long cost = 7);
  [[nodiscard]] std::string hash(std::string_view password) override;
  [[nodiscard]] web::Checked check(std::string_view password, const std::string& hash) override;

 private:
  const unsigned long cost_;
  const std::string nobody_;  // of a password that nobody knows: who is unknown costs as much
};

}  // namespace schoolgate::tools
