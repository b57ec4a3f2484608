// A file that a command makes piece by piece: there as a whole at the end, or not at all; one that is there
// stays as it is.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "rules/result.h"

namespace schoolgate::tools {

class NewFile {
 public:
  // Errors name the file and the reason; `mode` holds whatever the umask says.
  [[nodiscard]] static Result<NewFile> begin(const std::string& path, mode_t mode);
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();  // without finish(): nothing was made

  [[nodiscard]] Result<void> add(std::string_view bytes);
  [[nodiscard]] Result<void> finish();

 private:
  NewFile(std::string path, std::string beside, int fd)
      : path_(std::move(path)), beside_(std::move(beside)), fd_(fd) {}

  std::string path_, beside_;  // written beside it, then renamed
  int fd_;
};

}  // namespace schoolgate::tools
