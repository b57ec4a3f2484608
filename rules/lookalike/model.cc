#include "rules/lookalike/model.h"

#include <algorithm>
#include <cstring>

#include "rules/bytes/hash.h"

namespace schoolgate {
namespace {

constexpr std::size_t most_spared = 100'000;

bool is_below(std::string_view host, std::string_view suffix) noexcept {
  return host.ends_with(suffix) && host.size() > suffix.size() &&
         host[host.size() - suffix.size() - 1] == '.';
}

bool read_model(ByteReader& in, LookalikeModel& model) {
  model.category = in.text(in.varint());
  model.positives = in.fixed<std::uint64_t>();
  model.negatives = in.fixed<std::uint64_t>();
  model.bias = in.fixed<std::int32_t>();
  model.threshold = in.fixed<std::int32_t>();
  model.unit = in.fixed<float>();
  model.seen_of_1000 = in.fixed<std::uint32_t>();
  model.false_alarms = in.fixed<std::uint32_t>();
  const std::uint32_t spared = in.varint();
  if (!in.ok() || spared > most_spared) return false;
  for (std::uint32_t i = 0; i < spared && in.ok(); ++i) model.spared.push_back(in.fixed<std::uint64_t>());
  const auto weights = in.bytes(NamePieces::buckets);
  model.weights = {reinterpret_cast<const std::int8_t*>(weights.data()), weights.size()};
  // Sums of a name's pieces stay far from the ends of an int.
  constexpr std::int32_t far = 1 << 30;
  return in.ok() && model.bias > -far && model.bias < far &&
         std::is_sorted(model.spared.begin(), model.spared.end());
}

}  // namespace

bool LookalikeModel::spares(std::string_view name) const noexcept {
  return !spared.empty() && std::binary_search(spared.begin(), spared.end(), hash_name(name));
}

std::optional<LookalikeModels> LookalikeModels::open(std::span<const std::byte> bytes) {
  LookalikeModels out;
  if (bytes.empty()) return out;
  out.bytes_ = bytes;
  ByteReader in(bytes);
  const auto key = in.bytes(out.key_.size());
  const std::uint32_t count = in.varint();
  if (!in.ok() || count > most) return std::nullopt;
  std::memcpy(out.key_.data(), key.data(), key.size());
  for (std::uint32_t i = 0; i < count; ++i)
    if (!read_model(in, out.models_.emplace_back())) return std::nullopt;
  if (in.left() != 0) return std::nullopt;
  return out;
}

Bytes lookalike_bytes(std::span<const LookalikeModel> models, const Sha256Digest& key) {
  Bytes out;
  put_bytes(out, std::as_bytes(std::span(key)));
  put_varint(out, static_cast<std::uint32_t>(models.size()));
  for (const LookalikeModel& model : models) {
    put_varint(out, static_cast<std::uint32_t>(model.category.size()));
    put_text(out, model.category);
    put(out, model.positives);
    put(out, model.negatives);
    put(out, model.bias);
    put(out, model.threshold);
    put(out, model.unit);
    put(out, model.seen_of_1000);
    put(out, model.false_alarms);
    const std::size_t spared = std::min(model.spared.size(), most_spared);
    put_varint(out, static_cast<std::uint32_t>(spared));
    for (std::size_t i = 0; i < spared; ++i) put(out, model.spared[i]);
    put_bytes(out, std::as_bytes(model.weights));
  }
  return out;
}

std::uint64_t hash_name(std::string_view name) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return mix(hash ^ (hash >> 32), 0x9e3779b97f4a7c15);
}

std::string_view lookalike_name(std::string_view host) noexcept {
  if (is_below(host, "edu.vn") || is_below(host, "gov.vn")) return {};
  return judged_name(host);
}

std::vector<std::string> judged_otherwise(const LookalikeModels& before, const LookalikeModels& after,
                                          std::span<const std::string> hosts) {
  const auto looks_like = [](const LookalikeModels& models, std::string_view category, std::string_view name,
                             const NamePieces& pieces) {
    return std::any_of(models.all().begin(), models.all().end(), [&](const LookalikeModel& model) {
      return model.category == category && model.holds(name, pieces);
    });
  };
  std::vector<std::string> out;
  for (const std::string& host : hosts) {
    const std::string_view name = lookalike_name(host);
    if (name.empty()) continue;
    const NamePieces pieces(name);
    const auto differs = [&](const LookalikeModel& model) {
      return looks_like(before, model.category, name, pieces) !=
             looks_like(after, model.category, name, pieces);
    };
    if (std::any_of(before.all().begin(), before.all().end(), differs) ||
        std::any_of(after.all().begin(), after.all().end(), differs))
      out.push_back(host);
  }
  return out;
}

std::vector<SpokenPiece> loudest_pieces(const LookalikeModel& model, std::string_view name,
                                        std::size_t most) {
  std::vector<SpokenPiece> spoken;
  const NamePieces pieces(name);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::int32_t weight = 0;
    weight += model.weights[pieces.begin()[i]];
    if (weight > 0) spoken.push_back({piece_text(name, i), weight});
  }
  std::stable_sort(spoken.begin(), spoken.end(),
                   [](const SpokenPiece& a, const SpokenPiece& b) { return a.weight > b.weight; });
  if (spoken.size() > most) spoken.resize(most);
  return spoken;
}

}  // namespace schoolgate
