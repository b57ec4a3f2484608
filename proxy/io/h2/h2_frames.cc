// H2Connection: what nghttp2 calls, and what it is told. Its own check of HTTP messages is off: H2RequestHead
// is the one gate, so that what is refused has its answer and its row in the log.
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <tuple>

#include "proxy/io/h2/h2_connection.h"

namespace schoolgate {
namespace {

constexpr std::size_t max_trailer_bytes = 8 * 1024;
// Of a DATA frame that fills a TLS record, its own head included.
constexpr ssize_t full_payload = 16 * 1024 - 9;
// What compression may add to a field at most.
constexpr std::size_t bytes_around_field = 16;
// A head this many times too large is no mistake: decompressing it costs us more than it cost to send.
constexpr std::size_t bomb_factor = 4;

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv pair_of(std::string_view name, std::string_view value) {
  // nghttp2 copies both, and makes names lower case.
  return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(name.data())),
          reinterpret_cast<std::uint8_t*>(const_cast<char*>(value.data())), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

struct H2Connection::Callbacks {
  static H2Connection& self(void* user) { return *static_cast<H2Connection*>(user); }

  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
      self(user).begin_request(frame->hd.stream_id);
    return 0;
  }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* user) {
    H2Stream* const stream = self(user).find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    const std::string_view field = text_of(name, name_size), content = text_of(value, value_size);
    if (stream->head_done_)
      self(user).add_trailer(*stream, field, content);
    else
      self(user).add_field(*stream, field, content);
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    H2Connection& connection = self(user);
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    H2Stream* const stream = connection.find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (frame->hd.type == NGHTTP2_HEADERS) connection.end_head(*stream, ends);
    if (ends) connection.end_request(*stream);
    return 0;
  }

  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                     std::size_t size, void* user) {
    H2Connection& connection = self(user);
    if (H2Stream* const stream = connection.find(id))
      connection.take_body(*stream, text_of(bytes, size));
    else
      nghttp2_session_consume(session, id, size);
    return 0;
  }

  static int on_invalid_frame(nghttp2_session*, const nghttp2_frame*, int, void* user) {
    self(user).note_fault();
    return 0;
  }

  static int on_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    H2Connection& connection = self(user);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    H2Stream* const stream = connection.find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->response_ended_ = true;
    // The answer is complete, and nobody needs the rest of the request (RFC 9113 8.1).
    if (!stream->request_ended_) connection.reset(*stream, NGHTTP2_NO_ERROR);
    return 0;
  }

  // Of what cannot be sent nghttp2 says nothing else, and the client would wait.
  static int on_not_sent(nghttp2_session*, const nghttp2_frame* frame, int, void* user) {
    H2Connection& connection = self(user);
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    if (H2Stream* const stream = connection.find(frame->hd.stream_id))
      connection.reset(*stream, NGHTTP2_INTERNAL_ERROR);
    return 0;
  }

  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t, void* user) {
    if (H2Stream* const stream = self(user).find(id)) self(user).close_stream(*stream);
    return 0;
  }

  static ssize_t size_of_frame(nghttp2_session*, std::uint8_t, std::int32_t, std::int32_t, std::int32_t,
                               std::uint32_t, void*) {
    return full_payload;  // less where a window or the client wants less
  }

  static ssize_t read_payload(nghttp2_session*, std::int32_t, std::uint8_t* to, std::size_t size,
                              std::uint32_t* flags, nghttp2_data_source* source, void* user) {
    try {
      return self(user).next_payload(*static_cast<H2Stream*>(source->ptr), to, size, *flags);
    } catch (...) {
      self(user).fail();
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }

  // nghttp2 is C, and nothing may be thrown through it: what a callback throws ends the connection.
  template <auto callback, class... Arguments>
  static int shielded(Arguments... arguments) {
    try {
      return callback(arguments...);
    } catch (...) {
      self(std::get<sizeof...(Arguments) - 1>(std::tie(arguments...))).fail();
      return NGHTTP2_ERR_CALLBACK_FAILURE;
    }
  }
};

void H2Connection::start_session() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_option* option = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0 || nghttp2_option_new(&option) != 0)
    throw std::bad_alloc();
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks,
                                                          Callbacks::shielded<Callbacks::on_begin_headers>);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::shielded<Callbacks::on_header>);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::shielded<Callbacks::on_frame>);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks,
                                                            Callbacks::shielded<Callbacks::on_data>);
  nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(
      callbacks, Callbacks::shielded<Callbacks::on_invalid_frame>);
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, Callbacks::shielded<Callbacks::on_sent>);
  nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks,
                                                           Callbacks::shielded<Callbacks::on_not_sent>);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::shielded<Callbacks::on_close>);
  nghttp2_session_callbacks_set_data_source_read_length_callback(callbacks, Callbacks::size_of_frame);
  nghttp2_option_set_no_auto_window_update(option, 1);
  nghttp2_option_set_no_http_messaging(option, 1);
  nghttp2_option_set_no_closed_streams(option, 1);
  nghttp2_option_set_max_outbound_ack(option, 100);
  nghttp2_option_set_max_send_header_block_length(
      option, limits_.head_bytes + max_head_growth + max_written_fields * bytes_around_field);
  nghttp2_session* session = nullptr;
  const int failed = nghttp2_session_server_new2(&session, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  if (failed != 0) throw std::bad_alloc();
  session_.reset(session);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits_.streams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(limits_.window)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits_.head_bytes)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  };
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, limits_.connection_window);
}

H2Stream* H2Connection::find(std::int32_t id) const noexcept {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void H2Connection::begin_request(std::int32_t id) {
  // Those that were taken back count until their Session has ended.
  if (terminated_ || streams_.size() >= std::size_t{2} * limits_.streams) {
    nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
    return note_fault();
  }
  streams_.emplace(id, std::make_unique<H2Stream>(*this, id, executor_, pool_, limits_.head_bytes));
  // All alike, a piece of each in turn.
  const nghttp2_extpri alike{NGHTTP2_EXTPRI_DEFAULT_URGENCY, 1};
  nghttp2_session_change_extpri_stream_priority(session_.get(), id, &alike, 1);
}

void H2Connection::add_field(H2Stream& stream, std::string_view name, std::string_view value) {
  stream.head_.add(name, value);
  if (stream.head_.size() > bomb_factor * limits_.head_bytes) terminate(NGHTTP2_ENHANCE_YOUR_CALM);
}

void H2Connection::add_trailer(H2Stream& stream, std::string_view name, std::string_view value) {
  stream.trailer_size_ += name.size() + value.size() + 32;
  if (stream.trailer_size_ > max_trailer_bytes || !valid_trailer(name, value)) stream.bad_trailer_ = true;
  if (stream.trailer_size_ > bomb_factor * limits_.head_bytes) terminate(NGHTTP2_ENHANCE_YOUR_CALM);
}

void H2Connection::end_head(H2Stream& stream, bool ends) {
  if (stream.head_done_) {  // trailers: the last of a request
    if (!ends || stream.bad_trailer_) {
      note_fault();
      reset(stream, NGHTTP2_PROTOCOL_ERROR);
    }
    return;
  }
  stream.head_done_ = true;
  stream.head_read_ = stream.head_.finish(ends);
  if (stream.head_.chunked()) stream.pipe.set_chunked();
  stream.response_.emplace(stream.head_.method());
  touched_.push_back(stream.id_);
}

// A body that is not as long as announced is no request (RFC 9113 8.1.1).
void H2Connection::end_request(H2Stream& stream) {
  if (stream.request_ended_) return;
  const auto length = stream.head_.content_length();
  if (stream.head_read_.ok() && length && *length != stream.body_) {
    note_fault();
    return reset(stream, NGHTTP2_PROTOCOL_ERROR);
  }
  stream.request_ended_ = true;
  stream.pipe.feed_end();
}

void H2Connection::take_body(H2Stream& stream, std::string_view payload) {
  stream.body_ += payload.size();
  const auto length = stream.head_.content_length();
  if (stream.head_read_.ok() && length && stream.body_ > *length) {
    credit(stream, payload.size());
    note_fault();
    return reset(stream, NGHTTP2_PROTOCOL_ERROR);
  }
  stream.pipe.feed(payload);
}

void H2Connection::close_stream(H2Stream& stream) {
  stream.closed_ = true;
  touched_.push_back(stream.id_);
  // Taken back, whatever code it gives for that.
  if (!stream.reset_by_us_ && !stream.response_ended_) note_fault();
}

// Requests that are taken back at once cost the client nothing and us a connection each (CVE-2023-44487); so
// do frames that make us take them back (CVE-2025-8671).
void H2Connection::note_fault() {
  const auto now = std::chrono::steady_clock::now();
  const auto passed = std::chrono::duration_cast<std::chrono::seconds>(now - faults_since_).count();
  if (passed > 0) {
    faults_since_ = now;
    const std::uint64_t regained = static_cast<std::uint64_t>(passed) * limits_.faults_per_second;
    faults_left_ =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(limits_.faults, faults_left_ + regained));
  }
  if (faults_left_ == 0) return terminate(NGHTTP2_ENHANCE_YOUR_CALM);
  --faults_left_;
}

void H2Connection::reset(H2Stream& stream, std::uint32_t error) {
  if (stream.closed_ || std::exchange(stream.reset_by_us_, true)) return;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream.id_, error);
  output_.notify();
}

// The session wrote more of its answer, or finished.
void H2Connection::advance(H2Stream& stream) {
  if (stream.closed_ || stream.response_ended_ || stream.reset_by_us_) return;
  H2Pipe& pipe = stream.pipe;
  while (!stream.head_sent_) {
    const H2ResponseReader::Parsed parsed = stream.response_->next(pipe.output());
    if (parsed.status == H2ResponseReader::Status::need_more && !pipe.finished_writing()) {
      // More than there is room for is never whole: nobody may wait for it.
      if (pipe.is_full()) reset(stream, NGHTTP2_INTERNAL_ERROR);
      return;
    }
    const bool interim = parsed.status == H2ResponseReader::Status::interim;
    if (!interim && parsed.status != H2ResponseReader::Status::head)
      return reset(stream, NGHTTP2_INTERNAL_ERROR);
    send_head(stream, interim);
    pipe.consume_output(parsed.consumed);
  }
  // What was cut must not look complete: the rest is not sent.
  if (pipe.was_reset()) return reset(stream, NGHTTP2_INTERNAL_ERROR);
  nghttp2_session_resume_data(session_.get(), stream.id_);
  output_.notify();
}

void H2Connection::send_head(H2Stream& stream, bool interim) {
  const ResponseHead& head = stream.response_->head();
  const std::string status = std::to_string(head.status);
  std::vector<nghttp2_nv> fields;
  fields.reserve(head.fields.size() + 1);
  fields.push_back(pair_of(":status", status));
  for (const HeaderField& field : head.fields)
    if (passes_to_h2(field)) fields.push_back(pair_of(field.name, field.value));
  if (interim) {
    nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, stream.id_, nullptr, fields.data(),
                           fields.size(), nullptr);
  } else {
    stream.head_sent_ = true;
    stream.pipe.end_head();
    nghttp2_data_provider body{};
    body.source.ptr = &stream;
    body.read_callback = Callbacks::read_payload;
    nghttp2_submit_response(session_.get(), stream.id_, fields.data(), fields.size(),
                            stream.response_->done() ? nullptr : &body);
  }
  output_.notify();
}

// False: there are none.
bool H2Connection::send_trailers(const H2Stream& stream) {
  const std::vector<HeaderField> trailers = stream.response_->trailers();
  std::vector<nghttp2_nv> fields;
  for (const HeaderField& field : trailers) fields.push_back(pair_of(field.name, field.value));
  return !fields.empty() &&
         nghttp2_submit_trailer(session_.get(), stream.id_, fields.data(), fields.size()) == 0;
}

// As much of the body as is there, at most `size`.
ssize_t H2Connection::next_payload(H2Stream& stream, std::uint8_t* to, std::size_t size,
                                   std::uint32_t& flags) {
  H2Pipe& pipe = stream.pipe;
  std::size_t filled = 0;
  while (filled < size && !stream.response_->done()) {
    const H2ResponseReader::Parsed parsed = stream.response_->next(pipe.output().substr(0, size - filled));
    if (!parsed.payload.empty()) std::memcpy(to + filled, parsed.payload.data(), parsed.payload.size());
    filled += parsed.payload.size();
    pipe.consume_output(parsed.consumed);
    if (parsed.status == H2ResponseReader::Status::bad) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    if (parsed.status == H2ResponseReader::Status::need_more && parsed.consumed == 0) break;
  }
  const bool at_end = pipe.finished_writing() && pipe.unsent() == 0 && !pipe.was_reset();
  if (stream.response_->done() || (at_end && stream.response_->finish_at_end())) {
    flags |= NGHTTP2_DATA_FLAG_EOF;
    if (send_trailers(stream)) flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    return static_cast<ssize_t>(filled);
  }
  if (filled > 0) return static_cast<ssize_t>(filled);
  if (!pipe.finished_writing()) return NGHTTP2_ERR_DEFERRED;
  stream.reset_by_us_ = true;  // cut
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

}  // namespace schoolgate
