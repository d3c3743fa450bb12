using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sampan.Linux;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Validation;

namespace Sampan.Runtime.Tests.Validation;

/// <summary>Whatever stands in <c>config.json</c>, the answer is a plan or one clear line: never another exception, never an endless or unreadable message.</summary>
public sealed class HostileSpecTests
{
    private const int LineMax = 4000;

    private static readonly Func<JsonNode?>[] s_hostile =
    [
        () => null, () => JsonValue.Create(-1), () => JsonValue.Create(int.MinValue), () => JsonValue.Create(ulong.MaxValue), () => JsonValue.Create(1e300),
        () => JsonValue.Create(0), () => JsonValue.Create(true), () => JsonValue.Create(""), () => JsonValue.Create("\0"), () => JsonValue.Create("a\0b"),
        () => JsonValue.Create("nett"), () => JsonValue.Create("../../../../etc"), () => JsonValue.Create("/proc/../.."), () => JsonValue.Create("\u001b[2J\r\n\u202e"),
        () => JsonValue.Create("/" + new string('x', 5000)), () => JsonValue.Create(new string('y', 200_000)), () => JsonValue.Create(new string('€', 50_000)),
        () => new JsonArray(), () => new JsonObject(), () => new JsonArray(null, null), () => new JsonArray(1, "x", new JsonObject()),
        () => new JsonObject { [""] = "", ["a\0b"] = null, ["net.ipv4.../../kernel.core_pattern"] = "x" }, () => Nested(60),
        () => new JsonArray([.. Enumerable.Range(0, 500).Select(_ => (JsonNode)new JsonObject { ["type"] = "pid", ["path"] = "relative" })]),
    ];

    /// <summary>Every member of the specification with a value that is sound.</summary>
    private static readonly RuntimeSpec s_sound = new()
    {
        OciVersion = "1.2.0",
        Hostname = "box",
        Domainname = "example.org",
        Root = new Root { Path = "rootfs", Readonly = true },
        Process = new OciProcess
        {
            Terminal = true,
            ConsoleSize = new ConsoleSize { Height = 25, Width = 80 },
            Args = ["sh", "-c", "true"],
            Env = ["PATH=/bin"],
            Cwd = "/",
            User = new OciUser { Uid = 1, Gid = 2, Umask = 63, AdditionalGids = [3, 4] },
            Capabilities = new CapabilitySets { Bounding = ["CAP_CHOWN"], Effective = ["CAP_CHOWN"], Permitted = ["CAP_CHOWN"], Inheritable = ["CAP_KILL"], Ambient = ["CAP_KILL"] },
            Rlimits = [new Rlimit { Type = "RLIMIT_NOFILE", Soft = 1, Hard = 2 }],
            OomScoreAdj = 5,
            Scheduler = new Scheduler { Policy = "SCHED_OTHER", Nice = 1, Flags = ["SCHED_FLAG_RESET_ON_FORK"] },
            IoPriority = new IoPriority { Class = "IOPRIO_CLASS_BE", Priority = 3 },
            ExecCpuAffinity = new ExecCpuAffinity { Initial = "0", Final = "0-1" },
        },
        Mounts =
        [
            new Mount { Destination = "/proc", Type = "proc", Source = "proc", Options = ["nosuid"] },
            new Mount { Destination = "/data", Type = "bind", Source = "/srv", Options = ["rbind", "rro", "rslave", "idmap"], UidMappings = [new IdMapping { Size = 1 }], GidMappings = [new IdMapping { Size = 1 }] },
        ],
        Hooks = new Hooks { Prestart = [new Hook { Path = "/bin/true", Args = ["true"], Env = ["A=b"], Timeout = 1 }], StartContainer = [new Hook { Path = "/bin/true" }] },
        Annotations = new Dictionary<string, string> { ["org.example"] = "x" },
        Linux = new LinuxSection
        {
            Namespaces = [new Namespace { Type = "mount" }, new Namespace { Type = "uts" }, new Namespace { Type = "network", Path = "/proc/self/ns/net" }, new Namespace { Type = "user" }, new Namespace { Type = "time" }],
            UidMappings = [new IdMapping { HostId = 1000, Size = 10 }],
            GidMappings = [new IdMapping { HostId = 1000, Size = 10 }],
            TimeOffsets = new Dictionary<string, TimeOffset> { ["boottime"] = new() { Secs = 1, Nanosecs = 2 } },
            Sysctl = new Dictionary<string, string> { ["net.ipv4.ip_forward"] = "1" },
            CgroupsPath = "/sampan/x",
            Devices = [new Device { Type = "c", Path = "/dev/fuse", Major = 10, Minor = 229, FileMode = 438, Uid = 1, Gid = 1 }],
            RootfsPropagation = "rslave",
            MaskedPaths = ["/proc/kcore"],
            ReadonlyPaths = ["/proc/sys"],
            Personality = new Personality { Domain = "LINUX" },
            Resources = new Resources
            {
                Devices = [new DeviceRule { Allow = true, Type = "c", Major = 1, Minor = 3, Access = "rwm" }],
                Memory = new MemoryLimits { Limit = 1 << 30, Swap = -1 },
                Cpu = new CpuLimits { Shares = 100, Cpus = "0" },
                Pids = new PidsLimit { Limit = 10 },
                BlockIo = new BlockIoLimits { Weight = 10, ThrottleReadBpsDevice = [new BlockIoThrottle { Major = 8, Rate = 1 }] },
                HugepageLimits = [new HugepageLimit { PageSize = "2MB", Limit = 1 }],
                Unified = new Dictionary<string, string> { ["memory.high"] = "max" },
            },
            Seccomp = new Oci.Runtime.Seccomp
            {
                DefaultAction = "SCMP_ACT_ERRNO",
                DefaultErrnoRet = 38,
                Architectures = ["SCMP_ARCH_X86_64"],
                Flags = ["SECCOMP_FILTER_FLAG_LOG"],
                ListenerPath = "/run/agent.sock",
                ListenerMetadata = "x",
                Syscalls = [new SeccompRule { Names = ["read"], Action = "SCMP_ACT_ALLOW", Args = [new SeccompArgument { Index = 1, Value = 2, ValueTwo = 3, Op = "SCMP_CMP_EQ" }] }],
            },
        },
    };

    private static readonly Arbitrary<int> s_seeds = Gen.Choose(int.MinValue, int.MaxValue).ToArbitrary();

    private static readonly string s_text = JsonSerializer.Serialize(s_sound, OciRuntimeJson.Default.RuntimeSpec);

    [Fact]
    public void The_specification_that_is_changed_is_sound() => Answer(Encoding.UTF8.GetBytes(s_text)).ShouldBe("");

    [Fact]
    public void Values_that_do_not_belong_there_get_one_clear_line() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(4000),
        Prop.ForAll(s_seeds, seed => RequireClear(Mutate(new Random(seed)))));

    [Fact]
    public void Texts_that_are_cut_and_garbled_get_one_clear_line() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3000),
        Prop.ForAll(s_seeds, seed => RequireClear(Garble(new Random(seed)))));

    [Theory]
    [InlineData("linux.namespaces[0].type", "\"nett\"", "linux.namespaces[0].type: \"nett\" is not one of cgroup, ipc, mount, network, pid, time, user, uts")]
    [InlineData("linux.namespaces[1].type", "\"mount\"", "linux.namespaces[1].type: \"mount\" appears twice")]
    [InlineData("linux.namespaces[2].path", "\"ns/net\"", "linux.namespaces[2].path: \"ns/net\" is not absolute")]
    [InlineData("process.args[1]", "\"a\\u0000b\"", "process.args[1]: \"a\\u0000b\" has a null character")]
    [InlineData("process.user.uid", "-1", "process.user.uid: a whole number from 0 to 4294967295 is expected")]
    [InlineData("process.oomScoreAdj", "5000", "process.oomScoreAdj: 5000 is not within -1000 and 1000")]
    [InlineData("mounts[1].destination", "\"/../..\"", "mounts[1].destination: is the root itself")]
    [InlineData("mounts[1].destination", "\"/proc/self\"", "mounts[1].destination: \"/proc/self\" cannot be mounted because it is inside '/proc'")]
    [InlineData("mounts[1].options[0]", "\"rbnd\"", "mounts[1].options: the option \"rbnd\" is not known for a bind")]
    [InlineData("linux.sysctl", "{\"kernel.core_pattern\": \"|/evil\"}", "linux.sysctl[\"kernel.core_pattern\"]: 'kernel.core_pattern' is not in a namespace")]
    [InlineData("linux.seccomp.syscalls[0].action", "\"SCMP_ACT_DANCE\"", "linux.seccomp.syscalls[0].action: \"SCMP_ACT_DANCE\" is not one of")]
    [InlineData("linux.seccomp.syscalls[0].args[0].index", "6", "linux.seccomp.syscalls[0].args[0].index: 6 is not within 0 and 5")]
    [InlineData("linux.devices[0].minor", "99999999", "linux.devices[0].minor: 99999999 is not within 0 and 1048575")]
    [InlineData("linux.cgroupsPath", "\"/sampan/../x\"", "linux.cgroupsPath: \"/sampan/../x\" goes upwards")]
    [InlineData("linux.maskedPaths[0]", "\"proc/kcore\"", "linux.maskedPaths[0]: \"proc/kcore\" is not absolute")]
    [InlineData("hooks.prestart[0].path", "\"true\"", "hooks.prestart[0].path: \"true\" is not absolute")]
    [InlineData("hooks.prestart[0].timeout", "0", "hooks.prestart[0].timeout: 0 is not above 0")]
    [InlineData("annotations", "{\"\": \"x\"}", "annotations[\"\"]: has no name")]
    [InlineData("linux.intelRdt", "{}", "linux.intelRdt: is not supported")]
    public void A_wrong_value_is_told_by_its_path(string path, string value, string message) =>
        Answer(Encoding.UTF8.GetBytes(With(path, value))).ShouldContain(message);

    [Fact]
    public void Ten_megabytes_in_one_text_are_refused_in_one_short_line()
    {
        var answer = Answer(Encoding.UTF8.GetBytes(With("process.args[1]", $"\"{new string('x', 10 * 1024 * 1024)}\"")));
        answer.ShouldContain("process.args[1]: \"xxx");
        answer.ShouldContain("has 10485760 bytes, 131071 are allowed");
        answer.Length.ShouldBeLessThan(500);
    }

    private static void RequireClear(byte[] document)
    {
        var answer = Answer(document);
        answer.Length.ShouldBeLessThan(LineMax);
        answer.ShouldNotContain(sign => char.IsControl(sign), answer);
        (answer.Length == 0 || answer.Contains(": ", StringComparison.Ordinal)).ShouldBeTrue(answer);
    }

    /// <summary>The refusal, or nothing if the document can be planned.</summary>
    private static string Answer(byte[] document)
    {
        try
        {
            LaunchPlanner.Plan(SpecReader.Read(document), "/rootfs", [], CapabilitySet.All);
            return "";
        }
        catch (RuntimeException refusal)
        {
            return refusal.Message;
        }
    }

    private static byte[] Mutate(Random random)
    {
        var document = JsonNode.Parse(s_text)!;
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var places = new List<Action<JsonNode?>>();
            Collect(document, places);
            places[random.Next(places.Count)](s_hostile[random.Next(s_hostile.Length)]());
        }
        return Encoding.UTF8.GetBytes(document.ToJsonString(new JsonSerializerOptions { MaxDepth = 200 }));
    }

    private static byte[] Garble(Random random)
    {
        var bytes = Encoding.UTF8.GetBytes(s_text);
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            switch (random.Next(4))
            {
                case 0:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                case 1 when bytes.Length > 0:
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    break;
                case 2 when bytes.Length > 0:
                    var at = random.Next(bytes.Length);
                    bytes = [.. bytes[..at], (byte)"{}[]\",:0n"[random.Next(9)], .. bytes[at..]];
                    break;
                default:
                    bytes = [.. bytes, .. bytes[..Math.Min(bytes.Length, random.Next(50))]];
                    break;
            }
        }
        return bytes;
    }

    private static void Collect(JsonNode? node, List<Action<JsonNode?>> places)
    {
        if (node is JsonObject map)
        {
            foreach (var name in map.Select(one => one.Key).ToArray())
            {
                places.Add(value => map[name] = value);
                Collect(map[name], places);
            }
        }
        else if (node is JsonArray list)
        {
            for (var i = 0; i < list.Count; i++)
            {
                var index = i;
                places.Add(value => list[index] = value);
                Collect(list[i], places);
            }
        }
    }

    private static JsonArray Nested(int depth)
    {
        var list = new JsonArray();
        for (var i = 0; i < depth; i++)
            list = [list];
        return list;
    }

    /// <summary>The sound document with another value at a path.</summary>
    private static string With(string path, string value)
    {
        const string Marker = "@@value@@";
        var document = JsonNode.Parse(s_text)!;
        var parts = path.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.');
        var node = document;
        foreach (var part in parts[..^1])
            node = node is JsonArray list ? list[int.Parse(part)]! : node[part]!;
        if (node is JsonArray last)
            last[int.Parse(parts[^1])] = Marker;
        else
            node[parts[^1]] = Marker;
        return document.ToJsonString().Replace($"\"{Marker}\"", value, StringComparison.Ordinal);
    }
}
