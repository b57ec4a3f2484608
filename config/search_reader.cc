#include "config/search_reader.h"

#include <optional>
#include <utility>

#include "config/main_reader.h"
#include "rules/host.h"

namespace schoolgate {
namespace {

class SearchReader {
 public:
  SearchReader(const std::string& path, LoadContext& context)
      : path_(path), context_(context), report_(context.reporter(path)) {}

  std::vector<SearchEngine> read(const YamlNode& root) {
    Fields top(root, report_, "the file of search engines");
    require_version(top);
    if (const YamlNode* engines = top.require("engines")) {
      if (engines->kind != YamlNode::Kind::map) {
        report_.error(diag::wrong_kind, *engines,
                      "engines holds one key for each engine, not " + std::string(engines->kind_name()));
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
      report_.error(diag::bad_text, key, "\"" + key.text + "\" cannot be the id of a search engine",
                    "small letters a-z, digits and _, a letter first, at most 32");
      return;
    }
    SearchEngine engine;
    engine.id = key.text;
    engine.where = context_.place(path_, key).ref();
    Fields fields(value, report_, "the search engine " + key.text);
    if (const YamlNode* sites = fields.require("sites")) engine.sites = hosts(*sites);
    if (const YamlNode* words = fields.get("words"))
      for (const YamlNode* item : read_items(*words, report_))
        if (auto text = read_text(*item, report_)) engine.words.push_back(std::move(*text));
    fields.finish();
    out_.push_back(std::move(engine));
  }

  std::vector<std::string> hosts(const YamlNode& node) {
    std::vector<std::string> out;
    for (const YamlNode* item : read_items(node, report_)) {
      const auto text = read_text(*item, report_);
      if (!text) continue;
      Host host;
      UrlError error{};
      if (!parse_host(expand_countries(*text).front(), host, error) || host.is_address())
        report_.error(diag::bad_line, *item, "\"" + *text + "\" is not the name of a site",
                      "www.bing.com, or google.<cc> for the names of every country");
      else
        out.push_back(text->ends_with("<cc>") ? *text : host.text);
    }
    return out;
  }

  const std::string& path_;
  LoadContext& context_;
  Reporter report_;
  std::vector<SearchEngine> out_;
};

}  // namespace

std::vector<SearchEngine> read_search_file(const std::string& path, LoadContext& context,
                                           const Place& named) {
  const auto root = context.yaml(path, named);
  if (!root) return {};
  return SearchReader(path, context).read(*root);
}

}  // namespace schoolgate
