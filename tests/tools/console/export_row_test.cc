#include "tools/console/export_row.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>

#include "tests/tools/program_runner.h"
#include "tests/tools/valid_json.h"

using namespace schoolgate;
using namespace schoolgate::audit;
using namespace schoolgate::tools;
using namespace schoolgate::tools_test;

namespace {

constexpr ExportFormat both_formats[] = {ExportFormat::jsonl, ExportFormat::csv};

LogRow a_block() {  // 2026-03-04T04:53:20.123Z
  LogRow row;
  row.time_ms = 1'772'600'000'123;
  row.code = "0EEQ-MM95";
  row.client = "HS-7K3Q2F9A";
  row.tier = "thcs";
  row.action = Action::block;
  row.flags = Flags{true, false, true};
  row.visit = true;
  row.host = "bad.vn";
  row.path = "/a";
  row.method = "GET";
  row.seen = "url";
  row.layer = row.reason = "category";
  row.category = "gambling";
  row.file = "lists/bets.txt";
  row.line = 12;
  row.digest = "abc";
  row.port = 443;
  row.status = 403;
  row.bytes_up = 300;
  row.bytes_down = 5'000;
  row.duration_ms = 25;
  row.ended = "blocked";
  return row;
}

// The cells of one line of CSV (RFC 4180).
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"')
        cells.back() += line[++i];
      else
        quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += line[i];
    }
  }
  return cells;
}

std::string cut(std::string line) {
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST_CASE("export: a row in the names of ECS", "[tools][export]") {
  CHECK(
      export_line(a_block(), ExportFormat::jsonl, ExportClients::left_out) ==
      R"({"@timestamp":"2026-03-04T04:53:00.000Z","ecs.version":"8.11.0","event.dataset":"schoolgate.access",)"
      R"("event.kind":"event","event.category":["web"],"event.type":["access","denied"],"event.action":"block",)"
      R"("event.id":"0EEQ-MM95","event.reason":"category","event.duration":25000000,"client.bytes":300,)"
      R"("server.bytes":5000,"http.request.method":"GET","http.response.status_code":403,)"
      R"("url.domain":"bad.vn","url.port":443,"url.path":"/a","rule.ruleset":"thcs","rule.category":"gambling",)"
      R"("rule.name":"lists/bets.txt:12","rule.version":"abc","schoolgate.flags":["record","locked"],)"
      R"("schoolgate.layer":"category","schoolgate.seen":"url","schoolgate.ended":"blocked",)"
      R"("schoolgate.visit":true,"schoolgate.count":1})"
      "\n");
  CHECK(export_header(ExportFormat::jsonl, ExportClients::named).empty());
  const auto names = cells_of(cut(export_header(ExportFormat::csv, ExportClients::named)));
  const auto cells = cells_of(cut(export_line(a_block(), ExportFormat::csv, ExportClients::named)));
  REQUIRE(names.size() == cells.size());
  const auto cell = [&](const char* name) {
    const auto found = std::find(names.begin(), names.end(), name);
    REQUIRE(found != names.end());
    return cells[static_cast<std::size_t>(found - names.begin())];
  };
  CHECK(cell("@timestamp") == "2026-03-04T04:53:20.123Z");
  CHECK(cell("client.address") == "HS-7K3Q2F9A");
  CHECK(cell("event.type") == "access denied");
  CHECK(cell("rule.name") == "lists/bets.txt:12");
  CHECK(cell("schoolgate.flags") == "record locked");
  CHECK(cell("schoolgate.visit") == "1");
  CHECK(cell("error.message").empty());
}

TEST_CASE("export: what became of a request", "[tools][export]") {
  struct Row {
    const char* name;
    Action action;
    bool refused;
    const char *word, *type;
  };
  const Row rows[] = {{"passed", Action::allow, false, "allow", "allowed"},
                      {"a warning", Action::warn, false, "warn", "denied"},
                      {"blocked", Action::block, false, "block", "denied"},
                      {"never judged", Action::allow, true, "refused", "denied"}};
  for (const Row& one : rows) DYNAMIC_SECTION(one.name) {
      LogRow row = a_block();
      row.action = one.action;
      row.refused = one.refused;
      const std::string line = export_line(row, ExportFormat::jsonl, ExportClients::left_out);
      CHECK_THAT(line, Catch::Contains("\"event.action\":\"" + std::string(one.word) + "\""));
      CHECK_THAT(line, Catch::Contains("[\"access\",\"" + std::string(one.type) + "\"]"));
    }
}

TEST_CASE("export: without clients no row tells one, nor when to the second", "[tools][export]") {
  std::mt19937 random(7);
  for (int i = 0; i < 500; ++i) {
    LogRow row = a_block();
    row.time_ms += static_cast<std::int64_t>(random() % 10'000'000'000ULL);
    row.client = "HS-" + std::to_string(10'000'000 + random() % 80'000'000);
    LogRow other = row;
    other.client = "HS-OTHER";
    other.time_ms += 59'999 - other.time_ms % 60'000;  // the end of the same minute
    for (const ExportFormat format : both_formats) {
      const std::string line = export_line(row, format, ExportClients::left_out);
      CHECK(line.find(row.client) == std::string::npos);
      CHECK(line == export_line(other, format, ExportClients::left_out));
      CHECK(line != export_line(row, format, ExportClients::named));
    }
  }
}

TEST_CASE("export: whatever the network put into a row, it stays one harmless line", "[tools][export]") {
  const std::string evil[] = {
      "\"=cmd\x1b[2J\r\n\xe2\x80\xae\xff,\\", "=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "a,b", "\"", ""};
  std::string LogRow::*const fields[] = {
      &LogRow::client, &LogRow::tier,  &LogRow::host,   &LogRow::path,     &LogRow::method,
      &LogRow::seen,   &LogRow::layer, &LogRow::reason, &LogRow::category, &LogRow::file,
      &LogRow::digest, &LogRow::cause, &LogRow::ended,
  };
  const std::size_t columns = cells_of(cut(export_header(ExportFormat::csv, ExportClients::named))).size();
  for (const std::string& text : evil) {
    for (std::size_t i = 0; i < std::size(fields); ++i) {
      CAPTURE(text, i);
      LogRow row = a_block();
      row.*fields[i] = text;
      const std::string json = export_line(row, ExportFormat::jsonl, ExportClients::named);
      const std::string csv = export_line(row, ExportFormat::csv, ExportClients::named);
      CHECK(json.ends_with("}\n"));
      CHECK(is_json(cut(json)));
      CHECK(csv.ends_with("\r\n"));
      for (const std::string& inside : {cut(json), cut(csv)}) {
        CHECK(inside.find_first_of(std::string("\x1b\r\n")) == std::string::npos);
        CHECK(inside.find("\xe2\x80\xae") == std::string::npos);
        CHECK(inside.find('\xff') == std::string::npos);
      }
      const auto cells = cells_of(cut(csv));
      CHECK(cells.size() == columns);
      for (const std::string& cell : cells)
        CHECK((cell.empty() || std::string("=+-@").find(cell[0]) == std::string::npos));
    }
  }
}

TEST_CASE("export: help and both guides name every field", "[tools][export]") {
  const std::string docs = SCHOOLGATE_SOURCE_DIR "/packaging/docs/";
  const std::string texts[] = {run({"log", "export", "--help"}).out, read_file(docs + "en/auditor.md"),
                               read_file(docs + "vi/kiem-tra.md")};
  for (const std::string_view name : export_names()) {
    CAPTURE(name);
    for (const std::string& text : texts) CHECK(text.find(name) != std::string::npos);
  }
}
