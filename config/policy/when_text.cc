#include "config/policy/when_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "config/text/diag_codes.h"
#include "config/text/suggest.h"
#include "rules/message.h"
#include "rules/words/text_fold.h"

namespace schoolgate {
namespace {

constexpr unsigned all_week = 0x7f;

struct WhenWord {
  std::string_view text;
  std::string folded;  // small letters without marks
  std::size_t begin;   // in the whole text
};

enum class SchoolHours : std::uint8_t { lessons, breaks, boarding, periods };
enum class WhichDays : std::uint8_t { every, holidays, not_holidays, exams, not_exams, school };

// Folded words that stand for one thing, the longer ones first.
template <class Meaning>
struct SchoolPhrase {
  std::array<std::string_view, 3> words;
  Meaning meaning;
  [[nodiscard]] std::size_t size() const noexcept {
    return static_cast<std::size_t>(std::find(words.begin(), words.end(), "") - words.begin());
  }
};
constexpr SchoolPhrase<SchoolHours> hour_phrases[] = {
    {{"gio", "ra", "choi"}, SchoolHours::breaks},
    {{"ra", "choi"}, SchoolHours::breaks},
    {{"breaks"}, SchoolHours::breaks},
    {{"gio", "hoc"}, SchoolHours::lessons},
    {{"lessons"}, SchoolHours::lessons},
    {{"noi", "tru"}, SchoolHours::boarding},
    {{"boarding"}, SchoolHours::boarding},
    {{"periods"}, SchoolHours::periods},
    {{"period"}, SchoolHours::periods},
    {{"tiet"}, SchoolHours::periods},
    {{"lesson"}, SchoolHours::lessons},
    {{"break"}, SchoolHours::breaks},
};
constexpr SchoolPhrase<WhichDays> day_phrases[] = {
    {{"not", "exam", "days"}, WhichDays::not_exams},
    {{"tru", "ngay", "nghi"}, WhichDays::not_holidays},
    {{"tru", "ngay", "le"}, WhichDays::not_holidays},
    {{"tru", "ngay", "thi"}, WhichDays::not_exams},
    {{"not", "holidays"}, WhichDays::not_holidays},
    {{"exam", "days"}, WhichDays::exams},
    {{"school", "days"}, WhichDays::school},
    {{"ngay", "nghi"}, WhichDays::holidays},
    {{"ngay", "le"}, WhichDays::holidays},
    {{"ngay", "thi"}, WhichDays::exams},
    {{"ngay", "hoc"}, WhichDays::school},
    {{"holidays"}, WhichDays::holidays},
    {{"holiday"}, WhichDays::holidays},
};
constexpr SchoolPhrase<Shift> shift_phrases[] = {
    {{"buoi", "sang"}, Shift::morning},    {{"morning"}, Shift::morning},     {{"sang"}, Shift::morning},
    {{"buoi", "chieu"}, Shift::afternoon}, {{"afternoon"}, Shift::afternoon}, {{"chieu"}, Shift::afternoon},
    {{"buoi", "toi"}, Shift::evening},     {{"evening"}, Shift::evening},     {{"toi"}, Shift::evening},
};

std::vector<WhenWord> words_of(std::string_view text, std::size_t offset) {
  std::vector<WhenWord> words;
  TextKeys keys;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    const std::string_view word = text.substr(at, end - at);
    fold_text(word, keys);
    words.push_back({word, keys.folded, offset + at});
    at = end;
  }
  return words;
}

template <class Meaning, std::size_t n>
const SchoolPhrase<Meaning>* phrase_at(const SchoolPhrase<Meaning> (&table)[n],
                                       std::span<const WhenWord> words) {
  for (const SchoolPhrase<Meaning>& phrase : table)
    if (phrase.size() <= words.size() &&
        std::equal(phrase.words.begin(), phrase.words.begin() + static_cast<std::ptrdiff_t>(phrase.size()),
                   words.begin(),
                   [](std::string_view want, const WhenWord& word) { return word.folded == want; }))
      return &phrase;
  return nullptr;
}

template <class Meaning, std::size_t n>
const SchoolPhrase<Meaning>* phrase_before(const SchoolPhrase<Meaning> (&table)[n],
                                           std::span<const WhenWord> words) {
  for (const SchoolPhrase<Meaning>& phrase : table)
    if (phrase.size() <= words.size() && phrase_at(table, words.last(phrase.size())) == &phrase)
      return &phrase;
  return nullptr;
}

struct PeriodNumbers {
  std::uint16_t first = 0, last = 0;
};

// "1-5", "3".
std::optional<PeriodNumbers> numbers_of(std::string_view text) {
  const auto number = [](std::string_view digits) -> std::optional<std::uint16_t> {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  const std::size_t dash = text.find('-');
  const auto first = number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : number(text.substr(dash + 1));
  if (!first || !last || *last < *first) return std::nullopt;
  return PeriodNumbers{*first, *last};
}

class WhenReader {
 public:
  WhenReader(std::string_view text, const PeriodsFile& periods) : text_(text), periods_(periods) {}

  WhenReading read() {
    if (auto times = Schedule::parse(text_)) {
      out_.times = std::move(*times);
      return std::move(out_);
    }
    split();
    if (!speaks_of_school()) {
      out_.code = diag::bad_schedule;
      out_.trouble = explain_schedule(text_);
      return std::move(out_);
    }
    out_.times.emplace();
    for (Entry& entry : entries_)
      if (!take(entry)) return fail();
    if (!each_names_its_own()) return fail();
    std::string name;
    for (const Entry& entry : entries_) name += (name.empty() ? "" : ", ") + spelled(entry.words);
    out_.times->name(std::move(name));
    if (out_.times->empty()) never_holds();
    return std::move(out_);
  }

 private:
  struct Entry {
    std::size_t begin;
    std::vector<WhenWord> words;
    bool names_days = false, says_which_days = false;  // of the week; of the calendar
  };

  void split() {
    for (std::size_t begin = 0; begin <= text_.size();) {
      const std::size_t end = std::min(text_.find(',', begin), text_.size());
      entries_.push_back({begin, words_of(text_.substr(begin, end - begin), begin)});
      begin = end + 1;
    }
  }

  [[nodiscard]] bool speaks_of_school() const {
    return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) {
      for (std::size_t i = 0; i < entry.words.size(); ++i) {
        const auto rest = std::span(entry.words).subspan(i);
        if (phrase_at(hour_phrases, rest) != nullptr || phrase_at(day_phrases, rest) != nullptr) return true;
      }
      return false;
    });
  }

  static std::string spelled(const std::vector<WhenWord>& words) {
    std::string text;
    for (const WhenWord& word : words) text += (text.empty() ? "" : " ") + std::string(word.text);
    return text;
  }

  WhenReading fail() {
    out_.times.reset();
    return std::move(out_);
  }
  bool trouble(int code, std::size_t begin, std::size_t end, const Message& message, const Message& hint) {
    out_.code = code;
    out_.trouble = {begin, end - begin, message, hint};
    return false;
  }
  bool trouble_at(int code, std::span<const WhenWord> words, const Message& message, const Message& hint) {
    return trouble(code, words.front().begin, words.back().begin + words.back().text.size(), message, hint);
  }
  [[nodiscard]] std::string_view between(std::span<const WhenWord> words) const {
    const std::size_t begin = words.front().begin;
    return text_.substr(begin, words.back().begin + words.back().text.size() - begin);
  }

  bool take(Entry& entry) {
    std::span<const WhenWord> words = entry.words;
    if (words.empty())
      return trouble(diag::bad_schedule, 0, text_.size(), say("nothing stands between two commas"),
                     say("take a comma out"));
    WhichDays days = WhichDays::every;
    if (const auto* found = phrase_before(day_phrases, words)) {
      days = found->meaning;
      words = words.first(words.size() - found->size());
      entry.says_which_days = true;
    }
    if (days != WhichDays::every && !periods_.named)
      return trouble(diag::no_periods, entry.words.back().begin, text_.size(),
                     say("holidays and exam days are not known: there is no periods.yaml"),
                     say("name them there, beside the folder of tiers"));
    if (days != WhichDays::every && !periods_.whole) {
      out_.silent = true;
      return false;
    }
    for (std::size_t i = 0; i < words.size(); ++i)
      if (const auto* kind = phrase_at(hour_phrases, words.subspan(i)))
        return take_kind(entry, words, i, *kind, days);
    return take_clock(entry, words, days);
  }

  // Whole days, or times of the clock.
  bool take_clock(Entry& entry, std::span<const WhenWord> words, WhichDays days) {
    DayTimes times;
    if (words.empty()) {
      times.add(all_week, 0, 24 * 60);
    } else {
      const std::string_view text = between(words);
      if (numbers_of(text) && after_periods(entry))
        return trouble_at(
            diag::bad_schedule, words, say("\"{}\": behind a comma the word stands again", std::string(text)),
            say("write \"periods {}\", with its days where others name them", std::string(text)));
      if (const auto* first = phrase_at(day_phrases, words))
        return trouble_at(
            diag::bad_schedule, words.first(first->size()),
            say("\"{}\" stands behind the time", std::string(between(words.first(first->size())))),
            say("for example T2-T6 07:00-11:30 not holidays"));
      // "T7 holidays" is all of the day; "T7" alone lacks its hours.
      if (const unsigned weekdays = weekdays_of(text); weekdays != 0 && days != WhichDays::every) {
        times.add(weekdays, 0, 24 * 60);
        entry.names_days = true;
      } else if (auto clock = DayTimes::parse(text)) {
        times = std::move(*clock);
        entry.names_days = text.find_first_of("0123456789") != 0;
      } else {
        out_.code = diag::bad_schedule;
        out_.trouble = explain_schedule(text);
        out_.trouble.offset += words.front().begin;
        return false;
      }
    }
    add(times, days_of(days));
    out_.by_school = out_.by_school || days != WhichDays::every;
    return true;
  }

  [[nodiscard]] bool after_periods(const Entry& entry) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& other) {
      if (other.begin >= entry.begin) return false;
      for (std::size_t i = 0; i < other.words.size(); ++i) {
        const auto* kind = phrase_at(hour_phrases, std::span(other.words).subspan(i));
        if (kind != nullptr && kind->meaning == SchoolHours::periods) return true;
      }
      return false;
    });
  }

  // [days] [shift] kind [numbers] [shift]
  bool take_kind(Entry& entry, std::span<const WhenWord> words, std::size_t at,
                 const SchoolPhrase<SchoolHours>& kind, WhichDays days) {
    std::span<const WhenWord> before = words.first(at), behind = words.subspan(at + kind.size());
    const std::span<const WhenWord> itself = words.subspan(at, kind.size());
    std::optional<PeriodNumbers> numbers;
    if (kind.meaning == SchoolHours::periods) {
      std::size_t used = 0;
      while (used < behind.size() &&
             behind[used].text.find_first_not_of("0123456789-") == std::string_view::npos)
        ++used;
      std::string digits;
      for (const WhenWord& word : behind.first(used)) digits += word.text;
      numbers = numbers_of(digits);
      if (!numbers)
        return trouble_at(diag::bad_schedule, used == 0 ? itself : behind.first(used),
                          say("which periods? their numbers are missing or no range"),
                          say("for example periods 1-5, or period 3"));
      behind = behind.subspan(used);
    }
    std::optional<Shift> shift;
    if (const auto* found = phrase_before(shift_phrases, before)) {
      shift = found->meaning;
      before = before.first(before.size() - found->size());
    } else if (const auto* later = phrase_at(shift_phrases, behind)) {
      shift = later->meaning;
      behind = behind.subspan(later->size());
    }
    if (!behind.empty())
      return trouble_at(diag::bad_schedule, behind,
                        say("\"{}\" is not understood here", std::string(between(behind))),
                        say("such a time is days, then lessons, breaks, boarding or periods 1-5, then \"not "
                            "holidays\", \"holidays\" or \"exam days\""));
    unsigned weekdays = all_week;
    if (!before.empty()) {
      weekdays = weekdays_of(between(before));
      entry.names_days = true;
      if (weekdays == 0)
        return trouble_at(diag::bad_schedule, before,
                          say("\"{}\" is no day of the week", std::string(between(before))),
                          say("T2 is Monday, T7 Saturday, CN Sunday; several are T2-T6"));
    }
    if (!periods_.whole) {
      out_.silent = true;
      return false;
    }
    const auto times = times_of(kind.meaning, shift, numbers, itself);
    if (!times) return false;
    // On which days boarders sleep at school is said there; lessons are on school days.
    const DaySet of_kind =
        kind.meaning == SchoolHours::boarding ? DaySet::every_day() : periods_.clock.school_days;
    add(times->on(weekdays), of_kind.common(days_of(days)));
    out_.by_school = out_.by_school || days != WhichDays::every || kind.meaning != SchoolHours::boarding;
    return true;
  }

  std::optional<DayTimes> times_of(SchoolHours kind, std::optional<Shift> shift,
                                   std::optional<PeriodNumbers> numbers, std::span<const WhenWord> at) {
    const SchoolClock& clock = periods_.clock;
    const auto none = [&](const Message& message) {
      trouble_at(diag::no_periods, at, message, say("name them in periods.yaml, beside the folder of tiers"));
      return std::nullopt;
    };
    if (kind == SchoolHours::boarding) {
      if (clock.boarding.empty()) return none(say("the hours of boarders are not known"));
      return clock.boarding;
    }
    SchoolClock some = clock;
    std::erase_if(some.shifts, [&](const ShiftLessons& one) { return shift && one.shift != *shift; });
    if (some.shifts.empty()) return none(say("the hours of these lessons are not known"));
    if (kind == SchoolHours::lessons) return some.lessons();
    if (kind == SchoolHours::breaks) return some.breaks();
    return periods_times(some, *numbers, at);
  }

  // Each number has to be there, and in one shift: with two it could be meant in two ways.
  std::optional<DayTimes> periods_times(const SchoolClock& clock, PeriodNumbers numbers,
                                        std::span<const WhenWord> at) {
    DayTimes times;
    for (std::uint16_t number = numbers.first; number <= numbers.last; ++number) {
      const ShiftLessons* found = nullptr;
      for (const ShiftLessons& shift : clock.shifts) {
        for (const Lesson& lesson : shift.lessons) {
          if (lesson.number != number) continue;
          if (found != nullptr) {
            trouble_at(diag::no_periods, at,
                       say("period {} is in the {} and in the {}", number,
                           shift_names[static_cast<std::size_t>(found->shift)],
                           shift_names[static_cast<std::size_t>(shift.shift)]),
                       say("write morning periods 1-5, or afternoon periods 1-5, or both with a comma"));
            return std::nullopt;
          }
          found = &shift;
          times.add(shift.weekdays, lesson.begin, lesson.end);
        }
      }
      if (found == nullptr) {
        trouble_at(diag::no_periods, at, say("periods.yaml has no period {} here", number),
                   say("the numbers that it has there are {}", known_numbers(clock)));
        return std::nullopt;
      }
    }
    return times;
  }

  static Message known_numbers(const SchoolClock& clock) {
    std::vector<std::string> known;
    for (const ShiftLessons& shift : clock.shifts)
      for (const Lesson& lesson : shift.lessons) known.push_back(std::to_string(lesson.number));
    return join_words(known, known.size());
  }

  [[nodiscard]] DaySet days_of(WhichDays days) const {
    const SchoolClock& clock = periods_.clock;
    switch (days) {
      case WhichDays::holidays:
        return clock.holidays;
      case WhichDays::not_holidays:
        return clock.holidays.others();
      case WhichDays::exams:
        return clock.exam_days;
      case WhichDays::not_exams:
        return clock.exam_days.others();
      case WhichDays::school:
        return clock.school_days;
      case WhichDays::every:
        break;
    }
    return DaySet::every_day();
  }

  void add(const DayTimes& times, const DaySet& days) { out_.times->add(times, days); }

  // As of times of the clock: what could be meant in two ways is refused.
  bool each_names_its_own() {
    const auto all_or_none = [&](bool Entry::*names) {
      const auto count =
          std::count_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.*names; });
      return count == 0 || count == static_cast<std::ptrdiff_t>(entries_.size());
    };
    if (!all_or_none(&Entry::says_which_days))
      return trouble(diag::bad_schedule, 0, text_.size(),
                     say("\"holidays\", \"exam days\" or \"school days\" stand at one of several times"),
                     say("write the word at each of them, or make a row of each"));
    if (!all_or_none(&Entry::names_days))
      return trouble(diag::bad_schedule, 0, text_.size(), say("only some of these times name their days"),
                     say("write the days in front of each, or make a row of each"));
    return true;
  }

  void never_holds() {
    out_.code = diag::never_holds;
    out_.trouble = {0, text_.size(), say("at no time does this hold: periods.yaml names no such day or hour"),
                    say("name them there, or take the row out")};
  }

  std::string_view text_;
  const PeriodsFile& periods_;
  std::vector<Entry> entries_;
  WhenReading out_;
};

}  // namespace

WhenReading read_when(std::string_view text, const PeriodsFile& periods) {
  return WhenReader(text, periods).read();
}

}  // namespace schoolgate
