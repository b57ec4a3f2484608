// What the shipped term rules cost a search, a path, and an address without words.
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "config/policy/term_reader.h"
#include "tests/support/tsv.h"

using namespace schoolgate;

namespace {

template <class Ask>
void measure(const char* what, const std::vector<std::string>& texts, Ask ask) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes += text.size();
  double best = 1e9;
  for (int pass = 0; pass < 20; ++pass) {
    const auto begin = std::chrono::steady_clock::now();
    for (const std::string& text : texts) ask(text);
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count() / static_cast<double>(texts.size()));
  }
  std::printf("%-44s %6zu texts, %3zu bytes on average: %7.0f ns\n", what, texts.size(), bytes / texts.size(),
              best);
}

std::string encoded(const std::string& text) {
  std::string out;
  char escape[4];
  for (const char c : text) {
    if (c == ' ') {
      out += '+';
    } else if (static_cast<unsigned char>(c) < 0x80) {
      out += c;
    } else {
      std::snprintf(escape, sizeof escape, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += escape;
    }
  }
  return out;
}

}  // namespace

int main() {
  const std::string defaults = SCHOOLGATE_SOURCE_DIR "/config/defaults/";
  LoadContext context(defaults + "schoolgate.yaml");
  const CategoryCatalogue catalogue = read_catalogue(defaults + "categories.yaml", context);
  const TermsFile file = read_terms_file(defaults + "terms.yaml", catalogue, context);
  const auto begin = std::chrono::steady_clock::now();
  const auto rules = TermRules::compile(file.rules, file.variants, file.path_unless);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  if (!rules) return 1;
  std::printf("%zu rules compiled in %.1f ms\n", (*rules)->rules().size(), took.count());

  std::vector<std::string> searches, slugs,
      plain{"/", "/static/js/app.7f3a.min.js", "/api/v2/items/10482",
            "/wp-content/uploads/2024/05/image-1024x768.jpg"};
  for (const auto& row : testing::read_tsv(SCHOOLGATE_SOURCE_DIR "/tests/rules/data/terms_tests.tsv")) {
    searches.push_back(encoded(row.at("input")));
    std::string slug = row.at("folded_key");
    for (char& c : slug)
      if (c == ' ') c = '-';
    slugs.push_back("/tin-tuc/" + slug + "-hom-nay-10482.html");
  }
  TermMatcher matcher(*rules);
  std::vector<TermHit> hits;
  const auto search = [&](const std::string& text) {
    hits.clear();
    matcher.match_search(text, hits);
  };
  const auto path = [&](const std::string& text) {
    hits.clear();
    matcher.match_path(text, hits);
  };
  measure("searches with marks, percent-encoded", searches, search);
  measure("paths of words", slugs, path);
  measure("paths of files", plain, path);
  measure("a search of 8 KiB", {encoded(std::string(1000, 'k') + " ") + encoded([] {
                                  std::string text;
                                  while (text.size() < 7000) text += "không muốn sống ";
                                  return text;
                                }())},
          search);
}
