// One client connection: a coroutine that reads heads, asks the judge, asks plan(), and obeys.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "proxy/core/relay.h"
#include "proxy/io/conn/stream.h"
#include "proxy/io/net/asio.h"
#include "proxy/io/net/buffer.h"
#include "proxy/io/net/net.h"
#include "proxy/io/session/origin.h"
#include "proxy/io/session/patience.h"
#include "proxy/io/session/tunnel.h"
#include "proxy/io/session/tunnel_pump.h"
#include "proxy/io/worker/exchange.h"
#include "proxy/io/worker/worker.h"

namespace schoolgate {

class H2Connection;
class H2Stream;

// Lives in the frame of its coroutine, on one worker's thread. One owner, one exit: whatever happens, sockets
// are closed, the slot is given back, and every exchange has written its one row.
//
// Its parts are Patience (the deadline), Origin (the way upstream) and, in a tunnel, OpenTunnel. Its
// functions, by file: session.cc (conductor), request.cc (heads, judgement), answer.cc (pages of our own),
// forward.cc (to the origin), receive.cc and send_body.cc (what streams), connect.cc (CONNECT and pumping),
// redirected.cc (what the firewall sends here), inspect.cc (TLS of our own), h2_streams.cc (HTTP/2 inside
// it).
class Session final : public Expirable, public Live, private TunnelPump::Watcher {
 public:
  Session(Worker& worker, Stream client, const ClientInfo& info);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  static Task<void> serve(Worker& worker, Socket client, ClientInfo info);

  // From the worker's tick and messages.
  void on_deadline() noexcept override;
  void drain() noexcept override;
  void shut_down() noexcept override;
  void end_if_given_up() noexcept override;
  void on_new_policy() noexcept override;
  void judge_or_end_tunnel() noexcept override;

 private:
  enum class Next : std::uint8_t {
    again,  // another request may come
    close,
    tls_tunnel,    // what comes is the first bytes of tunnel_
    http_tunnel,   // CONNECT to port 80: what comes is HTTP to that authority
    pass_through,  // both sides speak a protocol of their own now
  };
  // session.cc
  Task<Next> exchange_loop(const Url* authority);
  Task<bool> wait_for_bytes(std::chrono::seconds limit, std::chrono::seconds warm);
  Task<void> linger();
  void touch() noexcept;  // these two: as of Patience, and the kernel's buffers are bounded in time
  [[nodiscard]] bool moved(std::size_t bytes) noexcept;
  [[nodiscard]] Ended ended_by_us() const noexcept;  // when is_shut_down()
  void on_progress() noexcept override { touch(); }
  void give_place_back() noexcept;
  void limit_buffers() noexcept;
  void stop_waiting() noexcept;
  [[nodiscard]] bool leaving() const noexcept;  // no further request is taken
  [[nodiscard]] bool is_shut_down() const noexcept { return leaving_ == Leaving::now; }
  [[nodiscard]] bool client_is_gone() const noexcept { return peer_ != Peer::there; }

  // redirected.cc
  [[nodiscard]] std::string_view find_destination();
  [[nodiscard]] bool is_this_machine(const Host& host) const;
  Task<void> refuse_redirected(std::string_view why);
  enum class Hello : std::uint8_t { read, too_slow, client_gone };
  Task<bool> admit_redirected(Hello hello);

  // request.cc
  void begin(Exchange& x);
  struct Finish {
    Session& session;
    Exchange& exchange;
    ~Finish() { session.write_record(exchange); }
  };
  Task<Next> exchange(Exchange& x, const Url* authority);
  struct HeadRead {
    std::size_t end = 0;           // bytes of the head in in_; 0: none, then
    std::optional<PageKind> page;  // what to answer; nullopt: the client is gone
  };
  Task<HeadRead> read_head(Exchange& x);
  [[nodiscard]] std::chrono::nanoseconds take_turn(Exchange& x) noexcept;
  Task<void> wait_for_turn(Exchange& x, std::chrono::nanoseconds turn);
  [[nodiscard]] Plan decide(Exchange& x, const Url* authority);
  // How a request came to its target.
  struct Addressed {
    bool as_of_origin = false;    // in a tunnel, or redirected: origin form is its proper form
    bool to_our_address = false;  // origin form, and Host is an address and port we listen on
  };
  [[nodiscard]] std::optional<Addressed> parse_target(Exchange& x, const Url* authority);
  void judge(Exchange& x);
  void write_record(Exchange& x) noexcept;
  void write_row(Exchange& x);
  void log_row(LogRecord&& row, bool rings);
  [[nodiscard]] bool help_page_due(const Exchange& x);
  Task<Next> obey(Exchange& x, const Plan& plan);
  Task<Next> block(Exchange& x, PageKind page);
  Task<Next> refuse(Exchange& x, PageKind page, std::uint16_t status, std::string_view what);
  static void read_refused_host(Exchange& x, std::string_view head, const Url* authority);

  // answer.cc
  Task<Next> answer(Exchange& x, PageKind kind, std::uint16_t status, std::string_view detail, bool close);
  Task<Next> answer_own_page(Exchange& x);
  [[nodiscard]] Judged judge_again(const Exchange& x, const Url& url) const;
  // nullopt: it is none of those that our page for a test asks for.
  [[nodiscard]] std::optional<Probe> note_probe(const Url& url, const Verdict& verdict, const Policy& policy,
                                                TierId tier, std::int64_t now_ms);
  Task<Next> answer_probe(Exchange& x, Probe probe);
  [[nodiscard]] std::string proxy_address();
  Task<Next> answer_too_many(Exchange& x);
  Task<Next> answer_options(Exchange& x);
  Task<Next> answer_again(Exchange& x);
  Task<Next> send_page(Exchange& x, std::string page, bool keep);
  // Its answer begins now.
  void note_answer(const Exchange& x) noexcept;

  // forward.cc
  void write_head(Exchange& x);
  Task<Next> forward(Exchange& x);
  Task<Next> end_relay(Exchange& x, Relay relay);
  Task<Relay> send_and_receive(Exchange& x, bool reused);
  [[nodiscard]] Task<Origin::Reached> connect_upstream(const Url& url, Verdict& verdict,
                                                       std::optional<HelpMatch>& help);
  Task<Next> answer_unconnected(Exchange& x, PageKind failed);
  Task<Next> answer_insecure(Exchange& x, PageKind failed);

  // send_body.cc
  Task<void> send_body(Exchange& x);
  void end_body_early(const Exchange& x) noexcept;
  void stop_sending(Exchange& x) noexcept;

  // receive.cc
  Task<Relay> receive(Exchange& x, bool reused);
  Task<Relay> receive_head(Exchange& x, Buffer& down, bool reused);
  [[nodiscard]] std::optional<Relay> no_more_head(Exchange& x, std::string_view begun, bool first_head);
  Task<Relay> relay_body(Exchange& x, Buffer& down);
  [[nodiscard]] static Relay bad_body(Exchange& x);
  [[nodiscard]] Relay end_of_origin(Exchange& x, error_code failed, bool ends_alike);
  void write_response(Exchange& x, bool keep_alive, bool chunked);
  Task<Relay> switch_protocols(Exchange& x, Buffer& down);

  // connect.cc
  Task<Next> accept_connect(Exchange& x, bool connect_now);
  Task<Next> run_http_tunnel();
  Task<Hello> read_hello();
  void end_unopened(LogRecord& row, Hello hello);
  void note_blocked(const LogRecord& row);
  Task<bool> open_tunnel(Hello hello);
  Task<void> pump_tunnel();
  void write_tunnel_end(const TunnelPump& pump, Ended early, std::uint64_t first_bytes);
  [[nodiscard]] bool is_pumped() const noexcept { return tunnel_ && tunnel_->is_pumped(); }

  // inspect.cc
  Task<bool> open_client(std::string name, std::uint16_t port, bool offer_h2);
  Task<void> serve_own_pages();
  Task<void> show_page_inside(LogRecord row);
  Task<bool> inspect(LogRecord row);

  // h2_streams.cc
  class StreamHost;
  Task<void> serve_h2();
  static Task<void> serve_stream(Session& connection, H2Stream& stream, ClientInfo info);
  Task<Next> refuse_stream(Exchange& x, HeadError error, const Url* authority);
  Task<void> hand_over();
  void abandon() noexcept;

  [[nodiscard]] TierId tier_of_client(const Generation& generation) const noexcept;
  [[nodiscard]] bool trusts_ca(const Generation& generation) const noexcept;

  Worker& worker_;
  Stream client_;
  Buffer in_;  // read from the client, not yet dealt with
  ClientInfo info_;
  Seat seat_;
  // What it has of its worker, given back in reverse however it ends, its constructor too.
  struct Place {
    Session& session;
    ~Place() { session.give_place_back(); }
  };
  struct Listed {
    explicit Listed(Session& one) : session(one) { session.worker_.add_session(session); }
    ~Listed() { session.worker_.remove_session(session); }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;
    Session& session;
  };
  const Place place_{*this};
  Patience patience_;
  Origin origin_;
  const Listed listed_;
  // Why no further request is taken, by us.
  enum class Leaving : std::uint8_t { no, after_this_request, now };
  Leaving leaving_ = Leaving::no;
  // What is known of the client. gone: seen while its origin was waited for, in this exchange; took_back: a
  // stream of HTTP/2 that was reset, for good.
  enum class Peer : std::uint8_t { there, gone, took_back };
  Peer peer_ = Peer::there;
  bool warm_ = false;                   // waits for bytes with a buffer
  bool idle_ = false;                   // between two requests
  bool served_ = false;                 // an exchange has ended on this connection
  Timer* turn_ = nullptr;               // while it waits for its client's bucket
  H2Connection* h2_ = nullptr;          // while it speaks HTTP/2
  std::unique_ptr<OpenTunnel> tunnel_;  // from its 200 on
  std::unique_ptr<Url> authority_;      // of an accepted CONNECT; once opened, the name we answer in
  // What a connection opened by us is for.
  enum class Opened : std::uint8_t { no, page, own, inspect };
  Opened opened_ = Opened::no;
  std::uint8_t turned_away_ = 0;  // 429 in a row
  std::uint32_t requests_inside_ = 0;
};

}  // namespace schoolgate
