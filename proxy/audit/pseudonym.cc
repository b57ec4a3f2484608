#include "proxy/audit/pseudonym.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "config/text/system_words.h"
#include "config/text/whole_file.h"
#include "proxy/core/hmac.h"

namespace schoolgate::audit {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

std::optional<PseudonymKey> parse_key(std::string_view hex) {
  PseudonymKey key{};
  if (hex.size() != 2 * key.size()) return std::nullopt;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const std::size_t high = hex_digits.find(hex[2 * i]), low = hex_digits.find(hex[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    key[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return key;
}

std::string to_text(const std::map<Month, PseudonymKey>& keys) {
  std::string text =
      "# Schoolgate: the keys behind the pseudonyms of the access log. Keep this file secret.\n";
  for (const auto& [month, key] : keys) {
    text += month.to_string() + " ";
    for (const std::uint8_t byte : key) {
      text += hex_digits[byte >> 4];
      text += hex_digits[byte & 15];
    }
    text += '\n';
  }
  return text;
}

}  // namespace

std::string pseudonym(const PseudonymKey& key, const IpAddress& client) {
  const auto text = [](const auto& bytes) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  const Sha256Digest digest = hmac_sha256(text(key), text(client.bytes));
  std::uint64_t bits = 0;
  for (int i = 0; i < 5; ++i) bits = bits << 8 | digest[i];
  std::string name = "HS-";
  for (int shift = 35; shift >= 0; shift -= 5) name += "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> shift & 31];
  return name;
}

std::optional<std::pair<Month, PseudonymKey>> parse_key_line(std::string_view line) {
  const auto month = Month::parse(line.substr(0, 7));
  const bool spaced = line.size() > 8 && line[7] == ' ';
  const auto key = spaced ? parse_key(line.substr(8)) : std::nullopt;
  if (!month || !key) return std::nullopt;
  return std::pair(*month, *key);
}

Result<PseudonymKeys> PseudonymKeys::load(std::string path) {
  PseudonymKeys keys(std::move(path));
  struct stat info {};
  if (::stat(keys.path_.c_str(), &info) != 0) {
    if (errno == ENOENT) return keys;
    return Error{say("cannot read the key file {}: {}", keys.path_, system_words(errno))};
  }
  if ((info.st_mode & 077) != 0) {
    return Error{say("the key file {} can be read by others: chmod 600 it", keys.path_)};
  }
  std::ifstream in(keys.path_);
  if (!in) return Error{say("cannot read the key file {}: {}", keys.path_, system_words(errno))};
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty() || line[0] == '#') continue;
    const auto entry = parse_key_line(line);
    if (!entry) {
      return Error{say("{}:{}: not a line of a month and a key", keys.path_, number)};
    }
    keys.keys_[entry->first] = entry->second;
  }
  if (in.bad()) return Error{say("cannot read the key file {}: {}", keys.path_, system_words(errno))};
  return keys;
}

Result<const PseudonymKey*> PseudonymKeys::key(Month month) {
  if (const auto it = keys_.find(month); it != keys_.end()) return &it->second;
  auto grown = keys_;
  PseudonymKey& fresh = grown[month];
  if (RAND_bytes(fresh.data(), static_cast<int>(fresh.size())) != 1)
    return Error{say("no random bytes for a key")};
  if (const auto saved = save(grown); saved.failed()) return saved.error();
  keys_ = std::move(grown);
  return &keys_.at(month);
}

Result<bool> PseudonymKeys::adopt(Month month, const PseudonymKey& key) {
  if (keys_.count(month) != 0) return false;
  auto grown = keys_;
  grown[month] = key;
  if (const auto saved = save(grown); saved.failed()) return saved.error();
  keys_ = std::move(grown);
  return true;
}

Result<bool> PseudonymKeys::forget(const std::function<bool(Month)>& gone) {
  auto kept = keys_;
  std::erase_if(kept, [&](const auto& entry) { return gone(entry.first); });
  if (kept.size() == keys_.size()) return false;
  if (const auto saved = save(kept); saved.failed()) return saved.error();
  keys_ = std::move(kept);
  return true;
}

Result<void> PseudonymKeys::save(const std::map<Month, PseudonymKey>& keys) const {
  const std::string text = to_text(keys);
  return write_whole_file(path_, {text}, {.mode = 0600});
}

}  // namespace schoolgate::audit
