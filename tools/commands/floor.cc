// `schoolgate floor`: what nobody may lift. Built out of the lists that authorities hand out, looked at,
// proved.
#include <openssl/rand.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <memory>
#include <ostream>
#include <vector>

#include "config/floor/floor_build.h"
#include "config/floor/signed_floor.h"
#include "config/floor_proof.h"
#include "config/kept_sets.h"
#include "config/text/system_words.h"
#include "config/text/text_file.h"
#include "config/text/whole_file.h"
#include "proxy/core/json_text.h"
#include "tools/commands/commands.h"
#include "tools/console/load.h"

namespace schoolgate::tools {
namespace {

constexpr char floor_footer[] =
    R"(The sealed floor is blocked whatever tiers, lessons, rooms and teachers say: no policy can lift it. It is a file
of root's machine like any other, so root could take it away; that would be said in red.

Lists are text (a line an entry), CSV or Excel workbooks (.xlsx) of hosts and addresses; "hxxp" and "[.]" are
understood. No entry is printed or written anywhere, rows that cannot be read are named by their number. The file
holds digests with a salt of its own: names cannot be read out of it, but whoever has it and guesses a name can see
whether it is in.

Examples:
  schoolgate floor build --csam list.xlsx --unlawful decision.csv --key authority.key
  schoolgate floor verify floor.sealed
  sudo install -o root -g schoolgate -m 0640 floor.sealed floor.sealed.minisig /etc/schoolgate/
  sudo schoolgate reload
  schoolgate floor info
  schoolgate floor prove)";

struct FloorOptions {
  std::string config, state, file, keys, out = "floor.sealed", beside, column, secret_key;
  std::array<std::vector<std::string>, floor_kinds> lists;
  bool skip_wrong = false, json = false;
  std::uint32_t rounds = 10;
  std::uint64_t seed = 0;
};

JsonObject standing_json(const FloorStanding& floor) {
  constexpr std::string_view states[] = {"none", "plain", "signed"};
  JsonObject json, kinds;
  json.add("state", states[static_cast<std::size_t>(floor.state)]).add("entries", floor.entries);
  if (floor.state != FloorStanding::State::sealed) return json;
  for (std::size_t i = 0; i < floor_kinds; ++i)
    kinds.add(to_string(static_cast<FloorKind>(i)), floor.kinds[i]);
  return json.add("kinds", kinds)
      .add("made", utc_second_text(floor.made))
      .add("signer", floor.signer)
      .add("comment", floor.comment);
}

void print_standing(const FloorStanding& floor, Console& console) {
  const bool signed_and_full = floor.state == FloorStanding::State::sealed && floor.entries != 0;
  console.out << paint(console.out_colour && !signed_and_full, Colour::red,
                       console.text(to_message(floor, std::time(nullptr))))
              << '\n';
  if (floor.state != FloorStanding::State::sealed) return;
  for (std::size_t i = 0; i < floor_kinds; ++i)
    console.print(say("  {}: {}", name_of(static_cast<FloorKind>(i)), floor.kinds[i]));
  if (!floor.comment.empty()) console.print(say("  signed beside it: {}", floor.comment));
}

// The configuration's folder: of the named main file.
std::string beside_config(const FloorOptions& options, const char* name) {
  return join_path(folder_of(options.config), name);
}

int verify(const FloorOptions& options, Console& console) {
  const std::string keys_path = options.keys.empty() ? beside_config(options, floor_keys_name) : options.keys;
  const auto cannot_read = [&](const std::string& path, const Message& why) {
    console.complain(say("cannot read {}: {}", path, why));
    return exit_failed;
  };
  const auto sealed = read_file(options.file, SealedFile::most_bytes);
  if (!sealed) return cannot_read(options.file, sealed.error().message);
  const auto signature = read_file(options.file + ".minisig", most_minisign_bytes);
  if (!signature) return cannot_read(options.file + ".minisig", signature.error().message);
  Result<std::vector<MinisignKey>> keys = Error{};
  if (options.keys.empty()) {
    keys = read_floor_keys(keys_path);
  } else if (const auto text = read_file(keys_path, most_minisign_bytes)) {
    keys = parse_minisign_keys(*text);
  } else {
    keys = text.error();
  }
  if (!keys) {
    console.complain(say("the trusted keys in {} cannot be used: {}", keys_path, keys.error().message));
    return exit_config_errors;
  }
  const auto floor = verify_floor(*sealed, *signature, *keys);
  if (!floor) {
    console.complain(say("the sealed floor is refused: {}", floor.error().message));
    return exit_config_errors;
  }
  if (options.json)
    console.out << standing_json(floor->standing()).text() << '\n';
  else
    print_standing(floor->standing(), console);
  return exit_ok;
}

int info(const FloorOptions& options, Console& console) {
  const KeptSets sets(kept_sets_folder(options.config, options.state), options.config);
  const KeptSets::Found kept = sets.find();
  LoadResult loaded =
      load_for_reading(options.config, console, {}, nullptr, kept.set ? &kept.set->texts : nullptr);
  if (!loaded.snapshot) {
    print_errors(loaded.diagnostics, loaded.texts, console);
    if (!kept.set) return exit_config_errors;
    LoadOptions before;
    before.kept = &kept.set->texts;
    before.write_cache = false;
    loaded = load_snapshot(options.config, before);
    if (!loaded.snapshot) return exit_config_errors;
    console.complain(say("the floor of the configuration accepted last stays in force:"));
    print_standing(loaded.snapshot->floor, console);
    return exit_config_errors;
  }
  if (options.json)
    console.out << standing_json(loaded.snapshot->floor).text() << '\n';
  else
    print_standing(loaded.snapshot->floor, console);
  return exit_ok;
}

int prove(const FloorOptions& options, Console& console) {
  const LoadResult loaded = load_for_reading(options.config, console);
  if (!loaded.snapshot) {
    print_errors(loaded.diagnostics, loaded.texts, console);
    return exit_config_errors;
  }
  const std::uint64_t seed =
      options.seed != 0 ? options.seed : static_cast<std::uint64_t>(std::time(nullptr));
  const FloorProof proof = prove_floor(*loaded.snapshot, seed, options.rounds);
  if (options.json) {
    JsonArray opened;
    for (const std::string& one : proof.opened) opened.add(one);
    JsonObject json;
    json.add("ok", proof.opened_in_all == 0 && proof.asked != 0)
        .add("seed", seed)
        .add("sealed", proof.sealed);
    console.out << json.add("asked", proof.asked)
                       .add("opened_in_all", proof.opened_in_all)
                       .add("opened", opened)
                       .text()
                << '\n';
  } else {
    for (const std::string& one : proof.opened) console.print(say("OPENED: {}", one));
    console.print(
        say("{} addresses were sealed for a trial, {} questions asked under this policy with lessons, rooms "
            "and exams at random: {} were opened (--seed {})",
            proof.sealed, proof.asked, proof.opened_in_all, seed));
    if (proof.opened_in_all == 0)
      console.print(say("No policy lifts the floor; root of this machine can still replace its files."));
  }
  return proof.opened_in_all == 0 && proof.asked != 0 ? exit_ok : exit_failed;
}

// Debian's minisign, which asks for the password itself.
Result<void> sign(const FloorOptions& options, const std::string& comment) {
  const std::string signature = options.out + ".minisig";
  std::vector<std::string> words{"minisign", "-S", "-s",   options.secret_key, "-m", options.out, "-x",
                                 signature,  "-t", comment};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t child = 0;
  if (const int error = ::posix_spawnp(&child, argv[0], nullptr, nullptr, argv.data(), environ); error != 0)
    return Error{error == ENOENT ? say("minisign is not installed: apt install minisign")
                                 : system_words(error)};
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return Error{say("minisign did not sign it")};
  return {};
}

// False after it was said why not.
bool take_lists(const FloorOptions& options, FloorBuilder& builder, Console& console) {
  std::uint64_t wrong = 0, www = 0;
  for (std::size_t kind = 0; kind < floor_kinds; ++kind)
    for (const std::string& path : options.lists[kind]) {
      const auto bytes = read_file(path, ListCaps::file_bytes);
      auto taken = bytes ? builder.take(*bytes, path, static_cast<FloorKind>(kind), options.column)
                         : Result<FloorBuilder::Taken>(bytes.error());
      if (!taken) {
        console.complain(say("{}: {}", path, taken.error().message));
        return false;
      }
      for (const Message& row : taken->first_wrong) console.complain(say("{}: {}", path, row));
      wrong += taken->wrong;
      www += taken->www_alone;
    }
  if (www != 0)
    console.complain(
        say("entries that name www. alone, so that the same site without it is not sealed by them: {}", www));
  if (wrong == 0) return true;
  if (options.skip_wrong) {
    console.complain(say("rows that were left out: {}", wrong));
    return true;
  }
  console.complain(
      say("rows that cannot be sealed: {}; nothing was written, and --skip-wrong leaves them out", wrong));
  return false;
}

int build(const FloorOptions& options, Console& console) {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);  // what the lists hold must not be left behind by a crash either
  FloorSalt salt{};
  if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1) {
    console.complain(say("no bytes of chance are to be had"));
    return exit_failed;
  }
  FloorBuilder builder(salt);
  if (!options.beside.empty()) {
    const auto text = read_file(options.beside, SealedFile::most_bytes);
    auto file = text ? parse_sealed_file(*text) : Result<SealedFile>(text.error());
    if (!file) {
      console.complain(say("{}: {}", options.beside, file.error().message));
      return exit_failed;
    }
    builder = FloorBuilder(std::move(*file));
  }
  if (!take_lists(options, builder, console)) return exit_config_errors;
  const SealedFile file = builder.finish(std::time(nullptr));
  // A signature of another file must not lie beside it.
  ::unlink((options.out + ".minisig").c_str());
  constexpr mode_t not_for_all = 0640;
  if (const auto written = write_whole_file(options.out, {to_text(file)}, {not_for_all}); written.failed()) {
    console.complain(written.error().message);
    return exit_failed;
  }
  console.print(say("{}: entries: {}", options.out, file.floor.entries.size()));
  for (std::size_t i = 0; i < floor_kinds; ++i)
    console.print(say("  {}: {}", name_of(static_cast<FloorKind>(i)), file.counts[i]));
  if (options.secret_key.empty()) {
    console.print(say("It counts once it is signed: minisign -S -s KEY -m {}", options.out));
  } else if (const auto done = sign(options, "schoolgate floor, made " + utc_second_text(file.made) + ", " +
                                                 std::to_string(file.floor.entries.size()) + " entries");
             done.failed()) {
    console.complain(done.error().message);
    return exit_failed;
  }
  console.print(say("The plain lists are where you put them: delete them when you need them no more."));
  return exit_ok;
}

void add_build(CLI::App& floor, Console& console, int& result) {
  auto options = std::make_shared<FloorOptions>();
  CLI::App* const command =
      floor.add_subcommand("build", "Make a floor out of the lists that authorities hand out");
  constexpr std::array<const char*, floor_kinds> names{"--csam", "--terrorism", "--intimate", "--unlawful"};
  constexpr std::array<const char*, floor_kinds> helps{"a list of child sexual abuse; may be given again",
                                                       "of terrorism, as well", "of intimate images, as well",
                                                       "of what is unlawful by decision, as well"};
  for (std::size_t i = 0; i < floor_kinds; ++i)
    command->add_option(names[i], options->lists[i], helps[i])->type_name("FILE")->allow_extra_args(false);
  command->add_option("--column", options->column, "the column of addresses: its head, or a number from 1")
      ->type_name("NAME");
  command->add_option("--out", options->out, "the file to write")->type_name("FILE")->capture_default_str();
  command->add_option("--add-to", options->beside, "keep the entries of this sealed floor as well")
      ->type_name("FILE");
  command->add_option("--key", options->secret_key, "sign it with this secret key of minisign")
      ->type_name("FILE");
  command->add_flag("--skip-wrong", options->skip_wrong, "leave out rows that cannot be read");
  add_config_option(*command, options->config);
  on_command(*command, options->config, console,
             [options, &console, &result] { result = build(*options, console); });
}

}  // namespace

void add_floor_command(CLI::App& app, Console& console, int& result) {
  CLI::App* const floor = app.add_subcommand("floor", "The sealed floor: build, look at, prove");
  floor->require_subcommand(1);
  floor->footer(floor_footer);
  add_build(*floor, console, result);
  auto look = std::make_shared<FloorOptions>();
  CLI::App* command =
      floor->add_subcommand("info", "Entries of each kind, age and signer of the floor in force");
  command->add_flag("--json", look->json, "for programs");
  add_config_option(*command, look->config);
  add_state_option(*command, look->state);
  on_command(*command, look->config, console, [look, &console, &result] { result = info(*look, console); });
  auto check = std::make_shared<FloorOptions>();
  command = floor->add_subcommand("verify", "Whether a trusted key signed a floor, and what is in it");
  command->add_option("file", check->file, "the floor; its signature lies beside it")
      ->required()
      ->type_name("FILE");
  command->add_option("--keys", check->keys, "public keys of minisign, in place of floor_keys")
      ->type_name("FILE");
  command->add_flag("--json", check->json, "for programs");
  add_config_option(*command, check->config);
  on_command(*command, check->config, console,
             [check, &console, &result] { result = verify(*check, console); });
  auto trial = std::make_shared<FloorOptions>();
  command = floor->add_subcommand("prove", "Try whether anything in this policy opens what is sealed");
  command->add_option("--rounds", trial->rounds, "how often addresses are sealed anew")
      ->capture_default_str();
  command->add_option("--seed", trial->seed, "ask the same as then; 0: by the clock")->capture_default_str();
  command->add_flag("--json", trial->json, "for programs");
  add_config_option(*command, trial->config);
  on_command(*command, trial->config, console,
             [trial, &console, &result] { result = prove(*trial, console); });
}

}  // namespace schoolgate::tools
