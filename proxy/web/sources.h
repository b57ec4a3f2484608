// What the pages ask of others, joined by tools/web: the running proxy, the log, the reports. All texts are
// raw: they are escaped where a page is made. Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/main/config.h"
#include "rules/result.h"

namespace schoolgate::web {

// What the proxy does now.
struct Standing {
  std::string version, policy, last_reload;  // sentences in the asked language
  std::int64_t uptime_s = 0;
  std::uint64_t connections = 0, clients = 0, tunnels = 0, requests = 0, blocked = 0, failures = 0,
                upstream_failures = 0;
  // Of the last five to ten minutes: half of the answers, and 99 of a hundred, began within. 0: there were
  // none.
  std::uint64_t median_us = 0, slowest_us = 0;
  std::uint64_t rows_written = 0, rows_queued = 0, rows_lost = 0, log_bytes = 0, log_max_bytes = 0;
  std::vector<std::string> faults;  // one sentence each: to be shown in red
  std::vector<std::string> thin;
  // Why messages of this machine do not go out: a fault of the machine, which says nothing of what they are
  // about. For the administrator's eyes.
  std::vector<std::string> unsent{};
  std::string floor{};        // the sealed floor in force: "none", "plain", "sealed"; "" = not told
  std::string floor_lacks{};  // a sentence: to be shown in red, too; "" = nothing
};
struct ListLine {
  std::string name, category, age;  // age: a sentence, "" = not fetched by the program
  std::uint64_t entries = 0, wrong_lines = 0;
  bool late = false;
  std::string waits{};  // since when a new file of it waits for a person; "" = none does
};
struct TierLine {
  std::string id, name;
  bool pupils = true;
};
struct CategoryLine {
  std::string id, name;
};
struct OverrideLine {
  std::uint32_t id = 0;
  std::string action, target, tier, until, account, why, idle;  // until "10:30"; idle: why it has no effect
};
struct Delegated {  // what delegation.yaml gives an account
  std::string tier;
  std::vector<std::string> open, block;
  std::uint32_t minutes_max = 0;
};
struct Said {
  bool done = false;
  std::string text;
};
struct OverrideAsk {
  std::string account, target, tier, minutes, why;
  bool allow = true;
};

struct WishLine {  // a report that something is blocked wrongly; of no device
  std::string code, host, tier, category, list, state;  // state: "open", "granted", "denied", "lapsed"
  std::string by, why;                                  // of an answer
  std::int64_t asked_ms = 0;
  std::uint32_t devices = 0;
  std::vector<std::uint32_t> reasons;  // as wish_reasons of proxy/core
  bool line = false;                   // granted for good
  bool mine = false;                   // delegation.yaml gives its tier to the account
};
struct WishAnswer {
  std::string account, code, act, minutes, why;  // act: "lesson", "line", "deny"
};

struct RoomLine {
  std::string name, state, only, until, text;  // state: "normal", "off", "only", "exam"; text: a sentence
  bool yours = false;                          // the account may switch it
  std::uint64_t devices = 0;                   // seen since the proxy started
};
struct RoomChoice {
  std::string id, name;  // what a room may be opened for alone
};
struct RoomsNow {
  std::vector<RoomLine> rooms;
  std::vector<RoomChoice> choices;
  std::string pages_address = {};  // "192.168.1.1:3128": where devices find the pupils' pages; "": not known
};
struct RoomAsk {
  std::string account, room, state, only, until, why;
};

// A tier's file, and what of it the account may change.
struct TierFileNow {
  Said why_not;  // done: false = it may not, and `text` says why; all else is empty then
  std::string name{}, version{}, text{};
  std::vector<std::string> may_override{};
  bool whole = false;  // every key; else lines, tests, and actions of may_override
  bool waits = false;  // the file says other than what rules: nobody has loaded it yet
};
struct EditNote {
  std::string grade, code, file, message, hint, source;  // grade: "error", "warning", "note"
  bool here = false;                                     // of the file that is edited
  std::uint64_t line = 0, column = 0;
};
struct EditAsk {
  std::string account, tier, version, text, why;
  bool save = false;
};
struct EditSaid {
  bool done = false;
  std::string text;               // a sentence
  std::vector<EditNote> notes{};  // as `check` says them
  std::optional<TierFileNow>
      now{};                 // the file as it is now: of a save; of a refusal when somebody changed it
  std::string difference{};  // from that to the text that was sent
  std::string name{};        // of the file, where it is known
};

struct HistoryLine {
  std::uint64_t number = 0;
  std::string time, who, why, files;  // files: names of those that it changed
};
struct PublishedLine {  // of the catalogue of lists that a school may take
  std::string name, category, licence, purpose, from, state;  // state: a sentence, "" = it may be taken
  std::uint64_t entries = 0;                                  // roughly; 0 = not known
  bool enabled = false;
};

struct CaseLine {
  std::string code, state, opened, last, theme, tier, device, place;  // state: "new", "seen", ...
  bool shared = false;
  std::uint64_t alerts = 0;
};
struct CasesAsk {
  std::string account, code, state, note;  // state: of a list also "open", "all"
};
struct CaseNow {
  Said why_not;  // as of TierFileNow
  CaseLine about{};
  struct Row {
    std::string time, host, rule;
  };
  struct Step {
    std::string time, state, actor, note;
  };
  struct Told {
    std::string time, way, failed;
  };
  std::vector<Row> rows{};
  std::vector<Step> steps{};
  std::vector<Told> messages{};
  std::vector<std::string> exclusions{};  // of a false alarm
  bool two_needed = false;                // another account must agree before one sees who it is
  std::string wish_by{}, wish_at{}, wish_why{}, wish_agreed{};  // somebody asks who it is; agreed: by whom
  std::string untold{};                                         // as of CaseList
};
struct CaseList {
  Said why_not;
  std::vector<CaseLine> cases{};
  std::string untold{};  // why nobody could be told of cases at the last try; "" = all were told
};
struct RevealAsk {
  std::string account, code, act, why;  // act: "ask", "agree", "show"
};

struct LogLine {
  std::int64_t time_ms = 0;
  std::string code, client, tier, action, host, path, category,
      rule;  // action "refused" too; rule "file:line"
  std::uint64_t count = 1;
  bool connect = false;  // of https the name alone
  std::string place{};   // of a teacher's rows: the label of the device or its room; "" = not known
};
struct LogAsk {
  std::int64_t since_ms = 0, until_ms = 0;   // [since, until)
  std::vector<std::string> tiers;            // empty = all
  std::string action, category, host, code;  // "" = any
  bool closed_only = false;                  // blocked and warned
  std::size_t limit = 200;                   // the newest
};
// What was blocked or warned in this lesson and the last, where the account teaches.
struct LessonLog {
  Said why_not;  // done: false = it cannot be read now, and `text` says why
  std::int64_t since_ms = 0;
  bool by_lessons = false;                // no lesson is on: a hundred minutes
  std::vector<std::string> rooms, tiers;  // the account's own
  std::vector<LogLine> rows;              // newest first, without clients
};

// The running proxy. Nullopt: it does not answer.
class Daemon {
 public:
  virtual ~Daemon() = default;
  [[nodiscard]] virtual std::optional<Standing> standing(Language language) = 0;
  [[nodiscard]] virtual std::optional<std::vector<ListLine>> lists(Language language) = 0;
  [[nodiscard]] virtual std::optional<std::vector<TierLine>> tiers(Language language) = 0;
  [[nodiscard]] virtual std::optional<std::vector<CategoryLine>> categories(Language language) = 0;
  [[nodiscard]] virtual std::optional<Said> tier(const std::string& id, Language language) = 0;
  [[nodiscard]] virtual std::optional<Said> explain(const std::string& url, const std::string& tier,
                                                    Language language) = 0;
  [[nodiscard]] virtual std::optional<std::vector<OverrideLine>> overrides(Language language) = 0;
  [[nodiscard]] virtual std::optional<std::vector<Delegated>> delegated(const std::string& account) = 0;
  // Judged there, by delegation.yaml: no account of the pages is more there than it says.
  [[nodiscard]] virtual std::optional<Said> change(const OverrideAsk& ask, Language language) = 0;
  [[nodiscard]] virtual std::optional<Said> revoke(std::uint32_t id, const std::string& account,
                                                   Language language) = 0;
  // Those that wait, then the newest others.
  [[nodiscard]] virtual std::optional<std::vector<WishLine>> wishes(const std::string& account) = 0;
  [[nodiscard]] virtual std::optional<Said> answer_wish(const WishAnswer& answer, Language language) = 0;
  [[nodiscard]] virtual std::optional<RoomsNow> rooms(const std::string& account, Language language) = 0;
  [[nodiscard]] virtual std::optional<Said> switch_room(const RoomAsk& ask, Language language) = 0;
  [[nodiscard]] virtual std::optional<TierFileNow> tier_file(const std::string& account,
                                                             const std::string& tier, Language language) = 0;
  [[nodiscard]] virtual std::optional<EditSaid> edit(const EditAsk& ask, Language language) = 0;
  [[nodiscard]] virtual std::optional<std::vector<HistoryLine>> history(Language language) = 0;
  // What changed from one accepted policy to another, line by line.
  [[nodiscard]] virtual std::optional<Said> difference(std::uint64_t from, std::uint64_t to,
                                                       Language language) = 0;
  [[nodiscard]] virtual std::optional<std::vector<PublishedLine>> catalogue(Language language) = 0;
  [[nodiscard]] virtual std::optional<CaseList> cases(const CasesAsk& ask, Language language) = 0;
  [[nodiscard]] virtual std::optional<CaseNow> one_case(const CasesAsk& ask, Language language) = 0;
  [[nodiscard]] virtual std::optional<Said> case_step(const CasesAsk& ask, Language language) = 0;
  [[nodiscard]] virtual std::optional<Said> reveal(const RevealAsk& ask, Language language) = 0;
  // Of `ask` a time within the lessons, one tier at most, what else narrows it; judged there as change() is.
  [[nodiscard]] virtual std::optional<LessonLog> lesson_log(const std::string& account, const LogAsk& ask,
                                                            Language language) = 0;
  // An event of the log: `what` is one of those that the proxy takes from the pages. False: not written.
  [[nodiscard]] virtual bool event(const std::string& account, const std::string& what,
                                   const std::string& detail) = 0;
};

inline constexpr std::string_view taken_forms[] = {"csv", "jsonl"};  // as of `schoolgate log export`
struct TotalLine {
  std::string tier, action;
  std::uint64_t requests = 0;
};
struct LookalikeLine {
  std::string host;
  std::uint64_t requests = 0, blocked = 0, warned = 0;
};
struct ListWhy {  // of the last new file of a list that had to wait
  std::string list;
  std::vector<Message> why;
};
struct EventFact {  // of an event's details
  struct Value {
    std::string text;
    Message sentence{};           // what the text says, where it is a sentence
    std::optional<bool> truth{};  // what it is instead
  };
  std::string name;  // "tier"; "" = the details are this value
  std::vector<Value> values{};
};
struct EventLine {
  std::int64_t time_ms = 0;
  std::string actor, what;
  std::vector<EventFact> facts{};
};

// The ordinary log, for reading; never the safeguarding file. Errors: it cannot be read, or not in time.
class LogBook {
 public:
  virtual ~LogBook() = default;
  [[nodiscard]] virtual Result<std::vector<LogLine>> rows(const LogAsk& ask) = 0;  // newest first
  // The newest `limit` rows as a file without clients, oldest first; the form is a word of taken_forms.
  [[nodiscard]] virtual Result<std::string> taken(const LogAsk& ask, std::string_view form) = 0;
  [[nodiscard]] virtual Result<std::vector<TotalLine>> totals(std::int64_t since_ms,
                                                              std::int64_t until_ms) = 0;
  // Sites that no list names and whose names look like those of one, the most asked for first.
  [[nodiscard]] virtual Result<std::vector<LookalikeLine>> lookalikes(std::int64_t since_ms,
                                                                      std::int64_t until_ms,
                                                                      std::size_t limit) = 0;
  [[nodiscard]] virtual Result<std::vector<ListWhy>> list_waits(std::int64_t since_ms) = 0;
  [[nodiscard]] virtual Result<std::vector<EventLine>> events(std::int64_t since_ms, std::int64_t until_ms,
                                                              std::size_t limit) = 0;
};

struct ReportAsk {
  std::string kind;               // "month", "term", "year"
  std::string period;             // "2026-11"
  std::string format;             // "html", "docx", "csv"
  std::string audience = "head";  // or "department", "admin"
  Language language = Language::vi;
  std::string
      floor{};  // Standing::floor, for the page itself may not read it; "" = the proxy does not answer
};
class Reports {
 public:
  virtual ~Reports() = default;
  [[nodiscard]] virtual Result<std::string> make(const ReportAsk& ask) = 0;
};

// Clocks and chance, so that a test has its own.
struct Surroundings {
  std::function<std::int64_t()> wall_ms, steady_ms;
  std::function<std::string(std::size_t bytes)> random;
};

}  // namespace schoolgate::web
