#include "tools/commands/help_vietnamese.h"

#include <string>
#include <unordered_map>

namespace schoolgate::tools {
namespace {

// What the commands say of themselves, and the headings of the manual.
constexpr Translation help_table[] = {
    {"Name", "Tên"},
    {"Synopsis", "Cú pháp"},
    {"Description", "Mô tả"},
    {"Commands", "Các lệnh"},
    {"Options", "Tùy chọn"},
    {"Files", "Các tệp"},
    {"See also", "Xem thêm"},
    {"Examples", "Ví dụ"},
    {"Signals", "Tín hiệu"},
    {"Exit codes", "Mã kết thúc"},
    {"command", "lệnh"},
    {"options", "tùy chọn"},
    {"Unless said:", "Nếu không ghi:"},
    {"Also by the environment variable", "Cũng đặt được bằng biến môi trường"},
    {"Only together with", "Chỉ dùng cùng"},
    {"Not together with", "Không dùng cùng"},
    {"a web filter for schools", "bộ lọc web cho trường học"},
    {"Schoolgate: a web filter for schools. One program: the proxy, and the commands that look after it.",
     "Schoolgate: bộ lọc web cho trường học. Một chương trình: proxy, và các lệnh trông nom nó."},
    {"Print this help message and exit", "In lời trợ giúp này rồi kết thúc"},
    {"print the version", "in phiên bản"},
    {"What a kind of file may hold, for editors (JSON Schema)",
     "Một loại tệp được ghi những gì, cho trình soạn thảo (JSON Schema)"},
    {"An editor that knows the schemas (VS Code with its YAML extension, Kate, Vim, Emacs) offers keys and "
     "words, "
     "says what each is for, and underlines what `schoolgate check` would refuse. The installed ones lie in "
     "/usr/share/schoolgate/schema, in English in its en/; each file names its own in a comment.",
     "Trình soạn thảo biết các lược đồ này (VS Code có phần mở rộng YAML, Kate, Vim, Emacs) gợi ý khóa và "
     "từ, cho biết "
     "mỗi thứ để làm gì, và gạch chân điều mà `schoolgate check` sẽ từ chối. Các lược đồ đã cài nằm trong "
     "/usr/share/schoolgate/schema, bản tiếng Anh trong thư mục con en/; mỗi tệp ghi sẵn lược đồ của mình "
     "trong một dòng "
     "chú thích."},
    {"which kinds of files there are", "có những loại tệp nào"},
    {"what a file of tiers.d may hold", "một tệp trong tiers.d được ghi những gì"},
    {"all of them, for the teacher's own PC", "tất cả, cho máy riêng của thầy cô"},
    {"write all of them into this folder, in both languages",
     "ghi tất cả vào thư mục này, bằng cả hai ngôn ngữ"},
    {"the kind of file; without it all are listed", "loại tệp; không ghi thì liệt kê tất cả"},
    {"of the descriptions; without it the school's",
     "của các lời mô tả; không ghi thì theo ngôn ngữ của trường"},
    {"Run the proxy in the foreground", "Chạy proxy ở tiền cảnh"},
    {"Load policy and lists anew: taken whole, or refused whole with every error",
     "Nạp lại chính sách và danh sách: nhận trọn vẹn, hoặc từ chối trọn vẹn kèm mọi lỗi"},
    {"Put a newly installed program in place of the running one",
     "Đưa chương trình vừa cài vào thay chương trình đang chạy"},
    {"What the running proxy does", "Proxy đang chạy làm gì"},
    {"End the running proxy as SIGTERM does", "Kết thúc proxy đang chạy như SIGTERM"},
    {"This school's configuration, policy and figures as one file",
     "Cấu hình, chính sách và số liệu của trường thành một tệp"},
    {"the file to make; one that is there is left alone", "tệp cần tạo; tệp đã có sẵn thì được giữ nguyên"},
    {"keys, passwords and accounts too: always encrypted, by `age`",
     "cả khóa, mật khẩu và tài khoản: luôn được mã hóa bằng `age`"},
    {"encrypt for this public key of `age`, or a file of such keys; else --keys asks for a passphrase",
     "mã hóa cho khóa công khai này của `age`, hoặc một tệp các khóa như thế; nếu không, --keys sẽ hỏi câu "
     "mật khẩu"},
    {"make none: show every file, and whether it belongs into one",
     "không tạo gì: cho xem từng tệp, và tệp đó có thuộc bản sao lưu không"},
    {"Configuration, what commands changed of it, accepted policies, fetched lists and the figures of the "
     "log go into "
     "one file, 0600. Rows of the log never do. Without --keys no key and no password is in it; with --keys "
     "the "
     "authority's key, passwords, the accounts of the staff's pages and this month's key of the pseudonyms "
     "are, and "
     "the file is encrypted by `age`.",
     "Cấu hình, những gì các lệnh đã đổi, các chính sách đã chấp nhận, danh sách đã tải và số liệu của nhật "
     "ký vào một "
     "tệp, quyền 0600. Dòng nhật ký thì không bao giờ. Không dùng --keys thì trong đó không có khóa hay mật "
     "khẩu nào; "
     "dùng --keys thì có khóa của nơi cấp chứng chỉ, mật khẩu, tài khoản các trang của nhân viên và khóa bí "
     "danh của "
     "tháng này, và tệp được mã hóa bằng `age`."},
    {"schoolgate-backup-2026-11-30.tar.gz in this folder",
     "schoolgate-backup-2026-11-30.tar.gz trong thư mục này"},
    {"every file: whether a backup holds it, and why not",
     "từng tệp: bản sao lưu có chứa không, và vì sao không"},
    {"asks for a passphrase; the file ends in .tar.gz.age",
     "hỏi câu mật khẩu; tên tệp kết thúc bằng .tar.gz.age"},
    {"for whoever has the private key", "cho người giữ khóa riêng"},
    {"Put a backup in the place of what is there: looks first, and asks",
     "Đưa bản sao lưu vào thay những gì đang có: xem trước, rồi hỏi"},
    {"the file that `schoolgate backup` made", "tệp do `schoolgate backup` tạo"},
    {"the file of the private key of `age`; else it asks for a passphrase",
     "tệp khóa riêng của `age`; nếu không thì hỏi câu mật khẩu"},
    {"change nothing: verify it, and show what would change", "không đổi gì: kiểm tra, và cho xem sẽ đổi gì"},
    {"do not ask", "không hỏi"},
    {"put the rest in place after an end in the middle", "làm nốt phần còn lại sau khi bị ngắt giữa chừng"},
    {"Everything is looked at before anything is touched: each file's SHA-256, and whether the configuration "
     "loads. Then "
     "it shows what would change, and asks. What was there is kept aside. The log is never kept longer than "
     "this "
     "machine keeps it now, and a running proxy is told to reload. After an end in the middle no "
     "configuration loads "
     "until --finish was given.",
     "Mọi thứ được xem trước khi đụng đến bất cứ gì: SHA-256 của từng tệp, và cấu hình có nạp được không. "
     "Sau đó cho xem "
     "sẽ đổi gì, rồi hỏi. Những gì có sẵn được cất sang bên. Nhật ký không bao giờ được giữ lâu hơn máy này "
     "đang giữ, và "
     "proxy đang chạy được bảo nạp lại. Nếu bị ngắt giữa chừng thì không cấu hình nào nạp được cho đến khi "
     "dùng "
     "--finish."},
    {"what would change", "sẽ đổi gì"},
    {"the same, asks, does it", "như trên, hỏi, rồi làm"},
    {"encrypted for a key; a passphrase is asked for",
     "mã hóa cho một khóa; còn câu mật khẩu thì chương trình hỏi"},
    {"what was cut in the middle", "phần bị ngắt giữa chừng"},
    {"Serve the staff's pages, in the foreground", "Phục vụ các trang của nhân viên, ở tiền cảnh"},
    {"A process of its own, beside the proxy: it reads the log, has no key, and asks the proxy for all else. "
     "Where it listens and who may open it says listen: admin: in the main file. Started as root it becomes "
     "another user first.",
     "Một tiến trình riêng bên cạnh proxy: đọc nhật ký, không giữ khóa nào, mọi việc khác đều hỏi proxy. "
     "Nghe ở đâu và ai được mở là do listen: admin: trong tệp cấu hình chính. Chạy bằng root thì trước hết "
     "trở thành người dùng khác."},
    {"once: prints a link that works once", "một lần: in liên kết dùng được một lần"},
    {"the pages, from now on and after each start", "bật các trang, từ nay và sau mỗi lần khởi động máy"},
    {"Passwords are never typed here: whoever gets the link chooses one. Roles: teacher, admin, "
     "safeguarding, head, auditor. A teacher's account has the name that delegation.yaml uses.",
     "Không bao giờ gõ mật khẩu ở đây: người nhận liên kết tự chọn. Vai trò: teacher, admin, safeguarding, "
     "head, auditor. Tài khoản giáo viên mang đúng tên trong delegation.yaml."},
    {"prints a link; it works once, within a day", "in liên kết; dùng được một lần, trong một ngày"},
    {"a new link for who forgot the password or lost the phone",
     "liên kết mới cho người quên mật khẩu hoặc mất điện thoại"},
    {"another role; ends open sessions", "vai trò khác; kết thúc các phiên đang mở"},
    {"signs out, and lets nobody in any more", "đăng xuất, và không cho vào nữa"},
    {"Who has an account on the staff's pages", "Ai có tài khoản trên các trang của nhân viên"},
    {"A new account: prints a link that works once", "Tài khoản mới: in liên kết dùng được một lần"},
    {"A new link for an account: to choose a password anew",
     "Liên kết mới cho một tài khoản: để chọn lại mật khẩu"},
    {"Give an account another role", "Giao cho tài khoản vai trò khác"},
    {"Sign an account out, and let it in no more", "Cho tài khoản đăng xuất và không cho vào nữa"},
    {"Let it in again", "Cho vào lại"},
    {"All accounts with their roles", "Mọi tài khoản kèm vai trò"},
    {"the account", "tài khoản"},
    {"the file of the accounts", "tệp tài khoản"},
    {"teacher, admin, safeguarding, head or auditor", "teacher, admin, safeguarding, head hoặc auditor"},
    {"Check configuration, tiers, lists and patterns; run their tests",
     "Kiểm tra cấu hình, cấp học, danh sách và mẫu; chạy các phép thử của chúng"},
    {"Say what happens to a URL, by which line, and what lost",
     "Cho biết một địa chỉ được xử lý ra sao, theo dòng nào, và dòng nào thua"},
    {"What alerts have opened, for the safeguarding lead",
     "Những trường hợp do cảnh báo mở ra, dành cho người phụ trách an toàn học sinh"},
    {"also those that are handled, passed on or false alarms",
     "cả những trường hợp đã xử lý, đã chuyển hoặc báo nhầm"},
    {"Those that are open", "Những trường hợp đang chờ"},
    {"One, with its rows and what was done about it",
     "Một trường hợp, với các dòng của nó và những việc đã làm"},
    {"its code", "mã của nó"},
    {"a word for colleagues; it stays with the case", "ghi chú cho đồng nghiệp, lưu cùng trường hợp"},
    {"Somebody looks after it", "Có người đang xem xét"},
    {"It is done with", "Đã xử lý xong"},
    {"Others look after it now", "Đã chuyển cho người khác"},
    {"A false alarm: say so, and how it is left out", "Báo nhầm: ghi lại, và cho biết cách loại trừ"},
    {"Rows for another program, as JSON lines or CSV",
     "Lấy các dòng cho chương trình khác, dạng JSON từng dòng hoặc CSV"},
    {"jsonl (JSON lines with the names of ECS) or csv, for spreadsheets",
     "jsonl (mỗi dòng một mục JSON, tên theo ECS) hoặc csv, cho bảng tính"},
    {"the reason, which is recorded; with --with-clients it must be said",
     "lý do, sẽ được ghi lại; kèm --with-clients thì phải nêu"},
    {"with pseudonyms of devices, and times to the millisecond",
     "kèm bí danh của thiết bị, và thời gian đến phần nghìn giây"},
    {"An export is of the ordinary log: what `schoolgate log` shows, never more, so a row of help is the row "
     "that anybody sees. "
     "Without clients, and then to the minute, unless --with-clients and --why say otherwise. Each export is "
     "an event `log_taken` "
     "in the log, with who, what and why; where that cannot be written, nothing is exported. A row has what "
     "of these it knows.",
     "Lệnh này lấy từ nhật ký thường: đúng những gì `schoolgate log` cho xem, không bao giờ hơn, nên dòng về "
     "sự giúp đỡ vẫn là dòng mà ai "
     "cũng thấy. Không có thiết bị, và giờ chỉ đến phút, trừ khi có --with-clients và --why. Mỗi lần lấy là "
     "một sự kiện `log_taken` trong "
     "nhật ký, ghi ai, lấy gì và vì sao; không ghi được thì không lấy gì. Mỗi dòng có những gì biết được "
     "trong các tên sau."},
    {"Names", "Các tên"},
    {"when it was asked for, UTC", "lúc được hỏi, giờ UTC"},
    {"allow, warn, block or refused", "allow, warn, block hoặc refused"},
    {"access, and allowed or denied", "access, và allowed hoặc denied"},
    {"why; schoolgate.layer says in which step of a decision",
     "vì sao; schoolgate.layer cho biết ở bước nào của quyết định"},
    {"the code on the page", "mã trên trang"},
    {"in nanoseconds", "tính bằng nano giây"},
    {"the pseudonym of the device's address; with --with-clients alone",
     "bí danh của địa chỉ thiết bị; chỉ khi có --with-clients"},
    {"how much the device sent; server.bytes: how much it got",
     "thiết bị đã gửi bao nhiêu; server.bytes: đã nhận bao nhiêu"},
    {"how it was asked for; http.response.status_code: what the answer was",
     "hỏi bằng phương thức nào; http.response.status_code: trả lời thế nào"},
    {"the site; url.port, and url.path of what was blocked or warned",
     "trang; url.port, và url.path của những gì bị chặn hoặc cảnh báo"},
    {"the line that decided, FILE:LINE", "dòng đã quyết định, TỆP:DÒNG"},
    {"the category; rule.ruleset: the tier; rule.version: the fingerprint of the policy",
     "nhóm nội dung; rule.ruleset: cấp học; rule.version: dấu vân tay của chính sách"},
    {"what failed, or why it was refused", "hỏng ở đâu, hoặc vì sao bị từ chối"},
    {"record, alert, locked", "record, alert, locked"},
    {"how much the filter saw; schoolgate.ended: how it ended",
     "bộ lọc thấy bao nhiêu; schoolgate.ended: kết thúc thế nào"},
    {"a page that somebody opened; schoolgate.count: how many requests the row stands for",
     "một trang được mở; schoolgate.count: dòng thay cho bao nhiêu yêu cầu"},
    {"in JSON lines, as event.dataset, event.kind and event.category: the same in each row",
     "chỉ có ở JSON, cùng event.dataset, event.kind và event.category: dòng nào cũng như nhau"},
    {"Read the access log", "Đọc nhật ký truy cập"},
    {"What is old enough to be deleted; confirm the date", "Dòng nào đủ cũ để xóa; xác nhận ngày"},
    {"Is the log what it was when it was sealed?", "Nhật ký có còn như lúc niêm phong không?"},
    {"The last seal of the log, to be taken off this machine",
     "Niêm phong cuối của nhật ký, để mang khỏi máy này"},
    {"the digest of a seal that left this machine: it must be in the chain",
     "mã băm của một niêm phong đã mang khỏi máy này: nó phải có trong chuỗi"},
    {"a file with a public key to verify by, instead of seal.pub beside the log; also several times",
     "tệp có khóa công khai để kiểm tra, thay cho seal.pub cạnh nhật ký; có thể ghi nhiều lần"},
    {"one object, for programs", "một đối tượng, cho chương trình khác đọc"},
    {"their texts and signatures too", "cả nội dung và chữ ký của chúng"},
    {"the public key that verifies them", "khóa công khai để kiểm tra chúng"},
    {"write the text of the ordinary log's last seal there, and its signature beside it",
     "ghi nội dung niêm phong cuối của nhật ký thường vào đó, và chữ ký ở bên cạnh"},
    {"Show, search, import, fetch and compile lists", "Xem, tìm, nhập, tải về và biên dịch danh sách"},
    {"Every list with its entries", "Mọi danh sách và số mục của nó"},
    {"Which lists name a host or a parent of it", "Danh sách nào nêu tên một trang hoặc tên cha của nó"},
    {"Bring in a folder of lists as UT1 and squidGuard publish it",
     "Nhập một thư mục danh sách như UT1 và squidGuard phát hành"},
    {"Published lists that a school may have, with their licences",
     "Các danh sách được phát hành mà trường có thể dùng, kèm giấy phép"},
    {"Take a list of the catalogue into lists.d", "Đưa một danh sách trong danh mục vào lists.d"},
    {"Take its entry out of lists.d again", "Gỡ mục của nó khỏi lists.d"},
    {"Sites in no list whose names look like those of a category",
     "Trang chưa có trong danh sách nào mà tên giống tên trang của một nhóm"},
    {"this site was called so wrongly: never again", "trang này bị gọi nhầm: không bao giờ gọi vậy nữa"},
    {"the list, or a set of lists", "tên danh sách, hoặc tên một bộ danh sách"},
    {"also a list that was not fetched for this release",
     "cả danh sách chưa được tải thử khi phát hành bản này"},
    {"Compile the lists now; a reload then takes a moment",
     "Biên dịch danh sách ngay; sau đó nạp lại chỉ mất một lát"},
    {"The school's own certificate authority", "Chứng chỉ gốc riêng của trường"},
    {"Make key and certificate, named after the school", "Tạo khóa và chứng chỉ mang tên trường"},
    {"Name, validity and fingerprint", "Tên, thời hạn và dấu vân tay"},
    {"Write the certificate (never the key)", "Xuất chứng chỉ (không bao giờ xuất khóa)"},
    {"the main configuration file", "tệp cấu hình chính"},
    {"the folder in whose last-good/ accepted configurations are kept",
     "thư mục có last-good/ giữ các cấu hình đã được chấp nhận"},
    {"whom to become when started as root", "trở thành người dùng nào khi root khởi động"},
    {"replace the running proxy: take its sockets, let it end its transfers",
     "thay proxy đang chạy: lấy các socket của nó, để nó truyền nốt"},
    {"for programs", "cho chương trình khác đọc"},
    {"for spreadsheets", "cho bảng tính"},
    {"an object per line", "mỗi dòng một đối tượng"},
    {"lists that are gone or lost more than 30 % are meant", "danh sách đã mất hoặc mất hơn 30 % là chủ ý"},
    {"as root: look as this user (default: whose the proxy's files are)",
     "là root: xem với tư cách người dùng này (mặc định: chủ của các tệp của proxy)"},
    {"warnings fail too (exit code 4)", "cảnh báo cũng là hỏng (mã kết thúc 4)"},
    {"the URL", "địa chỉ"},
    {"as a client of this tier", "như một máy thuộc cấp học này"},
    {"as the client with this IP address", "như máy có địa chỉ IP này"},
    {"at this time, \"T2 08:30\" of the week or \"2026-12-24 08:30\" (default: now)",
     "vào lúc này, \"T2 08:30\" trong tuần hoặc \"2026-12-24 08:30\" (mặc định: bây giờ)"},
    {"request: the whole URL; connect: the name alone", "request: cả địa chỉ; connect: chỉ tên"},
    {"answer 10 if it would be blocked", "trả mã 10 nếu bị chặn"},
    {"go on as rows are written", "theo tiếp khi có dòng mới"},
    {"only what a rule did not plainly allow (blocked and warned)",
     "chỉ những gì một quy tắc không hẳn cho phép (bị chặn và bị cảnh báo)"},
    {"only sites whose app or device refused the school's certificate: candidates for never_inspect",
     "chỉ những trang mà ứng dụng hay thiết bị từ chối chứng chỉ của trường: nên xét cho never_inspect"},
    {"only pages that somebody opened: not what they are made of",
     "chỉ những trang được mở, không kể các thành phần của trang"},
    {"only this tier", "chỉ cấp học này"},
    {"only this host and those below it", "chỉ trang này và các tên con"},
    {"only this client, by its pseudonym (HS-7K3Q2F9A)", "chỉ máy này, theo bí danh (HS-7K3Q2F9A)"},
    {"from 15m, 2h, 7d, 1w ago, from \"2026-03-04 07:30\", today or yesterday",
     "từ 15m, 2h, 7d, 1w trước, từ \"2026-03-04 07:30\", today (hôm nay) hoặc yesterday (hôm qua)"},
    {"the row with the code that a page shows", "dòng có mã mà trang hiện ra"},
    {"at most so many, the newest; 0 = all", "nhiều nhất bấy nhiêu, mới nhất; 0 = tất cả"},
    {"starts, stops, reloads and the like instead of requests",
     "khởi động, dừng, nạp lại và những việc tương tự, thay cho yêu cầu"},
    {"with --safeguarding and --reveal: the reason, which is recorded",
     "với --safeguarding và --reveal: lý do, được ghi lại"},
    {"with --reveal: another account of safeguarding: that knows of it, where there are several; recorded",
     "với --reveal: một tài khoản khác trong safeguarding: cùng biết việc này, khi có nhiều tài khoản; được "
     "ghi "
     "lại"},
    {"whose address is behind a pseudonym (HS-7K3Q2F9A), or the pseudonyms of an address; asks the running "
     "proxy",
     "địa chỉ nào đứng sau một bí danh (HS-7K3Q2F9A), hoặc các bí danh của một địa chỉ; hỏi proxy đang chạy"},
    {"rows of `help` (with --events: who asked what is behind a pseudonym), for the safeguarding lead",
     "các dòng `help` (với --events: ai đã hỏi ai đứng sau một bí danh), cho người phụ trách tư vấn học "
     "đường"},
    {"the log's folder, instead of asking the configuration", "thư mục nhật ký, thay vì hỏi cấu hình"},
    {"today's date, YYYY-MM-DD: the clock is right, delete by it",
     "ngày hôm nay, YYYY-MM-DD: đồng hồ đúng, hãy xóa theo nó"},
    {"the host", "tên trang"},
    {"holds adult/domains, gambling/urls, ...", "chứa adult/domains, gambling/urls, ..."},
    {"what to call it (default: the folder's name)", "gọi nó là gì (mặc định: tên thư mục)"},
    {"show what would come in, write nothing", "cho xem những gì sẽ nhập, không ghi gì"},
    {"replace the one that is there: every device needs the new one",
     "thay cái đang có: mọi thiết bị đều cần cái mới"},
    {"who will own the key when root makes it; not said: schoolgate, or schoolgate-web of the pages",
     "ai sở hữu khóa khi root tạo; không ghi: schoolgate, với các trang là schoolgate-web"},
    {"for the staff's pages: an authority that may sign for their names alone",
     "cho các trang của nhà trường: nơi cấp chứng chỉ chỉ được ký cho tên của các trang này"},
    {"DER instead of PEM", "DER thay cho PEM"},
    {"a file instead of standard output", "một tệp thay cho đầu ra chuẩn"},
    {"ok", "tốt"},
    {"failed at run time", "hỏng khi chạy"},
    {"wrong usage", "dùng sai"},
    {"configuration has errors", "cấu hình có lỗi"},
    {"warnings under --strict", "có cảnh báo khi dùng --strict"},
    {"the proxy, in the foreground", "proxy, ở tiền cảnh"},
    {"is everything right?", "mọi thứ có đúng không?"},
    {"what happens, and by which line?", "điều gì xảy ra, và theo dòng nào?"},
    {"what was blocked", "những gì đã bị chặn"},
    {"more about one command", "thêm về một lệnh"},
    {"what the code of a message means", "mã trong một thông báo nghĩa là gì"},
    {"What a code of a message means, or how a command is used",
     "Mã trong một thông báo nghĩa là gì, hoặc một lệnh dùng thế nào"},
    {"SG1012, 1012, or the name of a command; none = all codes",
     "SG1012, 1012, hoặc tên một lệnh; để trống = mọi mã"},
    {"what that message means and what to do", "thông báo đó nghĩa là gì và cần làm gì"},
    {"What holds in a tier", "Điều gì có hiệu lực ở một cấp học"},
    {"Everything that holds in a tier, and where it was written",
     "Mọi điều có hiệu lực ở một cấp học, và được ghi ở đâu"},
    {"the tier", "cấp học"},
    {"Each setting, category, time and line with the file and line it comes from, and what beats it.",
     "Mỗi thiết lập, nhóm, giờ và dòng kèm tệp và số dòng nơi nó được ghi, và điều gì thắng nó."},
    {"all that holds in this tier", "mọi điều có hiệu lực ở cấp học này"},
    {"lines that have no effect", "những dòng không có tác dụng"},
    {"look again a second after files of the configuration changed, until interrupted",
     "xem lại sau khi tệp cấu hình thay đổi một giây, cho đến khi bị ngắt"},
    {"look again whenever a file was saved, until Ctrl-C",
     "xem lại mỗi khi một tệp được lưu, cho đến khi nhấn Ctrl-C"},
    {"all codes", "mọi mã"},
    {"the same as: schoolgate check --help", "giống như: schoolgate check --help"},
    {"the main configuration file: schoolgate.yaml(5)", "tệp cấu hình chính: schoolgate.yaml(5)"},
    {"a file for each age tier: schoolgate-tier(5)", "mỗi cấp học một tệp: schoolgate-tier(5)"},
    {"the access log of a month", "nhật ký truy cập của một tháng"},
    {"calls for help, and who looked", "những lần cần giúp đỡ, và ai đã xem"},
    {"compiled lists, keys of the pseudonyms, the configurations accepted last",
     "danh sách đã biên dịch, khóa bí danh, các cấu hình được chấp nhận gần nhất"},
    {"over which reload, status and stop ask the running proxy: for its group",
     "qua đó reload, status và stop hỏi proxy đang chạy: cho nhóm của nó"},
    {"no new connections, open transfers may end; a second one ends at once",
     "không nhận kết nối mới, việc đang truyền được truyền nốt; lần thứ hai thì kết thúc ngay"},
    {"as `schoolgate reload`", "như `schoolgate reload`"},
    {"Started as root it becomes another user before it reads anything.",
     "Do root khởi động, nó trở thành người dùng khác trước khi đọc bất cứ gì."},
    {"Every configuration that is accepted is kept; a start whose files have errors begins with the last "
     "one, and says so. What the files lock all the same stays locked. Kept in /var/lib/schoolgate/last-good "
     "for /etc/schoolgate/schoolgate.yaml; for another main file in DIR/last-good with --state DIR, else "
     "nowhere.",
     "Mỗi cấu hình được chấp nhận đều được giữ lại; khi khởi động mà các tệp có lỗi, nó bắt đầu với cấu hình "
     "cuối "
     "cùng ấy và nói rõ. Điều gì các tệp vẫn khóa thì vẫn khóa. Giữ trong /var/lib/schoolgate/last-good cho "
     "/etc/schoolgate/schoolgate.yaml; với tệp chính khác, trong DIR/last-good nếu có --state DIR, nếu không "
     "thì không giữ."},
    {"the installed configuration", "cấu hình đã cài"},
    {"another one", "một cấu hình khác"},
    {"in place of a running one: no connection is refused or reset",
     "thay chương trình đang chạy: không kết nối nào bị từ chối hay ngắt"},
    {"Everything is loaded off to the side and tested; it replaces the running policy whole, or not at all. "
     "Exit code 3: it has errors, and the running policy stays in force.",
     "Mọi thứ được nạp riêng và thử trước; nó thay chính sách đang chạy trọn vẹn, hoặc không thay gì. Mã kết "
     "thúc 3: có lỗi, chính sách đang chạy vẫn có hiệu lực."},
    {"lists are gone or lost more than 30 %, and that is meant",
     "danh sách đã mất hoặc mất hơn 30 %, và đó là chủ ý"},
    {"The running proxy starts the program anew, as it lies on the disk by now. That takes over its sockets: "
     "no connection is refused or reset, open transfers end where they began. If the new one cannot start, "
     "the running one goes on, and the exit code is 1.",
     "Proxy đang chạy khởi động lại chương trình đang nằm trên đĩa lúc này. Chương trình mới nhận các socket "
     "của nó: không kết nối nào bị từ chối hay ngắt, việc đang truyền kết thúc ở nơi nó bắt đầu. Nếu chương "
     "trình mới không khởi động được, chương trình đang chạy tiếp tục, và mã kết thúc là 1."},
    {"after a new version was installed; the package does it by itself",
     "sau khi cài phiên bản mới; gói cài đặt tự làm việc này"},
    {"also warnings fail (exit code 4)", "cảnh báo cũng là hỏng (mã kết thúc 4)"},
    {"The URL is judged as the proxy would see it: of https only the name, since it comes as CONNECT, unless "
     "the tier inspects; --stage request asks about the whole URL all the same.",
     "Địa chỉ được xét như proxy nhìn thấy: với https chỉ tên, vì nó đến dưới dạng CONNECT, trừ khi cấp học "
     "mở kết nối ra; --stage request vẫn hỏi về cả địa chỉ."},
    {"10 = blocked", "10 = bị chặn"},
    {"Open a site or a category in a tier, for this lesson",
     "Mở tạm một trang hoặc một nhóm ở một cấp học, trong tiết học này"},
    {"Block a site or a category in a tier, for this lesson",
     "Chặn tạm một trang hoặc một nhóm ở một cấp học, trong tiết học này"},
    {"What is open or blocked for this lesson, by whom and until when",
     "Những gì đang mở hay chặn tạm, của ai và đến mấy giờ"},
    {"What was reported as blocked wrongly, and the answers", "Những lời báo chặn nhầm, và câu trả lời"},
    {"Those that wait for an answer", "Những lời báo đang chờ trả lời"},
    {"One, with its reasons and its answer", "Một lời báo, với các lý do và câu trả lời"},
    {"Open the site", "Mở trang"},
    {"Leave it closed, and say why", "Không mở, và nói vì sao"},
    {"also those that were answered", "cả những lời báo đã được trả lời"},
    {"in this tier: the report's", "ở cấp học này: cấp của lời báo"},
    {"for good, by a line of the tier's file", "mở hẳn, bằng một dòng trong tệp của cấp học"},
    {"the reason, which who asks is told", "lý do, người hỏi được biết"},
    {"Who meets a blocked page can report that it is blocked wrongly; the same site in the same tier "
     "is one report, whoever sends it, and no report says who did. What is locked, and words that "
     "were searched for, take no report. For root, and for accounts to which delegation.yaml gives "
     "the tier. --line opens the site for good, by a line of the tier's file, and takes \"lines: "
     "true\" in delegation.yaml; without it the site opens as `schoolgate allow` would open it. Each "
     "line: code, time, tier, devices, category, site, state.",
     "Ai gặp trang bị chặn có thể báo là chặn nhầm; cùng một trang ở cùng một "
     "cấp học là một lời báo, dù ai gửi, và lời báo không ghi ai đã gửi. Nội "
     "dung đã khóa và từ khóa tìm kiếm thì không nhận lời báo. Dành cho root, và "
     "cho tài khoản mà delegation.yaml giao cấp học ấy. --line mở hẳn trang, bằng "
     "một dòng trong tệp của cấp học, và cần \"lines: true\" trong delegation.yaml; "
     "không có --line thì trang mở như `schoolgate allow` mở. Mỗi dòng: mã, lúc báo, "
     "cấp học, số máy, nhóm, trang, trạng thái."},
    {"End one now: your own, or as root any",
     "Kết thúc ngay một lệnh tạm: của mình, hoặc của bất kỳ ai nếu là root"},
    {"a site, a category, or bundle:NAME", "một trang, một nhóm, hoặc bundle:NAME là một gói trang"},
    {"Switch a room for this lesson: off, only one thing, normal",
     "Đặt trạng thái một phòng cho tiết học này: tắt mạng, chỉ mở một thứ, hoặc như thường"},
    {"The rooms, and what is on in each", "Các phòng, và trạng thái của từng phòng"},
    {"its name", "tên phòng"},
    {"off, only or normal", "off (tắt), only (chỉ mở) hoặc normal (như thường)"},
    {"only: a bundle, or a file of hosts in only.d",
     "với only: một gói trang, hoặc một tệp tên trang trong only.d"},
    {"as a device in this room", "như một máy trong phòng này"},
    {"off: nothing is open but help lines and the pages of the filter itself. only: nothing but a bundle of "
     "sites, or the hosts of a file in only.d beside the main file. normal: as always again. What `only` "
     "opens that is closed otherwise is open within your delegation and for no longer than it says; what it "
     "closes may last as long as the day. A room is a line of who: with a label, and the device is in it "
     "whose narrowest network has that label.",
     "off: không mở gì ngoài các đường dây hỗ trợ và trang của chính bộ lọc. only: chỉ mở một gói trang, "
     "hoặc các tên trong một tệp ở only.d cạnh tệp chính. normal: trở lại như thường. Trang vốn bị chặn mà "
     "`only` mở ra thì chỉ mở trong phạm vi và thời gian được giao; còn việc chặn có thể kéo dài đến hết "
     "ngày. Phòng là một dòng trong who: có label; một máy thuộc phòng nào là do mạng hẹp nhất chứa nó có "
     "label đó."},
    {"Each line: room, networks, what is on now. Exams are in periods.yaml.",
     "Mỗi dòng: phòng, các mạng, trạng thái lúc này. Giờ thi nằm trong periods.yaml."},
    {"in this tier", "ở cấp học này"},
    {"so long: 45m, 1h30m (default: 45m)", "trong bao lâu: 45m, 1h30m (mặc định: 45m)"},
    {"until the school's clocks show this, today: 11:30; or end-of-lesson, next-break",
     "đến giờ này hôm nay theo đồng hồ của trường: 11:30; hoặc end-of-lesson (hết tiết), next-break (ra "
     "chơi)"},
    {"the reason, for colleagues and the log", "lý do, cho đồng nghiệp và cho nhật ký"},
    {"its number", "số của nó"},
    {"it ends now", "kết thúc ngay"},
    {"ask the running proxy, as teachers may", "hỏi proxy đang chạy, như thầy cô được phép"},
    {"Opens a site, with all names below it, or a category, in one tier; it ends by itself, after 90 minutes "
     "at "
     "most. delegation.yaml says who may open what; root may open all that is not locked. What opens a site "
     "lifts "
     "no rule on words that are searched for. Exit code 1: it is not opened, and the answer says why.",
     "Mở một trang, cùng mọi tên con, hoặc một nhóm, ở một cấp học; tự kết thúc, lâu nhất sau 90 phút. "
     "delegation.yaml quy định ai được mở gì; root mở được mọi thứ không bị khóa. Mở một trang không bỏ quy "
     "tắc "
     "về từ tìm kiếm. Mã kết thúc 1: không mở, và câu trả lời nói vì sao."},
    {"Blocks a site, with all names below it, or a category, in one tier; it ends by itself, after 90 "
     "minutes at "
     "most. Help lines stay open.",
     "Chặn một trang, cùng mọi tên con, hoặc một nhóm, ở một cấp học; tự kết thúc, lâu nhất sau 90 phút. Các "
     "đường dây hỗ trợ vẫn mở."},
    {"Each line: number, action, tier, end, account, site or category, reason.",
     "Mỗi dòng: số, hành động, cấp học, giờ kết thúc, tài khoản, trang hoặc nhóm, lý do."},
    {"Times are local (the school's zone). Names and paths come from the network: control characters show as "
     "\\xNN.",
     "Giờ là giờ địa phương (của trường). Tên và đường dẫn đến từ mạng: ký tự điều khiển hiện thành \\xNN."},
    {"A case is what rang at one device about one theme in one lesson. It is of a device, never of a person. "
     "States: new, seen, handled, passed on, false alarm; another alert makes a case that is seen or handled "
     "new "
     "again. For root and the group schoolgate-safeguarding; who looks at a case is recorded.",
     "Trường hợp là những lần báo ở một thiết bị, về một chủ đề, trong một tiết học. Nó là của một thiết bị, "
     "không "
     "phải của một người. Trạng thái: mới, đã xem, đã xử lý, đã chuyển, báo nhầm; có cảnh báo nữa thì trường "
     "hợp đã "
     "xem hoặc đã xử lý trở lại là mới. Dành cho root và nhóm schoolgate-safeguarding; ai xem trường hợp nào "
     "được "
     "ghi lại."},
    {"those that are open", "những trường hợp đang chờ"},
    {"a false alarm; says how it is left out", "báo nhầm; cho biết cách loại trừ"},
    {"the newest 50 rows", "50 dòng mới nhất"},
    {"what is blocked, as it happens", "những gì bị chặn, ngay khi xảy ra"},
    {"this name and those below it", "tên này và các tên con"},
    {"the code a pupil read from a page", "mã học sinh đọc từ một trang"},
    {"starts, stops, reloads", "khởi động, dừng, nạp lại"},
    {"what is old enough to be deleted, and by which date", "dòng nào đủ cũ để xóa, và tính theo ngày nào"},
    {"is the log what it was when it was sealed?", "nhật ký có còn như lúc niêm phong không?"},
    {"Every ten minutes the proxy seals what came to the log: with a number, the digest of the seal before, "
     "and a signature. This goes through all seals and all rows again and says what is whole, what was "
     "deleted "
     "by rule, and what is not as it was. Exit code 1: something is not.",
     "Cứ mười phút proxy niêm phong những gì đã vào nhật ký: bằng một số, mã băm của niêm phong trước và một "
     "chữ ký. Lệnh này xem lại mọi niêm phong và mọi dòng, rồi cho biết gì còn nguyên, gì đã xóa theo quy "
     "tắc, "
     "và gì không còn như trước. Mã kết thúc 1: có chỗ không còn nguyên."},
    {"Whoever is root on this machine could write a new chain. What left the machine tells it: the seal on a "
     "printed report or of `log seal --print`, given with --seal, and the key that the auditor noted down, "
     "given with --key.",
     "Ai là root trên máy này có thể viết lại cả chuỗi. Những gì đã mang khỏi máy cho biết điều đó: niêm "
     "phong "
     "trên báo cáo in ra hoặc của `log seal --print`, đưa vào bằng --seal, và khóa người kiểm tra đã ghi "
     "lại, "
     "đưa vào bằng --key."},
    {"and is the seal on the paper in the chain?", "và niêm phong trên giấy có trong chuỗi không?"},
    {"and by that key?", "và theo khóa đó thì sao?"},
    {"Print it, or write it down, and keep it where nobody of this machine can change it. `log verify --seal "
     "DIGEST` says later whether the log still has it.",
     "Hãy in hoặc chép ra, và giữ ở nơi không ai của máy này sửa được. Sau này `log verify --seal DIGEST` "
     "cho "
     "biết nhật ký còn niêm phong đó không."},
    {"Without --since: of the last seven days. Names come from the network: control characters show as "
     "\\xNN.",
     "Không có --since: bảy ngày gần nhất. Tên đến từ mạng: ký tự điều khiển hiện dưới dạng \\xNN."},
    {"which lines decided most", "dòng nào quyết định nhiều nhất"},
    {"the last seals: number, time, digest", "các niêm phong cuối: số, giờ, mã băm"},
    {"and what they say, for a page of paper", "và nội dung của chúng, để in ra giấy"},
    {"the public key, as `minisign -V -p` takes it", "khóa công khai, theo dạng `minisign -V -p` nhận"},
    {"and seal.txt.minisig: minisign -Vm seal.txt -p seal.pub",
     "và seal.txt.minisig: minisign -Vm seal.txt -p seal.pub"},
    {"where delegation.yaml names several under safeguarding:, the other one who knows of it; root names "
     "two. "
     "Names are taken at their word: root can read the keys",
     "khi delegation.yaml nêu nhiều người trong safeguarding: thì nêu người thứ hai cùng biết; root nêu hai "
     "người. "
     "Tên được ghi theo lời khai: root đọc được các khóa"},
    {"whose address that is; an address gives its pseudonyms. For root and the group "
     "schoolgate-safeguarding; recorded first",
     "đó là địa chỉ nào; với một địa chỉ thì ra các bí danh. Dành cho root và nhóm schoolgate-safeguarding; "
     "được ghi lại trước"},
    {"sites first asked for since then (7d, 2026-03-04), of five clients or more; with --safeguarding and "
     "--why "
     "of fewer too",
     "các trang lần đầu có người truy cập từ lúc đó (7d, 2026-03-04), từ năm máy trở lên; kèm --safeguarding "
     "và "
     "--why thì cả trang ít máy hơn"},
    {"Say of a new site which category it is of, or that it is ok",
     "Cho biết một trang mới thuộc nhóm nào, hoặc trang đó ổn"},
    {"the site, as `log --new` names it", "trang, như `log --new` nêu"},
    {"a category of categories.yaml, or ok", "một nhóm trong categories.yaml, hoặc ok"},
    {"`log review` puts a site into the school's own list of that category (lists/own, lists.d/own.yaml) "
     "with who "
     "said it and when, and takes it out of every other of them. What is ok is only marked.",
     "`log review` ghi một trang vào danh sách riêng của trường cho nhóm đó (lists/own, lists.d/own.yaml), "
     "kèm ai ghi và "
     "lúc nào, và bỏ trang khỏi các danh sách riêng khác. Trang ok thì chỉ được đánh dấu."},
    {"sites that five clients or more have asked for since", "các trang có từ năm máy truy cập kể từ đó"},
    {"rows of `help`; that you read them is recorded", "các dòng `help`; việc bạn đọc chúng được ghi lại"},
    {"which lists name it or a parent of it", "danh sách nào nêu tên nó hoặc tên cha của nó"},
    {"a collection as UT1 and squidGuard publish it", "một bộ như UT1 và squidGuard phát hành"},
    {"published lists, and what their licences say", "các danh sách được phát hành, và giấy phép của chúng"},
    {"take one of them into lists.d", "đưa một danh sách vào lists.d"},
    {"a set of them: what a school in Viet Nam takes first",
     "cả một bộ: những gì trường ở Việt Nam nên bật trước"},
    {"Fetch lists anew, try them, and let them rule", "Tải lại danh sách, thử chúng, rồi mới áp dụng"},
    {"only what is as old as its rhythm, every_days: (the nightly timer)",
     "chỉ những danh sách đã đến nhịp của nó, every_days: (việc của bộ hẹn giờ ban đêm)"},
    {"which lists; none = all that say update:", "những danh sách nào; không ghi = mọi danh sách có update:"},
    {"show what would change, change nothing", "cho xem điều gì sẽ đổi, không đổi gì"},
    {"take what waits of these lists: you have looked at it",
     "nhận bản đang chờ của các danh sách này: bạn đã xem"},
    {"read NAME, NAME.txt or NAME.gz in this folder, fetch nothing",
     "đọc NAME, NAME.txt hoặc NAME.gz trong thư mục này, không tải gì"},
    {"authorities that may vouch for a mirror of your own, beside the system's (PEM)",
     "chứng chỉ gốc được tin cho máy chủ bản sao của trường, ngoài của hệ thống (PEM)"},
    {"as root: do it as this user (default: whose the proxy's files are)",
     "khi là root: làm với người dùng này (mặc định: chủ các tệp của proxy)"},
    {"A list that says `update:` is fetched by a process of its own, over https alone, and tried before it "
     "rules. What has shrunk or grown a lot, opens much, or closes a site that must work waits: lists update "
     "--accept NAME takes it.",
     "Mỗi danh sách có `update:` được một tiến trình riêng tải về, chỉ qua https, và được thử trước khi áp "
     "dụng. Bản nào co lại hay phình ra nhiều, mở nhiều trang, hoặc chặn một trang phải dùng được thì chờ: "
     "lists update --accept NAME nhận nó."},
    {"fetch every list that says update:", "tải mọi danh sách có update:"},
    {"what would change; nothing does", "điều gì sẽ đổi; chưa đổi gì"},
    {"from files there: NAME, NAME.txt or NAME.gz", "từ các tệp ở đó: NAME, NAME.txt hoặc NAME.gz"},
    {"a person has looked at what waits", "đã có người xem bản đang chờ"},
    {"sites in no list whose names look like gambling", "trang ngoài danh sách có tên giống trang cờ bạc"},
    {"compile now what the next start would", "biên dịch ngay điều lần khởi động sau sẽ làm"},
    {"Needed only where a tier says `https: block-page` or `https: inspect`. Devices are made to trust the "
     "certificate; http://schoolgate.internal/ca shows how. The key never leaves this machine: whoever has "
     "it can pass for every site.",
     "Chỉ cần nơi một cấp học ghi `https: block-page` hoặc `https: inspect`. Các thiết bị phải tin chứng chỉ "
     "này; http://schoolgate.internal/ca chỉ cách làm. Khóa không bao giờ rời máy này: ai có nó thì giả được "
     "mọi trang."},
    {"once; needs to be root, or the owner of the folder", "một lần; phải là root, hoặc chủ của thư mục"},
    {"for the staff's pages alone: again before it ends, the same authority signs",
     "chỉ cho các trang của nhà trường: trước khi hết hạn chạy lại, vẫn nơi cấp cũ ký"},
    {"name, validity and fingerprint", "tên, thời hạn và dấu vân tay"},
    {"for Linux, Firefox and most others", "cho Linux, Firefox và hầu hết các máy khác"},
    {"for Windows and Android", "cho Windows và Android"},
    {"only this category", "chỉ nhóm nội dung này"},
    {"only this action: allow, warn, block or refused", "chỉ hành động này: allow, warn, block hoặc refused"},
    {"until then, as --since; a day to its end", "đến lúc đó, viết như --since; một ngày thì đến hết ngày"},
    {"what was blocked most", "những gì bị chặn nhiều nhất"},
    {"Which hosts, rules or categories had the most requests",
     "Trang, quy tắc hay nhóm nội dung nào có nhiều lượt truy cập nhất"},
    {"hosts, rules or categories", "hosts (trang), rules (quy tắc) hoặc categories (nhóm nội dung)"},
    {"at most so many, the largest; 0 = all", "nhiều nhất chừng ấy, lớn nhất trước; 0 = tất cả"},
    {"Figures of a month, a term or a year, for people",
     "Số liệu của một tháng, học kỳ hay năm học, cho người đọc"},
    {"of this month: 2026-11", "của tháng này: 2026-11"},
    {"of this term: 2026-1, the first of the school year that begins in 2026",
     "của học kỳ này: 2026-1 là học kỳ 1 của năm học bắt đầu năm 2026"},
    {"of the school year that begins in this year", "của năm học bắt đầu trong năm này"},
    {"from this day: 2026-11-02", "từ ngày này: 2026-11-02"},
    {"to the end of this day", "đến hết ngày này"},
    {"for whom: head, admin or department",
     "cho ai: head (hiệu trưởng), admin (quản trị) hoặc department (cơ quan quản lý)"},
    {"html, docx (Word), csv or json", "html, docx (Word), csv hoặc json"},
    {"vi or en; the school's where it is not said", "vi hoặc en; không ghi thì là ngôn ngữ của trường"},
    {"into this file", "ghi vào tệp này"},
    {"A report names no pupil, no device and no site, and tells no count under five. Terms: from 1 September "
     "to 15 January and from 16 January to 31 May; other days with --from and --to.",
     "Báo cáo không nêu tên học sinh, thiết bị hay trang web nào, và không nêu số nào dưới 5. Học kỳ: từ 1/9 "
     "đến 15/1 và từ 16/1 đến 31/5; thời gian khác thì dùng --from và --to."},
    {"a page for the head of the school", "một trang cho hiệu trưởng"},
    {"for a spreadsheet", "cho bảng tính"},
    {"figures for the head of the school", "số liệu cho hiệu trưởng"},
    {"The firewall of the gateway", "Tường lửa của gateway"},
    {"Print the rules that this configuration needs, for nft -f",
     "In các luật mà cấu hình này cần, cho nft -f"},
    {"let nftables look at them first (nft -c; needs root)",
     "cho nftables kiểm tra trước (nft -c; cần quyền root)"},
    {"The rules are one table of nftables, inet schoolgate, and touch no other. Ports 80 and 443 of the "
     "networks under listen: clients: and who: go to listen: transparent:, questions for names to this "
     "machine's resolver; everything else that would be forwarded is dropped, but for the lines of gateway: "
     "open:. They stay in force when the proxy ends. `nft list table inet schoolgate` shows them with their "
     "counters.",
     "Các luật là một bảng của nftables, inet schoolgate, và không đụng tới bảng nào khác. Cổng 80 và 443 "
     "của "
     "các mạng ở listen: clients: và who: được chuyển tới listen: transparent:, câu hỏi tên miền được chuyển "
     "tới bộ phân giải của máy này; mọi thứ khác lẽ ra được chuyển tiếp đều bị bỏ, trừ các dòng của gateway: "
     "open:. Proxy có dừng thì luật vẫn còn hiệu lực. `nft list table inet schoolgate` cho xem luật kèm bộ "
     "đếm."},
    {"print them", "in ra"},
    {"let nftables look at them first; as root", "cho nftables kiểm tra trước; cần quyền root"},
    {"put them in force, all at once; again after each change",
     "đưa tất cả vào hiệu lực cùng một lúc; làm lại sau mỗi lần thay đổi"},
    {"Write files that set the school's own PCs and tablets",
     "Ghi các tệp cài đặt cho máy tính và máy tính bảng của trường"},
    {"`setup pcs` writes files for the school's own PCs and tablets: Windows with an undo, Firefox, Chromium "
     "and Chrome, Apple, values for Google Workspace. They set the proxy, switch DNS over HTTPS and QUIC "
     "off, and bring the school's certificate.",
     "`setup pcs` ghi các tệp cho máy tính và máy tính bảng của trường: Windows kèm tệp gỡ, Firefox, "
     "Chromium và Chrome, Apple, các giá trị cho Google Workspace. Các tệp này đặt proxy, tắt DNS qua HTTPS "
     "và QUIC, và mang theo chứng chỉ của trường."},
    {"files for PCs; README.txt there says where each goes",
     "các tệp cho máy tính; README.txt ở đó cho biết tệp nào đặt ở đâu"},
    {"where to", "ghi vào đâu"},
    {"the school's Wi-Fi, for iPads and Macs", "Wi-Fi của trường, cho iPad và Mac"},
    {"leave Encrypted ClientHello on", "để nguyên Encrypted ClientHello"},
    {"replace files that are there", "thay các tệp đã có"},
    {"Look at everything the filter needs, and say what to do",
     "Xem mọi thứ bộ lọc cần, và cho biết phải làm gì"},
    {"Some things are seen by root alone; the others are told as unknown. What is WRONG has a line that says "
     "what to do. Asking for other DHCP servers and routers sends one question each to the school's network. "
     "The running proxy writes an event with the figures, so that the log says when somebody looked.",
     "Có những điều chỉ root thấy; điều không thấy được ghi là chưa rõ. Điều HỎNG có một dòng nói phải làm "
     "gì. Việc tìm máy chủ DHCP và router khác gửi mỗi loại một câu hỏi vào mạng của trường. Proxy đang chạy "
     "ghi một sự kiện kèm các con số, để nhật ký cho biết ai đó đã xem lúc nào."},
    {"Exit code 1: something is wrong.", "Mã kết thúc 1: có điều hỏng."},
    {"everything", "mọi thứ"},
    {"From a bare machine to a filtered school: asks, writes, starts",
     "Từ máy trống đến trường được lọc: hỏi, ghi, khởi động"},
    {"Without an answer among the options it asks, in Vietnamese or English; Enter takes what stands in "
     "brackets. With answers it asks nothing; what is not given is as it was answered last, or as "
     "schoolgate.yaml has it.",
     "Không có câu trả lời nào trong tùy chọn thì lệnh hỏi, bằng tiếng Việt hoặc tiếng Anh; Enter lấy điều "
     "trong ngoặc vuông. Có câu trả lời thì lệnh không hỏi; điều không nêu thì như lần trả lời trước, hoặc "
     "như trong schoolgate.yaml."},
    {"Of schoolgate.yaml and the tiers only the lines that an answer is about are changed. Other files are "
     "written where they are not there, or are as setup wrote them: what a person changed is kept, and "
     "shown. Over ssh the new state has to be confirmed within 60 s, else everything goes back by itself. "
     "Port 22 of this machine stays as it is.",
     "Trong schoolgate.yaml và các cấp học chỉ những dòng mà câu trả lời nói tới bị thay đổi. Tệp khác được "
     "ghi khi chưa có, hoặc khi còn đúng như setup đã ghi: tệp người khác đã sửa thì được giữ nguyên và cho "
     "xem. Qua ssh phải xác nhận trong vòng 60 giây, nếu không mọi thứ tự trở lại như trước. Cổng 22 của máy "
     "này giữ nguyên."},
    {"asks, shows what it would write, writes, starts", "hỏi, cho xem sẽ ghi gì, ghi, khởi động"},
    {"one answer changed: what would be written", "đổi một câu trả lời: sẽ ghi gì"},
    {"that, done", "làm điều đó"},
    {"write nothing: show every file", "không ghi gì: cho xem mọi tệp"},
    {"write below this folder, and start nothing", "ghi dưới thư mục này, không khởi động gì"},
    {"go back unless \"yes\" is typed within 60 s, as over ssh",
     "trở lại như trước nếu không gõ \"yes\" trong 60 giây, như qua ssh"},
    {"over ssh too: no confirmation", "qua ssh cũng không cần xác nhận"},
    {"the language of pages and commands", "ngôn ngữ của các trang và các lệnh"},
    {"the name of the school", "tên trường"},
    {"who looks after the machine: shown on error pages", "ai trông nom máy: hiện trên trang lỗi"},
    {"whom pupils turn to for help", "người học sinh tìm đến khi cần giúp"},
    {"where that person is", "người đó ở đâu"},
    {"that person's telephone", "điện thoại của người đó"},
    {"where the machine stands", "máy đứng ở đâu"},
    {"the interface to the pupils", "cổng mạng phía học sinh"},
    {"with --topology inline: the interface to the world", "khi --topology inline: cổng mạng ra Internet"},
    {"this machine's address for the pupils", "địa chỉ của máy này phía học sinh"},
    {"no IPv6 for pupils, or advertised by this machine",
     "không có IPv6 cho học sinh, hoặc do máy này quảng bá"},
    {"which network is in which tier: \"192.168.20.0/24=thcs:Room 1; ...\"",
     "mạng nào thuộc cấp học nào: \"192.168.20.0/24=thcs:Phòng 1; ...\""},
    {"the addresses that this machine hands out", "các địa chỉ máy này cấp"},
    {"what of https is looked at in pupils' tiers", "xét những gì của https ở các cấp học của học sinh"},
    {"published lists to enable", "các danh sách phát hành sẵn muốn bật"},
    {"Whether another DHCP server answers on a network: exit code 1 if so; as root",
     "Có máy chủ DHCP khác trả lời trên mạng không: có thì mã kết thúc 1; cần quyền root"},
    {"on which network", "trên mạng nào"},
    {"Accepted policies: their history, and the way back",
     "Các chính sách đã chấp nhận: lịch sử của chúng, và đường quay lại"},
    {"Accepted policies: who, when, what changed", "Các chính sách đã chấp nhận: ai, khi nào, đổi gì"},
    {"the newest ones; 0 = all", "chừng ấy bản mới nhất; 0 = tất cả"},
    {"What changed between two of them", "Giữa hai chính sách có gì thay đổi"},
    {"its number; not said: the one before the newest", "số của nó; không ghi: bản trước bản mới nhất"},
    {"its number; not said: the newest", "số của nó; không ghi: bản mới nhất"},
    {"Let an accepted policy rule again, whatever the files say",
     "Cho một chính sách đã chấp nhận có hiệu lực lại, bất kể các tệp ghi gì"},
    {"as root: also where files of the policy, or much of a list, would be gone",
     "khi là root: kể cả khi sẽ mất tệp của chính sách, hoặc mất phần lớn một danh sách"},
    {"Take away what commands laid over a file, so that the file rules again",
     "Bỏ nội dung mà các lệnh đặt đè lên một tệp, để tệp có hiệu lực lại"},
    {"as check names it: tiers.d/thcs.yaml", "tên như check nêu: tiers.d/thcs.yaml"},
    {"Write what commands changed into the folder of the configuration",
     "Ghi những gì các lệnh đã đổi vào thư mục cấu hình"},
    {"into another folder", "vào một thư mục khác"},
    {"Every accepted policy is kept for 730 days, or as long as all of them fit into 256 MiB. What commands "
     "change is laid over the files of the configuration, which are never written; check and status say so.",
     "Mỗi chính sách đã chấp nhận được lưu 730 ngày, hoặc chừng nào tất cả còn vừa trong 256 MiB. Những gì "
     "các "
     "lệnh thay đổi được đặt đè lên các tệp cấu hình, còn các tệp đó không bao giờ bị ghi; check và status "
     "cho "
     "biết điều đó."},
    {"who changed what, and when", "ai đã đổi gì, và khi nào"},
    {"what changed from 12 to 15", "từ bản 12 đến bản 15 có gì thay đổi"},
    {"the file of the configuration rules again", "tệp cấu hình có hiệu lực lại"},
    {"what commands changed is written into the files", "ghi những gì các lệnh đã đổi vào các tệp"},
    {"The sealed floor: build, look at, prove", "Mức sàn niêm phong: lập, xem, chứng minh"},
    {"The sealed floor is blocked whatever tiers, lessons, rooms and teachers say: no policy can lift it. It "
     "is "
     "a file of root's machine like any other, so root could take it away; that would be said in red.",
     "Mức sàn niêm phong luôn bị chặn, dù cấp học, tiết học, phòng hay giáo viên nói gì: không chính sách "
     "nào mở "
     "được. "
     "Nó vẫn là tệp trên máy của root như mọi tệp khác nên root có thể gỡ; khi đó sẽ báo bằng chữ đỏ."},
    {"Make a floor out of the lists that authorities hand out",
     "Lập mức sàn từ danh sách do cơ quan chức năng giao"},
    {"Lists are text (a line an entry), CSV or Excel workbooks (.xlsx) of hosts and addresses; \"hxxp\" and "
     "\"[.]\" are understood. No entry is printed or written anywhere, rows that cannot be read are named by "
     "their "
     "number. The file holds digests with a salt of its own: names cannot be read out of it, but whoever has "
     "it and "
     "guesses a name can see whether it is in.",
     "Danh sách là văn bản (mỗi dòng một mục), CSV hoặc bảng tính Excel (.xlsx) gồm tên miền và địa chỉ; "
     "hiểu cả "
     "\"hxxp\" và \"[.]\". Không mục nào được in hay ghi ra đâu cả, dòng không đọc được chỉ nêu số dòng. Tệp "
     "chỉ "
     "chứa mã băm với muối riêng: không đọc ngược ra tên được, nhưng ai có tệp và đoán đúng một tên thì biết "
     "tên đó "
     "có trong tệp hay không."},
    {"a list of child sexual abuse; may be given again",
     "danh sách xâm hại tình dục trẻ em; có thể ghi nhiều lần"},
    {"of terrorism, as well", "về khủng bố, cũng vậy"},
    {"of intimate images, as well", "về hình ảnh riêng tư nhạy cảm, cũng vậy"},
    {"of what is unlawful by decision, as well", "về nội dung trái pháp luật theo quyết định, cũng vậy"},
    {"the column of addresses: its head, or a number from 1", "cột địa chỉ: tiêu đề, hoặc số thứ tự từ 1"},
    {"the file to write", "tệp sẽ ghi"},
    {"keep the entries of this sealed floor as well", "giữ cả các mục của mức sàn này"},
    {"sign it with this secret key of minisign", "ký bằng khóa bí mật minisign này"},
    {"leave out rows that cannot be read", "bỏ qua các dòng không đọc được"},
    {"Entries of each kind, age and signer of the floor in force",
     "Số mục từng loại, tuổi và người ký của mức sàn đang có hiệu lực"},
    {"Whether a trusted key signed a floor, and what is in it",
     "Mức sàn có do khóa được tin ký không, và gồm những gì"},
    {"the floor; its signature lies beside it", "mức sàn; chữ ký nằm bên cạnh"},
    {"public keys of minisign, in place of floor_keys", "khóa công khai minisign, thay cho floor_keys"},
    {"Try whether anything in this policy opens what is sealed",
     "Thử xem có gì trong chính sách này mở được phần niêm phong không"},
    {"how often addresses are sealed anew", "số lần niêm phong lại các địa chỉ"},
    {"ask the same as then; 0: by the clock", "hỏi lại đúng như lần đó; 0: theo đồng hồ"},
    {"Make what was decided a test of the policy", "Ghim kết quả đã xét thành một phép thử của chính sách"},
    {"the code on a page, or an address", "mã trên trang thông báo, hoặc một địa chỉ"},
    {"it is a test no longer", "không còn là phép thử nữa"},
    {"What the policy says of a page becomes a test: a change, a reload or new lists that would decide "
     "otherwise "
     "are refused, and the test is named. Pins stand in pins.yaml; expect.yaml names the sites that must "
     "always work.",
     "Kết quả của chính sách với một trang thành phép thử: thay đổi, lần nạp lại hay danh sách mới cho kết "
     "quả khác "
     "thì bị từ chối, kèm tên phép thử. Các phép thử đã ghim ở pins.yaml; những trang phải luôn dùng được "
     "thì ở "
     "expect.yaml."},
    {"the row with the code of a page", "dòng nhật ký có mã trên trang thông báo"},
    {"What the policy, as its files are now, would have decided",
     "Chính sách theo các tệp hiện nay lẽ ra đã cho kết quả gì"},
    {"another folder of a configuration, or its main file",
     "thư mục của một cấu hình khác, hoặc tệp chính của nó"},
    {"of so many last days", "của chừng ấy ngày gần đây"},
    {"Each decision of the log is made again by the policy as its files are now, from the name of the site "
     "alone. "
     "Devices are counted, never named: groups of fewer than five are told together.",
     "Mỗi kết quả trong nhật ký được xét lại theo chính sách ở các tệp hiện nay, chỉ dựa vào tên trang. "
     "Thiết bị chỉ "
     "được đếm, không nêu tên: nhóm có ít hơn năm thiết bị được gộp chung."},
    {"the files as they are, of the last 7 days", "theo các tệp hiện nay, của 7 ngày gần đây"},
    {"draft/schoolgate.yaml", "draft/schoolgate.yaml"},
};

// The words of CLI11 itself.
constexpr Translation cli_table[] = {
    {"Usage", "Cách dùng"},
    {"OPTIONS", "TÙY CHỌN"},
    {"SUBCOMMAND", "LỆNH"},
    {"Positionals", "Tham số"},
    {"Subcommands", "Các lệnh"},
    {"REQUIRED", "BẮT BUỘC"},
    {"Env", "Biến"},
    {"Needs", "Chỉ dùng cùng"},
    {"Excludes", "Không dùng cùng"},
    {"Run with {} for more information.", "Dùng {} để biết thêm."},
    {"A subcommand is required", "Cần nêu một lệnh"},
    {"{} is required", "Cần nêu {}"},
    {"The following argument was not expected: {}", "Không hiểu tham số này: {}"},
    {"The following arguments were not expected: {}", "Không hiểu các tham số này: {}"},
    {"{} requires {}", "{} chỉ dùng cùng {}"},
    {"{} excludes {}", "{} không dùng cùng {}"},
    {"{}: {} required {} missing", "{}: còn thiếu {} giá trị {}"},
    {"{}: At Most {} required but received {}", "{}: nhiều nhất {} lần, mà đã ghi {} lần"},
    {"Could not convert: {} = {}", "Giá trị không hợp lệ: {} = {}"},
    {"{}: Directory does not exist: {}", "{}: không có thư mục {}"},
    {"{}: Directory is actually a file: {}", "{}: đây là tệp, không phải thư mục: {}"},
    {"{}: {} not in {}", "{}: {} không thuộc {}"},
    {"{}: {} is not a number from 1 on", "{}: {} không phải là số từ 1 trở lên"},
};

}  // namespace

std::span<const Translation> help_in_vietnamese() noexcept {
  return help_table;
}

std::span<const Translation> cli_in_vietnamese() noexcept {
  return cli_table;
}

std::string_view vietnamese_help(std::string_view english) noexcept {
  static const auto by_english = [] {
    std::unordered_map<std::string_view, std::string_view> all;
    for (const auto table : {help_in_vietnamese(), cli_in_vietnamese()})
      for (const Translation& one : table) all.emplace(one.english, one.vietnamese);
    return all;
  }();
  const auto found = by_english.find(english);
  return found == by_english.end() ? std::string_view() : found->second;
}

}  // namespace schoolgate::tools
