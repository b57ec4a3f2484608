// Names for clients that mean nothing without a key: HMAC-SHA-256 (RFC 2104) over the address, cut to 40
// bits.
//
// Each month has its own random key. The keys lie in one file of mode 0600, a line "2026-03 <64 hex digits>"
// each; when a month's key is deleted, its log can no longer be tied to an address.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/audit/month.h"
#include "rules/result.h"
#include "rules/url/ip.h"

namespace schoolgate::audit {

using PseudonymKey = std::array<std::uint8_t, 32>;

// "HS-7K3Q2F9A": Crockford base 32 without I, L, O, U.
[[nodiscard]] std::string pseudonym(const PseudonymKey& key, const IpAddress& client);

// "2026-03 <64 hex digits>"
[[nodiscard]] std::optional<std::pair<Month, PseudonymKey>> parse_key_line(std::string_view line);

// Threads: belongs to one.
class PseudonymKeys {
 public:
  // Reads `path`; no file is the same as an empty one. Errors: a line that is not of the form above, or a
  // file that others than its owner can read.
  [[nodiscard]] static Result<PseudonymKeys> load(std::string path);

  [[nodiscard]] const std::map<Month, PseudonymKey>& all() const noexcept { return keys_; }
  // Makes the key of a month that has none, and writes the file (a new one beside it, synced, renamed). A
  // failed write is an error, and the key is not kept: rows under a key that is lost at the next start would
  // be orphans.
  [[nodiscard]] Result<const PseudonymKey*> key(Month month);
  // A month's key from elsewhere, where there is none; false: there is one, which stays.
  [[nodiscard]] Result<bool> adopt(Month month, const PseudonymKey& key);
  // Forgets the keys of all months for which `gone` is true, in the file too; whether there were any.
  [[nodiscard]] Result<bool> forget(const std::function<bool(Month)>& gone);

 private:
  explicit PseudonymKeys(std::string path) : path_(std::move(path)) {}
  [[nodiscard]] Result<void> save(const std::map<Month, PseudonymKey>& keys) const;

  std::string path_;
  std::map<Month, PseudonymKey> keys_;
};

}  // namespace schoolgate::audit
