// Connections to origins that wait for their next request; those of one worker.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "proxy/io/conn/stream.h"
#include "proxy/io/net/asio.h"

namespace schoolgate {

// Keyed by "host:port" as checked and connected, "https://host:port" when verified too. A connection is
// looked at (PEEK) before it is handed out: one that the origin closed, or on which bytes wait that nobody
// asked for, is thrown away.
class UpstreamPool {
 public:
  struct Options {
    std::uint32_t per_origin = 8;
    std::uint32_t total = 512;
    std::uint32_t idle_seconds = 30;
  };
  explicit UpstreamPool(Options options) : options_(options) {}

  [[nodiscard]] std::optional<Stream> take(std::string_view origin);
  void give(std::string_view origin, Stream stream);
  void tick();   // each second: closes what is too old or was closed by its origin
  void clear();  // after a reload: what may be connected to may have changed
  void set_options(Options options) { options_ = options; }
  [[nodiscard]] std::size_t size() const noexcept { return idle_.size(); }

 private:
  struct Idle;
  using List = std::list<Idle>;  // oldest first
  // Found by a view: nothing is allocated for an origin that is known.
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Origins = std::unordered_map<std::string, std::vector<List::iterator>, Hash, std::equal_to<>>;
  struct Idle {
    Origins::value_type* origin;  // and all that are kept for it, the newest last
    Stream stream;
    std::uint64_t since;
  };
  void erase(List::iterator entry);

  static constexpr std::uint64_t burst_seconds = 2;
  static constexpr std::size_t looked_at_per_tick = 64;
  Options options_;
  std::uint64_t now_ = 0;
  std::size_t cursor_ = 0;
  Origins origins_;  // those that have any
  List idle_;
};

}  // namespace schoolgate
