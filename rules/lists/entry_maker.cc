#include "rules/lists/entry_maker.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>

#include "rules/lists/line_text.h"
#include "rules/patterns/build/reach.h"
#include "rules/url/ip.h"

namespace schoolgate {
namespace {

bool is_lower_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text.substr(0, 80)) + "\"";
}

// "255.255.255.0" as a length.
std::optional<int> length_of_mask(std::string_view text) noexcept {
  const auto mask = IpAddress::parse(text);
  if (!mask || !mask->is_v4()) return std::nullopt;
  const std::uint32_t value = mask->v4_value();
  const int ones = std::countl_one(value);
  return ones + std::countr_zero(value) == 32 || value == 0 ? std::optional(ones) : std::nullopt;
}

// A network as it is written; its host bits may be set.
std::optional<Network> network_in(std::string_view token, std::string& text) {
  const std::size_t slash = token.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  text = token;
  if (const auto length = length_of_mask(token.substr(slash + 1)); length && token.find(':') > slash)
    text = std::string(token.substr(0, slash + 1)) + std::to_string(*length);
  return Network::around(text);
}

}  // namespace

bool is_plain_name(std::string_view token) noexcept {
  if (token.size() > 253) return false;
  std::size_t label = 0;  // where the present one begins
  for (std::size_t i = 0; i <= token.size(); ++i) {
    if (i < token.size() && token[i] != '.') {
      if (!is_lower_or_digit(token[i]) && token[i] != '-' && token[i] != '_') return false;
      continue;
    }
    if (i == label || i - label > 63) return false;
    if (token.substr(label, i - label).starts_with("xn--")) return false;
    if (i == token.size()) return token[label] < '0' || token[label] > '9';  // perhaps an address
    label = i + 1;
  }
  return false;
}

void EntryMaker::host(std::string_view token, std::string_view where, ListLineSink& sink,
                      const RuleEntry& like, std::string_view written) {
  RuleEntry entry = like;
  entry.kind = RuleKind::domain;
  if (is_plain_name(token)) [[likely]] {
    entry.text = token;
    return sink.accept(std::move(entry), where);
  }
  if (written.empty()) written = token;
  if (token.find_first_of("/:?@") != std::string_view::npos && !IpAddress::parse(token) &&
      !token.starts_with('['))
    return sink.refuse(written, say("{} is not a host name alone", quoted(written)),
                       say("write the name only; addresses of pages belong in a list of the format urls"));
  text_ = token;
  if (token.find(':') != std::string_view::npos && !token.starts_with('[')) text_ = "[" + text_ + "]";
  if (const auto parsed = parse_host(text_, host_); parsed.failed())
    return sink.refuse(written, say("{}: {}", quoted(written), message_of(parsed.error())), {});
  entry.text = host_.text;
  sink.accept(std::move(entry), where);
}

bool EntryMaker::network(std::string_view token, std::string_view where, ListLineSink& sink,
                         const RuleEntry& like, std::string_view written) {
  const auto network = network_in(token, text_);
  if (!network) return false;
  if (written.empty()) written = token;
  if (is_wide(*network)) {
    sink.refuse(written, say("{} is a good part of the Internet: left out", quoted(written)),
                say("a list takes networks up to /8 of IPv4 and /19 of IPv6"));
  } else if (!Network::parse(text_)) {
    sink.refuse(written, say("{} has more than zeros behind its mask", quoted(written)),
                say("the network is {}", network->cidr()));
  } else {
    RuleEntry entry;
    entry.kind = RuleKind::network;
    entry.exception = like.exception;
    entry.important = like.important;
    entry.text = network->cidr();
    sink.accept(std::move(entry), where);
  }
  return true;
}

void EntryMaker::host_or_network(std::string_view token, std::string_view where, ListLineSink& sink,
                                 const RuleEntry& like) {
  if (token.find('/') == std::string_view::npos || !network(token, where, sink, like))
    host(token, where, sink, like);
}

void EntryMaker::url(std::string_view address, std::string_view where, ListLineSink& sink,
                     const RuleEntry& like) {
  std::string_view rest = address;
  const std::size_t scheme = address.find("://");
  if (scheme != std::string_view::npos && scheme < address.find_first_of("/?")) {
    const std::string name = lower_case(address.substr(0, scheme));
    if (name != "http" && name != "https")
      return sink.refuse(address.substr(0, scheme), say("{} is not a web address", quoted(name)),
                         say("http or https, or no scheme"));
    rest.remove_prefix(scheme + 3);
  }
  text_ = "http://" + escape_typed_url(rest);
  if (const auto parsed = url_.parse(text_); parsed.failed())
    return sink.refuse(rest, say("{}: {}", quoted(rest), message_of(parsed.error())), {});
  RuleEntry entry = like;
  entry.kind = RuleKind::url;
  entry.text = url_.match_host();
  entry.text += url_.match_path(true);
  if (const std::string_view query = url_.match_query(true); !query.empty()) {
    entry.text += '?';
    entry.text += query;
  }
  sink.accept(std::move(entry), where);
}

void EntryMaker::pattern(std::string_view written, std::string text, std::string_view where,
                         ListLineSink& sink, const RuleEntry& like) {
  if (const auto checked = check_pattern(text, false); checked.failed()) {
    const PatternProblem& problem = checked.error();
    // The place is known for a pattern as written; a rewritten one is marked as a whole.
    const std::size_t at = text == written ? std::min<std::size_t>(problem.offset, written.size()) : 0;
    return sink.refuse(written.substr(at), problem.message, say("patterns are written in RE2 syntax"));
  }
  if (!can_match_an_address({text, like.target, false}))
    return sink.refuse(written, say("no address can match this pattern"),
                       text == written && can_match_an_address({text, PatternTarget::host, false})
                           ? say("did you mean host:{} ?", written)
                           : Message());
  RuleEntry entry = like;
  entry.kind = RuleKind::pattern;
  entry.text = std::move(text);
  sink.accept(std::move(entry), where);
}

}  // namespace schoolgate
