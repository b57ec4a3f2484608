#include "config/lists/list_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "config/text/descriptor.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"

namespace schoolgate {
namespace {

constexpr std::string_view magic = "SGLISTS1";
constexpr std::size_t footer_size = 8 + 8 + 8 + 32 + 32;

class Mapping {
 public:
  Mapping(void* address, std::size_t size) noexcept : address_(address), size_(size) {}
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() { ::munmap(address_, size_); }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
    return {static_cast<const std::byte*>(address_), size_};
  }

 private:
  void* address_;
  std::size_t size_;
};

// Anonymous memory, which nobody else can shorten or write to.
std::shared_ptr<const Mapping> copy_of(int file, std::size_t size) {
  void* const address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED) return nullptr;
  auto mapping = std::make_shared<const Mapping>(address, size);
  ::madvise(address, size, MADV_HUGEPAGE);  // a fault for each 2 MiB instead of each 4 KiB, where there are
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::read(file, static_cast<char*>(address) + have, size - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return nullptr;
    if (got == 0) break;  // it was cut meanwhile: the rest is zeros, and its checksums are wrong
    have += static_cast<std::size_t>(got);
  }
  ::mprotect(address, size, PROT_READ);
  return mapping;
}

Error system_error() {
  return Error{system_words(errno)};
}

void put_number(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i) out += static_cast<char>(value >> (8 * i));
}

std::uint64_t get_number(std::string_view bytes) noexcept {
  std::uint64_t value = 0;
  for (int i = 7; i >= 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[static_cast<std::size_t>(i)]);
  return value;
}

std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// One record a line; fields apart by tabs. Paths may hold anything but NUL: tabs, line ends and "\" are
// escaped.
std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\t')
      out += "\\t";
    else if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size())
      out += text[i];
    else if (const char c = text[++i]; c == 't')
      out += '\t';
    else if (c == 'n')
      out += '\n';
    else
      out += c;
  }
  return out;
}

std::string write_records(const std::vector<ListRecord>& records) {
  std::string out;
  for (const ListRecord& record : records) {
    out += std::string(to_string(record.source.format)) + '\t';
    out += (record.source.own ? to_string(*record.source.own) : std::string("-")) + '\t';
    for (const std::string* text : {&record.source.name, &record.source.category, &record.source.path})
      out += escape(*text) + '\t';
    out += std::to_string(record.report.lines) + '\t' + std::to_string(record.report.accepted) + '\t' +
           std::to_string(record.report.invalid);
    for (const std::uint64_t count : record.report.ignored) out += '\t' + std::to_string(count);
    out += '\t' + to_text(record.suffixes);
    out += '\n';
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::optional<ListRecord> read_record(std::string_view line) {
  const auto field = split(line, '\t');
  // The last field, which has blanks, is younger than the file, and so are some reasons: one without them is
  // still the measure of the next load.
  constexpr std::size_t first_reason = 8, oldest_reasons = 7;
  const bool has_suffixes = field.back().find(' ') != std::string_view::npos;
  const std::size_t fields = field.size() - (has_suffixes ? 1 : 0);
  if (fields < first_reason + oldest_reasons || fields > first_reason + ignored_reasons) return std::nullopt;
  ListRecord record;
  const auto format = parse_list_format(field[0]);
  if (!format) return std::nullopt;
  record.source.format = *format;
  if (field[1] != "-") {
    record.source.own = parse_effect(field[1]);
    if (!record.source.own) return std::nullopt;
  }
  record.source.name = unescape(field[2]);
  record.source.category = unescape(field[3]);
  record.source.path = unescape(field[4]);
  std::vector<std::uint64_t*> counts{&record.report.lines, &record.report.accepted, &record.report.invalid};
  for (std::size_t i = 0; first_reason + i < fields; ++i) counts.push_back(&record.report.ignored[i]);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::string_view text = field[5 + i];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *counts[i]);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  }
  if (has_suffixes) {
    auto suffixes = read_suffixes(field[fields]);
    if (!suffixes) return std::nullopt;
    record.suffixes = *std::move(suffixes);
  }
  return record;
}

// The user whose folder this is: of the state directory, the one as whom the proxy runs.
std::optional<struct stat> owner_of_folder(const std::string& path) {
  struct stat info {};
  const std::string folder = folder_of(path);
  if (::stat(folder.empty() ? "." : folder.c_str(), &info) != 0) return std::nullopt;
  return info;
}

bool is_believed(uid_t owner, const std::string& path) {
  if (owner == ::geteuid() || owner == 0) return true;
  if (::geteuid() != 0) return false;
  const auto folder = owner_of_folder(path);  // root looks at what the proxy wrote
  return folder && folder->st_uid == owner;
}

Result<void> check_trust(const struct stat& info, const std::string& path) {
  if (!S_ISREG(info.st_mode)) return Error{say("it is no regular file")};
  if (!is_believed(info.st_uid, path)) return Error{say("it belongs to another user")};
  if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) return Error{say("others may write to it")};
  if (static_cast<std::uint64_t>(info.st_size) < footer_size) return Error{say("it is too short")};
  return {};
}

Result<void> make_folder(const std::string& path) {
  if (path.empty() || ::mkdir(path.c_str(), 0750) == 0 || errno == EEXIST) return {};
  const bool lacks_parent = errno == ENOENT;
  const Error why = system_error();
  const std::string parent = folder_of(path);
  if (!lacks_parent || parent.empty() || parent == path) return why;
  if (const auto made = make_folder(parent); made.failed()) return made.error();
  if (::mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) return system_error();
  return {};
}

}  // namespace

Result<std::shared_ptr<const RuleDb>> open_owning(std::span<const std::byte> bytes,
                                                  std::shared_ptr<const void> owner) {
  auto db = RuleDb::open(bytes);
  if (!db) return db;
  struct Both {
    std::shared_ptr<const void> owner;
    std::shared_ptr<const RuleDb> db;  // goes first
  };
  const RuleDb* const view = db->get();
  return std::shared_ptr<const RuleDb>(std::make_shared<const Both>(Both{std::move(owner), std::move(*db)}),
                                       view);
}

Result<std::optional<CompiledLists>> open_compiled_lists(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno != ENOENT) return system_error();
    return std::optional<CompiledLists>();
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error();
  if (const auto trusted = check_trust(info, path); trusted.failed()) return trusted.error();
  const auto size = static_cast<std::size_t>(info.st_size);
  const auto mapping = copy_of(file.get(), size);
  if (mapping == nullptr) return system_error();
  const std::string_view all = as_text(mapping->bytes()), footer = all.substr(size - footer_size);
  const std::uint64_t database = get_number(footer.substr(8)), records = get_number(footer.substr(16));
  if (footer.starts_with(magic.substr(0, magic.size() - 1)) && footer[magic.size() - 1] > magic.back())
    return Error{say("a newer version of Schoolgate wrote them")};
  const Error damaged{"its bytes are not as they were written"};
  if (footer.substr(0, magic.size()) != magic || database > size || records > size ||
      database + records + footer_size != size)
    return damaged;
  const Sha256Digest digest = sha256(all.substr(database, size - database - 32));
  if (std::memcmp(digest.data(), footer.data() + footer_size - 32, 32) != 0) return damaged;
  CompiledLists out;
  std::memcpy(out.key.data(), footer.data() + 24, 32);
  std::string_view lines = all.substr(database, records);
  while (!lines.empty()) {
    const std::size_t end = lines.find('\n');
    auto record = end == std::string_view::npos ? std::nullopt : read_record(lines.substr(0, end));
    if (!record) return damaged;
    out.records.push_back(std::move(*record));
    lines.remove_prefix(end + 1);
  }
  auto db = open_owning(mapping->bytes().first(database), mapping);
  if (!db) return db.error();
  out.db = std::move(*db);
  if (out.db->sources().size() != out.records.size()) return damaged;
  return std::optional(std::move(out));
}

Result<void> write_compiled_lists(const std::string& path, std::span<const std::byte> database,
                                  const std::vector<ListRecord>& records, const Sha256Digest& key) {
  const std::string folder = folder_of(path);
  if (const auto made = make_folder(folder); made.failed())
    return Error{say("cannot make {}: {}", folder, made.error().message)};
  std::string tail = write_records(records);
  const std::size_t records_bytes = tail.size();
  tail += magic;
  put_number(tail, database.size());
  put_number(tail, records_bytes);
  tail.append(reinterpret_cast<const char*>(key.data()), key.size());
  const Sha256Digest digest = sha256(tail);
  tail.append(reinterpret_cast<const char*>(digest.data()), digest.size());
  FileAccess access{.mode = 0640};
  if (const auto owner = ::geteuid() == 0 ? owner_of_folder(path) : std::nullopt) {
    access.owner = static_cast<int>(owner->st_uid);
    access.group = static_cast<int>(owner->st_gid);
  }
  return write_whole_file(path, {as_text(database), tail}, access);
}

}  // namespace schoolgate
