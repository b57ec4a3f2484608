#include "rules/patterns/build/index_builder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "rules/patterns/build/compile.h"
#include "rules/patterns/build/reach.h"

namespace schoolgate::pattern {
namespace {

constexpr double weak_from = 0.3;      // grams per address from which a pattern is called weak
constexpr double scanner_from = 0.3;   // and from which a scanner may be better
constexpr double worth_a_scanner = 1;  // grams per address of all its patterns together
// Read from the end, most texts soon differ from "/[0-9a-f]{12}\.js$" and its like. One scanner for all of
// them is cheaper than a walk for each wherever a text ends in ".js".
constexpr double ending_from = 0.005;
constexpr double soon = 4.5;  // symbols
constexpr double worth_an_ending_scanner = 0.1;
constexpr std::size_t max_scanner_states = 4000;
constexpr std::size_t max_states_alone = 1500;

struct Candidate {  // for a scanner
  std::uint32_t id;
  Compiled compiled;
  Automaton reading;  // in the direction the scanner takes
};

struct PlanDraft {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> grams;  // gram, record
  std::vector<Candidate> candidates;
  std::vector<ScannerEntry> scanners;
  std::vector<std::uint32_t> always;
};

std::uint32_t packed(const Gram& gram) {
  return std::bit_cast<std::uint32_t>(gram);
}

// Whether all positions at one end of the automaton (`ends`: its initial or its final ones) read a sentinel.
bool anchored(const Automaton& automaton, const std::vector<bool>& ends, Symbol sentinel) {
  SymbolSet only;
  only.add(sentinel);
  for (std::size_t p = 0; p < automaton.size(); ++p)
    if (ends[p] && automaton.sets[p] != only) return false;
  return true;
}
bool anchored_at_end(const Automaton& automaton) {
  return anchored(automaton, automaton.final, symbol::end);
}

// Which symbols may stand `offset` symbols from the gram where `record` fits: bits as in Slot. What the
// record does not say is allowed.
std::uint32_t neighbours(const Record& record, int offset, std::span<const SymbolSet> sets) {
  constexpr std::uint32_t every = 0xffffffff;
  if (offset >= record.left && offset <= record.right) {
    std::uint8_t value[Record::window_size], mask[Record::window_size];
    std::memcpy(value, record.value, sizeof value);
    std::memcpy(mask, record.mask, sizeof mask);
    const int at = offset - record.window;
    std::uint32_t bits = 0;
    for (std::uint32_t b = 0; b < 32; ++b) bits |= std::uint32_t{(b & mask[at]) == (value[at] & 31u)} << b;
    return bits;
  }
  const bool is_next = offset == record.right + 1;
  if (!is_next && offset != record.left - 1) return every;
  const Word set = is_next ? record.after : record.before;
  if (set == 0) return every;
  std::uint32_t bits = 0;
  canonical(sets[set]).for_each([&](Symbol s) { bits |= std::uint32_t{1} << neighbour_bit(s); });
  return bits;
}

// How many symbols a scanner reads of an address on average, from its end, until nothing more can match.
double symbols_read_from_end(const Dfa& dfa) {
  double symbols = 0, addresses = 0;
  SymbolText text;
  for (const char* line = address_sample; *line != 0; ++line) {
    const std::size_t size = std::strcspn(line, "\n");
    if (size == 0) continue;
    text.assign({line, size});
    std::uint32_t state = 0;
    const Symbol* at = text.symbols() + text.size();
    do {
      state = dfa.next[state * dfa.classes + dfa.class_of[*--at]];
      ++symbols;
    } while (state != 0 && at != text.symbols());
    ++addresses;
    line += size;
    if (*line == 0) break;
  }
  return symbols / addresses;
}

// Of a scanner: breadth first to the nearest state that has an output.
std::uint32_t shortest_accepted(const Dfa& dfa) {
  std::vector<bool> seen(dfa.states());
  std::vector<std::uint32_t> now{0}, then;
  seen[0] = true;
  for (std::uint32_t length = 0; !now.empty(); ++length, now.swap(then), then.clear()) {
    for (const std::uint32_t state : now) {
      if (!dfa.outputs[state].empty()) return length;
      for (std::size_t c = 0; c < dfa.classes; ++c) {
        const std::uint32_t next = dfa.next[state * dfa.classes + c];
        if (!seen[next]) seen[next] = true, then.push_back(next);
      }
    }
  }
  return 0;
}

class Assembler {
 public:
  std::vector<std::byte> run(std::span<const Pattern> patterns, std::span<const std::uint32_t> distrusted) {
    for (std::uint32_t id = 0; id < patterns.size(); ++id) {
      add_entry(patterns[id]);
      const bool trusted = !std::binary_search(distrusted.begin(), distrusted.end(), id);
      Compiled compiled = trusted ? compile_pattern(patterns[id], oracle_, model_) : Compiled{};
      if (patterns[id].target == PatternTarget::url &&
          WholeHostPattern(patterns[id]).holds_all_of_some_host()) {
        mark(id, Entry::front);
        place(id, plans_[front_subject], compiled);
      }
      place(id, plans_[entries_[id].target], std::move(compiled));
    }
    for (PlanDraft& plan : plans_) make_scanners(plan);
    return write();
  }

 private:
  void add_entry(const Pattern& pattern) {
    Entry entry;
    entry.text = static_cast<std::uint32_t>(texts_.size());
    entry.text_size = static_cast<std::uint16_t>(pattern.text.size());
    entry.target = static_cast<std::uint8_t>(pattern.target);
    entry.flags = pattern.case_sensitive ? Entry::case_sensitive : std::uint8_t{0};
    texts_ += pattern.text;
    entries_.push_back(entry);
  }

  void mark(std::uint32_t id, std::uint8_t flag) {
    entries_[id].flags = static_cast<std::uint8_t>(entries_[id].flags | flag);
  }

  void place(std::uint32_t id, PlanDraft& plan, Compiled compiled) {
    if (!compiled.automaton ||
        compiled.automaton->size() == 0) {  // not read, or "matches no text": RE2 knows
      mark(id, Entry::weak);
      plan.always.push_back(id);
      return;
    }
    if (compiled.automaton->exact) mark(id, Entry::exact);
    if (!compiled.cut || compiled.cut->expected > weak_from) mark(id, Entry::weak);
    const double from = anchored_at_end(*compiled.automaton) ? ending_from : scanner_from;
    if (compiled.cut && compiled.cut->expected < from) return add_grams(id, plan, compiled);
    plan.candidates.push_back({id, std::move(compiled), {}});
  }

  void add_grams(std::uint32_t id, PlanDraft& plan, const Compiled& compiled) {
    for (auto& [path, record] : make_records(compiled, programs_)) {
      record.pattern = id;
      std::uint32_t places[2] = {unplaced, unplaced};  // of the record, and of its twin for folded texts
      for_each_gram(path, [&, &p = path, &r = record](const Gram& gram) {
        const bool folded = p.only_folded(gram);
        if (places[folded] == unplaced) {
          places[folded] = static_cast<std::uint32_t>(records_.size());
          r.only_folded = folded ? 1 : 0;
          records_.push_back(r);
        }
        plan.grams.emplace_back(packed(gram), places[folded]);
      });
    }
  }

  // Candidates share scanners, as many in one as its size allows; those that fit in none fall back to their
  // grams, however common, or to RE2. What is anchored at its end is read from there: most texts soon differ.
  void make_scanners(PlanDraft& plan) {
    std::vector<Candidate> endings, from_end, from_start, anywhere;
    for (Candidate& c : plan.candidates) {
      const Automaton& forward = *c.compiled.automaton;
      const bool common = !c.compiled.cut || c.compiled.cut->expected >= scanner_from;
      c.reading = anchored_at_end(forward) ? reversed(forward) : forward;
      const auto dfa = alone(c.reading);
      if (dfa && anchored_at_end(forward) && common) {
        from_end.push_back(std::move(c));
      } else if (dfa && anchored_at_end(forward) && symbols_read_from_end(*dfa) <= soon) {
        endings.push_back(std::move(c));
      } else if (common && (dfa || alone(forward))) {
        c.reading = forward;
        (anchored(forward, forward.initial, symbol::start) ? from_start : anywhere).push_back(std::move(c));
      } else {
        without_scanner(plan, c);
      }
    }
    scan(plan, from_end, Direction::backward, worth_a_scanner);
    scan(plan, from_start, Direction::forward, worth_a_scanner);
    scan(plan, anywhere, Direction::forward, worth_a_scanner);
    // Apart and last: together with what stays in step with most texts they would grow too large, and they
    // can do without.
    scan(plan, endings, Direction::backward, worth_an_ending_scanner);
  }

  // A scanner reads every text; a few patterns with common grams cost less without.
  void scan(PlanDraft& plan, std::span<Candidate> group, Direction direction, double worth) {
    double expected = 0;
    for (const Candidate& c : group) expected += c.compiled.cut ? c.compiled.cut->expected : worth;
    if (expected >= worth) return share(plan, group, direction);
    for (const Candidate& c : group) without_scanner(plan, c);
  }

  // Alone it must not fill a scanner.
  static std::optional<Dfa> alone(const Automaton& reading) {
    const Automaton* const one[] = {&reading};
    return scanner_dfa(one, max_states_alone);
  }

  void share(PlanDraft& plan, std::span<Candidate> group, Direction direction) {
    if (group.empty()) return;
    std::vector<const Automaton*> automata;
    std::vector<std::uint32_t> ids;
    for (const Candidate& c : group) automata.push_back(&c.reading), ids.push_back(c.id);
    if (plan.scanners.size() < max_scanners) {
      const auto dfa = scanner_dfa(automata, max_scanner_states);
      if (const auto program = dfa ? programs_.add_scanner(*dfa, ids, direction) : std::nullopt) {
        plan.scanners.push_back({*program, shortest_accepted(*dfa)});
        return;
      }
    }
    if (group.size() == 1) return without_scanner(plan, group[0]);
    share(plan, group.first(group.size() / 2), direction);
    share(plan, group.subspan(group.size() / 2), direction);
  }

  void without_scanner(PlanDraft& plan, const Candidate& candidate) {
    if (candidate.compiled.cut)
      add_grams(candidate.id, plan, candidate.compiled);
    else
      plan.always.push_back(candidate.id);
  }

  // --- bytes ---------------------------------------------------------------------------------------------

  template <class T>
  Range append(std::span<const T> values) {
    out_.resize((out_.size() + 63) / 64 * 64);
    const Range range{static_cast<std::uint32_t>(out_.size()), static_cast<std::uint32_t>(values.size())};
    const auto bytes = std::as_bytes(values);
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    return range;
  }

  Tables write_grams(PlanDraft& draft) {
    Tables plan;
    auto& grams = draft.grams;
    std::sort(grams.begin(), grams.end());
    grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
    if (grams.empty()) return plan;
    std::vector<Slot> distinct;
    for (std::size_t i = 0, j = 0; i < grams.size(); i = j) {
      while (j < grams.size() && grams[j].first == grams[i].first) ++j;
      Slot slot{grams[i].first, static_cast<std::uint32_t>(refs_.size())};
      for (std::size_t k = i; k < j; ++k) {
        const Record& record = records_[grams[k].second];
        slot.before |= neighbours(record, -1, programs_.sets);
        slot.after |= neighbours(record, 4, programs_.sets);
      }
      if (j == i + 1)
        slot.first = grams[i].second | last_ref;
      else
        for (std::size_t k = i; k < j; ++k) refs_.push_back(grams[k].second | (k + 1 == j ? last_ref : 0));
      distinct.push_back(slot);
    }
    plan.slots_log2 = static_cast<std::uint32_t>(std::bit_width(distinct.size() * 2));
    const auto filter_log2 =
        std::clamp(static_cast<std::uint32_t>(std::bit_width(distinct.size() * 8)), 5u, GramFilter::max_log2);
    std::vector<Slot> slots(std::size_t{1} << plan.slots_log2);
    for (const Slot& slot : distinct) {
      std::size_t at = slot_hash(slot.gram) >> (32 - plan.slots_log2);
      while (slots[at].first != Slot::empty) at = (at + 1) & (slots.size() - 1);
      slots[at] = slot;
    }
    std::vector<std::uint32_t> filter(std::size_t{1} << filter_log2);
    for (const Slot& slot : distinct) {
      const std::uint32_t hash = GramFilter::hash(slot.gram);
      filter[hash >> GramFilter::to_word & (filter.size() - 1)] |= GramFilter::bits(hash);
    }
    plan.filter = append<std::uint32_t>(filter);
    plan.slots = append<Slot>(slots);
    return plan;
  }

  std::vector<std::byte> write() {
    Header header;
    out_.resize(sizeof header);
    for (std::size_t i = 0; i < subject_count; ++i) {
      header.tables[i] = write_grams(plans_[i]);
      header.tables[i].scanners = append<ScannerEntry>(plans_[i].scanners);
      header.tables[i].always = append<std::uint32_t>(plans_[i].always);
    }
    header.refs = append<std::uint32_t>(refs_);
    header.records = append<Record>(records_);
    header.sets = append<SymbolSet>(programs_.sets);
    header.words = append<Word>(programs_.words);
    header.entries = append<Entry>(entries_);
    header.texts = append<char>(texts_);
    std::copy_n(reinterpret_cast<const std::byte*>(&header), sizeof header, out_.begin());
    return std::move(out_);
  }

  static constexpr std::uint32_t unplaced = 0xffffffff;
  ClassOracle oracle_;
  FrequencyModel model_;
  ProgramTable programs_;
  PlanDraft plans_[subject_count];
  std::vector<Entry> entries_;
  std::string texts_;
  std::vector<Record> records_;
  std::vector<std::uint32_t> refs_;
  std::vector<std::byte> out_;
};

}  // namespace

std::vector<std::byte> assemble_index(std::span<const Pattern> patterns,
                                      std::span<const std::uint32_t> distrusted) {
  return Assembler().run(patterns, distrusted);
}

}  // namespace schoolgate::pattern

namespace schoolgate {

Result<std::vector<std::byte>> build_pattern_index(std::span<const Pattern> patterns) {
  for (const Pattern& p : patterns)
    if (const auto wrong = check_pattern(p.text, p.case_sensitive))
      return Error{"pattern \"" + p.text + "\": " + wrong->message};
  auto bytes = pattern::assemble_index(patterns, {});
  const auto wrong = pattern::disagreements(patterns, bytes);
  if (!wrong.empty()) bytes = pattern::assemble_index(patterns, wrong);
  return bytes;
}

}  // namespace schoolgate
