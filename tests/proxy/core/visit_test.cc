#include "proxy/core/visit.h"

#include <catch2/catch.hpp>
#include <string>

using namespace schoolgate;

TEST_CASE("visit: a page that somebody opened, by what the browser says", "[core][visit]") {
  const struct {
    const char* name;
    const char* fields;
    Visit want;
  } rows[] = {
      {"a page", "Sec-Fetch-Dest: document\r\n", Visit::yes},
      {"a frame in one", "sec-fetch-dest: iframe\r\n", Visit::yes},
      {"an old frame", "Sec-Fetch-Dest: frame\r\n", Visit::yes},
      {"a picture", "Sec-Fetch-Dest: image\r\n", Visit::no},
      {"a script's question", "Sec-Fetch-Dest: empty\r\nReferer: https://a.vn/\r\n", Visit::no},
      {"what the browser says goes before what it did before",
       "Sec-Fetch-Dest: script\r\nUpgrade-Insecure-Requests: 1\r\n", Visit::no},
      {"a page over plain http", "Upgrade-Insecure-Requests: 1\r\nReferer: http://a.vn/\r\n", Visit::yes},
      {"what a page over plain http is made of", "Referer: http://a.vn/\r\n", Visit::no},
      {"an app that says nothing", "", Visit::of_burst},
      {"another value is none", "Upgrade-Insecure-Requests: 0\r\n", Visit::of_burst},
  };
  for (const auto& row : rows) {
    DYNAMIC_SECTION(row.name) {
      const std::string text =
          std::string("GET http://b.vn/ HTTP/1.1\r\nHost: b.vn\r\n") + row.fields + "\r\n";
      RequestHead head;
      REQUIRE(parse_request_head(text, head).ok());
      CHECK(visit_of(head) == row.want);
    }
  }
}
