// The Public Suffix List as Debian's package brings and updates it.
#pragma once

namespace schoolgate {

// From now on rules/url/public_suffix answers by it. Before anybody asks; reads the file when somebody does.
void use_packaged_suffixes() noexcept;

}  // namespace schoolgate
