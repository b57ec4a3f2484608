// Session: connections that were on their way to somewhere else, and that the gateway's firewall sent here
// (listen: transparent:). What is asked for over http its Host says, of TLS the name in the ClientHello; from
// there on all is as it is for a browser that knows its proxy.
#include <algorithm>

#include "proxy/io/net/net.h"
#include "proxy/io/session/session.h"

namespace schoolgate {
namespace {

constexpr std::string_view not_redirected = "not_redirected", own_address = "own_address";
constexpr std::chrono::seconds no_buffer{0};  // for who says nothing

bool is_own(std::span<const LocalAddress> local, const Destination& meant) {
  return std::any_of(local.begin(), local.end(),
                     [&](const LocalAddress& one) { return one.address == meant.address; });
}

}  // namespace

// Finds out where it was going. The word for why it is not served, if it is not: it was sent here by nobody,
// or it is our own, on its way round.
std::string_view Session::find_destination() {
  if (info_.entrance == Entrance::proxy) return {};
  error_code failed;
  const tcp::endpoint end = client_.socket().local_endpoint(failed);
  const Destination here{to_ip(end.address()), end.port()};
  if (info_.tproxy)
    info_.destination = here;
  else
    info_.destination = worker_.shared.find_destination(client_.native_handle());
  if (failed || !info_.destination) return not_redirected;
  const Destination& meant = *info_.destination;
  const std::span<const LocalAddress> local = worker_.local_addresses();
  const bool came_by_itself = info_.tproxy
                                  ? meant.port == worker_.port_of(info_.listener) && is_own(local, meant)
                                  : meant.address == here.address && meant.port == here.port;
  if (came_by_itself) return not_redirected;
  const Generation* const generation = worker_.generation().get();
  if (generation != nullptr &&
      generation->addresses.check(meant.address, meant.port, local) == AddressCheck::own)
    return own_address;
  // What leaves this machine, and was sent back by a rule that catches too much.
  const bool ours = std::any_of(local.begin(), local.end(), [this](const LocalAddress& one) {
    return one.address == info_.address && !one.on_loopback;
  });
  return ours ? own_address : std::string_view();
}

// http://192.168.10.1/, typed or read from a sheet: the gateway's own address, which has our pages at the
// port of the web too.
bool Session::is_this_machine(const Host& host) const {
  if (!host.is_address() || host.address != info_.destination->address) return false;
  const std::span<const LocalAddress> local = worker_.local_addresses();
  return std::any_of(local.begin(), local.end(), [&](const LocalAddress& one) {
    return one.address == host.address && !one.on_loopback;
  });
}

// One row, and over http a page. Who says nothing has neither.
Task<void> Session::refuse_redirected(std::string_view why) {
  const bool there = co_await wait_for_bytes(worker_.config().timeouts.hello, no_buffer);
  if (!there) co_return;
  ExchangeLease lease(worker_.exchanges);
  Exchange& x = *lease;
  begin(x);
  const Finish finish{*this, x};
  worker_.mutable_counters().requests.add();
  static_cast<void>(take_turn(x));  // it counts, and ends the connection anyway
  const bool loop = why == own_address;
  x.detail = why;
  if (info_.entrance == Entrance::http) {
    co_await refuse(x, loop ? PageKind::loop : PageKind::bad_request, 0, why);
    co_return;
  }
  x.ended = Ended::refused;
  if (x.generation) x.verdict = Verdict::refused(loop ? Reason::loop : Reason::bad_request);
}

// A tunnel that no CONNECT opened, once its first bytes are there, or certainly never come: counted among its
// client's requests, and refused like one. False: it is not served.
Task<bool> Session::admit_redirected(Hello hello) {
  // Browsers connect ahead, and leave: nobody asked for anything.
  if (hello == Hello::client_gone && in_.empty()) co_return false;
  ExchangeLease lease(worker_.exchanges);
  Exchange& x = *lease;
  begin(x);
  const Finish finish{*this, x};
  worker_.mutable_counters().requests.add();
  const std::chrono::nanoseconds turn = take_turn(x);
  if (turn.count() > 0) co_await wait_for_turn(x, turn);
  tunnel_->begin_anew(x.decision);
  x.ended = Ended::refused;
  if (!x.generation) {
    x.detail = "no_policy";
    co_return false;
  }
  Url named;
  if (tunnel_->parse(named).ok()) x.refused_host = named.host().text;
  if (x.is_too_many()) {
    x.detail = "too_many";
    x.verdict = Verdict::refused(Reason::too_many_requests);
    co_return false;
  }
  const bool answers = hello == Hello::read && tunnel_->speaks_tls() && x.generation->tls != nullptr;
  if (is_own_site(named) && !answers) {
    x.detail = "connect_to_gateway";
    x.verdict = Verdict::refused(Reason::bad_request);
    co_return false;
  }
  x.write_row = false;  // its row says what the first bytes were judged to be
  co_return true;
}

}  // namespace schoolgate
