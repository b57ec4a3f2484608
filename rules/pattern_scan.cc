#include "rules/pattern_scan.h"

#include <cstring>

namespace schoolgate::pattern {
namespace {

std::uint32_t load32(const Symbol* at) noexcept {
  std::uint32_t word = 0;
  std::memcpy(&word, at, sizeof word);
  return word;
}

bool window_fits(const Record& record, const Symbol* gram) noexcept {
  std::uint64_t text[2];
  std::memcpy(text, gram + record.window, sizeof text);
  return (((text[0] & record.mask[0]) ^ record.value[0]) | ((text[1] & record.mask[1]) ^ record.value[1])) ==
         0;
}

}  // namespace

Scanner::Scanner(std::shared_ptr<const PatternIndex> index)
    : index_(std::move(index)),
      view_(static_cast<const IndexView&>(*index_)),
      attempts_(view_.size()),
      confirmers_(view_.size()) {}

bool Scanner::match(PatternTarget target, std::string_view subject, std::vector<std::uint32_t>& ids) {
  const PlanView& plan = view_.plans[static_cast<std::size_t>(target)];
  if (plan.asks_nothing()) return true;
  text_.assign(subject);
  subject_ = subject;
  ids_ = &ids;
  judged_ = true;
  if (plan.has_grams()) find_grams(plan);
  for (const ProgramId scanner : plan.scanners)
    scan(view_.words.data() + scanner, text_.symbols(), text_.size(),
         [&](std::uint32_t id) { accepted(id); });
  for (const std::uint32_t id : plan.always) confirm(id);
  for (const std::uint32_t id : touched_) attempts_[id] = 0;
  touched_.clear();
  return judged_;
}

// First all places whose gram passes the filter, without a branch; then each of them.
void Scanner::find_grams(const PlanView& plan) {
  const Symbol* const text = text_.lookup();
  const std::size_t size = text_.size();
  if (found_.size() < size) found_.resize(size);
  const std::uint64_t* const filter = plan.filter.data();
  const std::uint32_t shift = plan.filter_log2;
  std::uint32_t* found = found_.data();
  for (std::uint32_t i = 0; i < size; ++i) {
    const std::uint32_t hash = gram_hash(load32(text + i));
    const std::uint64_t word = filter[filter_word(hash, shift)];
    *found = i;
    found += (word >> (hash & 63)) & (word >> (hash >> 6 & 63)) & 1;
  }
  counters_.candidates += static_cast<std::uint64_t>(found - found_.data());
  for (const std::uint32_t* at = found_.data(); at != found; ++at) look_up(plan, *at);
}

void Scanner::look_up(const PlanView& plan, std::uint32_t at) {
  const std::uint32_t gram = load32(text_.lookup() + at);
  std::size_t i = slot_hash(gram) >> (32 - plan.slots_log2);
  for (;; i = (i + 1) & (plan.slots.size() - 1)) {
    const Slot& slot = plan.slots[i];
    if (slot.ref == Slot::empty) return;
    if (slot.gram != gram) continue;
    if ((slot.ref & Slot::many) == 0) return try_record(view_.records[slot.ref], at);
    for (const std::uint32_t* ref = view_.refs.data() + (slot.ref & ~Slot::many);; ++ref) {
      try_record(view_.records[*ref & ~last_ref], at);
      if ((*ref & last_ref) != 0) return;
    }
  }
}

void Scanner::try_record(const Record& record, std::uint32_t at) {
  ++counters_.windows;
  if (!window_fits(record, text_.lookup() + at) || (record.only_folded != 0 && !text_.folded())) return;
  std::uint8_t& attempts = attempts_[record.pattern];
  if (attempts == decided) return;
  if (attempts == 0) touched_.push_back(record.pattern);
  // A text that begins a match again and again would be walked again and again: RE2 needs one pass.
  if (++attempts > max_attempts) return confirm(record.pattern);
  ++counters_.walks;
  const Symbol* const gram = text_.symbols() + at;
  const auto fits = [&](ProgramId program, auto direction, std::uint32_t state, int from) {
    if (program == always || program == ask_re2) return true;
    return walk<decltype(direction)::value>(view_.words.data() + program, view_.sets.data(), state,
                                            gram + from);
  };
  if (!fits(record.backward, std::integral_constant<int, -1>{}, record.backward_state, record.left - 1))
    return;
  if (!fits(record.forward, std::integral_constant<int, 1>{}, record.forward_state, record.right + 1)) return;
  if (record.backward == ask_re2 || record.forward == ask_re2) return confirm(record.pattern);
  accepted(record.pattern);
}

// Our automata accept the subject for this pattern.
void Scanner::accepted(std::uint32_t id) {
  if (text_.plain() && view_.entries[id].has(Entry::exact)) return decide(id, true);
  confirm(id);
}

void Scanner::confirm(std::uint32_t id) {
  if (attempts_[id] == decided) return;
  if (subject_.size() > max_pattern_subject) {
    judged_ = false;
    return decide(id, false);
  }
  ++counters_.asked_re2;
  auto& re = confirmers_[id];
  if (!re) {
    const std::string_view source = view_.text(id);
    re = std::make_unique<RE2>(re2::StringPiece(source.data(), source.size()),
                               pattern_options(view_.entries[id].has(Entry::case_sensitive)));
  }
  if (!re->ok()) judged_ = false;
  decide(id, re->ok() && re2_finds(*re, subject_));
}

void Scanner::decide(std::uint32_t id, bool matches) {
  std::uint8_t& attempts = attempts_[id];
  if (attempts == decided) return;
  if (attempts == 0) touched_.push_back(id);
  attempts = decided;
  if (matches) ids_->push_back(id);
}

}  // namespace schoolgate::pattern
