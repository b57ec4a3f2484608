#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation said_of_lookalikes[] = {
    // Reading
    {"one host a line, as in zalo.me", "mỗi dòng một tên trang, ví dụ zalo.me"},
    {"learning from names", "đang học từ tên trang"},
    {"lookalikes does nothing in a tier whose default is block",
     "lookalikes không có tác dụng ở cấp học có default là block"},
    {"too few names are known to close sites by their names alone: look-alikes are recorded only, of: {}",
     "chưa đủ tên để chặn trang chỉ vì tên giống: trang có tên giống chỉ được ghi lại, với nhóm: {}"},
    {"it takes {} entries of the category and {} of categories that say `names: benign`",
     "cần {} dòng của nhóm và {} dòng của các nhóm có `names: benign`"},
    {"Too few names to learn look-alikes from, of: {} (it takes {} entries, and {} of ordinary sites).",
     "Chưa đủ tên để nhận ra trang có tên giống nhóm: {} (cần {} dòng, và {} dòng của trang bình thường)."},
    {"by what its names teach, {} of last week's hosts look otherwise than before ({}, ...)",
     "theo những gì học được từ tên trong danh sách này, {} trang của tuần trước bị xét khác trước ({}, "
     "...)"},
    {"what the names of lists teach now would judge many sites of last week otherwise: the former "
     "look-alikes go on",
     "những gì học được từ tên trong danh sách bây giờ sẽ xét khác đi nhiều trang của tuần trước: bản học "
     "trước "
     "vẫn được dùng"},
    {"look at schoolgate lists lookalikes and at the lists; to take it: schoolgate reload --accept-shrunk",
     "hãy xem schoolgate lists lookalikes và các danh sách; muốn dùng bản mới: schoolgate reload "
     "--accept-shrunk"},
    // Explaining
    {"category {}: {} looks like its names, {} of {} needed: {}",
     "nhóm {}: tên {} giống tên các trang trong nhóm, được {} trên mức cần {}: {}"},
    // Commands
    {"look-alikes of {}: learned from {} names against {} ordinary ones; of names kept apart {} of 1,000 are "
     "seen, and {} ordinary ones",
     "tên giống nhóm {}: học từ {} tên, so với {} tên bình thường; với tên để riêng ra thử, cứ 1.000 tên "
     "nhận "
     "được {}, và nhầm {} tên bình thường"},
    {"like {}: {} of {} needed ({})", "giống nhóm {}: được {} trên mức cần {} ({})"},
    {"named by a list or spared since", "nay đã có trong danh sách hoặc đã được bỏ qua"},
    {"no site was called a look-alike", "không có trang nào bị coi là có tên giống"},
    {"called so wrongly? schoolgate lists lookalikes --wrong HOST, then schoolgate reload",
     "gọi nhầm? hãy chạy schoolgate lists lookalikes --wrong HOST, rồi schoolgate reload"},
    {"{} is never called a look-alike again after: schoolgate reload",
     "{} sẽ không bao giờ bị coi là có tên giống nữa, sau khi chạy: schoolgate reload"},
};

}  // namespace

std::span<const Translation> vietnamese_of_lookalikes() noexcept {
  return said_of_lookalikes;
}

}  // namespace schoolgate
