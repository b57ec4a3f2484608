#include "config/main/pac_reader.h"

#include <string>

#include "config/main/main_shapes.h"
#include "config/text/names.h"
#include "config/text/suggest.h"
#include "rules/url/public_suffix.h"
#include "rules/url/url.h"

namespace schoolgate {
namespace {

constexpr std::size_t most_proxies = 4;  // a browser tries one after the other, some seconds each

void read_proxy(const YamlNode& item, const Reporter& report, PacSettings& out) {
  const auto text = read_text(item, report);
  if (!text) return;
  Url url;  // a name or an address, and a port that is written
  const bool has_port =
      text->find_last_of(':') != std::string::npos && text->back() != ']' && text->back() != ':';
  if (!has_port || url.parse("http://" + *text + "/").failed() || url.target() != "/" ||
      text->find_first_of("/@?#") != std::string::npos) {
    report.error(diag::bad_address, item, say("{} is not a proxy with its port", in_quotes(*text)),
                 say("for example 192.168.10.1:3128"));
    return;
  }
  out.proxies.push_back(*text);
}

void read_direct(const YamlNode& item, const Reporter& report, PacSettings& out) {
  const auto text = read_text(item, report);
  if (!text) return;
  const auto host = site_name(*text);
  if (!host) {
    report.error(diag::bad_line, item, say("{} is not the name of a site", in_quotes(*text)),
                 say("a name of the school's own network; addresses of local networks are direct anyway"));
  } else if (public_suffix(*host) == Suffix::registry) {
    report.error(diag::line_too_wide, item,
                 say("every site whose name ends in .{} would go around the filter", *host),
                 say("name the school's own servers"));
  } else {
    out.direct.push_back(*host);
  }
}

}  // namespace

void read_pac(const YamlNode& node, const Reporter& report, PacSettings& out) {
  Fields fields(node, report, pac_shape, Message("pac"));
  if (const YamlNode* proxies = fields.get("proxies")) {
    for (const YamlNode* item : read_items(*proxies, report)) read_proxy(*item, report, out);
    if (out.proxies.size() > most_proxies)
      report.error(diag::bad_number, *proxies, say("at most {} proxies", most_proxies),
                   say("a browser tries one after the other"));
  }
  if (const YamlNode* direct = fields.get("direct"))
    for (const YamlNode* item : read_items(*direct, report)) read_direct(*item, report, out);
  fields.finish();
}

}  // namespace schoolgate
