#include "config/text/vietnamese_tables.h"

namespace schoolgate {
namespace {

constexpr Translation of_record[] = {
    {"as JSON lines", "dạng cho máy đọc, mỗi dòng một mục"},
    {"At most {} rows, the newest; that you take them is recorded. All of them: schoolgate log export",
     "Nhiều nhất {} dòng mới nhất; việc bạn lấy được ghi lại. Muốn lấy tất cả: schoolgate log export"},
    // lists that wait
    {"New files of lists that wait for a person", "Tệp danh sách mới đang chờ người xem"},
    {"The old list goes on ruling. Look at what it says, then take the new one on the machine, or leave it.",
     "Danh sách cũ vẫn có hiệu lực. Hãy xem lý do, rồi nhận tệp mới trên máy, hoặc để nguyên."},
    {"Waits since", "Chờ từ"},
    {"To take it", "Muốn nhận"},
    {"the log no longer says it: schoolgate lists update tells",
     "nhật ký không còn ghi: schoolgate lists update sẽ cho biết"},
};

}  // namespace

std::span<const Translation> vietnamese_of_record() noexcept {
  return of_record;
}

}  // namespace schoolgate
