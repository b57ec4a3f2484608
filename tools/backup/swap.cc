#include "tools/backup/swap.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <optional>

#include "config/text/descriptor.h"
#include "config/text/restoring.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "rules/diagnostic.h"
#include "tools/backup/places.h"
#include "tools/daemon/privileges.h"

namespace schoolgate::tools {
namespace {

constexpr std::string_view journal_magic = "schoolgate restoring 1";
constexpr std::uint64_t largest_journal = 64ull * 1024 * 1024;

bool lies_there(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

Error trouble(const std::string& path, int why) {
  return Error{say("{}: {}", path, system_words(why))};
}

// Who it shall belong to: names that this machine lacks leave it with who writes it.
void give(const std::string& path, const BackupOwner& owner) {
  if (::geteuid() == 0) {
    const passwd* const user = ::getpwnam(owner.user.c_str());
    const group* const people = ::getgrnam(owner.group.c_str());
    if (::lchown(path.c_str(), user != nullptr ? user->pw_uid : static_cast<uid_t>(-1),
                 people != nullptr ? people->gr_gid : static_cast<gid_t>(-1)) != 0)
      return;  // then it is root's alone: readable by fewer
  }
  static_cast<void>(::chmod(path.c_str(), owner.mode));
}

// Makes the folders of `path` that are missing below `base`.
Result<void> make_folders(const std::string& base, const std::string& path, mode_t mode) {
  for (std::size_t slash = path.find('/', base.size() + 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (::mkdir(folder.c_str(), mode) != 0 && errno != EEXIST) return trouble(folder, errno);
  }
  return {};
}

void sync_folder_of(const std::string& path) {
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0) ::fsync(folder.get());
}

// A folder that is a link leads to another disk, perhaps: a rename through it could end in the middle.
Result<void> check_way(const std::string& base, const std::string& path) {
  for (std::size_t slash = path.find('/', base.size() + 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    struct stat info {};
    const std::string folder = path.substr(0, slash);
    if (::lstat(folder.c_str(), &info) == 0 && !S_ISDIR(info.st_mode))
      return Error{say("{} is a link, or no folder: restore does not follow it", folder)};
  }
  return {};
}

// As the owner of the part's folder.
Result<void> stage_part(const SwapPart& part) {
  const std::string stage = join_path(part.folder, staged_folder);
  std::error_code error;
  std::filesystem::remove_all(stage, error);
  if (::mkdir(stage.c_str(), 0700) != 0) return trouble(stage, errno);
  // Folders that are there keep their rights; empty ones change nothing.
  for (const BackupFolder& folder : part.folders) {
    const std::string path = join_path(part.folder, folder.name);
    if (auto made = make_folders(part.folder, path, 0755); made.failed()) return made;
    if (::mkdir(path.c_str(), 0700) == 0)
      give(path, folder.owner);
    else if (errno != EEXIST)
      return trouble(path, errno);
  }
  for (const std::string& name : part.whole)
    if (::mkdir(join_path(stage, name).c_str(), 0750) != 0) return trouble(join_path(stage, name), errno);
  for (const StagedFile& file : part.files) {
    const std::string path = join_path(stage, file.name);
    if (auto way = check_way(part.folder, join_path(part.folder, file.name)); way.failed()) return way;
    if (auto made = make_folders(stage, path, 0750); made.failed()) return made;
    if (auto written = write_whole_file(path, {file.bytes}, {.mode = 0600}); written.failed()) return written;
    give(path, file.owner);
  }
  for (const std::string& name : part.whole) {
    // What rules in the folder of the overlay is named by a link.
    const std::string folder = join_path(stage, name);
    if (lies_there(join_path(folder, "gen-000000000001")) &&
        ::symlink("gen-000000000001", join_path(folder, "current").c_str()) != 0)
      return trouble(folder, errno);
    if (name == "last-good" && ::chmod(folder.c_str(), 0700) != 0) return trouble(folder, errno);
  }
  return {};
}

std::vector<SwapMove> moves_of(const SwapPart& part, const std::string& stamp) {
  const std::string stage = join_path(part.folder, staged_folder),
                    aside = join_path(part.folder, std::string(aside_prefix) + stamp);
  std::vector<SwapMove> moves;
  const auto move = [&](const std::string& name, bool comes) {
    moves.push_back({part.folder, comes ? join_path(stage, name) : "", join_path(part.folder, name),
                     join_path(aside, name)});
  };
  for (const std::string& name : part.gone) move(name, false);
  for (const std::string& name : part.whole) move(name, true);
  for (const StagedFile& file : part.files) {
    const std::string top = file.name.substr(0, file.name.find('/'));
    if (std::find(part.whole.begin(), part.whole.end(), top) == part.whole.end()) move(file.name, true);
  }
  return moves;
}

Result<void> put_aside(const SwapMove& move) {
  if (!lies_there(move.live)) return {};
  if (auto made = make_folders(move.folder, move.aside, 0700); made.failed()) return made;
  std::error_code error;
  if (lies_there(move.aside)) std::filesystem::remove_all(move.aside, error);
  return ::rename(move.live.c_str(), move.aside.c_str()) == 0 ? Result<void>()
                                                              : Result<void>(trouble(move.live, errno));
}

Result<void> do_move(const SwapMove& move) {
  if (move.staged.empty()) return put_aside(move);
  if (!lies_there(move.staged)) return {};  // done before
  if (auto aside = put_aside(move); aside.failed()) return aside;
  if (auto made = make_folders(move.folder, move.live, 0755); made.failed()) return made;
  if (::rename(move.staged.c_str(), move.live.c_str()) != 0) return trouble(move.live, errno);
  sync_folder_of(move.live);
  return {};
}

bool is_below(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() + 1 && path.starts_with(folder + "/") &&
         path.find("/../") == std::string::npos && !path.ends_with("/..") &&
         path.find("/./") == std::string::npos && path.find("//") == std::string::npos;
}

}  // namespace

std::string to_text(const std::vector<SwapMove>& moves) {
  std::string text;
  const auto put = [&text](std::string_view part) { text.append(part).push_back('\0'); };
  put(journal_magic);
  for (const SwapMove& move : moves)
    for (const std::string* part : {&move.folder, &move.staged, &move.live, &move.aside}) put(*part);
  return text;
}

std::optional<std::vector<SwapMove>> parse_moves(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = text.find('\0');
    if (end == std::string_view::npos) return std::nullopt;
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  constexpr std::size_t parts_of_a_move = 4;
  if (parts.empty() || parts.front() != journal_magic || parts.size() % parts_of_a_move != 1)
    return std::nullopt;
  std::vector<SwapMove> moves;
  for (std::size_t i = 1; i < parts.size(); i += parts_of_a_move) {
    SwapMove move{parts[i], parts[i + 1], parts[i + 2], parts[i + 3]};
    const bool fits = move.folder.starts_with('/') && is_below(move.live, move.folder) &&
                      is_below(move.aside, move.folder) &&
                      (move.staged.empty() || is_below(move.staged, move.folder));
    if (!fits) return std::nullopt;
    moves.push_back(std::move(move));
  }
  return moves;
}

Result<void> as_owner_of(const std::string& folder, const std::function<Result<void>()>& work) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) != 0) return trouble(folder, errno);
  if (::geteuid() != 0 || info.st_uid == 0) return work();
  const auto done = do_as(info.st_uid, [&]() -> Done {
    const Result<void> worked = work();
    return worked.ok() ? Done{} : Done{1, "", worked.error().message.english()};
  });
  if (!done) return done.error();
  if (done->exit_code != 0) return Error{Message::foreign(done->err)};
  return {};
}

Result<void> stage_swap(const std::string& config, const std::vector<SwapPart>& parts,
                        const std::string& stamp) {
  std::vector<SwapMove> moves;
  for (const SwapPart& part : parts) {
    if (auto staged = as_owner_of(part.folder, [&] { return stage_part(part); }); staged.failed())
      return staged;
    for (SwapMove& move : moves_of(part, stamp)) moves.push_back(std::move(move));
  }
  return write_whole_file(join_path(config, restore_journal), {to_text(moves)}, {.mode = 0644});
}

Result<bool> finish_swap(const std::string& config) {
  const std::string journal = join_path(config, restore_journal);
  struct stat info {};
  if (::lstat(journal.c_str(), &info) != 0) {
    if (errno == ENOENT) return false;
    return trouble(journal, errno);
  }
  if (!S_ISREG(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 022) != 0)
    return Error{say("{} is not this user's own", journal)};
  const auto text = read_file(journal, largest_journal);
  const auto moves = text ? parse_moves(*text) : std::nullopt;
  if (!moves) return Error{say("{} is not as this program writes it", journal)};
  std::map<std::string, std::vector<SwapMove>> by_folder;
  for (const SwapMove& move : *moves) by_folder[move.folder].push_back(move);
  for (const auto& [folder, own] : by_folder) {
    const auto work = [&folder = folder, &own = own]() -> Result<void> {
      for (const SwapMove& move : own)
        if (auto moved = do_move(move); moved.failed()) return moved;
      std::error_code error;
      std::filesystem::remove_all(join_path(folder, staged_folder), error);
      return {};
    };
    if (auto worked = as_owner_of(folder, work); worked.failed()) return worked.error();
  }
  if (::unlink(journal.c_str()) != 0) return trouble(journal, errno);
  sync_folder_of(journal);
  return true;
}

}  // namespace schoolgate::tools
