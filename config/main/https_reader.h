// The `https:` section of the main file: the school's authority, what is never opened, and exceptions.
#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "config/main/config.h"
#include "config/text/load_context.h"
#include "rules/policy/policy.h"

namespace schoolgate {

struct MainFile;

struct NeverInspect {
  // What stands for `categories` while the file does not say: those of these that the school's catalogue has.
  static constexpr std::array standard{"finance", "health", "government"};
  bool named = false;  // the file says which categories
  std::vector<std::pair<std::string, Place>> categories;
  std::vector<std::string> hosts;  // canonical, of `hosts` and `lists`; "*." in front makes no difference
};

void read_https(const YamlNode& node, const Reporter& report, LoadContext& context, HttpsSettings& out,
                NeverInspect& never);

// Once the tiers are known: is the authority there if some tier needs it? Notes in `main` that it is needed.
void check_https(const PolicySpec& spec, MainFile& main, LoadContext& context);

}  // namespace schoolgate
