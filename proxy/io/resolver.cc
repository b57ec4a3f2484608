#include "proxy/io/resolver.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <netdb.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include "proxy/io/dns_aliases.h"

namespace schoolgate {

// One of the two queries of a question; c-ares holds its address until it calls back.
struct Resolver::Query {
  Resolver* resolver;
  Question* question;  // null: nobody wants to know any more
  int family;
  bool done = false;
};

struct Resolver::Question {
  explicit Question(Executor executor) : patience(executor) {}
  std::string name;
  std::vector<Waiter*> waiters;
  Query* queries[2] = {nullptr, nullptr};  // A, AAAA; freed in the callback
  int pending = 0;
  bool name_denied = false;  // some server said: no such name, or no such record
  std::uint32_t ttl = 0xffffffff;
  std::vector<IpAddress> v4, v6;
  std::vector<std::string> aliases;
  Timer patience;
};

struct Resolver::Watch {
  Watch(Executor executor, int socket) : fd(socket), descriptor(executor, socket) {}
  int fd;
  asio::posix::basic_stream_descriptor<Executor> descriptor;
  bool want_read = false, want_write = false;
  bool reading = false, writing = false;
};

namespace {

void init_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    if (ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) throw std::runtime_error("c-ares cannot start");
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
    : executor_(executor), options_(std::move(options)), hosts_(read_hosts_file(options_.hosts_file)) {
  init_library();
  ares_options ares{};
  ares.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  ares.timeout = static_cast<int>(options_.first_try.count());
  ares.tries = static_cast<int>(options_.tries);
  // Answers to a burst (a reload empties the cache) must not overflow the socket; the kernel may give less.
  ares.socket_receive_buffer_size = 1 << 20;
  char lookups[] = "b";
  ares.lookups = lookups;
  ares.sock_state_cb_data = this;
  ares.sock_state_cb = [](void* self, ares_socket_t fd, int readable, int writable) {
    static_cast<Resolver*>(self)->on_socket_state(fd, readable != 0, writable != 0);
  };
  const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
                   ARES_OPT_SOCK_STATE_CB | ARES_OPT_SOCK_RCVBUF;
  if (ares_init_options(&channel_, &ares, mask) != ARES_SUCCESS)
    throw std::runtime_error("c-ares cannot start");
  if (ares_get_servers_ports(channel_, &system_servers_) != ARES_SUCCESS)
    throw std::runtime_error("c-ares knows no servers");
  apply_servers();
}

// c-ares refuses this while queries are open; tick() tries again.
void Resolver::apply_servers() {
  std::string list;
  for (const std::string& server : options_.servers) list += (list.empty() ? "" : ",") + server;
  const int set = list.empty() ? ares_set_servers_ports(channel_, system_servers_)
                               : ares_set_servers_ports_csv(channel_, list.c_str());
  servers_pending_ = set != ARES_SUCCESS;
}

void Resolver::reconfigure(std::vector<std::string> servers, std::string hosts_file, bool ipv6) {
  options_.ipv6 = ipv6;
  options_.hosts_file = std::move(hosts_file);
  hosts_ = read_hosts_file(options_.hosts_file);
  ages_.clear();
  cache_.clear();
  if (servers == options_.servers) return;
  options_.servers = std::move(servers);
  apply_servers();
}

Resolver::~Resolver() {
  for (auto& [name, question] : questions_)
    for (Query* query : question->queries)
      if (query != nullptr) query->question = nullptr;
  ares_free_data(system_servers_);
  ares_destroy(channel_);  // calls back every open query, closes the sockets through on_socket_state
}

AnswerPtr Resolver::find_fixed(std::string_view host) const {
  const auto fixed = hosts_.find(std::string(host));
  if (fixed == hosts_.end()) return nullptr;
  auto answer = std::make_shared<Answer>();
  answer->status = Answer::Status::ok;
  std::vector<IpAddress> v4, v6;
  for (const IpAddress& address : fixed->second) (address.is_v4() ? v4 : v6).push_back(address);
  answer->addresses = interleave(v6, v4);
  return answer;
}

AnswerPtr Resolver::find(std::string_view host) {
  if (AnswerPtr fixed = find_fixed(host)) return fixed;
  const std::string name(host);
  const auto known = cache_.find(name);
  if (known == cache_.end()) return nullptr;
  if (known->second.expires <= now_) {
    ages_.erase(known->second.age);
    cache_.erase(known);
    return nullptr;
  }
  ages_.splice(ages_.end(), ages_, known->second.age);
  return known->second.answer;
}

Task<void> Resolver::ask(std::string host, Waiter& waiter) {
  waiter.waiting_ = true;
  waiter.name_ = host;
  auto& slot = questions_[host];
  const bool fresh = slot == nullptr;
  if (fresh) {
    slot = std::make_unique<Question>(executor_);
    slot->name = std::move(host);
  }
  slot->waiters.push_back(&waiter);
  if (fresh) start(*slot);  // may be answered at once; the waiter is woken through the executor all the same
  if (!waiter.event_.is_set()) co_await waiter.event_.wait();
}

void Resolver::cancel(Waiter& waiter) {
  if (!waiter.waiting_) return;
  const auto found = questions_.find(waiter.name_);
  if (found == questions_.end()) return;  // being woken
  auto& waiters = found->second->waiters;
  const auto place = std::find(waiters.begin(), waiters.end(), &waiter);
  if (place == waiters.end()) return;
  waiters.erase(place);
  wake_later(waiter);
}

void Resolver::wake_later(Waiter& waiter) {
  ready_.push_back(&waiter);
  if (ready_.size() > 1) return;
  // Not inside c-ares' callback: whoever wakes may ask the next question at once.
  asio::post(executor_, [this] {
    const std::vector<Waiter*> woken = std::exchange(ready_, {});
    for (Waiter* one : woken) {
      one->waiting_ = false;
      one->event_.set();
    }
  });
}

void Resolver::start(Question& question) {
  const int families[2] = {AF_INET, AF_INET6};
  const int count = options_.ipv6 ? 2 : 1;
  question.pending = count;
  for (int i = 0; i < count; ++i)
    question.queries[i] = new Query{.resolver = this, .question = &question, .family = families[i]};
  // The last callback destroys `question`: nothing of it is touched after that query.
  Query* const queries[2] = {question.queries[0], question.queries[1]};
  const std::string name = question.name;
  for (int i = 0; i < count; ++i) {
    ++queries_sent_;
    ares_query(
        channel_, name.c_str(), ns_c_in, families[i] == AF_INET ? ns_t_a : ns_t_aaaa,
        [](void* arg, int status, int, unsigned char* bytes, int length) {
          auto* query = static_cast<Query*>(arg);
          query->resolver->on_query_done(*query, status, bytes, length);
        },
        queries[i]);
  }
}

void Resolver::on_query_done(Query& finished, int status, const unsigned char* bytes, int length) {
  const std::unique_ptr<Query> query(&finished);
  Question* question = query->question;
  if (question == nullptr) return;
  const bool v4 = query->family == AF_INET;
  question->queries[v4 ? 0 : 1] = nullptr;
  if (status == ARES_SUCCESS && !add_dns_aliases(bytes, length, question->aliases)) status = ARES_EBADRESP;
  if (status == ARES_SUCCESS) {
    status =
        v4 ? read_records<ares_addrttl>(ares_parse_a_reply, bytes, length, question->v4, question->ttl)
           : read_records<ares_addr6ttl>(ares_parse_aaaa_reply, bytes, length, question->v6, question->ttl);
  }
  if (status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME)
    question->name_denied = true;
  --question->pending;
  // RFC 8305 3: an address in hand waits only a little for the other family.
  if (question->pending == 0) return finish(*question);
  if (question->v4.empty() && question->v6.empty()) return;
  question->patience.expires_after(options_.aaaa_patience);
  question->patience.async_wait([this, name = question->name](error_code error) {
    if (error) return;
    const auto found = questions_.find(name);
    if (found != questions_.end()) finish(*found->second);
  });
}

void Resolver::finish(Question& question) {
  auto answer = std::make_shared<Answer>();
  answer->addresses = interleave(question.v6, question.v4);
  answer->aliases = std::move(question.aliases);
  std::uint32_t ttl = std::clamp(question.ttl, options_.min_ttl, options_.max_ttl);
  if (!answer->addresses.empty()) {
    answer->status = Answer::Status::ok;
  } else {
    answer->status = question.name_denied ? Answer::Status::no_such_name : Answer::Status::no_answer;
    ttl = question.name_denied ? options_.negative_ttl : options_.failure_ttl;
  }
  for (Query* query : question.queries)
    if (query != nullptr) query->question = nullptr;
  const auto node = questions_.extract(question.name);
  for (Waiter* waiter : node.mapped()->waiters) {
    waiter->answer_ = answer;
    wake_later(*waiter);
  }
  remember(node.key(), std::move(answer), ttl);
}

void Resolver::remember(const std::string& name, AnswerPtr answer, std::uint32_t ttl) {
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
  const auto place = cache_.emplace(name, Cached{std::move(answer), now_ + ttl, {}}).first;
  place->second.age = ages_.insert(ages_.end(), &place->first);
}

void Resolver::on_socket_state(int fd, bool readable, bool writable) {
  auto& watch = watches_[fd];
  if (!readable && !writable) {
    // c-ares is about to close it. The watch lives on while a handler of its own is running.
    if (watch != nullptr) {
      watch->want_read = watch->want_write = false;
      watch->descriptor.release();
    }
    watches_.erase(fd);
    return;
  }
  if (watch == nullptr) watch = std::make_shared<Watch>(executor_, fd);
  watch->want_read = readable;
  watch->want_write = writable;
  const std::shared_ptr<Watch> keep = watch;
  if (readable && !keep->reading) wait_readable(keep);
  if (writable && !keep->writing) wait_writable(keep);
}

void Resolver::wait_readable(const std::shared_ptr<Watch>& watch) {
  watch->reading = true;
  watch->descriptor.async_wait(asio::posix::descriptor_base::wait_read, [this, watch](error_code error) {
    watch->reading = false;
    if (error || !watch->want_read) return;
    ares_process_fd(channel_, watch->fd, ARES_SOCKET_BAD);
    if (watch->want_read && !watch->reading) wait_readable(watch);
  });
}

void Resolver::wait_writable(const std::shared_ptr<Watch>& watch) {
  watch->writing = true;
  watch->descriptor.async_wait(asio::posix::descriptor_base::wait_write, [this, watch](error_code error) {
    watch->writing = false;
    if (error || !watch->want_write) return;
    ares_process_fd(channel_, ARES_SOCKET_BAD, watch->fd);
    if (watch->want_write && !watch->writing) wait_writable(watch);
  });
}

void Resolver::tick() {
  ++now_;
  ares_process_fd(channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
  if (servers_pending_) apply_servers();
}

}  // namespace schoolgate
