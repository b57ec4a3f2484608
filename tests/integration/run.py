#!/usr/bin/env python3
"""The integration tests, a few classes at a time, each in a network of its own where that can be made.

  run.py --gateway [NAME ...]   the same, where what curl asks for comes as from devices that know of no proxy (harness.WAY); what cannot be
                                asked so stands in BY_SETTING, and is left out
  run.py [NAME ...]       a module, class or test: test_http, test_http.Http, test_http.Http.test_allowed_page; default: all

One line for each class, the whole output of those that fail. What failed beside others is run once more, alone: it fails the run
if it fails again, and is named at the end if it does not (its first output says what is not sure of itself). In a network of its own (unshare(1): root) a
class meets nobody else's ports, so that two more classes than there are processors run at a time: they wait more than they
reckon; without, one after another. Classes that say LONG begin first, then those of many tests.
"""
import concurrent.futures
import os
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
# Modules and classes that --gateway leaves out, and why.
BY_SETTING = {
    "test_transparent": "it goes through a gateway of its own, with networks on both sides",
    "test_device.ThroughTheGateway": "so does this",
    "test_inspect_only.Redirected": "and this",
    "test_doctor": "and this",
    "test_setup": "it drives no proxy: what setup writes is looked at",
    "test_setup_ssh": "nor does it, over ssh",
    "test_pcs": "so with the files for PCs",
    "test_clock": "no request in it is about its way",
    "test_lists_update": "nor in this",
    "test_guides": "it types the commands of the guides",
    "test_quickstart": "it runs the shipped configuration, which listens for browsers alone",
    "test_pac": "the file is for browsers that look for their proxy",
    "test_reveal": "about who may ask, not how it was asked",
    "test_soak": "soak.py drives it",
    "test_watchdog": "about the process",
}
OWN_NETWORK = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def tests_in(suite):
    for one in suite:
        if isinstance(one, unittest.TestSuite):
            yield from tests_in(one)
        else:
            yield one


def classes(names):
    """What is run at once -> how many tests it has, and whether it says LONG; single tests by themselves."""
    loader = unittest.TestLoader()
    suite = loader.loadTestsFromNames(names) if names else loader.discover(HERE)
    found, long = {}, set()
    for test in tests_in(suite):
        name = test.id() if any(test.id() == name for name in names) else test.id().rpartition(".")[0]
        if isinstance(test, unittest.loader._FailedTest):  # its module cannot be imported: running it says why
            name = test._testMethodName
        found[name] = found.get(name, 0) + 1
        if getattr(test, "LONG", False):
            long.add(name)
    return found, long


def run(name, wrapper):
    begin = time.monotonic()
    done = subprocess.run([*wrapper, sys.executable, "-m", "unittest", "-v", name], cwd=HERE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    return name, done.returncode, done.stdout, time.monotonic() - begin


def main():
    sys.path.insert(0, HERE)
    names = sys.argv[1:]
    gateway = names[:1] == ["--gateway"]
    if gateway:
        names = names[1:]
        os.environ["SCHOOLGATE_WAY"] = "gateway"
    found, long = classes(names)
    if gateway:
        for name, why in BY_SETTING.items():
            if any(one == name or one.startswith(name + ".") for one in list(found)):
                print(f"left out: {name}: {why}")
            found = {one: count for one, count in found.items() if one != name and not one.startswith(name + ".")}
    apart = subprocess.run([*OWN_NETWORK, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    at_once = (os.cpu_count() or 1) + 2 if apart else 1
    begin, failed, ran = time.monotonic(), [], 0
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        largest_first = sorted(found, key=lambda name: (name not in long, -found[name], name))
        runs = [pool.submit(run, name, OWN_NETWORK if apart else []) for name in largest_first]
        for done in concurrent.futures.as_completed(runs):
            name, code, output, seconds = done.result()
            ran += found[name]
            if code != 0:
                failed.append(name)
                print(output)
            skipped = output.count("... skipped")
            print(f"[{ran}/{sum(found.values())}] {name}: {'FAILED' if code else 'ok'} in {seconds:.0f} s"
                  + (f", {skipped} skipped" if skipped else ""), flush=True)
    twice = []
    for name in failed if at_once > 1 else []:
        _, code, output, seconds = run(name, OWN_NETWORK)
        print(f"{output if code else ''}again, alone: {name}: {'FAILED' if code else 'ok'} in {seconds:.0f} s", flush=True)
        twice += [name] if code else []
    unsure = sorted(set(failed) - set(twice)) if at_once > 1 else []
    failed = twice if at_once > 1 else failed
    print(f"{ran} tests in {time.monotonic() - begin:.0f} s, {at_once} classes at a time: "
          + ("FAILED: " + " ".join(sorted(failed)) if failed else "OK")
          + (", FAILED ONCE, NOT ALONE: " + " ".join(unsure) if unsure else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
