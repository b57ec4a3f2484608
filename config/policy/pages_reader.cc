#include "config/policy/pages_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "config/policy/policy_shapes.h"
#include "config/text/suggest.h"

namespace schoolgate {
namespace {

struct VoiceWord {
  std::string_view word;
  Voice voice;
};
constexpr VoiceWord voice_words[]{
    {"small_children", Voice::small_children}, {"pupils", Voice::pupils}, {"adults", Voice::adults}};

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// The names between braces, and where each begins: its brace.
std::vector<std::pair<std::string_view, std::size_t>> places_in(std::string_view text) {
  std::vector<std::pair<std::string_view, std::size_t>> found;
  for (std::size_t at = text.find('{'); at != std::string_view::npos; at = text.find('{', at + 1)) {
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) break;
    found.emplace_back(text.substr(at + 1, end - at - 1), at);
  }
  return found;
}

// "<b>", "</p>", "&nbsp;": what a person means as markup.
bool looks_like_markup(std::string_view text) {
  const auto letter = [&](std::size_t at) {
    return at < text.size() && ((text[at] >= 'a' && text[at] <= 'z') || (text[at] >= 'A' && text[at] <= 'Z'));
  };
  for (std::size_t at = text.find_first_of("<&"); at != std::string_view::npos;
       at = text.find_first_of("<&", at + 1)) {
    const std::size_t name = at + (text[at] == '<' && at + 1 < text.size() && text[at + 1] == '/' ? 2 : 1);
    const char end = text[at] == '<' ? '>' : ';';
    std::size_t behind = name;
    while (letter(behind)) ++behind;
    if (behind == name) continue;
    if (end == '>' ? text.find('>', behind) != std::string_view::npos
                   : behind < text.size() && text[behind] == ';')
      return true;
  }
  return false;
}

class PagesReader {
 public:
  PagesReader(const Reporter& report, std::span<const Tier> tiers) : report_(report), tiers_(tiers) {
    for (const VoiceWord& one : voice_words) readers_.emplace_back(one.word);
    for (const Tier& tier : tiers) readers_.push_back(tier.id);
  }

  PageWordsOf language(const YamlNode& node) {
    PageWordsOf out;
    Fields fields(node, report_, page_language_shape, say("a language of this file"));
    for (const PageTextKind& kind : page_text_kinds())
      if (const YamlNode* page = fields.get(kind.page)) readers_of(*page, kind, out);
    fields.finish();
    return out;
  }

 private:
  void readers_of(const YamlNode& page, const PageTextKind& kind, PageWordsOf& out) {
    if (page.kind != YamlNode::Kind::map) {
      report_.error(
          diag::wrong_kind, page,
          say("under {} stand readers: {}, or a tier", kind.page, "pupils, adults, small_children"));
      return;
    }
    for (std::size_t i = 0; i + 1 < page.children.size(); i += 2)
      reader(page.children[i], page.children[i + 1], kind, out);
  }

  void reader(const YamlNode& name, const YamlNode& node, const PageTextKind& kind, PageWordsOf& out) {
    const auto voice = voice_of_reader(name.text);
    if (!voice) {
      report_.error(diag::unknown_tier, name, say("\"{}\" is neither a voice nor a tier", name.text),
                    did_you_mean(name.text, readers_, say("there are: {}", join_words(readers_))));
      return;
    }
    const std::string key = std::string(kind.page) + "." + name.text;
    if (kind.line) {
      if (auto text = sentence(node, kind, most_sentence); text && has_needed(node, {*text}, kind, *voice))
        out[key] = {std::move(*text)};
      return;
    }
    Fields fields(node, report_, page_text_shape, say("an entry of a page"));
    const bool of_tier = is_tier(name.text);
    // A tier without words of its own hears its voice's: half of them would be heard by nobody.
    const YamlNode* const title = of_tier ? fields.require("title") : fields.get("title");
    const YamlNode* const body = of_tier ? fields.require("body") : fields.get("body");
    fields.finish();
    if (title != nullptr)
      if (auto text = sentence(*title, {kind.page, true, {}, {}}, most_title))
        out[key + ".title"] = {std::move(*text)};
    if (body != nullptr)
      if (auto texts = sentences(*body, kind); texts && has_needed(*body, *texts, kind, *voice))
        out[key + ".body"] = std::move(*texts);
  }

  std::optional<std::vector<std::string>> sentences(const YamlNode& node, const PageTextKind& kind) {
    const auto items = read_items(node, report_);
    if (items.size() > most_sentences) {
      report_.error(diag::page_text_long, node, say("more than {} sentences", most_sentences));
      return std::nullopt;
    }
    if (items.empty() && node.kind == YamlNode::Kind::sequence)
      report_.error(diag::missing_key, node, say("a page needs a sentence"));
    std::vector<std::string> out;
    for (const YamlNode* item : items) {
      auto text = sentence(*item, kind, most_sentence);
      if (!text) return std::nullopt;
      out.push_back(std::move(*text));
    }
    if (out.empty()) return std::nullopt;
    return out;
  }

  std::optional<std::string> sentence(const YamlNode& node, const PageTextKind& kind, std::size_t most) {
    auto text = read_text(node, report_);
    if (!text) return std::nullopt;
    bool good = true;
    if (characters(*text) > most) {
      report_.error(diag::page_text_long, node, say("this text has more than {} characters", most),
                    say("a page is read on a phone, in a hurry"));
      good = false;
    }
    for (const auto& [place, at] : places_in(*text)) {
      if (std::find(kind.may.begin(), kind.may.end(), place) != kind.may.end()) continue;
      const std::vector<std::string> known(kind.may.begin(), kind.may.end());
      report_.error_in(diag::page_text_place, node, at, place.size() + 2,
                       say("this text knows no value \"{}\"", place),
                       known.empty() ? say("a title names none")
                                     : did_you_mean(place, known, say("there are: {}", join_words(known))));
      good = false;
    }
    if (good && looks_like_markup(*text))
      report_.warning(diag::page_text_markup, node, say("markup stands on the page as it is written here"),
                      say("write words alone: the page has its own look"));
    if (!good) return std::nullopt;
    return text;
  }

  bool has_needed(const YamlNode& node, const std::vector<std::string>& texts, const PageTextKind& kind,
                  Voice voice) {
    if (voice == Voice::small_children) return true;
    bool whole = true;
    for (const std::string_view needed : kind.must) {
      const bool there = std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
        const auto places = places_in(text);
        return std::any_of(places.begin(), places.end(),
                           [&](const auto& one) { return one.first == needed; });
      });
      if (there) continue;
      whole = false;
      report_.error(
          diag::page_text_place, node, say("the value \"{}\" is missing", needed),
          say("who reads this page must see it: write {} where it belongs", "{" + std::string(needed) + "}"));
    }
    return whole;
  }

  [[nodiscard]] bool is_tier(std::string_view name) const {
    return std::any_of(tiers_.begin(), tiers_.end(), [&](const Tier& tier) { return tier.id == name; });
  }

  [[nodiscard]] std::optional<Voice> voice_of_reader(std::string_view name) const {
    for (const Tier& tier : tiers_)
      if (tier.id == name) return tier.voice;
    for (const VoiceWord& one : voice_words)
      if (one.word == name) return one.voice;
    return std::nullopt;
  }

  const Reporter& report_;
  std::span<const Tier> tiers_;
  std::vector<std::string> readers_;
};

}  // namespace

PageWords read_pages_file(const std::string& path, LoadContext& context, std::span<const Tier> tiers) {
  PageWords out;
  const auto root = context.yaml(path);
  if (!root) return out;
  const Reporter report = context.reporter(path);
  Fields fields(*root, report, pages_shape, say("the file of the school's own page texts"));
  read_version(fields);
  PagesReader reader(report, tiers);
  if (const YamlNode* node = fields.get("vi")) out.of(Language::vi) = reader.language(*node);
  if (const YamlNode* node = fields.get("en")) out.of(Language::en) = reader.language(*node);
  fields.finish();
  return out;
}

std::string pages_file(const LoadContext& context) {
  const std::string path = context.path("pages.yaml");
  return context.absent(path) ? std::string() : path;
}

}  // namespace schoolgate
