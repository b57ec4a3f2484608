#include "proxy/io/upstream/resolver.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/udp.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <set>
#include <thread>

#include "tests/support/dns_server.h"
#include "tests/support/run_task.h"

using namespace schoolgate;
using schoolgate::test::DnsReply;
using schoolgate::test::DnsServer;

namespace {

Task<ResolvedPtr> look_up(Resolver& resolver, std::string host) {
  if (ResolvedPtr known = resolver.find(host)) co_return known;
  Resolver::Waiter waiter;
  co_await resolver.ask(host, waiter);
  co_return waiter.resolved();
}

ResolverOptions options_for(const DnsServer& server) {
  ResolverOptions options;
  options.servers = {server.address()};
  options.hosts_file = "";
  options.aaaa_patience = std::chrono::seconds(10);  // both families come, however busy the machine
  return options;
}

std::string text(const ResolvedPtr& resolved) {
  std::string out;
  for (const IpAddress& address : resolved->addresses) out += (out.empty() ? "" : " ") + address.to_string();
  return out;
}

}  // namespace

TEST_CASE("both families, interleaved, IPv6 first; then from the cache until the TTL ends",
          "[io][resolver]") {
  DnsServer server([](const std::string&, bool aaaa) {
    return aaaa ? DnsReply{.addresses = {"2001:db8::1", "2001:db8::2"}, .ttl = 300}
                : DnsReply{.addresses = {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, .ttl = 20};
  });
  asio::io_context io(1);
  Resolver resolver(io.get_executor(), options_for(server));
  const ResolvedPtr resolved = test::run_task(io, look_up(resolver, "a.example"));
  REQUIRE(resolved->status == Resolved::Status::ok);
  CHECK(text(resolved) == "2001:db8::1 192.0.2.1 2001:db8::2 192.0.2.2 192.0.2.3");
  for (int second = 0; second < 19; ++second) resolver.tick();
  CHECK(resolver.find("a.example") != nullptr);
  resolver.tick();
  CHECK(resolver.find("a.example") == nullptr);  // the shorter TTL, 20 s
  CHECK(server.queries() == 2);
}

TEST_CASE("the names that CNAME records lead through are part of the answer", "[io][resolver]") {
  DnsServer server([](const std::string& name, bool aaaa) {
    DnsReply reply;
    if (name == "a.example") reply.aliases = {"b.example", "c.example"};
    reply.addresses = {aaaa ? "2001:db8::1" : "192.0.2.1"};
    return reply;
  });
  asio::io_context io(1);
  Resolver resolver(io.get_executor(), options_for(server));
  const ResolvedPtr resolved = test::run_task(io, look_up(resolver, "a.example"));
  REQUIRE(resolved->status == Resolved::Status::ok);
  CHECK(resolved->aliases == std::vector<std::string>{"b.example", "c.example"});
  CHECK(test::run_task(io, look_up(resolver, "plain.example"))->aliases.empty());
}

TEST_CASE("a name that does not exist is remembered, a silent server is an error", "[io][resolver]") {
  DnsServer server([](const std::string& name, bool) {
    DnsReply reply{.rcode = 3};
    if (name == "servfail.example") reply.rcode = 2;
    if (name == "silent.example") reply.silent = true;
    if (name == "empty.example") reply.rcode = 0;
    return reply;
  });
  ResolverOptions options = options_for(server);
  options.first_try = std::chrono::milliseconds(50);
  options.tries = 1;
  asio::io_context io(1);
  Resolver resolver(io.get_executor(), options);
  struct Row {
    const char* name;
    Resolved::Status want;
  };
  const Row rows[] = {{"no.example", Resolved::Status::no_such_name},
                      {"empty.example", Resolved::Status::no_such_name},
                      {"servfail.example", Resolved::Status::no_answer}};
  for (const Row& row : rows) {
    const ResolvedPtr resolved = test::run_task(io, look_up(resolver, row.name));
    CHECK(resolved->status == row.want);
    CHECK(resolver.find(row.name) == resolved);
  }
  // c-ares learns of its timeout from tick().
  Timer clock(io.get_executor());
  std::function<void(error_code)> tick = [&](error_code) {
    resolver.tick();
    clock.expires_after(std::chrono::milliseconds(20));
    clock.async_wait(tick);
  };
  tick({});
  const ResolvedPtr resolved = test::run_task(io, look_up(resolver, "silent.example"));
  CHECK(resolved->status == Resolved::Status::no_answer);
}

TEST_CASE("a name asked by many is asked once; one who gives up does not disturb the others",
          "[io][resolver]") {
  DnsServer server(
      [](const std::string&, bool aaaa) { return aaaa ? DnsReply{} : DnsReply{.addresses = {"192.0.2.7"}}; });
  asio::io_context io(1);
  Resolver resolver(io.get_executor(), options_for(server));
  std::vector<Resolver::Waiter> waiters(50);
  int woken = 0;
  const auto wait = [&](Resolver::Waiter& waiter) -> Task<void> {
    co_await resolver.ask("many.example", waiter);
    ++woken;
  };
  for (auto& waiter : waiters) asio::co_spawn(io.get_executor(), wait(waiter), asio::detached);
  io.poll_one();  // let some of them in
  io.poll_one();
  io.poll_one();
  resolver.cancel(waiters[0]);
  resolver.cancel(waiters[0]);  // harmless
  io.run();
  CHECK(woken == 50);
  CHECK(server.queries() == 2);
  CHECK(text(waiters[49].resolved()) == "192.0.2.7");
  resolver.cancel(waiters[49]);  // long done
}

TEST_CASE("thousands of questions in flight", "[io][resolver]") {
  DnsServer server([](const std::string&, bool) { return DnsReply{.addresses = {"192.0.2.9"}}; });
  ResolverOptions options = options_for(server);
  options.ipv6 = false;
  options.cache_entries = 100;
  options.first_try = std::chrono::milliseconds(200);  // a UDP queue may overflow: then it is asked again
  options.tries = 6;
  asio::io_context io(1);
  Resolver resolver(io.get_executor(), options);
  int good = 0, finished = 0;
  const auto ask = [&](int number) -> Task<void> {
    const std::string name = "n" + std::to_string(number) + ".example";
    const ResolvedPtr resolved = co_await look_up(resolver, name);
    good += resolved->status == Resolved::Status::ok;
    ++finished;
  };
  bool done = false;
  const auto tick = [&]() -> Task<void> {
    Timer clock(io.get_executor());
    while (!done) {
      clock.expires_after(std::chrono::milliseconds(50));
      co_await clock.async_wait(use_result);
      resolver.tick();
      done = finished == 2000;
    }
  };
  for (int i = 0; i < 2000; ++i) {
    asio::co_spawn(io.get_executor(), ask(i), asio::detached);
    if (i % 100 != 99) continue;
    io.restart();
    io.poll();  // a UDP queue of the kernel holds a few hundred answers
  }
  io.restart();
  asio::co_spawn(io.get_executor(), tick(), asio::detached);
  io.run();
  CHECK(good == 2000);
  CHECK(resolver.cached() == 100);
  CHECK(resolver.in_flight() == 0);
}

TEST_CASE("no query leaves from the port of one that is open", "[io][resolver]") {
  DnsServer server([](const std::string& name, bool aaaa) {
    return DnsReply{.addresses = {aaaa ? "2001:db8::9" : "192.0.2.9"}, .silent = name.starts_with("silent")};
  });
  asio::io_context io(1);
  ResolverOptions options = options_for(server);
  options.first_try = std::chrono::seconds(100);
  Resolver resolver(io.get_executor(), options);
  constexpr int silent = 40;
  std::vector<Resolver::Waiter> waiters(silent);
  const auto wait = [&](int number) -> Task<void> {
    co_await resolver.ask("silent" + std::to_string(number) + ".example", waiters[number]);
  };
  for (int i = 0; i < silent; ++i) asio::co_spawn(io.get_executor(), wait(i), asio::detached);
  while (server.queries() < 2 * silent) io.poll();
  const std::vector<std::uint16_t> first = server.ports();
  const std::set<std::uint16_t> taken(first.begin(), first.end());
  CHECK(taken.size() == 2 * silent);
  for (int i = 0; i < 100; ++i)
    CHECK(text(test::run_task(io, look_up(resolver, "n" + std::to_string(i) + ".example"))) ==
          "2001:db8::9 192.0.2.9");
  const std::vector<std::uint16_t> all = server.ports();
  CHECK(
      std::none_of(all.begin() + 2 * silent, all.end(), [&](std::uint16_t p) { return taken.contains(p); }));
  CHECK(std::set<std::uint16_t>(all.begin(), all.end()).size() >
        200);  // a port may come again once it is free
  for (auto& waiter : waiters) resolver.cancel(waiter);
  io.restart();
  io.poll();
}

TEST_CASE("A does not wait for a server that drops AAAA", "[io][resolver]") {
  DnsServer server([](const std::string&, bool aaaa) {
    return aaaa ? DnsReply{.silent = true} : DnsReply{.addresses = {"192.0.2.1"}};
  });
  asio::io_context io(1);
  ResolverOptions options = options_for(server);
  options.aaaa_patience = ResolverOptions{}.aaaa_patience;
  Resolver resolver(io.get_executor(), options);
  const auto start = std::chrono::steady_clock::now();
  const ResolvedPtr resolved = test::run_task(io, look_up(resolver, "half.example"));
  CHECK(text(resolved) == "192.0.2.1");
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
}

TEST_CASE("a timer of an earlier question does not end a new one of the same name", "[io][resolver]") {
  std::atomic<bool> held{true};  // the answer to the first AAAA
  const std::string name = "twice.example";
  DnsServer server([&](const std::string& asked, bool aaaa) {
    if (asked != name) return DnsReply{.silent = true};
    if (aaaa) held.wait(true);
    return DnsReply{.addresses = {aaaa ? "2001:db8::1" : "192.0.2.1"}};
  });
  struct LetGo {  // also where a check fails: the server's thread must end
    std::atomic<bool>& held;
    ~LetGo() { open(); }
    void open() {
      held = false;
      held.notify_all();
    }
  } aaaa{held};
  asio::io_context io(1);
  ResolverOptions options = options_for(server);
  options.aaaa_patience = std::chrono::milliseconds(250);
  Resolver resolver(io.get_executor(), options);
  ResolvedPtr first, second;
  const auto ask_twice = [&]() -> Task<void> {
    first = co_await look_up(resolver, name);
    second = co_await look_up(resolver, name);
  };
  asio::co_spawn(io.get_executor(), ask_twice(), asio::detached);
  // A was answered before AAAA is looked at: once that is, the patience begins in the next turn.
  while (server.queries() < 2) io.poll();
  io.poll();
  REQUIRE(resolver.in_flight() == 1);
  aaaa.open();
  asio::ip::udp::socket next(io, asio::ip::udp::v4());  // taken up when the answer to AAAA has left
  const std::string nothing(32, '\0');
  const std::string address = server.address();
  next.send_to(asio::buffer(nothing),
               {asio::ip::make_address("127.0.0.1"),
                static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)))});
  while (server.queries() < 3) std::this_thread::yield();
  // Now the time runs out too, so that one turn finds both; the answer comes first.
  std::this_thread::sleep_for(options.aaaa_patience);
  while (resolver.in_flight() == 1) io.poll_one();
  resolver.reconfigure(options.servers, "", true);  // the answer is not remembered
  resolver.tick();                                  // wakes who waits, and so asks again, at once
  REQUIRE(text(first) == "2001:db8::1 192.0.2.1");
  REQUIRE(resolver.in_flight() == 1);
  io.run();
  CHECK(second->status == Resolved::Status::ok);
  CHECK(text(second) == "2001:db8::1 192.0.2.1");
}

TEST_CASE("the hosts file comes first", "[io][resolver]") {
  std::string path = "/tmp/schoolgate-hosts-XXXXXX";
  FILE* file = ::fdopen(::mkstemp(path.data()), "w");
  REQUIRE(file != nullptr);
  std::fputs("192.0.2.44 fixed.example\n2001:db8::44 fixed.example\n", file);
  std::fclose(file);
  DnsServer server([](const std::string&, bool) { return DnsReply{.rcode = 3}; });
  ResolverOptions options = options_for(server);
  options.hosts_file = path;
  asio::io_context io(1);
  Resolver resolver(io.get_executor(), options);
  CHECK(text(resolver.find("fixed.example")) == "2001:db8::44 192.0.2.44");
  resolver.reconfigure(options.servers, "", true);
  CHECK(resolver.find("fixed.example") == nullptr);
  std::remove(path.c_str());
}
