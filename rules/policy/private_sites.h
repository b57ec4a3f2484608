// Sites where people sign in, read their mail, keep their files and meet: never opened because a tier
// inspects a few sites (`inspect_only`), whatever it names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace schoolgate {

enum class PrivateKind : std::uint8_t { sign_in, mail, files, meetings, money };

struct PrivateSite {
  std::string_view name;  // canonical; holds the names below it too
  PrivateKind kind;
};
// All that ship, ascending by name.
[[nodiscard]] std::span<const PrivateSite> private_sites() noexcept;

// What a host (canonical) is among these; nullopt: none of them.
[[nodiscard]] std::optional<PrivateKind> private_site(std::string_view host) noexcept;

// Whether a label of a host names it so, wherever it is: accounts.school.vn, mail.school.vn. That is enough
// where a whole domain is named ("*.school.vn"), and not against a host that is named by itself.
[[nodiscard]] bool is_named_privately(std::string_view host) noexcept;

}  // namespace schoolgate
