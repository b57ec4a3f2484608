#include "config/policy/hole_bundles.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "config/policy/bundle_reader.h"
#include "config/text/diag_codes.h"
#include "config/text/suggest.h"

namespace schoolgate {

void open_to_bundles(MainFile& main, LoadContext& context) {
  const auto wanted = std::exchange(main.hole_bundles, {});
  if (wanted.empty()) return;
  const PolicyFiles& files = main.config.policy;
  LoadContext quiet = context;
  const Bundles bundles = read_bundles(files.bundles, files.bundles_directory, quiet, main.named.bundles);
  std::vector<std::string> known;
  for (const Bundle& one : bundles.all)
    if (const auto found = bundles.networks.find(one.id);
        found != bundles.networks.end() && !found->second.empty())
      known.push_back(one.id);
  for (const auto& [hole, id] : wanted) {
    const auto found = bundles.networks.find(id.value);
    if (found != bundles.networks.end() && !found->second.empty()) {
      if (hole == MainFile::HoleBundle::nowhere) continue;
      auto& to = main.config.gateway.open[hole].to;
      to.insert(to.end(), found->second.begin(), found->second.end());
      continue;
    }
    if (!bundles.whole) continue;  // its file is an error already
    const bool is_there = bundles.find(id.value) != nullptr;
    context.add(Severity::error, is_there ? diag::bad_bundle : diag::unknown_bundle, id.where,
                is_there ? say("bundle \"{}\" names no networks: the firewall knows no names", id.value)
                         : say("\"{}\" is neither a network nor a bundle", id.value),
                is_there ? say("write the networks themselves, or networks: into a bundle of bundles.d")
                         : did_you_mean(id.value, known,
                                        known.empty() ? say("for example 192.168.20.0/24")
                                                      : say("these name networks: {}", join_words(known))));
  }
}

}  // namespace schoolgate
