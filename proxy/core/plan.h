// plan(): from what was asked and what was decided to what the proxy does. The only place that joins the two.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "proxy/core/http_head.h"
#include "rules/judge.h"
#include "rules/policy.h"

namespace schoolgate {

enum class PageKind : std::uint8_t {
  block,
  block_locked,
  block_default,
  block_line,
  warn,
  help,  // verdicts
  bad_request,
  uri_too_long,
  head_too_large,
  request_timeout,
  method_not_allowed,
  loop,  // the client's fault
  bad_gateway,
  upstream_timeout,
  dns_fail,
  connect_fail,
  address_refused,
  proxy_busy,
  not_ready,  // the way upstream
  name_mismatch,
  not_tls,
  port_not_allowed,
  no_server_name,  // tunnels
};
[[nodiscard]] std::uint16_t status_of(PageKind kind) noexcept;

struct Forward {};  // send it on
struct Tunnel {
  bool record = false;
};  // CONNECT: answer 200, then judge the first bytes
struct Block {
  PageKind page = PageKind::block;
};  // a page, or its empty stand-in
struct Reject {
  PageKind page = PageKind::bad_request;
  bool close = true;
};                                                               // not a matter of policy
struct Own {};                                                   // schoolgate.internal: our own pages
using Plan = std::variant<Block, Forward, Tunnel, Reject, Own>;  // a default-made Plan blocks

struct PlanRequest {
  const RequestHead& head;
  const Url& url;
  const Verdict& verdict;
  const Tier& tier;
};
[[nodiscard]] Plan plan(const PlanRequest& request);

// A connection inside a tunnel after its first bytes were judged: go on, or close (no page can be shown).
struct TunnelPlan {
  bool pass = false;
  bool record = false;
};
[[nodiscard]] TunnelPlan plan_tunnel(const Verdict& verdict, const Tier& tier) noexcept;

// The host under which the proxy itself answers.
inline constexpr std::string_view own_host = "schoolgate.internal";

}  // namespace schoolgate
