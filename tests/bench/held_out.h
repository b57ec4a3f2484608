// URLs unlike those of the trace, so that nothing is fitted to it: hosts from the lists, made-up ones and a
// few names of our own; longer paths and queries than the trace has. The same every time.
#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace schoolgate::bench {

class HeldOut {
 public:
  // `listed` are host names of the lists.
  explicit HeldOut(const std::vector<std::string>& listed) : listed_(listed) {}

  std::string host() {
    static const char* const own[] = {"thuvien.truong-a.edu.vn", "mail.so-gd.gov.vn", "static.bao-ngay.vn",
                                      "cdn.hoc-lieu.net",        "api.lop-hoc.app",   "img.truyen-tranh.org"};
    const std::size_t kind = at_most(9);
    if (kind < 3 && !listed_.empty()) {  // listed, or below what is listed
      const std::string& name = listed_[at_most(listed_.size() - 1)];
      return kind == 0 ? word() + "." + name : name;
    }
    if (kind < 6) return own[at_most(std::size(own) - 1)];
    static const char* const endings[] = {".com", ".vn", ".com.vn", ".net", ".org", ".io", ".edu.vn"};
    return (kind == 6 ? "www." : word() + ".") + word() + word() + endings[at_most(std::size(endings) - 1)];
  }

  std::string url() {
    std::string text = at_most(9) == 0 ? "http://" : "https://";
    text += host();
    for (std::size_t n = 1 + at_most(4); n > 0; --n) {
      text += '/' + word();
      if (at_most(3) == 0) text += '-' + number();
    }
    static const char* const kinds[] = {"", "/", ".html", ".js", ".min.css", ".webp", ".json", ".php"};
    text += kinds[at_most(std::size(kinds) - 1)];
    if (at_most(2) != 0) return text;
    char before = '?';
    for (std::size_t n = 1 + at_most(5); n > 0; --n, before = '&')
      text += before + word() + '=' + (at_most(3) == 0 ? escaped() : at_most(1) == 0 ? number() : token());
    return text;
  }

 private:
  std::size_t at_most(std::size_t n) { return random_() % (n + 1); }
  std::string word() {
    static const char* const parts[] = {"ba", "con", "di",  "ho", "lap", "me", "nha", "on", "ri",   "san",
                                        "te", "un",  "vie", "xa", "tr",  "ka", "st",  "el", "news", "img"};
    std::string text;
    for (std::size_t n = 2 + at_most(2); n > 0; --n) text += parts[at_most(std::size(parts) - 1)];
    return text;
  }
  std::string number() { return std::to_string(random_() % 10'000'000); }
  std::string token() {
    static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    for (std::size_t n = 8 + at_most(40); n > 0; --n) text += letters[at_most(63)];
    return text;
  }
  std::string escaped() {
    static const char* const escapes[] = {"%20", "%2F", "%C3%A1", "%E1%BB%91", "%3A"};
    std::string text;
    for (std::size_t n = 1 + at_most(3); n > 0; --n)
      text += word() + escapes[at_most(std::size(escapes) - 1)];
    return text;
  }

  const std::vector<std::string>& listed_;
  std::mt19937_64 random_{20};
};

}  // namespace schoolgate::bench
