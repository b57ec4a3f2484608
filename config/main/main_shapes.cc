#include "config/main/main_shapes.h"

namespace schoolgate {
namespace main_tables {  // words such as text and map mean shapes here, and nowhere else
namespace {

using namespace shape;

constexpr std::string_view languages[]{"vi", "en"};
constexpr std::string_view mail_tls[]{"starttls", "tls"};
constexpr std::string_view seats_words[]{"own", "shared"};
constexpr std::string_view protocols[]{"tcp", "udp"};
constexpr std::int64_t last_port = 65'535;

constexpr Key school_keys[]{
    {"name", must, text, "Shown on pages and in reports.", "Hiện trên các trang và báo cáo."},
    {"language", may, word(languages), "Of the pages, and of what commands print (vi).",
     "Ngôn ngữ của các trang và của lời các lệnh in ra (vi)."},
    {"time_zone", may, text, "Timetables follow it (Asia/Ho_Chi_Minh).",
     "Thời khóa biểu theo giờ này (Asia/Ho_Chi_Minh)."},
    {"safeguarding", may, map(safeguarding_shape), "Whom pupils go to for help.",
     "Người học sinh tìm đến khi cần giúp."},
    {"it_contact", may, text, "Shown on error pages.", "Hiện trên trang lỗi."},
};
constexpr Key safeguarding_keys[]{
    {"person", may, text, "Name of the person.", "Tên người phụ trách."},
    {"room", may, text, "Where she is found.", "Phòng nào."},
    {"phone", may, text, "Her telephone.", "Số điện thoại."},
};
constexpr Key listener_keys[]{
    {"address", must, text, "An address with a port: \"0.0.0.0:3131\".",
     "Địa chỉ kèm cổng: \"0.0.0.0:3131\"."},
    {"tier", may, text, "Whoever connects here is in this tier.",
     "Ai kết nối vào đây thì thuộc cấp học này."},
};
constexpr ValueShape one_listener = map(listener_shape);
constexpr ValueShape listeners = either(texts, one_listener);
constexpr Key listen_keys[]{
    {"proxy", must, listeners,
     "Where browsers connect: addresses with a port, such as \"0.0.0.0:3128\"; a port of its own for one "
     "tier is "
     "{address: ..., tier: ...}.",
     "Nơi trình duyệt kết nối tới: địa chỉ kèm cổng, như \"0.0.0.0:3128\"; cổng riêng cho một cấp học viết "
     "là "
     "{address: ..., tier: ...}."},
    {"transparent", may, map(transparent_shape),
     "Where the gateway's firewall sends what devices without a proxy ask for.",
     "Nơi tường lửa của gateway chuyển tới những gì thiết bị không đặt proxy yêu cầu."},
    {"clients", may, texts,
     "Networks that may connect; everybody else is closed unread. Without the key: private and local ones.",
     "Những mạng được kết nối; còn lại bị đóng ngay, không đọc. Không có khóa: mạng riêng và mạng nội bộ."},
    {"admin", may, map(admin_shape), "Where the staff's pages are served. Without the key there are none.",
     "Nơi phục vụ các trang của nhân viên. Không có khóa này thì không có trang nào."},
};
constexpr Key transparent_keys[]{
    {"http", may, listeners, "What was going to port 80.", "Những gì đi tới cổng 80."},
    {"tls", may, listeners, "What was going to port 443.", "Những gì đi tới cổng 443."},
    {"tproxy", may, flag,
     "true: the firewall hands connections over as they are (TPROXY) and keeps no record of them; the "
     "service "
     "needs CAP_NET_RAW for that, which setup gives it. Otherwise they are redirected (REDIRECT).",
     "true: tường lửa giao nguyên kết nối (TPROXY) và không ghi nhớ chúng; dịch vụ cần quyền CAP_NET_RAW, "
     "setup cấp quyền này. Nếu không: chuyển hướng (REDIRECT)."},
};
constexpr Key admin_keys[]{
    {"address", must, text, "An address with a port, such as \"127.0.0.1:8443\".",
     "Địa chỉ kèm cổng, như \"127.0.0.1:8443\"."},
    {"clients", may, texts, "Who may open the pages: addresses, or networks of a tier of adults.",
     "Ai được mở các trang: từng địa chỉ, hoặc mạng thuộc cấp của người lớn."},
    {"names", may, texts, "Names of this machine in a browser's address line, such as gate.truong.edu.vn.",
     "Các tên của máy này được gõ trên trình duyệt, như gate.truong.edu.vn."},
    {"tls", may, map(admin_tls_shape), "PEM files that the user schoolgate-web can read.",
     "Các tệp PEM mà người dùng schoolgate-web đọc được."},
};
constexpr Key admin_tls_keys[]{
    {"certificate", must, text, "The file of the certificate.", "Tệp chứng chỉ."},
    {"key", must, text, "The file of its key.", "Tệp khóa của chứng chỉ."},
};
constexpr Key who_keys[]{
    {"tier", must, text, "The tier of these networks.", "Cấp học của các mạng này."},
    {"network", must, texts, "A network, or a list of them: 192.168.20.0/24.",
     "Một mạng, hoặc danh sách mạng: 192.168.20.0/24."},
    {"label", may, text, "A name for people: \"Phòng máy 1\".", "Tên cho người đọc: \"Phòng máy 1\"."},
    {"shared", may, flag,
     "true: many people stand behind one address (Wi-Fi behind NAT), so there are no limits for each client.",
     "true: nhiều người chung một địa chỉ (Wi-Fi qua NAT), nên không giới hạn theo máy."},
    {"seats", may, word(seats_words),
     "shared: pupils change seats there, so nobody's own list is shown on their page, and an alert of ten "
     "minutes later opens a case of its own; own (unless said): a device stays with one person.",
     "shared: học sinh đổi chỗ ngồi, nên trang riêng không hiện danh sách của ai, và cảnh báo sau mười phút "
     "mở "
     "một vụ việc riêng; own (nếu không ghi): mỗi máy một người dùng."},
    {"trusts_ca", may, flag,
     "true: the devices there have the school's certificate, so that connections can be opened and pages "
     "shown.",
     "true: máy ở đó có chứng chỉ của trường, nên kết nối được mở ra và trang báo được hiện."},
};
constexpr Key log_keys[]{
    {"directory", may, text, "Where the access log lies (/var/log/schoolgate).",
     "Nơi đặt nhật ký truy cập (/var/log/schoolgate)."},
    {"key_file", may, text, "The keys of the pseudonyms. Whoever has it knows who is who.",
     "Khóa bí danh. Ai có nó thì biết ai là ai."},
    {"keep_days", may, number(30, 365), "Older rows are deleted (90).", "Dòng cũ hơn bị xóa (90)."},
    {"min_days", may, number(30, 365),
     "Younger rows are neither summed nor removed when the log is too large (30).",
     "Dòng mới hơn không bị gộp hay xóa khi nhật ký quá lớn (30)."},
    {"max_megabytes", may, number(20, 4'000'000),
     "On the disk (20000). Over it rows are summed, then the oldest go.",
     "Trên đĩa (20000). Vượt quá thì gộp các dòng, rồi xóa dòng cũ nhất."},
};
constexpr Key timeouts_keys[]{
    {"head", may, seconds(1, 300), "From the first byte of a request to the end of its head (15s).",
     "Từ byte đầu của yêu cầu đến hết phần đầu (15s)."},
    {"keep_alive", may, seconds(1, 3600), "An idle connection of a client between two requests (60s).",
     "Kết nối rỗi của máy học sinh giữa hai yêu cầu (60s)."},
    {"connect", may, seconds(1, 120), "Looking up a name and connecting to it (10s).",
     "Tra tên và kết nối tới máy chủ (10s)."},
    {"hello", may, seconds(1, 120), "The first message in a tunnel (10s).",
     "Thông điệp đầu trong một đường hầm (10s)."},
    {"response", may, seconds(1, 3600), "A server's silence before it answers (5m).",
     "Máy chủ im lặng trước khi trả lời (5m)."},
    {"body", may, seconds(1, 3600), "No byte moves, either way (5m).",
     "Không byte nào chuyển, cả hai chiều (5m)."},
    {"tunnel_idle", may, seconds(10, 86'400), "The same, in a tunnel (5m).",
     "Cũng vậy, trong một đường hầm (5m)."},
    {"drain", may, seconds(0, 600), "How long open transfers may go on when the proxy ends (30s).",
     "Khi proxy kết thúc, việc truyền còn dở được tiếp tục bao lâu (30s)."},
};
constexpr Key limits_keys[]{
    {"connections", may, number(16, 500'000), "In all (8000); each may need two descriptors.",
     "Tất cả (8000); mỗi kết nối có thể cần hai mô tả tệp."},
    {"connections_per_client", may, number(8, 500'000), "Of one address (1000).", "Của một địa chỉ (1000)."},
    {"requests_per_second_per_client", may, number(1, 1'000'000), "In the long run (200).",
     "Về lâu dài (200)."},
    {"request_burst_per_client", may, number(1, 1'000'000),
     "At once, after a pause (five times requests_per_second_per_client).",
     "Cùng một lúc, sau khi nghỉ (năm lần requests_per_second_per_client)."},
    {"min_bytes_per_second", may, number(0, 1'000'000),
     "Of a body to or from a client; who is slower is disconnected (500).",
     "Của phần thân đến hoặc đi; ai chậm hơn bị ngắt (500)."},
    {"head_bytes", may, number(8 * 1024, 1024 * 1024), "Of a request's or an answer's head (65536).",
     "Phần đầu của yêu cầu hoặc câu trả lời (65536)."},
    {"url_bytes", may, number(1024, 64 * 1024), "Of an address (16384).", "Của một địa chỉ (16384)."},
};
constexpr Key upstream_keys[]{
    {"allow_networks", may, texts,
     "Private networks, and this machine's own public addresses, that may be reached all the same.",
     "Mạng riêng, và địa chỉ công cộng của chính máy này, vẫn được phép tới."},
    {"dns_servers", may, texts, "Name servers, \"192.168.10.1\"; without the key those of the system.",
     "Máy chủ tên miền, \"192.168.10.1\"; không có khóa: như hệ thống."},
    {"parent", may, text, "A provider's proxy to which everything goes: \"http://10.1.2.3:3128\".",
     "Proxy của nhà cung cấp, mọi thứ đi qua đó: \"http://10.1.2.3:3128\"."},
    {"hosts_file", may, text, "Names that are known without asking (/etc/hosts).",
     "Những tên biết sẵn, không cần hỏi (/etc/hosts)."},
    {"extra_ca", may, texts, "Files of authorities that are trusted beside those of the system.",
     "Tệp các chứng chỉ gốc được tin thêm bên cạnh của hệ thống."},
    {"idle_per_origin", may, number(0, 1024), "Kept connections to one server, for each worker (64).",
     "Kết nối giữ sẵn tới một máy chủ, mỗi luồng (64)."},
    {"idle_total", may, number(0, 100'000), "Kept connections, for each worker (512).",
     "Kết nối giữ sẵn, mỗi luồng (512)."},
};
constexpr Key https_keys[]{
    {"ca", may, text, "The folder of the school's own certificate (ca).",
     "Thư mục chứng chỉ riêng của trường (ca)."},
    {"crl_dir", may, text, "A folder of revocation lists, for inspected connections.",
     "Thư mục danh sách thu hồi chứng chỉ, cho kết nối được mở ra."},
    {"never_inspect", may, map(never_inspect_shape), "What is opened in no tier.",
     "Những gì không cấp nào mở ra."},
    {"exceptions", may, maps(exception_shape),
     "Sites whose certificate is wrong and that are let pass for a time.",
     "Các trang có chứng chỉ sai vẫn cho qua, có hạn."},
};
constexpr Key never_inspect_keys[]{
    {"categories", may, texts, "Every site of these categories.", "Mọi trang của các nhóm này."},
    {"hosts", may, texts,
     "Names, each with the names below it; a whole registry is \"*.gov.vn\". Addresses and networks too.",
     "Tên, gồm cả các tên con; cả một đuôi tên miền viết là \"*.gov.vn\". Cũng ghi được địa chỉ và dải địa "
     "chỉ."},
    {"lists", may, texts, "Files of names, one a line, # for a comment.",
     "Tệp các tên, mỗi dòng một tên, # bắt đầu chú thích."},
};
constexpr Key exception_keys[]{
    {"host", must, text, "One name.", "Một tên."},
    {"reason", must, text, "Why.", "Vì sao."},
    {"until", must, text, "The last day: 2027-06-30.", "Ngày cuối: 2027-06-30."},
};
constexpr Key alerts_keys[]{
    {"mail", may, map(mail_shape), "To whom by mail.", "Gửi thư cho ai."},
    {"hook", may, texts, "A program with its whole path, and its arguments; the codes of cases are added.",
     "Một chương trình với cả đường dẫn, và các tham số; mã trường hợp được thêm vào cuối."},
    {"digest", may, text, "When the day's message is sent: \"15:30\".", "Giờ gửi thư trong ngày: \"15:30\"."},
};
constexpr Key mail_keys[]{
    {"server", must, text, "The name of the mail server.", "Tên máy chủ thư."},
    {"tls", may, word(mail_tls), "starttls (as without the key) or tls; nothing is sent without.",
     "starttls (như khi không có khóa này) hoặc tls; không bao giờ gửi không mã hóa."},
    {"port", may, number(1, last_port), "Its port: 587 with starttls, 465 with tls.",
     "Cổng: 587 với starttls, 465 với tls."},
    {"user", may, text, "The account there; without it none is named.",
     "Tài khoản ở đó; không ghi thì không đăng nhập."},
    {"password_file", may, text, "A file with its password alone, 0600. Needed with user.",
     "Tệp chỉ có mật khẩu, quyền 0600. Cần khi có user."},
    {"from", must, text, "The sender's address.", "Địa chỉ người gửi."},
    {"to", must, texts, "Addresses of those who are told.", "Địa chỉ những người được báo."},
    {"seals_to", may, texts,
     "Who gets the log's last seal, once a day and at each start, to keep it elsewhere.",
     "Ai nhận niêm phong cuối của nhật ký, mỗi ngày một lần và mỗi lần khởi động, để giữ ở nơi khác."},
    {"ca", may, text,
     "A PEM file with the authority of the server's certificate, where that is the school's own.",
     "Tệp PEM của nơi cấp chứng chỉ cho máy chủ thư, nếu đó là chứng chỉ riêng của trường."},
};
constexpr std::string_view mail_needs[]{"user password_file"};
constexpr Key pac_keys[]{
    {"proxies", may, texts,
     "Proxies with their ports in /proxy.pac, at most four; a browser tries one after the other.",
     "Các proxy kèm cổng ghi trong /proxy.pac, nhiều nhất bốn; trình duyệt thử lần lượt."},
    {"direct", may, texts, "Names of the school's own servers that browsers reach without the proxy.",
     "Tên các máy chủ riêng của trường mà trình duyệt vào thẳng, không qua proxy."},
};
constexpr Key gateway_keys[]{
    {"dns_port", may, number(1, last_port),
     "Of this machine's resolver, to which questions for names are sent (53).",
     "Cổng của bộ phân giải tên miền trên máy này, nơi mọi câu hỏi tên miền được chuyển tới (53)."},
    {"masquerade", may, text, "The network interface to the world.", "Cổng mạng đi ra Internet."},
    {"open", may, maps(hole_shape), "What passes the firewall unseen.",
     "Những gì đi qua tường lửa mà không được lọc."},
};
constexpr Key hole_keys[]{
    {"tier", may, text, "For devices in this tier; without the key for all.",
     "Cho thiết bị thuộc cấp học này; không có khóa: cho tất cả."},
    {"proto", must, word(protocols), "tcp or udp.", "tcp hoặc udp."},
    {"ports", must, ports, "Ports and ranges: [\"3478-3481\", 19302].",
     "Cổng và khoảng cổng: [\"3478-3481\", 19302]."},
    {"to", must, texts, "A network, a bundle that names networks (google_meet), or a list of them.",
     "Một mạng, một gói trang có nêu networks (google_meet), hoặc danh sách của chúng."},
    {"why", must, text, "What for; a comment in the rules.", "Để làm gì; là chú thích trong luật."},
    {"review_by", must, text, "The day by which somebody asks whether it is still needed: 2027-06-30.",
     "Ngày hẹn xem lại có còn cần không: 2027-06-30."},
};

constexpr Key main_keys[]{
    version,
    {"school", must, map(school_shape), "The school.", "Nhà trường."},
    {"listen", must, map(listen_shape), "Where browsers connect.", "Nơi trình duyệt kết nối tới."},
    {"unknown_tier", must, text, "The tier of devices that no line of who: names. Never one of adults.",
     "Cấp của thiết bị mà không dòng nào của who: nêu tên. Không bao giờ là cấp của người lớn."},
    {"who", may, maps(who_shape), "Which network is in which tier; the narrowest network wins.",
     "Mạng nào thuộc cấp học nào; mạng hẹp nhất thắng."},
    {"categories", may, text, "The file of the categories (categories.yaml).",
     "Tệp các nhóm nội dung (categories.yaml)."},
    {"tiers_dir", may, text, "The folder of the tiers, a file each (tiers.d).",
     "Thư mục các cấp học, mỗi cấp một tệp (tiers.d)."},
    {"locked", may, text, "The file of what no tier may loosen (locked.yaml).",
     "Tệp những điều không cấp học nào nới được (locked.yaml)."},
    {"help_lines", may, text, "The file of places to find help, which are never blocked (hotlines.yaml).",
     "Tệp những nơi tìm giúp đỡ, không bao giờ bị chặn (hotlines.yaml)."},
    {"floor", may, text, "The file of illegal content, as digests (floor.txt).",
     "Tệp nội dung trái pháp luật, dạng mã băm (floor.txt)."},
    {"terms", may, text, "The file of words in searches and addresses (terms.yaml).",
     "Tệp từ khóa tìm kiếm và trong địa chỉ (terms.yaml)."},
    {"safesearch", may, text, "The file of search engines and how each is made safe (safesearch.yaml).",
     "Tệp các máy tìm kiếm và cách làm chúng an toàn (safesearch.yaml)."},
    {"periods", may, text, "The file of the school's clock (periods.yaml).",
     "Tệp giờ giấc của trường (periods.yaml)."},
    {"bundles", may, text, "The file of sites with the hosts that they need (bundles.yaml).",
     "Tệp các gói trang, mỗi trang cùng những máy chủ mà trang cần (bundles.yaml)."},
    {"state_directory", may, text, "Where compiled lists are kept (/var/lib/schoolgate).",
     "Nơi giữ danh sách đã biên dịch (/var/lib/schoolgate)."},
    {"control_socket", may, text, "Over which commands ask the running proxy (/run/schoolgate/control.sock).",
     "Qua đó các lệnh hỏi proxy đang chạy (/run/schoolgate/control.sock)."},
    {"log", may, map(log_shape), "The access log.", "Nhật ký truy cập."},
    {"timeouts", may, map(timeouts_shape), "Deadlines: 15s, 5m, 2h.", "Thời hạn: 15s, 5m, 2h."},
    {"limits", may, map(limits_shape), "Bounds.", "Giới hạn."},
    {"upstream", may, map(upstream_shape), "The way to the web.", "Đường ra mạng."},
    {"https", may, map(https_shape), "The school's own certificate, and what is never opened.",
     "Chứng chỉ riêng của trường, và những gì không bao giờ mở ra."},
    {"alerts", may, map(alerts_shape), "How the safeguarding lead is told of cases.",
     "Báo cho người phụ trách an toàn học sinh ra sao."},
    {"pac", may, map(pac_shape), "What browsers are told of the proxy.",
     "Trình duyệt được cho biết gì về proxy."},
    {"gateway", may, map(gateway_shape), "What the gateway's firewall lets through besides.",
     "Những gì tường lửa của gateway còn cho đi qua."},
    {"workers", may, number(0, 256), "Threads; 0, as without the key, is one for each core.",
     "Số luồng; 0, như khi không có khóa, là mỗi nhân một luồng."},
    {"lists", may, maps(list_shape), "Lists of sites, as in the files of lists.d.",
     "Các danh sách trang, như trong các tệp của lists.d."},
    {"lists_dir", may, text, "A folder of files that hold such lists too (lists.d).",
     "Thư mục các tệp cũng chứa danh sách như vậy (lists.d)."},
};

}  // namespace
}  // namespace main_tables

constinit const Shape school_shape{"school", main_tables::school_keys};
constinit const Shape safeguarding_shape{"safeguarding", main_tables::safeguarding_keys};
constinit const Shape listener_shape{"listener", main_tables::listener_keys};
constinit const Shape listen_shape{"listen", main_tables::listen_keys};
constinit const Shape transparent_shape{"transparent", main_tables::transparent_keys};
constinit const Shape admin_shape{"admin", main_tables::admin_keys};
constinit const Shape admin_tls_shape{"admin_tls", main_tables::admin_tls_keys};
constinit const Shape who_shape{"who", main_tables::who_keys};
constinit const Shape log_shape{"log", main_tables::log_keys};
constinit const Shape timeouts_shape{"timeouts", main_tables::timeouts_keys};
constinit const Shape limits_shape{"limits", main_tables::limits_keys};
constinit const Shape upstream_shape{"upstream", main_tables::upstream_keys};
constinit const Shape https_shape{"https", main_tables::https_keys};
constinit const Shape never_inspect_shape{"never_inspect", main_tables::never_inspect_keys};
constinit const Shape exception_shape{"exception", main_tables::exception_keys};
constinit const Shape alerts_shape{"alerts", main_tables::alerts_keys};
constinit const Shape mail_shape{
    .id = "mail", .keys = main_tables::mail_keys, .needs = main_tables::mail_needs};
constinit const Shape pac_shape{"pac", main_tables::pac_keys};
constinit const Shape gateway_shape{"gateway", main_tables::gateway_keys};
constinit const Shape hole_shape{"hole", main_tables::hole_keys};
constinit const Shape main_shape{"main", main_tables::main_keys};

}  // namespace schoolgate
