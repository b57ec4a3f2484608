#include "tools/backup/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "rules/bytes/sha256.h"

namespace schoolgate::tools {
namespace {

constexpr char manifest_entry[] = "manifest";
using ArchiveHandle = std::unique_ptr<archive, int (*)(archive*)>;
using Entry = std::unique_ptr<archive_entry, void (*)(archive_entry*)>;

Error archive_error(archive* from) {
  const char* const words = archive_error_string(from);
  return Error{Message::foreign(words != nullptr ? words : "libarchive")};
}

la_ssize_t append(archive*, void* out, const void* bytes, std::size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

Result<void> put_entry(archive* to, const std::string& name, std::string_view bytes, std::int64_t made) {
  const Entry entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0600);
  archive_entry_set_mtime(entry.get(), made, 0);
  if (archive_write_header(to, entry.get()) != ARCHIVE_OK) return archive_error(to);
  while (!bytes.empty()) {
    const la_ssize_t written = archive_write_data(to, bytes.data(), bytes.size());
    if (written <= 0) return archive_error(to);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// At most `most` bytes of the entry that was begun.
Result<std::string> take_bytes(archive* from, std::uint64_t most) {
  std::string bytes;
  std::array<char, 65'536> piece;
  while (true) {
    const la_ssize_t got = archive_read_data(from, piece.data(), piece.size());
    if (got < 0) return archive_error(from);
    if (got == 0) return bytes;
    if (bytes.size() + static_cast<std::size_t>(got) > most) return Error{say("it holds more than it says")};
    bytes.append(piece.data(), static_cast<std::size_t>(got));
  }
}

// The next regular file; "" in its name: there is none.
Result<std::string> next_name(archive* from) {
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(from, &entry);
  if (code == ARCHIVE_EOF) return std::string();
  if (code != ARCHIVE_OK) return archive_error(from);
  const char* const name = archive_entry_pathname(entry);
  if (name == nullptr || *name == '\0') return Error{say("a file in it has no name")};
  if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != nullptr)
    return Error{say("{} in it is no plain file", name)};
  return std::string(name);
}

Result<Backup> read_entries(archive* from, std::string_view now, const BackupBounds& bounds) {
  const Error none{say("it is no backup of Schoolgate, or it is damaged")};
  auto first = next_name(from);
  if (!first) return first.error();
  if (*first != manifest_entry) return none;
  const auto text = take_bytes(from, Manifest::most_bytes);
  if (!text) return text.error();
  auto manifest = parse_manifest(*text, now);
  if (!manifest) return manifest.error();
  Backup out{*std::move(manifest), {}};
  std::uint64_t left = bounds.bytes;
  for (const BackupFile& file : out.manifest.files) {
    if (file.size > left) return Error{say("it holds more than {} MiB", bounds.bytes >> 20)};
    left -= file.size;
    const auto name = next_name(from);
    if (!name) return name.error();
    if (*name != file.name) return Error{say("{} is missing in it, or not in its place", file.name)};
    auto bytes = take_bytes(from, file.size);
    if (!bytes) return Error{say("{}: {}", file.name, bytes.error().message)};
    if (bytes->size() != file.size || to_hex(sha256(*bytes)) != file.digest)
      return Error{
          say("{} in it is not as it was written: it is damaged, or somebody changed it", file.name)};
    out.contents.emplace(file.name, *std::move(bytes));
  }
  const auto more = next_name(from);
  if (!more) return more.error();
  if (!more->empty()) return Error{say("it holds a file that it does not name: {}", *more)};
  return out;
}

}  // namespace

Result<std::string> write_backup(const Backup& backup, const BackupBounds& bounds) {
  std::uint64_t bytes = 0;
  for (const auto& [name, content] : backup.contents) bytes += content.size();
  if (bytes > bounds.bytes) return Error{say("what belongs into it is more than {} MiB", bounds.bytes >> 20)};
  std::string out;
  const ArchiveHandle to(archive_write_new(), archive_write_free);
  if (to == nullptr) return Error{say("no memory")};
  // No time in gzip's own head: the same files give the same bytes.
  if (archive_write_add_filter_gzip(to.get()) != ARCHIVE_OK ||
      archive_write_set_filter_option(to.get(), "gzip", "timestamp", nullptr) != ARCHIVE_OK ||
      archive_write_set_format_pax_restricted(to.get()) != ARCHIVE_OK ||
      archive_write_set_bytes_in_last_block(to.get(), 1) != ARCHIVE_OK ||  // no zeros behind the end
      archive_write_open(to.get(), &out, nullptr, append, nullptr) != ARCHIVE_OK)
    return archive_error(to.get());
  if (auto put = put_entry(to.get(), manifest_entry, to_text(backup.manifest), backup.manifest.made);
      put.failed())
    return put.error();
  for (const auto& [name, content] : backup.contents)
    if (auto put = put_entry(to.get(), name, content, backup.manifest.made); put.failed()) return put.error();
  if (archive_write_close(to.get()) != ARCHIVE_OK) return archive_error(to.get());
  return out;
}

Result<Backup> read_backup(std::string_view bytes, std::string_view now, const BackupBounds& bounds) {
  const ArchiveHandle from(archive_read_new(), archive_read_free);
  if (from == nullptr) return Error{say("no memory")};
  if (archive_read_support_filter_gzip(from.get()) != ARCHIVE_OK ||
      archive_read_support_format_tar(from.get()) != ARCHIVE_OK)
    return archive_error(from.get());
  if (archive_read_open_memory(from.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
    return Error{say("it is no backup of Schoolgate, or it is damaged")};
  return read_entries(from.get(), now, bounds);
}

}  // namespace schoolgate::tools
