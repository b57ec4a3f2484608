#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation of_times[] = {
    {"that belongs in periods.yaml; a row of timetable: speaks of it, as in \"when: lessons\" or \"when: "
     "T2-T6 07:00-11:30 not holidays\"",
     "mục này ghi trong periods.yaml; một dòng của timetable nhắc đến nó, ví dụ \"when: lessons\" hoặc "
     "\"when: "
     "T2-T6 07:00-11:30 not holidays\""},
    {"a room is a label: of who: in schoolgate.yaml; one is open for one thing alone with `schoolgate room "
     "NAME "
     "only BUNDLE`, or with exams: in periods.yaml",
     "phòng là một label: trong who: của schoolgate.yaml; muốn phòng chỉ mở một thứ thì dùng `schoolgate "
     "room NAME "
     "only BUNDLE`, hoặc exams: trong periods.yaml"},
    {"a site at its times is a row of timetable:, with the keys when, sites and action; for one lesson there "
     "is "
     "`schoolgate allow` or `block`",
     "trang chỉ áp dụng theo giờ thì ghi thành một dòng của timetable:, với các khóa when, sites và action; "
     "cho một "
     "tiết học thì dùng `schoolgate allow` hoặc `block`"},
    {"\"default: allow\" or \"default: block\" of the tier is about all sites",
     "muốn nói đến mọi trang thì dùng \"default: allow\" hoặc \"default: block\" của cấp học"},
    {"name the sites under sites:, and write \"action: {}\"",
     "hãy ghi các trang dưới sites: và ghi \"action: {}\""},
    {"write \"- \" in front of its first key, and the others below that key",
     "hãy ghi \"- \" trước khóa đầu tiên, các khóa còn lại thẳng hàng dưới khóa đó"},
    {"that belongs in {}", "mục này ghi trong {}"},
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
