// node press_wish.js NODE_MODULES PROXY PAGE: opens the page through the proxy, says that it is blocked wrongly, and prints where
// that led, what axe-core finds serious on both pages, and what the browser kept, as JSON.
const path = require("path");
const [modules, proxy, page] = process.argv.slice(2);
const puppeteer = require(path.join(modules, "puppeteer-core"));
const axe = require("fs").readFileSync(path.join(modules, "axe-core/axe.min.js"), "utf8");

(async () => {
  const browser = await puppeteer.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--no-first-run",
           "--proxy-server=" + proxy, "--proxy-bypass-list=<-loopback>"],
  });
  const findings = [];
  const kept = [];
  const tab = await browser.newPage();
  await tab.setBypassCSP(true);  // for axe-core alone: the page itself runs no script
  const look = async () => {
    await tab.evaluate(axe);
    const result = await tab.evaluate(() => axe.run(document));
    for (const one of result.violations)
      if (one.impact === "serious" || one.impact === "critical")
        findings.push(`${tab.url()} ${one.id}: ${one.nodes.map((n) => n.html).join(" | ").slice(0, 300)}`);
  };
  await tab.goto(page);
  await tab.click("main[lang=en] details.wish summary");
  await look();
  await tab.click("main[lang=en] details.wish input[value=lesson]");
  await Promise.all([tab.waitForNavigation(), tab.click("main[lang=en] details.wish button")]);
  await look();
  const address = tab.url();
  const session = await tab.createCDPSession();
  kept.push(...(await session.send("Network.getAllCookies")).cookies.map((one) => one.name));
  kept.push(...(await tab.evaluate(() => Object.keys(localStorage).concat(Object.keys(sessionStorage)))));
  await browser.close();
  console.log(JSON.stringify({address, findings, kept}));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
