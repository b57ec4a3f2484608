#include "rules/lists/line_look.h"

#include <algorithm>

#include "rules/lists/adblock_line.h"
#include "rules/lists/domain_set.h"
#include "rules/lists/entry_maker.h"
#include "rules/lists/hosts_line.h"
#include "rules/lists/line_text.h"
#include "rules/url/ip.h"

namespace schoolgate {
namespace {

using F = ListFormat;

constexpr LineLook name_alone{F::domains, "a name alone", "domains"};
constexpr LineLook network_alone{F::domains, "192.0.2.0/24", "a list of networks"};
constexpr LineLook name_expression{F::patterns, "(^|\\.)name$", "expressions about names alone"};
constexpr LineLook web_page{std::nullopt, "<html>", "a web page"};

// Shapes and kinds that are no words of a format.
Message in_words(std::string_view text) {
  for (const Message& words : {say("a name alone"), say("a list of networks"), say("a regular expression"),
                               say("a set of rules of Surge or Clash"), say("expressions about names alone"),
                               say("a web page"), say("a configuration of Unbound")})
    if (words.sentence() == text) return words;
  return Message(text);
}

bool starts_with_one_of(std::string_view line, std::initializer_list<std::string_view> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](std::string_view beginning) { return line.starts_with(beginning); });
}

// A record of a zone, or what stands at its head (RFC 1035, 5.1).
bool is_zone_line(std::string_view line) {
  if (starts_with_one_of(line, {"$TTL", "$ORIGIN", "$INCLUDE", "$GENERATE"})) return true;
  (void)take_word(line);
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
    const std::string kind = lower_case(word);
    if (kind == "cname" || kind == "soa") return true;
  }
  return false;
}

// "<" and the name of an element, a comment or a document's type.
bool is_markup(std::string_view line) {
  if (line.size() < 3 || line[0] != '<') return false;
  const char second = line[1] == '/' ? line[2] : line[1];
  return second == '!' || (second >= 'a' && second <= 'z') || (second >= 'A' && second <= 'Z');
}

// As Pi-hole and others have them: the expression begins where a name or a label does, and knows no path.
bool is_name_expression(std::string_view line) {
  return line.find('/') == std::string_view::npos &&
         starts_with_one_of(line, {"(^|\\.)", "(\\.|^)", "(?:^|\\.)", "(?:\\.|^)", "^(.+\\.)", "^(.*\\.)",
                                   "^(?:.+\\.)", "^(?:.*\\.)", "^(.+[", "^(.*[", "^(?:.+[", "^(?:.*["});
}

bool is_name(std::string_view text) {
  return text.find('.') != std::string_view::npos && is_plain_name(lower_case(text));
}

// One word, without what a list of YAML has around it.
std::optional<LineLook> look_of_word(std::string_view word) {
  if (word.find('/') != std::string_view::npos && Network::parse(word)) return network_alone;
  if (is_name(word) || (word.starts_with('.') && is_name(word.substr(1)))) return name_alone;
  const std::string_view host = word.substr(0, word.find('/'));
  if (starts_with_one_of(word, {"http://", "https://"}) || (host.size() < word.size() && is_name(host)))
    return LineLook{F::urls, "name/path", "urls"};
  if (word.find_first_of("\\([{") != std::string_view::npos || word.find(".*") != std::string_view::npos ||
      word.ends_with('$') || (word.starts_with('^') && word.size() > 1))
    return LineLook{F::patterns, "a regular expression", "patterns"};
  return std::nullopt;
}

}  // namespace

std::optional<LineLook> look_of(std::string_view line) {
  if (starts_with_one_of(line, {"local=/", "server=/"}))
    return LineLook{F::dnsmasq, "local=/name/", "dnsmasq"};
  if (line.starts_with("address=/")) return LineLook{F::dnsmasq, "address=/name/", "dnsmasq"};
  if (starts_with_one_of(line, {"||", "@@"}) || is_cosmetic(line))
    return LineLook{F::adblock, "||name^", "adblock"};
  if (is_markup(line)) return web_page;
  if (starts_with_one_of(line, {"local-zone:", "local-data:"}))
    return LineLook{std::nullopt, "local-zone: \"name\"", "a configuration of Unbound"};
  if (!included_path(line).empty()) return LineLook{F::e2guardian, ".Include<FILE>", "e2guardian"};
  const bool is_item = line.starts_with("- ");
  const std::string_view item = is_item ? trimmed(line.substr(2)) : line;
  if (starts_with_one_of(item, {"DOMAIN,", "DOMAIN-SUFFIX,", "DOMAIN-KEYWORD,", "IP-CIDR,", "IP-CIDR6,"}))
    return LineLook{std::nullopt, "DOMAIN-SUFFIX,name", "a set of rules of Surge or Clash"};
  if (is_item || line.starts_with("+.")) return LineLook{F::clash, "+.name", "clash"};
  std::string_view rest = line;
  const std::string_view first = take_word(rest);
  if (trimmed(rest).empty()) return look_of_word(first);
  if (is_hosts_address(first)) return LineLook{F::hosts, "0.0.0.0 name", "hosts"};
  if (is_zone_line(line)) return LineLook{F::rpz, "name CNAME .", "rpz"};
  return std::nullopt;
}

Message message_of(const OtherFormat& other) {
  return say("{} of {} lines are like {}, the first in line {}: this is {}", other.count, other.of,
             in_words(other.look.shape), other.first_line, in_words(other.look.kind));
}

Message hint_of(const OtherFormat& other) {
  if (other.look.kind == web_page.kind)
    return say("it is a page for people: find the address of the file itself");
  if (!other.look.format) return say("it is none of the formats that are read");
  const std::string_view format = to_string(*other.look.format);
  return *other.look.format == F::patterns
             ? say("format: {}, with host: in front of expressions that are about names", format)
             : say("format: {}", format);
}

bool Looks::takes_anything(ListFormat format) noexcept {
  return format == F::urls || format == F::expressions || format == F::patterns;
}

void Looks::add(std::string_view line, std::uint32_t number) {
  const auto look = look_of(line);
  if (!look || look->format == own_) return;
  // What these formats have among their own lines.
  if (own_ == F::adblock && look->shape != network_alone.shape &&
      (look->format == F::domains || look->format == F::hosts))
    return;
  if ((own_ == F::expressions || own_ == F::patterns) && look->format == F::patterns) return;
  count(*look, number);
}

void Looks::add_taken(std::string_view line, std::uint32_t number) {
  if (is_plain_name(line) && line.find('.') != std::string_view::npos) return count(name_alone, number);
  if (own_ == F::urls) return;
  if (own_ == F::patterns && is_name_expression(line)) return count(name_expression, number);
  const auto look = look_of(line);  // what looks like an address or an expression is one
  if (look && look->format != F::patterns && look->format != F::urls && look->format != F::domains)
    count(*look, number);
}

void Looks::count(const LineLook& look, std::uint32_t number) {
  OtherFormat& seen = seen_[look.format ? static_cast<std::size_t>(*look.format) : seen_.size() - 1];
  if (seen.count++ != 0) return;
  seen.look = look;
  seen.first_line = number;
}

std::optional<OtherFormat> Looks::most(std::uint64_t lines) const {
  const auto most = std::max_element(seen_.begin(), seen_.end(),
                                     [](const auto& a, const auto& b) { return a.count < b.count; });
  if (2 * most->count <= lines) return std::nullopt;
  OtherFormat out = *most;
  out.of = lines;
  return out;
}

}  // namespace schoolgate
