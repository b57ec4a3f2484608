#include "rules/patterns/match/index_matcher.h"

#include <cstring>

#include "rules/bytes/fetch_ahead.h"

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

IndexMatcher::IndexMatcher(std::shared_ptr<const PatternIndex> index)
    : index_(std::move(index)),
      view_(index_->view()),
      decided_(index_->size()),
      confirmers_(index_->size()) {}

bool IndexMatcher::match(PatternTarget target, std::string_view subject, std::vector<std::uint32_t>& ids) {
  return match(view_.tables[static_cast<std::size_t>(target)], subject, ids);
}

bool IndexMatcher::match_front(std::string_view subject, std::vector<std::uint32_t>& ids) {
  return match(view_.tables[front_subject], subject, ids);
}

bool IndexMatcher::match(const TablesView& tables, std::string_view subject,
                         std::vector<std::uint32_t>& ids) {
  if (tables.asks_nothing()) return true;
  text_.assign(subject);
  subject_ = subject;
  ids_ = &ids;
  judged_ = true;
  steps_left_ = static_cast<std::ptrdiff_t>(64 * text_.size() + 4096);
  // Slots and records are fetched ahead by the step before: the tables together are larger than the fast
  // caches.
  // So scanners, which want little, run in between.
  const std::size_t half = (tables.scanners.size() + 1) / 2;
  if (tables.has_grams()) look_for_grams(tables);
  run_scanners(tables.scanners.first(half));
  if (tables.has_grams()) look_up(tables);
  run_scanners(tables.scanners.subspan(half));
  if (tables.has_grams()) try_records();
  for (const std::uint32_t id : tables.always) confirm(id);
  for (const std::uint32_t id : touched_) decided_[id] = 0;
  touched_.clear();
  return judged_;
}

void IndexMatcher::run_scanners(std::span<const ScannerEntry> scanners) {
  for (const ScannerEntry& scanner : scanners) {
    if (text_.size() < scanner.shortest) continue;
    run_scanner(view_.words.data() + scanner.program, text_.symbols(), text_.size(),
                [this](std::uint32_t id) { accepted(id); });
  }
}

// All places whose gram passes the filter.
void IndexMatcher::look_for_grams(const TablesView& tables) {
  const Symbol* const text = text_.lookup();
  if (found_.size() < text_.size() + 8) found_.resize(text_.size() + 8);
  found_count_ = find_grams_(tables.filter, text, text_.size(), found_.data());
  counters_.candidates += found_count_;
  for (std::size_t i = 0; i < found_count_; ++i)
    fetch_ahead(&tables.slots[slot_hash(load32(text + found_[i])) >> (32 - tables.slots_log2)]);
}

// From grams to where their records are, without a branch on what cannot be foreseen.
void IndexMatcher::look_up(const TablesView& tables) {
  const Symbol* const text = text_.lookup();
  if (leads_.size() < found_count_) leads_.resize(found_.size());
  Lead* lead = leads_.data();
  for (std::size_t k = 0; k < found_count_; ++k) {
    const std::uint32_t at = found_[k], gram = load32(text + at);
    std::size_t i = slot_hash(gram) >> (32 - tables.slots_log2);
    while (tables.slots[i].gram != gram && tables.slots[i].first != Slot::empty)
      i = (i + 1) & (tables.slots.size() - 1);
    const Slot& slot = tables.slots[i];  // an empty one has no neighbours
    *lead = {slot.first, at};
    lead += slot.before >> neighbour_bit(text[std::ptrdiff_t{at} - 1]) &
            slot.after >> neighbour_bit(text[at + 4]) & 1;
  }
  lead_count_ = static_cast<std::size_t>(lead - leads_.data());
  for (std::size_t k = 0; k < lead_count_; ++k) {
    const std::uint32_t number = leads_[k].first & ~last_ref;
    if ((leads_[k].first & last_ref) != 0)
      fetch_ahead(&view_.records[number]);
    else
      fetch_ahead(&view_.refs[number]);
  }
}

void IndexMatcher::try_records() {
  places_.clear();
  for (std::size_t k = 0; k < lead_count_; ++k) {
    const Lead lead = leads_[k];
    if ((lead.first & last_ref) != 0) {
      weigh(view_.records[lead.first & ~last_ref], lead.at);
      continue;
    }
    const std::uint32_t* ref = view_.refs.data() + lead.first;
    for (;; ++ref) {
      weigh(view_.records[*ref & ~last_ref], lead.at);
      if ((*ref & last_ref) != 0) break;
    }
  }
  for (const Place& place : places_) try_record(*place.record, place.at);
}

void IndexMatcher::weigh(const Record& record, std::uint32_t at) {
  ++counters_.windows;
  if (!may_match(record, at)) return;
  places_.push_back({&record, at});
}

// Everything that can be said without a walk.
bool IndexMatcher::may_match(const Record& record, std::uint32_t at) const noexcept {
  if (!window_fits(record, text_.lookup() + at)) return false;
  const Symbol* const gram = text_.symbols() + at;
  const auto before = static_cast<std::ptrdiff_t>(at) + record.left;
  const auto after =
      static_cast<std::ptrdiff_t>(text_.size()) - 1 - static_cast<std::ptrdiff_t>(at) - record.right;
  return static_cast<int>(view_.sets[record.before].has(gram[record.left - 1])) &
         static_cast<int>(view_.sets[record.after].has(gram[record.right + 1])) &
         static_cast<int>(before >= record.min_before) & static_cast<int>(after >= record.min_after);
}

void IndexMatcher::try_record(const Record& record, std::uint32_t at) {
  if (decided_[record.pattern] != 0 || (record.only_folded != 0 && !text_.folded())) return;
  // A text that begins a match again and again would be walked again and again: RE2 needs one pass.
  if (steps_left_ < 0) return confirm(record.pattern);
  ++counters_.walks;
  const Symbol* const gram = text_.symbols() + at;
  if (record.backward < ask_re2 &&
      !walk_on<-1>(record.backward, record.backward_state, gram + record.left - 1))
    return;
  if (record.forward < ask_re2 && !walk_on<1>(record.forward, record.forward_state, gram + record.right + 1))
    return;
  if (record.backward == ask_re2 || record.forward == ask_re2) return confirm(record.pattern);
  accepted(record.pattern);
}

template <int step>
bool IndexMatcher::walk_on(ProgramId program, std::uint32_t state, const Symbol* from) noexcept {
  const Symbol* at = from;
  const bool fits = walk<step>(view_.words.data() + program, view_.sets.data(), state, at);
  steps_left_ -= (at - from) * step;
  return fits;
}

// Our automata accept the subject for this pattern.
void IndexMatcher::accepted(std::uint32_t id) {
  if (text_.plain() && view_.entries[id].has(Entry::exact)) return decide(id, true);
  confirm(id);
}

void IndexMatcher::confirm(std::uint32_t id) {
  if (decided_[id] != 0) return;
  if (subject_.size() > max_pattern_subject) {
    judged_ = false;
    return decide(id, false);
  }
  ++counters_.asked_re2;
  auto& re = confirmers_[id];
  if (!re) {
    const std::string_view source = index_->text(id);
    re = std::make_unique<RE2>(re2::StringPiece(source.data(), source.size()),
                               pattern_options(view_.entries[id].has(Entry::case_sensitive)));
  }
  if (!re->ok()) judged_ = false;
  decide(id, re->ok() && re2_finds(*re, subject_));
}

void IndexMatcher::decide(std::uint32_t id, bool matches) {
  if (decided_[id] != 0) return;
  decided_[id] = 1;
  touched_.push_back(id);
  if (matches) ids_->push_back(id);
}

}  // namespace schoolgate::pattern
