#include "rules/wrappers/wrapper_hosts.h"

#include <algorithm>
#include <bitset>
#include <span>
#include <vector>

#include "rules/url/punycode.h"
#include "rules/url/utf8.h"
#include "rules/wrappers/wrapper_decode.h"
#include "rules/wrappers/wrapper_table.h"

namespace schoolgate {

using namespace wrapper;

namespace {

constexpr std::size_t max_words = 4;     // skipped before "host/path" in a path: "/web/20200101000000id_/"
constexpr std::size_t max_options = 12;  // and before "http:": "/get/width/1000/crop/900/"
constexpr int max_decodings = 3;
constexpr std::string_view any_country = "<cc>";

bool is_small_letter(char c) noexcept {
  return c >= 'a' && c <= 'z';
}

// "com", "vn", "com.vn", "co.uk".
bool is_country(std::string_view name) noexcept {
  if (name == "com" || name == "cat") return true;
  if (name.starts_with("com.")) name.remove_prefix(4);
  if (name.starts_with("co.")) name.remove_prefix(3);
  return name.size() == 2 && is_small_letter(name[0]) && is_small_letter(name[1]);
}

// Whether `name` is `stem` + a country. `stem`: "google.".
bool is_stem_in_a_country(std::string_view name, std::string_view stem) noexcept {
  return name.starts_with(stem) && is_country(name.substr(stem.size()));
}

}  // namespace

// The table's names by hash, and those of any country by their stems.
struct WrapperIndex {
  struct Name {
    std::uint64_t hash;
    std::string_view host;
    const Wrapper* wrapper;
  };
  static constexpr std::size_t bits = 4096;
  static constexpr std::ptrdiff_t fewest_labels = 2, most_labels = 4;

  std::bitset<bits> seen;
  std::vector<Name> names;
  std::vector<Name> stems;                           // "translate.google."
  std::vector<std::string_view> second_level_stems;  // "google.", each once
  std::uint32_t stem_letters = 0;                    // that these begin with, a bit each

  WrapperIndex() {
    for (const Wrapper& wrapper : wrappers()) {
      for (std::string_view rest = wrapper.hosts; !rest.empty();) {
        const std::size_t end = std::min(rest.find(' '), rest.size());
        add(rest.substr(0, end), wrapper);
        rest.remove_prefix(std::min(end + 1, rest.size()));
      }
    }
    std::stable_sort(names.begin(), names.end(),
                     [](const Name& a, const Name& b) { return a.hash < b.hash; });
  }

  void add(std::string_view host, const Wrapper& wrapper) {
    if (!host.ends_with(any_country)) {
      names.push_back({hash_host(host), host, &wrapper});
      seen.set(names.back().hash % bits);
      return;
    }
    const std::string_view stem = host.substr(0, host.size() - any_country.size());
    stems.push_back({0, stem, &wrapper});
    const std::size_t dot = stem.rfind('.', stem.size() - 2);
    const std::string_view last = stem.substr(dot == std::string_view::npos ? 0 : dot + 1);
    stem_letters |= letter_bit(last[0]);
    if (std::find(second_level_stems.begin(), second_level_stems.end(), last) == second_level_stems.end())
      second_level_stems.push_back(last);
  }

  static std::uint32_t letter_bit(char c) noexcept { return std::uint32_t{1} << (c & 31); }

  [[nodiscard]] std::span<const Name> with_hash(std::uint64_t hash) const noexcept {
    if (!seen[hash % bits]) return {};
    const auto [first, end] = std::equal_range(names.begin(), names.end(), Name{hash, {}, nullptr},
                                               [](const Name& a, const Name& b) { return a.hash < b.hash; });
    return {first, end};
  }

  template <class Each>
  void each(const HostKeys& keys, Each&& each_wrapper) const {
    for (const HostKeys::Key& key : likely(keys)) {
      const std::string_view suffix = keys.suffix(key);
      for (const Name& name : with_hash(key.hash)) {
        if (name.host == suffix) each_wrapper(*name.wrapper, name.host);
      }
      for (const Name& name : stems) {
        if (is_stem_in_a_country(suffix, name.host)) each_wrapper(*name.wrapper, name.host);
      }
    }
  }

  // The suffixes with as many labels as names of the table have.
  static std::span<const HostKeys::Key> likely(const HostKeys& keys) noexcept {
    const auto size = static_cast<std::ptrdiff_t>(keys.size());
    if (size < fewest_labels) return {};
    return {keys.begin() + fewest_labels - 1, keys.begin() + std::min(size, most_labels)};
  }

  static const WrapperIndex& instance() {
    static const WrapperIndex index;
    return index;
  }
};

Unwrapper::Unwrapper() : index_(WrapperIndex::instance()) {}

bool Unwrapper::may_wrap(const HostKeys& keys) const noexcept {
  for (const HostKeys::Key& key : WrapperIndex::likely(keys)) {
    if (!index_.with_hash(key.hash).empty()) return true;
    const std::string_view suffix = keys.suffix(key);
    if (suffix.empty() || (index_.stem_letters & WrapperIndex::letter_bit(suffix[0])) == 0) continue;
    for (const std::string_view stem : index_.second_level_stems) {
      if (is_stem_in_a_country(suffix, stem)) return true;
    }
  }
  return false;
}

Unwrapper::Inner Unwrapper::unwrap(const Url& url, Stage stage) {
  Inner result;
  count_ = 0;
  tries_ = 0;
  full_ = false;
  unwrap_one(url, stage, result);
  for (std::size_t done = 0; done < count_; ++done) unwrap_one(inner_[done], stage, result);
  result.urls = std::span(inner_).first(count_);
  result.too_many = full_;
  return result;
}

void Unwrapper::unwrap_one(const Url& url, Stage stage, Inner& result) {
  if (url.host().is_address()) return;
  index_.each(HostKeys(url.host()), [&](const Wrapper& wrapper, std::string_view name) {
    unwrap_as(url, stage, wrapper, name, result);
  });
}

void Unwrapper::unwrap_as(const Url& url, Stage stage, const Wrapper& wrapper, std::string_view name,
                          Inner& result) {
  const std::string_view host = url.host().text;
  const std::string_view before =
      host.size() > name.size() ? host.substr(0, host.size() - name.size() - 1) : "";
  switch (wrapper.form) {
    case WrapperForm::label:
    case WrapperForm::label_only:
      return add_label(url, before, wrapper.form == WrapperForm::label, stage);
    case WrapperForm::ending:
      if (before.find('.') == std::string_view::npos) return;
      value_ = before;
      if (stage == Stage::request) value_ += url.target();
      return add(value_, stage);
    case WrapperForm::path:
    case WrapperForm::url_path:
    case WrapperForm::query:
    case WrapperForm::cache:
    case WrapperForm::whole_query:
      break;
  }
  result.in_path = true;
  if (stage == Stage::host || !url.match_path(true).starts_with(wrapper.prefix)) return;
  if (wrapper.form == WrapperForm::path || wrapper.form == WrapperForm::url_path)
    add_path(url, wrapper.prefix, wrapper.form == WrapperForm::url_path);
  else
    add_query(url, wrapper);
}

// `inner`: host, perhaps user-info before it, perhaps port, path and query after it.
void Unwrapper::add(std::string_view inner, Stage stage) {
  full_ = full_ || ++tries_ > max_tries;
  if (full_) return;
  const std::size_t end = std::min(inner.find_first_of("/?#\\"), inner.size());
  const std::size_t user = inner.substr(0, end).rfind('@');
  if (user != std::string_view::npos) inner.remove_prefix(user + 1);
  Url& url = inner_[count_];
  text_ = stage == Stage::host ? "" : "http://";
  append_escaped(inner, text_);
  if (stage == Stage::host) text_ += ":443";
  const auto parsed = stage == Stage::host ? url.parse_authority(text_) : url.parse(text_);
  const auto known = std::span(inner_).first(count_);
  const auto same = [&](const Url& other) { return other.forward() == url.forward(); };
  if (parsed.failed() || std::any_of(known.begin(), known.end(), same)) return;
  if (count_ < max_inner)
    ++count_;
  else
    full_ = true;
}

void Unwrapper::add_label(const Url& url, std::string_view labels, bool path_is_inner, Stage stage) {
  if (!unwrap_label(labels.substr(labels.rfind('.') + 1), value_)) return;
  if (path_is_inner && stage == Stage::request) value_ += url.target();
  add(value_, stage);
}

void Unwrapper::add_path(const Url& url, std::string_view prefix, bool scheme_needed) {
  const std::string_view path = url.match_path(false), whole = url.match();
  std::string_view rest(path.data(), static_cast<std::size_t>(whole.data() + whole.size() - path.data()));
  rest.remove_prefix(prefix.size());
  bool host_seen = scheme_needed;
  for (std::size_t words = 0; words <= max_options; ++words) {
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    const std::string_view segment = rest.substr(0, end);
    if (add_segment(rest, segment)) return;
    if (!host_seen && words <= max_words && has_dot(segment)) {
      add(rest, Stage::request);
      host_seen = true;  // of more than one only the first; but a URL may follow yet
    }
    if (end == rest.size() || rest[end] == '?') return;
    rest.remove_prefix(end + 1);
  }
}

// A URL that begins at this segment and says so.
bool Unwrapper::add_segment(std::string_view rest, std::string_view segment) {
  if (is_scheme_word(segment) && rest.size() > segment.size()) {
    add(rest.substr(segment.size() + 1), Stage::request);
    return true;
  }
  std::string_view inner = rest;
  const bool whole = take_scheme(inner) || segment.find('%') != std::string_view::npos;
  return add_value(whole ? rest : segment, true);
}

void Unwrapper::add_query(const Url& url, const Wrapper& wrapper) {
  const std::string_view target = url.target();
  std::string_view left = target.substr(std::min(target.find('?'), target.size()));
  if (wrapper.form == WrapperForm::whole_query) {
    if (!left.empty()) (void)add_value(left.substr(1), false);
    return;
  }
  while (!left.empty()) {
    left.remove_prefix(1);  // '?' or '&'
    const std::size_t end = std::min(left.find('&'), left.size());
    const std::string_view parameter = left.substr(0, end);
    left.remove_prefix(end);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    percent_decode(parameter.substr(0, equals), value_);
    if (!is_named(value_, wrapper.parameters)) continue;
    percent_decode(parameter.substr(equals + 1), value_);
    std::string_view value = value_;
    const auto* start = std::find_if(value.begin(), value.end(), [](char c) { return c > ' ' && c != '+'; });
    value.remove_prefix(static_cast<std::size_t>(start - value.begin()));
    if (!take_cache_prefix(value) && wrapper.form == WrapperForm::cache) continue;
    (void)add_value(value, false);
  }
}

// A URL or "host/path" (not that if `scheme_needed`), perhaps encoded once more or thrice. False if it is
// none.
bool Unwrapper::add_value(std::string_view value, bool scheme_needed) {
  std::string text;  // of the rare value that is encoded
  for (int decodings = 0;; ++decodings) {
    std::string_view inner = value;
    const bool has_scheme = take_scheme(inner);
    inner = inner.substr(0, inner.find_first_of(" +"));
    const std::string_view host = inner.substr(0, inner.find_first_of("/?#\\"));
    if (host.find('%') == std::string_view::npos || decodings == max_decodings) {
      if (!has_scheme && decode_url(value, decoded_)) {
        inner = decoded_;
        inner.remove_prefix(std::min(inner.find(':') + 1, inner.size()));
        (void)take_scheme(inner);
      } else if (!has_scheme && (scheme_needed || !has_dot(host))) {
        return false;
      }
      add(inner, Stage::request);
      return true;
    }
    percent_decode(value, decoded_);
    text = decoded_;
    value = text;
  }
}

bool unwrap_label(std::string_view label, std::string& host) {
  std::string decoded;  // only of the rare label in another script
  if (label.starts_with("xn--")) {
    const auto points = punycode_decode(label.substr(4));
    if (!points) return false;
    for (const char32_t c : *points) append_utf8(decoded, c);
    label = decoded;
  }
  if (label.size() > 4 && label.starts_with("0-") && label.ends_with("-0"))
    label = label.substr(2, label.size() - 4);
  host.clear();
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] != '-') {
      host.push_back(label[i]);
    } else if (i + 1 < label.size() && label[i + 1] == '-') {
      host.push_back('-');
      ++i;
    } else {
      host.push_back('.');
    }
  }
  return host.find('.') != std::string::npos;
}

}  // namespace schoolgate
