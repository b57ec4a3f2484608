// What the readers of one load share: where files lie, what they said, and everything that is wrong.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "config/text/config_texts.h"
#include "config/text/overlay.h"
#include "config/text/text_file.h"
#include "config/text/yaml_fields.h"
#include "config/text/yaml_reader.h"
#include "rules/bytes/sha256.h"
#include "rules/diagnostic.h"
#include "rules/result.h"
#include "rules/verdict.h"

namespace schoolgate {

// Where something stands in a person's file: for a diagnostic, and for RuleRef.
struct Place {
  std::uint32_t source = 0xffffffff;  // index in LoadContext::sources()
  SourcePos pos;
  std::uint32_t length = 0;
  [[nodiscard]] RuleRef ref() const noexcept { return {source, pos.line}; }
};

template <class T>
struct Placed {
  T value;
  Place where;
};

class LoadContext {
 public:
  // `kept`: the texts to load in place of the files, from the same places; outlives this. Null: the files,
  // and over them `laid`, or without it the overlay that lies on the disk.
  explicit LoadContext(const std::string& config_file, const ConfigTexts* kept = nullptr,
                       const Overlay* laid = nullptr);

  [[nodiscard]] const std::string& config_file() const noexcept { return config_file_; }
  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }
  [[nodiscard]] std::string path(std::string_view written) const { return join_path(folder_, written); }

  // Relative to the config's folder what lies in it.
  [[nodiscard]] std::string name_of(const std::string& path) const;
  // The index of a file in the table of sources; its name there is name_of(), or where it is laid over
  // real().
  std::uint32_t source(const std::string& path);
  [[nodiscard]] const std::vector<std::string>& sources() const noexcept { return names_; }
  [[nodiscard]] const std::string& opened_path(std::uint32_t source) const { return paths_[source]; }

  // A file's text, remembered for diagnostics and added to the digest. An error (at the place that names the
  // file, if there is one) and nullopt when it cannot be read.
  [[nodiscard]] std::optional<std::string> text(const std::string& path, std::uint64_t max_bytes,
                                                const Place& named = {});
  // The same of a file whose lines no diagnostic shows.
  [[nodiscard]] std::optional<std::string> unquoted_text(const std::string& path, std::uint64_t max_bytes,
                                                         const Place& named = {});
  [[nodiscard]] std::optional<YamlNode> yaml(const std::string& path, const Place& named = {});
  // The bytes of a file over which nothing is ever laid, with a mark of its byte order. Error: it cannot be
  // read; nothing is reported.
  [[nodiscard]] Result<std::string> untouched(const std::string& path, std::uint64_t max_bytes) const;
  // They count: added to the digest and to what was read.
  void accept(const std::string& path, std::string bytes);
  // Whether there is surely no such file; a link that leads to nothing is one, and cannot be read.
  [[nodiscard]] bool absent(const std::string& path) const;
  // The *.yaml and *.yml files of a folder, sorted by name, as paths; names that start with "." are left out.
  // Error when the folder cannot be read to its end.
  [[nodiscard]] Result<std::vector<std::string>, std::error_code> yaml_files_in(const std::string& folder);
  // Its *.txt files, likewise.
  [[nodiscard]] Result<std::vector<std::string>, std::error_code> text_files_in(const std::string& folder);
  // From now on the files are read, or the kept texts again.
  const ConfigTexts* use_texts(const ConfigTexts* kept) noexcept { return std::exchange(kept_, kept); }
  [[nodiscard]] bool uses_kept() const noexcept { return kept_ != nullptr; }
  [[nodiscard]] Reporter reporter(const std::string& path) { return Reporter(real(path), diagnostics); }
  // What is laid over the files.
  [[nodiscard]] const Overlay& overlay() const noexcept { return overlay_; }
  // The file in which people find what is read as `path`: another one where it is laid over.
  [[nodiscard]] std::string real(const std::string& path) const;

  [[nodiscard]] Place place(const std::string& path, const YamlNode& node) {
    return {source(path), node.pos, node.length};
  }
  // A diagnostic at a place kept from an earlier file.
  void add(Severity severity, int code, const Place& at, Message message, Message hint = {});
  // "tiers.d/thcs.yaml:12" for messages that name a second place.
  [[nodiscard]] std::string show(const Place& at) const;

  Diagnostics diagnostics;
  SourceTexts texts;
  Sha256 digest;     // over names and texts of every file read
  ConfigTexts read;  // every file read
  // Of who loads: what was accepted last, null where that is not known; and whether this is to rule.
  const ConfigTexts* accepted = nullptr;
  bool to_rule = false;

 private:
  [[nodiscard]] Result<std::vector<std::string>, std::error_code> files_in(
      const std::string& folder, std::initializer_list<std::string_view> endings);
  [[nodiscard]] const OverlayFile* laid_over(const std::string& path) const;
  void find_laid();
  [[nodiscard]] Result<std::string> bytes_of(const std::string& path, std::uint64_t max_bytes) const;

  std::string config_file_, folder_;
  const ConfigTexts* kept_;
  Overlay overlay_;
  std::vector<std::string> names_, paths_;
  std::map<std::string, std::uint32_t> index_;
};

}  // namespace schoolgate
