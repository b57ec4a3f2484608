#include "rules/url/public_suffix.h"

#include <libpsl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bitset>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "rules/bytes/hash.h"
#include "rules/url/host.h"

namespace schoolgate {
namespace {

std::atomic<SuffixListSource> suffix_source{nullptr};

psl_ctx_t* load_suffixes(std::string& text) {
  std::FILE* const in = text.empty() ? nullptr : ::fmemopen(text.data(), text.size(), "r");
  if (in == nullptr) return nullptr;
  psl_ctx_t* const list = psl_load_fp(in);
  std::fclose(in);
  return list;
}

// The library's rules, and a set of bits that tells most names that are no suffix: the library needs half a
// microsecond for each, and a list has a million. "No" is certain.
class SuffixRules {
 public:
  static const SuffixRules& get() {
    static const SuffixRules all;
    return all;
  }
  SuffixRules(const SuffixRules&) = delete;
  SuffixRules& operator=(const SuffixRules&) = delete;

  [[nodiscard]] const psl_ctx_t* list() const noexcept { return list_; }  // may be null
  [[nodiscard]] bool may_be_suffix(std::string_view name) const noexcept {
    if (!filtered_ || names_[slot(name)]) return true;
    const std::size_t dot = name.find('.');
    return dot != std::string_view::npos && starred_[slot(name.substr(dot + 1))];
  }

 private:
  SuffixRules() {
    const SuffixListSource source = suffix_source;
    std::string text = source == nullptr ? std::string() : source();
    const psl_ctx_t* const given = load_suffixes(text);  // kept as long as the process
    list_ = given == nullptr ? psl_builtin() : given;
    filtered_ = given != nullptr && read_names(text);
  }

  using Bits = std::bitset<std::size_t{1} << 18>;
  // By the ends of the name and its length: enough to tell nearly all.
  [[nodiscard]] static std::size_t slot(std::string_view name) noexcept {
    std::array<std::uint64_t, 2> ends{};
    const std::size_t bytes = std::min(name.size(), sizeof ends[0]);
    std::memcpy(&ends[0], name.data(), bytes);
    std::memcpy(&ends[1], name.data() + name.size() - bytes, bytes);
    return mix(ends[0] ^ 0x9e3779b97f4a7c15U, ends[1] ^ (name.size() * 0xa0761d6478bd642fU)) >> 46;
  }

  // False: some line is not read as the library may read it, so that the bits would lie.
  bool read_names(std::string_view text) {
    Host host;
    while (!text.empty()) {
      std::string_view rule = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(rule.size() + 1, text.size()));
      rule = rule.substr(0, rule.find_first_of(" \t\r"));
      if (rule.empty() || rule.starts_with("//") || rule.starts_with('!')) continue;
      const bool star = rule.starts_with("*.");
      if (star) rule.remove_prefix(2);
      if (parse_host(rule, host).failed()) return false;
      names_.set(slot(host.text));
      if (star) starred_.set(slot(host.text));
    }
    return true;
  }

  const psl_ctx_t* list_ = nullptr;
  Bits names_, starred_;
  bool filtered_ = false;
};

bool is_host(std::string_view host) noexcept {
  return !host.empty() && host.front() != '.' && host.size() <= 253;
}

}  // namespace

void read_suffixes_from(SuffixListSource source) noexcept {
  suffix_source = source;
}

Suffix public_suffix(std::string_view host) {
  const SuffixRules& rules = SuffixRules::get();
  if (rules.list() == nullptr || !is_host(host) || !rules.may_be_suffix(host)) return Suffix::none;
  const std::string name(host), below = "a." + name;
  const auto is = [&](const std::string& text, int section) {
    return psl_is_public_suffix2(rules.list(), text.c_str(), section | PSL_TYPE_NO_STAR_RULE) != 0;
  };
  if (is(name, PSL_TYPE_ICANN) || is(below, PSL_TYPE_ICANN)) return Suffix::registry;
  return is(name, PSL_TYPE_PRIVATE) ? Suffix::hoster : Suffix::none;
}

namespace {

// Of `host`, the part that `name` of it points to.
std::string_view end_of(std::string_view host, const std::string& name, const char* at) {
  return at == nullptr ? std::string_view() : host.substr(static_cast<std::size_t>(at - name.c_str()));
}

}  // namespace

std::string_view site_of(std::string_view host) {
  const psl_ctx_t* const list = SuffixRules::get().list();
  if (list == nullptr || !is_host(host)) return host;
  if (host.find(':') != std::string_view::npos || (host.back() >= '0' && host.back() <= '9')) return host;
  const std::string name(host);
  const std::string_view site = end_of(host, name, psl_registrable_domain(list, name.c_str()));
  return site.empty() ? host : site;
}

std::string_view hosting_platform(std::string_view host) {
  const psl_ctx_t* const list = SuffixRules::get().list();
  if (list == nullptr || !is_host(host)) return {};
  const std::string name(host);
  const std::string_view suffix = end_of(host, name, psl_unregistrable_domain(list, name.c_str()));
  if (suffix.empty() || suffix.size() == host.size()) return {};
  return public_suffix(suffix) == Suffix::hoster ? suffix : std::string_view();
}

}  // namespace schoolgate
