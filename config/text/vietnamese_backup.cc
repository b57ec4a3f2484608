#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_by_backup[] = {
    // Files of another version
    {"{} is no such file of Schoolgate", "{} không phải tệp loại này của Schoolgate"},
    {"{}: a newer version of Schoolgate wrote it (form {}, and this one knows {}): install that version "
     "again, or "
     "move the file away",
     "{}: do bản Schoolgate mới hơn ghi (dạng {}, còn bản này biết đến {}): hãy cài lại bản đó, hoặc chuyển "
     "tệp đi "
     "chỗ khác"},
    {"{}: its form ({}) is older than any that Schoolgate wrote",
     "{}: dạng của tệp ({}) cũ hơn mọi dạng mà Schoolgate từng ghi"},
    {"a newer version of Schoolgate wrote them", "do bản Schoolgate mới hơn ghi"},
    {"no override is in force: {}", "không có gì đang mở hay chặn tạm: {}"},
    // What is in a backup, and what not
    {"the configuration", "cấu hình"},
    {"a key or a password: only with --keys", "khóa hoặc mật khẩu: chỉ có khi dùng --keys"},
    {"what commands and pages changed of the policy",
     "những gì các lệnh và trang quản lý đã đổi trong chính sách"},
    {"policies that were accepted", "các chính sách đã được chấp nhận"},
    {"a list that was fetched", "danh sách đã tải về"},
    {"what setup was answered", "các câu đã trả lời cho setup"},
    {"figures by the hour, without clients", "số liệu theo giờ, không có máy khách nào"},
    {"sites that many asked for; those of few go with the rows",
     "các trang nhiều máy hỏi đến; trang ít máy hỏi thì đi theo dòng nhật ký"},
    {"the key of pseudonyms: this month's, only with --keys",
     "khóa của các bí danh: chỉ của tháng này, và chỉ khi dùng --keys"},
    {"rows of the log: never", "dòng nhật ký: không bao giờ"},
    {"the program makes it anew", "chương trình tự tạo lại"},
    {"ends by itself", "tự hết hạn"},
    {"left over: no part of the configuration", "phần sót lại: không thuộc cấu hình"},
    {"a link: what it leads to is not in the backup", "liên kết: nơi nó dẫn đến không có trong bản sao lưu"},
    {"nothing that this program knows", "chương trình không biết tệp này"},
    {"{} is not in the backup: {}", "{} không có trong bản sao lưu: {}"},
    {"{} is named in the configuration and lies elsewhere: it is not in the backup",
     "{} được nêu trong cấu hình nhưng nằm ở chỗ khác: không có trong bản sao lưu"},
    {"no backup is made: while {} has errors it is not certain which files hold keys and passwords",
     "chưa tạo bản sao lưu: khi {} còn lỗi thì chưa chắc tệp nào chứa khóa và mật khẩu"},
    {"where it was encrypted for a key: --identity and the file of the private key",
     "nếu bản này được mã hóa cho một khóa: dùng --identity và tệp khóa riêng"},
    {"Made by setup there, and not on this machine:", "Do setup tạo ở máy kia, chưa có trên máy này:"},
    {"Firewall, resolver and addresses come back by: schoolgate setup (Enter keeps each answer)",
     "Muốn có lại tường lửa, bộ phân giải và việc cấp địa chỉ: schoolgate setup (để trống là giữ câu trả lời "
     "cũ)"},
    {"the policy is being changed, or cannot be read: make the backup once more",
     "chính sách đang được đổi, hoặc không đọc được: hãy sao lưu lại"},
    {"{} has a name that a backup cannot hold: rename it",
     "{} có tên mà bản sao lưu không chứa được: hãy đổi tên"},
    {"what belongs into it is more than {} MiB", "phần cần sao lưu lớn hơn {} MiB"},
    {"no folder can be made for a copy of {}", "không tạo được thư mục để chép {}"},
    // Making one
    {"{} is there already: it stays as it is", "{} đã có sẵn: tệp đó được giữ nguyên"},
    {"{}: {} files, {} KiB", "{}: {} tệp, {} KiB"},
    {"Keys and passwords of the school are in it: who can decrypt it can pass for every site.",
     "Trong đó có khóa và mật khẩu của trường: ai giải mã được thì giả làm được mọi trang web."},
    {"{} keys and passwords are not in it; with them: schoolgate backup --keys",
     "{} khóa và mật khẩu không nằm trong đó; muốn có thì dùng: schoolgate backup --keys"},
    {"To try it without changing anything: schoolgate restore --dry-run {}",
     "Để thử mà không đổi gì: schoolgate restore --dry-run {}"},
    {"`age` is not installed: apt install age", "chưa cài `age`: apt install age"},
    {"`age` did not do it; what it said stands above", "`age` không làm được; lời báo của nó ở phía trên"},
    // Reading one
    {"it is no backup of Schoolgate, or it is damaged",
     "không phải bản sao lưu của Schoolgate, hoặc đã hỏng"},
    {"a newer version of Schoolgate made it, in a form that this one ({}) does not know: install the newer "
     "version "
     "first",
     "do bản Schoolgate mới hơn tạo, theo dạng mà bản này ({}) không biết: hãy cài bản mới hơn trước"},
    {"Schoolgate {} made it, and this is {}: install the newer version first",
     "do Schoolgate {} tạo, còn đây là {}: hãy cài bản mới hơn trước"},
    {"it holds more than it says", "chứa nhiều hơn những gì nó khai"},
    {"it holds more than {} MiB", "chứa nhiều hơn {} MiB"},
    {"a file in it has no name", "một tệp trong đó không có tên"},
    {"{} in it is no plain file", "{} trong đó không phải tệp thường"},
    {"{} is missing in it, or not in its place", "{} bị thiếu trong đó, hoặc không đúng chỗ"},
    {"{} in it is not as it was written: it is damaged, or somebody changed it",
     "{} trong đó không còn như lúc ghi: đã hỏng, hoặc có người sửa"},
    {"it holds a file that it does not name: {}", "chứa một tệp mà nó không khai: {}"},
    {"{} in it is damaged", "{} trong đó đã hỏng"},
    {"this backup is of {}, and not of {}: name that one with --config",
     "bản sao lưu này là của {}, không phải của {}: hãy nêu tệp đó bằng --config"},
    {"the configuration in {} does not load: nothing was changed",
     "cấu hình trong {} không nạp được: chưa đổi gì"},
    {"log: {} in the main file of the backup cannot be set to {}: its text is laid out in another way",
     "không đặt được log: {} trong tệp chính của bản sao lưu thành {}: tệp trình bày theo cách khác"},
    // What would become of the machine
    {"which backup? schoolgate restore FILE", "bản sao lưu nào? schoolgate restore FILE"},
    {"{}: of {}, by Schoolgate {}, whole; its configuration loads",
     "{}: tạo lúc {}, bằng Schoolgate {}, nguyên vẹn; cấu hình trong đó nạp được"},
    {"Files: {} new, {} other, {} that go, {} as they are",
     "Số tệp: {} mới, {} khác đi, {} bị cất đi, {} giữ nguyên"},
    {"  ... and {} more", "  ... và {} tệp nữa"},
    {"log: {}: {} on this machine, {} in the backup; the stricter one will hold: {}",
     "log: {}: trên máy này là {}, trong bản sao lưu là {}; giá trị chặt hơn sẽ có hiệu lực: {}"},
    {"Figures: hours of the log that this machine has none of are added; its own stay",
     "Số liệu: thêm những giờ mà máy này chưa có; số liệu của chính máy được giữ"},
    {"state_directory is another one: what lies in the former folder is not used any more",
     "state_directory khác đi: những gì nằm trong thư mục cũ không còn được dùng"},
    {"Not in this backup, and not on this machine: {}",
     "Không có trong bản sao lưu này, cũng không có trên máy: {}"},
    {"Make these anew (schoolgate ca create, schoolgate user add, the password's file) before the proxy is "
     "started.",
     "Hãy tạo lại chúng (schoolgate ca create, schoolgate user add, tệp mật khẩu) trước khi khởi động "
     "proxy."},
    {"Put this in the place of what is there? yes or no",
     "Đưa các tệp này vào thay tệp hiện có? yes (có) hoặc no (không)"},
    {"Nothing was changed.", "Chưa đổi gì."},
    {"nothing was changed", "chưa đổi gì"},
    {"Restored. What was there before: {}", "Đã khôi phục. Những gì có trước đó: {}"},
    {"The key of the pseudonyms in it is of another month, and is not used.",
     "Khóa bí danh trong đó là của tháng khác nên không dùng."},
    {"The proxy does not run. Next: systemctl start schoolgate, then schoolgate doctor",
     "Hiện proxy không chạy. Tiếp theo: systemctl start schoolgate, rồi schoolgate doctor"},
    {"the running proxy did not take it, and goes on with what it had; see above",
     "proxy đang chạy không nhận, và tiếp tục với cấu hình đang có; xem phía trên"},
    {"The running proxy took it. Addresses to listen on, and where the log lies, count from its next start "
     "on.",
     "Đã đưa vào proxy đang chạy. Địa chỉ lắng nghe và chỗ để nhật ký có hiệu lực từ lần khởi động sau."},
    // An end in the middle
    {"a restore was cut in the middle: some of these files are of before, some of after",
     "việc khôi phục bị ngắt giữa chừng: trong các tệp này có tệp cũ, có tệp mới"},
    {"schoolgate restore --finish", "schoolgate restore --finish"},
    {"a restore was cut in the middle: schoolgate restore --finish",
     "việc khôi phục bị ngắt giữa chừng: schoolgate restore --finish"},
    {"no restore was cut in the middle: there is nothing to finish",
     "không có việc khôi phục nào bị ngắt: không có gì để làm nốt"},
    {"Finished: all files are in place. Next: schoolgate check, then schoolgate reload or a start",
     "Xong: mọi tệp đã vào đúng chỗ. Tiếp theo: schoolgate check, rồi schoolgate reload hoặc khởi động"},
    {"{} is a link, or no folder: restore does not follow it",
     "{} là liên kết, hoặc không phải thư mục: việc khôi phục không đi theo"},
    {"{} is not this user's own", "{} không phải của chính người dùng này"},
    {"it cannot be given to the owner of its folder", "không trao được cho chủ của thư mục chứa nó"},
};

}  // namespace

std::span<const Translation> vietnamese_of_backup() noexcept {
  return said_by_backup;
}

}  // namespace schoolgate
