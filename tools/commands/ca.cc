// `schoolgate ca`: the school's own certificate authority: make it, look at it, hand out its certificate.
#include <pwd.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <ostream>

#include "proxy/core/json_text.h"
#include "proxy/io/tls/certificate.h"
#include "proxy/io/tls/school_ca.h"
#include "tools/commands/commands.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

constexpr char ca_footer[] =
    R"(Needed only where a tier says `https: block-page` or `https: inspect`. Devices are made to trust the certificate;
http://schoolgate.internal/ca shows how. The key never leaves this machine: whoever has it can pass for every site.

Examples:
  schoolgate ca create                     once; needs to be root, or the owner of the folder
  schoolgate ca show                       name, validity and fingerprint
  schoolgate ca export > schoolgate-ca.crt         for Linux, Firefox and most others
  schoolgate ca export --der -o schoolgate-ca.der  for Windows and Android)";

struct CaOptions {
  std::string user = "schoolgate", output;
  bool force = false, der = false, json = false;
};

std::string day_text(std::time_t time) {
  std::tm broken{};
  ::gmtime_r(&time, &broken);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &broken)};
}

int fail(Console& console, const Message& message) {
  console.complain(message);
  return exit_failed;
}

void describe(X509* certificate, const std::string& folder, Console& console) {
  console.print(say("name         {}", subject_name(certificate)));
  console.print(say("folder       {}", folder));
  console.print(
      say("valid        {} to {}", day_text(not_before(certificate)), day_text(not_after(certificate))));
  console.print(say("SHA-256      {}", fingerprint(certificate)));
}

// Root makes it for the service, which must be able to read its key.
int create(const CaOptions& options, const Config& config, Console& console) {
  int owner = -1, group = -1;
  if (::geteuid() == 0) {
    const passwd* entry = ::getpwnam(options.user.c_str());
    if (entry == nullptr)
      return fail(console,
                  say("there is no user \"{}\" who could own the key: create it, or name another with --user",
                      options.user));
    owner = static_cast<int>(entry->pw_uid);
    group = static_cast<int>(entry->pw_gid);
  }
  const Result<SchoolCa> made = SchoolCa::create(config.school.name, std::time(nullptr));
  if (!made) return fail(console, made.error().message);
  const auto saved = made->save(config.https.ca_directory, options.force, owner, group);
  if (saved.failed()) return fail(console, saved.error().message);
  describe(made->certificate(), config.https.ca_directory, console);
  const Message next =
      say("Next: write the fingerprint down for the computer room; install the certificate as\n"
          "http://schoolgate.internal/ca shows; then `https: block-page` in a tier's file, and schoolgate "
          "reload.");
  console.out << next.in(console.catalogue) << '\n';
  return exit_ok;
}

int show(const CaOptions& options, const Config& config, Console& console) {
  const Result<CertificatePtr> loaded = SchoolCa::load_certificate(config.https.ca_directory);
  if (!loaded) return fail(console, say("{}; make one: schoolgate ca create", loaded.error().message));
  X509* const certificate = loaded->get();
  if (!options.json) {
    describe(certificate, config.https.ca_directory, console);
    return exit_ok;
  }
  console.out << JsonObject()
                     .add("name", subject_name(certificate))
                     .add("folder", config.https.ca_directory)
                     .add("not_before", day_text(not_before(certificate)))
                     .add("not_after", day_text(not_after(certificate)))
                     .add("sha256", fingerprint(certificate))
                     .text()
              << '\n';
  return exit_ok;
}

int export_certificate(const CaOptions& options, const Config& config, Console& console) {
  const Result<CertificatePtr> loaded = SchoolCa::load_certificate(config.https.ca_directory);
  if (!loaded) return fail(console, say("{}; make one: schoolgate ca create", loaded.error().message));
  const std::string bytes = options.der ? to_der(loaded->get()) : to_pem(loaded->get());
  if (options.output.empty()) {
    console.out << bytes << std::flush;
    return exit_ok;
  }
  std::ofstream file(options.output, std::ios::binary | std::ios::trunc);
  file << bytes << std::flush;
  return file ? exit_ok : fail(console, say("cannot write {}", options.output));
}

}  // namespace

void add_ca_command(CLI::App& app, Console& console, int& result) {
  auto options = std::make_shared<CaOptions>();
  CLI::App* command = app.add_subcommand("ca", "The school's own certificate authority");
  command->require_subcommand(1);
  command->footer(ca_footer);
  const auto add = [&](const char* name, const char* what, auto act) {
    CLI::App* sub = command->add_subcommand(name, what);
    auto file = std::make_shared<std::string>();
    add_config_option(*sub, *file);
    on_command(*sub, *file, console, [options, file, &console, &result, act] {
      const auto config = load_main_file(*file, console);
      result = config ? act(*options, *config, console) : exit_config_errors;
    });
    return sub;
  };
  CLI::App* creating = add("create", "Make key and certificate, named after the school", create);
  creating->add_flag("--force", options->force,
                     "replace the one that is there: every device needs the new one");
  creating->add_option("--user", options->user, "who will own the key when root makes it")
      ->type_name("NAME")
      ->capture_default_str();
  add("show", "Name, validity and fingerprint", show)->add_flag("--json", options->json, "for programs");
  CLI::App* exporting = add("export", "Write the certificate (never the key)", export_certificate);
  exporting->add_flag("--der", options->der, "DER instead of PEM");
  exporting->add_option("-o,--output", options->output, "a file instead of standard output")
      ->type_name("FILE");
}

}  // namespace schoolgate::tools
