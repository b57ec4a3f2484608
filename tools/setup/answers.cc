#include "tools/setup/answers.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "config/text/names.h"
#include "config/text/suggest.h"
#include "config/text/text_file.h"

namespace schoolgate::tools {
namespace {

using Facts = SetupFacts;
using Answers = SetupAnswers;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// One of the words, each with other spellings of it; the first of a row is what is kept.
Result<std::string> one_of(std::string_view text, std::initializer_list<std::vector<std::string_view>> rows,
                           Message error) {
  const std::string typed = lower(text);
  for (const auto& row : rows)
    if (std::find(row.begin(), row.end(), typed) != row.end()) return std::string(row.front());
  return Error{std::move(error)};
}

Result<std::string> read_words(std::string_view text, const Answers&, const Facts&) {
  constexpr std::size_t most = 200;
  if (text.empty()) return Error{say("this cannot be empty")};
  if (text.size() > most) return Error{say("this is too long: at most {} bytes", most)};
  if (first_bad_utf8(text) != std::string_view::npos) return Error{say("this is not UTF-8 text")};
  for (const char c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f')
      return Error{say("this has a character that no keyboard types")};
  return std::string(text);
}

Result<std::string> read_language(std::string_view text, const Answers&, const Facts&) {
  return one_of(text, {{"vi", "v", "tiếng việt"}, {"en", "e", "english"}}, say("answer vi or en"));
}

Result<std::string> read_topology(std::string_view text, const Answers&, const Facts&) {
  return one_of(text, {{"inline", "a"}, {"one-arm", "b"}, {"router", "c"}},
                say("answer inline (A), one-arm (B) or router (C)"));
}

Result<std::string> read_interface(std::string_view text, const Answers&, const Facts& facts) {
  const std::string name(text);
  if (!is_interface_name(name)) return Error{say("\"{}\" cannot be a network interface", name)};
  if (facts.machine.find(name) == nullptr) {
    std::vector<std::string> known;
    for (const FoundInterface& one : facts.machine.interfaces) known.push_back(one.name);
    return Error{say("this machine has no interface \"{}\"; {}", name,
                     did_you_mean(name, known, say("see: ip link")))};
  }
  return name;
}

Result<std::string> read_outside(std::string_view text, const Answers& so_far, const Facts& facts) {
  auto name = read_interface(text, so_far, facts);
  if (name && *name == so_far.inside)
    return Error{say("that is the interface to the pupils; with one alone answer one-arm (B)")};
  return name;
}

Result<std::string> read_address(std::string_view text, const Answers& so_far, const Facts& facts) {
  const auto address = IpAddress::parse(text);
  if (!address || !address->is_v4()) return Error{say("\"{}\" is not an IPv4 address", std::string(text))};
  const FoundInterface* const inside = facts.machine.find(so_far.inside);
  if (inside != nullptr &&
      std::find(inside->addresses.begin(), inside->addresses.end(), *address) == inside->addresses.end())
    return Error{say("{} has no address {}: give it one first, then run setup again", so_far.inside,
                     address->to_string())};
  return address->to_string();
}

Result<std::string> read_ipv6(std::string_view text, const Answers& so_far, const Facts& facts) {
  auto word = one_of(text, {{"none", "no", "không"}, {"radvd", "yes", "có"}}, say("answer none or radvd"));
  if (!word || *word == "none") return word;
  const FoundInterface* const inside = facts.machine.find(so_far.inside);
  if (inside != nullptr && std::none_of(inside->addresses.begin(), inside->addresses.end(),
                                        [](const IpAddress& one) { return !one.is_v4(); }))
    return Error{say("{} has no IPv6 address of its own to advertise: give it one first, or answer none",
                     so_far.inside)};
  return word;
}

Result<std::string> read_networks(std::string_view text, const Answers&, const Facts& facts) {
  const auto networks = networks_in(text, facts.tiers);
  if (!networks) return networks.error();
  return text_of(*networks);
}

// The network of the interface to the pupils that the machine's address is in.
const Network* network_inside(const Answers& so_far, const Facts& facts) {
  const FoundInterface* const inside = facts.machine.find(so_far.inside);
  const auto address = IpAddress::parse(so_far.address);
  if (inside == nullptr || !address) return nullptr;
  for (std::size_t i = 0; i < inside->addresses.size(); ++i)
    if (inside->addresses[i] == *address) return &inside->networks[i];
  return nullptr;
}

Result<std::string> read_dhcp(std::string_view text, const Answers& so_far, const Facts& facts) {
  const std::string typed = lower(text);
  if (typed == "none" || typed == "no" || typed == "không") return std::string("none");
  const std::size_t dash = typed.find('-');
  const auto first = IpAddress::parse(trimmed(std::string_view(typed).substr(0, dash)));
  const auto last = dash == std::string::npos
                        ? std::nullopt
                        : IpAddress::parse(trimmed(std::string_view(typed).substr(dash + 1)));
  if (!first || !last || !first->is_v4() || !last->is_v4())
    return Error{say("write the first and the last address: 192.168.20.50-192.168.20.200; or none")};
  if (*last < *first) return Error{say("the first address is behind the last one")};
  const Network* const inside = network_inside(so_far, facts);
  if (inside != nullptr && (!inside->contains(*first) || !inside->contains(*last)))
    return Error{say("these addresses are not in {}, the network of {}", inside->to_string(), so_far.inside)};
  const auto own = IpAddress::parse(so_far.address);
  if (own && *first <= *own && *own <= *last)
    return Error{say("{} is this machine's own address: leave it out", so_far.address)};
  return first->to_string() + "-" + last->to_string();
}

Result<std::string> read_https(std::string_view text, const Answers& so_far, const Facts& facts) {
  constexpr std::string_view inspect = "inspect";
  const std::string typed = lower(text);
  if (!typed.starts_with(inspect))
    return one_of(text, {{"names", "name"}, {"block-page", "block page"}},
                  say("answer names, block-page, or inspect: and why"));
  std::string_view reason = trimmed(text.substr(inspect.size()));
  if (reason.starts_with(':')) reason = trimmed(reason.substr(1));
  if (reason.empty())
    return Error{say("pupils' connections are opened for a reason only; write it behind it: inspect: ...")};
  const auto words = read_words(reason, so_far, facts);
  if (!words) return words.error();
  return "inspect: " + *words;
}

Result<std::string> read_lists(std::string_view text, const Answers&, const Facts& facts) {
  std::string kept;
  for (const std::string& name : words_in(text)) {
    if (name == "none" || name == "không") continue;
    if (std::find(facts.lists.begin(), facts.lists.end(), name) == facts.lists.end())
      return Error{say("setup cannot enable a list \"{}\"; {}", name,
                       did_you_mean(name, facts.lists, say("see: schoolgate lists catalogue")))};
    kept += (kept.empty() ? "" : " ") + name;
  }
  return kept.empty() ? std::string("none") : kept;
}

bool always(const Answers&) {
  return true;
}
bool on_gateway(const Answers& so_far) {
  return so_far.is_gateway();
}
bool with_two_interfaces(const Answers& so_far) {
  return so_far.topology == "inline";
}

std::string nothing(const Answers&, const Facts&) {
  return "";
}
std::string usual_none(const Answers&, const Facts&) {
  return "none";
}
// On one cable devices come here only where this machine tells them to: a part of its network with neither
// its own address nor the router's. It starts only when no other server answers.
std::string usual_dhcp(const Answers& so_far, const Facts& facts) {
  constexpr int most_bits = 96 + 24;
  constexpr std::pair<std::uint32_t, std::uint32_t> parts[] = {{50, 200}, {201, 250}, {2, 49}};
  const Network* const inside = network_inside(so_far, facts);
  const auto own = IpAddress::parse(so_far.address);
  if (so_far.topology != "one-arm" || inside == nullptr || !own || inside->bits > most_bits) return "none";
  const std::uint32_t here = own->v4_value() & ~0xffU;
  std::vector<IpAddress> taken{*own};
  for (const FoundRoute& route : facts.machine.default_routes)
    if (const auto router = IpAddress::parse(route.router)) taken.push_back(*router);
  for (const auto& [from, to] : parts) {
    const IpAddress first = IpAddress::v4(here | from), last = IpAddress::v4(here | to);
    if (std::none_of(taken.begin(), taken.end(),
                     [&](const IpAddress& one) { return first <= one && one <= last; }))
      return first.to_string() + "-" + last.to_string();
  }
  return "none";
}

std::string usual_names(const Answers&, const Facts&) {
  return "names";
}
std::string usual_language(const Answers&, const Facts&) {
  return "vi";
}
std::string usual_topology(const Answers&, const Facts& facts) {
  return facts.machine.interfaces.size() > 1 ? "inline" : "one-arm";
}
std::string usual_outside(const Answers& so_far, const Facts& facts) {
  for (const FoundRoute& route : facts.machine.default_routes)
    if (route.interface != so_far.inside) return route.interface;
  return "";
}
// The one that is not the way to the world; that one where there is no other.
std::string usual_inside(const Answers& so_far, const Facts& facts) {
  const std::string way = usual_outside({}, facts);
  for (const FoundInterface& one : facts.machine.interfaces)
    if (one.name != way && !one.addresses.empty() && so_far.topology == "inline") return one.name;
  return way;
}
std::string usual_address(const Answers& so_far, const Facts& facts) {
  if (const FoundInterface* const inside = facts.machine.find(so_far.inside))
    for (const IpAddress& one : inside->addresses)
      if (one.is_v4()) return one.to_string();
  return "";
}

// What lies behind the interface to the pupils, in the tier of those whom nobody assigned.
std::string usual_networks(const Answers& so_far, const Facts& facts) {
  std::vector<SetupNetwork> all;
  if (const FoundInterface* const inside = facts.machine.find(so_far.inside))
    for (std::size_t i = 0; i < inside->networks.size(); ++i)
      if (inside->addresses[i].is_v4() || so_far.ipv6 == "radvd")
        all.push_back({inside->networks[i], facts.unknown_tier, ""});
  return text_of(all);
}

Message ask_interface_names(const Facts& facts, Message (*ask)(std::string)) {
  std::string all;
  for (const FoundInterface& one : facts.machine.interfaces) {
    all += (all.empty() ? "" : ", ") + one.name;
    for (std::size_t i = 0; i < one.addresses.size(); ++i) all += " " + one.addresses[i].to_string();
  }
  return ask(all);
}

std::string words_text(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
  return all;
}

constexpr SetupQuestion questions[] = {
    {"language", "vi|en", "the language of pages and commands", &Answers::language,
     [](const Facts&) { return say("Language, vi or en"); }, read_language, always, usual_language},
    {"school", "TEXT", "the name of the school", &Answers::school,
     [](const Facts&) { return say("Name of the school"); }, read_words, always, nothing},
    {"it", "TEXT", "who looks after the machine: shown on error pages", &Answers::it,
     [](const Facts&) { return say("Who looks after this machine (shown on error pages)"); }, read_words,
     always, nothing},
    {"person", "TEXT", "whom pupils turn to for help", &Answers::person,
     [](const Facts&) { return say("Whom pupils turn to for help: name"); }, read_words, always, nothing},
    {"room", "TEXT", "where that person is", &Answers::room,
     [](const Facts&) { return say("... in which room"); }, read_words, always, nothing},
    {"phone", "TEXT", "that person's telephone", &Answers::phone,
     [](const Facts&) { return say("... at which telephone number"); }, read_words, always, nothing},
    {"topology", "inline|one-arm|router", "where the machine stands", &Answers::topology,
     [](const Facts&) {
       return say(
           "Where this machine stands: inline (A) between two cables, one-arm (B) as the router of all "
           "on one cable, or router (C) behind a MikroTik or DrayTek that sends it the pupils' web");
     },
     read_topology, always, usual_topology},
    {"inside", "INTERFACE", "the interface to the pupils", &Answers::inside,
     [](const Facts& facts) {
       return ask_interface_names(
           facts, [](std::string all) { return say("Interface to the pupils, of {}", std::move(all)); });
     },
     read_interface, always, usual_inside},
    {"outside", "INTERFACE", "with --topology inline: the interface to the world", &Answers::outside,
     [](const Facts& facts) {
       return ask_interface_names(
           facts, [](std::string all) { return say("Interface to the world, of {}", std::move(all)); });
     },
     read_outside, with_two_interfaces, usual_outside},
    {"address", "ADDRESS", "this machine's address for the pupils", &Answers::address,
     [](const Facts&) { return say("Address of this machine there"); }, read_address, always, usual_address},
    {"ipv6", "none|radvd", "no IPv6 for pupils, or advertised by this machine", &Answers::ipv6,
     [](const Facts&) { return say("IPv6 for pupils: none, or radvd (advertised by this machine)"); },
     read_ipv6, on_gateway, usual_none},
    {"networks", "LIST", "which network is in which tier: \"192.168.20.0/24=thcs:Room 1; ...\"",
     &Answers::networks,
     [](const Facts& facts) {
       return say("Which network is in which tier ({}), as 192.168.20.0/24=thcs:LABEL; 192.168.30.0/24=...",
                  words_text(facts.tiers));
     },
     read_networks, always, usual_networks},
    {"dhcp", "FIRST-LAST|none", "the addresses that this machine hands out", &Answers::dhcp,
     [](const Facts&) {
       return say("Addresses that this machine hands out by DHCP, as 192.168.20.50-192.168.20.200, or none");
     },
     read_dhcp, on_gateway, usual_dhcp},
    {"https", "names|block-page|inspect:WHY", "what of https is looked at in pupils' tiers", &Answers::https,
     [](const Facts&) {
       return say(
           "https of pupils: names (nothing is opened), block-page (needs the school's certificate), or "
           "inspect: and why (opens what is not excepted)");
     },
     read_https, always, usual_names},
    {"lists", "NAMES|none", "published lists to enable", &Answers::lists,
     [](const Facts& facts) {
       return say("Published lists to enable, of {}, or none",
                  facts.lists.empty() ? "-" : words_text(facts.lists));
     },
     read_lists, always, usual_none},
};

}  // namespace

std::span<const SetupQuestion> setup_questions() noexcept {
  return questions;
}

void drop_what_does_not_apply(SetupAnswers& answers) {
  for (const SetupQuestion& question : questions)
    if (!question.applies(answers)) (answers.*question.field).clear();
}

std::vector<Message> odd_networks(const SetupAnswers& answers, const SetupFacts& facts) {
  std::vector<Message> odd;
  const auto answered = networks_in(answers.networks, facts.tiers);
  if (!answered || !answers.is_gateway()) return odd;
  const auto meet = [](const Network& a, const Network& b) {
    return a.contains(b.base) || b.contains(a.base);
  };
  if (const FoundInterface* const inside = facts.machine.find(answers.inside))
    for (const Network& network : inside->networks)
      if (network.base.is_v4() &&
          std::none_of(answered->begin(), answered->end(),
                       [&](const SetupNetwork& one) { return meet(one.network, network); }))
        odd.push_back(say("{}, the network of {}, is in no answer: its devices get no web",
                          network.to_string(), inside->name));
  for (const SetupNetwork& one : *answered) {
    const auto& all = facts.machine.interfaces;
    if (std::none_of(all.begin(), all.end(), [&](const FoundInterface& found) {
          return std::any_of(found.networks.begin(), found.networks.end(),
                             [&](const Network& network) { return meet(one.network, network); });
        }))
      odd.push_back(
          say("{} is on no interface of this machine: is it spelled right? Otherwise it has to lie behind "
              "another router there",
              one.network.to_string()));
  }
  return odd;
}

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (c != ' ' && c != ',' && c != ';' && c != '\t') {
      word += c;
      continue;
    }
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

Result<std::vector<SetupNetwork>> networks_in(std::string_view text, const std::vector<std::string>& tiers) {
  std::vector<SetupNetwork> all;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(';', at), text.size());
    const std::string_view one = trimmed(text.substr(at, end - at));
    at = end + 1;
    if (one.empty()) continue;
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos)
      return Error{say("\"{}\" names no tier: write NETWORK=TIER", std::string(one))};
    const std::string written(trimmed(one.substr(0, equals)));
    const std::string_view rest = trimmed(one.substr(equals + 1));
    const std::size_t colon = rest.find(':');
    SetupNetwork network;
    network.tier = trimmed(rest.substr(0, colon));
    if (colon != std::string_view::npos) network.label = trimmed(rest.substr(colon + 1));
    const auto parsed = Network::parse(written);
    if (!parsed) {
      const auto meant = Network::around(written);
      if (meant) return Error{say("\"{}\" is no network: {} is", written, meant->to_string())};
      return Error{say("\"{}\" is no network, as 192.168.20.0/24 is", written)};
    }
    if (is_wide(*parsed)) return Error{say("{} is a good part of the Internet, not a school", written)};
    network.network = *parsed;
    if (std::find(tiers.begin(), tiers.end(), network.tier) == tiers.end())
      return Error{say("there is no tier \"{}\"; {}", network.tier,
                       did_you_mean(network.tier, tiers, say("there are: {}", words_text(tiers))))};
    if (!network.label.empty())
      if (const auto label = read_words(network.label, {}, {}); !label) return label.error();
    for (const SetupNetwork& other : all)
      if (other.network == network.network) return Error{say("{} stands there twice", written)};
    all.push_back(std::move(network));
  }
  if (all.empty()) return Error{say("name one network at least")};
  return all;
}

std::string text_of(const std::vector<SetupNetwork>& networks) {
  std::string text;
  for (const SetupNetwork& one : networks) {
    if (!text.empty()) text += "; ";
    text += one.network.to_string() + "=" + one.tier;
    if (!one.label.empty()) text += ":" + one.label;
  }
  return text;
}

SetupAnswers remembered_answers(std::string_view text) {
  SetupAnswers answers;
  for_each_line(text, [&](std::string_view line, std::uint32_t) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    for (const SetupQuestion& question : questions)
      if (line.substr(0, colon) == question.key) answers.*question.field = trimmed(line.substr(colon + 1));
  });
  return answers;
}

std::string text_to_remember(const SetupAnswers& answers) {
  std::string text = "# What was answered to schoolgate setup; it begins with these the next time.\n";
  for (const SetupQuestion& question : questions)
    if (const std::string& answer = answers.*question.field; !answer.empty())
      text += std::string(question.key) + ": " + answer + "\n";
  return text;
}

}  // namespace schoolgate::tools
