// Search engines: where in their addresses the search words stand, and how safe search is enforced from
// outside.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/action.h"
#include "rules/url/host.h"
#include "rules/url/host_keys.h"
#include "rules/url/url.h"
#include "rules/verdict.h"

namespace schoolgate {

// How much an engine must leave out. Chosen by tier, for searches and for videos apart.
enum class SafeLevel : std::uint8_t { off, moderate, strict };

struct SearchEngine {
  std::string id;  // "google"
  // Hosts, with the names below them. "<cc>" at the end stands for com, every country's two letters, and com.
  // or co. before these: "google.<cc>".
  std::vector<std::string> sites;
  std::vector<std::string> words;  // query parameters that hold search words
  std::vector<std::string> paths;  // in small letters: beginnings of paths, words behind them: "/tag/"
  RuleRef where;

  // Safe search from outside, in any of these ways; with `video` the tier's choice for videos counts.
  bool video = false;
  // The engine's own way: who connects to this name instead of one of `safe_hosts` (exactly these names,
  // "<cc>" as above) gets safe results, under the certificate of the name that was asked for. Nothing need be
  // decrypted.
  std::vector<std::string> safe_hosts;
  std::optional<Host> strict_host, moderate_host;  // moderate absent: strict for both
  // Where the whole request is seen: a parameter of these paths (and what begins with them), a header.
  std::vector<std::string> safe_paths;
  std::string parameter, parameter_value;              // "" = none
  std::string header, header_strict, header_moderate;  // "" = none
  // What becomes of it where none of them works. Absent: it is used as it is.
  struct Otherwise {
    TierId tier = 0;
    Effect effect;
  };
  bool small = false;                // a tier's `unknown_engines` comes before these
  std::vector<Otherwise> otherwise;  // tiers apart
  std::optional<Effect> otherwise_in_others;

  [[nodiscard]] bool sees_words() const noexcept { return !words.empty() || !paths.empty(); }
  [[nodiscard]] const Effect* otherwise_in(TierId tier) const noexcept;
};

// Finds engines by host. Threads: immutable.
class SearchEngines {
 public:
  SearchEngines() = default;
  explicit SearchEngines(std::vector<SearchEngine> engines);

  // The engine one of whose sites holds this host; null for nearly every host.
  [[nodiscard]] const SearchEngine* find(const HostKeys& keys) const noexcept;
  // Whether the request asks an engine for words.
  [[nodiscard]] bool is_search(const Url& url) const;
  // Where to connect for safe search instead of to `host`; null: to the host itself. Lives as long as this.
  [[nodiscard]] const Host* safe_host(const Host& host, SafeLevel search, SafeLevel video) const noexcept;
  // What a request must say besides, for safe search; nothing for nearly every one. `target`: "/path?query".
  struct SafeRequest {
    std::optional<std::string> target;           // in place of the request's own
    std::string_view header_name, header_value;  // in place of the client's; "" = none. Live as long as this
  };
  [[nodiscard]] SafeRequest safe_request(const Host& host, std::string_view target, SafeLevel search,
                                         SafeLevel video) const;
  [[nodiscard]] std::span<const SearchEngine> all() const noexcept { return engines_; }

 private:
  // Names to numbers: open addressing over the hashes that HostKeys has made already, behind a few bits for
  // each name, which are small enough to stay near and say "no" for nearly every host.
  class Names {
   public:
    void build(const std::vector<std::pair<std::string, std::uint32_t>>& names);
    [[nodiscard]] bool may_hold(std::uint64_t hash) const noexcept {
      return !seen_.empty() && (seen_[seen_word(hash)] >> (hash >> 58) & 1) != 0;
    }
    [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, std::string_view name) const noexcept;

   private:
    struct Slot {
      std::uint32_t begin = 0, length = 0;  // of the name in text_; 0 = empty
      std::uint32_t number = 0;
    };
    [[nodiscard]] std::size_t seen_word(std::uint64_t hash) const noexcept {
      return hash >> 32 & (seen_.size() - 1);
    }
    std::vector<Slot> slots_;
    std::size_t mask_ = 0;
    std::vector<std::uint64_t> seen_;
    std::string text_;
  };

  std::vector<SearchEngine> engines_;
  Names sites_, safe_hosts_;
};

// `target` ("/path?query") with the engine's safe parameter, whatever it said before; nullopt where there is
// nothing to change.
[[nodiscard]] std::optional<std::string> safe_target(const SearchEngine& engine, std::string_view target);

// "google.<cc>" written out; any other name alone.
[[nodiscard]] std::vector<std::string> expand_countries(std::string_view host);

// Whether a parameter's name, perhaps percent-encoded, is one of `names`.
[[nodiscard]] bool is_parameter(std::string_view encoded, std::span<const std::string> names);

// Calls each(value) for every value of a query parameter named one of `names`, in the target ("/path?query")
// of a URL's forward form; values are as they came, still encoded.
template <class Each>
void each_parameter(std::string_view target, std::span<const std::string> names, Each&& each) {
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos) return;
  std::string_view rest = target.substr(question + 1);
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    if (is_parameter(pair.substr(0, equals), names)) each(pair.substr(equals + 1));
  }
}

// Calls each(value) for all that somebody searched for with this engine: the values of its parameters, and
// what stands behind its paths, to the next "/". None is empty; all are still encoded, if only twice.
template <class Each>
void each_search(const SearchEngine& engine, const Url& url, Each&& each) {
  each_parameter(url.target(), engine.words, [&](std::string_view value) {
    if (!value.empty()) each(value);
  });
  const std::string_view path = url.match_path(true);
  for (const std::string& begin : engine.paths) {
    if (!path.starts_with(begin)) continue;
    const std::string_view rest = path.substr(begin.size());
    if (const std::string_view value = rest.substr(0, rest.find('/')); !value.empty()) each(value);
  }
}

}  // namespace schoolgate
