// Opens pages in Debian's Chromium, in both themes and on a phone's width, and prints as JSON what axe-core calls serious or critical.
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

(async () => {
  const browser = await puppeteer.launch({executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", ...through]});
  const found = [];
  const ways = [["light", 1200], ["dark", 1200], ["light", 390]];
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
      for (const summary of await page.$$("main details summary")) if (proxy && await summary.isVisible()) await summary.click();
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
  await browser.close();
  console.log(JSON.stringify(found));
})().catch(error => { console.error(error); process.exit(1); });
