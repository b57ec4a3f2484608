#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_by_inspection[] = {
    // https: inspect_only
    {"mode: inspect opens every site already, and inspect_only names a few",
     "mode: inspect đã mở mọi trang, còn inspect_only chỉ nêu vài trang"},
    {"write mode: names to open those of inspect_only alone",
     "hãy ghi mode: names để chỉ mở các trang của inspect_only"},
    {"one host, such as www.google.com, or \"*.example.vn\" for all below example.vn",
     "ghi một máy chủ, như www.google.com, hoặc \"*.example.vn\" cho mọi tên bên dưới example.vn"},
    {"write {}: the name alone, which holds every page of it",
     "hãy ghi {}: chỉ tên, là gồm mọi trang của nó"},
    {"https: {mode: names, inspect_only: [...], reason: \"decided by the school board on ...\"}",
     "https: {mode: names, inspect_only: [...], reason: \"quyết định của nhà trường ngày ...\"}"},
    {"\"{}\" would open the sites of many owners", "\"{}\" sẽ mở trang của rất nhiều chủ khác nhau"},
    {"name the hosts that are meant, one by one", "hãy nêu từng máy chủ cần mở"},
    {"{} stays closed: {}", "{} vẫn đóng kín: {}"},
    {"take it out of inspect_only", "hãy bỏ tên này khỏi inspect_only"},
    {"every site below {} is opened", "mọi trang bên dưới {} đều bị mở"},
    {"every site below {} is opened; of those known for sign-in, mail, files, meetings or money {} stay "
     "closed "
     "and {} are opened, such as {}",
     "mọi trang bên dưới {} đều bị mở; trong các trang đăng nhập, thư, tệp, họp, tiền đã biết, {} trang vẫn "
     "đóng "
     "và {} trang bị mở, như {}"},
    {"every site below {} is opened; of those known for sign-in, mail, files, meetings or money {} stay "
     "closed "
     "and none is opened",
     "mọi trang bên dưới {} đều bị mở; trong các trang đăng nhập, thư, tệp, họp, tiền đã biết, {} trang vẫn "
     "đóng, "
     "không trang nào bị mở"},
    {"a site where people sign in", "trang đăng nhập"},
    {"a site where people read mail", "trang đọc thư"},
    {"a site where people keep files", "trang giữ tệp riêng"},
    {"a site where people meet", "trang họp"},
    {"a site about people's money", "trang về tiền bạc"},
    // who: trusts_ca
    {"https connections are opened, and no line of who: says which devices trust the school's certificate: "
     "all "
     "are taken to",
     "có cấp học mở kết nối https, nhưng chưa dòng nào của who: cho biết máy nào tin chứng chỉ của trường: "
     "coi như "
     "mọi máy đều tin"},
    {"in schoolgate.yaml, at each network whose devices have it: who: - {network: ..., tier: {}, trusts_ca: "
     "true}",
     "trong schoolgate.yaml, ở mỗi mạng có máy đã cài: who: - {network: ..., tier: {}, trusts_ca: true}"},
    {"nothing is opened in this tier: none of its networks in who: says trusts_ca: true",
     "ở cấp học này không kết nối nào được mở: không mạng nào của cấp trong who: ghi trusts_ca: true"},
    {"write trusts_ca: true at the networks whose devices have the certificate, or https: names",
     "hãy ghi trusts_ca: true ở các mạng có máy đã cài chứng chỉ, hoặc ghi https: names"},
    // check
    {"tier {} opens 1 https site (inspect_only)", "cấp học {} mở 1 trang https (inspect_only)"},
    {"tier {} opens {} https sites (inspect_only)", "cấp học {} mở {} trang https (inspect_only)"},
    {"rules on search words of {}", "quy tắc về từ tìm kiếm của {}"},
    {"safe search in the address of {}", "tìm kiếm an toàn qua địa chỉ của {}"},
    {"lines with a path: {}", "dòng có đường dẫn: {}"},
    {"  awake by it: {}", "  nhờ đó được xét: {}"},
    {"  awake by it: nothing, for no device trusts the certificate",
     "  nhờ đó được xét: không có gì, vì không máy nào tin chứng chỉ"},
    {"  asleep still: {}", "  vẫn chưa được xét: {}"},
    // explain
    {"not opened: inspect_only of tier {} does not name it",
     "không mở: inspect_only của cấp học {} không nêu trang này"},
    {"not opened: who: does not say of this device's network that it trusts the certificate",
     "không mở: who: không ghi rằng mạng của máy này tin chứng chỉ"},
    {"opened: inspect_only of tier {} names it", "được mở: inspect_only của cấp học {} có nêu"},
    {"unknown_on_hosting: no line and no list names a site of {}",
     "unknown_on_hosting: không dòng hay danh sách nào nêu trang này của {}"},
    {"what the tier says of unknown sites on hosting platforms is stricter",
     "điều cấp học quy định cho trang lạ trên nền tảng lưu trữ chặt hơn"},
    // status
    {"https        {} of {} opened with the school's certificate ({}.{} %)",
     "https        mở {} trong {} bằng chứng chỉ của trường ({},{} %)"},
    {"NO TRUST     {} refused the school's certificate {} times in a row",
     "KHÔNG TIN    {} từ chối chứng chỉ của trường {} lần liền"},
    {"a device", "một máy"},
    {"NO TRUST     and {} more devices", "KHÔNG TIN    và {} máy khác"},
    // log --new, log review
    {"five or more", "từ năm máy"},
    {"fewer than five", "dưới năm máy"},
    {"not reviewed", "chưa xem lại"},
    {"no new sites", "không có trang mới"},
    {"{} stands in {}", "{} nằm trong {}"},
    {"to use it: schoolgate check, then schoolgate reload --accept-shrunk",
     "để dùng: schoolgate check, rồi schoolgate reload --accept-shrunk"},
    {"to use it: schoolgate check, then schoolgate reload",
     "để dùng: schoolgate check, rồi schoolgate reload"},
    {"{} is not of this program: give that file another name",
     "{} không do chương trình này ghi: hãy đổi tên tệp đó"},
    {"unknown category \"{}\"; {}", "không có nhóm \"{}\"; {}"},
};

}  // namespace

std::span<const Translation> vietnamese_of_inspection() noexcept {
  return said_by_inspection;
}

}  // namespace schoolgate
