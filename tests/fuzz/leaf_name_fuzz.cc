// Names from hostile ClientHellos: whatever comes, a certificate holds exactly that one name, or there is
// none.
#include <openssl/x509v3.h>

#include <cstdlib>
#include <cstring>

#include "proxy/io/tls/certificate.h"
#include "proxy/io/tls/leaf_minter.h"

namespace {

using namespace schoolgate;

constexpr std::time_t now = 1'795'600'000;

void check(bool right) {
  if (!right) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto ca = std::make_shared<const SchoolCa>(std::move(*SchoolCa::create("Fuzz", now)));
  static const KeyPtr key = make_p256_key();
  static LeafMinter minter(ca, key.get(), 16);

  const auto copy = std::make_unique<char[]>(size);
  std::memcpy(copy.get(), data, size);
  const std::string_view name(copy.get(), size);
  X509* const leaf = minter.leaf(name, now);
  check((leaf != nullptr) == mintable(name));
  if (leaf == nullptr) return 0;
  check(minter.size() <= 16);
  check(name.find('*') == name.npos && name.find('\0') == name.npos);
  const std::unique_ptr<GENERAL_NAMES, Releases<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(leaf, NID_subject_alt_name, nullptr, nullptr)));
  check(sk_GENERAL_NAME_num(names.get()) == 1);
  const GENERAL_NAME* only = sk_GENERAL_NAME_value(names.get(), 0);
  check(only->type == GEN_DNS);
  const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(only->d.dNSName));
  check(name == std::string_view(text, static_cast<std::size_t>(ASN1_STRING_length(only->d.dNSName))));
  check(X509_check_host(leaf, name.data(), name.size(), X509_CHECK_FLAG_NEVER_CHECK_SUBJECT, nullptr) == 1);
  check(X509_check_ca(leaf) == 0);
  return 0;
}
