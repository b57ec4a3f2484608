// The other end of an H2Connection for tests: nghttp2 as a client on one half of a socketpair, and the
// server's half served by scripts. One thread: run() turns both until a condition holds.
#pragma once

#include <nghttp2/nghttp2.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxy/io/h2/h2_connection.h"

namespace schoolgate::test {

struct H2Answer {
  std::vector<std::pair<std::string, std::string>> fields;  // of the final head
  std::vector<std::string> interim;                         // statuses
  std::string body;
  bool ended = false;  // END_STREAM
  bool closed = false;
  std::uint32_t error = 0;
  [[nodiscard]] std::string field(const std::string& name) const;
};

class H2Fixture final : public H2Connection::Host {
 public:
  // What is done with a stream: its client side, as Session has it, and its head. Null: nothing, until it is
  // abandoned.
  using Script = std::function<Task<void>(Stream&, const std::string&)>;

  // `opens_windows`: as it receives; otherwise only open_window() does.
  explicit H2Fixture(Script script, H2Limits limits = {}, bool opens_windows = true);
  ~H2Fixture();

  using Fields = std::vector<std::pair<std::string, std::string>>;
  // A GET of https://a.test/ with these fields more; they replace pseudo-header fields of the same name.
  std::int32_t get(const Fields& more = {});
  // A POST whose body is sent as the windows allow; `ends`: END_STREAM after it.
  std::int32_t post(std::string body, const Fields& more = {}, bool ends = true, const Fields& trailers = {});
  void reset(std::int32_t id, std::uint32_t code = NGHTTP2_CANCEL) {
    nghttp2_submit_rst_stream(client_, 0, id, code);
  }
  // Frames that nghttp2 would not send; from here on what comes back is looked through for GOAWAY alone.
  void send_raw(std::string bytes) {
    raw_ += bytes;
    is_raw_ = true;
  }
  void open_window(std::int32_t id, std::int32_t bytes);
  void set_window(std::uint32_t bytes);  // of streams to come
  // Until `done()`, or nothing moves any more.
  void run(const std::function<bool()>& done);
  void settle() {
    run([] { return false; });
  }
  void stop_reading() { reads_ = false; }
  void hang_up();

  H2Answer& answer(std::int32_t id) { return answers_[id]; }
  [[nodiscard]] std::size_t sent(std::int32_t id) { return sent_[id]; }  // bytes of the body
  [[nodiscard]] std::size_t sent_in_all() const;

  asio::io_context io{1};
  BufferPool pool;
  std::unique_ptr<H2Connection> connection;
  std::vector<std::string> heads;  // of the streams that were opened, or why not
  std::size_t abandoned = 0, idle = 0;
  bool room = true;          // for more streams
  bool breaks = false;       // opening one throws
  bool over = false;         // the connection's run() has ended
  std::int64_t goaway = -1;  // its error code

 private:
  struct Callbacks;
  bool open(H2Stream& stream) override;
  void abandon(H2Stream& stream) override;
  void on_idle() override { ++idle; }
  void on_goodbye() override {}
  Task<void> serve(H2Stream& stream, std::string head);
  std::int32_t submit(Fields fields, nghttp2_data_provider* body);
  [[nodiscard]] bool turn_client();
  void look_for_goaway(std::string_view bytes);

  struct Upload {
    std::string body;
    std::size_t taken = 0;
    bool ends = true;
    Fields trailers;
  };
  Script script_;
  std::unique_ptr<Stream> server_;
  int fd_ = -1;
  nghttp2_session* client_ = nullptr;
  std::map<std::int32_t, H2Answer> answers_;
  std::map<std::int32_t, std::size_t> sent_;
  std::map<std::int32_t, std::unique_ptr<Upload>> uploads_;
  struct Served {
    Served(H2Pipe& pipe, Executor executor) : client(pipe, executor), gone(executor) {}
    Stream client;
    Signal gone;
  };
  std::map<H2Stream*, std::unique_ptr<Served>> served_;
  std::string raw_, pending_, received_;
  bool is_raw_ = false;
  bool reads_ = true;
};

// A response of a Session, whole.
Task<void> write_all(Stream& to, std::string text);
// What is left of the body, framing included.
Task<std::string> read_rest(Stream& from);

}  // namespace schoolgate::test
