// Rooms: off, open for one thing alone, or as always, until the lesson ends. Labels and counts; which hosts a
// room asks for is on no page. Who may switch which room is judged by the proxy.
#include <algorithm>
#include <array>

#include "proxy/core/pages/qr_code.h"
#include "proxy/web/form.h"
#include "proxy/web/visit.h"

namespace schoolgate::web {
namespace {

Message state_name(const std::string& state) {
  if (state == "off") return say("off");
  if (state == "only") return say("one thing alone");
  if (state == "exam") return say("exam");
  return say("as always");
}

std::string choice_of(const Visit& visit, const char* name, const char* value, const Message& label,
                      bool chosen) {
  return std::string("<label><input type=\"radio\" name=\"") + name + "\" value=\"" + value + "\"" +
         (chosen ? " checked" : "") + ">" + visit.t(label) + "</label>";
}

std::string switch_form(const Visit& visit, const RoomsNow& now) {
  const std::string_view wanted = visit.query("room");
  std::string rooms;
  for (const RoomLine& one : now.rooms)
    if (one.yours) rooms += option(one.name, esc(one.name), one.name == wanted);
  if (rooms.empty()) return "<p>" + visit.t(say("delegation.yaml gives your account no room.")) + "</p>";
  std::string out = "<form method=\"post\" action=\"/rooms\" class=\"card\"><h2>" +
                    visit.t(say("Switch a room")) + "</h2>" + token_field(visit) + "<label>" +
                    visit.t(say("Room")) + "<select name=\"room\">" + rooms +
                    "</select></label><fieldset class=\"choice\"><legend>" + visit.t(say("What to do")) +
                    "</legend>" + choice_of(visit, "state", "off", say("off"), true);
  if (!now.choices.empty())
    out += choice_of(visit, "state", "only", say("only this:"), false) +
           "<select name=\"only\" aria-label=\"" + visit.t(say("What stays open")) + "\">";
  for (const RoomChoice& one : now.choices) out += option(one.id, esc(one.name), false);
  if (!now.choices.empty()) out += "</select>";
  out +=
      choice_of(visit, "state", "normal", say("as always"), false) +
      "</fieldset><fieldset class=\"choice\"><legend>" + visit.t(say("Until")) + "</legend>" +
      choice_of(visit, "end", "end-of-lesson", say("the end of this lesson"), true) +
      choice_of(visit, "end", "next-break", say("the next break"), false) +
      choice_of(visit, "end", "time", say("this time:"), false) +
      "<input type=\"time\" name=\"time\" aria-label=\"" + visit.t(say("Until which time")) +
      "\"></fieldset>" +
      input(visit, say("Why, for colleagues and the log"), "why", "text", "", "required maxlength=\"200\"") +
      "<button>" + visit.t(say("Do it")) + "</button></form>";
  return out;
}

std::string room_html(const Visit& visit, const RoomLine& one) {
  const char* const colour = one.state == "off" ? "block" : one.state == "normal" ? "allow" : "warn";
  std::string out = "<tr><th scope=\"row\"><bdi>" + esc(one.name) + "</bdi></th><td><span class=\"mark " +
                    std::string(colour) + "\">" + visit.t(state_name(one.state)) + "</span></td><td>" +
                    (one.state == "normal" ? std::string() : "<bdi>" + esc(one.text) + "</bdi>") +
                    "</td><td>" + esc(one.until) + "</td><td class=\"number\">" +
                    visit.t(grouped(one.devices)) + "</td><td>";
  if (one.yours && (one.state == "off" || one.state == "only") && visit.can(Page::rooms, Verb::change))
    out += "<form method=\"post\" action=\"/rooms\">" + token_field(visit) + hidden("room", one.name) +
           hidden("state", "normal") + hidden("why", say("ended on the page").in(visit.catalogue())) +
           "<button class=\"quiet-button small\" aria-label=\"" +
           visit.t(say("As always again: {}", one.name)) + "\">" + visit.t(say("As always again")) +
           "</button></form>";
  return out + "</td></tr>";
}

std::string rooms_table(const Visit& visit, const RoomsNow& now) {
  if (now.rooms.empty())
    return "<p>" + visit.t(say("There is no room: a room is a line of who: with a label.")) + "</p>";
  std::string out = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"" +
                    visit.t(name_of(Page::rooms)) + "\"><table><thead><tr>";
  for (const Message& head : {say("Room"), say("State"), say("What is on"), say("Until")})
    out += "<th scope=\"col\">" + visit.t(head) + "</th>";
  out +=
      "<th scope=\"col\" class=\"number\">" + visit.t(say("Devices")) + "</th><td></td></tr></thead><tbody>";
  for (const RoomLine& one : now.rooms) out += room_html(visit, one);
  return out + "</tbody></table></div><p class=\"quiet\">" +
         visit.t(say("Devices: addresses seen in the room since the proxy started.")) + "</p>";
}

// An address and nothing else: whoever scans it gets the page that any device of the school gets.
std::string device_test_card(const Visit& visit, const RoomsNow& now) {
  if (now.pages_address.empty()) return {};
  const std::string address = "http://" + now.pages_address + "/test";
  std::string code;
  if (const auto qr = QrCode::of(address))
    code = qr->svg(say("QR code of {}", address).in(visit.catalogue()));
  return "<section class=\"card scan\"><div><h2>" + visit.t(say("Does a device pass the filter?")) +
         "</h2><p>" +
         visit.t(
             say("In the room, point a pupil's device at this code, or open the address: it says in large "
                 "letters whether it passes.")) +
         "</p><p class=\"address\"><a href=\"" + esc(address) + "\">" + esc(address) +
         "</a></p><p class=\"quiet\">" +
         visit.t(say("The code is this address and nothing else: it opens nothing.")) + "</p></div>" + code +
         "</section>";
}

bool is_clock_time(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  return text.size() == 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4);
}

}  // namespace

Response rooms_page(const Visit& visit) {
  std::string body;
  const auto now = visit.sources.daemon.rooms(visit.account->name, visit.language);
  if (!now) return page_response(visit, Page::rooms, name_of(Page::rooms), body + not_answering(visit));
  if (visit.can(Page::rooms, Verb::change)) body += switch_form(visit, *now);
  return page_response(visit, Page::rooms, name_of(Page::rooms),
                       body + rooms_table(visit, *now) + device_test_card(visit, *now));
}

Response rooms_change(const Visit& visit) {
  RoomAsk ask{.account = visit.account->name,
              .room = std::string(visit.form("room")),
              .state = std::string(visit.form("state")),
              .only = std::string(visit.form("only")),
              .until = std::string(visit.form("end")),
              .why = std::string(visit.form("why"))};
  constexpr std::array<std::string_view, 3> states{"off", "only", "normal"};
  const bool known = std::find(states.begin(), states.end(), ask.state) != states.end();
  if (ask.until == "time") ask.until = std::string(visit.form("time"));
  const bool ends = ask.until == "end-of-lesson" || ask.until == "next-break" || is_clock_time(ask.until);
  if (!known || ask.room.empty() || ask.why.empty() || (ask.state != "normal" && !ends) ||
      (ask.state == "only" && ask.only.empty()))
    return refusal(visit, 400, say("This form is not whole."));
  auto done = visit.sources.daemon.switch_room(ask, visit.language);
  if (!done) return refusal(visit, 503, say("The proxy does not answer: nothing was changed."));
  if (done->done)
    done->text = (ask.state == "normal" ? say("The room {} is as always.", ask.room)
                                        : say("The room {} is switched.", ask.room))
                     .in(visit.catalogue());
  return lead_to(visit, path_of(Page::rooms), *done);
}

}  // namespace schoolgate::web
