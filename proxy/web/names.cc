#include "proxy/web/names.h"

#include <algorithm>

namespace schoolgate::web {

Names::Names(const Visit& visit) {
  if (const auto tiers = visit.sources.daemon.tiers(visit.language))
    for (const TierLine& one : *tiers) tiers_.emplace(one.id, one.name);
  if (const auto categories = visit.sources.daemon.categories(visit.language))
    for (const CategoryLine& one : *categories)
      if (categories_.emplace(one.id, one.name).second) order_.push_back(one.id);
}

const std::string& Names::tier(const std::string& id) const {
  const auto found = tiers_.find(id);
  return found == tiers_.end() ? id : found->second;
}

const std::string& Names::category(const std::string& id) const {
  const auto found = categories_.find(id);
  return found == categories_.end() ? id : found->second;
}

std::string Names::tiers_in(std::string_view sentence) const {
  constexpr std::string_view of_ids = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  std::string out;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t end = std::min(sentence.find_first_not_of(of_ids, at), sentence.size());
    if (end == at) {
      out += sentence[at++];
      continue;
    }
    // A word that a letter with an accent goes on with, or that names a file, is none.
    const std::string word(sentence.substr(at, end - at));
    const auto alone = [&](std::size_t i) {
      return i >= sentence.size() ||
             std::string_view(" ,.:;()\"").find(sentence[i]) != std::string_view::npos;
    };
    const bool file = end + 1 < sentence.size() && sentence[end] == '.' && sentence[end + 1] != ' ';
    out += alone(end) && !file && (at == 0 || alone(at - 1)) ? tier(word) : word;
    at = end;
  }
  return out;
}

Message Names::categories(const std::vector<std::string>& ids) const {
  std::string out;
  for (const std::string& id : ids) out += (out.empty() ? "" : ", ") + category(id);
  return out.empty() ? say("nothing at all") : Message(out);
}

std::vector<std::string> Names::all_categories() const {
  return order_;
}

std::string Names::category_options(const std::vector<std::string>& ids, const std::string& chosen) const {
  std::string out;
  for (const std::string& id : ids) out += option(id, esc(category(id)), id == chosen);
  return out;
}

}  // namespace schoolgate::web
