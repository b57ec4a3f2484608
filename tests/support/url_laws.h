// What holds for every URL, whatever came in; asked by the tests and by the fuzzer.
#pragma once

#include <string>
#include <string_view>

namespace schoolgate {

// Parses `raw` as a URL. Empty: refused cleanly, or all laws hold. Else which law is broken.
[[nodiscard]] std::string broken_url_law(std::string_view raw);

// The same for the authority of a CONNECT request.
[[nodiscard]] std::string broken_authority_law(std::string_view raw);

}  // namespace schoolgate
