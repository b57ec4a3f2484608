#include "tools/fetch/transfer.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

namespace schoolgate::tools {
namespace {

constexpr long slow_bytes_per_second = 100;
constexpr long most_head_bytes = 256L << 10;

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

class Transfer {
 public:
  Transfer(const FetchOrder& order, int fd) : order_(order), body_(fd, order.limits.body) {}
  Result<Fetched> run();

 private:
  template <class T>
  void set(CURLoption option, T value) {
    if (::curl_easy_setopt(curl_.get(), option, value) != CURLE_OK) all_set_ = false;
  }
  void set_where();
  void set_bounds();
  [[nodiscard]] Error why_not(CURLcode code) const;
  [[nodiscard]] Error not_to(const Endpoint& end) const;

  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* self) noexcept;
  void header(std::string_view line);

  const FetchOrder& order_;
  ListBody body_;
  std::unique_ptr<CURL, void (*)(CURL*)> curl_{nullptr, ::curl_easy_cleanup};
  std::unique_ptr<curl_slist, void (*)(curl_slist*)> headers_{nullptr, ::curl_slist_free_all};
  bool all_set_ = true;
  Fetched got_;
  std::size_t head_bytes_ = 0;
  std::optional<Error> refused_, broken_;  // an address; the body
  char words_[CURL_ERROR_SIZE] = {};
};

Error Transfer::not_to(const Endpoint& end) const {
  const char* host = nullptr;
  ::curl_easy_getinfo(curl_.get(), CURLINFO_EFFECTIVE_URL, &host);
  return Error{say(
      "{} leads to {}, which no list may come from (upstream: allow_networks opens a mirror of the school)",
      host != nullptr ? host : order_.from.c_str(), end.address.to_string())};
}

// The very address that is connected to is the one that is looked at: a name may lead elsewhere the next
// time.
curl_socket_t Transfer::open_socket(void* self, curlsocktype, curl_sockaddr* address) noexcept try {
  Transfer& transfer = *static_cast<Transfer*>(self);
  const auto end = endpoint_of(address->addr);
  if (!end) return CURL_SOCKET_BAD;
  if (transfer.order_.addresses.check(end->address, end->port, transfer.order_.local) != AddressCheck::ok) {
    transfer.refused_ = transfer.not_to(*end);
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
} catch (...) {
  return CURL_SOCKET_BAD;
}

std::size_t Transfer::take_body(char* bytes, std::size_t size, std::size_t count, void* self) noexcept try {
  Transfer& transfer = *static_cast<Transfer*>(self);
  const auto taken = transfer.body_.take({bytes, size * count});
  if (taken.ok()) return size * count;
  transfer.broken_ = taken.error();
  return 0;  // ends the transfer
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
}

void Transfer::set_where() {
  set(CURLOPT_URL, order_.from.c_str());
  set(CURLOPT_PROTOCOLS_STR, "https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, static_cast<long>(order_.limits.redirects));
  set(CURLOPT_PROXY, "");  // whatever the environment says
  set(CURLOPT_NOPROXY, "*");
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

void Transfer::set_bounds() {
  const auto seconds = [](std::chrono::seconds s) { return static_cast<long>(s.count()); };
  set(CURLOPT_CONNECTTIMEOUT, seconds(order_.limits.connect));
  set(CURLOPT_TIMEOUT, seconds(order_.limits.all));
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
  curl_slist* list = nullptr;
  const auto add = [&](const std::string& line) {
    curl_slist* const longer = ::curl_slist_append(list, line.c_str());
    if (longer == nullptr) all_set_ = false;
    if (longer != nullptr) list = longer;
  };
  if (!order_.etag.empty()) add("If-None-Match: " + order_.etag);
  if (!order_.modified.empty()) add("If-Modified-Since: " + order_.modified);
  headers_.reset(list);
  set(CURLOPT_HTTPHEADER, list);
}

Error Transfer::why_not(CURLcode code) const {
  if (broken_) return *broken_;
  long status = 0;
  ::curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  switch (code) {
    case CURLE_HTTP_RETURNED_ERROR:
      return Error{say("the server answers {}", status)};
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

Result<Fetched> Transfer::run() {
  if (::curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return Error{say("libcurl cannot be used")};
  curl_.reset(::curl_easy_init());
  if (!curl_) return Error{say("no memory")};
  set_where();
  set_bounds();
  if (!all_set_) return Error{say("this libcurl lacks what keeps a transfer safe")};
  if (const CURLcode code = ::curl_easy_perform(curl_.get()); code != CURLE_OK) return why_not(code);
  long status = 0;
  ::curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  const bool asked = !order_.etag.empty() || !order_.modified.empty();
  if (status == 304 && asked) {
    got_.unchanged = true;
    return got_;
  }
  if (status != 200) return Error{say("the server answers {}", status)};
  if (const auto finished = body_.finish(); finished.failed()) return finished.error();
  return got_;
}

}  // namespace

Result<Fetched> transfer(const FetchOrder& order, int fd) {
  return Transfer(order, fd).run();
}

}  // namespace schoolgate::tools
