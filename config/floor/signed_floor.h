// A floor that somebody whom this machine trusts has signed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/floor/minisign.h"
#include "config/floor/sealed_file.h"
#include "config/text/names.h"
#include "rules/result.h"

namespace schoolgate {

// The floor in force, as `status`, `check` and reports tell of it.
struct FloorStanding {
  enum class State : std::uint8_t {
    none,   // no entries are known
    plain,  // floor.txt, which nobody has signed
    sealed,
  };
  State state = State::none;
  std::uint64_t entries = 0;  // of all kinds; of `plain` all that there is to say
  FloorCounts kinds{};        // of `sealed`
  std::int64_t made = 0;      // as well, UTC seconds
  std::string signer;         // the key, "BF9087D5AEA04D4C", and the name that floor_keys gives it
  std::string comment;        // what was signed beside it
};

struct SignedFloor {
  SealedFile file;
  MinisignKeyId key{};
  std::string name, comment;
  [[nodiscard]] FloorStanding standing() const;
};

// The keys of a file that belongs to root, in a folder of root's, both not to be written by others. Errors
// without the path.
[[nodiscard]] Result<std::vector<MinisignKey>> read_floor_keys(const std::string& path);

struct FloorRefusal {
  int code = 0;  // config/text/diag_codes.h
  Message message, hint;
};
// Whether one of these keys signed it, and it is a floor.
[[nodiscard]] Result<SignedFloor, FloorRefusal> verify_floor(std::string_view sealed,
                                                             std::string_view signature,
                                                             const std::vector<MinisignKey>& keys);

// "12 entries (child sexual abuse 3, ...), made 2026-11-29 (5 days ago), signed by ...".
[[nodiscard]] Message to_message(const FloorStanding& standing, std::int64_t now);

}  // namespace schoolgate
