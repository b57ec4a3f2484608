#include "rules/patterns/build/index_builder.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "rules/patterns/build/compile.h"
#include "rules/patterns/build/reach.h"
#include "rules/patterns/build/strategy.h"

namespace schoolgate::pattern {
namespace {

struct Candidate {  // for a scanner
  std::uint32_t id;
  Compiled compiled;
  Automaton reading;  // in the direction the scanner takes
};

struct TablesDraft {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> grams;  // gram, record
  std::vector<Candidate> candidates[strategy_count];
  std::vector<ScannerEntry> scanners;
  std::vector<std::uint32_t> always;
};

std::uint32_t packed(const Gram& gram) {
  return std::bit_cast<std::uint32_t>(gram);
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
      add(id, patterns[id], trusted ? compile_pattern(patterns[id], oracle_, model_) : Compiled{});
    }
    for (TablesDraft& tables : tables_) make_scanners(tables);
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

  void add(std::uint32_t id, const Pattern& pattern, const Compiled& compiled) {
    if (compiled.automaton && compiled.automaton->exact) mark(id, Entry::exact);
    if (is_weak(compiled)) mark(id, Entry::weak);
    const ChosenStrategy choice = choose(compiled);
    place(id, tables_[static_cast<std::size_t>(pattern.target)], compiled, choice);
    if (pattern.target != PatternTarget::url || !WholeHostPattern(pattern).holds_all_of_some_host()) return;
    mark(id, Entry::front);
    place(id, tables_[front_subject], compiled, choice);
  }

  void place(std::uint32_t id, TablesDraft& tables, const Compiled& compiled, const ChosenStrategy& choice) {
    switch (choice.strategy) {
      case Strategy::grams:
        return add_grams(id, tables, compiled);
      case Strategy::re2:
        return tables.always.push_back(id);
      case Strategy::from_end:
      case Strategy::from_start:
      case Strategy::anywhere:
      case Strategy::ending:
        break;
    }
    tables.candidates[static_cast<std::size_t>(choice.strategy)].push_back({id, compiled, choice.reading});
  }

  void add_grams(std::uint32_t id, TablesDraft& tables, const Compiled& compiled) {
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
        tables.grams.emplace_back(packed(gram), places[folded]);
      });
    }
  }

  // Candidates share scanners, as many in one as its size allows.
  void make_scanners(TablesDraft& tables) {
    for (std::size_t i = 0; i < strategy_count; ++i) {
      const auto strategy = static_cast<Strategy>(i);
      const std::span<const Candidate> group = tables.candidates[i];
      double expected = 0;
      for (const Candidate& c : group)
        expected += c.compiled.cut ? c.compiled.cut->expected : worth_a_scanner(strategy);
      if (expected >= worth_a_scanner(strategy))
        share(tables, group, strategy);
      else
        for (const Candidate& c : group) fall_back(tables, c);
    }
  }

  void share(TablesDraft& tables, std::span<const Candidate> group, Strategy strategy) {
    if (group.empty()) return;
    std::vector<const Automaton*> readings;
    std::vector<std::uint32_t> ids;
    for (const Candidate& c : group) readings.push_back(&c.reading), ids.push_back(c.id);
    if (tables.scanners.size() < max_scanners) {
      const auto dfa = shared_scanner(readings);
      if (const auto program =
              dfa ? programs_.add_scanner(*dfa, ids, direction_of(strategy)) : std::nullopt) {
        tables.scanners.push_back({*program, shortest_accepted(*dfa)});
        return;
      }
    }
    if (group.size() == 1) return fall_back(tables, group[0]);
    share(tables, group.first(group.size() / 2), strategy);
    share(tables, group.subspan(group.size() / 2), strategy);
  }

  void fall_back(TablesDraft& tables, const Candidate& candidate) {
    place(candidate.id, tables, candidate.compiled, {without_scanner(candidate.compiled)});
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

  Tables write_grams(TablesDraft& draft) {
    Tables tables;
    auto& grams = draft.grams;
    std::sort(grams.begin(), grams.end());
    grams.erase(std::unique(grams.begin(), grams.end()), grams.end());
    if (grams.empty()) return tables;
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
    tables.slots_log2 = static_cast<std::uint32_t>(std::bit_width(distinct.size() * 2));
    const auto filter_log2 =
        std::clamp(static_cast<std::uint32_t>(std::bit_width(distinct.size() * 8)), 5u, GramFilter::max_log2);
    std::vector<Slot> slots(std::size_t{1} << tables.slots_log2);
    for (const Slot& slot : distinct) {
      std::size_t at = slot_hash(slot.gram) >> (32 - tables.slots_log2);
      while (slots[at].first != Slot::empty) at = (at + 1) & (slots.size() - 1);
      slots[at] = slot;
    }
    std::vector<std::uint32_t> filter(std::size_t{1} << filter_log2);
    for (const Slot& slot : distinct) {
      const std::uint32_t hash = GramFilter::hash(slot.gram);
      filter[hash >> GramFilter::to_word & (filter.size() - 1)] |= GramFilter::bits(hash);
    }
    tables.filter = append<std::uint32_t>(filter);
    tables.slots = append<Slot>(slots);
    return tables;
  }

  std::vector<std::byte> write() {
    Header header;
    out_.resize(sizeof header);
    for (std::size_t i = 0; i < subject_count; ++i) {
      header.tables[i] = write_grams(tables_[i]);
      header.tables[i].scanners = append<ScannerEntry>(tables_[i].scanners);
      header.tables[i].always = append<std::uint32_t>(tables_[i].always);
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
  TablesDraft tables_[subject_count];
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
    if (const auto checked = check_pattern(p.text, p.case_sensitive); checked.failed())
      return Error{say("pattern \"{}\": {}", p.text, checked.error().message)};
  auto bytes = pattern::assemble_index(patterns, {});
  const auto wrong = pattern::disagreements(patterns, bytes);
  if (!wrong.empty()) bytes = pattern::assemble_index(patterns, wrong);
  return bytes;
}

}  // namespace schoolgate
