#include "proxy/io/session/tunnel.h"

#include "proxy/core/tls/client_hello.h"
#include "proxy/io/net/wall_clock.h"
#include "proxy/io/session/origin.h"
#include "proxy/io/worker/worker.h"

namespace schoolgate {
namespace {

std::uint32_t ms_since(std::chrono::steady_clock::time_point start) {
  const auto took = std::chrono::steady_clock::now() - start;
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count());
}

Opening opening_by(const Generation& generation, const ClientInfo& client, const Url& name) {
  const bool has_authority =
      generation.tls != nullptr && generation.snapshot->policy->trusts_ca(client.address);
  return {.has_authority = has_authority, .judge = generation.judge.get(), .name = &name};
}

}  // namespace

OpenTunnel::OpenTunnel(const Exchange& x, Kind kind)
    : name_(kind == Kind::websocket ? x.url.forward() : x.head.target),  // as spelled: that too is judged
      decision_(x.decision),
      started_(x.started),
      revision_(x.generation->snapshot->revision),
      verdict_(verdict_of_record({x.verdict, x.help}, x.by_help)),
      tier_(x.tier),
      epoch_(x.epoch),
      kind_(kind) {}

OpenTunnel::OpenTunnel(const Destination& destination)
    : name_(destination.address.is_v4() ? destination.address.to_string()
                                        : "[" + destination.address.to_string() + "]"),
      started_(std::chrono::steady_clock::now()),
      kind_(Kind::redirected) {
  name_.append(":").append(std::to_string(destination.port));
}

void OpenTunnel::begin_anew(std::uint64_t decision) noexcept {
  decision_ = decision;
  started_ = std::chrono::steady_clock::now();
}

bool OpenTunnel::take_hello(std::string_view bytes) {
  ClientHello hello;
  HelloStatus status = parse_client_hello(bytes, hello);
  if (status == HelloStatus::need_more && bytes.size() >= max_hello_bytes) status = HelloStatus::bad;
  switch (status) {
    case HelloStatus::ok:
      facts_.first = TunnelFacts::First::tls;
      facts_.names = hello.names;
      if (hello.duplicate_extension && hello.names < 2) facts_.names = 2;
      facts_.ech = hello.ech;
      sni_ = hello.name;
      hello_size_ = static_cast<std::uint32_t>(hello.size);
      if (kind_ == Kind::redirected) name_by_hello();
      return true;
    case HelloStatus::not_tls:
      facts_.first = TunnelFacts::First::not_tls;
      return true;
    case HelloStatus::bad:
    case HelloStatus::need_more:
      break;
  }
  facts_.first = TunnelFacts::First::bad_hello;
  return status == HelloStatus::bad;
}

// A name that is none, or an address, leaves it to be judged as what it was going to.
void OpenTunnel::name_by_hello() {
  std::string named = sni_ + name_.substr(name_.rfind(':'));
  Url url;
  if (!sni_.empty() && url.parse_authority(named).ok() && !url.host().is_address()) name_ = std::move(named);
}

void OpenTunnel::open(const LogRecord& row, const Judged& judged) noexcept {
  revision_ = row.revision;
  verdict_ = judged.without_help();
  tier_ = row.tier;
}

Result<void, UrlError> OpenTunnel::parse(Url& url) const {
  return kind_ == Kind::websocket ? url.parse(name_) : url.parse_authority(name_);
}

bool OpenTunnel::speaks_tls() const noexcept {
  return kind_ != Kind::websocket && facts_.first == TunnelFacts::First::tls;
}

Judged OpenTunnel::judge(Worker& worker, const ClientInfo& client, const Generation& generation, TierId tier,
                         std::int64_t time_ms) const {
  Url url, sni;
  std::vector<CategoryId> granted;
  if (parse(url).failed()) return {};  // blocks; cannot be: it was parsed once
  worker.shared.grants.categories(client.address, *generation.snapshot->policy, tier, url.host().text,
                                  time_ms, granted);
  const JudgeRequest request{.url = url,
                             .stage = kind_ == Kind::websocket ? Stage::request : Stage::host,
                             .tier = tier,
                             .time = worker.local_time(time_ms),
                             .granted = granted,
                             .client = &client.address,
                             .trusts_ca = generation.snapshot->policy->trusts_ca(client.address)};
  if (kind_ == Kind::websocket) return generation.judge->judge(request);
  TunnelFacts facts = facts_;
  facts.redirected = kind_ == Kind::redirected;
  if (!sni_.empty()) {
    facts.sni_valid = sni.parse_authority(sni_ + ":" + std::to_string(url.port())).ok();
    facts.sni_is_address = facts.sni_valid && sni.host().is_address();
    facts.sni = facts.sni_valid ? &sni : nullptr;
  }
  const Judged authority = generation.judge->judge_connect(request);
  return generation.judge->judge_hello(request, authority, facts);
}

TunnelPlan OpenTunnel::plan(const Generation& generation, const ClientInfo& client, const Tier& tier,
                            const Judged& judged) const {
  Opening opening;  // what is no TLS, and what has no name that we could answer as, is not opened
  Url name, sni;
  if (speaks_tls() && generation.tls != nullptr && parse(name).ok()) {
    const bool named = !sni_.empty();
    const bool bad_name = named && sni.parse_authority(sni_ + ":" + std::to_string(name.port())).failed();
    if (!bad_name) opening = opening_by(generation, client, name);
    if (!bad_name && named) opening.sni = &sni;
  }
  return plan_tunnel(judged, tier, opening);
}

bool OpenTunnel::judge_again(Worker& worker, const ClientInfo& client, TierId tier_id, Origin& origin,
                             bool inside) {
  const Generation& generation = *worker.generation();
  const Tier& tier = generation.snapshot->policy->tiers()[tier_id];
  Judged judged = judge(worker, client, generation, tier_id, wall_clock_ms());
  const bool passes = plan(generation, client, tier, judged) == TunnelPlan::pass;
  Url url;
  const bool known = parse(url).ok();
  const bool as_before = !inside || (known && may_inspect(tier, opening_by(generation, client, url)));
  if (passes && as_before && known && !origin.way_is_closed(generation, tier_id, url, judged)) return true;
  closed_by_policy_ = true;
  verdict_ = judged.without_help();
  revision_ = generation.snapshot->revision;
  return false;
}

// Its host is the name that was seen; the path is never known.
LogRecord OpenTunnel::row(const IpAddress& client, const Generation& generation, TierId tier,
                          const Judged& judged, std::int64_t time_ms) const {
  LogRecord row;
  row.part = LogRecord::Part::tunnel_open;
  row.decision = decision_;
  row.time_ms = time_ms;
  row.client = client;
  row.tier = tier;
  row.revision = generation.snapshot->revision;
  set_tunnel_verdict(row, judged);
  row.visit = Visit::of_burst;
  row.status = kind_ == Kind::redirected ? 0 : 200;  // what was said to the client
  if (kind_ != Kind::redirected) row.method = "CONNECT";
  Url authority;
  if (authority.parse_authority(name_).ok()) {
    row.host = authority.host().text;
    row.port = authority.port();
  }
  row.seen = kind_ == Kind::redirected ? Seen::nothing : Seen::connect_only;
  Url sni;
  const bool named = facts_.first == TunnelFacts::First::tls && !sni_.empty() &&
                     sni.parse_authority(sni_ + ":" + std::to_string(row.port)).ok();
  if (named) {
    const bool outer = facts_.ech && sni.host().text != row.host;
    row.seen = outer ? Seen::ech_outer : Seen::sni;
    row.host = sni.host().text;
  }
  row.duration_ms = ms_since(started_);
  return row;
}

LogRecord OpenTunnel::end_row(const IpAddress& client, const TunnelPump& pump,
                              std::uint64_t first_bytes) const {
  LogRecord row;
  row.part = LogRecord::Part::tunnel_end;
  row.tier = tier_;
  row.revision = revision_;
  row.verdict = verdict_;
  row.decision = decision_;
  row.time_ms = wall_clock_ms();
  row.client = client;
  row.bytes_up = first_bytes + pump.bytes_up();
  row.bytes_down = pump.bytes_down();
  row.duration_ms = ms_since(started_);
  if (pump.end() == TunnelPump::End::upstream_failed) row.ended = Ended::upstream_failed;
  if (pump.end() == TunnelPump::End::client_failed) row.ended = Ended::client_gone;
  if (pump.end() == TunnelPump::End::hello_changed) row.ended = Ended::blocked;
  return row;
}

OpenTunnel::Pumping::Pumping(OpenTunnel& tunnel, TunnelPump& pump, Worker& worker, Live& session)
    : tunnel_(tunnel), worker_(worker), session_(session) {
  worker.add_tunnel(session);
  tunnel.pump_ = &pump;
}

OpenTunnel::Pumping::~Pumping() {
  tunnel_.pump_ = nullptr;
  worker_.remove_tunnel(session_);
}

}  // namespace schoolgate
