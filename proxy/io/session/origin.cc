#include "proxy/io/session/origin.h"

#include <sys/socket.h>

#include <algorithm>
#include <ctime>

#include "proxy/core/relay.h"
#include "proxy/io/net/net.h"
#include "proxy/io/net/wall_clock.h"
#include "proxy/io/session/points_at.h"
#include "proxy/io/tls/revocation.h"
#include "proxy/io/tls/tls_material.h"
#include "proxy/io/worker/worker.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_parent_head = 16 * 1024;
constexpr int max_parent_interim_responses = 8;

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

// What page and log call it when no address answered.
const char* name_of(const error_code& error) noexcept {
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

// Where a tier goes for safe search instead of to `host`; null: to the host. Lives as long as `generation`.
const Host* safe_host(const Generation& generation, TierId tier_id, const Host& host) noexcept {
  const Policy& policy = *generation.snapshot->policy;
  const Tier& tier = policy.tiers()[tier_id];
  return policy.engines().safe_host(host, tier.safesearch, tier.youtube);
}

// Under which name a connection waits in the pool. All to the parent are alike; those to `safe`, instead of
// to the host itself, are not for tiers that go to the host.
void name_for_pool(Exchange& x, const Host* safe) {
  if (x.through_parent) {
    x.pool_name = " parent";
    return;
  }
  const std::string_view whole = x.url.forward();  // "https://host:port/path?query"
  x.pool_name.assign(whole.substr(0, whole.size() - x.url.target().size()));
  if (safe != nullptr) x.pool_name.append(" ").append(safe->text);
}

// The origin of a login: by its name and way, for each of those behind a parent proxy too.
std::string origin_of(const Exchange& x) {
  return x.through_parent ? x.pool_name + " " + std::string(x.url.authority()) : x.pool_name;
}

PageKind page_of(const error_code& error) noexcept {
  return error == asio::error::timed_out ? PageKind::upstream_timeout : PageKind::connect_fail;
}

}  // namespace

void Origin::close(bool reset) noexcept {
  if (!stream_) return;
  if (reset) stream_->reset_on_close();
  error_code ignored;
  stream_->close(ignored);
}

void Origin::stop_waiting() noexcept {
  if (waiter_ != nullptr) worker_.resolver().cancel(*waiter_);
  if (connector_ != nullptr) connector_->cancel();
}

void Origin::give_up() noexcept {
  given_up_ = true;
  stop_waiting();
}

Route Origin::route_to(const Host& host, std::uint16_t port) {
  const Generation* generation = worker_.generation().get();
  if (generation == nullptr || !generation->snapshot->config.upstream.parent) return Route::direct;
  const bool fixed = !host.is_address() && worker_.resolver().find_fixed(host.text) != nullptr;
  return route_beside_parent(host, port, fixed, generation->addresses, worker_.local_addresses());
}

Task<Origin::Reached> Origin::connect(Asked asked) {
  const std::shared_ptr<const Generation> generation = worker_.generation();
  const Host* const safe = safe_host(*generation, asked.tier, asked.url.host());
  const Host& host = safe != nullptr ? *safe : asked.url.host();
  safe_way_ = safe != nullptr ? safe->text : std::string();
  const std::uint16_t port = asked.url.port();
  failure_ = "";
  switch (route_to(host, port)) {
    case Route::direct:
      break;
    case Route::parent:
      co_return co_await connect_through_parent(host, port);
    case Route::refused:
      failure_ = "private_address";
      co_return PageKind::address_refused;
    case Route::own:
      failure_ = "own_address";
      co_return PageKind::loop;
  }
  co_return co_await connect_to(host, port, &asked);
}

// Without `asked`: to the parent proxy, which the admin named and which may well have a private address.
Task<Origin::Reached> Origin::connect_to(const Host& host, std::uint16_t port, const Asked* asked) {
  const std::shared_ptr<const Generation> generation = worker_.generation();
  const std::chrono::seconds limit = worker_.config().timeouts.connect;  // for name and connection together
  const std::uint32_t began = worker_.deadlines.now();
  ResolvedPtr resolved;
  resolved_.reset();
  logged_in_ = elsewhere_ = false;
  for_all_ = true;
  std::vector<IpAddress> addresses;
  if (host.is_address()) {
    addresses.push_back(host.address);
  } else {
    resolved = worker_.resolver().find(host.text);
    if (!resolved) {
      Resolver::Waiter waiter;
      patience_.arm(Wait::resolving, limit);
      {
        const PointsAt waiting(waiter_, waiter);
        co_await worker_.resolver().ask(host.text, waiter);
      }
      resolved = waiter.resolved();
    }
    if (!resolved || resolved->status != Resolved::Status::ok) {
      const bool denied = resolved && resolved->status == Resolved::Status::no_such_name;
      failure_ = denied ? "dns: no such name" : "dns: no answer";
      co_return denied ? PageKind::dns_fail : PageKind::dns_down;
    }
    addresses = resolved->addresses;
  }
  if (asked != nullptr && !judge_addresses(*generation, *asked, std::move(resolved), addresses))
    co_return page_of(asked->verdict);
  const Reached checked = check_addresses(*generation, port, asked == nullptr, addresses);
  if (checked.failed()) co_return checked;
  if (given_up_) co_return PageKind::connect_fail;
  if (asked != nullptr && safe_way_.empty()) keep_to_destination(addresses);

  for (bool again = false;; again = true) {
    Connector connector(worker_.executor(), addresses, port);
    const std::chrono::seconds used(worker_.deadlines.now() - began);
    patience_.arm(Wait::connecting, std::max(limit - used, std::chrono::seconds(1)));
    {
      const PointsAt waiting(connector_, connector);
      co_await connector.run();
    }
    if (!connector.error()) {
      stream_.emplace(connector.take_socket());
      co_return Reached();
    }
    failure_ = name_of(connector.error());
    if (!out_of_descriptors(connector.error())) co_return page_of(connector.error());
    // Kept connections give theirs first.
    failure_ = "no_descriptors";
    if (again || worker_.pool.size() == 0) co_return PageKind::proxy_busy;
    worker_.pool.clear();
  }
}

// Of what the name leads to, where the client was going comes first.
void Origin::keep_to_destination(std::span<IpAddress> addresses) noexcept {
  if (!client_.destination) return;
  const auto meant = std::find(addresses.begin(), addresses.end(), client_.destination->address);
  elsewhere_ = meant == addresses.end();
  if (!elsewhere_) std::rotate(addresses.begin(), meant, meant + 1);
}

// What the name of `asked` resolved to, or was. False: blocked.
bool Origin::judge_addresses(const Generation& generation, const Asked& asked, ResolvedPtr resolved,
                             std::span<const IpAddress> found) {
  const JudgeRequest request{.url = asked.url,
                             .stage = Stage::host,
                             .tier = asked.tier,
                             .time = worker_.local_time(wall_clock_ms()),
                             .trusts_ca = generation.snapshot->policy->trusts_ca(client_.address)};
  std::span<const std::string> aliases;
  if (resolved) aliases = resolved->aliases;
  Judged judged{asked.verdict, asked.help};
  const Judge::ResolvedVerdict behind = generation.judge->judge_resolved(request, judged, aliases, found);
  for_all_ = !behind.rules_spoke;
  asked.verdict = judged.verdict;
  asked.help = judged.help;
  resolved_ = std::move(resolved);
  return !behind.blocked;
}

// Leaves in `addresses` what may be connected to, or says why nothing may. What is checked here are the very
// addresses connected to: a name may point elsewhere by now.
Origin::Reached Origin::check_addresses(const Generation& generation, std::uint16_t port, bool parent,
                                        std::vector<IpAddress>& addresses) {
  bool own = false;
  const auto refused = [&](const IpAddress& address) {
    const AddressCheck check = generation.addresses.check(address, port, worker_.local_addresses());
    own = own || check == AddressCheck::own;
    return check != AddressCheck::ok && !(check == AddressCheck::refused && parent);
  };
  addresses.erase(std::remove_if(addresses.begin(), addresses.end(), refused), addresses.end());
  failure_ = own ? "own_address" : "private_address";
  if (!addresses.empty()) return {};
  return own ? PageKind::loop : PageKind::address_refused;
}

Task<Origin::Reached> Origin::connect_to_parent() {
  const auto parent = worker_.config().upstream.parent;
  failure_ = "parent";
  if (!parent) co_return PageKind::connect_fail;  // a reload took it away just now
  co_return co_await connect_to(parent->host, parent->port, nullptr);
}

// A CONNECT of our own (RFC 9110 9.3.6). Only a 2xx makes a tunnel; the body of another answer is the
// parent's own page and goes nowhere.
Task<Origin::Reached> Origin::connect_through_parent(const Host& host, std::uint16_t port) {
  const std::string authority = authority_text(host, port);  // `host` may not outlive the first wait
  const Reached parent = co_await connect_to_parent();
  if (parent.failed()) co_return parent;
  std::string head = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\nVia: 1.1 ";
  head.append(worker_.shared.via_name).append("\r\n\r\n");
  iovec part = io_part(head);
  std::span<iovec> rest(&part, 1);
  bool sent = write_some(*stream_, rest);
  if (sent && !rest.empty()) sent = co_await patience_.flush(*stream_, rest);
  patience_.arm(Wait::response, worker_.config().timeouts.connect);
  head.clear();
  PageKind problem = PageKind::connect_fail;
  for (int interim = 0; sent && interim <= max_parent_interim_responses;) {
    if (!stream_->is_open()) break;
    const auto [waited] = co_await stream_->async_wait(Socket::wait_read, use_result);
    if (waited || !stream_->is_open()) break;
    const HeadPart got = take_head(stream_->native_handle(), head);
    if (got == HeadPart::more) continue;
    ResponseHead response;
    // As for HEAD: a 2xx to CONNECT has no body, whatever its fields say.
    if (got == HeadPart::failed || parse_response_head(head, "HEAD", response).failed()) break;
    if (response.interim) {
      head.clear();
      ++interim;
      continue;
    }
    if (response.status >= 200 && response.status < 300) co_return Reached();
    problem = response.status >= 500 ? PageKind::connect_fail : PageKind::bad_gateway;
    break;
  }
  close(true);
  stream_.reset();
  failure_ = patience_.expired() ? "timeout: parent" : "parent: refused";
  co_return patience_.expired() ? PageKind::upstream_timeout : problem;
}

Task<Origin::Reached> Origin::secure(Exchange& x) {
  TlsContexts* const tls = worker_.tls();
  const bool excepted = worker_.config().https.excepts(x.url.host().text, std::time(nullptr));
  if (excepted) record_exception(x.verdict, x.help);
  SslPtr ssl = tls == nullptr ? nullptr : tls->connect(x.url.host().text, x.url.port(), !excepted);
  if (ssl == nullptr) {
    x.detail = "tls";
    close(true);
    co_return PageKind::tls_fail;
  }
  patience_.arm(Wait::upstream_handshake, worker_.config().timeouts.connect);
  const std::string_view nothing;
  Task<TlsStream::Status> starting = stream_->start_tls(std::move(ssl), nothing);
  const TlsStream::Status status = co_await std::move(starting);
  const TlsStream& stream = *stream_->tls();
  if (status == TlsStream::Status::done) {
    Result<void, std::string_view> stapled;
    if (!excepted) stapled = check_stapled_status(*stream.ssl());
    x.detail = stapled.failed() ? stapled.error() : std::string_view();
    if (stapled.ok()) co_return Reached();
    close(true);
    co_return PageKind::cert_refused;
  }
  const long verified = SSL_get_verify_result(stream.ssl());
  const bool certificate = verified != X509_V_OK && !excepted;
  x.detail_text = certificate ? std::string("certificate: ") + X509_verify_cert_error_string(verified)
                              : "tls: " + stream.error();
  if (patience_.expired()) x.detail_text = "timeout: tls";
  x.detail = x.detail_text;
  const bool other_protocol = stream.protocol_refused();
  if (other_protocol) x.detail = speaks_h2_only;
  close(true);
  if (patience_.expired()) co_return PageKind::upstream_timeout;
  if (other_protocol) co_return PageKind::h2_only;
  co_return certificate ? PageKind::cert_refused : PageKind::tls_fail;
}

bool Origin::take_kept(Exchange& x, bool from_pool) {
  const Host* const safe = safe_host(*x.generation, x.tier, x.url.host());
  name_for_pool(x, safe);
  logged_in_ = take_login(x);
  if (!logged_in_ && !(from_pool && take_from_pool(x))) return false;
  elsewhere_ = false;
  if (!client_.destination || safe != nullptr || x.through_parent) return true;
  if (const ResolvedPtr known = worker_.resolver().find(x.url.host().text)) {
    std::vector<IpAddress> addresses = known->addresses;
    keep_to_destination(addresses);
  }
  return true;
}

bool Origin::take_from_pool(const Exchange& x) {
  std::optional<Stream> kept = worker_.pool.take(x.pool_name);
  if (!kept) return false;
  stream_.emplace(std::move(*kept));
  for_all_ = true;
  resolved_.reset();
  return true;
}

// The connection on which this client has logged in there, if it is still that. Another origin's goes: one
// place holds one.
bool Origin::take_login(Exchange& x) {
  const std::unique_ptr<Login> login = std::move(login_);
  if (!login || login->origin != origin_of(x) || login->revision != x.generation->snapshot->revision ||
      !login->stream.is_open() || !login->stream.is_quiet())
    return false;
  if (resolved_) {  // a rule may hold its addresses at this hour
    const JudgeRequest request{.url = x.url,
                               .stage = Stage::host,
                               .tier = x.tier,
                               .time = worker_.local_time(x.time_ms),
                               .trusts_ca = x.generation->snapshot->policy->trusts_ca(client_.address)};
    const Judge::ResolvedVerdict judged =
        x.generation->judge->evaluate_resolved(request, x.verdict, resolved_->aliases, resolved_->addresses);
    if (judged.blocked) return false;  // connecting anew says so
    x.verdict = judged.verdict;
  }
  stream_.emplace(std::move(login->stream));
  return true;
}

void Origin::keep(Exchange& x) {
  // Not after a reload, an hour of the timetable or an override: what may be connected to may have changed.
  // Nor where an exception stood in for the
  // certificate: each request asks whether it still does.
  const bool verified = stream_->tls() == nullptr || stream_->tls()->verifies_peer();
  const bool reusable = x.response.keep_alive && x.request_complete && verified &&
                        x.generation == worker_.generation() && x.epoch == worker_.epoch() &&
                        stream_->is_open();
  const bool own = logged_in_ || authenticates_connection(x.head) || authenticates_connection(x.response);
  if (reusable && own && x.client_keep_alive) {
    login_ =
        std::make_unique<Login>(Login{origin_of(x), x.generation->snapshot->revision, std::move(*stream_)});
  } else if (reusable && !own && for_all_) {
    worker_.pool.give(x.pool_name, std::move(*stream_));
  } else {
    // An origin that answers before it has read the whole body must not take what it got for whole.
    close(!x.request_complete);
  }
  stream_.reset();
}

void Origin::remember_tickets(const Exchange& x) {
  if (stream_->tls() != nullptr && worker_.tls() != nullptr && x.generation == worker_.generation())
    worker_.tls()->remember(x.url.host().text, x.url.port(), *stream_->tls());
}

bool Origin::way_is_closed(const Generation& generation, TierId tier, const Url& url, Judged& judged) {
  const Host* const safe = safe_host(generation, tier, url.host());
  if (safe_way_ != (safe != nullptr ? std::string_view(safe->text) : std::string_view())) return true;
  if (!resolved_) return false;
  const JudgeRequest request{.url = url,
                             .stage = Stage::host,
                             .tier = tier,
                             .time = worker_.local_time(wall_clock_ms()),
                             .trusts_ca = generation.snapshot->policy->trusts_ca(client_.address)};
  return generation.judge->judge_resolved(request, judged, resolved_->aliases, resolved_->addresses).blocked;
}

}  // namespace schoolgate
