#include "proxy/io/tls_material.h"

#include <openssl/rand.h>

#include <algorithm>
#include <stdexcept>

#include "proxy/io/certificate.h"

namespace schoolgate {
namespace {

// Of what the client offers http/1.1 alone. A client that insists on something else is told so (RFC
// 7301 3.2).
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

SslContextPtr server_context(const TlsMaterial& material) {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context) throw std::runtime_error("SSL_CTX_new");
  SSL_CTX* const c = context.get();
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_mode(
      c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                             SSL_OP_PRIORITIZE_CHACHA);
  // Forward secrecy and authenticated encryption only: every browser since 2014.
  SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_read_ahead(c, 1);
  // Resumption by tickets alone: nothing is kept for clients that may come back.
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(c, 1);
  auto keys = material.ticket_keys;
  SSL_CTX_set_tlsext_ticket_keys(c, keys.data(), keys.size());
  constexpr unsigned char id[] = "schoolgate";
  SSL_CTX_set_session_id_context(c, id, sizeof id - 1);
  SSL_CTX_set_alpn_select_cb(c, choose_protocol, nullptr);
  return context;
}

}  // namespace

Result<std::shared_ptr<const TlsMaterial>> TlsMaterial::load(const Config& config) {
  Result<SchoolCa> loaded = SchoolCa::load(config.https.ca_directory);
  if (!loaded) return loaded.error();
  auto material = std::make_shared<TlsMaterial>();
  material->ca = std::make_shared<const SchoolCa>(std::move(*loaded));
  material->leaf_key = make_p256_key();
  if (!material->leaf_key ||
      RAND_bytes(material->ticket_keys.data(), static_cast<int>(material->ticket_keys.size())) != 1)
    return Error{"cannot make a key: " + openssl_error()};
  X509* const certificate = material->ca->certificate();
  material->facts = {fingerprint(certificate), to_pem(certificate), to_der(certificate)};
  return std::shared_ptr<const TlsMaterial>(std::move(material));
}

TlsContexts::TlsContexts(std::shared_ptr<const TlsMaterial> material)
    : material_(std::move(material)),
      server_(server_context(*material_)),
      minter_(material_->ca, material_->leaf_key.get()) {}

SslPtr TlsContexts::accept(std::string_view name, std::time_t now) {
  X509* const leaf = minter_.leaf(name, now);
  if (leaf == nullptr) return nullptr;
  SslPtr ssl(SSL_new(server_.get()));
  const bool ready =
      ssl && SSL_use_certificate(ssl.get(), leaf) == 1 && SSL_use_PrivateKey(ssl.get(), minter_.key()) == 1;
  if (!ready) return nullptr;
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace schoolgate
