// locked.yaml and hotlines.yaml: the parts of a policy that stand above the tiers.
#include <utility>

#include "config/policy/line_reader.h"
#include "config/policy/policy_shapes.h"
#include "config/policy/tier_reader.h"

namespace schoolgate {

LockedFile read_locked_file(const std::string& path, LoadContext& context, const Place& named) {
  LockedFile out;
  const auto root = context.yaml(path, named);
  out.whole = root.has_value();
  if (!root) return out;
  const Reporter report = context.reporter(path);
  Fields fields(*root, report, locked_shape, say("the locked file"));
  read_version(fields);
  if (const YamlNode* node = fields.get("categories"))
    for (const YamlNode* item : read_items(*node, report))
      if (auto id = read_text(*item, report))
        out.categories.push_back({std::move(*id), context.place(path, *item)});
  for (const auto& [key, action] : {std::pair{"allow", Action::allow}, {"block", Action::block}}) {
    const YamlNode* node = fields.get(key);
    if (node == nullptr) continue;
    for (PlacedLine& line : read_lines(*node, action, report, context)) {
      // An allow line here is the cure for a wrong list entry; without a reason nobody can judge it later.
      if (action == Action::allow && line.line.why.empty())
        context.add(Severity::error, diag::missing_key, line.where,
                    say("a locked allow line needs the key \"why\""),
                    say("write it as {domain: example.vn, why: \"...\"}"));
      if (action == Action::block) line.line.effect.flags.locked = true;
      out.lines.push_back(std::move(line));
    }
  }
  note_www_alone(out.lines, context);
  fields.finish();
  return out;
}

HelpFile read_help_file(const std::string& path, LoadContext& context, const Place& named) {
  HelpFile out;
  const auto root = context.yaml(path, named);
  if (!root) return out;
  const Reporter report = context.reporter(path);
  Fields fields(*root, report, hotlines_shape, say("the file of help lines"));
  read_version(fields);
  const YamlNode* list = fields.get("hotlines");
  if (list == nullptr) return out;
  for (const YamlNode* item : read_items(*list, report)) {
    Fields line(*item, report, hotline_shape, say("a help line"));
    Hotline hotline;
    if (const YamlNode* id = line.get("id"))
      if (auto text = read_text(*id, report)) hotline.id = std::move(*text);
    if (const YamlNode* name = line.get("name"))
      read_two_languages(*name, report, hotline.name_vi, hotline.name_en);
    line.text("phone", hotline.phone);
    line.text("hours", hotline.hours);
    line.text("cost", hotline.cost);
    line.text("note", hotline.note);
    line.text("web", hotline.web);
    for (const char* key : {"web", "sites"})
      if (const YamlNode* sites = line.get(key))
        for (PlacedLine& site : read_lines(*sites, Action::allow, report, context)) {
          if (site.line.rule.kind == RuleKind::network) {
            context.add(
                Severity::error, diag::bad_line, site.where,
                say("a help line is always open: it names a site, not the network {}", site.line.rule.text));
            continue;
          }
          site.line.why = hotline.name_vi;
          out.lines.push_back(std::move(site));
        }
    line.finish();
    out.hotlines.push_back(std::move(hotline));
  }
  fields.finish();
  return out;
}

}  // namespace schoolgate
