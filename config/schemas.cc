#include "config/schemas.h"

#include "config/lists/list_catalogue_shapes.h"
#include "config/main/main_shapes.h"
#include "config/policy/policy_shapes.h"

namespace schoolgate {
namespace {

constexpr FileKind kinds_of_files[]{
    {"schoolgate", "schoolgate.yaml", &main_shape, "The main configuration of Schoolgate",
     "Cấu hình chính của Schoolgate"},
    {"tier", "tiers.d/*.yaml", &tier_shape, "What an age tier may open", "Một cấp học được mở những gì"},
    {"periods", "periods.yaml", &periods_shape, "The school's clock: lessons, terms, exams, holidays",
     "Giờ giấc của trường: tiết học, học kỳ, giờ thi, ngày nghỉ"},
    {"delegation", "delegation.yaml", &delegation_shape, "Who may open or block for a lesson",
     "Ai được mở hoặc chặn tạm cho một tiết học"},
    {"expect", "expect.yaml", &expect_shape, "Sites that must work", "Những trang phải luôn dùng được"},
    {"pins", "pins.yaml", &pins_shape, "Decisions that shall stay as they are",
     "Những quyết định phải giữ nguyên"},
    {"pages", "pages.yaml", &pages_shape, "The school's own words on pupils' pages",
     "Lời của trường trên các trang học sinh thấy"},
    {"lists", "lists.d/*.yaml", &list_file_shape, "Lists of sites", "Các danh sách trang"},
    {"categories", "categories.yaml", &catalogue_shape, "The catalogue of categories",
     "Danh mục các nhóm nội dung"},
    {"bundles", "bundles.yaml", &bundles_shape, "Sites with the hosts that they need",
     "Các trang cùng những máy chủ mà trang cần"},
    {"locked", "locked.yaml", &locked_shape, "What no tier may loosen", "Điều không cấp học nào nới được"},
    {"hotlines", "hotlines.yaml", &hotlines_shape, "Where pupils find help", "Nơi học sinh tìm giúp đỡ"},
    {"terms", "terms.yaml", &terms_shape, "Rules on search words and words in addresses",
     "Luật về từ khóa tìm kiếm và từ trong địa chỉ trang"},
    {"safesearch", "safesearch.yaml", &engines_shape, "Search engines and how each is made safe",
     "Các máy tìm kiếm và cách làm chúng an toàn"},
    {"list-catalogue", "list-catalogue.yaml", &list_catalogue_shape, "Lists that others publish",
     "Danh sách do người khác phát hành"},
};

}  // namespace

std::span<const FileKind> file_kinds() noexcept {
  return kinds_of_files;
}

const FileKind* find_file_kind(std::string_view name) noexcept {
  for (const FileKind& kind : kinds_of_files)
    if (kind.name == name) return &kind;
  return nullptr;
}

}  // namespace schoolgate
