// A policy with its lists, written in a few lines of text, for tests and golden cases
// (tests/golden/README.md).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rules/judge/judge.h"

namespace schoolgate::testing {

// A question and the answer that a person expects.
struct Ask {
  std::size_t line = 0;
  std::string text;  // as written
  TierId tier = 0;
  LocalTime time;
  bool connect = false;  // evaluate_connect() of an authority, else evaluate() of a URL
  std::vector<CategoryId> granted;
  std::string url;
  std::string expected;  // "block+locked locked_category gambling by bad.vn, path may change it"
};

struct World {
  PolicySpec spec;  // as compiled
  std::shared_ptr<const Policy> policy;
  std::vector<std::byte> lookalikes;  // the section of the lists' database; compile_world() takes it
  std::vector<std::byte> list_bytes;
  std::shared_ptr<const RuleDb> lists;
  std::vector<ListMeaning> meanings;
  std::vector<std::vector<RuleEntry>> list_rules;  // by Tag, for reference evaluators
  std::vector<std::string> rule_texts;             // by RuleRef::line; line 0 is "default"
  std::vector<Ask> asks;

  [[nodiscard]] Judge judge() const { return Judge(policy, lists, meanings); }
  // The verdict in the words of a golden case's right side, without a `by` that the case does not mention.
  [[nodiscard]] std::string words(const Verdict& verdict) const;
  [[nodiscard]] std::string by(const Verdict& verdict) const;  // the rule's text
};

// Throws std::runtime_error with the line's number for what it does not understand.
[[nodiscard]] std::unique_ptr<World> parse_world(std::string_view text);

// Compiles what stands in `spec` and `list_rules`; throws if it is refused.
void compile_world(World& world);

// Asks; returns "" or what differs.
[[nodiscard]] std::string check_ask(const World& world, Judge& judge, const Ask& ask);

}  // namespace schoolgate::testing
