#include "config/text/yaml_fields.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "config/text/suggest.h"

namespace schoolgate {
namespace {

// The whole of `text` as a decimal number without sign, blanks or a leading zero.
std::optional<std::uint64_t> decimal(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The digits of "1.000", "90 days"; "" of what is no such number, as "1.5" and "0x10".
std::string number_meant(std::string_view text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789., _"), text.size());
  if (end != text.size() && (end == 0 || text[end - 1] != ' ')) return {};
  std::string digits;
  std::size_t group = 0;
  bool first = true;
  for (const char c : text.substr(0, text.find_last_not_of(' ', end == 0 ? 0 : end - 1) + 1)) {
    if (c >= '0' && c <= '9') {
      digits += c;
      ++group;
      continue;
    }
    if (first ? group > 3 : group != 3) return {};
    first = false;
    group = 0;
  }
  return first || group == 3 ? digits : std::string();
}

// "15 giây" is 15s.
Message duration_hint(std::string_view text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string unit = plain_letters(text.substr(end));
  for (const auto& [words, letter] : {std::pair{" s sec secs second seconds giay ", 's'},
                                      {" m min mins minute minutes phut ", 'm'},
                                      {" h hour hours gio tieng ", 'h'}})
    if (end != 0 && !unit.empty() &&
        std::string_view(words).find(" " + unit + " ") != std::string_view::npos &&
        text.substr(end) != std::string_view(&letter, 1))
      return say("write {}", std::string(text.substr(0, end)) + letter);
  return say("write a number and its unit: 15s, 5m, 2h");
}

bool wants_text(const YamlNode& node, const Reporter& report) {
  if (node.kind == YamlNode::Kind::scalar) return true;
  report.error(diag::wrong_kind, node, say("one text belongs here, not {}", node.kind_name()));
  return false;
}

}  // namespace

void Reporter::error(int code, const YamlNode& at, Message message, Message hint) const {
  add(Severity::error, code, at.pos, at.length, std::move(message), std::move(hint));
}

void Reporter::warning(int code, const YamlNode& at, Message message, Message hint) const {
  add(Severity::warning, code, at.pos, at.length, std::move(message), std::move(hint));
}

void Reporter::error_in(int code, const YamlNode& at, std::size_t offset, std::size_t length, Message message,
                        Message hint) const {
  SourcePos pos = at.pos;
  std::uint32_t shown = at.length;
  const std::size_t quotes = at.quoted ? 2 : 0;
  if (at.text.size() + quotes == at.length && offset < at.text.size()) {
    pos.column += static_cast<std::uint32_t>(offset + quotes / 2);
    shown = static_cast<std::uint32_t>(std::min(length, at.text.size() - offset));
  }
  add(Severity::error, code, pos, shown, std::move(message), std::move(hint));
}

void Reporter::add(Severity severity, int code, SourcePos pos, std::uint32_t length, Message message,
                   Message hint) const {
  out_->push_back({severity, code, file_, pos, length, std::move(message), std::move(hint)});
}

Fields::Fields(const YamlNode& node, const Reporter& report, const Shape& shape, Message what,
               Message example)
    : node_(&node),
      report_(&report),
      shape_(&shape),
      what_(std::move(what)),
      valid_(node.kind == YamlNode::Kind::map) {
  if (!valid_)
    report.error(diag::wrong_kind, node,
                 say("{} holds keys and values (\"key: value\"), not {}", what_, node.kind_name()),
                 std::move(example));
}

const Key& Fields::declared(std::string_view key) const {
  if (const Key* const found = shape_->find(key)) return *found;
  throw std::logic_error("the shape " + std::string(shape_->id) + " has no key " + std::string(key));
}

bool Fields::belongs(const Key& key) const {
  if (key.when.key.empty()) return true;
  const YamlNode* const other = node_->find(key.when.key);
  const bool has = other != nullptr && (key.when.word.empty() ? other->kind != YamlNode::Kind::null
                                                              : other->kind == YamlNode::Kind::scalar &&
                                                                    other->text == key.when.word);
  return has == key.when.is;
}

const YamlNode* Fields::get(std::string_view name) {
  const Key& key = declared(name);
  if (!belongs(key)) return nullptr;
  if (key.need == Need::must) return require(name);
  const YamlNode* value = node_->find(name);
  return value != nullptr && value->kind == YamlNode::Kind::null ? nullptr : value;
}

const YamlNode* Fields::require(std::string_view name) {
  static_cast<void>(declared(name));
  const YamlNode* const value = node_->find(name);
  if (value != nullptr && value->kind != YamlNode::Kind::null) return value;
  if (!valid_ || std::find(missing_.begin(), missing_.end(), name) != missing_.end()) return nullptr;
  missing_.emplace_back(name);
  if (value != nullptr)
    report_->error(diag::missing_key, *value, say("the key {} has no value", in_quotes(name)));
  else if (mistyped(name) != nullptr)
    mistyped_.emplace_back(name);
  else
    tell_missing(std::string(name));
  return nullptr;
}

void Fields::tell_missing(const std::string& key) const {
  report_->error(diag::missing_key, *node_, say("{} needs the key {}", what_, in_quotes(key)),
                 key == "version" ? say("write \"version: 1\"") : Message());
}

Fields::~Fields() {
  for (const std::string& key : mistyped_) tell_missing(key);  // finish() was not asked
}

std::vector<std::string> Fields::known(bool leniently) const {
  std::vector<std::string> names;
  for (const Key& key : shape_->keys)
    if (leniently || belongs(key)) names.emplace_back(key.name);
  return names;
}

// A key that is not known here and looks like `key`.
const YamlNode* Fields::mistyped(std::string_view key) const {
  const std::array<std::string, 1> meant{std::string(key)};
  for (std::size_t i = 0; i < node_->children.size(); i += 2) {
    const YamlNode& other = node_->children[i];
    if (const Key* const own = shape_->find(other.text); own != nullptr && belongs(*own)) continue;
    if (!did_you_mean(other.text, meant).empty()) return &other;
  }
  return nullptr;
}

bool Fields::seems_to_have(std::string_view key) const {
  if (!valid_) return false;
  const YamlNode* const value = node_->find(key);
  return value != nullptr ? value->kind != YamlNode::Kind::null : mistyped(key) != nullptr;
}

void Fields::finish() {
  tell_unknown(false);
}

void Fields::finish(Message (*elsewhere)(std::string_view key)) {
  tell_unknown(false, elsewhere);
}

void Fields::finish_leniently() {
  tell_unknown(true);
}

void Fields::tell_unknown(bool leniently, Message (*elsewhere)(std::string_view key)) {
  mistyped_.clear();
  if (!valid_) return;
  const std::vector<std::string> names = known(leniently);
  const auto is_known = [&](std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  for (std::size_t i = 0; i < node_->children.size(); i += 2) {
    const YamlNode& key = node_->children[i];
    if (is_known(key.text)) continue;
    const std::size_t colon = key.text.find(':');
    const bool close = colon != std::string::npos && is_known(key.text.substr(0, colon));
    Message otherwise = elsewhere == nullptr ? Message() : elsewhere(key.text);
    if (otherwise.empty()) otherwise = say("it may have: {}", join_words(names, 30));
    report_->error(diag::unknown_key, key, say("{} has no key {}", what_, in_quotes(key.text)),
                   close ? say("a blank is missing behind the \":\"; write {}",
                               in_quotes(key.text.substr(0, colon) + ": " + key.text.substr(colon + 1)))
                         : did_you_mean(key.text, names, std::move(otherwise)));
  }
}

void Fields::text(std::string_view key, std::string& out) {
  if (const YamlNode* value = get(key))
    if (auto read = read_text(*value, *report_)) out = std::move(*read);
}

void Fields::boolean(std::string_view key, bool& out) {
  if (const YamlNode* value = get(key))
    if (const auto read = read_boolean(*value, *report_)) out = *read;
}

void Fields::number(std::string_view key, std::uint32_t& out) {
  const ValueShape& value = declared(key).value;
  if (const YamlNode* node = get(key))
    if (const auto read = read_number(*node, *report_, static_cast<std::uint32_t>(value.low),
                                      static_cast<std::uint32_t>(value.high)))
      out = *read;
}

void Fields::seconds(std::string_view key, std::chrono::seconds& out) {
  const ValueShape& value = declared(key).value;
  if (const YamlNode* node = get(key))
    if (const auto read = read_seconds(*node, *report_, value.low, value.high)) out = *read;
}

std::optional<std::size_t> Fields::word(std::string_view key) {
  const YamlNode* const node = get(key);
  if (node == nullptr) return std::nullopt;
  return read_word(*node, *report_, declared(key).value.words);
}

std::optional<std::string> read_text(const YamlNode& node, const Reporter& report) {
  if (!wants_text(node, report)) return std::nullopt;
  if (node.text.empty()) {
    report.error(diag::bad_text, node, say("this text is empty"),
                 say("leave the key out if there is nothing to say"));
    return std::nullopt;
  }
  return node.text;
}

std::optional<bool> read_boolean(const YamlNode& node, const Reporter& report) {
  if (!wants_text(node, report)) return std::nullopt;
  if (!node.quoted && node.text == "true") return true;
  if (!node.quoted && node.text == "false") return false;
  static const std::vector<std::string> words{"true", "false"};
  const std::string_view meant = meant_word(node.text, words);
  report.error(diag::bad_boolean, node, say("{} is neither true nor false", in_quotes(node.text)),
               meant.empty() ? say("write true or false, small letters, without quotes")
                             : say("write {}, small letters, without quotes", meant));
  return std::nullopt;
}

std::optional<std::uint32_t> read_number(const YamlNode& node, const Reporter& report, std::uint32_t low,
                                         std::uint32_t high) {
  if (!wants_text(node, report)) return std::nullopt;
  const auto value = node.quoted ? std::nullopt : decimal(node.text);
  if (value && *value >= low && *value <= high) return static_cast<std::uint32_t>(*value);
  Message hint = say("write digits only, without quotes");
  const std::string digits = number_meant(node.text);
  if (value)
    hint = *value > high ? say("the most is {}", high) : say("the least is {}", low);
  else if (const auto meant = decimal(digits); meant && *meant >= low && *meant <= high)
    hint = node.quoted ? say("write {}, without quotes", digits) : say("write {}", digits);
  report.error(diag::bad_number, node,
               say("{} is not a number from {} to {}", in_quotes(node.text), low, high), std::move(hint));
  return std::nullopt;
}

std::optional<std::chrono::seconds> read_seconds(const YamlNode& node, const Reporter& report,
                                                 std::int64_t low, std::int64_t high) {
  if (!wants_text(node, report)) return std::nullopt;
  const std::string_view text = node.text;
  const char last = text.empty() ? '\0' : text.back();
  const std::int64_t unit = last == 'm' ? 60 : last == 'h' ? 3600 : 1;
  const bool has_unit = last == 's' || last == 'm' || last == 'h';
  const auto count = decimal(text.substr(0, text.size() - (has_unit ? 1 : 0)));
  if (count && *count <= 1'000'000) {
    const std::int64_t value = static_cast<std::int64_t>(*count) * unit;
    if (value >= low && value <= high) return std::chrono::seconds(value);
  }
  report.error(diag::bad_duration, node, say("{} is not a time from {}s to {}s", in_quotes(text), low, high),
               duration_hint(text));
  return std::nullopt;
}

std::optional<std::size_t> read_word(const YamlNode& node, const Reporter& report,
                                     std::span<const std::string_view> words) {
  if (!wants_text(node, report)) return std::nullopt;
  for (std::size_t i = 0; i < words.size(); ++i)
    if (node.text == words[i]) return i;
  const std::vector<std::string> known(words.begin(), words.end());
  report.error(diag::unknown_word, node, say("{} is not known here", in_quotes(node.text)),
               did_you_mean(node.text, known, say("write one of: {}", join_words(known))));
  return std::nullopt;
}

std::vector<const YamlNode*> read_items(const YamlNode& node, const Reporter& report) {
  std::vector<const YamlNode*> items;
  if (node.kind == YamlNode::Kind::scalar) {
    items.push_back(&node);
  } else if (node.kind == YamlNode::Kind::sequence) {
    for (const YamlNode& item : node.children) {
      if (item.kind == YamlNode::Kind::null)
        report.error(diag::wrong_kind, item, say("this item of the list is empty"), say("delete the \"-\""));
      else
        items.push_back(&item);
    }
  } else if (node.kind != YamlNode::Kind::null) {
    report.error(diag::wrong_kind, node, say("a list belongs here, not {}", node.kind_name()),
                 node.kind == YamlNode::Kind::map
                     ? say("write \"- \" in front of its first key, and the others below that key")
                     : say("write \"- \" in front of each item"));
  }
  return items;
}

void read_version(Fields& fields) {
  const YamlNode* version = fields.get("version");
  if (version == nullptr) return;
  if (version->kind == YamlNode::Kind::scalar && version->text == "1") return;
  fields.report().error(diag::bad_version, *version, say("this program reads files of version 1 only"),
                        say("write \"version: 1\""));
}

}  // namespace schoolgate
