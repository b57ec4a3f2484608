// Certificates that were taken back: lists of a folder, and what an origin staples to its handshake.
#pragma once

#include <string>
#include <string_view>

#include "proxy/io/conn/openssl_types.h"
#include "rules/result.h"

namespace schoolgate {

// Adds every file of `folder` to `store`: PEM, one list or several, or DER; names that begin with "." are
// left out. Error: the folder, or a file of it, cannot be read: which, and why.
[[nodiscard]] Result<void> add_revocation_lists(X509_STORE& store, const std::string& folder);

// Connections of `context` ask the lists of its store: an origin whose authority has one must not stand in
// it. An authority without one is not asked for, and a list that is out of date still counts for what stands
// in it.
void ask_revocation_lists(SSL_CTX& context);

// After a handshake with an origin whose certificate was verified: what is wrong by its stapled status (RFC
// 6066 8), as a literal. "revoked" counts when it is signed by whom it must be; a certificate that promises a
// status (RFC 7633) must come with one that is good. A resumed session was asked when it began.
[[nodiscard]] Result<void, std::string_view> check_stapled_status(SSL& ssl);

}  // namespace schoolgate
