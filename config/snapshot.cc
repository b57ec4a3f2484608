#include "config/snapshot.h"

namespace schoolgate {

std::unique_ptr<Judge> Snapshot::make_judge() const {
  return std::make_unique<Judge>(policy, lists, list_meanings);
}

std::string Snapshot::place(const RuleRef& ref) const {
  if (ref.empty() || ref.source >= sources.size()) return {};
  return ref.line == 0 ? sources[ref.source] : sources[ref.source] + ":" + std::to_string(ref.line);
}

}  // namespace schoolgate
