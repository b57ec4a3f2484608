#include "config/main/main_reader.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <utility>

#include "config/main/admin_reader.h"
#include "config/main/alerts_reader.h"
#include "config/main/gateway_reader.h"
#include "config/main/https_reader.h"
#include "config/main/lists_reader.h"
#include "config/main/local_time.h"
#include "config/main/main_shapes.h"
#include "config/main/network_reader.h"
#include "config/main/pac_reader.h"
#include "config/text/names.h"
#include "rules/url/url.h"

namespace schoolgate {
namespace {

struct Endpoint {
  IpAddress address;
  std::optional<std::uint16_t> port;
};

// "192.168.10.1:3128", "[fd00::1]:3128", "192.168.10.1", "fd00::1".
std::optional<Endpoint> parse_endpoint(std::string_view text) {
  std::string_view host = text, port;
  if (!text.empty() && text.front() == '[') {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = text.substr(1, end - 1);
    port = text.substr(end + 1);
    if (host.find(':') == std::string_view::npos) return std::nullopt;
  } else if (const std::size_t colon = text.find(':');
             colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos) {
    host = text.substr(0, colon);
    port = text.substr(colon);
  }
  const auto address = IpAddress::parse(host);
  if (!address) return std::nullopt;
  Endpoint endpoint{*address, std::nullopt};
  if (port.empty()) return endpoint;
  std::uint16_t number = 0;
  const char* const end = port.data() + port.size();
  const auto [last, error] = std::from_chars(port.data() + 1, end, number);
  if (port.front() != ':' || error != std::errc{} || last != end || number == 0) return std::nullopt;
  endpoint.port = number;
  return endpoint;
}

// As narrow as `outer` or narrower.
bool lies_in(const Network& inner, const Network& outer) {
  return outer.bits <= inner.bits && outer.contains(inner.base);
}

std::string without_colon(const std::string& text) {
  return text.starts_with(':') ? text.substr(1) : text;
}

// The port that hints name for each entrance.
const char* usual_port(Entrance entrance) {
  switch (entrance) {
    case Entrance::proxy:
      return ":3128";
    case Entrance::http:
      return ":3129";
    case Entrance::tls:
      return ":3130";
  }
  return "";
}

std::string with_port(const std::string& address, Entrance entrance) {
  const bool bare_v6 = address.find(':') != std::string::npos && !address.starts_with('[');
  return (bare_v6 ? "[" + address + "]" : address) + usual_port(entrance);
}

class MainReader {
 public:
  MainReader(LoadContext& context, const YamlNode& root)
      : context_(context),
        report_(context.reporter(context.config_file())),
        top_(root, report_, main_shape, say("this file")) {}

  MainFile read() {
    config().file = context_.config_file();
    config().clients = private_networks();
    read_version(top_);
    school();
    listen();
    who();
    policy_files();
    places();
    log();
    timeouts();
    limits();
    upstream();
    https();
    if (const YamlNode* alerts = top_.get("alerts")) read_alerts(*alerts, report_, context_, config().alerts);
    if (const YamlNode* pac = top_.get("pac")) read_pac(*pac, report_, config().pac);
    if (const YamlNode* gateway = top_.get("gateway")) read_gateway(*gateway, report_, context_, out_);
    std::uint32_t workers = 0;
    top_.number("workers", workers);
    config().workers = static_cast<std::uint16_t>(workers);
    if (const YamlNode* lists = top_.get("lists")) read_list_entries(*lists, report_, context_, out_.lists);
    lists_directory();
    for (ListEntry& entry : out_.lists)
      if (entry.update) entry.path = fetched_list_path(config().state_directory, entry.name);
    top_.finish();
    return std::move(out_);
  }

 private:
  Config& config() { return out_.config; }

  std::string path_value(Fields& fields, std::string_view key, std::string_view otherwise) {
    std::string written(otherwise);
    fields.text(key, written);
    return context_.path(written);
  }

  void school() {
    const YamlNode* node = top_.get("school");
    if (node == nullptr) return;
    School& school = config().school;
    Fields fields(*node, report_, school_shape, Message("school"));
    if (const YamlNode* name = fields.get("name"))
      if (auto text = read_text(*name, report_)) school.name = std::move(*text);
    if (const auto word = fields.word("language")) school.language = static_cast<Language>(*word);
    if (const YamlNode* zone = fields.get("time_zone"))
      if (auto text = read_text(*zone, report_)) {
        school.time_zone = std::move(*text);
        const auto loaded = TimeZone::load(school.time_zone);
        if (!loaded)
          report_.error(diag::bad_time_zone, *zone, loaded.error().message,
                        say("in Viet Nam: Asia/Ho_Chi_Minh"));
      }
    if (const YamlNode* safeguarding = fields.get("safeguarding")) {
      Fields inner(*safeguarding, report_, safeguarding_shape, Message("safeguarding"));
      inner.text("person", school.safeguarding_person);
      inner.text("room", school.safeguarding_room);
      inner.text("phone", school.safeguarding_phone);
      inner.finish();
    }
    fields.text("it_contact", school.it_contact);
    fields.finish();
  }

  void listen() {
    const YamlNode* node = top_.get("listen");
    if (node == nullptr) return;
    Fields fields(*node, report_, listen_shape, Message("listen"));
    if (const YamlNode* proxy = fields.get("proxy")) {
      for (const YamlNode* item : read_items(*proxy, report_)) listener(*item, Entrance::proxy);
      if (proxy->kind == YamlNode::Kind::sequence && proxy->children.empty())
        report_.error(diag::no_listener, *proxy, say("nobody can connect: no address is given"),
                      say("for example \"0.0.0.0:3128\""));
    }
    if (const YamlNode* redirected = fields.get("transparent")) {
      Fields inner(*redirected, report_, transparent_shape, Message("transparent"));
      if (const YamlNode* http = inner.get("http"))
        for (const YamlNode* item : read_items(*http, report_)) listener(*item, Entrance::http);
      if (const YamlNode* tls = inner.get("tls"))
        for (const YamlNode* item : read_items(*tls, report_)) listener(*item, Entrance::tls);
      bool tproxy = false;
      inner.boolean("tproxy", tproxy);
      for (Listener& one : config().listen) one.tproxy = tproxy && one.entrance != Entrance::proxy;
      inner.finish();
    }
    if (const YamlNode* clients = fields.get("clients")) {
      config().clients.clear();
      for (const YamlNode* item : read_items(*clients, report_)) {
        const auto network = read_network(*item, report_);
        clients_known_ = clients_known_ && network.has_value();
        if (!network) continue;
        config().clients.push_back(*network);
        const auto holds_it = [&](const Network& known) { return lies_in(*network, known); };
        if (std::ranges::none_of(private_networks(), holds_it))
          report_.warning(diag::open_to_all, *item,
                          say("strangers may connect: not all of these addresses are private"),
                          say("name the school's own networks, for example 192.168.0.0/16; without the key "
                              "all private networks may connect, and no other"));
      }
    }
    if (const YamlNode* admin = fields.get("admin")) read_admin(*admin, report_, context_, out_);
    fields.finish();
  }

  void listener(const YamlNode& item, Entrance entrance) {
    Listener listener;
    listener.entrance = entrance;
    const YamlNode* address = &item;
    Place tier_place = context_.place(report_.file(), item);
    if (item.kind == YamlNode::Kind::map) {
      Fields fields(item, report_, listener_shape, say("a listener"));
      address = fields.get("address");
      if (const YamlNode* tier = fields.get("tier")) {
        listener.tier = read_text(*tier, report_);
        tier_place = context_.place(report_.file(), *tier);
      }
      fields.finish();
    }
    if (address == nullptr) return;
    const auto text = read_text(*address, report_);
    if (!text) return;
    const auto endpoint = parse_endpoint(*text);
    if (!endpoint || !endpoint->port) {
      const bool port_missing = endpoint && !endpoint->port;
      const bool only_port = parse_endpoint("0.0.0.0:" + without_colon(*text)).has_value();
      report_.error(diag::bad_address, *address, say("\"{}\" is not an address with a port", *text),
                    port_missing ? say("write the port too: {}", with_port(*text, entrance))
                    : only_port
                        ? say("write \"0.0.0.0:{}\" for every address of this machine", without_colon(*text))
                        : say("write it as {}, or {} for every address of this machine",
                              with_port("192.168.10.1", entrance), with_port("0.0.0.0", entrance)));
      return;
    }
    listener.address = endpoint->address;
    listener.port = *endpoint->port;
    for (const Listener& other : config().listen)
      if (other.address == listener.address && other.port == listener.port)
        report_.error(diag::duplicate_name, *address, say("this address is listed twice"));
    config().listen.push_back(std::move(listener));
    out_.listen_places.push_back(tier_place);
  }

  void who() {
    if (const YamlNode* unknown = top_.get("unknown_tier"))
      if (auto text = read_text(*unknown, report_)) {
        config().unknown_tier = std::move(*text);
        out_.unknown_tier_place = context_.place(report_.file(), *unknown);
      }
    const YamlNode* node = top_.get("who");
    if (node == nullptr) return;
    for (const YamlNode* item : read_items(*node, report_)) who_line(*item);
  }

  void who_line(const YamlNode& item) {
    Fields fields(item, report_, who_shape, say("a line of who"));
    ClientNetwork line;
    const YamlNode* tier = fields.get("tier");
    const YamlNode* network = fields.get("network");
    fields.text("label", line.label);
    fields.boolean("shared", line.shared);
    if (const auto seats = fields.word("seats"); seats)
      line.seats_shared = fields.words("seats")[*seats] == "shared";
    if (const YamlNode* trusts = fields.get("trusts_ca")) line.trusts_ca = read_boolean(*trusts, report_);
    fields.finish();
    if (tier == nullptr || network == nullptr) return;
    auto tier_name = read_text(*tier, report_);
    if (!tier_name) return;
    line.tier = std::move(*tier_name);
    for (const YamlNode* one : read_items(*network, report_)) {
      const auto read = read_network(*one, report_);
      if (!read) continue;
      line.network = *read;
      note_network(*one, line.network);
      for (std::size_t i = 0; i < config().who.size(); ++i)
        if (config().who[i].network == line.network)
          report_.error(diag::duplicate_name, *one,
                        say("the network {} has a tier already ({})", line.network.to_string(),
                            context_.show(out_.who_places[i])));
      config().who.push_back(line);
      out_.who_places.push_back(context_.place(report_.file(), *tier));
    }
  }

  // What is taken as it stands, and is seldom meant so.
  void note_network(const YamlNode& node, const Network& network) {
    const auto& clients = config().clients;
    if (network.bits == 128 && node.text.find('/') == std::string::npos) {
      const bool v4 = network.base.is_v4();
      report_.warning(diag::one_address, node, say("this is one address, not a network: its mask is missing"),
                      v4 ? say("a network is {}; if one device is meant: {}/32",
                               network_meant_by(network.base), network.base.to_string())
                         : say("if one device is meant: {}/128", network.base.to_string()));
    } else if (clients_known_ && std::none_of(clients.begin(), clients.end(), [&](const Network& one) {
                 return lies_in(one, network) || lies_in(network, one);
               })) {
      report_.warning(diag::network_not_let_in, node, say("no device of this network may connect"),
                      say("name it under listen: clients: too, or correct it"));
    }
  }

  void policy_files() {
    PolicyFiles& files = config().policy;
    files.categories = named_path("categories", "categories.yaml", out_.named.categories);
    files.tiers_directory = named_path("tiers_dir", "tiers.d", out_.named.tiers);
    optional_file("locked", "locked.yaml", files.locked, out_.named.locked);
    optional_file("help_lines", "hotlines.yaml", files.help, out_.named.help);
    optional_file("floor", "floor.txt", files.floor, out_.named.floor);
    optional_file("terms", "terms.yaml", files.terms, out_.named.terms);
    optional_file("safesearch", "safesearch.yaml", files.search, out_.named.search);
    // Either of the two files means that there shall be one.
    const std::string sealed = context_.path(sealed_file_name);
    if (!context_.absent(sealed) || !context_.absent(context_.path(sealed_signature_name)))
      files.signed_floor = sealed;
    const std::string delegation = context_.path("delegation.yaml");
    if (!context_.absent(delegation)) files.delegation = delegation;
    const std::string wrong = context_.path("lookalikes_wrong.txt");
    if (!context_.absent(wrong)) files.lookalikes_wrong = wrong;
    optional_file("periods", "periods.yaml", files.periods, out_.named.periods);
    optional_file("bundles", "bundles.yaml", files.bundles, out_.named.bundles);
    files.bundles_directory = context_.path("bundles.d");
    files.host_files_directory = context_.path("only.d");
  }

  std::string named_path(std::string_view key, std::string_view standard, Place& named) {
    if (const YamlNode* node = top_.get(key)) named = context_.place(report_.file(), *node);
    return path_value(top_, key, standard);
  }

  // A part that may be absent: its standard name is used unless there is surely no such file. A named file
  // must exist.
  void optional_file(std::string_view key, std::string_view standard, std::string& out, Place& named) {
    const std::string path = named_path(key, standard, named);
    if (named.pos.line != 0 || !context_.absent(path)) out = path;
  }

  void places() {
    config().state_directory = path_value(top_, "state_directory", "/var/lib/schoolgate");
    config().control_socket = path_value(top_, "control_socket", "/run/schoolgate/control.sock");
    constexpr std::size_t socket_path_max = 107;  // sun_path less its final NUL, unix(7)
    if (config().control_socket.size() > socket_path_max)
      if (const YamlNode* node = top_.get("control_socket"))
        report_.error(diag::bad_path, *node, say("the path of the control socket is longer than 107 bytes"));
  }

  void log() {
    LogSettings& log = config().log;
    log.directory = "/var/log/schoolgate";
    log.key_file = join_path(config().state_directory, "pseudonym.keys");
    const YamlNode* node = top_.get("log");
    if (node == nullptr) return;
    Fields fields(*node, report_, log_shape, Message("log"));
    log.directory = path_value(fields, "directory", log.directory);
    if (fields.get("key_file") != nullptr) log.key_file = path_value(fields, "key_file", log.key_file);
    fields.number("keep_days", log.keep_days);
    fields.number("min_days", log.min_days);
    constexpr std::uint64_t megabyte = 1'000'000;
    auto megabytes = static_cast<std::uint32_t>(log.max_bytes / megabyte);
    fields.number("max_megabytes", megabytes);
    log.max_bytes = megabytes * megabyte;
    fields.finish();
  }

  void timeouts() {
    const YamlNode* node = top_.get("timeouts");
    if (node == nullptr) return;
    Timeouts& t = config().timeouts;
    Fields fields(*node, report_, timeouts_shape, Message("timeouts"));
    fields.seconds("head", t.head);
    fields.seconds("keep_alive", t.keep_alive);
    fields.seconds("connect", t.connect);
    fields.seconds("hello", t.hello);
    fields.seconds("response", t.response);
    fields.seconds("body", t.body);
    fields.seconds("tunnel_idle", t.tunnel_idle);
    fields.seconds("drain", t.drain);
    fields.finish();
  }

  void limits() {
    const YamlNode* node = top_.get("limits");
    if (node == nullptr) return;
    Limits& l = config().limits;
    Fields fields(*node, report_, limits_shape, Message("limits"));
    fields.number("connections", l.connections);
    fields.number("connections_per_client", l.connections_per_client);
    fields.number("requests_per_second_per_client", l.requests_per_second_per_client);
    fields.number("request_burst_per_client", l.request_burst_per_client);
    fields.number("min_bytes_per_second", l.min_bytes_per_second);
    fields.number("head_bytes", l.head_bytes);
    fields.number("url_bytes", l.url_bytes);
    fields.finish();
  }

  void upstream() {
    const YamlNode* node = top_.get("upstream");
    if (node == nullptr) return;
    Upstream& u = config().upstream;
    Fields fields(*node, report_, upstream_shape, Message("upstream"));
    if (const YamlNode* networks = fields.get("allow_networks"))
      u.allow_networks = read_networks(*networks, report_);
    if (const YamlNode* servers = fields.get("dns_servers"))
      for (const YamlNode* item : read_items(*servers, report_)) {
        const auto text = read_text(*item, report_);
        if (!text) continue;
        if (parse_endpoint(*text))
          u.dns_servers.push_back(*text);
        else
          report_.error(diag::bad_address, *item, say("\"{}\" is not an IP address", *text),
                        say("for example 192.168.10.1, or 192.168.10.1:5353"));
      }
    if (const YamlNode* named = fields.get("parent")) parent(*named);
    if (fields.get("hosts_file") != nullptr) u.hosts_file = path_value(fields, "hosts_file", u.hosts_file);
    if (const YamlNode* files = fields.get("extra_ca"))
      for (const YamlNode* item : read_items(*files, report_))
        if (const auto text = read_text(*item, report_)) u.extra_ca.push_back(context_.path(*text));
    fields.number("idle_per_origin", u.idle_per_origin);
    fields.number("idle_total", u.idle_total);
    fields.finish();
  }

  void parent(const YamlNode& node) {
    const auto text = read_text(node, report_);
    if (!text) return;
    Url url;
    const Message hint = say("for example http://10.1.2.3:3128");
    if (const auto parsed = url.parse(*text); parsed.failed()) {
      report_.error(diag::bad_address, node,
                    say("\"{}\" is no proxy's address: {}", *text, message_of(parsed.error())), hint);
      return;
    }
    if (url.scheme() != Scheme::http || url.target() != "/") {
      report_.error(diag::bad_address, node,
                    say("a parent proxy is http://, a host and a port, nothing else"), hint);
      return;
    }
    config().upstream.parent = ParentProxy{url.host(), url.port()};
    report_.add(Severity::note, diag::parent_guards, node.pos, node.length,
                say("names are looked up by the parent: it must refuse names that lead to private addresses"),
                say("in Squid: acl inside dst 127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 "
                    "169.254.0.0/16 ::1 fc00::/7 fe80::/10, then http_access deny inside"));
  }

  void https() {
    config().https.ca_directory = context_.path("ca");
    const YamlNode* node = top_.get("https");
    if (node == nullptr) return;
    out_.https_place = context_.place(report_.file(), *node);
    read_https(*node, report_, context_, config().https, out_.never_inspect);
  }

  void lists_directory() {
    const YamlNode* named = top_.get("lists_dir");
    const std::string folder = out_.lists_folder = path_value(top_, "lists_dir", "lists.d");
    const auto files = context_.yaml_files_in(folder);
    if (!files) {
      // Nothing of that name: there are no such lists. A link that leads to nothing was meant.
      const bool absent = files.error() == std::errc::no_such_file_or_directory &&
                          (context_.uses_kept() || context_.absent(folder));
      if (named != nullptr)
        report_.error(diag::file_unreadable, *named, say("cannot read the folder {}", folder));
      else if (!absent)
        report_.add(Severity::error, diag::file_unreadable, {}, 0, say("cannot read the folder {}", folder),
                    say("check the path and who may read it"));
      return;
    }
    for (const std::string& file : *files) read_list_file(file, context_, out_.lists);
  }

  LoadContext& context_;
  Reporter report_;
  Fields top_;
  bool clients_known_ = true;  // listen: clients: was read to its end
  MainFile out_;
};

}  // namespace

std::optional<MainFile> read_main_file(LoadContext& context) {
  const auto root = context.yaml(context.config_file());
  if (!root) return std::nullopt;
  if (root->kind != YamlNode::Kind::map) {
    context.reporter(context.config_file())
        .error(diag::wrong_kind, *root,
               say("this file holds keys and values (\"key: value\"), not {}", root->kind_name()));
    return std::nullopt;
  }
  return MainReader(context, *root).read();
}

}  // namespace schoolgate
