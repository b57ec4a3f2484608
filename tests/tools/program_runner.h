// Runs the program in this process, as a shell would start it, and holds what it wrote.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "tools/commands/commands.h"

namespace schoolgate::tools_test {

struct Ran {
  int exit_code = 0;
  std::string out, err;
};

// `catalogue`: the language of the environment.
inline Ran run(const std::vector<std::string>& arguments, Catalogue catalogue = nullptr) {
  std::vector<const char*> argv{"schoolgate"};
  for (const std::string& a : arguments) argv.push_back(a.c_str());
  std::ostringstream out, err;
  tools::Console console{out, err};
  console.catalogue = catalogue;
  Ran ran;
  ran.exit_code = tools::run_program(static_cast<int>(argv.size()), argv.data(), console);
  ran.out = out.str();
  ran.err = err.str();
  return ran;
}

// A command line as one would type it: words, and "words in double quotes".
inline std::vector<std::string> words(const std::string& line) {
  std::vector<std::string> all;
  std::string word;
  bool quoted = false, begun = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
      begun = true;
    } else if (c == ' ' && !quoted) {
      if (begun) all.push_back(word);
      word.clear();
      begun = false;
    } else {
      word += c;
      begun = true;
    }
  }
  if (begun) all.push_back(word);
  return all;
}

}  // namespace schoolgate::tools_test
