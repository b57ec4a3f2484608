// What the other files of the policy may hold.
#include "config/policy/policy_shapes.h"

#include "rules/policy/policy.h"
#include "rules/policy/school_clock.h"
#include "rules/words/term_phrase.h"

namespace schoolgate {
namespace policy_tables {  // words such as text and map mean shapes here, and nowhere else
namespace {

using namespace shape;

constexpr ValueShape two_languages = map(two_languages_shape);
constexpr std::string_view expected[]{"allow", "warn", "block", "help"};
constexpr std::string_view edit_words[]{"nothing", "lines", "whole"};  // TierEdit

constexpr std::string_view category_kinds[]{"ordinary", "protecting"};
constexpr std::string_view shown_names[]{"yes", "no", "older"};
constexpr std::string_view learned_names[]{"lookalikes", "benign"};
constexpr Key category_keys[]{
    {"name", must, either(text, two_languages), "Its name: a text, or {vi: ..., en: ...}.",
     "Tên nhóm: một dòng chữ, hoặc {vi: ..., en: ...}."},
    {"reason", must, either(text, two_languages), "One sentence for pupils on the page.",
     "Một câu lý do hiện trên trang chặn."},
    {"kind", may, word(category_kinds), "protecting: a white list, stronger than other categories.",
     "protecting: danh sách trắng, mạnh hơn các nhóm khác."},
    {"beats_protecting", may, flag, "true: not even protecting categories lift it.",
     "true: nhóm bảo vệ cũng không nới được."},
    {"show_name", may, word(shown_names), "May a page print the name; older: not to small children.",
     "Trang có được in tên nhóm không; older: không in ở tiểu học, mầm non."},
    {"names", may, word(learned_names),
     "lookalikes: the names of its sites are learned; benign: ordinary names, learned against.",
     "lookalikes: học cách đặt tên của các trang trong nhóm; benign: tên trang bình thường, để so sánh."},
    {"unnamed_as", may, text,
     "Of a category that came later: a tier that does not name it does with it as with this one.",
     "Với nhóm có sau: cấp học chưa ghi nhóm này thì xử lý như nhóm kia."},
    {"folders", may, texts, "Folders of UT1 and squidGuard collections that belong here.",
     "Thư mục trong bộ danh sách kiểu UT1, squidGuard thuộc nhóm này."},
};
constexpr ValueShape one_category = map(category_shape);
constexpr Key catalogue_keys[]{
    version,
    {"categories", must, entries(one_category, id_pattern), "A block for each category, by its id.",
     "Mỗi nhóm một khối, theo mã của nhóm."},
    {"skipped_folders", may, texts, "Folders of such collections that no category takes.",
     "Thư mục trong các bộ ấy không thuộc nhóm nào."},
};

constexpr Key bundle_keys[]{
    {"name", may, text, "For people.", "Cho người đọc."},
    {"hosts", must, texts, "The site's own names, with those below them.",
     "Tên riêng của trang, gồm cả các tên con."},
    {"shared", may, texts, "Names that others use too; these alone.",
     "Tên dùng chung với trang khác; chỉ đúng tên đó."},
    {"networks", may, texts,
     "Where its calls go, for gateway: open: to: alone; no line of a tier opens them.",
     "Nơi các cuộc gọi của trang đi tới, chỉ dành cho gateway: open: to:; dòng trong cấp học không mở "
     "chúng."},
    {"source", must, text, "Whence the facts are.", "Căn cứ ở đâu."},
    {"date", must, text, "When they were written down: 2027-06-30.", "Ngày ghi: 2027-06-30."},
    {"checked", must, flag, "true: somebody tried it on a real network.",
     "true: đã có người thử trên mạng thật."},
};
constexpr ValueShape one_bundle = map(bundle_shape);
constexpr Key bundles_keys[]{
    version,
    {"bundles", must, entries(one_bundle, id_pattern), "A block for each bundle, by its name.",
     "Mỗi gói một khối, theo tên gói."},
};

constexpr std::string_view safe_choices[]{"safesearch", "youtube"};
constexpr std::string_view engine_effects[]{"allow", "allow+record", "warn", "block"};
constexpr Key header_keys[]{
    {"name", must, text, "The header's name.", "Tên của header."},
    {"strict", must, text, "Its value where the tier says strict.", "Giá trị khi cấp học ghi strict."},
    {"moderate", must, text, "Its value where the tier says moderate.", "Giá trị khi cấp học ghi moderate."},
};
constexpr Key parameter_keys[]{
    {"paths", must, texts, "On which paths.", "Ở những đường dẫn nào."},
    {"name", must, text, "The parameter's name.", "Tên của tham số."},
    {"value", must, text, "Its value.", "Giá trị của tham số."},
};
constexpr Key connect_to_keys[]{
    {"strict", must, text, "Where the tier says strict.", "Khi cấp học ghi strict."},
    {"moderate", must, text, "Where the tier says moderate.", "Khi cấp học ghi moderate."},
};
constexpr ValueShape two_hosts = map(connect_to_shape);
constexpr Key safe_keys[]{
    {"level", may, word(safe_choices), "Which key of the tier counts (safesearch).",
     "Theo khóa nào của cấp học (safesearch)."},
    {"hosts", may, texts, "Exactly these names are connected to connect_to instead.",
     "Đúng các tên này được nối tới connect_to."},
    {"connect_to",
     may,
     either(text, two_hosts),
     "One name, or {strict: ..., moderate: ...}. Needed with hosts.",
     "Một tên, hoặc {strict: ..., moderate: ...}. Cần khi có hosts.",
     {"hosts"}},
    {"parameter", may, map(parameter_shape), "A parameter of the address, where the whole request is seen.",
     "Một tham số của địa chỉ, ở nơi thấy được cả yêu cầu."},
    {"header", may, map(header_shape), "A header, where the whole request is seen.",
     "Một header, ở nơi thấy được cả yêu cầu."},
};
constexpr std::string_view safe_needs[]{"hosts connect_to"};
constexpr ValueShape engine_effect = effect(engine_effects);
constexpr ValueShape effect_of_tiers = entries(engine_effect);
constexpr Key engine_keys[]{
    {"sites", must, texts, "Hosts, with the names below them; google.<cc>: of every country.",
     "Tên miền, gồm cả tên miền con; google.<cc>: Google của mọi nước."},
    {"words", may, texts, "Parameters that hold search words.", "Tham số chứa từ tìm kiếm."},
    {"paths", may, texts, "Beginnings of paths, search words behind them: /tag/.",
     "Phần đầu đường dẫn, phía sau nó là từ tìm kiếm: /tag/."},
    {"safe", may, map(safe_shape), "How safe search is switched on.", "Bật tìm kiếm an toàn thế nào."},
    {"otherwise", may, either(engine_effect, effect_of_tiers),
     "What happens where it cannot be switched on: an action, or one for each tier.",
     "Khi không bật được tìm kiếm an toàn: một cách xử lý, hoặc riêng cho từng cấp học."},
    {"small", may, flag, "true: a tier's unknown_engines, where it has one, comes before otherwise.",
     "true: nếu cấp học có ghi unknown_engines thì theo đó, không theo otherwise."},
};
constexpr ValueShape one_engine = map(engine_shape);
constexpr Key engines_keys[]{
    version,
    {"engines", must, entries(one_engine, id_pattern), "A block for each search engine.",
     "Mỗi máy tìm kiếm một khối."},
};

constexpr std::string_view matches[]{"any", "toned", "auto"};
constexpr std::string_view term_places[]{"search", "search+path"};
constexpr std::string_view term_effects[]{"allow", "allow+record", "warn", "block", "help", "help+alert"};
constexpr Key term_keys[]{
    {"id", must, text, "Of this rule; never changes and is never used again.",
     "Mã luật; không đổi, không dùng lại."},
    {"term", must, text, "What is looked for: (a|b), (a )?, *, $, a & b.",
     "Từ cần tìm: (a|b), (a )?, *, $, a & b."},
    {"bare", may, text, "The form without marks, where it is not the term itself.",
     "Dạng không dấu, nếu khác term."},
    {"unless", may, text, "With these words the rule does not hold.", "Có các từ này thì luật không tính."},
    {"gap", may, number(0, most_near_words), "How many words may stand between the parts (2).",
     "Giữa các phần còn được xen tối đa mấy từ (2)."},
    {"match", must, word(matches),
     "any: marks do not matter; toned: exactly these marks; auto: these marks, or none at all.",
     "any: có dấu hay không đều tính; toned: chỉ khi đúng dấu; auto: đúng dấu, hoặc hoàn toàn không dấu."},
    {"where", may, word(term_places), "search: search words; search+path: words in addresses too.",
     "search: từ tìm kiếm; search+path: cả từ trong địa chỉ trang."},
    {"action", may, effect(term_effects), "In place of the category's action, never stricter.",
     "Thay cho cách xử lý của nhóm, không bao giờ nặng hơn."},
    {"bare_action", may, effect(term_effects), "The same, where only the form without marks was found.",
     "Cũng vậy, khi chỉ thấy dạng không dấu."},
    {"hit", may, texts, "Texts that it must find.", "Những câu phải tìm thấy."},
    {"miss", may, texts, "Texts that it must not find.", "Những câu không được tìm thấy."},
};
constexpr Key category_terms_keys[]{
    {"short_spellings", may, flag, "true: the short spellings above count here.",
     "true: áp dụng cách viết tắt ở trên."},
    {"rules", must, maps(term_shape), "The rules of this category.", "Các luật của nhóm này."},
};
constexpr ValueShape terms_of_category = map(category_terms_shape);
constexpr Key terms_keys[]{
    version,
    {"short_spellings", may, entries(texts), "Short spellings of words, as pupils write them.",
     "Cách viết tắt của học sinh."},
    {"path_not_on", may, texts, "Categories on whose sites words of addresses do not count.",
     "Những nhóm mà từ trong địa chỉ trang không tính."},
    {"path_unless", may, texts, "With these words in an address its words do not count.",
     "Địa chỉ có các từ này thì từ trong đó không tính."},
    {"categories", must, entries(terms_of_category), "A block for each category.", "Mỗi nhóm một khối."},
};

constexpr std::string_view period_numbers = "^([1-9]|1[0-9]|20)$";
constexpr ValueShape named_period = map(period_shape);
constexpr ValueShape one_period = either(text, named_period);
constexpr Key period_keys[]{
    {"time", must, text, "Its hours: \"07:00-07:45\".", "Giờ: \"07:00-07:45\"."},
    {"name", may, text, "For people.", "Cho người đọc."},
};
constexpr Key shift_keys[]{
    {"days", may, texts, "On which weekdays: T2-T7, or [T2, CN].", "Những thứ nào: T2-T7, hoặc [T2, CN]."},
    {"periods", must, entries(one_period, period_numbers), "Number and hours of each: 1: \"07:00-07:45\".",
     "Số và giờ của từng tiết: 1: \"07:00-07:45\"."},
};
constexpr Key lessons_keys[]{
    {shift_names[0], may, map(shift_shape), "The periods of the morning.", "Các tiết buổi sáng."},
    {shift_names[1], may, map(shift_shape), "The periods of the afternoon.", "Các tiết buổi chiều."},
    {shift_names[2], may, map(shift_shape), "The periods of the evening.", "Các tiết buổi tối."},
};
static_assert(shift_names.size() == 3);
constexpr Key day_name{"name", must, text, "For people.", "Cho người đọc."};
constexpr Key day_unconfirmed{"unconfirmed", may, flag,
                              "true: nobody has confirmed it yet; check reminds of it.",
                              "true: chưa ai xác nhận; check sẽ nhắc."};
constexpr Key day_date{"date", may, text, "One day: 2027-04-30.", "Một ngày: 2027-04-30."};
constexpr Key day_from{"from", may, text, "The first day.", "Ngày đầu."};
constexpr Key day_to{"to", may, text, "The last day.", "Ngày cuối."};
constexpr Key days_keys[]{day_name, day_date, day_from, day_to};
constexpr Key holiday_keys[]{day_name, day_unconfirmed, day_date, day_from, day_to};
constexpr std::string_view days_ways[]{"date", "from to"};
constexpr Key exam_keys[]{
    {"name", must, text, "For people.", "Cho người đọc."},
    {"date", must, text, "The day: 2027-03-10.", "Ngày thi: 2027-03-10."},
    {"times", must, text, "From and to: \"07:30-09:00\".", "Từ giờ nào đến giờ nào: \"07:30-09:00\"."},
    {"room", may, texts, "Rooms: labels of who:.", "Phòng: label trong who:."},
    {"tier", may, texts, "Tiers.", "Cấp học."},
    {"only", must, texts, "Bundles, or files of only.d, that are open; nothing else is.",
     "Chỉ mở các gói trang, hoặc các tệp trong only.d, này."},
};
constexpr std::string_view exam_ways[]{"room", "tier"};
constexpr Key periods_keys[]{
    version,
    {"lessons", may, map(lessons_shape), "The periods of each shift.", "Các tiết của từng buổi."},
    {"shortest_break", may, number(1, 120),
     "A break is the time between two periods, from so many minutes on (10).",
     "Giờ ra chơi là khoảng giữa hai tiết, từ chừng này phút trở lên (10)."},
    {"boarding", may, text, "Boarders' hours: \"T2-T5 17:00-06:30\".", "Giờ nội trú: \"T2-T5 17:00-06:30\"."},
    {"terms", may, maps(days_shape), "Terms; both days count.", "Học kỳ; ngày đầu và ngày cuối đều tính."},
    {"exam_days", may, maps(days_shape), "Days of exams.", "Ngày thi."},
    {"holidays", may, maps(holiday_shape), "Holidays.", "Ngày nghỉ."},
    {"exams", may, maps(exam_shape), "Hours in which a room or a tier is open for a few bundles alone.",
     "Giờ thi: phòng hoặc cấp học chỉ mở vài gói trang."},
};

constexpr Key teacher_keys[]{
    {"account", must, text, "The name with which the teacher logs in.", "Tên đăng nhập của thầy cô."},
    {"tiers", must, texts, "In which tiers.", "Ở những cấp học nào."},
    {"open", may, texts, "Which categories may be opened, of those that the tier's may_override names.",
     "Được mở tạm những nhóm nào, trong số may_override của cấp học."},
    {"block", may, texts, "Which categories may be blocked.", "Được chặn tạm những nhóm nào."},
    {"rooms", may, texts, "Which rooms may be switched.", "Được bật tắt những phòng nào."},
    {"lines", may, flag, "true: a tier's own lines may be lifted, too.",
     "true: được mở cả dòng riêng của cấp học."},
    {"unknown", may, flag, "true: what no list holds may be opened, too.",
     "true: được mở cả trang không danh sách nào có."},
    {"edit", may, word(edit_words),
     "What of these tiers' files may be changed on the staff's pages: nothing, lines, whole.",
     "Được sửa gì trong tệp của các cấp học này trên trang cho nhân viên: nothing, lines, whole."},
    {"open_minutes_max", may, number(1, Delegation::most_minutes), "For how many minutes at most.",
     "Nhiều nhất bao nhiêu phút."},
};
constexpr Key case_keepers_keys[]{
    {"accounts", must, texts, "Who looks after cases.", "Ai phụ trách các vụ việc."},
    {"reveal_alone", may, flag, "true: one alone may see who is behind a device, although there are others.",
     "true: một người một mình cũng được xem ai đứng sau thiết bị, dù còn người khác."},
};
constexpr Key delegation_keys[]{
    version,
    {"teachers", may, maps(teacher_shape), "Who may open or block for a lesson.",
     "Ai được mở hoặc chặn tạm cho một tiết học."},
    {"safeguarding", may, map(case_keepers_shape), "Who looks after cases.", "Ai phụ trách các vụ việc."},
};

constexpr Key must_work_keys[]{
    {"host", must, text, "A name alone, as in olm.vn.", "Chỉ một tên, như olm.vn."},
    {"tiers", may, texts, "In these tiers alone.", "Chỉ ở các cấp học này."},
    {"why", may, text, "What for.", "Để làm gì."},
};
constexpr ValueShape must_work_entry = map(must_work_shape);
constexpr Key expect_keys[]{
    version,
    {must_work_key, must, either(texts, must_work_entry),
     "Sites that must work: a change that closes one is refused.",
     "Trang phải luôn dùng được: thay đổi nào chặn một trang thì bị từ chối."},
};
constexpr Key pin_keys[]{
    {"url", must, text, "A whole address.", "Cả địa chỉ."},
    {"tier", must, text, "In which tier.", "Ở cấp học nào."},
    {"expect", must, word(expected), "What must happen to it.", "Điều phải xảy ra."},
    {"at", must, text, "A moment of the week: \"T2 08:30\".", "Một lúc trong tuần: \"T2 08:30\"."},
    {"why", may, text, "What for.", "Vì sao."},
    {"by", may, text, "Who pinned it.", "Ai đã ghim."},
};
constexpr Key pins_keys[]{
    version,
    {pins_key, must, maps(pin_shape), "What was decided once and shall be.",
     "Điều đã quyết định một lần và phải giữ."},
};

constexpr Key page_text_keys[]{
    {"title", may, text, "The large line.", "Dòng chữ lớn."},
    {"body", may, texts, "Sentences, shown as they are written: no markup.",
     "Các câu, hiện đúng như đã ghi: không dùng thẻ HTML."},
};
constexpr ValueShape page_words = map(page_text_shape), page_line = text;
constexpr Key page_language_keys[]{
    {"ask", may, entries(page_line, id_pattern), "Whom to ask, with the code: a line for each reader.",
     "Hỏi ai, kèm mã: mỗi loại người đọc một dòng."},
    {"block", may, entries(page_words, id_pattern),
     "Blocked for its category; pupils and adults must see {reason}.",
     "Bị chặn vì nhóm nội dung; học sinh và người lớn phải thấy {reason}."},
    {"block_locked", may, entries(page_words, id_pattern),
     "Opened for nobody; pupils and adults must see {reason}.",
     "Không mở cho ai; học sinh và người lớn phải thấy {reason}."},
    {"block_default", may, entries(page_words, id_pattern), "Not on the list of what is open.",
     "Không có trong danh sách được mở."},
    {"block_line", may, entries(page_words, id_pattern), "Blocked by name.", "Bị chặn đích danh."},
    {"block_room_off", may, entries(page_words, id_pattern), "The room is off; with {room_until}.",
     "Phòng đang tắt mạng; có {room_until}."},
    {"block_room_only", may, entries(page_words, id_pattern),
     "The room is open for one thing; with {room_only} and {room_until}.",
     "Phòng chỉ mở một thứ; có {room_only} và {room_until}."},
    {"block_search", may, entries(page_words, id_pattern), "Words of a search that are not let through.",
     "Từ khóa tìm kiếm không được cho qua."},
    {"block_unsafe_search", may, entries(page_words, id_pattern), "A search engine that cannot be made safe.",
     "Máy tìm kiếm không bật được chế độ an toàn."},
    {"warn", may, entries(page_words, id_pattern),
     "Asked before it opens; with {reason} and {continue_minutes}.",
     "Hỏi trước khi mở; có {reason} và {continue_minutes}."},
    {"help", may, entries(page_words, id_pattern),
     "Where one finds help; with {safeguarding}. The number to call stands there by itself.",
     "Nơi tìm giúp đỡ; có {safeguarding}. Số để gọi luôn hiện sẵn."},
    {"safety", may, entries(page_words, id_pattern),
     "What to do when something happens on the internet; with {safeguarding}.",
     "Làm gì khi gặp chuyện trên mạng; có {safeguarding}."},
};
constexpr Key pages_keys[]{
    version,
    {"vi", may, map(page_language_shape), "Texts in Vietnamese; what is not here is as it is shipped.",
     "Chữ tiếng Việt; điều không ghi thì giữ như bản đi kèm."},
    {"en", may, map(page_language_shape), "Texts in English.", "Chữ tiếng Anh."},
};

}  // namespace
}  // namespace policy_tables

constinit const Shape category_shape{"category", policy_tables::category_keys};
constinit const Shape catalogue_shape{"catalogue", policy_tables::catalogue_keys};
constinit const Shape bundle_shape{"bundle", policy_tables::bundle_keys};
constinit const Shape bundles_shape{"bundles", policy_tables::bundles_keys};
constinit const Shape header_shape{"header", policy_tables::header_keys};
constinit const Shape parameter_shape{"parameter", policy_tables::parameter_keys};
constinit const Shape connect_to_shape{"connect_to", policy_tables::connect_to_keys};
constinit const Shape safe_shape{
    .id = "safe", .keys = policy_tables::safe_keys, .needs = policy_tables::safe_needs};
constinit const Shape engine_shape{"engine", policy_tables::engine_keys};
constinit const Shape engines_shape{"engines", policy_tables::engines_keys};
constinit const Shape term_shape{"term", policy_tables::term_keys};
constinit const Shape category_terms_shape{"category_terms", policy_tables::category_terms_keys};
constinit const Shape terms_shape{"terms", policy_tables::terms_keys};
constinit const Shape period_shape{"period", policy_tables::period_keys};
constinit const Shape shift_shape{"shift", policy_tables::shift_keys};
constinit const Shape lessons_shape{"lessons", policy_tables::lessons_keys};
constinit const Shape days_shape{
    .id = "days", .keys = policy_tables::days_keys, .one_of = policy_tables::days_ways};
constinit const Shape holiday_shape{
    .id = "holiday", .keys = policy_tables::holiday_keys, .one_of = policy_tables::days_ways};
constinit const Shape exam_shape{
    .id = "exam", .keys = policy_tables::exam_keys, .some_of = policy_tables::exam_ways};
constinit const Shape periods_shape{"periods", policy_tables::periods_keys};
constinit const Shape teacher_shape{"teacher", policy_tables::teacher_keys};
constinit const Shape case_keepers_shape{"case_keepers", policy_tables::case_keepers_keys};
constinit const Shape delegation_shape{"delegation", policy_tables::delegation_keys};
constinit const Shape must_work_shape{"must_work", policy_tables::must_work_keys};
constinit const Shape expect_shape{"expect", policy_tables::expect_keys};
constinit const Shape pin_shape{"pin", policy_tables::pin_keys};
constinit const Shape pins_shape{"pins", policy_tables::pins_keys};
constinit const Shape page_text_shape{"page_text", policy_tables::page_text_keys};
constinit const Shape page_language_shape{"page_language", policy_tables::page_language_keys};
constinit const Shape pages_shape{"pages", policy_tables::pages_keys};

}  // namespace schoolgate
