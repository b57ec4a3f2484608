#include "rules/diagnostic.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace schoolgate {
namespace {

struct Colours {
  std::string_view bold, error, warning, note, off;
};
constexpr Colours ansi{"\x1b[1m", "\x1b[1;31m", "\x1b[1;35m", "\x1b[1;36m", "\x1b[0m"};
constexpr Colours no_colours{};

Message name(Severity s) {
  switch (s) {
    case Severity::error:
      return say("error");
    case Severity::warning:
      return say("warning");
    case Severity::note:
      return say("note");
  }
  return say("error");
}

std::string_view colour_of(Severity s, const Colours& c) noexcept {
  return s == Severity::error ? c.error : s == Severity::warning ? c.warning : c.note;
}

// Controls, bidi controls and line separators: what could make a line look like another one.
bool deceives(utf8proc_int32_t c) noexcept {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

struct Glyph {
  std::size_t bytes;
  std::size_t columns;  // on a terminal, as printed by `append_glyph`
  bool escaped;
};

Glyph glyph_at(std::string_view text, std::size_t at) noexcept {
  utf8proc_int32_t c = -1;
  const auto* const p = reinterpret_cast<const utf8proc_uint8_t*>(text.data() + at);
  const utf8proc_ssize_t n = utf8proc_iterate(p, static_cast<utf8proc_ssize_t>(text.size() - at), &c);
  if (n <= 0) return {1, 4, true};
  const auto bytes = static_cast<std::size_t>(n);
  if (deceives(c)) return {bytes, 4 * bytes, true};
  return {bytes, static_cast<std::size_t>(std::max(utf8proc_charwidth(c), 0)), false};
}

void append_glyph(std::string& out, std::string_view text, std::size_t at, const Glyph& glyph) {
  if (!glyph.escaped) {
    out += text.substr(at, glyph.bytes);
    return;
  }
  constexpr std::string_view hex = "0123456789abcdef";
  for (std::size_t i = 0; i < glyph.bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[at + i]);
    out += {'\\', 'x', hex[byte >> 4], hex[byte & 15]};
  }
}

// The source line, tabs as one space, and under it a caret with tildes for the rest of the place.
void append_excerpt(std::string& out, const Diagnostic& d, std::string_view line, const Colours& colours) {
  const std::size_t begin =
      d.pos.column == 0 ? line.size() : std::min<std::size_t>(d.pos.column - 1, line.size());
  const std::size_t end = std::min<std::size_t>(line.size(), begin + std::max<std::uint32_t>(d.length, 1));
  std::size_t before = 0, under = 0;
  out += "    ";
  for (std::size_t at = 0; at < line.size();) {
    Glyph glyph = glyph_at(line, at);
    if (line[at] == '\t') {
      glyph = {1, 1, false};
      out += ' ';
    } else {
      append_glyph(out, line, at, glyph);
    }
    if (at < begin)
      before += glyph.columns;
    else if (at < end)
      under += glyph.columns;
    at += glyph.bytes;
  }
  out += '\n';
  if (d.pos.column == 0) return;
  out += "    ";
  out.append(before, ' ');
  out += colour_of(d.severity, colours);
  out += '^';
  if (under > 1) out.append(under - 1, '~');
  out += colours.off;
  out += '\n';
}

}  // namespace

bool has_errors(const Diagnostics& diagnostics) noexcept {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Glyph glyph = glyph_at(text, at);
    append_glyph(out, text, at, glyph);
    at += glyph.bytes;
  }
  return out;
}

std::string to_text(const Diagnostic& d, const std::string& source_line, Catalogue catalogue, bool colour) {
  const Colours& colours = colour ? ansi : no_colours;
  std::string out;
  if (!d.file.empty()) {
    out += colours.bold;
    out += printable(d.file);
    if (d.pos.line != 0) out += ':' + std::to_string(d.pos.line);
    if (d.pos.line != 0 && d.pos.column != 0) out += ':' + std::to_string(d.pos.column);
    out += ": ";
    out += colours.off;
  }
  out += colour_of(d.severity, colours);
  out += name(d.severity).in(catalogue);
  if (d.code != 0) {
    std::array<char, 24> code{};
    std::snprintf(code.data(), code.size(), " SG%04d", d.code);
    out += code.data();
  }
  out += ':';
  out += colours.off;
  out += ' ';
  out += printable(d.message.in(catalogue));
  out += '\n';
  if (!source_line.empty()) append_excerpt(out, d, source_line, colours);
  if (!d.hint.empty()) out += "    " + printable(say("hint: {}", d.hint).in(catalogue)) + '\n';
  return out;
}

}  // namespace schoolgate
