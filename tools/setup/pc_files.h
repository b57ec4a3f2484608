// Files that set PCs and tablets of the school's own: the proxy by its PAC, no DNS over HTTPS, no QUIC, and
// the school's certificate. Pure.
#pragma once

#include <string>
#include <vector>

namespace schoolgate::tools {

struct PcFacts {
  std::string school;
  std::string pac_url;             // "http://192.168.20.1:3128/proxy.pac"
  std::string pac_script;          // what is fetched there
  std::string pem, fingerprint;    // of the school's certificate; "" = there is none
  bool keep_hidden_names = false;  // leave Encrypted ClientHello on
  std::string wifi;                // name of the school's Wi-Fi; "" = no Wi-Fi in the profile
};

struct PcFile {
  std::string name, text;  // relative: "windows/schoolgate.reg"
};

// Firefox has the script itself: where it cannot fetch one it goes past the proxy.
// Windows (registry, PowerShell, each with its undo), Firefox, Chromium and Chrome, Apple, values for Google
// Workspace, the certificate, and a page that says which is for what.
[[nodiscard]] std::vector<PcFile> pc_files(const PcFacts& facts);

}  // namespace schoolgate::tools
