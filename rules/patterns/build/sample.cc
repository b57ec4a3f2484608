// What addresses look like, for guessing how often a piece of one occurs. Written by hand and not taken from
// any log; it need not be true, only typical, and nothing but speed depends on it.
#include "rules/patterns/build/frequency.h"

namespace schoolgate::pattern {

const char* const address_sample = R"(
https://www.example.com/
https://www.google.com/search?q=tin+tuc+hom+nay&hl=vi&source=hp&oq=tin
https://www.youtube.com/watch?v=dq3xk9a0w2c&list=pl8f3b&index=12
https://i.ytimg.com/vi/a8kq2m4zt0y/hqdefault.jpg
https://fonts.googleapis.com/css?family=open+sans:300,400,600,700|roboto:400,500
https://fonts.gstatic.com/s/opensans/v15/mem8yags126mizpba-ufvz0bf8pkag.woff2
https://ajax.googleapis.com/ajax/libs/jquery/1.11.3/jquery.min.js
https://www.facebook.com/plugins/like.php?href=https%3a%2f%2fwww.site.com%2fpage&width=450&layout=standard
https://connect.facebook.net/en_us/sdk.js
https://scontent.xx.fbcdn.net/v/t1.0-1/p50x50/12345678_10204567890123456_5678901234567890123_n.jpg?oh=8f2a1c&oe=5a3b2c1d
https://vnexpress.net/thoi-su/hoc-sinh-lop-10-thi-tuyen-sinh-4567890.html
https://tuoitre.vn/giao-duc/tuyen-sinh.htm
https://dantri.com.vn/the-thao/ket-qua-bong-da-20201112073012345.htm
https://cdn.jsdelivr.net/npm/bootstrap@4.5.2/dist/css/bootstrap.min.css
https://cdnjs.cloudflare.com/ajax/libs/font-awesome/4.7.0/css/font-awesome.min.css
https://en.wikipedia.org/wiki/history_of_the_united_states
https://upload.wikimedia.org/wikipedia/commons/thumb/a/a4/flag_of_france.svg/220px-flag_of_france.svg.png
http://www.news-site.co.uk/news/world/europe/story-1234567.html
https://static.shop.com/assets/images/products/2019/05/large/item-3345-front-view.jpg
https://images-na.ssl-images-site.com/images/i/41abcxyz0l._ac_us160_.jpg
https://api.service.io/v1/users/1234567/events?limit=20&offset=40&sort=created_at
https://api.weather.net/data/2.5/forecast?lat=21.0278&lon=105.8342&units=metric&appid=3fa85f64571745629
https://www.blog.org/2018/11/23/how-to-make-a-simple-home-page/
https://www.blog.org/wp-content/uploads/2017/03/cropped-logo-300x200.png
https://www.blog.org/wp-content/themes/theme/style.css?ver=5.2.4
https://www.blog.org/wp-content/plugins/contact-form-7/includes/js/scripts.js?ver=5.1.4
https://www.blog.org/wp-includes/js/wp-emoji-release.min.js?ver=4.9.8
https://www.blog.org/wp-admin/admin-ajax.php?action=get_posts&page=2
http://forum.games.net/viewtopic.php?f=12&t=34567&start=20
http://forum.games.net/index.php?topic=1234.msg56789#new
https://securepubads.g.doubleclick.net/gpt/pubads_impl_2019040801.js
https://googleads.g.doubleclick.net/pagead/ads?client=ca-pub-1234567890123456&output=html&h=250&slotname=1234567890&adk=3567&adf=2345678&w=300
https://www.google-analytics.com/collect?v=1&_v=j68&a=123456789&t=pageview&_s=1&dl=https%3a%2f%2fwww.page.com%2f&ul=en-us&de=utf-8&dt=home&sd=24-bit&sr=1366x768&vp=1349x657
https://stats.g.doubleclick.net/r/collect?v=1&aip=1&t=dc&_r=3&tid=ua-1234567-1&cid=987654321.1234567890
https://ads.network.com/bid?id=8f14e45fceea167a5a36dedd4bea2543&size=300x250&cb=0.123456789&url=http%3a%2f%2fnews.com%2farticle
https://pixel.tracker.net/p/i.gif?uid=5d41402abc4b2a76b9719d911017c592&ts=1531234567890&ref=&event=page_view
https://sync.adserver.com/usersync?partner=12&gdpr=0&gdpr_consent=&redir=https%3a%2f%2fmatch.net%2fsync%3fid%3d
https://tags.data.com/lib/main/prod/utag.js?utv=ut4.46.201801
https://assets.school.edu.vn/media/css/main.css
https://truonghoc.edu.vn/thong-bao/lich-thi-hoc-ky-2.html
https://lms.school.edu/course/view.php?id=245&section=3
https://login.service.com/oauth2/authorize?client_id=abc123&response_type=code&redirect_uri=https%3a%2f%2fapp.com%2fcallback&scope=openid+profile+email&state=xyz
https://mail.provider.com/mail/u/0/?ui=2&view=btop&ver=1
https://m.mobile.com/en/products/category/shoes?page=3&color=black&size=42
https://www.hotel.com/search.html?checkin=2019-07-12&checkout=2019-07-15&adults=2&children=0&rooms=1&city=paris
https://www.bank.com/personal/accounts/savings
https://download.software.com/files/setup_1.2.3.exe
https://update.vendor.com/msdownload/update/v3/static/trustedr/en/authrootstl.cab
http://ocsp.digicert.com/mfewtzbnmeswstajbgurdgmcgguabbtbl0v27rvz7lbduom
http://crl.microsoft.com/pki/crl/products/microsoftrootcert.crl
http://detectportal.firefox.com/success.txt
https://safebrowsing.googleapis.com/v4/threatlistupdates:fetch?$ct=application/x-protobuf&key=aizasydx
https://clients4.google.com/chrome-sync/command/?client=google+chrome&client_id=abcd
https://edge.video.com/hls/live/stream_720p/segment_00123.ts?token=ab12cd34ef56&expires=1567890123
https://r4---sn-8pxuuxa-q5te.googlevideo.com/videoplayback?expire=1570000000&ei=abcdef&ip=1.2.3.4&id=o-ab&itag=251&source=youtube&requiressl=yes&mime=audio%2fwebm
https://video.site.tv/player/embed/xyz789?autoplay=0&muted=1
https://games.portal.com/play/puzzle/candy-match-3
https://www.store.com/dp/b07xyz1234/ref=sr_1_3?keywords=book&qid=1566666666&s=books&sr=1-3
https://docs.google.com/document/d/1abcdefghijklmnopqrstuvwxyz0123456789/edit
https://drive.google.com/file/d/0b1c2d3e4f5g6h7i8j9k/view?usp=sharing
https://github.com/user/project/blob/master/readme.md
https://raw.githubusercontent.com/user/project/master/package.json
https://stackoverflow.com/questions/12345678/how-to-parse-a-string-in-java
https://www.linkedin.com/in/name-surname-12345/
https://pbs.twimg.com/profile_images/1234567890/photo_normal.jpg
https://platform.twitter.com/widgets.js
https://s3.amazonaws.com/bucket-name/folder/file-name.json
https://d1a2b3c4d5e6f7.cloudfront.net/static/js/main.4f5c6a7b.chunk.js
https://d2x9k3m4n5.cloudfront.net/images/icons/arrow-right.svg
https://media.giphy.com/media/3o7abkhopqr/giphy.gif
https://res.cloudinary.com/demo/image/upload/w_400,h_300,c_fill/sample.jpg
https://secure.gravatar.com/avatar/0cc175b9c0f1b6a831c399e269772661?s=48&d=mm&r=g
https://player.vimeo.com/video/123456789
https://maps.googleapis.com/maps/api/js?key=aizasy&libraries=places&callback=initmap
https://maps.gstatic.com/maps-api-v3/api/js/32/8/intl/vi_all/common.js
https://www.gov.vn/van-ban/chi-tiet?id=34567
https://ru.site.ru/novosti/politika/2018-05-17-2345.html
https://www.zeitung.de/politik/deutschland/artikel-id1234567.html
https://www.journal.fr/culture/cinema/actualites/article_3456.html
https://www.giornale.it/sport/calcio/serie-a/
https://www.noticias.com.br/esporte/futebol/times/
https://www.tienda.es/es/productos/ropa-mujer/camisetas
https://cn.site.com.cn/item/detail.do?itemid=98765
https://www.site.jp/shop/goods/index.html?ggcd=5678
https://www.recipe.com/recipe/chicken-curry-with-rice/print
https://www.realestate.com/homes/for-sale/house/3-bedroom?price_min=100000&price_max=500000
https://www.travel.com/flights/han-sgn/2019-10-10?class=economy
https://www.health.org/conditions/heart-disease/symptoms-and-causes
https://www.music.com/artist/album/track-name-lyrics
https://www.cars.com/used/toyota/camry/listing/12345/
https://www.jobs.com/search?title=teacher&location=hanoi&radius=25
https://www.university.edu/departments/computer-science/students/admissions
https://www.movie.net/title/tt1234567/reviews?ref_=tt_ql_3
https://www.weather.com/today/l/vmxx0006:1:vm
https://stc.zing.vn/skins/zingmp3-v5.2/images/logo.png
https://zalo.me/pc
https://shopee.vn/search?keyword=ao+thun+nam&page=0&sortby=sales
https://www.tiki.vn/dien-thoai-may-tinh-bang/c1789?src=mega-menu
https://cdn.tgdd.vn/products/images/42/198150/samsung-galaxy-a10-red-400x400.jpg
https://wss.chat.com/socket.io/?eio=3&transport=polling&t=n1abcde&sid=xyz
https://telemetry.app.com/v2/track
https://metrics.app.com/b/ss/account/1/jsonp/1.7/s12345678901234?aqb=1&ndh=1&t=5%2f3%2f2018
https://config.edge.com/config/v1/settings?os=windows&osver=10.0.17134&locale=en-us
https://www.page.com/css/bootstrap.css
https://www.page.com/js/jquery-3.3.1.min.js
https://www.page.com/js/app.js?v=1.0.5
https://www.page.com/img/banner/home/slide-2.jpg
https://www.page.com/images/logo.png
https://www.page.com/images/spacer.gif
https://www.page.com/favicon.ico
https://www.page.com/robots.txt
https://www.page.com/sitemap.xml
https://www.page.com/rss/feed.xml
https://www.page.com/index.html
https://www.page.com/index.php
https://www.page.com/default.aspx
https://www.page.com/login.jsp
https://www.page.com/cgi-bin/counter.cgi?id=12
https://www.page.com/contact
https://www.page.com/about-us/
https://www.page.com/privacy-policy
https://www.page.com/terms-of-service
https://www.page.com/category/technology/page/2/
https://www.page.com/tag/business/
https://www.page.com/author/admin/
https://www.page.com/user/profile/settings
https://www.page.com/cart/checkout?step=payment
https://www.page.com/ajax/comments?post_id=12345&order=desc&format=json
https://www.page.com/json/config.json
https://www.page.com/static/fonts/icon.woff
https://www.page.com/media/video/intro.mp4
https://www.page.com/embed/widget/script.js
https://www.page.com/image.php?src=/files/photo.jpg&w=120&h=90&zc=1
https://www.page.com/_next/static/chunks/framework-2c79e2a64abdb08b.js
https://www.page.com/dist/main.bundle.js?hash=9e107d9d372bb6826bd81d3542a419d6
https://sub.domain.info/
https://shop.domain.net/
https://mobile.domain.org/
https://online.domain.top/
https://cdn.domain.xyz/
http://domain.com
http://192.168.1.1/
http://45.77.12.34:8080/status
)";

// How hosts end, for every hundred of them.
const HostEnding host_endings[] = {
    {".com/", 52},   {".net/", 8},    {".org/", 6},     {".ru/", 4},      {".vn/", 5},        {".com.vn/", 2},
    {".edu.vn/", 1}, {".gov.vn/", 1}, {".de/", 3},      {".co.uk/", 2},   {".com.br/", 2},    {".fr/", 2},
    {".it/", 2},     {".jp/", 1},     {".co.jp/", 1},   {".cn/", 1},      {".com.cn/", 1},    {".pl/", 1},
    {".nl/", 1},     {".es/", 1},     {".eu/", 1},      {".ca/", 1},      {".in/", 1},        {".com.au/", 1},
    {".tv/", 1},     {".me/", 1},     {".io/", 2},      {".info/", 1},    {".biz/", 0.5f},    {".edu/", 1},
    {".gov/", 1},    {".us/", 0.5f},  {".ua/", 0.5f},   {".cz/", 0.5f},   {".ir/", 0.5f},     {".kr/", 0.5f},
    {".xyz/", 0.5f}, {".top/", 0.3f}, {".club/", 0.3f}, {".site/", 0.3f}, {".online/", 0.3f}, {".co/", 1},
    {".gr/", 0.5f},  {".ro/", 0.5f},  {".se/", 0.5f},   {".ch/", 0.5f},   {".at/", 0.5f},     {".be/", 0.5f},
    {nullptr, 0},
};

// Words that addresses are full of, one space between them.
const char* const word_sample =
    "about account action active admin advert affiliate agent album analytics android answer apple archive "
    "area "
    "article asset audio author auto award back background banner base beauty before best black blog board "
    "body "
    "book border bottom box brand browser build business button buy cache calendar call camera campaign car "
    "card "
    "care cart case category center change channel character chart chat check child children city class "
    "client "
    "clip close cloud club code collect color comment common community company compare complete component "
    "connect consent contact container content context control cookie copy core corporate count country "
    "course "
    "cover create creative credit current custom customer daily data database date deal default delivery "
    "design "
    "desktop detail device digital direct directory discount display document domain download drive dynamic "
    "edition education element email embed engine enter entertainment entry error event exchange expert "
    "export "
    "express external face family fashion favorite feature feed female field file film filter finance find "
    "first fitness flash food football footer form format forum frame free friend front full gallery game "
    "gender "
    "general generator gift girl global gold good graphic great green group guide hair hand hardware header "
    "health help hidden high history holiday home horizontal hotel hour house icon idea image import "
    "impression "
    "include income index industry info insert inside instant insurance interest international internet "
    "invest "
    "item join journal keyword kids kitchen label land language large last latest law layer layout lead "
    "learn "
    "left legal lesson level library license life light like limit line link list live load local location "
    "lock "
    "login logo long love lyrics magazine mail main make male manage manager management map mark market "
    "master "
    "match material media medical meeting member menu message meta method metric middle mini mobile modal "
    "model "
    "module money monitor month movie music name native nature navigation network news newsletter next night "
    "normal note notice notification number object offer office official online open option order organic "
    "origin "
    "other outdoor output overlay owner package page panel parent part partner party password patient "
    "payment "
    "people performance person personal phone photo picture pixel place plan plant platform play player "
    "plugin "
    "plus point policy political pool popular popup portal portfolio position post power premium present "
    "press "
    "preview price print privacy private process product professional profile program project promotion "
    "property "
    "provider public publisher purchase quality query question quick quote radio range rank rating read real "
    "recent recipe record redirect refer region register related release remote render report request "
    "research "
    "resource response responsive restaurant result retail return review reward right room root round route "
    "sale sample save schedule school science screen script search season section secure security select "
    "sell "
    "send series server service session setting share shop short show side sign simple single site size skin "
    "slide small smart social software solution song sound source space special speed sport sprite staff "
    "stage "
    "standard start state static station status stock store story stream street strong student studio style "
    "submit subscribe success summary summer super support survey sync system table tablet tag target task "
    "team "
    "tech technology template term test text theme thumb ticket time title today token tool topic total "
    "touch "
    "tour track tracking trade traffic training transfer transport travel trend trial type unit united "
    "update "
    "upgrade upload user value vehicle vendor verify version vertical video view virtual visit visitor "
    "visual "
    "voice wallpaper watch water weather website wedding week weight white widget width window winter "
    "wireless "
    "woman women word work world write year young zone bai viet tin tuc the thao giai tri giao duc phap luat "
    "kinh doanh suc khoe doi song du lich khoa hoc cong nghe xe may oto nha dat mua ban gia re khuyen mai "
    "truyen "
    "phim nhac hinh anh ngan hang chung khoan lop hoc sinh giao vien truong dai hoc tuyen sinh dap an de thi";

}  // namespace schoolgate::pattern
