#include "rules/verdict.h"

namespace schoolgate {

std::string_view to_string(Layer layer) noexcept {
  switch (layer) {
    case Layer::fault:
      return "fault";
    case Layer::sealed_floor:
      return "sealed_floor";
    case Layer::guaranteed_help:
      return "guaranteed_help";
    case Layer::locked:
      return "locked";
    case Layer::timed_override:
      return "timed_override";
    case Layer::explicit_line:
      return "explicit_line";
    case Layer::category:
      return "category";
    case Layer::tier_default:
      return "tier_default";
    case Layer::tunnel_rule:
      return "tunnel_rule";
    case Layer::refused:
      return "refused";
  }
  return "unknown";
}

// NOLINTNEXTLINE(readability-function-size): a line for each word
std::string_view to_string(Reason reason) noexcept {
  switch (reason) {
    case Reason::no_snapshot:
      return "no_snapshot";
    case Reason::pattern_error:
      return "pattern_error";
    case Reason::floor_hash:
      return "floor_hash";
    case Reason::help_line:
      return "help_line";
    case Reason::locked_line:
      return "locked_line";
    case Reason::locked_category:
      return "locked_category";
    case Reason::override_line:
      return "override_line";
    case Reason::host_line:
      return "host_line";
    case Reason::url_line:
      return "url_line";
    case Reason::pattern_line:
      return "pattern_line";
    case Reason::category:
      return "category";
    case Reason::tier_default:
      return "tier_default";
    case Reason::port_not_allowed:
      return "port_not_allowed";
    case Reason::address_target:
      return "address_target";
    case Reason::odd_address:
      return "odd_address";
    case Reason::sni_mismatch:
      return "sni_mismatch";
    case Reason::no_sni:
      return "no_sni";
    case Reason::several_names:
      return "several_names";
    case Reason::sni_is_address:
      return "sni_is_address";
    case Reason::not_tls:
      return "not_tls";
    case Reason::bad_hello:
      return "bad_hello";
    case Reason::hidden_name:
      return "hidden_name";
    case Reason::unsafe_search:
      return "unsafe_search";
    case Reason::search_term:
      return "search_term";
    case Reason::path_term:
      return "path_term";
    case Reason::bad_request:
      return "bad_request";
    case Reason::unfinished_request:
      return "unfinished_request";
    case Reason::method_not_allowed:
      return "method_not_allowed";
    case Reason::request_timeout:
      return "request_timeout";
    case Reason::uri_too_long:
      return "uri_too_long";
    case Reason::expectation_failed:
      return "expectation_failed";
    case Reason::wrong_host:
      return "wrong_host";
    case Reason::too_many_requests:
      return "too_many_requests";
    case Reason::head_too_large:
      return "head_too_large";
    case Reason::no_room:
      return "no_room";
    case Reason::http_version:
      return "http_version";
    case Reason::loop:
      return "loop";
    case Reason::override_category:
      return "override_category";
    case Reason::lookalike:
      return "lookalike";
    case Reason::room_off:
      return "room_off";
    case Reason::room_only:
      return "room_only";
    case Reason::unknown_on_hosting:
      return "unknown_on_hosting";
  }
  return "unknown";
}

}  // namespace schoolgate
