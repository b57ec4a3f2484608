// Where words are typed: with what ships, a search for what no pupil may find is stopped wherever it stands
// in an address, and one for a lesson is not.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "tests/config/shipped.h"

namespace schoolgate {
namespace {

// "@" is where the words stand.
constexpr const char* places[] = {
    "https://www.google.com.vn/search?q=@",
    "https://www.google.com/complete/search?client=chrome&q=@",
    "https://www.bing.com/search?q=@",
    "https://www.bing.com/AS/Suggestions?qry=@&cvid=1",
    "https://www.youtube.com/results?search_query=@",
    "https://www.youtube.com/hashtag/@",
    "https://coccoc.com/search?query=@",
    "https://laban.vn/?q=@",
    "https://translate.google.com/?sl=vi&tl=en&text=@&op=translate",
    "https://translate.google.com.vn/?text=@",
    "https://vi.wiktionary.org/w/index.php?search=@",
    "https://www.tiktok.com/search?q=@",
    "https://www.tiktok.com/api/search/general/full/?keyword=@",
    "https://www.tiktok.com/tag/@",
    "https://www.tiktok.com/TAG/@?lang=vi",
    "https://www.tiktok.com/t%61g/@",
    "https://www.tiktok.com/discover/@",
    "https://www.facebook.com/search/top/?q=@",
    "https://m.facebook.com/hashtag/@",
    "https://www.instagram.com/explore/tags/@/",
    "https://www.threads.net/search?q=@",
    "https://x.com/search?q=@&src=typed_query",
    "https://twitter.com/hashtag/@",
    "https://www.reddit.com/search/?q=@",
    "https://www.pinterest.com/search/pins/?q=@",
    "https://www.quora.com/search?q=@",
    "https://www.tumblr.com/search/@",
    "https://shopee.vn/search?keyword=@",
    "https://www.lazada.vn/catalog/?q=@",
    "https://www.lazada.vn/tag/@/",
    "https://tiki.vn/search?q=@",
    "https://www.chotot.com/mua-ban?q=@",
    "https://timkiem.vnexpress.net/?q=@",
    "https://tuoitre.vn/tim-kiem.htm?keywords=@",
    "https://dantri.com.vn/tim-kiem/@.htm",
    "https://zingmp3.vn/tim-kiem/tat-ca?q=@",
    "https://soundcloud.com/search?q=@",
    "https://open.spotify.com/search/@",
    "https://search.bilibili.com/all?keyword=@",
    "https://www.roblox.com/discover/?Keyword=@",
    "https://store.steampowered.com/search/?term=@",
    "https://chatgpt.com/?q=@",
    "https://www.perplexity.ai/search?q=@",
};

class Searches {
 public:
  // Whether a rule of terms.yaml speaks, whatever lists say of the site.
  bool heard(const char* place, std::string_view words) {
    std::string text = place;
    text.replace(text.find('@'), 1, words);
    Url url;
    REQUIRE(url.parse(text).ok());
    const TierId tier = *shipped_.policy->find_tier("thcs");
    const Explanation why = judge_->explain({url, Stage::request, tier, *parse_local_time("T3 09:00"), {}});
    return std::any_of(why.steps.begin(), why.steps.end(), [&](const Step& step) {
      return shipped_.place(step.where).starts_with("terms.yaml:");
    });
  }

 private:
  const Snapshot& shipped_ = *test::shipped().snapshot;
  std::unique_ptr<Judge> judge_ = shipped_.make_judge();
};

TEST_CASE("words are heard wherever they are typed", "[config][defaults]") {
  Searches searches;
  for (const char* place : places) {
    CAPTURE(place);
    CHECK(searches.heard(place, "c%C3%A1%20%C4%91%E1%BB%99%20b%C3%B3ng%20%C4%91%C3%A1"));  // cá độ bóng đá
    CHECK(searches.heard(place, "cadobongda"));
    CHECK_FALSE(searches.heard(place, "gi%E1%BA%A3i%20to%C3%A1n%20l%E1%BB%9Bp%205"));  // giải toán lớp 5
  }
}

}  // namespace
}  // namespace schoolgate
