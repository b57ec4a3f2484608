// `schoolgate setup pcs`: files for the school's own PCs and tablets.
#include "tools/commands/setup_pcs.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <ostream>

#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "proxy/core/pages/pac.h"
#include "proxy/io/tls/certificate.h"
#include "proxy/io/tls/school_ca.h"
#include "tools/console/load.h"
#include "tools/lan/machine.h"
#include "tools/setup/answers.h"
#include "tools/setup/pc_files.h"

namespace schoolgate::tools {
namespace {

struct PcsOptions {
  std::string config, folder, address, wifi;
  bool keep_hidden_names = false, force = false;
};

// --address, what setup was answered, or what browsers are told (pac: proxies).
std::string address_for(const PcsOptions& options, const Config& config) {
  std::string host = options.address;
  constexpr std::uint64_t most = 1 << 20;
  if (host.empty())
    if (const auto remembered = read_file(config.state_directory + "/setup/answers", most))
      host = remembered_answers(*remembered).address;
  if (host.empty()) return config.pac.proxies.empty() ? "" : config.pac.proxies.front();
  for (const Listener& one : config.listen)
    if (one.entrance == Entrance::proxy && !one.tier)
      return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(one.port);
  return "";
}

bool is_of_this_machine(const std::string& text) {
  const auto address = IpAddress::parse(text);
  const Machine machine = look_at_machine();
  return !address || classify(*address) == AddressClass::loopback ||
         std::any_of(machine.interfaces.begin(), machine.interfaces.end(), [&](const FoundInterface& one) {
           return std::find(one.addresses.begin(), one.addresses.end(), *address) != one.addresses.end();
         });
}

int write_pc_files(const PcsOptions& options, Console& console) {
  const auto fail = [&](const Message& why) {
    console.complain(why);
    return exit_failed;
  };
  const auto config = load_main_file(options.config, console);
  if (!config) return exit_config_errors;
  if (!options.address.empty() && !IpAddress::parse(options.address)) {
    console.complain(say("\"{}\" is not an IP address", options.address));
    return exit_usage;
  }
  const std::string host = address_for(options, *config);
  if (host.empty()) {
    console.complain(say("this machine's address is not known: add --address 192.168.20.1"));
    return exit_usage;
  }
  PcFacts facts{config->school.name,
                "http://" + host + "/proxy.pac",
                pac_text(config->pac, host),
                "",
                "",
                options.keep_hidden_names,
                options.wifi};
  if (const auto certificate = SchoolCa::load_certificate(config->https.ca_directory)) {
    facts.pem = to_pem(certificate->get());
    facts.fingerprint = fingerprint(certificate->get());
  }
  const std::vector<PcFile> files = pc_files(facts);
  std::error_code error;
  for (const PcFile& one : files)
    if (!options.force && std::filesystem::exists(join_path(options.folder, one.name), error))
      return fail(
          say("{} is there already: another folder, or --force", join_path(options.folder, one.name)));
  for (const PcFile& one : files) {
    const std::string path = join_path(options.folder, one.name);
    std::filesystem::create_directories(folder_of(path), error);
    if (error) return fail(say("{}: {}", folder_of(path), system_words(error.value())));
    if (const auto done = write_whole_file(path, {one.text}, {.mode = 0644}); done.failed())
      return fail(done.error().message);
    console.print(say("new: {}", path));
  }
  if (!is_of_this_machine(options.address))
    console.complain(say("{} is no address of this machine: PCs that cannot reach a proxy there get no web",
                         options.address));
  if (facts.pem.empty())
    console.print(say("without the school's certificate: there is none; see: schoolgate ca create"));
  return exit_ok;
}

}  // namespace

CLI::App* add_setup_pcs_command(CLI::App& setup, Console& console, int& result) {
  auto options = std::make_shared<PcsOptions>();
  CLI::App* command = setup.add_subcommand("pcs", "Write files that set the school's own PCs and tablets");
  command->add_option("folder", options->folder, "where to")->type_name("DIR")->required();
  command->add_option("--address", options->address, "this machine's address for the pupils")
      ->type_name("ADDRESS");
  command->add_option("--wifi", options->wifi, "the school's Wi-Fi, for iPads and Macs")->type_name("NAME");
  command->add_flag("--keep-ech", options->keep_hidden_names, "leave Encrypted ClientHello on");
  command->add_flag("--force", options->force, "replace files that are there");
  add_config_option(*command, options->config);
  on_command(*command, options->config, console,
             [options, &console, &result] { result = write_pc_files(*options, console); });
  return command;
}

}  // namespace schoolgate::tools
