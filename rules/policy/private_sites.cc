#include "rules/policy/private_sites.h"

#include <algorithm>

#include "rules/policy/policy.h"

namespace schoolgate {
namespace {

using enum PrivateKind;

constexpr PrivateSite shipped[] = {
    {"account.apple.com", sign_in},
    {"account.google.com", sign_in},
    {"account.live.com", sign_in},
    {"account.microsoft.com", sign_in},
    {"account.samsung.com", sign_in},
    {"account.xiaomi.com", sign_in},
    {"accounts.google.com", sign_in},
    {"accounts.google.com.vn", sign_in},
    {"accounts.youtube.com", sign_in},
    {"appleid.apple.com", sign_in},
    {"auth.openai.com", sign_in},
    {"calendar.google.com", mail},
    {"chat.google.com", meetings},
    {"classroom.google.com", files},
    {"contacts.google.com", mail},
    {"docs.google.com", files},
    {"drive.google.com", files},
    {"drive.usercontent.google.com", files},
    {"dropbox.com", files},
    {"gmail.com", mail},
    {"hangouts.google.com", meetings},
    {"icloud.com", files},
    {"id.zalo.me", sign_in},
    {"idmsa.apple.com", sign_in},
    {"keep.google.com", files},
    {"login.live.com", sign_in},
    {"login.microsoft.com", sign_in},
    {"login.microsoftonline.com", sign_in},
    {"login.windows.net", sign_in},
    {"login.yahoo.com", sign_in},
    {"mail.coccoc.com", mail},
    {"mail.google.com", mail},
    {"mail.live.com", mail},
    {"mail.yahoo.com", mail},
    {"meet.google.com", meetings},
    {"momo.vn", money},
    {"myaccount.google.com", sign_in},
    {"oauthaccountmanager.googleapis.com", sign_in},
    {"office.com", files},
    {"onedrive.live.com", files},
    {"outlook.com", mail},
    {"outlook.live.com", mail},
    {"outlook.office.com", mail},
    {"outlook.office365.com", mail},
    {"passwords.google.com", sign_in},
    {"pay.google.com", money},
    {"payments.google.com", money},
    {"paypal.com", money},
    {"photos.google.com", files},
    {"sharepoint.com", files},
    {"signin.aws.amazon.com", sign_in},
    {"takeout.google.com", files},
    {"teams.live.com", meetings},
    {"teams.microsoft.com", meetings},
    {"vnpay.vn", money},
    {"voice.google.com", meetings},
    {"webex.com", meetings},
    {"zalopay.vn", money},
    {"zoom.us", meetings},
};
static_assert(std::is_sorted(std::begin(shipped), std::end(shipped),
                             [](const PrivateSite& a, const PrivateSite& b) { return a.name < b.name; }));

// What the leftmost labels of a private host are called, ascending.
constexpr std::string_view private_labels[] = {
    "account", "accounts", "auth",      "bank",    "banking", "calendar", "cas",      "cloud",
    "docs",    "drive",    "email",     "files",   "id",      "imap",     "login",    "mail",
    "meet",    "meeting",  "myaccount", "oauth",   "pay",     "payment",  "payments", "pop",
    "signin",  "smtp",     "sso",       "storage", "vpn",     "wallet",   "webmail",
};
static_assert(std::is_sorted(std::begin(private_labels), std::end(private_labels)));

// Calls `is(suffix)` with the host and its parents, the longest first, until one is.
template <class Is>
bool some_suffix(std::string_view host, Is&& is) {
  for (;;) {
    if (is(host)) return true;
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos) return false;
    host.remove_prefix(dot + 1);
  }
}

}  // namespace

std::span<const PrivateSite> private_sites() noexcept {
  return shipped;
}

std::optional<PrivateKind> private_site(std::string_view host) noexcept {
  std::optional<PrivateKind> kind;
  some_suffix(host, [&kind](std::string_view name) {
    const auto* const at =
        std::lower_bound(std::begin(shipped), std::end(shipped), name,
                         [](const PrivateSite& site, std::string_view text) { return site.name < text; });
    if (at == std::end(shipped) || at->name != name) return false;
    kind = at->kind;
    return true;
  });
  return kind;
}

bool is_named_privately(std::string_view host) noexcept {
  return std::binary_search(std::begin(private_labels), std::end(private_labels),
                            host.substr(0, host.find('.')));
}

bool InspectOnly::holds(std::string_view host) const noexcept {
  if (empty() || private_site(host)) return false;
  if (std::binary_search(hosts.begin(), hosts.end(), host)) return true;
  if (below.empty() || is_named_privately(host)) return false;
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && some_suffix(host.substr(dot + 1), [this](std::string_view parent) {
           return std::binary_search(below.begin(), below.end(), parent);
         });
}

}  // namespace schoolgate
