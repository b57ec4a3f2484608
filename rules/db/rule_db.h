// The compiled rules of all lists: a read-only view on bytes (read from a file, or built in memory).
//
// A rule carries a tag: a number its builder gave it (for lists the index of the list; for the lines of a
// policy the index of the line). A look-up yields the tags of every rule that holds a URL; what a tag
// means is the caller's business.
//
// The layout of the bytes is drawn in rules/README.md. Little-endian, versioned, checksummed by section.
// Threads: RuleDb is immutable and may be shared; a Matcher belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/result.h"
#include "rules/url/host_keys.h"
#include "rules/url/url.h"
#include "rules/verdict.h"

namespace schoolgate {

using Tag = std::uint32_t;

enum class RuleKind : std::uint8_t { domain, url, pattern };
enum class PatternTarget : std::uint8_t { host, path, query, url };  // url = whole match form

// One rule as its author wrote it. Made by the list parser and by the policy reader.
struct RuleEntry {
  RuleKind kind = RuleKind::domain;
  bool exception = false;       // "@@": lifts the tag's rules for what it holds
  bool subdomains = true;       // url rules: hosts below the named one too (lists: no, squidGuard's meaning)
  bool case_sensitive = false;  // patterns
  PatternTarget target = PatternTarget::url;
  std::string text;        // domain: canonical host; url: "host/path?query" in match form, lower case;
                           // pattern: RE2 source
  std::uint32_t line = 0;  // in its source
};

// What a tag stands for in a compiled list database; kept in the file for `lists show` and `explain`.
struct SourceInfo {
  std::string category;                                               // "gambling"
  std::string name;                                                   // list name, "ut1-gambling"
  std::string file;                                                   // path as the config names it
  std::uint64_t domains = 0, urls = 0, patterns = 0, exceptions = 0;  // counted by the builder
};

class RuleDbBuilder {
 public:
  RuleDbBuilder();
  ~RuleDbBuilder();
  Tag add_source(SourceInfo info);
  RuleDbBuilder(const RuleDbBuilder&) = delete;
  RuleDbBuilder& operator=(const RuleDbBuilder&) = delete;
  void add(Tag tag, RuleEntry entry);  // copies the text into an arena; duplicates are kept for provenance
  // Deterministic: same calls, same bytes. Errors: a pattern RE2 refuses, a host that is not canonical
  // (callers validate first), over 4 GiB of names. Consumes the rules: the builder is empty afterwards.
  [[nodiscard]] Result<std::vector<std::byte>> build();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One rule that held a URL, for people: read from the cold part.
struct RuleHit {
  Tag tag = 0;
  RuleKind kind = RuleKind::domain;
  bool exception = false;
  std::uint32_t line = 0;
  std::string text;
  bool inner_host = false;  // held the host inside a wrapper such as translate.goog, not the visible one
  bool lifted = false;      // an exception of its tag lifts it: not a hit of match()
};

class RuleDb {
 public:
  // Checks magic, version and every section's checksum; any wrong bit is an error. `bytes` outlives the
  // RuleDb. Bytes that begin on a border of 64 (a mapped file does) are read in place, others are copied.
  [[nodiscard]] static Result<std::shared_ptr<const RuleDb>> open(std::span<const std::byte> bytes);
  virtual ~RuleDb() = default;
  [[nodiscard]] virtual std::span<const SourceInfo> sources() const noexcept = 0;  // by Tag
  struct Counts {
    std::uint64_t domains, urls,
        patterns;  // distinct hosts with domain rules, distinct URL prefixes, distinct patterns
    std::uint64_t weak_patterns, hot_bytes, total_bytes;
  };
  [[nodiscard]] virtual Counts counts() const noexcept = 0;
  // Every rule that names `host` or a parent of it (`lists search`). Slow path.
  [[nodiscard]] virtual std::vector<RuleHit> search(std::string_view host) const = 0;
  // The patterns that no host alone can answer: of an https site that is not opened they are never asked.
  // Takes about a millisecond a pattern.
  [[nodiscard]] virtual std::vector<RuleHit> patterns_that_need_a_path() const = 0;
};

// What held a URL. Reused by its owner; clear() keeps capacity.
struct Matches {
  struct Hit {
    Tag tag;
    RuleKind kind;
    bool exception;
    std::uint16_t specificity;  // domain, url: labels of the rule's host that matched
                                // url: + 256 per path byte is not needed; longer text wins on equal labels
    std::uint32_t text_length;  // bytes of the rule's text
    std::uint32_t line;         // of the rule in its source
    // Held the host or URL inside a wrapper, not the visible one: a reason to block, never a reason to allow
    // (translate.google.com/translate?u=GOOD&u=BAD holds both).
    bool inner = false;
  };
  std::vector<Hit> hits;
  bool pattern_error = false;  // something could not be asked (RE2 out of memory, subject over 8 KiB, bytes
                               // that are no database although their checksums say so): judge it as a fault
  bool path_rules = false;     // host stage: rules with a path exist that might hold a URL of this host
  void clear() noexcept {
    hits.clear();
    pattern_error = path_rules = false;
  }
};

enum class Stage : std::uint8_t {
  host,     // only the host is known (CONNECT, SNI): domain rules and host patterns
  request,  // the whole URL
};

// Asks one RuleDb; owns what must not be shared between threads (RE2 confirmers, scratch).
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const RuleDb> db);
  ~Matcher();
  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;

  // Appends to `out` (the caller clears). Allocates nothing once warm, RE2's own DFA apart. Exceptions
  // have been applied: a hit that an exception of its tag lifts is not in `out`; the exception is.
  void match(const Url& url, Stage stage, Matches& out);
  // For those who ask several databases about one URL: `keys` were made from url.host(), and prefetch() of a
  // large database was called with them some time before.
  void match(const Url& url, const HostKeys& keys, Stage stage, Matches& out);
  // Asks the memory for what match() will read; worth it some 100 ns before.
  void prefetch(const HostKeys& keys) const noexcept;
  // The same question answered for people, with text and line of each rule, lifted ones included.
  [[nodiscard]] std::vector<RuleHit> explain(const Url& url, Stage stage);
  [[nodiscard]] const RuleDb& db() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace schoolgate
