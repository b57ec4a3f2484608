#include "rules/pattern_index.h"

#include <cstring>

#include "rules/pattern_format.h"

namespace schoolgate {
namespace {

using namespace pattern_format;

class View final : public PatternData {
 public:
  std::size_t size() const noexcept override { return entries.size(); }
  std::string_view text(std::uint32_t id) const noexcept override {
    const Entry& entry = entries[id];
    return texts.substr(entry.text, entry.text_size);
  }
  bool weak(std::uint32_t) const noexcept override { return true; }
};

template <class T>
void append(std::vector<std::byte>& out, std::span<const T> values) {
  const auto bytes = std::as_bytes(values);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

Result<std::vector<std::byte>> build_pattern_index(std::span<const Pattern> patterns) {
  std::vector<Entry> entries;
  std::string texts;
  for (const Pattern& pattern : patterns) {
    if (const auto wrong = check_pattern(pattern.text, pattern.case_sensitive))
      return Error{"pattern \"" + pattern.text + "\": " + wrong->message};
    Entry entry;
    entry.text = static_cast<std::uint32_t>(texts.size());
    entry.text_size = static_cast<std::uint16_t>(pattern.text.size());
    entry.target = static_cast<std::uint8_t>(pattern.target);
    entry.flags = pattern.case_sensitive ? flag_case_sensitive : std::uint8_t{0};
    entries.push_back(entry);
    texts += pattern.text;
  }
  Header header;
  header.patterns = static_cast<std::uint32_t>(entries.size());
  header.text_bytes = static_cast<std::uint32_t>(texts.size());
  std::vector<std::byte> out;
  append(out, std::span<const Header>(&header, 1));
  append(out, std::span<const Entry>(entries));
  append(out, std::span<const char>(texts));
  return out;
}

Result<std::shared_ptr<const PatternIndex>> PatternIndex::open(std::span<const std::byte> bytes) {
  const Error broken{"the pattern index is damaged"};
  Header header;
  if (bytes.size() < sizeof header) return broken;
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(Header) != 0) return broken;
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.magic != magic || header.version != version) return broken;
  const std::uint64_t want =
      sizeof header + std::uint64_t{header.patterns} * sizeof(Entry) + header.text_bytes;
  if (want != bytes.size()) return broken;
  auto view = std::make_shared<View>();
  const std::byte* at = bytes.data() + sizeof header;
  view->entries = {reinterpret_cast<const Entry*>(at), header.patterns};
  view->texts = {reinterpret_cast<const char*>(at + header.patterns * sizeof(Entry)), header.text_bytes};
  for (const Entry& entry : view->entries)
    if (std::uint64_t{entry.text} + entry.text_size > header.text_bytes || entry.target > 3) return broken;
  return std::shared_ptr<const PatternIndex>(std::move(view));
}

}  // namespace schoolgate
