#include "tools/report/parts.h"

#include <algorithm>

namespace schoolgate::tools {

std::string Parts::change(const Folded& now, const Folded& then) const {
  constexpr std::uint64_t fewest_compared = 20;  // of fewer a per cent says nothing
  if (now == then) return "0%";
  if (then.sum < fewest_compared || now.sum == 0) return "–";
  const bool more = now.sum >= then.sum;
  const std::uint64_t difference = more ? now.sum - then.sum : then.sum - now.sum;
  return (more ? "+" : "−") + number((difference * 100 + then.sum / 2) / then.sum) + "%";
}

std::string Parts::in_sentence(const Folded& n) const {
  return n.sum != 0 && n.hidden != 0 ? (*this)(say("over {}", number(n.sum))) : count(n);
}

std::string Parts::duration(std::int64_t ms) const {
  const std::int64_t minutes = (ms + 30'000) / 60'000;
  const std::string hours = number(static_cast<std::uint64_t>(minutes / 60));
  if (minutes < 60) return (*this)(say("{} min", minutes));
  if (minutes % 60 == 0) return (*this)(say("{} h", hours));
  return (*this)(say("{} h {} min", hours, minutes % 60));
}

std::string Parts::category(const std::string& id) const {
  return id.empty() ? (*this)(say("Other (the school's own lines, and what is not listed)"))
                    : of_.names.category(id);
}

std::string Parts::tier(const std::string& id) const {
  return id.empty() ? (*this)(say("not known")) : of_.names.tier(id);
}

std::string Parts::weekday(std::size_t day) const {
  const Message names[] = {say("Monday"), say("Tuesday"),  say("Wednesday"), say("Thursday"),
                           say("Friday"), say("Saturday"), say("Sunday")};
  return (*this)(names[day % 7]);
}

std::vector<std::string> Parts::tiers() const {
  std::vector<std::string> ids;
  for (const auto& [id, name] : of_.names.tiers) ids.push_back(id);
  for (const std::string& id : of_.facts.now.counts.tiers()) {
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

std::string Parts::running() const {
  const auto& running = of_.facts.running;
  if (!running) return (*this)(say("How long the filter ran is no longer known: its events are too old."));
  if (running->stops == 0) return (*this)(say("The filter ran without a break."));
  if (running->stops == 1)
    return (*this)(say("The filter was down once, for {}.", duration(running->down_ms)));
  return (*this)(say("The filter was down {} times, {} in all.", running->stops, duration(running->down_ms)));
}

std::string Parts::note_on_folding() const {
  std::string note = (*this)(say(
      "Counts under five are not told, so that nobody can be recognised, and are in no sum: “+” means that "
      "there are some besides."));
  const bool known = of_.facts.visits_since_ms <= of_.facts.before.from_ms();
  note +=
      " " + (known ? (*this)(say("A visit is a page that somebody opened, with all that it is made of."))
                   : (*this)(say("A visit is a page that somebody opened, with all that it is made of; in "
                                 "the log's older rows each request counts as one.")));
  return note;
}

Document Parts::begin(const char* audience, std::string title) const {
  Document document;
  document.language = of_.language;
  document.audience = audience;
  document.title = std::move(title);
  document.school = of_.school.name;
  const Period& period = of_.facts.period;
  document.period = period.name(of_.language);
  document.before = of_.facts.before.name(of_.language);
  document.first_day = period.first_day();
  document.last_day = period.last_day();
  document.subtitle = (*this)(say("From {} to {}, beside {}.", date_text(period.first_day(), of_.language),
                                  date_text(period.last_day(), of_.language), document.before));
  document.made = (*this)(say("Made on {} by Schoolgate {}. It names no pupil, no device and no site.",
                              date_text(of_.today, of_.language), of_.version));
  if (const auto& seal = of_.facts.seal) {
    document.seal =
        (*this)(say("The last seal of the log is number {}: {}. Keep this page: `schoolgate log "
                    "verify --seal` with these digits says later whether the log still has it.",
                    seal->number, seal->digest));
    document.seal_digest = seal->digest;
  }
  if (!of_.floor)
    document.alarm =
        (*this)(say("The list of illegal content that lies there is refused, or cannot be read (schoolgate "
                    "floor info)."));
  else if (of_.floor->entries == 0)
    document.alarm = (*this)(say("No list of illegal content is installed (schoolgate floor)."));
  else if (of_.floor->state == FloorStanding::State::plain)
    document.alarm =
        (*this)(say("The list of illegal content in force is signed by nobody (schoolgate floor)."));
  return document;
}

}  // namespace schoolgate::tools
