#include "rules/policy/floor.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <tuple>

namespace schoolgate {
namespace {

// Calls `f` with each name that holds `host`: itself, then its parents up to the top label. An address has
// none. Stops when `f` returns true.
template <class F>
void for_each_suffix(const Host& host, F f) {
  std::string_view suffix = host.text;
  for (;;) {
    if (f(suffix) || host.is_address()) return;
    const std::size_t dot = suffix.find('.');
    if (dot == std::string_view::npos) return;
    suffix.remove_prefix(dot + 1);
  }
}

std::string_view without_last_slash(std::string_view path) {
  if (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

std::size_t segments(std::string_view path) {
  return static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
}

// "host/path?query" behind what `hash` has taken already.
Sha256 with_path(Sha256 hash, std::string_view host, std::string_view path, std::string_view query) {
  hash.update(host);
  hash.update(query.empty() ? without_last_slash(path) : path);
  if (!query.empty()) {
    hash.update("?");
    hash.update(query);
  }
  return hash;
}

Sha256 salted_hash(const FloorSalt& salt) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(salt)));
  return hash;
}

SaltedDigest shortened(Sha256 hash) {
  const Sha256Digest whole = hash.finish();
  SaltedDigest out;
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

Sha256Digest lengthened(const SaltedDigest& digest) {
  Sha256Digest out{};
  std::copy(digest.begin(), digest.end(), out.begin());
  return out;
}

}  // namespace

Result<FloorEntry> parse_floor_entry(std::string_view line) {
  FloorEntry entry;
  const std::size_t space = line.find(' ');
  const std::optional<Sha256Digest> host = parse_sha256_hex(line.substr(0, space));
  if (!host)
    return Error{say("a line of the sealed floor is one SHA-256 in hex, or two with a space between")};
  entry.host = *host;
  if (space == std::string_view::npos) return entry;
  entry.url = parse_sha256_hex(line.substr(space + 1));
  if (!entry.url) return Error{say("after the space there must be a second SHA-256 in hex (64 digits)")};
  return entry;
}

Result<std::string> seal_floor_line(const Url& url) {
  const std::string_view host = url.match_host(), path = url.match_path(true), query = url.match_query(true);
  std::string line = to_hex(sha256(host));
  if (without_last_slash(path).empty() && query.empty()) return line;
  if (segments(without_last_slash(path)) > max_floor_segments) {
    return Error{say("a sealed path may have at most {} segments", max_floor_segments)};
  }
  return line + ' ' + to_hex(with_path({}, host, path, query).finish());
}

Result<SaltedEntry> seal_with(const FloorSalt& salt, const Url& url) {
  const std::string_view host = url.match_host(), path = url.match_path(true), query = url.match_query(true);
  const Sha256 begun = salted_hash(salt);
  SaltedEntry entry;
  Sha256 of_host = begun;
  of_host.update(host);
  entry.host = shortened(of_host);
  if (without_last_slash(path).empty() && query.empty()) return entry;
  if (segments(without_last_slash(path)) > max_floor_segments)
    return Error{say("a sealed path may have at most {} segments", max_floor_segments)};
  entry.url = shortened(with_path(begun, host, path, query));
  return entry;
}

Floor::Floor(std::span<const FloorEntry> entries, const SaltedFloor* salted) {
  if (!entries.empty()) {
    Part& part = parts_.emplace_back();
    for (const FloorEntry& entry : entries) {
      part.hosts.add({entry.host, entry.url.has_value(), entry.where});
      if (entry.url) part.urls.add({*entry.url, true, entry.where});
    }
  }
  if (salted != nullptr && !salted->entries.empty()) {
    Part& part = parts_.emplace_back();
    part.begun = salted_hash(salted->salt);
    part.salted = true;
    for (const SaltedEntry& entry : salted->entries) {
      part.hosts.add({lengthened(entry.host), entry.url.has_value(), entry.where});
      if (entry.url) part.urls.add({lengthened(*entry.url), true, entry.where});
    }
  }
  for (Part& part : parts_) {
    part.hosts.finish();
    part.urls.finish();
  }
}

namespace {

// Digests are evenly spread: any of their bytes will do as a hash.
std::uint64_t first_bytes(const Sha256Digest& digest) noexcept {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, digest.data(), sizeof bytes);
  return bytes;
}

}  // namespace

void Floor::Set::finish() {
  const auto key = [](const Sealed& s) { return std::tie(s.digest, s.has_paths); };
  std::stable_sort(sorted_.begin(), sorted_.end(),
                   [&](const Sealed& a, const Sealed& b) { return key(a) < key(b); });
  const auto same = [&](const Sealed& a, const Sealed& b) { return key(a) == key(b); };
  sorted_.erase(std::unique(sorted_.begin(), sorted_.end(), same), sorted_.end());

  const std::size_t bits = std::bit_ceil(std::max<std::size_t>(64, 16 * sorted_.size()));
  bitmap_.assign(bits / 64, 0);
  mask_ = bits - 1;
  for (const Sealed& sealed : sorted_) {
    const std::uint64_t bit = first_bytes(sealed.digest) & mask_;
    bitmap_[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
}

bool Floor::Set::may_hold(const Sha256Digest& digest) const noexcept {
  if (sorted_.empty()) return false;
  const std::uint64_t bit = first_bytes(digest) & mask_;
  return (bitmap_[bit / 64] >> bit % 64 & 1) != 0;
}

const Floor::Sealed* Floor::Set::find(const Sha256Digest& digest, bool has_paths) const noexcept {
  if (!may_hold(digest)) return nullptr;
  const std::tuple<const Sha256Digest&, bool> wanted{digest, has_paths};
  const auto at =
      std::lower_bound(sorted_.begin(), sorted_.end(), wanted,
                       [](const Sealed& a, const auto& b) { return std::tie(a.digest, a.has_paths) < b; });
  const bool found = at != sorted_.end() && at->digest == digest && at->has_paths == has_paths;
  return found ? &*at : nullptr;
}

Sha256Digest Floor::Part::finish(Sha256 hash) const noexcept {
  return salted ? lengthened(shortened(hash)) : hash.finish();
}

Sha256Digest Floor::Part::digest(std::string_view text) const noexcept {
  Sha256 hash = begun;
  hash.update(text);
  return finish(hash);
}

Sha256Digest Floor::Part::digest_of_path(std::string_view host, std::string_view path,
                                         std::string_view query) const noexcept {
  return finish(with_path(begun, host, path, query));
}

void Floor::Part::ask_host(const Host& host, HostMatch& match) const noexcept {
  for_each_suffix(host, [&](std::string_view suffix) {
    const Sha256Digest wanted = digest(suffix);
    if (hosts.find(wanted, true) != nullptr) match.has_paths = true;
    const Sealed* whole = hosts.find(wanted, false);
    if (whole == nullptr) return false;
    match.hit = true;
    match.where = whole->where;
    return true;
  });
}

Floor::HostMatch Floor::ask_host(const Host& host) const noexcept {
  HostMatch match;
  for (const Part& part : parts_) {
    if (match.hit) break;
    part.ask_host(host, match);
  }
  return match;
}

const Floor::Sealed* Floor::Part::ask_path(const Url& url) const noexcept {
  const Sealed* found = nullptr;
  const std::string_view path = without_last_slash(url.match_path(true)), query = url.match_query(true);
  for_each_suffix(url.host(), [&](std::string_view suffix) {
    if (hosts.find(digest(suffix), true) == nullptr) return false;
    if (!query.empty()) found = urls.find(digest_of_path(suffix, url.match_path(true), query), true);
    Sha256 hash = begun;  // then of the suffix and the segments so far
    hash.update(suffix);
    std::string_view left = path;
    for (std::size_t n = 0; n < max_floor_segments && found == nullptr && !left.empty(); ++n) {
      const std::string_view segment = left.substr(0, left.find('/', 1));
      left.remove_prefix(segment.size());
      hash.update(segment);
      found = urls.find(finish(hash), true);
    }
    return found != nullptr;
  });
  return found;
}

std::optional<RuleRef> Floor::ask_path(const Url& url) const noexcept {
  for (const Part& part : parts_)
    if (const Sealed* const found = part.ask_path(url)) return found->where;
  return std::nullopt;
}

}  // namespace schoolgate
