#include "config/policy/delegation_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/policy/policy_shapes.h"

namespace schoolgate {
namespace {

// As adduser(8) makes them, and "@" and "." of directories; nothing that a line of a file would be read by.
bool is_account(std::string_view text) noexcept {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '@';
  };
  return !text.empty() && text.size() <= 64 && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), fits);
}

constexpr std::size_t most_case_keepers = 20;

class DelegationReader {
 public:
  DelegationReader(const std::string& path, LoadContext& context)
      : path_(path), context_(context), report_(context.reporter(path)) {}

  DelegationFile read(const YamlNode& root) {
    Fields top(root, report_, delegation_shape, say("the file of delegations"));
    read_version(top);
    if (const YamlNode* teachers = top.get("teachers"))
      for (const YamlNode* item : read_items(*teachers, report_)) entry(*item);
    if (const YamlNode* keepers = top.get("safeguarding")) case_keepers(*keepers);
    top.finish();
    return {std::move(out_), std::move(keepers_)};
  }

 private:
  void entry(const YamlNode& item) {
    Fields fields(item, report_, teacher_shape, say("an entry of teachers"));
    DelegationText text;
    const bool named = account(fields, text);
    if (const YamlNode* tiers = fields.get("tiers")) text.tiers = names(*tiers);
    if (const YamlNode* open = fields.get("open")) text.open = names(*open);
    if (const YamlNode* block = fields.get("block")) text.block = names(*block);
    if (const YamlNode* rooms = fields.get("rooms")) text.rooms = names(*rooms);
    fields.boolean("lines", text.lines);
    fields.boolean("unknown", text.unknown);
    if (const auto word = fields.word("edit")) text.edit = static_cast<TierEdit>(*word);
    fields.number("open_minutes_max", text.minutes_max);
    fields.finish();
    if (named) out_.push_back(std::move(text));
  }

  bool account(Fields& fields, DelegationText& text) {
    const YamlNode* const node = fields.get("account");
    if (node == nullptr) return false;
    auto name = account_name(*node);
    if (!name) return false;
    const bool twice = std::any_of(out_.begin(), out_.end(),
                                   [&](const DelegationText& other) { return other.account.value == *name; });
    if (twice) {
      report_.error(diag::duplicate_name, *node, say("\"{}\" has an entry already", *name),
                    say("make one entry of both"));
      return false;
    }
    text.account = {std::move(*name), context_.place(path_, *node)};
    return true;
  }

  std::optional<std::string> account_name(const YamlNode& node) {
    auto name = read_text(node, report_);
    if (!name) return std::nullopt;
    if (!is_account(*name)) {
      report_.error(diag::bad_text, node, say("\"{}\" cannot be an account of this system", *name),
                    say("write the name with which the teacher logs in, as `id NAME` knows it"));
      return std::nullopt;
    }
    if (*name == "root") {
      report_.error(diag::bad_text, node, say("root is the admin, who needs no delegation"),
                    say("take this entry out"));
      return std::nullopt;
    }
    return name;
  }

  void case_keepers(const YamlNode& node) {
    Fields fields(node, report_, case_keepers_shape, Message("safeguarding"));
    if (const YamlNode* accounts = fields.get("accounts"))
      for (const YamlNode* item : read_items(*accounts, report_)) {
        auto name = account_name(*item);
        if (!name) continue;
        if (std::find(keepers_.accounts.begin(), keepers_.accounts.end(), *name) != keepers_.accounts.end())
          report_.error(diag::duplicate_name, *item, say("\"{}\" has an entry already", *name),
                        say("make one entry of both"));
        else if (keepers_.accounts.size() == most_case_keepers)
          report_.error(diag::bad_text, *item,
                        say("at most {} accounts look after cases", most_case_keepers));
        else
          keepers_.accounts.push_back(*std::move(name));
      }
    fields.boolean("reveal_alone", keepers_.reveal_alone);
    fields.finish();
  }

  std::vector<Placed<std::string>> names(const YamlNode& node) {
    std::vector<Placed<std::string>> out;
    for (const YamlNode* item : read_items(node, report_))
      if (auto text = read_text(*item, report_))
        out.push_back({std::move(*text), context_.place(path_, *item)});
    return out;
  }

  const std::string& path_;
  LoadContext& context_;
  const Reporter report_;
  std::vector<DelegationText> out_;
  CaseKeepers keepers_;
};

}  // namespace

DelegationFile read_delegation_file(const std::string& path, LoadContext& context) {
  const auto root = context.yaml(path);
  if (!root) return {};
  return DelegationReader(path, context).read(*root);
}

}  // namespace schoolgate
