#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_by_the_record[] = {
    // messages that do not go out
    {"Messages do not go out: {}", "Tin nhắn không gửi đi được: {}"},
    {"You are not told of new cases: {}. It is tried again; until then look here.",
     "Thầy cô không nhận được tin báo trường hợp mới: {}. Hệ thống sẽ thử lại; trong lúc đó, xin xem tại "
     "đây."},
    // the page Now
    {"until half of the answers begin", "tới khi một nửa số trả lời bắt đầu"},
    {"until 99 of 100 answers begin", "tới khi 99 trên 100 trả lời bắt đầu"},
    {"How long devices wait: in the last five to ten minutes, until a site or a page of ours began to "
     "answer.",
     "Thời gian thiết bị phải chờ: trong năm đến mười phút vừa qua, tới khi trang web hoặc trang của hệ "
     "thống "
     "bắt đầu trả lời."},
    {"How old the lists are", "Các danh sách đã cũ bao lâu"},
    {"{} lists are files of the school's own.", "{} danh sách là tệp riêng của trường."},
};

}  // namespace

std::span<const Translation> vietnamese_of_desk() noexcept {
  return said_by_the_record;
}

}  // namespace schoolgate
