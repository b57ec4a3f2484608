// Names under which anybody registers: one entry "com.vn" in a list would hold a whole country's firms.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace schoolgate {

enum class Suffix : std::uint8_t {
  none,
  registry,  // the ICANN section of the Public Suffix List: com, com.vn, and "ck" of the rule "*.ck"
  hoster,    // its private section: github.io
};

// Gives the text of the list (publicsuffix.org/list). It is asked at the first question below, once; without
// it, or where it gives nothing, the library's own list answers, which is slower and may be older. Set before
// that.
using SuffixListSource = std::string (*)();
void read_suffixes_from(SuffixListSource source) noexcept;

// `host` is canonical (rules/url/host.h). Names of the library's list only: a top-level domain that it does
// not know ("lan") is none. Any thread.
[[nodiscard]] Suffix public_suffix(std::string_view host);

// What one owner has registered, with the host's own text behind it: "a.vn" of "www.a.vn", "x.github.io" of
// "www.x.github.io". The host itself where it is a public suffix, has none, or is an address. `host` is
// canonical.
[[nodiscard]] std::string_view site_of(std::string_view host);

// The hosting platform below which a host lies: "github.io" of "x.github.io" and of "www.x.github.io". Empty:
// none; so is the platform itself.
[[nodiscard]] std::string_view hosting_platform(std::string_view host);

}  // namespace schoolgate
