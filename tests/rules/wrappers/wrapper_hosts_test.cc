#include "rules/wrappers/wrapper_hosts.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace schoolgate {
namespace {

struct Answer {
  std::vector<std::string> urls;
  bool in_path = false;
  bool too_many = false;
};

Answer unwrapped(const Url& url, Stage stage) {
  Unwrapper unwrapper;
  const Unwrapper::Inner inner = unwrapper.unwrap(url, stage);
  Answer answer;
  answer.in_path = inner.in_path;
  answer.too_many = inner.too_many;
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
      {"https://wayback-api.archive.org/web/2020/http://bad.com/x", {"http://bad.com/x"}},
      {"https://conifer.rhizome.org/a/b/20200101000000/http://bad.com/x", {"http://bad.com/x"}},
      {"https://oldweb.today/?browser=ns3&url=http://bad.com/", {"http://bad.com/"}},
      {"https://theoldnet.com/get?url=http://bad.com/&year=2000", {"http://bad.com/"}},
      {"http://frogfind.com/read.php?a=https://bad.com/x", {"http://bad.com/x"}},
      {"https://s.jina.ai/https://bad.com/x", {"http://bad.com/x"}},
      {"https://feedly.com/i/subscription/feed/https://bad.com/rss", {"http://bad.com/rss"}},
      {"https://feedly.com/i/subscription/feed%2Fhttps%3A%2F%2Fbad.com%2Frss", {"http://bad.com/rss"}},
      {"http://api.scraperapi.com/?api_key=1&url=http%3A%2F%2Fbad.com%2Fx", {"http://bad.com/x"}},
      {"https://ipfs.io/ipns/bad.com/x", {"http://bad.com/x"}},
      {"https://slack-imgs.com/?c=1&url=https%3A%2F%2Fbad.com%2Fa.jpg", {"http://bad.com/a.jpg"}},
      {"https://images-ext-1.discordapp.net/external/abc/https/bad.com/a.jpg", {"http://bad.com/a.jpg"}},
      {"https://th.bing.net/th?id=1&mediaurl=http%3A%2F%2Fbad.com%2Fa.jpg", {"http://bad.com/a.jpg"}},
      {"https://www.bing.com/th?id=OIP.x&w=1", {}},
      {"https://pagespeed.web.dev/report?url=https%3A%2F%2Fbad.com%2F", {"http://bad.com/"}},
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
      {"https://bad.com.rsz.io/i.jpg?width=100", {"http://bad.com/i.jpg?width=100"}},
      {"https://rsz.io/", {}},
      {"https://cdn.statically.io/img/bad.com/w=100/i.jpg", {"http://bad.com/w=100/i.jpg"}},
      {"https://translated.turbopages.org/proxy_u/en-vi.vi.0a1b/https/bad.com/x",
       {"http://en-vi.vi.0a1b/https/bad.com/x", "http://bad.com/x"}},
      {"https://i0.wp.com/bad.com/https/good.com/", {"http://bad.com/https/good.com/", "http://good.com/"}},
      {"https://yandex.ru/turbo/bad.com/s/x", {"http://bad.com/s/x"}},
      {"https://corsproxy.io/?bad.com/x", {"http://bad.com/x"}},
      {"https://translate.google.com/translate?u=http://2130706433/x", {"http://127.0.0.1/x"}},
      {"https://translate.google.com/translate?u=http://[::1]/x", {"http://[::1]/x"}},
      {"https://translate.google.com/translate?u=%09%0Ahttp://bad.com/", {"http://bad.com/"}},
      {"https://translate.google.com/translate?u=http://bad.com/100%2525", {"http://bad.com/100%25"}},
      // no wrappers: a blocked URL in the query of an ordinary site is no visit
      {"https://www.google.com/search?q=http://bad.com/", {}},
      {"https://duckduckgo.com/?q=bad.com", {}},
      {"https://google.com/search?q=bad.com", {}},
      {"https://google.evil.example/search?q=cache:bad.com", {}},
      {"https://notgoogle.com/translate?u=bad.com", {}},
      {"https://www.bing.com/search?q=bad.com&url=bad.com", {}},
      {"https://res.cloudinary.com/demo/image/upload/v1/photo.jpg", {}},
      {"https://docs.google.com/document/d/bad.com/edit", {}},
      {"https://example.com/translate?u=http://bad.com", {}},
      {"https://web.archive.org.example.com/web/2020/http://bad.com/", {}},
      {"https://192.0.2.1/web/2020/http://bad.com/", {}},
      // two deep, and no deeper
      {"https://web.archive.org/web/1/https://translate.google.com/translate?u=bad.com",
       {"http://translate.google.com/translate?u=bad.com", "http://bad.com/"}},
      {"https://web.archive.org/web/1/http://web.archive.org/web/1/http://web.archive.org/web/1/http://"
       "bad.com/",
       {"http://web.archive.org/web/1/http:/web.archive.org/web/1/http:/bad.com/",
        "http://web.archive.org/web/1/http:/bad.com/", "http://bad.com/"}},
      // nothing that could be judged within
      {"https://web.archive.org/web/2020/http://", {}},
      {"https://translate.google.com/translate?u=", {}},
      {"https://translate.google.com/translate?u=http://a..b/", {}},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.url) {
      Url url;
      REQUIRE(url.parse(r.url).ok());
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
      {"bad.com.rsz.io:443", {"https://bad.com/"}, false},
      {"google.com:443", {}, true},
      {"example.com:443", {}, false},
  };
  for (const Row& r : table) {
    DYNAMIC_SECTION(r.authority) {
      Url url;
      REQUIRE(url.parse_authority(r.authority).ok());
      const Answer answer = unwrapped(url, Stage::host);
      CHECK(answer.urls == r.want);
      CHECK(answer.in_path == r.in_path);
    }
  }
}

// Each of the table's wrappers, and each way to write an address in it.
TEST_CASE("wrapper hosts: every spelling of the URL within", "[rules][wrapper]") {
  const char* const places[] = {
      "https://translate.google.com/website?sl=en&tl=vi&u=",
      "https://translate.google.co.uk/translate_p?u=",
      "https://google.com/translate?u=",
      "https://www.google.com.vn/translate?langpair=en|vi&u=",
      "https://google.com.vn/search?q=cache:",
      "https://www.google.de/search?hl=vi&q=cache:AbCdEf12345:",
      "https://www.google.com/gwt/x?u=",
      "https://googleweblight.com/?lite_url=",
      "https://www.bing.com/translator?from=en&to=vi&url=",
      "https://www.translatetheweb.com/?ref=TAns&a=",
      "https://translated.turbopages.org/proxy_u/en-vi.vi.0a1b2c3d-6500/",
      "https://translate.yandex.com/translate?lang=en-vi&url=",
      "https://translate.yandex.com.tr/?url=",
      "https://yandex.ru/turbo?text=",
      "https://papago.naver.net/website?source=en&target=vi&url=",
      "https://fanyi.baidu.com/transpage?query=",
      "https://fanyi.youdao.com/WebpageTranslate?keyfrom=webfanyi&url=",
      "https://webtrans.yodao.com/webTransPc/index.html?from=auto&url=",
      "https://web.archive.org/web/20200101000000if_/",
      "https://web.archive.org/save?url=",
      "https://wayback.archive-it.org/123/20200101000000/",
      "https://webcitation.org/query?url=",
      "https://archive.is/newest/",
      "https://archive.today/?run=1&url=",
      "https://ghostarchive.org/save/",
      "https://ghostarchive.org/search?term=",
      "https://webcache.googleusercontent.com/search?q=cache:",
      "https://cc.bingj.com/cache.aspx?d=4503&w=x&q=",
      "https://r.jina.ai/",
      "https://12ft.io/",
      "https://12ft.io/proxy?q=",
      "https://1ft.io/",
      "https://outline.com/",
      "https://txtify.it/",
      "https://www.w3.org/services/html2txt?noinlinerefs=on&url=",
      "https://validator.w3.org/check?uri=",
      "https://docs.google.com/gview?embedded=true&url=",
      "https://cors-anywhere.herokuapp.com/",
      "https://thingproxy.freeboard.io/fetch/",
      "https://proxy.cors.sh/",
      "https://crossorigin.me/",
      "https://yacdn.org/proxy/",
      "https://cors.bridged.cc/",
      "https://corsproxy.io/?",
      "https://corsproxy.io/?url=",
      "https://corsproxy.io/?key=1&URL=",
      "https://cors.io/?",
      "https://api.allorigins.win/raw?url=",
      "https://api.codetabs.com/v1/proxy/?quest=",
      "https://eu-browse.startpage.com/do/proxy?u=",
      "https://images.weserv.nl/?w=300&url=",
      "https://image.thum.io/get/width/1200/crop/900/noanimate/",
      "https://cdn.statically.io/img/",
      "https://s.wordpress.com/mshots/v1/",
      "https://external-content.duckduckgo.com/iu/?u=",
      "https://camo.githubusercontent.com/0123abcd/",
      "https://res.cloudinary.com/demo/image/fetch/w_300/f_auto/",
      "https://wayback.archive.org/web/2020/",
      "https://cc.bingj.com/cache.aspx?q=url:",
      "https://validator.w3.org/nu/?doc=",
      "https://validator.nu/?doc=",
      "https://translate.baiducontent.com/transpage?query=",
      "https://translate.sogou.com/web?url=",
      "https://api.microlink.io/?screenshot&url=",
      "https://urlscan.io/liveshot/?width=1600&url=",
  };
  const char* const spellings[] = {
      "http://bad.com/x",
      "HTTPS://BAD.com/x",
      "http://u:p@bad.com/x",
      "http%3A%2F%2Fbad.com%2Fx",
      "https%3a%2f%2fbad.com%2fx",
      "http%253A%252F%252Fbad.com%252Fx",
      "http%25253A%25252F%25252Fbad.com/x",
      "http:bad.com/x",
      "http:////bad.com/x",
      "http:%5C%5Cbad.com/x",
      "http://http://bad.com/x",
      "https%3A//b%61d%2Ecom/x",
      "ht%09tp://b%0Aad.com/x",
      "http://bad%E3%80%82com/x",
      "aHR0cDovL2JhZC5jb20veA==",
      "aHR0cDovL2JhZC5jb20veA",
      "aHR0cDovL2JhZC5jb20veA%3D%3D",
      "687474703a2f2f6261642e636f6d2f78",
  };
  for (const std::string place : places) {
    for (const std::string spelling : spellings) {
      CAPTURE(place, spelling);
      Url url;
      REQUIRE(url.parse(place + spelling).ok());
      const std::vector<std::string> urls = unwrapped(url, Stage::request).urls;
      CHECK(std::find(urls.begin(), urls.end(), "http://bad.com/x") != urls.end());
    }
  }
}

TEST_CASE("wrapper hosts: a host without scheme and with another script's dot", "[rules][wrapper]") {
  for (const char* text : {"https://translate.google.com/translate?u=bad%E3%80%82com/x",
                           "https://translate.google.com/translate?u=bad%EF%BC%8Ecom/x",
                           "https://web.archive.org/web/2020/bad%EF%BD%A1com/x"}) {
    CAPTURE(text);
    Url url;
    REQUIRE(url.parse(text).ok());
    CHECK(unwrapped(url, Stage::request).urls == std::vector<std::string>{"http://bad.com/x"});
  }
}

TEST_CASE("wrapper hosts: one in another, as deep as can be judged", "[rules][wrapper]") {
  for (std::size_t depth = 1; depth <= 10; ++depth) {
    CAPTURE(depth);
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "https://web.archive.org/web/" + std::to_string(i) + "/";
    Url url;
    REQUIRE(url.parse(text + "http://bad.com/").ok());
    const Answer answer = unwrapped(url, Stage::request);
    const bool reached = depth <= Unwrapper::max_inner;
    CHECK(answer.too_many == !reached);
    CHECK((std::find(answer.urls.begin(), answer.urls.end(), "http://bad.com/") != answer.urls.end()) ==
          reached);
  }
}

TEST_CASE("wrapper hosts: more URLs than can be judged are told", "[rules][wrapper]") {
  for (const int count : {1, 8, 9, 100}) {
    std::string text = "https://translate.google.com/translate?";
    for (int i = 0; i < count; ++i) text += "u=h" + std::to_string(i) + ".com&u=h0.com&";
    Url url;
    REQUIRE(url.parse(text).ok());
    const Answer answer = unwrapped(url, Stage::request);
    CHECK(answer.urls.size() == std::min<std::size_t>(static_cast<std::size_t>(count), Unwrapper::max_inner));
    CHECK(answer.too_many == (count > 8));
  }
}

}  // namespace schoolgate
