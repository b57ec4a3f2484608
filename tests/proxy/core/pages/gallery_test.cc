// Not run with the others: SCHOOLGATE_GALLERY=folder core_test "[.gallery]" writes every page there as HTML.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>

#include "tests/proxy/core/pages/gallery_school.h"

using namespace schoolgate;
using namespace schoolgate::testing;

TEST_CASE("every page as a file, to look at", "[.gallery]") {
  const char* folder = std::getenv("SCHOOLGATE_GALLERY");
  REQUIRE(folder != nullptr);
  for (const Language language : {Language::vi, Language::en})
    for (const GalleryPage& page : page_gallery(language)) {
      std::ofstream file(std::string(folder) + "/" + page.name + ".html");
      file << page.response.substr(page.response.find("\r\n\r\n") + 4);
      CHECK(file.good());
    }
}
