#include "proxy/audit/seal_text.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "rules/bytes/sha256.h"

namespace schoolgate::audit {
namespace {

constexpr std::string_view seal_heading = "schoolgate seal 1";
constexpr std::int64_t most_number = 1LL << 60;
constexpr std::int64_t last_time_ms = 253'402'300'799'999;  // the year 9999
constexpr std::string_view seal_kinds[] = {"opening", "span", "replaced", "removed"};

std::string table_line(const SealedTable& table) {
  return table.name + ": " + std::to_string(table.after) + " " + std::to_string(table.last) + " " +
         std::to_string(table.count) + " " + table.digest + "\n";
}

// Takes a text apart, line by line and word by word; one thing that does not fit spoils all that follows.
class SealLines {
 public:
  explicit SealLines(std::string_view text) : text_(text) {}

  // The rest of the next line, which begins with "NAME: ".
  std::string_view value(std::string_view name) {
    line_ = next();
    if (!line_.starts_with(name) || line_.substr(name.size(), 2) != ": ") return fail();
    rest_ = line_.substr(name.size() + 2);
    if (rest_.empty()) return fail();
    return rest_;
  }
  std::string_view next() {
    const std::size_t end = text_.find('\n');
    if (end == std::string_view::npos) return fail();
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(end + 1);
    ++number_;
    return line;
  }
  std::string_view word() {
    const std::size_t end = std::min(rest_.find(' '), rest_.size());
    const std::string_view found = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return found.empty() ? fail() : found;
  }
  std::int64_t number() {
    const std::string_view text = word();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || std::to_string(value) != text ||
        value < -1 || value > most_number)
      fail();
    return value;
  }
  void rest_of(std::string_view line) { rest_ = line; }
  [[nodiscard]] std::string_view left() const { return text_; }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] int line() const { return number_; }
  std::string_view fail() {
    good_ = false;
    return {};
  }

 private:
  std::string_view text_, line_, rest_;
  bool good_ = true;
  int number_ = 0;
};

void read_tables(SealLines& lines, Seal& seal) {
  while (lines.good() && !lines.left().starts_with("root: ")) {
    const std::string_view line = lines.next();
    const std::size_t colon = line.find(": ");
    if (!lines.good() || colon == std::string_view::npos) {
      lines.fail();
      return;
    }
    SealedTable table;
    table.name = line.substr(0, colon);
    lines.rest_of(line.substr(colon + 2));
    table.after = lines.number();
    table.last = lines.number();
    table.count = lines.number();
    table.digest = lines.word();
    seal.tables.push_back(std::move(table));
  }
}

}  // namespace

std::string_view to_string(SealKind kind) noexcept {
  return seal_kinds[static_cast<std::size_t>(kind)];
}

const SealedTable* Seal::table(std::string_view name) const noexcept {
  const auto found =
      std::find_if(tables.begin(), tables.end(), [&](const SealedTable& t) { return t.name == name; });
  return found == tables.end() ? nullptr : &*found;
}

std::string seal_root(const std::vector<SealedTable>& tables) {
  std::string text;
  for (const SealedTable& table : tables) text += table_line(table);
  return to_hex(sha256(text));
}

std::string seal_text(const Seal& seal) {
  const auto number = [](std::int64_t value) { return std::to_string(value); };
  std::string text(seal_heading);
  text += "\nnumber: " + number(seal.number) + "\nprevious: " + seal.previous + "\nkey: " + seal.key +
          "\nmade: " + number(seal.made_ms) + " " + utc_text(seal.made_ms) +
          "\nlog: " + (seal.log == LogKind::access ? "access" : "safeguarding") + "\nkind: ";
  text += to_string(seal.kind);
  text += "\nfile: " + seal.file + " " + seal.file_id + "\nnote: " + seal.note +
          "\ntime: " + number(seal.from_ms) + " " + number(seal.to_ms) +
          "\nseals: " + number(seal.first_seal) + " " + number(seal.last_seal) +
          "\nrows: " + number(seal.rows_before) + "\nwhy: " + seal.why + "\n";
  for (const SealedTable& table : seal.tables) text += table_line(table);
  return text + "root: " + seal_root(seal.tables) + "\n";
}

Result<Seal> parse_seal(std::string_view text) {
  Seal seal;
  SealLines lines(text);
  if (lines.next() != seal_heading) lines.fail();
  const auto one_number = [&](std::string_view name) {
    lines.value(name);
    return lines.number();
  };
  seal.number = one_number("number");
  seal.previous = lines.value("previous");
  seal.key = lines.value("key");
  seal.made_ms = one_number("made");
  if (seal.made_ms < 0 || seal.made_ms > last_time_ms) lines.fail();
  const std::string_view log = lines.value("log");
  seal.log = log == "safeguarding" ? LogKind::safeguarding : LogKind::access;
  const auto kind = std::find(std::begin(seal_kinds), std::end(seal_kinds), lines.value("kind"));
  if (kind == std::end(seal_kinds)) return Error{say("line {} is not of a seal", 7)};
  seal.kind = static_cast<SealKind>(kind - std::begin(seal_kinds));
  lines.value("file");
  seal.file = lines.word();
  seal.file_id = lines.word();
  seal.note = lines.value("note");
  seal.from_ms = one_number("time");
  seal.to_ms = lines.number();
  seal.first_seal = one_number("seals");
  seal.last_seal = lines.number();
  seal.rows_before = one_number("rows");
  seal.why = lines.value("why");
  read_tables(lines, seal);
  seal.root = lines.value("root");
  // Written again it is the same: nothing else stands in it, and the root is that of its tables.
  if (!lines.good() || !lines.left().empty()) return Error{say("line {} is not of a seal", lines.line())};
  if (seal_text(seal) != text) return Error{say("the text is not as a seal's is written")};
  return seal;
}

std::string seal_digest(std::string_view text, std::string_view signature) {
  Sha256 digest;
  digest.update(text);
  digest.update(signature);
  return to_hex(digest.finish());
}

std::string pack_ids(const std::vector<std::int64_t>& ids) {
  std::string bytes;
  std::uint64_t before = 0;
  for (const std::int64_t id : ids) {
    std::uint64_t step = static_cast<std::uint64_t>(id) - before;
    before = static_cast<std::uint64_t>(id);
    while (step >= 128) {
      bytes += static_cast<char>(step % 128 + 128);
      step /= 128;
    }
    bytes += static_cast<char>(step);
  }
  return bytes;
}

std::vector<std::int64_t> unpack_ids(std::string_view bytes) {
  std::vector<std::int64_t> ids;
  std::uint64_t before = 0, step = 0;
  int shift = 0;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (shift > 56) break;
    step |= std::uint64_t{byte & 127u} << shift;
    shift += 7;
    if (byte >= 128) continue;
    before += step;
    ids.push_back(static_cast<std::int64_t>(before));
    step = 0;
    shift = 0;
  }
  return ids;
}

}  // namespace schoolgate::audit
