// The pages people see: texts from config/defaults/pages/, one layout in three voices, embedded at build.
// Every page holds both languages; the school's is shown first, the reader may switch. Threads: plain
// functions, no shared state but the embedded texts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "proxy/core/pages/page_http.h"
#include "proxy/core/pages/page_request.h"
#include "proxy/core/wishes.h"

namespace schoolgate {

// A whole response, head and body: HTML for documents, a short text for programs, an empty answer for
// pictures, styles and the like. 403 (or the kind's status), `Cache-Control: no-store`, no scripts, nothing
// from elsewhere, everything from outside escaped. `X-Schoolgate-Code` carries the code, except for help.
[[nodiscard]] std::string render_page(const PageRequest& request, bool keep_alive);

// One line of `http://schoolgate.internal/`: a past verdict of this client other than allow and help.
struct PastVerdict {
  std::int64_t time_ms = 0;
  std::uint64_t decision = 0;
  Verdict verdict;
  TierId tier = 0;
  std::string url;
  std::string continue_token;     // warn: may still be continued
  std::string wish_token = {};    // block: may be said to be wrong
  std::optional<Wish> wish = {};  // somebody said so
};
// shared_address: of many at once; shared_seats: of whoever sat there before.
enum class PastShown : std::uint8_t { yes, shared_address, shared_seats };
[[nodiscard]] PageResponse render_own_page(const PageRequest& request, std::span<const PastVerdict> past,
                                           bool keep_alive, PastShown shown = PastShown::yes);

// Further pages of our own: what is recorded (for who reads here, and for parents), how to set the proxy,
// whom to ask for help, what to do when something happens on the internet, and the two that say no.
enum class OwnPage : std::uint8_t { privacy, parents, setup, help, safety, expired, missing };
// `proxy_address`: "192.168.1.1:3128", where this client reaches us; for `setup`.
[[nodiscard]] PageResponse render_own_page(const PageRequest& request, OwnPage page,
                                           std::string_view proxy_address, bool keep_alive);

// What became of a report that a page was blocked wrongly, before or instead of a wish.
enum class WishPage : std::uint8_t { gone, allowed, locked, too_many, closed, choose };
[[nodiscard]] PageResponse render_wish_page(const PageRequest& request, WishPage page, bool keep_alive);
// What somebody's code stands for.
[[nodiscard]] PageResponse render_wish(const PageRequest& request, const Wish& wish, bool keep_alive);
[[nodiscard]] PageResponse render_verdict(const PageRequest& request, const PastVerdict& past,
                                          bool keep_alive);

}  // namespace schoolgate
