// What the pages are made for, and who makes their parts.
#pragma once

#include <string>
#include <vector>

#include "config/main/config.h"
#include "config/main/local_time.h"
#include "proxy/web/account.h"
#include "proxy/web/sources.h"

namespace schoolgate::web {

struct SiteOptions {
  std::string school, version;
  Language language = Language::vi;
  TimeZone zone{};
  std::string scheme = "http";     // "https" where the listener speaks TLS
  std::vector<std::string> hosts;  // what the field Host may say, lower case, with the port
};

// Who makes the pages' parts; outlive the site.
struct Sources {
  AccountBook& accounts;
  Passwords& passwords;
  Daemon& daemon;
  LogBook& log;
  Reports& reports;
};

}  // namespace schoolgate::web
