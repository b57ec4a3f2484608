#include "config/text/system_words.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>

#include "config/text/vietnamese.h"

namespace schoolgate {
namespace {

TEST_CASE("system errors are strerror's words in English, and the usual ones are Vietnamese",
          "[config][system_words]") {
  for (int error = 1; error < 134; ++error) CHECK(system_words(error) == std::strerror(error));
  CHECK(system_words(ENOSPC).in(vietnamese) == "Đĩa đã hết chỗ trống");
  CHECK(system_words(EXFULL).in(vietnamese) == "\"Exchange full\"");
  CHECK(system_words(std::make_error_code(std::errc::permission_denied)) == "Permission denied");
}

}  // namespace
}  // namespace schoolgate
