#include "config/policy/time_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "rules/message.h"
#include "rules/policy/schedule.h"
#include "rules/words/text_fold.h"

namespace schoolgate {
namespace {

constexpr std::array<std::string_view, 7> day_names{"T2", "T3", "T4", "T5", "T6", "T7", "CN"};

Message schedule_form() {
  return say("weekdays and hours: \"T2-T6 07:00-11:30\", \"T7 07:00-10:00, CN 08:00-09:00\"");
}
Message moment_form() {
  return say("a weekday and a time: \"T2 08:30\"");
}

struct Token {
  enum class Kind : std::uint8_t { day, every_day, time, dash, comma, bad };
  Kind kind;
  std::size_t begin, end;  // in the text
  int value = 0;           // 0 = Monday; minutes of the day
  bool as_in_files = false;
  Message trouble;    // of a bad one: a sentence about it
  bool date = false;  // a bad one: a day of the calendar
};
using Kind = Token::Kind;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

// The text as tokens; what is none is a bad one.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : text_(text) {
    while (at_ < text_.size()) next();
  }
  [[nodiscard]] std::vector<Token> take() { return std::move(out_); }

 private:
  void next() {
    if (skip({" ", "\t", "\xC2\xA0", "\xE3\x80\x80", "\xE2\x80\x8B"})) return;
    const std::size_t begin = at_;
    if (skip({"-", "\xE2\x80\x90", "\xE2\x80\x91", "\xE2\x80\x92", "\xE2\x80\x93", "\xE2\x80\x94",
              "\xE2\x88\x92", "~", "\xEF\xBC\x8D"})) {
      add(Kind::dash, begin, 0, text_.substr(begin, at_ - begin) == "-");
    } else if (skip({",", ";", "&", "+", "\xEF\xBC\x8C", "/"})) {
      add(Kind::comma, begin, 0, text_[begin] == ',');
    } else if (skip({":", "(", ")", "\xE2\x80\x9C", "\xE2\x80\x9D", "\xEF\xBC\x9A"})) {
      stray();
    } else if (is_digit(text_[at_])) {
      number();
    } else {
      word();
    }
  }

  bool skip(std::initializer_list<std::string_view> any) {
    for (const std::string_view one : any)
      if (text_.substr(at_).starts_with(one)) {
        at_ += one.size();
        return true;
      }
    return false;
  }

  void add(Kind kind, std::size_t begin, int value, bool as_in_files, Message trouble = {}) {
    out_.push_back({kind, begin, at_, value, as_in_files, std::move(trouble)});
  }
  // Something that a reader passes over: the token before it is not as in files.
  void stray() {
    if (out_.empty() || !out_.back().as_in_files) return;
    out_.back().as_in_files = false;
    out_.back().end = at_;
  }

  [[nodiscard]] std::string_view digits(std::size_t most) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_]) && at_ - begin < most) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  static int value_of(std::string_view digits) noexcept {
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
  }

  // "7:05", "7h05", "7 giờ", "7", "0705".
  void number() {
    const std::size_t begin = at_;
    const std::string_view first = digits(8);
    if (is_date(begin)) return;
    if (first.size() > 4 || first.size() == 3)
      return add(Kind::bad, begin, 0, false, say("this is no time of the day"));
    int hour = value_of(first), minute = 0;
    bool as_in_files = false;
    if (first.size() == 4) {
      minute = hour % 100;
      hour /= 100;
    } else {
      const bool colon = skip({":"});
      const bool unit =
          colon || skip({"h", "H", "g", "G", ".", "\xEF\xBC\x9A", "\xE2\x88\xB6"}) || hour_word();
      const std::string_view second = unit ? digits(4) : std::string_view{};
      if (second.size() > 2 || (colon && second.size() != 2))
        return add(Kind::bad, begin, 0, false, say("minutes have two digits"));
      minute = value_of(second);
      as_in_files = colon;
    }
    if (hour > 24 || minute > 59 || (hour == 24 && minute > 0))
      return add(Kind::bad, begin, 0, false, say("a day ends at 24:00, and an hour has 60 minutes"));
    add(Kind::time, begin, hour * 60 + minute, as_in_files);
  }

  // Behind digits: "2026-12-20", "20/11", "20.11.2026".
  bool is_date(std::size_t begin) {
    std::size_t end = at_;
    int parts = 1;
    const char sign = end < text_.size() ? text_[end] : ' ';
    if (sign != '-' && sign != '/' && sign != '.') return false;
    while (end + 1 < text_.size() && text_[end] == sign && is_digit(text_[end + 1])) {
      ++parts;
      for (++end; end < text_.size() && is_digit(text_[end]);) ++end;
    }
    if (parts != 3 && !(parts == 2 && sign == '/')) return false;
    at_ = end;
    add(Kind::bad, begin, 0, false, say("a timetable knows days of the week, no dates"));
    out_.back().date = true;
    return true;
  }

  bool hour_word() {
    const std::size_t saved = at_;
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    const std::string word = take_word();
    if (word == "gio" || word == "h") {
      while (at_ + 1 < text_.size() && text_[at_] == ' ' && is_digit(text_[at_ + 1])) ++at_;
      return true;
    }
    at_ = saved;
    return false;
  }

  // Letters, folded: small, without marks.
  std::string take_word() {
    const std::size_t begin = at_;
    while (at_ < text_.size()) {
      const auto c = static_cast<unsigned char>(text_[at_]);
      const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0x80 && !is_sign());
      if (!letter) break;
      ++at_;
    }
    TextKeys keys;
    fold_text(text_.substr(begin, at_ - begin), keys);
    return keys.folded;
  }

  // Dashes, quotes and blanks beyond ASCII.
  [[nodiscard]] bool is_sign() const {
    const std::string_view rest = text_.substr(at_);
    return rest.starts_with("\xE2") || rest.starts_with("\xC2\xA0") || rest.starts_with("\xEF\xBC") ||
           rest.starts_with("\xE3\x80\x80");
  }

  void word() {
    const std::size_t begin = at_;
    const std::string word = take_word();
    if (at_ == begin) {  // no letter at all
      ++at_;
      while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0) == 0x80) ++at_;
      return add(Kind::bad, begin, 0, false, say("this is neither a day nor an hour"));
    }
    if (word == "t" || word == "thu") return weekday(begin, word == "t");
    if (word == "cn" || word == "chunhat")
      return add(Kind::day, begin, 6, text_.substr(begin, 2) != "Ch" && word == "cn");
    if (word == "chu") {
      const std::size_t saved = at_;
      while (at_ < text_.size() && text_[at_] == ' ') ++at_;
      if (take_word() == "nhat") return add(Kind::day, begin, 6, false);
      at_ = saved;
    }
    static constexpr std::array<std::string_view, 7> english{"monday", "tuesday",  "wednesday", "thursday",
                                                             "friday", "saturday", "sunday"};
    for (std::size_t day = 0; day < 7; ++day)
      if (word == english[day] || (word.size() >= 3 && english[day].starts_with(word)))
        return add(Kind::day, begin, static_cast<int>(day), word.size() == 3);
    small_word(begin, word);
  }

  void small_word(std::size_t begin, const std::string& word) {
    if (word == "den" || word == "toi" || word == "to" || word == "until")
      return add(Kind::dash, begin, 0, false);
    if (word == "va" || word == "and") return add(Kind::comma, begin, 0, false);
    if (word == "tu" || word == "from" || word == "luc" || word == "at" || word == "ngay" || word == "cac" ||
        word == "p" || word == "phut")
      return stray();
    if (word == "hang" || word == "moi" || word == "every") {
      const std::size_t saved = at_;
      while (at_ < text_.size() && text_[at_] == ' ') ++at_;
      const std::string day = take_word();
      if (day == "ngay" || day == "day") return add(Kind::every_day, begin, 0, false);
      at_ = saved;
    }
    if (word == "daily" || word == "everyday") return add(Kind::every_day, begin, 0, false);
    if ((word == "pm" || word == "am") && !out_.empty() && out_.back().kind == Kind::time) {
      Token& time = out_.back();
      if (word == "pm" && time.value < 12 * 60) time.value += 12 * 60;
      time.as_in_files = false;
      time.end = at_;
      return;
    }
    add(Kind::bad, begin, 0, false, say("this is neither a day nor an hour"));
  }

  // Behind "T" or "Thứ".
  void weekday(std::size_t begin, bool letter) {
    const bool close = at_ < text_.size() && is_digit(text_[at_]);
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '.')) ++at_;
    if (at_ < text_.size() && is_digit(text_[at_])) {
      const int day = value_of(digits(2));
      if (day >= 2 && day <= 7) return add(Kind::day, begin, day - 2, letter && close);
      return add(Kind::bad, begin, 0, false,
                 say("there is no such day: T2 is Monday, T7 Saturday, CN Sunday"));
    }
    static constexpr std::array<std::string_view, 6> names{"hai", "ba", "tu", "nam", "sau", "bay"};
    const std::string word = take_word();
    const auto* const found = std::find(names.begin(), names.end(), word);
    if (found != names.end()) return add(Kind::day, begin, static_cast<int>(found - names.begin()), false);
    add(Kind::bad, begin, 0, false, say("this is no day of the week"));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Token> out_;
};

std::string clock(int minute) {
  const auto two = [](int n) {
    return std::string{static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
  };
  return two(minute / 60) + ':' + two(minute % 60);
}

// Tokens -> the spelling of files, or the token that stops it.
class Respelling {
 public:
  Respelling(std::string_view text, std::vector<Token> tokens) : text_(text), tokens_(std::move(tokens)) {}

  TimeTrouble schedule() {
    if (const Token* bad = first_bad()) return at(*bad, bad->trouble, schedule_form());
    days_to_the_front();
    if (auto trouble = entries()) return std::move(*trouble);
    if (!Schedule::parse(out_)) return no_time_of_the_week();
    return respelled(out_);
  }

  TimeTrouble moment() {
    if (const Token* bad = first_bad())
      return bad->date ? at(*bad, say("this day or its time is spelled another way here"),
                            say("year, month, day and a time: \"2027-02-06 08:30\""))
                       : at(*bad, bad->trouble, moment_form());
    const bool whole = tokens_.size() == 2 && (is(0, Kind::day) || is(1, Kind::day)) &&
                       (is(0, Kind::time) || is(1, Kind::time));
    if (!whole) return {0, text_.size(), say("\"{}\" is not a moment of the week", text_), moment_form()};
    const Token& day = tokens_[is(0, Kind::day) ? 0 : 1];
    const Token& time = tokens_[is(0, Kind::day) ? 1 : 0];
    if (time.value == 24 * 60) return at(time, say("the last minute of a day is 23:59"), moment_form());
    return respelled(std::string(day_names[static_cast<std::size_t>(day.value)]) + ' ' + clock(time.value));
  }

 private:
  [[nodiscard]] bool is(std::size_t i, Kind kind) const {
    return i < tokens_.size() && tokens_[i].kind == kind;
  }
  [[nodiscard]] const Token* first_bad() const {
    const auto bad =
        std::find_if(tokens_.begin(), tokens_.end(), [](const Token& t) { return t.kind == Kind::bad; });
    return bad == tokens_.end() ? nullptr : &*bad;
  }
  [[nodiscard]] TimeTrouble at(const Token& token, Message message, Message hint) const {
    return {token.begin, token.end - token.begin,
            say("\"{}\": {}", text_.substr(token.begin, token.end - token.begin), std::move(message)),
            std::move(hint)};
  }
  [[nodiscard]] TimeTrouble spelled_otherwise(std::size_t begin, std::size_t end, Message hint) const {
    return {begin, end - begin, say("\"{}\" is spelled another way here", text_.substr(begin, end - begin)),
            std::move(hint)};
  }
  [[nodiscard]] TimeTrouble no_time_of_the_week() const {
    return {0, text_.size(), say("\"{}\" is not a time of the week", text_), schedule_form()};
  }

  // The first part that files spell otherwise, and the whole in their spelling.
  [[nodiscard]] TimeTrouble respelled(const std::string& as_in_files) const {
    const Message hint = say("write \"{}\"", as_in_files);
    if (moved_) return at(tokens_[0], say("the days stand in front of the hours"), hint);
    for (const Token& token : tokens_)
      if (!token.as_in_files) return spelled_otherwise(token.begin, token.end, hint);
    if (unclear_)
      return at(tokens_[*unclear_],
                is(*unclear_, Kind::time) ? say("each time has its own days in front")
                                          : say("each day has its own hours"),
                hint);
    return spelled_otherwise(0, text_.size(), hint);
  }

  // "07:00-11:30 T2-T6" is meant as "T2-T6 07:00-11:30".
  void days_to_the_front() {
    const auto is_day = [](const Token& t) { return t.kind == Kind::day || t.kind == Kind::every_day; };
    if (!is(0, Kind::time) || !is(1, Kind::dash) || !is(2, Kind::time) || tokens_.size() < 4) return;
    if (!is_day(tokens_[3]) ||
        std::any_of(tokens_.begin() + 4, tokens_.end(), [](const Token& t) { return t.kind == Kind::time; }))
      return;
    moved_ = true;
    std::rotate(tokens_.begin(), tokens_.begin() + 3, tokens_.end());
  }

  std::optional<TimeTrouble> entries() {
    std::vector<std::string> named;  // the days of the times that follow
    std::size_t i = 0;
    if (tokens_.empty()) return no_time_of_the_week();
    while (i < tokens_.size()) {
      if (is(i, Kind::comma)) {
        ++i;
        continue;
      }
      if (is(i, Kind::day) || is(i, Kind::every_day)) {
        if (auto trouble = day_group(i, named)) return trouble;
        continue;
      }
      if (auto trouble = time_range(i, named)) return trouble;
    }
    return std::nullopt;
  }

  std::optional<TimeTrouble> day_group(std::size_t& i, std::vector<std::string>& named) {
    named.clear();
    const std::size_t first = i;
    for (;; ++i) {
      if (is(i, Kind::every_day)) {
        named.emplace_back("T2-CN");
        ++i;
      } else {
        std::string name(day_names[static_cast<std::size_t>(tokens_[i++].value)]);
        if (is(i, Kind::dash) && is(i + 1, Kind::day)) {
          name += '-' + std::string(day_names[static_cast<std::size_t>(tokens_[i + 1].value)]);
          i += 2;
        }
        named.push_back(std::move(name));
      }
      const bool more = is(i, Kind::comma) && (is(i + 1, Kind::day) || is(i + 1, Kind::every_day));
      if (!more) break;
    }
    if (named.size() > 1) unclear_ = first;
    if (is(i, Kind::comma) && is(i + 1, Kind::time)) tokens_[i++].as_in_files = false;
    if (is(i, Kind::time)) return std::nullopt;
    std::string whole_days;
    for (const std::string& name : named)
      whole_days += (whole_days.empty() ? "" : ", ") + name + " 00:00-24:00";
    if (i == tokens_.size()) {
      const Token group{Kind::day, tokens_[first].begin, tokens_[i - 1].end, 0, false, {}};
      return at(group, say("hours are missing behind the days"),
                say("for the whole day write \"{}\"", whole_days));
    }
    return at(tokens_[i], say("an hour belongs here"), schedule_form());
  }

  std::optional<TimeTrouble> time_range(std::size_t& i, const std::vector<std::string>& named) {
    if (!is(i, Kind::time)) return at(tokens_[i], say("a day or an hour belongs here"), schedule_form());
    if (!is(i + 1, Kind::dash) || !is(i + 2, Kind::time))
      return at(tokens_[i], say("a time needs its end"),
                say("for example {}-11:30", clock(tokens_[i].value % (24 * 60))));
    const int begin = tokens_[i].value, end = tokens_[i + 2].value;
    if (begin == 24 * 60) return at(tokens_[i], say("a day begins at 00:00"), say("write 00:00"));
    if (begin == end) {
      const Token both{Kind::time, tokens_[i].begin, tokens_[i + 2].end, 0, false, {}};
      return at(both, say("this begins and ends at the same minute"),
                say("for the whole day write 00:00-24:00"));
    }
    const std::string range = clock(begin) + '-' + clock(end);
    if (!named.empty() && i > 0 && is(i - 1, Kind::comma) && !unclear_) unclear_ = i;
    if (named.empty()) out_ += (out_.empty() ? "" : ", ") + range;
    for (const std::string& day : named) out_ += (out_.empty() ? "" : ", ") + day + ' ' + range;
    i += 3;
    if (is(i, Kind::time) && !named.empty()) {
      if (!unclear_) unclear_ = i;
      return std::nullopt;
    }
    if (is(i, Kind::dash) || is(i, Kind::time))
      return at(tokens_[i], say("a comma belongs in front of this"), schedule_form());
    return std::nullopt;
  }

  std::string_view text_;
  std::vector<Token> tokens_;
  std::optional<std::size_t> unclear_;  // the token from which on the days of a time are guessed
  bool moved_ = false;                  // the days stood behind the hours
  std::string out_;
};

}  // namespace

TimeTrouble explain_schedule(std::string_view text) {
  return Respelling(text, Tokens(text).take()).schedule();
}

TimeTrouble explain_moment(std::string_view text) {
  return Respelling(text, Tokens(text).take()).moment();
}

}  // namespace schoolgate
