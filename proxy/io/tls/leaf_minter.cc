#include "proxy/io/tls/leaf_minter.h"

#include <openssl/x509v3.h>

#include <algorithm>

#include "proxy/io/tls/certificate.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_name = 253, max_label = 63;
constexpr std::size_t max_common_name = 64;

bool is_label_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// Built as an object, not as text of openssl.cnf, whose commas would make two names of one.
bool add_name(X509* certificate, std::string_view name) {
  const std::unique_ptr<GENERAL_NAMES, Releases<GENERAL_NAMES_free>> names(GENERAL_NAMES_new());
  GENERAL_NAME* const general = GENERAL_NAME_new();
  ASN1_IA5STRING* const text = ASN1_IA5STRING_new();
  if (!names || general == nullptr || text == nullptr ||
      ASN1_STRING_set(text, name.data(), static_cast<int>(name.size())) != 1 ||
      sk_GENERAL_NAME_push(names.get(), general) == 0) {
    GENERAL_NAME_free(general);
    ASN1_IA5STRING_free(text);
    return false;
  }
  GENERAL_NAME_set0_value(general, GEN_DNS, text);
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

}  // namespace

bool mintable(std::string_view name) noexcept {
  if (name.empty() || name.size() > max_name) return false;
  bool digits_only = true;  // of the last label: no name has one, addresses do (RFC 3696 2)
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
      digits_only = true;
      continue;
    }
    if (!is_label_byte(c) || ++label > max_label) return false;
    digits_only = digits_only && c >= '0' && c <= '9';
  }
  return label > 0 && !digits_only;
}

CertificatePtr LeafMinter::mint(std::string_view name, std::time_t now) const {
  X509* const issuer = ca_->certificate();
  const std::time_t end = std::min(now + life_days * one_day, not_after(issuer));
  CertificatePtr leaf = begin_certificate(key_, now - one_day, end);
  if (!leaf) return nullptr;
  // A name that does not fit stands in subjectAltName alone, which is all that browsers read.
  const std::string_view common = name.size() <= max_common_name ? name : "see subjectAltName";
  const bool made = X509_NAME_add_entry_by_txt(X509_get_subject_name(leaf.get()), "CN", MBSTRING_ASC,
                                               reinterpret_cast<const unsigned char*>(common.data()),
                                               static_cast<int>(common.size()), -1, 0) == 1 &&
                    X509_set_issuer_name(leaf.get(), X509_get_subject_name(issuer)) == 1 &&
                    add_name(leaf.get(), name) &&
                    add_extension(leaf.get(), issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                    add_extension(leaf.get(), issuer, NID_key_usage, "critical,digitalSignature") &&
                    add_extension(leaf.get(), issuer, NID_ext_key_usage, "serverAuth") &&
                    add_extension(leaf.get(), issuer, NID_subject_key_identifier, "hash") &&
                    add_extension(leaf.get(), issuer, NID_authority_key_identifier, "keyid:always") &&
                    X509_sign(leaf.get(), ca_->key(), EVP_sha256()) > 0;
  return made ? std::move(leaf) : nullptr;
}

X509* LeafMinter::leaf(std::string_view name, std::time_t now) {
  const auto found = by_name_.find(name);
  if (found != by_name_.end()) {
    kept_.splice(kept_.begin(), kept_, found->second);
    Kept& kept = kept_.front();
    const bool fresh = now < kept.made + remint_days * one_day && now >= kept.made - one_day / 2;
    if (fresh) return kept.certificate.get();
    by_name_.erase(found);
    kept_.pop_front();
  }
  if (!mintable(name)) return nullptr;
  CertificatePtr certificate = mint(name, now);
  if (!certificate) return nullptr;
  ++minted_;
  while (!kept_.empty() && kept_.size() >= capacity_) {
    by_name_.erase(kept_.back().name);
    kept_.pop_back();
  }
  kept_.push_front({std::string(name), std::move(certificate), now});
  by_name_.emplace(kept_.front().name, kept_.begin());
  return kept_.front().certificate.get();
}

}  // namespace schoolgate
