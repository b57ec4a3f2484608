#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_by_rooms[] = {
    // Rooms and who may switch them
    {"there is no room \"{}\"", "không có phòng \"{}\""},
    {"there is no room \"{}\"; there are: {}", "không có phòng \"{}\"; các phòng đang có: {}"},
    {"there is no room \"{}\": no line of who: has a label",
     "không có phòng \"{}\": chưa dòng nào trong who: có label"},
    {"no line of who: has a label, so there is no room",
     "chưa dòng nào trong who: có label nên chưa có phòng nào"},
    {"unknown room \"{}\"", "không có phòng nào tên \"{}\""},
    {"a room is a line of who: with a label: \"Phòng máy 1\"",
     "phòng là một dòng trong who: có label: \"Phòng máy 1\""},
    {"delegation.yaml does not let \"{}\" switch the room \"{}\"",
     "delegation.yaml không giao cho \"{}\" quyền tắt mở phòng \"{}\""},
    {"the admin has switched this room, and alone may end that",
     "quản trị viên đã đặt trạng thái của phòng này, chỉ quản trị viên được kết thúc"},
    {"there are more than {} rooms", "có hơn {} phòng"},
    {"an unknown room is delegated to \"{}\"", "phòng được giao cho \"{}\" không có trong chính sách"},
    // What is on in a room
    {"override {} of {} until {}: room {} only {} ({})", "lệnh tạm số {} của {} đến {}: {} chỉ mở {} ({})"},
    {"override {} of {} until {}: room {} off ({})", "lệnh tạm số {} của {} đến {}: tắt mạng {} ({})"},
    {"exam {} until {}: only {}", "giờ thi {} đến {}: chỉ mở {}"},
    {"room {}: only {} is open until {}; to end it before: schoolgate overrides revoke {}",
     "{}: chỉ mở {} đến {}; muốn kết thúc sớm: schoolgate overrides revoke {}"},
    {"room {} is off until {}; to end it before: schoolgate overrides revoke {}",
     "{}: tắt mạng đến {}; muốn kết thúc sớm: schoolgate overrides revoke {}"},
    {"room {} is as always", "{}: vẫn như thường"},
    {"room {} is as always again", "{}: đã trở lại như thường"},
    {"as always", "như thường"},
    {"room {}", "{}"},
    {"a room that is closed now is closed before this opens anything",
     "phòng đang tắt hoặc chỉ mở một thứ, nên điều này chưa mở được gì"},
    // How to ask
    {"only what? Name a bundle, or a file of hosts in only.d",
     "chỉ mở gì? Hãy ghi tên một gói trang, hoặc một tệp trong only.d"},
    {"a bundle or file goes with only", "tên gói trang hoặc tệp chỉ đi cùng only"},
    {"normal has no end: it ends what is on", "normal không cần giờ: nó kết thúc ngay"},
    {"periods.yaml names no lessons: write a time, as in 11:30",
     "periods.yaml chưa nêu tiết học nào: hãy ghi giờ, ví dụ 11:30"},
    {"there is no lesson now: write a time, as in 11:30",
     "bây giờ không có tiết học: hãy ghi giờ, ví dụ 11:30"},
    {"there is no break any more today: write a time, as in 11:30",
     "hôm nay không còn giờ ra chơi: hãy ghi giờ, ví dụ 11:30"},
    // Bundles and files of hosts
    {"there is no bundle \"{}\"", "không có gói trang \"{}\""},
    {"there is no bundle \"{}\"; there are: {}", "không có gói trang \"{}\"; các gói đang có: {}"},
    {"there is no bundle \"{}\"; did you mean {}?", "không có gói trang \"{}\"; có phải ý thầy cô là {}?"},
    {"there is no bundle and no file of hosts \"{}\"; did you mean {}?",
     "không có gói trang và cũng không có tệp tên trang \"{}\"; có phải ý thầy cô là {}?"},
    {"there is no bundle and no file of hosts \"{}\"",
     "không có gói trang và cũng không có tệp tên trang \"{}\""},
    {"a file of hosts lies in only.d, as in only.d/test.txt",
     "tệp tên trang nằm trong only.d, ví dụ only.d/test.txt"},
    {"{} of its hosts stay closed, for not all that closes them may be lifted",
     "{} tên trong gói vẫn bị chặn, vì thầy cô không được bỏ hết những gì đang chặn"},
    {"line {} is not the name of a host", "dòng {} không phải là tên một trang"},
    {"the host of line {} belongs to many sites", "tên ở dòng {} là của nhiều trang dùng chung"},
    {"name the single hosts that are needed, as in fonts.gstatic.com",
     "hãy ghi từng tên cần dùng, ví dụ fonts.gstatic.com"},
    {"the file names no host", "tệp không nêu tên trang nào"},
    {"write one on each line", "hãy ghi mỗi dòng một tên"},
    {"the file names more than {} hosts", "tệp nêu hơn {} tên"},
    {"make it smaller", "hãy bớt đi"},
    {"cannot read the folder of files of hosts", "không đọc được thư mục chứa các tệp tên trang"},
    // Exams
    {"an exam", "một giờ thi"},
    {"an exam has the key room or tier, or both", "một giờ thi phải có khóa room hoặc tier, hoặc cả hai"},
    {"for example room: \"Phòng máy 1\", or tier: thpt", "ví dụ room: \"Phòng máy 1\", hoặc tier: thpt"},
    {"\"{}\" is not the time of an exam", "\"{}\" không phải là giờ của một buổi thi"},
    {"from and to on that day, as in 07:30-09:00", "từ giờ nào đến giờ nào trong ngày, ví dụ 07:30-09:00"},
    {"the exam \"{}\" names what there is not", "giờ thi \"{}\" nêu thứ không có"},
    // What a tunnel may carry
    {"only a line on one host or network has the key tunnel",
     "chỉ dòng nêu một trang hoặc một mạng mới có khóa tunnel"},
    {"for example {domain: zoom.us, tunnel: [not_tls]}", "ví dụ {domain: zoom.us, tunnel: [not_tls]}"},
    {"a line needs no leave for addresses", "dòng này không cần phép riêng cho địa chỉ IP"},
    {"a line on an address or network opens it by number: domain: 203.0.113.0/24",
     "một dòng nêu địa chỉ hoặc mạng đã mở được theo số: domain: 203.0.113.0/24"},
    // AI tools
    {"an AI tool", "một công cụ AI"},
    {"an AI tool has the key site, or bundle", "một công cụ AI phải có khóa site hoặc bundle"},
    {"for example {site: example.vn, why: \"...\", review_by: 2027-06-30}",
     "ví dụ {site: example.vn, why: \"...\", review_by: 2027-06-30}"},
    {"this AI tool was to be looked at again by {}", "công cụ AI này lẽ ra phải được xem lại trước {}"},
    {"still wanted: write a later day; else delete the line",
     "nếu vẫn cần thì ghi một ngày sau; nếu không thì xóa dòng này"},
};

}  // namespace

std::span<const Translation> vietnamese_of_rooms() noexcept {
  return said_by_rooms;
}

}  // namespace schoolgate
