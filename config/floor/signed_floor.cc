#include "config/floor/signed_floor.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <numeric>

#include "config/text/descriptor.h"
#include "config/text/diag_codes.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"

namespace schoolgate {
namespace {

constexpr std::int64_t day_s = 86'400;

Message age_of(std::int64_t made, std::int64_t now) {
  const std::int64_t days = (now - made) / day_s;
  if (now < made) return say("after today: is the clock right?");
  if (days == 0) return say("today");
  return days == 1 ? say("1 day ago") : say("{} days ago", days);
}

}  // namespace

FloorStanding SignedFloor::standing() const {
  FloorStanding out;
  out.entries = file.floor.entries.size();
  out.state = FloorStanding::State::sealed;
  out.kinds = file.counts;
  out.made = file.made;
  out.signer = to_text(key) + (name.empty() ? "" : " (" + name + ")");
  out.comment = comment;
  return out;
}

Result<std::vector<MinisignKey>> read_floor_keys(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    if (errno == ELOOP) return Error{say("it is no regular file")};
    return Error{system_words(errno)};
  }
  struct stat info {
  }, folder{};
  if (::fstat(file.get(), &info) != 0) return Error{system_words(errno)};
  if (!S_ISREG(info.st_mode)) return Error{say("it is no regular file")};
  if (info.st_uid != 0) return Error{say("it must belong to root: chown root")};
  if ((info.st_mode & 022) != 0) return Error{say("others may write into it: chmod go-w")};
  const std::string above = folder_of(path).empty() ? "." : folder_of(path);
  if (::stat(above.c_str(), &folder) != 0) return Error{system_words(errno)};
  if (folder.st_uid != 0 || (folder.st_mode & 022) != 0)
    return Error{say("its folder must belong to root, and nobody else may write in it")};
  constexpr std::size_t most_bytes = 64 * 1024;
  if (info.st_size > static_cast<off_t>(most_bytes)) return Error{say("larger than 64 KiB")};
  std::string text(most_bytes, '\0');
  std::size_t held = 0;
  while (held < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + held, text.size() - held);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{system_words(errno)};
    if (got == 0) break;
    held += static_cast<std::size_t>(got);
  }
  text.resize(held);
  auto keys = parse_minisign_keys(text);
  if (keys && keys->empty()) return Error{say("it holds no key")};
  return keys;
}

Result<SignedFloor, FloorRefusal> verify_floor(std::string_view sealed, std::string_view signature,
                                               const std::vector<MinisignKey>& keys) {
  const auto signed_by = parse_minisign_signature(signature);
  if (!signed_by)
    return FloorRefusal{diag::floor_bad_signature,
                        say("its signature cannot be read: {}", signed_by.error().message),
                        say("take both files from the authority anew")};
  const auto key = std::find_if(keys.begin(), keys.end(),
                                [&](const MinisignKey& one) { return one.id == signed_by->key; });
  if (key == keys.end())
    return FloorRefusal{
        diag::floor_foreign,
        say("it is signed with the key {}, which is not among the trusted ones", to_text(signed_by->key)),
        say("whom you trust stands in {}; ask the authority for its key by another way", floor_keys_name)};
  if (!is_signed_by(*signed_by, *key, blake2b(sealed)))
    return FloorRefusal{diag::floor_bad_signature,
                        say("its signature does not fit: it was altered or damaged"),
                        say("take both files from the authority anew")};
  auto file = parse_sealed_file(sealed);
  if (!file)
    return FloorRefusal{diag::bad_sealed_file, say("it is signed, but no floor: {}", file.error().message),
                        say("build it with: schoolgate floor build")};
  return SignedFloor{std::move(*file), key->id, key->name, signed_by->comment};
}

Message to_message(const FloorStanding& s, std::int64_t now) {
  switch (s.state) {
    case FloorStanding::State::none:
      return say("no entries");
    case FloorStanding::State::plain:
      return say("of floor.txt, signed by nobody; entries: {}", s.entries);
    case FloorStanding::State::sealed:
      break;
  }
  return say("entries: {}, made {} ({}), signed with {}", s.entries, utc_second_text(s.made).substr(0, 10),
             age_of(s.made, now), s.signer);
}

}  // namespace schoolgate
