// Tiers and categories by the names that the configuration gives them, in the visit's language: asked for
// once a page. Internal to proxy/web.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/web/visit.h"

namespace schoolgate::web {

class Names {
 public:
  explicit Names(const Visit& visit);

  // Raw; an id that has no name (any more) stands for itself.
  [[nodiscard]] const std::string& tier(const std::string& id) const;
  [[nodiscard]] const std::string& category(const std::string& id) const;
  // A sentence in which ids of tiers stand as words: their names instead.
  [[nodiscard]] std::string tiers_in(std::string_view sentence) const;
  [[nodiscard]] bool is_category(const std::string& id) const { return categories_.contains(id); }
  // "Trò chơi, Cờ bạc"; "nothing at all".
  [[nodiscard]] Message categories(const std::vector<std::string>& ids) const;
  // Of a form: all categories, by their names.
  [[nodiscard]] std::string category_options(const std::vector<std::string>& ids,
                                             const std::string& chosen) const;
  [[nodiscard]] std::vector<std::string> all_categories() const;

 private:
  std::map<std::string, std::string> tiers_, categories_;
  std::vector<std::string> order_;  // of categories, as configured
};

}  // namespace schoolgate::web
