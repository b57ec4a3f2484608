#include "proxy/io/worker/client_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <memory>
#include <vector>

using namespace schoolgate;
using namespace std::chrono_literals;

namespace {

const std::chrono::steady_clock::time_point start{1000s};
constexpr RequestRate usual{200, 1000};

// How many of `asked` requests at one moment go on at once, wait, or are refused.
struct Turns {
  int at_once = 0, waited = 0, refused = 0;
  friend bool operator==(const Turns&, const Turns&) = default;
};

Turns ask(ClientTable::Entry& entry, std::chrono::steady_clock::time_point at, int asked,
          RequestRate rate = usual) {
  Turns turns;
  for (int i = 0; i < asked; ++i) {
    const auto turn = entry.take_request(at, rate, 2s);
    ++(!turn ? turns.refused : *turn == 0ns ? turns.at_once : turns.waited);
  }
  return turns;
}

}  // namespace

TEST_CASE("requests: a burst at once, then as the rate allows, then waiting, then no", "[io][limits]") {
  ClientTable::Entry entry;
  CHECK(ask(entry, start, 2000) == Turns{1000, 400, 600});
  CHECK(ask(entry, start + 1s, 1000) == Turns{0, 200, 800});        // what waits is served meanwhile
  CHECK(ask(entry, start + 8s, 2000) == Turns{1000, 400, 600});     // the bucket is full again
  CHECK(ask(entry, start + 3600s, 2000) == Turns{1000, 400, 600});  // and never more than full
}

TEST_CASE("requests: the longer the queue, the longer one waits", "[io][limits]") {
  ClientTable::Entry entry;
  CHECK(ask(entry, start, 1000).at_once == 1000);
  CHECK(entry.take_request(start, usual, 2s) == 5ms);
  CHECK(entry.take_request(start, usual, 2s) == 10ms);
  CHECK(entry.take_request(start + 10ms, usual, 2s) == 5ms);
}

TEST_CASE("requests: a steady rate never waits, no rate never refuses", "[io][limits]") {
  ClientTable::Entry entry;
  for (int i = 0; i < 10'000; ++i) CHECK(entry.take_request(start + i * 5ms, usual, 2s) == 0ns);
  CHECK(ask(entry, start, 100'000, {0, 0}) == Turns{100'000, 0, 0});
  CHECK(ask(entry, start + 3600s, 20, {3, 1}) == Turns{1, 6, 13});
}

namespace {

// Who holds connections of a table, as sessions do: what is given up is let go by settle().
class Guests {
 public:
  explicit Guests(std::uint32_t places) : places_(places) {}
  ~Guests() {
    for (auto& guest : open_) table.leave(guest->client, guest->entry, &guest->seat);
  }

  struct Guest {
    IpAddress client;
    ClientTable::Entry* entry = nullptr;
    Seat seat;
    [[nodiscard]] bool lives() const { return !seat.given_up; }
  };
  // Null: no place.
  Guest* come(const IpAddress& client, bool many = false, std::uint32_t limit = 1000) {
    const ClientTable::Wish wish{client, many, many ? places_ : limit, places_, now};
    const ClientTable::Taken taken = table.take(wish);
    if (taken.entry == nullptr) return nullptr;
    auto guest = std::make_unique<Guest>();
    guest->client = client;
    guest->entry = taken.entry;
    guest->seat.moved_at = now;
    guest->seat.worker = reinterpret_cast<Worker*>(this);  // only told, never asked
    table.sit(client, taken.entry, guest->seat);
    open_.push_back(std::move(guest));
    return open_.back().get();
  }
  std::vector<Guest*> come(const IpAddress& client, int count, bool many = false) {
    std::vector<Guest*> all;
    for (int i = 0; i < count; ++i)
      if (Guest* guest = come(client, many)) all.push_back(guest);
    return all;
  }
  // How many connections ended since the last time.
  std::size_t settle() {
    const auto gone =
        std::stable_partition(open_.begin(), open_.end(), [](const auto& guest) { return guest->lives(); });
    const auto count = static_cast<std::size_t>(open_.end() - gone);
    for (auto at = gone; at != open_.end(); ++at) {
      table.leave((*at)->client, (*at)->entry, &(*at)->seat);
      gone_.push_back(std::move(*at));
    }
    open_.erase(gone, open_.end());
    return count;
  }

  ClientTable table;
  std::uint32_t now = 1000;  // second

 private:
  std::uint32_t places_;
  std::vector<std::unique_ptr<Guest>> open_, gone_;  // gone: tests still ask about them
};

IpAddress lan(std::uint32_t n) {
  return IpAddress::v4(0x0a000000 + n);
}

IpAddress in_64(std::uint16_t network, std::uint16_t host) {
  char text[64];
  std::snprintf(text, sizeof text, "fd00:0:0:%x::%x", network, host + 1u);
  return *IpAddress::parse(text);
}

int living(const std::vector<Guests::Guest*>& guests) {
  return static_cast<int>(
      std::count_if(guests.begin(), guests.end(), [](const auto* g) { return g->lives(); }));
}

}  // namespace

TEST_CASE("places: some who take all and come again end nobody who has little", "[io][limits]") {
  Guests guests(8000);
  std::vector<Guests::Guest*> quiet;
  for (std::uint32_t i = 0; i < 200; ++i) quiet.push_back(guests.come(lan(100 + i / 5)));
  for (std::uint32_t i = 0; i < 8; ++i) guests.come(lan(i), 1000);
  CHECK(guests.table.total() == 8000);
  for (guests.now = 1001; guests.now < 1001 + 240; ++guests.now) {
    for (std::uint32_t i = 0; i < 8; ++i) guests.come(lan(i), 10);
    if (guests.now % 10 == 0)
      CHECK(guests.come(lan(500 + guests.now)) != nullptr);  // at once, whoever comes new
    guests.settle();
  }
  CHECK(living(quiet) == 200);
  CHECK(guests.table.total() == 8000);
}

TEST_CASE("places: who has most gives up what was silent for longest", "[io][limits]") {
  Guests guests(20);
  const auto few = guests.come(lan(1), 6);
  guests.now += 10;
  const auto most = guests.come(lan(2), 14);
  guests.now += 50;
  for (auto* guest : most)
    if (guest != most[9]) guest->seat.moved_at = guests.now - 5;
  REQUIRE(guests.come(lan(3)) != nullptr);
  CHECK_FALSE(most[9]->lives());
  CHECK(living(few) == 6);
  CHECK(guests.settle() == 1);
  for (int i = 0; i < 20; ++i) static_cast<void>(guests.come(lan(3)));  // as many as its share, no more
  CHECK(living(few) == 6);
  CHECK(guests.settle() == 5);
}

TEST_CASE("places: where all have their share nobody has to go", "[io][limits]") {
  Guests guests(3);
  std::vector<Guests::Guest*> open;
  for (std::uint32_t i = 0; i < 3; ++i) open.push_back(guests.come(lan(i)));
  CHECK(guests.come(lan(7)) == nullptr);
  CHECK(guests.come(lan(0)) == nullptr);
  CHECK(living(open) == 3);
}

TEST_CASE("places: who has his share replaces what he left silent for long", "[io][limits]") {
  Guests guests(20);
  const auto mine = guests.come(lan(1), 20);
  guests.now += ClientTable::long_silence - 1;
  CHECK(guests.come(lan(1)) == nullptr);
  mine[4]->seat.moved_at = guests.now;
  ++guests.now;
  for (int i = 0; i < 19; ++i) CHECK(guests.come(lan(1)) != nullptr);
  CHECK(guests.come(lan(1)) == nullptr);
  CHECK(mine[4]->lives());
  CHECK(living(mine) == 1);
}

TEST_CASE("places: the limit of one client stays, and waiting is of no use against it", "[io][limits]") {
  Guests guests(20);
  guests.come(lan(1), 8);
  const ClientTable::Taken taken = guests.table.take({lan(1), false, 8, 20, guests.now});
  CHECK(taken.entry == nullptr);
  CHECK(taken.over_limit);
}

TEST_CASE("places: an IPv6 /64 holds half of them at most, and gives way as one", "[io][limits]") {
  Guests guests(400);
  for (std::uint16_t i = 0; i < 1000; ++i) static_cast<void>(guests.come(in_64(1, i)));
  CHECK(guests.table.total() == 200);
  for (std::uint32_t i = 0; i < 20; ++i) CHECK(guests.come(lan(i), 10).size() == 10);
  CHECK(guests.table.total() == 400);
  // 200 in the /64, one of each address; ten of each other client, and still it is the /64 that gives.
  for (std::uint32_t i = 0; i < 10; ++i) CHECK(guests.come(lan(100 + i)) != nullptr);
  CHECK(guests.come(in_64(2, 1)) != nullptr);
  CHECK(guests.settle() == 11);
  CHECK(guests.table.clients() == 189 + 20 + 10 + 1);
  CHECK(guests.come(in_64(1, 1)) == nullptr);
}

TEST_CASE("places: within a full /64 the address with most gives way", "[io][limits]") {
  Guests guests(40);
  const auto hog = guests.come(in_64(1, 1), 20);
  CHECK(hog.size() == 20);
  for (std::uint16_t i = 2; i < 6; ++i) CHECK(guests.come(in_64(1, i)) != nullptr);
  CHECK(living(hog) == 16);
  CHECK(guests.settle() == 4);
}

TEST_CASE("places: many people behind one address keep half", "[io][limits]") {
  Guests guests(100);
  const auto school = guests.come(lan(1), 60, true);
  CHECK(school.size() == 60);
  for (std::uint32_t i = 2; i < 6; ++i) guests.come(lan(i), 30);
  CHECK(guests.table.total() == 100);
  CHECK(living(school) == 50);  // over half they gave way
  guests.settle();
  // Who has no more than a share of his own does not give way to them either.
  Guests later(100);
  for (std::uint32_t i = 2; i < 6; ++i) later.come(lan(i), 25);
  CHECK(later.come(lan(1), 60, true).size() == 20);
  CHECK(later.table.total() == 100);
}

TEST_CASE("requests: addresses of one /64 have a bucket each", "[io][limits]") {
  Guests guests(8000);
  std::vector<Guests::Guest*> open;
  for (std::uint16_t i = 0; i < 60; ++i) open.push_back(guests.come(in_64(1, i)));
  for (int i = 0; i < 20 * 30; ++i)
    for (auto* guest : open) CHECK(guest->entry->take_request(start + i * 50ms, usual, 2s) == 0ns);
}
