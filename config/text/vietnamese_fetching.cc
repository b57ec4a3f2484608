#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation of_fetching[] = {
    // config/lists/archived_file.cc, tools/fetch/list_body.cc
    {"it begins as an archive does and is none, or is damaged",
     "nó mở đầu như một gói lưu trữ mà không phải, hoặc đã hỏng"},
    {"a file in the archive is too large", "một tệp trong gói lưu trữ quá lớn"},
    {"there are more than {} files in the archive", "gói lưu trữ có hơn {} tệp"},
    {"a name in the archive is too long", "một tên trong gói lưu trữ quá dài"},
    {"\"{}\" in the archive leads out of it", "\"{}\" trong gói lưu trữ dẫn ra ngoài gói"},
    {"{} in the archive is a link", "{} trong gói lưu trữ là một liên kết"},
    {"it is an archive of several files ({}): update: file: says which one",
     "đây là gói lưu trữ có nhiều tệp ({}): hãy ghi tệp cần dùng ở update: file:"},
    {"{} is twice in the archive", "{} có hai lần trong gói lưu trữ"},
    {"there is no file in the archive", "gói lưu trữ không có tệp nào"},
    {"there is no {} in the archive; there are: {}", "gói lưu trữ không có {}; có: {}"},
    {"it is no archive, and {} was to be in one", "đây không phải gói lưu trữ, mà {} phải nằm trong một gói"},
    // config/main/lists_reader.cc
    {"\"{}\" is no path within an archive", "\"{}\" không phải đường dẫn trong một gói lưu trữ"},
    {"folders and file as the archive has them: gambling/domains",
     "thư mục và tệp như trong gói lưu trữ: gambling/domains"},
    // config/policy_checks.cc, rules/judge/explain.cc
    {"list {}: tier {} locks {}, and exceptions of one list reach no other of a locked category",
     "danh sách {}: cấp học {} khóa {}, mà ngoại lệ của một danh sách không với tới danh sách khác của nhóm "
     "bị khóa"},
    {"delete reach: category, or write what is to be open into locked.yaml",
     "xóa reach: category, hoặc ghi những gì cần mở vào locked.yaml"},
    {"lifted by an exception of another list of the category (reach: category)",
     "được gỡ bởi ngoại lệ của danh sách khác cùng nhóm (reach: category)"},
    // tools/fetch/transfer.cc
    {"upstream: parent leads to {}, which is this proxy",
     "upstream: parent dẫn đến {}, tức là chính proxy này"},
    {"the parent proxy answers {}", "proxy cấp trên trả lời {}"},
    {"{} is no host of the catalogue of lists, and no other is fetched from through upstream: parent: bring "
     "the list with --from",
     "{} không phải máy chủ trong danh mục danh sách; qua upstream: parent thì không tải từ nơi nào khác: "
     "hãy "
     "mang danh sách đến bằng --from"},
    // tools/commands/lists_update.cc
    {"what these lists close of last week's sites is not known: {}",
     "không rõ các danh sách này chặn trang nào của tuần trước: {}"},
    {"{} KiB of it have come; the next update goes on behind them",
     "đã tải được {} KiB; lần cập nhật sau sẽ tải tiếp từ đó"},
    {"closes {}, which {} clients visited last week, in tier {}",
     "chặn {0} ở cấp học {2}, tuần trước có {1} máy đã vào"},
    {"and {} more that five clients or more visited", "và {} trang khác có từ năm máy trở lên đã vào"},
    {"trying the new lists", "đang thử các danh sách mới"},
};

}  // namespace

std::span<const Translation> vietnamese_of_fetching() noexcept {
  return of_fetching;
}

}  // namespace schoolgate
