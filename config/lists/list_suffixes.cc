#include "config/lists/list_suffixes.h"

#include <algorithm>
#include <charconv>

#include "config/text/diag_codes.h"
#include "rules/url/public_suffix.h"

namespace schoolgate {
namespace {

std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

Message suffix_sentence(bool kept, bool protecting, const std::string& list, const std::string& place,
                        const std::string& host) {
  if (kept)
    return protecting
               ? say("list {} ({}): \"{}\" protects every site whose name ends in .{}; it stays because the "
                     "last good load had it",
                     list, place, host, host)
               : say("list {} ({}): \"{}\" blocks every site whose name ends in .{}; it stays because the "
                     "last good load had it",
                     list, place, host, host);
  return protecting
             ? say("list {} ({}): \"{}\" would protect every site whose name ends in .{}; it is left out",
                   list, place, host, host)
             : say("list {} ({}): \"{}\" would block every site whose name ends in .{}; it is left out", list,
                   place, host, host);
}

bool take_space(std::string_view& text) {
  if (text.empty() || text.front() != ' ') return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

void ListSuffixes::add(SuffixEntry entry) {
  std::uint64_t& count = entry.fate == SuffixEntry::Fate::left_out ? left_out
                         : entry.fate == SuffixEntry::Fate::kept   ? kept
                                                                   : hoster;
  if (count++ < most_suffixes) entries.push_back(std::move(entry));
}

std::optional<SuffixEntry> suffix_of(const RuleEntry& entry) {
  if (entry.kind == RuleKind::domain && !entry.subdomains) return std::nullopt;  // that one host alone
  const std::string_view host = whole_host(entry);
  const Suffix suffix = host.empty() ? Suffix::none : public_suffix(host);
  if (suffix == Suffix::none) return std::nullopt;
  return SuffixEntry{suffix == Suffix::hoster ? SuffixEntry::Fate::hoster : SuffixEntry::Fate::left_out,
                     entry.line, std::string(host)};
}

std::string to_text(const ListSuffixes& suffixes) {
  std::string out = std::to_string(suffixes.left_out) + ' ' + std::to_string(suffixes.kept) + ' ' +
                    std::to_string(suffixes.hoster);
  for (const SuffixEntry& entry : suffixes.entries)
    out += ' ' + std::to_string(entry.line) + static_cast<char>(entry.fate) + entry.host;
  return out;
}

std::optional<ListSuffixes> read_suffixes(std::string_view text) {
  ListSuffixes out;
  for (std::uint64_t* const count : {&out.left_out, &out.kept, &out.hoster}) {
    if (count != &out.left_out && !take_space(text)) return std::nullopt;
    const std::optional<std::uint64_t> number = take_number(text);
    if (!number) return std::nullopt;
    *count = *number;
  }
  while (!text.empty()) {
    if (!take_space(text)) return std::nullopt;
    const std::optional<std::uint64_t> line = take_number(text);
    if (!line || text.size() < 2) return std::nullopt;
    const char fate = text.front();
    if (std::string_view("lkh").find(fate) == std::string_view::npos || *line > UINT32_MAX)
      return std::nullopt;
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end == 1) return std::nullopt;  // no host
    out.entries.push_back({static_cast<SuffixEntry::Fate>(fate), static_cast<std::uint32_t>(*line),
                           std::string(text.substr(1, end - 1))});
    text.remove_prefix(end);
  }
  return out;
}

void tell_suffixes(const ListSuffixes& suffixes, const std::string& name, const std::string& file,
                   bool protecting, const Place& where, LoadContext& context) {
  using Fate = SuffixEntry::Fate;
  std::string hosters;
  for (const SuffixEntry& entry : suffixes.entries) {
    if (entry.fate == Fate::hoster) {
      hosters += (hosters.empty() ? "" : ", ") + entry.host;
      continue;
    }
    const bool kept = entry.fate == Fate::kept;
    context.add(
        Severity::warning, diag::list_suffix, where,
        suffix_sentence(kept, protecting, name, file + ":" + std::to_string(entry.line), entry.host),
        kept ? say("to leave it out: schoolgate reload --accept-shrunk; if it is meant: suffixes: true in "
                   "the entry of the list")
             : say("if it is meant: suffixes: true in the entry of the list"));
  }
  const std::uint64_t shown = std::min<std::uint64_t>(suffixes.left_out, most_suffixes) +
                              std::min<std::uint64_t>(suffixes.kept, most_suffixes);
  if (const std::uint64_t more = suffixes.left_out + suffixes.kept - shown; more != 0)
    context.add(Severity::warning, diag::list_suffix, where,
                say("list {} ({}): {} more public suffixes like these are not shown", name, file, more));
  if (suffixes.hoster != 0)
    context.add(Severity::note, diag::list_hoster, where,
                say("list {}: under {} everybody has a site of their own, and the list holds them all", name,
                    suffixes.hoster > most_suffixes ? hosters + ", ..." : hosters));
}

}  // namespace schoolgate
