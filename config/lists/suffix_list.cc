#include "config/lists/suffix_list.h"

#include <string>

#include "config/text/text_file.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {
namespace {

constexpr const char* suffix_file = "/usr/share/publicsuffix/public_suffix_list.dat";
constexpr std::size_t largest_suffix_file = 4 << 20;  // a quarter of a MiB today

std::string packaged_suffixes() {
  auto text = read_file(suffix_file, largest_suffix_file);
  return text ? *std::move(text) : std::string();
}

}  // namespace

void use_packaged_suffixes() noexcept {
  read_suffixes_from(&packaged_suffixes);
}

}  // namespace schoolgate
