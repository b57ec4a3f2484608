#include "config/main/port_reader.h"

#include <charconv>
#include <cstdint>
#include <string_view>
#include <system_error>

namespace schoolgate {

std::optional<TunnelRules::Ports> read_ports(const YamlNode& node, const Reporter& report) {
  const auto text = read_text(node, report);
  if (!text) return std::nullopt;
  const auto number = [](std::string_view digits) -> std::optional<std::uint16_t> {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || value == 0) return std::nullopt;
    return value;
  };
  const std::string_view all = *text;
  const std::size_t dash = all.find('-');
  const auto first = number(all.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : number(all.substr(dash + 1));
  if (first && last && *first <= *last) return TunnelRules::Ports{*first, *last};
  report.error(diag::bad_number, node, say("\"{}\" is neither a port nor a range of ports", *text),
               say("for example 8080, or \"1024-65535\""));
  return std::nullopt;
}

}  // namespace schoolgate
