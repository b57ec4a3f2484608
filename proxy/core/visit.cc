#include "proxy/core/visit.h"

namespace schoolgate {

Visit visit_of(const RequestHead& head) noexcept {
  const std::string_view dest = head.field("sec-fetch-dest");
  if (dest == "document" || dest == "iframe" || dest == "frame") return Visit::yes;
  if (!dest.empty()) return Visit::no;
  if (head.field("upgrade-insecure-requests") == "1") return Visit::yes;
  return head.field("referer").empty() ? Visit::of_burst : Visit::no;
}

}  // namespace schoolgate
