#include "tools/web/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <thread>

#include "config/text/system_words.h"
#include "proxy/core/http/http_head.h"
#include "proxy/web/form.h"
#include "tools/web/wire.h"

namespace schoolgate::tools {
namespace {

using namespace std::chrono_literals;

constexpr unsigned most_connections = 128, most_per_peer = 24;
constexpr std::size_t most_request_head_bytes = 16 * 1024;
constexpr int most_requests = 200;  // of one connection
constexpr auto handshake_limit = 10s, idle_limit = 15s, head_limit = 10s, body_limit = 20s, write_limit = 30s,
               end_limit = 1s;

Deadline in(std::chrono::seconds limit) {
  return std::chrono::steady_clock::now() + limit;
}

std::string_view reason_of(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 15> reasons{
      {{200, "OK"},
       {204, "No Content"},
       {303, "See Other"},
       {400, "Bad Request"},
       {403, "Forbidden"},
       {404, "Not Found"},
       {405, "Method Not Allowed"},
       {411, "Length Required"},
       {413, "Content Too Large"},
       {415, "Unsupported Media Type"},
       {417, "Expectation Failed"},
       {421, "Misdirected Request"},
       {429, "Too Many Requests"},
       {431, "Request Header Fields Too Large"},
       {503, "Service Unavailable"}}};
  for (const auto& [number, reason] : reasons)
    if (number == status) return reason;
  return "Error";
}

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  char text[40];
  if (::gmtime_r(&now, &parts) == nullptr) return {};
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::string bytes_of(const web::Response& response, bool head_only, bool keep) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " " +
                    std::string(reason_of(response.status)) + "\r\nDate: " + date_now() + "\r\n";
  constexpr int no_content = 204;  // and so no length either (RFC 9110 8.6)
  if (response.status != no_content)
    out += "Content-Type: " + response.type + "\r\nContent-Length: " + std::to_string(response.body.size()) +
           "\r\n";
  for (const auto& [name, value] : response.headers) out += name + ": " + value + "\r\n";
  out += keep ? "\r\n" : "Connection: close\r\n\r\n";
  if (!head_only) out += response.body;
  return out;
}

web::Response refused(int status) {
  web::Response response;
  response.status = status;
  response.type = "text/plain; charset=utf-8";
  response.body = std::string(reason_of(status)) + "\n";
  return response;
}

// What the head says, but for the body. A status other than 0: it is refused.
int read_head(const RequestHead& head, web::Request& out) {
  if (head.form != RequestHead::Form::origin) return 400;
  if (head.framing == Framing::chunked) return 411;
  if (head.expect_continue) return 417;
  out.method = std::string(head.method);
  const std::size_t mark = std::min(head.target.find('?'), head.target.size());
  auto path = web::decode_path(head.target.substr(0, mark));
  out.query_text = std::string(head.target.substr(std::min(mark + 1, head.target.size())));
  auto query = web::parse_form(out.query_text);
  if (!path || !query) return 400;
  out.path = *std::move(path);
  if (head.content_length > web::most_form_bytes_of(out.path)) return 413;
  out.query = *std::move(query);
  out.cookies = web::parse_cookies(head.field("cookie"));
  out.host = std::string(head.field("host"));
  out.origin = std::string(head.field("origin"));
  out.fetch_site = std::string(head.field("sec-fetch-site"));
  out.languages = std::string(head.field("accept-language"));
  if (out.method != "POST") return head.content_length == 0 ? 0 : 400;
  const std::string_view type = head.field("content-type");
  return type.substr(0, type.find(';')) == "application/x-www-form-urlencoded" ? 0 : 415;
}

enum class Went : unsigned char { well, last, wrong };

// One request of a connection; `buffer` keeps what came beyond it. `last`: the answer says that no other is
// taken.
Went serve_one(Wire& wire, std::string& buffer, const std::string& peer, const PagesServer::Answer& answer,
               bool last) {
  std::size_t end = find_head_end(buffer, 0);
  const Deadline first_byte = in(idle_limit);
  Deadline until = first_byte;
  while (end == 0) {
    if (buffer.size() > most_request_head_bytes) {
      static_cast<void>(wire.write(bytes_of(refused(431), false, false), in(write_limit)));
      return Went::wrong;
    }
    const std::size_t before = buffer.size();
    if (!wire.read_some(buffer, until)) return Went::wrong;
    if (before == 0) until = in(head_limit);
    end = find_head_end(buffer, before);
    if (end == 0 && hopeless_request(buffer)) end = buffer.size();
  }
  RequestHead head;
  web::Request request;
  request.peer = peer;
  const std::string head_text = buffer.substr(0, end);
  const auto parsed = parse_request_head(head_text, head);
  const int wrong = parsed.failed() ? static_cast<int>(parsed.error().status) : read_head(head, request);
  if (wrong != 0) {
    static_cast<void>(wire.write(bytes_of(refused(wrong), false, false), in(write_limit)));
    return Went::wrong;
  }
  const std::size_t whole = end + head.content_length;
  until = in(body_limit);
  while (buffer.size() < whole)
    if (!wire.read_some(buffer, until)) return Went::wrong;
  if (head.content_length != 0) {
    auto form = web::parse_form(std::string_view(buffer).substr(end, head.content_length),
                                web::most_form_bytes_of(request.path));
    if (!form) {
      static_cast<void>(wire.write(bytes_of(refused(400), false, false), in(write_limit)));
      return Went::wrong;
    }
    request.form = *std::move(form);
  }
  buffer.erase(0, whole);
  const web::Response response = answer(request);
  const bool keep = head.keep_alive && !last;
  const bool sent = wire.write(bytes_of(response, request.method == "HEAD", keep), in(write_limit));
  return !sent ? Went::wrong : keep ? Went::well : Went::last;
}

std::string tls_words() {
  char text[256] = "";
  ERR_error_string_n(ERR_get_error(), text, sizeof text);
  ERR_clear_error();
  return text;
}

}  // namespace

PagesServer::~PagesServer() {
  if (listener_ >= 0) ::close(listener_);
}

Result<void> PagesServer::open() {
  if (!pages_.certificate.empty()) {
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    if (!tls_) return Error{say("TLS cannot be used: {}", tls_words())};
    SSL_CTX_set_min_proto_version(tls_.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(tls_.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(tls_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (SSL_CTX_use_certificate_chain_file(tls_.get(), pages_.certificate.c_str()) != 1)
      return Error{say("the certificate {} cannot be used: {}", pages_.certificate, tls_words())};
    if (SSL_CTX_use_PrivateKey_file(tls_.get(), pages_.key.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(tls_.get()) != 1)
      return Error{say("the key {} cannot be used: {}", pages_.key, tls_words())};
  }
  const bool v4 = pages_.address.is_v4();
  listener_ = ::socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in in4{};
  sockaddr_in6 in6{};
  const std::string text = pages_.address.to_string();
  in4.sin_family = AF_INET;
  in4.sin_port = in6.sin6_port = htons(pages_.port);
  in6.sin6_family = AF_INET6;
  const bool read = v4 ? ::inet_pton(AF_INET, text.c_str(), &in4.sin_addr) == 1
                       : ::inet_pton(AF_INET6, text.c_str(), &in6.sin6_addr) == 1;
  const auto* const address =
      v4 ? reinterpret_cast<const sockaddr*>(&in4) : reinterpret_cast<const sockaddr*>(&in6);
  const socklen_t size = v4 ? sizeof in4 : sizeof in6;
  constexpr int backlog = 64;
  if (!read || listener_ < 0 || ::bind(listener_, address, size) != 0 || ::listen(listener_, backlog) != 0)
    return Error{say("cannot listen on {} port {}: {}", text, pages_.port, system_words(errno))};
  port_ = pages_.port;
  return {};
}

bool PagesServer::lets_in(const IpAddress& peer) const noexcept {
  static const std::optional<Network> v4 = Network::parse("127.0.0.0/8"), v6 = Network::parse("::1");
  const auto on_loopback = [&](const IpAddress& one) {
    return (v4 && v4->contains(one)) || (v6 && v6->contains(one));
  };
  if (pages_.clients.empty()) return on_loopback(pages_.address) && on_loopback(peer);
  return std::any_of(pages_.clients.begin(), pages_.clients.end(),
                     [&](const Network& one) { return one.contains(peer); });
}

void PagesServer::accept_one() {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  const int fd = ::accept4(listener_, reinterpret_cast<sockaddr*>(&from), &size, SOCK_CLOEXEC);
  if (fd < 0) {
    if (errno == EMFILE || errno == ENFILE) std::this_thread::sleep_for(100ms);
    return;
  }
  char text[INET6_ADDRSTRLEN] = "";
  if (from.ss_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(&from)->sin_addr, text, sizeof text);
  else
    ::inet_ntop(AF_INET6, &reinterpret_cast<sockaddr_in6*>(&from)->sin6_addr, text, sizeof text);
  const auto peer = IpAddress::parse(text);
  const std::string name = peer ? peer->to_string() : std::string();
  bool room = peer && lets_in(*peer);
  if (room) {
    const std::lock_guard lock(mutex_);
    unsigned& mine = open_by_peer_[name];
    room = open_ < most_connections && mine < most_per_peer;
    if (room) ++open_, ++mine;
    if (mine == 0) open_by_peer_.erase(name);
  }
  if (!room) {
    ::close(fd);
    return;
  }
  try {
    std::thread([this, fd, name] { serve(fd, name); }).detach();
  } catch (const std::exception&) {  // no thread to be had
    ::close(fd);
    const std::lock_guard lock(mutex_);
    --open_;
    if (--open_by_peer_[name] == 0) open_by_peer_.erase(name);
  }
}

void PagesServer::serve(int fd, const std::string& peer) noexcept {
  try {
    Wire wire(fd, tls_.get());
    const std::shared_ptr<void> known(nullptr, [&](void*) {  // before its socket is closed
      const std::lock_guard lock(mutex_);
      sockets_.erase(fd);
    });
    {
      const std::lock_guard lock(mutex_);
      sockets_.insert(fd);
    }
    std::string buffer;
    if (wire.begin(in(handshake_limit)))
      for (int i = 0; i < most_requests && !ending_; ++i)
        if (serve_one(wire, buffer, peer, answer_, i + 1 == most_requests) != Went::well) break;
    wire.end();
  } catch (const std::exception&) {  // no memory: this one is not answered
  }
  const std::lock_guard lock(mutex_);
  --open_;
  if (--open_by_peer_[peer] == 0) open_by_peer_.erase(peer);
  gone_.notify_all();
}

void PagesServer::run(int stop_fd) {
  for (;;) {
    pollfd waiting[] = {{listener_, POLLIN, 0}, {stop_fd, POLLIN, 0}};
    if (::poll(waiting, 2, -1) < 0) continue;
    if (waiting[1].revents != 0) break;
    accept_one();
  }
  ending_ = true;
  ::close(listener_);
  listener_ = -1;
  std::unique_lock lock(mutex_);
  gone_.wait_for(lock, end_limit, [this] { return open_ == 0; });  // answers on their way
  for (const int fd : sockets_) ::shutdown(fd, SHUT_RDWR);
  gone_.wait(lock, [this] { return open_ == 0; });
}

}  // namespace schoolgate::tools
