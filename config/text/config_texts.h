// The texts of a configuration, without its list files: what one load read, and what can be kept for a later
// one.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace schoolgate {

// Names are relative to the folder of the main file for what lies in it, else paths as they were opened.
struct ConfigTexts {
  std::map<std::string, std::string> files;                 // name -> text, a byte order mark left out
  std::map<std::string, std::vector<std::string>> folders;  // name -> names of the YAML files in it, sorted

  friend bool operator==(const ConfigTexts&, const ConfigTexts&) = default;
};

// How a configuration came to rule.
struct Acceptance {
  std::int64_t at = 0;  // UTC seconds, as the clock stood
  std::string who;      // "uid 1001 (lan)", "schoolgate" for a start
  std::string why;      // what was done: "start", "reload", "rollback 12"
  std::string policy;   // Snapshot::digest, as rows of the log name it; it changes with the lists too

  friend bool operator==(const Acceptance&, const Acceptance&) = default;
};

// One set of texts that was accepted once.
struct KeptSet {
  std::string digest;            // SHA-256 hex over names and texts, and how it was accepted
  std::int64_t accepted_at = 0;  // UTC seconds, as the clock stood
  ConfigTexts texts;
  std::uint64_t number = 0;  // by which people name it; later ones are higher
  Acceptance accepted;       // empty in sets of earlier versions
};

}  // namespace schoolgate
