// What a file of lists.d may hold, and lists: of the main file.
#include "config/main/lists_reader.h"
#include "config/main/main_shapes.h"
#include "rules/lists/list_format.h"

namespace schoolgate {
namespace list_tables {  // words such as text and map mean shapes here, and nowhere else
namespace {

using namespace shape;

constexpr auto formats_and_trees = [] {
  std::array<std::string_view, list_format_names.size() + 1> words{};
  for (std::size_t i = 0; i < list_format_names.size(); ++i) words[i] = list_format_names[i];
  words.back() = list_tree_format;
  return words;
}();
constexpr std::string_view list_effects[]{"allow", "allow+record", "warn", "block", "help", "help+alert"};
constexpr std::string_view reaches[]{"list", "category"};
constexpr When of_a_tree{"format", list_tree_format}, of_a_file{"format", list_tree_format, false};

constexpr Key update_keys[]{
    {"from", must, text, "Where the list is fetched from: https://lists.example/gambling.txt.",
     "Tải danh sách từ đâu: https://lists.example/gambling.txt."},
    {"every_days", may, number(1, longest_rhythm_days), "How often it changes, in days (1).",
     "Bao nhiêu ngày thay đổi một lần (1)."},
    {"file", may, text, "Which file, where that is a tar archive: gambling/domains.",
     "Tệp nào trong đó, nếu nơi ấy là một gói tar: gambling/domains."},
};
constexpr Key list_keys[]{
    {"name", must, text, "Its name in messages and in the log.", "Tên trong thông báo và nhật ký."},
    {"path", may, text, "A file, or a folder with format: squidguard. Needed unless there is update:.",
     "Một tệp, hoặc với dạng squidguard một thư mục. Phải có, trừ khi có update:."},
    {"format", must, word(formats_and_trees),
     "What its lines look like; squidguard is a tree of folders as UT1 publishes it.",
     "Các dòng của nó viết theo dạng nào; squidguard là cây thư mục như UT1."},
    {"category", must, text, "The category of its entries.", "Các mục của nó thuộc nhóm nào.", of_a_file},
    {"action", may, effect(list_effects), "In place of the category's action, never stricter.",
     "Thay cho cách xử lý của nhóm, không bao giờ chặt hơn.", of_a_file},
    {"map", may, entries(text), "Which folder is which category (adult: adult), or skip.",
     "Thư mục nào là nhóm nào (adult: adult), hoặc skip.", of_a_tree},
    {"suffixes", may, flag, "true: suffixes such as com.vn are meant; otherwise such entries are left out.",
     "true: cố ý ghi cả đuôi tên miền như com.vn; nếu không, mục ấy bị bỏ qua."},
    {"reach", may, word(reaches),
     "category: exceptions (\"@@\") of this list lift entries of other lists of the category too; list: its "
     "own.",
     "category: ngoại lệ (\"@@\") của danh sách này gỡ cả mục của danh sách khác cùng nhóm; list: chỉ của "
     "chính nó.",
     of_a_file},
    {"update", may, map(update_shape), "In place of path: the list is fetched.",
     "Thay cho path: danh sách được tải về.", of_a_file},
};
constexpr std::string_view list_ways[]{"path", "update"};
constexpr Key list_file_keys[]{
    version,
    {"lists", must, maps(list_shape), "Lists of sites.", "Các danh sách trang."},
};

}  // namespace
}  // namespace list_tables

constinit const Shape update_shape{"update", list_tables::update_keys};
constinit const Shape list_shape{
    .id = "list", .keys = list_tables::list_keys, .one_of = list_tables::list_ways};
constinit const Shape list_file_shape{"list_file", list_tables::list_file_keys};

}  // namespace schoolgate
