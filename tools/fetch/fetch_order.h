// What is to be fetched, within which bounds, and what came of it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "proxy/io/upstream/address_policy.h"
#include "tools/fetch/list_body.h"

namespace schoolgate::tools {

struct FetchLimits {
  BodyLimits body;
  std::chrono::seconds connect{15};
  std::chrono::seconds silence{30};  // less than 100 bytes a second
  std::chrono::seconds all{300};
  int redirects = 5;
};

struct FetchOrder {
  std::string from;            // https://...
  std::string etag, modified;  // of what is there; "" = fetch it whatever there is
  std::string authorities;     // PEM: who may vouch for the server
  AddressPolicy addresses;     // every hop's address passes it, or is not connected to
  std::vector<LocalAddress> local;
  FetchLimits limits;
};

struct Fetched {
  bool unchanged = false;  // what is there is what there is; nothing was written
  std::string etag, modified;
};

}  // namespace schoolgate::tools
