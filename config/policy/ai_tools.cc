#include "config/policy/ai_tools.h"

#include <utility>

#include "config/main/day.h"
#include "config/policy/policy_shapes.h"

namespace schoolgate {
namespace {

void check_review(const YamlNode& node, const Reporter& report, std::int64_t now) {
  const auto day = read_text(node, report);
  if (!day) return;
  const auto end = parse_day(*day);
  if (!end)
    report.error(diag::bad_date, node, say("\"{}\" is not a day", *day), say("year, month, day: 2027-06-30"));
  else if (*end < now)
    report.warning(diag::tool_due, node, say("this AI tool was to be looked at again by {}", *day),
                   say("still wanted: write a later day; else delete the line"));
}

// A list of the item alone, as a line that allows would be written, every part in its place.
YamlNode as_lines(const YamlNode& item) {
  YamlNode line = item;
  line.children.clear();
  for (std::size_t i = 0; i + 1 < item.children.size(); i += 2) {
    YamlNode key = item.children[i];
    if (key.text == "review_by") continue;
    if (key.text == "site") key.text = "domain";
    line.children.push_back(std::move(key));
    line.children.push_back(item.children[i + 1]);
  }
  YamlNode list = item;
  list.kind = YamlNode::Kind::sequence;
  list.children = {std::move(line)};
  return list;
}

}  // namespace

std::vector<PlacedLine> read_ai_tools(const YamlNode& node, const Reporter& report, LoadContext& context,
                                      const Bundles& bundles, std::int64_t now) {
  std::vector<PlacedLine> out;
  for (const YamlNode* item : read_items(node, report)) {
    const Message example = say("for example {site: example.vn, why: \"...\", review_by: 2027-06-30}");
    Fields fields(*item, report, ai_shape, say("an AI tool"), example);
    if (!fields.valid()) continue;
    const YamlNode* const site = fields.get("site");
    const YamlNode* const bundle = fields.get("bundle");
    const YamlNode* const why = fields.get("why");
    const YamlNode* const review = fields.get("review_by");
    const std::size_t told = report.out().size();
    fields.finish();
    if (review != nullptr) check_review(*review, report, now);
    if ((site != nullptr) == (bundle != nullptr)) {
      if (site != nullptr || report.out().size() == told)  // else the key is mistyped, and told
        report.error(diag::missing_key, *item, say("an AI tool has the key site, or bundle"), example);
      continue;
    }
    if (why == nullptr || review == nullptr) continue;
    for (PlacedLine& line : read_lines(as_lines(*item), Action::allow, report, context, &bundles))
      out.push_back(std::move(line));
  }
  return out;
}

}  // namespace schoolgate
