#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_of_tiers_shown[] = {
    // tier show
    {"has no effect: what nothing names is closed here anyway",
     "không có tác dụng: ở đây điều không gì nêu tên vốn đã bị chặn"},
    {"nothing is opened: no device of this tier is said to trust the school's certificate",
     "không kết nối nào được mở: chưa ghi thiết bị nào của cấp học này tin chứng chỉ của trường"},
    {"as the platform", "như chính nền tảng"},
    {"as their entry says", "theo mục của chúng"},
    {"connections there that are not TLS may pass (tunnel: [not_tls])",
     "kết nối tới đó không phải TLS cũng được qua (tunnel: [not_tls])"},
    {"rules on search words do not hold there (terms: off)",
     "luật về từ khóa tìm kiếm không áp dụng ở đó (terms: off)"},
    {"an AI tool, to be looked at again by {}", "công cụ AI, hẹn xem lại trước ngày {}"},
    {"bundle {}", "gói {}"},
    {"hosts, with the names below them: {}", "các máy chủ, gồm cả tên con: {}"},
    {"and these alone, which others use too: {}", "và chỉ đúng các tên này, nơi khác cũng dùng: {}"},
    {"for this lesson", "cho tiết học này"},
    {"rooms and exams", "phòng và giờ thi"},
    {"exam {}", "bài thi {}"},
    {"in {}", "ở {}"},
    {"nothing is open but: {}", "chỉ mở: {}"},
    {"who may open or block for a lesson", "ai được mở hoặc chặn cho một tiết học"},
    {"{} minutes", "{} phút"},
    {"may open: {}", "được mở: {}"},
    {"may block: {}", "được chặn: {}"},
    {"may lift the tier's own lines", "được gỡ cả dòng riêng của cấp học"},
    {"may open what no list holds", "được mở cả trang không danh sách nào có"},

    // check --watch
    {"waiting for a change; Ctrl-C ends", "đang chờ thay đổi; Ctrl-C để kết thúc"},

    // The access log, where it cannot be read or written
    {"cannot open {}: {}", "không mở được {}: {}"},
    {"cannot set the mode of {}: {}", "không đặt được quyền của {}: {}"},
    {"cannot write to {}: {}", "không ghi được vào {}: {}"},
    {"cannot use {}: {}", "không dùng được {}: {}"},
    {"there is no access log in {}", "không có nhật ký truy cập trong {}"},
    {"there are no cases in {}", "không có trường hợp nào trong {}"},
    {"a policy row was neither found nor made", "không tìm thấy và không tạo được dòng chính sách"},
    {"no code for a case was free", "không còn mã nào trống cho một trường hợp"},
    {"cannot read the key file {}: {}", "không đọc được tệp khóa {}: {}"},
    {"the key file {} can be read by others: chmod 600 it",
     "người khác đọc được tệp khóa {}: hãy chạy chmod 600 cho tệp này"},
    {"{}:{}: not a line of a month and a key", "{}:{}: không phải dòng gồm tháng và khóa"},
    {"no random bytes for a key", "không có byte ngẫu nhiên để tạo khóa"},
    {"cannot write the access log in {}: {}", "không ghi được nhật ký truy cập trong {}: {}"},
    {"the last run did not stop in order; tunnels it had open read `cut` in the access log",
     "lần chạy trước kết thúc không đúng cách; các đường hầm còn mở khi ấy ghi `cut` trong nhật ký truy cập"},
    {"the access log was damaged and has been set aside as {}",
     "nhật ký truy cập bị hỏng và đã được cất riêng thành {}"},
    {"the access log cannot be written: {}; new requests get 503 until it can",
     "không ghi được nhật ký truy cập: {}; yêu cầu mới nhận mã 503 cho đến khi ghi được"},
    {"the access log can be written again", "lại ghi được nhật ký truy cập"},
    {"rows of the access log were lost: {}", "đã mất một số dòng của nhật ký truy cập: {}"},
    {"the access log {} was moved or deleted while in use; a new one is begun",
     "nhật ký truy cập {} bị chuyển đi hoặc bị xóa trong khi đang dùng; một tệp mới được bắt đầu"},
    {"the access log could not be synced to the disk", "không đồng bộ được nhật ký truy cập xuống đĩa"},
    {"the access log could not be written before the end: {}; {} rows are lost",
     "không ghi kịp nhật ký truy cập trước khi kết thúc: {}; mất {} dòng"},
    {"there is no {} of an earlier run: retention begins with the oldest row",
     "không có {} của lần chạy trước: thời hạn lưu giữ tính từ dòng cũ nhất"},
    {"the totals of the access log cannot be written: {}; they are made up for later",
     "không ghi được số tổng của nhật ký truy cập: {}; sẽ bù lại sau"},
    {"the access log is over its size (log: max_megabytes): rows older than min_days are summed, then "
     "removed",
     "nhật ký truy cập vượt quá dung lượng (log: max_megabytes): các dòng cũ hơn min_days được gộp lại, rồi "
     "xóa"},
    {"the access log is FULL (log: max_megabytes), and nothing in it is older than min_days: what is allowed "
     "is "
     "summed from now on; make room, or raise max_megabytes",
     "nhật ký truy cập đã ĐẦY (log: max_megabytes), và không có gì cũ hơn min_days: từ nay những gì được "
     "phép chỉ ghi "
     "gộp; hãy dọn chỗ, hoặc tăng max_megabytes"},
    {"the access log has room again: each request has its row",
     "nhật ký truy cập lại có chỗ: mỗi yêu cầu có một dòng"},
    {"the access log could not be made smaller: {}", "không thu nhỏ được nhật ký truy cập: {}"},
    {"{}; old rows of the log may stay longer", "{}; các dòng cũ của nhật ký có thể được giữ lâu hơn"},
    {"old rows of the access log could not be deleted: {}",
     "không xóa được các dòng cũ của nhật ký truy cập: {}"},
    {"old totals could not be deleted: {}", "không xóa được các số tổng cũ: {}"},

    // Addresses, certificates and keys at a start
    {"no memory for a mail", "không đủ bộ nhớ cho một thư"},
    {"libcurl cannot send mail", "libcurl không gửi được thư"},
    {"the kernel gives no random bytes: {}", "nhân hệ điều hành không cho byte ngẫu nhiên: {}"},
    {"there are no descriptors left", "không còn mô tả tệp nào"},
    {"the resolver of names cannot start", "bộ phân giải tên miền không khởi động được"},
    {"the resolver of names knows no servers", "bộ phân giải tên miền không biết máy chủ nào"},
    {"the resolver of names takes none of the servers (dns_servers)",
     "bộ phân giải tên miền không nhận máy chủ nào đã ghi (dns_servers)"},
    {"descriptor {} is not a listening TCP socket", "mô tả tệp {} không phải socket đang nghe"},
    {"cannot listen on {} port {}: another process serves it already; end that one, replace it (schoolgate "
     "run "
     "--take-over), or name another address under listen:",
     "không nghe được ở {} cổng {}: một tiến trình khác đang phục vụ ở đó; hãy kết thúc nó, thay nó "
     "(schoolgate run "
     "--take-over), hoặc ghi địa chỉ khác dưới listen:"},
    {"cannot make a certificate: {}", "không tạo được chứng chỉ: {}"},
    {"{} is not a certificate: {}", "{} không phải chứng chỉ: {}"},
    {"{} is not the certificate of an authority", "{} không phải chứng chỉ của nơi cấp chứng chỉ"},
    {"{} is not a private key: {}", "{} không phải khóa riêng: {}"},
    {"{} is not the key of {}", "{} không phải khóa của {}"},
    {"{} exists: devices may trust it. A new authority (--force) has to be installed on every device again",
     "{} đã có: thiết bị có thể đang tin nó. Nơi cấp chứng chỉ mới (--force) phải được cài lại trên mọi "
     "thiết bị"},
    {"cannot write the key: {}", "không ghi được khóa: {}"},
    {"https.crl_dir: {} holds no revocation list that can be read: {}; remove it, or put the authority's "
     "list there "
     "again",
     "https.crl_dir: {} không có danh sách thu hồi nào đọc được: {}; hãy bỏ tệp đó, hoặc đặt lại danh sách "
     "của nơi "
     "cấp chứng chỉ vào đó"},
    {"https.crl_dir: cannot read the folder {}: {}; make it, readable for the proxy's user",
     "https.crl_dir: không đọc được thư mục {}: {}; hãy tạo thư mục đó, sao cho người dùng của proxy đọc "
     "được"},
    {"cannot read the system's certificate authorities: {}",
     "không đọc được các chứng chỉ gốc của hệ thống: {}"},
    {"upstream.extra_ca: {} holds no certificate that can be read: {}",
     "upstream.extra_ca: {} không có chứng chỉ nào đọc được: {}"},
    {"cannot make a key: {}", "không tạo được khóa: {}"},
};

}  // namespace

std::span<const Translation> vietnamese_of_editors() noexcept {
  return said_of_tiers_shown;
}

}  // namespace schoolgate
