#include "rules/lists/dnsmasq_line.h"

#include <algorithm>

#include "rules/lists/line_text.h"
#include "rules/url/ip.h"

namespace schoolgate {
namespace {

// "address", "no-resolv"; no name of a host, which has a dot.
bool is_option(std::string_view word) noexcept {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

// "/a.com/b.com/0.0.0.0" taken apart: the names between the slashes, and what stands behind the last.
struct Assignment {
  std::string_view names, target;
};

}  // namespace

bool leads_nowhere(std::string_view address) noexcept {
  const auto parsed = IpAddress::parse(address);
  if (!parsed) return false;
  const AddressClass kind = classify(*parsed);
  return kind == AddressClass::unspecified || kind == AddressClass::loopback;
}

void read_dnsmasq(std::string_view line, EntryMaker& make, ListLineSink& sink) {
  const std::size_t equals = line.find('=');
  const std::string_view option = trimmed(line.substr(0, equals));
  if (!is_option(option))
    return sink.refuse(line, say("no line of a dnsmasq configuration"),
                       say("address=/name/ or local=/name/"));
  const bool has_address = option == "address", has_server = option == "server" || option == "local";
  if (!has_address && !has_server) return sink.ignore(Ignored::other_rule);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : trimmed(line.substr(equals + 1));
  if (!value.starts_with('/')) return sink.ignore(Ignored::names_a_server);  // for every name
  const std::size_t last = value.rfind('/');
  if (last == 0)
    return sink.refuse(value, say("no \"/\" behind the name"), say("address=/name/ or local=/name/"));
  const Assignment assigned{value.substr(1, last - 1), trimmed(value.substr(last + 1))};
  const bool blocks =
      assigned.target.empty() || (has_address && (assigned.target == "#" || leads_nowhere(assigned.target)));
  for (std::string_view left = assigned.names;;) {
    const std::size_t end = std::min(left.find('/'), left.size());
    std::string_view name = trimmed(left.substr(0, end));
    name.remove_prefix(name.starts_with("*.") ? 2 : name.starts_with('.') ? 1 : 0);
    if (!blocks)
      sink.ignore(Ignored::names_a_server);
    else if (name.empty())
      sink.ignore(Ignored::other_rule);  // names without a dot
    else if (name == "#" || name == "*")
      sink.ignore(Ignored::too_broad);
    else
      make.host(name, name, sink);
    if (end == left.size()) return;
    left.remove_prefix(end + 1);
  }
}

}  // namespace schoolgate
