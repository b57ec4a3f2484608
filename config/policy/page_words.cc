#include "config/policy/page_words.h"

namespace schoolgate {
namespace {

constexpr std::string_view whom[]{"it_contact", "safeguarding", "keep_days"};
constexpr std::string_view reason_too[]{"it_contact", "safeguarding", "keep_days", "reason"};
constexpr std::string_view until_too[]{"it_contact", "safeguarding", "keep_days", "room_until"};
constexpr std::string_view room_too[]{"it_contact", "safeguarding", "keep_days", "room_only", "room_until"};
constexpr std::string_view warning_too[]{"it_contact", "safeguarding", "keep_days", "reason",
                                         "continue_minutes"};
constexpr std::string_view must_contact[]{"it_contact"};
constexpr std::string_view must_helper[]{"safeguarding"};
constexpr std::string_view must_reason[]{"reason"};
constexpr std::string_view must_until[]{"room_until"};
constexpr std::string_view must_room[]{"room_only", "room_until"};
constexpr std::string_view must_warning[]{"reason", "continue_minutes"};

constexpr PageTextKind kinds_of_page_texts[]{
    {"ask", true, whom, must_contact},
    {"block", false, reason_too, must_reason},
    {"block_locked", false, reason_too, must_reason},
    {"block_default", false, whom, {}},
    {"block_line", false, whom, {}},
    {"block_room_off", false, until_too, must_until},
    {"block_room_only", false, room_too, must_room},
    {"block_search", false, whom, {}},
    {"block_unsafe_search", false, whom, {}},
    {"warn", false, warning_too, must_warning},
    {"help", false, whom, must_helper},
    {"safety", false, whom, must_helper},
};

}  // namespace

std::span<const PageTextKind> page_text_kinds() noexcept {
  return kinds_of_page_texts;
}

}  // namespace schoolgate
