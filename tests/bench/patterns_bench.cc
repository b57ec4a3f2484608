// The pattern stage alone, over a trace in order, one thread:
//   patterns_bench --data DIR [--patterns FILE]... [--urls N] [--passes N] [--compare] [--busy]
// DIR holds patterns/p_real.txt, patterns/p_10000.txt (one RE2 a line) and trace/trace.tsv (scheme, host,
// path).
#include <re2/filtered_re2.h>
#include <re2/set.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

#include "rules/patterns/build/index_builder.h"
#include "rules/patterns/match/index_matcher.h"

using namespace schoolgate;
using Clock = std::chrono::steady_clock;

namespace {

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::vector<Pattern> read_patterns(const std::vector<std::string>& files) {
  std::vector<Pattern> out;
  for (const std::string& file : files) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);)
      if (!line.empty() && check_pattern(line, false).ok()) out.push_back({line, PatternTarget::url, false});
  }
  return out;
}

std::vector<std::string> read_urls(const std::string& file, std::size_t limit) {
  std::vector<std::string> out;
  std::ifstream in(file);
  for (std::string line; out.size() < limit && std::getline(in, line);) {
    const std::size_t a = line.find('\t'), b = line.find('\t', a + 1), c = line.find('\t', b + 1);
    if (c == std::string::npos) continue;
    out.push_back(line.substr(0, a) + "://" + line.substr(a + 1, b - a - 1) + line.substr(b + 1, c - b - 1));
  }
  return out;
}

struct alignas(64) Line {
  std::byte bytes[64];
};

struct Timing {
  std::vector<double> ns;
  void print(const char* name) {
    if (ns.empty()) return;
    double sum = 0;
    for (const double v : ns) sum += v;
    std::sort(ns.begin(), ns.end());
    const auto at = [&](double q) {
      return ns[std::min(ns.size() - 1, static_cast<std::size_t>(q * static_cast<double>(ns.size())))];
    };
    std::printf("%-28s median %7.0f  mean %7.0f  p90 %7.0f  p99 %7.0f  max %9.0f ns\n", name, at(0.5),
                sum / static_cast<double>(ns.size()), at(0.9), at(0.99), ns.back());
  }
};

template <class F>
Timing time_each(const std::vector<std::string>& urls, std::size_t count, F ask) {
  Timing out;
  for (std::size_t i = 0; i < std::min(count, urls.size()); ++i) {
    const auto start = Clock::now();
    ask(urls[i]);
    out.ns.push_back(std::chrono::duration<double, std::nano>(Clock::now() - start).count());
  }
  return out;
}

void compare(const std::vector<Pattern>& patterns, const std::vector<std::string>& urls) {
  RE2::Options options = pattern_options(false);
  options.set_max_mem(256 << 20);
  auto start = Clock::now();
  RE2::Set set(options, RE2::UNANCHORED);
  for (const Pattern& p : patterns) set.Add(p.text, nullptr);
  set.Compile();
  std::printf("RE2::Set with 256 MiB: built in %.0f ms\n", ms_since(start));
  std::vector<int> ids;
  time_each(urls, 300, [&](const std::string& url) { set.Match(url, &ids); }).print("  RE2::Set, first 300");
  start = Clock::now();
  re2::FilteredRE2 filtered(4);
  for (const Pattern& p : patterns) {
    int id = 0;
    filtered.Add(p.text, pattern_options(false), &id);
  }
  std::vector<std::string> atoms;
  filtered.Compile(&atoms);
  std::printf("FilteredRE2: built in %.0f ms, %zu atoms that the caller has to look for\n", ms_since(start),
              atoms.size());
}

void print_busy(const std::vector<Pattern>& patterns, const std::vector<std::string>& urls,
                pattern::IndexMatcher& scanner) {
  std::vector<std::uint32_t> ids;
  std::map<std::uint32_t, int> matches;
  for (const std::string& url : urls) {
    ids.clear();
    (void)scanner.match(PatternTarget::url, url, ids);
    for (const std::uint32_t id : ids) ++matches[id];
  }
  std::vector<std::pair<int, std::uint32_t>> order;
  for (const auto& [id, n] : matches) order.emplace_back(n, id);
  std::sort(order.rbegin(), order.rend());
  for (std::size_t i = 0; i < std::min<std::size_t>(25, order.size()); ++i)
    std::printf("%8d  %.90s\n", order[i].first, patterns[order[i].second].text.c_str());
}

}  // namespace

int main(int argc, char** argv) {
  std::string data;
  std::vector<std::string> files;
  std::size_t limit = 300'000;
  bool with_compare = false, busy = false;
  int passes = 7;
  for (int i = 1; i < argc; ++i) {
    const std::string arg = argv[i];
    if (arg == "--data" && i + 1 < argc)
      data = argv[++i];
    else if (arg == "--patterns" && i + 1 < argc)
      files.push_back(argv[++i]);
    else if (arg == "--urls" && i + 1 < argc)
      limit = std::stoul(argv[++i]);
    else if (arg == "--passes" && i + 1 < argc)
      passes = std::stoi(argv[++i]);
    else if (arg == "--compare")
      with_compare = true;
    else if (arg == "--busy")
      busy = true;
    else
      data.clear();
  }
  if (data.empty()) {
    std::puts(
        "usage: patterns_bench --data DIR [--patterns FILE]... [--urls N] [--passes N] [--compare] [--busy]");
    return 2;
  }
  if (files.empty()) files = {data + "/patterns/p_real.txt", data + "/patterns/p_10000.txt"};
  const auto patterns = read_patterns(files);
  const auto urls = read_urls(data + "/trace/trace.tsv", limit);
  std::printf("%zu patterns, %zu URLs\n", patterns.size(), urls.size());

  auto start = Clock::now();
  const auto untested = pattern::assemble_index(patterns, {});
  std::printf("assembled in %.0f ms, %.2f MiB", ms_since(start),
              static_cast<double>(untested.size()) / (1 << 20));
  start = Clock::now();
  const auto disagreements = pattern::disagreements(patterns, untested);
  std::printf(", compared with RE2: %zu disagreements in %.0f ms\n", disagreements.size(), ms_since(start));
  for (const std::uint32_t id : disagreements)
    std::printf("  disagrees: %.160s\n", patterns[id].text.c_str());
  std::vector<Line> lines((untested.size() + sizeof(Line) - 1) /
                          sizeof(Line));  // aligned as in a rule database
  std::memcpy(lines.data(), untested.data(), untested.size());
  start = Clock::now();
  const auto index = *PatternIndex::open(std::as_bytes(std::span(lines)));
  std::printf("opened in %.2f ms", ms_since(start));
  start = Clock::now();
  pattern::IndexMatcher scanner(index);
  std::printf(", matcher made in %.3f ms\n", ms_since(start));
  std::size_t weak = 0;
  for (std::uint32_t id = 0; id < index->size(); ++id) weak += index->weak(id) ? 1 : 0;
  const pattern::IndexView& view = index->view();
  const auto& tables = view.tables[static_cast<std::size_t>(PatternTarget::url)];
  std::printf(
      "weak %zu: scanners %zu, always RE2 %zu; records %zu, filter %zu KiB, slots %zu KiB, programs %zu "
      "KiB\n",
      weak, tables.scanners.size(), tables.always.size(), view.records.size(),
      tables.filter_words.size_bytes() >> 10, tables.slots.size_bytes() >> 10, view.words.size_bytes() >> 10);
  if (busy)
    for (const pattern::ScannerEntry& entry : tables.scanners)
      std::printf("  scanner: %u states, %u classes, ends %u\n", view.words[entry.program + 1],
                  view.words[entry.program + 2], view.words[entry.program + 3]);
  if (busy)
    for (const std::uint32_t id : tables.always)
      std::printf("  always RE2: %.160s\n", patterns[id].text.c_str());
  if (busy)
    for (std::uint32_t id = 0; id < index->size(); ++id)
      if (index->weak(id)) std::printf("  weak: %.120s\n", patterns[id].text.c_str());

  std::vector<std::uint32_t> ids;
  std::uint64_t hits = 0;
  const auto ask = [&](const std::string& url) {
    ids.clear();
    (void)scanner.match(PatternTarget::url, url, ids);
    hits += ids.size();
  };
  time_each(urls, 100'000, [](const std::string&) {}).print("the clock alone");
  time_each(urls, 1000, ask).print("first 1,000");
  time_each(urls, urls.size(), ask).print("first pass");
  if (busy)
    for (const auto& u : urls) ask(u);
  const auto before = scanner.counters();
  hits = 0;
  time_each(urls, urls.size(), ask).print("second pass");
  const auto after = scanner.counters();
  const double matches = static_cast<double>(hits) / static_cast<double>(urls.size());
  Timing best;  // of each URL the fastest of several passes: what a busy machine adds is gone
  for (int pass = 0; pass < passes; ++pass) {
    const Timing one = time_each(urls, urls.size(), ask);
    if (best.ns.empty()) best = one;
    for (std::size_t i = 0; i < urls.size(); ++i) best.ns[i] = std::min(best.ns[i], one.ns[i]);
  }
  best.print("best of passes");
  const auto per_url = [&](std::uint64_t a, std::uint64_t b) {
    return static_cast<double>(b - a) / static_cast<double>(urls.size());
  };
  std::printf("per URL: %.3f matches, %.3f grams past the filter, %.3f windows, %.3f walks, %.4f asked RE2\n",
              matches, per_url(before.candidates, after.candidates), per_url(before.windows, after.windows),
              per_url(before.walks, after.walks), per_url(before.asked_re2, after.asked_re2));
  if (busy) print_busy(patterns, urls, scanner);
  if (with_compare) compare(patterns, urls);
}
