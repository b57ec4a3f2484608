// How long it takes to parse a URL into its forms: url_bench URLS (a file with one absolute URL a line).
// Prints the median and the best of several rounds over all lines, in nanoseconds per line.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "rules/url.h"

using namespace schoolgate;

namespace {

template <class Work>
void report(const char* what, std::size_t lines, Work work) {
  constexpr int rounds = 9;
  std::vector<double> ns;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    ns.push_back(spent.count() / static_cast<double>(lines));
  }
  std::sort(ns.begin(), ns.end());
  std::printf("%-28s median %7.1f ns   best %7.1f ns   (%zu lines)\n", what, ns[rounds / 2], ns[0], lines);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: url_bench URLS\n");
    return 2;
  }
  std::ifstream file(argv[1]);
  std::vector<std::string> all;
  for (std::string line; std::getline(file, line);) all.push_back(line);
  if (all.empty()) {
    std::fprintf(stderr, "url_bench: no lines in %s\n", argv[1]);
    return 1;
  }
  std::vector<std::string> plain, upper, folded, hosts;
  Url url;
  std::size_t refused = 0;
  for (const std::string& line : all) {
    if (url.parse(line)) {
      ++refused;
      continue;
    }
    hosts.emplace_back(url.host().text);
    if (url.match() != url.forward())
      folded.push_back(line);
    else if (url.match_lower() != url.match())
      upper.push_back(line);
    else
      plain.push_back(line);
  }
  std::printf("%zu of %zu refused\n", refused, all.size());

  std::size_t bytes = 0;  // keeps the work from being optimised away
  const auto parse_all = [&](const std::vector<std::string>& lines) {
    return [&bytes, &url, &lines] {
      for (const std::string& line : lines)
        if (!url.parse(line)) bytes += url.match_lower().size();
    };
  };
  report("all", all.size(), parse_all(all));
  if (!plain.empty()) report("plain", plain.size(), parse_all(plain));
  if (!upper.empty()) report("with upper case", upper.size(), parse_all(upper));
  if (!folded.empty()) report("with escapes or slashes", folded.size(), parse_all(folded));
  report("parse_host", hosts.size(), [&] {
    Host host;
    UrlError error{};
    for (const std::string& name : hosts)
      if (parse_host(name, host, error)) bytes += host.text.size();
  });
  std::printf("(%zu bytes)\n", bytes);
}
