#include "tools/fetch/fetch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <functional>
#include <optional>
#include <string_view>

#include "config/lists/fetched_list.h"
#include "config/text/system_words.h"
#include "config/text/whole_file.h"
#include "tools/console/recognised.h"
#include "tools/fetch/confine.h"
#include "tools/fetch/transfer.h"

namespace schoolgate::tools {
namespace {

using Clock = std::chrono::steady_clock;
using Work = std::function<Result<Fetched>(int out)>;

constexpr std::chrono::seconds grace{30};  // beyond what the work itself allows
constexpr unsigned long cpu_seconds = 120;
constexpr std::size_t longest_answer = 16 * 1024;

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  return text;
}

std::string answer_of(const Result<Fetched>& done) {
  if (!done) return "failed\n" + one_line(done.error().message.english()) + "\n";
  return std::string(done->unchanged ? "unchanged\n" : "fresh\n") + recordable(done->etag) + "\n" +
         recordable(done->modified) + "\n";
}

// Whatever the child wrote; it has spoken with strangers.
Result<Fetched> understood(std::string_view answer) {
  std::string lines[3];
  for (std::string& line : lines) {
    const std::size_t end = answer.find('\n');
    if (end == std::string_view::npos) break;
    line = std::string(answer.substr(0, end));
    answer.remove_prefix(end + 1);
  }
  if (lines[0] == "failed" && !lines[1].empty()) return Error{recognised(lines[1])};
  if (lines[0] != "fresh" && lines[0] != "unchanged")
    return Error{say("the process that fetches ended unexpectedly")};
  return Fetched{lines[0] == "unchanged", recordable(lines[1]), recordable(lines[2])};
}

// The child's whole answer, or nothing after its time.
std::string read_answer(int fd, Clock::time_point until) {
  std::string all;
  char part[4096];
  while (all.size() < longest_answer) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return {};
    pollfd ready{fd, POLLIN, 0};
    const int said = ::poll(&ready, 1, static_cast<int>(left));
    if (said < 0 && errno != EINTR) return {};
    if (said <= 0) continue;
    const ssize_t got = ::read(fd, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    all.append(part, static_cast<std::size_t>(got));
  }
  return all;
}

// `from`: what else is read; negative: nothing.
[[noreturn]] void be_the_child(const Work& work, const FetchLimits& limits, int from, int out,
                               int answer) noexcept {
  int code = 1;
  try {
    if (!keep_only({from, out, answer})) ::_exit(code);
    constexpr unsigned long slack = 1UL << 20;
    const auto confined = confine(limits.body.expanded + slack, cpu_seconds);
    const Result<Fetched> done = confined.failed() ? Result<Fetched>(confined.error()) : work(out);
    if (write_all(answer, answer_of(done)).ok()) code = 0;
  } catch (const std::exception&) {
  }
  ::_exit(code);
}

Result<Fetched> apart(const Work& work, const FetchLimits& limits, int from, const std::string& file) {
  ::unlink(file.c_str());
  const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
  if (out < 0) return Error{say("cannot write {}: {}", file, system_words(errno))};
  int ends[2];
  std::optional<Result<Fetched>> done;
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    done = Result<Fetched>(Error{say("cannot make a pipe: {}", system_words(errno))});
  } else {
    const pid_t child = ::fork();
    if (child == 0) be_the_child(work, limits, from, out, ends[1]);
    ::close(ends[1]);
    if (child < 0) {
      done = Result<Fetched>(Error{say("cannot start a process: {}", system_words(errno))});
    } else {
      const std::string answer = read_answer(ends[0], Clock::now() + limits.all + grace);
      ::kill(child, SIGKILL);  // it has answered, or will not
      int status = 0;
      while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
      done = understood(answer);
    }
    ::close(ends[0]);
  }
  const bool kept = *done && !(*done)->unchanged;
  const bool synced = !kept || ::fsync(out) == 0;
  ::close(out);
  if (!kept || !synced) ::unlink(file.c_str());
  if (!synced) return Error{say("cannot write {}: {}", file, system_words(errno))};
  return *std::move(done);
}

}  // namespace

Result<Fetched> fetch_list(const FetchOrder& order, const std::string& file) {
  return apart([&order](int out) { return transfer(order, out); }, order.limits, -1, file);
}

Result<Fetched> copy_list(int fd, const FetchLimits& limits, const std::string& file) {
  return apart(
      [fd, &limits](int out) -> Result<Fetched> {
        ListBody body(out, limits.body);
        char part[64 * 1024];
        for (;;) {
          const ssize_t got = ::read(fd, part, sizeof part);
          if (got < 0 && errno == EINTR) continue;
          if (got < 0) return Error{say("it cannot be read: {}", system_words(errno))};
          if (got == 0) break;
          if (auto taken = body.take({part, static_cast<std::size_t>(got)}); taken.failed())
            return taken.error();
        }
        if (auto finished = body.finish(); finished.failed()) return finished.error();
        return Fetched{};
      },
      limits, fd, file);
}

}  // namespace schoolgate::tools
