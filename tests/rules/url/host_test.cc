#include "rules/url/host.h"

#include <catch2/catch.hpp>

#include "rules/url/idna.h"
#include "rules/url/punycode.h"

using namespace schoolgate;

namespace {

struct Row {
  std::string raw;
  const char* text;  // nullptr: refused with `error`
  Host::Kind kind = Host::Kind::name;
  bool canonical = true;
  UrlError error = UrlError::empty;
};

Row name(std::string raw, const char* text, bool canonical = false) {
  return {std::move(raw), text, Host::Kind::name, canonical};
}
Row v4(std::string raw, const char* text, bool canonical = false) {
  return {std::move(raw), text, Host::Kind::ipv4, canonical};
}
Row v6(std::string raw, const char* text, bool canonical = false) {
  return {std::move(raw), text, Host::Kind::ipv6, canonical};
}
Row bad(std::string raw, UrlError error) {
  return {std::move(raw), nullptr, Host::Kind::name, true, error};
}

void check(const Row& row) {
  Host host;
  const auto parsed = parse_host(row.raw, host);
  REQUIRE(parsed.ok() == (row.text != nullptr));
  if (parsed.failed()) {
    CHECK(to_string(parsed.error()) == to_string(row.error));
    CHECK(host.text.empty());
    CHECK_FALSE(host.is_address());
    return;
  }
  CHECK(host.text == row.text);
  CHECK(host.kind == row.kind);
  CHECK(host.canonical_spelling == row.canonical);
  if (host.is_address()) CHECK(host.address.to_string() == host.text);
  Host again;
  REQUIRE(parse_host(host.kind == Host::Kind::ipv6 ? "[" + host.text + "]" : host.text, again).ok());
  CHECK(again.text == host.text);
  CHECK(again.kind == host.kind);
  CHECK(again.canonical_spelling);
}

void check_all(const std::vector<Row>& rows) {
  for (const Row& row : rows) DYNAMIC_SECTION("'" << row.raw << "'") {
      check(row);
    }
}

const std::string label63(63, 'a'), label64(64, 'a');

}  // namespace

TEST_CASE("plain names stay as they are", "[rules][host]") {
  check_all({
      name("example.com", "example.com", true),
      name("a", "a", true),
      name("localhost", "localhost", true),
      name("a-b.c_d.vn", "a-b.c_d.vn", true),
      name("_dmarc.example.com", "_dmarc.example.com", true),
      name("-a-.b-", "-a-.b-", true),  // browsers open these: CheckHyphens is false
      name("r3---sn-42u-nbok.googlevideo.com", "r3---sn-42u-nbok.googlevideo.com", true),
      name("1.2.3.4.in-addr.arpa", "1.2.3.4.in-addr.arpa", true),
      name("123.com", "123.com", true),
      name("example.1a", "example.1a", true),  // a last label that begins like a number and is none
      name("example.0xg", "example.0xg", true),
      name("exactly-sixteen.", "exactly-sixteen"),
      name("exactly-sixteenb", "exactly-sixteenb", true),
      name("exactly-seventeen", "exactly-seventeen", true),
      name(label63 + ".vn", (label63 + ".vn").c_str(), true),
  });
}

TEST_CASE("other spellings of a name", "[rules][host]") {
  check_all({
      name("EXAMPLE.com", "example.com", true),  // case does not count
      name("Example.COM.", "example.com"),
      name("example.com.", "example.com"),
      // URL Standard 3.5: the host is percent-decoded first
      name("%65xample.com", "example.com"),
      name("example%2Ecom", "example.com"),
      name("example.com%2e", "example.com"),
      name("%45XAMPLE.com", "example.com"),
      bad("", UrlError::empty_host),
      bad(".", UrlError::bad_label),
      bad("..", UrlError::bad_label),
      bad(".example.com", UrlError::bad_label),
      bad("example..com", UrlError::bad_label),
      bad("example.com..", UrlError::bad_label),
      bad("example.com%2e%2e", UrlError::bad_label),
      bad("exa mple.com", UrlError::bad_host),
      bad("exa%20mple.com", UrlError::bad_host),
      bad("example.com%00", UrlError::bad_host),
      bad("example.com%00.allowed.vn", UrlError::bad_host),
      bad(std::string("example.com\0.vn", 15), UrlError::bad_host),
      bad("example.com%0d%0a", UrlError::bad_host),
      bad("example.com\t", UrlError::bad_host),
      bad("example%2fcom", UrlError::bad_host),
      bad("example.com\\x", UrlError::bad_host),
      bad("a@b", UrlError::bad_host),
      bad("a%40b", UrlError::bad_host),
      bad("a:80", UrlError::bad_host),
      bad("a,b", UrlError::bad_host),
      bad("a*b", UrlError::bad_host),
      bad("a;b", UrlError::bad_host),
      bad("exa%mple.com", UrlError::bad_escape),
      bad("example%", UrlError::bad_escape),
      bad("example%6", UrlError::bad_escape),
      bad("example%6g", UrlError::bad_escape),
      bad("%2565xample.com", UrlError::bad_host),  // decoded once, a percent sign is left
      bad(label64 + ".vn", UrlError::bad_label),
      bad("vn." + label64, UrlError::bad_label),
      bad(label63 + "." + label63 + "." + label63 + "." + label63, UrlError::too_long),
      name(label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b'),
           (label63 + "." + label63 + "." + label63 + "." + std::string(61, 'b')).c_str(), true),
      bad(std::string(100000, 'a'), UrlError::too_long),
  });
}

TEST_CASE("names in other scripts become the A-labels of browsers", "[rules][host]") {
  check_all({
      // UTS 46 section 4 and its examples; nontransitional
      name("b\u00fccher.de", "xn--bcher-kva.de"),
      name("B\u00dcCHER.de", "xn--bcher-kva.de"),
      name("bu\u0308cher.de", "xn--bcher-kva.de"),  // NFD
      name("b%C3%BCcher.de", "xn--bcher-kva.de"),
      name("stra\u00dfe.de", "xn--strae-oqa.de"),  // a deviation, kept
      name("\u03b2\u03cc\u03bb\u03bf\u03c2.com", "xn--nxasmm1c.com"),
      name("th\u1eed.vn", "xn--th-yct.vn"),
      name("TH\u1eec.VN", "xn--th-yct.vn"),
      name("\u65e5\u672c\u8a9e\u3002\uff2a\uff30", "xn--wgv71a119e.jp"),  // ideographic full stop, full width
      name("example\uff0ecom", "example.com"),
      name("example\uff61com", "example.com"),
      name("example.com\u3002", "example.com"),
      name("\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45.com", "example.com"),
      name("%EF%BD%85xample.com", "example.com"),
      name("exa\u00admple.com", "example.com"),       // soft hyphen
      name("exa\u200bmple.com", "example.com"),       // zero width space
      name("exa\u2060mple.com", "example.com"),       // word joiner
      name("exam\u017fple.com", "examsple.com"),      // long s
      name("\u212aitty.com", "kitty.com"),            // Kelvin sign
      name("\u24d4xample.com", "example.com"),        // circled e
      name("\U0001d41aexample.com", "aexample.com"),  // mathematical bold a
      name("fa\u00df.r3---sn.de", "xn--fa-hia.r3---sn.de"),
      name("-\u00fc.com", "xn----eha.com"),
      // emoji: IDNA 2008 refuses, browsers open
      name("i\u2764.ws", "xn--i-7iq.ws"),
      name("i\u2764\ufe0f.ws", "xn--i-7iq.ws"),  // with the variation selector that is ignored
      name("\U0001f4a9.la", "xn--ls8h.la"),
      name("\U0001f4a9.TH\u1eec.la", "xn--ls8h.xn--th-yct.la"),
      name("xn--ls8h.la", "xn--ls8h.la", true),
      name("xn--i-7iq.ws", "xn--i-7iq.ws", true),
      name("XN--BCHER-KVA.de", "xn--bcher-kva.de", true),
      name("\uff58n--bcher-kva.de", "xn--bcher-kva.de"),
      name("a_b.\u00fc.vn", "a_b.xn--tda.vn"),  // the STD3 flag would make it "ab"
      bad("\u00ad", UrlError::empty_host),
      bad("\u2100.com", UrlError::bad_host),         // maps to "a/c"
      bad("exa\uff0fmple.com", UrlError::bad_host),  // full-width solidus
      bad("a\uff05b.com", UrlError::bad_host),       // full-width percent sign is not decoded again
      bad("a\uff20b.com", UrlError::bad_host),
      bad("\ufffd.com", UrlError::bad_label),
      bad("\xff.com", UrlError::bad_label),
      bad("%FF.com", UrlError::bad_label),
      bad("%C0%AE.com", UrlError::bad_label),     // overlong dot
      bad("%ED%A0%80.com", UrlError::bad_label),  // surrogate
      bad("a\u202eb.com", UrlError::bad_label),   // bidi override
      bad("a\u05d0.com", UrlError::bad_label),    // breaks the bidi rule
      bad("\u0301a.com", UrlError::bad_label),    // begins with a combining mark
      bad("a\u200cb.com", UrlError::bad_label),   // joiner out of place
      bad("\U0001f468\u200d\U0001f469.la", UrlError::bad_label),
      bad("\U000f0000.com", UrlError::bad_label),  // private use
      bad("a\u2028b.com", UrlError::bad_label),
  });
}

TEST_CASE("A-labels are what idna_to_ascii() makes", "[rules][host]") {
  check_all({
      name("xn--bcher-kva.de", "xn--bcher-kva.de", true),
      name("xn--strae-oqa.de", "xn--strae-oqa.de", true),
      name("xn--nxasmm1c.com", "xn--nxasmm1c.com", true),
      name("a.xn--p1ai", "a.xn--p1ai", true),
      name("xn--th-yct.xn--p1ai", "xn--th-yct.xn--p1ai", true),
      name("axn--b.com", "axn--b.com", true),  // only at the start of a label
      bad("xn--.com", UrlError::bad_label),
      bad("xn---.com", UrlError::bad_label),
      bad("xn--a.com", UrlError::bad_label),         // a digit string that ends too early
      bad("xn--example-.com", UrlError::bad_label),  // pure ASCII behind the prefix
      bad("xn--zzzzzz99999.com", UrlError::bad_label),
      bad("xn--bcher-kv_.de", UrlError::bad_label),
      bad("xn--abc-.xn--bcher-kva.de", UrlError::bad_label),
  });
  SECTION("what mapping would change is no A-label") {
    for (const char32_t* text : {U"B\u00fccher", U"\u00dccher", U"bu\u0308cher", U"a\u00ad\u00fc", U"\u0301a",
                                 U"\uff45\u00fc", U"\u212a\u00fc", U"a\u202eb", U"\u2764\ufe0f"}) {
      const std::string label = "xn--" + punycode_encode(text).value();
      CAPTURE(label);
      CHECK_FALSE(is_valid_a_label(label));
    }
  }
}

TEST_CASE("Punycode", "[rules][host]") {
  struct Sample {
    std::u32string text;
    const char* encoded;
  };
  // RFC 3492 7.1, lower case
  const Sample samples[] = {
      {U"\u0644\u064A\u0647\u0645\u0627\u0628\u062A\u0643\u0644\u0645\u0648\u0634\u0639\u0631\u0628\u064A"
       U"\u061F",
       "egbpdaj6bu4bxfgehfvwxn"},
      {U"\u4ED6\u4EEC\u4E3A\u4EC0\u4E48\u4E0D\u8BF4\u4E2D\u6587", "ihqwcrb4cv8a8dqg056pqjye"},
      {U"T\u1EA1isaoh\u1ECDkh\u00F4ngth\u1EC3ch\u1EC9n\u00F3iti\u1EBFngVi\u1EC7t",
       "TisaohkhngthchnitingVit-kjcr8268qyxafd2f1b9g"},
      {U"3\u5E74B\u7D44\u91D1\u516B\u5148\u751F", "3B-ww4c5e180e575a65lsy2b"},
      {U"-> $1.00 <-", "-> $1.00 <--"},
      {U"\u00fc", "tda"},
      {U"\U0001f4a9", "ls8h"},
  };
  for (const Sample& sample : samples) DYNAMIC_SECTION(sample.encoded) {
      CHECK(punycode_encode(sample.text) == std::optional<std::string>(sample.encoded));
      CHECK(punycode_decode(sample.encoded) == std::optional<std::u32string>(sample.text));
    }
  for (const char* wrong : {"a!", "99999999", "\xc3\xbc-tda", "-tda", "a-\x01"})
    DYNAMIC_SECTION("refused: " << wrong) {
      CHECK_FALSE(punycode_decode(wrong).has_value());
    }
  CHECK_FALSE(punycode_decode(std::string(60, 'a')).has_value());
  CHECK_FALSE(punycode_encode(std::u32string(60, U'a')).has_value());
  CHECK_FALSE(punycode_encode(std::u32string(59, U'\u1ea1') + U"\U0001f4a9").has_value());
}

TEST_CASE("IPv4 addresses in every spelling that inet_aton knows", "[rules][host]") {
  check_all({
      v4("127.0.0.1", "127.0.0.1", true),
      v4("127.0.0.1.", "127.0.0.1"),
      v4("2130706433", "127.0.0.1"),
      v4("0x7f000001", "127.0.0.1"),
      v4("0X7F000001", "127.0.0.1"),
      v4("0x7f.1", "127.0.0.1"),
      v4("0x7f.0x0.0x0.0x1", "127.0.0.1"),
      v4("0177.0.0.1", "127.0.0.1"),
      v4("0177.0.0.01", "127.0.0.1"),
      v4("00000000177.1", "127.0.0.1"),
      v4("017700000001", "127.0.0.1"),
      v4("127.1", "127.0.0.1"),
      v4("127.0.1", "127.0.0.1"),
      v4("127.0x00.1", "127.0.0.1"),
      v4("%31%32%37.0.0.1", "127.0.0.1"),
      v4("127%2e0%2e0%2e1", "127.0.0.1"),
      v4("\uff11\uff12\uff17.0.0.1", "127.0.0.1"),  // full-width digits, through UTS 46
      v4("%EF%BC%91%EF%BC%92%EF%BC%97.0.0.1", "127.0.0.1"),
      v4("127\u30020\u30020\u30021", "127.0.0.1"),
      v4("\u2460\u2461\u2466.0.0.1", "127.0.0.1"),  // circled digits
      v4("0", "0.0.0.0"),
      v4("0x", "0.0.0.0"),  // URL Standard: an empty hex number is zero
      v4("1.2.0x", "1.2.0.0"),
      v4("192.168.257", "192.168.1.1"),
      v4("192.11010305", "192.168.1.1"),
      v4("4294967295", "255.255.255.255"),
      bad("4294967296", UrlError::bad_address),
      bad("99999999999999999999999999", UrlError::bad_address),
      bad("256.0.0.1", UrlError::bad_address),
      bad("1.2.3.256", UrlError::bad_address),
      bad("4294967296.1.1.1", UrlError::bad_address),  // 2^32
      bad("4294967297.1.1", UrlError::bad_address),
      bad("1.1.4294967296", UrlError::bad_address),
      bad("1.1.1.4294967299", UrlError::bad_address),
      bad("1.2.65536", UrlError::bad_address),
      bad("1.2.3.4.5", UrlError::bad_address),
      bad("1.2.3.4.5.6", UrlError::bad_address),
      bad("1.2.3.08", UrlError::bad_address),  // URL Standard: not octal, and not a name either
      bad("09", UrlError::bad_address),
      bad("foo.1", UrlError::bad_address),
      bad("foo.0x4", UrlError::bad_address),
      bad("example.com.1", UrlError::bad_address),
      bad("1..2", UrlError::bad_address),
      bad("0x7f..1", UrlError::bad_address),
      bad("1.2.3.4..", UrlError::bad_label),
  });
}

TEST_CASE("IPv6 addresses in brackets", "[rules][host]") {
  check_all({
      v6("[::1]", "::1", true),
      v6("[2001:db8::1]", "2001:db8::1", true),
      v6("[2001:DB8::1]", "2001:db8::1", true),
      v6("[2001:0db8:0:0:0:0:0:1]", "2001:db8::1"),
      v6("[0:0:0:0:0:0:0:1]", "::1"),
      v6("[64:ff9b::1.2.3.4]", "64:ff9b::102:304"),
      v6("[2002:7f00:1::]", "2002:7f00:1::", true),
      v6("[::127.0.0.1]", "::7f00:1"),
      v4("[::ffff:1.2.3.4]", "1.2.3.4"),
      v4("[::FFFF:7f00:1]", "127.0.0.1"),
      v4("[0:0:0:0:0:ffff:127.0.0.1]", "127.0.0.1"),
      bad("[", UrlError::bad_address),
      bad("[]", UrlError::bad_address),
      bad("[::1", UrlError::bad_address),
      bad("[::1]x", UrlError::bad_address),
      bad("[::1].", UrlError::bad_address),
      bad("[fe80::1%25eth0]", UrlError::bad_address),
      bad("[fe80::1%eth0]", UrlError::bad_address),
      bad("[127.0.0.1]", UrlError::bad_address),
      bad("[example.com]", UrlError::bad_address),
      bad("[%3a%3a1]", UrlError::bad_address),
      bad("[v1.x]", UrlError::bad_address),
      bad("[::1]]", UrlError::bad_address),
      bad("[[::1]]", UrlError::bad_address),
      bad("::1", UrlError::bad_host),
      bad("::1]", UrlError::bad_host),
  });
}

TEST_CASE("a Host is reused without traces of the one before", "[rules][host]") {
  Host host;
  REQUIRE(parse_host("127.1", host).ok());
  REQUIRE(parse_host("example.com", host).ok());
  CHECK(host.kind == Host::Kind::name);
  CHECK(host.canonical_spelling);
  CHECK(host.address == IpAddress{});
  REQUIRE(parse_host("a b", host).failed());
  CHECK(host.text.empty());
}
