// URLs within URLs, of every wrapper of the table: few, each a URL that can be judged, and never one that the
// quick look would have missed.
#include <cstdint>
#include <string>

#include "rules/url/host_keys.h"
#include "rules/wrappers/wrapper_hosts.h"
#include "rules/wrappers/wrapper_table.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

// "translate.google.com", "google.com" of "translate.google.<cc> google.<cc>".
std::string name_of(const Wrapper& wrapper) {
  std::string name(wrapper.hosts.substr(0, wrapper.hosts.find(' ')));
  if (const std::size_t mark = name.find("<cc>"); mark != std::string::npos) name.replace(mark, 4, "com");
  return name;
}

// The first parameter of ",a,b,".
std::string parameter_of(const Wrapper& wrapper) {
  if (wrapper.parameters.empty()) return "?";
  return "?" + std::string(wrapper.parameters.substr(1, wrapper.parameters.find(',', 1) - 1)) + "=";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2 || size > 4096) return 0;
  const Wrapper& wrapper = wrappers()[data[0] % wrappers().size()];
  const std::string rest(reinterpret_cast<const char*>(data) + 2, size - 2);
  std::string text = "http://" + name_of(wrapper) + std::string(wrapper.prefix);
  if ((data[1] & 1) != 0) text += parameter_of(wrapper);
  if ((data[1] & 2) != 0) text = "http://" + rest.substr(0, rest.find('/')) + "." + name_of(wrapper) + "/";
  Url url;
  if (url.parse(text + rest).failed()) return 0;

  Unwrapper unwrapper;
  for (const Stage stage : {Stage::request, Stage::host}) {
    Url by_name;
    require(by_name.parse_authority(std::string(url.host().text) + ":443").ok());
    const Url& asked = stage == Stage::host ? by_name : url;
    const Unwrapper::Inner inner = unwrapper.unwrap(asked, stage);
    require(inner.urls.size() <= Unwrapper::max_inner);
    if (!inner.urls.empty() || inner.in_path) require(unwrapper.may_wrap(HostKeys(asked.host())));
    for (const Url& found : inner.urls) {
      require(found.has_path() == (stage == Stage::request));
      Url again;
      if (stage == Stage::request)
        require(again.parse(found.forward()).ok() && again.match() == found.match());
    }
  }
  return 0;
}
