#include "tools/setup/main_edit.h"

#include <algorithm>
#include <map>
#include <sstream>

#include "config/main/examples.h"
#include "config/main/lists_reader.h"
#include "config/main/main_reader.h"
#include "config/main/network_reader.h"
#include "config/policy/hole_bundles.h"

namespace schoolgate::tools {
namespace {

// As config/defaults/schoolgate.yaml ships them; a test compares.
constexpr std::string_view example_networks =
    "192.168.20.0/24=thcs:Phòng máy 1; 192.168.30.0/24=thpt:Phòng máy 2; 192.168.40.0/24=giao_vien:Giáo "
    "viên; "
    "192.168.50.0/24=khach:Wi-Fi khách";

bool same_network(const ClientNetwork& line, const SetupNetwork& answer) {
  return line.network == answer.network && line.tier == answer.tier && line.label == answer.label;
}

std::vector<SetupNetwork> networks_of(const Config& config) {
  std::vector<SetupNetwork> all;
  for (const ClientNetwork& line : config.who) all.push_back({line.network, line.tier, line.label});
  return all;
}

// A text by lines, with the keys at the left edge and those below them.
class MainText {
 public:
  explicit MainText(const std::string& text) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
  }

  [[nodiscard]] std::string text() const {
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    return all;
  }

  struct Span {
    std::size_t begin = 0, end = 0;  // lines; empty: not there
    [[nodiscard]] bool there() const { return begin < end; }
  };
  // The lines of `key:` with `indent` blanks before it, within `in`: its own, and those that belong to it.
  [[nodiscard]] Span find(std::string_view key, std::size_t indent, Span in) const {
    const std::string head = std::string(indent, ' ') + std::string(key) + ":";
    for (std::size_t i = in.begin; i < in.end; ++i) {
      if (!lines[i].starts_with(head)) continue;
      std::size_t end = i + 1;
      for (std::size_t at = end; at < in.end; ++at) {
        const std::size_t first = lines[at].find_first_not_of(' ');
        if (first == std::string::npos) continue;
        if (first <= indent && !(lines[at][first] == '-' && first == indent)) break;
        end = at + 1;
      }
      return {i, end};
    }
    return {};
  }
  [[nodiscard]] Span all() const { return {0, lines.size()}; }

  // The value of `key:` in that line; what stands behind it stays in its column where there is room.
  void set_value(std::size_t line, const std::string& value) {
    std::string& text = lines[line];
    const std::size_t colon = text.find(':');
    std::size_t begin = text.find_first_not_of(' ', colon + 1);
    if (begin == std::string::npos) begin = text.size();
    const std::size_t end = end_of_value(text, begin);
    std::string comment;
    const std::size_t sign = text.find('#', end);
    if (sign != std::string::npos) comment = text.substr(sign);
    text = text.substr(0, colon + 1) + " " + value;
    if (comment.empty()) return;
    text.append(text.size() + 1 < sign ? sign - text.size() : 1, ' ');
    text += comment;
  }

  std::vector<std::string> lines;

 private:
  static std::size_t end_of_value(const std::string& text, std::size_t begin) {
    if (begin >= text.size() || text[begin] == '#') return begin;
    if (text[begin] == '"') {
      std::size_t at = begin + 1;
      while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
      return std::min(at + 1, text.size());
    }
    if (text[begin] == '\'') return std::min(text.find('\'', begin + 1), text.size() - 1) + 1;
    if (text[begin] == '{' || text[begin] == '[') {
      char quote = 0;
      for (std::size_t at = begin; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\')
          ++at;
        else if (quote != 0)
          quote = text[at] == quote ? '\0' : quote;
        else if (text[at] == '"' || text[at] == '\'')
          quote = text[at];
        else if (text[at] == '}' || text[at] == ']')
          return at + 1;
      }
    }
    return std::min(text.find(" #", begin), text.size());
  }
};

void set_words(MainText& text, const std::vector<std::string_view>& keys, const std::string& value) {
  MainText::Span in = text.all();
  std::size_t indent = 0;
  for (std::size_t i = 0; i < keys.size(); ++i, indent += 2) {
    const MainText::Span found = text.find(keys[i], indent, in);
    if (found.there()) {
      if (i + 1 == keys.size()) return text.set_value(found.begin, value);
      in = {found.begin + 1, found.end};
      continue;
    }
    if (i == 0) return;  // what reads the result again says so
    std::string line(indent, ' ');
    line += std::string(keys[i]) + ":";
    std::vector<std::string> added;
    for (std::size_t rest = i; rest < keys.size(); ++rest)
      added.push_back(std::string(2 * rest, ' ') + std::string(keys[rest]) + ":" +
                      (rest + 1 == keys.size() ? " " + value : ""));
    text.lines.insert(text.lines.begin() + static_cast<std::ptrdiff_t>(in.begin), added.begin(), added.end());
    return;
  }
}

void edit_school(MainText& text, const School& school, const SetupAnswers& answers) {
  struct Row {
    std::vector<std::string_view> keys;
    const std::string &now, &wanted;
  };
  const Row rows[] = {
      {{"school", "name"}, school.name, answers.school},
      {{"school", "safeguarding", "person"}, school.safeguarding_person, answers.person},
      {{"school", "safeguarding", "room"}, school.safeguarding_room, answers.room},
      {{"school", "safeguarding", "phone"}, school.safeguarding_phone, answers.phone},
      {{"school", "it_contact"}, school.it_contact, answers.it},
  };
  for (const Row& row : rows)
    if (!row.wanted.empty() && row.now != row.wanted) set_words(text, row.keys, yaml_quoted(row.wanted));
  const std::string now = school.language == Language::vi ? "vi" : "en";
  if (!answers.language.empty() && now != answers.language)
    set_words(text, {"school", "language"}, answers.language);
}

// Entries that stay keep their lines, `shared: true` and comments; the new ones come behind the last.
void edit_who(MainText& text, const MainFile& main, const std::vector<SetupNetwork>& wanted) {
  const MainText::Span who = text.find("who", 0, text.all());
  if (!who.there()) return;
  std::map<std::size_t, bool> stays;  // by line, from 0
  std::vector<SetupNetwork> kept;
  const auto answered = [&](const ClientNetwork& line) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const SetupNetwork& one) { return same_network(line, one); });
  };
  for (std::size_t i = 0; i < main.config.who.size(); ++i) {
    const std::size_t line = main.who_places[i].pos.line - 1;
    const auto [at, is_new] = stays.emplace(line, true);
    at->second = at->second && answered(main.config.who[i]);
  }
  for (std::size_t i = 0; i < main.config.who.size(); ++i)
    if (const ClientNetwork& one = main.config.who[i]; stays[main.who_places[i].pos.line - 1])
      kept.push_back({one.network, one.tier, one.label});
  std::vector<std::string> lines;
  for (std::size_t at = who.begin + 1; at < who.end; ++at) {
    const auto entry = stays.find(at);
    if (entry == stays.end() || entry->second) lines.push_back(text.lines[at]);
  }
  for (const SetupNetwork& one : wanted) {
    if (std::find(kept.begin(), kept.end(), one) != kept.end()) continue;
    const std::string network = one.network.to_string();
    const bool v6 = network.find(':') != std::string::npos;
    lines.push_back("  - {network: " + (v6 ? "\"" + network + "\"" : network) + ", tier: " + one.tier +
                    (one.label.empty() ? "" : ", label: " + yaml_quoted(one.label)) + "}");
  }
  const auto begin = text.lines.begin();
  text.lines.erase(begin + static_cast<std::ptrdiff_t>(who.begin + 1),
                   begin + static_cast<std::ptrdiff_t>(who.end));
  text.lines.insert(text.lines.begin() + static_cast<std::ptrdiff_t>(who.begin + 1), lines.begin(),
                    lines.end());
}

bool holds(const std::vector<Network>& some, const Network& one) {
  return std::any_of(some.begin(), some.end(), [&](const Network& other) {
    return other.bits <= one.bits && other.contains(one.base);
  });
}

// Who may connect: of a file as shipped no more than the school's networks; else what is missing is added.
std::vector<Network> clients_for(const Config& config, const std::vector<SetupNetwork>& networks,
                                 const SetupAnswers& answers, const SetupFacts& facts) {
  const bool as_shipped = config.clients == private_networks();
  std::vector<Network> all =
      as_shipped ? std::vector<Network>{*Network::parse("127.0.0.0/8"), *Network::parse("::1")}
                 : config.clients;
  const auto add = [&](const Network& one) {
    if (!holds(all, one)) all.push_back(one);
  };
  for (const SetupNetwork& one : networks) add(one.network);
  if (answers.ipv6 == "radvd") {
    add(*Network::parse("fe80::/10"));
    if (const FoundInterface* const inside = facts.machine.find(answers.inside))
      for (std::size_t i = 0; i < inside->networks.size(); ++i)
        if (!inside->addresses[i].is_v4()) add(inside->networks[i]);
  }
  return all;
}

std::string listed(const std::vector<Network>& networks) {
  std::string text = "[";
  for (const Network& one : networks) {
    const std::string written = one.to_string();
    const bool v6 = written.find(':') != std::string::npos;
    text += (text.size() > 1 ? ", " : "") + (v6 ? "\"" + written + "\"" : written);
  }
  return text + "]";
}

void edit_listen(MainText& text, const Config& config, const std::vector<Network>& clients) {
  if (clients != config.clients) set_words(text, {"listen", "clients"}, listed(clients));
  const bool has_transparent =
      std::any_of(config.listen.begin(), config.listen.end(),
                  [](const Listener& one) { return one.entrance != Entrance::proxy; });
  if (has_transparent) return;
  const std::string line =
      R"(  transparent: {http: ["0.0.0.0:3129", "[::]:3129"], tls: ["0.0.0.0:3130", "[::]:3130"]})";
  const MainText::Span listen = text.find("listen", 0, text.all());
  for (std::size_t at = listen.begin; at < listen.end; ++at)
    if (text.lines[at].starts_with("  # transparent: {")) {
      text.lines[at] = line;
      return;
    }
  if (listen.there())
    text.lines.insert(text.lines.begin() + static_cast<std::ptrdiff_t>(listen.begin + 1), line);
}

void edit_masquerade(MainText& text, const std::string& now, const std::string& wanted) {
  if (now == wanted) return;
  const MainText::Span gateway = text.find("gateway", 0, text.all());
  if (wanted.empty()) {
    const MainText::Span line = text.find("masquerade", 2, gateway);
    if (line.there()) text.lines.erase(text.lines.begin() + static_cast<std::ptrdiff_t>(line.begin));
    return;
  }
  if (gateway.there()) return set_words(text, {"gateway", "masquerade"}, wanted);
  // Behind the shipped example, else at the end.
  const auto example = std::find_if(text.lines.begin(), text.lines.end(),
                                    [](const std::string& line) { return line == "# gateway:"; });
  auto at = example;
  while (at != text.lines.end() && at->starts_with("# ")) ++at;
  text.lines.insert(at, {"gateway:", "  masquerade: " + wanted});
}

bool says(const Config& config, const SetupAnswers& answers, const std::vector<SetupNetwork>& networks,
          const std::vector<Network>& clients) {
  std::vector<SetupNetwork> now = networks_of(config), wanted = networks;
  const auto by_text = [](const SetupNetwork& a, const SetupNetwork& b) {
    return text_of(std::vector<SetupNetwork>{a}) < text_of(std::vector<SetupNetwork>{b});
  };
  std::sort(now.begin(), now.end(), by_text);
  std::sort(wanted.begin(), wanted.end(), by_text);
  const School& school = config.school;
  return school.name == answers.school && school.it_contact == answers.it &&
         school.safeguarding_person == answers.person && school.safeguarding_room == answers.room &&
         school.safeguarding_phone == answers.phone &&
         (school.language == Language::vi) == (answers.language == "vi") && now == wanted &&
         config.clients == clients &&
         config.gateway.masquerade == (answers.is_gateway() ? answers.to_the_world() : "") &&
         std::any_of(config.listen.begin(), config.listen.end(),
                     [](const Listener& one) { return one.entrance == Entrance::http; }) &&
         std::any_of(config.listen.begin(), config.listen.end(),
                     [](const Listener& one) { return one.entrance == Entrance::tls; });
}

}  // namespace

std::optional<MainFile> read_as_main_file(const std::string& config_file, const std::string& text,
                                          Diagnostics& diagnostics) {
  LoadContext files(config_file);
  const auto now = read_main_file(files);
  ConfigTexts texts = std::move(files.read);
  texts.files[base_name(config_file)] = text;
  LoadContext context(config_file, &texts);
  auto main = read_main_file(context);
  if (main && now) {  // files that may be absent are those that are there, not only what was read here
    context.use_texts(nullptr);
    main->config.policy.bundles = now->config.policy.bundles;
    main->config.policy.periods = now->config.policy.periods;
    open_to_bundles(*main, context);
  }
  diagnostics = std::move(context.diagnostics);
  if (main && !has_errors(diagnostics)) return main;
  return std::nullopt;
}

SetupAnswers answers_in(const Config& config) {
  SetupAnswers answers;
  School school = config.school;
  const auto examples = example_keys(school);
  forget_examples(school);
  answers.language = school.language == Language::vi ? "vi" : "en";
  if (std::find(examples.begin(), examples.end(), "name") == examples.end()) answers.school = school.name;
  answers.it = school.it_contact;
  answers.person = school.safeguarding_person;
  answers.room = school.safeguarding_room;
  answers.phone = school.safeguarding_phone;
  answers.networks = text_of(networks_of(config));
  if (answers.networks == example_networks) answers.networks.clear();
  return answers;
}

Result<std::string> edited_main_file(const std::string& before, const MainFile& main,
                                     const SetupAnswers& answers, const SetupFacts& facts) {
  const Config& config = main.config;
  const auto networks = networks_in(answers.networks, facts.tiers);
  if (!networks) return networks.error();
  MainText text(before);
  std::vector<SetupNetwork> now = networks_of(config);
  // From below: lines above keep the numbers that `main` knows.
  const std::string world = answers.is_gateway() ? answers.to_the_world() : "";
  edit_masquerade(text, config.gateway.masquerade, world);
  if (now != *networks) edit_who(text, main, *networks);
  const std::vector<Network> clients = clients_for(config, *networks, answers, facts);
  edit_listen(text, config, clients);
  edit_school(text, config.school, answers);
  std::string after = text.text();
  Diagnostics diagnostics;
  const auto again = read_as_main_file(config.file, after, diagnostics);
  if (!again || !says(again->config, answers, *networks, clients))
    return Error{
        say("{} is laid out in a way that setup cannot edit: write school:, listen:, who: and gateway: "
            "as the shipped file does, a key a line",
            config.file)};
  return after;
}

std::string tier_of_file(const std::string& text) {
  const MainText file(text);
  const MainText::Span found = file.find("tier", 0, file.all());
  if (!found.there()) return "";
  std::istringstream words(file.lines[found.begin].substr(sizeof "tier:" - 1));
  std::string tier;
  words >> tier;
  return tier;
}

std::string edited_tier_file(const std::string& text, const std::string& https) {
  MainText file(text);
  const MainText::Span found = file.find("https", 0, file.all()), pupils = file.find("pupils", 0, file.all());
  if (!found.there() || found.end != found.begin + 1) return text;
  if (pupils.there() && file.lines[pupils.begin].find("false") != std::string::npos) return text;
  constexpr std::string_view inspect = "inspect: ";
  file.set_value(found.begin,
                 https.starts_with(inspect)
                     ? "{mode: inspect, reason: " + yaml_quoted(https.substr(inspect.size())) + "}"
                     : https);
  return file.text();
}

}  // namespace schoolgate::tools
