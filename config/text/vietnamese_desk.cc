#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_by_the_record[] = {
    // messages that do not go out
    {"Messages do not go out: {}", "Tin nhắn không gửi đi được: {}"},
    {"You are not told of new cases: {}. It is tried again; until then look here.",
     "Thầy cô không nhận được tin báo trường hợp mới: {}. Hệ thống sẽ thử lại; trong lúc đó, xin xem tại "
     "đây."},
};

}  // namespace

std::span<const Translation> vietnamese_of_desk() noexcept {
  return said_by_the_record;
}

}  // namespace schoolgate
