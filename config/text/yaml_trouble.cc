#include "config/text/yaml_trouble.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "config/text/suggest.h"

namespace schoolgate {
namespace {

constexpr std::string_view wide_colon = "\xEF\xBC\x9A";

// Blanks that are none for YAML: no-break, ideographic, zero-width.
std::size_t foreign_blank(std::string_view text) noexcept {
  for (const std::string_view blank : {"\xC2\xA0", "\xE3\x80\x80", "\xE2\x80\x8B", "\xE2\x80\xAF"})
    if (text.starts_with(blank)) return blank.size();
  return 0;
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

std::string as_text(char c) {
  return std::string(1, c);
}

std::string_view without_end(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

class Scanner {
 public:
  std::optional<YamlTrouble> run(std::string_view text, std::uint32_t gave_up) {
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      line_ = text.substr(start, end - start);
      if (line_.ends_with('\r')) line_.remove_suffix(1);
      start = end + 1;
      ++number_;
      if (look()) break;
      if (number_ > gave_up && open_.empty()) break;
    }
    if (!trouble_ && !open_.empty()) not_closed();
    if (trouble_ && trouble_->pos.line > gave_up) trouble_.reset();
    return std::move(trouble_);
  }

 private:
  struct Bracket {
    char open;
    SourcePos pos;
    std::size_t indent;       // of its line
    bool colon_seen = false;  // of the pair that is being read
    std::size_t comment = 0;  // the column from which on its line is a comment
  };
  struct Level {
    std::size_t column;  // from 0
    bool list;
    std::uint32_t line;
  };

  // Each of these is true when there is trouble.
  bool fail(std::size_t at, std::size_t length, Message message, Message hint) {
    const auto column = static_cast<std::uint32_t>(at + 1);
    trouble_ = YamlTrouble{{number_, column},
                           static_cast<std::uint32_t>(std::max<std::size_t>(length, 1)),
                           std::move(message),
                           std::move(hint)};
    return true;
  }

  bool look() {
    at_ = std::min(line_.find_first_not_of(' '), line_.size());
    indent_ = at_;
    if (at_ == line_.size()) return false;
    if (text_below_) {  // the lines of "key: |"
      if (indent_ > *text_below_) return false;
      text_below_.reset();
    }
    if (line_[at_] == '#') return false;
    if (line_[at_] == '\t') {
      const std::size_t rest = line_.find_first_not_of(" \t", at_);
      if (rest == std::string_view::npos || line_[rest] == '#') return false;
      return fail(at_, 1, say("a tab in the indentation of this line"), say("indent with spaces"));
    }
    if (const std::size_t length = foreign_blank(line_.substr(at_)); length != 0)
      return fail(at_, length, say("this blank is not the one of the space bar"),
                  say("delete it and type spaces"));
    for (const std::string_view sign : {"<<<<<<<", "=======", ">>>>>>>"})
      if (line_.starts_with(sign))
        return fail(0, line_.size(), say("two versions of this file stand here, not put together"),
                    say("keep one of the two, and delete the lines <<<<<<<, ======= and >>>>>>>"));
    if (line_.starts_with("---") || line_.starts_with("...")) return false;
    if (open_.empty()) return block();
    if (begins_a_block() && indent_ <= open_.back().indent) return not_closed();
    return flow();
  }

  // "- a" or "key:", as no line within brackets begins, unless deeper than their own.
  [[nodiscard]] bool begins_a_block() const {
    const std::string_view rest = line_.substr(at_);
    return rest.starts_with("- ") || key_end(at_).has_value();
  }

  // Where the ":" behind an unquoted key stands.
  [[nodiscard]] std::optional<std::size_t> key_end(std::size_t from) const {
    for (std::size_t i = from; i < line_.size(); ++i) {
      if (line_[i] == '#' && i > from && is_blank(line_[i - 1])) return std::nullopt;
      if (line_[i] == ':' && (i + 1 == line_.size() || is_blank(line_[i + 1]))) return i;
    }
    return std::nullopt;
  }

  [[nodiscard]] bool at_dash() const {
    return line_[at_] == '-' && (at_ + 1 == line_.size() || is_blank(line_[at_ + 1]));
  }

  bool block() {
    const std::size_t first = at_;
    while (at_dash()) {
      if (level(at_, true)) return true;
      column_ = at_++;
      skip_blanks();
      if (at_ == line_.size() || line_[at_] == '#') {
        may_nest_ = true;
        plain_.reset();
        return false;
      }
    }
    const bool item = at_ != first;
    const char c = line_[at_];
    if (c == '"' || c == '\'') {
      const std::size_t opened = at_;
      if (quote()) return true;
      if (at_ < line_.size() && line_[at_] == ':') return key(opened, at_);
      may_nest_ = false;
      plain_.reset();
      return false;
    }
    if (c == '[' || c == '{') {
      may_nest_ = false;
      return flow();
    }
    if (const auto colon = key_end(at_)) return key(at_, *colon);
    const bool colon_without_blank = may_nest_ && is_key_and_value(line_.substr(at_));
    if (item || (continues(first) && !colon_without_blank)) {
      may_nest_ = false;
      plain_ = item ? column_ : plain_ ? *plain_ : levels_.empty() ? 0 : levels_.back().column;
      return false;
    }
    return neither(first);
  }

  // A text goes on in a deeper line, or begins in the line below its key.
  [[nodiscard]] bool continues(std::size_t at) const {
    if (line_[at] == '-') return false;
    if (plain_) return at > *plain_;
    return may_nest_ && (levels_.empty() || at > levels_.back().column) &&
           !line_.substr(at).starts_with("- ");
  }

  static bool is_word(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
  }

  // "games:warn"; no address, no time.
  static bool is_key_and_value(std::string_view text) noexcept {
    const std::size_t colon = text.find(':');
    return colon != std::string_view::npos && is_word(text.substr(0, colon)) &&
           (text[0] < '0' || text[0] > '9') && text.substr(colon + 1, 1) != "/";
  }

  // A line that is neither "key: value" nor "- item".
  bool neither(std::size_t at) {
    const std::string_view rest = without_end(line_.substr(at, line_.find(" #", at) - at));
    if (const std::size_t wide = rest.find(wide_colon); wide != std::string_view::npos)
      return fail(at + wide, wide_colon.size(), say("this is a full-width colon"),
                  say("type \":\" and a blank"));
    if (rest.starts_with('-') && !rest.starts_with("--"))
      return fail(at, rest.size(), say("a blank is missing behind the \"-\""),
                  say("write {}", in_quotes("- " + std::string(rest.substr(1)))));
    const std::size_t sign = rest.find_first_of(":=; ");
    const std::string word(rest.substr(0, sign));
    if (!is_word(word))
      return fail(at, rest.size(), say("this line is neither a key with its value nor an item of a list"),
                  say("write \"- \" in front of an item, \"# \" in front of a remark"));
    if (sign == std::string_view::npos)
      return fail(at, rest.size(), say("a \":\" is missing behind {}", in_quotes(word)),
                  say("write {}", in_quotes(word + ":")));
    std::string_view value = rest.substr(sign + 1);
    value.remove_prefix(std::min(value.find_first_not_of("=; "), value.size()));
    if (rest[sign] == ':')
      return fail(at, rest.size(), say("a blank is missing behind the \":\""),
                  say("write {}", in_quotes(word + ": " + std::string(value))));
    return fail(at, rest.size(), say("this line is neither a key with its value nor an item of a list"),
                say("write {}, or \"- \" in front of an item", in_quotes(word + ": " + std::string(value))));
  }

  bool key(std::size_t at, std::size_t colon) {
    if (level(at, false)) return true;
    at_ = colon + 1;
    skip_blanks();
    may_nest_ = false;
    plain_.reset();
    if (at_ == line_.size() || line_[at_] == '#') {
      may_nest_ = true;
      return false;
    }
    const char c = line_[at_];
    if (c == '|' || c == '>') {
      text_below_ = at;
      return false;
    }
    if (c == '[' || c == '{') return flow();
    if (c == '"' || c == '\'') return quote();
    plain_ = at;
    const auto second = key_end(at_);
    if (!second) return false;
    const std::string_view value = without_end(line_.substr(at_, line_.find(" #", at_) - at_));
    if (line_.substr(at, colon - at) == "when") {  // "when: T2-T6: 07:00-11:30"
      std::string times(value);
      for (std::size_t i; (i = times.find(": ")) != std::string::npos;) times.erase(i, 1);
      return fail(*second, 1, say("a \":\" behind the days"), say("write {}", times));
    }
    return fail(*second, 1, say("a \":\" within a text that has no quotes"),
                say("a text that holds \": \" stands in quotes: {}", in_quotes(value)));
  }

  // Whether a key or an item may begin in this column.
  bool level(std::size_t column, bool list) {
    bool left = false;
    std::optional<Level> meant;  // the one of its kind that ends here
    while (!levels_.empty() && levels_.back().column > column) {
      if (levels_.back().list == list) meant = levels_.back();
      levels_.pop_back();
      left = true;
    }
    if (left && meant) ended_ = Ended{*meant, number_, column};
    if (!levels_.empty() && levels_.back().column == column && levels_.back().list != list) {
      if (list && may_nest_ && !left) {
        levels_.push_back({column, list, number_});
        may_nest_ = false;
        return false;
      }
      if (list)
        return fail(column, 1, say("a \"- \" where no list can be"),
                    say("a list stands below a key without a value; check the indentation of this line"));
      levels_.pop_back();
      if (levels_.empty() || levels_.back().column < column || levels_.back().list)
        return fail(column, 1, say("a key where the list above goes on"),
                    meant ? say("begin it in column {}, as line {}, if it belongs to that item",
                                meant->column + 1, meant->line)
                          : say("write \"- \" in front of an item, or begin the key further to the left"));
    }
    if (!levels_.empty() && levels_.back().column == column) {
      may_nest_ = false;
      return false;
    }
    // "- key: v": the key nests in the item of its own line.
    const bool behind_dash = column > indent_;
    if (!behind_dash && !left && !list && !may_nest_ && !levels_.empty() && levels_.back().list)
      return fail(column, 1, say("a key below an item that has none"),
                  say("write the item with keys too, as in \"- domain: example.vn\""));
    if (!behind_dash && !levels_.empty() && (left || !may_nest_))
      return out_of_line(column, left, meant.value_or(levels_.back()));
    levels_.push_back({column, list, number_});
    may_nest_ = list;
    return false;
  }

  bool out_of_line(std::size_t column, bool left, const Level& meant) {
    const bool or_other =
        !left && ended_ && ended_->level.column == column && ended_->by_column == meant.column;
    return fail(column, 1,
                left ? say("this line begins between the columns of the lines above")
                     : say("this line is indented deeper than the line above, which has its value already"),
                or_other ? say("begin it in column {}, as line {}, or begin line {} in column {}, as line {}",
                               meant.column + 1, meant.line, ended_->by_line, column + 1, ended_->level.line)
                         : say("begin it in column {}, as line {}", meant.column + 1, meant.line));
  }

  // From a bracket, or from within some, to the end of the line.
  bool flow() {
    while (at_ < line_.size()) {
      const char c = line_[at_];
      if (is_blank(c)) {
        ++at_;
      } else if (c == '#' && at_ > 0 && is_blank(line_[at_ - 1])) {
        if (open_.back().colon_seen) open_.back().comment = at_ + 1;
        return false;
      } else if (c == '[' || c == '{') {
        open_.push_back({c, {number_, static_cast<std::uint32_t>(at_ + 1)}, indent_});
        ++at_;
      } else if (c == ']' || c == '}') {
        if (closed(c)) return true;
        if (open_.empty()) return behind_all(c);
      } else if (c == ',') {
        open_.back().colon_seen = false;
        ++at_;
      } else if (c == '"' || c == '\'') {
        if (quote()) return true;
      } else if (c == ':') {
        open_.back().colon_seen = true;
        ++at_;
      } else if (plain_in_brackets()) {
        return true;
      }
    }
    return false;
  }

  bool closed(char c) {
    const Bracket& last = open_.back();
    const char wanted = last.open == '[' ? ']' : '}';
    if (c != wanted) {
      trouble_ = YamlTrouble{last.pos, 1,
                             say("the {} that opens here is closed by a {} ({}:{})", as_text(last.open),
                                 as_text(c), number_, at_ + 1),
                             say("write {} in front of it, or in its place", as_text(wanted))};
      return true;
    }
    open_.pop_back();
    ++at_;
    return false;
  }

  bool behind_all(char c) {
    may_nest_ = false;
    plain_.reset();
    const std::size_t end = at_;
    skip_blanks();
    if (at_ == line_.size() || line_[at_] == '#' || line_[at_] == ':') return false;
    const std::size_t rest = line_.size() - at_;
    if (line_[at_] == ']' || line_[at_] == '}')
      return fail(at_, 1, say("a {} that closes nothing", as_text(line_[at_])), say("leave it out"));
    return fail(at_, rest, say("more text behind the closing {}", as_text(c)),
                end == at_ ? say("put the whole text in quotes") : say("begin a new line"));
  }

  // Unquoted text within brackets.
  bool plain_in_brackets() {
    const std::size_t begin = at_;
    while (at_ < line_.size()) {
      const char c = line_[at_];
      if (c == ',' || c == ']' || c == '}') return false;
      if (c == '#' && is_blank(line_[at_ - 1])) {
        open_.back().comment = at_ + 1;
        at_ = line_.size();
        return false;
      }
      if (c == '[' || c == '{')
        return fail(begin, at_ - begin + 1, say("a {} within a text that has no quotes", as_text(c)),
                    say("a text that holds [ ] { } or , stands in quotes here"));
      const bool colon = c == ':' && (at_ + 1 == line_.size() || is_blank(line_[at_ + 1]));
      if (colon && open_.back().colon_seen) {
        const std::size_t end = std::min(line_.find_first_of(",]}", at_), line_.size());
        return fail(at_, 1, say("a \":\" within a text that has no quotes"),
                    say("a text that holds \": \" stands in quotes: {}",
                        in_quotes(without_end(line_.substr(begin, end - begin)))));
      }
      if (colon) return false;
      ++at_;
    }
    return false;
  }

  // From an opening quote to behind the closing one and the blanks there.
  bool quote() {
    const std::size_t begin = at_;
    const char mark = line_[at_++];
    for (; at_ < line_.size(); ++at_) {
      const bool escaped = mark == '"' ? line_[at_] == '\\' : line_.substr(at_, 2) == "''";
      if (escaped)
        ++at_;
      else if (line_[at_] == mark)
        break;
    }
    if (at_ >= line_.size())
      return fail(begin, line_.size() - begin, say("the quote that opens here is not closed on this line"),
                  say("add the closing quote"));
    const std::size_t end = ++at_;
    skip_blanks();
    if (at_ == line_.size() || (line_[at_] == '#' && at_ > end) || line_[at_] == ':') return false;
    if (!open_.empty() && (line_[at_] == ',' || line_[at_] == ']' || line_[at_] == '}')) return false;
    return fail(begin, end - begin, say("the quotes close here, and more text follows"),
                mark == '"' ? say("put all of it in quotes; a \" within it is written \\\"")
                            : say("put all of it in quotes; a ' within it is written ''"));
  }

  // The innermost bracket that is open.
  bool not_closed() {
    const Bracket& last = open_.back();
    const char wanted = last.open == '[' ? ']' : '}';
    trouble_ = YamlTrouble{
        last.pos, 1, say("the {} that opens here is never closed", as_text(last.open)),
        last.comment == 0
            ? say("add the missing {}", as_text(wanted))
            : say("from \" #\" on, column {}, it is a comment: a text that holds \" #\" stands in quotes",
                  last.comment)};
    return true;
  }

  void skip_blanks() {
    while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
  }

  std::string_view line_;
  std::uint32_t number_ = 0;
  std::size_t at_ = 0, indent_ = 0, column_ = 0;
  std::vector<Bracket> open_;
  std::vector<Level> levels_;
  struct Ended {
    Level level;
    std::uint32_t by_line;
    std::size_t by_column;
  };
  std::optional<Ended> ended_;             // what the last line that lies further to the left ended
  bool may_nest_ = true;                   // the line before opens a list or keys
  std::optional<std::size_t> plain_;       // the column that a text which goes on must be deeper than
  std::optional<std::size_t> text_below_;  // as of "key: |"
  std::optional<YamlTrouble> trouble_;
};

}  // namespace

std::optional<YamlTrouble> find_yaml_trouble(std::string_view text, std::uint32_t gave_up) {
  return Scanner().run(text, gave_up);
}

}  // namespace schoolgate
