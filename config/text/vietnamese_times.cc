#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation of_times[] = {
    {"{}, at {}", "{}, lúc {}"},
    {"it holds at other times", "dòng này có hiệu lực vào giờ khác"},
    {"it gives way to its exception, whose times lie within its own",
     "dòng này nhường cho ngoại lệ có giờ nằm trọn trong giờ của nó"},
    {"a line with times of its own wins while they last",
     "dòng có giờ riêng được ưu tiên trong những giờ ấy"},
    {"at these times: {}", "vào các giờ: {}"},
    {"a line of the timetable has the key categories, or sites",
     "mỗi dòng thời khóa biểu phải có khóa categories hoặc sites"},
    {"for example {when: \"T2-T6 07:00-11:30\", categories: [games], action: block}",
     "ví dụ {when: \"T2-T6 07:00-11:30\", categories: [games], action: block}"},
    {"the clock is behind the newest row of the log and may be wrong: timetables take their stricter side "
     "until "
     "it agrees, or until `schoolgate log retention --confirm` says that it is right",
     "đồng hồ chậm hơn dòng mới nhất của nhật ký, có thể sai: thời khóa biểu theo phía chặt hơn cho đến khi "
     "đồng "
     "hồ khớp, hoặc có người xác nhận bằng `schoolgate log retention --confirm`"},
    {"CLOCK        {}", "ĐỒNG HỒ      {}"},
    {"The clock is behind the newest row of the log: timetables take their stricter side.",
     "Đồng hồ chậm hơn dòng mới nhất của nhật ký: thời khóa biểu theo phía chặt hơn."},
    {"a link that belongs to neither root nor the proxy's user is not followed",
     "không đi theo liên kết không thuộc về root hay người dùng chạy proxy"},
    {"did you mean one of these: {}?", "có phải ý là một trong số này: {}?"},
    {"help is for categories, not for sites", "help chỉ dùng cho nhóm nội dung, không dùng cho trang"},
    {"write allow, warn or block, or name a category",
     "hãy ghi allow, warn hoặc block, hoặc nêu một nhóm nội dung"},
};

}  // namespace

std::span<const Translation> vietnamese_of_times() noexcept {
  return of_times;
}

}  // namespace schoolgate
