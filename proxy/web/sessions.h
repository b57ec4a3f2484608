// Who is signed in, and who may try. In memory alone: a restart of the pages asks everybody again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/core/mutex.h"

namespace schoolgate::web {

inline constexpr std::int64_t idle_ms = 30 * 60 * 1000;
inline constexpr std::int64_t longest_ms = 10 * 60 * 60 * 1000;
inline constexpr std::size_t most_sessions = 2000;

struct Session {
  std::string account;
  std::uint32_t generation = 0;    // the account's at sign-in: another one ends the session
  std::string csrf;                // what each form of this session carries
  std::string new_totp;            // a secret that is shown and not yet confirmed
  std::int64_t clients_until = 0;  // steady ms: until then the log shows pseudonyms, for the reason given
  // What became of a form, for the page that its answer leads to: shown once, there and nowhere else.
  std::string told_at;  // its path
  std::string told;     // HTML of ours
};

// Moments are of a steady clock, in milliseconds. Threads: any.
class Sessions {
 public:
  // `secret`: 64 hex digits of random; what the cookie holds. Only its digest is kept. Where all places are
  // taken the one idle longest ends.
  void begin(const std::string& secret, Session session, std::int64_t now_ms);
  // Touches it. Nullopt: none, or it has ended.
  [[nodiscard]] std::optional<Session> find(std::string_view secret, std::int64_t now_ms);
  void change(std::string_view secret, const Session& session);
  void end(std::string_view secret);
  void end_all_of(const std::string& account);

 private:
  struct Kept {
    Session session;
    std::int64_t begun_ms = 0, seen_ms = 0;
  };
  Mutex mutex_;
  std::map<std::string, Kept> kept_ SG_GUARDED_BY(mutex_);  // by the secret's SHA-256, hex
};

// After five failures in a row each further one makes its account, and its address, wait twice as long: 1 s
// up to 5 minutes. Names that nobody has wait as others do. Threads: any.
class SignInLimit {
 public:
  // How long until another try is looked at; 0 = now.
  [[nodiscard]] std::int64_t wait_ms(const std::string& account, const std::string& peer,
                                     std::int64_t now_ms);
  // True when this failure is the first one that makes wait: worth an event.
  [[nodiscard]] bool failed(const std::string& account, const std::string& peer, std::int64_t now_ms);
  void succeeded(const std::string& account, const std::string& peer);

 private:
  struct Tries {
    unsigned failures = 0;
    std::int64_t last_ms = 0, until_ms = 0;
  };
  void forget_old(std::int64_t now_ms) SG_REQUIRES(mutex_);
  Mutex mutex_;
  std::map<std::string, Tries> tries_ SG_GUARDED_BY(mutex_);  // "a NAME", "p ADDRESS"
};

}  // namespace schoolgate::web
