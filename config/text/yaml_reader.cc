#include "config/text/yaml_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <unordered_map>
#include <utility>

#include "config/text/diag_codes.h"
#include "config/text/text_file.h"
#include "config/text/yaml_trouble.h"

namespace schoolgate {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

constexpr std::size_t most_complaints = 100;  // of one file; nobody reads more

// Thrown by our handler to leave yaml-cpp when going on makes no sense; the diagnostic is already written.
struct Stop {};

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, const std::string& file, Diagnostics& out)
      : text_(text), file_(file), out_(out) {
    for (std::size_t start = 0; start <= text.size();) {
      const std::size_t end = std::min(text.find('\n', start), text.size());
      lines_.push_back(text.substr(start, end - start));
      start = end + 1;
    }
  }

  [[nodiscard]] YamlNode take() { return std::move(root_); }
  [[nodiscard]] bool saw_root() const noexcept { return saw_root_; }

  void complain(int code, SourcePos pos, std::uint32_t length, Message message, Message hint = {},
                Severity severity = Severity::error) {
    out_.push_back({severity, code, file_, pos, length, std::move(message), std::move(hint)});
    if (++complaints_ == most_complaints) throw Stop{};
  }

  [[nodiscard]] std::string_view line(std::uint32_t number) const noexcept {
    return number >= 1 && number <= lines_.size() ? lines_[number - 1] : std::string_view{};
  }

  [[nodiscard]] std::optional<SourcePos> innermost_open() const {
    return stack_.empty() ? std::nullopt : std::optional(stack_.back().pos);
  }

  static SourcePos place(const YAML::Mark& mark) noexcept {
    if (mark.is_null()) return {1, 1};
    return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(mark.column + 1)};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!saw_root_) return;
    complain(diag::second_document, place(mark), 0, say("a second document starts here; it would be ignored"),
             say("check the indentation above, and leave out \"---\" and \"...\""));
    throw Stop{};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(YamlNode{YamlNode::Kind::null, false, {}, place(mark), 1, {}});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    complain(diag::yaml_anchor, place(mark), word_at(place(mark)), say("aliases (*name) are not allowed"),
             say("write the value again"));
    add(YamlNode{YamlNode::Kind::null, false, {}, place(mark), 1, {}});
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    YamlNode node{YamlNode::Kind::scalar, tag == "!", value, place(mark), 1, {}};
    bool closed = true;
    node.length = scalar_length(node, closed);
    // YAML would run on until some later quote; in a configuration that is a forgotten one, and what follows
    // is read the wrong way round.
    if (!closed) {
      complain(diag::yaml_syntax, node.pos, node.length,
               say("the quote that opens here is not closed on this line"), say("add the closing quote"));
      throw Stop{};
    }
    const auto control = [](char c) {
      return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') || c == 0x7F;
    };
    // The escapes "\N" and "\_" come out of the parser as bytes that are no UTF-8.
    if (std::any_of(value.begin(), value.end(), control) || first_bad_utf8(value) != std::string_view::npos)
      complain(diag::control_character, node.pos, node.length, say("this text holds a control character"),
               double_quotes_hint(node));
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::sequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(YamlNode::Kind::map, mark, tag, anchor);
    keys_.back().in_brackets = style == YAML::EmitterStyle::Flow;
  }
  void OnMapEnd() override { close(); }

 private:
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor == YAML::NullAnchor) return;
    complain(diag::yaml_anchor, place(mark), word_at(place(mark)), say("anchors (&name) are not allowed"),
             say("write the value where it is needed; a text that starts with & stands in quotes"));
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    complain(diag::yaml_tag, place(mark), word_at(place(mark)), say("tags ({}) are not allowed", tag),
             say("a text that starts with ! stands in quotes"));
  }

  // The word under a place: up to a blank, a comma or a bracket.
  [[nodiscard]] std::uint32_t word_at(SourcePos pos) const {
    if (pos.line > lines_.size() || pos.column > lines_[pos.line - 1].size()) return 1;
    const std::string_view rest = lines_[pos.line - 1].substr(pos.column - 1);
    const std::size_t end = std::min(rest.find_first_of(" \t,]}\r"), rest.size());
    return static_cast<std::uint32_t>(std::max<std::size_t>(end, 1));
  }

  // In double quotes "\b" is one character that cannot be seen, where the pattern's author meant two.
  [[nodiscard]] Message double_quotes_hint(const YamlNode& node) const {
    const std::string_view spelled = line(node.pos.line).substr(node.pos.column - 1, node.length);
    const bool escapes = spelled.starts_with('"') && spelled.find('\\') != std::string_view::npos;
    if (!escapes) return say("delete it");
    if (spelled.find('\'') != std::string_view::npos || !spelled.ends_with('"') || spelled.size() < 2)
      return say("in double quotes a \\ is written \\\\; single quotes leave it as it is");
    return say("in double quotes a \\ has a meaning of its own; in single quotes it stays: '{}'",
               spelled.substr(1, spelled.size() - 2));
  }

  // How far the spelling of a scalar reaches on its first line; `closed` is false for a quoted text whose
  // closing quote is not there.
  [[nodiscard]] std::uint32_t scalar_length(const YamlNode& node, bool& closed) const {
    closed = true;
    if (node.pos.line > lines_.size() || node.pos.column > lines_[node.pos.line - 1].size()) return 1;
    const std::string_view rest = lines_[node.pos.line - 1].substr(node.pos.column - 1);
    std::size_t length = std::min(node.text.find('\n'), node.text.size());
    if (rest[0] == '"' || rest[0] == '\'') {
      length = 1;
      while (length < rest.size() && rest[length] != rest[0])
        length += rest[length] == '\\' && rest[0] == '"' ? 2 : 1;
      closed = length < rest.size();
      ++length;
    }
    return static_cast<std::uint32_t>(std::clamp<std::size_t>(length, 1, rest.size()));
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (stack_.size() >= YamlLimits::depth) {
      complain(diag::yaml_too_deep, place(mark), 0,
               say("more than {} levels of lists and keys", YamlLimits::depth));
      throw Stop{};
    }
    count(mark);
    stack_.push_back(YamlNode{kind, false, {}, place(mark), 1, {}});
    keys_.emplace_back();
  }

  void close() {
    YamlNode node = std::move(stack_.back());
    stack_.pop_back();
    keys_.pop_back();
    // A block map starts where its first key does: underline that key.
    if (!node.children.empty() && node.children[0].pos == node.pos) node.length = node.children[0].length;
    attach(std::move(node));
  }

  void add(YamlNode node) {
    if (++nodes_ > YamlLimits::nodes) too_long(node.pos);
    attach(std::move(node));
  }

  void count(const YAML::Mark& mark) {
    if (++nodes_ > YamlLimits::nodes) too_long(place(mark));
  }

  [[noreturn]] void too_long(SourcePos pos) {
    complain(diag::yaml_too_long, pos, 0, say("more than {} values in one file", YamlLimits::nodes),
             say("put long lists of sites into list files (lists:)"));
    throw Stop{};
  }

  void attach(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      saw_root_ = true;
      return;
    }
    YamlNode& parent = stack_.back();
    const bool is_key = parent.kind == YamlNode::Kind::map && parent.children.size() % 2 == 0;
    if (is_key) check_key(node);
    // An absent value has no place of its own that would help: show its key.
    if (parent.kind == YamlNode::Kind::map && !is_key && node.kind == YamlNode::Kind::null) {
      if (!keys_.back().in_brackets) check_colon(parent.children.back());
      node.pos = parent.children.back().pos;
      node.length = parent.children.back().length;
    }
    if (parent.kind == YamlNode::Kind::sequence && node.kind == YamlNode::Kind::null) at_its_dash(node);
    parent.children.push_back(std::move(node));
  }

  void check_key(const YamlNode& key) {
    if (key.kind != YamlNode::Kind::scalar) {
      complain(diag::key_not_text, key.pos, key.length, say("a key must be text, not {}", key.kind_name()),
               say("a text with { or [ or ? in front stands in quotes"));
      return;
    }
    if (key.text == "<<" && !key.quoted) {
      complain(diag::yaml_anchor, key.pos, key.length, say("merge keys (<<) are not allowed"),
               say("write the keys again"));
      return;
    }
    const auto [found, fresh] = keys_.back().places.emplace(key.text, key.pos);
    if (fresh) return;
    complain(diag::duplicate_key, key.pos, key.length,
             say("the key \"{}\" is here for the second time (first at {}:{})", key.text, found->second.line,
                 found->second.column),
             say("put both together under one key"));
  }

  // The parser sees an item without a value where the next line begins.
  void at_its_dash(YamlNode& node) const {
    constexpr std::uint32_t farthest = 50;  // lines
    for (std::uint32_t back = 1; back <= farthest && back < node.pos.line; ++back) {
      const std::string_view text = line(node.pos.line - back);
      const std::size_t dash = text.find_first_not_of(' ');
      if (dash == std::string_view::npos) continue;
      if (text[dash] == '-' && text.find_first_not_of(" \r", dash + 1) == std::string_view::npos)
        node.pos = {node.pos.line - back, static_cast<std::uint32_t>(dash + 1)};
      return;
    }
  }

  // YAML takes "allow" alone for a key without a value.
  void check_colon(const YamlNode& key) {
    const std::string_view text = line(key.pos.line);
    if (key.quoted || key.kind != YamlNode::Kind::scalar || key.pos.column > text.size()) return;
    std::string_view rest = text.substr(key.pos.column - 1);
    const bool one_line = rest.starts_with(key.text);
    if (one_line) {
      rest.remove_prefix(key.text.size());
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
      if (rest.starts_with(':')) return;
    }
    if (std::exchange(colon_sought_, true)) return;  // one look at the whole text is enough
    const auto trouble = find_yaml_trouble(text_, key.pos.line);
    if (trouble && trouble->pos.line == key.pos.line) {
      const bool a_word =
          one_line && key.text.find(':') == std::string::npos && trouble->length == key.text.size();
      complain(a_word ? diag::key_without_colon : diag::yaml_syntax, trouble->pos, trouble->length,
               trouble->message, trouble->hint, a_word ? Severity::warning : Severity::error);
    }
  }

  struct Keys {
    std::unordered_map<std::string, SourcePos> places;
    bool in_brackets = false;
  };

  const std::string_view text_;
  const std::string& file_;
  Diagnostics& out_;
  std::vector<std::string_view> lines_;
  std::vector<YamlNode> stack_;
  std::vector<Keys> keys_;  // beside stack_
  std::size_t nodes_ = 0, complaints_ = 0;
  YamlNode root_;
  bool saw_root_ = false, colon_sought_ = false;
};

struct Complaint {
  Message message, hint;
};

// yaml-cpp's complaint in a sentence that helps; its own words where we know none better.
Complaint in_our_words(const std::string& theirs, std::string_view line) {
  const std::size_t text_start = std::min(line.find_first_not_of(" \t"), line.size());
  if (line.substr(0, text_start).find('\t') != std::string_view::npos)
    return {say("a tab in the indentation of this line"), say("indent with spaces")};
  struct Row {
    std::string_view theirs;
    Message ours, hint;
  };
  const Row rows[] = {
      {"anchor is not defined", say("aliases (*name) are not allowed"),
       say("a text that starts with * stands in quotes: \"*.edu.vn\"")},
      {"alias not found", say("a * that names nothing"),
       say("a text that starts with * stands in quotes: \"*.edu.vn\"")},
      {"scanning alias", say("a * where no text can start"),
       say("a text that starts with * stands in quotes: \"*.edu.vn\"")},
      {"anchor not found", say("a & that names nothing"), say("a text that starts with & stands in quotes")},
      {"illegal map value", say("a \":\" where no key can be"),
       say("a text that holds \": \" stands in quotes")},
      {"end of map not found", say("this line does not fit to the keys above"),
       say("check its indentation and the \":\" after the key")},
      {"end of sequence not found", say("this line does not fit to the list above"),
       say("check its indentation and the \"- \" in front")},
      {"end of sequence flow not found", say("a list that starts with [ is not closed"),
       say("add the missing ] or a comma")},
      {"end of map flow not found", say("a group that starts with { is not closed"),
       say("add the missing } or a comma; a text that holds \": \" stands in quotes")},
      {"illegal block entry", say("a \"- \" where no list can be"),
       say("check the indentation of this line")},
      {"illegal map key", say("a key where none can be"), say("check the indentation of this line")},
      {"illegal flow end", say("a ] or } that closes nothing"),
       say("leave it out, or put the text in quotes")},
      {"illegal EOF in scalar", say("the file ends inside a quoted text"),
       say("add the closing quote; it is missing somewhere above")},
      {"illegal document indicator in scalar", say("a quoted text is not closed before this line"),
       say("add the closing quote")},
      {"unknown escape character", say("a \\ that means nothing in double quotes"),
       say("in single quotes it stays as it is: '\\d+\\.test'")},
      {"unknown token", say("a text cannot start with this character"), say("put the text in quotes")},
  };
  for (const Row& row : rows)
    if (theirs.find(row.theirs) != std::string::npos) return {row.ours, row.hint};
  return {say("this is not YAML: {}", Message::foreign(theirs)),
          say("check indentation, quotes, brackets and colons around here")};
}

// The text in double quotes around a column, as it is written in single ones.
Message in_single_quotes(std::string_view line, std::size_t column, Message otherwise) {
  const std::size_t open = line.rfind('"', column - 1), close = line.find('"', column - 1);
  if (open == std::string_view::npos || close == std::string_view::npos || open == close) return otherwise;
  const std::string_view text = line.substr(open + 1, close - open - 1);
  if (text.find('\'') != std::string_view::npos) return otherwise;
  return say("in single quotes it stays as it is: '{}'", text);
}

bool check_bytes(std::string_view text, const std::string& file, Diagnostics& out) {
  const auto fail = [&](int code, std::size_t at, Message message, Message hint) {
    const SourcePos pos = at == std::string_view::npos ? SourcePos{} : place_of(text, at);
    out.push_back({Severity::error, code, file, pos, 0, std::move(message), std::move(hint)});
    return false;
  };
  if (text.size() > YamlLimits::bytes)
    return fail(diag::file_too_large, std::string_view::npos, say("the file is larger than 4 MiB"),
                say("put long lists of sites into list files (lists:)"));
  if (const std::size_t bad = first_bad_utf8(text); bad != std::string_view::npos)
    return fail(diag::not_utf8, bad, say("this byte is not UTF-8"),
                say("save the file in the encoding UTF-8"));
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && u != '\n' && u != '\t' && u != '\r') || u == 0x7F;
  });
  if (control != text.end())
    return fail(diag::control_character, static_cast<std::size_t>(control - text.begin()),
                say("a control character is not allowed here"), say("delete it"));
  return true;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const noexcept {
  if (kind != Kind::map) return nullptr;
  for (std::size_t i = 0; i + 1 < children.size(); i += 2)
    if (children[i].text == key) return &children[i + 1];
  return nullptr;
}

Message YamlNode::kind_name() const {
  switch (kind) {
    case Kind::null:
      return say("nothing");
    case Kind::scalar:
      return say("text");
    case Kind::sequence:
      return say("a list");
    case Kind::map:
      return say("keys and values");
  }
  return {};
}

std::optional<YamlNode> read_yaml(std::string_view text, const std::string& file, Diagnostics& out) {
  const auto errors = [&out] {
    return std::count_if(out.begin(), out.end(),
                         [](const Diagnostic& d) { return d.severity == Severity::error; });
  };
  const auto before = errors();
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
  if (!check_bytes(text, file, out)) return std::nullopt;
  TreeBuilder builder(text, file, out);
  const auto complain = [&](int code, SourcePos pos, Message message, Message hint) {
    out.push_back({Severity::error, code, file, pos, 0, std::move(message), std::move(hint)});
  };
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    if (parser.HandleNextDocument(builder)) {
      parser.HandleNextDocument(builder);  // must find nothing: OnDocumentStart complains if it does
    }
  } catch (const Stop&) {
  } catch (const YAML::Exception& e) {
    SourcePos pos = TreeBuilder::place(e.mark);
    if (auto trouble = find_yaml_trouble(text, pos.line)) {
      out.push_back({Severity::error, diag::yaml_syntax, file, trouble->pos, trouble->length,
                     std::move(trouble->message), std::move(trouble->hint)});
      return std::nullopt;
    }
    // At the end of the file nothing is to be seen: show the list or group that is still open.
    if (builder.line(pos.line).empty() && builder.innermost_open()) pos = *builder.innermost_open();
    Complaint complaint = in_our_words(e.msg, builder.line(pos.line));
    if (e.msg.find("unknown escape character") != std::string::npos)
      complaint.hint = in_single_quotes(builder.line(pos.line), pos.column, std::move(complaint.hint));
    complain(diag::yaml_syntax, pos, std::move(complaint.message), std::move(complaint.hint));
  }
  if (errors() != before) return std::nullopt;
  if (!builder.saw_root()) {
    complain(diag::empty_file, {}, say("the file is empty"), say("it must hold at least \"version: 1\""));
    return std::nullopt;
  }
  return builder.take();
}

}  // namespace schoolgate
