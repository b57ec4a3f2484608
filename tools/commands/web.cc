// schoolgate web and user: the process of the staff's pages, and who has an account there.
#include <unistd.h>

#include <memory>
#include <ostream>

#include "proxy/core/json_text.h"
#include "proxy/web/link.h"
#include "tools/commands/commands.h"
#include "tools/commands/proxys_user.h"
#include "tools/console/load.h"
#include "tools/daemon/privileges.h"
#include "tools/daemon/web_desk.h"
#include "tools/web/account_file.h"
#include "tools/web/page_sources.h"
#include "tools/web/run_web.h"

namespace schoolgate::tools {
namespace {

constexpr char web_footer[] =
    R"(A process of its own, beside the proxy: it reads the log, has no key, and asks the proxy for all else. Where it
listens and who may open it says listen: admin: in the main file. Started as root it becomes another user first.

Examples:
  schoolgate user add nam --role admin       once: prints a link that works once
  systemctl enable --now schoolgate-web      the pages, from now on and after each start)";

constexpr char user_footer[] =
    R"(Passwords are never typed here: whoever gets the link chooses one. Roles: teacher, admin, safeguarding, head,
auditor. A teacher's account has the name that delegation.yaml uses.

Examples:
  schoolgate user add lan --role teacher     prints a link; it works once, within a day
  schoolgate user passwd lan                 a new link for who forgot the password or lost the phone
  schoolgate user role lan head              another role; ends open sessions
  schoolgate user lock lan                   signs out, and lets nobody in any more
  schoolgate user list)";

struct UserOptions {
  std::string config, user = "schoolgate-web", accounts = WebOptions{}.accounts, name, role = "teacher";
  bool json = false;
};

void add_accounts_options(CLI::App& command, std::string& user, std::string& accounts) {
  command.add_option("--user", user, "whom to become when started as root")
      ->type_name("NAME")
      ->capture_default_str();
  command.add_option("--accounts", accounts, "the file of the accounts")
      ->type_name("FILE")
      ->capture_default_str();
}

class UserCommand {
 public:
  UserCommand(const UserOptions& options, std::string verb, Console& console)
      : options_(options), verb_(std::move(verb)), console_(console) {}

  int run() {
    const auto config = load_main_file(options_.config, console_);
    if (!config) return exit_config_errors;
    address_ = config->admin ? pages_address(*config->admin) : "http://ADDRESS";
    int code = exit_ok;
    if (::geteuid() == 0) {
      const auto user = uid_of(options_.user);
      if (!user) {
        console_.complain(say("there is no user {} on this machine", options_.user));
        return exit_failed;
      }
      code = tell(do_as(*user, [this] { return work(); }), console_);
    } else {
      const Done done = work();
      console_.out << done.out;
      console_.err << done.err;
      code = done.exit_code;
    }
    if (code == exit_ok && verb_ != "list") record(*config);
    return code;
  }

 private:
  // What of the log nobody can write, is said; the account is changed all the same: root can do anything.
  void record(const Config& config) const {
    JsonObject detail;
    detail.add("account", options_.name).add("act", verb_);
    if (verb_ == "add" || verb_ == "role") detail.add("role", options_.role);
    const auto proxy = running_proxy(web_socket_path(config.control_socket));
    const std::string who = "(machine) " + name_of(::getuid());
    if (!proxy->event(who, "account_changed", detail.text()))
      console_.complain(say("the proxy does not answer, so the log says nothing of this change"));
  }

  Done fail(const Message& why) const {
    return {exit_failed, "", "schoolgate: " + console_.text(why) + "\n"};
  }

  Done work() {
    AccountFile file(options_.accounts);
    if (const auto read = file.look(); read.failed()) return fail(read.error().message);
    if (verb_ == "list") return list(file.all());
    if (!web::is_account_name(options_.name))
      return fail(say("a name has small letters a to z, digits and . _ -, a letter first"));
    auto account = file.find(options_.name);
    if (verb_ == "add") {
      if (account) return fail(say("there is an account {} already", options_.name));
      account.emplace();
      account->name = options_.name;
    } else if (!account) {
      return fail(say("there is no account {}", options_.name));
    }
    std::string link;
    if (verb_ == "add" || verb_ == "role")
      account->role = web::role_of(options_.role).value_or(web::Role::teacher);
    if (verb_ == "add" || verb_ == "passwd") link = web::give_link(*account, machine_surroundings());
    if (verb_ == "lock" || verb_ == "unlock") account->locked = verb_ == "lock";
    if (verb_ != "add" && verb_ != "passwd") ++account->generation;
    if (const auto kept = file.put(*account); kept.failed()) return fail(kept.error().message);
    if (link.empty()) return {exit_ok, console_.text(say("done: {}", options_.name)) + "\n", ""};
    return {exit_ok,
            console_.text(say("give this link to {} alone; it works once, within a day:", options_.name)) +
                "\n" + address_ + link + "\n",
            ""};
  }

  Done list(const std::vector<web::Account>& accounts) const {
    JsonArray json;
    std::string text;
    for (const web::Account& one : accounts) {
      JsonObject line;
      line.add("account", one.name).add("role", web::to_string(one.role)).add("locked", one.locked);
      line.add("password", !one.password.empty()).add("second_step", !one.totp.empty());
      json.add(line);
      const Message state = one.locked             ? say("locked")
                            : one.password.empty() ? say("no password yet")
                            : one.totp.empty()     ? say("password")
                                                   : say("password and code");
      text += padded(one.name, 20) + "  " + padded(std::string(web::to_string(one.role)), 14) +
              console_.text(state) + "\n";
    }
    if (options_.json) return {exit_ok, json.text() + "\n", ""};
    if (text.empty()) return {exit_ok, console_.text(say("there is no account yet")) + "\n", ""};
    return {exit_ok, text, ""};
  }

  const UserOptions& options_;
  const std::string verb_;
  Console& console_;
  std::string address_;
};

void add_user_verb(CLI::App& users, Console& console, int& result, const char* verb, const char* what) {
  auto options = std::make_shared<UserOptions>();
  CLI::App* command = users.add_subcommand(verb, what);
  const std::string name(verb);
  if (name != "list")
    command->add_option("account", options->name, "the account")->required()->type_name("ACCOUNT");
  const auto roles = CLI::IsMember({"teacher", "admin", "safeguarding", "head", "auditor"});
  if (name == "add")
    command->add_option("--role", options->role, "teacher, admin, safeguarding, head or auditor")
        ->check(roles)
        ->capture_default_str();
  if (name == "role")
    command->add_option("role", options->role, "teacher, admin, safeguarding, head or auditor")
        ->required()
        ->check(roles)
        ->type_name("ROLE");
  if (name == "list") command->add_flag("--json", options->json, "for programs");
  add_accounts_options(*command, options->user, options->accounts);
  add_config_option(*command, options->config);
  on_command(*command, options->config, console,
             [options, name, &console, &result] { result = UserCommand(*options, name, console).run(); });
}

}  // namespace

void add_web_commands(CLI::App& app, Console& console, int& result) {
  struct Options {
    WebOptions web;
    std::string user = "schoolgate-web";
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("web", "Serve the staff's pages, in the foreground");
  add_config_option(*command, options->web.config_file);
  add_accounts_options(*command, options->user, options->web.accounts);
  command->footer(web_footer);
  command->callback([options, &console, &result] {
    auto confined = drop_root(options->user);
    if (confined.ok()) confined = forbid_dumps();
    if (confined.failed()) {
      console.complain(confined.error().message);
      result = exit_failed;
      return;
    }
    speak_as_school(options->web.config_file, console);  // no longer as root
    result = run_web(options->web, console);
  });

  CLI::App* users = app.add_subcommand("user", "Who has an account on the staff's pages");
  users->require_subcommand(1);
  users->footer(user_footer);
  add_user_verb(*users, console, result, "add", "A new account: prints a link that works once");
  add_user_verb(*users, console, result, "passwd", "A new link for an account: to choose a password anew");
  add_user_verb(*users, console, result, "role", "Give an account another role");
  add_user_verb(*users, console, result, "lock", "Sign an account out, and let it in no more");
  add_user_verb(*users, console, result, "unlock", "Let it in again");
  add_user_verb(*users, console, result, "list", "All accounts with their roles");
}

}  // namespace schoolgate::tools
