#include "config/policy/floor_reader.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include "config/main/main_reader.h"
#include "config/text/diag_codes.h"
#include "config/text/text_file.h"

namespace schoolgate {
namespace {

// What counts of a plain floor, whatever its order and comments.
std::set<std::string, std::less<>> digests_in(std::string_view text) {
  std::set<std::string, std::less<>> out;
  for_each_line(text, [&](std::string_view line, std::uint32_t) {
    if (line.front() != '#') out.emplace(line);
  });
  return out;
}

void refuse_floor(LoadContext& context, const std::string& path, const FloorRefusal& why) {
  context.reporter(path).add(Severity::error, why.code, {}, 0,
                             say("the sealed floor is refused: {}", why.message), why.hint);
}

// When the signed floor that was accepted last was made.
std::optional<std::int64_t> accepted_made(const LoadContext& context, const std::string& path) {
  if (context.accepted == nullptr) return std::nullopt;
  const auto found = context.accepted->files.find(context.name_of(path));
  if (found == context.accepted->files.end()) return std::nullopt;
  const auto file = parse_sealed_file(found->second);
  return file ? std::optional(file->made) : std::nullopt;
}

SaltedFloor with_source(SaltedFloor floor, std::uint32_t source) {
  for (SaltedEntry& entry : floor.entries) entry.where.source = source;
  return floor;
}

// What was accepted once; its signature was looked at then, and its key may have gone since.
std::optional<SignedFloor> kept_floor(const std::string& path, LoadContext& context) {
  auto sealed = context.untouched(path, SealedFile::most_bytes);
  auto signature = context.untouched(path + ".minisig", most_minisign_bytes);
  auto file = sealed ? parse_sealed_file(*sealed) : Result<SealedFile>(sealed.error());
  if (!file) {
    refuse_floor(context, path, {diag::bad_sealed_file, file.error().message, {}});
    return std::nullopt;
  }
  SignedFloor out{std::move(*file), {}, {}, {}};
  context.accept(path, std::move(*sealed));
  if (!signature) return out;
  if (auto by = parse_minisign_signature(*signature)) {
    out.key = by->key;
    out.comment = std::move(by->comment);
  }
  context.accept(path + ".minisig", std::move(*signature));
  return out;
}

void check_plain(const PolicyFiles& files, std::size_t entries, LoadContext& context) {
  const auto text = context.read.files.find(context.name_of(files.floor));
  if (text == context.read.files.end()) return;
  const auto now = digests_in(text->second);
  if (entries == 0) return;
  bool known = context.accepted == nullptr && !context.to_rule;
  if (context.accepted != nullptr) {
    const auto then = context.accepted->files.find(context.name_of(files.floor));
    known = then != context.accepted->files.end() && digests_in(then->second) == now;
  }
  if (known)
    context.reporter(files.floor)
        .add(Severity::warning, diag::floor_plain, {}, 0,
             say("the floor in force, as it was before, is signed by nobody (entries: {})", entries),
             say("have it made anew from the authority's lists, and signed: schoolgate floor build"));
  else
    context.reporter(files.floor)
        .add(Severity::error, diag::floor_unsigned, {}, 0,
             say("these entries are signed by nobody, and were not in force before"),
             say("a floor is built from the authority's lists and signed: schoolgate floor build"));
}

}  // namespace

std::vector<FloorEntry> read_floor_file(const std::string& path, LoadContext& context, const Place& named) {
  std::vector<FloorEntry> out;
  constexpr std::uint64_t most_bytes = 256 * 1024 * 1024;
  // Who writes the sites themselves there, or names another file by mistake, shall not see them in a message.
  const auto text = context.unquoted_text(path, most_bytes, named);
  if (!text) return out;
  const std::uint32_t source = context.source(path);
  if (text->find_first_not_of(" \t\r\n") ==
      std::string::npos)  // as of a file that was cut: nobody writes it so
    context.add(Severity::error, diag::empty_file, {source, {}, 0}, say("the file is empty"),
                say("bring it back; a floor without entries says so in a comment: # no entries"));
  constexpr std::size_t most_complaints = 20;
  std::size_t complaints = 0;
  for_each_line(*text, [&](std::string_view line, std::uint32_t number) {
    if (line.front() == '#') return;
    auto entry = parse_floor_entry(line);
    if (entry) {
      entry->where = {source, number};
      out.push_back(*entry);
    } else if (++complaints <= most_complaints) {
      context.add(Severity::error, diag::bad_floor_line,
                  {source, {number, 1}, static_cast<std::uint32_t>(line.size())}, entry.error().message);
    }
  });
  return out;
}

std::optional<SignedFloor> read_signed_floor(const std::string& path, LoadContext& context) {
  const std::string keys_path = context.path(floor_keys_name), signature_path = path + ".minisig";
  const auto refuse = [&](const FloorRefusal& why) {
    refuse_floor(context, path, why);
    return std::nullopt;
  };
  const bool only_looks = !context.to_rule && context.accepted == nullptr;
  if (only_looks && ::access(path.c_str(), R_OK) != 0 && errno == EACCES) {
    context.reporter(path).add(Severity::warning, diag::floor_out_of_sight, {}, 0,
                               say("this user may not read the floor: what it blocks is not shown here"),
                               say("look as root"));
    return std::nullopt;
  }
  auto sealed = context.untouched(path, SealedFile::most_bytes);
  if (!sealed)
    return refuse({diag::floor_gone, say("it cannot be read: {}", sealed.error().message),
                   say("put it back, with its signature; without entries too a floor is built and signed")});
  auto signature = context.untouched(signature_path, most_minisign_bytes);
  if (!signature)
    return refuse({diag::floor_unsigned,
                   say("its signature {} cannot be read: {}", signature_path, signature.error().message),
                   say("both files belong together, as the authority handed them out")});
  const auto keys = read_floor_keys(keys_path);
  if (!keys)
    return refuse({diag::floor_keys_unusable,
                   say("the trusted keys in {} cannot be used: {}", keys_path, keys.error().message),
                   say("as root, write the authority's public key of minisign into that file")});
  auto floor = verify_floor(*sealed, *signature, *keys);
  if (!floor) return refuse(floor.error());
  if (const auto before = accepted_made(context, path); before && floor->file.made < *before)
    return refuse({diag::floor_older,
                   say("it is of {}, and one of {} was accepted already", utc_second_text(floor->file.made),
                       utc_second_text(*before)),
                   say("take the newest from the authority")});
  context.accept(path, std::move(*sealed));
  context.accept(signature_path, std::move(*signature));
  return std::move(*floor);
}

FloorOfLoad read_floor(const PolicyFiles& files, LoadContext& context, const Place& named) {
  FloorOfLoad out;
  if (!files.floor.empty()) out.plain = read_floor_file(files.floor, context, named);
  if (!files.signed_floor.empty()) {
    const auto floor = context.uses_kept() ? kept_floor(files.signed_floor, context)
                                           : read_signed_floor(files.signed_floor, context);
    if (!floor) return out;
    out.standing = floor->standing();
    out.sealed = with_source(floor->file.floor, context.source(files.signed_floor));
    if (!out.plain.empty() && !context.uses_kept())
      context.reporter(files.floor)
          .add(Severity::note, diag::floor_plain_idle, {}, 0,
               say("this file does not count any more: the signed floor is in force"), say("delete it"));
    out.plain.clear();
    return out;
  }
  if (!files.floor.empty() && !context.uses_kept()) check_plain(files, out.plain.size(), context);
  if (out.plain.empty()) return out;
  out.standing.state = FloorStanding::State::plain;
  out.standing.entries = out.plain.size();
  return out;
}

std::optional<FloorStanding> look_at_floor(const std::string& config_file) {
  LoadContext context(config_file);
  const auto main = read_main_file(context);
  if (!main) return std::nullopt;
  const std::size_t before = context.diagnostics.size();
  FloorOfLoad floor = read_floor(main->config.policy, context, main->named.floor);
  const bool refused =
      std::any_of(context.diagnostics.begin() + static_cast<std::ptrdiff_t>(before),
                  context.diagnostics.end(), [](const Diagnostic& one) {
                    return one.severity == Severity::error || one.code == diag::floor_out_of_sight;
                  });
  if (refused) return std::nullopt;
  return std::move(floor.standing);
}

}  // namespace schoolgate
