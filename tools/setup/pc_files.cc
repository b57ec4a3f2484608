#include "tools/setup/pc_files.h"

#include <algorithm>
#include <optional>

#include "proxy/core/json_text.h"
#include "rules/bytes/sha256.h"

namespace schoolgate::tools {
namespace {

// A value of the registry: text, or a number.
struct RegistryValue {
  std::string key, name;
  std::optional<std::string> text;
  unsigned number = 0;
};

std::string with_windows_ends(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::string quoted_for_registry(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

// A URL that holds the script.
std::string script_url(const std::string& script) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string url = "data:application/x-ns-proxy-autoconfig,";
  for (const char c : script) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9'))
      url += c;
    else
      (url += '%').append({digits[byte >> 4], digits[byte & 15]});
  }
  return url;
}

std::string proxy_settings(const PcFacts& facts) {
  return JsonObject()
      .add("ProxyMode", "pac_script")
      .add("ProxyPacUrl", facts.pac_url)
      .add("ProxyPacMandatory", true)
      .text();
}

std::vector<RegistryValue> registry(const PcFacts& facts) {
  const std::string machine = "HKEY_LOCAL_MACHINE\\SOFTWARE\\", policies = machine + "Policies\\";
  std::vector<RegistryValue> all;
  for (const char* const browser : {"Google\\Chrome", "Microsoft\\Edge"}) {
    const std::string key = policies + browser;
    all.push_back({key, "ProxySettings", proxy_settings(facts)});
    all.push_back({key, "DnsOverHttpsMode", "off"});
    all.push_back({key, "BuiltInDnsClientEnabled", {}, 0});
    all.push_back({key, "QuicAllowed", {}, 0});
    if (!facts.keep_hidden_names) all.push_back({key, "EncryptedClientHelloEnabled", {}, 0});
  }
  const std::string firefox = policies + "Mozilla\\Firefox";
  all.push_back({firefox + "\\Proxy", "Mode", "autoConfig"});
  all.push_back({firefox + "\\Proxy", "AutoConfigURL", script_url(facts.pac_script)});
  all.push_back({firefox + "\\Proxy", "Locked", {}, 1});
  all.push_back({firefox + "\\DNSOverHTTPS", "Enabled", {}, 0});
  all.push_back({firefox + "\\DNSOverHTTPS", "Locked", {}, 1});
  if (!facts.keep_hidden_names) all.push_back({firefox, "DisableEncryptedClientHello", {}, 1});
  all.push_back({firefox + "\\Certificates", "ImportEnterpriseRoots", {}, 1});
  all.push_back(
      {policies + "Microsoft\\Windows\\CurrentVersion\\Internet Settings", "ProxySettingsPerUser", {}, 0});
  all.push_back(
      {machine + "Microsoft\\Windows\\CurrentVersion\\Internet Settings", "AutoConfigURL", facts.pac_url});
  all.push_back({policies + "Microsoft\\Windows NT\\DNSClient", "DoHPolicy", {}, 1});  // 1: forbidden
  return all;
}

// `undo`: takes out these values and no other.
std::string registry_file(const std::vector<RegistryValue>& values, bool undo) {
  std::string text = "Windows Registry Editor Version 5.00\n", key;
  for (const RegistryValue& one : values) {
    if (one.key != key) text += "\n[" + one.key + "]\n";
    key = one.key;
    text += quoted_for_registry(one.name) + "=";
    if (undo)
      text += "-";
    else if (one.text)
      text += quoted_for_registry(*one.text);
    else
      text += "dword:0000000" + std::to_string(one.number);
    text += "\n";
  }
  return with_windows_ends(text);
}

// The certificate goes in only where it is the one whose fingerprint stands here.
std::string power_shell(const PcFacts& facts, bool undo) {
  std::string text =
      "#Requires -RunAsAdministrator\n"
      "$ErrorActionPreference = 'Stop'\n";
  text += std::string("reg.exe import \"$PSScriptRoot\\schoolgate") + (undo ? "-undo" : "") + ".reg\"\n" +
          "if ($LASTEXITCODE -ne 0) { throw 'reg import' }\n";
  if (!facts.pem.empty()) {
    text += "$wanted = '" + facts.fingerprint +
            "'\n"
            "function Fingerprint($certificate) {\n"
            "  $sha = [System.Security.Cryptography.SHA256]::Create()\n"
            "  [BitConverter]::ToString($sha.ComputeHash($certificate.RawData)).Replace('-', ':')\n"
            "}\n";
    if (undo)
      text +=
          "Get-ChildItem Cert:\\LocalMachine\\Root | Where-Object { (Fingerprint $_) -eq $wanted } | "
          "Remove-Item\n";
    else
      text +=
          "$file = \"$PSScriptRoot\\..\\schoolgate-ca.crt\"\n"
          "$certificate = New-Object System.Security.Cryptography.X509Certificates.X509Certificate2($file)\n"
          "if ((Fingerprint $certificate) -ne $wanted) { throw \"another certificate: $file\" }\n"
          "Import-Certificate -FilePath $file -CertStoreLocation Cert:\\LocalMachine\\Root | Out-Null\n";
  }
  return with_windows_ends(text + "Write-Output 'done'\n");
}

// The base64 of a PEM file, on one line.
std::string pem_body(const std::string& pem) {
  std::string body;
  bool inside = false;
  for (std::size_t at = 0; at < pem.size();) {
    const std::size_t end = std::min(pem.find('\n', at), pem.size());
    const std::string line = pem.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("-----END")) break;
    if (inside) body += line;
    if (line.starts_with("-----BEGIN")) inside = true;
  }
  return body;
}

std::string chromium(const PcFacts& facts) {
  JsonObject json;
  json.raw("ProxySettings", proxy_settings(facts)).add("DnsOverHttpsMode", "off");
  json.add("BuiltInDnsClientEnabled", false).add("QuicAllowed", false);
  if (!facts.keep_hidden_names) json.add("EncryptedClientHelloEnabled", false);
  if (!facts.pem.empty()) json.add("CACertificates", JsonArray().add(pem_body(facts.pem)));
  return json.text() + "\n";
}

std::string firefox(const PcFacts& facts) {
  JsonObject proxy, doh, quic, preferences, policies;
  proxy.add("Mode", "autoConfig").add("AutoConfigURL", script_url(facts.pac_script)).add("Locked", true);
  doh.add("Enabled", false).add("Locked", true);
  quic.add("Value", false).add("Status", "locked");
  preferences.add("network.http.http3.enable", quic);
  policies.add("Proxy", proxy).add("DNSOverHTTPS", doh).add("Preferences", preferences);
  if (!facts.keep_hidden_names) policies.add("DisableEncryptedClientHello", true);
  if (!facts.pem.empty()) {
    JsonObject certificates;
    certificates.add("ImportEnterpriseRoots", true);
    certificates.add("Install", JsonArray().add("/usr/local/share/ca-certificates/schoolgate-ca.crt"));
    policies.add("Certificates", certificates);
  }
  return JsonObject().add("policies", policies).text() + "\n";
}

std::string xml_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else
      out += c;
  }
  return out;
}

// The same for the same school and purpose, so that a newer profile takes the place of an older one.
std::string uuid_of(const std::string& what) {
  const std::string hex = to_hex(sha256("schoolgate profile " + what));
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-8" + hex.substr(17, 3) +
         "-" + hex.substr(20, 12);
}

std::string plist_text(const char* key, const std::string& value) {
  return std::string("<key>") + key + "</key><string>" + xml_text(value) + "</string>\n";
}

std::string payload(const char* type, const PcFacts& facts, const std::string& inner) {
  const std::string what = std::string(type) + " " + facts.school;
  return "<dict>\n" + plist_text("PayloadType", type) +
         plist_text("PayloadIdentifier", "schoolgate." + uuid_of(what)) +
         plist_text("PayloadUUID", uuid_of(what)) + plist_text("PayloadDisplayName", "Schoolgate") +
         "<key>PayloadVersion</key><integer>1</integer>\n" + inner + "</dict>\n";
}

// `supervised`: with the global proxy, which other devices refuse.
std::string apple(const PcFacts& facts, bool supervised) {
  std::string payloads;
  if (!facts.pem.empty())
    payloads += payload("com.apple.security.root", facts,
                        "<key>PayloadContent</key><data>" + pem_body(facts.pem) + "</data>\n");
  const std::string pac = plist_text("ProxyType", "Auto") + plist_text("ProxyPACURL", facts.pac_url);
  if (supervised)
    payloads +=
        payload("com.apple.proxy.http.global", facts, pac + "<key>ProxyCaptiveLoginAllowed</key><false/>\n");
  if (!facts.wifi.empty())
    payloads += payload("com.apple.wifi.managed", facts,
                        plist_text("SSID_STR", facts.wifi) + plist_text("EncryptionType", "Any") + pac +
                            "<key>AutoJoin</key><true/>\n<key>HIDDEN_NETWORK</key><false/>\n");
  const std::string what = std::string("profile ") + (supervised ? "supervised " : "") + facts.school;
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
         "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
         "<plist version=\"1.0\">\n<dict>\n" +
         plist_text("PayloadType", "Configuration") +
         plist_text("PayloadIdentifier", "schoolgate." + uuid_of(what)) +
         plist_text("PayloadUUID", uuid_of(what)) +
         plist_text("PayloadDisplayName", "Schoolgate: " + facts.school) +
         "<key>PayloadVersion</key><integer>1</integer>\n<key>PayloadContent</key>\n<array>\n" + payloads +
         "</array>\n</dict>\n</plist>\n";
}

std::string workspace(const PcFacts& facts) {
  std::string text =
      "Admin console,Value\n"
      "Devices > Chrome > Settings > Proxy mode,Always use the proxy auto-config specified below\n"
      "Devices > Chrome > Settings > Proxy server auto configuration file URL," +
      facts.pac_url +
      "\n"
      "Devices > Chrome > Settings > DNS-over-HTTPS,Disable DNS-over-HTTPS\n"
      "Devices > Chrome > Settings > Built-in DNS client,Never use the built-in DNS client\n"
      "Devices > Chrome > Settings > QUIC protocol,Disabled\n";
  if (!facts.keep_hidden_names) text += "Devices > Chrome > Settings > TLS encrypted ClientHello,Disable\n";
  if (!facts.pem.empty())
    text += "Devices > Networks > Certificates,\"upload schoolgate-ca.crt, for Chromebooks; SHA-256 " +
            facts.fingerprint + "\"\n";
  return text +
         "Apps > Additional Google services > YouTube,\"Strict restricted access: once a pupil is signed in "
         "this beats what "
         "the network says\"\n";
}

std::string explanation(const PcFacts& facts) {
  std::string text =
      "Chỉ cho thiết bị của trường. Điện thoại và máy riêng không bao giờ cài chứng chỉ này: hãy so dấu vân "
      "tay trước.\n"
      "For the school's own devices alone. A private phone or computer never installs the certificate: "
      "compare its\n"
      "fingerprint first.\n\n";
  text += "PAC: " + facts.pac_url + "\n";
  text += facts.pem.empty() ? "Chưa có chứng chỉ / no certificate yet: schoolgate ca create\n"
                            : "SHA-256: " + facts.fingerprint + "\n";
  return text +
         "\n"
         "windows/schoolgate.ps1         PowerShell, quyền quản trị / as administrator; gỡ / undo: "
         "schoolgate-undo.ps1\n"
         "windows/schoolgate.reg         chỉ registry / the registry alone; gỡ / undo: schoolgate-undo.reg\n"
         "chromium/schoolgate.json       /etc/chromium/policies/managed/, /etc/opt/chrome/policies/managed/\n"
         "firefox/policies.json          /etc/firefox/policies/, hoặc / or distribution/ cạnh / beside "
         "firefox.exe\n"
         "schoolgate-ca.crt              Linux: /usr/local/share/ca-certificates/, update-ca-certificates\n"
         "apple/schoolgate.mobileconfig  iPad, Mac; supervised.mobileconfig: chỉ máy được giám sát / "
         "supervised ones\n"
         "google-workspace.csv           giá trị cho trang quản trị / values for the admin console\n"
         "\n"
         "Firefox mang sẵn nội dung PAC (không tải được PAC thì Firefox bỏ qua proxy): đổi `pac:` thì tạo "
         "lại các tệp "
         "này.\n"
         "Firefox has the PAC's text itself (one that cannot fetch a PAC goes past the proxy): after a "
         "change of "
         "`pac:` make\n"
         "these files anew.\n"
         "\n"
         "Cốc Cốc: chưa biết nơi đặt chính sách; nó theo proxy của Windows.\n"
         "Cốc Cốc: where it looks for policies is not known; it follows the proxy of Windows.\n"
         "Tệp của Windows, Apple và Workspace theo tài liệu của hãng, chưa thử trên máy thật.\n"
         "What is for Windows, Apple and Workspace follows the makers' documents; it was not tried on such "
         "machines.\n";
}

}  // namespace

std::vector<PcFile> pc_files(const PcFacts& facts) {
  const std::vector<RegistryValue> values = registry(facts);
  std::vector<PcFile> all{
      {"README.txt", explanation(facts)},
      {"windows/schoolgate.reg", registry_file(values, false)},
      {"windows/schoolgate-undo.reg", registry_file(values, true)},
      {"windows/schoolgate.ps1", power_shell(facts, false)},
      {"windows/schoolgate-undo.ps1", power_shell(facts, true)},
      {"chromium/schoolgate.json", chromium(facts)},
      {"firefox/policies.json", firefox(facts)},
      {"apple/supervised.mobileconfig", apple(facts, true)},
      {"google-workspace.csv", workspace(facts)},
  };
  if (!facts.pem.empty() || !facts.wifi.empty())
    all.push_back({"apple/schoolgate.mobileconfig", apple(facts, false)});
  if (!facts.pem.empty()) all.push_back({"schoolgate-ca.crt", facts.pem});
  return all;
}

}  // namespace schoolgate::tools
