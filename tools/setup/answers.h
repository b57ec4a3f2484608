// The questions of `schoolgate setup` and what may be answered: in the interview, as a flag, and remembered
// for the next time, always in the same words. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/message.h"
#include "rules/result.h"
#include "rules/url/ip.h"
#include "tools/lan/machine.h"

namespace schoolgate::tools {

// Each as its question's `read` writes it; "" = not answered.
struct SetupAnswers {
  std::string language;  // "vi", "en"
  std::string school, it, person, room, phone;
  std::string topology;         // "inline", "one-arm", "router"
  std::string inside, outside;  // interfaces; outside: of "inline" alone
  std::string address;          // of this machine, for the pupils: IPv4
  std::string ipv6;             // "none", "radvd"
  std::string networks;         // "192.168.20.0/24=thcs:Phòng máy 1; fd00:1::/64=thcs"
  std::string dhcp;             // "none", "192.168.20.50-192.168.20.200"
  std::string https;            // "names", "block-page", "inspect: REASON"
  std::string lists;            // "none", "vn-gambling vn-adult"

  [[nodiscard]] bool is_gateway() const { return topology == "inline" || topology == "one-arm"; }
  [[nodiscard]] const std::string& to_the_world() const { return topology == "inline" ? outside : inside; }
  friend bool operator==(const SetupAnswers&, const SetupAnswers&) = default;
};

// What an answer is held against.
struct SetupFacts {
  Machine machine;
  std::vector<std::string> tiers;  // ids
  std::string unknown_tier;
  std::vector<std::string> lists;  // names that may be enabled without a further word
  bool gave_right = false;         // the service's drop-in for TPROXY is there
};

struct SetupQuestion {
  const char* key;    // the flag --KEY, and the line of the remembered answers
  const char* value;  // of the flag, in --help: "TEXT"
  const char* help;
  std::string SetupAnswers::*field;
  Message (*ask)(const SetupFacts&);
  // The answer as it is kept. Error: what is wrong with it.
  Result<std::string> (*read)(std::string_view text, const SetupAnswers& so_far, const SetupFacts&);
  bool (*applies)(const SetupAnswers& so_far);
  // What Enter means where nothing was answered earlier; "" = there is nothing that fits.
  std::string (*usual)(const SetupAnswers& so_far, const SetupFacts&);
};
[[nodiscard]] std::span<const SetupQuestion> setup_questions() noexcept;
// Takes what a question no longer applies to out.
void drop_what_does_not_apply(SetupAnswers& answers);

struct SetupNetwork {
  Network network;
  std::string tier, label;  // label may be empty
  friend bool operator==(const SetupNetwork&, const SetupNetwork&) = default;
};
// "192.168.20.0/24=thcs:Phòng máy 1; ..." -> its networks, and back.
[[nodiscard]] Result<std::vector<SetupNetwork>> networks_in(std::string_view text,
                                                            const std::vector<std::string>& tiers);
[[nodiscard]] std::string text_of(const std::vector<SetupNetwork>& networks);
[[nodiscard]] std::vector<std::string> words_in(std::string_view text);
// What is odd about the networks of a gateway, and may be meant so: a network of the interface to the pupils
// that is in no answer, an answer that is on no interface.
[[nodiscard]] std::vector<Message> odd_networks(const SetupAnswers& answers, const SetupFacts& facts);

// A line "KEY: ANSWER" each; lines that are none are passed over. What is read is no more than text until
// each question's `read` has taken it.
[[nodiscard]] SetupAnswers remembered_answers(std::string_view text);
[[nodiscard]] std::string text_to_remember(const SetupAnswers& answers);

}  // namespace schoolgate::tools
