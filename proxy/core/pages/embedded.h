// Files put into the program at build: proxy/core/pages/templates/* and config/defaults/pages/* (see
// embed.cmake).
#pragma once

#include <string_view>

namespace schoolgate {

// By bare name: "page.html", "pages.vi.yaml". Empty if there is none of that name.
[[nodiscard]] std::string_view embedded_file(std::string_view name) noexcept;

}  // namespace schoolgate
