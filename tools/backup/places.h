// Every file that a school's installation has, in one table: what a backup holds of it, and why it does not
// hold the rest.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/main/config.h"
#include "rules/message.h"

namespace schoolgate::tools {

enum class FileClass : unsigned char {
  config,     // the folder of the main file
  secret,     // keys and passwords: only with --keys
  policy,     // what commands changed
  history,    // accepted configurations
  lists,      // that were fetched
  answers,    // of setup
  totals,     // figures without clients
  names,      // which sites many asked for
  month_key,  // of the pseudonyms: this month's, only with --keys
  seals,      // of the log's rows, and the key that signs them: never, a machine has its own
  rows,       // of the log, and what stands for them: never
  made_anew,  // compiled, locks, sockets
  passing,    // ends by itself
  leftover,   // of editors, of a write that was cut, of an earlier restore
  link,       // leads elsewhere
  unknown,
};
// What stands in `backup --list`: "config", ..., and why, or what of it, as a sentence.
[[nodiscard]] std::string_view to_string(FileClass what) noexcept;
[[nodiscard]] Message reason_of(FileClass what);
// Whether a backup holds it; `keys`: one with --keys.
[[nodiscard]] bool is_held(FileClass what, bool keys) noexcept;

// Where an installation has its files; absolute.
struct Places {
  std::string main_file, config, state, log, accounts, key_file, ca;
  std::vector<std::string> secrets;  // files that the main file names: passwords, keys

  static Places of(const Config& config, const std::string& config_file, const std::string& accounts);
};

// Of a file by its absolute path; nullopt: it lies in none of the places.
[[nodiscard]] std::optional<FileClass> class_of(const Places& places, const std::string& path);

struct FoundFile {
  std::string path;
  FileClass what = FileClass::unknown;
};
struct FoundFiles {
  std::vector<FoundFile> files;      // by path, ascending
  std::vector<std::string> folders;  // of the configuration, those of secrets too, by path
  std::vector<Message> problems;     // folders that cannot be read
};
// All there are. What only its owner may read, or holds a private key, in the configuration's folder is a
// secret, too.
[[nodiscard]] FoundFiles find_files(const Places& places);

// Hidden folders and files of restore (swap.h).
inline constexpr std::string_view staged_folder = ".restore-new", aside_prefix = ".before-restore-";

}  // namespace schoolgate::tools
