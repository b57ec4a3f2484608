// What a file of tiers.d may hold.
#include "config/policy/policy_shapes.h"
#include "config/policy/tier_reader.h"

namespace schoolgate {
namespace tier_tables {  // words such as text and map mean shapes here, and nowhere else
namespace {

using namespace shape;

constexpr std::string_view voices[]{"small_children", "pupils", "adults"};
constexpr std::string_view defaults[]{"allow", "block"};
constexpr std::string_view without_page[]{"block", "allow_and_record"};
constexpr std::string_view milder_actions[]{"allow", "warn", "block"};
constexpr std::string_view actions[]{"allow", "warn", "block", "help"};
constexpr std::string_view safe_levels[]{"off", "moderate", "strict"};
constexpr std::string_view lookalike_words[]{"off", "record", "warn", "block"};
constexpr std::string_view https_words[]{"names", "block-page", "inspect"};
constexpr std::string_view tunnel_words[]{"block", "allow_and_record", "allow"};
constexpr std::string_view tunnel_exceptions[]{"not_tls"};
constexpr std::string_view on_off[]{"on", "off"};
constexpr std::string_view targets[]{"host", "path", "query", "url"};
constexpr std::string_view effects_of_all[]{"allow",        "allow+record", "warn",      "block",
                                            "block+locked", "help",         "help+alert"};
constexpr std::string_view effects_of_times[]{"allow", "allow+record", "warn", "block", "help", "help+alert"};
constexpr std::int64_t last_port = 65'535;

// Lines: a site as a text, or these keys.
constexpr When beside_pattern{"pattern"};
constexpr Key line_domain{"domain", may, text, "A name, with those below it; an address; a network.",
                          "Một tên, gồm cả các tên con; một địa chỉ; một dải địa chỉ."};
constexpr Key line_url{"url", may, text, "A name with the beginning of a path.",
                       "Một tên và phần đầu của đường dẫn."};
constexpr Key line_pattern{"pattern", may, text, "A regular expression (RE2), best in single quotes.",
                           "Biểu thức chính quy (RE2), nên đặt trong dấu nháy đơn."};
constexpr Key line_bundle{"bundle", may, text,
                          "A site with the hosts that it needs, by its name in bundles.yaml.",
                          "Một trang cùng những máy chủ mà trang cần, gọi theo tên trong bundles.yaml."};
constexpr Key line_why{"why", may, text, "Shown to whoever meets it, and in the log.",
                       "Hiện cho người gặp nó, và trong nhật ký."};
constexpr Key line_record{"record", may, flag, "true writes the whole address down.",
                          "true ghi lại cả địa chỉ."};
constexpr Key line_terms{"terms", may, word(on_off), "off lifts the rules on search words there.",
                         "off bỏ các luật về từ khóa tìm kiếm ở đó."};
constexpr Key line_tunnel{
    "tunnel", may, words(tunnel_exceptions),
    "not_tls: a connection to this host or network that is not TLS may pass, as meetings need.",
    "not_tls: cho qua kết nối tới máy chủ hay mạng này không phải TLS, như ứng dụng họp cần."};
constexpr Key line_case{"case_sensitive",
                        may,
                        flag,
                        "Of a pattern: capital letters matter.",
                        "Của pattern: phân biệt chữ hoa, chữ thường.",
                        beside_pattern};
constexpr Key line_target{"target",
                          may,
                          word(targets),
                          "Of a pattern: what it looks at (url).",
                          "Của pattern: xét phần nào của địa chỉ (url).",
                          beside_pattern};
constexpr Key line_hit{"hit",
                       may,
                       texts,
                       "Of a pattern: addresses that it must match.",
                       "Của pattern: những địa chỉ phải khớp.",
                       beside_pattern};
constexpr Key line_miss{"miss",
                        may,
                        texts,
                        "Of a pattern: addresses that it must not match.",
                        "Của pattern: những địa chỉ không được khớp.",
                        beside_pattern};

constexpr Key allow_line_keys[]{line_domain, line_url,    line_pattern, line_bundle, line_why, line_record,
                                line_terms,  line_tunnel, line_case,    line_target, line_hit, line_miss};
constexpr Key other_line_keys[]{line_domain, line_url,    line_pattern, line_bundle, line_why,
                                line_case,   line_target, line_hit,     line_miss};
constexpr Key own_allow_line_keys[]{line_domain, line_url,  line_pattern, line_why, line_record, line_terms,
                                    line_tunnel, line_case, line_target,  line_hit, line_miss};
constexpr Key own_block_line_keys[]{line_domain, line_url,    line_pattern, line_why,
                                    line_case,   line_target, line_hit,     line_miss};
constexpr std::string_view line_ways[]{"domain", "url", "pattern", "bundle"};
constexpr std::string_view own_line_ways[]{"domain", "url", "pattern"};
constexpr ValueShape allow_line = map(allow_line_shape), other_line = map(other_line_shape);

constexpr Key ai_keys[]{
    {"site", may, text, "The tool's name: an address as in allow:.",
     "Tên của công cụ: một trang như trong allow:."},
    {"bundle", may, text, "Or its bundle.", "Hoặc gói của nó."},
    {"why", must, text, "What for.", "Dùng để làm gì."},
    {"review_by", must, text, "The day until which the school looks at it again: 2027-06-30.",
     "Ngày hẹn nhà trường xem lại: 2027-06-30."},
};
constexpr std::string_view ai_ways[]{"site", "bundle"};

constexpr Key https_mode_keys[]{
    {"mode", must, word(https_words), "names, block-page or inspect.", "names, block-page hoặc inspect."},
    {"reason", may, text, "Who decided that connections are opened, and why. inspect needs it.",
     "Ai quyết định mở kết nối, và vì sao. inspect phải có."},
    {"inspect_only", may, texts, "These sites alone are opened: www.google.com, \"*.example.vn\".",
     "Chỉ mở các trang này: www.google.com, \"*.example.vn\"."},
};
constexpr ValueShape https_mode = map(https_mode_shape);

constexpr Key tunnel_keys_of_file[]{
    {tunnel_keys[0].first, may, word(tunnel_words), "A number in place of a name.",
     "Một con số thay cho tên."},
    {tunnel_keys[1].first, may, word(tunnel_words), "A number in an unusual spelling.",
     "Một con số viết khác thường."},
    {tunnel_keys[2].first, may, word(tunnel_words), "The connection names another site than was asked for.",
     "Kết nối nêu tên trang khác với trang đã hỏi."},
    {tunnel_keys[3].first, may, word(tunnel_words), "It names none.", "Không nêu tên nào."},
    {tunnel_keys[4].first, may, word(tunnel_words), "It names several.", "Nêu nhiều tên."},
    {tunnel_keys[5].first, may, word(tunnel_words), "It names a number.", "Nêu một con số."},
    {tunnel_keys[6].first, may, word(tunnel_words), "It is not TLS at all.", "Hoàn toàn không phải TLS."},
    {tunnel_keys[7].first, may, word(tunnel_words), "The name is hidden (ECH).", "Tên bị giấu (ECH)."},
    {"ports", may, numbers(1, last_port), "Of https: numbers (443, 80).", "Của https: các số (443, 80)."},
    {"http_ports", may, ports, "Of plain http: numbers and ranges (80, 443, \"1024-65535\").",
     "Của http: các số và khoảng (80, 443, \"1024-65535\")."},
};
static_assert(tunnel_choices == 8);

constexpr Key timetable_keys[]{
    {"when", must, text,
     "Weekdays and hours (\"T2-T6 07:00-11:30\"; T2 is Monday, CN Sunday), or the school's clock: lessons, "
     "breaks, "
     "boarding, \"T2-T6 periods 1-5\", holidays, exam days, school days.",
     "Thứ và giờ (\"T2-T6 07:00-11:30\"), hoặc theo giờ giấc của trường: lessons (giờ học), breaks (ra "
     "chơi), boarding "
     "(nội trú), \"T2-T6 tiết 1-5\", holidays (ngày nghỉ), exam days (ngày thi), school days (ngày học)."},
    {"categories", may, texts, "Which categories.", "Nhóm nào."},
    {"sites", may, either(texts, other_line),
     "Which sites, as in allow: a site, or {domain: ..., why: ...}, or {bundle: ...}. For these times the "
     "row "
     "takes the place of the tier's own line on the same site.",
     "Trang nào, viết như trong allow: một trang, hoặc {domain: ..., why: ...}, hoặc {bundle: ...}. Trong "
     "những giờ ấy dòng này thay cho dòng của chính cấp học về cùng trang."},
    {"action", must, effect(effects_of_times),
     "What holds then; nothing that is locked, and no help for sites.",
     "Khi ấy xử lý thế nào; không gì bị khóa, và trang thì không dùng help."},
};
constexpr std::string_view timetable_ways[]{"categories", "sites"};
constexpr Key test_keys[]{
    {"url", must, text, "A whole address.", "Cả địa chỉ."},
    {"expect", must, word(actions), "What must happen to it.", "Điều phải xảy ra."},
    {"at", may, text, "A moment of the week: \"T2 08:30\".", "Một lúc trong tuần: \"T2 08:30\"."},
};

constexpr ValueShape category_effect = effect(effects_of_all);
constexpr ValueShape both_languages = map(two_languages_shape);
constexpr Key language_keys[]{
    {"vi", must, text, "In Vietnamese.", "Bằng tiếng Việt."},
    {"en", must, text, "In English.", "Bằng tiếng Anh."},
};

constexpr Key tier_keys[]{
    version,
    {"tier", must, text, "The id of the tier: small letters, digits and _.",
     "Mã của cấp học: chữ thường, chữ số và _."},
    {"name", must, either(text, both_languages), "For people: a text, or {vi: ..., en: ...}.",
     "Cho người đọc: một dòng chữ, hoặc {vi: ..., en: ...}."},
    {"extends", may, text, "Another tier, whose keys hold where this file says nothing.",
     "Một cấp học khác; khóa của nó có hiệu lực nơi tệp này không nói gì."},
    {"ages", may, text, "For people: \"11-14\".", "Cho người đọc: \"11-14\"."},
    {"voice", may, word(voices), "How pages speak.", "Các trang nói thế nào."},
    {"pupils", may, flag, "true: privacy and alerts of pupils; false: staff.",
     "true: riêng tư và báo chuông như cho học sinh; false: thầy cô."},
    {"default", may, word(defaults), "What nothing names: allow, or block (only listed pages are open).",
     "Điều không gì nêu tên: allow, hoặc block (chỉ mở trang có tên)."},
    {"warn_without_page", may, word(without_page),
     "An https site with a warning, whose page cannot be shown.",
     "Trang https bị cảnh báo mà không hiện được trang."},
    {"unknown_on_hosting", may, word(milder_actions),
     "A site below a hosting platform, such as x.github.io, that no line and no list names.",
     "Trang nằm dưới một nền tảng lưu trữ, như x.github.io, mà không dòng hay danh sách nào nêu."},
    {"unknown_engines", may, word(milder_actions),
     "Small search engines that cannot be made safe (small: true in safesearch.yaml).",
     "Các máy tìm kiếm nhỏ không bật được tìm kiếm an toàn (small: true trong safesearch.yaml)."},
    {"safesearch", may, word(safe_levels), "On the engines of safesearch.yaml.",
     "Với các máy tìm kiếm trong safesearch.yaml."},
    {"youtube", may, word(safe_levels), "YouTube's restricted mode.", "Chế độ hạn chế của YouTube."},
    {"lookalikes", may, word(lookalike_words),
     "A site that no rule names, and whose name looks like those of a category that is learned.",
     "Trang không quy tắc nào nêu mà tên giống tên các trang của một nhóm được học."},
    {"https", may, either(word(https_words), https_mode),
     "names: judged by name alone; block-page: a closed site shows the page; {mode: inspect, reason: ...}: "
     "opened "
     "and judged by the whole address.",
     "names: chỉ xét tên; block-page: trang bị chặn hiện lý do; {mode: inspect, reason: ...}: mở ra và xét "
     "cả địa chỉ."},
    {"open_categories", may, texts,
     "Of a tier that blocks by default: the categories that are open all the same.",
     "Của cấp chặn theo mặc định: những nhóm vẫn mở."},
    {"may_override", may, texts, "Categories that a teacher may open for a time; never a locked one.",
     "Những nhóm thầy cô được mở tạm thời; không bao giờ gồm nhóm đã khóa."},
    {"tunnel", may, map(tunnel_shape), "Doubtful connections, and ports.", "Kết nối đáng ngờ, và các cổng."},
    {"categories", may, entries(category_effect),
     "A line for each category, \"games: warn\"; other is every category that has no line.",
     "Mỗi nhóm một dòng, \"games: warn\"; other là mọi nhóm không có dòng."},
    {"allow", may, either(texts, allow_line), "Sites that are open: a site, or {domain: ..., why: ...}.",
     "Các trang được mở: một trang, hoặc {domain: ..., why: ...}."},
    {"warn", may, either(texts, other_line), "Sites with a warning.", "Các trang có cảnh báo."},
    {"block", may, either(texts, other_line), "Sites that are closed.", "Các trang bị chặn."},
    {"ai", may, maps(ai_shape), "AI tools that are open, each with a reason and a day to look at it again.",
     "Các công cụ AI được mở, mỗi công cụ có lý do và ngày xem lại."},
    {"timetable", may, maps(timetable_shape), "Times at which categories and sites are treated otherwise.",
     "Những giờ mà các nhóm và các trang được xử lý khác đi."},
    {"tests", may, maps(policy_test_shape),
     "Addresses and what must happen to them: a reload that breaks one is refused.",
     "Những địa chỉ và điều phải xảy ra: lần nạp lại nào làm sai một dòng thì bị từ chối."},
};

constexpr std::string_view tier_ways[]{"default", "extends"};

// locked.yaml and hotlines.yaml hold lines too.
constexpr Key locked_allow_keys[]{line_domain, line_url,   line_pattern, needed(line_why),
                                  line_record, line_terms, line_tunnel,  line_case,
                                  line_target, line_hit,   line_miss};
constexpr ValueShape own_allow_line = map(own_allow_line_shape), own_block_line = map(own_block_line_shape);
constexpr Key locked_keys[]{
    version,
    {"categories", may, texts, "Closed in every tier, at every hour.",
     "Luôn bị chặn, ở mọi cấp học, mọi giờ."},
    {"allow", may, maps(locked_allow_shape), "Open whatever lists say: {domain: ..., why: ...}.",
     "Luôn mở, dù danh sách nói gì: {domain: ..., why: ...}."},
    {"block", may, either(texts, own_block_line), "Sites that are closed in every tier.",
     "Các trang bị chặn ở mọi cấp học."},
};
constexpr Key hotline_keys[]{
    {"id", must, text, "Its id.", "Mã của nơi này."},
    {"name", must, either(text, both_languages), "For people: a text, or {vi: ..., en: ...}.",
     "Cho người đọc: một dòng chữ, hoặc {vi: ..., en: ...}."},
    {"phone", may, text, "Its telephone.", "Số điện thoại."},
    {"hours", may, text, "When somebody answers.", "Giờ có người nghe máy."},
    {"cost", may, text, "What a call costs.", "Cước gọi."},
    {"note", may, text, "What else to know.", "Điều cần biết thêm."},
    {"web", may, text, "Its site, which is never blocked.", "Trang web, không bao giờ bị chặn."},
    {"sites", may, either(texts, own_allow_line), "Other sites of it that are never blocked.",
     "Các trang khác của nơi này cũng không bao giờ bị chặn."},
};
constexpr Key hotlines_keys[]{
    version,
    {"hotlines", must, maps(hotline_shape), "Places where pupils find help.",
     "Những nơi học sinh tìm giúp đỡ."},
};

}  // namespace
}  // namespace tier_tables

constinit const Shape allow_line_shape{
    .id = "allow_line", .keys = tier_tables::allow_line_keys, .one_of = tier_tables::line_ways};
constinit const Shape other_line_shape{
    .id = "line", .keys = tier_tables::other_line_keys, .one_of = tier_tables::line_ways};
constinit const Shape own_allow_line_shape{
    .id = "own_allow_line", .keys = tier_tables::own_allow_line_keys, .one_of = tier_tables::own_line_ways};
constinit const Shape own_block_line_shape{
    .id = "own_line", .keys = tier_tables::own_block_line_keys, .one_of = tier_tables::own_line_ways};
constinit const Shape ai_shape{.id = "ai", .keys = tier_tables::ai_keys, .one_of = tier_tables::ai_ways};
constinit const Shape https_mode_shape{"https_mode", tier_tables::https_mode_keys};
constinit const Shape tunnel_shape{"tunnel", tier_tables::tunnel_keys_of_file};
constinit const Shape timetable_shape{
    .id = "timetable", .keys = tier_tables::timetable_keys, .some_of = tier_tables::timetable_ways};
constinit const Shape policy_test_shape{"test", tier_tables::test_keys};
constinit const Shape two_languages_shape{"two_languages", tier_tables::language_keys};
constinit const Shape tier_shape{
    .id = "tier", .keys = tier_tables::tier_keys, .some_of = tier_tables::tier_ways};
constinit const Shape locked_allow_shape{
    .id = "locked_allow", .keys = tier_tables::locked_allow_keys, .one_of = tier_tables::own_line_ways};
constinit const Shape locked_shape{"locked", tier_tables::locked_keys};
constinit const Shape hotline_shape{"hotline", tier_tables::hotline_keys};
constinit const Shape hotlines_shape{"hotlines", tier_tables::hotlines_keys};

}  // namespace schoolgate
