#include "rules/lists/list_parser.h"

#include <algorithm>
#include <utility>

#include "rules/bytes/hash.h"
#include "rules/lists/list_line.h"
#include "rules/url/utf8.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_problems = 10;

bool same_rule(const RuleEntry& a, const RuleEntry& b) noexcept {
  return a.kind == b.kind && a.exception == b.exception && a.target == b.target && a.text == b.text;
}

std::uint32_t hash_rule(const RuleEntry& entry) noexcept {
  std::uint64_t state = static_cast<std::uint64_t>(entry.kind) << 16 |
                        static_cast<std::uint64_t>(entry.target) << 8 | std::uint64_t{entry.exception};
  std::string_view left = entry.text;
  for (; left.size() >= 8; left.remove_prefix(8))
    state = mix(state ^ load<std::uint64_t>(left.data()), 0xa0761d6478bd642f);
  std::uint64_t rest = left.size() + 1;
  for (const char c : left) rest = rest << 8 | static_cast<unsigned char>(c);
  state = mix(state ^ rest, 0xe7037ed1a0b428db);
  return static_cast<std::uint32_t>(state ^ state >> 32);
}

// Lines of the text, without their ends.
class TextLines {
 public:
  explicit TextLines(std::string_view text) noexcept : text_(text) {
    if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
  }
  bool next(std::string_view& line) noexcept {
    if (at_ >= text_.size()) return false;
    line = line_at(text_, at_);
    at_ += line.size() + 1;
    return true;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

// Whether an entry that is read once more equals `wanted`.
class EarlierEntry final : public ListLineSink {
 public:
  explicit EarlierEntry(const RuleEntry& wanted) : wanted_(wanted) {}
  void accept(RuleEntry&& entry, std::string_view) override { found_ = same_rule(entry, wanted_); }
  void ignore(Ignored) override {}
  void refuse(std::string_view, std::string, std::string) override {}
  [[nodiscard]] bool found() const noexcept { return found_; }

 private:
  const RuleEntry& wanted_;
  bool found_ = false;
};

// The rules seen so far, as a hash and the place of each: eight bytes. Exact: where a hash was seen before,
// that place is read once more.
class EarlierRules {
 public:
  // Calls is_same(offset) for each line that may have held it; remembers the rule if none did.
  template <class IsSame>
  bool contains_or_add(std::uint32_t hash, std::uint32_t offset, IsSame&& is_same) {
    if (4 * (count_ + 1) > 3 * slots_.size()) grow();
    std::size_t at = hash & (slots_.size() - 1);
    for (; slots_[at].used != 0; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].hash == hash && is_same(slots_[at].used - 1)) return true;
    }
    slots_[at] = {hash, offset + 1};
    ++count_;
    return false;
  }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t used = 0;  // offset + 1
  };
  void grow() {
    std::vector<Slot> old(std::max<std::size_t>(64, 2 * slots_.size()));
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.used == 0) continue;
      std::size_t at = slot.hash & (slots_.size() - 1);
      while (slots_[at].used != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }
  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

class Parser final : public ListLineSink {
 public:
  Parser(std::string_view text, ListFormat format, std::string_view file,
         const std::function<void(RuleEntry&&)>& sink)
      : lines_(text),
        text_(text),
        file_(file),
        sink_(sink),
        reader_(format),
        second_reader_(format),
        hash_is_comment_(format != ListFormat::adblock) {}

  ListReport run() {
    if (const auto [code, message] = file_problem(); code != 0) {
      add_file_problem(code, message);
      return std::move(report_);
    }
    while (lines_.next(raw_)) {
      ++report_.lines;
      const std::string_view line = trimmed(raw_);
      if (line.empty() || (hash_is_comment_ && line.front() == '#')) {
        ignore(Ignored::comment_or_blank);
      } else if (!all_utf8_ && !is_utf8(line)) {
        problem(list_code::bad_utf8_line, line, "not UTF-8", "save the file as UTF-8");
      } else {
        reader_.read(line, *this);
      }
    }
    if (report_.accepted == 0) add_file_problem(list_code::nothing_in_it, "no entry in the whole file");
    return std::move(report_);
  }

  void accept(RuleEntry&& entry, std::string_view where) override {
    const auto offset = static_cast<std::uint32_t>(where.data() - text_.data());
    const bool known = earlier_.contains_or_add(hash_rule(entry), offset, [&](std::uint32_t earlier) {
      EarlierEntry again(entry);
      second_reader_.reread(text_, earlier, again);
      return again.found();
    });
    if (known) return ignore(Ignored::duplicate_in_file);
    ++report_.accepted;
    entry.line = static_cast<std::uint32_t>(report_.lines);
    sink_(std::move(entry));
  }
  void ignore(Ignored reason) override { ++report_.ignored[static_cast<std::size_t>(reason)]; }
  void refuse(std::string_view where, std::string message, std::string hint) override {
    problem(list_code::bad_line, where, std::move(message), std::move(hint));
  }

 private:
  void problem(int code, std::string_view where, std::string message, std::string hint) {
    ++report_.invalid;
    if (report_.first_problems.size() >= max_problems) return;
    Diagnostic d;
    d.severity = Severity::warning;
    d.code = code;
    d.file = file_;
    d.pos = {static_cast<std::uint32_t>(report_.lines),
             static_cast<std::uint32_t>(where.data() - raw_.data()) + 1};
    d.length = static_cast<std::uint32_t>(where.size());
    d.message = std::move(message);
    d.hint = std::move(hint);
    report_.first_problems.push_back(std::move(d));
  }
  void add_file_problem(int code, std::string message) {
    Diagnostic d;
    d.code = code;
    d.file = file_;
    d.message = std::move(message);
    report_.first_problems.insert(report_.first_problems.begin(), std::move(d));
  }
  // What keeps the file from being read at all; code 0 = nothing.
  std::pair<int, std::string> file_problem() {
    if (text_.size() > 0xfffffff0) return {list_code::too_big, "over 4 GiB"};
    if (text_.find('\0') != std::string_view::npos)
      return {list_code::binary, "holds NUL bytes: not a text file"};
    all_utf8_ = is_utf8(text_);
    if (all_utf8_) return {};
    std::uint64_t all = 0, bad = 0;
    TextLines lines(text_);
    for (std::string_view line; lines.next(line); ++all) bad += is_utf8(line) ? 0 : 1;
    if (100 * bad <= all) return {};
    return {list_code::not_text, std::to_string(bad) + " of " + std::to_string(all) +
                                     " lines are not UTF-8: not a text file of our kind"};
  }

  TextLines lines_;
  std::string_view text_, file_, raw_;
  const std::function<void(RuleEntry&&)>& sink_;
  ListLineReader reader_, second_reader_;
  bool hash_is_comment_;
  bool all_utf8_ = false;
  EarlierRules earlier_;
  ListReport report_;
};

}  // namespace

ListReport parse_list(std::string_view text, ListFormat format, std::string_view file,
                      const std::function<void(RuleEntry&&)>& sink) {
  return Parser(text, format, file, sink).run();
}

}  // namespace schoolgate
