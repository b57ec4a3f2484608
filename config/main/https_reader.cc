#include "config/main/https_reader.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "config/main/day.h"
#include "config/main/main_file.h"
#include "config/main/main_shapes.h"
#include "config/text/names.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {
namespace {

// A whole registry, said in a way that may not mean it; "*.gov.vn" says itself that it means all of them.
bool is_too_wide(std::string_view written, const std::string& host) {
  return !written.starts_with("*.") && public_suffix(host) == Suffix::registry;
}
Message never_opened(const std::string& host) {
  return say("no site whose name ends in .{} is ever opened", host);
}
Message if_meant(const std::string& host) {
  return say("if that is meant: \"*.{}\"", host);
}

std::optional<std::string> read_host(const YamlNode& node, const Reporter& report) {
  const auto text = read_text(node, report);
  if (!text) return std::nullopt;
  if (auto host = site_name(*text)) return host;
  report.error(diag::bad_line, node, say("\"{}\" is not the name of a site", *text),
               say("for example vietcombank.com.vn"));
  return std::nullopt;
}

// What is never opened: a name, an address or a network. Returns what is wrong with the text, if anything.
Message add_never(std::string_view text, NeverInspect& never) {
  if (const auto network = Network::around(text)) {
    if (!Network::parse(text))
      return say("\"{}\" has more than zeros behind its mask; the network is {}", text, network->cidr());
    never.networks.push_back(*network);
    return {};
  }
  auto host = site_name(text);
  if (!host) return say("\"{}\" is not the name of a site", text);
  never.hosts.push_back(std::move(*host));
  return {};
}

void read_never(const YamlNode& node, const Reporter& report, NeverInspect& never) {
  const auto text = read_text(node, report);
  if (!text) return;
  if (Message wrong = add_never(*text, never); !wrong.empty())
    return report.error(diag::bad_line, node, std::move(wrong), say("for example vietcombank.com.vn"));
  if (const auto host = site_name(*text); host && is_too_wide(*text, *host))
    report.warning(diag::line_too_wide, node, never_opened(*host), if_meant(*host));
}

// An exception holds for one name: each wrong certificate is a decision of its own.
std::optional<std::string> read_one_host(const YamlNode& node, const Reporter& report) {
  if (node.kind != YamlNode::Kind::scalar || !node.text.starts_with("*.")) return read_host(node, report);
  report.error(diag::bad_line, node, say("an exception is for one site, not for all below \"{}\"", node.text),
               say("one entry for each, such as {}", node.text.substr(2)));
  return std::nullopt;
}

void read_exception(const YamlNode& item, const Reporter& report, HttpsSettings& out) {
  Fields fields(item, report, exception_shape, say("an exception"));
  const YamlNode* host = fields.get("host");
  const YamlNode* reason = fields.get("reason");
  const YamlNode* until = fields.get("until");
  fields.finish();
  if (host == nullptr || reason == nullptr || until == nullptr) return;
  const auto name = read_one_host(*host, report);
  const auto why = read_text(*reason, report);
  const auto day = read_text(*until, report);
  if (!name || !why || !day) return;
  const auto end = parse_day(*day);
  if (!end)
    report.error(diag::bad_date, *until, say("\"{}\" is not a day", *day),
                 say("year, month, day: 2027-06-30"));
  else if (*end < std::time(nullptr))
    report.warning(diag::exception_expired, *until, say("the exception for {} ended on {}", *name, *day));
  if (end) out.exceptions.push_back({*name, *why, *end});
}

// A file of names, one a line; '#' begins a comment. A wrong line is an error: a site that is opened although
// nobody wanted that is no small thing.
void read_host_list(const YamlNode& item, const Reporter& report, LoadContext& context, NeverInspect& never) {
  const auto name = read_text(item, report);
  if (!name) return;
  const std::string path = context.path(*name);
  constexpr std::uint64_t most_bytes = 1024 * 1024;
  const auto text = context.text(path, most_bytes, context.place(report.file(), item));
  if (!text) return;
  const std::uint32_t source = context.source(path);
  bool holds_nothing = true;
  for_each_line(*text, [&](std::string_view written, std::uint32_t number) {
    std::string_view line = written.substr(0, written.find('#'));
    line = line.substr(0, line.find_last_not_of(" \t") + 1);
    if (line.empty()) return;
    holds_nothing = false;
    const Place place{source, {number, 1}, static_cast<std::uint32_t>(line.size())};
    if (Message wrong = add_never(line, never); !wrong.empty())
      return context.add(Severity::error, diag::bad_line, place, std::move(wrong),
                         say("one name a line, such as icloud.com"));
    if (const auto host = site_name(line); host && is_too_wide(line, *host))
      context.add(Severity::warning, diag::line_too_wide, place, never_opened(*host), if_meant(*host));
  });
  // A file that was emptied by accident must not open what it named.
  if (holds_nothing)
    context.add(Severity::error, diag::empty_file, context.place(report.file(), item),
                say("{} names no site, and what it named may be opened then", *name),
                say("bring its lines back; if nothing is meant, take it out of never_inspect: lists"));
}

void read_never_inspect(const YamlNode& closed, const Reporter& report, LoadContext& context,
                        NeverInspect& never) {
  Fields fields(closed, report, never_inspect_shape, Message("never_inspect"));
  if (const YamlNode* categories = fields.get("categories")) {
    never.named = true;
    for (const YamlNode* item : read_items(*categories, report))
      if (auto text = read_text(*item, report))
        never.categories.emplace_back(std::move(*text), context.place(report.file(), *item));
  }
  if (const YamlNode* hosts = fields.get("hosts"))
    for (const YamlNode* item : read_items(*hosts, report)) read_never(*item, report, never);
  if (const YamlNode* lists = fields.get("lists"))
    for (const YamlNode* item : read_items(*lists, report)) read_host_list(*item, report, context, never);
  fields.finish();
}

}  // namespace

void read_https(const YamlNode& node, const Reporter& report, LoadContext& context, HttpsSettings& out,
                NeverInspect& never) {
  Fields fields(node, report, https_shape, Message("https"));
  if (const YamlNode* folder = fields.get("ca"))
    if (const auto text = read_text(*folder, report)) out.ca_directory = context.path(*text);
  if (const YamlNode* folder = fields.get("crl_dir"))
    if (const auto text = read_text(*folder, report)) {
      out.crl_directory = context.path(*text);
      struct stat info {};
      if (::stat(out.crl_directory.c_str(), &info) == 0 ? !S_ISDIR(info.st_mode) : errno != EACCES)
        report.error(diag::crl_folder_missing, *folder, say("there is no folder {}", *text),
                     say("make it, or take the line out: then no revocation list is asked"));
    }
  if (const YamlNode* closed = fields.get("never_inspect"))
    read_never_inspect(*closed, report, context, never);
  if (const YamlNode* exceptions = fields.get("exceptions"))
    for (const YamlNode* item : read_items(*exceptions, report)) read_exception(*item, report, out);
  fields.finish();
}

void check_https(const PolicySpec& spec, MainFile& main, LoadContext& context) {
  const auto opens = [](const Tier& tier) { return tier.opens_any(); };
  const auto tier = std::find_if(spec.tiers.begin(), spec.tiers.end(), opens);
  HttpsSettings& https = main.config.https;
  https.needed = tier != spec.tiers.end();
  if (!https.needed) return;
  https.inspects =
      std::any_of(spec.tiers.begin(), spec.tiers.end(), [](const Tier& t) { return t.inspects_any(); });
  // Whether the key fits, the proxy finds out: only the service may read it.
  const std::string path = join_path(https.ca_directory, "ca.crt");
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 || errno == EACCES) return;
  const Message message = say("tier \"{}\" opens https connections, and there is no {}", tier->id, path);
  const Message hint = say("schoolgate ca create");
  if (main.https_place.pos.line != 0)
    context.add(Severity::error, diag::ca_missing, main.https_place, message, hint);
  else
    context.reporter(context.config_file()).add(Severity::error, diag::ca_missing, {}, 0, message, hint);
}

}  // namespace schoolgate
