// The staff's pages as one object: a request in, a response out. Routes, rights and forms; no socket, no
// file.
#pragma once

#include <utility>

#include "proxy/web/request.h"
#include "proxy/web/sessions.h"
#include "proxy/web/site_options.h"

namespace schoolgate::web {

// Threads: any; answers are made at the same time.
class Site {
 public:
  Site(SiteOptions options, Surroundings around, Sources sources)
      : options_(std::move(options)), around_(std::move(around)), sources_(sources) {}

  // Never throws but for want of memory. Every response has the headers that keep a page to itself.
  [[nodiscard]] Response answer(const Request& request);

 private:
  SiteOptions options_;
  Surroundings around_;
  Sources sources_;
  Sessions sessions_;
  SignInLimit limit_;
};

}  // namespace schoolgate::web
