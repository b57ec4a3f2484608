// What holds and why: a verdict explained, a tier resolved, the lists. For reading.
#include <algorithm>
#include <charconv>

#include "proxy/web/event_words.h"
#include "proxy/web/form.h"
#include "proxy/web/names.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

// A teacher's own tiers come first, and one of them is chosen where the address names none.
std::string tier_choice(const Visit& visit, std::string chosen, bool asked) {
  std::vector<std::string> own;
  if (visit.account->role == Role::teacher)
    if (const auto mine = visit.sources.daemon.delegated(visit.account->name))
      for (const Delegated& one : *mine) own.push_back(one.tier);
  if (!asked && chosen.empty() && !own.empty()) chosen = own.front();
  std::string first, others;
  if (const auto tiers = visit.sources.daemon.tiers(visit.language))
    for (const TierLine& one : *tiers) {
      const bool mine = std::find(own.begin(), own.end(), one.id) != own.end();
      (mine ? first : others) += option(one.id, esc(one.name), one.id == chosen);
    }
  const std::string nobody = option("", visit.t(say("a device nobody knows")), chosen.empty());
  if (first.empty()) {
    others = nobody + others;
  } else {
    first = "<optgroup label=\"" + visit.t(say("Your tiers")) + "\">" + first + "</optgroup>";
    others = "<optgroup label=\"" + visit.t(say("Others")) + "\">" + others + nobody + "</optgroup>";
  }
  return "<label>" + visit.t(say("Tier")) + "<select name=\"tier\">" + first + others + "</select></label>";
}

bool goes_on(std::string_view text, std::size_t at) {
  return at < text.size() && text[at] >= '0' && text[at] <= '9';
}

// "tiers.d/thcs.yaml:12", not the beginning of ":123".
bool names_place(std::string_view line, std::string_view place) {
  if (place.empty()) return false;
  for (std::size_t at = line.find(place); at != std::string_view::npos; at = line.find(place, at + 1))
    if (!goes_on(line, at + place.size())) return true;
  return false;
}

// Lines of a text; those that name `mark` ("tiers.d/thcs.yaml:12") stand out.
std::string listing(const std::string& text, std::string_view mark) {
  std::string out = "<pre tabindex=\"0\">";
  std::string_view anchor = " id=\"rule\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (names_place(line, mark)) {
      out.append("<mark").append(anchor).append(">").append(esc(line)).append("</mark>\n");
      anchor = {};
    } else {
      out += esc(line) + "\n";
    }
    at = end + 1;
  }
  return out + "</pre>";
}

// An answer, whose places in files of the policy lead to where they hold in the tier. Long lines go on below.
std::string answer_html(const Visit& visit, const std::string& text, const std::string& tier) {
  constexpr std::string_view ending = ".yaml:", ends_before = " \t\n()[],;\"'";
  const bool links = !tier.empty() && visit.can(Page::policy, Verb::view);
  std::string out = "<pre class=\"wrap\" tabindex=\"0\">";
  std::size_t done = 0;
  for (std::size_t at = text.find(ending); links && at != std::string::npos; at = text.find(ending, at + 1)) {
    std::size_t end = at + ending.size();
    while (goes_on(text, end)) ++end;
    if (end == at + ending.size()) continue;  // no line is named
    const std::size_t before = text.find_last_of(ends_before, at);
    const std::size_t begin = before == std::string::npos ? 0 : before + 1;
    const std::string place = text.substr(begin, end - begin);
    out += esc(text.substr(done, begin - done)) + "<a href=\"/policy?tier=" + esc(encode_value(tier)) +
           "&amp;rule=" + esc(encode_value(place)) + "#rule\">" + esc(place) + "</a>";
    done = end;
  }
  return out + esc(text.substr(done)) + "</pre>";
}

std::string host_in(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view rest = scheme == std::string_view::npos ? url : url.substr(scheme + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  return std::string(rest.substr(0, rest.find(':')));
}

}  // namespace

Response explain_page(const Visit& visit) {
  const std::string url(visit.query("url")), tier(visit.query("tier"));
  std::string body =
      "<form method=\"get\" action=\"/explain\" class=\"filter wide\">" +
      input(visit, say("Address of the page"), "url", "text", url,
            "required maxlength=\"600\" inputmode=\"url\" autocapitalize=\"none\" spellcheck=\"false\"") +
      tier_choice(visit, tier, !url.empty()) + "<button>" + visit.t(say("Explain")) + "</button></form>";
  if (url.empty()) {
    body +=
        "<p class=\"quiet\">" +
        visit.t(say("What happens to an address in a tier, by which line of which file, and what lost.")) +
        "</p>";
  } else if (const auto said = visit.sources.daemon.explain(url, tier, visit.language)) {
    if (!said->done)
      body += told(visit, false, said->text);
    else
      body += answer_html(visit, said->text, tier);
    if (said->done && !tier.empty()) {
      body += "<p class=\"links\">";
      if (visit.can(Page::policy, Verb::view))
        body += "<a href=\"/policy?tier=" + esc(encode_value(tier)) + "\">" +
                visit.t(say("All that holds in this tier")) + "</a> ";
      if (visit.can(Page::overrides, Verb::change))
        body += "<a href=\"/overrides?target=" + esc(encode_value(host_in(url))) +
                "&amp;tier=" + esc(encode_value(tier)) + "\">" +
                visit.t(say("Open or block it for this lesson")) + "</a>";
      body += "</p>";
    }
  } else {
    body += not_answering(visit);
  }
  return page_response(visit, Page::explain, say("What happens, and why?"), body);
}

namespace {

std::uint64_t policy_number(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() ? out : 0;
}

std::string history_html(const Visit& visit) {
  const auto lines = visit.sources.daemon.history(visit.language);
  std::string out = "<h2 id=\"history\">" + visit.t(say("Accepted policies")) + "</h2>";
  if (!lines) return out + not_answering(visit);
  if (lines->empty()) return out + "<p>" + visit.t(say("None is kept yet.")) + "</p>";
  out += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
         visit.t(say("Accepted policies")) + "\"><table><thead><tr>";
  for (const Message& head : {say("Number"), say("Time"), say("Account"), say("Why"), say("Changed files")})
    out += "<th scope=\"col\">" + visit.t(head) + "</th>";
  out += "<td></td></tr></thead><tbody>";
  for (std::size_t i = 0; i < lines->size(); ++i) {
    const HistoryLine& one = (*lines)[i];
    const Message why = event_sentence(one.why);  // "start", "reload"
    out += "<tr><th scope=\"row\">" + std::to_string(one.number) + "</th><td class=\"nowrap\">" +
           esc(visit.local(one.time)) + "</td><td>" + visit.t(event_actor(one.who)) +
           "</td><td class=\"address\">" + visit.t(why.empty() ? Message(one.why) : why) +
           "</td><td class=\"rule\"><code>" + esc(one.files) + "</code></td><td>";
    if (i + 1 < lines->size())
      out += "<a href=\"/policy?from=" + std::to_string((*lines)[i + 1].number) +
             "&amp;to=" + std::to_string(one.number) + "\">" +
             visit.t(say("What changed in {}", one.number)) + "</a>";
    out += "</td></tr>";
  }
  return out + "</tbody></table></div>";
}

Response difference_page(const Visit& visit, std::uint64_t from, std::uint64_t to) {
  std::string body =
      "<p class=\"links\"><a href=\"/policy#history\">" + visit.t(say("Accepted policies")) + "</a></p>";
  const auto said = visit.sources.daemon.difference(from, to, visit.language);
  if (!said)
    body += not_answering(visit);
  else if (!said->done)
    body += told(visit, false, said->text);
  else
    body += listing(said->text, {});
  return page_response(visit, Page::policy, say("From policy {} to {}", from, to), body);
}

}  // namespace

Response policy_page(const Visit& visit) {
  const std::uint64_t from = policy_number(visit.query("from")), to = policy_number(visit.query("to"));
  if (from != 0 && to != 0) return difference_page(visit, from, to);
  const auto tiers = visit.sources.daemon.tiers(visit.language);
  if (!tiers) return page_response(visit, Page::policy, name_of(Page::policy), not_answering(visit));
  std::string chosen(visit.query("tier"));
  if (chosen.empty() && !tiers->empty()) chosen = tiers->front().id;
  std::string body = "<ul class=\"tabs\">";
  for (const TierLine& one : *tiers)
    body += "<li><a href=\"/policy?tier=" + esc(encode_value(one.id)) + "\"" +
            (one.id == chosen ? " aria-current=\"true\"" : "") + ">" + esc(one.name) + "</a></li>";
  body += "</ul>";
  const auto named =
      std::find_if(tiers->begin(), tiers->end(), [&](const TierLine& one) { return one.id == chosen; });
  const std::string chosen_name = named == tiers->end() ? chosen : named->name;
  if (visit.can(Page::policy, Verb::change))
    body += "<p class=\"links\"><a href=\"/policy/edit?tier=" + esc(encode_value(chosen)) + "\">" +
            visit.t(say("Change this tier's file")) + "</a></p>";
  const auto said = visit.sources.daemon.tier(chosen, visit.language);
  if (!said)
    body += not_answering(visit);
  else if (!said->done)
    body += told(visit, false, said->text);
  else
    body += "<p class=\"quiet\">" +
            visit.t(say("Everything that holds in the tier {}, with the file and line it comes from.",
                        chosen_name)) +
            "</p>" + listing(said->text, visit.query("rule"));
  body += history_html(visit);
  return page_response(visit, Page::policy, name_of(Page::policy), body);
}

namespace {

// Sites whose names look like those of a list, for a person to look at.
std::string lookalikes_html(const Visit& visit) {
  constexpr std::int64_t week_ms = 7LL * 24 * 3600 * 1000;
  constexpr std::size_t most_shown = 30;
  std::string out = "<h2>" + visit.t(say("Look-alikes of the last seven days")) + "</h2>";
  const auto lines = visit.sources.log.lookalikes(visit.now_ms() - week_ms, visit.now_ms(), most_shown);
  if (!lines) return out + told(visit, false, lines.error().message.in(visit.catalogue()));
  if (lines->empty()) return out + "<p>" + visit.t(say("No site was called a look-alike.")) + "</p>";
  out += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
         visit.t(say("Look-alikes of the last seven days")) + "\"><table><thead><tr><th scope=\"col\">" +
         visit.t(say("Site")) + "</th>";
  for (const Message& head : {say("Requests"), say("blocked"), say("warned")})
    out += "<th scope=\"col\" class=\"number\">" + visit.t(head) + "</th>";
  out += "</tr></thead><tbody>";
  for (const LookalikeLine& one : *lines)
    out += "<tr><th scope=\"row\"><a href=\"/explain?url=" + esc(encode_value("http://" + one.host + "/")) +
           "\"><bdi>" + esc(one.host) + "</bdi></a></th><td class=\"number\">" +
           visit.t(grouped(one.requests)) + "</td><td class=\"number\">" + visit.t(grouped(one.blocked)) +
           "</td><td class=\"number\">" + visit.t(grouped(one.warned)) + "</td></tr>";
  return out + "</tbody></table></div><p class=\"quiet\">" +
         visit.t(say("Called so wrongly? On the machine: schoolgate lists lookalikes --wrong HOST.")) +
         "</p>";
}

std::string catalogue_html(const Visit& visit, const Names& names) {
  std::string out = "<h2>" + visit.t(say("Published lists")) + "</h2>";
  const auto lines = visit.sources.daemon.catalogue(visit.language);
  if (!lines || lines->empty())
    return out + "<p>" + visit.t(say("There is no catalogue beside the main file.")) + "</p>";
  out += "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
         visit.t(say("Published lists")) + "\"><table><thead><tr>";
  for (const Message& head :
       {say("List"), say("Category"), say("What it holds"), say("Licence"), say("State")})
    out += "<th scope=\"col\">" + visit.t(head) + "</th>";
  out += "<th scope=\"col\" class=\"number\">" + visit.t(say("Entries")) + "</th></tr></thead><tbody>";
  for (const PublishedLine& one : *lines)
    out += "<tr><th scope=\"row\"><code>" + esc(one.name) + "</code></th><td>" +
           esc(names.category(one.category)) + "</td><td class=\"address\">" + esc(one.purpose) +
           "<br><span class=\"quiet\">" + esc(one.from) + "</span></td><td>" + esc(one.licence) +
           "</td><td>" + (one.enabled ? visit.t(say("enabled")) : esc(one.state)) +
           "</td><td class=\"number\">" + (one.entries == 0 ? "" : visit.t(grouped(one.entries))) +
           "</td></tr>";
  return out + "</tbody></table></div><p class=\"quiet\">" +
         visit.t(say(
             "To take one, on the machine: schoolgate lists enable NAME, then schoolgate lists update.")) +
         "</p>";
}

// New files of lists that rule only when a person has looked at them.
std::string waiting_html(const Visit& visit, const std::vector<ListLine>& lists) {
  if (std::none_of(lists.begin(), lists.end(), [](const ListLine& one) { return !one.waits.empty(); }))
    return {};
  constexpr std::int64_t looked_back_ms = std::int64_t{90} * 86'400'000;
  const auto reasons = visit.sources.log.list_waits(visit.now_ms() - looked_back_ms);
  std::string out =
      "<section><h2>" + visit.t(say("New files of lists that wait for a person")) +
      "</h2><p class=\"quiet\">" +
      visit.t(say("The old list goes on ruling. Look at what it says, then take the new one on the "
                  "machine, or leave it.")) +
      "</p><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
      visit.t(say("New files of lists that wait for a person")) + "\"><table><thead><tr>";
  for (const Message& head : {say("List"), say("Waits since"), say("Why"), say("To take it")})
    out += "<th scope=\"col\">" + visit.t(head) + "</th>";
  out += "</tr></thead><tbody>";
  for (const ListLine& one : lists) {
    if (one.waits.empty()) continue;
    std::string why;
    if (reasons)
      for (const ListWhy& known : *reasons)
        if (known.list == one.name)
          for (const Message& reason : known.why) why += "<p>" + visit.t(reason) + "</p>";
    out += "<tr class=\"late\"><th scope=\"row\"><code>" + esc(one.name) +
           "</code></th><td class=\"nowrap\">" + esc(visit.local(one.waits)) + "</td><td>" +
           (why.empty() ? visit.t(say("the log no longer says it: schoolgate lists update tells")) : why) +
           "</td><td><code>sudo schoolgate lists update --accept " + esc(one.name) + "</code></td></tr>";
  }
  return out + "</tbody></table></div></section>";
}

}  // namespace

Response lists_page(const Visit& visit) {
  const auto lists = visit.sources.daemon.lists(visit.language);
  if (!lists) return page_response(visit, Page::lists, name_of(Page::lists), not_answering(visit));
  const Names names(visit);
  std::string body =
      waiting_html(visit, *lists) + "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
      visit.t(name_of(Page::lists)) + "\"><table data-filter=\"" + visit.t(say("Only rows with")) +
      "\"><thead><tr><th scope=\"col\">" + visit.t(say("List")) + "</th><th scope=\"col\">" +
      visit.t(say("Category")) + "</th><th scope=\"col\" class=\"number\">" + visit.t(say("Entries")) +
      "</th><th scope=\"col\" class=\"number\">" + visit.t(say("Wrong lines")) + "</th><th scope=\"col\">" +
      visit.t(say("Age")) + "</th></tr></thead><tbody>";
  for (const ListLine& one : *lists)
    body += "<tr" + std::string(one.late ? " class=\"late\"" : "") + "><th scope=\"row\"><code>" +
            esc(one.name) + "</code></th><td>" + esc(names.category(one.category)) +
            "</td><td class=\"number\">" + visit.t(grouped(one.entries)) + "</td><td class=\"number\">" +
            visit.t(grouped(one.wrong_lines)) + "</td><td>" +
            (one.age.empty()
                 ? "<span class=\"quiet\">" + visit.t(say("a file of this machine, not fetched")) + "</span>"
                 : esc(one.age)) +
            "</td></tr>";
  body += "</tbody></table></div>" + lookalikes_html(visit) + catalogue_html(visit, names);
  return page_response(visit, Page::lists, name_of(Page::lists), body);
}

}  // namespace schoolgate::web
