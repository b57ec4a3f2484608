#include "proxy/io/tls/school_ca.h"

#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "config/text/system_words.h"
#include "config/text/whole_file.h"
#include "proxy/io/tls/certificate.h"

namespace schoolgate {
namespace {

std::string key_path(const std::string& folder) {
  return folder + "/ca.key";
}
std::string certificate_path(const std::string& folder) {
  return folder + "/ca.crt";
}

std::string bytes_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

std::time_t seconds_of(const ASN1_TIME* time) {
  std::tm broken{};
  return ASN1_TIME_to_tm(time, &broken) == 1 ? ::timegm(&broken) : 0;
}

bool set_name(X509* certificate, const std::string& school, std::string_view suffix) {
  // RFC 5280 allows 64 characters; the words after the school's name tell it apart from the school's others.
  const std::string name = std::string(first_characters(school, 64 - suffix.size())) + std::string(suffix);
  const std::string organisation(first_characters(school, 64));
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto add = [&](const char* field, const std::string& text) {
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()), -1, 0) == 1;
  };
  return add("O", organisation) && add("CN", name) && X509_set_issuer_name(certificate, subject) == 1;
}

}  // namespace

Result<SchoolCa> SchoolCa::create(const std::string& school_name, std::time_t now, std::string_view suffix,
                                  const std::string& constraints) {
  KeyPtr key = make_p256_key();
  CertificatePtr certificate =
      key ? begin_certificate(key.get(), now - one_day, now + std::time_t{life_years} * 365 * one_day)
          : nullptr;
  X509* const made = certificate.get();
  const bool ok = made != nullptr && set_name(made, school_name.empty() ? "School" : school_name, suffix) &&
                  add_extension(made, made, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                  add_extension(made, made, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                  add_extension(made, made, NID_ext_key_usage, "serverAuth") &&
                  (constraints.empty() || add_extension(made, made, NID_name_constraints, constraints)) &&
                  add_extension(made, made, NID_subject_key_identifier, "hash") &&
                  add_extension(made, made, NID_authority_key_identifier, "keyid:always") &&
                  X509_sign(made, key.get(), EVP_sha256()) > 0;
  if (!ok) return Error{say("cannot make a certificate: {}", Message::foreign(openssl_error()))};
  return SchoolCa(std::move(key), std::move(certificate));
}

Result<CertificatePtr> SchoolCa::load_certificate(const std::string& folder) {
  const std::string path = certificate_path(folder);
  const BioPtr file(BIO_new_file(path.c_str(), "re"));
  if (!file) {
    const int error = errno;
    openssl_error();
    return Error{say("cannot read {}: {}", path, system_words(error))};
  }
  CertificatePtr certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  if (!certificate) return Error{say("{} is not a certificate: {}", path, Message::foreign(openssl_error()))};
  if (X509_check_ca(certificate.get()) != 1)
    return Error{say("{} is not the certificate of an authority", path)};
  return certificate;
}

Result<SchoolCa> SchoolCa::load(const std::string& folder) {
  Result<CertificatePtr> certificate = load_certificate(folder);
  if (!certificate) return certificate.error();
  const std::string path = key_path(folder);
  const BioPtr file(BIO_new_file(path.c_str(), "re"));
  if (!file) {
    const int error = errno;
    openssl_error();
    return Error{say("cannot read {}: {}", path, system_words(error))};
  }
  // No password is asked for: nobody sits at the terminal of a service.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  KeyPtr key(PEM_read_bio_PrivateKey(file.get(), nullptr, no_password, nullptr));
  if (!key) return Error{say("{} is not a private key: {}", path, Message::foreign(openssl_error()))};
  if (X509_check_private_key(certificate->get(), key.get()) != 1) {
    openssl_error();
    return Error{say("{} is not the key of {}", path, certificate_path(folder))};
  }
  return SchoolCa(std::move(key), std::move(*certificate));
}

Result<void> SchoolCa::save(const std::string& folder, bool force, int owner, int group) const {
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
    return Error{say("cannot make the folder {}: {}", folder, system_words(errno))};
  for (const std::string& path : {key_path(folder), certificate_path(folder)}) {
    struct stat info {};
    if (!force && ::lstat(path.c_str(), &info) == 0)
      return Error{
          say("{} exists: devices may trust it. A new authority (--force) has to be installed on every "
              "device again",
              path)};
  }
  const std::string pem = key_pem(key_.get());
  if (pem.empty()) return Error{say("cannot write the key: {}", Message::foreign(openssl_error()))};
  const auto written = write_whole_file(key_path(folder), {pem}, {0600, owner, group});
  if (written.failed()) return written.error();
  const std::string certificate = to_pem(certificate_.get());
  return write_whole_file(certificate_path(folder), {certificate}, {0644, owner, group});
}

std::string key_pem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (!bio || PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) return {};
  return bytes_of(bio.get());
}

std::string to_pem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  return bio && PEM_write_bio_X509(bio.get(), certificate) == 1 ? bytes_of(bio.get()) : std::string();
}

std::string to_der(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  return bio && i2d_X509_bio(bio.get(), certificate) == 1 ? bytes_of(bio.get()) : std::string();
}

std::string subject_name(X509* certificate) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const int place = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
  if (place < 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, place)));
  if (size < 0) return {};
  std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return out;
}

std::time_t not_before(const X509* certificate) {
  return seconds_of(X509_get0_notBefore(certificate));
}

std::time_t not_after(const X509* certificate) {
  return seconds_of(X509_get0_notAfter(certificate));
}

}  // namespace schoolgate
