#include "tools/commands/log_new.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <ostream>
#include <vector>

#include "config/main/local_time.h"
#include "config/own_list.h"
#include "proxy/audit/site_names.h"
#include "proxy/core/json_text.h"
#include "proxy/io/net/wall_clock.h"
#include "tools/console/load.h"
#include "tools/daemon/control.h"
#include "tools/daemon/reveal.h"
#include "tools/daemon/system_users.h"

namespace schoolgate::tools {
namespace {

constexpr std::size_t site_width = 40;

int fail_with(Console& console, const Message& why, int code) {
  console.complain(why);
  return code;
}

std::string first_day_text(std::int64_t ms) {
  return TimeZone().iso8601(ms / 1000).substr(0, 10);
}

// "20785\tx.github.io\t1" a line, as the proxy says it.
std::vector<audit::SiteName> parse_names(const std::string& text) {
  std::vector<audit::SiteName> names;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t first = line.find('\t'), second = line.rfind('\t');
    if (first == std::string::npos || second == first) continue;
    std::int64_t day = 0;
    std::from_chars(line.data(), line.data() + first, day);
    names.push_back(
        {line.substr(first + 1, second - first - 1), day * audit::day_ms, line.substr(second + 1) == "1"});
  }
  return names;
}

Result<std::vector<audit::SiteName>> new_names_of(const NewSites& asked) {
  if (!asked.all) return audit::read_site_names(asked.directory, asked.since_ms, false);
  const Result<Reply> reply =
      ask_proxy(reveal_socket_path(asked.control_socket),
                std::string(new_sites_question) + std::to_string(asked.since_ms) + " " + asked.why);
  if (!reply)
    return Error{say("{}; and only root and members of the group {} may ask", reply.error().message,
                     safeguarding_group)};
  if (reply->exit_code != exit_ok) return Error{reply->text.substr(0, reply->text.find('\n'))};
  return parse_names(reply->text);
}

void print_name(const audit::SiteName& name, const Review* review, Console& console) {
  const Message clients = name.many ? say("five or more") : say("fewer than five");
  Message state = say("not reviewed");
  if (review != nullptr)
    state = Message(review->note.empty() ? review->category : review->category + " (" + review->note + ")");
  console.out << first_day_text(name.first_ms) << "  " << padded(printable(name.site), site_width) << "  "
              << padded(clients.in(console.catalogue), 16) << "  " << printable(state.in(console.catalogue))
              << '\n';
}

JsonObject name_json(const audit::SiteName& name, const Review* review) {
  JsonObject json;
  json.add("site", printable(name.site)).add("first_seen", first_day_text(name.first_ms));
  json.add("clients", name.many ? "five or more" : "fewer than five");
  json.add_or_null("category", review == nullptr ? std::string() : review->category);
  json.add_or_null("reviewed", review == nullptr ? std::string() : review->note);
  return json;
}

}  // namespace

int print_new_sites(const NewSites& asked, Console& console) {
  const auto names = new_names_of(asked);
  if (!names) return fail_with(console, names.error().message, exit_failed);
  std::map<std::string, Review> reviews;
  for (Review& review : read_reviews(asked.config)) reviews[review.site] = std::move(review);
  for (const audit::SiteName& name : *names) {
    const auto found = reviews.find(name.site);
    const Review* const review = found == reviews.end() ? nullptr : &found->second;
    if (asked.json)
      console.out << name_json(name, review).text() << '\n';
    else
      print_name(name, review, console);
  }
  if (names->empty() && !asked.json) console.print(say("no new sites"));
  return console.out.flush() ? exit_ok : exit_failed;
}

void add_review_command(CLI::App& log, Console& console, int& result) {
  struct Options {
    std::string config, host, category;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command =
      log.add_subcommand("review", "Say of a new site which category it is of, or that it is ok");
  command->add_option("host", options->host, "the site, as `log --new` names it")->required();
  command->add_option("--category", options->category, "a category of categories.yaml, or ok")->required();
  add_config_option(*command, options->config);
  on_command(*command, options->config, console, [options, &console, &result] {
    const auto reviewed = review_site(options->config, options->host, options->category,
                                      actor_text(::getuid()), wall_clock_ms() / 1000);
    if (!reviewed) {
      result = fail_with(console, reviewed.error().message, exit_failed);
      return;
    }
    console.print(say("{} stands in {}", reviewed->site, reviewed->file));
    if (options->category == reviewed_ok && !reviewed->gone_list) return;
    console.print(reviewed->gone_list
                      ? say("to use it: schoolgate check, then schoolgate reload --accept-shrunk")
                      : say("to use it: schoolgate check, then schoolgate reload"));
  });
}

}  // namespace schoolgate::tools
