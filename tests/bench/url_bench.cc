// How long it takes to parse a URL into its forms: url_bench URLS (a file with one absolute URL a line).
// Prints nanoseconds per line.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "rules/url/url.h"

using namespace schoolgate;

namespace {

// Times `work(line)` over chunks of lines that are in the cache, as a request line is when it has just been
// read; a chunk is short against a time slice, so that a busy machine disturbs few of them.
template <class Work>
void report(const char* what, const std::vector<std::string>& lines, Work work) {
  constexpr std::size_t chunk = 500;
  constexpr int rounds = 3;
  std::vector<double> ns;
  for (int round = 0; round < rounds; ++round)
    for (std::size_t begin = 0; begin + chunk <= lines.size(); begin += chunk) {
      for (std::size_t i = begin; i < begin + chunk; ++i) work(lines[i]);
      const auto start = std::chrono::steady_clock::now();
      for (std::size_t i = begin; i < begin + chunk; ++i) work(lines[i]);
      const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
      ns.push_back(spent.count() / chunk);
    }
  if (ns.empty()) return;
  std::sort(ns.begin(), ns.end());
  std::printf("%-28s median %7.1f ns   10th percentile %7.1f ns   (%zu lines)\n", what, ns[ns.size() / 2],
              ns[ns.size() / 10], lines.size());
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
    if (url.parse(line).failed()) {
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
  const auto parse = [&](const std::string& line) {
    if (url.parse(line).ok()) bytes += url.match_lower().size();
  };
  report("all", all, parse);
  report("plain", plain, parse);
  report("with upper case", upper, parse);
  report("with escapes or slashes", folded, parse);
  Host host;
  report("parse_host", hosts, [&](const std::string& name) {
    if (parse_host(name, host).ok()) bytes += host.text.size();
  });
  std::printf("(%zu bytes)\n", bytes);
}
