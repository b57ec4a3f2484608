#include "config/text/vietnamese_tables.h"

namespace schoolgate {

std::span<const Translation> vietnamese_of_commands() noexcept {
  return {};
}

}  // namespace schoolgate
