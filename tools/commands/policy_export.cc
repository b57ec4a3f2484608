#include "tools/commands/policy_export.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <ostream>

#include "config/text/overlay.h"
#include "config/text/own_files.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"

namespace schoolgate::tools {
namespace {

constexpr char aside_ending[] = ".before-export";

Result<void> put_aside(const std::string& path, Console& console) {
  const std::string aside = path + aside_ending;
  if (::rename(path.c_str(), aside.c_str()) != 0)
    return errno == ENOENT ? Result<void>() : Error{say("cannot rename {}: {}", path, system_words(errno))};
  console.print(say("put aside: {}", aside));
  return {};
}

// With the rights of the file that it replaces.
Result<void> bring_back(const std::string& path, const std::string& text, Console& console) {
  std::error_code failed;
  std::filesystem::create_directories(folder_of(path), failed);
  if (failed) return Error{say("cannot make the folder {}: {}", folder_of(path), system_words(failed))};
  FileAccess access{.mode = 0644};
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode))
    access = {.mode = info.st_mode & 0777,
              .owner = static_cast<int>(info.st_uid),
              .group = static_cast<int>(info.st_gid)};
  if (const auto written = write_whole_file(path, {text}, access); written.failed()) return written;
  console.print(say("written: {}", path));
  return {};
}

}  // namespace

int export_policy(const std::string& config_file, const std::string& folder, Console& console) {
  const FoundOverlay found = find_overlay(config_file);
  if (!found.problem.empty() || found.out_of_sight) {
    console.complain(found.out_of_sight ? say("what commands changed may be read by root alone")
                                        : found.problem);
    return exit_failed;
  }
  if (found.overlay.files.empty()) {
    console.print(say("no command changed anything: the files are as they rule"));
    return exit_ok;
  }
  const std::string home = folder_of(absolute_path(config_file));
  const bool is_home = folder.empty() || absolute_path(folder) == home;
  for (const LaidFile& laid : laid_files(config_file, found.overlay)) {
    const std::string path = join_path(is_home ? home : folder, laid.name);
    const auto& text = found.overlay.files.at(laid.name).text;
    Result<void> done;
    if (is_home && (laid.below_changed || !text)) done = put_aside(path, console);
    if (!done.failed() && text) done = bring_back(path, *text, console);
    if (!is_home && !text) console.print(say("not part of the policy: {}", laid.name));
    if (done.failed()) {
      console.complain(done.error().message);
      return exit_failed;
    }
  }
  if (is_home) console.print(say("now: schoolgate reload"));
  return exit_ok;
}

}  // namespace schoolgate::tools
