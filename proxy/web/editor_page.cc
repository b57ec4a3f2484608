// A tier's file in a field, and beside it what `check` says of it. What an account may change, and whether
// somebody else changed it meanwhile, is judged by the proxy.
#include <algorithm>

#include "proxy/web/form.h"
#include "proxy/web/names.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

std::string tier_tabs(const Visit& visit, const std::vector<TierLine>& tiers, std::string_view chosen) {
  std::string out = "<ul class=\"tabs\">";
  for (const TierLine& one : tiers)
    out += "<li><a href=\"/policy/edit?tier=" + esc(encode_value(one.id)) + "\"" +
           (one.id == chosen ? " aria-current=\"true\"" : "") + ">" + esc(one.name) + "</a></li>";
  return out + "</ul><p class=\"links\"><a href=\"/policy?tier=" + esc(encode_value(chosen)) + "\">" +
         visit.t(say("All that holds in this tier")) + "</a></p>";
}

Message grade_name(const std::string& grade) {
  if (grade == "error") return say("error");
  return grade == "warning" ? say("warning") : say("note");
}

std::string note_html(const Visit& visit, const EditNote& one) {
  std::string out = "<li class=\"" + std::string(one.grade == "error" ? "bad" : "other") + "\"><strong>" +
                    visit.t(grade_name(one.grade)) + " " + esc(one.code) + "</strong> ";
  const std::string line = std::to_string(one.line);
  if (one.here && one.line != 0)
    out += "<a href=\"#text\" data-line=\"" + line + "\">" + visit.t(say("line {}", one.line)) + "</a>";
  else
    out += "<span class=\"address\">" + esc(one.file) + (one.line == 0 ? "" : ":" + line) + "</span>";
  out += "<br>" + esc(one.message);
  if (!one.source.empty()) out += "<code class=\"source\">" + esc(one.source) + "</code>";
  if (!one.hint.empty()) out += "<span class=\"quiet\">" + esc(one.hint) + "</span>";
  return out + "</li>";
}

std::string notes_html(const Visit& visit, const std::optional<EditSaid>& said) {
  std::string out = "<section class=\"notes\" aria-labelledby=\"notes\"><h2 id=\"notes\">" +
                    visit.t(say("What check says")) + "</h2>";
  if (!said) return out + "<p class=\"quiet\">" + visit.t(say("Not checked yet.")) + "</p></section>";
  if (said->notes.empty())
    return out + "<p class=\"quiet\">" + visit.t(say("Nothing is wrong with the text.")) + "</p></section>";
  out += "<ol>";
  for (const EditNote& one : said->notes) out += note_html(visit, one);
  return out + "</ol></section>";
}

std::string numbered(const std::string& text) {
  std::string out = "<pre tabindex=\"0\">";
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string digits = std::to_string(++number);
    out += "<span class=\"quiet\">" + std::string(4 - std::min<std::size_t>(digits.size(), 4), ' ') + digits +
           "</span>  " + esc(text.substr(at, end - at)) + "\n";
    at = end + 1;
  }
  return out + "</pre>";
}

// Somebody else was faster: both texts, and what lies between them.
std::string conflict_html(const Visit& visit, const EditSaid& said) {
  return "<section class=\"card\"><h2>" + visit.t(say("What the file says now")) + "</h2>" +
         numbered(said.now->text) + "<h2>" + visit.t(say("From that to your text")) + "</h2>" +
         (said.difference.empty() ? "<p>" + visit.t(say("They are the same.")) + "</p>"
                                  : "<pre tabindex=\"0\">" + esc(said.difference) + "</pre>") +
         "<p>" +
         visit.t(
             say("Your text is below, unsaved. Saving it now puts it in place of the other: take over first "
                 "what should stay.")) +
         "</p></section>";
}

std::string rights_html(const Visit& visit, const TierFileNow& file) {
  std::string out = "<p class=\"quiet\">";
  if (file.whole) {
    out += visit.t(say("You may change everything but locks."));
  } else {
    out +=
        file.may_override.empty()
            ? visit.t(say("You may change what stands under allow, warn, block and tests."))
            : visit.t(say("You may change what stands under allow, warn, block and tests, and the actions of "
                          "these categories: {}.",
                          Names(visit).categories(file.may_override)));
  }
  out += "</p>";
  if (file.waits)
    out += told(
        visit, false,
        say("The file was changed on the machine and nobody has loaded it: what is saved here takes that "
            "change too.")
            .in(visit.catalogue()));
  return out;
}

std::string editor_html(const Visit& visit, std::string_view tier, const TierFileNow& file,
                        const std::string& text, const std::optional<EditSaid>& said) {
  const std::size_t lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  // A browser takes away the first end of line in the field.
  return "<div class=\"editor\"><form method=\"post\" action=\"/policy/edit\">" + token_field(visit) +
         hidden("tier", tier) + hidden("version", file.version) + "<label for=\"text\">" +
         visit.t(say("The text of {}", file.name)) +
         "</label><textarea id=\"text\" name=\"text\" spellcheck=\"false\" autocapitalize=\"none\" "
         "autocomplete=\"off\" wrap=\"off\" maxlength=\"131072\" rows=\"" +
         std::to_string(std::clamp<std::size_t>(lines + 2, 12, 32)) + "\">\n" + esc(text) + "</textarea>" +
         input(visit, say("Why, for colleagues and the log"), "why", "text", visit.form("why"),
               "required maxlength=\"200\"") +
         "<div class=\"acts\"><button name=\"act\" value=\"check\" class=\"quiet-button\" formnovalidate>" +
         visit.t(say("Check")) + "</button><button name=\"act\" value=\"save\">" +
         visit.t(say("Save and use it")) + "</button></div></form>" + notes_html(visit, said) + "</div>";
}

Response editor_response(const Visit& visit, const std::string& body) {
  return page_response(visit, Page::policy, say("A tier's file"), body);
}

}  // namespace

Response editor_page(const Visit& visit) {
  const auto tiers = visit.sources.daemon.tiers(visit.language);
  if (!tiers) return editor_response(visit, not_answering(visit));
  std::string tier(visit.query("tier"));
  if (tier.empty() && !tiers->empty()) tier = tiers->front().id;
  const std::string tabs = tier_tabs(visit, *tiers, tier);
  const auto file = visit.sources.daemon.tier_file(visit.account->name, tier, visit.language);
  if (!file) return editor_response(visit, tabs + not_answering(visit));
  if (!file->why_not.done) return editor_response(visit, tabs + told(visit, false, file->why_not.text));
  return editor_response(
      visit, tabs + rights_html(visit, *file) + editor_html(visit, tier, *file, file->text, std::nullopt));
}

// What was saved is read again from where it is now. Else the text that was sent is in the field again, and
// this is the answer to the form: nothing was changed, so sending it again changes nothing.
Response editor_change(const Visit& visit) {
  EditAsk ask{.account = visit.account->name,
              .tier = std::string(visit.form("tier")),
              .version = std::string(visit.form("version")),
              .text = std::string(visit.form("text")),
              .why = std::string(visit.form("why")),
              .save = visit.form("act") == "save"};
  if (ask.tier.empty() || ask.version.empty() || (!ask.save && visit.form("act") != "check"))
    return refusal(visit, 400, say("This form is not whole."));
  std::erase(ask.text, '\r');
  const auto tiers = visit.sources.daemon.tiers(visit.language);
  TierFileNow file;
  file.name = ask.tier;
  file.version = ask.version;
  std::string body = tiers ? tier_tabs(visit, *tiers, ask.tier) : std::string();
  if (ask.save && ask.why.find_first_not_of(' ') == std::string::npos) {
    body += told(visit, false, say("Say why: colleagues and the log want to know.").in(visit.catalogue()));
    return editor_response(visit, body + editor_html(visit, ask.tier, file, ask.text, std::nullopt));
  }
  const auto said = visit.sources.daemon.edit(ask, visit.language);
  if (!said) {
    body += told(visit, false, say("The proxy does not answer: nothing was changed.").in(visit.catalogue()));
    return editor_response(visit, body + editor_html(visit, ask.tier, file, ask.text, std::nullopt));
  }
  if (ask.save && said->done)
    return lead_to(visit, "/policy/edit?tier=" + encode_value(ask.tier),
                   told(visit, true, said->text) + (said->notes.empty() ? "" : notes_html(visit, said)));
  body += told(visit, said->done, said->text);
  if (!said->name.empty()) file.name = said->name;
  if (said->now) {
    file.name = said->now->name;
    file.version = said->now->version;
    if (!said->done) body += conflict_html(visit, *said);
  }
  const std::string& text = said->done && said->now ? said->now->text : ask.text;
  const bool checked = said->done || !said->notes.empty();
  return editor_response(
      visit, body + editor_html(visit, ask.tier, file, text, checked ? said : std::optional<EditSaid>()));
}

}  // namespace schoolgate::web
