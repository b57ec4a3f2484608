#include "tests/support/url_laws.h"

#include "rules/url/url.h"
#include "rules/url/utf8.h"
#include "tests/support/reference_url.h"

namespace schoolgate {
namespace {

bool has_control(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    const Utf8Char c = utf8_at(utf8, at);
    if (c.value < 0x20 || (c.value >= 0x7f && c.value <= 0x9f)) return true;
    at += c.bytes;
  }
  return false;
}

bool is_request_line_text(std::string_view text) {
  for (const char c : text)
    if (c < 0x21 || c == 0x7f) return false;
  return true;
}

std::string in_brackets(const Host& host) {
  return host.kind == Host::Kind::ipv6 ? "[" + host.text + "]" : host.text;
}

bool equal(const Host& a, const Host& b) {
  return a.kind == b.kind && a.text == b.text && a.address == b.address;
}

std::string broken_form_law(const Url& url) {
  const std::string origin = std::string(to_string(url.scheme())) + "://" + std::string(url.authority());
  if (url.forward() != origin + std::string(url.target())) return "forward() is scheme, authority and target";
  if (!is_request_line_text(url.forward())) return "forward() is printable ASCII";
  const std::string port = ":" + std::to_string(url.port());
  const bool default_one = url.port() == default_port(url.scheme());
  if (url.authority() != in_brackets(url.host()) + (default_one ? "" : port))
    return "authority() is host[:port]";
  if (!url.target().starts_with(url.path()) || !url.path().starts_with('/')) return "path() begins target()";
  if (url.forward().find('#') != std::string_view::npos) return "no fragment";

  const std::string match = origin + reference::match_target(url.target());
  if (url.match() != match) return "match() is the reference's: " + match;
  if (!is_utf8(url.match())) return "match() is UTF-8";
  if (has_control(url.match())) return "match() holds no control character";
  const std::string lower = reference::lower(match);
  if (url.match_lower() != lower) return "match_lower() is the reference's: " + lower;
  for (const bool low : {false, true}) {
    const std::string query(url.match_query(low));
    std::string text = origin + std::string(url.match_path(low));
    const bool empty_query = url.target().ends_with('?') && query.empty();
    if (!query.empty() || empty_query) text += "?" + query;
    if (text != (low ? lower : match)) return "match_path() and match_query() make up the whole";
  }
  return "";
}

std::string broken_host_law(const Host& host) {
  Host again;
  if (parse_host(in_brackets(host), again).failed()) return "a host's text is a host";
  if (!equal(host, again)) return "a host's text is a fixed point";
  if (!again.canonical_spelling) return "a host's text is in canonical spelling";
  return "";
}

}  // namespace

std::string broken_url_law(std::string_view raw) {
  Url url;
  if (url.parse(raw).failed()) {
    if (!url.forward().empty() || !url.match().empty() || !url.match_lower().empty() ||
        !url.host().text.empty() || !url.match_path(true).empty() || !url.match_query(false).empty() ||
        url.port() != 0)
      return "a refused URL leaves nothing behind";
    return "";
  }
  if (!url.has_path()) return "an absolute URL has a path";
  if (!is_request_line_text(raw)) return "only printable ASCII is accepted";
  if (std::string law = broken_form_law(url); !law.empty()) return law;
  if (std::string law = broken_host_law(url.host()); !law.empty()) return law;

  std::string_view rest = raw.substr(0, raw.find('#'));
  rest.remove_prefix(rest.find("://") + 3);
  rest.remove_prefix(std::min(rest.find_first_of("/?"), rest.size()));
  if (url.target() != reference::forward_target(rest)) return "target() is the reference's";

  Url again;
  if (again.parse(url.forward()).failed()) return "forward() can be parsed";
  if (again.forward() != url.forward()) return "forward() is a fixed point";
  if (again.match() != url.match()) return "match(parse(forward(u))) == match(u)";
  if (again.match_lower() != url.match_lower()) return "the same for match_lower()";
  if (!equal(again.host(), url.host()) || again.port() != url.port())
    return "forward() names the same origin";
  const std::string own(url.forward());
  if (url.parse(url.forward()).failed() || url.forward() != own) return "a Url may parse its own forward()";
  return "";
}

std::string broken_authority_law(std::string_view raw) {
  Url url;
  if (url.parse_authority(raw).failed()) {
    if (!url.forward().empty() || !url.host().text.empty())
      return "a refused authority leaves nothing behind";
    return "";
  }
  if (url.has_path()) return "an authority has no path";
  if (!is_request_line_text(raw)) return "only printable ASCII is accepted";
  if (url.target() != "/") return "an authority's target is /";
  if ((url.scheme() == Scheme::http) != (url.port() == 80)) return "http is port 80";
  if (std::string law = broken_form_law(url); !law.empty()) return law;
  if (std::string law = broken_host_law(url.host()); !law.empty()) return law;
  Url again;
  if (again.parse_authority(in_brackets(url.host()) + ":" + std::to_string(url.port())).failed())
    return "host:port can be parsed";
  if (again.forward() != url.forward()) return "host:port is a fixed point";
  std::string shouted(raw);  // capitals are read the careful way
  for (char& c : shouted)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 0x20);
  Url careful;
  if (careful.parse_authority(shouted).failed()) return "case matters not to an authority";
  const bool same = careful.forward() == url.forward() && careful.match_lower() == url.match_lower() &&
                    careful.match_path(true) == url.match_path(true) && careful.port() == url.port() &&
                    equal(careful.host(), url.host()) && careful.authority() == url.authority() &&
                    careful.scheme() == url.scheme() && !careful.has_path();
  if (!same) return "the quick and the careful reading of an authority agree";
  return "";
}

}  // namespace schoolgate
