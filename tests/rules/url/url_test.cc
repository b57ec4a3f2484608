#include "rules/url/url.h"

#include <catch2/catch.hpp>

#include "tests/support/allocations.h"
#include "tests/support/url_laws.h"

using namespace schoolgate;

namespace {

struct Row {
  std::string raw;
  std::string forward;  // empty: refused with `error`
  UrlError error = UrlError::empty;
};

Row bad(std::string raw, UrlError error) {
  return {std::move(raw), "", error};
}

void check_forward(const std::vector<Row>& rows) {
  for (const Row& row : rows) DYNAMIC_SECTION("'" << row.raw << "'") {
      Url url;
      const auto parsed = url.parse(row.raw);
      CHECK(url.forward() == row.forward);
      CHECK(to_string(parsed.failed() ? parsed.error() : UrlError::empty) == to_string(row.error));
      CHECK(parsed.failed() == row.forward.empty());
      CHECK(broken_url_law(row.raw) == "");
    }
}

struct Match {
  const char* raw;
  const char* match;
  const char* lower;
};

void check_match(const std::vector<Match>& rows) {
  for (const Match& row : rows) DYNAMIC_SECTION("'" << row.raw << "'") {
      Url url;
      REQUIRE(url.parse(std::string("http://h") + row.raw).ok());
      CHECK(url.match() == std::string("http://h") + row.match);
      CHECK(url.match_lower() == std::string("http://h") + row.lower);
      CHECK(broken_url_law(std::string("http://h") + row.raw) == "");
    }
}

}  // namespace

TEST_CASE("every part of a URL can be asked for", "[rules][url]") {
  Url url;
  REQUIRE(url.parse("HTTP://WWW.Example.COM:8080/A%2Fb/../C//d?Q=%41&r#frag").ok());
  CHECK(url.scheme() == Scheme::http);
  CHECK(url.host().text == "www.example.com");
  CHECK(url.port() == 8080);
  CHECK(url.has_path());
  CHECK(url.forward() == "http://www.example.com:8080/C//d?Q=%41&r");
  CHECK(url.authority() == "www.example.com:8080");
  CHECK(url.target() == "/C//d?Q=%41&r");
  CHECK(url.path() == "/C//d");
  CHECK(url.match() == "http://www.example.com:8080/C/d?Q=A&r");
  CHECK(url.match_lower() == "http://www.example.com:8080/c/d?q=a&r");
  CHECK(url.match_host() == "www.example.com");
  CHECK(url.match_path(false) == "/C/d");
  CHECK(url.match_path(true) == "/c/d");
  CHECK(url.match_query(false) == "Q=A&r");
  CHECK(url.match_query(true) == "q=a&r");

  REQUIRE(url.parse("https://[2001:DB8::1]/?").ok());
  CHECK(url.scheme() == Scheme::https);
  CHECK(url.host().text == "2001:db8::1");
  CHECK(url.authority() == "[2001:db8::1]");
  CHECK(url.port() == 443);
  CHECK(url.match() == "https://[2001:db8::1]/?");
  CHECK(url.match_query(false).empty());

  const Url copy = url;  // views are into the copy's own text
  const auto refused = url.parse("nonsense");
  REQUIRE(refused.failed());
  CHECK(refused.error() == UrlError::bad_scheme);
  CHECK(copy.match() == "https://[2001:db8::1]/?");
  CHECK(url.match().empty());
  CHECK(url.forward().empty());
}

TEST_CASE("scheme and authority", "[rules][url]") {
  const std::string long_path(Url::max_length - 9, 'a');
  check_forward({
      {"http://example.com/", "http://example.com/"},
      {"http://example.com", "http://example.com/"},
      {"https://example.com?q", "https://example.com/?q"},
      {"http://example.com#f", "http://example.com/"},
      {"hTtP://example.com/", "http://example.com/"},
      {"HTTPS://EXAMPLE.com/A", "https://example.com/A"},
      {"http://r3---sn-nbok.googlevideo.com/a", "http://r3---sn-nbok.googlevideo.com/a"},
      {"http://xn--bcher-kva.de/a", "http://xn--bcher-kva.de/a"},
      {"http://xn--a.de/a", "", UrlError::bad_label},
      // ports: default ones dropped, leading zeros and an empty port as URL Standard 4.4 has it
      {"http://example.com:80/", "http://example.com/"},
      {"https://example.com:443/", "https://example.com/"},
      {"http://example.com:443/", "http://example.com:443/"},
      {"https://example.com:80/", "https://example.com:80/"},
      {"http://example.com:/a", "http://example.com/a"},
      {"http://example.com:?a", "http://example.com/?a"},
      {"http://example.com:0080/", "http://example.com/"},
      {"http://example.com:00000000000000000000081/", "http://example.com:81/"},
      {"http://example.com:65535/", "http://example.com:65535/"},
      bad("http://example.com:0/", UrlError::bad_port),
      bad("http://example.com:65536/", UrlError::bad_port),
      bad("http://example.com:4294967376/", UrlError::bad_port),
      bad("http://example.com:99999999999999999999/", UrlError::bad_port),
      bad("http://example.com:+80/", UrlError::bad_port),
      bad("http://example.com:-1/", UrlError::bad_port),
      bad("http://example.com:8a/", UrlError::bad_port),
      bad("http://example.com:80:90/", UrlError::bad_port),
      bad("http://example.com:%38%30/", UrlError::bad_port),
      bad("http://example.com:80\\/", UrlError::bad_port),
      // user-info: the host that shows is not the host that is asked
      bad("http://user@example.com/", UrlError::user_info),
      bad("http://allowed.vn@blocked.com/", UrlError::user_info),
      bad("http://allowed.vn:80@blocked.com/", UrlError::user_info),
      bad("http://allowed.vn%40x@blocked.com/", UrlError::user_info),
      bad("http://@blocked.com/", UrlError::user_info),
      bad("http://:@blocked.com/", UrlError::user_info),
      bad("http://allowed.vn\\@blocked.com/", UrlError::user_info),
      bad("http://[::1]@blocked.com/", UrlError::user_info),
      {"http://blocked.com/@allowed.vn", "http://blocked.com/@allowed.vn"},
      {"http://blocked.com?@allowed.vn", "http://blocked.com/?@allowed.vn"},
      {"http://blocked.com#@allowed.vn", "http://blocked.com/"},
      {"http://blocked.com?http://allowed.vn/", "http://blocked.com/?http://allowed.vn/"},
      bad("http://blocked.com;allowed.vn/", UrlError::bad_host),
      bad("http://blocked.com,allowed.vn/", UrlError::bad_host),
      bad("http://blocked.com\\allowed.vn/", UrlError::bad_host),
      bad("http://blocked.com%2f@allowed.vn/", UrlError::user_info),
      bad("http://blocked.com%2fallowed.vn/", UrlError::bad_host),
      bad("http://blocked.com%23.allowed.vn/", UrlError::bad_host),
      // only what is "http://" or "https://" and a host
      bad("", UrlError::empty),
      bad("http://", UrlError::empty_host),
      bad("http:///", UrlError::empty_host),
      bad("http:///example.com/", UrlError::empty_host),
      bad("http://?q", UrlError::empty_host),
      bad("http://#f", UrlError::empty_host),
      bad("http://:80/", UrlError::empty_host),
      bad("http:/example.com/", UrlError::bad_scheme),
      bad("http:example.com/", UrlError::bad_scheme),
      bad("http:\\\\example.com/", UrlError::bad_scheme),
      bad("http:/\\example.com/", UrlError::bad_scheme),
      bad("http://\\example.com/", UrlError::bad_host),
      bad("//example.com/", UrlError::bad_scheme),
      bad("/path", UrlError::bad_scheme),
      bad("*", UrlError::bad_scheme),
      bad("example.com:443", UrlError::bad_scheme),
      bad("h", UrlError::bad_scheme),
      bad("httpss://example.com/", UrlError::bad_scheme),
      bad("ftp://example.com/", UrlError::bad_scheme),
      bad("ws://example.com/", UrlError::bad_scheme),
      bad("file:///etc/passwd", UrlError::bad_scheme),
      bad("gopher://example.com/", UrlError::bad_scheme),
      bad("javascript:alert(1)", UrlError::bad_scheme),
      // bytes
      bad(" http://example.com/", UrlError::control_character),
      bad("http://example.com/a b", UrlError::control_character),
      bad("http://example.com/a\tb", UrlError::control_character),
      bad("http://example.com/?a\rb", UrlError::control_character),
      bad("http://example.com/#a\nb", UrlError::control_character),
      bad("http://exam\tple.com/", UrlError::control_character),
      bad("http://example.com/\x7f", UrlError::control_character),
      bad(std::string("http://example.com\0.allowed.vn/", 31), UrlError::control_character),
      bad(std::string("http://example.com/\0", 20), UrlError::control_character),
      bad("http://b\u00fccher.de/", UrlError::non_ascii),
      bad("http://example.com/\u00fc", UrlError::non_ascii),
      bad("http://example.com/?\xff", UrlError::non_ascii),
      {"http://h/" + long_path, "http://h/" + long_path},
      bad("http://h/" + long_path + "a", UrlError::too_long),
  });
}

TEST_CASE("hosts in any spelling come out in one", "[rules][url]") {
  check_forward({
      {"http://Example.Com./a", "http://example.com/a"},
      {"http://%65xample.com/a", "http://example.com/a"},
      {"http://example%2ecom/a", "http://example.com/a"},
      {"http://b%C3%BCcher.de/", "http://xn--bcher-kva.de/"},
      {"http://exa%C2%ADmple.com/", "http://example.com/"},
      {"http://example%E3%80%82com/", "http://example.com/"},
      {"http://2130706433/", "http://127.0.0.1/"},
      {"http://0x7f.1:8080/x", "http://127.0.0.1:8080/x"},
      {"http://0177.0.0.01/", "http://127.0.0.1/"},
      {"http://127.0.0.1./", "http://127.0.0.1/"},
      {"http://%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1/", "http://127.0.0.1/"},
      {"http://[::FFFF:127.0.0.1]/", "http://127.0.0.1/"},
      {"http://[2001:0DB8::0001]:81/", "http://[2001:db8::1]:81/"},
      {"http://[::1]", "http://[::1]/"},
      {"http://[::1]:/", "http://[::1]/"},
      bad("http://[::1/", UrlError::bad_address),
      bad("http://[::1]x/", UrlError::bad_host),
      bad("http://[::1]80/", UrlError::bad_host),
      bad("http://[::1%25eth0]/", UrlError::bad_address),
      bad("http://::1/", UrlError::empty_host),
      bad("http://1.2.3.4.5/", UrlError::bad_address),
      bad("http://example..com/", UrlError::bad_label),
      bad("http://example.com../", UrlError::bad_label),
      bad("http://ex%mple.com/", UrlError::bad_escape),
  });
}

TEST_CASE("dot segments of the forward form", "[rules][url]") {
  check_forward({
      // RFC 3986 5.4, merged with the base http://a/b/c/d;p?q
      {"http://a/b/c/./g", "http://a/b/c/g"},
      {"http://a/b/c/g;x=1/./y", "http://a/b/c/g;x=1/y"},
      {"http://a/b/c/g;x=1/../y", "http://a/b/c/y"},
      {"http://a/b/c/.", "http://a/b/c/"},
      {"http://a/b/c/./", "http://a/b/c/"},
      {"http://a/b/c/..", "http://a/b/"},
      {"http://a/b/c/../", "http://a/b/"},
      {"http://a/b/c/../g", "http://a/b/g"},
      {"http://a/b/c/../..", "http://a/"},
      {"http://a/b/c/../../g", "http://a/g"},
      {"http://a/b/c/../../../g", "http://a/g"},
      {"http://a/b/c/../../../../g", "http://a/g"},
      {"http://a/./g", "http://a/g"},
      {"http://a/../g", "http://a/g"},
      {"http://a/b/c/g.", "http://a/b/c/g."},
      {"http://a/b/c/.g", "http://a/b/c/.g"},
      {"http://a/b/c/g..", "http://a/b/c/g.."},
      {"http://a/b/c/..g", "http://a/b/c/..g"},
      {"http://a/b/c/./../g", "http://a/b/g"},
      {"http://a/b/c/./g/.", "http://a/b/c/g/"},
      {"http://a/b/c/g/./h", "http://a/b/c/g/h"},
      {"http://a/b/c/g/../h", "http://a/b/c/h"},
      {"http://a/b/c/g?y/./x", "http://a/b/c/g?y/./x"},
      {"http://a/b/c/g?y/../x", "http://a/b/c/g?y/../x"},
      {"http://a/b/c/g#s/../x", "http://a/b/c/g"},
      // RFC 3986 5.2.4
      {"http://a/a/b/c/./../../g", "http://a/a/g"},
      {"http://a/mid/content=5/../6", "http://a/mid/6"},
      // URL Standard 4.4: "%2e" is a dot
      {"http://a/b/%2e/g", "http://a/b/g"},
      {"http://a/b/%2E%2e/g", "http://a/g"},
      {"http://a/b/.%2e/g", "http://a/g"},
      {"http://a/b/%2e.", "http://a/"},
      {"http://a/b/%2e%2e%2e/g", "http://a/b/%2e%2e%2e/g"},
      {"http://a/b/%2e%2e?%2e", "http://a/?%2e"},
      {"http://a/b/.../g", "http://a/b/.../g"},
      {"http://a/.well-known/x", "http://a/.well-known/x"},
      // empty segments are segments; back slashes and escapes stay as they came
      {"http://a/b//../g", "http://a/b/g"},
      {"http://a//", "http://a//"},
      {"http://a//b", "http://a//b"},
      {"http://a/b/..//g", "http://a//g"},
      {"http://a/b\\..\\g", "http://a/b\\..\\g"},
      {"http://a/b%2f..%2fg", "http://a/b%2f..%2fg"},
      {"http://a/%41%7e%zz%", "http://a/%41%7e%zz%"},
      {"http://a/?", "http://a/?"},
      {"http://a/??", "http://a/??"},
      {"http://a/?#", "http://a/?"},
      {"http://a/%23?%3f", "http://a/%23?%3f"},
      {"http://a/{}|^`\"<>", "http://a/{}|^`\"<>"},
  });
}

TEST_CASE("the match form", "[rules][url]") {
  check_match({
      {"/", "/", "/"},
      {"/index.html?a=b", "/index.html?a=b", "/index.html?a=b"},
      {"/Index.HTML?A=b", "/Index.HTML?A=b", "/index.html?a=b"},
      {"/%61dult/", "/adult/", "/adult/"},
      {"/%41DULT/", "/ADULT/", "/adult/"},
      {"/%7Euser", "/~user", "/~user"},
      {"/a%20b", "/a b", "/a b"},
      {"/a+b?c+d", "/a+b?c+d", "/a+b?c+d"},
      {"/a;p=1,2", "/a;p=1,2", "/a;p=1,2"},
      // decoded once
      {"/%2561", "/%61", "/%61"},
      {"/%252e%252e/x", "/%2e%2e/x", "/%2e%2e/x"},
      {"/%25zz", "/%zz", "/%zz"},
      {"/%2", "/%2", "/%2"},
      {"/%", "/%", "/%"},
      {"/%%41", "/%A", "/%a"},
      {"/%4%31", "/%41", "/%41"},
      {"/%zz%g1%1g", "/%zz%g1%1g", "/%zz%g1%1g"},
      // slashes
      {"//a///b//", "/a/b/", "/a/b/"},
      {"/a\\b", "/a/b", "/a/b"},
      {"/a%5Cb%5c", "/a/b/", "/a/b/"},
      {"/a%2Fb%2f/c", "/a/b/c", "/a/b/c"},
      {"/a/\\/b", "/a/b", "/a/b"},
      {"/a\\..\\b", "/b", "/b"},
      {"/a%2f..%2fb", "/b", "/b"},
      {"/a%2f%2e%2e", "/", "/"},
      {"/a/b%5c..", "/a/", "/a/"},
      {"/..%2f..%2fx", "/x", "/x"},
      {"/a%2f.", "/a/", "/a/"},
      {"/a//.%2f/b", "/a/b", "/a/b"},
      {"/?a//b\\c%2f%5c/../d", "/?a//b\\c/\\/../d", "/?a//b\\c/\\/../d"},
      // borders stay where they are
      {"/a%3Fb?c%3fd?e", "/a%3Fb?c%3Fd?e", "/a%3fb?c%3fd?e"},
      {"/a%23b?c%23", "/a%23b?c%23", "/a%23b?c%23"},
      // control characters
      {"/%00%0a%1F%7f", "/%00%0A%1F%7F", "/%00%0a%1f%7f"},
      {"/%C2%80%c2%9f%C2%A0", "/%C2%80%C2%9F\u00a0", "/%c2%80%c2%9f\u00a0"},
      // UTF-8 and NFC
      {"/t%E1%BB%AB", "/t\u1eeb", "/t\u1eeb"},
      {"/TI%E1%BA%BENG%20VI%E1%BB%86T", "/TI\u1ebeNG VI\u1ec6T", "/ti\u1ebfng vi\u1ec7t"},
      {"/e%CC%81", "/\u00e9", "/\u00e9"},
      {"/u%CC%9B%CC%80", "/\u1eeb", "/\u1eeb"},
      {"/E%CC%82%CC%A3", "/\u1ec6", "/\u1ec7"},
      {"/%C4%90%C6%AF%E1%BB%9CNG", "/\u0110\u01af\u1edcNG", "/\u0111\u01b0\u1eddng"},
      {"/%E2%84%AA%C5%BF", "/K\u017f", "/ks"},              // Kelvin sign, long s
      {"/%CE%A3%CF%82", "/\u03a3\u03c2", "/\u03c3\u03c3"},  // both sigmas
      {"/%C4%B0%C4%B1", "/\u0130\u0131", "/\u0130\u0131"},  // Turkish only
      {"/%F0%9F%92%A9", "/\U0001f4a9", "/\U0001f4a9"},
      {"/%C8%BA", "/\u023a", "/\u2c65"},  // lower case is a byte longer
      {"/?q=t%E1%BB%B1%20t%E1%BB%AD", "/?q=t\u1ef1 t\u1eed", "/?q=t\u1ef1 t\u1eed"},
      {"/%C8%BA?%C8%BA", "/\u023a?\u023a", "/\u2c65?\u2c65"},
      // no UTF-8: stays encoded, byte by byte
      {"/%ff%FE", "/%FF%FE", "/%ff%fe"},
      {"/%C0%AF", "/%C0%AF", "/%c0%af"},
      {"/%e0%80%af", "/%E0%80%AF", "/%e0%80%af"},
      {"/%ED%A0%80", "/%ED%A0%80", "/%ed%a0%80"},
      {"/%F4%90%80%80", "/%F4%90%80%80", "/%f4%90%80%80"},
      {"/%E1%BBx", "/%E1%BBx", "/%e1%bbx"},
      {"/%E1%BB%3F", "/%E1%BB%3F", "/%e1%bb%3f"},
      {"/%E1%BB/%AB", "/%E1%BB/%AB", "/%e1%bb/%ab"},
      {"/%C3?%A9", "/%C3?%A9", "/%c3?%a9"},
      // longer than a block, with everything at its edge
      {"/aaaaaaaaaaaaaa/", "/aaaaaaaaaaaaaa/", "/aaaaaaaaaaaaaa/"},
      {"/aaaaaaaaaaaaaa//b", "/aaaaaaaaaaaaaa/b", "/aaaaaaaaaaaaaa/b"},
      {"/aaaaaaaaaaaaa%41A", "/aaaaaaaaaaaaaAA", "/aaaaaaaaaaaaaaa"},
      {"/aaaaaaaaaaaaaaa%2", "/aaaaaaaaaaaaaaa%2", "/aaaaaaaaaaaaaaa%2"},
      {"/aaaaaaaaaaaaaaa?\\//", "/aaaaaaaaaaaaaaa?\\//", "/aaaaaaaaaaaaaaa?\\//"},
  });
}

TEST_CASE("the authority of a CONNECT request", "[rules][url]") {
  struct Connect {
    std::string raw;
    std::string forward;
    UrlError error = UrlError::empty;
  };
  const Connect rows[] = {
      {"example.com:443", "https://example.com/"},
      {"EXAMPLE.com.:443", "https://example.com/"},
      {"example.com:80", "http://example.com/"},
      {"example.com:8443", "https://example.com:8443/"},
      {"example.com:0443", "https://example.com/"},
      {"[::1]:443", "https://[::1]/"},
      {"[2001:DB8::1]:22", "https://[2001:db8::1]:22/"},
      {"[::ffff:1.2.3.4]:443", "https://1.2.3.4/"},
      {"0x7f.1:443", "https://127.0.0.1/"},
      {"%65xample.com:443", "https://example.com/"},
      {"", "", UrlError::empty},
      {"example.com", "", UrlError::no_port},
      {"example.com:", "", UrlError::no_port},
      {"[::1]", "", UrlError::no_port},
      {"example.com:0", "", UrlError::bad_port},
      {"example.com:65536", "", UrlError::bad_port},
      {"example.com:443:443", "", UrlError::bad_port},
      {"example.com:https", "", UrlError::bad_port},
      {"example.com:443/", "", UrlError::bad_port},
      {"example.com:443#", "", UrlError::bad_port},
      {"example.com/:443", "", UrlError::bad_host},
      {"example.com?:443", "", UrlError::bad_host},
      {"example.com\\:443", "", UrlError::bad_host},
      {"https://example.com:443", "", UrlError::bad_port},
      {"http:443", "https://http/"},  // a host of that name
      {":443", "", UrlError::empty_host},
      {"::1:443", "", UrlError::empty_host},
      {"[::1:443", "", UrlError::bad_address},
      {"[::1]443", "", UrlError::bad_host},
      {"user@example.com:443", "", UrlError::user_info},
      {"example.com:443@evil.com", "", UrlError::user_info},
      {"example.com :443", "", UrlError::control_character},
      {"example.com:443 ", "", UrlError::control_character},
      {"b\u00fccher.de:443", "", UrlError::non_ascii},
      {std::string(Url::max_length + 1, 'a'), "", UrlError::too_long},
  };
  for (const Connect& row : rows) DYNAMIC_SECTION("'" << row.raw.substr(0, 40) << "'") {
      Url url;
      const auto parsed = url.parse_authority(row.raw);
      CHECK(url.forward() == row.forward);
      CHECK(url.match() == row.forward);
      CHECK(to_string(parsed.failed() ? parsed.error() : UrlError::empty) == to_string(row.error));
      CHECK(parsed.failed() == row.forward.empty());
      CHECK_FALSE(url.has_path());
      CHECK(broken_authority_law(row.raw) == "");
    }
}

TEST_CASE("a Url is reused without traces of the one before", "[rules][url]") {
  Url url;
  REQUIRE(url.parse("http://a.vn:81/%41/B?%43").ok());
  REQUIRE(url.parse("http://b.vn/c?d").ok());
  CHECK(url.match() == "http://b.vn/c?d");
  CHECK(url.match_lower() == "http://b.vn/c?d");
  CHECK(url.match_query(true) == "d");
  CHECK(url.port() == 80);
  REQUIRE(url.parse("http://b.vn/C").ok());
  CHECK(url.match_lower() == "http://b.vn/c");
  CHECK(url.match_query(true).empty());
  REQUIRE(url.parse_authority("c.vn:443").ok());
  CHECK(url.match_lower() == "https://c.vn/");
  CHECK(url.match_path(true) == "/");
  CHECK_FALSE(url.has_path());
  REQUIRE(url.parse("").failed());
  CHECK(url.match_lower().empty());
}

TEST_CASE("a warm Url allocates nothing", "[rules][url]") {
  const std::string long_part(200, 'x');
  const std::string urls[] = {
      "http://www.a-longer-example.com/" + long_part + "?q=" + long_part,
      "http://www.a-longer-example.com/Upper/" + long_part,
      "https://R3---sn-nbok.googlevideo.com:8443/a/../b//c\\d%41?e=%20#f",
      "http://0x7f.1/t%E1%BB%AB-t%E1%BB%AB/" + long_part,
  };
  Url url;
  const auto parse_all = [&] {
    bool good = url.parse_authority("www.a-longer-example.com:8443").ok();
    for (const std::string& text : urls) good = url.parse(text).ok() && good;
    return good;
  };
  REQUIRE(parse_all());
  REQUIRE(parse_all());  // the texts swap places, so twice
  const std::size_t before = testing::allocations();
  const bool good = parse_all();
  CHECK(testing::allocations() == before);
  CHECK(good);
}

TEST_CASE("a typed URL becomes a request line", "[rules][url]") {
  CHECK(escape_typed_url("http://th\u1eed.vn/t\u00ecm ki\u1ebfm?a=%20") ==
        "http://th%E1%BB%AD.vn/t%C3%ACm%20ki%E1%BA%BFm?a=%20");
  CHECK(escape_typed_url("a\tb\x7f") == "a%09b%7F");
  Url url;
  REQUIRE(url.parse(escape_typed_url("http://th\u1eed.vn/t\u1eeb t\u1eeb")).ok());
  CHECK(url.match() == "http://xn--th-yct.vn/t\u1eeb t\u1eeb");
}
