#include "proxy/audit/pseudonym_search.h"

#include <array>
#include <span>

#include "proxy/audit/codes.h"
#include "rules/bytes/sha256.h"

namespace schoolgate::audit {
namespace {

constexpr unsigned max_host_bits = 24;         // of a network that is tried: all of 10.0.0.0/8
constexpr std::uint64_t between_looks = 4096;  // addresses, until `enough` is asked again

// pseudonym()'s HMAC with what belongs to the key hashed once.
class KeyedBits {
 public:
  KeyedBits(Month month, const PseudonymKey& key) : month_(month) {
    std::array<std::uint8_t, 64> inner{}, outer{};
    inner.fill(0x36);
    outer.fill(0x5c);
    for (std::size_t i = 0; i < key.size(); ++i) {
      inner[i] ^= key[i];
      outer[i] ^= key[i];
    }
    inner_.update(std::as_bytes(std::span(inner)));
    outer_.update(std::as_bytes(std::span(outer)));
  }
  [[nodiscard]] Month month() const noexcept { return month_; }
  [[nodiscard]] std::uint64_t of(const IpAddress& address) const noexcept {
    Sha256 inner = inner_, outer = outer_;
    inner.update(std::as_bytes(std::span(address.bytes)));
    const Sha256Digest middle = inner.finish();
    outer.update(std::as_bytes(std::span(middle)));
    const Sha256Digest digest = outer.finish();
    std::uint64_t bits = 0;
    for (int i = 0; i < 5; ++i) bits = bits << 8 | digest[static_cast<std::size_t>(i)];
    return bits;
  }

 private:
  Month month_;
  Sha256 inner_, outer_;
};

void increment(IpAddress& address) noexcept {
  for (std::size_t i = address.bytes.size(); i-- > 0;) {
    if (++address.bytes[i] != 0) return;
  }
}

}  // namespace

std::optional<std::uint64_t> parse_pseudonym(std::string_view text) noexcept {
  if (text.size() != 11 || (text[0] | 0x20) != 'h' || (text[1] | 0x20) != 's' || text[2] != '-')
    return std::nullopt;
  return parse_decision_code(text.substr(3));
}

PseudonymSearch::Outcome PseudonymSearch::run(std::uint64_t pseudonym_bits,
                                              const std::map<Month, PseudonymKey>& keys,
                                              const std::function<bool()>& enough) const {
  std::vector<KeyedBits> months;  // the newest first: most questions are about today
  for (auto it = keys.rbegin(); it != keys.rend(); ++it) months.emplace_back(it->first, it->second);
  Outcome outcome;
  const auto try_one = [&](const IpAddress& address) {
    for (const KeyedBits& month : months) {
      if (month.of(address) == pseudonym_bits) outcome.found = Found{address, month.month()};
      if (outcome.found) return true;
    }
    if (++outcome.tried % between_looks == 0 && enough()) outcome.given_up = true;
    return outcome.given_up;
  };
  for (const IpAddress& address : addresses) {
    if (try_one(address)) return outcome;
  }
  for (const Network& network : networks) {
    const unsigned host_bits = 128U - network.bits;
    if (host_bits > max_host_bits) {
      outcome.too_large.push_back(network);
      continue;
    }
    IpAddress address = network.base;
    for (std::uint64_t left = std::uint64_t{1} << host_bits; left != 0; --left, increment(address)) {
      if (try_one(address)) return outcome;
    }
  }
  return outcome;
}

}  // namespace schoolgate::audit
