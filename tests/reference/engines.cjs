// What the engines make of many small lists whose authors write for them, for list_readers.py. The lines that come and
// go are those of our_reader.cc; two columns of digits, AdGuard's name server and Ghostery's blocker.
'use strict';
const {createRequire} = require('module');
const readline = require('readline');

const installed = createRequire(process.argv[2] + '/');
const {DnsEngine, RuleStorage, StringRuleList} = installed('@adguard/tsurlfilter');
const {FiltersEngine, Request} = installed('@ghostery/adblocker');

// They say on standard output, too, what they cannot read.
for (const name of ['debug', 'info', 'log', 'warn', 'error']) console[name] = () => {};

// "-": an engine that stumbles over the host, as AdGuard's does over $denyallow and a public suffix.
function digits(hosts, closes) {
  return hosts.map((host) => {
    try {
      return closes(host) ? '1' : '0';
    } catch {
      return '-';
    }
  }).join('');
}

function adguard(rules, hosts) {
  const engine = new DnsEngine(new RuleStorage([new StringRuleList(1, rules, true)]));
  return digits(hosts, (host) => {
    const {basicRule, hostRules} = engine.match(host);
    return basicRule ? !basicRule.isAllowlist() : hostRules.length > 0;
  });
}

function ghostery(rules, hosts) {
  const engine = FiltersEngine.parse(rules, {loadCosmeticFilters: false});
  return digits(hosts, (host) => engine.match(Request.fromRawDetails({url: `https://${host}/`, type: 'document'})).match);
}

let rules = [], hosts = [];
const answers = [];
readline.createInterface({input: process.stdin}).on('line', (line) => {
  if (line.startsWith('R')) {
    rules.push(line.slice(1));
  } else if (line.startsWith('H')) {
    hosts.push(line.slice(1));
  } else {
    const list = rules.join('\n') + '\n';
    answers.push(`${adguard(list, hosts)} ${ghostery(list, hosts)}`);
    rules = [];
    hosts = [];
  }
}).on('close', () => process.stdout.write(answers.join('\n') + '\n'));
