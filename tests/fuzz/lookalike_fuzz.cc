// Any host has a name to judge or none, and its pieces have the texts that people are shown; any bytes before
// the weights of a model are opened or refused, and whatever is asked of an opened one, no read leaves it.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "rules/lookalike/model.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

void ask(std::string_view host) {
  const std::string_view name = lookalike_name(host);
  require(name.size() <= max_judged_name && host.ends_with(name), "a name is the end of its host");
  if (name.empty()) return;
  const NamePieces pieces(name);
  for (const std::uint32_t bucket : pieces) require(bucket < NamePieces::buckets, "a bucket out of range");
  require(!piece_text(name, pieces.size() - 1).empty(), "a piece without a text");
  require(piece_text(name, pieces.size()).empty(), "a text without a piece");
  require(judged_name(name) == name, "a name is its own name");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  ask(text);

  static const std::vector<std::int8_t> weights(NamePieces::buckets, 1);
  LookalikeModel model;
  model.category = "gambling";
  model.weights = weights;
  model.spared = {1, 2, 3};
  Bytes bytes = lookalike_bytes(std::span(&model, 1), {});
  const std::size_t most = bytes.size() - weights.size();
  std::memcpy(bytes.data(), data, std::min(size, most));
  if (const auto models = LookalikeModels::open(bytes)) {
    for (const LookalikeModel& one : models->all()) {
      const std::string_view name = lookalike_name("kubet77.vip");
      (void)one.score(NamePieces(name));
      (void)one.spares(name);
      (void)loudest_pieces(one, name, 4);
    }
  }
  (void)LookalikeModels::open(std::as_bytes(std::span(data, size)));
  return 0;
}
