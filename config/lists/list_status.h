// How one list was read.
#pragma once

#include "config/main/config.h"
#include "rules/lists/list_parser.h"

namespace schoolgate {

// The result of reading one list file, for `check`, start-up and the status page.
struct ListStatus {
  ListSource source;
  ListReport report;
};

}  // namespace schoolgate
