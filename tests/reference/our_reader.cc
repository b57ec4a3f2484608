// What our reader of Adblock lists makes of many small lists, for list_readers.py. Standard input: lines "R"
// and a rule, "H" and a host, an empty one after each list. Standard output: for each list a digit a host,
// 1 = closed, a blank, and why lines were passed over.
#include <iostream>
#include <string>
#include <vector>

#include "rules/db/matcher.h"
#include "rules/db/rule_db_builder.h"
#include "rules/lists/list_parser.h"

using namespace schoolgate;

namespace {

struct Case {
  std::string list;
  std::vector<std::string> hosts;
};

std::string why_passed_over(const ListReport& report) {
  std::string why;
  for (std::size_t i = 0; i < ignored_reasons; ++i) {
    const auto reason = static_cast<Ignored>(i);
    if (report.ignored[i] != 0 && reason != Ignored::comment_or_blank)
      why += (why.empty() ? "" : "; ") + std::string(to_string(reason));
  }
  for (const Diagnostic& problem : report.first_problems)
    if (problem.code == list_code::bad_line) why += (why.empty() ? "" : "; ") + problem.message.english();
  return why;
}

bool closes(Matcher& matcher, const std::string& host) {
  Url url;
  if (url.parse("https://" + host + "/").failed()) return false;
  Matches matches;
  matcher.match(url, Stage::request, matches);
  for (const Matches::Hit& hit : matches.hits)
    if (!hit.exception) return true;
  return false;
}

// False: a database that cannot be built, which is a fault of ours.
bool answer(const Case& asked) {
  RuleDbBuilder builder;
  const Tag tag = builder.add_source({});
  const ListReport report = parse_list(asked.list, ListFormat::adblock, "list",
                                       [&](RuleEntry&& entry) { builder.add(tag, std::move(entry)); });
  const auto bytes = builder.build();
  if (!bytes) return false;
  const auto db = RuleDb::open(*bytes);
  if (!db) return false;
  Matcher matcher(*db);
  for (const std::string& host : asked.hosts) std::cout << (closes(matcher, host) ? '1' : '0');
  std::cout << ' ' << why_passed_over(report) << '\n';
  return true;
}

}  // namespace

int main() {
  Case asked;
  for (std::string line; std::getline(std::cin, line);) {
    if (line.starts_with('R')) {
      asked.list.append(line, 1).push_back('\n');
    } else if (line.starts_with('H')) {
      asked.hosts.push_back(line.substr(1));
    } else {
      if (!answer(asked)) return 1;
      asked = {};
    }
  }
  return 0;
}
