using Sampan.Compose.Loading;
using Sampan.Compose.Model;
using Sampan.Compose.Output;
using Sampan.Compose.Running;

namespace Sampan.Compose.Tests.Output;

/// <summary>Files as people write them, one for each habit: all are read, and what <c>config</c> prints of them is the same project.</summary>
public sealed class CorpusTests
{
    private static readonly Dictionary<string, string> s_files = new(StringComparer.Ordinal)
    {
        ["a blog and its database, version 2"] = """
            version: '2'
            services:
              db:
                image: mysql:5.7
                volumes: [ "db_data:/var/lib/mysql" ]
                restart: always
                environment:
                  MYSQL_ROOT_PASSWORD: somewordpress
                  MYSQL_DATABASE: wordpress
              wordpress:
                depends_on: [ db ]
                image: wordpress:latest
                ports: [ "8000:80" ]
                restart: always
                environment: [ "WORDPRESS_DB_HOST=db:3306", "WORDPRESS_DB_PASSWORD" ]
                mem_limit: 512m
                links: [ "db:mysql" ]
                volumes_from: [ "db:ro" ]
            volumes:
                db_data:
            """,
        ["a stack for a swarm, version 3.7"] = """
            version: "3.7"
            services:
              proxy:
                image: traefik:v2
                command:
                  - --providers.docker
                  - "--entrypoints.web.address=:80"
                ports:
                  - target: 80
                    published: 80
                    protocol: tcp
                    mode: host
                volumes:
                  - /var/run/docker.sock:/var/run/docker.sock:ro
                networks: [edge]
                deploy:
                  mode: global
                  placement: {constraints: [node.role == manager], preferences: [{spread: node.labels.zone}]}
                  labels: [traefik.enable=true]
                  update_config: {parallelism: 2, delay: 10s, order: start-first, failure_action: rollback, monitor: 30s, max_failure_ratio: 0.2}
                  rollback_config: {parallelism: 0, order: stop-first}
                  restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 120s}
                  resources:
                    limits: {cpus: '0.50', memory: 50M}
                    reservations: {cpus: '0.25', memory: 20M}
              api:
                image: api:1.2
                deploy: {replicas: 6, endpoint_mode: dnsrr}
                networks: {edge: {aliases: [backend]}}
                configs:
                  - source: nginx
                    target: /etc/nginx/nginx.conf
                    mode: 0440
                secrets: [db_password]
                healthcheck: {test: ["CMD-SHELL", "curl -f http://localhost || exit 1"], interval: 1m30s, timeout: 10s, retries: 3, start_period: 40s}
                logging: {driver: json-file, options: {max-size: "10m", max-file: "3"}}
                stop_grace_period: 1m
                sysctls: [net.core.somaxconn=1024]
                ulimits: {nproc: 65535, nofile: {soft: 20000, hard: 40000}}
            networks:
              edge: {driver: bridge, driver_opts: {com.docker.network.driver.mtu: "1450"}, ipam: {config: [{subnet: 172.28.0.0/16}]}}
            configs: {nginx: {file: ./nginx.conf}}
            secrets: {db_password: {file: ./password.txt}}
            """,
        ["graphics cards, devices and capabilities"] = """
            services:
              model:
                image: trainer
                deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 1, capabilities: [gpu, utility]}]}}}
                devices: ["/dev/snd:/dev/snd", "/dev/ttyUSB0:/dev/ttyUSB0:rw"]
                cap_add: [SYS_ADMIN]
                cap_drop: [ALL]
                security_opt: ["no-new-privileges:true"]
                ipc: host
                shm_size: 8gb
                privileged: false
                read_only: true
                tmpfs: [/tmp, "/run:size=10m"]
                user: "1000:1000"
                group_add: [video, 44]
                cpus: 1.5
                cpuset: 0,1
                pids_limit: 200
                mem_swappiness: 0
                oom_score_adj: 100
                blkio_config: {weight: 300, device_read_bps: [{path: /dev/sda, rate: 12mb}]}
                ulimits: {memlock: -1}
                restart: "on-failure:5"
                stop_signal: SIGQUIT
                hostname: trainer
                domainname: example.org
                dns: 1.1.1.1
                dns_search: [a.example, b.example]
                mac_address: 02:42:ac:11:65:43
            """,
        ["configs and secrets of every kind, hooks, and what others made"] = """
            services:
              app:
                image: app
                configs: [plain, {source: inline, target: /etc/inline, uid: "103", gid: "103", mode: 0440}]
                secrets: [token, {source: key, target: renamed}]
                post_start: [{command: ./migrate.sh, user: root, working_dir: /app, environment: [A=b]}]
                pre_stop: [{command: [./drain, --now]}]
                networks:
                  front: {ipv4_address: 172.16.238.10, ipv6_address: "2001:3984:3989::10", priority: 10}
                  theirs: {gw_priority: 1, interface_name: eth9}
                annotations: [com.example.foo=bar]
                labels: {com.example.a: "1", com.example.b: true, com.example.empty: }
                env_file: [{path: ./app.env, required: false}, ./more.env]
                pull_policy: every_12h
                platform: linux/amd64
                gpus: all
            networks:
              front: {enable_ipv6: true, ipam: {driver: default, config: [{subnet: 172.16.238.0/24, gateway: 172.16.238.1, aux_addresses: {h: 172.16.238.5}}, {subnet: "2001:3984:3989::/64"}]}}
              theirs: {external: true, name: "${THEIRS:-bridge-of-theirs}"}
            configs: {plain: {file: ./plain.conf}, inline: {content: "a=${TZ:-UTC}\n$$literal\n"}}
            secrets: {token: {environment: TOKEN}, key: {file: ~/key.pem}}
            """,
    };

    public static TheoryData<string> Names => [.. s_files.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Is_read_and_what_config_prints_is_the_same_project(string name)
    {
        var first = Load(s_files[name]);
        string printed = YamlText.Write(ConfigText.Tree(first, escapeDollars: true));
        var second = Load(printed);

        YamlText.Write(ConfigText.Tree(second, escapeDollars: true)).ShouldBe(printed);
        second.Services.Values.Select(ServiceHash.Of).ShouldBe(first.Services.Values.Select(ServiceHash.Of), printed);
        foreach (var service in first.Services.Values)
            Should.NotThrow(() => ContainerRequests.Create(first, service, 1, service.Name, new RequestContext { Hash = "h", ContainersOf = static other => [other] }));
    }

    private static Project Load(string yaml) => new Files { ["/app/compose.yaml"] = yaml, ["/app/more.env"] = "FROM='a file'\nexport OTHER=1 # a remark\n" }.Load(new LoadRequest
    {
        Files = ["/app/compose.yaml"],
        Directory = Files.Directory,
        Name = "corpus",
        Home = "/home/me",
        Profiles = ["*"],
        Environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["TOKEN"] = "t" },
    });
}
