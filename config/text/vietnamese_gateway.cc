// What an upgrade brings, what the gateway's firewall does, and QR codes.
#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_of_gateway[] = {
    // Files and configurations of an earlier version
    {"{}: an older version of Schoolgate wrote it; it has been brought to the form of this one ({}) and "
     "holds all that it held",
     "{}: do bản Schoolgate cũ hơn ghi; đã chuyển sang dạng của bản này ({}), nội dung vẫn đầy đủ như trước"},
    {"this tier says nothing about {}, which is newer than this file: it goes by {}",
     "cấp học này chưa nói gì về {} vì nhóm ấy có sau tệp này: được xử lý như {}"},
    {"to choose for yourself, add a line under categories:  {}: {}",
     "muốn tự chọn, thêm một dòng dưới categories:  {}: {}"},
    {"unnamed_as names a category that every tier names, not {}",
     "unnamed_as cần một nhóm mà mọi cấp học đều ghi, không phải {}"},
    {"an upgrade brought it, and {} is as you changed it: copy the block of {} from line {} of {}",
     "nhóm này có từ bản nâng cấp, còn {} vẫn như bạn đã sửa: hãy chép khối {} từ dòng {} của {}"},
    // Who is the gateway of the devices
    {"no device has this machine as its gateway by itself: whoever gives out addresses on {} must name {} as "
     "router and "
     "as resolver; until then nobody is filtered",
     "chưa máy nào tự lấy máy này làm gateway: nơi cấp địa chỉ trên {} phải ghi {} làm router và máy chủ "
     "DNS; trước đó "
     "không ai được lọc"},
    // Handed over by TPROXY, and holes
    {"cannot listen on {} port {} with tproxy: {}: the service needs CAP_NET_RAW, which `schoolgate setup` "
     "gives "
     "it; without tproxy: true the firewall redirects, and that needs no right",
     "không thể lắng nghe ở {} cổng {} với tproxy: {}: dịch vụ cần quyền CAP_NET_RAW, `schoolgate setup` cấp "
     "quyền "
     "này; không có tproxy: true thì tường lửa chuyển hướng, không cần quyền nào"},
    {"the rule of routing for TPROXY is not there: the web of pupils' devices stands still",
     "thiếu luật định tuyến cho TPROXY: web của máy học sinh đang đứng yên"},
    {"systemctl restart schoolgate-gateway makes it", "systemctl restart schoolgate-gateway sẽ tạo lại"},
    {"a hole of gateway: open, for {}, to be looked at by {}: {}",
     "một lỗ mở ở gateway: open, cho {}, xem lại trước {}: {}"},
    {"a hole of gateway: open, for all, to be looked at by {}: {}",
     "một lỗ mở ở gateway: open, cho mọi cấp học, xem lại trước {}: {}"},
    {"hole         for {}, to be looked at by {}: {}", "lỗ mở        cho {}, xem lại trước {}: {}"},
    {"hole         for all, to be looked at by {}: {}", "lỗ mở        cho mọi cấp học, xem lại trước {}: {}"},
    {"             NOT IN FORCE: the firewall that is loaded has no such hole; `schoolgate setup`",
     "              CHƯA CÓ HIỆU LỰC: tường lửa đang chạy không có lỗ này; `schoolgate setup`"},
    {"             packets that went out by it since the firewall was loaded: {}",
     "              số gói tin đã đi ra qua đó từ khi nạp tường lửa: {}"},
    {"a hole of gateway: open, for {}, to be looked at by {}: {} (packets that went out by it: {})",
     "một lỗ mở ở gateway: open, cho {}, xem lại trước {}: {} (số gói tin đã đi ra qua đó: {})"},
    {"a hole of gateway: open, for all, to be looked at by {}: {} (packets that went out by it: {})",
     "một lỗ mở ở gateway: open, cho mọi cấp học, xem lại trước {}: {} (số gói tin đã đi ra qua đó: {})"},
    {"bundle \"{}\" names no networks: the firewall knows no names",
     "gói \"{}\" không nêu mạng nào: tường lửa không biết tên trang"},
    {"\"{}\" is neither a network nor a bundle", "\"{}\" không phải mạng, cũng không phải gói trang"},
    {"write the networks themselves, or networks: into a bundle of bundles.d",
     "hãy ghi thẳng các mạng, hoặc thêm networks: vào một gói trong bundles.d"},
    {"for example 192.168.20.0/24", "ví dụ 192.168.20.0/24"},
    {"these name networks: {}", "các gói có nêu mạng: {}"},
    // setup, at its end
    {"Yours to correct, for timetables go by it (lessons, terms, holidays, exams): {}",
     "Thầy cô sửa cho đúng với trường, vì thời khóa biểu theo tệp này (tiết học, học kỳ, ngày nghỉ, ngày "
     "thi): {}"},
    {"Lists are fetched anew each night: systemctl list-timers schoolgate-lists.timer",
     "Danh sách được tải lại mỗi đêm: systemctl list-timers schoolgate-lists.timer"},
    // An address for a telephone
    {"Does a device pass the filter?", "Máy có đi qua bộ lọc không?"},
    {"In the room, point a pupil's device at this code, or open the address: it says in large letters "
     "whether it passes.",
     "Tại phòng, hướng máy ảnh của một máy học sinh vào mã này, hoặc mở địa chỉ: trang hiện chữ lớn cho biết "
     "máy có đi qua không."},
    {"The code is this address and nothing else: it opens nothing.",
     "Mã chỉ chứa địa chỉ này, không mở quyền gì."},
    {"QR code of {}", "Mã QR của {}"},
    {"The same by number, to type or to scan with its camera:",
     "Cũng trang đó theo địa chỉ số, để gõ hoặc quét bằng máy ảnh của máy đó:"},
};

}  // namespace

std::span<const Translation> vietnamese_of_gateway() noexcept {
  return said_of_gateway;
}

}  // namespace schoolgate
