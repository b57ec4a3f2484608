#include "tools/commands/proxys_user.h"

#include <sys/stat.h>

#include <ostream>
#include <vector>

#include "config/kept_sets.h"
#include "config/main/main_reader.h"
#include "config/text/load_context.h"
#include "rules/diagnostic.h"

namespace schoolgate::tools {

std::optional<uid_t> proxys_user(const std::string& config_file, const std::string& state,
                                 const std::string& named) {
  if (!named.empty()) return uid_of(named);
  LoadContext context(config_file);
  const auto main = read_main_file(context);
  std::vector<std::string> written{kept_sets_folder(config_file, state)};
  if (main) {
    written.push_back(join_path(main->config.state_directory, "lists.sgdb"));
    written.push_back(main->config.log.directory);
    written.push_back(main->config.state_directory);
  }
  for (const std::string& path : written) {
    struct stat info {};
    if (!path.empty() && ::stat(path.c_str(), &info) == 0 && info.st_uid != 0) return info.st_uid;
  }
  const bool installed = !kept_sets_folder(config_file, "").empty();
  return installed ? uid_of("schoolgate") : std::nullopt;
}

int tell(const Result<Done>& done, Console& console) {
  if (!done) {
    console.complain(done.error().message);
    return exit_failed;
  }
  console.err << done->err;
  console.out << done->out;
  return done->exit_code;
}

}  // namespace schoolgate::tools
