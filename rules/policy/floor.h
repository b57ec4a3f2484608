// The sealed floor: illegal content, as digests that name no place in clear. Nothing in any policy lifts it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/bytes/sha256.h"
#include "rules/result.h"
#include "rules/url/url.h"
#include "rules/verdict.h"

namespace schoolgate {

// A line of the bundle is
//   <hex>          SHA-256 of a canonical host: it and every name below it
//   <hex> <hex>    the same of its host, then SHA-256 of "host/path" in lower-case match form without the
//   last
//                  slash: that path and all below it, on the host and every name below it. A path with a
//                  query, "host/path?query", is held by exactly that query.
// The host's digest stands in front so that paths are hashed only where the host is known to matter.
struct FloorEntry {
  Sha256Digest host{};
  std::optional<Sha256Digest> url;
  RuleRef where;
};
// One line, without its end; `where` is left to the caller.
[[nodiscard]] Result<FloorEntry> parse_floor_entry(std::string_view line);
// The line that seals a host (a URL with nothing after it but a slash) or a path. Error: over
// max_floor_segments.
[[nodiscard]] Result<std::string> seal_floor_line(const Url& url);
inline constexpr std::size_t max_floor_segments = 64;

// A signed floor (config/floor/sealed_file.h): the same two digests, made with the file's own salt, so that
// no table made beforehand reads it. Each is the first 16 bytes of SHA-256(salt, text). That keeps the names
// from being read; whoever has the file and guesses a name can still see whether it is in.
using FloorSalt = std::array<std::uint8_t, 16>;
using SaltedDigest = std::array<std::uint8_t, 16>;
struct SaltedEntry {
  SaltedDigest host{};
  std::optional<SaltedDigest> url;
  RuleRef where;
};
struct SaltedFloor {
  FloorSalt salt{};
  std::vector<SaltedEntry> entries;
};
// As seal_floor_line(); `where` is left to the caller.
[[nodiscard]] Result<SaltedEntry> seal_with(const FloorSalt& salt, const Url& url);

// Threads: immutable after it is built.
class Floor {
 public:
  Floor() = default;
  // `salted`: a signed one beside them, or null.
  explicit Floor(std::span<const FloorEntry> entries, const SaltedFloor* salted = nullptr);

  [[nodiscard]] bool empty() const noexcept { return parts_.empty(); }

  // What the floor knows of a host: all that Stage::host needs. Depends on the host alone, so callers may
  // keep it.
  struct HostMatch {
    bool hit = false;        // the host or a parent of it is sealed
    bool has_paths = false;  // paths on it or on a parent are
    RuleRef where;           // of the hit
  };
  [[nodiscard]] HostMatch ask_host(const Host& host) const noexcept;
  // Whether a path of this URL is sealed; only worth asking where `has_paths`.
  [[nodiscard]] std::optional<RuleRef> ask_path(const Url& url) const noexcept;

 private:
  struct Sealed {
    Sha256Digest digest;
    bool has_paths = false;  // in hosts_: only there to say that paths below it matter
    RuleRef where;
  };
  // Sorted digests behind a bitmap that answers nearly every "no" with one look.
  class Set {
   public:
    void add(Sealed sealed) { sorted_.push_back(sealed); }
    void finish();
    [[nodiscard]] bool empty() const noexcept { return sorted_.empty(); }
    [[nodiscard]] bool may_hold(const Sha256Digest& digest) const noexcept;
    [[nodiscard]] const Sealed* find(const Sha256Digest& digest, bool has_paths) const noexcept;

   private:
    std::vector<Sealed> sorted_;  // by digest, has_paths
    std::vector<std::uint64_t> bitmap_;
    std::uint64_t mask_ = 0;  // of bit numbers
  };
  // What shares one way of hashing.
  struct Part {
    Sha256 begun;  // with the salt, where there is one
    bool salted = false;
    Set hosts, urls;

    [[nodiscard]] Sha256Digest finish(Sha256 hash) const noexcept;
    [[nodiscard]] Sha256Digest digest(std::string_view text) const noexcept;
    [[nodiscard]] Sha256Digest digest_of_path(std::string_view host, std::string_view path,
                                              std::string_view query) const noexcept;
    void ask_host(const Host& host, HostMatch& match) const noexcept;
    [[nodiscard]] const Sealed* ask_path(const Url& url) const noexcept;
  };
  std::vector<Part> parts_;
};

}  // namespace schoolgate
