// The entries of `lists:`, in the main file and in lists.d/*.yaml.
#pragma once

#include <string>
#include <vector>

#include "config/main/main_file.h"
#include "config/text/load_context.h"

namespace schoolgate {

// The items of one `lists:` key. Names must be new over all files.
void read_list_entries(const YamlNode& lists, const Reporter& report, LoadContext& context,
                       std::vector<ListEntry>& out);

// Where a list may be fetched from: https://, a host, no user, no fragment. False after an error.
[[nodiscard]] bool read_list_address(const YamlNode& node, const Reporter& report, std::string& out);
// Which file of an archive: the key `file` beside it.
void read_inner_path(Fields& fields, std::string& out);
constexpr std::uint32_t longest_rhythm_days = 90;
constexpr std::string_view list_tree_format = "squidguard";  // beside list_format_names
// Where a list that is fetched lies: no one else chooses what the program writes over.
[[nodiscard]] std::string fetched_list_path(const std::string& state_directory, const std::string& name);

// The file of lists.d that commands write for this list or collection.
[[nodiscard]] std::string list_entry_file(const MainFile& main, const std::string& name);
// A text as YAML reads it back: "a \"b\"".
[[nodiscard]] std::string yaml_quoted(const std::string& text);

// A file of lists.d: "version: 1" and "lists:".
void read_list_file(const std::string& path, LoadContext& context, std::vector<ListEntry>& out);

}  // namespace schoolgate
