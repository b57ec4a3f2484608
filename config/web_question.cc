#include "config/web_question.h"

#include <algorithm>

namespace schoolgate {
namespace {

bool is_control(char c) noexcept {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

std::vector<std::string> fields_of_line(std::string_view line) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t tab = line.find('\t');
    out.emplace_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return out;
    line.remove_prefix(tab + 1);
  }
}

}  // namespace

bool brings_text(std::string_view verb) noexcept {
  return verb == "edit";
}

const std::string& WebQuestion::get(const std::string& name) const {
  static const std::string none;
  const auto found = fields.find(name);
  return found == fields.end() ? none : found->second;
}

std::optional<WebQuestion> parse_web_question(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  const std::size_t most =
      brings_text(line.substr(0, line.find('\t'))) ? most_text_question : most_web_question;
  if (line.empty() || line.size() > most) return std::nullopt;
  WebQuestion question;
  const std::vector<std::string> parts = fields_of_line(line);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (std::any_of(parts[i].begin(), parts[i].end(), is_control)) return std::nullopt;
    if (i == 0) {
      question.verb = parts[i];
      continue;
    }
    const std::size_t equals = parts[i].find('=');
    if (equals == std::string::npos || equals == 0) return std::nullopt;
    if (!question.fields.emplace(parts[i].substr(0, equals), parts[i].substr(equals + 1)).second)
      return std::nullopt;
  }
  if (question.verb.empty() || question.verb.find('=') != std::string::npos) return std::nullopt;
  return question;
}

std::optional<std::string> to_text(const WebQuestion& question) {
  std::string line = question.verb;
  for (const auto& [name, value] : question.fields) line += "\t" + name + "=" + value;
  const auto back = parse_web_question(line);
  if (!back || back->fields != question.fields || back->verb != question.verb) return std::nullopt;
  return line;
}

std::string packed_text(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (const char c : text) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\\')
      out += "\\\\";
    else
      out += c;
  }
  return out;
}

std::optional<std::string> unpacked_text(std::string_view packed) {
  std::string out;
  out.reserve(packed.size());
  for (std::size_t i = 0; i < packed.size(); ++i) {
    if (packed[i] == '\n' || packed[i] == '\t') return std::nullopt;
    if (packed[i] != '\\') {
      out += packed[i];
      continue;
    }
    if (++i == packed.size()) return std::nullopt;
    if (packed[i] != 'n' && packed[i] != 't' && packed[i] != '\\') return std::nullopt;
    out += packed[i] == 'n' ? '\n' : packed[i] == 't' ? '\t' : '\\';
  }
  return out;
}

std::string web_row(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    std::string clean = fields[i];
    std::replace_if(clean.begin(), clean.end(), is_control, ' ');
    line += (i == 0 ? "" : "\t") + clean;
  }
  return line + "\n";
}

std::vector<std::vector<std::string>> web_rows(std::string_view text) {
  std::vector<std::vector<std::string>> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end != 0) out.push_back(fields_of_line(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace schoolgate
