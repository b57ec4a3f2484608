// A tunnel from the 200 that opened it to its last row: what it was judged by, so that it can be judged
// again.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/core/log_record.h"
#include "proxy/io/session/tunnel_pump.h"
#include "proxy/io/worker/exchange.h"
#include "proxy/io/worker/generation.h"
#include "proxy/io/worker/live.h"
#include "rules/judge/judge.h"
#include "rules/result.h"
#include "rules/url/url.h"

namespace schoolgate {

class Origin;
class Worker;

// A CONNECT that was answered with 200, a WebSocket, or what was redirected to a listener for TLS. One heap
// block of its session, on the worker's thread; thousands idle, so it holds nothing that can be asked for.
class OpenTunnel {
 public:
  enum class Kind : std::uint8_t { connect, websocket, redirected };
  // Of the exchange that opened it, and judged as that was.
  OpenTunnel(const Exchange& x, Kind kind);
  // Of what was on its way to there. The name in its hello is what a CONNECT would have named; without one it
  // is that address.
  explicit OpenTunnel(const Destination& destination);

  // A CONNECT to port 80 turns out to be TLS, or a redirected one is admitted: it counts from here on.
  void begin_anew(std::uint64_t decision) noexcept;
  // False: the hello goes on in what is still to come; `bytes` is all that was said so far.
  [[nodiscard]] bool take_hello(std::string_view bytes);
  void has_no_hello(TunnelFacts::First first) noexcept { facts_.first = first; }
  // From the first judgement of its hello on, which is of this time of Worker::epoch().
  void begin_judging(std::uint32_t epoch) noexcept { epoch_ = epoch; }
  // Now bytes pass: by the judgement that `row` tells.
  void open(const LogRecord& row, const Judged& judged) noexcept;

  // The name of its CONNECT, or what stands for it; the URL of the WebSocket.
  [[nodiscard]] Result<void, UrlError> parse(Url& url) const;
  [[nodiscard]] std::uint32_t epoch() const noexcept { return epoch_; }
  // Its ClientHello was read; what it names, and its bytes.
  [[nodiscard]] bool speaks_tls() const noexcept;
  [[nodiscard]] const std::string& sni() const noexcept { return sni_; }  // "" = none
  [[nodiscard]] std::uint8_t names() const noexcept { return facts_.names; }
  [[nodiscard]] std::uint32_t hello_size() const noexcept { return hello_size_; }

  // The verdict on it, now: after its hello, after a reload, at an edge of the timetable.
  [[nodiscard]] Judged judge(Worker& worker, const ClientInfo& client, const Generation& generation,
                             TierId tier, std::int64_t time_ms) const;
  // What becomes of it by that verdict, if its client speaks TLS.
  [[nodiscard]] TunnelPlan plan(const Generation& generation, const ClientInfo& client, const Tier& tier,
                                const Judged& judged) const;
  // While it is pumped, by another policy or at another hour. `inside`: a WebSocket in a connection that we
  // opened. False: it may not stay open; its row ends with that verdict, and the caller resets it
  // (Session::judge_or_end_tunnel, connect.cc).
  [[nodiscard]] bool judge_again(Worker& worker, const ClientInfo& client, TierId tier, Origin& origin,
                                 bool inside);

  // Its row at its verdict, before it is known how it went on.
  [[nodiscard]] LogRecord row(const IpAddress& client, const Generation& generation, TierId tier,
                              const Judged& judged, std::int64_t time_ms) const;
  // And at its end, `ended` by what the pump knows. `first_bytes` went before it.
  [[nodiscard]] LogRecord end_row(const IpAddress& client, const TunnelPump& pump,
                                  std::uint64_t first_bytes) const;

  [[nodiscard]] bool is_pumped() const noexcept { return pump_ != nullptr; }
  [[nodiscard]] bool closed_by_policy() const noexcept { return closed_by_policy_; }
  void abort() noexcept {
    if (pump_ != nullptr) pump_->abort();
  }

  // Among the worker's tunnels, to be judged again, for as long as this lives.
  class Pumping {
   public:
    Pumping(OpenTunnel& tunnel, TunnelPump& pump, Worker& worker, Live& session);
    ~Pumping();
    Pumping(const Pumping&) = delete;
    Pumping& operator=(const Pumping&) = delete;

   private:
    OpenTunnel& tunnel_;
    Worker& worker_;
    Live& session_;
  };

 private:
  void name_by_hello();

  std::string name_;  // "host:port" of the CONNECT as spelled; the URL of a WebSocket in the clear
  std::string sni_;
  TunnelFacts facts_;  // `sni` of it is not used
  std::uint64_t decision_ = 0;
  std::chrono::steady_clock::time_point started_;
  std::uint64_t revision_ = 0;  // these three: of the last judgement
  Verdict verdict_;
  TierId tier_ = 0;
  std::uint32_t epoch_ = 0;  // Worker::epoch() then
  std::uint32_t hello_size_ = 0;
  const Kind kind_;
  bool closed_by_policy_ = false;
  TunnelPump* pump_ = nullptr;
};

}  // namespace schoolgate
