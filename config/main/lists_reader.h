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

// A file of lists.d: "version: 1" and "lists:".
void read_list_file(const std::string& path, LoadContext& context, std::vector<ListEntry>& out);

}  // namespace schoolgate
