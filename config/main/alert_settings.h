// The `alerts:` section of the main file: how the safeguarding lead hears that a case is open.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace schoolgate {

struct MailSettings {
  enum class Tls : std::uint8_t { starttls, tls };  // never without
  std::string server;
  std::uint16_t port = 587;
  Tls tls = Tls::starttls;
  std::string user, password_file;  // both or neither; the file is the service's alone
  std::string from;
  std::vector<std::string> to;
  std::vector<std::string> seals_to;  // who keeps the log's seals off this machine; empty: nobody by mail
  std::string ca;  // a PEM file, for a server whose certificate is the school's own; "" = the system's

  friend bool operator==(const MailSettings&, const MailSettings&) = default;
};

struct AlertSettings {
  std::optional<MailSettings> mail;
  std::vector<std::string> hook;        // a program and its arguments; empty: none
  std::uint16_t digest = 15 * 60 + 30;  // minute of the school's day: what is not urgent, once a day

  friend bool operator==(const AlertSettings&, const AlertSettings&) = default;
};

}  // namespace schoolgate
