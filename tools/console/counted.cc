#include "tools/console/counted.h"

#include "tools/console/console.h"

namespace schoolgate::tools::counted {

Message errors(std::uint64_t n) {
  return n == 1 ? say("1 error") : say("{} errors", grouped(n));
}

Message warnings(std::uint64_t n) {
  return n == 1 ? say("1 warning") : say("{} warnings", grouped(n));
}

Message tiers(std::uint64_t n) {
  return n == 1 ? say("1 tier") : say("{} tiers", grouped(n));
}

Message lists(std::uint64_t n) {
  return n == 1 ? say("1 list") : say("{} lists", grouped(n));
}

Message domains(std::uint64_t n) {
  return n == 1 ? say("1 domain") : say("{} domains", grouped(n));
}

Message url_rules(std::uint64_t n) {
  return n == 1 ? say("1 URL rule") : say("{} URL rules", grouped(n));
}

Message patterns(std::uint64_t n) {
  return n == 1 ? say("1 pattern") : say("{} patterns", grouped(n));
}

Message networks(std::uint64_t n) {
  return n == 1 ? say("1 network") : say("{} networks", grouped(n));
}

Message lines(std::uint64_t n) {
  return n == 1 ? say("1 line") : say("{} lines", grouped(n));
}

Message descriptors(std::uint64_t n) {
  return n == 1 ? say("1 file descriptor") : say("{} file descriptors", grouped(n));
}

Message days(std::uint64_t n) {
  return n == 1 ? say("1 day") : say("{} days", grouped(n));
}

Message months(std::uint64_t n) {
  return n == 1 ? say("1 month") : say("{} months", grouped(n));
}

Message connections(std::uint64_t n) {
  return n == 1 ? say("1 connection") : say("{} connections", grouped(n));
}

Message clients(std::uint64_t n) {
  return n == 1 ? say("1 client") : say("{} clients", grouped(n));
}

Message tunnels(std::uint64_t n) {
  return n == 1 ? say("1 tunnel") : say("{} tunnels", grouped(n));
}

Message requests(std::uint64_t n) {
  return n == 1 ? say("1 request") : say("{} requests", grouped(n));
}

Message failures(std::uint64_t n) {
  return n == 1 ? say("1 failure") : say("{} failures", grouped(n));
}

Message rows(std::uint64_t n) {
  return n == 1 ? say("1 row") : say("{} rows", grouped(n));
}

}  // namespace schoolgate::tools::counted
