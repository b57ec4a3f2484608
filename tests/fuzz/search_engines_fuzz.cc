// Engines from a text, and targets: each site is found by its own name and below it, each value of a
// parameter lies within the target, and a target made safe says so once and stays as it is.
// What stands behind a path is a part of it without "/".
//   input: lines "site", "?parameter", "!safe parameter", "#/path/", "/target"
#include <cstdint>
#include <sstream>
#include <string>
#include <vector>

#include "rules/words/search_engines.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

void check_target(const SearchEngine& engine, const std::string& target) {
  Url url;
  if (url.parse("http://a.vn" + target).ok()) {
    bool words = false;
    each_search(engine, url, [&](std::string_view value) {
      words = true;
      require(!value.empty(), "nobody searches for nothing");
    });
    require(!words || engine.sees_words(), "who has neither parameters nor paths sees no words");
  }
  each_parameter(target, engine.words, [&](std::string_view value) {
    require(value.data() >= target.data() && value.data() + value.size() <= target.data() + target.size(),
            "a value is part of the target");
    require(value.find('&') == std::string_view::npos, "a value ends with its parameter");
  });
  const auto safe = safe_target(engine, target);
  if (!safe) return;
  const std::string name[] = {engine.parameter};
  std::size_t said = 0;
  each_parameter(*safe, name, [&](std::string_view value) {
    ++said;
    require(value == engine.parameter_value, "only the safe value is left");
  });
  require(said == 1, "the safe parameter stands once");
  require(!safe_target(engine, *safe), "a safe target stays as it is");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 2000) return 0;
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  SearchEngine engine;
  engine.safe_paths = {"/"};
  engine.parameter_value = "on";
  std::vector<std::string> sites, targets;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('?')) {
      engine.words.push_back(line.substr(1));
    } else if (line.starts_with('!')) {
      if (line.find_first_of("=&%+") == std::string::npos) engine.parameter = line.substr(1);
    } else if (line.starts_with("#/") && line.ends_with('/') && line.size() > 2) {
      engine.paths.push_back(line.substr(1));
    } else if (line.starts_with('/')) {
      targets.push_back(line);
    } else {
      Host host;
      const bool countries = line.ends_with(".<cc>") && sites.size() < 2;
      const std::string name = countries ? line.substr(0, line.size() - 4) + "com" : line;
      if (parse_host(name, host).failed() || host.is_address() || host.text != name) continue;
      sites.push_back(host.text);
      engine.sites.push_back(countries ? line : host.text);
    }
  }
  const SearchEngines engines({engine});
  for (const std::string& site : sites) {
    require(engines.find(HostKeys(site, false)) != nullptr, "a site is found");
    if (site.size() < 240)
      require(engines.find(HostKeys("m." + site, false)) != nullptr, "and what is below it");
  }
  for (const std::string& target : targets) check_target(engine, target);
  return 0;
}
