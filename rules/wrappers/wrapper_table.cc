#include "rules/wrappers/wrapper_table.h"

namespace schoolgate {
namespace {

using Form = WrapperForm;

constexpr std::string_view archive_today =
    "archive.ph archive.today archive.is archive.li archive.vn archive.fo archive.md";

constexpr Wrapper table[] = {
    // Translators
    {"translate.goog", Form::label},
    {"translate.google.<cc>", Form::query, "/", ",u,"},
    {"google.<cc>", Form::query, "/translate", ",u,"},
    {"google.<cc>", Form::query, "/website", ",u,"},
    {"translate.googleusercontent.com", Form::query, "/", ",u,"},
    {"bing.com", Form::query, "/translator", ",url,u,a,"},
    {"microsofttranslator.com translatetheweb.com translatoruser-int.com translatoruser.net", Form::query,
     "/", ",a,url,"},
    {"turbopages.org", Form::label_only},
    {"turbopages.org", Form::path},
    {"yandex.<cc> translate.yandex.<cc>", Form::query, "/translate", ",url,"},
    {"translate.yandex.<cc> translate.yandex.net", Form::query, "/", ",url,"},
    {"yandex.<cc>", Form::query, "/turbo", ",text,"},
    {"yandex.<cc>", Form::path, "/turbo/"},
    {"papago.naver.net papago.naver.com translate.naver.com", Form::query, "/", ",site,url,"},
    {"fanyi.baidu.com translate.baiducontent.com", Form::query, "/", ",query,url,"},
    {"youdao.com yodao.com", Form::query, "/", ",url,"},
    {"fanyi.sogou.com translate.sogou.com translate.sogoucdn.com", Form::query, "/", ",url,"},
    {"worldlingo.com", Form::query, "/", ",wl_url,url,"},
    {"systranet.com systransoft.com", Form::query, "/", ",url,"},
    {"online-translator.com translate.ru", Form::query, "/", ",url,"},
    {"excite.co.jp", Form::query, "/world", ",wb_url,"},
    // AMP and pages made light
    {"cdn.ampproject.org bing-amp.com", Form::label_only},
    {"cdn.ampproject.org bing-amp.com", Form::path},
    {"google.<cc>", Form::path, "/amp/"},
    {"bing.com", Form::path, "/amp/"},
    {"google.<cc>", Form::query, "/gwt/", ",u,"},
    {"googleweblight.com", Form::query, "/", ",u,lite_url,"},
    // Archives and caches
    {"web.archive.org wayback.archive.org", Form::path, "/web/"},
    {"web.archive.org wayback.archive.org", Form::path, "/save/"},
    {"web.archive.org wayback.archive.org wayback-api.archive.org", Form::query, "/", ",url,"},
    {"wayback-api.archive.org", Form::path, "/web/"},
    {"conifer.rhizome.org webrecorder.io webrecorder.net replayweb.page oldweb.today", Form::url_path},
    {"replayweb.page oldweb.today", Form::query, "/", ",url,source,"},
    {"theoldnet.com", Form::query, "/get", ",url,"},
    {"frogfind.com", Form::query, "/read.php", ",a,"},
    {"archive-it.org", Form::url_path},
    {"webarchive.loc.gov webarchive.nationalarchives.gov.uk webarchive.org.uk", Form::url_path},
    {"arquivo.pt", Form::path, "/wayback/"},
    {"arquivo.pt", Form::path, "/noframe/replay/"},
    {"timetravel.mementoweb.org", Form::path, "/memento/"},
    {"webcitation.org", Form::query, "/", ",url,"},
    {archive_today, Form::path},
    {archive_today, Form::query, "/", ",url,"},
    {"ghostarchive.org", Form::path},
    {"ghostarchive.org", Form::query, "/", ",term,url,archive,"},
    {"megalodon.jp", Form::path},
    {"megalodon.jp", Form::query, "/", ",url,"},
    {"webcache.googleusercontent.com", Form::query, "/", ",q,"},
    {"google.<cc>", Form::cache, "/search", ",q,"},
    {"cc.bingj.com", Form::query, "/", ",u,url,q,"},
    {"hghltd.yandex.net yandexwebcache.net yandexwebcache.org", Form::query, "/", ",url,"},
    {"cachedview.com cachedview.nl", Form::query, "/", ",url,q,"},
    // Readers
    {"r.jina.ai s.jina.ai", Form::path},
    {"feedly.com", Form::path, "/i/subscription/feed/"},
    {"12ft.io 1ft.io 13ft.io", Form::path},
    {"12ft.io 1ft.io 13ft.io", Form::query, "/", ",q,url,"},
    {"outline.com txtify.it freedium.cfd smry.ai", Form::path},
    {"outline.com txtify.it freedium.cfd smry.ai", Form::query, "/", ",url,source_url,"},
    {"removepaywall.com removepaywalls.com", Form::path},
    {"removepaywall.com removepaywalls.com", Form::query, "/", ",url,"},
    {"w3.org validator.nu", Form::query, "/", ",url,uri,doc,docaddr,"},
    {"textise.net", Form::query, "/", ",strurl,"},
    {"printfriendly.com", Form::query, "/", ",url,"},
    {"fivefilters.org fivefilters.net", Form::query, "/", ",url,"},
    {"docs.google.com drive.google.com", Form::query, "/", ",url,"},
    {"view.officeapps.live.com", Form::query, "/", ",src,"},
    // Script proxies
    {"cors-anywhere.herokuapp.com thingproxy.freeboard.io proxy.cors.sh crossorigin.me yacdn.org",
     Form::path},
    {"cors.bridged.cc cors.eu.org cors.deno.dev cors.sh gobetween.oklabs.org", Form::path},
    {"corsproxy.io corsproxy.org cors.io proxy.corsfix.com cors.lol cors.bridged.cc", Form::whole_query},
    {"corsproxy.io corsproxy.org cors.io proxy.corsfix.com cors.lol yacdn.org", Form::query, "/", ",url,"},
    {"corsproxy.io corsproxy.org cors.io cors.lol", Form::url_path},
    {"allorigins.win allorigins.me allorigins.ml allorigins.hexlet.app", Form::query, "/", ",url,"},
    {"whateverorigin.org everyorigin.jwvbremen.nl jsonp.afeld.me", Form::query, "/", ",url,"},
    {"api.codetabs.com", Form::query, "/v1/proxy", ",quest,"},
    {"api.rss2json.com", Form::query, "/", ",rss_url,"},
    {"api.scraperapi.com app.scrapingbee.com api.zenrows.com api.scrapingant.com", Form::query, "/", ",url,"},
    {"ipfs.io dweb.link cloudflare-ipfs.com gateway.pinata.cloud", Form::path, "/ipns/"},
    // Web proxies with the address in sight
    {"startpage.com ixquick-proxy.com", Form::query, "/", ",u,url,ep,"},
    {"hideproxy.me hidester.com kproxy.com", Form::query, "/", ",u,url,q,"},
    {"anonymouse.org", Form::url_path},
    // Pictures
    {"images.weserv.nl wsrv.nl", Form::query, "/", ",url,"},
    {"i0.wp.com i1.wp.com i2.wp.com i3.wp.com", Form::path},
    {"s.wordpress.com s0.wp.com", Form::path, "/mshots/v1/"},
    {"external-content.duckduckgo.com proxy.duckduckgo.com", Form::query, "/", ",u,"},
    {"googleusercontent.com gmodules.com", Form::query, "/gadgets/proxy", ",url,"},
    {"camo.githubusercontent.com", Form::path},
    {"slack-imgs.com", Form::query, "/", ",url,"},
    {"discordapp.net", Form::path, "/external/"},
    {"bing.net bing.com", Form::query, "/th", ",mediaurl,riu,"},
    {"site-shot.com pagespeed.web.dev", Form::query, "/", ",url,"},
    {"rsz.io", Form::ending},
    {"image.thum.io", Form::path, "/get/"},
    {"statically.io", Form::path},
    {"s-shot.ru", Form::whole_query},
    {"res.cloudinary.com", Form::url_path},
    {"images.hive.blog steemitimages.com", Form::url_path},
    {"imageproxy.pimg.tw", Form::query, "/", ",url,"},
    {"api.screenshotmachine.com api.microlink.io", Form::query, "/", ",url,"},
    {"urlscan.io", Form::query, "/liveshot", ",url,"},
};

}  // namespace

std::span<const Wrapper> wrappers() noexcept {
  return table;
}

}  // namespace schoolgate
