#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_by_wishes[] = {
    {"{} cannot be written", "không ghi được {}"},
    {"waits for an answer", "đang chờ trả lời"},
    {"opened by a line", "đã mở bằng một dòng của cấp học"},
    {"opened for a lesson", "đã mở tạm"},
    {"not opened", "không mở"},
    {"never answered", "không ai trả lời"},
    {"needed for a lesson", "cần cho bài học"},
    {"to learn something", "để tìm hiểu kiến thức"},
    {"a school's or public service", "trang của trường, cơ quan nhà nước"},
    {"not of this category", "không thuộc nhóm này"},
    {"part of an open page", "một phần của trang được mở"},
    {"another reason", "lý do khác"},
    {"blocked by {}", "bị chặn bởi {}"},
    {"{} at {}: {}", "{}, {}: {}"},
    {"a line of the tier does not open {}: {}", "một dòng của cấp học không mở được {}: {}"},
    {"No report of a wrong block waits.", "Không có lời báo chặn nhầm nào đang chờ."},
    {"there is no report \"{}\"", "không có lời báo \"{}\""},
    {"{} was answered already", "{} đã được trả lời rồi"},
    {"the answer is not written yet: see schoolgate status",
     "chưa ghi được câu trả lời: xem schoolgate status"},
    {"no report of a wrong block is taken: {}", "không nhận được lời báo chặn nhầm: {}"},
    {"{} stays closed, and who asks is told why", "{} vẫn đóng, và người hỏi được biết vì sao"},
    {"{} is of tier \"{}\"", "{} thuộc cấp học \"{}\""},
    {"delegation.yaml does not let \"{}\" open {} for good in tier \"{}\"; for a lesson: --for 45m",
     "delegation.yaml không cho \"{}\" mở hẳn {} ở cấp học \"{}\"; mở tạm cho một tiết: --for 45m"},
    {"{} is open in tier \"{}\" from now on", "từ nay {} mở ở cấp học \"{}\""},
    {"but not kept: {}", "nhưng chưa lưu được: {}"},
    {"the tiers' files cannot be read", "không đọc được các tệp cấp học"},
    {"the tier's file cannot be read", "không đọc được tệp của cấp học"},
    {"no line can be put under allow: of the tier's file",
     "không thêm được dòng nào dưới allow: của tệp cấp học"},
    {"the policy with this line was refused", "chính sách có dòng này không được nhận"},
    {"\"{}\" is not a report such as BN-7K3Q2F9A", "\"{}\" không phải là mã lời báo, ví dụ BN-7K3Q2F9A"},
    // the page
    {"Wrong blocks", "Báo chặn nhầm"},
    {"Answer {}", "Trả lời {}"},
    {"open for a lesson", "mở tạm cho một tiết"},
    {"open for good", "mở hẳn"},
    {"leave it closed", "không mở"},
    {"Why: where it stays closed, who asks is told", "Vì sao: nếu không mở thì người hỏi được biết"},
    {"Reasons", "Lý do"},
    // the admin's report
    {"Reports of wrong blocks", "Lời báo chặn nhầm"},
    {"Reported", "Số lời báo"},
    {"Answered", "Đã trả lời"},
    {"Found right", "Báo đúng"},
    {"of no list", "không theo danh sách nào"},
    {"all together", "tất cả"},
    {"Half of the answers came within {}.", "Một nửa số câu trả lời đến trong vòng {}."},
    {"How often a list was found wrong by those who answered. A list with fewer than five reports has no "
     "figures of its own.",
     "Người trả lời thấy mỗi danh sách chặn nhầm bao nhiêu lần. Danh sách có dưới năm lời báo không có số "
     "riêng."},
    {"No list has five reports of a wrong block, so none has figures.",
     "Không danh sách nào có đến năm lời báo chặn nhầm, nên không có số."},
};

}  // namespace

std::span<const Translation> vietnamese_of_wishes() noexcept {
  return said_by_wishes;
}

}  // namespace schoolgate
