// What commands, and later pages, changed of the configuration: texts laid over the files of its folder, file
// by file, when it is loaded. The service never writes that folder.
//
//   FOLDER/                       <state_directory>/policy, not to be written by others
//     current -> gen-000000000012 swapped by one rename: of a change all files rule, or none
//     gen-000000000012/.laid      which files are laid over what, by whom
//     gen-000000000012/tiers.d/thcs.yaml
//
// Texts are believed only if they are as .laid names them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"

namespace schoolgate {

struct OverlayFile {
  std::optional<std::string> text;  // nullopt: there is no such file, whatever lies in the folder
  std::string below;                // SHA-256, hex, of the text that it was laid over; "" = there was no file
  std::string account;              // who laid it
  std::int64_t since = 0;           // UTC seconds

  friend bool operator==(const OverlayFile&, const OverlayFile&) = default;
};

struct Overlay {
  std::string shown;  // the folder in which people find these files; "": not yet laid, they are nowhere
  std::map<std::string, OverlayFile> files;  // by name, relative to the folder of the configuration
};

// What .laid holds: of texts their digests.
struct OverlayIndex {
  std::string main_file;                     // absolute: whose configuration it is laid over
  std::map<std::string, OverlayFile> files;  // `text`: its SHA-256, hex
  friend bool operator==(const OverlayIndex&, const OverlayIndex&) = default;
};
[[nodiscard]] std::string to_text(const OverlayIndex& index);
[[nodiscard]] std::optional<OverlayIndex> parse_overlay(std::string_view text);

// Whether a file of that name can be laid: below the configuration's folder, no hidden part, nothing that
// cannot be seen.
[[nodiscard]] bool can_be_laid(std::string_view name);

// "state_directory: /srv/x  # why" at the start of a line -> "/srv/x"; also of a text that is no YAML any
// more. "" if there is none.
[[nodiscard]] std::string top_value_in(std::string_view text, std::string_view key);

// The name of the generation in such a folder that rules; "" = none.
[[nodiscard]] std::string ruling_generation(const std::string& folder);

// Where the overlay of a main file lies: beside what its state_directory names, as the file in the folder
// says it, never as one laid over it does.
[[nodiscard]] std::string overlay_folder(const std::string& config_file);

struct FoundOverlay {
  Overlay overlay;            // without files: there is none
  Message problem;            // it is there, and cannot be used
  bool out_of_sight = false;  // whether there is one may not be looked at by this user
};
// The one that lies on the disk for this main file.
[[nodiscard]] FoundOverlay find_overlay(const std::string& config_file);

// In place of the one that lies there, whole or not at all, also when the process is killed. One process at a
// time (a lock). Error: why not; the former is as it was.
[[nodiscard]] Result<void> write_overlay(const std::string& config_file, const Overlay& overlay);

// A file that is laid over one, as it stands now.
struct LaidFile {
  std::string name, account;
  std::int64_t since = 0;
  bool hides = false;          // the file of the folder does not count
  bool below_changed = false;  // the file of the folder has changed since; that change does not rule
};
[[nodiscard]] std::vector<LaidFile> laid_files(const std::string& config_file, const Overlay& overlay);

// SHA-256, hex, of a file of the folder, a byte order mark left out; "" = there is none. Error: it cannot be
// read.
[[nodiscard]] Result<std::string> digest_below(const std::string& config_file, const std::string& name);

}  // namespace schoolgate
