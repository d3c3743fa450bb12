#!/usr/bin/env bash
# usage: docker.sh CLIENT    Real work by one docker client: its output, exit codes and tables. DOCKER_HOST names the engine.
set -uo pipefail
export LC_ALL=C
docker=$1
passed=0
step() { # NAME WANTED COMMAND…: what it prints, code:N, or has:TEXT
    local name=$1 wanted=$2 got code; shift 2
    got=$("$@" 2>&1 </dev/null); code=$?
    got=${got//$'\r'/}
    case $wanted in
    code:*) [ "$code" = "${wanted#code:}" ] ;;
    has:*)  case $got in *"${wanted#has:}"*) true ;; *) false ;; esac ;;
    *)      [ "$code" = 0 ] && [ "$got" = "$wanted" ] ;;
    esac && { passed=$((passed + 1)); printf 'ok      %s %s\n' "$version" "$name"; return; }
    printf 'FAILED  %s %s: wanted %s, got (%s) %s\n' "$version" "$name" "${wanted:-nothing}" "$code" "${got:-nothing}"
    exit 1
}
d() { "$docker" "$@"; }
version="docker $("$docker" version --format '{{.Client.Version}}')"
label="compat=docker"
clean() { d ps -aq --filter "label=$label" | xargs -r "$docker" rm -fv >/dev/null; d network rm compat-docker >/dev/null 2>&1; d volume rm compat-docker >/dev/null 2>&1; d rmi compat/docker:made >/dev/null 2>&1; }
trap clean EXIT
run() { d run --label "$label" "$@"; }
until_is() { local wanted=$1; shift; for _ in $(seq 150); do [ "$("$@" 2>/dev/null)" = "$wanted" ] && { echo "$wanted"; return; }; sleep 0.2; done; "$@"; }

step "run: output" "hello" run --rm busybox echo hello
step "run: exit code" code:23 run --rm busybox sh -c 'exit 23'
step "run: not there" code:127 run --rm busybox nothere
step "run: an image that is not there" code:125 run --rm --pull never nothere
step "run -t" has:/dev/pts/0 script -qec "$docker run --label $label --rm -t busybox tty" /dev/null
step "network create" code:0 d network create --label "$label" compat-docker
step "volume create" "compat-docker" d volume create --label "$label" compat-docker
step "run -d" code:0 run -d --name compat-docker --network compat-docker -v compat-docker:/data -p 127.0.0.1::80 -m 64m --cpus 0.5 --pids-limit 50 --init -e A=b busybox sh -c 'trap "exit 7" TERM; echo started; while true; do sleep 0.1; done'
step "ps" "compat-docker" d ps --filter name=^compat-docker$ --format '{{.Names}}'
step "ps: the table" has:"Up " d ps -a --filter "label=$label"
step "logs" started until_is started d logs compat-docker
step "exec" "b" d exec compat-docker sh -c 'echo $A'
step "exec: exit code" code:9 d exec compat-docker sh -c 'exit 9'
step "exec -it" has:"/dev/pts" script -qec "$docker exec -it compat-docker tty" /dev/null
step "inspect" "running" d inspect -f '{{.State.Status}}' compat-docker
step "inspect --size" code:0 d inspect --size compat-docker
step "inspect --type" code:1 d inspect --type volume nothere
step "top" has:"sleep 0.1" d top compat-docker
step "top: ps options" has:"COMMAND" d top compat-docker -o pid,args
step "stats" has:"64MiB" d stats --no-stream compat-docker
step "port" has:"127.0.0.1:" d port compat-docker 80/tcp
step "cp in" code:0 d cp /etc/hostname compat-docker:/data/file
step "cp out" "$(cat /etc/hostname)" sh -c "$docker cp compat-docker:/data/file - | tar -xO"
step "diff" has:"A /made" sh -c "$docker exec compat-docker touch /made && $docker diff compat-docker"
step "pause" code:0 d pause compat-docker
step "unpause" code:0 d unpause compat-docker
step "update" code:0 d update --memory 96m --memory-swap 96m --restart on-failure:2 compat-docker
step "rename" code:0 d rename compat-docker compat-renamed
step "commit" has:"sha256:" d commit -m made -c 'CMD ["echo","made"]' compat-renamed compat/docker:made
step "run the image" made run --rm compat/docker:made
step "history" has:"made" d history --no-trunc compat/docker:made
step "images" "compat/docker:made" d images --format '{{.Repository}}:{{.Tag}}' compat/docker
step "save and load" has:"Loaded image: compat/docker:made" sh -c "$docker save compat/docker:made | $docker load"
step "network inspect" "compat-renamed" d network inspect -f '{{range .Containers}}{{.Name}}{{end}}' compat-docker
step "network disconnect and connect" code:0 sh -c "$docker network disconnect compat-docker compat-renamed && $docker network connect --alias other compat-docker compat-renamed"
step "a name on the network" has:"Name:" run --rm --network compat-docker busybox nslookup -type=a other
step "export" has:"bin/busybox" sh -c "$docker export compat-renamed | tar -t"
step "stop" code:0 d stop -t 20 compat-renamed
step "wait" "7" d wait compat-renamed
step "start" code:0 d start compat-renamed
step "restart" code:0 d restart -t 20 compat-renamed
step "kill" code:0 d kill compat-renamed
step "wait: the signal" "137" d wait compat-renamed
# The client cuts "0s" to the second, which would leave out the newest events.
step "events" has:"container die" d events --since 10m --until "$(($(date +%s) + 1))" --filter container=compat-renamed
step "events: as JSON" has:'"Action":"kill"' d events --since 10m --until "$(($(date +%s) + 1))" --filter event=kill --format '{{json .}}'
step "start -a" code:0 sh -c "$docker create --label $label --name compat-once busybox echo once >/dev/null && $docker start -a compat-once"
step "attach" has:"got it" sh -c "$docker run --label $label -di --name compat-talk busybox sh -c 'read a; echo got \$a' >/dev/null; echo it | $docker attach compat-talk; $docker logs compat-talk"
step "system df" has:"Containers" d system df -v
step "info" has:"Server Version" d info
step "container prune" code:0 d container prune -f --filter "label=$label"
printf '%s steps\n' "$passed"
