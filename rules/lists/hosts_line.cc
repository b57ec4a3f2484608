#include "rules/lists/hosts_line.h"

#include <algorithm>
#include <string>

#include "rules/lists/line_text.h"
#include "rules/url/ip.h"

namespace schoolgate {
namespace {

// What every hosts file says about the machine itself.
bool is_local_name(std::string_view name) noexcept {
  constexpr std::string_view names[] = {"localhost",      "localhost.localdomain", "local",
                                        "broadcasthost",  "ip6-localhost",         "ip6-loopback",
                                        "ip6-localnet",   "ip6-mcastprefix",       "ip6-allnodes",
                                        "ip6-allrouters", "ip6-allhosts",          "0.0.0.0"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// "$$", "//", "(note": no name begins so, and what follows is no name either.
bool begins_a_comment(std::string_view word) noexcept {
  return std::string_view("!\"$%&'()+,/:;<=>?@\\^`{|}~").find(word.front()) != std::string_view::npos &&
         !IpAddress::parse(word);
}

}  // namespace

bool is_hosts_address(std::string_view word) noexcept {
  return word == "0" || IpAddress::parse(word.substr(0, word.find('%'))).has_value();
}

std::string_view hosts_without_comment(std::string_view line) noexcept {
  return trimmed(line.substr(0, line.find('#')));
}

void read_hosts(std::string_view line, EntryMaker& make, ListLineSink& sink) {
  std::string_view rest = line;
  const std::string_view address = take_word(rest);
  if (!is_hosts_address(address))
    return sink.refuse(address, say("\"{}\" is no address", address),
                       say("a line of a hosts file is: address name ..."));
  std::string_view name = take_word(rest);
  if (name.empty() || begins_a_comment(name))
    return sink.refuse(address, say("an address without a name"), {});
  for (; !name.empty() && !begins_a_comment(name); name = take_word(rest)) {
    if (is_local_name(name))
      sink.ignore(Ignored::local_name);
    else
      make.host(name, name, sink);
  }
}

}  // namespace schoolgate
