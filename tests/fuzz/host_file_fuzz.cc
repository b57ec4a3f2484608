// A file of `https: never_inspect: lists:`: every line that holds something is one host, one network or one
// error with its place, a host is canonical, and the hosts written out again read back as the same, without a
// word.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/main/main_reader.h"
#include "rules/url/host.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

struct Read {
  std::vector<std::string> hosts;
  std::size_t networks = 0, errors = 0, warnings = 0;
};

Read read(const std::string& names) {
  ConfigTexts texts;
  texts.files["schoolgate.yaml"] =
      "version: 1\nschool: {name: T}\nlisten: {proxy: [\"127.0.0.1:3128\"]}\nunknown_tier: t\n"
      "https: {never_inspect: {lists: [names.txt]}}\n";
  texts.files["names.txt"] = names;
  LoadContext context("schoolgate.yaml", &texts);
  auto main = read_main_file(context);
  require(main.has_value(), "the main file is fine");
  Read out{std::move(main->never_inspect.hosts), main->never_inspect.networks.size()};
  for (const Diagnostic& d : context.diagnostics) {
    if (d.file != "names.txt") continue;  // what the bare main file lacks
    require(d.pos.line != 0 && !d.message.empty(), "a place and a word");
    ++(d.severity == Severity::error ? out.errors : out.warnings);
  }
  return out;
}

std::size_t naive_lines(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::size_t lines = 0;
  bool holds = false, comment = false;
  for (const char c : text) {
    if (c == '\n') holds = comment = false;
    if (c == '#') comment = true;
    if (holds || comment || c == '\n' || c == ' ' || c == '\t' || c == '\r') continue;
    holds = true;
    ++lines;
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::string text(copy.get(), size);
  const Read once = read(text);
  require(once.hosts.size() + once.networks + once.errors == naive_lines(text),
          "a line is a host, a network or an error");
  require(once.warnings <= once.hosts.size(), "at most a warning for each host");
  std::string again;
  for (const std::string& host : once.hosts) {
    Host canonical;
    require(parse_host(host, canonical).ok() && !canonical.is_address() && canonical.text == host,
            "canonical, and no address");
    again += "*." + host + "\n";
  }
  const Read twice = read(again);
  require(twice.hosts == once.hosts && twice.errors == 0 && twice.warnings == 0, "the same, without a word");
  return 0;
}
