#include "proxy/io/session/body_batch.h"

namespace schoolgate {

void BodyBatch::collect(BodyReader& reader, std::string_view input, std::string_view head, bool chunked) {
  std::array<std::string_view, max_runs> runs;
  std::size_t run_count = 0, payload = 0;
  count_ = consumed_ = 0;
  while (run_count < max_runs) {
    const BodyReader::Parsed parsed = reader.next(input.substr(consumed_));
    consumed_ += parsed.consumed;
    status_ = parsed.status;
    if (parsed.status != BodyReader::Status::payload) break;
    runs[run_count++] = parsed.payload;
    payload += parsed.payload.size();
  }
  add(head);
  if (chunked && payload > 0) {
    chunk_head_.clear();
    write_chunk_head(payload, chunk_head_);
    add(chunk_head_);
  }
  for (std::size_t i = 0; i < run_count; ++i) add(runs[i]);
  if (chunked && payload > 0) add("\r\n");
  if (chunked && done()) add_last_chunk();
}

void BodyBatch::add_last_chunk() noexcept {
  if (trailers_ == nullptr || trailers_->empty()) return add(last_chunk);
  add("0\r\n");
  add(*trailers_);
  add("\r\n");
}

void BodyBatch::collect_end(std::string_view head, bool chunked) {
  count_ = consumed_ = 0;
  status_ = BodyReader::Status::done;
  add(head);
  if (chunked) add(last_chunk);
}

}  // namespace schoolgate
