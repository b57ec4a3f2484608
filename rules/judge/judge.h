// evaluate(): the one function that decides. explain() is the same walk with its steps written down.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rules/db/rule_db.h"
#include "rules/message.h"
#include "rules/policy/overrides.h"
#include "rules/policy/policy.h"
#include "rules/policy/schedule.h"
#include "rules/rule.h"
#include "rules/url/url.h"
#include "rules/verdict.h"

namespace schoolgate {

struct JudgeRequest {
  const Url& url;
  Stage stage = Stage::request;
  TierId tier = 0;
  LocalTime time;
  std::span<const CategoryId> granted{};  // `warn` of these was continued by this client for this host
  // Who asks: for rooms that are closed now. Null: none is, nor is a tier by an exam.
  const IpAddress* client = nullptr;
  // The client's devices trust the school's certificate (Policy::trusts_ca): connections that the tier
  // inspects are opened, and what is within is seen.
  bool trusts_ca = true;
};

// What a ClientHello (or its absence) said, for the second question of a tunnel.
struct TunnelFacts {
  enum class First : std::uint8_t { tls, not_tls, bad_hello } first = First::tls;
  std::uint8_t names = 0;  // host_name entries over all server_name extensions
  bool sni_is_address = false;
  bool sni_valid = true;     // parses as a host
  bool ech = false;          // encrypted_client_hello extension present
  const Url* sni = nullptr;  // "https://<sni>:<port>/" through Url::parse_authority; null when none
  // No CONNECT named where to: the firewall sent it here. Without a name in the hello, the authority is the
  // address that it was going to, for which nobody asked by itself.
  bool redirected = false;
};

// One step of an explanation, in the order of the layers; losers too.
struct Step {
  Layer layer;
  bool wins = false;
  Effect effect;
  Message what;   // "category gambling", "line allow vi.wikipedia.org", "default"
  Message note;   // why it lost, or what it means; may be empty
  RuleRef where;  // of the rule
  CategoryId category = no_category;
  RuleRef action_where;  // categories: where the tier or its timetable gives the action
};
struct Explanation {
  Verdict verdict;
  std::optional<HelpMatch> help;
  std::vector<Step> steps;
  std::vector<Step> not_asked;  // host stage: rules with a path that could not be asked
};

// What a list of the database means to the policy; by its Tag.
struct ListMeaning {
  CategoryId category = no_category;
  std::uint32_t source = 0xffffffff;  // its index in the snapshot's table of source files
  // The rules' own action. It replaces the category's for their matches, never stricter than the category's
  // in that tier, except `help`, which always stands. Rules of one file with several actions are several
  // tags.
  std::optional<Effect> own;
  // Its exceptions lift rules of other lists of the category, too; never of one that some tier locks.
  bool reaches_category = false;
};

// Threads: one per worker. Holds the worker's matchers; shares Policy and RuleDb.
class Judge {
 public:
  // `meanings[tag]` for every source of `lists`; a missing or unknown one is a bug of the caller
  // (invalid_argument). `lists` and the bytes below it outlive the Judge.
  Judge(std::shared_ptr<const Policy> policy, std::shared_ptr<const RuleDb> lists,
        std::vector<ListMeaning> meanings);
  ~Judge();

  [[nodiscard]] Verdict evaluate(const JudgeRequest& request);
  // evaluate(), and what is to be said of a match that helps. Costs more where there is one.
  [[nodiscard]] Judged judge(const JudgeRequest& request);
  // The same walk, written down: explain(r).verdict == evaluate(r), and so for a CONNECT.
  [[nodiscard]] Explanation explain(const JudgeRequest& request);
  [[nodiscard]] Explanation explain_connect(const JudgeRequest& request);

  // The target of a CONNECT before any byte of the tunnel: the host-stage verdict of the name, with what the
  // tier says of its port or IP literal. evaluate() does the same for plain http.
  [[nodiscard]] Verdict evaluate_connect(const JudgeRequest& request);
  // After the first bytes of the tunnel. `authority` is what evaluate_connect() said of the CONNECT's name.
  [[nodiscard]] Verdict evaluate_hello(const JudgeRequest& request, const Verdict& authority,
                                       const TunnelFacts& facts);
  // The same, and what is to be said of a match that helps.
  [[nodiscard]] Judged judge_connect(const JudgeRequest& request);
  [[nodiscard]] Judged judge_hello(const JudgeRequest& request, const Judged& authority,
                                   const TunnelFacts& facts);

  // True if connections to this host are never opened, in any tier: PolicySpec::never_inspect_*, and
  // addresses, for which no certificate is made.
  [[nodiscard]] bool never_inspected(const Url& url);
  // Why, for people: "never_inspect names icloud.com". Empty when they may be opened.
  [[nodiscard]] Message never_inspected_because(const Url& url);

  // Before connecting: what the name of `request` resolved to. `verdict` let it through; it stands unless a
  // rule blocks one of its aliases (CNAME, RFC 1034 3.6.2) or a line, the floor or a network of a list blocks
  // one of its addresses, IPv4 inside IPv6 included. A rule that names what was asked for wins over one of
  // its own layer that names what is behind it; tier defaults, warnings and rules with paths say nothing
  // here.
  struct ResolvedVerdict {
    Verdict verdict;
    bool blocked = false;  // `verdict` is another than what was given
    // Some rule holds an alias or address: another tier or hour may judge otherwise.
    bool rules_spoke = false;
  };
  [[nodiscard]] ResolvedVerdict evaluate_resolved(const JudgeRequest& request, const Verdict& verdict,
                                                  std::span<const std::string> aliases,
                                                  std::span<const IpAddress> addresses);
  // The same of `judged`, which becomes what is decided now. An alias that a list of `help` names is not
  // opened either.
  [[nodiscard]] ResolvedVerdict judge_resolved(const JudgeRequest& request, Judged& judged,
                                               std::span<const std::string> aliases,
                                               std::span<const IpAddress> addresses);

  // From now on these hold too, and no others; null: none. Made for another policy: a bug of the caller
  // (invalid_argument).
  void use(std::shared_ptr<const Overrides> overrides);
  // Those whose end has come hold no longer. True: there were some.
  bool end_overrides(const Moment& now);

  // What closed a room, by the rule of a verdict (Reason::room_off, room_only); null: it holds no longer.
  [[nodiscard]] const Closing* closing(const RuleRef& rule) const noexcept;

  [[nodiscard]] const Policy& policy() const noexcept;

  struct Impl;  // rules/judge/judge_impl.h

 private:
  std::unique_ptr<Impl> impl_;
};

// Places where the policy contradicts itself, for `check`; `places` are the file names by RuleRef::source.
//   SG3001 error    a tier's line that a locked line, a help line or the floor defeats
//          warning  ... that an entry of a list in a locked category defeats
//   SG3002 warning  a line written twice in one tier with different actions: the stricter counts
//   SG3003 error    a timetable entry on a category whose action in that tier is locked
//   SG3004 note     rows of a timetable that overlap and say different things: the stricter counts
//   SG3005 note     a tier's line that leaves a part of its site to a milder line of a tier it extends
// Asks evaluate() itself about the host or URL of each line; pattern lines are not asked.
[[nodiscard]] Diagnostics policy_conflicts(Judge& judge, std::span<const std::string> places);

}  // namespace schoolgate
