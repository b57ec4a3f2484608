// Opens pages in Debian's Chromium, in both themes and on a phone's width, and prints as JSON what axe-core calls serious or critical, what
// Tab does not reach, and what is not the same where scripts are off.
//   node axe_pages.js NODE_MODULES ORIGIN COOKIE [PICTURES] PATH...
// Through a proxy (SCHOOLGATE_AXE_PROXY, "http://127.0.0.1:3128") pages that refuse are what is looked at, whatever their status.
// "PATH#wrong": with something wrong typed into its text, and checked.
"use strict";
const path = require("path");
const [modules, origin, cookie, pictures, ...paths] = process.argv.slice(2);
const puppeteer = require(path.join(modules, "puppeteer-core"));
const axe = path.join(modules, "axe-core", "axe.min.js");
const proxy = process.env.SCHOOLGATE_AXE_PROXY;
const through = proxy ? ["--proxy-server=" + proxy, "--proxy-bypass-list=<-loopback>", "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable"] : [];

// What a person without a mouse can reach, in the order of the page; each is numbered. A group of radio buttons is one stop.
function numbered() {
  const all = [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex="0"]')];
  const stops = all.filter(one => {
    if (one.disabled || !one.checkVisibility()) return false;
    if (one.type !== "radio") return true;
    const group = all.filter(other => other.type === "radio" && other.name === one.name && other.form === one.form);
    return one === (group.find(other => other.checked) || group[0]);
  });
  stops.forEach((one, i) => { one.dataset.stop = i; });
  const name = one => [one.getAttribute("aria-label"), ...[...(one.labels || [])].map(label => label.textContent), one.textContent, one.title].find(text => text && text.trim());
  return {count: stops.length, nameless: stops.filter(one => !name(one)).map(one => one.outerHTML.slice(0, 200))};
}

// Presses Tab from the top of the page to its end.
async function walked(page) {
  const {count, nameless} = await page.evaluate(numbered);
  const met = [];
  for (let i = 0; i < 9 * count + 9; ++i) {  // a field for times has stops within itself
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body || at === document.documentElement) return null;
      const {width, height, right} = at.getBoundingClientRect();
      return {stop: Number(at.dataset.stop), seen: width > 0 && height > 0 && right > 0, html: at.outerHTML.slice(0, 120)};
    });
    if (!here || (here.stop === 0 && met.length > 1)) break;  // at the end, or around it
    if (met.length && met.at(-1).stop === here.stop) continue;
    met.push(here);
  }
  const wrong = nameless.map(html => ({id: "a control without a name", html}));
  for (const one of met) if (!one.seen) wrong.push({id: "focus that is not seen", html: one.html});
  const order = met.map(one => one.stop);
  if (order.length !== count || order.some((stop, i) => stop !== i)) wrong.push({id: "keyboard order", count, order});
  return wrong;
}

// What a page is made of, whether scripts run or not; the field that filters a table is the script's.
function made_of() {
  return {title: document.title, heading: document.querySelector("h1")?.textContent, forms: [...document.forms].map(form => form.getAttribute("action")),
          tables: document.querySelectorAll("table").length, hidden: [...document.querySelectorAll("main *")].filter(one => one.hidden).length};
}

// The switch of a page that a pupil sees: language and title of the document follow it, under the page's own policy.
async function switched(browser, one) {
  const page = await browser.newPage();
  const wrong = [], titles = new Set();
  await page.goto(one, {waitUntil: "load"});
  for (const language of ["vi", "en", "vi"]) {
    await page.click(`label[for=${language}]`);
    const now = await page.evaluate(() => ({lang: document.documentElement.lang, title: document.title}));
    titles.add(now.title);
    if (now.lang !== language) wrong.push({page: one, id: "language of the document", wanted: language, now});
  }
  if (titles.size !== 2) wrong.push({page: one, id: "title in two languages", titles: [...titles]});
  await page.close();
  return wrong;
}

(async () => {
  const browser = await puppeteer.launch({executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", ...through]});
  const found = [];
  const ways = [["light", 1200], ["dark", 1200], ["light", 360], ["dark", 360]];
  for (const [theme, width] of ways) {
    const page = await browser.newPage();
    const errors = [];
    page.on("console", line => { if (line.type() === "error" && !proxy) errors.push(line.text()); });
    page.on("pageerror", error => errors.push(String(error)));
    await page.setBypassCSP(true);  // axe is put into the page from outside
    await page.setViewport({width, height: 900, isMobile: width < 600});
    await page.emulateMediaFeatures([{name: "prefers-color-scheme", value: theme}]);
    if (cookie) {
      const [name, value] = cookie.split("=");
      await page.setCookie({name, value, url: origin, path: "/", secure: true, httpOnly: true, sameSite: "Strict"});
    }
    for (const one of paths) {
      let answer = await page.goto(origin + one.split("#")[0], {waitUntil: "load"});
      if (one.endsWith("#wrong")) {  // as a person types, and presses the button without a script's help
        await page.$eval("textarea", field => { field.value += "wrong: [\n"; });
        [answer] = await Promise.all([page.waitForNavigation(), page.click("button[value=check]")]);
      }
      if (proxy) await page.$$eval("main details", all => { for (const one of all) one.open = true; });  // a click would move where Tab begins
      if (theme === "light") for (const wrong of await walked(page)) found.push({page: one, width, ...wrong});
      await page.addScriptTag({path: axe});
      const result = await page.evaluate(() => axe.run(document, {resultTypes: ["violations"]}));
      for (const violation of result.violations)
        if (["serious", "critical"].includes(violation.impact))
          found.push({page: one, theme, width, id: violation.id, nodes: violation.nodes.map(node => node.html)});
      if (answer.status() >= 400 && !proxy) found.push({page: one, status: answer.status()});
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
      if (wide) found.push({page: one, width, id: "wider than the window"});
      if (pictures) await page.screenshot({path: `${pictures}/${one.replace(/\W+/g, "_")}-${theme}-${width}.png`, fullPage: true});
    }
    for (const error of errors) found.push({theme, width, error});
    await page.close();
  }
  if (proxy) for (const one of paths) found.push(...await switched(browser, one));
  const plain = await browser.newPage(), scripted = await browser.newPage();
  await plain.setJavaScriptEnabled(false);
  for (const one of paths.filter(path => !path.includes("#"))) {
    const pages = [];
    for (const page of [scripted, plain]) {
      if (cookie) {
        const [name, value] = cookie.split("=");
        await page.setCookie({name, value, url: origin, path: "/", secure: true, httpOnly: true, sameSite: "Strict"});
      }
      await page.goto(origin + one, {waitUntil: "load"});
      pages.push(JSON.stringify(await page.evaluate(made_of)));
    }
    if (pages[0] !== pages[1]) found.push({page: one, id: "differs without scripts", pages});
  }
  await browser.close();
  console.log(JSON.stringify(found));
})().catch(error => { console.error(error); process.exit(1); });
