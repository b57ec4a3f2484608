// Files that setup writes: which of them it may write, what it remembers of them, and the way back.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"
#include "tools/setup/pieces.h"

namespace schoolgate::tools {

// SHA-256 of what setup wrote, by path: what has another one by now was changed by a person.
class WrittenFiles {
 public:
  // Lines "DIGEST PATH"; others are passed over.
  [[nodiscard]] static WrittenFiles parse(std::string_view text);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool wrote(const std::string& path, const std::string& content) const;
  void note(const std::string& path, const std::string& content);
  [[nodiscard]] std::vector<std::string> paths() const;  // ascending

 private:
  std::map<std::string, std::string> digests_;
};

enum class FileFate : unsigned char {
  create,   // is not there yet
  replace,  // as setup wrote it, or an edit of a person's own
  same,     // is so already
  keep,     // a person changed or wrote it: stays as it is
};

struct FileChange {
  PlannedFile file;
  std::string path;  // with the root in front
  FileFate fate = FileFate::create;
  std::optional<std::string> before;  // what is there
};

// What would become of each. `root`: in front of every path; "" = this machine. Error: one cannot be read.
[[nodiscard]] Result<std::vector<FileChange>> changes_for(const std::vector<PlannedFile>& files,
                                                          const std::string& root,
                                                          const WrittenFiles& written);

// Writes what is to be created or replaced, in order; on an error all is put back, and that is the error.
// Folders are made, mode 0755; a new file has mode 0644; an edited one keeps owner and mode.
[[nodiscard]] Result<void> write_changes(const std::vector<FileChange>& changes, WrittenFiles& written);
// As it was before; what cannot be put back is said.
[[nodiscard]] Result<void> undo_changes(const std::vector<FileChange>& changes);

}  // namespace schoolgate::tools
