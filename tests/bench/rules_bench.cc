// The rules at full size, beside what the usual tools need for parts of the same work in the same run.
//
//   rules_bench --data DIR [--json FILE] [--names-only] [--all-lists] [--no-marks] [--db FILE]
//
// --names-only leaves the patterns out; --all-lists takes all 103 lists in place of the 56 that the trace's
// labels come from, so that two requests of three are in some list; --no-marks leaves out the other matchers;
// --db keeps the compiled database there, or takes it from there. DIR holds lists/<category>/{domains,urls},
// synthetic/domains.txt, patterns/{p_real,p_10000}.txt, policy.json and trace/{urls_http,connect}.txt. Else
// compiles into a file of $TMPDIR, which is removed.
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>

#include "config/lists/list_cache.h"
#include "rules/db/compiled_db.h"
#include "rules/db/matcher.h"
#include "rules/db/rule_db_builder.h"
#include "rules/judge/judge.h"
#include "rules/lists/list_parser.h"
#include "rules/patterns/build/index_builder.h"
#include "rules/patterns/matcher.h"
#include "tests/bench/bench_report.h"
#include "tests/bench/held_out.h"
#include "tests/bench/rules_marks.h"

using namespace schoolgate;
using namespace schoolgate::bench;
using Bound = Report::Bound;

namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> read_lines(const fs::path& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(std::move(line));
  return lines;
}

// `policy` begins {"blocked_categories": ["...", ...].
bool is_blocked(const std::string& policy, const std::string& category) {
  return policy.find("\"" + category + "\"") < policy.find(']');
}

struct Source {
  std::string category;
  std::string file;
  ListFormat format;
};

// The lists of the blocked categories and the URL rules of all; or all lists.
std::vector<Source> sources_of(const fs::path& data, const std::string& blocked, bool names_only,
                               bool all_lists) {
  std::vector<Source> sources;
  for (const auto& folder : fs::directory_iterator(data / "lists")) {
    const std::string category = folder.path().filename();
    for (const auto& [name, format] :
         {std::pair{"domains", ListFormat::domains}, std::pair{"urls", ListFormat::urls}}) {
      const bool wanted = all_lists || format == ListFormat::urls || is_blocked(blocked, category);
      if (wanted && fs::exists(folder.path() / name))
        sources.push_back({category, folder.path() / name, format});
    }
  }
  std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) { return a.file < b.file; });
  sources.push_back({"synthetic", data / "synthetic/domains.txt", ListFormat::domains});
  if (names_only) return sources;
  sources.push_back({"patterns", data / "patterns/p_real.txt", ListFormat::patterns});
  sources.push_back({"patterns", data / "patterns/p_10000.txt", ListFormat::patterns});
  return sources;
}

// In a process of its own, so that its memory can be told. What it found comes through `shared`.
struct Compiled {
  double parse_s = 0, build_s = 0, patterns_s = 0;
  std::uint64_t entries = 0, lines = 0;
  bool good = false;
};

// How much of a build the patterns are: their index alone.
double seconds_for_patterns(const std::vector<Source>& sources) {
  std::vector<Pattern> patterns;
  for (const Source& source : sources) {
    if (source.format != ListFormat::patterns) continue;
    (void)parse_list(read_file(source.file), source.format, source.file, [&](RuleEntry&& entry) {
      patterns.push_back({std::move(entry.text), entry.target, entry.case_sensitive});
    });
  }
  CpuSeconds building;
  return patterns.empty() || !build_pattern_index(patterns) ? 0 : building();
}

void compile(const std::vector<Source>& sources, const std::string& out, Compiled& result) {
  std::vector<ListRecord> records;
  CpuSeconds parsing;
  RuleDbBuilder builder;
  for (const Source& source : sources) {
    const Tag tag = builder.add_source({source.category, source.category, source.file});
    const std::string text = read_file(source.file);
    const ListReport report = parse_list(text, source.format, source.file,
                                         [&](RuleEntry&& entry) { builder.add(tag, std::move(entry)); });
    ListRecord& record = records.emplace_back();
    record.source.name = record.source.category = source.category;
    record.source.path = source.file;
    record.source.format = source.format;
    record.report = report;
    result.entries += report.accepted;
    result.lines += report.lines;
  }
  result.parse_s = parsing();
  CpuSeconds building;
  const auto built = builder.build();
  result.build_s = building();
  if (!built) {
    std::fprintf(stderr, "rules_bench: %s\n", built.error().message.english().c_str());
    return;
  }
  if (const auto written = write_compiled_lists(out, *built, records, {}); written.failed()) {
    std::fprintf(stderr, "rules_bench: %s\n", written.error().message.english().c_str());
    return;
  }
  result.patterns_s = seconds_for_patterns(sources);
  result.good = true;
}

bool compile_apart(const std::vector<Source>& sources, const std::string& out, Report& report) {
  void* memory = mmap(nullptr, sizeof(Compiled), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  auto* result = new (memory) Compiled();
  const pid_t child = fork();
  if (child == 0) {
    compile(sources, out, *result);
    _exit(0);
  }
  struct rusage usage {};
  wait4(child, nullptr, 0, &usage);
  std::printf("Compile: %llu entries of %llu lines\n", static_cast<unsigned long long>(result->entries),
              static_cast<unsigned long long>(result->lines));
  report.figure("parse the lists", result->parse_s, "s");
  report.figure("build the database", result->build_s, "s");
  report.figure("of which the index of patterns", result->patterns_s, "s");
  report.figure("compile, the index of patterns apart",
                result->parse_s + result->build_s - result->patterns_s, "s");
  report.figure("compile, memory", static_cast<double>(usage.ru_maxrss) / 1024, "MiB", Bound::at_most, 600);
  return result->good;
}

// The database as the proxy has it.
struct Opened {
  std::shared_ptr<const RuleDb> db;

  explicit Opened(const std::string& file) {
    const auto lists = open_compiled_lists(file);
    if (!lists)
      std::fprintf(stderr, "rules_bench: %s: %s\n", file.c_str(), lists.error().message.english().c_str());
    if (lists && *lists) db = (*lists)->db;
  }
};

// One tier that blocks the categories of policy.json and allows the others.
struct World {
  std::shared_ptr<const Policy> policy;
  std::vector<ListMeaning> meanings;

  World(const std::vector<Source>& sources, const std::string& blocked, std::vector<FloorEntry> floor = {}) {
    PolicySpec spec;
    spec.floor = std::move(floor);
    Tier tier;
    tier.id = "bench";
    tier.default_action = Action::allow;
    for (const Source& source : sources) {
      if (spec.categories.empty() || spec.categories.back().id != source.category) {
        spec.categories.emplace_back().id = source.category;
        const Action action = is_blocked(blocked, source.category) ? Action::block : Action::allow;
        tier.effects.push_back({Effect{action, {}}, {}, true});
      }
      const auto category = static_cast<CategoryId>(spec.categories.size() - 1);
      meanings.push_back({category, static_cast<std::uint32_t>(meanings.size()), {}});
    }
    spec.tiers.push_back(tier);
    auto compiled = Policy::compile(std::move(spec));
    if (compiled) policy = *compiled;
  }
  [[nodiscard]] Judge judge(const std::shared_ptr<const RuleDb>& db) const {
    return Judge(policy, db, meanings);
  }
};

void open_times(const std::string& file, Report& report) {
  std::printf("Open (warm)\n");
  std::vector<double> all;
  for (int i = 0; i < 5; ++i) {
    Seconds opening;
    const Opened opened(file);
    all.push_back(1000 * opening());
  }
  std::sort(all.begin(), all.end());
  report.figure("open: read, checksum", all[all.size() / 2], "ms");
}

constexpr int passes = 5;

// Texts one after another, and one of them as the proxy has a request: just read, so in the fastest cache. To
// fetch it from memory is no part of a decision, and 300,000 strings would push the rules out of the caches.
class Requests {
 public:
  explicit Requests(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      all_ += text;
      ends_.push_back(static_cast<std::uint32_t>(all_.size()));
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
  void read(std::size_t i) {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    text_.assign(all_, begin, ends_[i] - begin);
  }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }  // the one that was read

 private:
  std::string all_, text_;
  std::vector<std::uint32_t> ends_;
};

std::vector<Url> parsed(const std::vector<std::string>& texts) {
  std::vector<Url> urls;
  urls.reserve(texts.size());
  for (const std::string& text : texts) {
    Url url;
    if (url.parse(text).ok()) urls.push_back(std::move(url));
  }
  return urls;
}

void stages(const Opened& opened, const World& world, const std::vector<std::string>& texts, Report& report) {
  std::printf("Stages of a decision, each over the whole trace\n");
  Url url;
  std::uint64_t sum = 0;
  Requests requests(texts);
  const auto read = [&](std::size_t i) { requests.read(i); };
  const auto parse_it = [&](std::size_t) { sum += url.parse(requests.text()).failed() ? 1 : 0; };
  const auto parse = [&](std::size_t i) { read(i), parse_it(i); };
  report.spread("the clock alone", quietest(passes, texts.size(), read, [](std::size_t) {}));
  report.spread("parse the URL", quietest(passes, texts.size(), read, parse_it));
  report.spread("hash the host", quietest(passes, texts.size(), parse,
                                          [&](std::size_t) { sum += HostKeys(url.host()).size(); }));
  Matcher matcher(opened.db);
  Matches matches;
  for (const auto& [name, stage] : {std::pair{"hash, domains", Stage::host},
                                    std::pair{"hash, domains, URL rules, patterns", Stage::request}}) {
    report.spread(name, quietest(passes, texts.size(), parse, [&](std::size_t) {
                    matches.clear();
                    matcher.match(url, stage, matches);
                    sum += matches.hits.size();
                  }));
  }
  if (const auto& index = opened.db->sections().patterns) {
    PatternMatcher patterns(index);
    std::vector<std::uint32_t> ids;
    report.spread("patterns alone", quietest(passes, texts.size(), parse, [&](std::size_t) {
                    ids.clear();
                    sum += patterns.match(url, Stage::request, ids) ? ids.size() : 0;
                  }));
  }
  Judge judge = world.judge(opened.db);
  report.spread("match and policy, the URL parsed", quietest(passes, texts.size(), parse, [&](std::size_t) {
                  sum += judge.evaluate({url, Stage::request, 0, {}, {}}).action == Action::block ? 1 : 0;
                }));
  if (sum == 0) std::printf("no hit at all\n");
}

// How long each decision takes from the text that came to the verdict.
class Decider {
 public:
  Decider(const World& world, const Opened& opened) : judge_(world.judge(opened.db)) {}

  Spread full(const std::vector<std::string>& urls, int times = passes) {
    return timed(urls, times,
                 [&](std::string_view text) { return url_.parse(text).ok() && blocks(Stage::request); });
  }
  Spread host_only(const std::vector<std::string>& authorities, int times = passes) {
    return timed(authorities, times, [&](std::string_view text) {
      return url_.parse_authority(text).ok() && blocks(Stage::host);
    });
  }
  [[nodiscard]] std::size_t blocked() const noexcept { return blocked_; }

 private:
  bool blocks(Stage stage) { return judge_.evaluate({url_, stage, 0, {}, {}}).action == Action::block; }

  template <class Decide>
  Spread timed(const std::vector<std::string>& texts, int times, Decide&& decide) {
    Requests requests(texts);
    return quietest(
        times, requests.size(), [&](std::size_t i) { requests.read(i); },
        [&](std::size_t) { blocked_ += decide(requests.text()) ? 1 : 0; });
  }

  Judge judge_;
  Url url_;
  std::size_t blocked_ = 0;
};

// Of decisions, ns.
struct Medians {
  double host_only = 0, full = 0;
};

// How much two threads do in the time that one needs: the best of several rounds, alone and together in turn.
template <class One, class Other>
double speed_up(One&& one, Other&& other) {
  double alone = 1e9, together = 1e9;
  for (int round = 0; round < passes; ++round) {
    Seconds first;
    one();
    alone = std::min(alone, first());
    Seconds both;
    std::thread second(other);
    one();
    second.join();
    together = std::min(together, both());
  }
  return 2 * alone / together;
}

// Beside it what the machine gives: loads from all over a block of memory, each from where the one before
// says, shared by nobody.
void two_threads(const Opened& opened, const World& world, const std::vector<std::string>& urls,
                 Report& report) {
  Judge judges[] = {world.judge(opened.db), world.judge(opened.db)};
  std::size_t blocked[2 * 64] = {};
  const auto judging = [&](std::size_t t) {
    return [&, t] {
      Url url;
      std::size_t sum = 0;
      for (const std::string& text : urls) {
        if (url.parse(text).failed()) continue;
        sum += judges[t].evaluate({url, Stage::request, 0, {}, {}}).action == Action::block ? 1 : 0;
      }
      blocked[64 * t] = sum;
    };
  };
  const double ours = speed_up(judging(0), judging(1));
  report.figure("two threads against one", ours, "x");

  std::vector<std::uint32_t> next(std::size_t{1} << 24);
  for (std::size_t i = 0; i < next.size(); ++i)
    next[i] = static_cast<std::uint32_t>((i * 2654435761u + 12345) & (next.size() - 1));
  const auto walking = [&](std::size_t t) {
    return [&, t] {
      std::uint32_t at = static_cast<std::uint32_t>(t);
      for (int i = 0; i < 2'000'000; ++i) at = next[at];
      blocked[64 * t] += at;
    };
  };
  const double plain = speed_up(walking(0), walking(1));
  report.figure("  a plain walk through 64 MiB, two against one", plain, "x");
  report.figure("two threads against one, to the plain walk's", ours / plain, "ratio", Bound::at_least, 0.95);
  if (blocked[0] + blocked[64] == 0) std::printf("nothing blocked\n");
}

// Other traffic than the trace's, and the same decisions behind a sealed floor of 20,000 lines.
Medians other_decisions(const fs::path& data, const Opened& opened, const World& world,
                        const std::vector<Source>& sources, const std::string& policy,
                        const std::vector<std::string>& trace, Report& report) {
  std::printf("Other traffic\n");
  const std::vector<std::string> listed = read_lines(data / "sets/all.txt");
  HeldOut held_out(listed);
  std::vector<std::string> urls, authorities;
  for (int i = 0; i < 200'000; ++i) {
    urls.push_back(held_out.url());
    authorities.push_back(held_out.host() + ":443");
  }
  Decider decider(world, opened);
  const Spread host_only = decider.host_only(authorities), full = decider.full(urls);
  report.spread("held-out host only", host_only);
  report.spread("held-out full", full);

  std::vector<FloorEntry> floor;
  for (int i = 0; i < 20'000; ++i) {
    FloorEntry& entry = floor.emplace_back();
    entry.host = sha256("sealed-" + std::to_string(i) + ".example");
    entry.where = {0, static_cast<std::uint32_t>(i)};
  }
  const World sealed(sources, policy, std::move(floor));
  if (!sealed.policy) return {};
  Decider with_floor(sealed, opened);
  report.spread("full behind a floor of 20,000 lines", with_floor.full(trace));
  report.spread("held-out full behind that floor", with_floor.full(urls));
  if (decider.blocked() + with_floor.blocked() == 0) std::printf("nothing blocked\n");
  return {host_only.median, full.median};
}

Medians decisions(const std::string& file, const World& world, const std::vector<std::string>& urls,
                  const std::vector<std::string>& authorities, Report& report) {
  std::printf("Decisions\n");
  {
    const Opened fresh(file);
    const auto end = urls.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(1000, urls.size()));
    const Spread first = Decider(world, fresh).full({urls.begin(), end}, 1);
    report.figure("first 1,000 after a load, median", first.median, "ns");
    report.figure("first 1,000 after a load, p99", first.p99, "ns");
  }
  const Opened opened(file);
  Decider decider(world, opened);
  (void)decider.host_only(authorities, 1);
  const Spread host_only = decider.host_only(authorities);
  report.spread("host only", host_only);
  (void)decider.full(urls, 1);
  const Spread full = decider.full(urls);
  report.spread("full", full);
  if (decider.blocked() == 0) std::printf("nothing blocked\n");

  two_threads(opened, world, urls, report);
  return {host_only.median, full.median};
}

void marks(const fs::path& data, const std::vector<Source>& sources, const std::vector<std::string>& texts,
           const Medians& trace, const Medians& held_out, Report& report) {
  std::printf("Beside it\n");
  const std::vector<Url> urls = parsed(texts);
  mark_set<std::unordered_set<std::string>>("std::unordered_set, all suffixes", data, urls, report);
#if defined(SCHOOLGATE_ABSL)
  const Spread set =
      mark_set<absl::flat_hash_set<std::string>>("absl::flat_hash_set, all suffixes", data, urls, report);
  report.figure("host only to that set", trace.host_only / set.median, "ratio", Bound::at_most, 0.5);
  report.figure("held-out host only to that set", held_out.host_only / set.median, "ratio");
#else
  std::printf("  absl was not there when this was built\n");
#endif
  std::vector<std::string> patterns = read_lines(data / "patterns/p_real.txt");
  mark_re2_set(patterns, "RE2::Set of the 438 real patterns", 3000, urls, report);
  for (std::string& line : read_lines(data / "patterns/p_10000.txt")) patterns.push_back(std::move(line));
  mark_re2_set(patterns, "RE2::Set of all patterns, the first 100", 100, urls, report);
  const Spread filtered = mark_filtered_re2(patterns, urls, report);
  report.figure("full to FilteredRE2", trace.full / filtered.median, "ratio", Bound::at_most, 1.0 / 18);
  report.figure("held-out full to FilteredRE2", held_out.full / filtered.median, "ratio", Bound::at_most,
                1.0 / 18);
  std::vector<fs::path> domains, prefixes;
  for (const Source& source : sources) {
    if (source.format == ListFormat::domains) domains.push_back(source.file);
    if (source.format == ListFormat::urls) prefixes.push_back(source.file);
  }
  mark_squidguard(domains, prefixes, urls, report);
}

}  // namespace

int main(int argc, char** argv) {
  fs::path data;
  std::string json, kept;
  bool names_only = false, all_lists = false, no_marks = false;
  for (int i = 1; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (std::strcmp(argv[i], "--names-only") == 0) names_only = true;
    if (std::strcmp(argv[i], "--all-lists") == 0) all_lists = true;
    if (std::strcmp(argv[i], "--no-marks") == 0) no_marks = true;
    if (has_value && std::strcmp(argv[i], "--data") == 0) data = argv[++i];
    if (has_value && std::strcmp(argv[i], "--json") == 0) json = argv[++i];
    if (has_value && std::strcmp(argv[i], "--db") == 0) kept = argv[++i];
  }
  if (data.empty()) {
    std::fprintf(stderr,
                 "usage: rules_bench --data DIR [--json FILE] [--names-only] [--all-lists] [--no-marks] "
                 "[--db FILE]\n");
    return 2;
  }
  const bool compiled_before = !kept.empty() && fs::exists(kept);
  std::string folder = (fs::temp_directory_path() / "rules_bench_XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr) {
    std::perror("rules_bench");
    return 1;
  }
  const std::string file = kept.empty() ? folder + "/lists.sgdb" : kept;
  const std::string blocked = read_file(data / "policy.json");
  const std::vector<Source> sources = sources_of(data, blocked, names_only, all_lists);
  Report report(json);
  if (!compiled_before && !compile_apart(sources, file, report)) return 1;

  const World world(sources, blocked);
  const std::vector<std::string> urls = read_lines(data / "trace/urls_http.txt");
  const std::vector<std::string> authorities = read_lines(data / "trace/connect.txt");
  {
    const Opened opened(file);
    if (!opened.db || !world.policy || urls.empty()) {
      std::fprintf(stderr, "rules_bench: the database, the policy or the trace cannot be used\n");
      return 1;
    }
    const RuleDb::Counts counts = opened.db->counts();
    std::printf("Database: %llu domains, %llu URL prefixes, %llu patterns (%llu weak)\n",
                static_cast<unsigned long long>(counts.domains), static_cast<unsigned long long>(counts.urls),
                static_cast<unsigned long long>(counts.patterns),
                static_cast<unsigned long long>(counts.weak_patterns));
    report.figure("hot bytes per domain",
                  static_cast<double>(counts.hot_bytes) / static_cast<double>(counts.domains), "B",
                  Bound::at_most, 12);
    report.figure("all bytes per domain",
                  static_cast<double>(counts.total_bytes) / static_cast<double>(counts.domains), "B");
    stages(opened, world, urls, report);
  }
  open_times(file, report);
  const Medians trace = decisions(file, world, urls, authorities, report);
  const Medians held_out = other_decisions(data, Opened(file), world, sources, blocked, urls, report);
  if (!no_marks) marks(data, sources, urls, trace, held_out, report);
  fs::remove_all(folder);
  return 0;
}
