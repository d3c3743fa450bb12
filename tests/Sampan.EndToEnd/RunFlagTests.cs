using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Every flag that <c>docker run --help</c> lists has its effect or its refusal here, or in the test that this table names.</summary>
public sealed partial class RunFlagTests(SharedEngine engine) : EngineTest(engine)
{
    /// <summary>Flags whose effect shows inside: options, a shell line, what it prints.</summary>
    private static readonly (string Options, string Line, string Prints)[] s_inside =
    [
        ("--hostname box --domainname example.test", "cat /proc/sys/kernel/hostname /proc/sys/kernel/domainname", "box\nexample.test"),
        ("--user 7:8 --group-add 44 --workdir /tmp --env A=b --env-file {file}", "id -u; id -g; id -G; pwd; echo $A $FROM_FILE", "7\n8\n8 44\n/tmp\nb from-file"),
        ("--add-host one.test:192.0.2.1 --dns 192.0.2.53 --dns-search example.test --dns-option ndots:3",
            "grep one.test /etc/hosts | tr -s '\\t' ' '; grep -E '^(nameserver|search|options) ' /etc/resolv.conf | sort", "192.0.2.1 one.test\nnameserver 192.0.2.53\noptions ndots:3\nsearch example.test"),
        ("--oom-score-adj 500 --sysctl net.core.somaxconn=77 --shm-size 8m", "cat /proc/self/oom_score_adj /proc/sys/net/core/somaxconn; df -k /dev/shm | tail -n 1 | awk '{print $2}'", "500\n77\n8192"),
        ("--memory 64m --memory-reservation 32m --cpu-period 50000 --cpu-quota 25000 --cpuset-cpus 0 --cpuset-mems 0",
            "cd /sys/fs/cgroup; cat memory.low 2>/dev/null || cat memory/memory.soft_limit_in_bytes; cat cpu.max 2>/dev/null || echo $(cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us); cat cpuset.cpus 2>/dev/null || cat cpuset/cpuset.cpus; cat cpuset.mems 2>/dev/null || cat cpuset/cpuset.mems",
            "33554432\n25000 50000\n0\n0"),
        ("--device /dev/kmsg:/dev/log-of-kernel:w --device-cgroup-rule {quoted-rule}", "ls -l /dev/log-of-kernel | cut -c1; mknod /tmp/k c 1 11 && : > /tmp/k && echo opened", "c\nopened"),
        ("--device sampan.test/thing=one", "echo $THING; ls -l /dev/thing | cut -c1; cat /thing/host > /dev/null && echo mounted", "one\nc\nmounted"),
        ("--cgroupns host", "readlink /proc/self/ns/cgroup", "{host-cgroup-namespace}"),
        ("--userns host --runtime sampan-runtime --isolation default --pull never --quiet --disable-content-trust", "echo runs", "runs"),
        ("--link-local-ip 169.254.77.1 --link-local-ip fe80::77", "ip -o addr show eth0 | grep -E -o '169.254.77.1/16|fe80::77/64'", "169.254.77.1/16\nfe80::77/64"),
        ("--attach stdout", "echo seen; echo unseen >&2", "seen"),
    ];

    /// <summary>Flags that are reported: options, the template of inspect, what it says.</summary>
    private static readonly (string Options, string Template, string Says)[] s_reported =
    [
        ("--label a=b --label-file {labels} --annotation x=y --stop-signal INT --stop-timeout 7",
            "{{.Config.Labels.a}} {{.Config.Labels.filed}} {{.HostConfig.Annotations.x}} {{.Config.StopSignal}} {{.Config.StopTimeout}}", "b yes y INT 7"),
        ("--health-cmd true --health-start-period 3s --health-start-interval 2s --expose 81", "{{json .Config.Healthcheck.StartPeriod}} {{json .Config.Healthcheck.StartInterval}} {{json .Config.ExposedPorts}}", "3000000000 2000000000 {\"81/tcp\":{}}"),
        ("--blkio-weight 300 --memory 64m --memory-swappiness 10 --oom-kill-disable --cgroup-parent /sampan-flags", "{{.HostConfig.BlkioWeight}} {{.HostConfig.MemorySwappiness}} {{.HostConfig.OomKillDisable}} {{.HostConfig.CgroupParent}}", "300 10 true /sampan-flags"),
        ("--publish 127.0.0.1::80 --publish-all --volume /anonymous --use-api-socket", "{{.HostConfig.PublishAllPorts}} {{len .HostConfig.PortBindings}}", "true 1"),
    ];

    /// <summary>Flags that this engine, or docker's client for it, refuses: options and words of the refusal.</summary>
    private static readonly (string Options, string Says)[] s_refused =
    [
        ("--gpus all", "could not select device driver \"\" with capabilities: [[gpu]]"),
        ("--device /proc/self/ns", "cannot use directory '/proc/self/ns': there is no device node in it"),
        ("--device sampan.test/thing=none", "unresolvable CDI devices sampan.test/thing=none"),
        ("--storage-opt size=1G", "--storage-opt size is not supported: the file system of the data root has no project quotas"),
        ("--storage-opt size=much", "invalid size 'much' of storage-opt"),
        ("--storage-opt speed=1G", "unknown option 'speed' of storage-opt"),
        ("--isolation hyperv", "'HostConfig.Isolation: hyperv' is not supported"),
        ("--runtime nothing", "unknown or invalid runtime name: nothing"),
        ("--cgroup-parent relative", "invalid cgroup parent"),
    ];

    /// <summary>Flags of Windows, which docker's client refuses by itself, and the one that the API has no more.</summary>
    private static readonly string[] s_notOurs = ["cpu-count", "cpu-percent", "io-maxbandwidth", "io-maxiops", "kernel-memory"];

    /// <summary>Flags that other tests are about.</summary>
    private static readonly Dictionary<string, string> s_elsewhere = new(StringComparer.Ordinal)
    {
        ["cap-add"] = nameof(IsolationTests.Capabilities_are_dockers_defaults_and_add_and_drop_change_them),
        ["cap-drop"] = nameof(IsolationTests.Capabilities_are_dockers_defaults_and_add_and_drop_change_them),
        ["security-opt"] = nameof(IsolationTests.Seccomp_filters_and_unconfined_does_not),
        ["privileged"] = nameof(IsolationTests),
        ["read-only"] = nameof(IsolationTests),
        ["pid"] = nameof(IsolationTests),
        ["uts"] = nameof(IsolationTests),
        ["ipc"] = nameof(NamespaceModeTests.A_shareable_ipc_namespace_is_joined_with_its_shared_memory),
        ["cpu-shares"] = nameof(LimitTests.Cpus_become_a_quota),
        ["cpus"] = nameof(LimitTests.Cpus_become_a_quota),
        ["memory-swap"] = nameof(LimitTests.Too_much_memory_is_killed_and_said_so),
        ["pids-limit"] = nameof(LimitTests.Pids_are_limited),
        ["ulimit"] = nameof(LimitTests.Ulimits_are_set),
        ["cpu-rt-period"] = nameof(LimitTests.Real_time_is_given_by_the_daemon_to_containers),
        ["cpu-rt-runtime"] = nameof(LimitTests.Real_time_is_given_by_the_daemon_to_containers),
        ["blkio-weight-device"] = nameof(Limits_of_a_block_device_are_written),
        ["device-read-bps"] = nameof(Limits_of_a_block_device_are_written),
        ["device-read-iops"] = nameof(Limits_of_a_block_device_are_written),
        ["device-write-bps"] = nameof(Limits_of_a_block_device_are_written),
        ["device-write-iops"] = nameof(Limits_of_a_block_device_are_written),
        ["cidfile"] = nameof(The_id_is_written_to_a_file_that_is_not_there_yet),
        ["ip"] = nameof(Addresses_and_names_on_a_network_are_those_asked_for),
        ["ip6"] = nameof(Addresses_and_names_on_a_network_are_those_asked_for),
        ["mac-address"] = nameof(Addresses_and_names_on_a_network_are_those_asked_for),
        ["network"] = nameof(Addresses_and_names_on_a_network_are_those_asked_for),
        ["network-alias"] = nameof(Addresses_and_names_on_a_network_are_those_asked_for),
        ["link"] = nameof(LiveNetworkTests),
        ["entrypoint"] = nameof(LifecycleTests),
        ["init"] = nameof(LifecycleTests),
        ["name"] = nameof(LifecycleTests),
        ["detach"] = nameof(LifecycleTests),
        ["rm"] = nameof(LifecycleTests),
        ["detach-keys"] = nameof(TerminalTests),
        ["tty"] = nameof(TerminalTests),
        ["interactive"] = nameof(InteractiveTests),
        ["sig-proxy"] = nameof(InteractiveTests),
        ["health-interval"] = nameof(HealthTests),
        ["health-retries"] = nameof(HealthTests),
        ["health-timeout"] = nameof(HealthTests),
        ["no-healthcheck"] = nameof(HealthTests),
        ["log-driver"] = nameof(LogDriverTests),
        ["log-opt"] = nameof(LogDriverTests),
        ["restart"] = nameof(RestartTests),
        ["mount"] = nameof(MountFormTests),
        ["volumes-from"] = nameof(MountFormTests),
        ["tmpfs"] = nameof(VolumeTests),
        ["volume-driver"] = nameof(VolumeDriverTests),
        ["platform"] = nameof(PlatformTests),
        ["help"] = nameof(BadInputTests),
    };

    [Theory, MemberData(nameof(Both))]
    public async Task No_flag_of_the_client_is_forgotten(string client)
    {
        var listed = await FlagsAsync(client);

        var tried = s_inside.Select(row => row.Options).Concat(s_reported.Select(row => row.Options)).Concat(s_refused.Select(row => row.Options)).SelectMany(Flags);
        listed.Except(tried).Except(s_elsewhere.Keys).Except(s_notOurs).Except(client == Clients.Sampan ? ["restart-on-unhealthy"] : []).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Flags_have_their_effect_inside(string client)
    {
        using var scratch = new Scratch();
        var known = await FlagsAsync(client);
        var wrong = new List<string>();
        foreach (var (options, line, prints) in s_inside.Where(row => IsKnown(row.Options, known)))
        {
            var outcome = await RunAsync(client, ["run", "--rm", .. Words(options, scratch), "busybox", "sh", "-c", line]);
            if (outcome.ExitCode != 0 || outcome.Text != prints.Replace("{host-cgroup-namespace}", new FileInfo("/proc/self/ns/cgroup").LinkTarget, StringComparison.Ordinal))
                wrong.Add($"{options}: {outcome.ExitCode} '{outcome.Text}' {outcome.Stderr.Trim()}");
        }

        wrong.ShouldBeEmpty(string.Join('\n', wrong));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Flags_are_kept_and_reported(string client)
    {
        using var scratch = new Scratch();
        var known = await FlagsAsync(client);
        var wrong = new List<string>();
        foreach (var (options, template, says) in s_reported)
        {
            var name = NewName("flags");
            var given = Words(options, scratch).Where(word => word != "--use-api-socket" || known.Contains("use-api-socket"));
            var outcome = await RunAsync(client, ["create", "--name", name, .. given, "busybox", "true"]);
            var found = outcome.ExitCode == 0 ? await RunAsync(client, "inspect", "-f", template, name) : outcome;
            if (found.Text != says)
                wrong.Add($"{options}: '{found.Text}' instead of '{says}' {outcome.Stderr.Trim()}");
        }

        wrong.ShouldBeEmpty(string.Join('\n', wrong));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task What_this_engine_has_not_is_refused_by_name(string client)
    {
        var wrong = new List<string>();
        foreach (var (options, says) in s_refused)
        {
            var outcome = await RunAsync(client, ["run", "--rm", .. options.Split(' '), "busybox", "true"]);
            if (outcome.ExitCode != 125 || !outcome.Stderr.Contains(says, StringComparison.Ordinal))
                wrong.Add($"{options}: {outcome.ExitCode} {outcome.Stderr.Trim()}");
        }

        wrong.ShouldBeEmpty(string.Join('\n', wrong));
    }

    [Theory, MemberData(nameof(Both))]
    public async Task The_id_is_written_to_a_file_that_is_not_there_yet(string client)
    {
        using var scratch = new Scratch();
        var file = Path.Combine(scratch.Path, "id");

        var id = (await RunAsync(client, "create", "--cidfile", file, "busybox", "true")).Succeeded();

        File.ReadAllText(file).ShouldBe(id);
        (await RunAsync(client, "create", "--cidfile", file, "busybox", "true")).Failed().Saying("container ID file found");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Limits_of_a_block_device_are_written(string client)
    {
        var disk = Directory.EnumerateDirectories("/sys/block").Select(path => "/dev/" + Path.GetFileName(path)).FirstOrDefault(File.Exists);
        if (disk is null)
            Assert.Skip("this machine has no block device");
        var name = NewName("blocks");

        (await RunAsync(client, "create", "--name", name, "--device-read-bps", $"{disk}:1mb", "--device-write-bps", $"{disk}:2mb", "--device-read-iops", $"{disk}:3", "--device-write-iops", $"{disk}:4", "--blkio-weight-device", $"{disk}:500", "busybox", "true")).Succeeded();

        (await InspectAsync(client, name, "{{(index .HostConfig.BlkioDeviceReadBps 0).Rate}} {{(index .HostConfig.BlkioDeviceWriteBps 0).Rate}} {{(index .HostConfig.BlkioDeviceReadIOps 0).Rate}} {{(index .HostConfig.BlkioDeviceWriteIOps 0).Rate}} {{(index .HostConfig.BlkioWeightDevice 0).Weight}}"))
            .ShouldBe("1048576 2097152 3 4 500");
        if (File.Exists("/sys/fs/cgroup/blkio/blkio.throttle.read_bps_device"))
            (await BusyboxAsync(client, "cut -d' ' -f2 /sys/fs/cgroup/blkio/blkio.throttle.read_bps_device", "--device-read-bps", $"{disk}:1mb")).ShouldBe("1048576");
    }

    [Theory, MemberData(nameof(Both))]
    public async Task Addresses_and_names_on_a_network_are_those_asked_for(string client)
    {
        var network = NewName("flagnet");
        var last = client == Clients.Docker ? 1 : 2;
        (await RunAsync(client, "network", "create", "--ipv6", "--subnet", $"{Daemon.Pool}.{240 + (last * 4)}/30", "--subnet", $"fd00:5a:{last}::/64", network)).Succeeded();
        try
        {
            var address = $"{Daemon.Pool}.{240 + (last * 4) + 2}";
            var seen = await BusyboxAsync(
                client, $"cat /sys/class/net/eth0/address; ip -4 addr show eth0 | grep -c '{address}/'; ip -6 addr show eth0 | grep -c 'fd00:5a:{last}::9/'; nslookup other 127.0.0.11 | grep -c '{address}$'",
                "--network", network, "--ip", address, "--ip6", $"fd00:5a:{last}::9", "--mac-address", "02:42:0a:00:00:77", "--network-alias", "other");
            seen.Split('\n').ShouldBe(["02:42:0a:00:00:77", "1", "1", "1"]);
        }
        finally
        {
            await RunAsync(client, "network", "rm", network);
        }
    }

    private async Task<HashSet<string>> FlagsAsync(string client) =>
        [.. FlagPattern().Matches((await RunAsync(client, "run", "--help")).Succeeded()).Select(match => match.Groups["flag"].Value)];

    private static IEnumerable<string> Flags(string options) => options.Split(' ').Where(word => word.StartsWith("--", StringComparison.Ordinal)).Select(word => word[2..]);

    private static bool IsKnown(string options, HashSet<string> known) => Flags(options).All(known.Contains);

    private static IEnumerable<string> Words(string options, Scratch scratch) => options.Split(' ').Select(word => word switch
    {
        "{file}" => Written(scratch, "variables", "FROM_FILE=from-file\n"),
        "{labels}" => Written(scratch, "labels", "filed=yes\n"),
        "{quoted-rule}" => "c 1:11 w",
        _ => word,
    });

    private static string Written(Scratch scratch, string name, string text)
    {
        var path = Path.Combine(scratch.Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    [GeneratedRegex(@"(?m)^ +(-[a-zA-Z], )?--(?<flag>[a-z0-9-]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 10_000)]
    private static partial Regex FlagPattern();
}
