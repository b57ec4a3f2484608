// What may be a name in the configuration.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace schoolgate {

// Ids of categories, tiers: a-z, 0-9, "_", at most 32 bytes, a letter first.
[[nodiscard]] bool is_id(std::string_view text) noexcept;

// Letters, digits, - _ . and at most 64 of them.
[[nodiscard]] bool is_list_name(std::string_view text) noexcept;

// As Linux names network interfaces: at most 15 letters, digits and - _ . @, no "." or "..".
[[nodiscard]] bool is_interface_name(std::string_view text) noexcept;

// A file within an archive: "gambling/domains"; relative, without "." and "..", at most 255 bytes of ASCII.
[[nodiscard]] bool is_inner_path(std::string_view path) noexcept;

// The signed floor, its signature and the keys of who may sign one: always beside the main file.
inline constexpr char sealed_file_name[] = "floor.sealed";
inline constexpr char sealed_signature_name[] = "floor.sealed.minisig";
inline constexpr char floor_keys_name[] = "floor_keys";
// One of the three: no command and no way back lays anything over them.
[[nodiscard]] bool is_of_signed_floor(std::string_view name) noexcept;

// A site by its name, canonical; "*." in front makes no difference. Nullopt: no name, or an address.
[[nodiscard]] std::optional<std::string> site_name(std::string_view text);

}  // namespace schoolgate
