#include "proxy/io/upstream/dns_aliases.h"

#include <arpa/nameser.h>

#include <algorithm>

namespace schoolgate {
namespace {

constexpr int header_size = 12, question_tail = 4, record_head = 10;
constexpr int max_name_bytes = 255;  // RFC 1035 2.3.4, as sent
constexpr int max_pointers = 64;     // in one name

int u16_at(const unsigned char* bytes) noexcept {
  return bytes[0] << 8 | bytes[1];
}

// As in zone files: what is no letter of a host name as "\ddd". (RFC 1035 5.1)
void append_label(const unsigned char* label, int size, std::string& name) {
  if (!name.empty()) name.push_back('.');
  for (const unsigned char* c = label; c < label + size; ++c) {
    const bool plain = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ||
                       *c == '-' || *c == '_';
    if (plain) {
      name.push_back(static_cast<char>(*c));
    } else {
      name.push_back('\\');
      for (const int digit : {*c / 100, *c / 10 % 10, *c % 10})
        name.push_back(static_cast<char>('0' + digit));
    }
  }
}

// Reads the name at `at` and moves past it (RFC 1035 4.1.4); false if it is malformed. (ares_expand_name()
// lets names be as long as the whole message, fifty times over.)
bool read_name(const unsigned char* message, const unsigned char* end, const unsigned char*& at,
               std::string& name) {
  name.clear();
  const unsigned char* here = at;
  const unsigned char* piece = at;  // pointers lead before this: so there is no ring
  bool jumped = false;
  for (int bytes = 1, pointers = 0; here < end;) {
    const int size = *here++;
    if (size == 0) {
      if (!jumped) at = here;
      return true;
    }
    if (size >= 0xc0) {
      if (here == end || ++pointers > max_pointers) return false;
      const unsigned char* target = message + ((size & 0x3f) << 8 | *here++);
      if (!jumped) at = here;
      jumped = true;
      if (target >= piece) return false;
      here = piece = target;
      continue;
    }
    bytes += size + 1;
    if (size >= 0x40 || end - here < size || bytes > max_name_bytes) return false;
    append_label(here, size, name);
    here += size;
  }
  return false;
}

}  // namespace

bool add_dns_aliases(const unsigned char* message, int length, std::vector<std::string>& aliases) {
  if (length < header_size) return false;
  const unsigned char* at = message + header_size;
  const unsigned char* const end = message + length;
  std::string name;
  for (int questions = u16_at(message + 4); questions > 0; --questions) {
    if (!read_name(message, end, at, name) || end - at < question_tail) return false;
    at += question_tail;
  }
  for (int answers = u16_at(message + 6); answers > 0; --answers) {
    if (!read_name(message, end, at, name) || end - at < record_head) return false;
    const int type = u16_at(at), size = u16_at(at + 8);
    at += record_head;
    if (end - at < size) return false;
    const unsigned char* data = at;
    at += size;
    if (type != ns_t_cname) continue;
    if (!read_name(message, end, data, name) || data != at) return false;
    if (std::find(aliases.begin(), aliases.end(), name) != aliases.end()) continue;
    if (aliases.size() == max_aliases) return false;
    aliases.push_back(name);
  }
  return true;
}

}  // namespace schoolgate
