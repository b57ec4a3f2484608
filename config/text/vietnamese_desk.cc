#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_by_the_record[] = {
    // messages that do not go out
    {"Messages do not go out: {}", "Tin nhắn không gửi đi được: {}"},
    {"You are not told of new cases: {}. It is tried again; until then look here.",
     "Thầy cô không nhận được tin báo trường hợp mới: {}. Hệ thống sẽ thử lại; trong lúc đó, xin xem tại "
     "đây."},
    // a teacher's rows of the log
    {"You see what was blocked or warned in your tiers: {}.",
     "Thầy cô thấy những gì bị chặn hoặc cảnh báo ở các cấp học của mình: {}."},
    {"You see what was blocked or warned in your rooms: {}.",
     "Thầy cô thấy những gì bị chặn hoặc cảnh báo ở các phòng của mình: {}."},
    {"You see what was blocked or warned in your rooms: {}; where the room of a device is not known, in your "
     "tiers: {}.",
     "Thầy cô thấy những gì bị chặn hoặc cảnh báo ở các phòng của mình: {}; thiết bị nào không rõ phòng thì "
     "theo "
     "các cấp học của mình: {}."},
    {"this lesson and the last one", "tiết này và tiết trước"},
    {"In this lesson and the last one, since {}.", "Trong tiết này và tiết trước, từ {}."},
    {"There is no lesson now: in the last 100 minutes, since {}.",
     "Bây giờ không có tiết học: trong 100 phút vừa qua, từ {}."},
    {"delegation.yaml gives your account neither a room nor a tier.",
     "delegation.yaml chưa giao phòng hay cấp học nào cho tài khoản của thầy cô."},
    // log --reveal, where two must know
    {"two must know of it: as root name both, --with NAME --with NAME, of: {}",
     "phải có hai người cùng biết: dùng root thì nêu cả hai, --with TÊN --with TÊN, trong số: {}"},
    {"two must know of it: name the other one, --with NAME, of: {}",
     "phải có hai người cùng biết: hãy nêu người thứ hai, --with TÊN, trong số: {}"},
    {"--with takes an account that delegation.yaml names under safeguarding:, not \"{}\"",
     "--with nhận một tài khoản mà delegation.yaml nêu trong safeguarding:, không phải \"{}\""},
    {"--with takes at most {} names", "--with nhận nhiều nhất {} tên"},
    // the admin's report
    {"who looks after the filter", "người quản trị bộ lọc"},
    {"Rules, lists, new sites, wrong blocks and faults: no pupil and no device is named, and no count under "
     "five "
     "is told.",
     "Quy tắc, danh sách, trang mới, chặn nhầm và sự cố: không nêu học sinh hay thiết bị nào, và không nêu "
     "số nào "
     "dưới năm."},
    // the page Now
    {"until half of the answers begin", "tới khi một nửa số trả lời bắt đầu"},
    {"until 99 of 100 answers begin", "tới khi 99 trên 100 trả lời bắt đầu"},
    {"How long devices wait: in the last five to ten minutes, until a site or a page of ours began to "
     "answer.",
     "Thời gian thiết bị phải chờ: trong năm đến mười phút vừa qua, tới khi trang web hoặc trang của hệ "
     "thống "
     "bắt đầu trả lời."},
    {"How old the lists are", "Các danh sách đã cũ bao lâu"},
    {"{} lists are files of this machine, not fetched.", "{} danh sách là tệp trên máy, không tự tải về."},
};

}  // namespace

std::span<const Translation> vietnamese_of_desk() noexcept {
  return said_by_the_record;
}

}  // namespace schoolgate
