// A host's site and hosting platform: parts of its end, the site of a site is itself, and what is below a
// platform is a site of its own there. What a tier opens never holds what is private.
#include <cstdint>
#include <string>

#include "rules/policy/policy.h"
#include "rules/policy/private_sites.h"
#include "rules/url/host.h"
#include "rules/url/public_suffix.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)site_of(text);  // of anything: no crash
  (void)hosting_platform(text);
  Host host;
  if (parse_host(text, host).failed() || host.is_address()) return 0;
  const std::string_view name = host.text, site = site_of(name), platform = hosting_platform(name);
  require(!site.empty() && name.ends_with(site));
  require(site.size() == name.size() || name[name.size() - site.size() - 1] == '.');
  require(site_of(site) == site);
  require(platform.empty() || (name.ends_with(platform) && platform.size() < site.size()));
  require(platform.empty() || hosting_platform(site) == platform);
  InspectOnly only;
  only.hosts = {host.text};
  only.below = {std::string(site)};
  require(only.holds(name) == !private_site(name).has_value());
  require(!InspectOnly().holds(name));
  return 0;
}
