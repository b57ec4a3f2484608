// OpenSSL's objects as owners. What its calls complain of comes out as one line.
#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace schoolgate {

template <auto release>
struct Releases {
  template <class T>
  void operator()(T* object) const noexcept {
    release(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Releases<BIO_free_all>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Releases<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Releases<X509_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Releases<X509_STORE_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, Releases<SSL_SESSION_free>>;
using SslPtr = std::unique_ptr<SSL, Releases<SSL_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, Releases<SSL_CTX_free>>;

// The oldest complaint of this thread's queue, which is emptied: "unknown" when there is none.
std::string openssl_error();

}  // namespace schoolgate
