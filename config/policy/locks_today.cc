#include "config/policy/locks_today.h"

#include <set>
#include <utility>

#include "config/main/main_reader.h"
#include "config/policy/floor_reader.h"

namespace schoolgate {
namespace {

// The context reads the files as they are for as long as this lives; its diagnostics stay as they were, and
// so do the texts that they show: the kept ones.
class FilesAsTheyAre {
 public:
  explicit FilesAsTheyAre(LoadContext& context)
      : context_(context),
        kept_(context.use_texts(nullptr)),
        diagnostics_(context.diagnostics.size()),
        texts_(std::exchange(context.texts, {})) {}
  FilesAsTheyAre(const FilesAsTheyAre&) = delete;
  FilesAsTheyAre& operator=(const FilesAsTheyAre&) = delete;
  ~FilesAsTheyAre() {
    context_.use_texts(kept_);
    context_.texts = std::move(texts_);
    context_.diagnostics.erase(context_.diagnostics.begin() + static_cast<std::ptrdiff_t>(diagnostics_),
                               context_.diagnostics.end());
  }

 private:
  LoadContext& context_;
  const ConfigTexts* kept_;
  std::size_t diagnostics_;
  SourceTexts texts_;
};

void add_locked(const std::string& path, LoadContext& context, LocksToday& out) {
  LockedFile file = read_locked_file(path, context, {});
  for (auto& category : file.categories) out.locked.categories.push_back(std::move(category));
  for (PlacedLine& line : file.lines)
    if (line.line.effect.action == Action::block) out.locked.lines.push_back(std::move(line));
}

void add_tiers(const std::string& folder, LoadContext& context, LocksToday& out) {
  const auto files = context.yaml_files_in(folder);
  if (!files) return;
  for (const std::string& path : *files)
    if (auto file = read_tier_file(path, context))
      for (auto& [category, effect] : file->categories)
        if (effect.flags.locked && effect.action == Action::block)
          out.tiers.push_back({file->id.value, std::move(category)});
}

}  // namespace

LocksToday read_locks_today(const MainFile& kept, LoadContext& context) {
  LocksToday out;
  if (!context.uses_kept()) return out;
  const FilesAsTheyAre now(context);
  const PolicyFiles& then = kept.config.policy;
  std::set<std::string> locked{then.locked, context.path("locked.yaml")};
  std::set<std::string> floor{then.floor, context.path("floor.txt")};
  std::set<std::string> tiers{then.tiers_directory};
  if (const auto main = read_main_file(context)) {
    locked.insert(main->config.policy.locked);
    floor.insert(main->config.policy.floor);
    tiers.insert(main->config.policy.tiers_directory);
  }
  for (const std::string& path : locked)
    if (!path.empty()) add_locked(path, context, out);
  if (const std::string sealed = context.path(sealed_file_name); !context.absent(sealed))
    out.sealed = read_signed_floor(sealed, context);
  if (out.sealed)
    for (SaltedEntry& entry : out.sealed->file.floor.entries)
      entry.where.source = context.source(context.path(sealed_file_name));
  for (const std::string& path : floor)
    if (!path.empty() && !out.sealed && then.signed_floor.empty())
      for (const FloorEntry& entry : read_floor_file(path, context, {})) out.floor.push_back(entry);
  for (const std::string& folder : tiers) add_tiers(folder, context, out);
  return out;
}

}  // namespace schoolgate
