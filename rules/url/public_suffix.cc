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

}  // namespace schoolgate
