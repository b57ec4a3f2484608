#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_by_overrides[] = {
    // delegation.yaml
    {"the file of delegations", "tệp giao quyền"},
    {"an entry of teachers", "một mục của teachers"},
    {"\"{}\" cannot be an account of this system", "\"{}\" không thể là tài khoản trên máy này"},
    {"write the name with which the teacher logs in, as `id NAME` knows it",
     "hãy ghi đúng tên mà thầy cô dùng để đăng nhập vào máy này"},
    {"root is the admin, who needs no delegation", "root là quản trị viên, không cần được giao quyền"},
    {"take this entry out", "hãy bỏ mục này"},
    {"\"{}\" has an entry already", "\"{}\" đã có một mục rồi"},
    {"make one entry of both", "hãy gộp hai mục làm một"},
    {"in tier \"{}\" nobody can open \"{}\" for a lesson: its may_override does not name it",
     "ở cấp học \"{}\" không ai mở tạm được nhóm \"{}\": may_override của cấp học đó không nêu nhóm này"},
    {"add it to may_override there, or take it out here",
     "hãy thêm nhóm vào may_override ở đó, hoặc bỏ nhóm ở đây"},
    // Who may do what
    {"\"{}\" is locked in tier \"{}\": nobody opens or changes it for a lesson",
     "nhóm \"{}\" đã khóa ở cấp học \"{}\": không ai mở hay đổi tạm được"},
    {"\"{}\" is there to help pupils: it is not changed for a lesson",
     "nhóm \"{}\" dùng để giúp học sinh: không đổi tạm được"},
    {"\"{}\" is not among the categories that you may block",
     "thầy cô không được giao quyền chặn nhóm \"{}\""},
    {"\"{}\" is not among the categories that you may open", "thầy cô không được giao quyền mở nhóm \"{}\""},
    {"in tier \"{1}\" nobody may open \"{0}\" for a lesson",
     "ở cấp học \"{1}\" không ai mở tạm được nhóm \"{0}\""},
    {"there is no category \"{}\"", "không có nhóm \"{}\""},
    {"delegation.yaml gives \"{}\" nothing to do in tier \"{}\"",
     "delegation.yaml không giao gì cho \"{}\" ở cấp học \"{}\""},
    {"delegation.yaml gives the account \"{}\" nothing to do",
     "delegation.yaml không giao gì cho tài khoản \"{}\""},
    {"an unknown tier or category is delegated to \"{}\"",
     "cấp học hoặc nhóm được giao cho \"{}\" không có trong chính sách"},
    {"minutes out of bounds are delegated to \"{}\"", "số phút giao cho \"{}\" nằm ngoài giới hạn"},
    {"override {} fits no policy", "lệnh tạm số {} không hợp với chính sách nào"},
    // In an explanation
    {"override {} of {} until {}: allow {} ({})", "lệnh tạm số {} của {} đến {}: mở {} ({})"},
    {"override {} of {} until {}: block {} ({})", "lệnh tạm số {} của {} đến {}: chặn {} ({})"},
    {"its author may not lift all that closes this site",
     "người ra lệnh không được bỏ hết những gì đang chặn trang này"},
    {"it lifts no rule on words, opens no page within a wrapper, and is not needed for what is open",
     "lệnh này không bỏ quy tắc về từ ngữ, không mở trang nằm trong trang trung gian, và không cần cho trang "
     "đang "
     "mở"},
    {"a more specific override wins, then a block", "lệnh tạm cụ thể hơn thắng, sau đó là lệnh chặn"},
    // Sites
    {"\"{}\" is no site", "\"{}\" không phải là một trang"},
    {"\"{}\" is no site: {}", "\"{}\" không phải là một trang: {}"},
    {"\"{}\" is a network: name a site, as in zalo.me",
     "\"{}\" là một mạng: hãy ghi tên trang, ví dụ zalo.me"},
    {"\"{}\" is an address: name a site, as in zalo.me",
     "\"{}\" là địa chỉ IP: hãy ghi tên trang, ví dụ zalo.me"},
    {"\"{}\" is no site that can be opened or blocked for a lesson",
     "không mở hay chặn tạm được trang \"{}\""},
    {"\"{}\" is neither a category nor a site: name one, as in zalo.me",
     "\"{}\" không phải là nhóm, cũng không phải là trang: hãy ghi đủ tên, ví dụ zalo.me"},
    {"\"{}\" is a pattern: name one site, as in zalo.me",
     "\"{}\" là mẫu tên: hãy ghi tên một trang, ví dụ zalo.me"},
    {"\"{}\" is a pattern: write {}, which means every name below it too",
     "\"{}\" là mẫu tên: hãy ghi {}, tên này gồm cả mọi trang con của nó"},
    {"\"{0}\" is neither a category nor a site, but a bundle: write bundle:{0}",
     "\"{0}\" không phải là nhóm hay trang mà là gói trang: hãy ghi bundle:{0}"},
    {"\"{}\" is neither a category nor a site; {}",
     "\"{}\" không phải là nhóm, cũng không phải là trang; {}"},
    {"\"{}\" is the ending of many sites: name one of them",
     "\"{}\" là phần đuôi chung của nhiều trang: hãy ghi một trang"},
    {"of https pages of {0} only the name is seen in tier \"{1}\", so all of {0} would be meant: write {0} "
     "if that is "
     "wanted",
     "với trang https của {0}, cấp học \"{1}\" chỉ thấy tên trang nên sẽ áp dụng cho toàn bộ {0}: nếu đúng ý "
     "thì "
     "hãy ghi {0}"},
    {"{} is locked in tier \"{}\", and nobody opens it for a lesson: {}",
     "{} đã khóa ở cấp học \"{}\", không ai mở tạm được: {}"},
    {"no list knows {}, and your account may not open what is unknown in tier \"{}\"",
     "không danh sách nào có {}, và tài khoản của thầy cô không được mở trang chưa rõ ở cấp học \"{}\""},
    {"your account may not lift all that closes {} in tier \"{}\": {}",
     "tài khoản của thầy cô không được bỏ hết những gì đang chặn {} ở cấp học \"{}\": {}"},
    {"{} stays as it is in tier \"{}\": {}", "{} vẫn như cũ ở cấp học \"{}\": {}"},
    // When it ends
    {"\"{}\" is no time; write it as 45m or 1h30m",
     "\"{}\" không phải là thời gian; hãy ghi như 45m hoặc 1h30m"},
    {"\"{}\" is no time of the day; write it as 11:30", "\"{}\" không phải là giờ; hãy ghi như 11:30"},
    {"it is {} already: an override ends today, later than now",
     "bây giờ đã là {}: hãy ghi một giờ muộn hơn trong hôm nay"},
    {"the clocks change until {}: write how long instead, as in 45m",
     "đồng hồ đổi giờ trước {}: hãy ghi thời gian kéo dài, ví dụ 45m"},
    {"that is longer than the {} minutes that you may open or block for",
     "lâu hơn {} phút mà thầy cô được mở hoặc chặn"},
    // What is answered
    {"{} is open in tier \"{}\" until {}; to end it before: schoolgate overrides revoke {}",
     "{} được mở ở cấp học \"{}\" đến {}; muốn kết thúc sớm: schoolgate overrides revoke {}"},
    {"{} is blocked in tier \"{}\" until {}; to end it before: schoolgate overrides revoke {}",
     "{} bị chặn ở cấp học \"{}\" đến {}; muốn kết thúc sớm: schoolgate overrides revoke {}"},
    {"{} overrides are in force: end one of them first", "đang có {} lệnh tạm: hãy kết thúc bớt một lệnh"},
    {"the name or the reason is too long", "tên hoặc lý do quá dài"},
    {"not done: {}", "chưa làm được: {}"},
    {"no override is in force", "không có gì đang mở hay chặn tạm"},
    {"no override {} is in force", "không có lệnh tạm số {}"},
    {"override {} has ended", "lệnh tạm số {} đã kết thúc"},
    {"override {} has ended, but a restart would bring it back: {}",
     "lệnh tạm số {} đã kết thúc, nhưng sẽ trở lại nếu bộ lọc khởi động lại: {}"},
    {"override {} is another's: only who made it, or the admin, may end it",
     "lệnh tạm số {} là của người khác: chỉ người đó hoặc quản trị viên được kết thúc"},
    {"the proxy is ending", "bộ lọc đang dừng"},
    {"the proxy does not understand this question", "bộ lọc không hiểu yêu cầu này"},
    {"a name or reason is too long, or holds characters that cannot be seen",
     "tên hoặc lý do quá dài, hoặc có ký tự không nhìn thấy"},
    {"without what is opened or blocked for this lesson, for {} cannot be read; --running asks the proxy "
     "itself",
     "chưa tính những gì đang mở hay chặn tạm vì không đọc được {}; thêm --running để hỏi thẳng bộ lọc"},
    // At a start
    {"no override is in force: {} cannot be read: {}",
     "không có gì đang mở hay chặn tạm: không đọc được {}: {}"},
    {"no override is in force: {} is damaged", "không có gì đang mở hay chặn tạm: tệp {} bị hỏng"},
    {"schoolgate allow and block cannot be asked: {}", "chưa dùng được schoolgate allow và block: {}"},
    {"only root can ask schoolgate allow and block: {} cannot be given to the group {}: {}",
     "chỉ root dùng được schoolgate allow và block: không giao được {} cho nhóm {}: {}"},
};

}  // namespace

std::span<const Translation> vietnamese_of_overrides() noexcept {
  return said_by_overrides;
}

}  // namespace schoolgate
