#include "config/policy/term_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "config/policy/policy_shapes.h"
#include "rules/words/term_phrase.h"

namespace schoolgate {
namespace {

constexpr std::size_t most_rules = 10'000;

class TermReader {
 public:
  TermReader(const std::string& path, const CategoryCatalogue& catalogue, LoadContext& context)
      : path_(path), catalogue_(catalogue), context_(context), report_(context.reporter(path)) {}

  TermsFile read(const YamlNode& root) {
    Fields top(root, report_, terms_shape, say("the file of terms"));
    read_version(top);
    if (const YamlNode* spellings = top.get("short_spellings")) short_spellings(*spellings);
    if (const YamlNode* list = top.get("path_not_on")) {
      for (const YamlNode* item : read_items(*list, report_))
        if (const auto id = category(*item)) out_.path_not_on.push_back(*id);
    }
    if (const YamlNode* terms = top.get("path_unless")) {
      for (const YamlNode* item : read_items(*terms, report_))
        if (std::string term; read_term(item, term)) out_.path_unless.push_back(std::move(term));
    }
    if (const YamlNode* categories = top.get("categories")) {
      each_key(*categories, say("categories holds one key for each category"),
               [&](const YamlNode& key, const YamlNode& value) { category_rules(key, value); });
    }
    top.finish();
    test();
    return std::move(out_);
  }

 private:
  // A text that its rule must find, or must not.
  struct Example {
    std::uint32_t rule;
    bool hit;
    std::string text;
    const YamlNode* where;
  };

  template <class Each>
  void each_key(const YamlNode& map, const Message& what, Each each) {
    if (map.kind != YamlNode::Kind::map) {
      report_.error(diag::wrong_kind, map, say("{}, not {}", what, map.kind_name()));
      return;
    }
    for (std::size_t i = 0; i + 1 < map.children.size(); i += 2) each(map.children[i], map.children[i + 1]);
  }

  std::optional<CategoryId> category(const YamlNode& name) {
    const auto text = read_text(name, report_);
    if (!text) return std::nullopt;
    return catalogue_.require(*text, context_.place(path_, name), context_);
  }

  void short_spellings(const YamlNode& map) {
    const auto one_word = [&](const YamlNode& node, const std::string& text) {
      TextKeys keys;
      fold_text(text, keys);
      const bool good = !keys.folded.empty() && keys.folded.find(' ') == std::string::npos;
      if (!good) report_.error(diag::bad_term, node, say("\"{}\" is not one word", text));
      return good;
    };
    each_key(map, say("short_spellings holds one key for each word"),
             [&](const YamlNode& key, const YamlNode& value) {
               TermVariant variant{key.text, {}};
               if (!one_word(key, key.text)) return;
               for (const YamlNode* item : read_items(value, report_))
                 if (auto text = read_text(*item, report_); text && one_word(*item, *text))
                   variant.spellings.push_back(std::move(*text));
               out_.variants.push_back(std::move(variant));
             });
  }

  void category_rules(const YamlNode& key, const YamlNode& value) {
    const auto id = category(key);
    Fields fields(value, report_, category_terms_shape, say("the terms of {}", key.text));
    bool variants = false;
    fields.boolean("short_spellings", variants);
    if (const YamlNode* rules = fields.get("rules"))
      for (const YamlNode* item : read_items(*rules, report_)) {
        TermRule rule;
        rule.variants = variants;
        rule.where = context_.place(path_, *item).ref();
        if (id) {
          rule.category = *id;
          rule.path_always = catalogue_.categories[*id].beats_protecting;
        }
        if (read_rule(*item, rule) && id) out_.rules.push_back(std::move(rule));
        while (!examples_.empty() && examples_.back().rule >= out_.rules.size()) examples_.pop_back();
      }
    fields.finish();
  }

  // These fill a part of `rule`. False: a diagnostic was written.
  bool read_rule(const YamlNode& node, TermRule& rule) {
    Fields fields(node, report_, term_shape, say("a term"));
    bool good = false;
    if (const YamlNode* id = fields.get("id")) good = read_id(*id, rule);
    good &= read_term(fields.get("term"), rule.term);
    if (const YamlNode* bare = fields.get("bare")) good &= read_term(bare, rule.bare);
    if (const YamlNode* unless = fields.get("unless")) good &= read_term(unless, rule.unless);
    std::uint32_t near = most_near_words;
    fields.number("gap", near);
    rule.near = near;
    good &= read_behaviour(fields, rule);
    for (const bool hit : {true, false})
      if (const YamlNode* texts = fields.get(hit ? "hit" : "miss"))
        for (const YamlNode* item : read_items(*texts, report_))
          if (auto text = read_text(*item, report_))
            examples_.push_back({static_cast<std::uint32_t>(out_.rules.size()), hit, std::move(*text), item});
    fields.finish();
    return good && fields.valid();
  }

  bool read_id(const YamlNode& node, TermRule& rule) {
    const auto text = read_text(node, report_);
    if (!text) return false;
    rule.id = *text;
    const auto place = context_.place(path_, node);
    const auto [other, is_new] = ids_.emplace(*text, place);
    if (!is_new) {
      report_.error(diag::duplicate_name, node,
                    say("the id \"{}\" is taken already ({})", *text, context_.show(other->second)));
    }
    if (ids_.size() == most_rules + 1) report_.error(diag::too_many, node, say("more than 10,000 terms"));
    return ids_.size() <= most_rules;
  }

  bool read_term(const YamlNode* node, std::string& out) {
    if (node == nullptr) return false;
    const auto text = read_text(*node, report_);
    if (!text) return false;
    out = *text;
    const auto phrases = parse_term(out);
    if (!phrases) report_.error(diag::bad_term, *node, say("\"{}\": {}", out, phrases.error().message));
    return static_cast<bool>(phrases);
  }

  bool read_behaviour(Fields& fields, TermRule& rule) {
    bool good = true;
    const auto kind = fields.word("match");
    if (kind) rule.match = static_cast<TermRule::Match>(*kind);
    if (fields.get("where") != nullptr) {
      const auto places = fields.word("where");
      good = places.has_value();
      rule.in_path = places && *places == 1;
    }
    if (const YamlNode* action = fields.get("action")) rule.effect = read_effect(*action);
    const YamlNode* bare_action = fields.get("bare_action");
    if (bare_action != nullptr) rule.bare_effect = read_effect(*bare_action);
    if (!kind) return false;
    const auto refuse = [&](std::string_view key, Message message, Message hint) {
      report_.error(diag::bad_term, *fields.get(key), std::move(message), std::move(hint));
      good = false;
    };
    if (rule.match == TermRule::Match::any && !rule.bare.empty())
      refuse("bare", say("\"bare\" is for match: toned and match: auto"),
             say("with match: any marks do not matter at all"));
    if (bare_action != nullptr && rule.match == TermRule::Match::any)
      refuse("bare_action", say("\"bare_action\" is for match: toned and match: auto"), Message());
    // What stands on a page says nothing about who opens it; what somebody searches for does.
    if (rule.in_path && rule.helps())
      refuse("where", say("a rule that helps looks at search words only"), say("where: search"));
    if (rule.helps() && !rule.effect->flags.alert && !rule.unless.empty())
      refuse("unless", say("\"unless\" would remove an alert, and this rule has none"),
             say("delete this line, or action: help+alert"));
    return good;
  }

  std::optional<Effect> read_effect(const YamlNode& node) {
    const auto text = read_text(node, report_);
    if (!text) return std::nullopt;
    auto effect = parse_effect(*text);
    if (!effect)
      report_.error(diag::bad_effect, node, say("\"{}\" is not an action", *text),
                    say("allow, allow+record, warn, block, help or help+alert"));
    return effect;
  }

  void test() {
    if (examples_.empty() || has_errors(context_.diagnostics)) return;
    const auto rules = TermRules::compile(out_.rules, out_.variants, out_.path_unless);
    if (!rules) return;  // Policy::compile() says so
    TermMatcher matcher(*rules);
    std::vector<TermHit> hits;
    for (const Example& example : examples_) {
      std::string encoded;
      for (const char c : example.text) encoded += c == '+' ? "%2B" : c == '%' ? "%25" : std::string(1, c);
      hits.clear();
      matcher.match_search(encoded, hits);
      const bool found =
          std::any_of(hits.begin(), hits.end(), [&](const TermHit& h) { return h.rule == example.rule; });
      if (found == example.hit) continue;
      report_.error(diag::term_test_failed, *example.where,
                    found ? say("\"{}\" is found by {}", example.text, out_.rules[example.rule].id)
                          : say("\"{}\" is not found by {}", example.text, out_.rules[example.rule].id));
    }
  }

  const std::string& path_;
  const CategoryCatalogue& catalogue_;
  LoadContext& context_;
  Reporter report_;
  std::map<std::string, Place> ids_;
  std::vector<Example> examples_;
  TermsFile out_;
};

}  // namespace

TermsFile read_terms_file(const std::string& path, const CategoryCatalogue& catalogue, LoadContext& context,
                          const Place& named) {
  const auto root = context.yaml(path, named);
  if (!root) return {};
  return TermReader(path, catalogue, context).read(*root);
}

}  // namespace schoolgate
