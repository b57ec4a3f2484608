#include "tools/fetch/transfer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "config/lists/fetched_list.h"
#include "config/text/system_words.h"
#include "config/text/whole_file.h"
#include "rules/url/url.h"

namespace schoolgate::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long slow_bytes_per_second = 100;
constexpr long most_head_bytes = 256L << 10;
constexpr auto progress_every = std::chrono::milliseconds(200);

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
};

// Nullopt: neither IPv4 nor IPv6.
std::optional<Endpoint> endpoint_of(const sockaddr& address) noexcept {
  Endpoint end;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    end.address = IpAddress::v4(ntohl(v4.sin_addr.s_addr));
    end.port = ntohs(v4.sin_port);
  } else if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(end.address.bytes.data(), &v6.sin6_addr, end.address.bytes.size());
    end.port = ntohs(v6.sin6_port);
  } else {
    return std::nullopt;
  }
  return end;
}

// What the rest of a download may be glued to: bytes of an entity that the server knows by a strong name
// (RFC 9110 8.8.1).
bool is_strong(std::string_view etag) noexcept {
  return etag.size() > 2 && etag.starts_with('"') && etag.ends_with('"');
}

// One request, and what came of it.
class Transfer {
 public:
  Transfer(const FetchOrder& order, std::string url, int raw, std::string& part_etag,
           const FetchProgress& progress)
      : order_(order), url_(std::move(url)), raw_(raw), part_etag_(part_etag), progress_(progress) {}
  Result<Fetched> run(std::chrono::seconds within);

  // After a result without error: where the server leads to; "": nowhere. With a parent alone: a direct
  // transfer has followed.
  [[nodiscard]] const std::string& leads_to() const noexcept { return leads_to_; }
  // After an error: more may come by asking again.
  [[nodiscard]] bool was_cut() const noexcept { return was_cut_; }

 private:
  template <class T>
  void set(CURLoption option, T value) {
    if (::curl_easy_setopt(curl_.get(), option, value) != CURLE_OK) all_set_ = false;
  }
  void set_where();
  void set_way();
  void set_bounds(std::chrono::seconds within);
  void set_question();
  [[nodiscard]] long status() const noexcept;
  [[nodiscard]] Result<void> begin_body();
  [[nodiscard]] Result<void> keep(std::string_view bytes);
  [[nodiscard]] Error failed(CURLcode code);
  [[nodiscard]] Error why_not(CURLcode code) const;
  [[nodiscard]] Error not_to(const Endpoint& end) const;

  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static int take_progress(void* self, curl_off_t all, curl_off_t got, curl_off_t, curl_off_t) noexcept;
  void header(std::string_view line);

  const FetchOrder& order_;
  const std::string url_;
  const int raw_;
  std::string& part_etag_;
  const FetchProgress& progress_;
  std::unique_ptr<CURL, void (*)(CURL*)> curl_{nullptr, ::curl_easy_cleanup};
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers_{nullptr, ::curl_slist_free_all};
  bool all_set_ = true, begun_ = false, was_cut_ = false;
  Fetched got_;
  std::string range_, leads_to_;  // "bytes 1200-4999/5000"
  std::uint64_t asked_from_ = 0;  // 0: from the beginning
  std::uint64_t has_ = 0;         // bytes in raw_ that count
  std::uint64_t came_ = 0;        // by this request
  Clock::time_point told_{};
  std::size_t head_bytes_ = 0;
  std::optional<Error> refused_, broken_;  // an address; the body
  char words_[CURL_ERROR_SIZE] = {};
};

long Transfer::status() const noexcept {
  long status = 0;
  ::curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  return status;
}

Error Transfer::not_to(const Endpoint& end) const {
  const char* host = nullptr;
  ::curl_easy_getinfo(curl_.get(), CURLINFO_EFFECTIVE_URL, &host);
  if (order_.parent)
    return Error{say("upstream: parent leads to {}, which is this proxy", end.address.to_string())};
  return Error{say(
      "{} leads to {}, which no list may come from (upstream: allow_networks opens a mirror of the school)",
      host != nullptr ? host : url_.c_str(), end.address.to_string())};
}

// The very address that is connected to is the one that is looked at: a name may lead elsewhere the next
// time.
curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept try {
  Transfer& transfer = *static_cast<Transfer*>(self);
  const auto end = endpoint_of(address->addr);
  if (!end) return CURL_SOCKET_BAD;
  const AddressCheck check = transfer.order_.addresses.check(end->address, end->port, transfer.order_.local);
  if (transfer.order_.parent ? check == AddressCheck::own : check != AddressCheck::ok) {
    transfer.refused_ = transfer.not_to(*end);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
} catch (...) {
  return CURL_SOCKET_BAD;
}

// At the first bytes of an answer: do they go behind what is there, or in its place?
Result<void> Transfer::begin_body() {
  begun_ = true;
  const std::string behind = "bytes " + std::to_string(asked_from_) + "-";
  if (status() == 206 && asked_from_ != 0 && range_.starts_with(behind) &&
      (got_.etag.empty() || got_.etag == part_etag_)) {
    has_ = asked_from_;
    return {};
  }
  if (status() != 200) return Error{say("the server answers {}", status())};
  has_ = 0;
  part_etag_ = is_strong(got_.etag) ? recordable(got_.etag) : "";
  if (::ftruncate(raw_, 0) != 0 || ::lseek(raw_, 0, SEEK_SET) != 0)
    return Error{say("it cannot be kept: {}", system_words(errno))};
  return {};
}

Result<void> Transfer::keep(std::string_view bytes) {
  if (!begun_)
    if (auto begun = begin_body(); begun.failed()) return begun;
  has_ += bytes.size();
  came_ += bytes.size();
  if (has_ > order_.limits.body.bytes)
    return Error{say("it is larger than {}", std::to_string(order_.limits.body.bytes >> 20) + " MiB")};
  if (const auto written = write_all(raw_, bytes); written.failed())
    return Error{say("it cannot be kept: {}", system_words(written.error()))};
  return {};
}

std::size_t Transfer::take_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept try {
  Transfer& transfer = *static_cast<Transfer*>(self);
  if (transfer.status() >= 300) return size * count;  // what is said beside a redirection
  const auto kept = transfer.keep({bytes, size * count});
  if (kept.ok()) return size * count;
  transfer.broken_ = kept.error();
  return 0;  // ends the transfer
} catch (...) {
  return 0;
}

int Transfer::take_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept try {
  Transfer& transfer = *static_cast<Transfer*>(self);
  const auto now = Clock::now();
  if (transfer.came_ == 0 || now - transfer.told_ < progress_every) return 0;
  transfer.told_ = now;
  curl_off_t rest = -1;
  ::curl_easy_getinfo(transfer.curl_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &rest);
  const std::uint64_t before = transfer.has_ - transfer.came_;
  transfer.progress_(transfer.has_, rest < 0 ? 0 : before + static_cast<std::uint64_t>(rest));
  return 0;
} catch (...) {
  return 0;
}

std::size_t Transfer::take_header(char* bytes, std::size_t size, std::size_t count, void* self) noexcept try {
  Transfer& transfer = *static_cast<Transfer*>(self);
  transfer.head_bytes_ += size * count;
  if (transfer.head_bytes_ > most_head_bytes) {
    transfer.broken_ = Error{say("the server's heads are too long")};
    return 0;
  }
  transfer.header({bytes, size * count});
  return size * count;
} catch (...) {
  return 0;
}

// Of the last response only: a new status line forgets what a redirect said.
void Transfer::header(std::string_view line) {
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.remove_suffix(1);
  if (line.starts_with("HTTP/")) {
    got_ = {};
    range_.clear();
    return;
  }
  const auto take = [&](std::string_view name, std::string& out) {
    if (line.size() < name.size() || !std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) {
          return a == std::tolower(static_cast<unsigned char>(b));
        }))
      return;
    std::string_view value = line.substr(name.size());
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    out = std::string(value);
  };
  take("etag:", got_.etag);
  take("last-modified:", got_.modified);
  take("content-range:", range_);
}

void Transfer::set_where() {
  set(CURLOPT_URL, url_.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::open_socket);
  set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_blob authorities{const_cast<char*>(order_.authorities.data()), order_.authorities.size(),
                        CURL_BLOB_COPY};
  set(CURLOPT_CAINFO_BLOB, &authorities);
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_USERAGENT, "schoolgate");
}

// Whatever the environment says: directly, or through the parent and not one step further than it was asked.
void Transfer::set_way() {
  if (order_.parent) {
    set(CURLOPT_PROXY, order_.parent->proxy.c_str());
    set(CURLOPT_NOPROXY, "");
    set(CURLOPT_HTTPPROXYTUNNEL, 1L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    return;
  }
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, static_cast<long>(order_.limits.redirects));
}

void Transfer::set_bounds(std::chrono::seconds within) {
  const auto seconds = [](std::chrono::seconds s) { return static_cast<long>(s.count()); };
  set(CURLOPT_CONNECTTIMEOUT, seconds(order_.limits.connect));
  set(CURLOPT_TIMEOUT, seconds(std::max(within, std::chrono::seconds(1))));
  set(CURLOPT_LOW_SPEED_LIMIT, slow_bytes_per_second);
  set(CURLOPT_LOW_SPEED_TIME, seconds(order_.limits.silence));
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(order_.limits.body.bytes));
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_ERRORBUFFER, words_);
  set(CURLOPT_WRITEFUNCTION, &Transfer::take_body);
  set(CURLOPT_WRITEDATA, static_cast<void*>(this));
  set(CURLOPT_HEADERFUNCTION, &Transfer::take_header);
  set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  if (!progress_) return;
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &Transfer::take_progress);
  set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
}

// For what is new, or for the rest of what came before it was cut.
void Transfer::set_question() {
  curl_slist* list = nullptr;
  const auto add = [&](const std::string& line) {
    curl_slist* const longer = ::curl_slist_append(list, line.c_str());
    if (longer == nullptr) all_set_ = false;
    if (longer != nullptr) list = longer;
  };
  const off_t there = ::lseek(raw_, 0, SEEK_END);
  if (there > 0 && !part_etag_.empty()) {
    asked_from_ = static_cast<std::uint64_t>(there);
    add("Range: bytes=" + std::to_string(asked_from_) + "-");
    add("If-Range: " + part_etag_);
  } else {
    if (!order_.etag.empty()) add("If-None-Match: " + order_.etag);
    if (!order_.modified.empty()) add("If-Modified-Since: " + order_.modified);
  }
  headers_.reset(list);
  set(CURLOPT_HTTPHEADER, list);
}

Error Transfer::why_not(CURLcode code) const {
  if (broken_) return *broken_;
  long of_parent = 0;
  ::curl_easy_getinfo(curl_.get(), CURLINFO_HTTP_CONNECTCODE, &of_parent);
  if (order_.parent && of_parent >= 300) return Error{say("the parent proxy answers {}", of_parent)};
  switch (code) {
    case CURLE_HTTP_RETURNED_ERROR:
      return Error{say("the server answers {}", status())};
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Error{say("the server leads away from https")};
    case CURLE_LOGIN_DENIED:
      return Error{say("the server leads to an address with a user name")};
    case CURLE_TOO_MANY_REDIRECTS:
      return Error{say("the server leads on more than {} times", order_.limits.redirects)};
    case CURLE_FILESIZE_EXCEEDED:
      return Error{say("it is larger than {}", std::to_string(order_.limits.body.bytes >> 20) + " MiB")};
    case CURLE_PARTIAL_FILE:
      return Error{say("it is cut short: the server closed before the length that it named")};
    case CURLE_OPERATION_TIMEDOUT:
      return Error{say("the server is too slow, or silent")};
    case CURLE_PEER_FAILED_VERIFICATION:
      return Error{say("the server's certificate is not trusted: {}", Message::foreign(words_))};
    case CURLE_COULDNT_RESOLVE_HOST:
      return Error{say("its name cannot be looked up")};
    default:
      break;
  }
  if (refused_ && code == CURLE_COULDNT_CONNECT) return *refused_;
  return Error{Message::foreign(words_[0] != '\0' ? std::string(words_) : ::curl_easy_strerror(code))};
}

// What is kept of a transfer that failed, and whether to ask again.
Error Transfer::failed(CURLcode code) {
  const bool range_refused = code == CURLE_HTTP_RETURNED_ERROR && status() == 416 && asked_from_ != 0;
  const bool line_broke = code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR ||
                          code == CURLE_OPERATION_TIMEDOUT || code == CURLE_GOT_NOTHING;
  if (broken_ || refused_ || code == CURLE_HTTP_RETURNED_ERROR || code == CURLE_FILESIZE_EXCEEDED)
    part_etag_.clear();
  was_cut_ = range_refused || (line_broke && !broken_ && came_ != 0 && !part_etag_.empty());
  return why_not(code);
}

Result<Fetched> Transfer::run(std::chrono::seconds within) {
  curl_.reset(::curl_easy_init());
  if (!curl_) return Error{say("no memory")};
  set_where();
  set_way();
  set_bounds(within);
  set_question();
  if (!all_set_) return Error{say("this libcurl lacks what keeps a transfer safe")};
  if (const CURLcode code = ::curl_easy_perform(curl_.get()); code != CURLE_OK) return failed(code);
  if (const char* to = nullptr; order_.parent && status() >= 300 && status() < 400 &&
                                ::curl_easy_getinfo(curl_.get(), CURLINFO_REDIRECT_URL, &to) == CURLE_OK &&
                                to != nullptr) {
    leads_to_ = to;
    return got_;
  }
  const bool asked = asked_from_ == 0 && (!order_.etag.empty() || !order_.modified.empty());
  if (status() == 304 && asked) {
    got_.unchanged = true;
    return got_;
  }
  if (!begun_)  // not a byte
    if (auto begun = begin_body(); begun.failed()) return begun.error();
  if (status() == 206) {
    if (got_.etag.empty()) got_.etag = part_etag_;
    if (range_.ends_with("/" + std::to_string(has_)) || range_.ends_with("/*")) return got_;
    part_etag_.clear();
    return Error{say("it is cut short")};
  }
  return got_;
}

// Through a parent alone: a name of the catalogue, over https.
Result<void> may_be_asked(const std::string& address, const ParentRoute& parent) {
  Url url;
  if (url.parse(address).failed() || url.scheme() != Scheme::https)
    return Error{say("the server leads away from https")};
  const std::string& host = url.host().text;
  if (std::find(parent.names.begin(), parent.names.end(), host) != parent.names.end()) return {};
  return Error{
      say("{} is no host of the catalogue of lists, and no other is fetched from through upstream: parent: "
          "bring the list with --from",
          host)};
}

}  // namespace

Result<Fetched> transfer(const FetchOrder& order, int raw, std::string& part_etag,
                         const FetchProgress& progress) {
  if (::curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return Error{say("libcurl cannot be used")};
  const auto until = Clock::now() + order.limits.all;
  std::string url = order.from;
  int leads = 0, attempts = 1;
  for (;;) {
    if (order.parent)
      if (const auto may = may_be_asked(url, *order.parent); may.failed()) return may.error();
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(until - Clock::now());
    Transfer one(order, url, raw, part_etag, progress);
    auto got = one.run(left);
    const bool time_left = until - Clock::now() > std::chrono::seconds(1);
    if (!got && one.was_cut() && time_left && attempts++ < order.limits.attempts) continue;
    if (!got || one.leads_to().empty()) return got;
    if (++leads > order.limits.redirects)
      return Error{say("the server leads on more than {} times", order.limits.redirects)};
    url = one.leads_to();
  }
}

}  // namespace schoolgate::tools
