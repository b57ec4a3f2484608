#include "rules/lists/adblock_line.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "rules/lists/host_wildcard.h"
#include "rules/lists/hosts_line.h"
#include "rules/lists/line_text.h"
#include "rules/patterns/build/reach.h"
#include "rules/url/ip.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {
namespace {

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The sites that stand before the mark of a cosmetic rule: "a.com,~b.com", "[$path=/x]a.com", or nothing.
bool is_site_list(std::string_view text) noexcept {
  return text.starts_with("[$") || std::all_of(text.begin(), text.end(), [](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) > 0x7f ||
                  std::string_view(".,~*-_").find(c) != std::string_view::npos;
         });
}

// What the options make of a rule.
struct Options {
  bool important = false, takes_back = false;
  bool understood = true;  // false: one narrows the rule, or is not known
};

Options read_options(const AdblockRule& rule) {
  Options out;
  rule.each_option([&](std::string_view written) {
    const std::string option = lower_case(written);
    if (option == "important")
      out.important = true;
    else if (option == "badfilter")
      out.takes_back = true;
    // These do not narrow the rule. As an exception "popup" would reach further than its author meant.
    else if (option != "all" && option != "document" && option != "doc" &&
             option.find_first_not_of('_') != std::string::npos && (option != "popup" || rule.exception))
      out.understood = false;
  });
  return out;
}

// The same for two rules that differ only in the order of their options and in "badfilter".
std::string key_of(const AdblockRule& rule) {
  std::vector<std::string> options;
  rule.each_option([&](std::string_view option) {
    std::string text = lower_case(option);
    if (text != "badfilter" && text.find_first_not_of('_') != std::string::npos)
      options.push_back(std::move(text));
  });
  std::sort(options.begin(), options.end());
  std::string key = rule.exception ? "@@" : "";
  key += rule.expression ? "/" + std::string(rule.pattern) + "/" : lower_case(rule.pattern);
  for (const std::string& option : options) key += '$' + option;
  return key;
}

// Reads one rule whose options are understood.
class RuleReader {
 public:
  RuleReader(std::string_view line, const AdblockRule& rule, bool important, EntryMaker& make,
             ListLineSink& sink)
      : line_(line), rest_(rule.pattern), make_(make), sink_(sink) {
    like_.exception = rule.exception;
    like_.important = important;
  }

  void expression() {
    const bool has_slash = rest_.find('/') != std::string_view::npos;
    const std::string text(rest_);
    // Lists for name servers are about hosts; what speaks of "/" or can match no host is about addresses.
    like_.target = PatternTarget::host;
    if (check_pattern(text, false).ok() &&
        (has_slash || !can_match_an_address({text, PatternTarget::host, false})))
      like_.target = PatternTarget::url;
    if (is_too_broad(text, like_.target == PatternTarget::url)) return sink_.ignore(Ignored::too_broad);
    make_.pattern(rest_, text, line_, sink_, like_);
  }

  void pattern() {
    take_begin();
    take_end();
    if (rest_.find('/') != std::string_view::npos) return address();
    if (rest_.find_first_of("?=&") != std::string_view::npos) return sink_.ignore(Ignored::path_rule);
    if (rest_.find_first_not_of("*.-_") == std::string_view::npos) return sink_.ignore(Ignored::too_broad);
    switch (begin_) {
      case Begin::label:
        return from_label();
      case Begin::host:
        return from_host();
      case Begin::anywhere:
        return from_anywhere();
    }
  }

 private:
  using Begin = HostWildcard::Begin;
  enum class End : unsigned char {
    none,       // the text just ends
    separator,  // "^"
    whole,      // "|"
    open,       // "*"
  };

  // "://" stands before every host: AdGuard's own lists for name servers write "://ads." so.
  void take_begin() noexcept {
    constexpr std::pair<std::string_view, Begin> marks[] = {
        {"||", Begin::label}, {"|", Begin::host}, {"://", Begin::host}};
    for (const auto& [mark, begin] : marks) {
      if (!rest_.starts_with(mark)) continue;
      begin_ = begin;
      rest_.remove_prefix(mark.size());
      return;
    }
  }

  // "^", "|", "^|", "*", "^*" in any mixture.
  void take_end() noexcept {
    for (; !rest_.empty(); rest_.remove_suffix(1)) {
      if (rest_.ends_with('^'))
        end_ = end_ == End::whole ? End::whole : End::separator;
      else if (rest_.ends_with('*') && rest_.size() > 1)
        end_ = End::open;
      else if (rest_.ends_with('|'))
        end_ = End::whole;
      else
        return;
    }
  }

  [[nodiscard]] bool has_dot() const noexcept { return rest_.find('.') != std::string_view::npos; }
  [[nodiscard]] bool has_star() const noexcept { return rest_.find('*') != std::string_view::npos; }
  [[nodiscard]] bool is_closed() const noexcept { return end_ == End::separator || end_ == End::whole; }

  // "*.example.com", ".example.com": what lies below alone.
  bool took_below() {
    std::string_view name = rest_;
    name.remove_prefix(name.starts_with("*.") ? 2 : name.starts_with('.') ? 1 : 0);
    if (name.size() == rest_.size() || end_ == End::open || !is_name(name)) return false;
    like_.itself = false;
    make_.host(name, line_, sink_, like_);
    return true;
  }

  static bool is_name(std::string_view text) noexcept {
    return !text.empty() && text.front() != '.' && text.back() != '.' &&
           text.find('*') == std::string_view::npos;
  }

  void wildcard() {
    if (!is_host_wildcard(rest_)) return sink_.ignore(Ignored::other_rule);
    const HostWildcard wildcard{rest_, begin_, is_closed()};
    if (is_too_broad(wildcard)) return sink_.ignore(Ignored::too_broad);
    like_.target = PatternTarget::host;
    make_.pattern(rest_, to_pattern(wildcard), line_, sink_, like_);
  }

  // "||example.com^". Without "^" a name is a name too: that it would also begin "example.community" is
  // nobody's meaning. What ends in a dot or has none, as "||ads." and "||adserv", is the beginning of names.
  void from_label() {
    if (took_below()) return;
    if (rest_.find_first_of("^|") != std::string_view::npos) return sink_.ignore(Ignored::path_rule);
    if (rest_.starts_with('.') || rest_.find('[') != std::string_view::npos ||
        (rest_.ends_with('.') && is_closed()))
      return sink_.ignore(Ignored::other_rule);
    if (IpAddress::parse(rest_)) return make_.host(rest_, line_, sink_, like_);
    if (rest_.find(':') != std::string_view::npos) return sink_.ignore(Ignored::other_rule);  // a port
    const bool begins_names =
        rest_.ends_with('.') || end_ == End::open ||
        (end_ == End::none && !has_dot() && public_suffix(lower_case(rest_)) == Suffix::none);
    if (has_star() || begins_names) return wildcard();
    make_.host(rest_, line_, sink_, like_);
  }

  // "|example.com^": the host begins and ends here.
  void from_host() {
    if (!has_dot() || !is_host_wildcard(rest_)) return sink_.ignore(Ignored::other_rule);
    if (has_star() || end_ == End::open || !is_name(rest_)) return wildcard();
    like_.subdomains = false;
    make_.host(rest_, line_, sink_, like_);
  }

  // Without any mark of Adblock it is a name of a plain list, perhaps with "*" in it, read as those are: the
  // host and what lies below. "example.com^" is Adblock's: a host that ends so.
  void from_anywhere() {
    if (!is_closed() && like_.exception) return sink_.ignore(Ignored::other_rule);
    if (end_ == End::none && IpAddress::parse(rest_)) return make_.host(rest_, line_, sink_, like_);
    if (!has_dot() || rest_.find_first_of(" \t[]^|:") != std::string_view::npos)
      return sink_.ignore(Ignored::other_rule);
    if (took_below()) return;
    if (is_closed()) return wildcard();
    if (end_ == End::none && looks_like_a_host(rest_)) return make_.host(rest_, line_, sink_, like_);
    if ((!has_star() && end_ != End::open) || rest_.starts_with('.'))
      return sink_.ignore(Ignored::other_rule);
    begin_ = Begin::label;
    if (end_ == End::none) end_ = End::whole;
    wildcard();
  }

  // No "-300.250", which is a part of addresses, and nothing that no host has.
  static bool looks_like_a_host(std::string_view text) noexcept {
    const std::size_t last = text.rfind('.') + 1;
    return is_name(text) && !(text[last] >= '0' && text[last] <= '9') &&
           std::all_of(text.begin(), text.end(), [](char c) {
             return static_cast<unsigned char>(c) > 0x7f || is_host_wildcard({&c, 1});
           });
  }

  // "||example.com/ads/". A path that is not plain, or is asked for on every host, is for browsers.
  void address() {
    const std::size_t end = rest_.find_first_of("/?:^");
    const std::string_view host = rest_.substr(0, end), path = rest_.substr(end);
    if (begin_ != Begin::label || end_ == End::whole || !is_name(host) ||
        host.find_first_of("[@") != std::string_view::npos || !is_plain_path(path))
      return sink_.ignore(Ignored::path_rule);
    if (path == "/") return make_.host(host, line_, sink_, like_);
    if (end_ == End::separator && path.ends_with('/')) return sink_.ignore(Ignored::path_rule);
    if (public_suffix(lower_case(host)) == Suffix::registry) return sink_.ignore(Ignored::too_broad);
    like_.open_end = end_ != End::separator;
    AddressSink checked(sink_);
    make_.url(rest_, line_, checked, like_);
  }

  // No part of it means more than its letters, and none is folded away when addresses are compared.
  static bool is_plain_path(std::string_view path) {
    const std::string text = lower_case(path);
    return text.starts_with('/') && text.find_first_of("*^|# \t") == std::string::npos &&
           text.find("//") == std::string::npos && text.find("/./") == std::string::npos &&
           text.find("/../") == std::string::npos && text.find("%2e") == std::string::npos &&
           text.find("%2f") == std::string::npos && !text.ends_with("/.") && !text.ends_with("/..") &&
           !text.ends_with('?');
  }

  // Whatever else is folded: a rule about a path never becomes one about a whole host.
  class AddressSink final : public ListLineSink {
   public:
    explicit AddressSink(ListLineSink& sink) : sink_(sink) {}
    void accept(RuleEntry&& entry, std::string_view where) override {
      if (!whole_host(entry).empty()) return sink_.ignore(Ignored::path_rule);
      sink_.accept(std::move(entry), where);
    }
    void ignore(Ignored reason) override { sink_.ignore(reason); }
    void refuse(std::string_view where, Message message, Message hint) override {
      sink_.refuse(where, std::move(message), std::move(hint));
    }

   private:
    ListLineSink& sink_;
  };

  std::string_view line_, rest_;
  EntryMaker& make_;
  ListLineSink& sink_;
  RuleEntry like_;
  Begin begin_ = Begin::anywhere;
  End end_ = End::none;
};

}  // namespace

// "a.com##.ad", "#@#.ad", "a.com$$script[x]". A mark behind a blank begins a comment, not a selector.
bool is_cosmetic(std::string_view line) noexcept {
  constexpr std::string_view marks[] = {"##",   "#@#",   "#?#", "#@?#", "#$#", "#@$#",
                                        "#$?#", "#@$?#", "#%#", "#@%#", "$$",  "$@$"};
  for (const char begin : {'#', '$'}) {
    for (std::size_t at = line.find(begin); at != std::string_view::npos; at = line.find(begin, at + 1)) {
      if (!is_site_list(line.substr(0, at))) break;
      for (const std::string_view mark : marks) {
        std::string_view selector = line.substr(std::min(at + mark.size(), line.size()));
        selector.remove_prefix(std::min(selector.find_first_not_of('#'), selector.size()));
        if (line.substr(at).starts_with(mark) && !selector.empty() && !is_blank(selector.front()))
          return true;
      }
    }
  }
  return false;
}

AdblockRule AdblockRule::of(std::string_view line) noexcept {
  AdblockRule out;
  out.exception = line.starts_with("@@");
  std::string_view rest = out.exception ? line.substr(2) : line;
  // Options begin with a letter, so that "/ads\/$/" has none.
  std::size_t dollar = rest.rfind('$');
  while (dollar != std::string_view::npos && dollar + 1 < rest.size() && !is_letter(rest[dollar + 1]) &&
         rest[dollar + 1] != '~' && rest[dollar + 1] != '_')
    dollar = dollar == 0 ? std::string_view::npos : rest.rfind('$', dollar - 1);
  if (rest.size() > 2 && rest.starts_with('/')) {
    const std::size_t close = rest.ends_with('/') ? rest.size() - 1 : rest.rfind("/$");
    if (close != std::string_view::npos && close > 1 && (close + 1 == rest.size() || close + 1 == dollar)) {
      out.expression = true;
      out.pattern = rest.substr(1, close - 1);
      out.options = close + 1 == rest.size() ? std::string_view() : trimmed(rest.substr(dollar + 1));
      return out;
    }
  }
  out.pattern = trimmed(rest.substr(0, dollar));
  if (dollar != std::string_view::npos) out.options = trimmed(rest.substr(dollar + 1));
  return out;
}

void AdblockRule::each_option(const std::function<void(std::string_view)>& take) const {
  std::string_view left = options;
  while (!left.empty()) {
    std::size_t comma = left.find(',');
    while (comma != std::string_view::npos && comma > 0 && left[comma - 1] == '\\')
      comma = left.find(',', comma + 1);
    if (const std::string_view option = trimmed(left.substr(0, comma)); !option.empty()) take(option);
    left = comma == std::string_view::npos ? std::string_view() : left.substr(comma + 1);
  }
}

TakenBack::TakenBack(std::string_view text) {
  each_line_with(text, "badfilter", [&](std::string_view whole) {
    const std::string_view line = adblock_without_comment(whole);
    if (line.empty() || is_cosmetic(line) || is_hosts_line(line)) return true;
    const AdblockRule rule = AdblockRule::of(line);
    if (read_options(rule).takes_back) keys_.insert(key_of(rule));
    return true;
  });
}

bool TakenBack::holds(const AdblockRule& rule) const {
  return !keys_.empty() && keys_.count(key_of(rule)) != 0;
}

std::string_view adblock_without_comment(std::string_view line) noexcept {
  if (line.starts_with('!')) return {};
  if (line.starts_with('[') && line.ends_with(']') && !line.starts_with("[$"))
    return {};  // "[Adblock Plus 2.0]"
  if (is_cosmetic(line)) return line;
  if (line.starts_with('#')) return {};
  if (is_hosts_line(line)) return hosts_without_comment(line);
  const std::string_view rule = without_comment(line, '#');
  return rule.size() == line.size() ? without_comment(line, '!') : rule;
}

bool is_hosts_line(std::string_view line) noexcept {
  std::string_view rest = line;
  return is_hosts_address(take_word(rest)) && !trimmed(rest).empty() &&
         std::string_view("#!").find(trimmed(rest).front()) == std::string_view::npos;
}

void read_adblock(std::string_view line, const TakenBack& taken_back, EntryMaker& make, ListLineSink& sink) {
  if (is_cosmetic(line)) return sink.ignore(Ignored::cosmetic_rule);
  const AdblockRule rule = AdblockRule::of(line);
  const Options options = read_options(rule);
  if (options.takes_back) return sink.ignore(Ignored::takes_back);
  if (taken_back.holds(rule)) return sink.ignore(Ignored::taken_back);
  if (!options.understood) return sink.ignore(Ignored::unsupported_option);
  RuleReader reader(line, rule, options.important, make, sink);
  rule.expression ? reader.expression() : reader.pattern();
}

}  // namespace schoolgate
