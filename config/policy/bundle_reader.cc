#include "config/policy/bundle_reader.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "config/main/network_reader.h"
#include "config/policy/policy_shapes.h"
#include "config/text/diag_codes.h"
#include "config/text/names.h"
#include "config/text/text_file.h"
#include "rules/message.h"
#include "rules/policy/civil_date.h"
#include "rules/url/public_suffix.h"
#include "rules/url/url.h"

namespace schoolgate {
namespace {

// Everybody's pages, files and scripts lie below these, so a bundle names single hosts there.
constexpr std::array<std::string_view, 22> shared_by_many{
    "google.com",     "googleapis.com",      "gstatic.com",    "googleusercontent.com",
    "cloudfront.net", "amazonaws.com",       "akamaihd.net",   "akamaized.net",
    "akamaiedge.net", "fastly.net",          "fastlylb.net",   "azureedge.net",
    "azurefd.net",    "windows.net",         "cloudflare.com", "jsdelivr.net",
    "unpkg.com",      "microsoftonline.com", "live.com",       "facebook.com",
    "fbcdn.net",      "microsoft.com"};

class BundleReader {
 public:
  BundleReader(const std::string& path, const YamlNode& root, LoadContext& context, Bundles& out)
      : path_(path),
        context_(context),
        report_(context.reporter(path)),
        top_(root, report_, bundles_shape, say("this file")),
        out_(out) {}

  void read() {
    const std::size_t before = report_.out().size();
    read_version(top_);
    if (const YamlNode* node = top_.get("bundles")) {
      if (node->kind != YamlNode::Kind::map)
        report_.error(
            diag::wrong_kind, *node, say("bundles holds blocks \"name:\""),
            say("for example youtube: {hosts: [youtube.com], source: ..., date: 2027-01-31, checked: true}"));
      else
        for (std::size_t i = 0; i + 1 < node->children.size(); i += 2)
          read_bundle(node->children[i], node->children[i + 1]);
    }
    top_.finish();
    const auto first = report_.out().begin() + static_cast<std::ptrdiff_t>(before);
    if (std::any_of(first, report_.out().end(),
                    [](const Diagnostic& d) { return d.severity == Severity::error; }))
      out_.whole = false;
  }

 private:
  void read_bundle(const YamlNode& key, const YamlNode& value) {
    Bundle bundle;
    bundle.id = key.text;
    bundle.name = key.text;
    bundle.where = context_.place(path_, key).ref();
    if (!is_id(key.text))
      report_.error(diag::bad_text, key, say("\"{}\" cannot be the name of a bundle", key.text),
                    say("small letters a-z, digits and _, a letter first, at most 32"));
    Fields fields(value, report_, bundle_shape, say("a bundle"));
    if (!fields.valid()) return;
    fields.text("name", bundle.name);
    if (const YamlNode* hosts = fields.get("hosts")) read_hosts(*hosts, false, bundle.hosts);
    if (const YamlNode* shared = fields.get("shared")) read_hosts(*shared, true, bundle.shared);
    std::vector<Network> networks;
    if (const YamlNode* named = fields.get("networks")) networks = read_networks(*named, report_);
    // Whence the facts are: for the person who has to renew them.
    if (const YamlNode* source = fields.get("source")) (void)read_text(*source, report_);
    if (const YamlNode* date = fields.get("date"))
      if (const auto text = read_text(*date, report_); text && !parse_date(*text))
        report_.error(diag::bad_date, *date, say("\"{}\" is not a day", *text),
                      say("year, month, day: 2027-06-30"));
    if (const YamlNode* checked = fields.get("checked")) (void)read_boolean(*checked, report_);
    fields.finish();
    if (bundle.hosts.empty()) return;
    out_.networks[bundle.id] = std::move(networks);
    const auto same = std::find_if(out_.all.begin(), out_.all.end(),
                                   [&](const Bundle& other) { return other.id == bundle.id; });
    if (same == out_.all.end())
      out_.all.push_back(std::move(bundle));
    else
      *same = std::move(bundle);
  }

  void read_hosts(const YamlNode& node, bool shared, std::vector<std::string>& out) {
    for (const YamlNode* item : read_items(node, report_)) {
      const auto text = read_text(*item, report_);
      if (!text) continue;
      const std::string host = host_of_bundle(*text);
      if (host.empty())
        report_.error(diag::bad_bundle, *item, say("\"{}\" is not the name of a host", *text),
                      say("a name as in ytimg.com, without scheme, path and *"));
      else if (!shared && belongs_to_many(host))
        report_.error(
            diag::bad_bundle, *item,
            say("{} belongs to many sites: with the names below it much more would be opened", host),
            say("name the single hosts that are needed, as in fonts.gstatic.com, under shared:"));
      else if (shared && public_suffix(host) != Suffix::none)
        report_.error(diag::bad_bundle, *item, say("{} is no host of its own", host),
                      say("name the single hosts that are needed, as in fonts.gstatic.com, under shared:"));
      else
        out.push_back(host);
    }
  }

  const std::string& path_;
  LoadContext& context_;
  Reporter report_;
  Fields top_;
  Bundles& out_;
};

// What a line says is not shown: the file may be one that was not meant.
std::optional<Bundle> read_host_file(const std::string& path, LoadContext& context) {
  constexpr std::uint64_t most_bytes = 64 * 1024;
  constexpr std::size_t most_hosts = 500;
  const auto text = context.text(path, most_bytes);
  if (!text) return std::nullopt;
  Bundle file;
  file.id = file.name = path.substr(path.rfind('/') + 1);
  file.where = {context.source(path), 1};
  bool whole = true;
  const auto error = [&](Message message, Message hint) {
    context.reporter(path).add(Severity::error, diag::bad_bundle, {}, 0, std::move(message), std::move(hint));
    whole = false;
  };
  for_each_line(*text, [&](std::string_view line, std::uint32_t number) {
    line = line.substr(0, line.find('#'));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r'))
      line.remove_suffix(1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty() || !whole) return;
    const std::string host = host_of_bundle(std::string(line));
    if (host.empty())
      error(say("line {} is not the name of a host", number),
            say("a name as in ytimg.com, without scheme, path and *"));
    else if (belongs_to_many(host))
      error(say("the host of line {} belongs to many sites", number),
            say("name the single hosts that are needed, as in fonts.gstatic.com"));
    else
      file.hosts.push_back(host);
  });
  if (whole && file.hosts.empty()) error(say("the file names no host"), say("write one on each line"));
  if (whole && file.hosts.size() > most_hosts)
    error(say("the file names more than {} hosts", most_hosts), say("make it smaller"));
  if (!whole) return std::nullopt;
  return file;
}

}  // namespace

std::string host_of_bundle(const std::string& text) {
  Url url;
  if (text.find('.') == std::string::npos || text.find_first_of("/:?#@*[ \t") != std::string::npos ||
      url.parse("http://" + escape_typed_url(text) + "/").failed() || url.host().is_address())
    return {};
  return std::string(url.match_host());
}

bool belongs_to_many(std::string_view host) {
  return public_suffix(host) != Suffix::none ||
         std::find(shared_by_many.begin(), shared_by_many.end(), host) != shared_by_many.end();
}

std::vector<Bundle> read_host_files(const std::string& folder, LoadContext& context) {
  std::vector<Bundle> out;
  const auto files = context.text_files_in(folder);
  if (!files) {
    if (files.error() != std::errc::no_such_file_or_directory ||
        !(context.uses_kept() || context.absent(folder)))
      context.reporter(folder).add(Severity::error, diag::file_unreadable, {}, 0,
                                   say("cannot read the folder of files of hosts"));
    return out;
  }
  for (const std::string& path : *files)
    if (auto file = read_host_file(path, context)) out.push_back(*std::move(file));
  return out;
}

const Bundle* Bundles::find(std::string_view id) const noexcept {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Bundle& b) { return b.id == id; });
  return found == all.end() ? nullptr : &*found;
}

Bundles read_bundles(const std::string& file, const std::string& folder, LoadContext& context,
                     const Place& named) {
  Bundles out;
  const auto read = [&](const std::string& path, const Place& where) {
    const auto root = context.yaml(path, where);
    if (root)
      BundleReader(path, *root, context, out).read();
    else
      out.whole = false;
  };
  if (!file.empty()) read(file, named);
  if (folder.empty()) return out;
  const auto files = context.yaml_files_in(folder);
  if (files) {
    for (const std::string& path : *files) read(path, {});
  } else if (files.error() != std::errc::no_such_file_or_directory ||
             !(context.uses_kept() || context.absent(folder))) {
    context.reporter(folder).add(Severity::error, diag::file_unreadable, {}, 0,
                                 say("cannot read the folder of bundles"));
    out.whole = false;
  }
  return out;
}

}  // namespace schoolgate
