// What a head costs: find its end, parse it, write it on; and a ClientHello, a page. http_head_bench
// Prints the median of several rounds in nanoseconds per head. Budget: a browser's request parsed in 600 ns.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "proxy/core/http/body.h"
#include "proxy/core/pages/pages.h"
#include "proxy/core/tls/client_hello.h"

using namespace schoolgate;

namespace {

template <class Work>
void report(const char* what, std::size_t bytes, int times, Work work) {
  constexpr int rounds = 15;
  std::vector<double> ns;
  for (int round = 0; round < rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < times; ++i) work();
    const std::chrono::duration<double, std::nano> spent = std::chrono::steady_clock::now() - start;
    ns.push_back(spent.count() / times);
  }
  std::sort(ns.begin(), ns.end());
  std::printf("%-34s %5zu bytes  median %8.1f ns  best %8.1f ns\n", what, bytes, ns[rounds / 2], ns[0]);
}

void must(bool good) {
  if (!good) {
    std::fprintf(stderr, "http_head_bench: a sample does not parse\n");
    std::exit(1);
  }
}

constexpr std::string_view small_request =
    "GET http://www.example.vn/index.html HTTP/1.1\r\nHost: www.example.vn\r\nUser-Agent: bench\r\nAccept: "
    "*/*\r\n\r\n";
constexpr std::string_view browser_request =
    "GET http://www.truonghoc.example.vn/tin-tuc/2026/11/le-hoi-doc-sach-lan-thu-tu?utm_source=trang-chu "
    "HTTP/1.1\r\n"
    "Host: www.truonghoc.example.vn\r\nProxy-Connection: keep-alive\r\nUpgrade-Insecure-Requests: 1\r\n"
    "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/131.0.0.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n"
    "Referer: http://www.truonghoc.example.vn/\r\nAccept-Encoding: gzip, deflate\r\nAccept-Language: "
    "vi-VN,vi;q=0.9,en;q=0.8\r\n"
    "Cookie: session=3f9a0c1e77b24d5f; _ga=GA1.2.1234567890.1700000000\r\n\r\n";
constexpr std::string_view server_response =
    "HTTP/1.1 200 OK\r\nServer: nginx/1.24.0\r\nDate: Tue, 24 Nov 2026 08:00:00 GMT\r\nContent-Type: "
    "text/html; charset=utf-8\r\n"
    "Content-Length: 18231\r\nLast-Modified: Mon, 23 Nov 2026 10:00:00 GMT\r\nConnection: "
    "keep-alive\r\nETag: \"5f3c-4737\"\r\n"
    "Set-Cookie: session=3f9a0c1e77b24d5f; Path=/; HttpOnly\r\nCache-Control: max-age=60\r\nAccept-Ranges: "
    "bytes\r\n\r\n";

void bench_request(const char* name, std::string_view text) {
  RequestHead head;
  report((std::string(name) + ", find end").c_str(), text.size(), 200'000,
         [&] { must(find_head_end(text, 0) == text.size()); });
  report((std::string(name) + ", parse").c_str(), text.size(), 200'000,
         [&] { must(parse_request_head(text, head).ok()); });
  Url url;
  must(url.parse(head.target).ok());
  std::string out;
  report((std::string(name) + ", write").c_str(), text.size(), 200'000, [&] {
    out.clear();
    write_request_head(head, url, "gate", out);
    must(!out.empty());
  });
}

}  // namespace

int main() {
  bench_request("small request", small_request);
  bench_request("browser request", browser_request);
  ResponseHead response;
  std::string text, out;
  report("response, parse", server_response.size(), 200'000, [&] {
    text = server_response;
    must(parse_response_head(text, "GET", response).ok());
  });
  report("response, write", server_response.size(), 200'000, [&] {
    out.clear();
    write_response_head(response, "gate", "now", true, true, out);
    must(!out.empty());
  });
  const std::string chunk = "2000\r\n" + std::string(0x2000, 'x') + "\r\n";
  BodyReader reader;
  reader.start(Framing::chunked, 0);
  report("chunk of 8 KiB, read", chunk.size(), 200'000, [&] {
    for (std::string_view rest = chunk; !rest.empty();) {
      const auto step = reader.next(rest);
      must(step.status != BodyReader::Status::bad);
      rest.remove_prefix(step.consumed);
    }
  });
  std::ifstream file(std::string(SCHOOLGATE_SOURCE_DIR) + "/tests/proxy/core/data/chromium_hello.bin",
                     std::ios::binary);
  const std::string hello{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  ClientHello parsed;
  report("Chromium's ClientHello", hello.size(), 50'000,
         [&] { must(parse_client_hello(hello, parsed) == HelloStatus::ok); });
  RequestHead head;
  must(parse_request_head(browser_request, head).ok());
  PageRequest page;
  page.kind = PageKind::dns_fail;
  page.head = &head;
  std::size_t bytes = render_page(page, true).size();
  report("a page", bytes, 2'000, [&] { must(render_page(page, true).size() == bytes); });
}
