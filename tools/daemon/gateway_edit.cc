// Gateway: a tier's file as the staff's pages read and change it. What an account may change is what
// delegation.yaml gives that name; everything else is as for any change of the policy (gateway_policy.cc).
#include <algorithm>
#include <array>
#include <ctime>

#include "config/kept_sets.h"
#include "config/list_enable.h"
#include "config/text/diag_codes.h"
#include "config/text/load_context.h"
#include "config/tier_edit.h"
#include "tools/console/load.h"
#include "tools/console/text_diff.h"
#include "tools/daemon/gateway_object.h"
#include "tools/daemon/paced.h"

namespace schoolgate::tools {
namespace {

constexpr std::size_t most_notes = 100;
constexpr std::size_t most_policies = 100;  // of the history

Reply edit_problem(const Message& why, Catalogue catalogue) {
  return {exit_failed, web_row({"problem", why.in(catalogue)})};
}

std::string note_row(const Diagnostic& one, const SourceTexts& texts, bool here, Catalogue catalogue) {
  const char* const grade = one.severity == Severity::error     ? "error"
                            : one.severity == Severity::warning ? "warning"
                                                                : "note";
  return web_row({"note", grade, "SG" + std::to_string(one.code), one.file, here ? "here" : "",
                  std::to_string(one.pos.line), std::to_string(one.pos.column), one.message.in(catalogue),
                  one.hint.in(catalogue), texts.line(one.file, one.pos.line)});
}

// What the load said, of the file that is edited first. `names`: how diagnostics may name that file.
std::string note_rows(const LoadResult& loaded, const std::array<std::string, 2>& names,
                      Catalogue catalogue) {
  std::string here, elsewhere;
  std::size_t told = 0;
  for (const Diagnostic& one : loaded.diagnostics) {
    if (one.code == diag::overlay_laid) continue;  // of what is tried here it says nothing new
    if (++told > most_notes) break;
    const bool is_here = std::find(names.begin(), names.end(), one.file) != names.end();
    (is_here ? here : elsewhere) += note_row(one, loaded.texts, is_here, catalogue);
  }
  return here + elsewhere;
}

// Of the second, those that are not as they were.
std::string names_changed(const KeptSetIndex* before, const KeptSetIndex& after) {
  if (before == nullptr) return {};
  std::string out;
  const auto add = [&](const std::string& name) { out += (out.empty() ? "" : ", ") + name; };
  for (const auto& [name, digest] : after.files) {
    const auto was = before->files.find(name);
    if (was == before->files.end() || was->second != digest) add(name);
  }
  for (const auto& [name, digest] : before->files)
    if (after.files.count(name) == 0) add(name);
  return out;
}

std::string text_row(const TierText& file) {
  return web_row({"file", file.name, version_of(file.text), packed_text(file.text)});
}

}  // namespace

// The text that a reload would read now, which may be another than the one that rules.
Result<TierText, Message> Gateway::tier_file(TierId tier) {
  const Standing now = standing();
  auto found = text_of_tier(*now.snapshot, *now.texts, tier);
  if (!found) return say("no file of the policy says which it is");
  LoadContext context(config_file_);
  const auto text = context.text(context.path(found->name), most_edited_bytes);
  if (!text) return say("{} cannot be read, or is too large for this page", found->name);
  if (const std::size_t line = unseen_line(*text))
    return say("{} holds characters in line {} that cannot be seen: change it on the machine itself",
               found->name, line);
  found->text = *text;
  return *std::move(found);
}

Reply Gateway::reply_tier_text(const WebQuestion& asked, Catalogue catalogue) {
  const Standing now = standing();
  const Policy& policy = *now.snapshot->policy;
  const auto tier = policy.find_tier(asked.get("tier"));
  if (!tier) return edit_problem(say("there is no tier \"{}\"", asked.get("tier")), catalogue);
  const std::string& account = asked.get("account");
  if (const auto why = not_to_edit(policy, account, *tier)) return edit_problem(*why, catalogue);
  const auto file = tier_file(*tier);
  if (!file) return edit_problem(file.error(), catalogue);
  std::string text = text_row(*file);
  text += web_row({"right", edit_right(policy, account, *tier) == TierEdit::whole ? "whole" : "lines"});
  std::string may;
  for (const CategoryId id : policy.tiers()[*tier].may_override)
    may += (may.empty() ? "" : " ") + policy.categories()[id].id;
  text += web_row({"may_override", may});
  const auto ruling = text_of_tier(*now.snapshot, *now.texts, *tier);
  if (ruling && ruling->text != file->text) text += web_row({"waits", "1"});
  return {exit_ok, text};
}

Result<PolicyChange, Message> Gateway::edit_of(const WebQuestion& asked, const TierText& file, TierId tier) {
  const Standing now = standing();
  const Policy& policy = *now.snapshot->policy;
  const auto sent = unpacked_text(asked.get("text"));
  if (!sent) return say("the text is not whole");
  const std::string text = with_plain_ends(*sent);
  if (text.size() > most_edited_bytes)
    return say("the text is too long: {} bytes at most", most_edited_bytes);
  if (const std::size_t line = unseen_line(text))
    return say("line {} holds characters that cannot be seen: write it anew", line);
  if (edit_right(policy, asked.get("account"), tier) == TierEdit::lines)
    if (const auto why = beyond_lines(file.text, text, policy, tier))
      return say("only the admin may change that: {}", *why);
  PolicyChange change;
  change.files.emplace(file.name, text);
  return change;
}

// "edit": tried, or with save=1 in force. What was changed since the asker read it is never written over.
Reply Gateway::reply_edit(const WebQuestion& asked, Catalogue catalogue) {
  const MutexLock one_at_a_time(reload_mutex_);
  const Standing now = standing();
  const auto tier = now.snapshot->policy->find_tier(asked.get("tier"));
  if (!tier) return edit_problem(say("there is no tier \"{}\"", asked.get("tier")), catalogue);
  const std::string& account = asked.get("account");
  if (const auto why = not_to_edit(*now.snapshot->policy, account, *tier))
    return edit_problem(*why, catalogue);
  const auto file = tier_file(*tier);
  if (!file) return edit_problem(file.error(), catalogue);
  const std::string named = web_row({"name", file->name});
  const bool save = asked.get("save") == "1";
  if (asked.get("version") != version_of(file->text)) {
    const std::string mine = with_plain_ends(unpacked_text(asked.get("text")).value_or(""));
    const Message why = say("somebody changed {} meanwhile: nothing was saved", file->name);
    return {exit_failed, web_row({"problem", why.in(catalogue)}) + text_row(*file) +
                             web_row({"difference", packed_text(diff_texts(file->text, mine).text)})};
  }
  const auto change = edit_of(asked, *file, *tier);
  if (!change) return {exit_failed, named + edit_problem(change.error(), catalogue).text};
  const auto ruling = text_of_tier(*now.snapshot, *now.texts, *tier);
  const std::string& text = *change->files.begin()->second;
  if (text == file->text && ruling && ruling->text == text)
    return {exit_ok, web_row({"done", say("Nothing is changed.").in(catalogue)}) + text_row(*file)};
  std::string why = "edit " + file->name;
  if (!asked.get("why").empty()) why += ": " + asked.get("why");
  const ChangeWanted wanted{.who = "web " + account, .why = why};
  const LoadResult loaded = save ? change_policy(*change, wanted) : try_change(*change, wanted);
  const std::string laid = join_path(join_path(overlay_folder(config_file_), "current"), file->name);
  std::string rows =
      named + note_rows(loaded, {join_path(folder_of(config_file_), file->name), laid}, catalogue);
  if (!loaded.snapshot)
    return {exit_failed,
            web_row({"problem", say("Not taken: the running policy stays in force.").in(catalogue)}) + rows};
  if (!save) return {exit_ok, web_row({"done", say("It would be taken.").in(catalogue)}) + rows};
  rows += text_row({file->name, text});
  return {exit_ok, web_row({"done", say("Saved, and in force.").in(catalogue)}) + rows};
}

// "history": accepted policies, the newest first. "difference": from one of them to another.
Reply Gateway::reply_policies(const WebQuestion& asked, Catalogue catalogue) {
  const KeptSets::History history = kept_.history();
  const auto& entries = history.entries;
  if (asked.verb == "history") {
    std::string rows;
    const TimeZone zone = standing().snapshot->zone;
    for (std::size_t i = 0; i < entries.size() && i < most_policies; ++i) {
      const Acceptance& by = entries[i].index.accepted;
      std::string time = zone.iso8601(by.at).substr(0, 16);
      if (time.size() > 10) time[10] = ' ';
      const KeptSetIndex* const before = i + 1 < entries.size() ? &entries[i + 1].index : nullptr;
      rows += web_row({"accepted", std::to_string(entries[i].number), by.at == 0 ? "" : time, by.who, by.why,
                       names_changed(before, entries[i].index)});
    }
    return {exit_ok, rows};
  }
  std::vector<ConfigTexts> both;
  for (const char* const end : {"from", "to"}) {
    const auto entry = std::find_if(entries.begin(), entries.end(), [&](const KeptSets::Entry& one) {
      return std::to_string(one.number) == asked.get(end);
    });
    if (entry == entries.end())
      return {exit_failed, say("there is no accepted policy {}", asked.get(end)).in(catalogue)};
    auto texts = kept_.texts_of(*entry);
    if (!texts) return {exit_failed, texts.error().message.in(catalogue)};
    both.push_back(*std::move(texts));
  }
  return {exit_ok, texts_.difference ? texts_.difference(config_file_, both[0], both[1], catalogue) : ""};
}

// The catalogue of lists beside the main file, and which of them the school has.
Reply Gateway::reply_published(Catalogue catalogue) {
  const auto offers = read_list_offers(config_file_);
  if (!offers) return {exit_failed, offers.error().message.in(catalogue)};
  std::string rows;
  for (const PublishedList& one : offers->published.lists) {
    Message state;
    if (one.school == PublishedList::School::no)
      state = say("not for schools");
    else if (one.school == PublishedList::School::ask)
      state = one.checked ? say("ask first") : say("not checked, ask first");
    else if (!one.checked)
      state = say("not checked");
    rows += web_row({"published", one.name, one.category, one.licence,
                     catalogue != nullptr ? one.purpose_vi : one.purpose_en, one.update.from,
                     state.in(catalogue), std::to_string(one.entries), offers->has(one.name) ? "1" : "0"});
  }
  return {exit_ok, rows};
}

// Loads the change as change_policy() does, and lets it go.
LoadResult Gateway::try_change(const PolicyChange& change, const ChangeWanted& wanted) {
  const Standing now = standing();
  LoadResult loaded;
  const FoundOverlay found = find_overlay(config_file_);
  const auto laid = with_change(config_file_, found.overlay, change, {wanted.who, std::time(nullptr)});
  if (!found.problem.empty() || !laid) {
    refuse(loaded, diag::not_loaded, config_file_, laid ? found.problem : laid.error().message);
    return loaded;
  }
  LoadOptions options;
  options.laid = &*laid;
  options.running = now.snapshot->config.policy;
  options.running_lists = options.before = now.snapshot.get();
  options.revision = now.snapshot->revision;
  try {
    paced([&] { loaded = load_snapshot(config_file_, options); });
  } catch (const std::exception& failure) {  // out of memory, at worst
    refuse(loaded, diag::not_loaded, config_file_, Message::foreign(failure.what()));
  }
  if (loaded.snapshot)
    if (const auto why = loosened({*now.snapshot, *now.texts}, {*loaded.snapshot, loaded.read}))
      refuse(loaded, diag::not_loaded, config_file_, say("only the admin may do that: {}", *why),
             say("as root: sudo"));
  return loaded;
}

}  // namespace schoolgate::tools
