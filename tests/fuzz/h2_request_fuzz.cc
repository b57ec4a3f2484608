// HTTP/2 header blocks: whatever fields come, what passes is one HTTP/1.1 head that says the same, and holds
// nothing that could be read as another message.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/core/http/h2_request.h"
#include "tests/fuzz/require.h"

using namespace schoolgate;

namespace {

struct Field {
  std::string name, value;
};

// "name=value" separated by 0xff; a leading ~ (M, S, A, P) stands for a pseudo-header, so that mutations meet
// them often.
std::vector<Field> fields_of(std::string_view input) {
  std::vector<Field> fields;
  while (!input.empty()) {
    const std::size_t end = std::min(input.find('\xff'), input.size());
    const std::string_view line = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    const std::size_t sign = std::min(line.find('='), line.size());
    Field field{std::string(line.substr(0, sign)), std::string(line.substr(std::min(sign + 1, line.size())))};
    if (field.name == "~M") field.name = ":method";
    if (field.name == "~S") field.name = ":scheme";
    if (field.name == "~A") field.name = ":authority";
    if (field.name == "~P") field.name = ":path";
    fields.push_back(std::move(field));
  }
  return fields;
}

void check_fields(const std::vector<Field>& fields, const RequestHead& head) {
  std::size_t at = 0;
  std::string cookie;
  for (const Field& field : fields) {
    if (field.name == ":method") require(head.method == field.value);
    if (field.name == ":path") {
      std::string escaped = field.value;
      require(escape_target_text(escaped).ok() && head.target == escaped);
    }
    if (field.name == ":authority") require(head.field("host") == field.value);
    if (field.name.front() == ':' || field.name == "host") continue;
    if (field.name == "cookie") {
      cookie += (cookie.empty() || field.value.empty() ? "" : "; ") + field.value;
      continue;
    }
    if (at == 0) at = 1;  // Host is first
    require(at < head.fields.size() && head.fields[at].name == field.name &&
            head.fields[at].value == field.value);
    ++at;
  }
  require(head.field("cookie") == cookie);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 16 * 1024) return 0;
  const bool ends = (data[0] & 1) != 0;
  const std::size_t limit = (data[0] & 2) != 0 ? 400 : 64 * 1024;
  const std::vector<Field> fields = fields_of({reinterpret_cast<const char*>(data) + 1, size - 1});
  H2RequestHead mapped(limit);
  for (const Field& field : fields) {
    mapped.add(field.name, field.value);
    static_cast<void>(valid_trailer(field.name, field.value));
  }
  if (const auto finished = mapped.finish(ends); finished.failed()) {
    require(finished.error().status >= 400 && !finished.error().what.empty());
    require(mapped.text().empty());
    return 0;
  }
  require(mapped.size() <= limit);
  const std::string& text = mapped.text();
  require(find_head_end(text, 0) == text.size());
  RequestHead head;
  if (parse_request_head(text, head).failed()) return 0;
  require(!hopeless_request(text));
  require(head.form == RequestHead::Form::origin || head.form == RequestHead::Form::asterisk);
  require(head.minor_version == 1 && head.keep_alive && !head.upgrade_websocket &&
          !head.connection_names_fields);
  require(!ends || (head.framing != Framing::chunked && head.content_length == 0));
  require(ends || head.framing == (mapped.chunked() ? Framing::chunked : Framing::length));
  check_fields(fields, head);
  return 0;
}
