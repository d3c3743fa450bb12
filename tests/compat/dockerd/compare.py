#!/usr/bin/env python3
"""Asks both engines the same, and tells where they differ. Started by scripts/compare-dockerd."""
import argparse
import pathlib
import re
import sys

import commands
import asked
from engine import Engine, addresses_of, facts

HERE = pathlib.Path(__file__).parent


class Known:
    """Differences that are meant, each with its reason: paragraphs of comment lines, then lines of 'request :: difference' with * for anything."""

    def __init__(self, path):
        self.rules, reason, fresh = [], '', True
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if line.startswith('#'):
                reason, fresh = (line[1:].strip() if fresh else f'{reason} {line[1:].strip()}'), False
            elif not line.strip():
                reason, fresh = '', True
            else:
                request, separator, difference = line.partition(' :: ')
                if not reason or not separator:
                    sys.exit(f'{path}:{number}: a line is "request :: difference" below a comment that says why')
                self.rules.append([pattern(request), pattern(difference), f'{path.name}:{number}: {line}', 0])

    def holds(self, request, difference):
        for rule in self.rules:
            if rule[0].fullmatch(request) and rule[1].fullmatch(difference):
                rule[3] += 1
                return True
        return False

    def stale(self):
        return [text for _, _, text, used in self.rules if not used]


def pattern(text):
    return re.compile('.*'.join(re.escape(part) for part in text.strip().split('*')), re.S)


class Tally:
    def __init__(self, known):
        self.known, self.compared, self.equal, self.meant, self.differing = known, 0, 0, 0, 0

    def compare(self, label, ours, theirs):
        """Two maps of facts under one name."""
        self.compared += 1
        differences = [f'{key} {ours.get(key, "absent")} | {theirs.get(key, "absent")}' for key in dict.fromkeys([*ours, *theirs]) if ours.get(key) != theirs.get(key)]
        new = [d for d in differences if not self.known.holds(label, d)]
        if not differences:
            self.equal += 1
        elif not new:
            self.meant += 1
        else:
            self.differing += 1
            print(label)
            for difference in new:
                print(f'    {difference}')


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--root', required=True)
    parser.add_argument('--image', required=True)
    parser.add_argument('--net', required=True)
    parser.add_argument('--versions', default='1.41,1.40,1.35,1.30,1.24')
    parser.add_argument('--only', default='')
    parser.add_argument('parts', nargs='*', default=['api', 'cli'])
    options = parser.parse_args()
    options.parts = options.parts or ['api', 'cli']
    addresses_of(options.net)
    Engine.net = options.net
    only = [s for s in options.only.split(',') if s]
    sockets = {name: f'{options.root}/{name}.sock' for name in ('ours', 'theirs')}
    tally = Tally(Known(HERE / 'known.txt'))
    image = pathlib.Path(options.image).read_bytes()
    if 'api' in options.parts:
        for version in options.versions.split(','):
            for scenario in asked.SCENARIOS:
                if only and scenario.__name__ not in only:
                    continue
                pair = []
                for name, path in sockets.items():
                    engine = Engine(name, path, version)
                    engine.scenario = f'{version} {scenario.__name__}'
                    asked.prepare(engine, image)
                    scenario(engine)
                    asked.clean(engine)
                    pair.append(engine.answers)
                if len(pair[0]) != len(pair[1]):
                    sys.exit(f'{version} {scenario.__name__}: {len(pair[0])} requests to ours, {len(pair[1])} to dockerd')
                for (label, answer, values), (_, other, _) in zip(*pair):
                    tally.compare(label, facts(answer, values), facts(other, values))
                sys.stdout.flush()
    if 'cli' in options.parts:
        for name, path in sockets.items():
            asked.prepare(Engine(name, path, '1.41'), image)
        commands.run(options.root, sockets, tally, only)
        for name, path in sockets.items():
            asked.clean(Engine(name, path, '1.41'))
    stale = [] if only or len(options.parts) < 2 or options.versions != parser.get_default('versions') else tally.known.stale()
    for line in stale:
        print(f'did not differ this time: {line}')
    print(f'{tally.compared} compared, {tally.equal} equal, {tally.meant} known, {tally.differing} differing')
    sys.exit(1 if tally.differing else 0)


if __name__ == '__main__':
    main()
