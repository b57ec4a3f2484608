#include "rules/wrapper_hosts.h"

#include <algorithm>
#include <bitset>

#include "rules/punycode.h"
#include "rules/utf8.h"

namespace schoolgate {
namespace {

enum class Form : std::uint8_t {
  label,       // the label before the host is the inner host; path and query are the inner site's
  label_only,  // the same, but the path is the wrapper's own
  path,        // after `prefix` and some words the path goes on "http://host/path" or "host/path"
  query,       // a parameter named in `names` holds a URL or "host/path"; the path begins with `prefix`
};

struct Wrapper {
  std::string_view
      host;  // and names below it; ending in a dot: names that begin so ("www.google." + any country)
  Form form;
  std::string_view prefix = "/";
  std::string_view names = "";  // between commas
};

constexpr Wrapper wrappers[] = {
    // translators
    {"translate.goog", Form::label},
    {"translate.google.", Form::query, "/translate", ",u,"},
    {"www.google.", Form::query, "/translate", ",u,"},
    {"translate.googleusercontent.com", Form::query, "/", ",u,"},
    {"translatetheweb.com", Form::query, "/", ",a,"},
    {"microsofttranslator.com", Form::query, "/", ",a,"},
    {"translate.yandex.com", Form::query, "/", ",url,"},
    {"translate.yandex.ru", Form::query, "/", ",url,"},
    {"translate.yandex.net", Form::query, "/", ",url,"},
    {"papago.naver.net", Form::query, "/", ",site,url,"},
    {"fanyi.baidu.com", Form::query, "/transpage", ",query,"},
    // AMP
    {"cdn.ampproject.org", Form::label_only},
    {"cdn.ampproject.org", Form::path},
    {"bing-amp.com", Form::label_only},
    {"bing-amp.com", Form::path},
    {"www.google.", Form::path, "/amp/"},
    // archives and caches
    {"web.archive.org", Form::path, "/web/"},
    {"web.archive.org", Form::path, "/save/"},
    {"arquivo.pt", Form::path, "/wayback/"},
    {"timetravel.mementoweb.org", Form::path, "/memento/"},
    {"archive.ph", Form::path},
    {"archive.today", Form::path},
    {"archive.is", Form::path},
    {"archive.li", Form::path},
    {"archive.vn", Form::path},
    {"archive.fo", Form::path},
    {"archive.md", Form::path},
    {"archive.ph", Form::query, "/", ",url,"},
    {"archive.today", Form::query, "/", ",url,"},
    {"archive.is", Form::query, "/", ",url,"},
    {"archive.li", Form::query, "/", ",url,"},
    {"archive.vn", Form::query, "/", ",url,"},
    {"archive.fo", Form::query, "/", ",url,"},
    {"archive.md", Form::query, "/", ",url,"},
    {"webcache.googleusercontent.com", Form::query, "/", ",q,"},
    {"cc.bingj.com", Form::query, "/", ",u,url,"},
    // readers, script proxies
    {"r.jina.ai", Form::path},
    {"12ft.io", Form::path},
    {"12ft.io", Form::query, "/", ",q,"},
    {"cors-anywhere.herokuapp.com", Form::path},
    {"corsproxy.io", Form::query, "/", ",url,"},
    {"api.allorigins.win", Form::query, "/", ",url,"},
    {"api.codetabs.com", Form::query, "/v1/proxy", ",quest,"},
    // image proxies
    {"images.weserv.nl", Form::query, "/", ",url,"},
    {"wsrv.nl", Form::query, "/", ",url,"},
    {"i0.wp.com", Form::path},
    {"i1.wp.com", Form::path},
    {"i2.wp.com", Form::path},
    {"i3.wp.com", Form::path},
    {"external-content.duckduckgo.com", Form::query, "/", ",u,"},
    {"proxy.duckduckgo.com", Form::query, "/", ",u,"},
    {"images1-focus-opensocial.googleusercontent.com", Form::query, "/gadgets/proxy", ",url,"},
};

constexpr std::size_t max_words = 4;  // skipped before the inner URL in a path: "/web/20200101000000id_/"

bool is_under(std::string_view host, const Wrapper& w) noexcept {
  if (w.host.ends_with('.')) return host.starts_with(w.host);
  if (!host.ends_with(w.host)) return false;
  return host.size() == w.host.size() || host[host.size() - w.host.size() - 1] == '.';
}

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

int hex_digit(char c) noexcept {
  c = lower(c);
  if (c >= '0' && c <= '9') return c - '0';
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void percent_decode(std::string_view raw, std::string& out) {
  out.clear();
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const int high = raw[i] == '%' && i + 2 < raw.size() ? hex_digit(raw[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_digit(raw[i + 2]);
    out.push_back(low < 0 ? raw[i] : static_cast<char>(16 * high + low));
    if (low >= 0) i += 2;
  }
}

// What was decoded may hold bytes that a request line cannot.
void append_escaped(std::string_view decoded, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : decoded) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
}

bool take_prefix(std::string_view& text, std::string_view prefix) noexcept {
  if (text.size() < prefix.size()) return false;
  for (std::size_t i = 0; i < prefix.size(); ++i) {
    if (lower(text[i]) != prefix[i]) return false;
  }
  text.remove_prefix(prefix.size());
  return true;
}

// Takes "http:", "https:" or weserv's "ssl:", and slashes, off the front.
bool take_scheme(std::string_view& text) noexcept {
  const bool taken = take_prefix(text, "http:") || take_prefix(text, "https:") || take_prefix(text, "ssl:");
  text.remove_prefix(std::min(text.find_first_not_of("/\\"), text.size()));
  return taken;
}

// The value of a cache's question, "cache:ID:http://host/path+words", from the host on.
void take_cache_prefix(std::string_view& value) noexcept {
  if (!take_prefix(value, "cache:")) return;
  const std::size_t colon = value.find(':');
  std::string_view after = colon == std::string_view::npos ? std::string_view{} : value.substr(colon + 1);
  if (after.starts_with("//")) return;  // no ID: the colon is the scheme's
  if (colon != std::string_view::npos && value.substr(0, colon).find_first_of("./") == std::string_view::npos)
    value = after;
}

}  // namespace

struct WrapperTable {
  std::bitset<4096> seen;  // by hash of the wrapper's name

  static std::size_t bit(std::uint64_t hash) noexcept { return hash % 4096; }
  WrapperTable() {
    for (const Wrapper& w : wrappers) {
      if (!w.host.ends_with('.')) seen.set(bit(hash_host(w.host)));
    }
  }
  static const WrapperTable& instance() {
    static const WrapperTable table;
    return table;
  }
};

Unwrapper::Unwrapper() : table_(WrapperTable::instance()) {}

bool Unwrapper::may_wrap(const HostKeys& keys) const noexcept {
  constexpr std::size_t fewest = 2, most = 3;  // labels of the wrappers' names
  if (keys.size() < fewest) return false;
  const HostKeys::Key* end = keys.begin() + std::min(keys.size(), most);
  for (const HostKeys::Key* key = keys.begin() + fewest - 1; key < end; ++key) {
    if (table_.seen[WrapperTable::bit(key->hash)]) return true;
  }
  return keys.text().starts_with("translate.google.") || keys.text().starts_with("www.google.");
}

Unwrapper::Inner Unwrapper::unwrap(const Url& url, Stage stage) {
  Inner result;
  count_ = 0;
  unwrap_one(url, stage, result);
  std::size_t done = 0;
  for (std::size_t depth = 1; depth < max_depth; ++depth) {
    for (const std::size_t end = count_; done < end; ++done) unwrap_one(inner_[done], stage, result);
  }
  result.urls = std::span(inner_).first(count_);
  return result;
}

void Unwrapper::unwrap_one(const Url& url, Stage stage, Inner& result) {
  const std::string_view host = url.host().text;
  if (url.host().is_address()) return;
  for (const Wrapper& w : wrappers) {
    if (!is_under(host, w)) continue;
    switch (w.form) {
      case Form::label:
      case Form::label_only:
        if (host.size() > w.host.size()) {
          std::string_view labels = host.substr(0, host.size() - w.host.size() - 1);
          add_label(url, labels.substr(labels.rfind('.') + 1), w.form == Form::label, stage);
        }
        break;
      case Form::path:
        result.in_path = true;
        if (stage == Stage::request) add_path(url, w.prefix);
        break;
      case Form::query:
        result.in_path = true;
        if (stage == Stage::request) add_query(url, w.prefix, w.names);
        break;
    }
  }
}

// `inner`: host, perhaps user-info before it, perhaps port, path and query after it.
void Unwrapper::add(std::string_view inner, Stage stage) {
  if (count_ == max_inner) return;
  const std::size_t end = std::min(inner.find_first_of("/?#\\"), inner.size());
  const std::size_t user = inner.substr(0, end).rfind('@');
  if (user != std::string_view::npos) inner.remove_prefix(user + 1);
  Url& url = inner_[count_];
  text_ = stage == Stage::host ? "" : "http://";
  append_escaped(inner, text_);
  if (stage == Stage::host) text_ += ":443";
  const bool failed = (stage == Stage::host ? url.parse_authority(text_) : url.parse(text_)).has_value();
  if (!failed) ++count_;
}

void Unwrapper::add_label(const Url& url, std::string_view label, bool path_is_inner, Stage stage) {
  if (!unwrap_label(label, value_)) return;
  if (path_is_inner && stage == Stage::request) value_ += url.target();
  add(value_, stage);
}

void Unwrapper::add_path(const Url& url, std::string_view prefix) {
  const std::string_view path = url.match_path(true);
  const std::string_view whole = url.match_lower();
  if (!path.starts_with(prefix)) return;
  std::string_view rest(path.data(), static_cast<std::size_t>(whole.data() + whole.size() - path.data()));
  rest.remove_prefix(prefix.size());
  for (std::size_t words = 0; words <= max_words; ++words) {
    std::string_view inner = rest;
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    if (take_scheme(inner) || rest.substr(0, end).find('.') != std::string_view::npos)
      return add(inner, Stage::request);
    if (end == rest.size() || rest[end] == '?') return;
    rest.remove_prefix(end + 1);
  }
}

void Unwrapper::add_query(const Url& url, std::string_view prefix, std::string_view names) {
  if (!url.match_path(true).starts_with(prefix)) return;
  const std::string_view target = url.target();
  std::string_view left = target.substr(std::min(target.find('?'), target.size()));
  while (!left.empty()) {
    left.remove_prefix(1);  // '?' or '&'
    const std::size_t end = std::min(left.find('&'), left.size());
    const std::string_view parameter = left.substr(0, end);
    left.remove_prefix(end);
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    percent_decode(parameter.substr(0, equals), value_);
    std::transform(value_.begin(), value_.end(), value_.begin(), lower);
    value_ = ',' + value_ + ',';
    if (names.find(value_) == std::string_view::npos) continue;
    percent_decode(parameter.substr(equals + 1), value_);
    std::string_view value = value_;
    value.remove_prefix(std::min(value.find_first_not_of(" +"), value.size()));
    take_cache_prefix(value);
    value = value.substr(0, value.find_first_of(" +"));
    (void)take_scheme(value);
    if (value.substr(0, value.find_first_of("/?")).find('.') != std::string_view::npos)
      add(value, Stage::request);
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
