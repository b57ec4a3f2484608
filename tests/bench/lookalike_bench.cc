// What look-alikes see and what they cost: lookalike_bench --data DATA (an unpacked corpus). Without data it
// says so and measures nothing.
//
// The benign set is fixed by these rules and by nothing else; no rule looks at a score:
//   1. It is every host of UT1's lists below, which name ordinary sites; the lists of games, jobs and forums
//   are
//      not among them, since people file betting sites and throw-away names there.
//   2. A host counts by the name that somebody registered; each once.
//   3. Not one that a list of the blocked categories (policy.json) names.
//   4. Not a sibling of a gambling or adult name: of the same five letters or more, digits and marks left
//   out.
//   5. Not one that says itself what it is: with a word of `trade_words` in it.
// Both sets are cut in five by the letters of the name, so that siblings stay together; each part is judged
// by models that were trained with the other four. A name that cannot be judged counts as missed.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "rules/lookalike/trainer.h"

using namespace schoolgate;

namespace {

const std::vector<std::string> benign_lists{"ut1_press",     "ut1_bank",  "ut1_shopping", "ut1_sports",
                                            "ut1_celebrity", "ut1_blog",  "ut1_liste_bu", "ut1_audio-video",
                                            "ut1_radio",     "ut1_child", "ut1_webmail",  "ut1_financial",
                                            "ut1_cooking"};
const std::vector<std::string> trade_words{"casino", "poker",   "betting", "porn",    "xxx",
                                           "hentai", "escort",  "sexy",    "erotic",  "xvideo",
                                           "gambl",  "lottery", "jackpot", "roulette"};
struct Subject {
  const char* id;
  std::vector<std::string> lists;
};
const std::vector<Subject> subjects{{"gambling", {"hostsvn_gambling", "ut1_gambling", "ut1_arjel"}},
                                    {"adult", {"hostsvn_adult", "ut1_mixed_adult", "ut1_adult"}}};
constexpr int parts = 5;

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

std::set<std::string> hosts_of(const std::string& data, const std::vector<std::string>& lists) {
  std::set<std::string> hosts;
  for (const std::string& list : lists)
    for (std::string& host : lines_of(data + "/lists/" + list + "/domains")) hosts.insert(std::move(host));
  return hosts;
}

// The words between `"blocked_categories": [` and its end.
std::vector<std::string> blocked_lists(const std::string& data) {
  std::vector<std::string> lists;
  bool inside = false;
  for (const std::string& line : lines_of(data + "/policy.json")) {
    if (line.find("blocked_categories") != std::string::npos) {
      inside = true;
      continue;
    }
    if (inside && line.find(']') != std::string::npos) break;
    const std::size_t first = line.find('"'), last = line.rfind('"');
    if (inside && first < last) lists.push_back(line.substr(first + 1, last - first - 1));
  }
  return lists;
}

std::string plain_host(const std::string& host) {
  return host.starts_with("www.") ? host.substr(4) : host;
}

// A host that has no name to judge is a part of its own set all the same.
std::string name_or_host(const std::string& host) {
  const std::string_view name = judged_name(host);
  return name.empty() ? host : std::string(name);
}

std::vector<std::string> benign_set(const std::string& data,
                                    const std::vector<std::set<std::string>>& subject_hosts) {
  std::set<std::string> blocked = hosts_of(data, blocked_lists(data));
  std::unordered_set<std::string> siblings;
  for (const auto& hosts : subject_hosts)
    for (const std::string& host : hosts)
      if (const std::string key = siblings_key(name_or_host(plain_host(host))); key.size() >= 5)
        siblings.insert(key);
  std::set<std::string> names;
  for (const std::string& host : hosts_of(data, benign_lists)) names.insert(name_or_host(plain_host(host)));
  std::size_t listed = 0, related = 0, by_word = 0;
  std::vector<std::string> out;
  for (const std::string& name : names) {
    const auto has = [&](const std::string& word) { return name.find(word) != std::string::npos; };
    if (blocked.count(name) != 0)
      ++listed;
    else if (siblings.count(siblings_key(name)) != 0)
      ++related;
    else if (std::any_of(trade_words.begin(), trade_words.end(), has))
      ++by_word;
    else
      out.push_back(name);
  }
  std::printf("benign: %zu names; left out: %zu listed, %zu siblings, %zu by a word; %zu left\n",
              names.size(), listed, related, by_word, out.size());
  return out;
}

int part_of(const std::string& host) {
  return static_cast<int>((hash_name("part " + siblings_key(name_or_host(plain_host(host)))) >> 32) % parts);
}

// Wilson's interval, 95 %.
std::pair<double, double> bounds(std::size_t hits, std::size_t of) {
  const double n = static_cast<double>(of), p = static_cast<double>(hits) / n, z = 1.96;
  const double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n);
  return {std::max(0.0, middle - half), middle + half};
}

struct Scores {
  std::vector<double> own, benign;            // in log-odds, so that five models compare
  std::size_t own_over = 0, benign_over = 0;  // over the threshold that the training chose
};

constexpr double not_judged = -1e9;

void judge_part(const std::set<std::string>& own, const std::vector<std::string>& benign, int part,
                const Subject& subject, Scores& scores, double& seconds) {
  LookalikeTrainer trainer;
  const std::size_t category = trainer.add_category(subject.id);
  for (const std::string& host : own)
    if (part_of(host) != part) trainer.add(category, host);
  for (const std::string& name : benign)
    if (part_of(name) != part) trainer.add_benign(name);
  const auto begin = std::chrono::steady_clock::now();
  const auto trained = trainer.train({}, {});
  seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const auto models = LookalikeModels::open(trained.bytes);
  if (!models || models->empty()) return;
  const LookalikeModel& model = models->all().front();
  const auto ask = [&](const std::string& host, std::vector<double>& to, std::size_t& over) {
    const std::string_view name = lookalike_name(host);
    const std::int32_t score = name.empty() ? 0 : model.score(NamePieces(name));
    to.push_back(name.empty() ? not_judged : score * static_cast<double>(model.unit));
    if (!name.empty() && score >= model.threshold) ++over;
  };
  for (const std::string& host : own)
    if (part_of(host) == part) ask(plain_host(host), scores.own, scores.own_over);
  for (const std::string& name : benign)
    if (part_of(name) == part) ask(name, scores.benign, scores.benign_over);
}

void print_share(const char* what, std::size_t hits, std::size_t of, const char* tail) {
  const auto [low, high] = bounds(hits, of);
  std::printf("%s %6.2f %% [%.2f, %.2f] (%zu of %zu)%s", what,
              100.0 * static_cast<double>(hits) / static_cast<double>(of), 100 * low, 100 * high, hits, of,
              tail);
}

void print_curve(const char* id, Scores& scores, double seconds) {
  std::sort(scores.benign.rbegin(), scores.benign.rend());
  std::printf("\n%s: %zu names, %zu benign; %.1f s to train one of five\n", id, scores.own.size(),
              scores.benign.size(), seconds / parts);
  for (const double share : {0.01, 0.001, 0.0001}) {
    const auto alarms = static_cast<std::size_t>(share * static_cast<double>(scores.benign.size()));
    const double threshold = scores.benign[alarms];
    const auto seen = static_cast<std::size_t>(
        std::count_if(scores.own.begin(), scores.own.end(), [&](double score) { return score > threshold; }));
    std::printf("  at %.2f %% false alarms", 100 * share);
    print_share(" sees", seen, scores.own.size(), "\n");
  }
  print_share("  threshold of the training: sees", scores.own_over, scores.own.size(), "\n");
  print_share("                             false alarms", scores.benign_over, scores.benign.size(), "\n");
}

// Well-known Vietnamese sites, none of them in the benign set by design.
void ask_golden(const LookalikeModels& models) {
  std::size_t hosts = 0, alarms = 0;
  for (const std::string& host : lines_of(SCHOOLGATE_SOURCE_DIR "/tests/rules/data/benign_vietnam.txt")) {
    if (host.front() == '#') continue;
    ++hosts;
    const std::string_view name = lookalike_name(host);
    if (name.empty()) continue;
    for (const LookalikeModel& model : models.all()) {
      if (model.score(NamePieces(name)) < model.threshold) continue;
      ++alarms;
      std::printf("  alarm: %s looks like %s\n", host.c_str(), model.category.c_str());
    }
  }
  std::printf("well-known Vietnamese sites: %zu alarms of %zu hosts\n", alarms, hosts);
}

void measure_time(const std::string& data, const std::vector<std::set<std::string>>& subject_hosts,
                  const std::vector<std::string>& benign) {
  LookalikeTrainer trainer;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const std::size_t category = trainer.add_category(subjects[i].id);
    for (const std::string& host : subject_hosts[i]) trainer.add(category, host);
  }
  for (const std::string& name : benign) trainer.add_benign(name);
  const auto begin = std::chrono::steady_clock::now();
  const auto trained = trainer.train({}, {});
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  const auto models = LookalikeModels::open(trained.bytes);
  if (!models) return;
  ask_golden(*models);
  std::vector<std::string> hosts;
  for (const std::string& line : lines_of(data + "/trace/trace.tsv")) {
    const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
    if (line.back() == '0') hosts.push_back(line.substr(first + 1, second - first - 1));
    if (hosts.size() == 20'000) break;
  }
  if (hosts.empty()) return;
  double best = 1e9;
  std::size_t over = 0;
  for (int pass = 0; pass < 20; ++pass) {
    const auto start = std::chrono::steady_clock::now();
    for (const std::string& host : hosts) {
      const std::string_view name = lookalike_name(host);
      if (name.empty()) continue;
      const NamePieces pieces(name);
      for (const LookalikeModel& model : models->all())
        over += model.score(pieces) >= model.threshold ? 1 : 0;
    }
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    best = std::min(best, spent.count() / static_cast<double>(hosts.size()));
  }
  std::printf("\nall names trained in %.1f s; section %zu bytes for %zu models\n", took.count(),
              trained.bytes.size(), models->all().size());
  std::printf("a host that nothing names: %.0f ns (%zu hosts of the trace, both models; sum %zu)\n", best,
              hosts.size(), over);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string data = argc == 3 && std::string_view(argv[1]) == "--data" ? argv[2] : "";
  if (data.empty() || lines_of(data + "/policy.json").empty()) {
    std::printf("no data: lookalike_bench --data DATA; nothing was measured\n");
    return 0;
  }
  std::vector<std::set<std::string>> subject_hosts;
  for (const Subject& subject : subjects) subject_hosts.push_back(hosts_of(data, subject.lists));
  const std::vector<std::string> benign = benign_set(data, subject_hosts);
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    Scores scores;
    double seconds = 0;
    for (int part = 0; part < parts; ++part)
      judge_part(subject_hosts[i], benign, part, subjects[i], scores, seconds);
    if (!scores.own.empty() && !scores.benign.empty()) print_curve(subjects[i].id, scores, seconds);
  }
  measure_time(data, subject_hosts, benign);
  return 0;
}
