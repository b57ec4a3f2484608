#include "config/lists/list_change.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "config/lists/list_suffixes.h"
#include "config/text/suggest.h"

namespace schoolgate {
namespace {

constexpr std::uint64_t most_growth = 10;  // times
constexpr std::uint64_t most_opened = 10;  // hosts, without a person's word

// An entry as one text by which it is found again; what a person would write stands at its end.
struct Entry {
  std::string key;
  bool exception = false;

  [[nodiscard]] std::string written() const { return (exception ? "@@" : "") + key.substr(2); }
  friend bool operator<(const Entry& a, const Entry& b) noexcept { return a.key < b.key; }
  friend bool operator==(const Entry& a, const Entry& b) noexcept { return a.key == b.key; }
};

Entry as_entry(RuleEntry&& rule) {
  // Two bytes of all that makes the same text another rule; printable, so that no example has controls.
  unsigned bits = static_cast<unsigned>(rule.kind);
  for (const bool flag :
       {rule.exception, rule.important, rule.subdomains, rule.itself, rule.open_end, rule.case_sensitive})
    bits = bits * 2 + (flag ? 1 : 0);
  bits = bits * 4 + static_cast<unsigned>(rule.target);
  Entry entry{std::string{static_cast<char>(bits / 32 + '!'), static_cast<char>(bits % 32 + '!')},
              rule.exception};
  entry.key += rule.text;
  return entry;
}

// `suffixes`: takes those of them that a load leaves out; null: they are meant, or nobody asks.
std::vector<Entry> entries_of(std::string_view text, ListFormat format, ListReport& report,
                              std::vector<Entry>* suffixes = nullptr) {
  std::vector<Entry> entries;
  report = parse_list(text, format, "", [&](RuleEntry&& rule) {
    const auto suffix = suffixes == nullptr ? std::nullopt : suffix_of(rule);
    entries.push_back(as_entry(std::move(rule)));
    if (suffix && suffix->fate == SuffixEntry::Fate::left_out) suffixes->push_back(entries.back());
  });
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return entries;
}

std::uint64_t blocking(const std::vector<Entry>& entries) {
  return static_cast<std::uint64_t>(
      std::count_if(entries.begin(), entries.end(), [](const Entry& entry) { return !entry.exception; }));
}

void count(ListChange::Some& some, const Entry& entry) {
  ++some.count;
  if (some.examples.size() < ListChange::most_examples) some.examples.push_back(entry.written());
}

Message entries_text(std::uint64_t n) {
  return n == 1 ? say("1 entry") : say("{} entries", grouped(n));
}

Message examples_text(const ListChange::Some& some) {
  if (some.examples.empty()) return {};
  std::vector<std::string> words = some.examples;
  if (some.count > words.size()) words.emplace_back("...");
  return say(" ({})", join_words(words));
}

// The error that makes a load refuse the whole file.
std::optional<Message> file_error(const ListReport& report) {
  for (const Diagnostic& problem : report.first_problems)
    if (problem.severity == Severity::error) return problem.message;
  return std::nullopt;
}

}  // namespace

ListChange compare_lists(std::optional<std::string_view> old, std::string_view now, ListFormat format,
                         ListRole role) {
  ListChange change;
  change.first = !old;
  std::vector<Entry> suffixes;
  const std::vector<Entry> then_is =
      entries_of(now, format, change.report, role.suffixes ? nullptr : &suffixes);
  std::sort(suffixes.begin(), suffixes.end());
  change.no_list = file_error(change.report);
  ListReport ignored;
  const std::vector<Entry> then_was = old ? entries_of(*old, format, ignored) : std::vector<Entry>();
  change.was = blocking(then_was);
  change.is = blocking(then_is);
  std::vector<Entry> come, go;
  std::set_difference(then_is.begin(), then_is.end(), then_was.begin(), then_was.end(),
                      std::back_inserter(come));
  std::set_difference(then_was.begin(), then_was.end(), then_is.begin(), then_is.end(),
                      std::back_inserter(go));
  for (const Entry& entry : come) {
    count(change.come, entry);
    if (std::binary_search(suffixes.begin(), suffixes.end(), entry)) count(change.suffixes, entry);
    // The exceptions of a list that is new lift nothing but what it brings itself.
    if (role.protects ? !entry.exception : entry.exception && (!change.first || role.reaches))
      count(change.opens, entry);
  }
  for (const Entry& entry : go) {
    count(change.go, entry);
    if (role.protects && entry.exception) count(change.opens, entry);
  }
  return change;
}

bool has_shrunk(const ListChange& change) noexcept {
  return change.was != 0 &&
         (change.is == 0 || (change.was >= shrink_matters_from && change.is * 10 < change.was * 7));
}

std::vector<Message> why_wait(const ListChange& change, ListFormat format, ListRole role) {
  std::vector<Message> why;
  if (has_shrunk(change))
    why.push_back(say("it has shrunk from {} to {}", entries_text(change.was), grouped(change.is)));
  if (change.was != 0 && change.is > most_growth * change.was)
    why.push_back(say("it has grown from {} to {}", entries_text(change.was), grouped(change.is)));
  if (role.locked && change.opens.count != 0)
    why.push_back(say("it opens {}{} of a locked category", entries_text(change.opens.count),
                      examples_text(change.opens)));
  else if (change.opens.count > most_opened)
    why.push_back(say("it opens {}{}", entries_text(change.opens.count), examples_text(change.opens)));
  const ListReport& report = change.report;
  if (report.other_format)
    why.push_back(say("{}, and it is read as {}", message_of(*report.other_format), to_string(format)));
  else if (report.invalid > report.accepted)
    why.push_back(say("most of its lines cannot be read as {}", to_string(format)));
  return why;
}

Message suffixes_left_out(const ListChange& change) {
  if (change.suffixes.count == 0) return {};
  return say("left out, for they would hold every site below a public suffix: {}{}",
             entries_text(change.suffixes.count), examples_text(change.suffixes));
}

Message message_of(const ListChange& change) {
  if (change.first)
    return change.come.count == 1 ? say("1 entry, all of them new")
                                  : say("{} entries, all of them new", grouped(change.come.count));
  if (change.come.count == 0 && change.go.count == 0)
    return change.is == 1 ? say("the same 1 entry") : say("the same {} entries", grouped(change.is));
  const Message coming = grouped(change.come.count), which = examples_text(change.come);
  const Message going = grouped(change.go.count), which_go = examples_text(change.go);
  const Message comes =
      change.come.count == 1 ? say("1 entry comes{}", which) : say("{} entries come{}", coming, which);
  const Message goes = change.go.count == 1 ? say("1 goes{}", which_go) : say("{} go{}", going, which_go);
  if (change.opens.count == 0) return say("{}, {}", comes, goes);
  return say("{}, {}; newly opened: {}{}", comes, goes, grouped(change.opens.count),
             examples_text(change.opens));
}

}  // namespace schoolgate
