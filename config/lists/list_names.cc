#include "config/lists/list_names.h"

#include <algorithm>

#include "config/text/diag_codes.h"
#include "config/text/text_file.h"
#include "rules/url/host.h"

namespace schoolgate {
namespace {

// Part of the key: raise it when the trainer learns something else from the same names.
constexpr std::string_view learner_version = "look-alikes 1";
constexpr std::uint64_t most_wrong_bytes = 4 * 1024 * 1024;

}  // namespace

ListNames::ListNames(const CategoryCatalogue& catalogue, const std::string& wrong, LoadContext& context)
    : catalogue_(catalogue) {
  hash_.update(learner_version);
  for (std::size_t i = 0; i < catalogue.categories.size(); ++i) {
    const Category& category = catalogue.categories[i];
    if (category.names != Category::Names::lookalikes || numbers_.size() == LookalikeModels::most) continue;
    numbers_[static_cast<CategoryId>(i)] = trainer_.add_category(category.id);
    hash_.update(category.id);
    hash_.update(std::string_view("\0", 1));
  }
  if (!wrong.empty()) read_wrong(wrong, context);
}

void ListNames::read_wrong(const std::string& path, LoadContext& context) {
  const std::uint32_t source = context.source(path);
  const auto text = read_file(path, most_wrong_bytes);
  if (!text) {
    context.add(Severity::error, diag::list_unreadable, {source, {}, 0},
                say("cannot read {}: {}", path, text.error().message));
    return;
  }
  hash_.update(*text);
  for_each_line(*text, [&](std::string_view line, std::uint32_t number) {
    line = line.substr(0, line.find('#'));
    line = line.substr(0, line.find_last_not_of(" \t") + 1);
    if (line.empty()) return;
    Host host;
    if (const auto parsed = parse_host(line, host); parsed.ok() && !host.is_address()) {
      trainer_.add_wrong(host.text);
      spared_.push_back(hash_name(judged_name(host.text)));
    } else {
      context.add(Severity::warning, diag::list_bad_lines,
                  {source, {number, 1}, static_cast<std::uint32_t>(line.size())},
                  say("\"{}\" is no site", line), say("one host a line, as in zalo.me"));
    }
  });
  std::sort(spared_.begin(), spared_.end());
}

void ListNames::will_read(CategoryId category, const Sha256Digest& bytes) {
  const Category::Names names = catalogue_.categories[category].names;
  if (names == Category::Names::nothing) return;
  hash_.update(catalogue_.ids[category]);
  hash_.update(std::string_view(names == Category::Names::benign ? "\1" : "\0", 1));
  hash_.update(std::as_bytes(std::span(bytes)));
}

const Sha256Digest& ListNames::key() {
  key_ = hash_.finish();
  return key_;
}

void ListNames::take(CategoryId category, const RuleEntry& entry) {
  if (!learns() || entry.kind != RuleKind::domain || entry.exception) return;
  if (const auto found = numbers_.find(category); found != numbers_.end())
    trainer_.add(found->second, entry.text);
  else if (catalogue_.categories[category].names == Category::Names::benign)
    trainer_.add_benign(entry.text);
}

Bytes ListNames::train(const std::function<void(double)>& progress) {
  if (!learns()) return {};
  return trainer_.train(key_, progress).bytes;
}

Bytes ListNames::former(const LookalikeModels& models) const {
  std::vector<LookalikeModel> all(models.all().begin(), models.all().end());
  for (LookalikeModel& model : all) model.spared = spared_;
  return lookalike_bytes(all, models.key());
}

}  // namespace schoolgate
