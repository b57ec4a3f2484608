#include "tools/backup/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <catch2/catch.hpp>

#include "rules/bytes/sha256.h"

using namespace schoolgate;
using namespace schoolgate::tools;

namespace {

Backup usual_backup() {
  Backup backup;
  backup.manifest.version = "0.1.0";
  backup.manifest.made = 1'796'000'000;
  backup.manifest.config_file = "/etc/schoolgate/schoolgate.yaml";
  backup.contents = {
      {"config/a.yaml", "a: 1\n"}, {"config/lists/x.txt", std::string(200'000, 'x')}, {"config/z", ""}};
  for (const auto& [name, bytes] : backup.contents)
    backup.manifest.files.push_back({name, {0644, "root", "root"}, bytes.size(), to_hex(sha256(bytes))});
  return backup;
}

// A tar of whatever entries, as a stranger writes it.
struct Stranger {
  std::string name, bytes;
  unsigned type = AE_IFREG;
  std::string link{};
};
std::string tar_of(const std::vector<Stranger>& entries) {
  std::string out(8 << 20, '\0');
  std::size_t used = 0;
  archive* const to = archive_write_new();
  archive_write_add_filter_gzip(to);
  archive_write_set_format_pax(to);
  archive_write_open_memory(to, out.data(), out.size(), &used);
  for (const Stranger& one : entries) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, one.name.c_str());
    archive_entry_set_filetype(entry, one.type);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(one.bytes.size()));
    if (one.type == AE_IFLNK) archive_entry_set_symlink(entry, one.link.c_str());
    if (one.type == AE_IFREG && !one.link.empty()) archive_entry_set_hardlink(entry, one.link.c_str());
    archive_write_header(to, entry);
    archive_write_data(to, one.bytes.data(), one.bytes.size());
    archive_entry_free(entry);
  }
  archive_write_free(to);
  out.resize(used);
  return out;
}

std::string error_of(const std::string& bytes, const BackupBounds& bounds = {}) {
  const auto read = read_backup(bytes, "0.1.0", bounds);
  return read ? "" : read.error().message.english();
}

}  // namespace

TEST_CASE("a backup is read as it was written, and the same one gives the same bytes", "[tools][backup]") {
  const Backup backup = usual_backup();
  const auto bytes = write_backup(backup);
  REQUIRE(bytes);
  CHECK(*write_backup(backup) == *bytes);
  const auto read = read_backup(*bytes, "0.1.0");
  REQUIRE(read);
  CHECK(read->manifest == backup.manifest);
  CHECK(read->contents == backup.contents);
}

TEST_CASE("no damaged backup is used", "[tools][backup]") {
  const std::string bytes = *write_backup(usual_backup());
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    std::string cut = bytes.substr(0, i), changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    // Some bytes of gzip's head, and zeros behind the last file, say nothing: then all files are whole.
    for (const std::string& damaged : {cut, changed})
      if (const auto read = read_backup(damaged, "0.1.0")) CHECK(read->contents == usual_backup().contents);
  }
  CHECK_FALSE(error_of(bytes.substr(0, bytes.size() / 2)).empty());
  CHECK_FALSE(error_of("").empty());
  CHECK_FALSE(error_of("no archive at all").empty());
}

TEST_CASE("what a stranger put into a backup is refused", "[tools][backup]") {
  const Backup usual = usual_backup();
  const std::string manifest = to_text(usual.manifest);
  const auto content = [&](const char* name) { return usual.contents.at(name); };
  const Stranger head{"manifest", manifest}, a{"config/a.yaml", content("config/a.yaml")},
      x{"config/lists/x.txt", content("config/lists/x.txt")}, z{"config/z", ""};
  CHECK(error_of(tar_of({head, a, x, z})).empty());
  CHECK(error_of(tar_of({a, head, x, z})) == "it is no backup of Schoolgate, or it is damaged");
  CHECK(error_of(tar_of({head, a, x})) == "config/z is missing in it, or not in its place");
  CHECK(error_of(tar_of({head, x, a, z})) == "config/a.yaml is missing in it, or not in its place");
  CHECK(error_of(tar_of({head, a, x, z, {"config/more", ""}})) ==
        "it holds a file that it does not name: config/more");
  CHECK(error_of(tar_of({head, {"config/a.yaml", "a: 2\n"}, x, z})) ==
        "config/a.yaml in it is not as it was written: it is damaged, or somebody changed it");
  CHECK(error_of(tar_of({head, {"config/a.yaml", "a: 1\nmore"}, x, z})) ==
        "config/a.yaml: it holds more than it says");
  CHECK(error_of(tar_of({head, {"config/a.yaml", "", AE_IFLNK, "/etc/passwd"}, x, z})) ==
        "config/a.yaml in it is no plain file");
  CHECK(error_of(tar_of({head, a, x, {"config/z", "", AE_IFREG, "config/a.yaml"}})) ==
        "config/z in it is no plain file");
  CHECK(error_of(tar_of({head, a, x, {"config/z", "", AE_IFDIR}})) == "config/z/ in it is no plain file");
}

TEST_CASE("a backup that swells is refused before it is unpacked", "[tools][backup]") {
  const std::string bytes = *write_backup(usual_backup());
  CHECK(bytes.size() < 10'000);
  CHECK(error_of(bytes, {1000}) == "it holds more than 0 MiB");
  CHECK(write_backup(usual_backup(), {1000}).failed());
}
