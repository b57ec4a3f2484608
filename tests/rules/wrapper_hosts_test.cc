#include "rules/wrapper_hosts.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace schoolgate {
namespace {

struct Answer {
  std::vector<std::string> urls;
  bool in_path = false;
};

Answer unwrapped(const Url& url, Stage stage) {
  Unwrapper unwrapper;
  const Unwrapper::Inner inner = unwrapper.unwrap(url, stage);
  Answer answer;
  answer.in_path = inner.in_path;
  for (const Url& u : inner.urls) answer.urls.emplace_back(u.forward());
  if (!answer.urls.empty() || answer.in_path) CHECK(unwrapper.may_wrap(HostKeys(url.host())));
  return answer;
}

}  // namespace

TEST_CASE("wrapper hosts: the URL within a URL", "[rules][wrapper]") {
  struct Row {
    const char* url;
    std::vector<std::string> want;
  };
  const Row table[] = {
      // names
      {"https://www-bad-com.translate.goog/a?b=c", {"http://www.bad.com/a?b=c"}},
      {"https://my--site-com.translate.goog/", {"http://my-site.com/"}},
      {"https://0-en--us-bad-com-0.translate.goog/", {"http://en-us.bad.com/"}},
      {"https://xn--bcher-de-65a.translate.goog/x", {"http://xn--bcher-kva.de/x"}},
      {"https://bad-com.cdn.ampproject.org/", {"http://bad.com/"}},
      {"https://translate.goog/", {}},
      {"https://nodots.translate.goog/", {}},
      // paths
      {"https://cdn.ampproject.org/c/s/bad.com/x?y", {"http://bad.com/x?y"}},
      {"https://bad-com.cdn.ampproject.org/v/s/bad.com/x", {"http://bad.com/", "http://bad.com/x"}},
      {"https://www.google.com.vn/amp/s/bad.com/x", {"http://bad.com/x"}},
      {"https://web.archive.org/web/2020/http://bad.com/x", {"http://bad.com/x"}},
      {"https://web.archive.org/web/20200101000000id_/https://BAD.com/x?y=z", {"http://bad.com/x?y=z"}},
      {"https://web.archive.org/web/2020*/bad.com", {"http://bad.com/"}},
      {"https://web.archive.org/web/2020/http%3A%2F%2Fbad.com/x", {"http://bad.com/x"}},
      {"https://web.archive.org/web/2020/http://user@bad.com:8080/", {"http://bad.com:8080/"}},
      {"https://web.archive.org/_static/js/bad.com", {}},
      {"https://archive.ph/newest/http://bad.com/", {"http://bad.com/"}},
      {"https://r.jina.ai/https://bad.com/x", {"http://bad.com/x"}},
      {"https://i0.wp.com/bad.com/img.jpg?w=100", {"http://bad.com/img.jpg?w=100"}},
      // queries
      {"https://translate.google.com/translate?sl=en&u=http://bad.com/x", {"http://bad.com/x"}},
      {"https://translate.google.com.vn/translate?u=bad.com", {"http://bad.com/"}},
      {"https://translate.google.com/translate?u=https%3A%2F%2Fbad.com%2Fx%3Fa%3D1%26b",
       {"http://bad.com/x?a=1&b"}},
      {"https://translate.google.com/translate?%75=bad.com", {"http://bad.com/"}},
      {"https://translate.google.com/translate?u=good.com&u=bad.com",
       {"http://good.com/", "http://bad.com/"}},
      {"https://translate.google.com/?text=http://bad.com", {}},
      {"https://webcache.googleusercontent.com/search?q=cache:AbCdEf12345:http://bad.com/x+words",
       {"http://bad.com/x"}},
      {"https://webcache.googleusercontent.com/search?q=cache:bad.com/x", {"http://bad.com/x"}},
      {"https://webcache.googleusercontent.com/search?q=cache:https://bad.com/", {"http://bad.com/"}},
      {"https://images.weserv.nl/?url=ssl:bad.com/i.png", {"http://bad.com/i.png"}},
      {"https://images.weserv.nl/?url=//bad.com/i.png", {"http://bad.com/i.png"}},
      {"https://external-content.duckduckgo.com/iu/?u=https%3A%2F%2Fbad.com%2Fi", {"http://bad.com/i"}},
      {"https://translate.google.com/translate?u=http://b%C3%BCcher.de/%C3%BC",
       {"http://xn--bcher-kva.de/%C3%BC"}},
      // no wrappers: a blocked URL in the query of an ordinary site is no visit
      {"https://www.google.com/search?q=http://bad.com/", {}},
      {"https://duckduckgo.com/?q=bad.com", {}},
      {"https://example.com/translate?u=http://bad.com", {}},
      {"https://web.archive.org.example.com/web/2020/http://bad.com/", {}},
      {"https://192.0.2.1/web/2020/http://bad.com/", {}},
      // two deep, and no deeper
      {"https://web.archive.org/web/1/https://translate.google.com/translate?u=bad.com",
       {"http://translate.google.com/translate?u=bad.com", "http://bad.com/"}},
      {"https://web.archive.org/web/1/http://web.archive.org/web/1/http://web.archive.org/web/1/http://"
       "bad.com/",
       {"http://web.archive.org/web/1/http:/web.archive.org/web/1/http:/bad.com/",
        "http://web.archive.org/web/1/http:/bad.com/"}},
      // nothing that could be judged within
      {"https://web.archive.org/web/2020/http://", {}},
      {"https://translate.google.com/translate?u=", {}},
      {"https://translate.google.com/translate?u=http://a..b/", {}},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.url) {
      Url url;
      REQUIRE_FALSE(url.parse(r.url));
      CHECK(unwrapped(url, Stage::request).urls == r.want);
    }
  }
}

TEST_CASE("wrapper hosts: at the host stage only names unwrap", "[rules][wrapper]") {
  struct Row {
    const char* authority;
    std::vector<std::string> want;
    bool in_path;
  };
  const Row table[] = {
      {"www-bad-com.translate.goog:443", {"https://www.bad.com/"}, false},
      {"bad-com.cdn.ampproject.org:443", {"https://bad.com/"}, true},
      {"web.archive.org:443", {}, true},
      {"translate.google.de:443", {}, true},
      {"example.com:443", {}, false},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.authority) {
      Url url;
      REQUIRE_FALSE(url.parse_authority(r.authority));
      const Answer answer = unwrapped(url, Stage::host);
      CHECK(answer.urls == r.want);
      CHECK(answer.in_path == r.in_path);
    }
  }
}

TEST_CASE("wrapper hosts: no more than eight URLs, however many a request names", "[rules][wrapper]") {
  std::string text = "https://translate.google.com/translate?";
  for (int i = 0; i < 100; ++i) text += "u=h" + std::to_string(i) + ".com&";
  Url url;
  REQUIRE_FALSE(url.parse(text));
  CHECK(unwrapped(url, Stage::request).urls.size() == Unwrapper::max_inner);
}

}  // namespace schoolgate
