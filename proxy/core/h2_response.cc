#include "proxy/core/h2_response.h"

namespace schoolgate {

H2ResponseReader::Step H2ResponseReader::next(std::string_view input) {
  if (failed_) return {Status::bad, 0, {}};
  if (!started_) {
    const std::size_t end = find_head_end(input, 0);
    if (end == 0) return {Status::need_more, 0, {}};
    text_.assign(input.substr(0, end));
    failed_ = parse_response_head(text_, method_, head_).has_value();
    if (failed_) return {Status::bad, 0, {}};
    if (head_.interim) return {Status::interim, end, {}};
    started_ = true;
    body_.start(head_.framing, head_.content_length, true);
    return {Status::head, end, {}};
  }
  const BodyReader::Step step = body_.next(input);
  switch (step.status) {
    case BodyReader::Status::need_more:
      return {Status::need_more, step.consumed, {}};
    case BodyReader::Status::payload:
      return {Status::payload, step.consumed, step.payload};
    case BodyReader::Status::done:
      return {Status::done, step.consumed, {}};
    case BodyReader::Status::bad:
      break;
  }
  failed_ = true;
  return {Status::bad, 0, {}};
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
