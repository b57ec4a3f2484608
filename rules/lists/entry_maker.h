// What every format ends in: a part of a line becomes an entry, or is refused with a reason.
#pragma once

#include <string>
#include <string_view>

#include "rules/lists/list_format.h"
#include "rules/rule.h"
#include "rules/url/host.h"
#include "rules/url/url.h"

namespace schoolgate {

// Receives what a line holds.
class ListLineSink {
 public:
  // `where` is the line, or of a line with several names the name: what ListLineReader::reread() takes.
  virtual void accept(RuleEntry&& entry, std::string_view where) = 0;
  virtual void ignore(Ignored reason) = 0;
  // `where` is a part of the line.
  virtual void refuse(std::string_view where, Message message, Message hint) = 0;

 protected:
  ~ListLineSink() = default;
};

// Keeps buffers from one entry to the next. `like` gives what the entry says beside its text.
class EntryMaker {
 public:
  // `written` is what is refused, where `token` is no part of the line.
  void host(std::string_view token, std::string_view where, ListLineSink& sink, const RuleEntry& like = {},
            std::string_view written = {});
  // "198.51.100.0/24", "198.51.100.0/255.255.255.0", "2001:db8::/32": a network. False: `token` is none, and
  // nothing was said. One that is too wide for a list or has host bits is refused.
  bool network(std::string_view token, std::string_view where, ListLineSink& sink, const RuleEntry& like = {},
               std::string_view written = {});
  void host_or_network(std::string_view token, std::string_view where, ListLineSink& sink,
                       const RuleEntry& like = {});
  // "host/path?query", with or without a scheme.
  void url(std::string_view address, std::string_view where, ListLineSink& sink, const RuleEntry& like);
  // `written` is the pattern's part of the line, `text` what RE2 is given.
  void pattern(std::string_view written, std::string text, std::string_view where, ListLineSink& sink,
               const RuleEntry& like);

 private:
  Host host_;
  Url url_;
  std::string text_;
};

// Whether parse_host() would take `token` as it stands; false where that needs a closer look.
[[nodiscard]] bool is_plain_name(std::string_view token) noexcept;

}  // namespace schoolgate
