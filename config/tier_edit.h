// A tier's file as an account of the staff's pages edits it: which file, whether its text can be shown in a
// field and come back as it was, and what of a change is the admin's. Compared as YAML reads it, never by
// text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/snapshot.h"
#include "config/text/config_texts.h"
#include "rules/message.h"

namespace schoolgate {

inline constexpr std::size_t most_edited_bytes = 128 * 1024;  // of a file's text

struct TierText {
  std::string name;  // "tiers.d/30-thcs.yaml"
  std::string text;
};
// The file of `texts` that says `tier: ID`. Nullopt: none of the folder's files does.
[[nodiscard]] std::optional<TierText> text_of_tier(const Snapshot& snapshot, const ConfigTexts& texts,
                                                   TierId tier);
// By which a later save is known to be of this very text.
[[nodiscard]] std::string version_of(std::string_view text);

// The first line that holds what a browser's field would not bring back or nobody sees: control characters
// but ends of line, directions of writing, bytes that are not UTF-8. 0: none. "\r\n" ends a line.
[[nodiscard]] std::size_t unseen_line(std::string_view text);
// "\r\n", as forms send it, and "\r" as "\n"; a last line that ends.
[[nodiscard]] std::string with_plain_ends(std::string_view text);

// The most of what delegation.yaml gives the account in this tier.
[[nodiscard]] TierEdit edit_right(const Policy& policy, std::string_view account, TierId tier);
// Every tier that a change of this one's file changes: itself, and those that extend it.
[[nodiscard]] std::vector<TierId> changed_with(const Policy& policy, TierId tier);
// Why this account may not change the tier's file at all; nullopt: it may, as far as edit_right() says.
[[nodiscard]] std::optional<Message> not_to_edit(const Policy& policy, const std::string& account,
                                                 TierId tier);

// What of a change goes beyond TierEdit::lines. `tier` as it rules now; nullopt: nothing. A text that is no
// YAML goes beyond nothing: it is refused anyhow, with its diagnostics.
[[nodiscard]] std::optional<Message> beyond_lines(std::string_view before, std::string_view after,
                                                  const Policy& policy, TierId tier);

}  // namespace schoolgate
