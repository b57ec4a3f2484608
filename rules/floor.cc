#include "rules/floor.h"

#include <algorithm>
#include <compare>
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

Sha256Digest digest_of_path(std::string_view host, std::string_view path, std::string_view query) {
  Sha256 hash;
  hash.update(host);
  hash.update(query.empty() ? without_last_slash(path) : path);
  if (!query.empty()) {
    hash.update("?");
    hash.update(query);
  }
  return hash.finish();
}

}  // namespace

Result<FloorEntry> parse_floor_entry(std::string_view line) {
  FloorEntry entry;
  const std::size_t space = line.find(' ');
  const std::optional<Sha256Digest> host = parse_sha256_hex(line.substr(0, space));
  if (!host) return Error{"a line of the sealed floor is one SHA-256 in hex, or two with a space between"};
  entry.host = *host;
  if (space == std::string_view::npos) return entry;
  entry.url = parse_sha256_hex(line.substr(space + 1));
  if (!entry.url) return Error{"after the space there must be a second SHA-256 in hex (64 digits)"};
  return entry;
}

Result<std::string> seal_floor_line(const Url& url) {
  const std::string_view host = url.match_host(), path = url.match_path(true), query = url.match_query(true);
  std::string line = to_hex(sha256(host));
  if (without_last_slash(path).empty() && query.empty()) return line;
  if (segments(without_last_slash(path)) > max_floor_segments) {
    return Error{"a sealed path may have at most " + std::to_string(max_floor_segments) + " segments"};
  }
  return line + ' ' + to_hex(digest_of_path(host, path, query));
}

Floor::Floor(std::span<const FloorEntry> entries) {
  for (const FloorEntry& entry : entries) {
    hosts_.push_back({entry.host, entry.url.has_value(), entry.where});
    if (entry.url) urls_.push_back({*entry.url, true, entry.where});
  }
  for (std::vector<Sealed>* all : {&hosts_, &urls_}) {
    const auto key = [](const Sealed& s) { return std::tie(s.digest, s.has_paths); };
    std::stable_sort(all->begin(), all->end(),
                     [&](const Sealed& a, const Sealed& b) { return key(a) < key(b); });
    const auto same = [&](const Sealed& a, const Sealed& b) { return key(a) == key(b); };
    all->erase(std::unique(all->begin(), all->end(), same), all->end());
  }
}

const Floor::Sealed* Floor::find(std::span<const Sealed> in, const Sha256Digest& digest,
                                 bool has_paths) noexcept {
  const auto less = [](const Sealed& a, const std::tuple<const Sha256Digest&, bool>& b) {
    return std::tie(a.digest, a.has_paths) < b;
  };
  const std::tuple<const Sha256Digest&, bool> wanted{digest, has_paths};
  const auto at = std::lower_bound(in.begin(), in.end(), wanted, less);
  const bool found = at != in.end() && at->digest == digest && at->has_paths == has_paths;
  return found ? &*at : nullptr;
}

Floor::HostAnswer Floor::ask_host(const Host& host) const noexcept {
  HostAnswer answer;
  if (empty()) return answer;
  for_each_suffix(host, [&](std::string_view suffix) {
    const Sha256Digest digest = sha256(suffix);
    if (find(hosts_, digest, true) != nullptr) answer.has_paths = true;
    const Sealed* whole = find(hosts_, digest, false);
    if (whole == nullptr) return false;
    answer.hit = true;
    answer.where = whole->where;
    return true;
  });
  return answer;
}

std::optional<RuleRef> Floor::ask_path(const Url& url) const noexcept {
  const Sealed* found = nullptr;
  const std::string_view path = without_last_slash(url.match_path(true)), query = url.match_query(true);
  for_each_suffix(url.host(), [&](std::string_view suffix) {
    if (find(hosts_, sha256(suffix), true) == nullptr) return false;
    if (!query.empty()) found = find(urls_, digest_of_path(suffix, url.match_path(true), query), true);
    Sha256 hash;  // of the suffix and the segments so far
    hash.update(suffix);
    std::string_view left = path;
    for (std::size_t n = 0; n < max_floor_segments && found == nullptr && !left.empty(); ++n) {
      const std::string_view segment = left.substr(0, left.find('/', 1));
      left.remove_prefix(segment.size());
      hash.update(segment);
      found = find(urls_, Sha256(hash).finish(), true);
    }
    return found != nullptr;
  });
  if (found == nullptr) return std::nullopt;
  return found->where;
}

}  // namespace schoolgate
