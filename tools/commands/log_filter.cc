#include "tools/commands/log_filter.h"

#include <algorithm>

#include "config/overrides.h"
#include "config/policy/category_reader.h"
#include "config/policy/tier_reader.h"
#include "config/text/suggest.h"
#include "proxy/audit/codes.h"
#include "rules/url/host.h"
#include "tools/commands/log_print.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

using audit::LogKind;
using audit::LogQuery;
using audit::LogReader;

// What people paste: of an address the name of the site, in the form of the log.
std::string host_asked_for(std::string_view text) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos)
    text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find_first_of("/?#"));
  if (text.starts_with("*.")) text.remove_prefix(2);
  Host host;
  return parse_host(text, host).ok() ? host.text : std::string(text);
}

Message no_such_category(const std::string& name, const std::vector<std::string>& known) {
  const std::string_view meant = meant_word(name, known);
  return meant.empty()
             ? say("there is no category \"{}\"; there are: {}", name, join_words(known, known.size()))
             : say("there is no category \"{}\"; did you mean \"{}\"?", name, meant);
}

}  // namespace

void add_filter_options(CLI::App& command, LogFilter& filter) {
  command.add_flag("--blocked", filter.blocked,
                   "only what a rule did not plainly allow (blocked and warned)");
  command.add_flag("--visits", filter.visits, "only pages that somebody opened: not what they are made of");
  command.add_option("--tier", filter.tier, "only this tier");
  command.add_option("--category", filter.category, "only this category");
  command.add_option("--action", filter.action, "only this action: allow, warn, block or refused");
  command.add_option("--host", filter.host, "only this host and those below it");
  command.add_option("--client", filter.client, "only this client, by its pseudonym (HS-7K3Q2F9A)");
  command.add_option("--since", filter.since,
                     "from 15m, 2h, 7d, 1w ago, from \"2026-03-04 07:30\", today or yesterday");
  command.add_option("--until", filter.until, "until then, as --since; a day to its end");
}

std::optional<FilteredLog> FilteredLog::open(const LogFilter& filter, Console& console) {
  FilteredLog log(filter, filter.directory);
  if (!log.directory_.empty()) return log;
  log.config_ = load_main_file(filter.config, console);
  if (!log.config_) return std::nullopt;
  log.directory_ = log.config_->log.directory;
  if (const auto zone = TimeZone::load(log.config_->school.time_zone)) log.zone_ = *zone;
  return log;
}

Result<void, Message> FilteredLog::set_client(LogQuery& query) const {
  const std::string& client = filter_->client;
  if (client.empty()) return {};
  if (IpAddress::parse(client))
    return say(
        "the log holds no addresses; schoolgate log --reveal {} --why REASON gives the pseudonyms of this "
        "one",
        client);
  if (config_) {
    for (const ClientNetwork& network : config_->who) {
      if (network.label == client)
        return say(
            "\"{}\" is a label of who:, and the log knows no networks; --tier {} gives the rows of that "
            "tier",
            client, network.tier);
    }
  }
  std::string pseudonym = client;
  for (char& c : pseudonym) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  if (!pseudonym.starts_with("HS-")) return say("\"{}\" is not a pseudonym such as HS-7K3Q2F9A", client);
  query.client = std::move(pseudonym);
  return {};
}

Result<void, Message> FilteredLog::set_action(LogQuery& query) const {
  if (filter_->action.empty()) return {};
  if (filter_->action == to_string(Action::help) && !filter_->safeguarding)
    return say(
        "rows of help stand in the safeguarding file alone: schoolgate log --safeguarding --why REASON");
  for (int number = 0; number <= audit::refused_action; ++number) {
    if (filter_->action == audit::action_name(number)) query.action = number;
  }
  if (!query.action)
    return say("\"{}\" is not an action; there are: allow, warn, block, refused", filter_->action);
  return {};
}

Result<LogQuery, Message> FilteredLog::query(std::int64_t now_ms) const {
  LogQuery query;
  query.kind = filter_->safeguarding ? LogKind::safeguarding : LogKind::access;
  query.not_allowed = filter_->blocked;
  query.visits = filter_->visits;
  if (!filter_->tier.empty()) query.tier = filter_->tier;
  if (!filter_->category.empty()) query.category = filter_->category;
  if (!filter_->host.empty()) query.host = host_asked_for(filter_->host);
  if (auto set = set_client(query); set.failed()) return std::move(set.error());
  if (auto set = set_action(query); set.failed()) return std::move(set.error());
  if (!filter_->since.empty()) {
    query.since_ms = parse_since(filter_->since, now_ms, zone_);
    if (!query.since_ms) return say("\"{}\" is not a time such as 15m, 2h, 7d or 2026-03-04", filter_->since);
  }
  if (!filter_->until.empty()) {
    query.until_ms = parse_until(filter_->until, now_ms, zone_);
    if (!query.until_ms) return say("\"{}\" is not a time such as 15m, 2h, 7d or 2026-03-04", filter_->until);
  }
  if (query.since_ms && query.until_ms && *query.since_ms >= *query.until_ms)
    return say("--until {} is not after --since {}", filter_->until, filter_->since);
  return query;
}

bool FilteredLog::in_log(LogQuery query, LogKind kind) const {
  query.kind = kind;
  query.limit = 1;
  const auto rows = LogReader(directory_).rows(query);
  return !rows || !rows->empty();
}

FilteredLog::Unknown FilteredLog::look_for_names(const LogQuery& query) const {
  Unknown unknown;
  LogQuery of_client, of_tier, of_category;
  of_client.client = query.client;
  of_tier.tier = query.tier;
  of_category.category = query.category;
  if (query.client && !in_log(of_client, query.kind))
    unknown.words.push_back(say("no row of this log is of a client {}", *query.client));
  const auto known = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  if (query.category && !in_log(of_category, query.kind)) {
    const std::vector<std::string> names = categories();
    if (names.empty()) {
      unknown.words.push_back(say("no row of this log is of a category \"{}\"", *query.category));
    } else if (!known(names, *query.category)) {
      unknown.words.push_back(no_such_category(*query.category, names));
      unknown.wrong = true;
    }
  }
  if (query.tier && !in_log(of_tier, query.kind)) {
    const std::vector<std::string> names = tiers();
    if (names.empty()) {
      unknown.words.push_back(say("no row of this log is of a tier \"{}\"", *query.tier));
    } else if (!known(names, *query.tier)) {
      unknown.words.push_back(no_such_tier(*query.tier, names));
      unknown.wrong = true;
    }
  }
  return unknown;
}

// Of the files as they are now; empty where the log alone is known, or a file cannot be read.
std::vector<std::string> FilteredLog::tiers() const {
  std::vector<std::string> names;
  if (!config_) return names;
  LoadContext context(filter_->config);
  const auto files = context.yaml_files_in(config_->policy.tiers_directory);
  if (!files) return names;
  for (const std::string& file : *files) {
    const auto tier = read_tier_file(file, context);
    if (!tier) return {};
    names.push_back(tier->id.value);
  }
  return names;
}

std::vector<std::string> FilteredLog::categories() const {
  if (!config_) return {};
  LoadContext context(filter_->config);
  return read_catalogue(config_->policy.categories, context).ids;
}

}  // namespace schoolgate::tools
