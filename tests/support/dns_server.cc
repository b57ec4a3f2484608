#include "tests/support/dns_server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace schoolgate::test {
namespace {

void put16(std::string& out, unsigned value) {
  out += static_cast<char>(value >> 8);
  out += static_cast<char>(value & 0xff);
}

// Labels with their lengths before them.
std::string wire_name(const std::string& name) {
  std::string out;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    out += static_cast<char>(end - begin);
    out += name.substr(begin, end - begin);
    begin = end + 1;
  }
  return out + '\0';
}

}  // namespace

DnsServer::DnsServer(Script script)
    : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), script_(std::move(script)) {
  const int room = 4 << 20;  // for a burst of thousands of questions
  if (::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room) != 0)
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof here;
  if (::bind(fd_, reinterpret_cast<sockaddr*>(&here), size) != 0 ||
      ::getsockname(fd_, reinterpret_cast<sockaddr*>(&here), &size) != 0)
    throw std::runtime_error("no test name server");
  port_ = ntohs(here.sin_port);
  thread_ = std::thread([this] { serve(); });
}

DnsServer::~DnsServer() {
  stop_ = true;
  sockaddr_in here{};
  here.sin_family = AF_INET;
  here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  here.sin_port = htons(port_);
  ::sendto(fd_, "x", 1, 0, reinterpret_cast<sockaddr*>(&here), sizeof here);  // wakes the thread
  thread_.join();
  ::close(fd_);
}

std::string DnsServer::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

void DnsServer::serve() {
  std::array<char, 1500> packet;
  while (!stop_) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    const ssize_t got =
        ::recvfrom(fd_, packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 17) continue;
    std::string name;
    std::size_t at = 12;
    while (packet[at] != 0 && at < static_cast<std::size_t>(got)) {
      const auto length = static_cast<std::size_t>(packet[at]);
      name += (name.empty() ? "" : ".") + std::string(packet.data() + at + 1, length);
      at += length + 1;
    }
    for (char& c : name) c = static_cast<char>(c | (c >= 'A' && c <= 'Z' ? 0x20 : 0));
    const bool aaaa = packet[at + 2] == 28;
    {
      const std::lock_guard lock(mutex_);
      ports_.push_back(ntohs(from.sin_port));
    }
    ++queries_;
    const DnsReply reply = script_(name, aaaa);
    if (reply.silent) continue;
    const std::string question(packet.data() + 12, at + 5 - 12);
    std::string out(packet.data(), 2);
    put16(out, 0x8180u | static_cast<unsigned>(reply.rcode));
    put16(out, 1);
    put16(out, static_cast<unsigned>(reply.addresses.size() + reply.aliases.size()));
    put16(out, 0);
    put16(out, 0);
    out += question;
    std::string owner("\xc0\x0c", 2);  // the question's name
    for (const std::string& alias : reply.aliases) {
      const std::string wire = wire_name(alias);
      out += owner;
      put16(out, 5);
      put16(out, 1);
      put16(out, reply.ttl >> 16);
      put16(out, reply.ttl & 0xffff);
      put16(out, static_cast<unsigned>(wire.size()));
      out += wire;
      owner = wire;
    }
    for (const std::string& text : reply.addresses) {
      std::array<char, 16> bytes{};
      ::inet_pton(aaaa ? AF_INET6 : AF_INET, text.c_str(), bytes.data());
      out += owner;
      put16(out, aaaa ? 28 : 1);
      put16(out, 1);
      put16(out, reply.ttl >> 16);
      put16(out, reply.ttl & 0xffff);
      put16(out, aaaa ? 16 : 4);
      out.append(bytes.data(), aaaa ? 16 : 4);
    }
    ::sendto(fd_, out.data(), out.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
  }
}

}  // namespace schoolgate::test
