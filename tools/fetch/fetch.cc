#include "tools/fetch/fetch.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "config/lists/fetched_list.h"
#include "config/text/descriptor.h"
#include "config/text/system_words.h"
#include "config/text/whole_file.h"
#include "tools/console/recognised.h"
#include "tools/fetch/confine.h"
#include "tools/fetch/transfer.h"

namespace schoolgate::tools {
namespace {

using Clock = std::chrono::steady_clock;
using Work = std::function<Result<Fetched>(int out, int answer, std::string& part_etag)>;

constexpr std::chrono::seconds grace{30};  // beyond what the work itself allows
constexpr unsigned long cpu_seconds = 120;
constexpr std::size_t longest_line = 16 * 1024;
constexpr std::string_view progress_mark = "at ";

std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  return text;
}

std::string answer_of(const Result<Fetched>& done, const std::string& part_etag) {
  if (!done) return "failed\n" + one_line(done.error().message.english()) + "\n" + part_etag + "\n";
  return std::string(done->unchanged ? "unchanged\n" : "fresh\n") + recordable(done->etag) + "\n" +
         recordable(done->modified) + "\n";
}

// Whatever the child wrote; it has spoken with strangers.
Result<Fetched> understood(const std::vector<std::string>& lines, std::string& part_etag) {
  part_etag.clear();
  if (lines.size() == 3 && lines[0] == "failed" && !lines[1].empty()) {
    part_etag = recordable(lines[2]);
    return Error{recognised(lines[1])};
  }
  if (lines.size() != 3 || (lines[0] != "fresh" && lines[0] != "unchanged"))
    return Error{say("the process that fetches ended unexpectedly")};
  return Fetched{lines[0] == "unchanged", recordable(lines[1]), recordable(lines[2])};
}

// "at 1200 5000": so much of so much has come.
void tell_progress(std::string_view line, const FetchProgress& progress) {
  std::uint64_t numbers[2] = {0, 0};
  for (std::uint64_t& number : numbers) {
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error != std::errc()) return;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    if (line.starts_with(' ')) line.remove_prefix(1);
  }
  if (progress) progress(numbers[0], numbers[1]);
}

// The child's last three lines, or fewer after its time; those on the way are told.
std::vector<std::string> read_answer(int fd, Clock::time_point until, const FetchProgress& progress) {
  std::vector<std::string> lines;
  std::string rest;
  char part[4096];
  while (lines.size() < 3) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left <= 0) return {};
    pollfd ready{fd, POLLIN, 0};
    const int said = ::poll(&ready, 1, static_cast<int>(left));
    if (said < 0 && errno != EINTR) return {};
    if (said <= 0) continue;
    const ssize_t got = ::read(fd, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    rest.append(part, static_cast<std::size_t>(got));
    for (std::size_t end; (end = rest.find('\n')) != std::string::npos && lines.size() < 3;
         rest.erase(0, end + 1)) {
      const std::string line = rest.substr(0, end);
      if (lines.empty() && line.starts_with(progress_mark))
        tell_progress(std::string_view(line).substr(progress_mark.size()), progress);
      else
        lines.push_back(line);
    }
    if (rest.size() > longest_line) return {};
  }
  return lines;
}

// A list out of bytes as they came, whatever holds them.
Result<Fetched> unpack_list(int raw, const FetchLimits& limits, const std::string& inside, int out) {
  ListBody body(out, limits.body, inside);
  char part[64 * 1024];
  for (;;) {
    const ssize_t got = ::read(raw, part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{say("it cannot be read: {}", system_words(errno))};
    if (got == 0) break;
    if (auto taken = body.take({part, static_cast<std::size_t>(got)}); taken.failed()) return taken.error();
  }
  if (auto finished = body.finish(); finished.failed()) return finished.error();
  return Fetched{};
}

// `from`: what else is read; negative: nothing.
[[noreturn]] void be_the_child(const Work& work, const FetchLimits& limits, int from, int out,
                               int answer) noexcept {
  int code = 1;
  try {
    if (!keep_only({from, out, answer})) ::_exit(code);
    constexpr unsigned long slack = 1UL << 20;
    const auto confined = confine(std::max(limits.body.expanded, limits.body.bytes) + slack, cpu_seconds);
    std::string part_etag;
    const Result<Fetched> done =
        confined.failed() ? Result<Fetched>(confined.error()) : work(out, answer, part_etag);
    if (write_all(answer, answer_of(done, part_etag)).ok()) code = 0;
  } catch (const std::exception&) {
  }
  ::_exit(code);
}

Result<Fetched> apart(const Work& work, const FetchLimits& limits, int from, const std::string& file,
                      std::string& part_etag, const FetchProgress& progress) {
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
      const auto answer = read_answer(ends[0], Clock::now() + limits.all + grace, progress);
      ::kill(child, SIGKILL);  // it has answered, or will not
      int status = 0;
      while (::waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
      done = understood(answer, part_etag);
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

Result<Fetched> fetch_list(const FetchOrder& order, const std::string& file, PartialDownload& part,
                           const FetchProgress& progress) {
  const std::string before = std::exchange(part.etag, {});
  const Descriptor raw(::open(part.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640));
  if (raw.get() < 0 || (before.empty() && ::ftruncate(raw.get(), 0) != 0))
    return Error{say("cannot write {}: {}", part.path, system_words(errno))};
  const auto work = [&](int out, int answer, std::string& part_etag) -> Result<Fetched> {
    part_etag = before;
    const auto say_how_far = [answer](std::uint64_t got, std::uint64_t all) {
      (void)write_all(answer,
                      std::string(progress_mark) + std::to_string(got) + " " + std::to_string(all) + "\n");
    };
    auto got = transfer(order, raw.get(), part_etag, say_how_far);
    if (!got || got->unchanged) return got;
    part_etag.clear();
    if (::lseek(raw.get(), 0, SEEK_SET) != 0) return Error{say("it cannot be read: {}", system_words(errno))};
    if (auto unpacked = unpack_list(raw.get(), order.limits, order.inside, out); !unpacked) return unpacked;
    return got;
  };
  auto done = apart(work, order.limits, raw.get(), file, part.etag, progress);
  if (part.etag.empty() || ::fsync(raw.get()) != 0) {
    part.etag.clear();
    ::unlink(part.path.c_str());
  }
  return done;
}

Result<Fetched> copy_list(int fd, const FetchLimits& limits, const std::string& inside,
                          const std::string& file) {
  std::string none;
  return apart([&](int out, int, std::string&) { return unpack_list(fd, limits, inside, out); }, limits, fd,
               file, none, {});
}

}  // namespace schoolgate::tools
