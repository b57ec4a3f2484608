#include "proxy/io/upstream/resolver.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "proxy/io/upstream/dns_aliases.h"
#include "rules/message.h"

namespace schoolgate {

// A c-ares channel, which serves one query at a time.
struct Resolver::Channel {
  explicit Channel(Resolver& owner) : resolver(owner) {}
  ~Channel() {
    if (ares != nullptr) ares_destroy(ares);  // calls back every open query, closes the sockets
  }
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  Resolver& resolver;
  ares_channel ares = nullptr;
  std::uint32_t servers = 0;  // Resolver::servers_epoch_ of its servers
  std::size_t open = 0;       // queries
};

// One of the two queries of a question; c-ares holds its address until it calls back.
struct Resolver::Query {
  Resolver* resolver;
  Channel* channel;
  Question* question;  // null: nobody wants to know any more
  int family;
};

struct Resolver::Question {
  Question(Executor executor, std::string asked, std::uint64_t serial)
      : name(std::move(asked)), number(serial), patience(executor) {}
  const std::string name;
  const std::uint64_t number;  // a timer of an earlier question may still be on its way
  std::vector<Waiter*> waiters;
  Query* queries[2] = {nullptr, nullptr};  // A, AAAA; freed in the callback
  int pending = 0;
  bool incomplete = false;   // no memory for all that was answered
  bool name_denied = false;  // some server said: no such name, or no such record
  std::uint32_t ttl = 0xffffffff;
  std::vector<IpAddress> v4, v6;
  std::vector<std::string> aliases;
  Timer patience;
};

struct Resolver::Watch {
  Watch(Executor executor, Channel& owner, int socket)
      : channel(&owner), fd(socket), descriptor(executor, socket) {}
  Channel* channel;  // lives while the descriptor is watched
  int fd;
  asio::posix::basic_stream_descriptor<Executor> descriptor;
  bool want_read = false, want_write = false;
  bool reading = false, writing = false;
};

namespace {

void init_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS)
      throw std::runtime_error(say("the resolver of names cannot start").english());
  });
}

template <class Ttl>
IpAddress address_of(const Ttl& record) noexcept;
template <>
IpAddress address_of(const ares_addrttl& record) noexcept {
  return IpAddress::v4(ntohl(record.ipaddr.s_addr));
}
template <>
IpAddress address_of(const ares_addr6ttl& record) noexcept {
  IpAddress ip;
  std::memcpy(ip.bytes.data(), &record.ip6addr, ip.bytes.size());
  return ip;
}

constexpr int max_records = 32;
// A channel costs some 75 KB. Beyond these open queries share ports, in turns.
constexpr std::size_t max_channels = 512, idle_channels = 32;

std::unique_ptr<ares_channeldata, decltype(&ares_destroy)> open_channel(ares_options& ares, int mask) {
  ares_channel channel = nullptr;
  if (ares_init_options(&channel, &ares, mask) != ARES_SUCCESS)
    throw std::runtime_error(say("the resolver of names cannot start").english());
  return {channel, &ares_destroy};
}

template <class Record, class Parse>
int read_records(Parse parse, const unsigned char* bytes, int length, std::vector<IpAddress>& out,
                 std::uint32_t& ttl) {
  Record records[max_records];
  int count = max_records;
  hostent* unused = nullptr;
  const int status = parse(bytes, length, &unused, records, &count);
  if (unused != nullptr) ares_free_hostent(unused);
  if (status != ARES_SUCCESS) return status;
  for (int i = 0; i < count; ++i) {
    out.push_back(address_of(records[i]));
    ttl = std::min(ttl, static_cast<std::uint32_t>(std::max(records[i].ttl, 0)));
  }
  return status;
}

std::vector<IpAddress> interleave(const std::vector<IpAddress>& first, const std::vector<IpAddress>& second) {
  std::vector<IpAddress> all;
  all.reserve(first.size() + second.size());
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) all.push_back(first[i]);
    if (i < second.size()) all.push_back(second[i]);
  }
  return all;
}

}  // namespace

Resolver::Resolver(Executor executor, ResolverOptions options)
    : executor_(executor),
      options_(std::move(options)),
      hosts_(read_hosts_file(options_.hosts_file)),
      no_answer_(std::make_shared<const Resolved>()) {
  init_library();
  ares_options none{};
  const auto system = open_channel(none, 0);  // reads resolv.conf
  if (ares_get_servers_ports(system.get(), &system_servers_) != ARES_SUCCESS)
    throw std::runtime_error(say("the resolver of names knows no servers").english());
}

// An idle one, or a new one, with the servers of today. None to be had: one that is in use.
Resolver::Channel& Resolver::take_channel() {
  if (idle_channels_.empty() && channels_.size() >= max_channels)
    return *channels_[shared_next_++ % channels_.size()];
  if (idle_channels_.empty()) {
    idle_channels_.reserve(channels_.size() + 1);  // so that giving one back cannot throw
    channels_.reserve(channels_.size() + 1);
    auto made = std::make_unique<Channel>(*this);
    // All that resolv.conf could say is given, so that it is not read again.
    ares_options ares{};
    ares.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    ares.timeout = static_cast<int>(options_.first_try.count());
    ares.tries = static_cast<int>(options_.tries);
    ares.ndots = 1;
    char lookups[] = "b";
    ares.lookups = lookups;
    ares.sock_state_cb_data = made.get();
    ares.sock_state_cb = [](void* data, ares_socket_t fd, int readable, int writable) {
      auto& channel = *static_cast<Channel*>(data);
      try {
        channel.resolver.on_socket_state(channel, fd, readable != 0, writable != 0);
      } catch (...) {  // no memory: nobody hears the answer, and the query ends by its time
      }
    };
    const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
                     ARES_OPT_LOOKUPS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST | ARES_OPT_SERVERS |
                     ARES_OPT_SOCK_STATE_CB;
    made->ares = open_channel(ares, mask).release();
    idle_channels_.push_back(made.get());
    channels_.push_back(std::move(made));
  }
  Channel& channel = *idle_channels_.back();
  if (channel.servers != servers_epoch_) {
    std::string list;
    for (const std::string& server : options_.servers) list += (list.empty() ? "" : ",") + server;
    const int set = list.empty() ? ares_set_servers_ports(channel.ares, system_servers_)
                                 : ares_set_servers_ports_csv(channel.ares, list.c_str());
    if (set != ARES_SUCCESS)
      throw std::runtime_error(
          say("the resolver of names takes none of the servers (dns_servers)").english());
    channel.servers = servers_epoch_;
  }
  idle_channels_.pop_back();
  return channel;
}

void Resolver::reconfigure(std::vector<std::string> servers, std::string hosts_file, bool ipv6) {
  options_.ipv6 = ipv6;
  options_.hosts_file = std::move(hosts_file);
  hosts_ = read_hosts_file(options_.hosts_file);
  ages_.clear();
  cache_.clear();
  if (servers == options_.servers) return;
  options_.servers = std::move(servers);
  ++servers_epoch_;
}

Resolver::~Resolver() {
  for (auto& [name, question] : questions_)
    for (Query* query : question->queries)
      if (query != nullptr) query->question = nullptr;
  channels_.clear();
  ares_free_data(system_servers_);
}

ResolvedPtr Resolver::find_fixed(std::string_view host) const {
  const auto fixed = hosts_.find(std::string(host));
  if (fixed == hosts_.end()) return nullptr;
  auto resolved = std::make_shared<Resolved>();
  resolved->status = Resolved::Status::ok;
  std::vector<IpAddress> v4, v6;
  for (const IpAddress& address : fixed->second) (address.is_v4() ? v4 : v6).push_back(address);
  resolved->addresses = interleave(v6, v4);
  return resolved;
}

ResolvedPtr Resolver::find(std::string_view host) {
  if (ResolvedPtr fixed = find_fixed(host)) return fixed;
  const std::string name(host);
  const auto known = cache_.find(name);
  if (known == cache_.end()) return nullptr;
  if (known->second.expires <= now_) {
    ages_.erase(known->second.age);
    cache_.erase(known);
    return nullptr;
  }
  ages_.splice(ages_.end(), ages_, known->second.age);
  return known->second.resolved;
}

Task<void> Resolver::ask(std::string host, Waiter& waiter) {
  waiter.name_ = host;
  auto found = questions_.find(host);
  const bool fresh = found == questions_.end();
  if (fresh) {
    auto made = std::make_unique<Question>(executor_, host, ++questions_asked_);
    found = questions_.emplace(std::move(host), std::move(made)).first;
  }
  Question& question = *found->second;
  try {
    question.waiters.push_back(&waiter);
  } catch (...) {
    if (fresh) questions_.erase(found);
    throw;
  }
  waiter.waiting_ = true;
  // Without memory even to wait it is taken out again: its place is in the coroutine's frame.
  struct Forget {
    Resolver& resolver;
    Waiter& waiter;
    ~Forget() {
      if (waiter.waiting_) resolver.forget(waiter);
    }
  };
  const Forget forget_if_thrown{*this, waiter};
  if (fresh)
    start(question);  // may be answered at once; the waiter is woken through the executor all the same
  if (!waiter.event_.is_set()) co_await waiter.event_.wait();
}

void Resolver::cancel(Waiter& waiter) noexcept {
  if (!waiter.waiting_) return;
  const auto found = questions_.find(waiter.name_);
  if (found == questions_.end()) return;  // being woken
  auto& waiters = found->second->waiters;
  const auto place = std::find(waiters.begin(), waiters.end(), &waiter);
  if (place == waiters.end()) return;
  waiters.erase(place);
  wake_later(waiter);
}

void Resolver::forget(Waiter& waiter) noexcept {
  if (const auto found = questions_.find(waiter.name_); found != questions_.end())
    std::erase(found->second->waiters, &waiter);
  Waiter* before = nullptr;
  for (Waiter* one = ready_first_; one != nullptr; before = one, one = one->next_ready_) {
    if (one != &waiter) continue;
    (before != nullptr ? before->next_ready_ : ready_first_) = waiter.next_ready_;
    if (ready_last_ == &waiter) ready_last_ = before;
    return;
  }
}

void Resolver::wake_later(Waiter& waiter) noexcept {
  waiter.next_ready_ = nullptr;
  (ready_last_ != nullptr ? ready_last_->next_ready_ : ready_first_) = &waiter;
  const bool first = ready_last_ == nullptr;
  ready_last_ = &waiter;
  if (!first) return;
  // Not inside c-ares' callback: whoever wakes may ask the next question at once.
  try {
    asio::post(executor_, [this] { wake_ready(); });
  } catch (...) {  // no memory: tick() does it
  }
}

void Resolver::wake_ready() {
  while (ready_first_ != nullptr) {
    Waiter& one = *std::exchange(ready_first_, ready_first_->next_ready_);
    if (ready_first_ == nullptr) ready_last_ = nullptr;
    one.waiting_ = false;
    one.event_.set();
  }
}

// Without memory for all of its queries it waits for those that have begun; for none: no answer.
void Resolver::start(Question& question) {
  const int families[2] = {AF_INET, AF_INET6};
  const int count = options_.ipv6 ? 2 : 1;
  Query* queries[2] = {nullptr, nullptr};
  try {
    for (int i = 0; i < count; ++i) {
      auto query = std::make_unique<Query>(
          Query{.resolver = this, .channel = nullptr, .question = &question, .family = families[i]});
      query->channel = &take_channel();
      ++query->channel->open;
      queries[i] = question.queries[i] = query.release();
      ++question.pending;
    }
  } catch (...) {
  }
  if (question.pending == 0) return finish(question);
  // The last callback destroys `question`: nothing of it is touched after that query.
  char name[256];
  const std::size_t length = std::min(question.name.size(), sizeof name - 1);
  std::memcpy(name, question.name.data(), length);
  name[length] = '\0';
  for (Query* query : queries) {
    if (query == nullptr) continue;
    ++queries_sent_;
    ares_query(
        query->channel->ares, name, ns_c_in, query->family == AF_INET ? ns_t_a : ns_t_aaaa,
        [](void* arg, int status, int, unsigned char* bytes, int size) {
          auto* done = static_cast<Query*>(arg);
          done->resolver->on_query_done(*done, status, bytes, size);
        },
        query);
  }
}

void Resolver::on_query_done(Query& finished, int status, const unsigned char* bytes, int length) noexcept {
  const std::unique_ptr<Query> query(&finished);
  if (--query->channel->open == 0) idle_channels_.push_back(query->channel);
  Question* question = query->question;
  if (question == nullptr) return;
  question->queries[query->family == AF_INET ? 0 : 1] = nullptr;
  --question->pending;
  try {
    read_response(*query, status, bytes, length);
    // RFC 8305 3: an address in hand waits only a little for the other family.
    if (question->pending == 0) return finish(*question);
    if (question->v4.empty() && question->v6.empty()) return;
    question->patience.expires_after(options_.aaaa_patience);
    question->patience.async_wait([this, name = question->name, number = question->number](error_code error) {
      if (error) return;
      const auto found = questions_.find(name);
      if (found != questions_.end() && found->second->number == number) finish(*found->second);
    });
  } catch (...) {  // no memory: an answer without all of its names and addresses must not be judged
    question->incomplete = true;
    finish(*question);
  }
}

void Resolver::read_response(Query& query, int status, const unsigned char* bytes, int length) {
  Question& question = *query.question;
  if (status == ARES_SUCCESS && !add_dns_aliases(bytes, length, question.aliases)) status = ARES_EBADRESP;
  if (status == ARES_SUCCESS) {
    status =
        query.family == AF_INET
            ? read_records<ares_addrttl>(ares_parse_a_reply, bytes, length, question.v4, question.ttl)
            : read_records<ares_addr6ttl>(ares_parse_aaaa_reply, bytes, length, question.v6, question.ttl);
  }
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME)
    question.name_denied = true;
}

ResolvedPtr Resolver::resolved_of(Question& question, std::uint32_t& ttl) const {
  auto resolved = std::make_shared<Resolved>();
  resolved->addresses = interleave(question.v6, question.v4);
  resolved->aliases = std::move(question.aliases);
  ttl = std::clamp(question.ttl, options_.min_ttl, options_.max_ttl);
  if (!resolved->addresses.empty()) {
    resolved->status = Resolved::Status::ok;
  } else {
    resolved->status = question.name_denied ? Resolved::Status::no_such_name : Resolved::Status::no_answer;
    ttl = question.name_denied ? options_.negative_ttl : options_.failure_ttl;
  }
  return resolved;
}

void Resolver::finish(Question& question) noexcept {
  for (Query* query : question.queries)
    if (query != nullptr) query->question = nullptr;
  ResolvedPtr resolved = no_answer_;
  std::uint32_t ttl = 0;
  try {
    if (!question.incomplete) resolved = resolved_of(question, ttl);
  } catch (...) {
  }
  const auto node = questions_.extract(question.name);
  for (Waiter* waiter : node.mapped()->waiters) {
    waiter->resolved_ = resolved;
    wake_later(*waiter);
  }
  if (resolved == no_answer_) return;
  try {
    remember(node.key(), std::move(resolved), ttl);
  } catch (...) {  // it is asked again
  }
}

void Resolver::remember(const std::string& name, ResolvedPtr resolved, std::uint32_t ttl) {
  if (options_.cache_entries == 0) return;
  if (const auto old = cache_.find(name); old != cache_.end()) {
    ages_.erase(old->second.age);
    cache_.erase(old);
  }
  while (cache_.size() >= options_.cache_entries) {
    const std::string oldest = *ages_.front();
    ages_.pop_front();
    cache_.erase(oldest);
  }
  const auto age = ages_.insert(ages_.end(), nullptr);
  try {
    const auto place = cache_.emplace(name, Cached{std::move(resolved), now_ + ttl, age}).first;
    *age = &place->first;
  } catch (...) {
    ages_.erase(age);
    throw;
  }
}

void Resolver::on_socket_state(Channel& channel, int fd, bool readable, bool writable) {
  const auto found = watches_.find(fd);
  if (!readable && !writable) {
    if (found == watches_.end()) return;
    // c-ares is about to close it. The watch lives on while a handler of its own is running.
    found->second->want_read = found->second->want_write = false;
    found->second->descriptor.release();
    watches_.erase(found);
    return;
  }
  std::shared_ptr<Watch> keep;
  if (found != watches_.end()) {
    keep = found->second;
  } else {
    // Registered for events before it has its place: who fails leaves c-ares' socket open.
    keep = std::make_shared<Watch>(executor_, channel, fd);
    try {
      watches_.emplace(fd, keep);
    } catch (...) {
      keep->descriptor.release();
      throw;
    }
  }
  keep->want_read = readable;
  keep->want_write = writable;
  if (readable && !keep->reading) wait_readable(keep);
  if (writable && !keep->writing) wait_writable(keep);
}

void Resolver::wait_readable(const std::shared_ptr<Watch>& watch) {
  watch->descriptor.async_wait(asio::posix::descriptor_base::wait_read, [this, watch](error_code error) {
    watch->reading = false;
    if (error || !watch->want_read) return;
    ares_process_fd(watch->channel->ares, watch->fd, ARES_SOCKET_BAD);
    if (watch->want_read && !watch->reading) wait_readable(watch);
  });
  watch->reading = true;
}

void Resolver::wait_writable(const std::shared_ptr<Watch>& watch) {
  watch->descriptor.async_wait(asio::posix::descriptor_base::wait_write, [this, watch](error_code error) {
    watch->writing = false;
    if (error || !watch->want_write) return;
    ares_process_fd(watch->channel->ares, ARES_SOCKET_BAD, watch->fd);
    if (watch->want_write && !watch->writing) wait_writable(watch);
  });
  watch->writing = true;
}

void Resolver::tick() {
  ++now_;
  // By index: what waited may ask anew, and make a channel.
  for (std::size_t i = 0; i < channels_.size(); ++i)
    if (channels_[i]->open > 0) ares_process_fd(channels_[i]->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  if (ready_first_ != nullptr) wake_ready();
  trim_channels();
}

// A burst's channels go when it is over, some each second.
void Resolver::trim_channels() noexcept {
  for (std::size_t gone = 0; gone < idle_channels && idle_channels_.size() > idle_channels; ++gone) {
    Channel* const channel = idle_channels_.back();
    idle_channels_.pop_back();
    const auto same = [&](const std::unique_ptr<Channel>& one) { return one.get() == channel; };
    channels_.erase(std::find_if(channels_.begin(), channels_.end(), same));
  }
}

}  // namespace schoolgate
