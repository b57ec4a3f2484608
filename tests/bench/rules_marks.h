// What the usual tools give for parts of the same work, on the same data in the same run.
#pragma once

#include <re2/filtered_re2.h>
#include <re2/set.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>
#if defined(SCHOOLGATE_ABSL)
#include <absl/container/flat_hash_set.h>
#endif

#include "rules/patterns/match/pattern_re2.h"
#include "rules/url/url.h"
#include "tests/bench/bench_report.h"

namespace schoolgate::bench {

inline void each_line(const std::filesystem::path& path, auto&& take) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) take(std::move(line));
}

// All suffixes of a host, asked of a set of the names.
template <class Set>
Spread mark_set(const char* name, const std::filesystem::path& data, const std::vector<Url>& urls,
                Report& report) {
  Set set;
  each_line(data / "sets/scale.txt", [&](std::string line) { set.insert(std::move(line)); });
  std::string suffix;
  std::size_t sum = 0;
  const auto ask = [&](std::size_t i) {
    const std::string& host = urls[i].host().text;
    for (std::size_t at = 0;;) {
      suffix.assign(host, at);
      sum += set.count(suffix);
      at = host.find('.', at);
      if (at++ == std::string::npos) break;
    }
  };
  const Spread asked = spread(
      urls.size(), [](std::size_t) {}, ask);
  report.spread(name, asked);
  if (sum == 0) std::printf("no hit at all\n");
  return asked;
}

inline void mark_re2_set(const std::vector<std::string>& patterns, const char* name, std::size_t count,
                         const std::vector<Url>& urls, Report& report) {
  RE2::Options options = pattern_options(false);
  options.set_max_mem(256 << 20);
  RE2::Set set(options, RE2::UNANCHORED);
  for (const std::string& pattern : patterns) set.Add(pattern, nullptr);
  set.Compile();
  std::vector<int> ids;
  report.spread(name, spread(
                          std::min(count, urls.size()), [](std::size_t) {},
                          [&](std::size_t i) {
                            ids.clear();
                            const std::string_view subject = urls[i].match();
                            set.Match(re2::StringPiece(subject.data(), subject.size()), &ids);
                          }));
}

// FilteredRE2 with atoms of four and more letters, looked for by their first four in a hash table.
inline Spread mark_filtered_re2(const std::vector<std::string>& patterns, const std::vector<Url>& urls,
                                Report& report) {
  re2::FilteredRE2 filtered(4);
  for (const std::string& pattern : patterns) {
    int id = 0;
    filtered.Add(pattern, pattern_options(false), &id);
  }
  std::vector<std::string> atoms;
  filtered.Compile(&atoms);
  std::unordered_map<std::uint32_t, std::vector<int>> by_first;
  const auto first_of = [](const char* at) {
    std::uint32_t first = 0;
    std::memcpy(&first, at, sizeof first);
    return first;
  };
  for (std::size_t i = 0; i < atoms.size(); ++i)
    by_first[first_of(atoms[i].data())].push_back(static_cast<int>(i));
  std::vector<int> found, ids;
  const auto ask = [&](std::size_t u) {
    const std::string_view lower = urls[u].match_lower();
    found.clear();
    ids.clear();
    for (std::size_t at = 0; at + 4 <= lower.size(); ++at) {
      const auto here = by_first.find(first_of(lower.data() + at));
      if (here == by_first.end()) continue;
      for (const int atom : here->second)
        if (lower.substr(at).starts_with(atoms[static_cast<std::size_t>(atom)])) found.push_back(atom);
    }
    const std::string_view subject = urls[u].match();
    filtered.AllMatches(re2::StringPiece(subject.data(), subject.size()), found, &ids);
  };
  const Spread asked = spread(
      std::min<std::size_t>(20000, urls.size()), [](std::size_t) {}, ask);
  report.spread("FilteredRE2 of all patterns", asked);
  return asked;
}

// squidGuard as Squid has it, a helper that reads requests and writes answers; all domains and URL rules in
// one list each, its best case, without patterns.
inline void mark_squidguard(const std::vector<std::filesystem::path>& domains,
                            const std::vector<std::filesystem::path>& urls, const std::vector<Url>& requests,
                            Report& report) {
  namespace fs = std::filesystem;
  if (!fs::exists("/usr/bin/squidGuard")) return void(std::printf("  squidGuard is not installed\n"));
  std::string folder = (fs::temp_directory_path() / "rules_bench_XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) return;
  const fs::path at(folder);
  fs::create_directories(at / "db/listed");
  const auto gather = [&](const std::vector<fs::path>& files, const char* name) {
    std::unordered_set<std::string> lines;
    for (const fs::path& file : files)
      each_line(file, [&](std::string line) {
        if (line.find(' ') == std::string::npos) lines.insert(std::move(line));
      });
    std::ofstream out(at / "db/listed" / name);
    for (const std::string& line : lines) out << line << '\n';
  };
  gather(domains, "domains");
  gather(urls, "urls");
  std::ofstream(at / "conf")
      << "dbhome " << folder << "/db\nlogdir " << folder
      << "\ndest listed {\n domainlist listed/domains\n urllist listed/urls\n}\nacl {\n"
         " default {\n  pass !listed all\n  redirect http://127.0.0.1/\n }\n}\n";
  constexpr std::size_t count = 20000;
  {
    std::ofstream one(at / "one"), many(at / "many");
    one << "http://example.org/ 10.0.0.1/- - GET\n";
    for (std::size_t i = 0; i < std::min(count, requests.size()); ++i)
      many << "http://" << requests[i].authority() << requests[i].target() << " 10.0.0.1/- - GET\n";
  }
  const auto run = [&](const std::string& arguments) {
    Seconds running;
    const std::string command =
        "chmod -R a+rwX " + folder + "; squidGuard -c " + folder + "/conf " + arguments + " 2>/dev/null";
    const int status = std::system(command.c_str());
    return status == 0 ? running() : 0;
  };
  const double build = run("-C all >/dev/null"), start = run("<" + folder + "/one >/dev/null");
  const double all = run("<" + folder + "/many >" + folder + "/answers");
  std::size_t redirected = 0;
  each_line(at / "answers",
            [&](const std::string& line) { redirected += line.find("127.0.0.1") != line.npos ? 1 : 0; });
  if (redirected == 0) {  // it answers "no" to all when it cannot use its database
    std::printf("  squidGuard blocked nothing: not measured\n");
    fs::remove_all(at);
    return;
  }
  report.figure("squidGuard, build its database", build, "s");
  report.figure("squidGuard, a request, mean", 1e9 * (all - start) / static_cast<double>(count), "ns");
  fs::remove_all(at);
}

}  // namespace schoolgate::bench
