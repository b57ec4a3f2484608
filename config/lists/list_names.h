// What the names in the lists of a load teach: which categories are learned and which tell what benign names
// are is said in categories.yaml (`names:`); what a person called wrong, in lookalikes_wrong.txt.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/policy/category_reader.h"
#include "config/text/load_context.h"
#include "rules/bytes/sha256.h"
#include "rules/lookalike/trainer.h"
#include "rules/rule.h"

namespace schoolgate {

class ListNames {
 public:
  // `wrong`: the path of lookalikes_wrong.txt, "" = none. Errors go to the context. `catalogue` outlives
  // this.
  ListNames(const CategoryCatalogue& catalogue, const std::string& wrong, LoadContext& context);

  [[nodiscard]] bool learns() const noexcept { return !numbers_.empty(); }  // some category is learned
  // Call it for every list, in their order: what is learned depends on these bytes.
  void will_read(CategoryId category, const Sha256Digest& bytes);
  // Of all that is learned from. Call it once, after will_read().
  [[nodiscard]] const Sha256Digest& key();
  void take(CategoryId category, const RuleEntry& entry);
  // The section of the rule database; empty where no category is learned.
  [[nodiscard]] Bytes train(const std::function<void(double)>& progress);
  // What was learned before, with what a person called wrong now: under its own key, so it is seen to be old.
  [[nodiscard]] Bytes former(const LookalikeModels& models) const;

 private:
  void read_wrong(const std::string& path, LoadContext& context);

  const CategoryCatalogue& catalogue_;
  LookalikeTrainer trainer_;
  std::vector<std::uint64_t> spared_;          // hash_name() of the names called wrong, in order
  std::map<CategoryId, std::size_t> numbers_;  // of the trainer
  Sha256 hash_;
  Sha256Digest key_{};
};

}  // namespace schoolgate
