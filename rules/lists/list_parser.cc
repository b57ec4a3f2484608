#include "rules/lists/list_parser.h"

#include <algorithm>
#include <utility>

#include "rules/bytes/hash.h"
#include "rules/lists/line_text.h"
#include "rules/lists/list_line.h"
#include "rules/url/utf8.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_problems = 10;

bool same_rule(const RuleEntry& a, const RuleEntry& b) noexcept {
  return a.kind == b.kind && a.exception == b.exception && a.important == b.important &&
         a.subdomains == b.subdomains && a.itself == b.itself && a.open_end == b.open_end &&
         a.target == b.target && a.text == b.text;
}

std::uint32_t hash_rule(const RuleEntry& entry) noexcept {
  std::uint64_t state = static_cast<std::uint64_t>(entry.kind) << 16 |
                        static_cast<std::uint64_t>(entry.target) << 8 | std::uint64_t{entry.exception} |
                        std::uint64_t{entry.important} << 1 | std::uint64_t{entry.subdomains} << 2 |
                        std::uint64_t{entry.itself} << 3 | std::uint64_t{entry.open_end} << 4;
  std::string_view left = entry.text;
  for (; left.size() >= 8; left.remove_prefix(8))
    state = mix(state ^ load<std::uint64_t>(left.data()), 0xa0761d6478bd642f);
  std::uint64_t rest = left.size() + 1;
  for (const char c : left) rest = rest << 8 | static_cast<unsigned char>(c);
  state = mix(state ^ rest, 0xe7037ed1a0b428db);
  return static_cast<std::uint32_t>(state ^ state >> 32);
}

// Whether an entry that is read once more equals `wanted`.
class EarlierEntry final : public ListLineSink {
 public:
  explicit EarlierEntry(const RuleEntry& wanted) : wanted_(wanted) {}
  void accept(RuleEntry&& entry, std::string_view) override { found_ = same_rule(entry, wanted_); }
  void ignore(Ignored) override {}
  void refuse(std::string_view, Message, Message) override {}
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

// Text in two bytes a character, most of them letters of ASCII: of the first bytes over a quarter are zero,
// and all of those are the same half; or its mark, and any zero.
bool is_utf16(std::string_view text) noexcept {
  const std::string_view head = text.substr(0, std::min<std::size_t>(text.size(), 1024));
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < head.size(); ++i)
    if (head[i] == '\0') ++zeros[i % 2];
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) return zeros[0] + zeros[1] != 0;
  return zeros[0] + zeros[1] > head.size() / 4 && (zeros[0] == 0 || zeros[1] == 0);
}

// What keeps a file from being read at all.
struct FileProblem {
  int code = 0;  // 0: nothing
  Message message, hint;
};

class Parser final : public ListLineSink {
 public:
  Parser(std::string_view text, ListFormat format, std::string_view file,
         const std::function<void(RuleEntry&&)>& sink)
      : text_(text),
        file_(file),
        sink_(sink),
        facts_(text, format),
        reader_(format, facts_),
        second_reader_(format, facts_),
        looks_(format),
        takes_anything_(Looks::takes_anything(format)) {}

  ListReport run() {
    if (FileProblem problem = file_problem(); problem.code != 0) {
      add_file_problem(std::move(problem));
      return std::move(report_);
    }
    TextLines lines(text_);
    while (lines.next(raw_)) {
      ++report_.lines;
      read(reader_.without_comment(trimmed(raw_)));
    }
    const std::uint64_t comments = report_.ignored[static_cast<std::size_t>(Ignored::comment_or_blank)];
    report_.other_format = looks_.most(report_.lines - std::min(comments, report_.lines));
    const bool includes = report_.ignored[static_cast<std::size_t>(Ignored::included_list)] != 0;
    if (report_.accepted == 0 && !includes) add_file_problem(nothing_in_it());
    return std::move(report_);
  }

  void accept(RuleEntry&& entry, std::string_view where) override {
    const auto offset = static_cast<std::uint32_t>(where.data() - text_.data());
    const bool known = earlier_.contains_or_add(hash_rule(entry), offset, [&](std::uint32_t earlier) {
      EarlierEntry again(entry);
      second_reader_.reread(text_, earlier, again);
      return again.found();
    });
    understood_ = true;
    if (known) return ignore(Ignored::duplicate_in_file);
    ++report_.accepted;
    entry.line = static_cast<std::uint32_t>(report_.lines);
    sink_(std::move(entry));
  }
  void ignore(Ignored reason) override {
    ++report_.ignored[static_cast<std::size_t>(reason)];
    if (first_ignored_ == 0 && reason != Ignored::comment_or_blank) first_ignored_ = report_.lines;
    understood_ = understood_ || reason == Ignored::local_name;
  }
  void refuse(std::string_view where, Message message, Message hint) override {
    problem(list_code::bad_line, where, std::move(message), std::move(hint));
  }

 private:
  void read(std::string_view line) {
    if (line.empty()) return ignore(Ignored::comment_or_blank);
    if (!all_utf8_ && !is_utf8(line))
      return problem(list_code::bad_utf8_line, line, say("not UTF-8"), say("save the file as UTF-8"));
    understood_ = false;
    reader_.read(line, *this);
    const auto number = static_cast<std::uint32_t>(report_.lines);
    if (!understood_)
      looks_.add(line, number);
    else if (takes_anything_)
      looks_.add_taken(line, number);
  }

  void problem(int code, std::string_view where, Message message, Message hint) {
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
  void add_file_problem(FileProblem problem) {
    Diagnostic d;
    d.code = problem.code;
    d.file = file_;
    d.message = std::move(problem.message);
    d.hint = std::move(problem.hint);
    report_.first_problems.insert(report_.first_problems.begin(), std::move(d));
  }

  FileProblem nothing_in_it() const {
    if (report_.other_format)
      return {list_code::nothing_in_it,
              say("no entry in the whole file; {}", message_of(*report_.other_format)),
              hint_of(*report_.other_format)};
    const Message ignored = all_ignored();
    if (report_.first_problems.empty())
      return {list_code::nothing_in_it,
              ignored.empty() ? say("no entry in the whole file")
                              : say("no entry in the whole file; ignored: {}, the first in line {}", ignored,
                                    first_ignored_),
              {}};
    const Diagnostic& first = report_.first_problems.front();
    return {list_code::nothing_in_it,
            ignored.empty() ? say("no entry in the whole file; line {}: {}", first.pos.line, first.message)
                            : say("no entry in the whole file; line {}: {}; ignored: {}", first.pos.line,
                                  first.message, ignored),
            {}};
  }

  // "3 other rule, 1 local name"
  Message all_ignored() const {
    Message all;
    for (std::size_t i = 0; i < ignored_reasons; ++i) {
      if (report_.ignored[i] == 0 || static_cast<Ignored>(i) == Ignored::comment_or_blank) continue;
      const Message one = say("{} {}", report_.ignored[i], message_of(static_cast<Ignored>(i)));
      all = all.empty() ? one : say("{}, {}", all, one);
    }
    return all;
  }

  FileProblem file_problem() {
    if (text_.size() > 0xfffffff0) return {list_code::too_big, say("over 4 GiB"), {}};
    if (is_utf16(text_))
      return {list_code::utf16, say("this is UTF-16 text"),
              say("save it as UTF-8, or: iconv -f UTF-16 -t UTF-8 OLD > NEW")};
    if (text_.find('\0') != std::string_view::npos)
      return {list_code::binary, say("holds NUL bytes: not a text file"), {}};
    all_utf8_ = is_utf8(text_);
    if (all_utf8_) return {};
    std::uint64_t all = 0, bad = 0;
    TextLines lines(text_);
    for (std::string_view line; lines.next(line); ++all)
      bad += is_utf8(reader_.without_comment(trimmed(line))) ? 0 : 1;
    if (100 * bad <= all) return {};
    return {
        list_code::not_text, say("{} of {} lines are not UTF-8: not a text file of our kind", bad, all), {}};
  }

  std::string_view text_, file_, raw_;
  const std::function<void(RuleEntry&&)>& sink_;
  FileFacts facts_;
  ListLineReader reader_, second_reader_;
  Looks looks_;
  bool takes_anything_;
  bool understood_ = false;  // the present line gave an entry, or says what every such file says
  bool all_utf8_ = false;
  std::uint64_t first_ignored_ = 0;  // its line; 0: none
  EarlierRules earlier_;
  ListReport report_;
};

}  // namespace

ListReport parse_list(std::string_view text, ListFormat format, std::string_view file,
                      const std::function<void(RuleEntry&&)>& sink) {
  // Old Macs end lines in CR alone.
  if (text.find('\n') == std::string_view::npos && text.find('\r') != std::string_view::npos) {
    std::string with_ends(text);
    std::replace(with_ends.begin(), with_ends.end(), '\r', '\n');
    return Parser(with_ends, format, file, sink).run();
  }
  return Parser(text, format, file, sink).run();
}

}  // namespace schoolgate
