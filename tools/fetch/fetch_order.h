// What is to be fetched, within which bounds, and what came of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
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
  int attempts = 3;  // of a download that is cut and can be gone on with
};

// The way through another proxy, which looks names up and connects: what addresses they have is its business,
// and so only names that the catalogue of lists has are asked of it.
struct ParentRoute {
  std::string proxy;               // "http://host:port"
  std::vector<std::string> names;  // canonical hosts
};

struct FetchOrder {
  std::string from;            // https://...
  std::string inside;          // which file of an archive; "": no archive, or one of a single file
  std::string etag, modified;  // of what is there; "" = fetch it whatever there is
  std::string authorities;     // PEM: who may vouch for the server
  AddressPolicy addresses;     // every hop's address passes it, or is not connected to
  std::vector<LocalAddress> local;
  std::optional<ParentRoute> parent;  // then `addresses` speaks of it alone, and only refuses ourselves
  FetchLimits limits;
};

// Bytes that came before a download was cut, as they came; of what the server called `etag`.
struct PartialDownload {
  std::string path;
  std::string etag;  // "": there are none, and no file
};

// Bytes so far, and in all (0: the server does not say).
using FetchProgress = std::function<void(std::uint64_t, std::uint64_t)>;

struct Fetched {
  bool unchanged = false;  // what is there is what there is; nothing was written
  std::string etag, modified;
};

}  // namespace schoolgate::tools
