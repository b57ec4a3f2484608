// What a page is about.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/snapshot.h"
#include "proxy/core/http/http_head.h"
#include "proxy/core/plan.h"

namespace schoolgate {

struct PageRequest {
  PageKind kind = PageKind::block;
  std::uint16_t status = 0;            // 0 = status_of(kind); HeadError::status for a refused head
  const Snapshot* snapshot = nullptr;  // null before the first good one: a plain 503
  const RequestHead* head = nullptr;  // null when none was read; decides form (wants_page), language and HEAD
  const Verdict* verdict = nullptr;
  TierId tier = 0;
  std::uint64_t decision = 0;  // 0 = none: no code is shown
  std::int64_t time_ms = 0;
  std::string_view url;  // forward form; shown escaped and shortened
  std::string_view host;
  std::uint16_t port = 0;
  std::string_view continue_token =
      {};  // warn, help: value of the hidden field; without one the page has no button
  std::string_view wish_token =
      {};               // block: that of the form that says "blocked wrongly"; "" = there is none
  bool secure = false;  // shown over https: its links and forms stay there
  std::string_view room_only = {}, room_until = {};  // a room that is closed now: what is open, until when
  std::string_view detail = {};                      // errors: one word for the technician
};

}  // namespace schoolgate
