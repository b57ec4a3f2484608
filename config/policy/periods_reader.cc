#include "config/policy/periods_reader.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "config/policy/policy_shapes.h"
#include "config/policy/time_text.h"
#include "config/text/diag_codes.h"
#include "rules/message.h"
#include "rules/policy/civil_date.h"
#include "rules/policy/lunar_calendar.h"

namespace schoolgate {
namespace {

constexpr std::int32_t days_of_a_year = 366;

class PeriodsReader {
 public:
  PeriodsReader(const std::string& path, const YamlNode& root, LoadContext& context)
      : path_(path),
        context_(context),
        report_(context.reporter(path)),
        top_(root, report_, periods_shape, say("this file")) {}

  PeriodsFile read() {
    const auto before = report_.out().size();
    out_.named = true;
    read_version(top_);
    lessons();
    std::uint32_t shortest = out_.clock.shortest_break;
    top_.number("shortest_break", shortest);
    out_.clock.shortest_break = static_cast<std::uint16_t>(shortest);
    if (const YamlNode* boarding = top_.get("boarding")) read_boarding(*boarding);
    const DaySet terms(named_days("terms", out_.clock.terms));
    out_.clock.exam_days = DaySet(named_days("exam_days", out_.clock.named_exam_days));
    if (const YamlNode* node = top_.get("holidays")) out_.holidays_where = context_.place(path_, *node);
    out_.clock.holidays = DaySet(named_days("holidays", out_.clock.named_holidays));
    if (const YamlNode* exams = top_.get("exams"))
      for (const YamlNode* item : read_items(*exams, report_)) read_exam(*item);
    top_.finish();
    out_.clock.school_days = school_days(terms);
    const auto first = report_.out().begin() + static_cast<std::ptrdiff_t>(before);
    out_.whole = std::none_of(first, report_.out().end(),
                              [](const Diagnostic& d) { return d.severity == Severity::error; });
    return std::move(out_);
  }

 private:
  // Of what no term is named for nothing is known: it counts as a term's.
  [[nodiscard]] DaySet school_days(const DaySet& terms) const {
    const std::vector<NamedDays>& named = out_.clock.terms;
    if (named.empty()) return out_.clock.holidays.others();
    std::int32_t first = named.front().first, last = named.front().last;
    for (const NamedDays& term : named) {
      first = std::min(first, term.first);
      last = std::max(last, term.last);
    }
    const DaySet between_terms = DaySet({{first, last}}).common(terms.others());
    return between_terms.joined(out_.clock.holidays).others();
  }

  void lessons() {
    const YamlNode* node = top_.get("lessons");
    if (node == nullptr) return;
    Fields fields(*node, report_, lessons_shape, Message("lessons"));
    for (std::size_t i = 0; i < shift_names.size(); ++i)
      if (const YamlNode* shift = fields.get(shift_names[i])) read_shift(*shift, static_cast<Shift>(i));
    fields.finish();
  }

  void read_shift(const YamlNode& node, Shift shift) {
    Fields fields(node, report_, shift_shape, Message(shift_names[static_cast<std::size_t>(shift)]));
    ShiftLessons out;
    out.shift = shift;
    if (const YamlNode* days = fields.get("days")) out.weekdays = read_weekdays(*days);
    const YamlNode* periods = fields.get("periods");
    fields.finish();
    if (periods == nullptr) return;
    if (periods->kind != YamlNode::Kind::map) {
      report_.error(diag::wrong_kind, *periods, say("periods holds lines \"number: hours\""),
                    say("for example 1: \"07:00-07:45\""));
      return;
    }
    for (std::size_t i = 0; i + 1 < periods->children.size(); i += 2)
      read_period(periods->children[i], periods->children[i + 1], out);
    if (!out.lessons.empty()) out_.clock.shifts.push_back(std::move(out));
  }

  unsigned read_weekdays(const YamlNode& node) {
    unsigned days = 0;
    for (const YamlNode* item : read_items(node, report_)) {
      const auto text = read_text(*item, report_);
      if (!text) continue;
      const unsigned some = weekdays_of(*text);
      if (some == 0)
        report_.error(diag::bad_schedule, *item, say("\"{}\" is no day of the week", *text),
                      say("T2 is Monday, T7 Saturday, CN Sunday; several are T2-T6, or [T2, T4]"));
      days |= some;
    }
    return days;
  }

  void read_period(const YamlNode& key, const YamlNode& value, ShiftLessons& out) {
    Lesson lesson;
    if (const auto number = read_number(key, report_, 1, 20))
      lesson.number = static_cast<std::uint16_t>(*number);
    const YamlNode* hours = &value;
    if (value.kind == YamlNode::Kind::map) {
      Fields fields(value, report_, period_shape, say("a period"));
      hours = fields.get("time");
      fields.text("name", lesson.name);
      fields.finish();
    }
    const auto text = hours == nullptr ? std::nullopt : read_text(*hours, report_);
    if (!text || lesson.number == 0) return;
    const auto range = hours_of(*text);
    if (!range) {
      TimeTrouble trouble = explain_schedule(*text);
      if (Schedule::parse(*text))  // several of them, or with days
        trouble = {0, text->size(), say("\"{}\" is more than the hours of one period", *text),
                   say("for example 1: \"07:00-07:45\"")};
      report_.error_in(diag::bad_schedule, *hours, trouble.offset, trouble.length, std::move(trouble.message),
                       std::move(trouble.hint));
      return;
    }
    lesson.begin = static_cast<std::uint16_t>(range->first);
    lesson.end = static_cast<std::uint16_t>(range->second);
    const Lesson* const last = out.lessons.empty() ? nullptr : &out.lessons.back();
    if (lesson.end <= lesson.begin)
      report_.error(diag::bad_period, *hours, say("period {} ends before it begins", lesson.number),
                    say("a period begins and ends on one day"));
    else if (last != nullptr && lesson.number <= last->number)
      report_.error(diag::bad_period, key,
                    say("period {} stands behind period {}", lesson.number, last->number),
                    say("the numbers of a shift go up"));
    else if (last != nullptr && lesson.begin < last->end)
      report_.error(diag::bad_period, *hours,
                    say("period {} begins before period {} ends", lesson.number, last->number),
                    say("correct one of them"));
    else
      out.lessons.push_back(std::move(lesson));
  }

  // "07:00-07:45" in minutes of the day.
  static std::optional<std::pair<int, int>> hours_of(std::string_view text) {
    const std::size_t dash = text.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto minute = [](std::string_view one) -> std::optional<int> {
      while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
      while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
      const auto moment = parse_local_time("T2 " + std::string(one));
      if (!moment) return std::nullopt;
      return moment->minute_of_week;
    };
    const auto begin = minute(text.substr(0, dash)), end = minute(text.substr(dash + 1));
    if (!begin || !end) return std::nullopt;
    return std::pair(*begin, *end);
  }

  void read_exam(const YamlNode& item) {
    Fields fields(item, report_, exam_shape, say("an exam"));
    if (!fields.valid()) return;
    PeriodsFile::ExamText exam;
    exam.where = context_.place(path_, item);
    if (const YamlNode* name = fields.get("name"))
      if (auto text = read_text(*name, report_)) exam.name = std::move(*text);
    const YamlNode* date = fields.get("date");
    const YamlNode* times = fields.get("times");
    if (const YamlNode* rooms = fields.get("room")) exam.rooms = placed(*rooms);
    if (const YamlNode* tiers = fields.get("tier")) exam.tiers = placed(*tiers);
    const YamlNode* only = fields.get("only");
    if (only != nullptr) exam.only = placed(*only);
    fields.finish();
    if (exam.rooms.empty() && exam.tiers.empty())
      report_.error(diag::missing_key, item, say("an exam has the key room or tier, or both"),
                    say("for example room: \"Phòng máy 1\", or tier: thpt"));
    if (date == nullptr || times == nullptr || only == nullptr) return;
    const auto day = read_date(*date);
    const auto text = read_text(*times, report_);
    const auto hours = text ? hours_of(*text) : std::nullopt;
    if (text && (!hours || hours->second <= hours->first)) {
      report_.error(diag::bad_schedule, *times, say("\"{}\" is not the time of an exam", *text),
                    say("from and to on that day, as in 07:30-09:00"));
      return;
    }
    if (!day || !hours || exam.name.empty() || exam.only.empty()) return;
    DayTimes span;
    span.add(0x7f, hours->first, hours->second);
    exam.when.add(span, DaySet({{*day, *day}}));
    const std::string minutes = std::to_string(hours->second % 60);
    const std::string hour = std::to_string(hours->second / 60);
    exam.ends = (hour.size() < 2 ? "0" : "") + hour + ":" + (minutes.size() < 2 ? "0" : "") + minutes;
    out_.exams.push_back(std::move(exam));
  }

  std::vector<Placed<std::string>> placed(const YamlNode& node) {
    std::vector<Placed<std::string>> out;
    for (const YamlNode* item : read_items(node, report_))
      if (auto text = read_text(*item, report_))
        out.push_back({std::move(*text), context_.place(path_, *item)});
    return out;
  }

  void read_boarding(const YamlNode& node) {
    const auto text = read_text(node, report_);
    if (!text) return;
    if (auto times = DayTimes::parse(*text)) {
      out_.clock.boarding = std::move(*times);
      return;
    }
    TimeTrouble trouble = explain_schedule(*text);
    report_.error_in(diag::bad_schedule, node, trouble.offset, trouble.length, std::move(trouble.message),
                     std::move(trouble.hint));
  }

  std::vector<DaySet::Range> named_days(std::string_view key, std::vector<NamedDays>& out) {
    std::vector<DaySet::Range> ranges;
    const YamlNode* node = top_.get(key);
    if (node == nullptr) return ranges;
    for (const YamlNode* item : read_items(*node, report_)) {
      if (auto days = read_days(*item, key == "holidays")) {
        ranges.push_back({days->first, days->last});
        out.push_back(std::move(*days));
      }
    }
    return ranges;
  }

  std::optional<NamedDays> read_days(const YamlNode& item, bool holiday) {
    Fields fields(item, report_, holiday ? holiday_shape : days_shape,
                  holiday ? say("a holiday") : say("a line of days"));
    if (!fields.valid()) return std::nullopt;
    NamedDays days;
    if (const YamlNode* name = fields.get("name"))
      if (auto text = read_text(*name, report_)) days.name = std::move(*text);
    bool unconfirmed = false;
    if (holiday) fields.boolean("unconfirmed", unconfirmed);
    const YamlNode* date = fields.get("date");
    const YamlNode* from = fields.get("from");
    const YamlNode* to = fields.get("to");
    fields.finish();
    const bool one = date != nullptr && from == nullptr && to == nullptr;
    const bool several = date == nullptr && from != nullptr && to != nullptr;
    if (!one && !several) {
      report_.error(diag::missing_key, item, say("a line of days has the key date, or from and to"),
                    say("for example {date: 2027-04-30}, or {from: 2027-02-05, to: 2027-02-11}"));
      return std::nullopt;
    }
    const auto first = read_date(one ? *date : *from), last = one ? first : read_date(*to);
    if (!first || !last || days.name.empty()) return std::nullopt;
    days.first = *first;
    days.last = *last;
    if (days.last < days.first || days.last - days.first > days_of_a_year) {
      report_.error(diag::bad_date, *to,
                    days.last < days.first
                        ? say("this ends before it begins, on {}", date_text(days.first))
                        : say("this is longer than a year: it begins on {}", date_text(days.first)),
                    say("year, month, day; both days count"));
      return std::nullopt;
    }
    if (unconfirmed)
      out_.unconfirmed.push_back({days.name, days.first, days.last, context_.place(path_, item)});
    return days;
  }

  std::optional<std::int32_t> read_date(const YamlNode& node) {
    const auto text = read_text(node, report_);
    if (!text) return std::nullopt;
    const auto day = parse_date(*text);
    if (!day) {
      report_.error(diag::bad_date, node, say("\"{}\" is not a day", *text),
                    say("year, month, day: 2027-06-30"));
    } else if (*text < "2020" || *text >= "2100") {
      report_.error(diag::bad_date, node, say("{} is no year of this school", text->substr(0, 4)),
                    say("years are 2020 to 2099"));
      return std::nullopt;
    }
    return day;
  }

  const std::string& path_;
  LoadContext& context_;
  Reporter report_;
  Fields top_;
  PeriodsFile out_;
};

}  // namespace

PeriodsFile read_periods_file(const std::string& path, LoadContext& context, const Place& named) {
  const auto root = context.yaml(path, named);
  if (root) return PeriodsReader(path, *root, context).read();
  PeriodsFile unread;
  unread.named = true;
  unread.whole = false;
  return unread;
}

void note_holidays(const PeriodsFile& periods, std::int32_t today, LoadContext& context) {
  const std::int32_t end = today + days_of_a_year;
  for (const PeriodsFile::Unconfirmed& one : periods.unconfirmed) {
    if (one.last < today || one.first >= end) continue;
    context.add(
        Severity::warning, diag::holiday_unconfirmed, one.where,
        one.first == one.last
            ? say("nobody has confirmed this holiday: {}, {}", one.name, date_text(one.first))
            : say("nobody has confirmed this holiday: {}, {} to {}", one.name, date_text(one.first),
                  date_text(one.last)),
        say("compare it with this year's decision on holidays, correct it, and take \"unconfirmed\" out"));
  }
  const auto& named = periods.clock.named_holidays;
  const bool some_ahead =
      std::any_of(named.begin(), named.end(), [&](const NamedDays& days) { return days.last >= today; });
  if (some_ahead || periods.holidays_where.pos.line == 0) return;
  // The next Tết and the next Giỗ Tổ: of this year, or the one after.
  const auto next = [today](int month, int day) {
    const int year = static_cast<int>(civil_from_days(today).year);
    const auto this_year = lunar_day(year, month, day);
    return this_year && *this_year >= today ? this_year : lunar_day(year + 1, month, day);
  };
  const auto tet = next(1, 1), ancestors = next(3, 10);
  if (!tet || !ancestors) return;
  context.add(Severity::warning, diag::holidays_run_out, periods.holidays_where,
              say("no holiday is named from {} on, so every day counts as one of school", date_text(today)),
              say("name the coming ones; by the moon Tết is on {} and Giỗ Tổ Hùng Vương on {}",
                  date_text(*tet), date_text(*ancestors)));
}

}  // namespace schoolgate
