// plan(): from what was asked and what was decided to what the proxy does. The only place that joins the two.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "proxy/core/http/http_head.h"
#include "rules/judge/judge.h"
#include "rules/policy/policy.h"

namespace schoolgate {

enum class PageKind : std::uint8_t {
  // verdicts
  block,
  block_locked,
  block_default,
  block_line,
  block_room_off,
  block_room_only,
  block_search,
  block_unsafe_search,
  warn,
  help,
  // the client's fault
  bad_request,
  uri_too_long,
  head_too_large,
  request_timeout,
  method_not_allowed,
  loop,
  // the way upstream
  bad_gateway,
  upstream_timeout,
  dns_fail,  // the name server says that there is no such name
  dns_down,  // it says nothing: the gateway's fault, not the spelling's
  connect_fail,
  address_refused,
  proxy_busy,
  not_ready,
  cert_refused,  // the origin's certificate is wrong
  tls_fail,      // no secure connection to the origin
  h2_only,       // it speaks HTTP/2 and nothing else
  // tunnels
  name_mismatch,
  not_tls,
  port_not_allowed,
  no_server_name,
};
[[nodiscard]] std::uint16_t status_of(PageKind kind) noexcept;
// A rule of the policy closes it; not a warning, an error, or what is wrong with a tunnel.
[[nodiscard]] bool is_block(PageKind kind) noexcept;

// The page for a request head that parse_request_head() refused. Its status is HeadError::status
// (PageRequest::status), which may be one that no page has of its own, such as 417.
[[nodiscard]] PageKind page_of(const HeadError& error) noexcept;
// Why a request that was refused with this status was never judged.
[[nodiscard]] Reason refusal_of(std::uint16_t status) noexcept;
// The page that says why a verdict blocks, warns or helps.
[[nodiscard]] PageKind page_of(const Verdict& verdict) noexcept;

// Send it on. `by_help`: only because words help; the verdict without them would not.
struct Forward {
  bool by_help = false;
};

// CONNECT: answer 200, then judge the first bytes.
struct Tunnel {};
// CONNECT: answer 200, judge the hello, and speak TLS ourselves, as the host that is asked for: to show a
// page, or to judge what is asked inside. Nobody is connected to before that.
struct Inspect {};
// A request inside such a tunnel that is allowed by now (Continue was pressed): the client is sent to the
// same URL again, over a new connection that nobody opens.
struct Again {};
// A page, or its empty stand-in.
struct Block {
  PageKind page = PageKind::block;
  bool way_on = false;  // help: the page has a button that leads to what was asked for
};
// Not a matter of policy.
struct Reject {
  PageKind page = PageKind::bad_request;
  bool close = true;
  std::string_view what{};  // a word for the technician
};
// schoolgate.internal: our own pages.
struct Own {};
// OPTIONS that is to go no further (Max-Forwards: 0): what this proxy can do.
struct LastHop {};
using Plan =
    std::variant<Block, Forward, Tunnel, Reject, Own, Inspect, Again, LastHop>;  // a default-made Plan blocks

struct PlanRequest {
  const RequestHead& head;
  const Url& url;
  const Verdict& verdict;
  const Tier& tier;
  bool as_of_origin = false;        // in a tunnel, or redirected here: origin form is its proper form
  bool to_our_address = false;      // origin form, and Host is an address and port we listen on
  std::string_view via_name = {};   // when given: a request whose Via names us is a loop
  bool has_authority = false;       // of the school; our own site is answered in TLS with it
  bool trusts_ca = true;            // CONNECT: the client's devices trust it (Policy::trusts_ca)
  Judge* judge = nullptr;           // see Opening
  bool in_page_tunnel = false;      // the tunnel was opened for a page alone; `verdict` is the tunnel's
  const HelpMatch* help = nullptr;  // of the Judged whose verdict this is
  bool help_page_due = false;       // the client has not seen its page lately
};
[[nodiscard]] Plan plan(const PlanRequest& request);

// Whether a match of `help` is worth its alert: somebody asked for a page, or for a site by its name alone,
// and did not merely type. What is typed, and what belongs to a page, adds none.
[[nodiscard]] bool rings(const HelpMatch& help, const RequestHead& head) noexcept;

// What is known of a connection that we might answer in TLS ourselves, as the host it is for. A default-made
// one is never opened.
struct Opening {
  bool has_authority = false;  // of the school: this proxy can make certificates that this client trusts
  Judge* judge = nullptr;      // knows which hosts are never opened
  const Url* name = nullptr;   // of its CONNECT
  const Url* sni = nullptr;    // of its ClientHello; null: it has named none
};
// Whether it may be opened. The lists are asked last: they cost most.
[[nodiscard]] bool may_open(const Tier& tier, const Opening& opening);
// ... to judge every request inside.
[[nodiscard]] bool may_inspect(const Tier& tier, const Opening& opening);

// What becomes of a connection by its name: of a tunnel after its first bytes were judged.
enum class TunnelPlan : std::uint8_t {
  close,    // no page can be shown
  pass,     // bytes, as they are
  page,     // not passed, but opened to show why
  inspect,  // opened, and every request inside is judged as a whole URL
};
[[nodiscard]] TunnelPlan plan_tunnel(const Verdict& verdict, const Tier& tier, const Opening& opening);
// The same of a WebSocket too, in whose address words may help.
[[nodiscard]] TunnelPlan plan_tunnel(const Judged& judged, const Tier& tier, const Opening& opening);

// True if a person looks at the answer: a document or a frame, not an image, a script or a fetch. Browsers
// send Sec-Fetch-Dest to secure origins only; elsewhere Accept tells.
[[nodiscard]] bool wants_page(const RequestHead& head) noexcept;

// The host under which the proxy itself answers.
inline constexpr std::string_view own_host = "schoolgate.internal";
[[nodiscard]] bool is_own_site(const Url& url) noexcept;
// Where browsers look for their proxy's configuration. Ours answers under every name that leads to it.
[[nodiscard]] bool is_pac_path(std::string_view path) noexcept;

}  // namespace schoolgate
