#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_of_history[] = {
    // What commands changed, laid over the files
    {"what commands changed of the configuration cannot be used: {}",
     "không dùng được những gì các lệnh đã đổi trong cấu hình: {}"},
    {"schoolgate policy rollback lays it anew; to go on without it, move the folder {} away",
     "schoolgate policy rollback đặt lại phần này; muốn chạy không có nó thì chuyển thư mục {} đi nơi khác"},
    {"whether commands changed the configuration cannot be seen by this user",
     "người dùng này không xem được các lệnh có đổi cấu hình hay không"},
    {"look as root", "hãy xem bằng quyền root"},
    {"this file has changed, and does not rule: {} took it out of the policy",
     "tệp này đã thay đổi nhưng không có hiệu lực: {} đã bỏ nó khỏi chính sách"},
    {"to let it rule: {}", "muốn tệp có hiệu lực: {}"},
    {"this file has changed, and the change does not rule: {} lies over it, by {}",
     "tệp này đã thay đổi nhưng phần thay đổi không có hiệu lực: {} nằm đè lên nó, do {}"},
    {"to let the file rule: {}; or write the change into the other one's text and bring it back: schoolgate "
     "policy export",
     "muốn tệp có hiệu lực: {}; hoặc ghi phần thay đổi vào nội dung kia rồi đưa về: schoolgate policy "
     "export"},
    {"commands changed the policy, and their text rules in place of the file's: {}",
     "các lệnh đã đổi chính sách, nội dung của chúng có hiệu lực thay cho tệp: {}"},
    {"schoolgate policy export brings it back into the folder of the configuration",
     "schoolgate policy export đưa nội dung đó về thư mục cấu hình"},
    {"{} is not as this program writes it", "{} không đúng dạng mà chương trình này ghi"},
    {"others may write into it: chmod go-w", "người dùng khác ghi được vào thư mục này: chmod go-w"},
    {"the text of {}: {}", "nội dung của {}: {}"},
    {"{}:{}: {}", "{}:{}: {}"},
    {"nothing is laid over {}", "không có gì nằm đè lên {}"},
    {"\"{}\" is no name of a file of the configuration", "\"{}\" không phải tên một tệp của cấu hình"},
    // Changes
    {"{} lies beyond the folder of the configuration, and was another then: put it back by hand",
     "{} nằm ngoài thư mục cấu hình và lúc đó có nội dung khác: hãy tự đặt lại tệp này"},
    {"there would be no tier \"{}\" any more", "sẽ không còn cấp học \"{}\" nữa"},
    {"\"{}\" would no longer be locked in tier \"{}\"", "nhóm \"{}\" sẽ không còn khóa ở cấp học \"{}\""},
    {"the main file would be another", "tệp chính sẽ khác đi"},
    {"the file of locks would be another", "tệp các mục khóa sẽ khác đi"},
    {"the floor would be another", "mức sàn sẽ khác đi"},
    {"the delegation would be another", "phần giao quyền sẽ khác đi"},
    {"state_directory would be another: what commands changed lies in it",
     "state_directory sẽ khác đi: những gì các lệnh đã đổi nằm trong đó"},
    {"what would rule is not what was accepted then",
     "chính sách có hiệu lực sẽ không đúng như chính sách đã được chấp nhận lúc đó"},
    {"only the admin may do that: {}", "chỉ quản trị viên được làm việc này: {}"},
    {"as root: sudo", "dùng quyền root: sudo"},
    {"there is no accepted policy {}", "không có chính sách số {} trong các chính sách đã chấp nhận"},
    {"schoolgate policy history", "schoolgate policy history"},
    // status
    {"laid over    {}, by {}, {}; THE FILE BELOW HAS CHANGED, and that change does not rule",
     "nằm đè lên       {}, do {}, {}; TỆP BÊN DƯỚI ĐÃ THAY ĐỔI, và phần thay đổi đó không có hiệu lực"},
    {"laid over    {}, by {}, {}", "nằm đè lên       {}, do {}, {}"},
    // schoolgate policy
    {"the first one that is kept", "bản đầu tiên còn lưu"},
    {"the lists alone", "chỉ danh sách thay đổi"},
    {"no accepted policy is kept", "chưa lưu chính sách nào đã chấp nhận"},
    {"{}: {} lines went, {} came", "{}: bỏ {} dòng, thêm {} dòng"},
    {"{}: new, {} lines", "{}: tệp mới, {} dòng"},
    {"{}: gone, {} lines", "{}: không còn, trước có {} dòng"},
    {"  its lines are not shown", "  không cho xem các dòng của tệp này"},
    {"the texts are the same", "nội dung như nhau"},
    {"{} is not the installed main file; --state DIR says where its policies are kept",
     "{} không phải tệp chính đã cài đặt; --state DIR cho biết các chính sách của nó lưu ở đâu"},
    {"accepted policies may be read by root and by the proxy's user alone",
     "chỉ root và người dùng của proxy đọc được các chính sách đã chấp nhận"},
    {"cannot rename {}: {}", "không đổi tên được {}: {}"},
    {"put aside: {}", "đã cất riêng: {}"},
    {"what commands changed may be read by root alone", "chỉ root đọc được những gì các lệnh đã đổi"},
    {"no command changed anything: the files are as they rule",
     "không lệnh nào thay đổi gì: các tệp đang có hiệu lực đúng như nội dung của chúng"},
    {"not part of the policy: {}", "không thuộc chính sách: {}"},
    {"now: schoolgate reload", "tiếp theo: schoolgate reload"},
    // expect.yaml and pins
    {"the file of what must work", "tệp các trang phải dùng được"},
    {"an entry of must_work", "một mục của must_work"},
    {"the file of pins", "tệp các phép thử đã ghim"},
    {"a pin", "một phép thử đã ghim"},
    {"\"{}\" is no site by its name", "\"{}\" không phải tên một trang web"},
    {"a name alone, as in olm.vn", "chỉ ghi tên trang, như olm.vn"},
    {"more than {} entries", "quá {} mục"},
    {"{} must work, and tier \"{}\" closes it", "{} phải dùng được, nhưng cấp học \"{}\" chặn trang này"},
    {"{} must work, and tier \"{}\" closes it ({})",
     "{} phải dùng được, nhưng cấp học \"{}\" chặn trang này ({})"},
    {"take that line or entry out; or if it is meant, take {0} out of this file, or say with tiers: where it "
     "must work",
     "hãy bỏ dòng hoặc mục đó; nếu cố ý chặn thì bỏ {0} khỏi tệp này, hoặc dùng tiers: để ghi rõ trang phải "
     "dùng được ở đâu"},
    {"sites that must work stand in expect.yaml now", "các trang phải dùng được nay ghi trong expect.yaml"},
    {"move them there", "hãy chuyển chúng sang tệp đó"},
    {"{} is not pinned in tier \"{}\"", "{} chưa được ghim ở cấp học \"{}\""},
    {"no longer pinned: {} in tier \"{}\"", "đã bỏ ghim: {} ở cấp học \"{}\""},
    {"\"{}\" is no moment", "\"{}\" không phải một thời điểm"},
    {"pinned: {} in tier \"{}\" is {} from now on", "đã ghim: {} ở cấp học \"{}\" từ nay phải là {}"},
    {"the row says {}, and of {}, as far as the log knows the address, the policy says {} now",
     "dòng nhật ký ghi {}, còn với {}, phần địa chỉ mà nhật ký biết, chính sách bây giờ cho kết quả {}"},
    {"pin the whole address: schoolgate pin URL", "hãy ghim cả địa chỉ: schoolgate pin URL"},
    {"no page was decided under the code {}", "không có trang nào được xét với mã {}"},
    {"\"{}\" is neither the code on a page, as in 7KQ2-M4XH, nor an address, as in olm.vn",
     "\"{}\" không phải là mã trên trang chặn (như 7KQ2-M4XH), cũng không phải là địa chỉ (như olm.vn)"},
    {"--why is needed: the reason, for colleagues and the log",
     "cần có --why: lý do, cho đồng nghiệp và nhật ký"},
    // plan
    {"{}    were never judged", "{}    chưa từng được xét"},
    {"{}    somebody had opened or blocked for a lesson",
     "{}    lúc đó có người mở hoặc chặn tạm cho tiết học"},
    {"{}    are of tiers that there would be no more", "{}    thuộc cấp học sẽ không còn"},
    {"{}    were decided by words searched for, or by how a connection began",
     "{}    được xét theo từ tìm kiếm, hoặc theo cách kết nối bắt đầu"},
    {"{}    would be decided by the whole address", "{}    sẽ được xét theo cả địa chỉ"},
    {"{} requests would be decided alike", "{} yêu cầu sẽ có kết quả như cũ"},
    {"{} would be decided otherwise", "{} sẽ có kết quả khác"},
    {"{} of which the log does not say enough", "{} nhật ký không đủ thông tin để biết"},
    {"   requests    clients  tier        was -> would be  site",
     "       lượt   thiết bị  cấp học     cũ -> mới        trang"},
    {"(sites of fewer than five clients each)", "(các trang có ít hơn năm thiết bị mỗi trang)"},
    {"and {} groups more: --limit 0", "và {} dòng nữa: --limit 0"},
    {"replaying the log", "đang xét lại nhật ký"},
};

}  // namespace

std::span<const Translation> vietnamese_of_history() noexcept {
  return said_of_history;
}

}  // namespace schoolgate
