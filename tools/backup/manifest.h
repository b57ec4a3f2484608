// What a backup says of itself: the first file in it.
//
//   schoolgate backup 1
//   version 0.1.0
//   made 1796000000                          UTC seconds
//   config /etc/schoolgate/schoolgate.yaml   absolute: where it belongs
//   keys no
//   left keys/config/ca/ca.key               a secret that the school has, and that is not in here
//   folder 2775 root schoolgate-teachers config/tiers.d
//   file 0644 root root 5312 <SHA-256> config/schoolgate.yaml
//   sum <SHA-256 of all that from the first line on>
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"

namespace schoolgate::tools {

// Names in a backup begin with one of these; "keys/config/..." are secrets of the configuration's folder.
inline constexpr std::string_view in_config = "config/", in_state = "state/", in_log = "log/",
                                  in_keys = "keys/";
inline constexpr std::string_view accounts_entry = "keys/accounts", month_key_entry = "keys/month",
                                  totals_entry = "log/totals.db", names_entry = "log/names.db";

struct BackupOwner {
  unsigned mode = 0;        // at most 0777, a folder's also 02000
  std::string user, group;  // names of the system; "-" = it had none
  friend bool operator==(const BackupOwner&, const BackupOwner&) = default;
};

struct BackupFile {
  std::string name;
  BackupOwner owner;
  std::uint64_t size = 0;
  std::string digest;  // SHA-256, hex
  friend bool operator==(const BackupFile&, const BackupFile&) = default;
};

struct BackupFolder {
  std::string name;
  BackupOwner owner;
  friend bool operator==(const BackupFolder&, const BackupFolder&) = default;
};

struct Manifest {
  static constexpr std::size_t most_entries = 50'000;
  static constexpr std::uint64_t most_bytes = 16ull * 1024 * 1024;  // of its text

  std::string version;  // of the program that made it
  std::int64_t made = 0;
  std::string config_file;
  bool keys = false;
  std::vector<std::string> left;
  std::vector<BackupFolder> folders;
  std::vector<BackupFile> files;  // by name, ascending
  friend bool operator==(const Manifest&, const Manifest&) = default;
};

[[nodiscard]] std::string to_text(const Manifest& manifest);
// Error: not as to_text() wrote it, or of a newer version of this program (`now`: "0.1.0"), with its words.
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view text, std::string_view now);

// A name that a backup may hold: below one of the places above, no part hidden but those of the program's own
// files, none "..", nothing that cannot be seen, at most 512 bytes.
[[nodiscard]] bool is_backup_name(std::string_view name);
// "0.10.0" is newer than "0.9.3"; what is no version is older than all.
[[nodiscard]] bool is_newer_version(std::string_view one, std::string_view than);

}  // namespace schoolgate::tools
