// The way to an origin: names to addresses, judged and checked; straight or through the parent proxy; TLS
// with it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/io/conn/stream.h"
#include "proxy/io/net/asio.h"
#include "proxy/io/session/patience.h"
#include "proxy/io/upstream/connector.h"
#include "proxy/io/upstream/resolver.h"
#include "proxy/io/upstream/route.h"
#include "proxy/io/worker/exchange.h"
#include "proxy/io/worker/live.h"
#include "rules/result.h"

namespace schoolgate {

class Worker;

// In the log, of what went to where its name leads, since the name does not lead to where the client was
// going.
inline constexpr std::string_view other_address = "other_address";

// A member of its session, on the worker's thread: one connection at a time, and what is to be known of it
// while it is used. What fails has a page, and failure() says more for log and page.
class Origin {
 public:
  Origin(Worker& worker, Patience& patience, const ClientInfo& client) noexcept
      : worker_(worker), patience_(patience), client_(client) {}
  Origin(const Origin&) = delete;
  Origin& operator=(const Origin&) = delete;

  // What is asked for, by whom, and how it was judged by its name.
  struct Asked {
    const Url& url;
    TierId tier;  // in the worker's generation
    Verdict& verdict;
    std::optional<HelpMatch>& help;
  };
  using Reached = Result<void, PageKind>;  // or the page that says why not
  // Connects to the URL's host and port, or says why not. What the name resolves to is judged too: then
  // `verdict` becomes the block. Where the client was going (ClientInfo::destination) is tried first, but
  // only if the name leads there: what was judged is the name.
  [[nodiscard]] Task<Reached> connect(Asked asked);
  // To the parent proxy itself, for a request in absolute form.
  [[nodiscard]] Task<Reached> connect_to_parent();
  // TLS over the connection, verified for the very name that was judged. Nothing is sent before that; what is
  // wrong has a page (x.detail says more), never a silent pass.
  [[nodiscard]] Task<Reached> secure(Exchange& x);

  // A kept connection to where x goes: the one on which its client has logged in or, when `from_pool`, one
  // that waits for anybody. It may turn out to be closed.
  [[nodiscard]] bool take_kept(Exchange& x, bool from_pool);
  // After a response that is complete: for this client's next request, for anybody's, or for nobody's.
  void keep(Exchange& x);
  // The one on which its client has logged in is not wanted any more.
  void forget_login() noexcept { login_.reset(); }
  // With the first response come the tickets of TLS 1.3; later they may have been used elsewhere.
  void remember_tickets(const Exchange& x);

  // Connected, be it closed meanwhile.
  [[nodiscard]] bool has_stream() const noexcept { return stream_.has_value(); }
  [[nodiscard]] Stream& stream() noexcept { return *stream_; }
  [[nodiscard]] bool is_open() const noexcept { return stream_ && stream_->is_open(); }
  void close(bool reset) noexcept;
  void drop() noexcept { stream_.reset(); }

  // The connection, new or kept, goes to another address than the client was going to; of a kept one as far
  // as is known without asking.
  [[nodiscard]] bool leads_elsewhere() const noexcept { return elsewhere_; }
  // Why connecting failed: a literal.
  [[nodiscard]] std::string_view failure() const noexcept { return failure_; }
  // Ends the wait for a name or a connection.
  void stop_waiting() noexcept;
  // Nobody wants it any more: nor will it connect.
  void give_up() noexcept;

  // Which way a request to `host` leaves.
  [[nodiscard]] Route route_to(const Host& host, std::uint16_t port);
  // Whether the way that the connection was opened over is closed today: safe search leads elsewhere, or a
  // rule holds an alias or an address behind the name. Then `judged` becomes the block.
  [[nodiscard]] bool way_is_closed(const Generation& generation, TierId tier, const Url& url, Judged& judged);

 private:
  // A connection on which this client logs in, or has (NTLM, Negotiate): nobody else's. It takes the client's
  // own place, and ends with the client's connection.
  struct Login {
    std::string origin;
    std::uint64_t revision = 0;  // of the policy that it was opened by
    Stream stream;
  };

  [[nodiscard]] bool take_login(Exchange& x);
  [[nodiscard]] bool take_from_pool(const Exchange& x);
  void keep_to_destination(std::span<IpAddress> addresses) noexcept;
  [[nodiscard]] Task<Reached> connect_to(const Host& host, std::uint16_t port, const Asked* asked);
  [[nodiscard]] Task<Reached> connect_through_parent(const Host& host, std::uint16_t port);
  [[nodiscard]] bool judge_addresses(const Generation& generation, const Asked& asked, ResolvedPtr resolved,
                                     std::span<const IpAddress> found);
  [[nodiscard]] Reached check_addresses(const Generation& generation, std::uint16_t port, bool parent,
                                        std::vector<IpAddress>& addresses);

  Worker& worker_;
  Patience& patience_;
  const ClientInfo& client_;
  std::optional<Stream> stream_;
  ResolvedPtr resolved_;      // what its name resolved to; null: an address, a parent's, or kept
  std::string safe_way_;      // where it leads for safe search, instead of to the host; "" = to the host
  const char* failure_ = "";  // a literal
  std::unique_ptr<Login> login_;
  Resolver::Waiter* waiter_ = nullptr;  // these two: while it is waited for
  Connector* connector_ = nullptr;
  bool logged_in_ = false;  // the connection was login_'s, and is again after this exchange
  bool for_all_ = false;    // no rule holds its addresses: any client's requests may use it
  bool elsewhere_ = false;
  bool given_up_ = false;
};

}  // namespace schoolgate
