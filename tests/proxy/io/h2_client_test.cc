// The fixture of the HTTP/2 tests; the tests are in h2_connection_test.cc.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/proxy/io/h2_client.h"

namespace schoolgate::test {

std::string H2Answer::field(const std::string& name) const {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  return {};
}

struct H2Fixture::Callbacks {
  static H2Fixture& self(void* user) { return *static_cast<H2Fixture*>(user); }
  static std::string text(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
                       void* user) {
    self(user).answers_[frame->hd.stream_id].fields.emplace_back(text(name, name_size),
                                                                 text(value, value_size));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                     std::size_t size, void* user) {
    self(user).answers_[id].body += text(bytes, size);
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_GOAWAY) self(user).goaway = frame->goaway.error_code;
    if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA) return 0;
    H2Answer& answer = self(user).answers_[frame->hd.stream_id];
    if (const std::string status = answer.field(":status"); status.starts_with("1")) {
      answer.interim.push_back(status);
      answer.fields.clear();
    }
    answer.ended = answer.ended || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t error, void* user) {
    self(user).answers_[id].closed = true;
    self(user).answers_[id].error = error;
    return 0;
  }
  static ssize_t read_body(nghttp2_session* session, std::int32_t id, std::uint8_t* to, std::size_t size,
                           std::uint32_t* flags, nghttp2_data_source* source, void* user) {
    Upload& upload = *static_cast<Upload*>(source->ptr);
    const std::size_t count = upload.body.copy(reinterpret_cast<char*>(to), size, upload.taken);
    upload.taken += count;
    self(user).sent_[id] += count;
    if (upload.taken < upload.body.size()) return static_cast<ssize_t>(count);
    if (!upload.ends) return count > 0 ? static_cast<ssize_t>(count) : ssize_t{NGHTTP2_ERR_DEFERRED};
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (upload.trailers.empty()) return static_cast<ssize_t>(count);
    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    std::vector<nghttp2_nv> fields;
    for (auto& [name, value] : upload.trailers)
      fields.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                        reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(), 0});
    nghttp2_submit_trailer(session, id, fields.data(), fields.size());
    return static_cast<ssize_t>(count);
  }
};

H2Fixture::H2Fixture(Script script, H2Limits limits, bool opens_windows) : script_(std::move(script)) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
    throw std::runtime_error("socketpair");
  Socket socket(io.get_executor());
  socket.assign(tcp::v4(), ends[0]);
  server_ = std::make_unique<Stream>(std::move(socket));
  fd_ = ends[1];
  connection = std::make_unique<H2Connection>(*server_, io.get_executor(), pool, *this, limits);
  asio::co_spawn(io.get_executor(), connection->run(), [this](std::exception_ptr failure) {
    over = true;
    error_code ignored;
    server_->close(ignored);
    if (failure) std::rethrow_exception(failure);
  });
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_option* option = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_option_new(&option);
  nghttp2_option_set_no_http_messaging(option, 1);
  nghttp2_option_set_no_auto_window_update(option, opens_windows ? 0 : 1);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::on_close);
  nghttp2_session_client_new2(&client_, callbacks, this, option);
  nghttp2_option_del(option);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(client_, 0, nullptr, 0);
}

H2Fixture::~H2Fixture() {
  hang_up();
  settle();
  nghttp2_session_del(client_);
}

void H2Fixture::hang_up() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

bool H2Fixture::open(H2Stream& stream) {
  if (breaks) throw std::runtime_error("broken");
  if (!room) return false;
  if (stream.head_read().failed()) {
    const HeadError& error = stream.head_read().error();
    heads.push_back(std::to_string(error.status) + " " + std::string(error.what));
  } else {
    heads.push_back(stream.head_text());
  }
  asio::post(io, [this, &stream, head = heads.back()] {
    asio::co_spawn(io, serve(stream, head), [this, &stream](std::exception_ptr failure) {
      served_.erase(&stream);
      connection->served(stream);
      if (failure) std::rethrow_exception(failure);
    });
  });
  return true;
}

Task<void> H2Fixture::serve(H2Stream& stream, std::string head) {
  const Executor executor = io.get_executor();
  auto made = std::make_unique<Served>(stream.pipe, executor);
  Served& served = *(served_[&stream] = std::move(made));
  if (script_ == nullptr) {
    if (!stream.pipe.peer_gone() && !served.gone.ready()) co_await served.gone.wait();
  } else {
    Task<void> script = script_(served.client, head);
    co_await std::move(script);
  }
  error_code ignored;
  served.client.close(ignored);
}

void H2Fixture::abandon(H2Stream& stream) {
  ++abandoned;
  error_code ignored;
  if (!served_.contains(&stream)) return;
  served_[&stream]->client.close(ignored);
  served_[&stream]->gone.notify();
}

std::int32_t H2Fixture::submit(Fields fields, nghttp2_data_provider* body) {
  Fields all{{":method", body == nullptr ? "GET" : "POST"},
             {":scheme", "https"},
             {":authority", "a.test"},
             {":path", "/"}};
  for (auto& field : fields) {
    bool replaced = false;
    for (auto& known : all)
      if (known.first == field.first && field.first.front() == ':') {
        known.second = field.second;
        replaced = true;
      }
    if (!replaced) all.push_back(field);
  }
  std::vector<nghttp2_nv> pairs;
  for (auto& [name, value] : all)
    pairs.push_back({reinterpret_cast<std::uint8_t*>(name.data()),
                     reinterpret_cast<std::uint8_t*>(value.data()), name.size(), value.size(), 0});
  return nghttp2_submit_request(client_, nullptr, pairs.data(), pairs.size(), body, nullptr);
}

std::int32_t H2Fixture::get(const Fields& more) {
  return submit(more, nullptr);
}

std::int32_t H2Fixture::post(std::string body, const Fields& more, bool ends, const Fields& trailers) {
  auto upload = std::make_unique<Upload>(Upload{std::move(body), 0, ends, trailers});
  nghttp2_data_provider provider{};
  provider.source.ptr = upload.get();
  provider.read_callback = Callbacks::read_body;
  const std::int32_t id = submit(more, &provider);
  uploads_[id] = std::move(upload);
  return id;
}

void H2Fixture::open_window(std::int32_t id, std::int32_t bytes) {
  nghttp2_submit_window_update(client_, 0, id, bytes);
}

void H2Fixture::set_window(std::uint32_t bytes) {
  const nghttp2_settings_entry entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, bytes};
  nghttp2_submit_settings(client_, 0, &entry, 1);
}

std::size_t H2Fixture::sent_in_all() const {
  std::size_t sum = 0;
  for (const auto& [id, bytes] : sent_) sum += bytes;
  return sum;
}

void H2Fixture::look_for_goaway(std::string_view bytes) {
  received_ += bytes;
  const auto byte = [this](std::size_t at) { return std::size_t{static_cast<unsigned char>(received_[at])}; };
  while (received_.size() >= 9) {
    const std::size_t size = 9 + (byte(0) << 16 | byte(1) << 8 | byte(2));
    if (received_.size() < size) break;
    if (byte(3) == NGHTTP2_GOAWAY) goaway = static_cast<std::int64_t>(byte(16));
    received_.erase(0, size);
  }
}

// True if a byte moved.
bool H2Fixture::turn_client() {
  if (fd_ < 0) return false;
  bool moved = false;
  for (;;) {
    if (pending_.empty()) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t size = nghttp2_session_mem_send(client_, &bytes);
      if (size > 0) pending_.assign(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
      if (size <= 0) pending_ = std::exchange(raw_, {});
      if (pending_.empty()) break;
    }
    const ssize_t sent = ::send(fd_, pending_.data(), pending_.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;
    pending_.erase(0, static_cast<std::size_t>(sent));
    moved = true;
  }
  std::vector<std::uint8_t> space(65536);
  while (reads_) {
    const ssize_t got = ::recv(fd_, space.data(), space.size(), 0);
    if (got <= 0) break;
    const auto size = static_cast<std::size_t>(got);
    if (is_raw_)
      look_for_goaway({reinterpret_cast<const char*>(space.data()), size});
    else
      nghttp2_session_mem_recv(client_, space.data(), size);
    moved = true;
  }
  return moved;
}

void H2Fixture::run(const std::function<bool()>& done) {
  for (int quiet = 0; quiet < 3 && !done();) {
    io.restart();
    int handlers = 0;
    while (handlers < 1000 && io.poll_one() > 0) ++handlers;
    const bool moved = handlers > 0;
    quiet = turn_client() || moved ? 0 : quiet + 1;
  }
}

Task<void> write_all(Stream& to, std::string text) {
  while (!text.empty()) {
    const iovec part = io_part(text);
    const WriteResult sent = to.try_write({&part, 1});
    if (sent.error != 0) co_return;
    text.erase(0, sent.bytes);
    if (text.empty()) break;
    const auto [waited] = co_await to.async_wait(Socket::wait_write, use_result);
    if (waited) co_return;
  }
}

Task<std::string> read_rest(Stream& from) {
  std::string all;
  std::array<char, 5000> space;
  for (;;) {
    const asio::mutable_buffer room(space.data(), space.size());
    const auto [failed, got] = co_await from.async_read_some(room, use_result);
    if (failed) break;
    all.append(space.data(), got);
  }
  co_return all;
}

}  // namespace schoolgate::test
