#include "config/text/system_words.h"

#include <catch2/catch.hpp>
#include <cerrno>
#include <cstring>
#include <string>

#include "config/text/vietnamese.h"

namespace schoolgate {
namespace {

TEST_CASE("system errors are strerror's words in English, and the usual ones are Vietnamese",
          "[config][system_words]") {
  for (int error = 1; error < 134; ++error) {
    const std::string said = std::strerror(error);  // its next call may take the text away
    CHECK(system_words(error).english() == said);
  }
  CHECK(system_words(ENOSPC).in(vietnamese) == "Đĩa đã hết chỗ trống");
  CHECK(system_words(EXFULL).in(vietnamese) == "\"Exchange full\"");
  CHECK(system_words(std::make_error_code(std::errc::permission_denied)) == "Permission denied");
}

}  // namespace
}  // namespace schoolgate
