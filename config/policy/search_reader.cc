#include "config/policy/search_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/policy/policy_shapes.h"
#include "config/text/names.h"
#include "rules/url/host.h"

namespace schoolgate {
namespace {

class SearchReader {
 public:
  SearchReader(const std::string& path, LoadContext& context, const TierFinder& find_tier,
               const std::function<bool(std::string_view)>& unread)
      : path_(path),
        context_(context),
        find_tier_(find_tier),
        unread_(unread),
        report_(context.reporter(path)) {}

  std::vector<SearchEngine> read(const YamlNode& root) {
    Fields top(root, report_, engines_shape, say("the file of search engines"));
    read_version(top);
    if (const YamlNode* engines = top.get("engines")) {
      if (engines->kind != YamlNode::Kind::map) {
        report_.error(diag::wrong_kind, *engines,
                      say("engines holds one key for each engine, not {}", engines->kind_name()));
        return {};
      }
      for (std::size_t i = 0; i + 1 < engines->children.size(); i += 2)
        engine(engines->children[i], engines->children[i + 1]);
    }
    top.finish();
    return std::move(out_);
  }

 private:
  void engine(const YamlNode& key, const YamlNode& value) {
    if (!is_id(key.text)) {
      report_.error(diag::bad_text, key, say("\"{}\" cannot be the id of a search engine", key.text),
                    say("small letters a-z, digits and _, a letter first, at most 32"));
      return;
    }
    SearchEngine engine;
    engine.id = key.text;
    engine.where = context_.place(path_, key).ref();
    Fields fields(value, report_, engine_shape, say("the search engine {}", key.text));
    if (const YamlNode* sites = fields.get("sites")) engine.sites = hosts(*sites);
    if (const YamlNode* words = fields.get("words"))
      for (const YamlNode* item : read_items(*words, report_))
        if (auto text = read_text(*item, report_)) engine.words.push_back(std::move(*text));
    if (const YamlNode* paths = fields.get("paths"))
      for (const YamlNode* item : read_items(*paths, report_))
        if (auto text = path(*item)) engine.paths.push_back(std::move(*text));
    if (const YamlNode* safe = fields.get("safe")) read_safe(*safe, engine);
    if (const YamlNode* otherwise = fields.get("otherwise")) read_otherwise(*otherwise, engine);
    if (const YamlNode* small = fields.get("small"))
      engine.small = read_boolean(*small, report_).value_or(false);
    fields.finish();
    out_.push_back(std::move(engine));
  }

  void read_safe(const YamlNode& node, SearchEngine& engine) {
    Fields fields(node, report_, safe_shape, say("the safe search of {}", engine.id));
    if (const auto word = fields.word("level")) engine.video = *word == 1;
    if (const YamlNode* names = fields.get("hosts")) {
      engine.safe_hosts = hosts(*names);
      if (const YamlNode* to = fields.require("connect_to")) read_connect_to(*to, engine);
    }
    if (const YamlNode* parameter = fields.get("parameter")) {
      Fields inner(*parameter, report_, parameter_shape, Message("parameter"));
      if (const YamlNode* paths = inner.get("paths"))
        for (const YamlNode* item : read_items(*paths, report_))
          if (auto text = read_text(*item, report_)) engine.safe_paths.push_back(std::move(*text));
      engine.parameter = token(inner.get("name"));
      engine.parameter_value = token(inner.get("value"));
      inner.finish();
    }
    if (const YamlNode* header = fields.get("header")) {
      Fields inner(*header, report_, header_shape, Message("header"));
      engine.header = token(inner.get("name"));
      engine.header_strict = token(inner.get("strict"));
      engine.header_moderate = token(inner.get("moderate"));
      inner.finish();
    }
    fields.finish();
  }

  void read_connect_to(const YamlNode& node, SearchEngine& engine) {
    if (node.kind != YamlNode::Kind::map) {
      engine.strict_host = host(node);
      return;
    }
    Fields fields(node, report_, connect_to_shape, Message("connect_to"));
    if (const YamlNode* strict = fields.get("strict")) engine.strict_host = host(*strict);
    if (const YamlNode* moderate = fields.get("moderate")) engine.moderate_host = host(*moderate);
    fields.finish();
  }

  std::optional<Host> host(const YamlNode& node) {
    const auto text = read_text(node, report_);
    if (!text) return std::nullopt;
    Host host;
    if (parse_host(*text, host).ok()) return host;
    report_.error(diag::bad_line, node, say("\"{}\" is no name to connect to", *text),
                  say("forcesafesearch.google.com, or an address"));
    return std::nullopt;
  }

  // The beginning of a path as match_path(true) spells it, to a "/", so that a name of its own stands behind
  // it.
  std::optional<std::string> path(const YamlNode& node) {
    auto text = read_text(node, report_);
    if (!text) return std::nullopt;
    const bool plain = std::all_of(text->begin(), text->end(), [](char c) {
      return c > ' ' && c < 0x7f && c != '?' && c != '#' && c != '%' && !(c >= 'A' && c <= 'Z');
    });
    if (plain && text->size() > 1 && text->front() == '/' && text->back() == '/') return text;
    report_.error(diag::bad_text, node, say("\"{}\" is not the beginning of a path", *text),
                  say("in small letters, from one \"/\" to another: /search/, or /tag/"));
    return std::nullopt;
  }

  // What may stand in a header or a query as it is.
  std::string token(const YamlNode* node) {
    const auto text = node == nullptr ? std::nullopt : read_text(*node, report_);
    if (!text) return {};
    const auto plain = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
             c == '_';
    };
    if (std::all_of(text->begin(), text->end(), plain)) return *text;
    report_.error(diag::bad_text, *node, say("\"{}\" does not fit here", *text),
                  say("letters, digits, - and _"));
    return {};
  }

  // "otherwise: block", or an action for each tier; tiers that are not named: block.
  void read_otherwise(const YamlNode& node, SearchEngine& engine) {
    engine.otherwise_in_others = Effect{Action::block, {}};
    if (node.kind != YamlNode::Kind::map) {
      if (const auto effect = action(node)) engine.otherwise_in_others = effect;
      return;
    }
    for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
      const YamlNode& key = node.children[i];
      const auto effect = action(node.children[i + 1]);
      const auto tier = find_tier_(key.text);
      if (tier && effect)
        engine.otherwise.push_back({*tier, *effect});
      else if (!tier && !(unread_ && unread_(key.text)))
        report_.warning(diag::unknown_tier, key, say("there is no tier \"{}\"", key.text),
                        say("delete this entry"));
    }
  }

  std::optional<Effect> action(const YamlNode& node) {
    const auto text = read_text(node, report_);
    if (!text) return std::nullopt;
    const auto effect = parse_effect(*text);
    if (effect && !effect->flags.locked && effect->action != Action::help) return effect;
    report_.error(diag::bad_effect, node, say("\"{}\" is no action here", *text),
                  say("allow, allow+record, warn or block"));
    return std::nullopt;
  }

  std::vector<std::string> hosts(const YamlNode& node) {
    std::vector<std::string> out;
    for (const YamlNode* item : read_items(node, report_)) {
      const auto text = read_text(*item, report_);
      if (!text) continue;
      if (auto name = canonical_site(*text))
        out.push_back(std::move(*name));
      else
        report_.error(diag::bad_line, *item, say("\"{}\" is not the name of a site", *text),
                      say("www.bing.com, or google.<cc> for the names of every country"));
    }
    return out;
  }

  // Hosts are compared in this form: "Google.<cc>" as it is written would find nothing.
  static std::optional<std::string> canonical_site(std::string_view text) {
    constexpr std::string_view countries = ".<cc>";
    const bool everywhere = text.ends_with(countries);
    if (everywhere) text.remove_suffix(countries.size());
    Host host;
    if (parse_host(text, host).failed() || host.is_address()) return std::nullopt;
    return everywhere ? host.text + std::string(countries) : host.text;
  }

  const std::string& path_;
  LoadContext& context_;
  const TierFinder& find_tier_;
  const std::function<bool(std::string_view)>& unread_;
  Reporter report_;
  std::vector<SearchEngine> out_;
};

}  // namespace

std::vector<SearchEngine> read_search_file(const std::string& path, LoadContext& context,
                                           const TierFinder& find_tier, const Place& named,
                                           const std::function<bool(std::string_view)>& unread) {
  const auto root = context.yaml(path, named);
  if (!root) return {};
  return SearchReader(path, context, find_tier, unread).read(*root);
}

}  // namespace schoolgate
