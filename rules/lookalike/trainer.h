// Names of lists -> models. Logistic regression over the pieces of names, by gradient steps of a size of
// their own for each weight (AdaGrad: Duchi, Hazan, Singer 2011). The same names make the same bytes, in
// whatever order they come. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/bytes/byte_io.h"
#include "rules/bytes/sha256.h"
#include "rules/lookalike/model.h"

namespace schoolgate {

class LookalikeTrainer {
 public:
  // At most LookalikeModels::most; returns what add() calls it.
  std::size_t add_category(std::string id);
  // A host that a list of the category names. One that lies below what somebody registered teaches nothing
  // about names: "foo.blogspot.com".
  void add(std::size_t category, std::string_view host);
  // A host of a category that closes nothing, whose name tells what benign names are.
  void add_benign(std::string_view host);
  // A person says that it was called a look-alike wrongly: never again.
  void add_wrong(std::string_view host);

  // How many names would be learned from and held against: the same that train() goes by.
  struct Counts {
    std::string category;
    std::uint64_t positives = 0, negatives = 0;
    [[nodiscard]] bool enough() const noexcept {
      return positives >= fewest_to_learn && negatives >= fewest_benign_to_learn;
    }
  };

  struct Trained {
    Bytes bytes;                 // of the section; of no model where names are too few
    std::vector<Counts> counts;  // of each category
  };
  // Takes about two microseconds a name and category. `progress`: 0..1; may be empty. The trainer is empty
  // afterwards.
  [[nodiscard]] Trained train(const Sha256Digest& key, const std::function<void(double)>& progress);

 private:
  struct Learned {
    std::string id;
    std::vector<std::string> names;
  };
  std::vector<Learned> categories_;
  std::vector<std::string> benign_, wrong_;
};

}  // namespace schoolgate
