// gateway: open: to: a bundle.
#pragma once

#include "config/main/main_file.h"
#include "config/text/load_context.h"

namespace schoolgate {

// Adds the networks of the bundles that holes name. A bundle that is not there, or names no network, is an
// error at its place, and its hole leads nowhere by it. Reads the files of bundles as `context` does; what is
// wrong with these is for who reads the policy to say.
void open_to_bundles(MainFile& main, LoadContext& context);

}  // namespace schoolgate
