#!/usr/bin/python3
"""What the Debian package is and does. Each stage by its name; without one all of them, in this order:

  field.py [STAGE ...]

  files    the unit's hardening, the manual, the completion, the maintainer scripts: seconds
  deb      the package is built, and lintian has nothing to say
  twice    it is built once more elsewhere, and is the same to the byte
  bare     installed in a Debian 12 as debootstrap makes it: user, folders, first start, reload, upgrade, remove, purge
  boot     installed in one that is booted: the service, its sandbox, an upgrade while pupils ask and a tunnel is open, every row of it,
           kill -9, a stuck process, a reset
  setup    three commands in one that is booted between two cables, typed at a terminal, questions and keys counted: a phone without any
           setting is filtered, doctor finds nothing wrong; the same by TPROXY, and after a restart

Says of every stage how it went; the last line counts them. A stage that cannot run here says why, and counts as failed.
"""
import sys
import time
import traceback

import stages
from debian_root import Failed

STAGES = {name: getattr(stages, name) for name in ("files", "deb", "twice", "bare", "boot", "setup")}


def main():
    names = sys.argv[1:] or list(STAGES)
    if unknown := [name for name in names if name not in STAGES]:
        print(__doc__.strip(), f"\n\nno such stage: {', '.join(unknown)}", file=sys.stderr)
        return 2
    failed = []
    for name in names:
        begin = time.monotonic()
        print(f"== {name}", flush=True)
        try:
            STAGES[name]()
            said = "passed"
        except Exception as failure:  # a stage that breaks has not passed, and the next one runs all the same
            failed.append(name)
            print(failure if isinstance(failure, Failed) else traceback.format_exc())
            said = "FAILED"
        print(f"== {name}: {said} after {time.monotonic() - begin:.0f} s", flush=True)
    print(f"{len(names) - len(failed)} passed, {len(failed)} failed")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
