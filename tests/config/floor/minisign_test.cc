// Signatures made by Debian's minisign, here and now.
#include "config/floor/minisign.h"

#include <cstdlib>

#include "config/floor/signed_floor.h"
#include "config/text/diag_codes.h"
#include "tests/config/support.h"

namespace schoolgate {
namespace {

using test::Folder;

// Key pairs and signatures by the real program.
class Signer {
 public:
  explicit Signer(const Folder& folder, std::string name = "key") : folder_(folder), name_(std::move(name)) {
    run("-G -W -f -p " + path(".pub") + " -s " + path(".sec"));
  }
  std::string sign(const std::string& text, const std::string& options = "") const {
    folder_.write("signed", text);
    run("-S -s " + path(".sec") + " -m " + folder_.path("signed") + " -t 'a floor' " + options);
    return folder_.read("signed.minisig");
  }
  [[nodiscard]] std::string public_key() const { return folder_.read(name_ + ".pub"); }

 private:
  [[nodiscard]] std::string path(const char* end) const { return folder_.path(name_ + end); }
  static void run(const std::string& words) {
    REQUIRE(std::system(("minisign " + words + " >/dev/null </dev/null").c_str()) == 0);
  }
  const Folder& folder_;
  std::string name_;
};

TEST_CASE("what minisign signs is verified, and nothing that differs in a byte",
          "[config][floor][minisign]") {
  const Folder folder;
  const Signer signer(folder), stranger(folder, "other");
  const std::string text = "some text\n";
  const auto keys = parse_minisign_keys(signer.public_key());
  REQUIRE(keys);
  REQUIRE(keys->size() == 1);
  const std::string id = to_text(keys->front().id);  // minisign writes no zeros in front
  CHECK(keys->front().name ==
        "minisign public key " + id.substr(std::min(id.find_first_not_of('0'), id.size() - 1)));
  const std::string signature_text = signer.sign(text);
  const auto signature = parse_minisign_signature(signature_text);
  REQUIRE(signature);
  CHECK(signature->comment == "a floor");
  CHECK(is_signed_by(*signature, keys->front(), blake2b(text)));
  CHECK_FALSE(is_signed_by(*signature, keys->front(), blake2b(text + "x")));
  MinisignSignature other = *signature;
  other.comment = "another";
  CHECK_FALSE(is_signed_by(other, keys->front(), blake2b(text)));
  other = *signature;
  other.of_file[5] ^= 1;
  CHECK_FALSE(is_signed_by(other, keys->front(), blake2b(text)));
  const auto foreign = parse_minisign_keys(stranger.public_key());
  CHECK_FALSE(is_signed_by(*signature, foreign->front(), blake2b(text)));

  // Both keys one after another, with comments and empty lines.
  const auto both = parse_minisign_keys("# the city\n\n" + stranger.public_key() + "\r\n# the ministry\n" +
                                        signer.public_key());
  REQUIRE(both);
  CHECK(both->size() == 2);
  CHECK((*both)[1].key == keys->front().key);

  const auto legacy = parse_minisign_signature(signer.sign(text, "-l"));
  REQUIRE_FALSE(legacy);
  CHECK(legacy.error().message == "it is a signature of the old form; sign without -l");
  for (std::size_t i = 0; i < signature_text.size(); ++i) {
    const auto cut = parse_minisign_signature(signature_text.substr(0, i));
    if (cut) CHECK(i + 1 == signature_text.size());  // the last end of line
  }
  CHECK_FALSE(parse_minisign_signature(signature_text + "more\n"));
  CHECK_FALSE(parse_minisign_signature(std::string(most_minisign_bytes + 1, 'a')));
  for (const char* bad : {"RWQ", "untrusted comment: x\nRWQ=\n", "nonsense\n"})
    CHECK_FALSE(parse_minisign_keys(bad));
}

TEST_CASE("a signed floor, and why others are refused", "[config][floor][minisign]") {
  const Folder folder;
  const Signer signer(folder), stranger(folder, "other");
  const auto keys = *parse_minisign_keys(signer.public_key());
  SealedFile file;
  file.made = 1'796'000'000;
  const std::string text = to_text(file), signature = signer.sign(text);
  const auto floor = verify_floor(text, signature, keys);
  REQUIRE(floor);
  CHECK(floor->standing().state == FloorStanding::State::sealed);
  CHECK(floor->standing().comment == "a floor");
  const auto code_of = [&](const std::string& sealed, const std::string& by) {
    const auto refused = verify_floor(sealed, by, keys);
    return refused ? 0 : refused.error().code;
  };
  CHECK(code_of(text + "x", signature) == diag::floor_bad_signature);
  CHECK(code_of(text, "nonsense") == diag::floor_bad_signature);
  CHECK(code_of(text, stranger.sign(text)) == diag::floor_foreign);
  CHECK(code_of("no floor", signer.sign("no floor")) == diag::bad_sealed_file);
}

TEST_CASE("trusted keys are believed only where root alone may write them", "[config][floor]") {
  if (::geteuid() != 0) return;  // who is not root has no file of root's
  const Folder folder;
  const Signer signer(folder);
  const std::string path = folder.path("floor_keys");
  const auto why = [&] {
    const auto keys = read_floor_keys(path);
    return keys ? std::string() : keys.error().message.english();
  };
  CHECK(why() == "No such file or directory");
  folder.write("floor_keys", signer.public_key());
  CHECK(why().empty());
  ::chmod(path.c_str(), 0664);
  CHECK(why() == "others may write into it: chmod go-w");
  ::chmod(path.c_str(), 0644);
  REQUIRE(::chown(path.c_str(), 65534, 0) == 0);
  CHECK(why() == "it must belong to root: chown root");
  REQUIRE(::chown(path.c_str(), 0, 0) == 0);
  ::chmod(folder.path("").c_str(), 0775);
  CHECK(why() == "its folder must belong to root, and nobody else may write in it");
  ::chmod(folder.path("").c_str(), 0755);
  std::filesystem::rename(path, folder.path("elsewhere"));
  std::filesystem::create_symlink("elsewhere", path);
  CHECK(why() == "it is no regular file");
  std::filesystem::remove(path);
  folder.write("floor_keys", "# none yet\n");
  CHECK(why() == "it holds no key");
  folder.write("floor_keys", std::string(70'000, '#'));
  CHECK(why() == "larger than 64 KiB");
}

}  // namespace
}  // namespace schoolgate
