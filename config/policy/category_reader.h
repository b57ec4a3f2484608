// categories.yaml: the catalogue of categories, and which folders of public list collections belong to each.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "config/text/load_context.h"
#include "rules/policy/policy.h"

namespace schoolgate {

struct CategoryCatalogue {
  std::vector<Category> categories;
  std::vector<Place> places;                  // beside categories
  std::map<std::string, CategoryId> folders;  // "arjel" -> gambling
  std::set<std::string> skipped_folders;      // known, and not wanted
  std::vector<std::string> ids;               // beside categories; for "did you mean"
  // Beside categories: what a tier that does not name it goes by; nullopt: then that is an error.
  std::vector<std::optional<CategoryId>> unnamed_as;
  std::string path;

  [[nodiscard]] std::optional<CategoryId> find(std::string_view id) const noexcept;
  // As find(), and an error at `at` when there is none.
  [[nodiscard]] std::optional<CategoryId> require(std::string_view id, const Place& at,
                                                  LoadContext& context) const;
};

[[nodiscard]] CategoryCatalogue read_catalogue(const std::string& path, LoadContext& context,
                                               const Place& named = {});

// People write what the pages call a category, or a part of that: "trò chơi" may be games or edu_games. A
// hint; empty: none is called so.
[[nodiscard]] Message category_called(std::span<const Category> categories, std::string_view id);

// {vi: ..., en: ...}; a lone text serves both. Used wherever pupils or teachers read a name.
void read_two_languages(const YamlNode& node, const Reporter& report, std::string& vi, std::string& en);

}  // namespace schoolgate
