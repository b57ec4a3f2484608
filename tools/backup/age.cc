#include "tools/backup/age.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "config/text/descriptor.h"
#include "config/text/system_words.h"
#include "config/text/whole_file.h"

namespace schoolgate::tools {
namespace {

constexpr std::string_view age_head = "age-encryption.org/v1\n",
                           armoured_head = "-----BEGIN AGE ENCRYPTED FILE-----";

// All that comes, at most `most`; false: more came, or it could not be read.
bool take_all(int fd, std::uint64_t most, std::string& out) {
  std::array<char, 65'536> piece;
  while (true) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    if (out.size() + static_cast<std::size_t>(got) > most) return false;
    out.append(piece.data(), static_cast<std::size_t>(got));
  }
}

Result<std::string> run_age(const std::vector<std::string>& words, std::string_view input,
                            std::uint64_t most) {
  const Descriptor in(::memfd_create("backup", MFD_CLOEXEC));
  if (in.get() < 0) return Error{system_words(errno)};
  if (const auto written = write_all(in.get(), input); written.failed())
    return Error{system_words(written.error())};
  ::lseek(in.get(), 0, SEEK_SET);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return Error{system_words(errno)};
  const Descriptor out(ends[0]);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in.get(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const int failed = ::posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  if (failed == ENOENT) return Error{say("`age` is not installed: apt install age")};
  if (failed != 0) return Error{system_words(failed)};
  std::string bytes;
  const bool whole = take_all(out.get(), most, bytes);
  if (!whole) ::kill(child, SIGTERM);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return Error{system_words(errno)};
  if (!whole) return Error{say("it holds more than {} MiB", most >> 20)};
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{say("`age` did not do it; what it said stands above")};
  return bytes;
}

}  // namespace

bool is_age_file(std::string_view bytes) noexcept {
  return bytes.starts_with(age_head) || bytes.starts_with(armoured_head);
}

Result<std::string> age_encrypt(std::string_view bytes, const std::vector<std::string>& recipients) {
  std::vector<std::string> words{"age", "--encrypt"};
  if (recipients.empty()) words.emplace_back("--passphrase");
  for (const std::string& one : recipients) {
    const bool is_key = one.starts_with("age1") || one.starts_with("ssh-");
    words.push_back(is_key ? "--recipient" : "--recipients-file");
    words.push_back(one);
  }
  return run_age(words, bytes, UINT64_MAX);
}

Result<std::string> age_decrypt(std::string_view bytes, const std::string& identity, std::uint64_t most) {
  std::vector<std::string> words{"age", "--decrypt"};
  if (!identity.empty()) words.insert(words.end(), {"--identity", identity});
  return run_age(words, bytes, most);
}

}  // namespace schoolgate::tools
