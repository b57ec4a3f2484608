// What most commands begin with: the configuration, whole or only its main file, and the language of its
// school.
#pragma once

#include <optional>
#include <string>

#include "config/load_snapshot.h"
#include "proxy/core/json_text.h"
#include "rules/diagnostic.h"
#include "tools/console/console.h"

namespace schoolgate::tools {

// Loads everything as the proxy does, with a progress bar; compiled lists are used if they fit, and never
// written: the running proxy's are not ours to change.
// `accepted`: the files of the policy that was accepted last, as LoadOptions::running; `before`: that policy;
// `texts`: its texts.
[[nodiscard]] LoadResult load_for_reading(const std::string& config_file, Console& console,
                                          std::optional<PolicyFiles> accepted = {},
                                          const Snapshot* before = nullptr,
                                          const ConfigTexts* texts = nullptr);

// From here on `console` speaks the language of the school whose main file this is; where that cannot be
// read, still that of the environment.
void speak_as_school(const std::string& config_file, Console& console);

// What cannot be used after all, beside what the files themselves say: `loaded` becomes a refusal.
void refuse(LoadResult& loaded, int code, const std::string& file, Message why, Message hint = {});
// As a start and a reload do: refuses where a file of upstream.extra_ca or https.crl_dir cannot be used.
void check_trust(LoadResult& loaded);

// The main file alone, in milliseconds: where the log and the socket are. Nullopt after its errors were
// printed.
[[nodiscard]] std::optional<Config> load_main_file(const std::string& config_file, Console& console);

struct DiagnosticCounts {
  std::size_t errors = 0, warnings = 0;
};
[[nodiscard]] DiagnosticCounts count(const Diagnostics& diagnostics);
// "2 errors, 1 warning"; empty when there is neither.
[[nodiscard]] Message to_message(const DiagnosticCounts& counts);
// For people, in the language of `console`, in colour where its error output is.
void print_errors(const Diagnostics& diagnostics, const SourceTexts& texts, Console& console);
// For programs: in English.
[[nodiscard]] JsonObject to_json(const Diagnostic& diagnostic);

}  // namespace schoolgate::tools
