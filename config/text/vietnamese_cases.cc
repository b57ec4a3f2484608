#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_by_cases[] = {
    // schoolgate cases
    {"No case is open.", "Không có trường hợp nào đang chờ."},
    {"There are no cases.", "Chưa có trường hợp nào."},
    {"new", "mới"},
    {"seen", "đã xem"},
    {"handled", "đã xử lý"},
    {"passed on", "đã chuyển"},
    {"false alarm", "báo nhầm"},
    {"not shown: that it was asked could not be written to the safeguarding log (see `schoolgate status`)",
     "không cho xem: chưa ghi được vào nhật ký an toàn học sinh là có người hỏi (xem `schoolgate status`)"},
    {"Of a device, not of a person: who sat there is for people to find out.",
     "Đây là một thiết bị, không phải một người: ai đã ngồi ở đó thì phải hỏi người."},
    {"Many people use this address: later alerts may be of somebody else.",
     "Nhiều người dùng chung địa chỉ này: cảnh báo sau có thể là của người khác."},
    {"told by {}", "đã báo qua {}"},
    {"not told by {}: {}", "chưa báo được qua {}: {}"},
    {"Whose address that is: schoolgate log --reveal {} --why \"...\"",
     "Muốn biết đó là địa chỉ nào: schoolgate log --reveal {} --why \"...\""},
    {"So that it does not ring again: add the words that it was about under unless: at {} (help stays, the "
     "alert "
     "goes), then schoolgate check",
     "Để không báo lại: thêm các từ ngữ của bài học, tác phẩm đó vào unless: ở {} (vẫn giúp đỡ, chỉ thôi "
     "báo), rồi "
     "chạy schoolgate check"},
    {"So that it does not ring again: {} names {}; if that is wrong, open it with allow: and why: in "
     "locked.yaml, then "
     "schoolgate check",
     "Để không báo lại: {} nêu tên {}; nếu nêu sai thì mở trang đó bằng allow: và why: trong locked.yaml, "
     "rồi chạy "
     "schoolgate check"},
    {"there is no case \"{}\"; schoolgate cases list --all shows which there are",
     "không có trường hợp \"{}\"; schoolgate cases list --all cho biết có những trường hợp nào"},
    {"\"{}\" is not a case such as CA-7K3Q2F9A", "\"{}\" không phải là mã trường hợp, ví dụ CA-7K3Q2F9A"},
    {"--note is longer than {} bytes", "--note dài quá {} byte"},
    {"only root and members of the group {} may ask this",
     "chỉ root và thành viên nhóm {} được hỏi điều này"},
    // how they are told
    {"Cases to look at: {}", "Trường hợp cần xem: {}"},
    {"On the machine of Schoolgate: schoolgate cases show {}",
     "Trên máy chạy Schoolgate: schoolgate cases show {}"},
    {"the safeguarding lead could not be told by {}: {}; it is tried again",
     "chưa báo được cho người phụ trách an toàn học sinh qua {}: {}; sẽ thử lại"},
    {"ALERTS       the safeguarding lead is NOT told: {}",
     "CẢNH BÁO     CHƯA báo được cho người phụ trách an toàn học sinh: {}"},
    {"it did not end within {} seconds", "chương trình không kết thúc trong {} giây"},
    {"it ended with exit code {}", "chương trình kết thúc với mã {}"},
    {"it was ended by signal {}", "chương trình bị dừng bởi tín hiệu {}"},
    {"the password cannot be read: {}", "không đọc được mật khẩu: {}"},
    {"others than the proxy's user can read this password",
     "người khác ngoài người dùng chạy proxy đọc được mật khẩu này"},
    {"the file of the password is empty or longer than {} bytes", "tệp mật khẩu trống hoặc dài quá {} byte"},
    // the key alerts:
    {"alerts: mail", "alerts: mail"},
    {"\"{}\" is not a mail address", "\"{}\" không phải là một địa chỉ thư điện tử"},
    {"for example an-toan@truong.edu.vn", "ví dụ an-toan@truong.edu.vn"},
    {"a file with the password alone, 0600, of the user that runs the proxy",
     "một tệp chỉ có mật khẩu, quyền 0600, của người dùng chạy proxy"},
    {"chmod 600 {}", "chmod 600 {}"},
    {"\"{}\" is not the name of a mail server", "\"{}\" không phải là tên máy chủ thư"},
    {"the name alone, for example smtp.truong.edu.vn; its port has a key of its own",
     "chỉ ghi tên, ví dụ smtp.truong.edu.vn; cổng ghi ở khóa riêng"},
    {"\"{}\" is not a program that can be run", "\"{}\" không phải là chương trình chạy được"},
    {"its whole path, and its arguments: [/usr/local/bin/ring, --door]; no shell reads it",
     "ghi cả đường dẫn và các tham số: [/usr/local/bin/ring, --door]; không qua trình lệnh nào"},
    {"\"{}\" is not a time of the day", "\"{}\" không phải là một giờ trong ngày"},
    {"for example \"15:30\"", "ví dụ \"15:30\""},
};

}  // namespace

std::span<const Translation> vietnamese_of_cases() noexcept {
  return said_by_cases;
}

}  // namespace schoolgate
