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
    // pages.yaml
    {"a language of this file", "một ngôn ngữ trong tệp này"},
    {"an entry of a page", "một mục của trang"},
    {"the file of the school's own page texts", "tệp lời của trường trên các trang"},
    {"under {} stand readers: {}, or a tier", "dưới {} là người đọc: {}, hoặc một cấp học"},
    {"\"{}\" is neither a voice nor a tier", "\"{}\" không phải giọng của trang, cũng không phải cấp học"},
    {"more than {} sentences", "nhiều hơn {} câu"},
    {"a page needs a sentence", "một trang cần ít nhất một câu"},
    {"this text has more than {} characters", "đoạn chữ này dài hơn {} ký tự"},
    {"a page is read on a phone, in a hurry", "trang được đọc vội, trên điện thoại"},
    {"this text knows no value \"{}\"", "ở đây không có giá trị \"{}\""},
    {"a title names none", "tiêu đề không dùng giá trị nào"},
    {"markup stands on the page as it is written here",
     "ký hiệu định dạng sẽ hiện trên trang đúng như đã ghi"},
    {"write words alone: the page has its own look", "chỉ ghi chữ: trang đã có cách trình bày riêng"},
    {"the value \"{}\" is missing", "thiếu giá trị \"{}\""},
    {"who reads this page must see it: write {} where it belongs",
     "người đọc trang này phải thấy nó: ghi {} vào chỗ thích hợp"},
};

}  // namespace

std::span<const Translation> vietnamese_of_record() noexcept {
  return of_record;
}

}  // namespace schoolgate
