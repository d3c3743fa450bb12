using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Launching;
using Sampan.Runtime.Mounting;
using Sampan.Runtime.Systemd;

namespace Sampan.Runtime.Validation;

/// <summary><c>linux</c> of the specification.</summary>
internal static partial class SpecValidator
{
    private const long MajorMax = 0xfff;
    private const long MinorMax = 0xfffff;
    private const uint ModeMax = 0xfff; // 07777
    private const uint NanosecondsMax = 999_999_999;

    private static void Validate(LinuxSection linux, SpecProblems problems)
    {
        var (made, joined) = ValidateNamespaces(linux, problems);
        ValidateUserNamespace(linux, made, joined, problems);
        ValidateTimeNamespace(linux, made, problems);
        var own = made | joined;
        problems.Each("linux.sysctl", linux.Sysctl, (path, name, value) =>
        {
            if (!SysctlNames.IsNamespaced(name, own.HasFlag(NamespaceTypes.Ipc), own.HasFlag(NamespaceTypes.Network), own.HasFlag(NamespaceTypes.Uts)))
                problems.Add(path, $"'{(name.Length > 64 ? name[..64] + "…" : name)}' is not in a namespace of the container");
            problems.Text(path, value, SpecProblems.PathMaxBytes);
        });
        problems.Each("linux.devices", linux.Devices, (path, device) => Validate(path, device, problems));
        problems.Each("linux.maskedPaths", linux.MaskedPaths, (path, one) => problems.AbsolutePath(path, one));
        problems.Each("linux.readonlyPaths", linux.ReadonlyPaths, (path, one) => problems.AbsolutePath(path, one));
        if (linux.RootfsPropagation is { Length: > 0 } propagation)
            problems.Word("linux.rootfsPropagation", propagation, MountOptions.Propagations);
        if (linux.MountLabel is { } label)
            problems.Text("linux.mountLabel", label, SpecProblems.PathMaxBytes);
        if (linux.Personality is { } personality)
        {
            problems.Word("linux.personality.domain", personality.Domain, ["LINUX", "LINUX32"]);
            if (personality.Flags.Count > 0)
                problems.Add("linux.personality.flags", "no flags are defined by the specification");
        }
        if (linux.Seccomp is { } seccomp)
            Validate(seccomp, problems);
        if (linux.Resources is { } resources)
            Validate(resources, problems);
        if (linux.CgroupsPath is { Length: > 0 } group)
            ValidateGroup(group, problems);
        ValidateUnsupported(linux, problems);
    }

    private static (NamespaceTypes Made, NamespaceTypes Joined) ValidateNamespaces(LinuxSection linux, SpecProblems problems)
    {
        var made = NamespaceTypes.None;
        var joined = NamespaceTypes.None;
        problems.Each("linux.namespaces", linux.Namespaces, (path, one) =>
        {
            if (!problems.Word(path + ".type", one.Type, NamespaceNames.Supported))
                return;
            var type = NamespaceNames.Parse(one.Type);
            if ((made | joined).HasFlag(type))
                problems.Add(path + ".type", $"{SpecProblems.Quote(one.Type)} appears twice");
            if (one.Path is not { Length: > 0 })
            {
                made |= type;
                return;
            }
            joined |= type;
            problems.AbsolutePath(path + ".path", one.Path);
        });
        if (!(made | joined).HasFlag(NamespaceTypes.Mount))
            problems.Add("linux.namespaces", "a mount namespace is needed: without one the container's mounts would be the host's");
        return (made, joined);
    }

    private static void ValidateUserNamespace(LinuxSection linux, NamespaceTypes made, NamespaceTypes joined, SpecProblems problems)
    {
        ValidateMap("linux.uidMappings", linux.UidMappings, problems);
        ValidateMap("linux.gidMappings", linux.GidMappings, problems);
        // With a namespace that is joined the maps are those it has: engines repeat them, or write a dummy for runtimes that want one.
        if (made.HasFlag(NamespaceTypes.User) && linux.UidMappings.Count == 0)
            problems.Add("linux.uidMappings", "is missing: a new user namespace needs to map users");
        if (made.HasFlag(NamespaceTypes.User) && linux.GidMappings.Count == 0)
            problems.Add("linux.gidMappings", "is missing: a new user namespace needs to map groups");
        if (!(made | joined).HasFlag(NamespaceTypes.User) && linux.UidMappings.Count + linux.GidMappings.Count > 0)
            problems.Add(linux.UidMappings.Count > 0 ? "linux.uidMappings" : "linux.gidMappings", "is set, but linux.namespaces has no user namespace");
    }

    private static void ValidateTimeNamespace(LinuxSection linux, NamespaceTypes made, SpecProblems problems)
    {
        if (linux.TimeOffsets.Count > 0 && !made.HasFlag(NamespaceTypes.Time))
            problems.Add("linux.timeOffsets", "is set, but linux.namespaces has no new time namespace");
        problems.Each("linux.timeOffsets", linux.TimeOffsets, (path, clock, offset) =>
        {
            if (clock is not ("monotonic" or "boottime"))
                problems.Add(path, $"{SpecProblems.Quote(clock)} is not one of monotonic, boottime");
            if (offset.Nanosecs > NanosecondsMax)
                problems.Add(path + ".nanosecs", $"{offset.Nanosecs} is more than {NanosecondsMax}");
        });
    }

    private static void Validate(string path, Device device, SpecProblems problems)
    {
        problems.AbsolutePath(path + ".path", device.Path);
        if (problems.Word(path + ".type", device.Type, ["c", "b", "u", "p"]) && device.Type != "p")
        {
            problems.Range(path + ".major", device.Major, 0, MajorMax);
            problems.Range(path + ".minor", device.Minor, 0, MinorMax);
        }
        // Engines give the whole st_mode; the kind of file in it says nothing new.
        if (device.FileMode is { } mode && (mode & ~0xf000u) > ModeMax)
            problems.Add(path + ".fileMode", $"{mode} has more than the twelve bits of permissions");
        problems.Id(path + ".uid", device.Uid);
        problems.Id(path + ".gid", device.Gid);
    }

    private static void Validate(Resources resources, SpecProblems problems)
    {
        var known = true;
        problems.Each("linux.resources.devices", resources.Devices, (path, rule) =>
        {
            if (rule.Type is { Length: > 0 } type)
                known &= problems.Word(path + ".type", type, ["a", "b", "c", "u"]);
            foreach (var letter in rule.Access ?? "")
            {
                if (letter is 'r' or 'w' or 'm')
                    continue;
                known = false;
                problems.Add(path + ".access", $"{SpecProblems.Quote(rule.Access ?? "")} is not of r, w, m");
                break;
            }
        });
        known &= resources.Devices.All(rule => rule is not null);
        problems.Each("linux.resources.hugepageLimits", resources.HugepageLimits, (path, limit) => problems.Text(path + ".pageSize", limit.PageSize, SpecProblems.PathMaxBytes));
        problems.Each("linux.resources.unified", resources.Unified, (path, name, value) =>
        {
            if (name.Contains('/') || name is "" or "." or ".." || !problems.Text(path, name, 255))
                problems.Add(path, "is not the name of a file of a control group");
            problems.Text(path, value, SpecProblems.PathMaxBytes);
        });
        if (resources.Pids is { Limit: < -1 })
            problems.Add("linux.resources.pids.limit", $"{resources.Pids.Limit} is less than -1, which is unlimited");
        if (!known)
            return;
        try
        {
            ResourceConversion.ForNew(resources);
        }
        catch (RuntimeException failure)
        {
            problems.Add("linux.resources", failure.Message);
        }
    }

    private static void ValidateGroup(string group, SpecProblems problems)
    {
        if (!problems.Text("linux.cgroupsPath", group, SpecProblems.PathMaxBytes))
            return;
        if (ScopeName.IsScope(group))
            ValidateScope(group, problems);
        else if (group.Split('/').Contains(".."))
            problems.Add("linux.cgroupsPath", $"{SpecProblems.Quote(group)} goes upwards");
    }

    private static void ValidateScope(string group, SpecProblems problems)
    {
        try
        {
            ScopeName.Parse(group);
        }
        catch (RuntimeException failure)
        {
            problems.Add("linux.cgroupsPath", failure.Message);
        }
    }

    private static void ValidateUnsupported(LinuxSection linux, SpecProblems problems)
    {
        if (linux.NetDevices.Count > 0)
            problems.Add("linux.netDevices", "is not supported");
        if (linux.IntelRdt is not null)
            problems.Add("linux.intelRdt", "is not supported");
        if (linux.MemoryPolicy is not null)
            problems.Add("linux.memoryPolicy", "is not supported");
    }
}
