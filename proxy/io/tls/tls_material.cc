#include "proxy/io/tls/tls_material.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <stdexcept>

#include "proxy/io/tls/certificate.h"
#include "proxy/io/tls/revocation.h"

namespace schoolgate {
namespace {

// Of what the client offers h2, where we offer it, then http/1.1. A client that insists on something else is
// told so (RFC 7301 3.2).
int choose_protocol(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char both[] = "\x02h2\x08http/1.1";
  const bool h2 = SSL_get_app_data(ssl) != nullptr;
  const unsigned char* const ours = h2 ? both : both + 3;
  const unsigned size = h2 ? sizeof both - 1 : sizeof both - 4;
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_size, ours, size, offered, offered_size);
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
  SSL_CTX_set_alpn_select_cb(c, choose_protocol, nullptr);
  return context;
}

SslContextPtr client_context(const TlsMaterial& material) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context) throw std::runtime_error("SSL_CTX_new");
  SSL_CTX* const c = context.get();
  SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION);
  SSL_CTX_set_security_level(c, 2);  // no RSA under 2048 bits, no SHA-1
  SSL_CTX_set_mode(
      c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_read_ahead(c, 1);
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set1_cert_store(c, material.roots.get());
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  if (material.has_revocation_lists) ask_revocation_lists(*c);
  SSL_CTX_set_tlsext_status_type(c, TLSEXT_STATUSTYPE_ocsp);
  constexpr unsigned char http11[] = "\x08http/1.1";
  SSL_CTX_set_alpn_protos(c, http11, sizeof http11 - 1);
  return context;
}

// Null: no tier inspects.
Result<StorePtr> trusted_roots(const Config& config) {
  if (!config.https.inspects) return StorePtr();
  StorePtr store(X509_STORE_new());
  if (!store || X509_STORE_set_default_paths(store.get()) != 1)
    return Error{
        say("cannot read the system's certificate authorities: {}", Message::foreign(openssl_error()))};
  for (const std::string& file : config.upstream.extra_ca)
    if (X509_STORE_load_file(store.get(), file.c_str()) != 1)
      return Error{say("upstream.extra_ca: {} holds no certificate that can be read: {}", file,
                       Message::foreign(openssl_error()))};
  if (const std::string& folder = config.https.crl_directory; !folder.empty()) {
    const auto added = add_revocation_lists(*store, folder);
    if (added.failed()) return added.error();
  }
  return store;
}

std::string session_key(const std::string& host, std::uint16_t port) {
  return host + ":" + std::to_string(port);
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
    return Error{say("cannot make a key: {}", Message::foreign(openssl_error()))};
  X509* const certificate = material->ca->certificate();
  material->facts = {fingerprint(certificate), to_pem(certificate), to_der(certificate)};
  Result<StorePtr> roots = trusted_roots(config);
  if (!roots) return roots.error();
  material->roots = std::move(*roots);
  material->has_revocation_lists = material->roots && !config.https.crl_directory.empty();
  return std::shared_ptr<const TlsMaterial>(std::move(material));
}

Result<void> TlsMaterial::check_trust(const Config& config) {
  const Result<StorePtr> roots = trusted_roots(config);
  if (!roots) return roots.error();
  return {};
}

TlsContexts::TlsContexts(std::shared_ptr<const TlsMaterial> material)
    : material_(std::move(material)),
      server_(server_context(*material_)),
      minter_(material_->ca, material_->leaf_key.get()) {
  if (material_->roots) client_ = client_context(*material_);
}

SslPtr TlsContexts::accept(std::string_view name, std::time_t now, bool offer_h2) {
  X509* const leaf = minter_.leaf(name, now);
  if (leaf == nullptr) return nullptr;
  SslPtr ssl(SSL_new(server_.get()));
  const bool ready =
      ssl && SSL_use_certificate(ssl.get(), leaf) == 1 && SSL_use_PrivateKey(ssl.get(), minter_.key()) == 1;
  if (!ready) return nullptr;
  // A ticket is for the name it was given under (RFC 6066 3): elsewhere it begins anew.
  std::array<unsigned char, SHA256_DIGEST_LENGTH> context;
  SHA256(reinterpret_cast<const unsigned char*>(name.data()), name.size(), context.data());
  if (SSL_set_session_id_context(ssl.get(), context.data(), context.size()) != 1) return nullptr;
  SSL_set_accept_state(ssl.get());
  if (offer_h2) SSL_set_app_data(ssl.get(), this);
  return ssl;
}

SslPtr TlsContexts::connect(const std::string& host, std::uint16_t port, bool verified) {
  if (!client_) return nullptr;
  SslPtr ssl(SSL_new(client_.get()));
  if (!ssl || SSL_set_tlsext_host_name(ssl.get(), host.c_str()) != 1 ||
      SSL_set1_host(ssl.get(), host.c_str()) != 1)
    return nullptr;
  SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  SSL_set_connect_state(ssl.get());
  if (!verified) {
    SSL_set_verify(ssl.get(), SSL_VERIFY_NONE, nullptr);
    SSL_set_security_level(ssl.get(), 1);
    return ssl;
  }
  // RFC 8446 C.4: a ticket is used once.
  if (auto kept = sessions_.extract(session_key(host, port)); !kept.empty())
    SSL_set_session(ssl.get(), kept.mapped().get());
  return ssl;
}

void TlsContexts::remember(const std::string& host, std::uint16_t port, const TlsStream& stream) {
  SSL* const ssl = stream.ssl();
  if (!stream.verifies_peer() || SSL_get_verify_result(ssl) != X509_V_OK) return;
  SslSessionPtr session(SSL_get1_session(ssl));
  if (!session || SSL_SESSION_is_resumable(session.get()) != 1) return;
  if (sessions_.size() >= max_sessions) sessions_.erase(sessions_.begin());
  sessions_.insert_or_assign(session_key(host, port), std::move(session));
}

}  // namespace schoolgate
