// `schoolgate ca`: the school's own certificate authority: make it, look at it, hand out its certificate.
#include <pwd.h>
#include <unistd.h>

#include <ctime>
#include <fstream>
#include <memory>
#include <ostream>

#include "config/text/text_file.h"
#include "proxy/core/json_text.h"
#include "proxy/io/tls/certificate.h"
#include "proxy/io/tls/pages_certificate.h"
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
  schoolgate ca create --pages             for the staff's pages alone: again before it ends, the same authority signs
  schoolgate ca show                       name, validity and fingerprint
  schoolgate ca export > schoolgate-ca.crt         for Linux, Firefox and most others
  schoolgate ca export --der -o schoolgate-ca.der  for Windows and Android)";

constexpr char usual_owner[] = "schoolgate", pages_owner[] = "schoolgate-web";

struct CaOptions {
  std::string user, output;  // user "": the usual one
  bool force = false, der = false, json = false, pages = false;
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

struct KeyOwner {
  int user = -1, group = -1;  // -1: whoever asks
};

// Root makes keys for a service, which must be able to read them.
Result<KeyOwner, Message> owner_of(const CaOptions& options, const char* usual) {
  if (::geteuid() != 0) return KeyOwner{};
  const std::string name = options.user.empty() ? usual : options.user;
  const passwd* entry = ::getpwnam(name.c_str());
  if (entry == nullptr)
    return say("there is no user \"{}\" who could own the key: create it, or name another with --user", name);
  return KeyOwner{static_cast<int>(entry->pw_uid), static_cast<int>(entry->pw_gid)};
}

ServedNames served_names(const AdminPages& pages) {
  ServedNames out;
  out.addresses.push_back(pages.address);
  for (const std::string& name : pages.names) {
    const auto address = IpAddress::parse(name);
    if (!address)
      out.hosts.push_back(name);
    else if (*address != pages.address)
      out.addresses.push_back(*address);
  }
  return out;
}

// The authority stays root's, beside the certificate that it signs; the pages' process reads that and its
// key.
int create_for_pages(const CaOptions& options, const Config& config, Console& console) {
  if (!config.admin || config.admin->certificate.empty())
    return fail(console, say("say in the main file where it belongs: listen: admin: tls: {certificate: FILE, "
                             "key: FILE}"));
  const auto owner = owner_of(options, pages_owner);
  if (!owner) return fail(console, owner.error());
  const std::string folder = join_path(folder_of(config.admin->certificate), "pages-ca");
  const ServedNames names = served_names(*config.admin);
  const std::time_t now = std::time(nullptr);
  const bool there = !options.force && ::access((folder + "/ca.crt").c_str(), F_OK) == 0;
  const Result<SchoolCa> ca =
      there ? SchoolCa::load(folder) : create_pages_ca(config.school.name, names, now);
  if (!ca) return fail(console, ca.error().message);
  const auto made = sign_pages(*ca, names, now);
  if (!made) return fail(console, made.error().message);
  if (!may_sign(*ca, *made, now))
    return fail(console,
                say("the authority of the pages was made for other names, or has ended; --force makes a "
                    "new one, which every device of the staff must be given"));
  if (!there)
    if (const auto saved = ca->save(folder, options.force); saved.failed())
      return fail(console, saved.error().message);
  const auto written =
      made->save(*ca, config.admin->certificate, config.admin->key, owner->user, owner->group);
  if (written.failed()) return fail(console, written.error().message);
  describe(ca->certificate(), folder, console);
  console.print(say("the pages    {} until {}", config.admin->certificate,
                    day_text(not_after(made->certificate.get()))));
  const Message next =
      there ? say("Signed anew by the same authority: no device needs anything. Next: systemctl restart "
                  "schoolgate-web")
            : say("Next: install {} on the devices of the staff that open the pages, and on no other; then "
                  "systemctl restart schoolgate-web",
                  folder + "/ca.crt");
  console.out << next.in(console.catalogue) << '\n';
  return exit_ok;
}

int create(const CaOptions& options, const Config& config, Console& console) {
  if (options.pages) return create_for_pages(options, config, console);
  const auto owner = owner_of(options, usual_owner);
  if (!owner) return fail(console, owner.error());
  const Result<SchoolCa> made = SchoolCa::create(config.school.name, std::time(nullptr));
  if (!made) return fail(console, made.error().message);
  const auto saved = made->save(config.https.ca_directory, options.force, owner->user, owner->group);
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
  creating->add_flag("--pages", options->pages,
                     "for the staff's pages: an authority that may sign for their names alone");
  creating
      ->add_option(
          "--user", options->user,
          "who will own the key when root makes it; not said: schoolgate, or schoolgate-web of the pages")
      ->type_name("NAME");
  add("show", "Name, validity and fingerprint", show)->add_flag("--json", options->json, "for programs");
  CLI::App* exporting = add("export", "Write the certificate (never the key)", export_certificate);
  exporting->add_flag("--der", options->der, "DER instead of PEM");
  exporting->add_option("-o,--out", options->output, "a file instead of standard output")->type_name("FILE");
}

}  // namespace schoolgate::tools
