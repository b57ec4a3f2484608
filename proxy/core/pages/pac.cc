#include "proxy/core/pages/pac.h"

namespace schoolgate {
namespace {

// WinHTTP hands a host over as it was typed. A literal address may stand in brackets.
constexpr std::string_view script_head =
    R"js(// Schoolgate. No DIRECT at the end: a page that the proxy cannot fetch is not fetched around it.
function FindProxyForURL(url, host) {
  host = host.toLowerCase().replace(/^\[|\]$/g, "").replace(/\.$/, "");
  if (host == "localhost" || host == "::1") return "DIRECT";
  if (/^(10|127)(\.\d+){3}$/.test(host) || /^(192\.168|169\.254|172\.(1[6-9]|2\d|3[01]))(\.\d+){2}$/.test(host))
    return "DIRECT";
  if (/^(f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]):[0-9a-f:.]*$/.test(host)) return "DIRECT";
)js";

constexpr std::string_view names_rule = R"js(
  for (var i = 0; i < direct.length; ++i)
    if (host == direct[i] || host.slice(-direct[i].length - 1) == "." + direct[i]) return "DIRECT";
)js";

}  // namespace

std::string pac_text(const PacSettings& settings, std::string_view asked) {
  std::string text(script_head);
  if (!settings.direct.empty()) {
    text += "  var direct = [";
    for (const std::string& name :
         settings.direct) {  // canonical: letters, digits, dots, hyphens, underscores
      if (&name != &settings.direct.front()) text += ", ";
      text += '"' + name + '"';
    }
    text += "];";
    text += names_rule;
  }
  std::string proxies;
  for (const std::string& proxy : settings.proxies)
    proxies += (proxies.empty() ? "PROXY " : "; PROXY ") + proxy;
  if (proxies.empty()) proxies = "PROXY " + std::string(asked);
  return text + "  return \"" + proxies + "\";\n}\n";
}

}  // namespace schoolgate
