// Answers of setup, as a person types them and as they are remembered: what is taken is taken again, and
// comes back.
#include <cstdint>
#include <cstring>
#include <memory>

#include "tests/fuzz/require.h"
#include "tools/setup/answers.h"
#include "tools/setup/changes.h"

using namespace schoolgate;
using namespace schoolgate::tools;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto copy = std::make_unique<char[]>(size);  // exact size: ASan sees over-reads
  if (size > 0) std::memcpy(copy.get(), data, size);
  const std::string_view text(copy.get(), size);
  SetupFacts facts;
  facts.tiers = {"thcs", "giao_vien"};
  facts.lists = {"vn-gambling"};
  FoundInterface cable;
  cable.name = "eth0";
  cable.addresses = {*IpAddress::parse("192.168.20.1")};
  cable.networks = {*Network::parse("192.168.20.0/24")};
  facts.machine.interfaces = {cable};
  SetupAnswers so_far;
  so_far.topology = "one-arm";
  so_far.inside = "eth0";
  so_far.address = "192.168.20.1";
  const SetupAnswers read = remembered_answers(text);
  require(remembered_answers(text_to_remember(read)) == read);
  for (const SetupQuestion& question : setup_questions())
    for (const std::string& typed : {std::string(text), read.*question.field})
      if (const auto kept = question.read(typed, so_far, facts)) {
        const auto again = question.read(*kept, so_far, facts);
        require(again && *again == *kept);
      }
  static_cast<void>(default_routes_in(std::string(text)));
  const WrittenFiles written = WrittenFiles::parse(text);
  require(WrittenFiles::parse(written.text()).text() == written.text());
  return 0;
}
