#include "tools/commands/log_seal.h"

#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>

#include "config/main/local_time.h"
#include "config/text/whole_file.h"
#include "proxy/audit/seal_book.h"
#include "proxy/audit/seal_check.h"
#include "proxy/core/json_text.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

using audit::FindingKind;
using audit::LogKind;

constexpr char verify_footer[] =
    R"(Every ten minutes the proxy seals what came to the log: with a number, the digest of the seal before, and a signature.
This goes through all seals and all rows again and says what is whole, what was deleted by rule, and what is not as it was.
Exit code 1: something is not.

Whoever is root on this machine could write a new chain. What left the machine tells it: the seal on a printed report or of
`log seal --print`, given with --seal, and the key that the auditor noted down, given with --key.

Examples:
  schoolgate log verify
  schoolgate log verify --seal 3f2a9c0b12345678      and is the seal on the paper in the chain?
  schoolgate log verify --key auditor/seal.pub       and by that key?
  schoolgate log verify --dir /mnt/copy --json)";

constexpr char seal_footer[] =
    R"(Print it, or write it down, and keep it where nobody of this machine can change it. `log verify --seal DIGEST` says later
whether the log still has it.

Examples:
  schoolgate log seal                                the last seals: number, time, digest
  schoolgate log seal --print                        and what they say, for a page of paper
  schoolgate log seal --key                          the public key, as `minisign -V -p` takes it
  schoolgate log seal --out seal.txt                 and seal.txt.minisig: minisign -Vm seal.txt -p seal.pub)";

struct SealOptions {
  std::string config, directory, seal, out;
  std::vector<std::string> keys;
  bool json = false, print = false, show_key = false;
};

// Where the log lies, and in which zone its school is.
struct SealedLog {
  std::string directory;
  TimeZone zone;
};

std::optional<SealedLog> open_sealed(const SealOptions& options, Console& console) {
  SealedLog log{options.directory, {}};
  if (!log.directory.empty()) return log;
  const auto config = load_main_file(options.config, console);
  if (!config) return std::nullopt;
  log.directory = config->log.directory;
  if (const auto zone = TimeZone::load(config->school.time_zone)) log.zone = *zone;
  return log;
}

// "2026-03-04 07:30"
std::string time_in(const TimeZone& zone, std::int64_t ms) {
  std::string text = zone.iso8601(ms / 1000).substr(0, 16);
  if (text.size() > 10) text[10] = ' ';
  return text;
}

Message name_of_log(LogKind kind) {
  return kind == LogKind::access ? say("ordinary log") : say("safeguarding log");
}

class VerifyPrinter {
 public:
  VerifyPrinter(const TimeZone& zone, Console& console) : zone_(zone), console_(console) {}

  void print(const audit::SealCheck& checked) const {
    for (const auto& chain : checked.chains) print(chain);
    for (const audit::Finding& one : checked.findings) {
      const bool good = is_in_order(one.kind);
      console_.out << paint(console_.out_colour && !good, Colour::red, console_.text(sentence(one))) << '\n';
    }
    console_.print(checked.whole() ? say("The log is whole.") : say("The log is NOT as it was sealed."));
  }

 private:
  [[nodiscard]] std::string time(std::int64_t ms) const { return time_in(zone_, ms); }

  void print(const audit::SealCheck::Chain& chain) const {
    const Message log = name_of_log(chain.log);
    if (!chain.readable)
      console_.print(say("{}: this user may not read it, and it was not looked at", log));
    else if (!chain.there || chain.seals == 0)
      console_.print(say("{}: there are no seals", log));
    else
      console_.print(say("{}: {} seals, and {} rows as they were sealed; the last is number {}, of {}", log,
                         chain.seals, chain.rows, chain.last_number, time(chain.last_ms)));
  }

  // "access-2026-03.db (seals 12 to 20, 2026-03-04 07:00 to 2026-03-04 09:00)"
  [[nodiscard]] Message place(const audit::Finding& one) const {
    const Message file = one.file.empty() ? name_of_log(one.log) : Message(one.file);
    if (one.first_seal == 0) return file;
    if (one.to_ms == 0) return say("{} (seals {} to {})", file, one.first_seal, one.last_seal);
    return say("{} (seals {} to {}, {} to {})", file, one.first_seal, one.last_seal, time(one.from_ms),
               time(one.to_ms));
  }
  [[nodiscard]] static Message what(const audit::Finding& one) {
    if (one.table == "access" || one.table.empty()) return say("rows");
    if (one.table == "event") return say("events");
    if (one.table == "tunnel_end") return say("ends of tunnels");
    return say("rows of the table {}", one.table);
  }
  [[nodiscard]] static std::string ids(const audit::Finding& one) {
    std::string text;
    for (const std::int64_t id : one.ids) text += (text.empty() ? "" : ", ") + std::to_string(id);
    return text;
  }
  // What a rule says of itself, in a seal.
  [[nodiscard]] static Message rule(const std::string& why) {
    constexpr std::string_view begin = "older than ", end = " days";
    if (!why.starts_with(begin) || !why.ends_with(end)) return Message(why);
    return say("older than {} days",
               std::string_view(why).substr(begin.size(), why.size() - begin.size() - end.size()));
  }

  [[nodiscard]] Message missing_seals(const audit::Finding& one) const {
    if (one.first_seal != 0)
      return say("SEALS MISSING: {}, numbers {} to {}", name_of_log(one.log), one.first_seal, one.last_seal);
    if (one.file.empty())
      return say("SEALS MISSING: {} was sealed, and its seals are gone", name_of_log(one.log));
    return say("SEALS MISSING at the end: {} rows of {} should have been sealed and are not", one.rows,
               one.file);
  }

  [[nodiscard]] Message sentence(const audit::Finding& one) const {
    switch (one.kind) {
      case FindingKind::changed:
        return say("CHANGED: {} in {} are not as they were sealed, among the ids {} to {}", what(one),
                   place(one), one.first_id, one.last_id);
      case FindingKind::missing:
        if (one.ids.empty())
          return say("MISSING: {} {} in {} are gone, and no rule removed them", one.rows, what(one),
                     place(one));
        return say("MISSING: {} {} in {} are gone, and no rule removed them: ids {}", one.rows, what(one),
                   place(one), ids(one));
      case FindingKind::added:
        return say("ADDED: {} {} in {} that the proxy did not write", one.rows, what(one), place(one));
      case FindingKind::index_changed:
        return say("INDEX CHANGED: questions to {} would pass over rows: spans {} of the table row_span",
                   place(one), ids(one));
      case FindingKind::no_file:
        return say("MISSING: the file {} is gone, or another one stands in its place; it held {} rows",
                   place(one), one.rows);
      case FindingKind::seal_changed:
        return say("SEAL CHANGED: {}, numbers {} to {} are not what was signed, or not in their place",
                   name_of_log(one.log), one.first_seal, one.last_seal);
      case FindingKind::seal_missing:
        return missing_seals(one);
      case FindingKind::key_changed:
        return say(
            "KEY CHANGED: {}, seals {} to {} were signed by the key {}, which is not the one to verify by",
            name_of_log(one.log), one.first_seal, one.last_seal, one.why);
      case FindingKind::no_witness:
        return say("NOT IN THE CHAIN: no seal of this log is {}", one.why);
      case FindingKind::unreadable:
        return say("UNREADABLE: {}: {}", place(one), one.why);
      case FindingKind::deleted:
        return say("deleted by rule: {} rows of {}: {}", one.rows, place(one), rule(one.why));
      case FindingKind::summed:
        return say("summed or removed by rule: of {} there are {} rows left: {}", place(one), one.rows,
                   rule(one.why));
      case FindingKind::unsealed:
        return say("not sealed yet: {} {} of {}", one.rows, what(one), place(one));
      case FindingKind::before:
        return say("from before sealing began: {} rows of {}", one.rows, place(one));
    }
    return Message(one.why);
  }

  const TimeZone& zone_;
  Console& console_;
};

void print_verify_json(const audit::SealCheck& checked, std::ostream& out) {
  JsonArray chains, findings;
  for (const auto& chain : checked.chains) {
    chains.add(JsonObject()
                   .add("log", chain.log == LogKind::access ? "access" : "safeguarding")
                   .add("readable", chain.readable)
                   .add("seals", chain.seals)
                   .add("rows", chain.rows)
                   .add("last", chain.last_number)
                   .add("last_digest", chain.last_digest)
                   .add("key", chain.key));
  }
  for (const audit::Finding& one : checked.findings) {
    JsonArray ids;
    for (const std::int64_t id : one.ids) ids.raw(std::to_string(id));
    findings.add(JsonObject()
                     .add("kind", to_string(one.kind))
                     .add("in_order", is_in_order(one.kind))
                     .add("log", one.log == LogKind::access ? "access" : "safeguarding")
                     .add("file", one.file)
                     .add("table", one.table)
                     .add("first_seal", one.first_seal)
                     .add("last_seal", one.last_seal)
                     .add("rows", one.rows)
                     .add("first_id", one.first_id)
                     .add("last_id", one.last_id)
                     .add("ids", ids)
                     .add("why", one.why));
  }
  out << JsonObject().add("whole", checked.whole()).add("chains", chains).add("findings", findings).text()
      << '\n';
}

std::string whole_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

int run_verify(const SealOptions& options, Console& console) {
  const auto tell = [&](const Message& message, int exit_code) {
    console.err << console.text(message) << '\n';
    return exit_code;
  };
  constexpr std::size_t least_digits = 12;
  std::string digest;
  for (const char c : options.seal)
    if (c != ' ') digest += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  if (!digest.empty() && (digest.size() < least_digits || digest.size() > 64 ||
                          digest.find_first_not_of("0123456789abcdef") != std::string::npos))
    return tell(say("\"{}\" is not the digest of a seal, nor its first {} digits or more", options.seal,
                    least_digits),
                exit_usage);
  const auto log = open_sealed(options, console);
  if (!log) return exit_config_errors;
  audit::SealQuestion question;
  question.directory = log->directory;
  question.witness = digest;
  for (const std::string& path : options.keys) {
    const auto key = audit::SealPublicKey::parse(whole_text(path));
    if (!key) return tell(say("{} is not a public key of minisign", path), exit_usage);
    question.keys.push_back(*key);
  }
  const auto checked = audit::check_seals(question);
  if (!checked) return tell(checked.error().message, exit_failed);
  if (options.json)
    print_verify_json(*checked, console.out);
  else
    VerifyPrinter(log->zone, console).print(*checked);
  return console.out.flush() && checked->whole() ? exit_ok : exit_failed;
}

int run_seal(const SealOptions& options, Console& console) {
  const auto log = open_sealed(options, console);
  if (!log) return exit_config_errors;
  const auto fail = [&](const Message& message) {
    console.err << console.text(message) << '\n';
    return exit_failed;
  };
  if (options.show_key) {
    const std::string key = whole_text(log->directory + "/seal.pub");
    if (key.empty()) return fail(say("there is no key in {}: the log was never sealed", log->directory));
    console.out << key;
    return console.out.flush() ? exit_ok : exit_failed;
  }
  bool any = false;
  for (const LogKind kind : {LogKind::access, LogKind::safeguarding}) {
    auto book = audit::SealBook::open(log->directory, kind, audit::Database::Mode::read);
    if (!book) continue;  // there is none, or this user may not read it
    const auto last = book->last();
    if (!last) return fail(last.error().message);
    any = true;
    const std::optional<audit::KeptSeal>& seal = *last;
    if (!seal) {
      console.print(say("{}: there are no seals", name_of_log(kind)));
      continue;
    }
    const auto parsed = audit::parse_seal(seal->text);
    console.print(say("{}: the last seal is number {}, of {}", name_of_log(kind), seal->number,
                      parsed ? time_in(log->zone, parsed->made_ms) : std::string("?")));
    console.print(say("digest: {}", audit::seal_digest(seal->text, seal->signature)));
    if (options.print) console.out << '\n' << seal->text << '\n' << seal->signature << '\n';
    if (!options.out.empty() && kind == LogKind::access) {
      for (const auto& [path, text] :
           {std::pair(options.out, seal->text), std::pair(options.out + ".minisig", seal->signature)})
        if (const auto written = write_whole_file(path, {text}, {.mode = 0644}); written.failed())
          return fail(written.error().message);
    }
  }
  if (!any) return fail(say("there is no seal in {} that this user may read", log->directory));
  return console.out.flush() ? exit_ok : exit_failed;
}

}  // namespace

void add_verify_command(CLI::App& log, Console& console, int& result) {
  auto options = std::make_shared<SealOptions>();
  CLI::App* command = log.add_subcommand("verify", "Is the log what it was when it was sealed?");
  command->add_option("--seal", options->seal,
                      "the digest of a seal that left this machine: it must be in the chain");
  command->add_option(
      "--key", options->keys,
      "a file with a public key to verify by, instead of seal.pub beside the log; also several times");
  command->add_flag("--json", options->json, "one object, for programs");
  add_config_option(*command, options->config);
  command->add_option("--dir", options->directory, "the log's folder, instead of asking the configuration");
  command->footer(verify_footer);
  command->callback([options, &console, &result] {
    if (options->directory.empty()) speak_as_school(options->config, console);
    result = run_verify(*options, console);
  });
}

void add_seal_command(CLI::App& log, Console& console, int& result) {
  auto options = std::make_shared<SealOptions>();
  CLI::App* command = log.add_subcommand("seal", "The last seal of the log, to be taken off this machine");
  command->add_flag("--print", options->print, "their texts and signatures too");
  command->add_flag("--key", options->show_key, "the public key that verifies them");
  command->add_option("--out", options->out,
                      "write the text of the ordinary log's last seal there, and its signature beside it");
  add_config_option(*command, options->config);
  command->add_option("--dir", options->directory, "the log's folder, instead of asking the configuration");
  command->footer(seal_footer);
  command->callback([options, &console, &result] {
    if (options->directory.empty()) speak_as_school(options->config, console);
    result = run_seal(*options, console);
  });
}

}  // namespace schoolgate::tools
