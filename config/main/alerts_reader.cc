#include "config/main/alerts_reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "config/main/main_shapes.h"
#include "config/text/system_words.h"
#include "rules/url/host.h"

namespace schoolgate {
namespace {

// Enough for the line of an SMTP command: what else may stand in an address no school's has.
bool is_mail_address(std::string_view text) {
  const std::size_t at = text.find('@');
  Host host;
  return at != 0 && at != std::string_view::npos && text.size() <= 254 &&
         text.find('@', at + 1) == text.npos &&
         std::ranges::all_of(
             text, [](char c) { return c > ' ' && c < 0x7f && c != '<' && c != '>' && c != '"'; }) &&
         parse_host(text.substr(at + 1), host).ok();
}

bool mail_address(const YamlNode& node, const Reporter& report, std::string& out) {
  auto text = read_text(node, report);
  if (!text) return false;
  if (!is_mail_address(*text)) {
    report.error(diag::bad_address, node, say("\"{}\" is not a mail address", *text),
                 say("for example an-toan@truong.edu.vn"));
    return false;
  }
  out = std::move(*text);
  return true;
}

// "15:30"
std::optional<std::uint16_t> digest_minute(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4))
    return std::nullopt;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0'), minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (hour > 23 || minute > 59) return std::nullopt;
  return static_cast<std::uint16_t>(hour * 60 + minute);
}

// Its content is read when a mail is sent, never here.
bool secret_file(const YamlNode& node, const Reporter& report, const LoadContext& context, std::string& out) {
  const auto text = read_text(node, report);
  if (!text) return false;
  out = context.path(*text);
  struct stat info {};
  if (::stat(out.c_str(), &info) != 0) {
    if (errno == EACCES) return true;  // who checks may be another than who sends
    report.error(diag::bad_path, node, say("the password cannot be read: {}", system_words(errno)),
                 say("a file with the password alone, 0600, of the user that runs the proxy"));
    return false;
  }
  if ((info.st_mode & 077) == 0) return true;
  report.error(diag::secret_open, node, say("others than the proxy's user can read this password"),
               say("chmod 600 {}", *text));
  return false;
}

std::optional<MailSettings> read_mail(const YamlNode& node, const Reporter& report,
                                      const LoadContext& context) {
  Fields fields(node, report, mail_shape, say("alerts: mail"));
  MailSettings mail;
  bool whole = true;
  if (const YamlNode* server = fields.get("server")) {
    Host host;
    auto text = read_text(*server, report);
    whole = text.has_value();
    if (text && parse_host(*text, host).failed()) {
      report.error(diag::bad_address, *server, say("\"{}\" is not the name of a mail server", *text),
                   say("the name alone, for example smtp.truong.edu.vn; its port has a key of its own"));
      whole = false;
    } else if (text) {
      mail.server = std::move(*text);
    }
  }
  if (fields.get("tls") != nullptr) {
    const auto word = fields.word("tls");
    whole = whole && word;
    if (word && *word == 1) mail.tls = MailSettings::Tls::tls, mail.port = 465;
  }
  std::uint32_t port = mail.port;
  fields.number("port", port);
  mail.port = static_cast<std::uint16_t>(port);
  fields.text("user", mail.user);
  const YamlNode* secret = mail.user.empty() ? fields.get("password_file") : fields.require("password_file");
  if (secret != nullptr) whole = secret_file(*secret, report, context, mail.password_file) && whole;
  if (const YamlNode* from = fields.get("from")) whole = mail_address(*from, report, mail.from) && whole;
  const auto addresses = [&](const char* key, std::vector<std::string>& out) {
    const YamlNode* list = fields.get(key);
    if (list == nullptr) return;
    for (const YamlNode* one : read_items(*list, report)) {
      std::string address;
      if (mail_address(*one, report, address)) out.push_back(std::move(address));
    }
  };
  addresses("to", mail.to);
  addresses("seals_to", mail.seals_to);
  std::string ca;
  fields.text("ca", ca);
  if (!ca.empty()) mail.ca = context.path(ca);
  fields.finish();
  if (!whole || mail.server.empty() || mail.from.empty() || mail.to.empty()) return std::nullopt;
  return mail;
}

std::vector<std::string> read_hook(const YamlNode& node, const Reporter& report) {
  std::vector<std::string> words;
  for (const YamlNode* one : read_items(node, report))
    if (auto text = read_text(*one, report)) words.push_back(std::move(*text));
  if (words.empty()) return {};
  if (words[0].front() == '/' && (::access(words[0].c_str(), X_OK) == 0 || errno == EACCES)) return words;
  report.error(diag::bad_path, node, say("\"{}\" is not a program that can be run", words[0]),
               say("its whole path, and its arguments: [/usr/local/bin/ring, --door]; no shell reads it"));
  return {};
}

}  // namespace

void read_alerts(const YamlNode& node, const Reporter& report, LoadContext& context, AlertSettings& out) {
  Fields fields(node, report, alerts_shape, Message("alerts"));
  if (const YamlNode* mail = fields.get("mail")) out.mail = read_mail(*mail, report, context);
  if (const YamlNode* hook = fields.get("hook")) out.hook = read_hook(*hook, report);
  if (const YamlNode* digest = fields.get("digest"))
    if (const auto text = read_text(*digest, report)) {
      const auto minute = digest_minute(*text);
      if (minute)
        out.digest = *minute;
      else
        report.error(diag::bad_schedule, *digest, say("\"{}\" is not a time of the day", *text),
                     say("for example \"15:30\""));
    }
  fields.finish();
}

}  // namespace schoolgate
