#include "config/text/restoring.h"

#include <sys/stat.h>

#include "config/text/text_file.h"

namespace schoolgate {

bool restore_was_cut(const std::string& config_file) {
  struct stat info {};
  return ::lstat(join_path(folder_of(config_file), restore_journal).c_str(), &info) == 0;
}

}  // namespace schoolgate
