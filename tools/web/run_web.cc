#include "tools/web/run_web.h"

#include <signal.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <ostream>

#include "config/main/local_time.h"
#include "proxy/io/net/wall_clock.h"
#include "proxy/web/site.h"
#include "tools/console/load.h"
#include "tools/daemon/web_desk.h"
#include "tools/web/account_file.h"
#include "tools/web/http_server.h"
#include "tools/web/page_sources.h"
#include "tools/web/passwords.h"

namespace schoolgate::tools {
namespace {

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  for (std::size_t at = 0; at < count;) {
    const ssize_t got = ::getrandom(out.data() + at, count - at, 0);
    if (got > 0) at += static_cast<std::size_t>(got);
  }
  return out;
}

std::string place_of(const AdminPages& pages) {
  const std::string address = pages.address.to_string();
  return pages.address.is_v4() ? address : "[" + address + "]";
}

// What a browser may have in its address line: DNS names led here by others are answered nothing.
std::vector<std::string> hosts_of(const AdminPages& pages) {
  std::vector<std::string> names{place_of(pages)};
  names.insert(names.end(), pages.names.begin(), pages.names.end());
  static const std::optional<Network> loopback = Network::parse("127.0.0.0/8");
  if (pages.address == *IpAddress::parse("::1") || (loopback && loopback->contains(pages.address)))
    names.emplace_back("localhost");
  const std::uint16_t usual = pages.certificate.empty() ? 80 : 443;
  std::vector<std::string> hosts;
  for (const std::string& name : names) {
    hosts.push_back(name + ":" + std::to_string(pages.port));
    if (pages.port == usual) hosts.push_back(name);
  }
  return hosts;
}

int stop_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT}) ::sigaddset(&set, number);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return ::signalfd(-1, &set, SFD_CLOEXEC);
}

}  // namespace

web::Surroundings machine_surroundings() {
  return {.wall_ms = wall_clock_ms,
          .steady_ms =
              [] {
                const auto since = std::chrono::steady_clock::now().time_since_epoch();
                return std::chrono::duration_cast<std::chrono::milliseconds>(since).count();
              },
          .random = random_bytes};
}

std::string pages_address(const AdminPages& pages) {
  const std::string name = pages.names.empty() ? place_of(pages) : pages.names.front();
  return (pages.certificate.empty() ? "http://" : "https://") + name + ":" + std::to_string(pages.port);
}

int run_web(const WebOptions& options, Console& console) {
  const auto config = load_main_file(options.config_file, console);
  if (!config) return exit_config_errors;
  if (!config->admin) {
    console.complain(say("listen: admin: is not set, so there are no pages to serve"));
    return exit_config_errors;
  }
  TimeZone zone;
  if (const auto loaded = TimeZone::load(config->school.time_zone)) zone = *loaded;
  AccountFile accounts(options.accounts);
  if (const auto read = accounts.look(); read.failed()) {
    console.complain(read.error().message);
    return exit_failed;
  }
  YescryptPasswords passwords;
  const auto daemon = running_proxy(web_socket_path(config->control_socket));
  const auto log = log_book(config->log.directory);
  const auto reports = report_maker(*config, zone, web_socket_path(config->control_socket));
  const int stop = stop_signals();  // before any thread
  web::SiteOptions site_options{.school = config->school.name,
                                .version = SCHOOLGATE_VERSION,
                                .language = config->school.language,
                                .zone = zone,
                                .scheme = config->admin->certificate.empty() ? "http" : "https",
                                .hosts = hosts_of(*config->admin)};
  web::Site site(std::move(site_options), machine_surroundings(),
                 {accounts, passwords, *daemon, *log, *reports});
  PagesServer server(*config->admin, [&site](const web::Request& request) { return site.answer(request); });
  if (const auto opened = server.open(); opened.failed()) {
    console.complain(opened.error().message);
    return exit_failed;
  }
  console.print(say("The staff's pages: {}", pages_address(*config->admin)));
  if (accounts.all().empty())
    console.print(say("Nobody has an account yet: schoolgate user add NAME --role admin"));
  console.out.flush();
  server.run(stop);
  ::close(stop);
  return exit_ok;
}

}  // namespace schoolgate::tools
