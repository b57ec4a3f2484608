#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_of_seals[] = {
    // the proxy, of sealing
    {"the access log cannot be sealed: {}; it is written all the same, and tried again",
     "không niêm phong được nhật ký truy cập: {}; nhật ký vẫn được ghi, và sẽ thử lại"},
    {"the access log is sealed again", "nhật ký truy cập lại được niêm phong"},
    {"it waits until the log can be sealed again", "phải đợi đến khi lại niêm phong được nhật ký"},
    {"the log is sealed by a new key, {}: the one before, {}, is gone",
     "nhật ký được niêm phong bằng khóa mới, {}: khóa trước đó, {}, không còn"},
    {"the seals of the access log were damaged and have been set aside as {}",
     "các niêm phong của nhật ký truy cập bị hỏng và đã được để riêng thành {}"},
    {"             NOT SEALED: {}; rows are written, and sealed later",
     "             CHƯA NIÊM PHONG: {}; các dòng vẫn được ghi, và được niêm phong sau"},
    {"The log cannot be sealed: {}", "Không niêm phong được nhật ký: {}"},
    {"the log cannot be sealed: {}", "không niêm phong được nhật ký: {}"},
    {"make room, or mend seal.key in the log's folder: its user's alone, mode 0600",
     "hãy giải phóng chỗ trống, hoặc sửa seal.key trong thư mục nhật ký: chỉ người dùng của nó được đọc, "
     "quyền 0600"},
    {"{}: not a line of 16 and of 64 hex digits",
     "{}: không phải một dòng gồm 16 rồi 64 chữ số thập lục phân"},
    {"{} holds no key of Ed25519", "{} không chứa khóa Ed25519"},
    {"this is not a public key of minisign", "đây không phải một khóa công khai của minisign"},
    {"line {} is not of a seal", "dòng {} không phải của một niêm phong"},
    {"the text is not as a seal's is written", "nội dung không được viết như một niêm phong"},
    {"the seal could not be signed", "không ký được niêm phong"},
    // backup --list
    {"seals of the log, and their key: never, each machine has its own",
     "niêm phong của nhật ký và khóa của chúng: không bao giờ, mỗi máy có khóa riêng"},
    // at the foot of a report
    {"The last seal of the log is number {}: {}. Keep this page: `schoolgate log verify --seal` with these "
     "digits says later whether the log still has it.",
     "Niêm phong cuối của nhật ký là số {}: {}. Hãy giữ trang này: `schoolgate log verify --seal` cùng các "
     "chữ "
     "số ấy sẽ cho biết sau này nhật ký còn niêm phong đó không."},
    // the mail of a seal
    {"The log of {} is sealed up to number {}, of {}.",
     "Nhật ký của {} đã được niêm phong đến số {}, lúc {}."},
    {"key: {}", "khóa: {}"},
    {"Keep this mail where nobody of that machine can change it. `schoolgate log verify --seal` with the "
     "digest says later whether the log still has this seal.",
     "Hãy giữ thư này ở nơi không ai của máy đó sửa được. Sau này `schoolgate log verify --seal` cùng mã băm "
     "cho biết nhật ký còn niêm phong này không."},
    {"the last seal of the log could not be mailed: {}; it is tried again",
     "không gửi được niêm phong cuối của nhật ký qua thư: {}; sẽ thử lại"},
    {"SEALS        the last seal is NOT mailed: {}",
     "NIÊM PHONG   niêm phong cuối CHƯA gửi được qua thư: {}"},

    // schoolgate log verify, log seal
    {"ordinary log", "nhật ký thường"},
    {"safeguarding log", "nhật ký an toàn học sinh"},
    {"The log is whole.", "Nhật ký còn nguyên vẹn."},
    {"The log is NOT as it was sealed.", "Nhật ký KHÔNG còn như lúc niêm phong."},
    {"{}: this user may not read it, and it was not looked at",
     "{}: người dùng này không có quyền đọc, nên chưa được xem"},
    {"{}: there are no seals", "{}: chưa có niêm phong nào"},
    {"{}: {} seals, and {} rows as they were sealed; the last is number {}, of {}",
     "{}: {} niêm phong, và {} dòng còn như lúc niêm phong; cái cuối là số {}, lúc {}"},
    {"{} (seals {} to {})", "{} (niêm phong {} đến {})"},
    {"{} (seals {} to {}, {} to {})", "{} (niêm phong {} đến {}, từ {} đến {})"},
    {"rows", "dòng"},
    {"events", "sự kiện"},
    {"ends of tunnels", "dòng kết thúc kết nối"},
    {"rows of the table {}", "dòng của bảng {}"},
    {"older than {} days", "cũ hơn {} ngày"},
    {"SEALS MISSING: {}, numbers {} to {}", "THIẾU NIÊM PHONG: {}, số {} đến {}"},
    {"SEALS MISSING: {} was sealed, and its seals are gone",
     "THIẾU NIÊM PHONG: {} đã được niêm phong, nay các niêm phong không còn"},
    {"SEALS MISSING at the end: {} rows of {} should have been sealed and are not",
     "THIẾU NIÊM PHONG ở cuối: {} dòng của {} lẽ ra đã được niêm phong mà chưa có"},
    {"INDEX CHANGED: questions to {} would pass over rows: spans {} of the table row_span",
     "BẢNG TRA BỊ SỬA: khi hỏi {} sẽ có dòng bị bỏ sót: các khoảng {} của bảng row_span"},
    {"CHANGED: {} in {} are not as they were sealed, among the ids {} to {}",
     "BỊ SỬA: {} trong {} không còn như lúc niêm phong, trong khoảng số {} đến {}"},
    {"MISSING: {} {} in {} are gone, and no rule removed them",
     "BỊ MẤT: {} {} trong {} không còn, và không quy tắc nào xóa chúng"},
    {"MISSING: {} {} in {} are gone, and no rule removed them: ids {}",
     "BỊ MẤT: {} {} trong {} không còn, và không quy tắc nào xóa chúng: số {}"},
    {"ADDED: {} {} in {} that the proxy did not write", "BỊ THÊM: {} {} trong {} không do proxy ghi"},
    {"MISSING: the file {} is gone, or another one stands in its place; it held {} rows",
     "BỊ MẤT: tệp {} không còn, hoặc một tệp khác nằm ở chỗ của nó; trong đó đã có {} dòng"},
    {"SEAL CHANGED: {}, numbers {} to {} are not what was signed, or not in their place",
     "NIÊM PHONG BỊ SỬA: {}, số {} đến {} không còn như lúc ký, hoặc không ở đúng chỗ"},
    {"KEY CHANGED: {}, seals {} to {} were signed by the key {}, which is not the one to verify by",
     "KHÓA BỊ ĐỔI: {}, niêm phong {} đến {} được ký bằng khóa {}, không phải khóa dùng để kiểm tra"},
    {"NOT IN THE CHAIN: no seal of this log is {}",
     "KHÔNG CÓ TRONG CHUỖI: không niêm phong nào của nhật ký này là {}"},
    {"UNREADABLE: {}: {}", "KHÔNG ĐỌC ĐƯỢC: {}: {}"},
    {"deleted by rule: {} rows of {}: {}", "đã xóa theo quy tắc: {} dòng của {}: {}"},
    {"summed or removed by rule: of {} there are {} rows left: {}",
     "đã gộp hoặc xóa theo quy tắc: trong {} còn {} dòng: {}"},
    {"not sealed yet: {} {} of {}", "chưa niêm phong: {} {} của {}"},
    {"from before sealing began: {} rows of {}", "có từ trước khi bắt đầu niêm phong: {} dòng của {}"},
    {"\"{}\" is not the digest of a seal, nor its first {} digits or more",
     "\"{}\" không phải mã băm của một niêm phong, cũng không phải {} chữ số đầu trở lên của nó"},
    {"{} is not a public key of minisign", "{} không phải một khóa công khai của minisign"},
    {"there is no key in {}: the log was never sealed",
     "trong {} không có khóa: nhật ký chưa bao giờ được niêm phong"},
    {"{}: the last seal is number {}, of {}", "{}: niêm phong cuối là số {}, lúc {}"},
    {"digest: {}", "mã băm: {}"},
    {"there is no seal in {} that this user may read",
     "trong {} không có niêm phong nào mà người dùng này được đọc"},
};

}  // namespace

std::span<const Translation> vietnamese_of_seals() noexcept {
  return said_of_seals;
}

}  // namespace schoolgate
