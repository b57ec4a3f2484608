// The pages people see: texts from config/defaults/pages.*.yaml, one layout in three voices, embedded at
// build.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/snapshot.h"
#include "proxy/core/http_head.h"
#include "proxy/core/plan.h"

namespace schoolgate {

struct PageRequest {
  PageKind kind = PageKind::block;
  const Snapshot* snapshot = nullptr;  // null before the first good one: a plain 503
  const RequestHead* head = nullptr;   // Accept, Accept-Language, Sec-Fetch-Dest decide language and form
  const Verdict* verdict = nullptr;
  TierId tier = 0;
  std::uint64_t decision = 0;
  std::int64_t time_ms = 0;
  std::string_view url;  // forward form; shown escaped
  std::string_view host;
  std::string_view continue_token;  // warn: value of the hidden field
  std::string_view detail;          // errors: one word for the technician
};

// A whole response, head and body: HTML for documents, a small empty answer for images, scripts and fetches.
// 403 (or the kind's status), `Cache-Control: no-store`, everything from outside escaped.
[[nodiscard]] std::string render_page(const PageRequest& request, bool keep_alive);

// One line of `http://schoolgate.internal/`: a past verdict of this client other than allow and help.
struct PastVerdict {
  std::int64_t time_ms = 0;
  std::uint64_t decision = 0;
  Verdict verdict;
  std::string host, url;
  std::string continue_token;  // warn: may still be continued
};
[[nodiscard]] std::string render_own_page(const PageRequest& request, std::span<const PastVerdict> past,
                                          bool keep_alive);

}  // namespace schoolgate
