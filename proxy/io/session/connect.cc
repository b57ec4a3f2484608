// Session: from a host to a connected socket, over checked addresses only.
#include <sys/socket.h>

#include <algorithm>

#include "proxy/io/net/net.h"
#include "proxy/io/net/wall_clock.h"
#include "proxy/io/session/session.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_parent_head = 16 * 1024;
constexpr int max_interim_responses = 8;

enum class HeadPart : std::uint8_t { more, whole, failed };

// Takes from the socket what belongs to a response head, and no byte behind it: those are the tunnel's.
HeadPart take_head(int fd, std::string& head) {
  char piece[4096];
  const ssize_t seen = ::recv(fd, piece, sizeof piece, MSG_PEEK | MSG_DONTWAIT);
  if (seen < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return HeadPart::more;
  if (seen <= 0) return HeadPart::failed;
  const std::size_t before = head.size();
  head.append(piece, static_cast<std::size_t>(seen));
  const std::size_t end = find_head_end(head, before);
  if (end != 0) head.resize(end);
  const std::size_t wanted = head.size() - before;
  if (::recv(fd, piece, wanted, MSG_DONTWAIT) != static_cast<ssize_t>(wanted)) return HeadPart::failed;
  if (end != 0) return HeadPart::whole;
  return head.size() < max_parent_head ? HeadPart::more : HeadPart::failed;
}

// What a deadline may cancel, for as long as it is waited for.
template <class T>
class WaitingOn {
 public:
  WaitingOn(T*& place, T& what) noexcept : place_(place) { place = &what; }
  ~WaitingOn() { place_ = nullptr; }
  WaitingOn(const WaitingOn&) = delete;
  WaitingOn& operator=(const WaitingOn&) = delete;

 private:
  T*& place_;
};

// What page and log call it when no address answered.
std::string_view name_of(const error_code& error) noexcept {
  if (error == asio::error::timed_out) return "timeout: connecting";
  if (error == asio::error::connection_refused) return "refused";
  if (error == asio::error::network_unreachable || error == asio::error::host_unreachable)
    return "unreachable";
  return "connect";
}

bool out_of_descriptors(const error_code& error) noexcept {
  namespace errc = boost::system::errc;
  return error == errc::too_many_files_open || error == errc::too_many_files_open_in_system ||
         error == errc::no_buffer_space;
}

// host:port as in a CONNECT.
std::string authority_text(const Host& host, std::uint16_t port) {
  const bool brackets = host.kind == Host::Kind::ipv6;
  return (brackets ? "[" + host.text + "]" : host.text) + ":" + std::to_string(port);
}

}  // namespace

Route Session::route_to(const Host& host, std::uint16_t port) {
  const Generation* generation = worker_.generation().get();
  if (generation == nullptr || !generation->snapshot->config.upstream.parent) return Route::direct;
  const bool fixed = !host.is_address() && worker_.resolver().find_fixed(host.text) != nullptr;
  return route_beside_parent(host, port, fixed, generation->addresses, worker_.local_addresses());
}

const Host* Session::safe_host(const Generation& generation, const Host& host) const noexcept {
  const Policy& policy = *generation.snapshot->policy;
  const Tier& tier = policy.tiers()[tier_of_client(generation)];
  return policy.engines().safe_host(host, tier.safesearch, tier.youtube);
}

// Fills upstream_ with a way to the URL's host and port, straight or through a tunnel of the parent; or says
// why not. What the name resolves to is judged too: then `verdict` becomes the block.
Task<std::optional<PageKind>> Session::connect_upstream(const Url& url, Verdict& verdict,
                                                        std::optional<HelpMatch>& help) {
  const std::shared_ptr<const Generation> generation = worker_.generation();
  const Host* const safe = safe_host(*generation, url.host());
  const Host& host = safe != nullptr ? *safe : url.host();
  safe_way_ = safe != nullptr ? safe->text : std::string();
  const std::uint16_t port = url.port();
  unconnected_ = {};
  switch (route_to(host, port)) {
    case Route::direct:
      break;
    case Route::parent:
      co_return co_await connect_through_parent(host, port);
    case Route::refused:
      unconnected_ = "private_address";
      co_return PageKind::address_refused;
    case Route::own:
      unconnected_ = "own_address";
      co_return PageKind::loop;
  }
  Asked asked{url, verdict, help};
  co_return co_await connect_to(host, port, &asked);
}

// Without `asked`: to the parent proxy, which the admin named and which may well have a private address.
Task<std::optional<PageKind>> Session::connect_to(const Host& host, std::uint16_t port, Asked* asked) {
  const std::shared_ptr<const Generation> generation = worker_.generation();
  const std::chrono::seconds limit = worker_.config().timeouts.connect;  // for name and connection together
  const std::uint32_t began = worker_.deadlines.now();
  AnswerPtr answer;
  answer_.reset();
  std::vector<IpAddress> found;
  if (host.is_address()) {
    found.push_back(host.address);
  } else {
    answer = worker_.resolver().find(host.text);
    if (!answer) {
      Resolver::Waiter waiter;
      patience_.arm(Wait::resolving, limit);
      {
        const WaitingOn waiting(waiter_, waiter);
        co_await worker_.resolver().ask(host.text, waiter);
      }
      answer = waiter.answer();
    }
    if (!answer || answer->status != Answer::Status::ok) {
      const bool denied = answer && answer->status == Answer::Status::no_such_name;
      unconnected_ = denied ? "dns: no such name" : "dns: no answer";
      co_return denied ? PageKind::dns_fail : PageKind::dns_down;
    }
    found = answer->addresses;
  }

  upstream_for_all_ = true;
  if (asked != nullptr) {
    const JudgeRequest request{.url = asked->url,
                               .stage = Stage::host,
                               .tier = tier_of_client(*generation),
                               .time = worker_.local_time(wall_clock_ms())};
    std::span<const std::string> aliases;
    if (answer) aliases = answer->aliases;
    Judged judged{asked->verdict, asked->help};
    const Judge::AnswerVerdict behind = generation->judge->judge_answer(request, judged, aliases, found);
    upstream_for_all_ = !behind.rules_spoke;
    asked->verdict = judged.verdict;
    asked->help = judged.help;
    answer_ = answer;
    if (behind.blocked) co_return page_of(judged.verdict);
  }

  // The addresses that are checked here are the very ones connected to: a name may point elsewhere by now.
  bool own = false;
  std::vector<IpAddress> allowed;
  for (const IpAddress& address : found) {
    const AddressCheck check = generation->addresses.check(address, port, worker_.local_addresses());
    if (check == AddressCheck::ok || (check == AddressCheck::refused && asked == nullptr))
      allowed.push_back(address);
    own = own || check == AddressCheck::own;
  }
  unconnected_ = own ? "own_address" : "private_address";
  if (allowed.empty()) co_return own ? PageKind::loop : PageKind::address_refused;
  if (shut_down_ || abandoned_) co_return PageKind::connect_fail;

  for (bool again = false;; again = true) {
    Connector connector(worker_.executor(), allowed, port);
    const std::chrono::seconds used(worker_.deadlines.now() - began);
    patience_.arm(Wait::connecting, std::max(limit - used, std::chrono::seconds(1)));
    {
      const WaitingOn waiting(connector_, connector);
      co_await connector.run();
    }
    if (!connector.error()) {
      upstream_.emplace(connector.take_socket());
      co_return std::nullopt;
    }
    unconnected_ = name_of(connector.error());
    if (!out_of_descriptors(connector.error()))
      co_return connector.error() == asio::error::timed_out ? PageKind::upstream_timeout
                                                            : PageKind::connect_fail;
    // Kept connections give theirs first.
    unconnected_ = "no_descriptors";
    if (again || worker_.pool.size() == 0) co_return PageKind::proxy_busy;
    worker_.pool.clear();
  }
}

Task<std::optional<PageKind>> Session::connect_to_parent() {
  const auto parent = worker_.config().upstream.parent;
  unconnected_ = "parent";
  if (!parent) co_return PageKind::connect_fail;  // a reload took it away just now
  co_return co_await connect_to(parent->host, parent->port, nullptr);
}

// A CONNECT of our own (RFC 9110 9.3.6). Only a 2xx makes a tunnel; the body of another answer is the
// parent's own page and goes nowhere.
Task<std::optional<PageKind>> Session::connect_through_parent(const Host& host, std::uint16_t port) {
  const std::string authority = authority_text(host, port);  // `host` may not outlive the first wait
  const std::optional<PageKind> failed = co_await connect_to_parent();
  if (failed) co_return failed;
  std::string head = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\nVia: 1.1 ";
  head.append(worker_.shared.via_name).append("\r\n\r\n");
  iovec part = io_part(head);
  std::span<iovec> rest(&part, 1);
  bool sent = write_some(*upstream_, rest);
  if (sent && !rest.empty()) sent = co_await patience_.flush(*upstream_, rest);
  patience_.arm(Wait::response, worker_.config().timeouts.connect);
  head.clear();
  PageKind problem = PageKind::connect_fail;
  for (int interim = 0; sent && interim <= max_interim_responses;) {
    if (!upstream_->is_open()) break;
    const auto [waited] = co_await upstream_->async_wait(Socket::wait_read, use_result);
    if (waited || !upstream_->is_open()) break;
    const HeadPart got = take_head(upstream_->native_handle(), head);
    if (got == HeadPart::more) continue;
    ResponseHead response;
    // As for HEAD: a 2xx to CONNECT has no body, whatever its fields say.
    if (got == HeadPart::failed || parse_response_head(head, "HEAD", response)) break;
    if (response.interim) {
      head.clear();
      ++interim;
      continue;
    }
    if (response.status >= 200 && response.status < 300) co_return std::nullopt;
    problem = response.status >= 500 ? PageKind::connect_fail : PageKind::bad_gateway;
    break;
  }
  close_upstream(true);
  upstream_.reset();
  unconnected_ = patience_.expired() ? "timeout: parent" : "parent: refused";
  co_return patience_.expired() ? PageKind::upstream_timeout : problem;
}

// The answer when connect_upstream() failed.
Task<Session::Next> Session::answer_unconnected(Exchange& x, PageKind failed) {
  if (is_block(failed)) co_return co_await block(x, failed);
  const bool refused = failed == PageKind::loop || failed == PageKind::address_refused;
  x.ended = refused ? Ended::refused : patience_.expired() ? Ended::timed_out : Ended::upstream_failed;
  x.detail = unconnected_;
  co_return co_await answer(x, failed, 0, x.detail, false);
}

}  // namespace schoolgate
