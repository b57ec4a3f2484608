// The archive around the parts.
#include <zip.h>

#include <memory>

#include "tools/report/word.h"

namespace schoolgate::tools {
namespace {

constexpr zip_uint16_t no_time = 0, first_day_of_1980 = 0x21;  // as MS-DOS writes them: the least there is

// False: there is no memory.
bool add_part(zip_t* archive, const WordPart& part) {
  zip_source_t* const text = zip_source_buffer(archive, part.text.data(), part.text.size(), 0);
  if (text == nullptr) return false;
  const zip_int64_t at = zip_file_add(archive, std::string(part.name).c_str(), text, ZIP_FL_ENC_UTF_8);
  if (at < 0) {
    zip_source_free(text);
    return false;
  }
  return zip_file_set_dostime(archive, static_cast<zip_uint64_t>(at), no_time, first_day_of_1980, 0) == 0;
}

}  // namespace

Result<std::string> to_docx(const Document& document) {
  const Error failed{say("There is no memory for a Word file.")};
  const std::vector<WordPart> parts = word_parts(document);  // outlives the archive, which points into it
  const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> bytes(
      zip_source_buffer_create(nullptr, 0, 0, nullptr), zip_source_free);
  if (!bytes) return failed;
  zip_source_keep(bytes.get());  // a reference for the archive, one for here
  std::unique_ptr<zip_t, void (*)(zip_t*)> archive(
      zip_open_from_source(bytes.get(), ZIP_CREATE | ZIP_TRUNCATE, nullptr), zip_discard);
  if (!archive) {
    zip_source_free(bytes.get());
    return failed;
  }
  for (const WordPart& part : parts) {
    if (!add_part(archive.get(), part)) return failed;
  }
  if (zip_close(archive.get()) != 0) return failed;  // then it is still there to be discarded
  (void)archive.release();
  if (zip_source_open(bytes.get()) != 0) return failed;
  std::string file;
  char chunk[4096];
  zip_int64_t got = 0;
  while ((got = zip_source_read(bytes.get(), chunk, sizeof chunk)) > 0)
    file.append(chunk, static_cast<std::size_t>(got));
  (void)zip_source_close(bytes.get());
  if (got < 0) return failed;
  return file;
}

Result<std::string> in_form(const Document& document, std::string_view form) {
  if (form == "docx") return to_docx(document);
  return form == "csv" ? to_csv(document) : form == "json" ? to_json(document) : to_html(document);
}

}  // namespace schoolgate::tools
