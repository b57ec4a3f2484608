// Judges a labelled trace with the lists of a configuration and prints how far verdicts and labels agree, and
// why not.
//
//   trace_bench CONFIG TRACE [--show N]
//
// TRACE is tab-separated: scheme, host, path, label (1 = blocked). CONFIG has one tier (see
// corpus_config.py).
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

#include "config/load_snapshot.h"
#include "rules/patterns/build/index_builder.h"

using namespace schoolgate;

namespace {

struct Tally {
  std::size_t requests = 0, agree = 0, pattern_held = 0, refused = 0;
  std::map<std::string, std::size_t> disagreements;  // by direction and reason
};

std::string why(const Snapshot& snapshot, const Verdict& verdict) {
  std::string text(to_string(verdict.reason));
  if (verdict.category != no_category) text += " " + snapshot.policy->categories()[verdict.category].id;
  return text;
}

void judge_line(const Snapshot& snapshot, Judge& judge, const std::string& line, Tally& tally, int& show) {
  const auto first = line.find('\t'), second = line.find('\t', first + 1),
             third = line.find('\t', second + 1);
  if (third == std::string::npos) return;
  const std::string address = line.substr(0, first) + "://" + line.substr(first + 1, second - first - 1) +
                              line.substr(second + 1, third - second - 1);
  const bool labelled = line[third + 1] == '1';
  ++tally.requests;
  Url url;
  std::string reason;
  bool blocked = true;
  Verdict verdict;
  if (const auto parsed = url.parse(address); parsed.failed()) {
    ++tally.refused;
    reason = "refused: " + std::string(to_string(parsed.error()));
  } else {
    const JudgeRequest request{url, Stage::request, 0, LocalTime{}, {}};
    verdict = judge.evaluate(request);
    blocked = verdict.action == Action::block;
    reason = why(snapshot, verdict);
    tally.pattern_held += verdict.flags.record;
  }
  if (blocked == labelled) {
    ++tally.agree;
    return;
  }
  ++tally.disagreements[(blocked ? "blocked, label open:  " : "open, label blocked:  ") + reason];
  if (show-- > 0)
    std::printf("  %s %s (%s %s)\n", blocked ? "blocked" : "open   ", address.substr(0, 160).c_str(),
                reason.c_str(), snapshot.place(verdict.rule).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && !(argc == 5 && !std::strcmp(argv[3], "--show"))) {
    std::fprintf(stderr, "usage: trace_bench CONFIG TRACE [--show N]\n");
    return 2;
  }
  int show = argc == 5 ? std::stoi(argv[4]) : 20;
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const LoadResult loaded = load_snapshot(argv[1], LoadOptions{});
  for (const Diagnostic& d : loaded.diagnostics)
    if (d.severity == Severity::error) std::fputs(to_text(d, "", nullptr, false).c_str(), stderr);
  if (!loaded.snapshot) return 3;
  const Snapshot& snapshot = *loaded.snapshot;
  const auto counts = snapshot.lists->counts();
  std::printf("loaded %llu domains, %llu URL rules, %llu patterns in %.2f s\n",
              static_cast<unsigned long long>(counts.domains), static_cast<unsigned long long>(counts.urls),
              static_cast<unsigned long long>(counts.patterns),
              std::chrono::duration<double>(Clock::now() - begin).count());

  std::ifstream trace(argv[2]);
  if (!trace) {
    std::fprintf(stderr, "trace_bench: cannot read %s\n", argv[2]);
    return 1;
  }
  const auto judge = snapshot.make_judge();
  Tally tally;
  std::string line;
  while (std::getline(trace, line)) judge_line(snapshot, *judge, line, tally, show);
  std::printf("%zu requests, %zu agree with their label: %.3f %%; %zu held by a pattern\n", tally.requests,
              tally.agree, 100.0 * static_cast<double>(tally.agree) / static_cast<double>(tally.requests),
              tally.pattern_held);
  for (const auto& [what, count] : tally.disagreements) std::printf("%8zu  %s\n", count, what.c_str());
  return 0;
}
