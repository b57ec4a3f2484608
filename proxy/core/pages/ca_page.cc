// http://schoolgate.internal/ca: the school's certificate, and how a device is made to trust it.
#include "proxy/core/pages/embedded.h"
#include "proxy/core/pages/own_site.h"
#include "proxy/core/pages/page_parts.h"

namespace schoolgate {
namespace {

// The truth about this school: what the tier that opens most does.
std::string_view mode_key(const Policy& policy) noexcept {
  Https most = Https::names;
  bool few = false;
  for (const Tier& tier : policy.tiers()) {
    most = std::max(most, tier.https);
    few = few || !tier.inspect_only.empty();
  }
  if (most == Https::inspect) return "cert.mode_inspect";
  if (few) return "cert.mode_few";
  return most == Https::block_page ? "cert.mode_block_page" : "cert.mode_names";
}

std::string steps(const PageTexts& texts) {
  std::string html;
  for (const char* const system : {"cert.windows", "cert.macos", "cert.android", "cert.ios", "cert.chromeos",
                                   "cert.linux", "cert.firefox"})
    html += bullets(texts.list(system), {});
  return html;
}

}  // namespace

PageResponse render_ca_page(const PageRequest& request, const CaFacts& ca, bool keep_alive) {
  Document document{"own", {}, {}};
  for (std::size_t i = 0; i < both_languages.size(); ++i) {
    const PageTexts& texts = page_texts(both_languages[i]);
    Values values;
    for (const auto& [name, key] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
             {"own_device", "cert.own_device"},
             {"check", "cert.check"},
             {"files", "cert.files"},
             {"for_most", "cert.for_most"},
             {"for_der", "cert.for_der"},
             {"test", "cert.test"},
             {"remove", "cert.remove"}})
      values.set(name, texts.text(key));
    values.set("mode", texts.text(mode_key(*request.snapshot->policy)));
    values.set("fingerprint", ca.fingerprint);
    values.set("steps", steps(texts));
    Values card = card_values(request, both_languages[i]);
    document.titles[i] = texts.text("cert.title");
    card.set("title", document.titles[i]);
    card.set("picture", std::string(embedded_file("house.svg")));
    card.set("paragraphs",
             paragraphs(texts.list("cert.intro"), {}) + render_template(embedded_file("ca.html"), values));
    document.cards[i] = render_template(embedded_file("card.html"), card);
  }
  return own_response(request, document, 200, keep_alive);
}

PageResponse ca_file(const PageRequest& request, std::string_view bytes, bool keep_alive) {
  PageAnswer answer;
  answer.status = 200;
  answer.time_ms = request.time_ms;
  answer.content_type = "application/x-x509-ca-cert";
  answer.keep_alive = keep_alive;
  answer.head_only = request.head->method == "HEAD";
  return {answer.status, page_response(answer, bytes)};
}

}  // namespace schoolgate
