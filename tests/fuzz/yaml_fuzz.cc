// Any bytes: read_yaml() never throws or hangs, fails exactly when it complains, keeps its bounds and its
// places; what it accepts, written out again as YAML, reads back as the same tree.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "config/text/yaml_reader.h"

namespace {

using schoolgate::YamlNode;

// Flow style with every text double-quoted: one spelling for each tree.
void write(const YamlNode& node, std::string& out) {
  static constexpr char digits[] = "0123456789abcdef";
  switch (node.kind) {
    case YamlNode::Kind::null:
      out += "null";
      return;
    case YamlNode::Kind::scalar:
      out += '"';
      for (const char c : node.text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20)
          out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        else if (c == '"' || c == '\\')
          out += {'\\', c};
        else
          out += c;
      }
      out += '"';
      return;
    case YamlNode::Kind::sequence:
      out += '[';
      for (const YamlNode& item : node.children) {
        write(item, out);
        out += ", ";
      }
      out += ']';
      return;
    case YamlNode::Kind::map:
      out += '{';
      for (std::size_t i = 0; i < node.children.size(); i += 2) {
        out += "? ";
        write(node.children[i], out);
        out += " : ";
        write(node.children[i + 1], out);
        out += ", ";
      }
      out += '}';
      return;
  }
}

bool same(const YamlNode& a, const YamlNode& b) {
  if (a.kind != b.kind || a.text != b.text || a.children.size() != b.children.size()) return false;
  for (std::size_t i = 0; i < a.children.size(); ++i)
    if (!same(a.children[i], b.children[i])) return false;
  return true;
}

std::size_t check(const YamlNode& node, std::size_t depth, std::size_t lines) {
  if (depth > schoolgate::YamlLimits::depth + 1) std::abort();
  if (node.pos.line == 0 || node.pos.line > lines || node.pos.column == 0) std::abort();
  if (node.kind == YamlNode::Kind::map && node.children.size() % 2 != 0) std::abort();
  std::size_t count = 1;
  for (const YamlNode& child : node.children) count += check(child, depth + 1, lines);
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  schoolgate::Diagnostics out;
  const auto root = schoolgate::read_yaml(text, "fuzz.yaml", out);
  if (root.has_value() == schoolgate::has_errors(out)) std::abort();
  for (const schoolgate::Diagnostic& d : out)
    if (d.code == 0 || d.message.empty()) std::abort();
  if (!root) return 0;
  std::size_t lines = 1;
  for (const char c : text) lines += c == '\n' ? 1 : 0;
  if (check(*root, 1, lines) > schoolgate::YamlLimits::nodes) std::abort();
  std::string again;
  write(*root, again);
  const auto second = schoolgate::read_yaml(again, "again.yaml", out);
  if (!second || !same(*root, *second)) std::abort();
  return 0;
}
