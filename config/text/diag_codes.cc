#include "config/text/diag_codes.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace schoolgate::diag {
namespace {

constexpr Explanation table[] = {
    {file_unreadable, "file cannot be read", "The file is missing, or this program may not read it.",
     "Không đọc được tệp: tệp không có, hoặc chương trình không có quyền đọc."},
    {file_too_large, "file too large",
     "A YAML file may have at most 4 MiB. Long lists of sites belong into list files.",
     "Tệp YAML tối đa 4 MiB. Danh sách trang dài thì để trong tệp danh sách (lists:)."},
    {not_utf8, "not UTF-8", "The file holds a byte that is not UTF-8. Save it again with the encoding UTF-8.",
     "Tệp không đúng bảng mã UTF-8. Hãy lưu lại với bảng mã UTF-8."},
    {control_character, "control character", "The file holds a character that cannot be seen. Delete it.",
     "Tệp có ký tự điều khiển không nhìn thấy được. Hãy xóa đi."},
    {yaml_syntax, "not YAML",
     "Indentation, quotes, brackets or colons are not right, so the rest could not be read.",
     "Sai cú pháp YAML: xem lại thụt đầu dòng, dấu nháy, dấu ngoặc, dấu hai chấm."},
    {yaml_too_deep, "too many levels", "Lists and keys are nested in more than 32 levels.",
     "Lồng nhau quá 32 cấp."},
    {yaml_too_long, "too many values", "One file holds more than 200,000 values. Use list files.",
     "Một tệp có quá 200.000 giá trị. Hãy dùng tệp danh sách."},
    {yaml_anchor, "anchor, alias or merge key",
     "&name, *name and << are refused: what a line does must stand on it.",
     "Không dùng &tên, *tên, <<: mỗi dòng phải tự nói rõ nó làm gì."},
    {yaml_tag, "tag", "!tags are refused. A text that starts with ! stands in quotes.",
     "Không dùng thẻ !tên. Văn bản bắt đầu bằng ! phải để trong dấu nháy."},
    {duplicate_key, "key twice", "The same key stands twice in one group; one of them would be ignored.",
     "Một khóa được viết hai lần. Hãy gộp lại thành một."},
    {second_document, "second document",
     "Everything below would be ignored. Often a wrong indent, or \"---\".",
     "Phần bên dưới sẽ bị bỏ qua. Thường do thụt dòng sai, hoặc có dấu \"---\"."},
    {empty_file, "empty file", "The file holds nothing.", "Tệp rỗng."},
    {key_not_text, "key is not text", "A key must be a text.", "Khóa phải là văn bản."},
    {policy_file_gone, "a file of the policy is gone",
     "The policy that runs was made with this file; without it locks, help lines or the floor would be lost.",
     "Chính sách đang chạy có dùng tệp này; thiếu tệp thì mất phần khóa, đường dây trợ giúp hoặc mức sàn."},
    {not_loaded, "not loaded", "Loading ended with a fault, out of memory for one; what runs goes on.",
     "Việc nạp bị lỗi, ví dụ thiếu bộ nhớ; chính sách đang chạy vẫn có hiệu lực."},
    {waits_for_start, "waits for the next start",
     "Sockets, threads and the log are made once: a reload takes everything else of the file.",
     "Cổng lắng nghe, số luồng và nhật ký chỉ đổi khi khởi động lại; phần còn lại đã được nạp."},
    {key_without_colon, "a key without a colon",
     "The line is a key without a value, and does nothing as it stands. A \":\" is missing behind it.",
     "Dòng này chỉ có khóa, không có giá trị nên không có tác dụng. Thiếu dấu \":\" sau khóa."},
    {unknown_key, "unknown key", "This key is not known here; perhaps it is mistyped.",
     "Khóa này không có ở đây; có thể gõ nhầm."},
    {missing_key, "key is missing", "A key that is needed is not there.", "Thiếu một khóa bắt buộc."},
    {wrong_kind, "wrong kind of value", "A text, a list or a group of keys stands where another one belongs.",
     "Sai kiểu giá trị: cần văn bản, danh sách, hoặc nhóm khóa."},
    {unknown_word, "unknown word", "Only certain words can stand here.",
     "Chỗ này chỉ nhận một số từ nhất định."},
    {bad_number, "not a fitting number", "A whole number within bounds belongs here.",
     "Cần một số nguyên trong khoảng cho phép."},
    {bad_boolean, "neither true nor false", "Only true and false are understood; yes, no, on, off are not.",
     "Chỉ nhận true hoặc false; không nhận yes, no, on, off."},
    {bad_duration, "not a fitting time", "A number with its unit belongs here: 15s, 5m, 2h.",
     "Cần số kèm đơn vị: 15s, 5m, 2h."},
    {bad_address, "not an address",
     "An IP address, with a port where asked: 192.168.10.1:3128, [fd00::1]:3128.",
     "Cần địa chỉ IP, kèm cổng nếu được hỏi: 192.168.10.1:3128."},
    {bad_network, "not a network", "A network as 192.168.20.0/24; the part behind the mask must be zero.",
     "Cần một mạng như 192.168.20.0/24; phần sau mặt nạ phải bằng 0."},
    {bad_version, "unknown version", "Every file starts with \"version: 1\".",
     "Mỗi tệp bắt đầu bằng \"version: 1\"."},
    {bad_time_zone, "unknown time zone", "A name of the time zone database, for Viet Nam: Asia/Ho_Chi_Minh.",
     "Tên múi giờ, ở Việt Nam: Asia/Ho_Chi_Minh."},
    {duplicate_name, "name twice", "Two things have the same name, so one could not be told from the other.",
     "Trùng tên: không phân biệt được."},
    {bad_text, "text does not fit", "The text is empty, too long or not of the form that is needed.",
     "Văn bản rỗng, quá dài hoặc không đúng dạng."},
    {no_listener, "no listener", "Without a line under listen: proxy: nobody can connect.",
     "Chưa có dòng nào trong listen: proxy: nên không ai kết nối được."},
    {bad_path, "path does not fit", "The path must stay inside the configuration's folder, or be absolute.",
     "Đường dẫn phải nằm trong thư mục cấu hình, hoặc là đường dẫn đầy đủ."},
    {parent_guards, "the parent proxy looks names up",
     "With upstream.parent the parent proxy turns names into addresses, so only it can refuse a name that "
     "leads to an address inside the school.",
     "Khi dùng upstream.parent, proxy cấp trên phân giải tên miền, nên chỉ nó mới chặn được tên miền trỏ vào "
     "địa chỉ nội bộ."},
    {bad_date, "not a day", "A day is written as year, month, day: 2027-06-30.",
     "Ngày viết theo năm-tháng-ngày: 2027-06-30."},
    {one_address, "a single address as network",
     "Without its mask the line holds one device. Write the network as 192.168.20.0/24; one device is meant "
     "with /32.",
     "Thiếu mặt nạ nên dòng này chỉ gồm một thiết bị. Hãy ghi cả mạng như 192.168.20.0/24; nếu đúng là một "
     "thiết bị thì ghi /32."},
    {network_not_let_in, "a network that may not connect",
     "The network has a tier, but listen: clients: does not name it, so its devices are refused at the door.",
     "Mạng này đã có cấp học nhưng không nằm trong listen: clients: nên thiết bị trong mạng bị từ chối kết "
     "nối."},
    {open_to_all, "open to everybody",
     "listen: clients: lets public addresses in, so strangers may use the school's connection. Name the "
     "school's own networks.",
     "listen: clients: cho cả địa chỉ công cộng kết nối nên người lạ có thể dùng đường truyền của trường. "
     "Hãy "
     "chỉ ghi các mạng của trường."},
    {admin_clients, "who may open the staff's pages",
     "listen: admin: clients: names the devices from which staff open their pages: single addresses, or "
     "networks "
     "that `who` puts in a tier of adults. A pupils' network never may.",
     "listen: admin: clients: ghi các thiết bị mà nhân viên dùng để mở trang quản lý: từng địa chỉ, hoặc "
     "mạng mà "
     "`who` xếp vào cấp của người lớn. Mạng của học sinh không bao giờ được ghi."},
    {admin_tls, "the staff's pages without https",
     "Passwords travel to these pages, so beyond this machine they are served over https alone: listen: "
     "admin: "
     "tls: {certificate: FILE, key: FILE}.",
     "Mật khẩu được gửi tới các trang này, nên ngoài chính máy này chỉ phục vụ qua https: listen: admin: "
     "tls: "
     "{certificate: FILE, key: FILE}."},
    {unknown_tier, "unknown tier", "No file of the tiers' folder defines this tier.",
     "Không có tệp cấp học nào đặt tên này."},
    {unknown_category, "unknown category", "The catalogue (categories.yaml) does not have this category.",
     "Danh mục (categories.yaml) không có nhóm này."},
    {bad_effect, "not an action",
     "allow, warn, block or help, with the flags that fit: allow+record, block+locked, help+alert.",
     "Cần allow, warn, block hoặc help, có thể kèm cờ: allow+record, block+locked, help+alert."},
    {category_not_named, "category without action",
     "A tier must say what happens to every category, or say \"other:\".",
     "Cấp học phải nêu cách xử lý mọi nhóm, hoặc ghi \"other:\"."},
    {lock_loosened, "a lock is loosened", "What is locked above cannot be weakened here.",
     "Điều đã khóa ở cấp trên thì không nới ở đây được."},
    {extends_circle, "tiers extend each other", "A tier cannot extend itself, directly or through others.",
     "Cấp học không thể kế thừa chính nó."},
    {bad_schedule, "not a timetable",
     "Weekdays and hours: \"T2-T6 07:00-11:30\", \"T7 07:00-10:00\", \"22:00-06:00\".",
     "Thứ và giờ: \"T2-T6 07:00-11:30\", \"T7 07:00-10:00\"."},
    {no_tiers, "no tiers", "The tiers' folder holds no tier file (*.yaml).",
     "Thư mục cấp học chưa có tệp nào (*.yaml)."},
    {too_many, "too many", "More entries than the program can number.", "Quá nhiều mục."},
    {override_of_locked, "a locked category in may_override",
     "A locked category cannot be opened by a teacher.", "Nhóm đã khóa thì giáo viên không mở được."},
    {open_without_use, "open_categories without use",
     "open_categories has a meaning only where the default is block.",
     "open_categories chỉ có nghĩa khi default là block."},
    {staff_as_unknown, "unknown devices as staff", "A device nobody knows must not get the rules of adults.",
     "Thiết bị chưa xác định không được xếp vào nhóm người lớn."},
    {inspect_without_reason, "inspection without a reason",
     "Opening encrypted connections is a decision; the file says why, and who may be asked.",
     "Mở kết nối mã hóa là một quyết định: tệp phải ghi rõ lý do."},
    {allow_unheard, "an allow that never speaks",
     "In a tier whose default is block a category opens nothing, not even by warn, unless open_categories "
     "names it.",
     "Ở cấp học có default: block, một nhóm không mở gì (kể cả warn) nếu open_categories không nêu nhóm đó."},
    {opens_nothing, "delegated, and never to be opened",
     "delegation.yaml lets an account open a category for a time, but the tier's may_override does not name "
     "it: it stays closed. Name it in both, or in neither.",
     "delegation.yaml cho một tài khoản mở tạm nhóm này, nhưng may_override của cấp học không nêu nhóm đó "
     "nên "
     "nhóm vẫn đóng. Hãy ghi ở cả hai tệp, hoặc bỏ ở cả hai."},
    {unknown_room, "no such room",
     "A room is the label of a line of who: in the main file; delegation.yaml and exams in periods.yaml name "
     "it letter for letter.",
     "Phòng là nhãn (label) của một dòng trong who: ở tệp chính; delegation.yaml và exams trong periods.yaml "
     "phải ghi đúng từng chữ."},
    {tool_due, "an AI tool to be looked at again",
     "The line says until when the school wanted to look at this tool again, and that day is over. Look at "
     "it, then write a later day or delete the line.",
     "Dòng này ghi ngày trường muốn xem lại công cụ, và ngày đó đã qua. Hãy xem lại, rồi ghi một ngày sau "
     "hoặc xóa dòng."},
    {inspect_only_useless, "inspect_only beside mode: inspect",
     "inspect_only opens a few sites in a tier that goes by names; a tier that inspects all of them has no "
     "use "
     "for it. Write mode: names, or leave inspect_only out.",
     "inspect_only chỉ mở vài trang ở cấp học xét theo tên; cấp học đã mở mọi trang thì không cần. Hãy ghi "
     "mode: "
     "names hoặc bỏ inspect_only."},
    {bad_period, "periods that cannot be",
     "The periods of a shift follow each other: numbers and times go up, none begins before the last one "
     "ends.",
     "Các tiết trong một buổi nối tiếp nhau: số tiết và giờ tăng dần, tiết sau không bắt đầu trước khi tiết "
     "trước "
     "kết thúc."},
    {no_periods, "periods.yaml does not say it",
     "A row of a timetable speaks of lessons, boarding hours, holidays or a period that periods.yaml does "
     "not name, "
     "or names twice.",
     "Thời khóa biểu nhắc đến tiết học, giờ nội trú, ngày nghỉ hoặc một tiết mà periods.yaml không nêu, hoặc "
     "nêu "
     "hai lần."},
    {never_holds, "a row that never holds",
     "The times of this row meet no day or hour that periods.yaml names, so the row does nothing.",
     "Thời gian của dòng này không trùng ngày, giờ nào trong periods.yaml nên dòng không có tác dụng."},
    {holiday_unconfirmed, "a holiday to be confirmed",
     "Tết and Giỗ Tổ fall on other days each year, and their length is decided each year. Compare the dates, "
     "then "
     "take \"unconfirmed\" out.",
     "Tết và Giỗ Tổ mỗi năm một ngày khác, số ngày nghỉ do cấp trên quyết định hằng năm. Hãy đối chiếu rồi "
     "bỏ "
     "\"unconfirmed\"."},
    {holidays_run_out, "no holidays ahead",
     "All holidays of periods.yaml have passed, so rows that go by them take every day as a day of school.",
     "Mọi ngày nghỉ trong periods.yaml đã qua, nên thời khóa biểu coi ngày nào cũng là ngày học."},
    {page_text_place, "a value that a page text needs, or does not know",
     "Values stand in braces. {reason}, {room_only}, {room_until}, {continue_minutes} and {safeguarding} "
     "must stay where "
     "pupils and adults read them; another name is known to no page.",
     "Giá trị nằm trong ngoặc nhọn. {reason}, {room_only}, {room_until}, {continue_minutes} và "
     "{safeguarding} phải còn ở "
     "chỗ học sinh và người lớn đọc; tên khác thì không trang nào biết."},
    {page_text_long, "a page text is too long",
     "A title has at most 120 characters, a sentence 400, a page 10 sentences.",
     "Tiêu đề dài nhất 120 ký tự, một câu 400 ký tự, một trang 10 câu."},
    {page_text_markup, "markup in a page text",
     "Every text is shown as it is written: <b> stands on the page as <b>. The page has its own look.",
     "Mọi chữ hiện đúng như đã ghi: <b> sẽ hiện ra là <b>. Trang đã có cách trình bày riêng."},
    {bad_line, "not a site", "A line names a site: vi.wikipedia.org, *.edu.vn, youtube.com/channel/x.",
     "Một dòng nêu một trang: vi.wikipedia.org, *.edu.vn, youtube.com/channel/x."},
    {bad_pattern, "not a pattern", "The pattern is not a regular expression that RE2 accepts.",
     "Mẫu không phải biểu thức chính quy mà RE2 nhận."},
    {pattern_test_failed, "a test of a pattern failed",
     "An address under hit: must match, one under miss: must not.",
     "Địa chỉ trong hit: phải khớp, trong miss: không được khớp."},
    {policy_test_failed, "a test of the policy failed",
     "The tier decides another way than its test says. A test is a line of the tier's file: if the change is "
     "wanted, change or delete the test.",
     "Cấp học quyết định khác với điều bài kiểm tra ghi. Bài kiểm tra là một dòng của tệp cấp học: nếu đúng "
     "ý "
     "thì sửa hoặc xóa bài kiểm tra đó."},
    {line_too_wide, "a very wide line",
     "The line holds everything under a public suffix, such as com.vn, or in a network as wide as 0.0.0.0/0.",
     "Dòng này bao mọi trang dưới một đuôi tên miền chung, như com.vn, hoặc trong một dải địa chỉ rộng như "
     "0.0.0.0/0."},
    {path_never_asked, "a path that is never asked",
     "With https: names only the name of an https site is seen.",
     "Với https: names chỉ thấy tên miền của trang https, không thấy đường dẫn."},
    {bad_floor_line, "not a SHA-256", "A line of the floor holds 64 hexadecimal digits.",
     "Mỗi dòng là 64 chữ số thập lục phân (SHA-256)."},
    {bad_term, "not a term", "The term cannot be read: see the signs ( ) | ? * $ at the head of terms.yaml.",
     "Không đọc được từ khóa: xem các dấu ( ) | ? * $ ở đầu terms.yaml."},
    {term_test_failed, "a test of a term failed",
     "A text under hit: must be found by its rule, one under miss: must not.",
     "Câu trong hit: phải khớp với luật, câu trong miss: không được khớp."},
    {pattern_never_matches, "a pattern that matches nothing",
     "No address can match the pattern; target: host asks about the name of the site alone.",
     "Không địa chỉ nào khớp với mẫu này; target: host chỉ xét tên miền của trang."},
    {no_such_site, "a name that no site has",
     "The line is read as it stands, and no address fits it: a blank after the \"-\" is missing, the quotes "
     "are those of a word processor, a dot is missing, or a * stands in a path.",
     "Dòng được đọc đúng như đã gõ nên không khớp trang nào: thiếu dấu cách sau \"-\", dùng dấu nháy cong, "
     "thiếu dấu chấm, hoặc có dấu * trong đường dẫn."},
    {www_alone, "www. alone",
     "The line holds the name with www. and those below it, not the site without www. Leave www. out to mean "
     "all of the site.",
     "Dòng này chỉ gồm tên có www., không gồm tên không có www. Bỏ www. để tính cả trang."},
    {bad_bundle, "not a host of a bundle",
     "A bundle names hosts. What many sites share (googleapis.com, cloudfront.net) is named host by host, "
     "under shared:. A hole of the gateway's firewall leads to a bundle that has networks: besides.",
     "Gói trang nêu tên các máy chủ. Tên mà nhiều trang dùng chung (googleapis.com, cloudfront.net) phải ghi "
     "từng máy "
     "chủ, dưới shared:. Lỗ mở của tường lửa gateway chỉ dẫn tới gói trang có thêm networks:."},
    {unknown_bundle, "unknown bundle", "The name stands in no bundles.yaml and in no file of bundles.d.",
     "Tên này không có trong bundles.yaml hay trong bundles.d."},
    {bundle_known, "a site that needs more hosts",
     "The line opens the site, and hosts that its pages need stay closed. The bundle of the site opens them "
     "too.",
     "Dòng này mở trang, nhưng những máy chủ mà trang cần vẫn bị chặn. Gói trang (bundle) mở cả những máy "
     "chủ đó."},
    {list_unreadable, "list cannot be read", "The list's file is missing or may not be read.",
     "Không đọc được tệp danh sách."},
    {list_bad_lines, "lines of a list are wrong", "Some lines could not be used; all others count.",
     "Một số dòng không dùng được; các dòng khác vẫn có hiệu lực."},
    {folder_not_mapped, "folder without category",
     "A folder of the list tree belongs to no category and is not read.",
     "Một thư mục danh sách chưa gắn với nhóm nào nên không được đọc."},
    {folder_without_lists, "no lists in this folder",
     "No subfolder holds a file domains, urls or expressions.",
     "Không có thư mục con nào chứa tệp domains, urls hay expressions."},
    {list_shrunk, "list shrunk or gone",
     "The list has lost more than 30 % of its entries since the last good load, or all of them. Bring it "
     "back; if "
     "that is meant: schoolgate reload --accept-shrunk.",
     "Danh sách mất hơn 30 % số mục so với lần nạp tốt gần nhất, hoặc mất hẳn. Hãy khôi phục; nếu đúng ý: "
     "schoolgate reload "
     "--accept-shrunk."},
    {last_good_lists_used, "last good lists in use",
     "The lists as they are now cannot be used; the last good ones are.",
     "Danh sách hiện tại không dùng được; đang dùng bản tốt gần nhất."},
    {compile_failed, "lists cannot be compiled", "The rule database could not be made of these lists.",
     "Không biên dịch được danh sách."},
    {cache_damaged, "compiled lists are damaged",
     "The file of compiled lists was not as it was written; they were compiled anew.",
     "Tệp danh sách đã biên dịch bị hỏng; đã biên dịch lại."},
    {cache_not_written, "compiled lists not kept",
     "The compiled lists could not be written; the next start takes longer.",
     "Không ghi được danh sách đã biên dịch; lần khởi động sau sẽ lâu hơn."},
    {list_suffix, "a public suffix in a list",
     "An entry such as com.vn would hold every site under it. It is left out, unless the list says suffixes: "
     "true.",
     "Một mục như com.vn sẽ bao mọi trang bên dưới nó. Mục này bị bỏ qua, trừ khi danh sách ghi suffixes: "
     "true."},
    {list_hoster, "a hoster's suffix in a list",
     "Everybody can have a site under this name (github.io); the list holds all of them.",
     "Ai cũng có thể mở trang dưới tên này (github.io); danh sách bao tất cả."},
    {list_include, "a file that a list includes",
     "A list includes files of its own folder and below alone, and no links. Copy the file there, and name "
     "it "
     "from that folder.",
     "Danh sách chỉ được kèm tệp nằm trong thư mục của chính nó, không qua liên kết. Hãy chép tệp vào đó và "
     "ghi "
     "đường dẫn từ thư mục ấy."},
    {list_other_format, "a list of another format",
     "Most lines of the file look like another format than the one that the entry of the list names.",
     "Phần lớn các dòng của tệp có dạng khác với định dạng (format) đã ghi cho danh sách."},
    {list_only_exceptions, "a list of exceptions alone",
     "Exceptions lift rules of their own file only, so this list does nothing. What a school opens are allow "
     "lines of a tier.",
     "Ngoại lệ chỉ gỡ các dòng trong cùng tệp nên danh sách này không có tác dụng. Muốn mở trang, hãy ghi "
     "allow "
     "trong cấp học."},
    {list_not_fetched, "a list was never fetched",
     "The list is to be fetched, and never was. Run: schoolgate lists update, then schoolgate reload.",
     "Danh sách được tải về nhưng chưa tải lần nào. Hãy chạy: schoolgate lists update, rồi schoolgate "
     "reload."},
    {bad_list_address, "not an address of a list",
     "Lists are fetched over https alone, from an address without a user name, password or #.",
     "Danh sách chỉ được tải qua https, từ địa chỉ không có tên người dùng, mật khẩu hay dấu #."},
    {list_reach_locked, "exceptions that would reach a locked category",
     "reach: category lets a list's exceptions open what other lists of the category close. What a tier "
     "locks "
     "is not opened so: locked.yaml is the place for it.",
     "reach: category cho phép ngoại lệ của danh sách này mở những gì danh sách khác cùng nhóm chặn. Nhóm bị "
     "khóa thì không mở theo cách đó: hãy dùng locked.yaml."},
    {lookalikes_act_not, "look-alikes are recorded only",
     "Too few names are known to close a site by its name alone: it takes 20,000 entries of the category, "
     "and "
     "50,000 ordinary ones in categories that say names: benign. Until then look-alikes are recorded.",
     "Chưa đủ tên để chặn một trang chỉ vì tên giống: cần 20.000 dòng của nhóm, và 50.000 tên bình thường "
     "trong "
     "các nhóm có names: benign. Cho đến lúc đó, trang có tên giống chỉ được ghi lại."},
    {lookalikes_waiting, "newly learned look-alikes wait",
     "What the names of the lists teach now would judge more than 20 sites that were asked for last week "
     "otherwise "
     "than before. What was learned before goes on until a person accepts the new: schoolgate reload "
     "--accept-shrunk.",
     "Những gì học được từ tên trong danh sách bây giờ sẽ xét khác đi hơn 20 trang đã được mở trong tuần "
     "trước. Bản "
     "học trước vẫn dùng cho đến khi có người chấp nhận bản mới: schoolgate reload --accept-shrunk."},
    {ca_missing, "no authority",
     "A tier opens https connections, and the school's own certificate is not there. Make it once: "
     "schoolgate ca "
     "create.",
     "Có cấp học mở kết nối https nhưng chưa có chứng chỉ của trường: chạy schoolgate ca create."},
    {exception_expired, "an exception has expired",
     "The site's certificate is checked again like any other. Remove the line, or decide anew.",
     "Ngoại lệ đã hết hạn: chứng chỉ của trang lại được kiểm tra. Xóa dòng này hoặc quyết định lại."},
    {ca_unusable, "the authority cannot be used",
     "A tier opens https connections, and the school's certificate, its key, or a file of upstream.extra_ca "
     "or "
     "https.crl_dir cannot be read by the service.",
     "Có cấp học mở kết nối https nhưng chương trình không đọc được chứng chỉ, khóa của trường, hoặc một tệp "
     "của "
     "upstream.extra_ca hay https.crl_dir."},
    {crl_folder_missing, "no folder of revocation lists",
     "https: crl_dir names a folder that is not there; without it certificates that were taken back would "
     "pass.",
     "Thư mục ghi ở https: crl_dir không có; thiếu nó, chứng chỉ đã bị thu hồi sẽ được cho qua."},
    {trust_unsaid, "nobody says which devices trust the certificate",
     "A tier opens https connections, and no line of who: says which networks' devices trust the school's "
     "certificate, so all are taken to. Write trusts_ca: true where it is installed; from the first such "
     "line on "
     "the others are left alone.",
     "Có cấp học mở kết nối https nhưng chưa dòng nào của who: cho biết mạng nào có máy tin chứng chỉ của "
     "trường, "
     "nên coi như mọi máy đều tin. Hãy ghi trusts_ca: true ở mạng đã cài; khi có dòng đầu tiên, các mạng "
     "khác sẽ "
     "không bị mở nữa."},
    {trusted_nowhere, "a tier that opens, and no device that trusts",
     "The tier opens https connections, but none of its networks says trusts_ca: true: nothing is opened.",
     "Cấp học này mở kết nối https, nhưng không mạng nào của cấp ghi trusts_ca: true nên không kết nối nào "
     "được "
     "mở."},
    {inspect_only_closed, "a site that is never opened",
     "inspect_only names a site for sign-in, mail, files, meetings or money, or one of never_inspect: these "
     "stay "
     "closed whatever a tier names.",
     "inspect_only nêu một trang đăng nhập, thư, tệp, họp hoặc tiền, hay một trang của never_inspect: các "
     "trang "
     "này luôn đóng kín."},
    {inspect_only_wide, "all sites below a name are opened",
     "A name with \"*.\" opens every site below it; what is known to be for sign-in, mail, files, meetings "
     "or "
     "money stays closed, what nobody knows does not. Naming the hosts one by one is safer.",
     "Tên có \"*.\" mở mọi trang bên dưới; các trang đăng nhập, thư, tệp, họp, tiền đã biết thì vẫn đóng, "
     "còn "
     "trang chưa ai biết thì bị mở. Nêu từng trang sẽ an toàn hơn."},
    {floor_gone, "the signed floor is gone",
     "A signed floor was accepted, and floor.sealed is gone or cannot be read. Only another signed one takes "
     "its "
     "place.",
     "Mức sàn có chữ ký đã được chấp nhận, nay mất tệp floor.sealed hoặc không đọc được. Chỉ một mức sàn có "
     "chữ "
     "ký khác mới thay được."},
    {floor_plain, "a floor that nobody signed",
     "floor.txt of before stays in force until a signed floor is accepted.",
     "floor.txt có từ trước vẫn có hiệu lực cho đến khi chấp nhận một mức sàn có chữ ký."},
    {floor_unsigned, "a floor without a signature",
     "A new floor counts only with a signature: floor.sealed with floor.sealed.minisig.",
     "Mức sàn mới chỉ có hiệu lực khi có chữ ký: floor.sealed kèm floor.sealed.minisig."},
    {floor_keys_unusable, "no keys that may be trusted",
     "Who may sign a floor stands in floor_keys. It belongs to root, and nobody else may write it or its "
     "folder.",
     "Ai được ký mức sàn thì ghi trong floor_keys. Tệp này thuộc root, không ai khác được ghi vào tệp hay "
     "thư mục "
     "chứa nó."},
    {floor_bad_signature, "a signature that does not fit",
     "floor.sealed is not as it was signed, or its signature is damaged. The floor of before stays.",
     "floor.sealed không còn như lúc được ký, hoặc chữ ký bị hỏng. Mức sàn trước đó vẫn giữ nguyên."},
    {floor_foreign, "signed by somebody else",
     "The key that signed this floor does not stand in floor_keys. The floor of before stays.",
     "Khóa đã ký mức sàn này không có trong floor_keys. Mức sàn trước đó vẫn giữ nguyên."},
    {bad_sealed_file, "no sealed floor",
     "The file is not as schoolgate floor build writes it. The floor of before stays.",
     "Tệp không đúng dạng mà schoolgate floor build ghi ra. Mức sàn trước đó vẫn giữ nguyên."},
    {floor_older, "an older floor",
     "A newer signed floor was accepted already; an older one never takes its place.",
     "Đã chấp nhận một mức sàn có chữ ký mới hơn; bản cũ hơn không thay được."},
    {floor_plain_idle, "floor.txt does not count",
     "A signed floor is in force, and floor.txt is not read any more. Delete it.",
     "Mức sàn có chữ ký đang có hiệu lực, floor.txt không còn được dùng. Hãy xóa đi."},
    {floor_out_of_sight, "the floor may not be read",
     "This user may not read floor.sealed: what is shown here is without it. The proxy reads it as its own "
     "user.",
     "Người dùng này không được đọc floor.sealed nên kết quả ở đây không tính mức sàn. Proxy đọc bằng người "
     "dùng "
     "riêng."},
    {secret_open, "a password that others can read",
     "The file with the password of the mail server is for the proxy's user alone (0600): whoever reads it "
     "can write "
     "mails in the school's name.",
     "Tệp mật khẩu của máy chủ thư chỉ dành cho người dùng chạy proxy (0600): ai đọc được nó thì gửi được "
     "thư mang "
     "tên trường."},
    {hole_due, "a hole to be looked at again",
     "A line of gateway: open: lets traffic through unseen; the day by which somebody wanted to ask whether "
     "that "
     "is still needed is over.",
     "Một dòng trong gateway: open: cho lưu lượng đi qua mà không được lọc; đã quá ngày hẹn xem lại có còn "
     "cần "
     "hay không."},
    {overlay_unusable, "changes of commands cannot be used",
     "Commands changed the configuration (rollback, pin), and what they wrote is damaged or cannot be read.",
     "Các lệnh (rollback, pin) đã thay đổi cấu hình, nhưng phần chúng ghi lại bị hỏng hoặc không đọc được."},
    {overlay_over_changed, "a file changed under what is laid over it",
     "A command laid another text over this file; what was written into the file since does not rule.",
     "Một lệnh đã đặt nội dung khác lên trên tệp này; những gì ghi vào tệp từ đó đến nay không có hiệu lực."},
    {overlay_laid, "files that commands changed",
     "These files rule as commands left them, in the folder of the program, not as they are in the "
     "configuration's folder.",
     "Các tệp này có hiệu lực theo nội dung mà các lệnh đã đặt, không theo tệp trong thư mục cấu hình."},
    {restore_cut, "a restore was cut in the middle",
     "The restore of a backup ended before all files were in place. `schoolgate restore --finish` puts the "
     "rest "
     "there.",
     "Việc khôi phục từ bản sao lưu bị ngắt trước khi mọi tệp vào đúng chỗ. `schoolgate restore --finish` "
     "làm nốt "
     "phần còn lại."},
    {must_work_closed, "a site that must work is closed",
     "expect.yaml or a pin says what must be so, and the policy or a list says otherwise.",
     "expect.yaml hoặc một phép thử đã ghim nêu điều phải đúng, nhưng chính sách hoặc danh sách lại làm "
     "khác."},
    {list_bad_line, "a line of a list", "This line cannot be used; all others count.",
     "Dòng này không dùng được; các dòng khác vẫn có hiệu lực."},
    {list_bad_utf8_line, "a line is not UTF-8", "This line of the list is not UTF-8; all others count.",
     "Dòng này không đúng bảng mã UTF-8; các dòng khác vẫn có hiệu lực."},
    {list_binary, "list is not text",
     "The list's file holds NUL bytes: it is a program, an archive or damaged.",
     "Tệp danh sách không phải văn bản: có thể là tệp nén hoặc bị hỏng."},
    {list_not_text, "list is not text", "Too many lines of the list's file are not UTF-8.",
     "Quá nhiều dòng của danh sách không đúng bảng mã UTF-8."},
    {list_empty, "list without entries", "The list's file holds no entry: an update may have failed.",
     "Danh sách không có mục nào: có thể lần cập nhật bị lỗi."},
    {list_too_big, "list too large", "The list's file is too large for one list. Split it.",
     "Tệp danh sách quá lớn. Hãy chia nhỏ."},
    {list_utf16, "list is UTF-16 text", "The list's file has two bytes a character. Save it as UTF-8.",
     "Tệp danh sách dùng bảng mã UTF-16. Hãy lưu lại bằng UTF-8."},
    {conflict_line_defeated, "a line has no effect",
     "A locked line or a locked category stands above this line, so it does nothing. Delete it, or ask who "
     "locked it.",
     "Dòng này không có tác dụng vì bị khóa ở cấp trên. Hãy xóa, hoặc hỏi người đã khóa."},
    {conflict_line_twice, "a line twice", "The same site stands twice in one tier with different actions.",
     "Một trang được viết hai lần trong một cấp học với cách xử lý khác nhau."},
    {conflict_timetable_on_lock, "a timetable on a locked category",
     "The timetable changes a category that is locked, so it does nothing.",
     "Thời khóa biểu đổi một nhóm đã khóa nên không có tác dụng."},
    {conflict_timetable_overlap, "rows of a timetable overlap",
     "Two rows hold at the same time and say different things about a category or site; the stricter counts. "
     "A row "
     "whose "
     "times lie wholly within another's is its exception and wins.",
     "Hai dòng thời khóa biểu trùng giờ mà khác nhau về một nhóm hay một trang: dòng chặt hơn có hiệu lực. "
     "Dòng nằm trọn "
     "trong "
     "giờ của dòng khác là ngoại lệ của dòng đó và được ưu tiên."},
    {conflict_line_left_open, "a line that leaves a part open",
     "The tier that this one extends has a milder line on a part of the site, and the more specific line "
     "wins.",
     "Cấp học mà cấp này kế thừa có một dòng nới hơn cho một phần của trang; dòng cụ thể hơn được ưu tiên."},
};

constexpr bool ascending() {
  for (std::size_t i = 1; i < std::size(table); ++i)
    if (table[i - 1].code >= table[i].code) return false;
  return true;
}
static_assert(ascending(), "find() searches by halves");

}  // namespace

std::span<const Explanation> all() noexcept {
  return table;
}

const Explanation* find(int code) noexcept {
  const auto* found = std::lower_bound(std::begin(table), std::end(table), code,
                                       [](const Explanation& e, int wanted) { return e.code < wanted; });
  return found != std::end(table) && found->code == code ? found : nullptr;
}

const Explanation* find(std::string_view text) noexcept {
  if (text.size() > 2 && (text[0] == 'S' || text[0] == 's') && (text[1] == 'G' || text[1] == 'g'))
    text.remove_prefix(2);
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  return error == std::errc{} && end == text.data() + text.size() ? find(code) : nullptr;
}

}  // namespace schoolgate::diag
