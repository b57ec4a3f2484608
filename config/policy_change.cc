#include "config/policy_change.h"

#include <algorithm>
#include <utility>

#include "config/main/main_reader.h"
#include "config/text/load_context.h"
#include "config/text/names.h"
#include "config/text/text_file.h"
#include "rules/bytes/sha256.h"

namespace schoolgate {
namespace {

using PolicyFile = std::string PolicyFiles::*;

std::string name_in(const std::string& config_file, const std::string& path) {
  const std::string folder = folder_of(config_file);
  return !folder.empty() && path.starts_with(folder + "/") ? path.substr(folder.size() + 1) : path;
}

std::string text_in(const ConfigTexts& texts, const std::string& name) {
  const auto found = texts.files.find(name);
  return found == texts.files.end() ? std::string() : found->second;
}

// Files that are read where they are there: those that a policy of earlier did not have.
void hide_others(const std::string& config_file, const ConfigTexts& wanted, PolicyChange& change) {
  Overlay laid;
  for (const auto& [name, text] : change.files) laid.files[name].text = text;
  LoadContext context(config_file, nullptr, &laid);
  const auto hide = [&](const std::string& path) {
    const std::string name = context.name_of(path);
    if (!path.empty() && wanted.files.count(name) == 0 && can_be_laid(name))
      change.files[name] = std::nullopt;
  };
  for (const auto& [folder, names] : wanted.folders)
    if (const auto files = context.yaml_files_in(context.path(folder)))
      for (const std::string& path : *files) hide(path);
  for (const char* const name : {"expect.yaml", "pins.yaml", "pages.yaml"}) hide(context.path(name));
  const auto main = read_main_file(context);
  if (!main) return;
  constexpr PolicyFile single[] = {&PolicyFiles::locked,  &PolicyFiles::help,   &PolicyFiles::floor,
                                   &PolicyFiles::terms,   &PolicyFiles::search, &PolicyFiles::delegation,
                                   &PolicyFiles::periods, &PolicyFiles::bundles};
  for (const PolicyFile file : single) hide(main->config.policy.*file);
  for (const std::string& folder : {main->config.policy.bundles_directory, main->lists_folder})
    if (const auto files = context.yaml_files_in(folder))
      for (const std::string& path : *files) hide(path);
}

// What is locked in a tier must be so afterwards.
std::optional<Message> loosened_tier(const Policy& before, const Policy& after) {
  for (const Tier& tier : before.tiers()) {
    const auto id = after.find_tier(tier.id);
    if (!id) return say("there would be no tier \"{}\" any more", tier.id);
    const Tier& then = after.tiers()[*id];
    for (std::size_t i = 0; i < tier.effects.size(); ++i) {
      if (!tier.effects[i].effect.flags.locked) continue;
      const std::string& name = before.categories()[i].id;
      const auto category = after.find_category(name);
      const bool locked = category && then.effects[*category].effect.flags.locked &&
                          then.effects[*category].effect.action == tier.effects[i].effect.action;
      if (!locked) return say("\"{}\" would no longer be locked in tier \"{}\"", name, tier.id);
    }
  }
  return std::nullopt;
}

}  // namespace

Result<Overlay> with_change(const std::string& config_file, const Overlay& now, const PolicyChange& change,
                            const ChangedBy& by) {
  Overlay out = now;
  out.shown = join_path(overlay_folder(config_file), "current");
  for (const std::string& name : change.dropped)
    if (out.files.erase(name) == 0) return Error{say("nothing is laid over {}", name)};
  for (const auto& [name, text] : change.files) {
    if (!can_be_laid(name)) return Error{say("\"{}\" is no name of a file of the configuration", name)};
    auto below = digest_below(config_file, name);
    if (!below) return Error{say("cannot read {}: {}", name, below.error().message)};
    if (text ? to_hex(sha256(*text)) == *below : below->empty()) {
      out.files.erase(name);
      continue;
    }
    const auto found = out.files.find(name);
    if (found != out.files.end() && found->second.text == text) continue;  // as somebody laid it before
    out.files[name] = {text, std::move(*below), by.account, by.at};
  }
  return out;
}

Result<PolicyChange> change_to(const std::string& config_file, const ConfigTexts& wanted,
                               const ConfigTexts& running) {
  PolicyChange change;
  for (const auto& [name, text] : wanted.files) {
    if (is_of_signed_floor(name)) continue;  // there is no way back for it
    if (can_be_laid(name)) {
      change.files.emplace(name, text);
      continue;
    }
    const auto now = running.files.find(name);
    if (now == running.files.end() || now->second != text)
      return Error{
          say("{} lies beyond the folder of the configuration, and was another then: put it back by "
              "hand",
              name)};
  }
  hide_others(config_file, wanted, change);
  return change;
}

Overlay without_repeats(const std::string& config_file, Overlay overlay) {
  std::erase_if(overlay.files, [&](const auto& entry) {
    const auto below = digest_below(config_file, entry.first);
    if (!below) return false;
    return entry.second.text ? *below == to_hex(sha256(*entry.second.text)) : below->empty();
  });
  return overlay;
}

std::optional<Message> loosened(const RuledBy& before, const RuledBy& after) {
  const std::string& config_file = before.snapshot.config.file;
  const auto differs = [&](const std::string& one, const std::string& other) {
    return text_in(before.texts, name_in(config_file, one)) !=
           text_in(after.texts, name_in(config_file, other));
  };
  if (differs(config_file, config_file)) return say("the main file would be another");
  const PolicyFiles &then = before.snapshot.config.policy, &now = after.snapshot.config.policy;
  if (differs(then.locked, now.locked)) return say("the file of locks would be another");
  if (differs(then.floor, now.floor)) return say("the floor would be another");
  if (differs(then.delegation, now.delegation)) return say("the delegation would be another");
  return loosened_tier(*before.snapshot.policy, *after.snapshot.policy);
}

}  // namespace schoolgate
