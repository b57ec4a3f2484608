// Session: from a host to a connected socket, over checked addresses only.
#include <algorithm>

#include "proxy/io/session.h"

namespace schoolgate {

// Fills upstream_; or says why not.
Task<std::optional<PageKind>> Session::connect_upstream(const Host& host, std::uint16_t port) {
  const std::shared_ptr<const Generation> generation = worker_.generation();
  const std::chrono::seconds limit = worker_.config().timeouts.connect;  // for name and connection together
  const std::uint32_t began = worker_.deadlines.now();
  AnswerPtr answer;
  std::vector<IpAddress> found;
  if (host.is_address()) {
    found.push_back(host.address);
  } else {
    answer = worker_.resolver().find(host.text);
    if (!answer) {
      Resolver::Waiter waiter;
      arm(Wait::resolving, limit);
      waiter_ = &waiter;
      co_await worker_.resolver().ask(host.text, waiter);
      waiter_ = nullptr;
      answer = waiter.answer();
    }
    if (!answer || answer->status != Answer::Status::ok) co_return PageKind::dns_fail;
    found = answer->addresses;
  }

  // The addresses that are checked here are the very ones connected to: a name may point elsewhere by now.
  bool own = false;
  std::vector<IpAddress> allowed;
  for (const IpAddress& address : found) {
    const AddressCheck check = generation->addresses.check(address, port);
    if (check == AddressCheck::ok) allowed.push_back(address);
    own = own || check == AddressCheck::own;
  }
  if (allowed.empty()) co_return own ? PageKind::loop : PageKind::address_refused;
  if (shut_down_) co_return PageKind::connect_fail;

  Connector connector(worker_.executor(), allowed, port);
  const std::chrono::seconds used(worker_.deadlines.now() - began);
  arm(Wait::connecting, std::max(limit - used, std::chrono::seconds(1)));
  connector_ = &connector;
  co_await connector.run();
  connector_ = nullptr;
  if (connector.error())
    co_return connector.error() == asio::error::timed_out ? PageKind::upstream_timeout
                                                          : PageKind::connect_fail;
  upstream_.emplace(connector.take_socket());
  co_return std::nullopt;
}

}  // namespace schoolgate
