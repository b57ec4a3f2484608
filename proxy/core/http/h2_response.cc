#include "proxy/core/http/h2_response.h"

#include <algorithm>
#include <iterator>

#include "proxy/core/http/http_scan.h"

namespace schoolgate {
namespace {

// Not what a recipient must know before the body, or what guards a message (RFC 9110 6.5.1).
bool may_trail(const HeaderField& field) noexcept {
  if (field.kind != FieldKind::other) return false;
  constexpr std::string_view never[] = {"authorization", "cache-control", "content-encoding", "content-range",
                                        "content-type",  "cookie",        "location",         "set-cookie"};
  const auto is = [&field](std::string_view name) { return http_scan::equals(field.name, name); };
  return std::none_of(std::begin(never), std::end(never), is);
}

}  // namespace

H2ResponseReader::Parsed H2ResponseReader::next(std::string_view input) {
  if (failed_) return {Status::bad, 0, {}};
  if (!started_) {
    const std::size_t end = find_head_end(input, 0);
    if (end == 0) return {Status::need_more, 0, {}};
    text_.assign(input.substr(0, end));
    failed_ = parse_response_head(text_, method_, head_, false, max_written_fields).failed();
    if (failed_) return {Status::bad, 0, {}};
    if (head_.interim) return {Status::interim, end, {}};
    started_ = true;
    body_.start(head_.framing, head_.content_length, true, &trailer_text_);
    return {Status::head, end, {}};
  }
  const BodyReader::Parsed parsed = body_.next(input);
  switch (parsed.status) {
    case BodyReader::Status::need_more:
      return {Status::need_more, parsed.consumed, {}};
    case BodyReader::Status::payload:
      return {Status::payload, parsed.consumed, parsed.payload};
    case BodyReader::Status::done:
      return {Status::done, parsed.consumed, {}};
    case BodyReader::Status::bad:
      break;
  }
  failed_ = true;
  return {Status::bad, 0, {}};
}

std::vector<HeaderField> H2ResponseReader::trailers() const {
  std::vector<HeaderField> fields;
  std::string_view what;
  HeaderField field;
  for (std::size_t at = 0; at < trailer_text_.size();) {
    if (!http_scan::scan_field(trailer_text_, at, false, field, what)) break;
    if (may_trail(field)) fields.push_back(field);
  }
  return fields;
}

bool passes_to_h2(const HeaderField& field) noexcept {
  switch (field.kind) {
    case FieldKind::connection:
    case FieldKind::transfer_encoding:
    case FieldKind::upgrade:
    case FieldKind::hop_by_hop:
      return false;
    default:
      return true;
  }
}

}  // namespace schoolgate
