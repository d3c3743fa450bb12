"""The docker client's commands on both engines: exit code, output, errors. Names begin with cmp."""
import os
import re
import subprocess

from engine import tidy

# What the client prints differs by the engine's version alone; both are asked at one version of the API.
VERSION = '1.41'

# Each line is one command, or commands of a shell (after 'sh:') where $D is the client. Lines of a block are in order on one engine.
BLOCKS = {
    'run': '''
        run --rm busybox true
        run --rm busybox false
        run --rm busybox sh -c "exit 137"
        run --rm busybox sh -c "echo out; echo err >&2"
        run --rm busybox nothing-there
        run --rm busybox /nothing/there
        run --rm busybox /etc/passwd
        run --rm busybox /etc
        run --rm --entrypoint nothing busybox
        run --rm --entrypoint "" busybox
        run --rm --nonsense busybox
        run
        run --rm nothing-there-locally:tag true
        run --rm --pull never nothing-there-locally:tag true
        run --rm UPPER
        run --rm busybox@sha256:0 true
        run --rm -m 1 busybox true
        run --rm -m nonsense busybox true
        run --rm -m 8m --memory-swap 7m busybox true
        run --rm --memory-swap 9m busybox true
        run --rm --memory-reservation 1 busybox true
        run --rm --memory-swappiness 200 busybox true
        run --rm --cpus 1000 busybox true
        run --rm --cpus -1 busybox true
        run --rm --cpus x busybox true
        run --rm --cpus 1 --cpu-quota 1000 busybox true
        run --rm --cpu-period 1 busybox true
        run --rm --cpu-quota 1 busybox true
        run --rm --cpuset-cpus 99 busybox true
        run --rm --cpuset-cpus x busybox true
        run --rm --pids-limit x busybox true
        run --rm --oom-score-adj 5000 busybox true
        run --rm --ulimit nonsense busybox true
        run --rm --ulimit nofile=5:1 busybox true
        run --rm --ulimit nonsense=5 busybox true
        run --rm --restart nonsense busybox true
        run --rm --restart always busybox true
        run -d --restart always:5 busybox true
        run -d --restart on-failure:x busybox true
        run --rm --network nothing-there busybox true
        run --rm --network container:nothing-there busybox true
        run --rm --network host --link a:b busybox true
        run --rm --network none busybox sh -c "ls /sys/class/net"
        run --rm --ip 1.2.3.4 busybox true
        run --rm --mac-address nonsense busybox true
        run --rm --pid nonsense busybox true
        run --rm --pid container:nothing-there busybox true
        run --rm --ipc nonsense busybox true
        run --rm --uts nonsense busybox true
        run --rm --userns nonsense busybox true
        run --rm --cgroupns nonsense busybox true
        run --rm --runtime nothing busybox true
        run --rm --log-driver nothing busybox true
        run --rm --log-opt nonsense=a busybox true
        run --rm --log-opt max-size=x busybox true
        run --rm --cap-add NONSENSE busybox true
        run --rm --cap-drop NONSENSE busybox true
        run --rm --security-opt nonsense busybox true
        run --rm --security-opt seccomp=/nothing/there busybox true
        run --rm --sysctl nonsense busybox true
        run --rm --sysctl kernel.nonsense=1 busybox true
        run --rm --device /dev/nothing busybox true
        run --rm --device nonsense busybox true
        run --rm --device /dev/null:/dev/x:q busybox true
        run --rm --gpus all busybox true
        run --rm --dns nonsense busybox true
        run --rm --add-host nonsense busybox true
        run --rm --add-host a:nonsense busybox true
        run --rm --link nothing-there busybox true
        run --rm --volumes-from nothing-there busybox true
        run --rm --volumes-from nothing-there:nonsense busybox true
        run --rm -v /a:relative busybox true
        run --rm -v relative busybox true
        run --rm -v /a:/b:nonsense busybox true
        run --rm -v /a:/b:ro,rw busybox true
        run --rm -v /a:/ busybox true
        run --rm -v bad!name:/a busybox true
        run --rm -v x:/a busybox true
        run --rm --mount nonsense busybox true
        run --rm --mount type=bind busybox true
        run --rm --mount type=bind,src=/nothing/there,dst=/a busybox true
        run --rm --mount type=bind,src=/tmp busybox true
        run --rm --mount type=nonsense,src=/tmp,dst=/a busybox true
        run --rm --mount type=tmpfs,dst=/a,tmpfs-size=x busybox true
        run --rm --mount type=tmpfs,src=/tmp,dst=/a busybox true
        run --rm --mount type=volume,dst=relative busybox true
        run --rm --mount type=volume,src=cmpd,dst=/a,volume-driver=local,volume-opt=nonsense=1 busybox true
        run --rm --tmpfs relative busybox true
        run --rm --tmpfs /a:nonsense busybox true
        run --rm -p x busybox true
        run --rm -p 99999:80 busybox true
        run --rm -p 80:x busybox true
        run --rm -p 1.2.3.4.5:80:80 busybox true
        run --rm -p 1-3:4-5 busybox true
        run --rm -p 80/nonsense busybox true
        run --rm --expose x busybox true
        run --rm --env-file /nothing/there busybox true
        sh: printf 'A=b\\n =c\\n' > $T/env; $D run --rm --env-file $T/env busybox env
        sh: printf '# comment\\nA=b\\n\\nHOME\\nC\\n' > $T/env; $D run --rm --env-file $T/env busybox sh -c 'echo $A $C'
        run --rm --label-file /nothing/there busybox true
        sh: echo x > $T/cid; $D run --rm --cidfile $T/cid busybox true
        run --rm --health-interval 1ns --health-cmd true busybox true
        run --rm --health-retries -1 --health-cmd true busybox true
        run --rm --no-healthcheck --health-cmd true busybox true
        run --rm --stop-signal NONSENSE busybox true
        run --rm --stop-timeout x busybox true
        run --rm -w relative busybox true
        run --rm -w /etc/passwd busybox true
        run --rm -w /new/directory busybox pwd
        run --rm -u nobody-here busybox true
        run --rm -u nobody:nogroup-here busybox true
        run --rm -u 65534:65534 busybox id
        run --rm --group-add nogroup-here busybox true
        run --rm -h "bad name" busybox hostname
        run --rm -h some-host --domainname example.org busybox hostname
        run --rm -e =x busybox true
        run --rm -e A=b -e C busybox sh -c 'echo $A'
        run --rm --name bad/name busybox true
        run --rm -d -a stdout busybox true
        run --rm -a nonsense busybox true
        run --rm --detach-keys nonsense,, busybox true
        run --rm --isolation hyperv busybox true
        run --rm --platform linux/s390x busybox true
        run --rm --shm-size -1 busybox true
        run --rm --blkio-weight 5 busybox true
        run --rm --storage-opt nonsense=1 busybox true
        run --rm --privileged --security-opt no-new-privileges=x busybox true
        run --rm --read-only busybox touch /a
        run --rm --init busybox true
        sh: echo through | $D run --rm -i busybox cat
        sh: $D run --rm -t busybox true < /dev/null
        sh: $D run --rm -it busybox true < /dev/null
        run --rm --cgroup-parent relative.slice busybox true
        run --rm --annotation a=b busybox true
        run --rm --volume-driver nothing -v cmpd2:/a busybox true
        run --rm --quiet busybox echo a
    ''',
    'life': '''
        create --name cmp busybox sleep 3600
        create --name cmp busybox
        ps -a --format "{{.Names}} {{.Status}} {{.Command}} {{.Image}} {{.Ports}}" --filter name=cmp
        start nothing-there
        start cmp nothing-there
        start cmp
        ps --format "{{.Names}} {{.Command}} {{.Image}} {{.Ports}} {{.Mounts}} {{.Networks}} {{.LocalVolumes}}"
        ps --filter nonsense=1
        ps --filter status=nonsense
        ps --format "{{.Nonsense}}"
        ps --last x
        exec cmp true
        exec cmp false
        exec cmp sh -c "exit 42"
        exec cmp sh -c "echo out; echo err >&2"
        exec cmp nothing-there
        exec cmp /nothing/there
        exec cmp /etc/passwd
        exec -w /nothing/there cmp true
        exec -u nobody-here cmp true
        exec -u 65534 cmp id -u
        exec -e A=b cmp sh -c 'echo $A'
        exec --env-file /nothing/there cmp true
        exec nothing-there true
        exec cmp
        exec
        exec -d cmp true
        exec --detach-keys nonsense,, cmp true
        sh: echo through | $D exec -i cmp cat
        sh: $D exec -t cmp true < /dev/null
        top cmp -o pid,comm --nonsense
        top nothing-there
        stats --no-stream nothing-there
        stats --no-stream --format "{{.Name}} {{.PIDs}}" cmp
        port cmp
        port cmp 80
        port cmp x
        port nothing-there
        rename cmp cmp
        rename cmp bad/name
        rename nothing-there cmp9
        rename cmp cmp8
        rename cmp8 cmp
        rm cmp
        rm nothing-there
        rm -f nothing-there
        pause cmp
        pause cmp
        exec cmp true
        start cmp
        attach cmp
        rm cmp
        unpause cmp
        unpause cmp
        pause nothing-there
        unpause nothing-there
        update cmp
        update --memory 1 cmp
        update --memory nonsense cmp
        update --cpus 1000 cmp
        update --cpuset-cpus 99 cmp
        update --restart nonsense cmp
        update --restart on-failure:3 cmp
        update --pids-limit 100 cmp
        update nothing-there --memory 64m
        inspect --format "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.PidsLimit}}" cmp
        inspect nothing-there
        inspect --type image cmp
        inspect --type nonsense cmp
        inspect --format "{{.Nonsense}}" cmp
        inspect --format "{{" cmp
        container inspect nothing-there
        kill -s NONSENSE cmp
        kill -s 0 cmp
        kill nothing-there
        stop nothing-there
        restart nothing-there
        wait nothing-there
        kill cmp
        wait cmp
        kill cmp
        stop cmp
        attach cmp
        exec cmp true
        pause cmp
        port cmp 80
        logs cmp
        logs nothing-there
        logs --tail x cmp
        logs --since nonsense cmp
        start -a nothing-there
        rm cmp
        rm cmp
        sh: $D run --name cmp2 busybox sh -c 'echo out; echo err >&2; exit 3'; $D start -a cmp2; echo $?
        logs cmp2
        sh: $D run --name cmp3 busybox sh -c 'echo 1; echo 2; echo 3' > /dev/null; $D logs --tail 1 cmp3; $D logs --tail 0 cmp3; $D rm cmp3
        logs -t --until 1s nothing-there
        logs --details --follow cmp2
        sh: $D logs --timestamps cmp2 2>&1 | cut -c1-2,11
        logs --since 1h cmp2
        logs --until 1h cmp2
        ps --latest --format "{{.Names}}"
        ps -n 1 --all --format "{{.Names}} {{.State}}"
        ps -a --no-trunc --size --filter name=cmp --format "{{.Names}} {{.Label \"a\"}}"
        sh: $D create --name cmp4 --label a=b -e X=y --interactive --tty busybox sh > /dev/null; $D ps -aq --filter label=a=b | wc -l; $D inspect --size --format "{{.Config.Tty}} {{.Config.OpenStdin}} {{.SizeRw}} {{index .Config.Env 0}}" cmp4; $D rm cmp4
        diff cmp2
        diff nothing-there
        export nothing-there
        sh: $D export cmp2 | tar t | grep -v ^bin/ | sort
        commit nothing-there
        commit cmp2 UPPER
        commit -c NONSENSE cmp2
        commit cmp2 cmp:committed
        rm -v cmp2 nothing-there
        container prune -f
        container prune -f --filter nonsense=1
    ''',
    'cp': '''
        create --name cmp -v /vol busybox sleep 3600
        sh: echo content > $T/f; $D cp $T/f cmp:/f; $D cp cmp:/f -  | tar x -O
        sh: $D cp $T/f cmp:/nothing/there/f
        sh: $D cp $T/f cmp:/etc/passwd/f
        sh: $D cp $T/f cmp:/dir/
        sh: $D cp $T/nothing cmp:/f
        sh: $D cp cmp:/nothing $T/
        sh: $D cp cmp:/etc/passwd $T/nothing/there
        sh: $D cp cmp:/etc $T/f
        sh: mkdir -p $T/d && echo 1 > $T/d/1; $D cp $T/d cmp:/f
        sh: $D cp $T/d cmp:/new && $D cp cmp:/new/1 - | tar x -O
        sh: $D cp $T/d/. cmp:/new2
        sh: $D cp $T/d cmp:/vol/ && $D cp cmp:/vol/d/1 - | tar x -O
        cp cmp:/f cmp:/g
        cp cmp /tmp
        cp nothing-there:/f /tmp/
        sh: $D cp $T/f nothing-there:/f
        sh: tar cC $T f | $D cp - cmp:/tmp; $D cp cmp:/tmp/f - | tar x -O
        sh: tar cC $T f | $D cp - cmp:/nothing
        sh: tar cC $T f | $D cp - cmp:/etc/passwd
        sh: echo nonsense | $D cp - cmp:/tmp
        sh: ln -s f $T/link; $D cp --follow-link $T/link cmp:/tmp/followed; $D cp $T/link cmp:/tmp/linked; $D cp cmp:/tmp/ - | tar tv | awk '{print $1, $NF}' | sort
        sh: chown 7:8 $T/f; $D cp --archive $T/f cmp:/tmp/archived; $D cp $T/f cmp:/tmp/plain; $D cp cmp:/tmp/ - | tar tv --numeric-owner | grep -E 'archived|plain' | awk '{print $2, $NF}'; chown 0:0 $T/f
        sh: $D cp --quiet $T/f cmp:/tmp/quiet
        sh: $D cp -L cmp:/bin/sh - | tar tv | wc -l
        rm cmp
    ''',
    'images': '''
        images --format "{{.Repository}}:{{.Tag}} {{.ID}}"
        images --filter nonsense=1
        images nothing-there
        image inspect nothing-there
        image inspect UPPER
        history nothing-there
        history --format "{{.CreatedBy}}" busybox
        tag busybox UPPER
        tag nothing-there cmp
        tag busybox "cmp:bad tag"
        tag busybox sha256:x
        tag busybox cmp:one
        rmi cmp:one
        rmi nothing-there
        rmi UPPER
        sh: $D create --name cmp busybox > /dev/null; $D rmi busybox; echo $?; $D rm cmp
        save nothing-there -o /tmp/nothing
        sh: echo nonsense | $D load
        load -i /nothing/there
        sh: $D save busybox | $D load
        import /nothing/there
        sh: echo nonsense | $D import - cmp:imported
        pull UPPER
        pull 127.0.0.1:1/a:b
        pull --platform nonsense/1/2/3 127.0.0.1:1/a:b
        push nothing-there
        image prune -f
        image prune -f --filter nonsense=1
        login -u a -p b http://127.0.0.1:1
        logout 127.0.0.1:1
        search --limit 1000 a
        sh: printf 'FROM busybox\\nRUN exit 3\\n' | DOCKER_BUILDKIT=0 $D build -q -
        sh: printf 'FROM busybox\\nNONSENSE\\n' | DOCKER_BUILDKIT=0 $D build -q -
    ''',
    'networks': '''
        network ls --format "{{.Name}} {{.Driver}} {{.Scope}}"
        network create cmp
        network create cmp
        network create -d nonsense,x cmp1
        network create --subnet nonsense cmp1
        network create --gateway 1.2.3.4 cmp1
        network create host
        network inspect nothing-there
        network inspect --format "{{.Name}} {{.Driver}} {{.Internal}}" cmp
        network rm nothing-there
        network rm bridge
        network connect nothing-there nothing-there
        network connect cmp nothing-there
        network disconnect cmp nothing-there
        sh: $D run -d --name cmp1 --network cmp busybox sleep 3600 > /dev/null; $D network rm cmp; $D network connect cmp cmp1; $D network disconnect cmp cmp1; $D network disconnect cmp cmp1
        network connect --ip 1.2.3.4 cmp cmp1
        network ls --filter nonsense=1
        rm -f cmp1
        network rm cmp
        network prune -f
        network prune -f --filter nonsense=1
    ''',
    'volumes': '''
        volume create cmp
        volume create cmp
        volume create x
        volume create bad/name
        volume create -d nonsense/x cmp1
        volume create -o nonsense=1 cmp1
        volume create -o type=tmpfs cmp1
        volume ls --format "{{.Name}} {{.Driver}}" --filter name=cmp
        volume ls --filter nonsense=1
        volume inspect nothing-there
        volume inspect --format "{{.Name}} {{.Driver}} {{.Scope}}" cmp
        sh: $D run -d --name cmp1 -v cmp:/a busybox sleep 3600 > /dev/null; $D volume rm cmp; echo $?; $D rm -f cmp1
        volume rm nothing-there
        volume rm -f nothing-there
        volume rm cmp
        volume prune -f --filter nonsense=1
    ''',
    'system': '''
        info --format "{{.OSType}} {{.Driver}} {{.Swarm.LocalNodeState}}"
        version --format "{{.Server.Os}} {{.Server.Arch}}"
        events --since 0 --until 1
        events --filter nonsense --until 1
        system df --format "{{.Type}}"
        node ls
        service ls
        stack ls
        swarm leave
        secret ls
        config ls
        plugin ls
        plugin inspect nothing-there
        plugin enable nothing-there
        context inspect --format "{{.Name}}"
        checkpoint ls nothing-there
        nonsense
    ''',
}


def run(root, sockets, tally, only):
    for block, text in BLOCKS.items():
        if only and block not in only:
            continue
        told = {name: list(ran(root, path, name, text)) for name, path in sockets.items()}
        for (line, ours), (_, theirs) in zip(told['ours'], told['theirs']):
            tally.compare(f'cli {block}: docker {line}', ours, theirs)


def ran(root, socket, name, text):
    scratch = f'{root}/{name}-scratch'
    os.makedirs(scratch, exist_ok=True)
    environment = {**os.environ, 'DOCKER_HOST': f'unix://{socket}', 'DOCKER_API_VERSION': VERSION, 'D': 'docker', 'T': scratch, 'DOCKER_CLI_HINTS': 'false', 'C': '', 'TMPDIR': scratch}
    for line in (raw.strip() for raw in text.strip().splitlines()):
        command = line[3:].strip() if line.startswith('sh:') else f'docker {line}'
        try:
            done = subprocess.run(['bash', '-c', command], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
            facts = {'exit': str(done.returncode), 'out': plain(done.stdout, scratch), 'err': plain(done.stderr, scratch)}
        except subprocess.TimeoutExpired:
            facts = {'exit': 'none', 'out': '', 'err': '(no end)'}
        yield line, facts


def plain(raw, scratch):
    text = tidy(raw.decode('utf-8', 'backslashreplace').replace(scratch, '<scratch>'))
    # A request's tmp names and made-up names.
    return re.sub(r'\s+\n', '\n', re.sub(r'docker-import-\d+', 'docker-import-N', text)).strip()
