#include "proxy/core/pages/pages.h"

#include "proxy/core/grants.h"
#include "proxy/core/http/http_scan.h"
#include "proxy/core/log_record.h"
#include "proxy/core/pages/embedded.h"
#include "proxy/core/pages/page_http.h"
#include "proxy/core/pages/page_parts.h"

namespace schoolgate {

namespace {

// How a kind of page looks and where its texts are.
struct Look {
  std::string_view texts;             // key of pages.*.yaml; with voices below it unless `error`
  std::string_view tone;              // class of style.css
  std::string_view children, others;  // pictures
  bool error = false;
};

Look look_of(const PageRequest& request) {
  constexpr std::string_view turtle = "turtle_gate.svg", gate = "gate.svg";
  const auto error = [](std::string_view texts) {
    return Look{texts, "error", "plug.svg", "plug.svg", true};
  };
  // A rule that could not be asked blocks without any category being to blame.
  if (request.verdict != nullptr && request.verdict->layer == Layer::fault && request.kind == PageKind::block)
    return error("errors.not_judged");
  switch (request.kind) {
    case PageKind::block:
      return {"block", "block", turtle, gate};
    case PageKind::block_locked:
      return {"block_locked", "block", turtle, gate};
    case PageKind::block_default:
      return {"block_default", "block", turtle, gate};
    case PageKind::block_line:
      return {"block_line", "block", turtle, gate};
    case PageKind::block_room_off:
      return {"block_room_off", "block", turtle, gate};
    case PageKind::block_room_only:
      return {"block_room_only", "block", turtle, gate};
    case PageKind::block_search:
      return {"block_search", "block", turtle, gate};
    case PageKind::block_unsafe_search:
      return {"block_unsafe_search", "block", turtle, gate};
    case PageKind::warn:
      return {"warn", "warn", "turtle_wait.svg", "sign.svg"};
    case PageKind::help:
      return {"help", "help", "turtle_help.svg", "heart.svg"};
    case PageKind::bad_request:
      return error("errors.bad_request");
    case PageKind::uri_too_long:
      return error("errors.uri_too_long");
    case PageKind::head_too_large:
      return error("errors.head_too_large");
    case PageKind::request_timeout:
      return error("errors.request_timeout");
    case PageKind::method_not_allowed:
      return error("errors.method_not_allowed");
    case PageKind::loop:
      return error("errors.loop");
    case PageKind::bad_gateway:
      return error("errors.bad_gateway");
    case PageKind::upstream_timeout:
      return error("errors.upstream_timeout");
    case PageKind::dns_fail:
      return error("errors.dns_fail");
    case PageKind::dns_down:
      return error("errors.dns_down");
    case PageKind::connect_fail:
      return error("errors.connect_fail");
    case PageKind::address_refused:
      return error("errors.address_refused");
    case PageKind::proxy_busy:
      return error("errors.proxy_busy");
    case PageKind::not_ready:
      return error("errors.not_ready");
    case PageKind::cert_refused:
      return error("errors.cert_refused");
    case PageKind::tls_fail:
      return error("errors.tls_fail");
    case PageKind::h2_only:
      return error("errors.h2_only");
    case PageKind::name_mismatch:
      return error("errors.name_mismatch");
    case PageKind::not_tls:
      return error("errors.not_tls");
    case PageKind::port_not_allowed:
      return error("errors.port_not_allowed");
    case PageKind::no_server_name:
      return error("errors.no_server_name");
  }
  return error("errors.bad_request");
}

// "block.khach" if the tier has words of its own, else "block.adults"; errors speak to everybody.
std::string text_key(const PageRequest& request, const Look& look, const TextsOf& texts) {
  const std::string base(look.texts);
  return look.error ? base : base + "." + reader_of(request, texts, base);
}

// The button is ours: a school's words for a tier alone have none, and then the voice's stands there.
std::string continue_key(const PageRequest& request, const TextsOf& texts) {
  return "warn." + reader_of(request, texts, "warn", ".continue") + ".continue";
}

// Errors of the way there are shown in full to nobody but the technician: code and one word.
void add_facts(const PageRequest& request, const Look& look, Language language, Values& values) {
  const std::string code = request.decision == 0 ? std::string() : decision_code(request.decision);
  values.set("facts", "yes");
  // A child of six needs the turtle and the code; the rest is for the teacher who comes.
  const bool folded = voice_of(request) == Voice::small_children;
  if (folded) values.set("folded", page_texts(language).text("common.for_teachers"));
  values.set(folded ? "code_line" : "code", code);
  values.set("address", address_text(request.url));
  values.set("time", local_time_text(request, request.time_ms, language));
  values.set("technical", std::string(request.detail));
  if (request.verdict == nullptr || look.error) return;
  values.set("group", category_words(request, *request.verdict, request.tier, language).name);
  const Tier* tier = tier_of(request, request.tier);
  if (tier != nullptr && !tier->pupils) values.set("rule", request.snapshot->place(request.verdict->rule));
}

// The way on, where there is one.
void add_button(const PageRequest& request, std::string_view words, Values& card) {
  if (request.continue_token.empty()) return;
  card.set("continue", std::string(words));
  card.set("token", std::string(request.continue_token));
  card.set("full_url", std::string(request.url));
}

// One language of the page; `title` is set too.
std::string render_card(const PageRequest& request, const Look& look, Language language, std::string& title) {
  const TextsOf texts = texts_of(request, language);
  const std::string key = text_key(request, look, texts);
  Values words = school_values(request, language);
  words.set("continue_minutes", std::to_string(Grants::grant_life_ms / 60'000));
  words.set("room_only", std::string(request.room_only));
  words.set("room_until", std::string(request.room_until));
  if (request.verdict != nullptr)
    words.set("reason", category_words(request, *request.verdict, request.tier, language).reason);

  Values card = card_values(request, language);
  title = expand_text(texts.text(key + ".title"), words).value_or(texts.text("common.gate"));
  card.set("title", title);
  card.set("picture", std::string(embedded_file(voice_of(request) == Voice::small_children ? look.children
                                                                                           : look.others)));
  card.set("paragraphs", paragraphs(texts.list(key + ".body"), words));
  if (request.kind == PageKind::help) {
    card.set("call", texts.text("help.call"));
    card.set("call_note", texts.text("help.call_note"));
    card.set("ask", texts.text("help.recorded." + std::string(voice_key(voice_of(request)))));
    card.set("tier", "");
    card.set("lately_label", "");
    add_button(request, texts.text("help.continue"), card);
    return render_template(embedded_file("card.html"), card);
  }
  if (!look.error) {
    card.set("back", texts.text("common.back"));
    if (request.kind != PageKind::warn)
      card.set("ask",
               expand_text(texts.text("ask." + reader_of(request, texts, "ask", "")), words).value_or(""));
    // Small children do not ask: the form is in the part for the teacher who comes.
    card.set(voice_of(request) == Voice::small_children ? "teachers_wish" : "wish",
             wish_form(request, request.wish_token, request.url, language));
  }
  if (request.kind == PageKind::warn) add_button(request, texts.text(continue_key(request, texts)), card);
  add_facts(request, look, language, card);
  return render_template(embedded_file("card.html"), card);
}

// What a picture, a style sheet and the like would have been: the browser gets nothing, of the right type.
std::string_view type_of_stand_in(const RequestHead& head) noexcept {
  const std::string_view accept = head.field("Accept"), destination = head.field("Sec-Fetch-Dest");
  if (destination == "image" || accept.starts_with("image/")) return "image/gif";
  if (destination == "style" || accept.starts_with("text/css")) return "text/css";
  if (destination == "script") return "text/javascript";
  if (destination == "font" || accept.starts_with("font/")) return "font/woff2";
  if (destination == "audio" || destination == "video") return "video/mp4";
  return {};
}

}  // namespace

std::string render_page(const PageRequest& request, bool keep_alive) {
  const std::string code = request.decision == 0 || request.kind == PageKind::help
                               ? std::string()
                               : decision_code(request.decision);
  PageAnswer answer;
  answer.status = request.status != 0 ? request.status : status_of(request.kind);
  answer.time_ms = request.time_ms;
  answer.code = code;
  answer.keep_alive = keep_alive;
  answer.head_only = request.head != nullptr && request.head->method == "HEAD";

  if (request.head != nullptr && !wants_page(*request.head) && request.head->method != "CONNECT") {
    answer.content_type = type_of_stand_in(*request.head);
    if (!answer.content_type.empty()) return page_response(answer, {});
  }
  const Look look = look_of(request);
  Document document{look.tone, {}, {}};
  for (std::size_t i = 0; i < both_languages.size(); ++i)
    document.cards[i] = render_card(request, look, both_languages[i], document.titles[i]);
  if (request.head == nullptr || !wants_page(*request.head)) {
    const Language language = first_language(request);
    Values words;
    words.set("title", document.titles[language == Language::vi ? 0 : 1]);
    words.set("code", code);
    const auto line = expand_text(page_texts(language).text("common.plain"), words);
    answer.content_type = "text/plain; charset=utf-8";
    std::string text = line.value_or(std::string(words.get("title")));
    // Whose head could not be read is no browser: its user sees this line alone.
    if (request.head == nullptr && !request.detail.empty())
      text.append(" (").append(request.detail).append(")");
    return page_response(answer, text + "\n");
  }
  answer.content_type = "text/html; charset=utf-8";
  // Continue answers with a redirect to the page, which may lead on: browsers hold form-action against each
  // step.
  if (!request.continue_token.empty() || !request.wish_token.empty()) answer.forms_to = "http: https:";
  return page_response(answer, render_document(request, document));
}

}  // namespace schoolgate
