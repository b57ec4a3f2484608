#include "rules/url/public_suffix.h"

#include <libpsl.h>

#include <string>

namespace schoolgate {

Suffix public_suffix(std::string_view host) {
  const psl_ctx_t* const list = psl_builtin();
  if (list == nullptr || host.empty() || host.front() == '.' || host.size() > 253) return Suffix::none;
  const std::string name(host), below = "a." + name;
  const auto is = [&](const std::string& text, int section) {
    return psl_is_public_suffix2(list, text.c_str(), section | PSL_TYPE_NO_STAR_RULE) != 0;
  };
  if (is(name, PSL_TYPE_ICANN) || is(below, PSL_TYPE_ICANN)) return Suffix::registry;
  return is(name, PSL_TYPE_PRIVATE) ? Suffix::hoster : Suffix::none;
}

namespace {

// Of `host`, the part that `name` of it points to.
std::string_view end_of(std::string_view host, const std::string& name, const char* at) {
  return at == nullptr ? std::string_view() : host.substr(static_cast<std::size_t>(at - name.c_str()));
}

}  // namespace

std::string_view site_of(std::string_view host) {
  const psl_ctx_t* const list = psl_builtin();
  if (list == nullptr || host.empty() || host.front() == '.' || host.size() > 253) return host;
  if (host.find(':') != std::string_view::npos || (host.back() >= '0' && host.back() <= '9')) return host;
  const std::string name(host);
  const std::string_view site = end_of(host, name, psl_registrable_domain(list, name.c_str()));
  return site.empty() ? host : site;
}

std::string_view hosting_platform(std::string_view host) {
  const psl_ctx_t* const list = psl_builtin();
  if (list == nullptr || host.empty() || host.front() == '.' || host.size() > 253) return {};
  const std::string name(host);
  const std::string_view suffix = end_of(host, name, psl_unregistrable_domain(list, name.c_str()));
  if (suffix.empty() || suffix.size() == host.size()) return {};
  return public_suffix(suffix) == Suffix::hoster ? suffix : std::string_view();
}

}  // namespace schoolgate
