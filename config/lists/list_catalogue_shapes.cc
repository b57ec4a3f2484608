#include "config/lists/list_catalogue_shapes.h"

#include "config/main/lists_reader.h"
#include "config/policy/policy_shapes.h"
#include "rules/lists/list_format.h"

namespace schoolgate {
namespace list_catalogue_tables {  // words such as text and map mean shapes here, and nowhere else
namespace {

using namespace shape;

constexpr std::string_view yes_no[]{"yes", "no"};
constexpr ValueShape text_of_both = map(two_languages_shape);
constexpr Key published_list_keys[]{
    {"purpose", must, either(text, text_of_both), "What for.", "Để làm gì."},
    {"category", must, text, "The category of its entries.", "Các mục của nó thuộc nhóm nào."},
    {"format", must, word(list_format_names), "What its lines look like.",
     "Các dòng của nó viết theo dạng nào."},
    {"from", must, text, "Where it is fetched from: https://.", "Tải từ đâu: https://."},
    {"every_days", may, number(1, longest_rhythm_days), "How often it changes, in days (1).",
     "Bao nhiêu ngày thay đổi một lần (1)."},
    {"file", may, text, "Which file, where that is a tar archive.",
     "Tệp nào trong đó, nếu nơi ấy là một gói tar."},
    {"entries", may, number(1, 100'000'000), "Roughly how many.", "Khoảng bao nhiêu mục."},
    {"licence", must, text, "Its licence.", "Giấy phép."},
    {"school", must, word(school_words),
     "yes: a school may use it; ask: read the note first; no: it may not.",
     "yes: trường được dùng; ask: đọc note trước; no: không được."},
    {"maintainer", must, text, "Who publishes it.", "Người phát hành."},
    {"note", may, either(text, text_of_both), "What to know first.", "Điều cần biết trước."},
    {"checked", must, word(yes_no), "yes: fetched and read when this was released.",
     "yes: đã tải và đọc thử khi phát hành bản này."},
};
constexpr ValueShape one_published_list = map(published_list_shape);
constexpr Key published_set_keys[]{
    {"purpose", must, either(text, text_of_both), "What for.", "Để làm gì."},
    {"lists", must, texts, "Lists of this catalogue.", "Những danh sách của tệp này."},
};
constexpr ValueShape one_published_set = map(published_set_shape);
constexpr Key list_catalogue_keys[]{
    version,
    {"lists", must, entries(one_published_list, "^[A-Za-z0-9_.-]{1,64}$"),
     "A block for each list, by its name.", "Mỗi danh sách một khối, theo tên."},
    {"sets", may, entries(one_published_set, "^[A-Za-z0-9_.-]{1,64}$"),
     "Lists that go well together, enabled by one name.",
     "Những danh sách nên dùng cùng nhau, bật bằng một tên."},
    {"must_work", may, anything, "Stands in expect.yaml now.", "Nay nằm trong expect.yaml."},
};

}  // namespace
}  // namespace list_catalogue_tables

constinit const Shape published_list_shape{"published_list", list_catalogue_tables::published_list_keys};
constinit const Shape published_set_shape{"published_set", list_catalogue_tables::published_set_keys};
constinit const Shape list_catalogue_shape{"list_catalogue", list_catalogue_tables::list_catalogue_keys};

}  // namespace schoolgate
