#include "config/text/newer_form.h"

#include <charconv>

namespace schoolgate {
namespace {

// The number behind the last blank of the words, up to whatever ends it.
std::uint32_t form_in(std::string_view digits) noexcept {
  std::uint32_t form = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), form);
  if (error != std::errc()) return 0;
  const bool ends = end != digits.data() + digits.size() && (*end == '\n' || *end == '\0');
  return ends || end == digits.data() + digits.size() ? form : 0;
}

}  // namespace

std::uint32_t newer_form(std::string_view text, std::string_view first_line) noexcept {
  const std::size_t words = first_line.rfind(' ') + 1;
  if (!text.starts_with(first_line.substr(0, words))) return 0;
  const std::uint32_t found = form_in(text.substr(words, 12)), known = form_in(first_line.substr(words));
  return found > known ? found : 0;
}

Message file_of_others(const std::string& path) {
  return say("{} is no such file of Schoolgate", path);
}

Message older_file(const std::string& path, std::int64_t form) {
  return say("{}: its form ({}) is older than any that Schoolgate wrote", path, form);
}

Message newer_file(const std::string& path, std::int64_t form, std::int64_t known) {
  return say(
      "{}: a newer version of Schoolgate wrote it (form {}, and this one knows {}): install that version "
      "again, or move the file away",
      path, form, known);
}

}  // namespace schoolgate
