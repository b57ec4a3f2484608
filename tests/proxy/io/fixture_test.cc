#include "tests/proxy/io/fixture.h"

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include "rules/db/rule_db_builder.h"

namespace schoolgate::test {
namespace {

const char* const test_names[] = {"ok.test",     "other.test", "blocked.test", "warned.test",
                                  "helped.test", "paths.test", "later.test",   "a.test"};

struct Database {
  std::vector<std::byte> bytes;
  std::shared_ptr<const RuleDb> db;
};

std::shared_ptr<Database> make_database(const ProxyOptions& from) {
  RuleDbBuilder builder;
  const auto add_domain = [&](Tag tag, const std::string& name) {
    RuleEntry entry;
    entry.text = name;
    builder.add(tag, entry);
  };
  const Tag gambling = builder.add_source({.category = "gambling", .name = "g", .file = "g.txt"});
  const Tag social = builder.add_source({.category = "social", .name = "s", .file = "s.txt"});
  const Tag selfharm = builder.add_source({.category = "selfharm", .name = "h", .file = "h.txt"});
  add_domain(gambling, "blocked.test");
  for (const std::string& name : from.extra_blocked) add_domain(gambling, name);
  RuleEntry path;
  path.kind = RuleKind::url;
  path.text = "paths.test/bad";
  builder.add(gambling, path);
  add_domain(social, "warned.test");
  add_domain(selfharm, "helped.test");
  auto database = std::make_shared<Database>();
  auto built = builder.build();
  if (!built) throw std::runtime_error(built.error().message.english());
  database->bytes = std::move(*built);
  auto opened = RuleDb::open(database->bytes);
  if (!opened) throw std::runtime_error(opened.error().message.english());
  database->db = *opened;
  return database;
}

std::optional<Destination> destination;  // set before the workers run

std::shared_ptr<const Policy> make_policy(const ProxyOptions& from) {
  PolicySpec spec;
  for (const char* id : {"gambling", "social", "selfharm"}) {
    Category category;
    category.id = category.name_en = category.name_vi = id;
    spec.categories.push_back(category);
  }
  Tier tier;
  tier.id = tier.name_en = tier.name_vi = "pupils";
  tier.default_action = Action::allow;
  tier.tunnel = from.tunnel;
  tier.effects.resize(3);
  tier.effects[0].effect.action = Action::block;
  tier.effects[1].effect.action = from.social;
  tier.effects[2].effect.action = Action::help;
  spec.tiers.push_back(tier);
  auto policy = Policy::compile(std::move(spec));
  if (!policy) throw std::runtime_error(policy.error().message.english());
  return *policy;
}

}  // namespace

bool MemorySink::write(LogRecord&& record) {
  const std::lock_guard held(held_);
  const std::lock_guard lock(mutex_);
  records_.push_back(std::move(record));
  more_.notify_all();
  return true;
}

void MemorySink::event(std::string actor, std::string what, std::string detail_json) {
  const std::lock_guard lock(mutex_);
  events_.push_back(actor + " " + what + " " + detail_json);
}

std::vector<LogRecord> MemorySink::wait_for(std::size_t wanted) {
  std::unique_lock lock(mutex_);
  const bool there =
      more_.wait_for(lock, std::chrono::seconds(20), [&] { return records_.size() >= wanted; });
  if (!there) throw std::runtime_error("the log has " + std::to_string(records_.size()) + " rows");
  return records_;
}

std::vector<std::string> MemorySink::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

std::size_t MemorySink::count() const {
  const std::lock_guard lock(mutex_);
  return records_.size();
}

Proxy::Proxy(ProxyOptions from) : options(std::move(from)), hosts_path_("/tmp/schoolgate-hosts-XXXXXX") {
  FILE* file = ::fdopen(::mkstemp(hosts_path_.data()), "w");
  for (const char* name : test_names) std::fprintf(file, "127.0.0.1 %s\n", name);
  std::fclose(file);
  Listener listener;
  listener.address = *IpAddress::parse("127.0.0.1");
  listener.port = 0;
  listener.entrance = options.entrance;
  destination = options.destination;
  auto sockets = open_listeners({listener}, options.workers);
  if (!sockets) throw std::runtime_error(sockets.error().message.english());
  ServerOptions server_options;
  server_options.workers = options.workers;
  server_options.listeners = std::move(*sockets);
  server_options.via_name = "gate-under-test";
  server_options.find_destination = [](int) { return destination; };
  server = std::make_unique<Server>(sink, std::move(server_options));
  if (options.with_policy) reload(options);
  server->start();
}

Proxy::~Proxy() {
  server.reset();
  std::remove(hosts_path_.c_str());
}

std::uint16_t Proxy::port() const {
  return server->listeners().front().port;
}

std::shared_ptr<const Snapshot> Proxy::make_snapshot(const ProxyOptions& from) {
  auto database = make_database(from);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->revision = ++revision_;
  snapshot->policy = make_policy(from);
  snapshot->lists = {database, database->db.get()};  // keeps the bytes too
  snapshot->sources = {"g.txt", "s.txt", "h.txt"};
  snapshot->list_meanings = {{.category = 0, .source = 0, .own = {}},
                             {.category = 1, .source = 1, .own = {}},
                             {.category = 2, .source = 2, .own = {}}};
  snapshot->config.clients = {*Network::parse("127.0.0.0/8")};
  snapshot->config.timeouts = from.timeouts;
  snapshot->config.limits = from.limits;
  snapshot->config.upstream.hosts_file = hosts_path_;
  snapshot->config.upstream.dns_servers = from.dns_servers;
  snapshot->config.upstream.parent = from.parent;
  snapshot->config.who = from.who;
  if (from.allow_loopback) snapshot->config.upstream.allow_networks = {*Network::parse("127.0.0.0/8")};
  return snapshot;
}

void Proxy::reload(ProxyOptions from) {
  options = std::move(from);
  server->reload(make_snapshot(options));
}

std::string Proxy::ask(const std::string& request) const {
  Conn conn = connect();
  conn.send(request);
  return conn.read_response(request.starts_with("HEAD "));
}

std::string get(const std::string& host, std::uint16_t port, const std::string& path,
                const std::string& more) {
  const std::string authority = host + ":" + std::to_string(port);
  return "GET http://" + authority + path + " HTTP/1.1\r\nHost: " + authority + "\r\n" + more + "\r\n";
}

std::string client_hello(const std::string& name) {
  const auto u16 = [](std::size_t n) {
    return std::string{static_cast<char>(n >> 8), static_cast<char>(n & 0xff)};
  };
  std::string extensions;
  if (!name.empty()) {
    const std::string entry = std::string(1, '\0') + u16(name.size()) + name;
    extensions += u16(0) + u16(entry.size() + 2) + u16(entry.size()) + entry;
  }
  std::string body = "\x03\x03" + std::string(32, 'r') + std::string(1, '\0') + u16(2) + "\x13\x01";
  body += std::string("\x01\x00", 2) + u16(extensions.size()) + extensions;
  const std::string message = std::string("\x01\x00", 2) + u16(body.size()) + body;
  return std::string("\x16\x03\x01", 3) + u16(message.size()) + message;
}

}  // namespace schoolgate::test
