#include "rules/words/search_engines.h"

#include <bit>

#include "rules/words/text_fold.h"

namespace schoolgate {
namespace {

constexpr std::string_view country_mark = "<cc>";

}  // namespace

std::vector<std::string> expand_countries(std::string_view host) {
  if (!host.ends_with(country_mark)) return {std::string(host)};
  const std::string stem(host.substr(0, host.size() - country_mark.size()));
  std::vector<std::string> hosts{stem + "com", stem + "cat"};  // .cat has a Google of its own
  for (char first = 'a'; first <= 'z'; ++first) {
    for (char second = 'a'; second <= 'z'; ++second) {
      const std::string country{first, second};
      for (const char* before : {"", "com.", "co."}) hosts.push_back(stem + before + country);
    }
  }
  return hosts;
}

void SearchEngines::Names::build(const std::vector<std::pair<std::string, std::uint32_t>>& names) {
  slots_.assign(names.empty() ? 0 : std::bit_ceil(2 * names.size() + 2), {});
  mask_ = slots_.size() - 1;
  seen_.assign(slots_.size() / 8, 0);  // some 16 bits a name
  if (!slots_.empty() && seen_.empty()) seen_.assign(1, 0);
  for (const auto& [name, number] : names) {
    const std::uint64_t hash = hash_host(name);
    if (name.empty() || find(hash, name)) continue;  // the first one counts
    std::size_t slot = hash;
    while (slots_[slot & mask_].length != 0) ++slot;
    seen_[seen_word(hash)] |= std::uint64_t{1} << (hash >> 58);
    slots_[slot & mask_] = {static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(name.size()),
                            number};
    text_ += name;
  }
}

std::optional<std::uint32_t> SearchEngines::Names::find(std::uint64_t hash,
                                                        std::string_view name) const noexcept {
  if (!may_hold(hash)) return std::nullopt;
  for (std::size_t slot = hash;; ++slot) {
    const Slot& at = slots_[slot & mask_];
    if (at.length == 0) return std::nullopt;
    if (std::string_view(text_).substr(at.begin, at.length) == name) return at.number;
  }
}

SearchEngines::SearchEngines(std::vector<SearchEngine> engines) : engines_(std::move(engines)) {
  std::vector<std::pair<std::string, std::uint32_t>> sites;
  for (std::uint32_t i = 0; i < engines_.size(); ++i) {
    for (const std::string& site : engines_[i].sites)
      for (std::string& host : expand_countries(site)) sites.emplace_back(std::move(host), i);
  }
  sites_.build(sites);
  std::vector<std::pair<std::string, std::uint32_t>> hosts;
  for (std::uint32_t i = 0; i < engines_.size(); ++i) {
    for (const std::string& name : engines_[i].safe_hosts)
      for (std::string& host : expand_countries(name)) hosts.emplace_back(std::move(host), i);
  }
  safe_hosts_.build(hosts);
}

const Effect* SearchEngine::otherwise_in(TierId tier) const noexcept {
  for (const Otherwise& one : otherwise)
    if (one.tier == tier) return &one.effect;
  return otherwise_in_others ? &*otherwise_in_others : nullptr;
}

bool SearchEngines::is_search(const Url& url) const {
  const SearchEngine* const engine = find(HostKeys(url.host()));
  bool words = false;
  if (engine != nullptr) each_search(*engine, url, [&words](std::string_view) { words = true; });
  return words;
}

const Host* SearchEngines::safe_host(const Host& host, SafeLevel search, SafeLevel video) const noexcept {
  if (host.is_address()) return nullptr;
  const auto number = safe_hosts_.find(hash_host(host.text), host.text);
  if (!number) return nullptr;
  const SearchEngine& engine = engines_[*number];
  const SafeLevel level = engine.video ? video : search;
  if (level == SafeLevel::off || !engine.strict_host) return nullptr;
  return level == SafeLevel::moderate && engine.moderate_host ? &*engine.moderate_host : &*engine.strict_host;
}

SearchEngines::SafeRequest SearchEngines::safe_request(const Host& host, std::string_view target,
                                                       SafeLevel search, SafeLevel video) const {
  SafeRequest out;
  const SearchEngine* engine = find(HostKeys(host));
  if (const auto number = safe_hosts_.find(hash_host(host.text), host.text)) engine = &engines_[*number];
  if (engine == nullptr) return out;
  const SafeLevel level = engine->video ? video : search;
  if (level == SafeLevel::off) return out;
  out.target = safe_target(*engine, target);
  out.header_name = engine->header;
  out.header_value = level == SafeLevel::moderate ? engine->header_moderate : engine->header_strict;
  return out;
}

std::optional<std::string> safe_target(const SearchEngine& engine, std::string_view target) {
  if (engine.parameter.empty()) return std::nullopt;
  const std::size_t question = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, question);
  const bool asked = std::any_of(engine.safe_paths.begin(), engine.safe_paths.end(),
                                 [&](const std::string& begin) { return path.starts_with(begin); });
  if (!asked) return std::nullopt;
  const std::string name[] = {engine.parameter};
  std::string out(path);
  char before = '?';
  for (std::string_view rest = target.substr(std::min(question + 1, target.size())); !rest.empty();) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (pair.empty() || is_parameter(pair.substr(0, pair.find('=')), name)) continue;
    out += before;
    out += pair;
    before = '&';
  }
  out += before;
  out += engine.parameter + "=" + engine.parameter_value;
  if (out == target) return std::nullopt;
  return out;
}

const SearchEngine* SearchEngines::find(const HostKeys& keys) const noexcept {
  const SearchEngine* found = nullptr;
  for (const HostKeys::Key& key : keys) {  // the longest suffix knows best
    if (!sites_.may_hold(key.hash)) continue;
    if (const auto number = sites_.find(key.hash, keys.suffix(key))) found = &engines_[*number];
  }
  return found;
}

bool is_parameter(std::string_view encoded, std::span<const std::string> names) {
  const auto is = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (encoded.find_first_of("%+") == std::string_view::npos) return is(encoded);
  TextReadings readings;
  readings.read(encoded, TextReadings::From::query);
  return is(readings.all().front());
}

}  // namespace schoolgate
