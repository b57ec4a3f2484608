// `schoolgate explain URL`: what would happen, by which line, and what lost. The Judge is the proxy's own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/snapshot.h"
#include "config/teacher_question.h"
#include "rules/judge/judge.h"
#include "rules/message.h"
#include "tools/console/console.h"
#include "tools/daemon/control.h"

namespace schoolgate::tools {

struct ExplainQuestion {
  std::string url;  // "http://..." or "https://..."; without a scheme http is meant
  std::optional<std::string> tier, client, room;  // at most one; none = a client nobody knows
  std::optional<std::string> at;                  // "T2 08:30", "2027-02-08 08:30"; absent = now
  std::optional<std::string> stage;  // "request" or "connect"; absent = what the proxy sees of such a URL
  std::int64_t clock_doubted_until_ms = 0;  // of now; 0: it is not (school_time())
};

// For the staff's pages: what `explain` prints of a URL in a tier ("" = a client nobody knows).
[[nodiscard]] Reply explain_for_pages(const Snapshot& snapshot,
                                      const std::shared_ptr<const Overrides>& overrides,
                                      std::int64_t clock_doubted_until_ms, const std::string& url,
                                      const std::string& tier, Catalogue catalogue);

struct Explained {
  Url url;
  bool connect = false;  // judged by name, as a CONNECT is; else the whole URL
  TierId tier = 0;
  Message tier_because;  // "client 10.0.3.7"
  IpAddress client;      // who asks; where a tier was asked for, of no room
  LocalTime time;
  Explanation explanation;
  bool page = false;    // a connection that is opened to show why it does not pass
  bool passes = false;  // what the pupil gets is the site
  // It would pass, and is an address that upstream: allow_networks does not let anybody reach.
  bool unreachable = false;
  bool inspect = false;   // a connection that is opened, and each request inside is judged as a whole URL
  Message https;          // "opened: ...", "not opened: ..."; empty for what is no https
  std::string safe_host;  // for safe search it is this name that is connected to; "" = the host itself
  bool unseen = false;    // the URL that was asked about has a path or query that the proxy will not see
};

// Errors: a URL, tier, address or time that is none.
// `overrides`: what holds besides, of this very policy; null: nothing.
[[nodiscard]] Result<Explained> explain_url(const Snapshot& snapshot, const ExplainQuestion& question,
                                            std::int64_t now_seconds,
                                            std::shared_ptr<const Overrides> overrides = nullptr);
[[nodiscard]] std::string explain_text(const Snapshot& snapshot, const Explained& explained,
                                       Catalogue catalogue, bool colour);
// {"forward", "match", "tier", "time", "stage", "action", "flags", "passes", "layer", "reason", "category",
// "file", "line",
//  "path_may_change_it", "clock_doubted", "path_unseen", "https", "safe_search", "digest", "steps": [...],
//  "not_asked": [...]} and, where it is so, "unreachable": true.
[[nodiscard]] std::string explain_json(const Snapshot& snapshot, const Explained& explained);

// What the running proxy, or the last one, left of this lesson's overrides, and the exams. What may not be
// read is told.
[[nodiscard]] std::shared_ptr<const Overrides> overrides_now(const Snapshot& snapshot, Console& console);

// The running proxy's answer to a teacher.
[[nodiscard]] Reply explain_reply(const Snapshot& snapshot, const std::shared_ptr<const Overrides>& overrides,
                                  std::int64_t clock_doubted_until_ms, const TeacherQuestion& question);

}  // namespace schoolgate::tools
