#include "rules/patterns/build/frequency.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace schoolgate::pattern {
namespace {

constexpr double symbols_per_address = 80;
constexpr float every_symbol = 0.05f;  // what a symbol that was never seen counts

}  // namespace

FrequencyModel::FrequencyModel() : third_(width * width * width), second_(width * width), first_(width) {
  std::uint8_t columns = 1;  // 0: pads
  for (const Symbol s : {symbol::start, symbol::end}) column_[s] = columns++;
  text_symbols().for_each([&](Symbol s) {
    column_[s] = columns++;
    first_[column_[s]] = every_symbol;
  });
  for (const char* line = address_sample; *line != 0;) {
    const std::size_t size = std::strcspn(line, "\n");
    if (size != 0) learn(line, size, true, 1);
    line += size + (line[size] != 0 ? 1 : 0);
  }
  for (const char* word = word_sample; *word != 0;) {
    const std::size_t size = std::strcspn(word, " ");
    if (size != 0) learn(word, size, false, 1);
    word += size + (word[size] != 0 ? 1 : 0);
  }
  for (const HostEnding* ending = host_endings; ending->text != nullptr; ++ending)
    learn(ending->text, std::strlen(ending->text), false, ending->weight);
  smooth();
}

void FrequencyModel::learn(const char* text, std::size_t size, bool whole, float weight) {
  std::basic_string<Symbol> run;
  if (whole) run = {symbol::pad, symbol::pad, symbol::pad, symbol::start};
  for (std::size_t i = 0; i < size; ++i) run += static_cast<Symbol>(text[i]);
  if (whole) run += {symbol::end, symbol::pad, symbol::pad};
  for (std::size_t i = 0; i < run.size(); ++i) {
    const std::size_t c = column_[run[i]];
    first_[c] += weight;
    if (i == 0) continue;
    const std::size_t bc = column_[run[i - 1]] * width + c;
    second_[bc] += weight;
    if (i > 1) third_[column_[run[i - 2]] * width * width + bc] += weight;
  }
}

// A context seen n times with t different successors trusts its counts by n/(n+t), the shorter context for
// the rest.
void FrequencyModel::smooth() {
  float total = 0;
  for (const float count : first_) total += count;
  for (float& count : first_) count /= total;
  const auto blend = [](float* counts, const float* shorter) {
    float n = 0, t = 0;
    for (std::size_t c = 0; c < width; ++c) n += counts[c], t += counts[c] > 0 ? 1.0f : 0.0f;
    for (std::size_t c = 0; c < width; ++c)
      counts[c] = n == 0 ? shorter[c] : (counts[c] + t * shorter[c]) / (n + t);
  };
  for (std::size_t a = 0; a < width; ++a) blend(&second_[a * width], first_.data());
  for (std::size_t a = 0; a < width; ++a)
    for (std::size_t b = 0; b < width; ++b) blend(&third_[(a * width + b) * width], &second_[b * width]);
}

double FrequencyModel::continues(const SymbolSet& set) const noexcept {
  double sum = 0;
  set.for_each([&](Symbol s) { sum += first(s); });
  return std::min(1.0, 3 * sum);  // a neighbour that fits makes the next one likelier
}

double FrequencyModel::expected(const Gram& gram) const noexcept {
  return symbols_per_address * first(gram[0]) * second(gram[0], gram[1]) * third(gram[0], gram[1], gram[2]) *
         third(gram[1], gram[2], gram[3]);
}

}  // namespace schoolgate::pattern
