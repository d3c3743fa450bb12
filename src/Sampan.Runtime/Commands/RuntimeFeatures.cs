using Sampan.Linux;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;
using Sampan.Runtime.Filters;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Mounting;
using Sampan.Runtime.Validation;

namespace Sampan.Runtime.Commands;

/// <summary>
/// Finds out what this build can do by asking those who would have to do it: a word is a feature if they do not refuse it. So the answer cannot come to
/// differ from the truth.
/// </summary>
internal static class RuntimeFeatures
{
    private static readonly string[] s_hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"];

    private static readonly string[] s_actions =
    [
        "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY",
        "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
    ];

    private static readonly string[] s_operators =
        ["SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"];

    private static readonly string[] s_architectures = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_X32", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64"];

    private static readonly (string Name, Version Since)[] s_flags =
    [
        ("SECCOMP_FILTER_FLAG_LOG", new Version(4, 14)), ("SECCOMP_FILTER_FLAG_SPEC_ALLOW", new Version(4, 17)),
        ("SECCOMP_FILTER_FLAG_TSYNC", new Version(3, 17)), ("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", new Version(5, 19)),
    ];

    private static readonly RuntimeSpec s_sound = new()
    {
        OciVersion = OciRuntime.SpecVersion,
        Root = new Root { Path = "rootfs" },
        Process = new OciProcess { Args = ["sh"], Cwd = "/" },
        Linux = new LinuxSection { Namespaces = [new Namespace { Type = "mount" }, new Namespace { Type = "network" }] },
    };

    internal static Features Read() => new()
    {
        OciVersionMin = "1.0.0",
        OciVersionMax = OciRuntime.SpecVersion,
        Hooks = s_hooks,
        MountOptions = [.. MountOptions.Known.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
        Linux = new LinuxFeatures
        {
            Namespaces = NamespaceNames.Supported,
            Capabilities = Lists.Convert([.. ProcessCapabilities.ReadKnown().Items()], CapabilityNames.ToName),
            Cgroup = new CgroupFeatures { V1 = true, V2 = true, Systemd = true, Rdma = Takes(new Resources { Rdma = new Dictionary<string, RdmaLimit> { ["mlx5"] = new() } }) },
            Seccomp = Seccomp(),
            Apparmor = Enabled(s_sound with { Process = s_sound.Process! with { ApparmorProfile = "profile" } }),
            Selinux = Enabled(s_sound with { Process = s_sound.Process! with { SelinuxLabel = "label" } }),
            IntelRdt = Enabled(s_sound with { Linux = s_sound.Linux! with { IntelRdt = new IntelRdt() } }),
            NetDevices = Enabled(s_sound with { Linux = s_sound.Linux! with { NetDevices = new Dictionary<string, NetDevice> { ["eth0"] = new() } } }),
            MountExtensions = new MountExtensions { Idmap = new EnabledFeature { Enabled = TakesIdMaps() } },
        },
        Annotations = new Dictionary<string, string> { ["io.sampan.version"] = CommandLine.Version },
        PotentiallyUnsafeConfigAnnotations = [RuntimeAnnotations.Init],
    };

    private static EnabledFeature Enabled(RuntimeSpec spec) => new() { Enabled = !SpecValidator.Validate(spec).Any };

    private static SeccompFeatures Seccomp()
    {
        const string Allow = "SCMP_ACT_ALLOW";
        var none = new Seccomp { DefaultAction = Allow, ListenerPath = "/run/agent.sock" };
        SeccompRule Rule(string op) => new() { Names = ["read"], Action = Allow, Args = [new SeccompArgument { Op = op }] };
        string[] known = [.. s_flags.Select(flag => flag.Name).Where(flag => Takes(none with { Flags = [flag], Syscalls = [Rule("SCMP_CMP_EQ") with { Action = "SCMP_ACT_NOTIFY" }] }))];
        return new SeccompFeatures
        {
            Enabled = true,
            Actions = [.. s_actions.Where(action => Takes(none with { DefaultAction = action }) || Takes(none with { Syscalls = [Rule("SCMP_CMP_EQ") with { Action = action }] }))],
            Operators = [.. s_operators.Where(op => Takes(none with { Syscalls = [Rule(op)] }))],
            Archs = [.. s_architectures.Where(arch => Linux.Seccomp.SeccompArchitectures.TryParse(arch, out _))],
            KnownFlags = known,
            SupportedFlags = [.. known.Where(name => Environment.OSVersion.Version >= Array.Find(s_flags, flag => flag.Name == name).Since)],
        };
    }

    private static bool Takes(Seccomp seccomp) => DoesNotRefuse(() => SeccompConversion.FromSpecification(seccomp));

    private static bool Takes(Resources resources) => DoesNotRefuse(() => ResourceConversion.ForUpdate(resources));

    private static bool TakesIdMaps() => DoesNotRefuse(() => MountOptions.Read(new Mount
    {
        Destination = "/mnt",
        Source = "/srv",
        Type = "bind",
        Options = ["bind", "idmap"],
        UidMappings = [new IdMapping { Size = 1 }],
        GidMappings = [new IdMapping { Size = 1 }],
    }));

    private static bool DoesNotRefuse(Func<object> ask)
    {
        try
        {
            _ = ask();
            return true;
        }
        catch (RuntimeException)
        {
            return false; // the refusal is the answer
        }
    }
}
