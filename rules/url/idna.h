// Internationalised names as browsers read them: UTS 46, nontransitional, without the STD3 and hyphen
// rules (WHATWG URL Standard 3.3, "domain to ASCII", beStrict false).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace schoolgate {

// The A-labels of a name in UTF-8, lower case, dots kept as they stand. The mapping is libidn2's; names
// that IDNA 2008 refuses and browsers open (emoji, "r3---sn", a leading hyphen) are mapped by NFKC case
// folding. Nullopt: not UTF-8, or no name by either.
// The ASCII characters of the result are not checked: a full-width solidus comes out as "/".
[[nodiscard]] std::optional<std::string> idna_to_ascii(std::string_view name);

// Whether a lower-case "xn--" label is one that idna_to_ascii() could have made: it decodes, encodes to
// itself again, holds a non-ASCII character, and its text is unchanged by mapping and NFC.
[[nodiscard]] bool is_valid_a_label(std::string_view label);

}  // namespace schoolgate
