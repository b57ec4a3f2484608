#include "rules/lookalike/trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>
#include <utility>

namespace schoolgate {
namespace {

// More names than these teach nothing new, and take their time.
constexpr std::size_t most_names = 250'000;
constexpr std::size_t passes = 4, folds = 3;
constexpr float step_size = 0.05F;
// A benign name that looks alike is worse than one that is missed; a name that a person spoke of, worst.
constexpr float weight_of_own = 0.1F, weight_of_benign = 1.0F, weight_of_wrong = 3.0F;
// What is right beyond doubt moves nothing.
constexpr float least_error = 0.002F;
// The share of benign names over the threshold, of those kept apart: 1 in this many.
constexpr std::size_t benign_for_one_alarm = 10'000;
// In natural log-odds: where ordinary names lie far below, what is seldom met still does not look alike.
constexpr float least_threshold = 2.0F;
// Siblings of shorter names are chance.
constexpr std::size_t letters_of_siblings = 5;

struct Example {
  std::uint64_t order;
  std::string_view name;
  float own;  // 1: of the category
  float weight;
  std::size_t fold;
};

// The models are learned side by side: one without each fold, to be tried on it, and one of all names.
constexpr std::size_t models_at_once = folds + 1, of_all = folds;
using EachModel = std::array<float, models_at_once>;

void sort_names(std::vector<std::string>& names) {
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  if (names.size() <= most_names) return;
  const auto hashed_before = [](const std::string& a, const std::string& b) {
    return std::pair(hash_name(a), std::string_view(a)) < std::pair(hash_name(b), std::string_view(b));
  };
  std::nth_element(names.begin(), names.begin() + most_names, names.end(), hashed_before);
  names.resize(most_names);
  std::sort(names.begin(), names.end());
}

// Siblings share a fold, so that no model is tried on names whose siblings it has seen.
Example make_example(std::string_view name, float own, float weight) {
  const std::uint64_t siblings = hash_name(siblings_key(name));
  return {hash_name(name), name, own, weight, (siblings >> 32) % folds};
}

class Learner {
 public:
  // One step of each model for one name: every weight by its own rate.
  void learn(const Example& example) {
    const NamePieces pieces(example.name);
    const EachModel scores = score(pieces);
    EachModel errors{};
    bool any = false;
    for (std::size_t i = 0; i < models_at_once; ++i) {
      const float chance = 1 / (1 + std::exp(-scores[i]));
      const float off = chance - example.own;
      if (i == example.fold || std::fabs(off) < least_error) continue;
      errors[i] = off * example.weight;
      any = true;
    }
    if (!any) return;
    for (const std::uint32_t bucket : pieces) move(of_bucket_[bucket], errors);
    move(bias_, errors);
  }
  [[nodiscard]] EachModel score(const NamePieces& pieces) const noexcept {
    EachModel sums = bias_.weights;
    for (const std::uint32_t bucket : pieces)
      for (std::size_t i = 0; i < models_at_once; ++i) sums[i] += of_bucket_[bucket].weights[i];
    return sums;
  }
  // Of one model.
  [[nodiscard]] float bias(std::size_t model) const noexcept { return bias_.weights[model]; }
  [[nodiscard]] float weight(std::size_t model, std::size_t bucket) const noexcept {
    return of_bucket_[bucket].weights[model];
  }

 private:
  static constexpr float first_square = 1e-8F;
  struct alignas(32) Bucket {
    EachModel weights{}, squares{first_square, first_square, first_square, first_square};
  };
  // An error of 0 changes nothing.
  static void move(Bucket& bucket, const EachModel& errors) noexcept {
    for (std::size_t i = 0; i < models_at_once; ++i) {
      bucket.squares[i] += errors[i] * errors[i];
      bucket.weights[i] -= step_size * errors[i] / std::sqrt(bucket.squares[i]);
    }
  }
  std::vector<Bucket> of_bucket_ = std::vector<Bucket>(NamePieces::buckets);
  Bucket bias_;
};

// The scores of names by models that saw neither them nor their siblings.
struct KeptApart {
  std::vector<float> own, benign;

  KeptApart(const std::vector<Example>& examples, const Learner& learned) {
    for (const Example& example : examples) {
      // What a person called wrong is spared by name: it says nothing about others.
      if (example.weight == weight_of_wrong) continue;
      (example.own != 0 ? own : benign).push_back(learned.score(NamePieces(example.name))[example.fold]);
    }
  }
  // As many benign names as may be alarms lie above it.
  [[nodiscard]] float threshold() {
    std::sort(benign.begin(), benign.end(), std::greater<>());
    const std::size_t alarms = benign.size() / benign_for_one_alarm;
    if (alarms >= benign.size()) return 1e30F;
    return std::max(std::nextafter(benign[alarms], 1e30F), least_threshold);
  }
};

// Weights of eight bits; `weights` keeps the bytes that the model looks at.
LookalikeModel pack(const Learner& from, KeptApart tried, std::vector<std::int8_t>& weights) {
  LookalikeModel model;
  float largest = 1e-6F;
  for (std::size_t i = 0; i < NamePieces::buckets; ++i)
    largest = std::max(largest, std::fabs(from.weight(of_all, i)));
  model.unit = largest / 127;
  weights.resize(NamePieces::buckets);
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<std::int8_t>(std::lround(from.weight(of_all, i) / model.unit));
  model.weights = weights;
  const auto units = [&](float score) {
    return static_cast<std::int32_t>(std::clamp(score / model.unit, -1e9F, 1e9F));
  };
  const float threshold = tried.threshold();
  model.bias = units(from.bias(of_all));
  model.threshold = units(threshold) + 1;
  const auto over = [&](const std::vector<float>& scores) {
    return std::count_if(scores.begin(), scores.end(), [&](float score) { return score >= threshold; });
  };
  model.seen_of_1000 = static_cast<std::uint32_t>(
      tried.own.empty() ? 0 : over(tried.own) * 1000 / static_cast<std::ptrdiff_t>(tried.own.size()));
  model.false_alarms = static_cast<std::uint32_t>(over(tried.benign));
  return model;
}

}  // namespace

std::size_t LookalikeTrainer::add_category(std::string id) {
  categories_.push_back({std::move(id), {}});
  return categories_.size() - 1;
}

void LookalikeTrainer::add(std::size_t category, std::string_view host) {
  if (host.starts_with("www.")) host.remove_prefix(4);
  const std::string_view name = judged_name(host);
  if (!name.empty() && name.size() == host.size()) categories_[category].names.emplace_back(name);
}

void LookalikeTrainer::add_benign(std::string_view host) {
  if (const std::string_view name = judged_name(host); !name.empty()) benign_.emplace_back(name);
}

void LookalikeTrainer::add_wrong(std::string_view host) {
  if (const std::string_view name = judged_name(host); !name.empty()) wrong_.emplace_back(name);
}

LookalikeTrainer::Trained LookalikeTrainer::train(const Sha256Digest& key,
                                                  const std::function<void(double)>& progress) {
  LookalikeTrainer all = std::exchange(*this, {});
  sort_names(all.wrong_);
  std::unordered_set<std::string> listed, siblings;
  for (Learned& category : all.categories_) {
    sort_names(category.names);
    std::erase_if(category.names, [&](const std::string& name) {
      return std::binary_search(all.wrong_.begin(), all.wrong_.end(), name);
    });
    for (const std::string& name : category.names) {
      listed.insert(name);
      if (std::string key_of = siblings_key(name); key_of.size() >= letters_of_siblings)
        siblings.insert(std::move(key_of));
    }
  }
  // Public lists of shops and banks name some betting sites too.
  std::erase_if(all.benign_, [&](const std::string& name) {
    return listed.count(name) != 0 || siblings.count(siblings_key(name)) != 0;
  });
  sort_names(all.benign_);

  Trained out;
  std::vector<LookalikeModel> models;
  std::vector<std::vector<std::int8_t>> weights(all.categories_.size());
  const double steps = static_cast<double>(all.categories_.size() * passes);
  double done = 0;
  const auto advance = [&] {
    if (progress) progress(++done / steps);
  };
  for (std::size_t i = 0; i < all.categories_.size() && i < LookalikeModels::most; ++i) {
    const Learned& category = all.categories_[i];
    out.counts.push_back({category.id, category.names.size(), all.benign_.size()});
    if (!out.counts.back().enough()) continue;
    std::vector<Example> examples;
    for (const std::string& name : category.names) examples.push_back(make_example(name, 1, weight_of_own));
    for (const std::string& name : all.benign_) examples.push_back(make_example(name, 0, weight_of_benign));
    for (const std::string& name : all.wrong_) examples.push_back(make_example(name, 0, weight_of_wrong));
    std::sort(examples.begin(), examples.end(), [](const Example& a, const Example& b) {
      return std::pair(a.order, a.name) < std::pair(b.order, b.name);
    });
    Learner learner;
    for (std::size_t pass = 0; pass < passes; ++pass, advance())
      for (const Example& example : examples) learner.learn(example);
    LookalikeModel& model = models.emplace_back(pack(learner, KeptApart(examples, learner), weights[i]));
    model.category = category.id;
    model.positives = category.names.size();
    model.negatives = all.benign_.size();
    for (const std::string& name : all.wrong_) model.spared.push_back(hash_name(name));
    std::sort(model.spared.begin(), model.spared.end());
  }
  out.bytes = lookalike_bytes(models, key);
  return out;
}

}  // namespace schoolgate
