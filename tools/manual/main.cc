// schoolgate_manual SOURCE OUT: the manual pages and the completion of shells, into a folder that is made.
// SOURCE holds the pages of section 5, in English and in vi/.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "tools/commands/help_vietnamese.h"
#include "tools/manual/completion.h"
#include "tools/manual/man_page.h"

using namespace schoolgate::tools;
namespace fs = std::filesystem;

namespace {

bool write(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text << std::flush;
  if (!file) std::cerr << "schoolgate_manual: cannot write " << path.string() << '\n';
  return static_cast<bool>(file);
}

bool write_pages(const CommandText& program, const Words& words, const fs::path& source,
                 const fs::path& out) {
  fs::create_directories(out);
  bool good = write(out / (page_name(program) + ".8"), program_page(program, words));
  for (const CommandText& command : program.commands)
    good = write(out / (page_name(command) + ".8"), command_page(command, words)) && good;
  for (const auto& page : fs::directory_iterator(source))
    if (page.path().extension() == ".5")
      fs::copy_file(page.path(), out / page.path().filename(), fs::copy_options::overwrite_existing);
  return good;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "schoolgate_manual SOURCE OUT\n";
    return 2;
  }
  const fs::path source = argv[1], out = argv[2];
  const CommandText program = describe_program();
  bool good = write_pages(program, Words(), source, out);
  good = write(out / "schoolgate.bash", bash_completion(program)) && good;
  good = write_pages(program, Words(help_in_vietnamese()), source / "vi", out / "vi") && good;
  return good ? 0 : 1;
} catch (const std::exception& failure) {
  std::cerr << "schoolgate_manual: " << failure.what() << '\n';
  return 1;
}
