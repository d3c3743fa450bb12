using Sampan.Compose.Documents;
using Sampan.Compose.Running;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Engines;

namespace Sampan.Compose.Tests.Running;

public sealed class ContainerRequestTests
{
    [Fact]
    public void Names_labels_and_networks_are_those_of_dockers_tool()
    {
        var request = Create("""
            name: shop
            services:
              web: {image: nginx, networks: {front: {aliases: [www], priority: 1}, back: {ipv4_address: 10.1.2.3}}, depends_on: {db: {condition: service_healthy, restart: true}}}
              db: {image: x}
            networks: {front: {name: outside, external: true}, back: {}}
            """, "web");

        request.Labels.ShouldNotBeNull();
        request.Labels[Labels.Project].ShouldBe("shop");
        request.Labels[Labels.Service].ShouldBe("web");
        request.Labels[Labels.Number].ShouldBe("1");
        request.Labels[Labels.OneOff].ShouldBe("False");
        request.Labels[Labels.DependsOn].ShouldBe("db:service_healthy:true");
        request.Labels[Labels.ConfigFiles].ShouldBe("/app/compose.yaml");
        request.Labels[Labels.WorkingDirectory].ShouldBe("/app");
        request.Labels[Labels.ConfigHash].ShouldBe("h");
        request.HostConfig?.NetworkMode.ShouldBe("outside");
        var endpoints = request.NetworkingConfig?.EndpointsConfig.ShouldNotBeNull();
        endpoints?["outside"]?.Aliases.ShouldBe(["shop-web-1", "web", "www"]);
        endpoints?["shop_back"]?.IPAMConfig?.IPv4Address.ShouldBe("10.1.2.3");
    }

    [Fact]
    public void An_engine_that_takes_one_network_at_a_time_gets_the_first() =>
        Create("services: {web: {image: x, networks: [a, b]}}\nnetworks: {a: {}, b: {}}", "web", c => c with { HasManyEndpoints = false }).NetworkingConfig?.EndpointsConfig?.Keys.ShouldBe(["app_a"]);

    [Fact]
    public void Every_limit_and_setting_arrives()
    {
        var request = Create("""
            services:
              a:
                image: x
                command: ["run", "it"]
                entrypoint: /entry --now
                environment: {B: b, A: "1"}
                user: me
                working_dir: /w
                hostname: h
                domainname: d
                tty: true
                stdin_open: true
                stop_signal: SIGINT
                stop_grace_period: 1m30s
                healthcheck: {test: exit 0, interval: 5s, timeout: 1s, retries: 2, start_period: 3s, start_interval: 100ms}
                expose: ["8080", "9000-9001/udp"]
                ports: ["127.0.0.1:80:8080", "53:53/udp"]
                cap_add: [NET_ADMIN]
                cap_drop: [ALL]
                privileged: true
                read_only: true
                init: true
                ipc: host
                pid: host
                uts: host
                cgroup: private
                mem_limit: 1g
                mem_reservation: 512m
                memswap_limit: 2g
                cpus: 1.5
                cpu_shares: 512
                cpuset: 0-1
                pids_limit: 100
                shm_size: 64m
                oom_score_adj: 100
                ulimits: {nofile: {soft: 1, hard: 2}, nproc: 3}
                sysctls: {net.core.somaxconn: 1024}
                security_opt: [no-new-privileges]
                dns: 1.1.1.1
                dns_search: example.com
                extra_hosts: ["h=10.0.0.1", "v6=[::1]"]
                group_add: [7]
                tmpfs: ["/run:size=1m", /tmp]
                devices: ["/dev/null:/dev/n:r"]
                logging: {driver: local, options: {max-size: 1m}}
                restart: on-failure:3
                runtime: other
                platform: linux/amd64
                annotations: {k: v}
                blkio_config: {weight: 300, device_read_bps: [{path: /dev/x, rate: 1mb}]}
                volumes:
                  - data:/data:ro
                  - ./src:/src
                  - /anonymous
                  - {type: tmpfs, target: /t, tmpfs: {size: 1m, mode: 0700}}
                  - {type: bind, source: /b, target: /b, bind: {create_host_path: false, propagation: rshared}}
                  - {type: volume, source: data, target: /s, volume: {subpath: x}}
            volumes: {data: {}}
            """, "a");

        request.Cmd.ShouldBe(["run", "it"]);
        request.Entrypoint.ShouldBe(["/entry", "--now"]);
        request.Env.ShouldBe(["A=1", "B=b"]);
        request.StopTimeout.ShouldBe(90);
        request.Healthcheck.ShouldNotBeNull();
        request.Healthcheck.Test.ShouldBe(["CMD-SHELL", "exit 0"]);
        request.Healthcheck.StartInterval.ShouldBe(100_000_000);
        request.ExposedPorts?.Keys.Order(StringComparer.Ordinal).ShouldBe(["53/udp", "8080/tcp", "9000/udp", "9001/udp"]);
        request.Volumes?.Keys.ShouldBe(["/anonymous"]);
        var host = request.HostConfig.ShouldNotBeNull();
        host.PortBindings?["8080/tcp"].ShouldBe([new PortBinding { HostIp = "127.0.0.1", HostPort = "80" }]);
        host.Binds.ShouldBe(["app_data:/data:ro", "/app/src:/src:rw"]);
        host.Mounts.ShouldNotBeNull();
        host.Mounts.Select(m => $"{m.Type} {m.Source} {m.Target} {m.BindOptions?.Propagation} {m.TmpfsOptions?.SizeBytes} {m.VolumeOptions?.Subpath}".Trim()).ShouldBe(["tmpfs  /t  1048576", "bind /b /b rshared", "volume app_data /s   x"]);
        host.Mounts[0].TmpfsOptions?.Mode.ShouldBe(448);
        host.Memory.ShouldBe(1L << 30);
        host.MemoryReservation.ShouldBe(512L << 20);
        host.MemorySwap.ShouldBe(2L << 30);
        host.NanoCpus.ShouldBe(1_500_000_000);
        host.PidsLimit.ShouldBe(100);
        host.RestartPolicy.ShouldBe(new RestartPolicy { Name = "on-failure", MaximumRetryCount = 3 });
        host.ExtraHosts.ShouldBe(["h:10.0.0.1", "v6:::1"]);
        host.Tmpfs?["/run"].ShouldBe("size=1m");
        host.Devices.ShouldBe([new DeviceMapping { PathOnHost = "/dev/null", PathInContainer = "/dev/n", CgroupPermissions = "r" }]);
        host.Ulimits.ShouldBe([new Ulimit { Name = "nofile", Soft = 1, Hard = 2 }, new Ulimit { Name = "nproc", Soft = 3, Hard = 3 }]);
        host.BlkioDeviceReadBps.ShouldBe([new ThrottleDevice { Path = "/dev/x", Rate = 1 << 20 }]);
        host.CapDrop.ShouldBe(["ALL"]);
        (host.Init, host.IpcMode, host.PidMode, host.UTSMode, host.CgroupnsMode, host.Runtime).ShouldBe((true, "host", "host", "host", "private", "other"));
    }

    [Fact]
    public void Deploy_says_limits_and_restarts_where_both_are_said()
    {
        var host = Create("services: {a: {image: x, mem_limit: 1g, restart: always, deploy: {resources: {limits: {memory: 50M, cpus: '0.5', pids: 7}, reservations: {memory: 20M}}, restart_policy: {condition: on-failure, max_attempts: 3}}}}", "a").HostConfig.ShouldNotBeNull();
        (host.Memory, host.MemoryReservation, host.NanoCpus, host.PidsLimit).ShouldBe((50L << 20, 20L << 20, 500_000_000, 7));
        host.RestartPolicy.ShouldBe(new RestartPolicy { Name = "on-failure", MaximumRetryCount = 3 });
    }

    [Fact]
    public void Namespaces_volumes_and_links_of_services_become_those_of_their_containers()
    {
        var request = Create("services: {a: {image: x, pid: \"service:b\", volumes_from: [\"b:ro\", \"container:c\"], links: [\"b:alias\"]}, b: {image: x}}", "a", c => c with { ContainersOf = s => s == "b" ? ["id-b"] : [] });
        request.HostConfig?.PidMode.ShouldBe("container:id-b");
        request.HostConfig?.VolumesFrom.ShouldBe(["id-b:ro", "c"]);
        request.NetworkingConfig?.EndpointsConfig?["app_default"]?.Links.ShouldBe(["id-b:alias"]);
    }

    [Fact]
    public void Unnamed_volumes_go_over_to_the_successor() =>
        Create("services: {a: {image: x, volumes: [/data]}}", "a", c => c with { InheritedVolumes = new Dictionary<string, string>(StringComparer.Ordinal) { ["/data"] = "v1", ["/of-image"] = "v2" } })
            .HostConfig?.Binds.ShouldBe(["v1:/data:rw", "v2:/of-image:rw"]);

    [Fact]
    public async Task Secrets_and_configs_are_mounted_from_files_and_copied_from_text()
    {
        const string Yaml = "services: {a: {image: x, secrets: [f, {source: e, target: key, uid: \"7\", mode: 0o640}], configs: [c]}}\nsecrets: {f: {file: ./s.txt}, e: {environment: KEY}}\nconfigs: {c: {content: \"x=$KEY\"}}";
        var project = Files.Load(Yaml, ("KEY", "k"));
        InjectedFiles.Bound(project, project.Services["a"]).ShouldBe([("/app/s.txt", "/run/secrets/f")]);
        var copied = InjectedFiles.Copied(project, project.Services["a"]);
        copied.ShouldBe([new InjectedFile("/run/secrets/key", null, "k", 7, 0, Convert.ToInt32("440", 8)), new InjectedFile("/c", null, "x=k", 0, 0, Convert.ToInt32("444", 8))]);
        InjectedFiles.Hash(copied).ShouldNotBe(InjectedFiles.Hash([copied[0]]));
        var archive = await InjectedFiles.ArchiveAsync(copied, TimeProvider.System, TestContext.Current.CancellationToken);
        using var reader = new System.Formats.Tar.TarReader(archive);
        reader.GetNextEntry()?.Name.ShouldBe("run/secrets/key");
        Should.Throw<ComposeException>(() => InjectedFiles.Copied(Files.Load(Yaml), Files.Load(Yaml).Services["a"])).Message.ShouldContain("the environment variable 'KEY' is not set");
    }

    [Theory]
    [InlineData("node.role == manager", null)]
    [InlineData("node.role==worker", "the constraint 'node.role==worker' is not fulfilled: on this node, which is the only one, node.role is 'manager'")]
    [InlineData("node.hostname != here", "the constraint 'node.hostname != here' is not fulfilled: on this node, which is the only one, node.hostname is 'here'")]
    [InlineData("node.platform.arch == x86_64", null)]
    [InlineData("node.labels.disk != ssd", null)]
    [InlineData("node.labels.disk == ssd", "the constraint 'node.labels.disk == ssd' is not fulfilled: on this node, which is the only one, node.labels.disk is ''")]
    [InlineData("node.labels.zone == east", null)]
    [InlineData("engine.labels.zone != east", "the constraint 'engine.labels.zone != east' is not fulfilled: on this node, which is the only one, engine.labels.zone is 'east'")]
    [InlineData("node.id == me", null)]
    [InlineData("node.colour == red", "'node.colour' is nothing that a node has: expected node.id, node.role, node.hostname, node.platform.os, node.platform.arch, node.labels.NAME or engine.labels.NAME")]
    [InlineData("disk", "'disk' is no constraint: expected NAME==VALUE or NAME!=VALUE")]
    public void Placement_is_checked_against_the_one_node(string constraint, string? expected) => Placement.Check(constraint, new SystemInfo { ID = "me", Name = "here", Architecture = "x86_64", Labels = ["zone=east"] }).ShouldBe(expected);

    private static ContainerCreateRequest Create(string yaml, string service, Func<RequestContext, RequestContext>? change = null)
    {
        var project = Files.Load(yaml);
        var context = new RequestContext { Hash = "h" };
        return ContainerRequests.Create(project, project.Services[service], 1, ContainerNames.Of(project, project.Services[service], 1), change?.Invoke(context) ?? context);
    }
}
