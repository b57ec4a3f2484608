#include "config/lists/list_includes.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "config/lists/list_status.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "rules/lists/domain_set.h"

namespace schoolgate {
namespace {

// "" when there is none.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr), std::free);
  return resolved ? std::string(resolved.get()) : std::string();
}

// "local/./more/../sites" -> "local/sites"; nullopt where ".." leads out.
std::optional<std::string> plain(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(part.size() + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      if (out.empty()) return std::nullopt;
      const std::size_t slash = out.rfind('/');
      out.resize(slash == std::string::npos ? 0 : slash);
      continue;
    }
    if (!out.empty()) out += '/';
    out += part;
  }
  return out;
}

class Finder {
 public:
  explicit Finder(const std::string& list)
      : list_(list), folder_(folder_of(list)), root_(real_path(folder_.empty() ? "." : folder_)) {}

  Includes run() {
    if (root_.empty()) return {};
    read(list_, base_name(list_));
    for (std::size_t i = 0; i < out_.files.size(); ++i) {
      const IncludedFile file = out_.files[i];
      read(file.path, file.below);
    }
    return std::move(out_);
  }

 private:
  // `below`: of the file itself.
  void read(const std::string& path, const std::string& below) {
    const auto text = read_file(path, largest_list_file);
    if (!text) return;
    for_each_line(*text, [&](std::string_view line, std::uint32_t number) {
      const std::string_view written = included_path(e2guardian_without_comment(line));
      if (!written.empty()) include(path, below, number, std::string(written));
    });
  }

  void include(const std::string& file, const std::string& below, std::uint32_t line,
               const std::string& written) {
    const auto place = place_of(written, below);
    Message problem = place ? why_not(*place) : say("it lies outside of the folder of the list");
    if (place && (*place == base_name(list_) || is_known(*place))) return;
    if (problem.empty() && out_.files.size() == most_included_files)
      problem = say("over {} files", most_included_files);
    if (!problem.empty())
      out_.problems.push_back({file, line, written, std::move(problem), place.value_or("")});
    else
      out_.files.push_back({join_path(folder_, *place), *place});
  }

  // From the folder of the list.
  [[nodiscard]] std::optional<std::string> place_of(std::string_view written,
                                                    const std::string& below) const {
    if (!written.starts_with('/')) return plain(join_path(folder_of(below), written));
    for (const std::string* folder : {&folder_, &root_})
      if (!folder->empty() && written.starts_with(*folder + "/"))
        return plain(written.substr(folder->size()));
    return std::nullopt;
  }

  // Empty when it can be included.
  [[nodiscard]] Message why_not(const std::string& place) const {
    const std::string path = root_ + "/" + place, real = real_path(path);
    if (real.empty()) return errno == ENOENT ? say("no such file") : system_words(errno);
    if (real != path) return say("a link leads there");
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return system_words(errno);
    return S_ISREG(info.st_mode) ? Message() : say("not a regular file");
  }

  [[nodiscard]] bool is_known(const std::string& place) const {
    return std::any_of(out_.files.begin(), out_.files.end(),
                       [&](const IncludedFile& file) { return file.below == place; });
  }

  const std::string& list_;
  std::string folder_, root_;
  Includes out_;
};

}  // namespace

Includes find_includes(const std::string& list) {
  return Finder(list).run();
}

}  // namespace schoolgate
