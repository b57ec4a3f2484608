#include "proxy/web/event_words.h"

#include <algorithm>
#include <map>

namespace schoolgate::web {
namespace {

using Sentences = std::map<std::string_view, Message>;

// What people did, on the pages and on the machine.
const Sentences& done_by_people() {
  static const Sentences all{
      {"sign_in", say("Signed in")},
      {"sign_in_failed", say("A sign-in failed")},
      {"password_set", say("Chose a password")},
      {"second_step_on", say("Turned the code of the phone on")},
      {"second_step_off", say("Turned the code of the phone off")},
      {"account_changed", say("An account was changed")},
      {"log_taken", say("Took rows of the log")},
      {"log_clients_shown", say("Looked at pseudonyms")},
      {"report", say("Made a report")},
      {"report_taken", say("Took a report")},
      {"safeguarding_read", say("Read rows of help")},
      {"override", say("Opened or closed for a lesson")},
      {"override_revoked", say("Ended what was open or closed for a lesson")},
      {"override_ended", say("What was open or closed for a lesson is over")},
      {"wish", say("Somebody reported a wrong block")},
      {"wish_granted", say("A report of a wrong block was granted")},
      {"wish_denied", say("A report of a wrong block was denied")},
      {"grant", say("Somebody pressed Continue on a warning")},
      {"device_test", say("A device was tested")},
      {"self_test", say("The installation was examined")},
      {"reload", say("The configuration was loaded")},
      {"reload_refused", say("A configuration was not taken")},
      {"policy_changed", say("The policy was changed")},
      {"policy_change_refused", say("A change of the policy was not taken")},
      {"restored", say("A backup was restored")},
      {"list_updated", say("A list was updated")},
      {"list_not_updated", say("A list was not updated")},
      {"list_waits", say("A new file of a list waits for a person")},
      {"clock_confirmed", say("The machine's clock was confirmed")},
      {"reveal_alone_on", say("One person alone may see who is behind a device")},
      {"reveal_alone_off", say("Two people are needed to see who is behind a device")},
  };
  return all;
}

// What the program did or met by itself.
const Sentences& done_by_the_program() {
  static const Sentences all{
      {"start", say("The proxy started")},
      {"stop", say("The proxy stopped")},
      {"drain", say("The proxy lets its connections end")},
      {"drained", say("The proxy's connections have ended")},
      {"descriptors", say("The proxy was given a number of connections")},
      {"session_failed", say("A connection failed within the proxy")},
      {"worker_stuck", say("A part of the proxy is stuck")},
      {"workers_move_again", say("All parts of the proxy work again")},
      {"last_good_kept", say("The policy was kept as the last good one")},
      {"last_good_not_kept", say("The policy could not be kept")},
      {"last_good_used", say("The last good policy rules, not the files")},
      {"history_removed", say("Old policies were removed")},
      {"overrides_kept", say("What is open for a lesson was taken over")},
      {"overrides_lost", say("What was open for a lesson was lost")},
      {"wishes_closed", say("Reports of wrong blocks cannot be kept")},
      {"wishes_damaged", say("The file of reports of wrong blocks was damaged")},
      {"wishes_not_written", say("Reports of wrong blocks were not written")},
      {"clock_doubted", say("The machine's clock is in doubt")},
      {"clock_agrees", say("The machine's clock agrees again")},
      {"rows_lost", say("Rows of the log were lost")},
      {"log_damaged", say("A file of the log was damaged")},
      {"log_moved", say("A file of the log was taken away")},
      {"log_recovered", say("The log can be written again")},
      {"log_full", say("The log is full")},
      {"log_has_room", say("The log has room again")},
      {"log_over_size", say("The log is larger than it may be")},
      {"log_shortened", say("Old rows made room")},
      {"retention", say("Old rows were removed by rule")},
      {"retention_waits", say("Old rows stay until the clock is right")},
      {"file_renewed", say("A file was brought to this version's form")},
      {"seal_key_new", say("The log is sealed with a new key")},
      {"seal_mailed", say("The last seal was mailed")},
      {"seals_fail", say("The log cannot be sealed")},
      {"seals_recovered", say("The log is sealed again")},
  };
  return all;
}

const Sentences& details_of_requests() {
  static const Sentences all{
      {"account", say("Account")},
      {"act", say("What to do")},
      {"from", say("From the address")},
      {"last_run", say("The run before")},
      {"action", say("What was done")},
      {"admin", say("By the admin")},
      {"blocked", say("Blocked or warned alone")},
      {"category", say("Category")},
      {"clients", say("With clients")},
      {"code", say("Code")},
      {"for", say("For")},
      {"format", say("As")},
      {"host", say("Site")},
      {"id", say("Number")},
      {"line", say("For good")},
      {"period", say("Time")},
      {"role", say("Role")},
      {"room", say("Room")},
      {"rows", say("Rows")},
      {"rule", say("Rule")},
      {"since", say("From")},
      {"target", say("Site or category")},
      {"tier", say("Tier")},
      {"until", say("Until")},
      {"why", say("Why")},
      {"wish", say("Code")},
  };
  return all;
}

const Sentences& details_of_the_program() {
  static const Sentences all{
      {"before", say("Before")},
      {"bytes", say("Bytes")},
      {"change", say("Change")},
      {"clock", say("The machine's clock")},
      {"connections", say("Connections")},
      {"entries", say("Entries")},
      {"error", say("Error")},
      {"errors", say("Errors")},
      {"file", say("File")},
      {"files", say("Files")},
      {"first", say("First")},
      {"goes_by", say("Goes by")},
      {"key", say("Key")},
      {"last", say("Last")},
      {"limit", say("At most")},
      {"list", say("List")},
      {"lists", say("Lists")},
      {"max_bytes", say("Bytes at most")},
      {"name", say("Name")},
      {"policy", say("Policy")},
      {"revision", say("Policy number")},
      {"sealed_by", say("Sealed by")},
      {"seconds", say("Seconds")},
      {"set_aside", say("Set aside as")},
      {"tunnels", say("Tunnels")},
      {"version", say("Version")},
      {"warnings", say("Warnings")},
      {"went_by", say("Went by")},
  };
  return all;
}

Message detail_name(const std::string& name) {
  for (const Sentences* all : {&details_of_requests(), &details_of_the_program()})
    if (const auto found = all->find(name); found != all->end()) return found->second;
  return {};
}

// What was done to an account; empty: another word.
Message account_step(std::string_view act) {
  if (act == "add") return say("A new account");
  if (act == "link" || act == "passwd") return say("New link");
  if (act == "lock") return say("Lock");
  if (act == "unlock") return say("Unlock");
  return act == "role" ? say("Role") : Message();
}

std::string detail_value(const Visit& visit, const Names& names, const std::string& name,
                         const EventFact::Value& value) {
  if (value.truth) return visit.t(*value.truth ? say("yes") : say("no"));
  if (!value.sentence.empty()) return visit.t(value.sentence);
  const std::string& text = value.text;
  if (name == "tier") return esc(names.tier(text));
  if (name == "category" || name == "target") return esc(names.category(text));
  if (name == "last_run" && text == "unclean stop") return visit.t(say("it did not end by itself"));
  if (name == "last_run" && text == "handed over") return visit.t(say("it handed over"));
  if (name == "last_run" && text == "none") return visit.t(say("none"));
  if (name == "last_run") return visit.t(say("it ended as it should"));
  if (const Message step = name == "act" ? account_step(text) : Message(); !step.empty())
    return visit.t(step);
  if (name == "action" || name == "act") return visit.t(action_name(text));
  if (name == "role")
    if (const auto role = role_of(text)) return visit.t(name_of(*role));
  if (name == "for" && text == "head") return visit.t(say("the head of the school"));
  if (name == "for" && text == "department") return visit.t(say("the department"));
  if (name == "for" && text == "admin") return visit.t(name_of(Role::admin));
  return "<bdi>" + esc(visit.local(text)) + "</bdi>";
}

}  // namespace

Message event_sentence(std::string_view what) {
  for (const Sentences* all : {&done_by_people(), &done_by_the_program()})
    if (const auto found = all->find(what); found != all->end()) return found->second;
  return {};
}

Message event_actor(std::string_view actor) {
  constexpr std::string_view of_pages = "web ", machine = "uid ", by_command = "(machine) ";
  if (actor.starts_with(of_pages)) return Message(actor.substr(of_pages.size()));
  if (actor.starts_with(by_command)) return say("{} on the machine", actor.substr(by_command.size()));
  if (actor == "uid 0") return say("root of the machine");
  if (actor.starts_with(machine)) return say("user {} of the machine", actor.substr(machine.size()));
  if (actor == "client") return say("a device");
  if (actor == "schoolgate" || actor == "proxy") return say("the program itself");
  return Message(actor);
}

std::string event_details(const Visit& visit, const Names& names, const EventLine& event) {
  std::string out;
  for (const EventFact& fact : event.facts) {
    std::string values;
    for (const EventFact::Value& value : fact.values)
      values += (values.empty() ? "" : ", ") + detail_value(visit, names, fact.name, value);
    if (values.empty()) continue;
    const Message name = detail_name(fact.name);
    const std::string shown = name.empty() ? "<code>" + esc(fact.name) + "</code>" : visit.t(name);
    out += (out.empty() ? "" : "<br>") + std::string("<span class=\"quiet\">") + shown + ":</span> " + values;
  }
  return out;
}

}  // namespace schoolgate::web
