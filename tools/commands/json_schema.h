// A kind of file as a JSON Schema, for editors. Draft 7: the newest that the language server for YAML of VS
// Code, Vim and others reads without a word ("Supports JSON Schema 7 and below", its own manual).
#pragma once

#include <string>

#include "config/main/config.h"
#include "config/schemas.h"

namespace schoolgate::tools {

// The schema, indented, with its last line's end. What it refuses the reader refuses; what a reader refuses
// besides is what its sentences say (sites, hours, names of other files, what stands twice).
[[nodiscard]] std::string json_schema(const FileKind& kind, Language language);

}  // namespace schoolgate::tools
