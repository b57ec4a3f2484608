// The pages with sources of their own: what each is asked for is kept, clocks stand until a test moves them.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "proxy/web/form.h"
#include "proxy/web/site.h"

namespace schoolgate::web_test {

using namespace schoolgate::web;

struct Book : AccountBook {
  std::map<std::string, Account> accounts;
  std::optional<Account> find(std::string_view name) override {
    const auto found = accounts.find(std::string(name));
    return found == accounts.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<Account> all() override {
    std::vector<Account> out;
    for (const auto& [name, account] : accounts) out.push_back(account);
    return out;
  }
  Result<void> put(const Account& account) override {
    accounts[account.name] = account;
    return {};
  }
};

struct PlainPasswords : Passwords {
  std::string hash(std::string_view password) override { return "hash:" + std::string(password); }
  Checked check(std::string_view password, const std::string& hash) override {
    return !hash.empty() && hash == "hash:" + std::string(password) ? Checked::right : Checked::wrong;
  }
};

struct Proxy : Daemon {
  bool answers = true;
  std::string hostile;  // in every text, where it is not empty
  std::vector<std::string> events;
  std::vector<OverrideAsk> changes;
  std::vector<OverrideLine> lines;
  std::vector<std::string> faults, unsent, thin;
  std::uint64_t median_us = 0, slowest_us = 0;
  std::string untold{};  // told with cases
  std::string floor_lacks{};
  std::string tier_text{};

  std::optional<Standing> standing(Language) override {
    if (!answers) return std::nullopt;
    Standing out;
    out.version = "1.0";
    out.policy = "revision 3" + hostile;
    out.requests = 1234567;
    out.faults = faults;
    out.unsent = unsent;
    out.floor = "plain";
    out.floor_lacks = floor_lacks + hostile;
    out.thin = thin;
    out.median_us = median_us;
    out.slowest_us = slowest_us;
    if (!hostile.empty()) out.thin.push_back(hostile);
    return out;
  }
  std::optional<std::vector<ListLine>> lists(Language) override {
    return std::vector<ListLine>{
        {"games" + hostile, "games", "2 days ago", 10, 0, true, "2026-11-29 08:05" + hostile}};
  }
  std::optional<std::vector<TierLine>> tiers(Language) override {
    return std::vector<TierLine>{{"thcs", "THCS" + hostile, true}, {"thpt", "THPT", true}};
  }
  std::optional<std::vector<CategoryLine>> categories(Language language) override {
    const bool vi = language == Language::vi;
    return std::vector<CategoryLine>{{"games", (vi ? "Trò chơi" : "Games & play") + hostile},
                                     {"gambling", vi ? "Cờ bạc" : "Betting"}};
  }
  std::optional<Said> tier(const std::string& id, Language) override {
    return Said{true, tier_text.empty() ? "tier " + id + hostile : tier_text};
  }
  std::optional<Said> explain(const std::string& url, const std::string&, Language) override {
    return Said{true, "url " + url + hostile};
  }
  std::optional<std::vector<OverrideLine>> overrides(Language) override { return lines; }
  std::optional<std::vector<Delegated>> delegated(const std::string& account) override {
    if (account != "teacher") return std::vector<Delegated>{};
    return std::vector<Delegated>{{"thcs", {"games"}, {}, 60}};
  }
  std::optional<Said> change(const OverrideAsk& ask, Language) override {
    changes.push_back(ask);
    return Said{true, "done" + hostile};
  }
  std::optional<Said> revoke(std::uint32_t, const std::string&, Language) override {
    return Said{true, "ended"};
  }
  std::vector<WishAnswer> wish_answers;
  std::optional<std::vector<WishLine>> wishes(const std::string& account) override {
    if (!answers) return std::nullopt;
    WishLine own{.code = "BN-7K3Q2F9A",
                 .host = "games.test" + hostile,
                 .tier = "thcs",
                 .category = "games",
                 .list = "lists/games.txt" + hostile,
                 .state = "open",
                 .by = {},
                 .why = {},
                 .asked_ms = 1,
                 .devices = 3,
                 .reasons = {2, 0, 1, 0, 0, 0}};
    own.mine = account == "teacher" || account == "admin";
    WishLine other = own;
    other.code = "BN-22222222";
    other.tier = "thpt";
    other.state = "denied";
    other.by = "lan";
    other.why = "no" + hostile;
    other.mine = false;
    return std::vector<WishLine>{other, own};
  }
  std::optional<Said> answer_wish(const WishAnswer& answer, Language) override {
    wish_answers.push_back(answer);
    return Said{true, "answered" + hostile};
  }

  RoomsNow rooms_now{{{"Phòng máy 1", "off", "", "10:30", "off until 10:30", true, 12},
                      {"Lab 2", "normal", "", "", "", false, 0}},
                     {{"olm", "OLM"}}};
  std::vector<RoomAsk> switched;
  TierFileNow file{{true, ""}, "tiers.d/thcs.yaml", "v1", "tier: thcs\n", {"games"}, false, false};
  std::vector<EditAsk> edits;
  EditSaid edit_said{true, "Saved.", {}, TierFileNow{{true, ""}, "tiers.d/thcs.yaml", "v2", "saved\n"}, ""};
  CaseNow case_now{{true, ""},
                   {"CA-7K3Q2F9A", "new", "2026-11-29 09:14", "", "Self-harm", "thcs", "HS-7K3Q2F9A", ""}};
  std::vector<CasesAsk> steps;
  std::vector<RevealAsk> reveals;

  std::optional<RoomsNow> rooms(const std::string&, Language) override {
    if (!answers) return std::nullopt;
    return rooms_now;
  }
  std::optional<Said> switch_room(const RoomAsk& ask, Language) override {
    switched.push_back(ask);
    return Said{true, "switched" + hostile};
  }
  std::optional<TierFileNow> tier_file(const std::string&, const std::string&, Language) override {
    if (!answers) return std::nullopt;
    return file;
  }
  std::optional<EditSaid> edit(const EditAsk& ask, Language) override {
    if (!answers) return std::nullopt;
    edits.push_back(ask);
    return edit_said;
  }
  std::optional<std::vector<HistoryLine>> history(Language) override {
    if (!answers) return std::nullopt;
    return std::vector<HistoryLine>{
        {12, "2026-11-29 09:14", "web lan" + hostile, "edit" + hostile, "tiers.d/thcs.yaml" + hostile},
        {11, "", "", "", ""}};
  }
  std::optional<Said> difference(std::uint64_t from, std::uint64_t to, Language) override {
    return Said{true, "from " + std::to_string(from) + " to " + std::to_string(to) + hostile};
  }
  std::optional<std::vector<PublishedLine>> catalogue(Language) override {
    return std::vector<PublishedLine>{{"ut1" + hostile, "games" + hostile, "CC" + hostile, "games" + hostile,
                                       "https://x/" + hostile, hostile, 7, false}};
  }
  std::optional<CaseList> cases(const CasesAsk& ask, Language) override {
    if (!answers) return std::nullopt;
    if (ask.account != "safeguarding") return CaseList{{false, "not yours"}, {}};
    return CaseList{{true, ""}, {case_now.about}, untold};
  }
  std::optional<CaseNow> one_case(const CasesAsk& ask, Language) override {
    if (!answers) return std::nullopt;
    if (ask.account != "safeguarding") return CaseNow{{false, "not yours"}};
    case_now.untold = untold;
    return case_now;
  }
  std::optional<Said> case_step(const CasesAsk& ask, Language) override {
    steps.push_back(ask);
    return Said{true, "kept" + hostile};
  }
  std::optional<Said> reveal(const RevealAsk& ask, Language) override {
    reveals.push_back(ask);
    return Said{true, "10.1.0.5" + hostile};
  }
  LessonLog lesson{{true, ""}, 1'764'397'800'000, true, {"Lab 1"}, {"thcs"}, {}};
  std::vector<LogAsk> lessons_asked;
  std::optional<LessonLog> lesson_log(const std::string& account, const LogAsk& ask, Language) override {
    if (!answers) return std::nullopt;
    lessons_asked.push_back(ask);
    LessonLog out = lesson;
    if (account != "teacher") out.rooms.clear(), out.tiers.clear();
    LogLine line;
    line.time_ms = ask.until_ms - 1;
    line.host = "games.test" + hostile;
    line.tier = "thcs";
    line.action = "block";
    line.rule = "lists/games.txt:1";
    line.client = "HS-SECRET";
    line.place = "Lab 1" + hostile;
    out.rows.push_back(line);
    return out;
  }
  bool event(const std::string& account, const std::string& what, const std::string& detail) override {
    if (!answers) return false;
    events.push_back(account + " " + what + " " + detail);
    return true;
  }
};

struct Log : LogBook {
  std::vector<LogAsk> asked;
  std::string hostile;
  Result<std::vector<LogLine>> rows(const LogAsk& ask) override {
    asked.push_back(ask);
    LogLine line;
    line.time_ms = ask.until_ms - 1;
    line.host = "games.test" + hostile;
    line.path = "/p" + hostile;
    line.tier = "thcs";
    line.action = "block";
    line.category = "games";
    line.rule = "lists/games.txt:1";
    line.code = "7KQ2-M4XH";
    line.client = "HS-SECRET";
    return std::vector<LogLine>{line};
  }
  Result<std::string> taken(const LogAsk& ask, std::string_view form) override {
    asked.push_back(ask);
    return "as " + std::string(form) + "\n";
  }
  Result<std::vector<TotalLine>> totals(std::int64_t, std::int64_t) override {
    return std::vector<TotalLine>{{"thcs", "allow", 1000}, {"thcs", "block", 4}};
  }
  Result<std::vector<LookalikeLine>> lookalikes(std::int64_t, std::int64_t, std::size_t) override {
    return std::vector<LookalikeLine>{{"bet88.test" + hostile, 40, 39, 1}};
  }
  Result<std::vector<ListWhy>> list_waits(std::int64_t) override {
    return std::vector<ListWhy>{{"games" + hostile, {Message("it has lost 41 %" + hostile)}}, {"gone", {}}};
  }
  Result<std::vector<EventLine>> events(std::int64_t, std::int64_t until_ms, std::size_t) override {
    return std::vector<EventLine>{
        {until_ms - 1, "uid 0" + hostile, "reload", {{"why" + hostile, {{"asked" + hostile, {}, {}}}}}},
        {until_ms - 2,
         "web lan",
         "override",
         {{"action", {{"off", {}, {}}}},
          {"tier", {{"thcs", {}, {}}}},
          {"category", {{"games", {}, {}}, {"gambling", {}, {}}}},
          {"until", {{"2026-11-29T09:14:00+07:00", {}, {}}}},
          {"admin", {{"false", {}, false}}}}},
        {until_ms - 3, "schoolgate", "of_tomorrow" + hostile, {}},
        {until_ms - 4, "(machine) root", "account_changed", {{"act", {{"add", {}, {}}}}}}};
  }
};

struct Report : Reports {
  Result<std::string> make(const ReportAsk& ask) override {
    return "report " + ask.format + " " + ask.period + " for " + ask.audience + " " + ask.floor;
  }
};

// A school whose accounts are named as their roles, each with the password "correct horse NAME".
class Staff {
 public:
  Staff() {
    for (const Role role : roles) {
      Account account;
      account.name = std::string(to_string(role));
      account.role = role;
      account.password = "hash:correct horse " + account.name;
      book.accounts[account.name] = account;
    }
  }

  Response get(const std::string& address, const std::string& cookie = {}) {
    Request request = plain("GET", address, cookie);
    return site.answer(request);
  }
  // As the form of the same page would be sent, with the session's token where there is one.
  Response post(const std::string& address, const std::string& form, const std::string& cookie = {}) {
    Request request = plain("POST", address, cookie);
    request.form = *parse_form(form);
    request.fetch_site = "same-origin";
    return site.answer(request);
  }
  // As a browser shows it: where the answer leads to a page, that page.
  Response post_and_follow(const std::string& address, const std::string& form, const std::string& cookie) {
    const Response answer = post(address, form, cookie);
    return answer.status == 303 ? get(header(answer, "Location"), cookie) : answer;
  }
  Request plain(const std::string& method, const std::string& address, const std::string& cookie) const {
    Request request;
    request.method = method;
    const std::size_t mark = address.find('?');
    request.path = address.substr(0, mark);
    if (mark != std::string::npos) request.query = *parse_form(address.substr(mark + 1));
    request.cookies = parse_cookies(cookie);
    request.host = "127.0.0.1:8443";
    request.peer = "127.0.0.1";
    return request;
  }

  // The cookie of a session of that role.
  std::string sign_in(const std::string& role) {
    return cookie_of(post("/sign-in", "account=" + role + "&password=correct+horse+" + role));
  }
  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [one, value] : response.headers)
      if (one == name) return value;
    return {};
  }
  static std::string cookie_of(const Response& response) {
    const std::string set = header(response, "Set-Cookie");
    return set.substr(0, set.find(';'));
  }
  // The token that the forms of a page carry.
  std::string token(const std::string& cookie) {
    const std::string body = get("/account", cookie).body;
    const std::string mark = "name=\"csrf\" value=\"";
    const std::size_t at = body.find(mark);
    return at == std::string::npos ? "" : body.substr(at + mark.size(), 64);
  }

  Book book;
  PlainPasswords passwords;
  Proxy proxy;
  Log log;
  Report report;
  std::int64_t wall_ms = 1'764'400'000'000, steady_ms = 1'000'000;
  unsigned char chance = 0;
  Site site{
      {.school = "THCS <Lê Lợi>", .version = "1.0", .language = Language::en, .hosts = {"127.0.0.1:8443"}},
      {.wall_ms = [this] { return wall_ms; },
       .steady_ms = [this] { return steady_ms; },
       .random = [this](std::size_t bytes) { return std::string(bytes, static_cast<char>(++chance)); }},
      {book, passwords, proxy, log, report}};
};

}  // namespace schoolgate::web_test
