// The pump between two real connections: copying, and through pipes from the first byte on.
#include "proxy/io/session/tunnel_pump.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <future>
#include <random>
#include <thread>

#include "tests/support/sockets.h"

using namespace schoolgate;
using namespace schoolgate::test;

namespace {

struct Progress final : TunnelPump::Watcher {
  void on_progress() noexcept override { ++times; }
  std::atomic<int> times{0};
};

// A connection on loopback: the peer's end, and ours.
struct Ends {
  Conn theirs;
  int ours = -1;
};
Ends connected() {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  Ends ends;
  ends.theirs = Conn::connect(ntohs(address.sin_port));
  ends.ours = ::accept(listener, nullptr, nullptr);
  REQUIRE(ends.ours >= 0);
  ::close(listener);
  return ends;
}

Stream stream_on(asio::io_context& io, int fd) {
  Socket socket(io.get_executor());
  socket.assign(tcp::v4(), fd);
  return Stream(std::move(socket));
}

// Two peers and the pump between them, on a thread of its own.
class Tunnel {
 public:
  explicit Tunnel(PipePool& pipes) : Tunnel(pipes, connected(), connected()) {}
  ~Tunnel() {
    if (runs_.joinable()) {
      asio::post(io_, [this] { pump.abort(); });
      runs_.join();
    }
  }
  void start() {
    runs_ = std::thread([this] {
      pump.start();
      io_.run();
    });
  }
  void finish() { runs_.join(); }
  void abort() {
    asio::post(io_, [this] { pump.abort(); });
    runs_.join();
  }
  // Of the pump's thread.
  std::uint64_t bytes_down() {
    std::promise<std::uint64_t> bytes;
    asio::post(io_, [&] { bytes.set_value(pump.bytes_down()); });
    return bytes.get_future().get();
  }

  Conn client, upstream;
  Progress progress;

 private:
  Tunnel(PipePool& pipes, Ends down, Ends up)
      : client(std::move(down.theirs)),
        upstream(std::move(up.theirs)),
        client_stream_(stream_on(io_, down.ours)),
        upstream_stream_(stream_on(io_, up.ours)),
        pump(client_stream_, upstream_stream_, scratch_, pipes, progress, nullptr) {
    std::signal(SIGPIPE, SIG_IGN);  // as the program does
  }
  asio::io_context io_{1};
  TunnelScratch scratch_;
  Stream client_stream_, upstream_stream_;
  std::thread runs_;

 public:
  TunnelPump pump;
};

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::string text(size, '\0');
  for (std::size_t i = 0; i + 4 <= size; i += 4) {
    const auto value = static_cast<std::uint32_t>(random());
    std::memcpy(text.data() + i, &value, 4);
  }
  return text;
}

void send_in_pieces(Conn& to, std::string_view bytes, unsigned seed) {
  std::mt19937 random(seed);
  while (!bytes.empty()) {
    const std::size_t piece = std::min<std::size_t>(bytes.size(), 1 + random() % 300'000);
    if (!to.send(bytes.substr(0, piece))) return;
    bytes.remove_prefix(piece);
  }
}

// Less than what is under way, so that the pump has to wait; not so little that TCP waits for its timers.
void small_window(Conn& conn) {
  const int bytes = 200'000;
  REQUIRE(::setsockopt(conn.fd(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) == 0);
}

const std::size_t when_settled[] = {0, TunnelScratch::size};

}  // namespace

TEST_CASE("every byte arrives, both ways at once, and is counted", "[io][pump]") {
  for (const std::size_t settles_at : when_settled) {
    for (const bool slow : {false, true}) {
      DYNAMIC_SECTION("pipes from " << settles_at << (slow ? ", a slow client" : "")) {
        PipePool pipes(settles_at);
        Tunnel tunnel(pipes);
        if (slow) small_window(tunnel.client);
        const std::string up = noise(6'000'000, 1), down = noise(24'000'000, 2);
        tunnel.start();
        std::thread sends_up([&] {
          send_in_pieces(tunnel.client, up, 3);
          tunnel.client.shutdown_write();
        });
        std::thread sends_down([&] {
          send_in_pieces(tunnel.upstream, down, 4);
          tunnel.upstream.shutdown_write();
        });
        auto came_up = std::async(std::launch::async, [&] { return tunnel.upstream.read_all(); });
        const std::string came_down = tunnel.client.read_all();
        CHECK((came_up.get() == up));
        CHECK((came_down == down));
        sends_up.join();
        sends_down.join();
        tunnel.finish();
        CHECK(tunnel.pump.end() == TunnelPump::End::finished);
        CHECK(tunnel.pump.bytes_up() == up.size());
        CHECK(tunnel.pump.bytes_down() == down.size());
        CHECK(tunnel.progress.times > 0);
      }
    }
  }
}

TEST_CASE("a half-closed tunnel still brings the tail", "[io][pump]") {
  for (const std::size_t settles_at : when_settled) {
    DYNAMIC_SECTION("pipes from " << settles_at) {
      PipePool pipes(settles_at);
      Tunnel tunnel(pipes);
      tunnel.start();
      tunnel.client.send("all I have to say");
      tunnel.client.shutdown_write();
      CHECK(tunnel.upstream.read_all() == "all I have to say");
      const std::string tail = noise(3'000'000, 5);
      std::thread sends([&] {
        tunnel.upstream.send(tail);
        tunnel.upstream.shutdown_write();
      });
      CHECK((tunnel.client.read_all() == tail));
      sends.join();
      tunnel.finish();
      CHECK(tunnel.pump.end() == TunnelPump::End::finished);
    }
  }
}

TEST_CASE("a reset is passed on as a reset, whatever is on its way", "[io][pump]") {
  for (const std::size_t settles_at : when_settled) {
    DYNAMIC_SECTION("pipes from " << settles_at) {
      PipePool pipes(settles_at);
      Tunnel tunnel(pipes);
      tunnel.start();
      tunnel.upstream.send(noise(500'000, 6));
      CHECK(tunnel.client.read_some() != "");
      tunnel.upstream.reset();
      static_cast<void>(tunnel.client.read_all());
      CHECK(tunnel.client.was_reset());
      tunnel.finish();
      CHECK(tunnel.pump.end() == TunnelPump::End::upstream_failed);
    }
  }
}

TEST_CASE("a client that goes while bytes wait for it", "[io][pump]") {
  for (const std::size_t settles_at : when_settled) {
    DYNAMIC_SECTION("pipes from " << settles_at) {
      PipePool pipes(settles_at);
      Tunnel tunnel(pipes);
      tunnel.client.small_buffers();
      tunnel.start();
      std::thread sends([&] {
        const std::string piece = noise(1'000'000, 7);
        while (tunnel.upstream.send(piece)) continue;  // until the reset
      });
      while (tunnel.bytes_down() == 0) std::this_thread::yield();
      tunnel.client.reset();
      sends.join();
      tunnel.finish();
      CHECK(tunnel.pump.end() == TunnelPump::End::client_failed);
    }
  }
}

TEST_CASE("an aborted tunnel leaves nothing of its bytes to the next one", "[io][pump]") {
  PipePool pipes(0);
  {
    Tunnel tunnel(pipes);
    tunnel.client.small_buffers();
    tunnel.start();
    std::thread sends([&] {
      const std::string piece = noise(1'000'000, 8);
      while (tunnel.upstream.send(piece)) continue;
    });
    while (tunnel.bytes_down() == 0) std::this_thread::yield();
    tunnel.abort();
    sends.join();
    CHECK(tunnel.pump.end() == TunnelPump::End::aborted);
  }
  std::vector<PipePool::Lent> all;
  for (std::size_t i = 0; i < PipePool::most_lent; ++i) {
    all.push_back(pipes.lend());
    REQUIRE(all.back() != nullptr);
    CHECK(all.back()->empty());
  }
  CHECK(pipes.lend() == nullptr);

  Tunnel copied(pipes);  // no pipe is left, and nobody waits for one
  copied.start();
  const std::string text = noise(4'000'000, 9);
  std::thread sends([&] {
    copied.upstream.send(text);
    copied.upstream.shutdown_write();
  });
  CHECK((copied.client.read_all() == text));
  sends.join();
  copied.client.shutdown_write();
  CHECK(copied.upstream.read_all() == "");
  copied.finish();
}

TEST_CASE("a pipe says whether a socket has more, has ended, or is no socket for it", "[io][pipes]") {
  PipePool pipes(0);
  const auto pipe = pipes.lend();
  REQUIRE(pipe != nullptr);
  Ends from = connected(), to = connected();
  for (const int fd : {from.ours, to.ours}) REQUIRE(::fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
  std::size_t given = 0;
  CHECK(pipe->fill(from.ours) == Pipe::Moved::again);
  REQUIRE(from.theirs.send("bytes"));
  while (pipe->fill(from.ours) == Pipe::Moved::again) std::this_thread::yield();
  CHECK(pipe->held() == 5);
  CHECK(pipe->drain(to.ours, given) == Pipe::Moved::some);
  CHECK(given == 5);
  CHECK(pipe->empty());
  CHECK(to.theirs.read_exactly(5) == "bytes");
  from.theirs.close();
  Pipe::Moved moved = Pipe::Moved::again;
  while (moved == Pipe::Moved::again) moved = pipe->fill(from.ours);
  CHECK(moved == Pipe::Moved::end);
  Ends cut = connected();
  REQUIRE(::fcntl(cut.ours, F_SETFL, O_NONBLOCK) == 0);
  cut.theirs.reset();
  moved = Pipe::Moved::again;
  while (moved == Pipe::Moved::again) moved = pipe->fill(cut.ours);
  CHECK(moved == Pipe::Moved::failed);
  const int folder = ::open("/", O_RDONLY | O_DIRECTORY);
  CHECK(pipe->fill(folder) == Pipe::Moved::unable);
  for (const int fd : {from.ours, to.ours, cut.ours, folder}) ::close(fd);
}
