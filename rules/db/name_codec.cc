#include "rules/db/name_codec.h"

#include <algorithm>
#include <utility>

namespace schoolgate {
namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz0123456789-_.:";
static_assert(alphabet.size() == 40);  // 40^3 fits 16 bits
constexpr std::uint8_t no_code = 0xff;

constexpr std::array<std::uint8_t, 256> codes = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(no_code);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

std::uint32_t code(char c) noexcept {
  return codes[static_cast<unsigned char>(c)];
}

// Up to three characters; missing ones count as 'a', the length tells them apart.
std::uint16_t word_of(std::string_view text, std::size_t at) noexcept {
  std::uint32_t word = code(text[at]);
  if (at + 1 < text.size()) word += 40 * code(text[at + 1]);
  if (at + 2 < text.size()) word += 1600 * code(text[at + 2]);
  return static_cast<std::uint16_t>(word);
}

std::size_t words_of(std::size_t length) noexcept {
  return (length + 2) / 3;
}

// Where the ending of `labels` labels begins, at its dot; npos if the name has no more labels than that.
std::size_t ending_at(std::string_view name, int labels) noexcept {
  std::size_t dot = name.size();
  for (; labels > 0; --labels) {
    if (dot == 0) return std::string_view::npos;
    dot = name.rfind('.', dot - 1);
    if (dot == std::string_view::npos) return dot;
  }
  return dot;
}

}  // namespace

bool is_packable(std::string_view name) noexcept {
  if (name.empty() || name.size() > 253) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return code(c) != no_code; });
}

void NamePacker::sample(std::string_view name) {
  for (const int labels : {1, 2}) {
    const std::size_t at = ending_at(name, labels);
    if (at != std::string_view::npos && at > 0) ++counts_[std::string(name.substr(at))];
  }
}

void NamePacker::choose() {
  using Scored = std::pair<std::uint64_t, std::string>;
  std::vector<Scored> scored;
  for (auto& [ending, count] : counts_) scored.emplace_back(count * ending.size(), ending);
  counts_.clear();
  const auto better = [](const Scored& a, const Scored& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  };
  std::sort(scored.begin(), scored.end(), better);
  if (scored.size() > max_endings) scored.resize(max_endings);
  number_.clear();
  chosen_.clear();
  for (Scored& s : scored) chosen_.push_back(std::move(s.second));
  for (std::size_t i = 0; i < chosen_.size(); ++i) number_[chosen_[i]] = static_cast<std::uint8_t>(i + 1);
}

void NamePacker::pack(std::string_view name, Bytes& out) const {
  std::uint8_t number = 0;
  std::string_view rest = name;
  for (const int labels : {2, 1}) {
    const std::size_t at = ending_at(name, labels);
    if (at == std::string_view::npos || at == 0) continue;
    const auto found = number_.find(name.substr(at));
    if (found == number_.end()) continue;
    number = found->second;
    rest = name.substr(0, at);
    break;
  }
  put(out, number);
  put(out, static_cast<std::uint8_t>(rest.size()));
  for (std::size_t i = 0; i < rest.size(); i += 3) put(out, word_of(rest, i));
}

Bytes NamePacker::endings() const {
  Bytes out;
  put_varint(out, static_cast<std::uint32_t>(chosen_.size()));
  for (const std::string& ending : chosen_) {
    put_varint(out, static_cast<std::uint32_t>(ending.size()));
    put_text(out, ending);
  }
  return out;
}

std::optional<NameUnpacker> NameUnpacker::open(std::span<const std::byte> endings) {
  ByteReader in(endings);
  const std::uint32_t count = in.varint();
  if (count > NamePacker::max_endings) return std::nullopt;
  NameUnpacker names;
  for (std::uint32_t i = 1; i <= count; ++i) names.endings_[i] = in.text(in.varint());
  names.count_ = count + 1;
  if (!in.ok()) return std::nullopt;
  return names;
}

bool NameUnpacker::equals(ByteReader& in, std::string_view name) const noexcept {
  const auto number = in.fixed<std::uint8_t>();
  const auto length = in.fixed<std::uint8_t>();
  const auto words = in.bytes(2 * words_of(length));
  if (number >= count_) in.skip(in.left() + 1);
  if (!in.ok()) return false;
  const std::string_view ending = endings_[number];
  if (name.size() != length + ending.size() || !name.ends_with(ending)) return false;
  const std::string_view rest = name.substr(0, length);
  for (std::size_t i = 0; i < length; i += 3) {
    std::uint16_t word;
    std::memcpy(&word, words.data() + 2 * (i / 3), sizeof word);
    if (word != word_of(rest, i)) return false;
  }
  return true;
}

std::string NameUnpacker::unpack(ByteReader& in) const {
  const auto number = in.fixed<std::uint8_t>();
  const auto length = in.fixed<std::uint8_t>();
  if (number >= count_) in.skip(in.left() + 1);
  std::string name;
  for (std::size_t i = 0; i < length && in.ok(); i += 3) {
    std::uint32_t word = in.fixed<std::uint16_t>();
    for (std::size_t j = i; j < std::min<std::size_t>(i + 3, length); ++j, word /= 40)
      name.push_back(alphabet[word % 40]);
  }
  if (in.ok()) name += endings_[number];
  return name;
}

}  // namespace schoolgate
