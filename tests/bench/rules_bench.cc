// The rules at full size, beside their budgets.
//
//   rules_bench --data DIR [--json FILE] [--names-only] [--all-lists] [--db FILE]
//
// --names-only leaves the patterns out; --all-lists takes all 103 lists in place of the 56 that the trace's
// labels come from, so that two requests of three are in some list; --db keeps the compiled database there,
// or takes it from there. DIR holds lists/<category>/{domains,urls}, synthetic/domains.txt,
// patterns/{p_real,p_10000}.txt, policy.json and trace/{urls_http,connect}.txt. Else compiles into a file of
// $TMPDIR, which is removed.
#include <fcntl.h>
#include <re2/set.h>
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
#include <unordered_set>

#include "rules/judge.h"
#include "rules/list_parser.h"
#include "rules/pattern_index.h"
#include "tests/bench/bench_report.h"

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

// The lists of the blocked categories and the URL rules of all, as the budgets have it; or all lists.
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

void compile(const std::vector<Source>& sources, int out, Compiled& result) {
  CpuSeconds parsing;
  RuleDbBuilder builder;
  for (const Source& source : sources) {
    const Tag tag = builder.add_source({source.category, source.category, source.file});
    const std::string text = read_file(source.file);
    const ListReport report = parse_list(text, source.format, source.file,
                                         [&](RuleEntry&& entry) { builder.add(tag, std::move(entry)); });
    result.entries += report.accepted;
    result.lines += report.lines;
  }
  result.parse_s = parsing();
  CpuSeconds building;
  const auto built = builder.build();
  result.build_s = building();
  if (!built) {
    std::fprintf(stderr, "rules_bench: %s\n", built.error().message.c_str());
    return;
  }
  std::size_t done = 0;
  while (done < built->size()) {
    const ssize_t n = write(out, built->data() + done, built->size() - done);
    if (n <= 0) return;
    done += static_cast<std::size_t>(n);
  }
  result.patterns_s = seconds_for_patterns(sources);
  result.good = true;
}

bool compile_apart(const std::vector<Source>& sources, int out, Report& report) {
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
                result->parse_s + result->build_s - result->patterns_s, "s", Bound::at_most, 6);
  report.figure("compile, memory", static_cast<double>(usage.ru_maxrss) / 1024, "MiB", Bound::at_most, 600);
  return result->good;
}

// The database as the proxy has it: mapped, populated, opened.
struct Mapped {
  std::span<const std::byte> bytes;
  std::shared_ptr<const RuleDb> db;

  explicit Mapped(int file) {
    struct stat info {};
    fstat(file, &info);
    const auto size = static_cast<std::size_t>(info.st_size);
    void* at = mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
    if (at == MAP_FAILED) return;
    bytes = {static_cast<const std::byte*>(at), size};
    if (auto opened = RuleDb::open(bytes)) db = *opened;
  }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;
  ~Mapped() {
    db.reset();
    if (!bytes.empty()) munmap(const_cast<std::byte*>(bytes.data()), bytes.size());
  }
};

// One tier that blocks the categories of policy.json and allows the others.
struct World {
  std::shared_ptr<const Policy> policy;
  std::vector<ListMeaning> meanings;

  World(const std::vector<Source>& sources, const std::string& blocked) {
    PolicySpec spec;
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

void open_times(int file, Report& report) {
  std::printf("Open (warm)\n");
  std::vector<double> all;
  for (int i = 0; i < 5; ++i) {
    Seconds opening;
    const Mapped mapped(file);
    all.push_back(1000 * opening());
  }
  std::sort(all.begin(), all.end());
  report.figure("map, populate, checksum", all[all.size() / 2], "ms", Bound::at_most, 30);
}

void nothing(std::size_t) {}

std::vector<Url> parsed(const std::vector<std::string>& texts) {
  std::vector<Url> urls;
  urls.reserve(texts.size());
  for (const std::string& text : texts) {
    Url url;
    if (!url.parse(text)) urls.push_back(std::move(url));
  }
  return urls;
}

void stages(const Mapped& mapped, const std::vector<std::string>& texts, Report& report) {
  std::printf("Stages of a decision, each over the whole trace\n");
  Url url;
  std::uint64_t sum = 0;
  const auto parse = [&](std::size_t i) { sum += url.parse(texts[i]) ? 1 : 0; };
  report.spread("parse the URL", spread(texts.size(), nothing, parse));
  report.spread("hash the host",
                spread(texts.size(), parse, [&](std::size_t) { sum += HostKeys(url.host()).size(); }));
  Matcher matcher(mapped.db);
  Matches matches;
  for (const auto& [name, stage] : {std::pair{"hash, domains", Stage::host},
                                    std::pair{"hash, domains, URL rules, patterns", Stage::request}}) {
    report.spread(name, spread(texts.size(), parse, [&](std::size_t) {
                    matches.clear();
                    matcher.match(url, stage, matches);
                    sum += matches.hits.size();
                  }));
  }
  if (sum == 0) std::printf("no hit at all\n");
}

std::size_t decide(Judge& judge, const std::vector<std::string>& texts, std::size_t i, Url& url) {
  if (url.parse(texts[i])) return 1;
  return judge.evaluate({url, Stage::request, 0, {}, {}}).action == Action::block ? 1 : 0;
}

void decisions(int file, const World& world, const std::vector<std::string>& urls,
               const std::vector<std::string>& authorities, Report& report) {
  std::printf("Decisions\n");
  Url url;
  std::size_t blocked = 0;
  {
    const Mapped fresh(file);
    Judge judge = world.judge(fresh.db);
    const Spread first = spread(std::min<std::size_t>(1000, urls.size()), nothing,
                                [&](std::size_t i) { blocked += decide(judge, urls, i, url); });
    report.figure("first 1,000 after a load, median", first.median, "ns", Bound::at_most, 3000);
    report.figure("first 1,000 after a load, p99", first.p99, "ns");
  }
  const Mapped mapped(file);
  Judge judge = world.judge(mapped.db);
  const auto host_only = [&](std::size_t i) {
    if (url.parse_authority(authorities[i])) return;
    blocked += judge.evaluate({url, Stage::host, 0, {}, {}}).action == Action::block ? 1 : 0;
  };
  const auto full = [&](std::size_t i) { blocked += decide(judge, urls, i, url); };
  (void)spread(authorities.size(), nothing, host_only);
  report.spread("host only", spread(authorities.size(), nothing, host_only), 100, 600);
  (void)spread(urls.size(), nothing, full);
  report.spread("full", spread(urls.size(), nothing, full), 500, 4000);

  // Two threads, a Judge each, over the same URLs.
  const auto round = [&](Judge& own) {
    Url own_url;
    std::size_t sum = 0;
    for (std::size_t i = 0; i < urls.size(); ++i) sum += decide(own, urls, i, own_url);
    return sum;
  };
  Judge other = world.judge(mapped.db);
  blocked += round(other);
  Seconds alone;
  blocked += round(judge);
  const double one = alone();
  Seconds together;
  std::thread second([&] { (void)round(other); });
  blocked += round(judge);
  second.join();
  report.figure("two threads against one", 2 * one / together(), "x", Bound::at_least, 1.9);
  if (blocked == 0) std::printf("nothing blocked\n");
}

// The marks: what the usual tools give for parts of the same work.
void marks(const fs::path& data, const std::vector<std::string>& texts, Report& report) {
  std::printf("Beside it\n");
  const std::vector<Url> urls = parsed(texts);
  std::size_t sum = 0;
  {
    std::unordered_set<std::string> set;
    for (const fs::path& file : {data / "synthetic/domains.txt", data / "sets/all.txt"}) {
      for (std::string& line : read_lines(file)) set.insert(std::move(line));
    }
    std::string suffix;
    report.spread("std::unordered_set, all suffixes", spread(urls.size(), nothing, [&](std::size_t i) {
                    const std::string& host = urls[i].host().text;
                    for (std::size_t at = 0;;) {
                      suffix.assign(host, at);
                      sum += set.count(suffix);
                      at = host.find('.', at);
                      if (at++ == std::string::npos) break;
                    }
                  }));
  }
  RE2::Options options;
  options.set_case_sensitive(false);
  options.set_log_errors(false);
  options.set_max_mem(64 << 20);
  RE2::Set set(options, RE2::UNANCHORED);
  for (const std::string& line : read_lines(data / "patterns/p_real.txt")) set.Add(line, nullptr);
  set.Compile();
  std::vector<int> ids;
  report.spread("RE2::Set of the 438 real patterns",
                spread(std::min<std::size_t>(3000, urls.size()), nothing, [&](std::size_t i) {
                  ids.clear();
                  const std::string_view subject = urls[i].match();
                  sum += set.Match(re2::StringPiece(subject.data(), subject.size()), &ids) ? 1 : 0;
                }));
  if (sum == 0) std::printf("no hit at all\n");
}

}  // namespace

int main(int argc, char** argv) {
  fs::path data;
  std::string json, kept;
  bool names_only = false, all_lists = false;
  for (int i = 1; i < argc; ++i) {
    const bool has_value = i + 1 < argc;
    if (std::strcmp(argv[i], "--names-only") == 0) names_only = true;
    if (std::strcmp(argv[i], "--all-lists") == 0) all_lists = true;
    if (has_value && std::strcmp(argv[i], "--data") == 0) data = argv[++i];
    if (has_value && std::strcmp(argv[i], "--json") == 0) json = argv[++i];
    if (has_value && std::strcmp(argv[i], "--db") == 0) kept = argv[++i];
  }
  if (data.empty()) {
    std::fprintf(stderr,
                 "usage: rules_bench --data DIR [--json FILE] [--names-only] [--all-lists] [--db FILE]\n");
    return 2;
  }
  const bool compiled_before = !kept.empty() && fs::exists(kept);
  std::string name = kept.empty() ? (fs::temp_directory_path() / "rules_bench_XXXXXX").string() : kept;
  const int file =
      kept.empty() ? mkstemp(name.data()) : open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    std::perror("rules_bench");
    return 1;
  }
  if (kept.empty()) fs::remove(name);  // lives on as long as it is open
  const std::string blocked = read_file(data / "policy.json");
  const std::vector<Source> sources = sources_of(data, blocked, names_only, all_lists);
  Report report(json);
  if (!compiled_before && !compile_apart(sources, file, report)) return 1;

  const World world(sources, blocked);
  const std::vector<std::string> urls = read_lines(data / "trace/urls_http.txt");
  const std::vector<std::string> authorities = read_lines(data / "trace/connect.txt");
  {
    const Mapped mapped(file);
    if (!mapped.db || !world.policy || urls.empty()) {
      std::fprintf(stderr, "rules_bench: the database, the policy or the trace cannot be used\n");
      return 1;
    }
    const RuleDb::Counts counts = mapped.db->counts();
    std::printf("Database: %llu domains, %llu URL prefixes, %llu patterns (%llu weak)\n",
                static_cast<unsigned long long>(counts.domains), static_cast<unsigned long long>(counts.urls),
                static_cast<unsigned long long>(counts.patterns),
                static_cast<unsigned long long>(counts.weak_patterns));
    report.figure("hot bytes per domain",
                  static_cast<double>(counts.hot_bytes) / static_cast<double>(counts.domains), "B",
                  Bound::at_most, 12);
    report.figure("all bytes per domain",
                  static_cast<double>(counts.total_bytes) / static_cast<double>(counts.domains), "B");
    stages(mapped, urls, report);
  }
  open_times(file, report);
  decisions(file, world, urls, authorities, report);
  marks(data, urls, report);
  return 0;
}
