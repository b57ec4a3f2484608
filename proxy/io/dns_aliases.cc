#include "proxy/io/dns_aliases.h"

#include <ares.h>
#include <arpa/nameser.h>

#include <algorithm>

namespace schoolgate {
namespace {

constexpr int header_size = 12, question_tail = 4, record_head = 10;

int u16_at(const unsigned char* bytes) noexcept {
  return bytes[0] << 8 | bytes[1];
}

// Reads the name at `at` and moves past it; false if it is malformed.
bool read_name(const unsigned char* message, int length, const unsigned char*& at, std::string& name) {
  char* text = nullptr;
  long size = 0;
  if (ares_expand_name(at, message, length, &text, &size) != ARES_SUCCESS) return false;
  name = text;
  ares_free_string(text);
  at += size;
  return true;
}

}  // namespace

bool add_dns_aliases(const unsigned char* message, int length, std::vector<std::string>& aliases) {
  if (length < header_size) return false;
  const unsigned char* at = message + header_size;
  const unsigned char* const end = message + length;
  std::string name;
  for (int questions = u16_at(message + 4); questions > 0; --questions) {
    if (!read_name(message, length, at, name) || end - at < question_tail) return false;
    at += question_tail;
  }
  for (int answers = u16_at(message + 6); answers > 0; --answers) {
    if (!read_name(message, length, at, name) || end - at < record_head) return false;
    const int type = u16_at(at), size = u16_at(at + 8);
    at += record_head;
    if (end - at < size) return false;
    const unsigned char* data = at;
    at += size;
    if (type != ns_t_cname) continue;
    if (!read_name(message, length, data, name) || data != at) return false;
    if (std::find(aliases.begin(), aliases.end(), name) != aliases.end()) continue;
    if (aliases.size() == max_aliases) return false;
    aliases.push_back(name);
  }
  return true;
}

}  // namespace schoolgate
