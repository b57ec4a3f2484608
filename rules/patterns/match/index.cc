// Opening an index: every number in it that is used without a look at match time is looked at here.
#include "rules/patterns/match/index.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <string>

#include "rules/patterns/match/format.h"

namespace schoolgate {
namespace pattern {
namespace {

class Opener {
 public:
  explicit Opener(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::optional<IndexView> run() {
    if (bytes_.size() < sizeof(Header) || reinterpret_cast<std::uintptr_t>(bytes_.data()) % 8 != 0)
      return std::nullopt;
    Header header;
    std::memcpy(&header, bytes_.data(), sizeof header);
    if (header.magic != index_magic) return std::nullopt;
    IndexView& v = view_;
    bool good = view(header.entries, v.entries) && view(header.sets, v.sets) && view(header.words, v.words) &&
                view(header.records, v.records) && view(header.refs, v.refs);
    std::span<const char> texts;
    good = good && view(header.texts, texts);
    v.texts = {texts.data(), texts.size()};
    for (std::size_t i = 0; good && i < subject_count; ++i) good = view_tables(header.tables[i], v.tables[i]);
    good = good && good_entries() && good_sets() && good_records() && good_refs();
    for (std::size_t i = 0; good && i < subject_count; ++i) good = good_tables(v.tables[i]);
    return good ? std::optional(view_) : std::nullopt;
  }

 private:
  template <class T>
  bool view(const Range& range, std::span<const T>& out) const {
    if (range.offset % alignof(T) != 0 || range.offset > bytes_.size()) return false;
    if (std::uint64_t{range.count} * sizeof(T) > bytes_.size() - range.offset) return false;
    out = {reinterpret_cast<const T*>(bytes_.data() + range.offset), range.count};
    return true;
  }

  bool view_tables(const Tables& tables, TablesView& out) const {
    if (!view(tables.filter, out.filter_words) || !view(tables.slots, out.slots) ||
        !view(tables.scanners, out.scanners) || !view(tables.always, out.always))
      return false;
    out.slots_log2 = tables.slots_log2;
    if (out.filter_words.empty()) return true;
    if (!std::has_single_bit(out.filter_words.size())) return false;
    out.filter = {out.filter_words.data(), static_cast<std::uint32_t>(out.filter_words.size() - 1)};
    return true;
  }

  bool good_entries() const {
    return std::all_of(view_.entries.begin(), view_.entries.end(), [&](const Entry& e) {
      return std::uint64_t{e.text} + e.text_size <= view_.texts.size() && e.target < target_count;
    });
  }

  // All but the first, which programs may not use.
  bool good_sets() const {
    const auto& sets = view_.sets;
    return !sets.empty() &&
           std::none_of(sets.begin() + 1, sets.end(), [](const SymbolSet& s) { return s.has(symbol::pad); });
  }

  bool good_records() {
    for (const Record& r : view_.records) {
      if (r.pattern >= view_.entries.size() || r.window > 0 || r.window < 4 - Record::window_size)
        return false;
      if (r.left < r.window || r.left > 3 || r.right < 0 || r.right >= r.window + Record::window_size)
        return false;
      if (r.after >= view_.sets.size() || r.before >= view_.sets.size()) return false;
      if (!good_remainder(r.forward, r.forward_state) || !good_remainder(r.backward, r.backward_state))
        return false;
    }
    return true;
  }

  bool good_remainder(ProgramId program, std::uint32_t state) {
    if (program == always || program == ask_re2) return true;
    const auto known = std::lower_bound(states_.begin(), states_.end(), std::pair{program, 0u});
    if (known != states_.end() && known->first == program)
      return state < known->second && state != dead_state;
    const std::uint32_t states = checked_remainder(view_.words, view_.sets.size(), program);
    states_.insert(known, {program, states});
    return state < states && state != dead_state;
  }

  bool good_refs() const {
    const auto& refs = view_.refs;
    if (!refs.empty() && (refs.back() & last_ref) == 0) return false;
    return std::all_of(refs.begin(), refs.end(),
                       [&](std::uint32_t r) { return (r & ~last_ref) < view_.records.size(); });
  }

  bool good_tables(const TablesView& tables) const {
    if (tables.scanners.size() > max_scanners) return false;
    for (const ScannerEntry& scanner : tables.scanners)
      if (checked_scanner(view_.words, scanner.program, static_cast<std::uint32_t>(view_.entries.size())) ==
          0)
        return false;
    for (const std::uint32_t id : tables.always)
      if (id >= view_.entries.size()) return false;
    if (tables.filter_words.empty()) return tables.slots.empty();
    if (tables.slots_log2 == 0 || tables.slots_log2 > 28) return false;
    if (tables.slots.size() != std::size_t{1} << tables.slots_log2) return false;
    bool any_empty = false;  // else a look-up would not end
    for (const Slot& slot : tables.slots) {
      if (slot.first == Slot::empty) {
        any_empty = true;
        continue;
      }
      const std::size_t known = (slot.first & last_ref) != 0 ? view_.records.size() : view_.refs.size();
      if ((slot.first & ~last_ref) >= known) return false;
    }
    return any_empty;
  }

  std::span<const std::byte> bytes_;
  IndexView view_;
  std::vector<std::pair<ProgramId, std::uint32_t>> states_;  // of programs already checked, ascending
};

}  // namespace
}  // namespace pattern

Result<std::shared_ptr<const PatternIndex>> PatternIndex::open(std::span<const std::byte> bytes) {
  pattern::Header header;
  if (bytes.size() >= sizeof header) {
    std::memcpy(&header, bytes.data(), sizeof header);
    if (header.magic == pattern::index_magic && header.version != pattern::index_version)
      return Error{
          say("an index of patterns of version {}, this program reads version {}; compile the lists again",
              header.version, pattern::index_version)};
  }
  const auto view = pattern::Opener(bytes).run();
  if (!view) return Error{say("the pattern index is damaged")};
  return std::make_shared<const PatternIndex>(*view);
}

std::string_view PatternIndex::text(std::uint32_t id) const noexcept {
  return view_.texts.substr(view_.entries[id].text, view_.entries[id].text_size);
}

Pattern PatternIndex::pattern(std::uint32_t id) const {
  const pattern::Entry& entry = view_.entries[id];
  return {std::string(text(id)), static_cast<PatternTarget>(entry.target),
          entry.has(pattern::Entry::case_sensitive)};
}

bool PatternIndex::weak(std::uint32_t id) const noexcept {
  return view_.entries[id].has(pattern::Entry::weak);
}

}  // namespace schoolgate
