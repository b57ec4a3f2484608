#include "config/lists/fetched_list.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "rules/bytes/sha256.h"

namespace schoolgate {
namespace {

constexpr std::int64_t seconds_a_day = 86'400;
constexpr std::size_t longest_header = 256, longest_record = 8192;
constexpr std::size_t largest_partial = std::size_t{64} << 20;

Error trouble(const std::string& path) {
  return Error{say("{}: {}", path, system_words(errno))};
}

Result<void> move_file(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return trouble(to);
  return {};
}

}  // namespace

std::string recordable(std::string_view header) {
  const bool plain = header.size() <= longest_header &&
                     std::all_of(header.begin(), header.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
  return plain ? std::string(header) : std::string();
}

std::string to_text(const FetchRecord& record) {
  return "from " + record.from + "\netag " + record.etag + "\nmodified " + record.modified + "\ndigest " +
         record.digest + "\n";
}

std::optional<FetchRecord> parse_fetch_record(std::string_view text) {
  FetchRecord record;
  const std::pair<std::string_view, std::string*> lines[] = {{"from ", &record.from},
                                                             {"etag ", &record.etag},
                                                             {"modified ", &record.modified},
                                                             {"digest ", &record.digest}};
  for (const auto& [key, value] : lines) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || !text.starts_with(key)) return std::nullopt;
    *value = std::string(text.substr(key.size(), end - key.size()));
    if (!std::all_of(value->begin(), value->end(), [](char c) { return c >= ' ' && c < '\x7f'; }))
      return std::nullopt;
    text.remove_prefix(end + 1);
  }
  if (!text.empty()) return std::nullopt;
  return record;
}

std::optional<FetchRecord> FetchedList::record(const std::string& digest) const {
  const auto text = read_file(record_path(), longest_record);
  if (!text) return std::nullopt;
  auto record = parse_fetch_record(*text);
  if (!record || record->digest != digest) return std::nullopt;
  return record;
}

std::string FetchedList::partial_etag(const std::string& from) const {
  const auto text = read_file(partial_record(), longest_record);
  if (!text) return {};
  const auto record = parse_fetch_record(*text);
  if (!record || record->from != from) return {};
  const auto bytes = read_file(partial(), largest_partial);
  return bytes && to_hex(sha256(*bytes)) == record->digest ? record->etag : std::string();
}

Result<void> FetchedList::note_partial(const std::string& from, const std::string& etag) const {
  if (etag.empty()) {
    ::unlink(partial().c_str());
    ::unlink(partial_record().c_str());
    return {};
  }
  const auto bytes = read_file(partial(), largest_partial);
  if (!bytes) return Error{say("{}: {}", partial(), bytes.error().message)};
  return write_whole_file(partial_record(), {to_text({from, etag, "", to_hex(sha256(*bytes))})},
                          {.mode = 0640});
}

Result<void> FetchedList::take(const std::string& file, const FetchRecord& record) const {
  const std::string kept = before() + ".new";
  ::unlink(kept.c_str());
  if (::link(path_.c_str(), kept.c_str()) == 0) {
    if (auto moved = move_file(kept, before()); moved.failed()) return moved;
  } else if (errno == ENOENT) {
    ::unlink(before().c_str());  // of a list that was gone meanwhile
  } else {
    return trouble(before());
  }
  if (auto moved = move_file(file, path_); moved.failed()) return moved;
  ::unlink(waiting().c_str());  // older than what rules now
  return write_whole_file(record_path(), {to_text(record)}, {.mode = 0640});
}

Result<void> FetchedList::put_back() const {
  ::unlink(record_path().c_str());  // the next time all is fetched again
  if (std::rename(before().c_str(), path_.c_str()) == 0) return {};
  if (errno != ENOENT) return trouble(path_);
  if (::unlink(path_.c_str()) != 0 && errno != ENOENT) return trouble(path_);
  return {};
}

Result<void> FetchedList::set_aside() const {
  return move_file(incoming(), waiting());
}

Result<void> FetchedList::confirm(const FetchRecord& record) const {
  if (::utimensat(AT_FDCWD, path_.c_str(), nullptr, AT_SYMLINK_NOFOLLOW) != 0) return trouble(path_);
  ::unlink(waiting().c_str());  // taken back by who published it
  return write_whole_file(record_path(), {to_text(record)}, {.mode = 0640});
}

std::optional<std::int64_t> fetched_at(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return info.st_mtime;
}

Message age_text(std::optional<std::int64_t> fetched, std::int64_t now) {
  if (!fetched) return say("never fetched");
  const std::int64_t days = (now - *fetched) / seconds_a_day;
  if (days <= 0) return say("fetched today");
  return days == 1 ? say("fetched 1 day ago") : say("fetched {} days ago", days);
}

bool due(const ListUpdate& update, std::optional<std::int64_t> fetched, std::int64_t now) {
  constexpr std::int64_t early = seconds_a_day / 4;
  return !fetched || now - *fetched >= static_cast<std::int64_t>(update.every_days) * seconds_a_day - early;
}

bool overdue(const ListUpdate& update, std::optional<std::int64_t> fetched, std::int64_t now) {
  return !fetched || now - *fetched > 2 * static_cast<std::int64_t>(update.every_days) * seconds_a_day;
}

}  // namespace schoolgate
