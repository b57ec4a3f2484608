#include "config/policy/expect_reader.h"

#include <algorithm>
#include <utility>

#include "config/policy/policy_shapes.h"
#include "config/policy/time_text.h"
#include "config/text/diag_codes.h"
#include "config/text/names.h"

namespace schoolgate {
namespace {

constexpr std::size_t most_pins = 10'000;

std::vector<Placed<std::string>> placed_names(const YamlNode& node, const std::string& path,
                                              const Reporter& report, LoadContext& context) {
  std::vector<Placed<std::string>> out;
  for (const YamlNode* item : read_items(node, report))
    if (auto text = read_text(*item, report)) out.push_back({std::move(*text), context.place(path, *item)});
  return out;
}

// "olm.vn" or "{host: olm.vn, tiers: [thcs], why: ...}".
std::optional<MustWork> read_entry(const YamlNode& item, const std::string& path, const Reporter& report,
                                   LoadContext& context) {
  MustWork entry;
  const YamlNode* name = &item;
  if (item.kind == YamlNode::Kind::map) {
    Fields fields(item, report, must_work_shape, say("an entry of must_work"));
    name = fields.get("host");
    if (const YamlNode* tiers = fields.get("tiers"))
      entry.tiers = placed_names(*tiers, path, report, context);
    if (const YamlNode* why = fields.get("why")) (void)read_text(*why, report);
    fields.finish();
  }
  const auto text = name == nullptr ? std::nullopt : read_text(*name, report);
  if (!text) return std::nullopt;
  auto host = site_name(*text);
  if (!host || text->starts_with("*.")) {
    report.error(diag::bad_line, *name, say("\"{}\" is no site by its name", *text),
                 say("a name alone, as in olm.vn"));
    return std::nullopt;
  }
  entry.host = std::move(*host);
  entry.where = context.place(path, *name);
  return entry;
}

std::optional<LocalTime> read_moment(const YamlNode& node, const Reporter& report) {
  const auto text = read_text(node, report);
  if (!text) return std::nullopt;
  const auto moment = parse_local_time(*text);
  if (!moment) {
    TimeTrouble trouble = explain_moment(*text);
    report.error_in(diag::bad_schedule, node, trouble.offset, trouble.length, std::move(trouble.message),
                    std::move(trouble.hint));
  }
  return moment;
}

std::optional<Pin> read_pin(const YamlNode& item, const std::string& path, const Reporter& report,
                            LoadContext& context) {
  Fields fields(item, report, pin_shape, say("a pin"));
  const YamlNode* url = fields.get("url");
  const YamlNode* tier = fields.get("tier");
  const YamlNode* expect = fields.get("expect");
  const YamlNode* at = fields.get("at");
  Pin pin;
  for (const auto& [key, into] : {std::pair{"why", &pin.why}, std::pair{"by", &pin.by}})
    if (const YamlNode* node = fields.get(key))
      if (auto text = read_text(*node, report)) *into = std::move(*text);
  fields.finish();
  if (url == nullptr || tier == nullptr || expect == nullptr || at == nullptr) return std::nullopt;
  auto address = read_text(*url, report);
  auto name = read_text(*tier, report);
  const auto word = fields.word("expect");
  const auto moment = read_moment(*at, report);
  if (!address || !name || !word || !moment) return std::nullopt;
  pin.test = {std::move(*address), static_cast<Action>(*word), *moment, context.place(path, *url)};
  pin.tier = {std::move(*name), context.place(path, *tier)};
  return pin;
}

// The items of a file's one list.
template <class Read>
void read_list_of(const std::string& path, LoadContext& context, const Shape& shape, std::string_view key,
                  const Message& what, std::size_t most, Read&& read) {
  const auto root = context.yaml(path);
  if (!root) return;
  const Reporter report = context.reporter(path);
  Fields fields(*root, report, shape, what);
  read_version(fields);
  if (const YamlNode* list = fields.get(key)) {
    const auto items = read_items(*list, report);
    if (items.size() > most)
      report.error(diag::too_many, *list, say("more than {} entries", most));
    else
      for (const YamlNode* item : items) read(*item, report);
  }
  fields.finish();
}

std::string pin_quotes(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::vector<MustWork> read_expect_file(const std::string& path, LoadContext& context) {
  std::vector<MustWork> out;
  read_list_of(path, context, expect_shape, must_work_key, say("the file of what must work"), most_must_work,
               [&](const YamlNode& item, const Reporter& report) {
                 auto entry = read_entry(item, path, report, context);
                 if (entry) out.push_back(std::move(*entry));
               });
  return out;
}

std::vector<std::string> read_must_work(const std::string& config_file) {
  LoadContext context(config_file);
  const std::string path = expect_file(context);
  std::vector<std::string> hosts;
  if (path.empty()) return hosts;
  for (MustWork& entry : read_expect_file(path, context)) hosts.push_back(std::move(entry.host));
  return hosts;
}

std::vector<Pin> read_pins_file(const std::string& path, LoadContext& context) {
  std::vector<Pin> out;
  read_list_of(path, context, pins_shape, pins_key, say("the file of pins"), most_pins,
               [&](const YamlNode& item, const Reporter& report) {
                 auto pin = read_pin(item, path, report, context);
                 if (pin) out.push_back(std::move(*pin));
               });
  return out;
}

std::string pins_text(const std::vector<Pin>& pins) {
  std::string out =
      "# Do \"schoolgate pin\" ghi: mỗi dòng là một phép thử của chính sách.\n"
      "# Written by `schoolgate pin`: each line is a test of the policy.\n" +
      schema_comment("pins") + "version: 1\npins:";
  if (pins.empty()) out += " []";
  out += '\n';
  for (const Pin& pin : pins) {
    out += "  - {url: " + pin_quotes(pin.test.url) + ", tier: " + pin.tier.value;
    out += ", expect: " + std::string(to_string(pin.test.expect)) +
           ", at: " + pin_quotes(moment_text(pin.test.at));
    out += ", why: " + pin_quotes(pin.why) + ", by: " + pin_quotes(pin.by) + "}\n";
  }
  return out;
}

std::string expect_file(const LoadContext& context) {
  const std::string path = context.path("expect.yaml");
  return context.absent(path) ? std::string() : path;
}

std::string pins_file(const LoadContext& context) {
  const std::string path = context.path("pins.yaml");
  return context.absent(path) ? std::string() : path;
}

}  // namespace schoolgate
