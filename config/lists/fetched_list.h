// The files of one list that is fetched, side by side in the state folder: what rules, what came before it,
// what waits for a person, and what is known of where it came from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/main/config.h"
#include "rules/result.h"

namespace schoolgate {

// What the server said of the bytes that rule; for a question whether there are newer ones.
struct FetchRecord {
  std::string from, etag, modified;
  std::string digest;  // SHA-256 hex of the file; of other bytes the record says nothing

  friend bool operator==(const FetchRecord&, const FetchRecord&) = default;
};
[[nodiscard]] std::string to_text(const FetchRecord& record);
[[nodiscard]] std::optional<FetchRecord> parse_fetch_record(
    std::string_view text);  // nullopt: not as to_text wrote it
// What a header may put into a record: printable ASCII, at most 256 bytes; else "".
[[nodiscard]] std::string recordable(std::string_view header);

class FetchedList {
 public:
  // `path`: fetched_list_path().
  explicit FetchedList(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string incoming() const { return path_ + ".incoming"; }  // being fetched
  [[nodiscard]] std::string before() const { return path_ + ".before"; }      // ruled until the last update
  [[nodiscard]] std::string waiting() const { return path_ + ".waiting"; }    // for a person's word
  [[nodiscard]] std::string partial() const {
    return path_ + ".partial";
  }  // a download that was cut, as it came
  // Nullopt: none, or not of the bytes that lie there.
  [[nodiscard]] std::optional<FetchRecord> record(const std::string& digest) const;

  // What the server at `from` calls the bytes of partial(); "": there are none that can be gone on with.
  [[nodiscard]] std::string partial_etag(const std::string& from) const;
  // The same for the next time. Empty: nothing is left of them.
  [[nodiscard]] Result<void> note_partial(const std::string& from, const std::string& etag) const;

  // `file`, incoming or waiting, rules from now on; what ruled is before(). There is a whole file at every
  // moment.
  [[nodiscard]] Result<void> take(const std::string& file, const FetchRecord& record) const;
  // What ruled before take() rules again; if nothing did, nothing does.
  [[nodiscard]] Result<void> put_back() const;
  // incoming() waits for a person.
  [[nodiscard]] Result<void> set_aside() const;
  // The server, or who brought it, says that what rules is still what there is.
  [[nodiscard]] Result<void> confirm(const FetchRecord& record) const;

 private:
  [[nodiscard]] std::string record_path() const { return path_ + ".record"; }
  [[nodiscard]] std::string partial_record() const { return partial() + ".record"; }
  std::string path_;
};

// When the list that lies there was fetched or confirmed last, in UTC seconds; nullopt: never.
[[nodiscard]] std::optional<std::int64_t> fetched_at(const std::string& path);
[[nodiscard]] inline std::optional<std::int64_t> fetched_at(const ListSource& list) {
  return fetched_at(list.path);
}
// "fetched 3 days ago", "fetched today", "never fetched"; of a list that is fetched.
[[nodiscard]] Message age_text(std::optional<std::int64_t> fetched, std::int64_t now);
// Never fetched, or so long ago that its rhythm asks for it; some hours early, for who looks once a day does
// not look at the same minute.
[[nodiscard]] bool due(const ListUpdate& update, std::optional<std::int64_t> fetched, std::int64_t now);
// Never fetched, or not for more than twice its rhythm.
[[nodiscard]] bool overdue(const ListUpdate& update, std::optional<std::int64_t> fetched, std::int64_t now);

}  // namespace schoolgate
