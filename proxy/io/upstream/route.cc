#include "proxy/io/upstream/route.h"

namespace schoolgate {

bool is_private_name(std::string_view name) noexcept {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return true;
  if (name == "home.arpa" || name.ends_with(".home.arpa")) return true;
  const std::string_view last = name.substr(dot + 1);
  for (const std::string_view suffix :
       {"localhost", "local", "internal", "intranet", "private", "corp", "home", "lan", "localdomain"})
    if (last == suffix) return true;
  return false;
}

Route route_beside_parent(const Host& host, std::uint16_t port, bool in_hosts_file,
                          const AddressPolicy& addresses, std::span<const LocalAddress> local) noexcept {
  if (host.is_address()) {
    switch (addresses.check(host.address, port, local)) {
      case AddressCheck::own:
        return Route::own;
      case AddressCheck::refused:
        return Route::refused;
      case AddressCheck::ok:
        break;
    }
    return classify(host.address) == AddressClass::global ? Route::parent : Route::direct;
  }
  if (in_hosts_file) return Route::direct;
  return is_private_name(host.text) ? Route::refused : Route::parent;
}

}  // namespace schoolgate
