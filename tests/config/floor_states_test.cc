// Which floor a load takes: of files, of kept texts, and of what was accepted before. Signed by Debian's
// minisign.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "config/floor/floor_build.h"
#include "config/floor_proof.h"
#include "config/load_snapshot.h"
#include "config/policy/floor_reader.h"
#include "config/policy_change.h"
#include "rules/bytes/sha256.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::verdict;

struct SignedSchool {
  SignedSchool() {
    test::write_small_school(folder);
    key("authority");
    key("stranger");
    folder.write("floor_keys", folder.read("keys/authority.pub"));
  }
  void key(const std::string& name) const {
    folder.write("keys/none", "");
    minisign("-G -W -f -p " + folder.path("keys/" + name + ".pub") + " -s " +
             folder.path("keys/" + name + ".key"));
  }
  static void minisign(const std::string& words) {
    REQUIRE(std::system(("minisign " + words + " >/dev/null </dev/null").c_str()) == 0);
  }
  // A floor of these hosts, a line each, signed.
  void seal(const std::string& hosts, std::int64_t made = 1'796'000'000,
            const std::string& by = "authority") const {
    FloorBuilder builder(FloorSalt{8});
    if (!hosts.empty()) REQUIRE(builder.take(hosts, "l.txt", FloorKind::unlawful, ""));
    folder.write("floor.sealed", to_text(builder.finish(made)));
    minisign("-S -s " + folder.path("keys/" + by + ".key") + " -m " + folder.path("floor.sealed"));
  }
  // "SG1524 SG1525": the codes about the floor.
  [[nodiscard]] static std::string codes(const LoadResult& result) {
    std::string out;
    for (const Diagnostic& one : result.diagnostics)
      if (one.code >= 1520 && one.code < 1530) out += (out.empty() ? "SG" : " SG") + std::to_string(one.code);
    return out;
  }
  [[nodiscard]] LoadResult load(const ConfigTexts* accepted = nullptr) const {
    LoadOptions options;
    options.accepted = accepted;
    options.to_rule = true;
    return folder.load(options);
  }
  test::Folder folder;
};

const std::string plain_line = to_hex(sha256("plain.test"));

TEST_CASE("a floor that nobody signed counts as far as it did before", "[config][floor]") {
  const SignedSchool school;
  const LoadResult none = school.load();
  REQUIRE(none.snapshot);
  CHECK(none.snapshot->floor.state == FloorStanding::State::none);
  school.folder.write("floor.txt", "# of the city\n" + plain_line + "\n");
  CHECK(SignedSchool::codes(school.load()) == "SG1522");
  CHECK(SignedSchool::codes(school.load(&none.read)) == "SG1522");
  const LoadResult looked = school.folder.load();  // by who knows of nothing before
  CHECK(SignedSchool::codes(looked) == "SG1521");
  CHECK(verdict(looked, "http://plain.test/") == Action::block);

  const LoadResult again = school.load(&looked.read);
  CHECK(SignedSchool::codes(again) == "SG1521");
  REQUIRE(again.snapshot);
  CHECK(again.snapshot->floor.state == FloorStanding::State::plain);
  CHECK(again.snapshot->counts.floor == 1);
  CHECK(again.snapshot->thin.front().english().find("signed by nobody") != std::string::npos);
  school.folder.write("floor.txt", "# another comment\n\n" + plain_line + "\n");
  CHECK(SignedSchool::codes(school.load(&looked.read)) == "SG1521");
  school.folder.write("floor.txt", plain_line + "\n" + to_hex(sha256("more.test")) + "\n");
  CHECK(SignedSchool::codes(school.load(&looked.read)) == "SG1522");
  school.folder.write("floor.txt", "# no entries\n");
  CHECK(SignedSchool::codes(school.load()).empty());
}

TEST_CASE("a signed floor takes the place of all before, and only another takes its own", "[config][floor]") {
  if (::geteuid() != 0) return;  // who is not root has no keys of root's
  const SignedSchool school;
  school.folder.write("floor.txt", plain_line + "\n");
  const LoadResult before = school.folder.load();
  school.seal("sealed.test\n");
  const LoadResult first = school.load(&before.read);
  CHECK(SignedSchool::codes(first) == "SG1528");
  CHECK(verdict(first, "http://www.sealed.test/") == Action::block);
  CHECK(verdict(first, "http://plain.test/") == Action::allow);
  CHECK(first.snapshot->floor.kinds == FloorCounts{0, 0, 0, 1});
  CHECK(first.read.files.count("floor.sealed.minisig") == 1);
  CHECK(look_at_floor(school.folder.path("schoolgate.yaml"))->entries == 1);

  // Nothing that commands lay over the files touches it, and a way back leaves it as it is.
  CHECK_FALSE(can_be_laid("floor.sealed"));
  CHECK_FALSE(can_be_laid("floor.sealed.minisig"));
  CHECK_FALSE(can_be_laid("floor_keys"));
  const auto back = change_to(school.folder.path("schoolgate.yaml"), before.read, first.read);
  REQUIRE(back);
  CHECK(back->files.count("floor.sealed") == 0);

  // Kept texts: as they were accepted, also when the key is trusted no more; a newer one of today counts.
  school.folder.write("floor_keys", school.folder.read("keys/stranger.pub"));
  LoadOptions kept;
  kept.kept = &first.read;
  CHECK(verdict(school.folder.load(kept), "http://sealed.test/") == Action::block);
  CHECK(SignedSchool::codes(school.load(&first.read)) == "SG1525");
  CHECK_FALSE(look_at_floor(school.folder.path("schoolgate.yaml")));
  school.folder.write("floor_keys", school.folder.read("keys/authority.pub"));
  school.seal("newer.test\n", 1'796'000'100);
  const LoadResult with_newer = school.folder.load(kept);
  CHECK(verdict(with_newer, "http://newer.test/") == Action::block);
  CHECK(verdict(with_newer, "http://sealed.test/") == Action::allow);
  school.seal("other.test\n", 1'796'000'200, "stranger");
  CHECK(verdict(school.folder.load(kept), "http://sealed.test/") == Action::block);
  CHECK(verdict(school.folder.load(kept), "http://other.test/") == Action::allow);

  // Older, gone.
  school.seal("old.test\n", 1'795'000'000);
  CHECK(SignedSchool::codes(school.load(&first.read)) == "SG1527");
  CHECK(verdict(school.folder.load(kept), "http://old.test/") == Action::allow);
  std::filesystem::remove(school.folder.path("floor.sealed"));
  CHECK(SignedSchool::codes(school.load(&first.read)) == "SG1520");
  std::filesystem::remove(school.folder.path("floor.sealed.minisig"));
  LoadOptions gone;
  gone.running = first.snapshot->config.policy;
  gone.accept_shrunk = true;
  CHECK(SignedSchool::codes(school.folder.load(gone)) == "SG1521 SG1520");  // floor.txt would count again
  CHECK(verdict(school.folder.load(kept), "http://sealed.test/") == Action::block);

  // Without entries, but signed.
  school.seal("", 1'796'000'300);
  const LoadResult empty = school.load(&first.read);
  REQUIRE(empty.snapshot);
  CHECK(empty.snapshot->floor.state == FloorStanding::State::sealed);
  CHECK(empty.snapshot->thin.front().english().find("has no entries") != std::string::npos);
}

TEST_CASE("a proof on a policy that opens what is sealed", "[config][floor]") {
  const test::Folder folder;
  test::write_small_school(folder);
  folder.write("tiers.d/pupil.yaml",
               folder.read("tiers.d/pupil.yaml") + "allow: [open.test, open.test/page]\n");
  folder.write("locked.yaml", "version: 1\nallow: [{domain: cure.test, why: a wrong list}]\n");
  folder.write("hotlines.yaml", "version: 1\nhotlines: [{id: h, name: H, sites: h.test}]\n");
  const LoadResult loaded = folder.load();
  REQUIRE(loaded.snapshot);
  const FloorProof proof = prove_floor(*loaded.snapshot, 7, 4);
  for (const std::string& one : proof.opened) FAIL_CHECK(one);
  CHECK(proof.opened_in_all == 0);
  CHECK(proof.asked > 1'000);
  CHECK(proof.sealed == 48);
}

}  // namespace
}  // namespace schoolgate
