// What was learned from the names of lists, one linear model a category: a view on bytes of the rule
// database.
//
// A name's score is the sum of the weights of its pieces; over the model's threshold it looks alike. The
// layout of the bytes is drawn in rules/lookalike/README.md. Threads: immutable, may be shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/bytes/byte_io.h"
#include "rules/bytes/sha256.h"
#include "rules/lookalike/name_pieces.h"

namespace schoolgate {

// Below the first two nothing is learned; below the others a model may record, but closes nothing.
inline constexpr std::uint64_t fewest_to_learn = 2'000, fewest_benign_to_learn = 5'000;
inline constexpr std::uint64_t fewest_to_act = 20'000, fewest_benign_to_act = 50'000;

struct LookalikeModel {
  std::string category;
  std::uint64_t positives = 0, negatives = 0;  // names that it was trained with
  std::int32_t bias = 0, threshold = 0;        // a score of `threshold` or more looks alike
  float unit = 0;                              // of a score, in natural log-odds
  // Of names kept apart in training: of a thousand of its own those that look alike, and the benign ones.
  std::uint32_t seen_of_1000 = 0, false_alarms = 0;
  std::span<const std::int8_t> weights{};  // NamePieces::buckets of them
  std::vector<std::uint64_t> spared{};     // hash_name() of names that a person called wrong; in order

  [[nodiscard]] bool may_act() const noexcept {
    return positives >= fewest_to_act && negatives >= fewest_benign_to_act;
  }
  [[nodiscard]] std::int32_t score(const NamePieces& pieces) const noexcept {
    std::int32_t sum = bias;
    for (const std::uint32_t bucket : pieces) sum += weights[bucket];
    return sum;
  }
  [[nodiscard]] bool spares(std::string_view name) const noexcept;
  // `name` comes from lookalike_name(), and `pieces` from it.
  [[nodiscard]] bool holds(std::string_view name, const NamePieces& pieces) const noexcept {
    return score(pieces) >= threshold && !spares(name);
  }
};

class LookalikeModels {
 public:
  // Nullopt: these are not the bytes of models. Nothing is no model. `bytes` outlive this.
  [[nodiscard]] static std::optional<LookalikeModels> open(std::span<const std::byte> bytes);

  [[nodiscard]] std::span<const LookalikeModel> all() const noexcept { return models_; }
  [[nodiscard]] bool empty() const noexcept { return models_.empty(); }
  [[nodiscard]] const Sha256Digest& key() const noexcept { return key_; }  // of what they were trained with
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return bytes_; }

  static constexpr std::size_t most = 8;

 private:
  std::vector<LookalikeModel> models_;
  Sha256Digest key_{};
  std::span<const std::byte> bytes_{};
};

// The bytes that open() reads.
[[nodiscard]] Bytes lookalike_bytes(std::span<const LookalikeModel> models, const Sha256Digest& key);

[[nodiscard]] std::uint64_t hash_name(std::string_view name) noexcept;

// "bet88.vip", if this host may look alike at all: no school, no office of the state (edu.vn, gov.vn).
[[nodiscard]] std::string_view lookalike_name(std::string_view host) noexcept;

// Of these hosts the ones that some category of one looks like and not of the other. More of last week's than
// `most_judged_otherwise`, and what was learned waits for a person.
inline constexpr std::size_t most_judged_otherwise = 20;
[[nodiscard]] std::vector<std::string> judged_otherwise(const LookalikeModels& before,
                                                        const LookalikeModels& after,
                                                        std::span<const std::string> hosts);

// The pieces that spoke the loudest for the category, for people; at most `most`, the first the strongest.
struct SpokenPiece {
  std::string text;
  std::int32_t weight;
};
[[nodiscard]] std::vector<SpokenPiece> loudest_pieces(const LookalikeModel& model, std::string_view name,
                                                      std::size_t most);

}  // namespace schoolgate
