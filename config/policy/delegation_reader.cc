#include "config/policy/delegation_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

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

class DelegationReader {
 public:
  DelegationReader(const std::string& path, LoadContext& context)
      : path_(path), context_(context), report_(context.reporter(path)) {}

  std::vector<DelegationText> read(const YamlNode& root) {
    Fields top(root, report_, say("the file of delegations"));
    require_version(top);
    if (const YamlNode* teachers = top.get("teachers"))
      for (const YamlNode* item : read_items(*teachers, report_)) entry(*item);
    top.finish();
    return std::move(out_);
  }

 private:
  void entry(const YamlNode& item) {
    Fields fields(item, report_, say("an entry of teachers"));
    DelegationText text;
    const bool named = account(fields, text);
    if (const YamlNode* tiers = fields.require("tiers")) text.tiers = names(*tiers);
    if (const YamlNode* open = fields.get("open")) text.open = names(*open);
    if (const YamlNode* block = fields.get("block")) text.block = names(*block);
    if (const YamlNode* rooms = fields.get("rooms")) text.rooms = names(*rooms);
    fields.boolean("lines", text.lines);
    fields.boolean("unknown", text.unknown);
    fields.number("open_minutes_max", text.minutes_max, 1, Delegation::most_minutes);
    fields.finish();
    if (named) out_.push_back(std::move(text));
  }

  bool account(Fields& fields, DelegationText& text) {
    const YamlNode* const node = fields.require("account");
    if (node == nullptr) return false;
    auto name = read_text(*node, report_);
    if (!name) return false;
    if (!is_account(*name)) {
      report_.error(diag::bad_text, *node, say("\"{}\" cannot be an account of this system", *name),
                    say("write the name with which the teacher logs in, as `id NAME` knows it"));
      return false;
    }
    if (*name == "root") {
      report_.error(diag::bad_text, *node, say("root is the admin, who needs no delegation"),
                    say("take this entry out"));
      return false;
    }
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
};

}  // namespace

std::vector<DelegationText> read_delegation_file(const std::string& path, LoadContext& context) {
  const auto root = context.yaml(path);
  if (!root) return {};
  return DelegationReader(path, context).read(*root);
}

}  // namespace schoolgate
