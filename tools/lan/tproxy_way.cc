#include "tools/lan/tproxy_way.h"

#include <algorithm>

namespace schoolgate::tools {

bool uses_tproxy(const Config& config) {
  return std::any_of(config.listen.begin(), config.listen.end(),
                     [](const Listener& one) { return one.tproxy; });
}

}  // namespace schoolgate::tools
