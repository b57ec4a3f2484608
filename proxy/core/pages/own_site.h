// http://schoolgate.internal/ and our own address: which page, and what Continue does. No I/O.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/core/device_tests.h"
#include "proxy/core/grants.h"
#include "proxy/core/pages/pages.h"
#include "proxy/core/recent_verdicts.h"
#include "proxy/core/wishes.h"

namespace schoolgate {

// The school's certificate, for those who install it.
struct CaFacts {
  std::string fingerprint;  // SHA-256, "AB:CD:..."
  std::string pem, der;
};

struct OwnRequest {
  const PageRequest& page;  // snapshot, head, tier and time_ms; the rest is not looked at
  IpAddress client;
  std::string_view target;  // Url::target(), "/privacy?x"
  std::string_view body;  // of a POST, at most max_own_body bytes; longer ones are answered with bad_request
  std::string_view proxy_address;  // "192.168.1.1:3128", "[fd00::1]:3128": where this client reaches us
  const CaFacts* ca = nullptr;     // null: there is no authority
  Wishes* wishes = nullptr;        // null: nobody keeps wishes, and no form is shown
  // What would be decided of this client's request for the address now.
  std::function<Judged(const Url&)> judge = {};
  DeviceTests* tests = nullptr;  // null: there is no /test
};
inline constexpr std::size_t max_own_body = 64 * 1024;

// Of a request to our own site: no policy closes the pages that explain it.
[[nodiscard]] Verdict own_verdict() noexcept;

struct OwnAnswer {
  PageResponse page;
  // What its row says: own_verdict(), or `help` where the button of a help page was pressed, which nobody's
  // log but the safeguarding lead's may tell.
  Verdict verdict = own_verdict();
  // A button was pressed: Continue of a warning, an event for the log; or that of a help page (of_help()).
  std::optional<GrantSubject> granted = {};
  // Somebody said that a page was blocked wrongly, and it was written down: an event, without the client.
  struct Wished {
    WishAsk ask;
    WishReply reply;
  };
  std::optional<Wished> wished = {};
  std::string tested = {};  // JSON of an event `device_test`; "": there is none to write
};

//   GET  /            this client's tier and its refused pages of the last hour (not where `who` says
//   `shared`)
//   GET  /privacy /privacy/parents /setup /help
//   GET  /safety, /an-toan   what to do when something happens on the internet, by the reader's age
//   GET  /proxy.pac /wpad.dat   what browsers are told of the proxy (pac.h); under every name that leads here
//   GET  /ca /ca.crt /ca.der   the school's certificate and how to install it, where there is one
//   GET  /test        what this device shows of the filter (device_tests.h); with ?run=NONCE that run
//   GET  /w/CODE      for a day: a wish with its answer, or what was decided of a page
//   POST /continue    token and url: opens the category on that host, then a redirect to the page
//   POST /wish        token, url and reason: the page was blocked wrongly; then a redirect to /w/CODE
// Anything else is a 404. Threads: any.
[[nodiscard]] OwnAnswer answer_own(const OwnRequest& request, const RecentVerdicts& recent, Grants& grants,
                                   bool keep_alive);

// Parts of answer_own().
[[nodiscard]] PageResponse render_ca_page(const PageRequest& request, const CaFacts& ca, bool keep_alive);
[[nodiscard]] OwnAnswer answer_device_test(const OwnRequest& request, bool keep_alive);
[[nodiscard]] PageResponse ca_file(const PageRequest& request, std::string_view bytes, bool keep_alive);

// PageRequest::continue_token for the page about a verdict of `warn`; "" if nothing could be continued.
[[nodiscard]] std::string continue_token(const Grants& grants, const Policy& policy, const IpAddress& client,
                                         TierId tier, std::string_view host, const Verdict& verdict,
                                         std::int64_t now_ms);

// The same for the page of a match that helps.
[[nodiscard]] std::string help_token(const Grants& grants, const Snapshot& snapshot, const IpAddress& client,
                                     TierId tier, std::string_view host, const HelpMatch& help,
                                     std::int64_t now_ms);

// PageRequest::wish_token for the page about a verdict; "" if it is none that may be wished away, or small
// children read it, who ask their teacher.
[[nodiscard]] std::string wish_token(const Grants& grants, const Policy& policy, const IpAddress& client,
                                     TierId tier, std::string_view host, const Verdict& verdict,
                                     std::int64_t now_ms);

// The value of `name` in an application/x-www-form-urlencoded body, decoded; "" if absent or wrongly encoded.
[[nodiscard]] std::string form_value(std::string_view body, std::string_view name);

}  // namespace schoolgate
