// The seals of one chain, in a file of their own beside the months': seals.db (0640), and
// seals-safeguarding.db (0600), whose counts say how often there was help.
//
//   seal    number  file  kind  text  signature  ends     `ends`: pack_ids() of the tunnels that ended
//   signer  key     public_key                            what verifies the seals that name it
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/audit/month.h"
#include "proxy/audit/seal_key.h"
#include "proxy/audit/seal_text.h"
#include "proxy/audit/sqlite.h"

namespace schoolgate::audit {

[[nodiscard]] std::string seals_path(const std::string& directory, LogKind kind);

struct KeptSeal {
  std::int64_t number = 0;
  std::string text, signature, ends;
};

// Threads: belongs to the one that opened it.
class SealBook {
 public:
  // `write`: makes the file if there is none.
  [[nodiscard]] static Result<SealBook, DbError> open(const std::string& directory, LogKind kind,
                                                      Database::Mode mode);

  [[nodiscard]] Result<std::optional<KeptSeal>, DbError> last();
  // The last one of that file that says how far it is sealed: an opening or a span.
  [[nodiscard]] Result<std::optional<KeptSeal>, DbError> last_of(std::string_view file);
  // In the order of their numbers; of one file, or "" for all.
  [[nodiscard]] Result<void, DbError> each(std::string_view file,
                                           const std::function<void(KeptSeal&& seal)>& take);
  [[nodiscard]] Result<std::map<std::string, SealPublicKey>, DbError> signers();
  // How often anything was written to it by another connection: the same number, nothing was.
  [[nodiscard]] std::int64_t version() { return db_.integer("PRAGMA data_version"); }

  // Signs `seal` as the one after the last and keeps it; its number, `previous` and key are filled in. Only
  // if the last one of its file is still number `after` (0: there is none); false: another process was
  // quicker, and nothing was written. `after` below 0: whatever the last one is.
  [[nodiscard]] Result<bool, DbError> add(Seal& seal, std::string_view ends, const SealKey& key,
                                          std::int64_t after);

 private:
  explicit SealBook(Database db) : db_(std::move(db)) {}
  [[nodiscard]] Result<bool, DbError> add_within(Seal& seal, std::string_view ends, const SealKey& key,
                                                 std::int64_t after);
  [[nodiscard]] Result<std::optional<KeptSeal>, DbError> one(std::string_view where, std::string_view file);
  Database db_;
};

}  // namespace schoolgate::audit
