// Pages with the school's own words (pages.yaml): what they change, and what they cannot take away.
#include <catch2/catch.hpp>
#include <set>

#include "config/policy/page_words.h"
#include "proxy/core/log_record.h"
#include "proxy/core/pages/page_texts.h"
#include "tests/proxy/core/pages/gallery_school.h"

using namespace schoolgate;
using namespace schoolgate::testing;

namespace {

using Words = std::vector<std::string>;

std::string page_with(const PageWordsOf& vi, PageKind kind, TierId tier, std::string_view token = {},
                      std::string_view wish = {}) {
  auto school = std::make_shared<Snapshot>(*gallery_school());
  school->page_words.of(Language::vi) = vi;
  const Verdict verdict = verdict_of(Action::block, Reason::category, gambling);
  const RequestHead head = browser_head();
  PageRequest request;
  request.kind = kind;
  request.snapshot = school.get();
  request.head = &head;
  request.verdict = &verdict;
  request.tier = tier;
  request.decision = 0x1234567890;
  request.time_ms = gallery_time_ms;
  request.url = "http://a.vn/x";
  request.continue_token = token;
  request.wish_token = wish;
  request.room_only = "olm.vn";
  request.room_until = "09:30";
  return render_page(request, true);
}

bool holds(const std::string& page, std::string_view text) {
  return page.find(text) != std::string::npos;
}

std::set<std::string> places_of_texts(const Words& texts) {
  std::set<std::string> found;
  for (const std::string& text : texts)
    for (std::size_t at = text.find('{'); at != std::string::npos; at = text.find('{', at + 1))
      found.insert(text.substr(at + 1, text.find('}', at) - at - 1));
  return found;
}

constexpr PageKind of_verdicts[] = {
    PageKind::block,        PageKind::block_locked,        PageKind::block_default,
    PageKind::block_line,   PageKind::block_room_off,      PageKind::block_room_only,
    PageKind::block_search, PageKind::block_unsafe_search, PageKind::warn};

// As `of_verdicts`, by the names of pages.yaml.
constexpr std::string_view names_of_verdicts[] = {"block",        "block_locked",        "block_default",
                                                  "block_line",   "block_room_off",      "block_room_only",
                                                  "block_search", "block_unsafe_search", "warn"};

}  // namespace

TEST_CASE("small children do not ask; their teacher finds the form", "[core][pages][wishes]") {
  const std::string form = "action=\"http://schoolgate.internal/wish\"", folded = "Dành cho thầy cô";
  const std::string child = page_with({}, PageKind::block, tieu_hoc, {}, "token");
  REQUIRE(holds(child, form));
  CHECK(child.find(form) > child.find(folded));
  CHECK(holds(page_with({}, PageKind::block, thcs, {}, "token"), form));
  CHECK_FALSE(holds(page_with({}, PageKind::block, tieu_hoc, {}, ""), form));
}

TEST_CASE("school's words: every text that a school may write is one that pages show", "[core][page_words]") {
  for (const PageTextKind& kind : page_text_kinds())
    for (const Language language : {Language::vi, Language::en}) {
      const PageTexts& texts = page_texts(language);
      for (const std::string voice : {"small_children", "pupils", "adults"}) {
        const std::string key = std::string(kind.page) + "." + voice;
        INFO(key);
        REQUIRE(texts.has(kind.line ? key : key + ".title"));
        REQUIRE(texts.has(kind.line ? key : key + ".body"));
        // What ships keeps to the rules that hold for a school.
        const auto places = places_of_texts(texts.list(kind.line ? key : key + ".body"));
        for (const std::string& place : places)
          CHECK(std::find(kind.may.begin(), kind.may.end(), place) != kind.may.end());
        if (voice != "small_children")
          for (const std::string_view needed : kind.must) CHECK(places.contains(std::string(needed)));
      }
    }
}

TEST_CASE("school's words: for a voice, for a tier, in one language", "[core][page_words]") {
  const PageWordsOf words = {{"block.pupils.title", {"Không mở đâu"}},
                             {"block.khach.title", {"Chào khách"}},
                             {"block.khach.body", {"{reason}", "Mời hỏi văn phòng."}},
                             {"ask.pupils", {"Hỏi {it_contact} nhé."}}};
  const std::string pupils = page_with(words, PageKind::block, thcs);
  CHECK(holds(pupils, "<h1>Không mở đâu</h1>"));
  CHECK(holds(pupils, "Cờ bạc trên mạng là trái pháp luật"));    // the shipped body stays
  CHECK(holds(pupils, "This page cannot be opened at school"));  // the other language, too
  CHECK(holds(pupils, " nhé."));
  const std::string guests = page_with(words, PageKind::block, khach);
  CHECK(holds(guests, "<h1>Chào khách</h1>"));
  CHECK(holds(guests, "Mời hỏi văn phòng."));
  CHECK_FALSE(holds(page_with(words, PageKind::block, giao_vien), "Không mở đâu"));
  CHECK_FALSE(holds(page_with(words, PageKind::block_locked, thcs), "Không mở đâu"));
}

TEST_CASE("school's words: markup stands there as text", "[core][page_words]") {
  const PageWordsOf words = {
      {"block.pupils.title", {"<script>alert(1)</script>"}},
      {"block.pupils.body", {"{reason}", "<a href=\"javascript:x\">\xe2\x80\xae&amp;</a>{{code}}{{/facts}}"}},
      {"ask.pupils", {"</main><style>.code{display:none}</style>"}}};
  const std::string page = page_with(words, PageKind::block, thcs);
  CHECK_FALSE(holds(page, "<script>alert"));
  CHECK_FALSE(holds(page, "<a href=\"javascript"));
  CHECK_FALSE(holds(page, "</main><style>"));
  CHECK_FALSE(holds(page, "\xe2\x80\xae"));
  CHECK(holds(page, "&lt;script&gt;alert(1)&lt;/script&gt;"));
  CHECK(holds(page, "{{code}}") == false);
  // Around it the page is whole.
  CHECK(holds(page, decision_code(0x1234567890)));
}

TEST_CASE("school's words: no page loses its code, its button, its form or its links", "[core][page_words]") {
  for (std::size_t i = 0; i < std::size(of_verdicts); ++i)
    for (const TierId tier : {mam_non, tieu_hoc, thcs, giao_vien, khach})
      for (const std::string& text : Words{" ", "x", "<!--", "{", "}", "{reason}", "{{/facts}}"}) {
        const std::string base(names_of_verdicts[i]);
        CAPTURE(base, tier, text);
        PageWordsOf words;
        for (const std::string who : {"small_children", "pupils", "adults", "mam_non", "khach"}) {
          words[base + "." + who + ".title"] = {text};
          words[base + "." + who + ".body"] = {text};
          words["ask." + who] = {text};
        }
        const bool warns = of_verdicts[i] == PageKind::warn;
        const std::string page =
            page_with(words, of_verdicts[i], tier, warns ? "T~OKEN" : "", warns ? "" : "W~ISH");
        CHECK(holds(page, decision_code(0x1234567890)));
        CHECK(holds(page, "http://schoolgate.internal/"));
        CHECK(holds(page, "/an-toan"));
        CHECK(holds(page, "/privacy"));
        if (warns || tier > tieu_hoc) CHECK(holds(page, warns ? "T~OKEN" : "W~ISH"));
        if (warns) CHECK_FALSE(holds(page, "<button></button>"));
        CHECK_FALSE(holds(page, "<h1></h1>"));
      }
}

TEST_CASE("school's words: help keeps its number to call", "[core][page_words]") {
  auto school = std::make_shared<Snapshot>(*gallery_school());
  school->page_words.of(Language::vi) = {{"help.pupils.title", {"Chuyện của em"}},
                                         {"help.pupils.body", {"Gặp {safeguarding}."}}};
  const RequestHead head = browser_head();
  PageRequest request;
  request.snapshot = school.get();
  request.head = &head;
  request.tier = thcs;
  request.time_ms = gallery_time_ms;
  const std::string page = render_own_page(request, OwnPage::help, "", true).text;
  CHECK(holds(page, "<h1>Chuyện của em</h1>"));
  CHECK(holds(page, "Gặp "));
  CHECK(holds(page, "tel:111"));
  CHECK(holds(page, "You do not have to carry this alone"));
}
