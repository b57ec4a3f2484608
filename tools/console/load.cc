#include "tools/console/load.h"

#include <cstdio>
#include <ostream>

#include "config/main/main_reader.h"
#include "config/policy/hole_bundles.h"
#include "config/text/diag_codes.h"
#include "config/text/load_context.h"
#include "config/text/vietnamese.h"
#include "proxy/io/tls/tls_material.h"
#include "tools/console/counted.h"
#include "tools/console/last_week.h"

namespace schoolgate::tools {

LoadResult load_for_reading(const std::string& config_file, Console& console,
                            std::optional<PolicyFiles> accepted, const Snapshot* before,
                            const ConfigTexts* texts) {
  ProgressBar bar(console);
  LoadOptions options;
  options.write_cache = false;
  options.hosts_of_last_week = hosts_of_last_week;
  options.running = std::move(accepted);
  options.before = before;
  options.accepted = texts;
  options.progress = [&](const Message& what, double done) { bar.show(what, done); };
  return load_snapshot(config_file, options);
}

void speak_as_school(const std::string& config_file, Console& console) {
  LoadContext context(config_file);
  if (const auto main = read_main_file(context))
    console.catalogue = catalogue_of(main->config.school.language);
}

void refuse(LoadResult& loaded, int code, const std::string& file, Message why, Message hint) {
  Diagnostic& diagnostic = loaded.diagnostics.emplace_back();
  diagnostic.code = code;
  diagnostic.file = file;
  diagnostic.message = std::move(why);
  diagnostic.hint = std::move(hint);
  loaded.snapshot = nullptr;
}

void check_trust(LoadResult& loaded) {
  if (!loaded.snapshot) return;
  const Config& config = loaded.snapshot->config;
  if (const auto trust = TlsMaterial::check_trust(config); trust.failed())
    refuse(loaded, diag::ca_unusable, config.file, trust.error().message);
}

std::optional<Config> load_main_file(const std::string& config_file, Console& console) {
  LoadContext context(config_file);
  auto main = read_main_file(context);
  if (main) open_to_bundles(*main, context);
  if (main && !has_errors(context.diagnostics)) return std::move(main->config);
  sort_by_place(context.diagnostics);
  print_errors(context.diagnostics, context.texts, console);
  return std::nullopt;
}

DiagnosticCounts count(const Diagnostics& diagnostics) {
  DiagnosticCounts counts;
  for (const Diagnostic& d : diagnostics) {
    if (d.severity == Severity::error) ++counts.errors;
    if (d.severity == Severity::warning) ++counts.warnings;
  }
  return counts;
}

Message to_message(const DiagnosticCounts& counts) {
  if (counts.errors != 0 && counts.warnings != 0)
    return say("{}, {}", counted::errors(counts.errors), counted::warnings(counts.warnings));
  if (counts.errors != 0) return counted::errors(counts.errors);
  return counts.warnings != 0 ? counted::warnings(counts.warnings) : Message();
}

void print_errors(const Diagnostics& diagnostics, const SourceTexts& texts, Console& console) {
  console.err << render(diagnostics, texts, console.catalogue, console.err_colour);
}

JsonObject to_json(const Diagnostic& d) {
  constexpr std::string_view severities[] = {"error", "warning", "note"};
  char code[16];
  std::snprintf(code, sizeof code, "SG%04d", d.code);
  JsonObject json;
  json.add("severity", severities[static_cast<std::size_t>(d.severity)])
      .add("code", code)
      .add("file", d.file);
  json.add("line", d.pos.line).add("column", d.pos.column).add("length", d.length);
  json.add("message", d.message.english()).add("message_vi", d.message.in(vietnamese));
  json.add_or_null("hint", d.hint.english()).add_or_null("hint_vi", d.hint.in(vietnamese));
  return json;
}

}  // namespace schoolgate::tools
