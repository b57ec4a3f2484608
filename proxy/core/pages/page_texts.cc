#include "proxy/core/pages/page_texts.h"

#include <stdexcept>

#include "config/text/yaml_reader.h"
#include "proxy/core/pages/embedded.h"

namespace schoolgate {

namespace {

using Lists = std::map<std::string, std::vector<std::string>, std::less<>>;

void flatten(const YamlNode& node, const std::string& key, Lists& out) {
  switch (node.kind) {
    case YamlNode::Kind::scalar:
      out[key].push_back(node.text);
      return;
    case YamlNode::Kind::sequence:
      for (const YamlNode& item : node.children) flatten(item, key, out);
      return;
    case YamlNode::Kind::map:
      for (std::size_t i = 0; i + 1 < node.children.size(); i += 2)
        flatten(node.children[i + 1], key.empty() ? node.children[i].text : key + "." + node.children[i].text,
                out);
      return;
    case YamlNode::Kind::null:
      throw std::logic_error("page texts: nothing at " + key);
  }
}

}  // namespace

PageTexts::PageTexts(std::string_view yaml) {
  Diagnostics problems;
  const auto root = read_yaml(yaml, "pages.yaml", problems);
  if (!root)
    throw std::logic_error("page texts: " +
                           (problems.empty() ? "unreadable" : problems.front().message.english()));
  flatten(*root, "", lists_);
}

const std::string& PageTexts::text(std::string_view key) const noexcept {
  static const std::string none;
  const auto& found = list(key);
  return found.empty() ? none : found.front();
}

const std::vector<std::string>& PageTexts::list(std::string_view key) const noexcept {
  static const std::vector<std::string> none;
  const auto found = lists_.find(key);
  return found == lists_.end() ? none : found->second;
}

const std::vector<std::string>& TextsOf::list(std::string_view key) const noexcept {
  if (schools_ != nullptr)
    if (const auto own = schools_->find(key); own != schools_->end()) return own->second;
  return ours_->list(key);
}

const std::string& TextsOf::text(std::string_view key) const noexcept {
  const auto& found = list(key);
  return found.empty() ? ours_->text(key) : found.front();
}

bool TextsOf::has(std::string_view key) const noexcept {
  return (schools_ != nullptr && schools_->contains(key)) || ours_->has(key);
}

const PageTexts& page_texts(Language language) {
  static const PageTexts vietnamese(embedded_file("pages.vi.yaml")), english(embedded_file("pages.en.yaml"));
  return language == Language::en ? english : vietnamese;
}

}  // namespace schoolgate
