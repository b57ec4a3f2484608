#include "config/policy/allow_line.h"

#include <algorithm>

#include "config/text/yaml_reader.h"

namespace schoolgate {
namespace {

std::string double_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// Where the line begins that `pos` is in.
std::size_t line_start(std::string_view text, std::uint32_t line) {
  std::size_t at = 0;
  for (std::uint32_t n = 1; n < line; ++n) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return text.size();
    at = end + 1;
  }
  return at;
}

std::size_t line_end(std::string_view text, std::size_t at) {
  return std::min(text.find('\n', at), text.size());
}

}  // namespace

Result<std::string, Message> with_allow_line(std::string_view text, std::string_view host,
                                             std::string_view why) {
  Diagnostics problems;
  const auto root = read_yaml(text, "tier", problems);
  if (!root || root->kind != YamlNode::Kind::map) return say("the tier's file cannot be read");
  const std::string item = "{domain: " + double_quoted(host) + ", why: " + double_quoted(why) + "}";
  std::string out(text);
  const YamlNode* const allow = root->find("allow");
  if (allow == nullptr) {
    if (root->pos.column > 1) return say("no line can be put under allow: of the tier's file");
    if (!out.empty() && out.back() != '\n') out += '\n';
    return out + "allow:\n  - " + item + "\n";
  }
  const std::size_t at = line_start(text, allow->pos.line) + allow->pos.column - 1;
  if (allow->kind == YamlNode::Kind::sequence && at < text.size() && text[at] == '[')
    return out.insert(at + 1, item + (allow->children.empty() ? "" : ", "));
  if (allow->kind == YamlNode::Kind::sequence && !allow->children.empty()) {
    // Before the first: a mark of its own line, as deep as that one's.
    const std::size_t begin = line_start(text, allow->children.front().pos.line);
    const std::size_t dash = text.find_first_not_of(' ', begin);
    if (dash != std::string_view::npos && text[dash] == '-')
      return out.insert(begin, std::string(dash - begin, ' ') + "- " + item + "\n");
  }
  if (allow->kind == YamlNode::Kind::null) {  // "allow:" and nothing behind it
    std::size_t key = 0;
    while (key < text.size() && !text.substr(key).starts_with("allow:"))
      key = std::min(line_end(text, key) + 1, text.size());
    if (key < text.size()) {
      const std::size_t end = line_end(text, key);
      if (end == text.size()) out += '\n';
      return out.insert(end + 1, "  - " + item + "\n");
    }
  }
  return say("no line can be put under allow: of the tier's file");
}

}  // namespace schoolgate
