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

#include "rules/host_keys.h"
#include "rules/verdict.h"

namespace schoolgate {

struct SearchEngine {
  std::string id;  // "google"
  // Hosts, with the names below them. "<cc>" at the end stands for com, every country's two letters, and com.
  // or co. before these: "google.<cc>".
  std::vector<std::string> sites;
  std::vector<std::string> words;  // query parameters that hold search words
  RuleRef where;
};

// Finds engines by host. Threads: immutable.
class SearchEngines {
 public:
  SearchEngines() = default;
  explicit SearchEngines(std::vector<SearchEngine> engines);

  // The engine one of whose sites holds this host; null for nearly every host.
  [[nodiscard]] const SearchEngine* find(const HostKeys& keys) const noexcept;
  [[nodiscard]] std::span<const SearchEngine> all() const noexcept { return engines_; }

 private:
  // Names to numbers: open addressing over the hashes that HostKeys has made already.
  class Names {
   public:
    void build(std::vector<std::pair<std::string, std::uint32_t>> names);
    [[nodiscard]] std::optional<std::uint32_t> find(std::uint64_t hash, std::string_view name) const noexcept;

   private:
    struct Slot {
      std::uint32_t begin = 0, length = 0;  // of the name in text_; 0 = empty
      std::uint32_t number = 0;
    };
    std::vector<Slot> slots_;
    std::size_t mask_ = 0;
    std::string text_;
  };

  std::vector<SearchEngine> engines_;
  Names sites_;
};

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

}  // namespace schoolgate
