// bundles.yaml and bundles.d/*.yaml: sites with the hosts that they need.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/text/load_context.h"
#include "rules/policy/bundle.h"
#include "rules/url/ip.h"

namespace schoolgate {

struct Bundles {
  std::vector<Bundle> all;  // in the order of the files
  bool whole = true;        // false: a file could not be read, and the reasons are errors already
  // By id: where what is not a web page of it leads (calls); for holes of the firewall alone.
  std::map<std::string, std::vector<Network>, std::less<>> networks{};

  [[nodiscard]] const Bundle* find(std::string_view id) const noexcept;
};

// Canonical; "" where the text is no name of a host.
[[nodiscard]] std::string host_of_bundle(const std::string& text);
// Everybody's pages, files and scripts lie below it, so that single hosts have to be named.
[[nodiscard]] bool belongs_to_many(std::string_view host);

// Files of hosts (only.d/*.txt, a host a line, # before a remark) as bundles; their id is the file's name.
[[nodiscard]] std::vector<Bundle> read_host_files(const std::string& folder, LoadContext& context);

// `file`: "" = none. Files of the folder come after it; a bundle of the same name there takes the other's
// place.
[[nodiscard]] Bundles read_bundles(const std::string& file, const std::string& folder, LoadContext& context,
                                   const Place& named);

}  // namespace schoolgate
