// A small school made in memory, and every page in every voice: for the tests that look at all pages, and for
// the eye (core_test "[.gallery]" writes them to the folder named by SCHOOLGATE_GALLERY).
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "config/snapshot.h"
#include "proxy/core/pages/own_site.h"
#include "proxy/core/pages/pages.h"

namespace schoolgate::testing {

inline constexpr CategoryId gambling = 0, drugs = 1, csam = 2, streaming = 3;
inline constexpr TierId mam_non = 0, tieu_hoc = 1, thcs = 2, giao_vien = 3, khach = 4;
inline constexpr std::int64_t gallery_time_ms = 1'795'507'200'000;  // 2026-11-24 08:00 UTC, 15:00 in Viet Nam

inline Category make_category(std::string id, std::string vi, std::string en, std::string why_vi,
                              std::string why_en, Category::ShowName show) {
  Category category;
  category.id = std::move(id);
  category.name_vi = std::move(vi);
  category.name_en = std::move(en);
  category.reason_vi = std::move(why_vi);
  category.reason_en = std::move(why_en);
  category.show_name = show;
  return category;
}

inline Tier make_tier(std::string id, std::string vi, std::string en, Voice voice, bool pupils) {
  Tier tier;
  tier.id = std::move(id);
  tier.name_vi = std::move(vi);
  tier.name_en = std::move(en);
  tier.voice = voice;
  tier.pupils = pupils;
  tier.default_action = Action::allow;
  tier.warn_without_page = pupils ? WarnWithoutPage::block : WarnWithoutPage::allow_and_record;
  tier.effects.assign(4, CategoryEffect{Effect{Action::block, {}}, {0, 3}, true});
  tier.effects[streaming].effect.action = Action::warn;
  return tier;
}

inline std::shared_ptr<const Snapshot> gallery_school(Language language = Language::vi) {
  using Show = Category::ShowName;
  PolicySpec spec;
  spec.categories = {
      make_category("gambling", "Cờ bạc, cá cược", "Gambling",
                    "Cờ bạc trên mạng là trái pháp luật và làm nhiều gia đình mất tiền.",
                    "Online gambling is illegal and costs many families their money.", Show::yes),
      make_category("drugs", "Ma túy", "Drugs", "Ma túy gây nghiện và hủy hoại sức khỏe.",
                    "Drugs are addictive and ruin health.", Show::older),
      make_category("csam", "Tài liệu xâm hại", "Abuse material", "Bị pháp luật cấm.", "Forbidden by law.",
                    Show::no),
      make_category("streaming", "Xem phim, xem video", "Video streaming",
                    "Xem phim trong giờ học làm chậm mạng của cả lớp.",
                    "Watching films during lessons slows the network down for the whole class.", Show::yes)};
  spec.tiers = {
      make_tier("mam_non", "Mầm non", "Kindergarten", Voice::small_children, true),
      make_tier("tieu_hoc", "Tiểu học (lớp 1-5)", "Primary school (grades 1-5)", Voice::small_children, true),
      make_tier("thcs", "Trung học cơ sở (lớp 6-9)", "Lower secondary (grades 6-9)", Voice::pupils, true),
      make_tier("giao_vien", "Giáo viên, nhân viên", "Teachers and staff", Voice::adults, false),
      make_tier("khach", "Khách", "Guests", Voice::adults, true)};
  spec.unknown_tier = tieu_hoc;
  auto policy = Policy::compile(std::move(spec));
  if (!policy) throw std::logic_error(policy.error().message.english());
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->revision = 7;
  snapshot->policy = *policy;
  snapshot->sources = {"tiers.d/giao_vien.yaml"};
  snapshot->config.school = {
      "Trường THCS Nguyễn Du", "Asia/Ho_Chi_Minh",        language, "cô Mai", "phòng 12",
      "0243 123 456",          "thầy Nam (phòng Tin học)"};
  snapshot->config.hotlines = {
      {"111", "Tổng đài bảo vệ trẻ em", "Child protection hotline", "111", "24/7", "miễn phí", "",
       "http://tongdai111.vn"},
      {"vn_cop", "Bảo vệ trẻ em trên mạng", "Child online protection", "0796 863 111", "", "", "", ""}};
  return snapshot;
}

inline Verdict verdict_of(Action action, Reason reason, CategoryId category = no_category) {
  Verdict verdict;
  verdict.action = action;
  verdict.reason = reason;
  verdict.layer = reason == Reason::category ? Layer::category : Layer::explicit_line;
  verdict.category = category;
  verdict.rule = {0, 12};
  return verdict;
}

inline RequestHead browser_head(std::string_view language = "vi-VN,vi;q=0.9,en;q=0.8") {
  RequestHead head;
  head.method = "GET";
  head.fields = {{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}, {"Accept-Language", language}};
  return head;
}

struct GalleryPage {
  std::string name, response;
};

inline std::vector<GalleryPage> page_gallery(Language language) {
  const auto school = gallery_school(language);
  const std::string suffix = language == Language::en ? "-en" : "-vi";
  const RequestHead head = browser_head(language == Language::en ? "en-US" : "vi");
  std::vector<GalleryPage> pages;
  PageRequest request;
  request.snapshot = school.get();
  request.head = &head;
  request.decision = 0x1234567890;
  request.time_ms = gallery_time_ms;
  request.url =
      "http://choi-bai-doi-thuong.example/khuyen-mai/nap-lan-dau?ma=HELLO&nguon=facebook&campaign=2026";
  request.host = "choi-bai-doi-thuong.example";
  request.continue_token = "1795507200000~streaming~phim.example~00ff";
  const auto add = [&](std::string name, PageKind kind, TierId tier, const Verdict* verdict) {
    request.kind = kind;
    request.tier = tier;
    request.verdict = verdict;
    pages.push_back({std::move(name) + suffix, render_page(request, true)});
  };
  const struct {
    const char* name;
    PageKind kind;
    Verdict verdict;
  } verdicts[] = {
      {"block", PageKind::block, verdict_of(Action::block, Reason::category, gambling)},
      {"locked", PageKind::block_locked, verdict_of(Action::block, Reason::locked_category, csam)},
      {"default", PageKind::block_default, verdict_of(Action::block, Reason::tier_default)},
      {"line", PageKind::block_line, verdict_of(Action::block, Reason::host_line)},
      {"room_off", PageKind::block_room_off, verdict_of(Action::block, Reason::room_off)},
      {"room_only", PageKind::block_room_only, verdict_of(Action::block, Reason::room_only)},
      {"search", PageKind::block_search, verdict_of(Action::block, Reason::search_term, gambling)},
      {"unsafe_search", PageKind::block_unsafe_search, verdict_of(Action::block, Reason::unsafe_search)},
      {"warn", PageKind::warn, verdict_of(Action::warn, Reason::category, streaming)},
      {"help", PageKind::help, verdict_of(Action::help, Reason::category, drugs)},
  };
  for (const auto& row : verdicts)
    for (TierId tier = 0; tier < 5; ++tier)
      add(std::string(row.name) + "-" + school->policy->tiers()[tier].id, row.kind, tier, &row.verdict);
  for (int kind = static_cast<int>(PageKind::bad_request); kind <= static_cast<int>(PageKind::no_server_name);
       ++kind) {
    request.detail = "example_detail";
    request.port = 8443;
    add("error-" + std::to_string(kind), static_cast<PageKind>(kind), thcs, nullptr);
  }
  request.detail = {};
  request.tier = thcs;
  std::vector<PastVerdict> past;
  for (const auto& row : verdicts) {
    if (row.kind == PageKind::help) continue;
    past.push_back({gallery_time_ms - 60'000 * static_cast<std::int64_t>(past.size()),
                    0x42424242 + past.size(), row.verdict, thcs, std::string(request.url),
                    row.kind == PageKind::warn ? "1~streaming~a.vn~00" : ""});
  }
  pages.push_back({"own" + suffix, render_own_page(request, past, true).text});
  pages.push_back({"own-empty" + suffix, render_own_page(request, {}, true).text});
  const auto add_own = [&](const std::string& name, OwnPage page) {
    pages.push_back({"own-" + name + suffix, render_own_page(request, page, "192.168.1.1:3128", true).text});
  };
  add_own("parents", OwnPage::parents);
  add_own("setup", OwnPage::setup);
  add_own("expired", OwnPage::expired);
  add_own("missing", OwnPage::missing);
  for (const TierId tier : {tieu_hoc, thcs, giao_vien}) {
    request.tier = tier;
    const std::string id = "-" + school->policy->tiers()[tier].id;
    add_own("privacy" + id, OwnPage::privacy);
    add_own("help" + id, OwnPage::help);
    add_own("safety" + id, OwnPage::safety);
  }
  request.tier = thcs;
  RecentVerdicts past_ones(1, 1);
  Grants grants(std::string(32, 'k'));
  DeviceTests tests(std::string(32, 'k'));
  const IpAddress tested_device = IpAddress::v4(0x0a000005);
  const auto device_page = [&](const std::string& name, std::string_view target) {
    const OwnRequest asked{.page = request,
                           .client = tested_device,
                           .target = target,
                           .body = {},
                           .proxy_address = "192.168.1.1:3128",
                           .tests = &tests};
    pages.push_back({"own-test-" + name + suffix, answer_own(asked, past_ones, grants, true).page.text});
  };
  const std::string nonce = tests.begin(tested_device, request.time_ms), run = "/test?run=" + nonce;
  request.time_ms += DeviceTests::settled_ms;
  tests.note(tested_device, {Probe::by_address, nonce}, ProbeWay::gateway, true, request.time_ms);
  tests.note(tested_device, {Probe::blocked_page, nonce}, ProbeWay::gateway, true, request.time_ms);
  tests.note(tested_device, {Probe::allowed_page, nonce}, ProbeWay::gateway, false, request.time_ms);
  device_page("failed", run);
  tests.note(tested_device, {Probe::blocked_secure, nonce}, ProbeWay::gateway, true, request.time_ms);
  device_page("passed", run);
  return pages;
}

}  // namespace schoolgate::testing
