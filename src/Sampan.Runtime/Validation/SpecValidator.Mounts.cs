using Sampan.Oci.Runtime;
using Sampan.Runtime.Mounting;

namespace Sampan.Runtime.Validation;

/// <summary><c>mounts</c> of the specification, and id maps wherever they stand.</summary>
internal static partial class SpecValidator
{
    /// <summary>UID_GID_MAP_MAX_EXTENTS of the kernel.</summary>
    private const int MappingsMax = 340;

    private static readonly HashSet<string> s_mountableInProc = new(StringComparer.Ordinal)
    {
        "/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat", "/proc/swaps", "/proc/uptime", "/proc/loadavg", "/proc/slabinfo",
        "/proc/net/dev", "/proc/sys/kernel/ns_last_pid", "/proc/sys/crypto/fips_enabled",
    };

    private static void Validate(string path, Mount mount, LinuxSection linux, SpecProblems problems)
    {
        var known = problems.Path(path + ".destination", mount.Destination);
        if (mount.Type is { } type)
            known &= problems.Text(path + ".type", type, SpecProblems.PathMaxBytes);
        if (mount.Source is { } source)
            known &= problems.Text(path + ".source", source, SpecProblems.PathMaxBytes);
        problems.Each(path + ".options", mount.Options, (entry, option) => known &= problems.Text(entry, option));
        known &= mount.Options.All(option => option is not null);
        known &= ValidateMaps(path, mount.UidMappings, mount.GidMappings, problems);
        if (!known)
            return;
        ValidateDestination(path + ".destination", mount, problems);
        if (!MountOptions.TryRead(mount, out var plan, out var reason))
            problems.Add(path + ".options", reason);
        else if (plan.IsBind && mount.Source is not { Length: > 0 })
            problems.Add(path + ".source", "is missing: a bind needs one");
        else if (plan.IdMap is { IsOfContainer: true } && !linux.Namespaces.Any(one => one is { Type: "user" }))
            problems.Add(path + ".options", "idmap without uidMappings and gidMappings takes those of the container's user namespace, and it has none");
    }

    /// <summary>True for <c>/proc</c> itself and what programs like lxcfs cover in it.</summary>
    internal static bool MayBeMounted(string destinationInProc) => destinationInProc == "/proc" || s_mountableInProc.Contains(destinationInProc);

    private static void ValidateDestination(string path, Mount mount, SpecProblems problems)
    {
        // Over /proc only a procfs, in it only what programs like lxcfs cover: anything else could fake the kernel's words to us.
        var destination = Path.GetFullPath("/" + mount.Destination);
        if (destination == "/")
            problems.Add(path, "is the root itself");
        else if (destination == "/proc" && mount.Type is not ("proc" or "bind") && !mount.Options.Contains("bind") && !mount.Options.Contains("rbind"))
            problems.Add(path, "only a procfs may be mounted on '/proc'");
        else if (destination.StartsWith("/proc/", StringComparison.Ordinal) && !s_mountableInProc.Contains(destination))
            problems.Add(path, $"{SpecProblems.Quote(mount.Destination)} cannot be mounted because it is inside '/proc'");
    }

    private static bool ValidateMaps(string path, IReadOnlyList<IdMapping> users, IReadOnlyList<IdMapping> groups, SpecProblems problems)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        var known = ValidateMap(prefix + "uidMappings", users, problems) & ValidateMap(prefix + "gidMappings", groups, problems);
        if (users.Count > 0 == groups.Count > 0)
            return known;
        problems.Add(prefix + (users.Count == 0 ? "uidMappings" : "gidMappings"), "is missing: users and groups are mapped together");
        return false;
    }

    private static bool ValidateMap(string path, IReadOnlyList<IdMapping> map, SpecProblems problems)
    {
        var known = true;
        problems.Each(path, map, (entry, range) =>
        {
            if (range.Size == 0)
                Wrong(entry + ".size", "0 ids are no range");
            else if ((ulong)range.ContainerId + range.Size > uint.MaxValue || (ulong)range.HostId + range.Size > uint.MaxValue)
                Wrong(entry + ".size", $"{range.Size} ids from there go beyond the last id");
        });
        if (map.Count > MappingsMax)
            Wrong(path, $"{map.Count} ranges are more than the {MappingsMax} that the kernel takes");
        else if (known && map.All(range => range is not null))
            RequireApart(path, map, Wrong);
        return known && map.All(range => range is not null);

        void Wrong(string where, string what)
        {
            known = false;
            problems.Add(where, what);
        }
    }

    private static void RequireApart(string path, IReadOnlyList<IdMapping> map, Action<string, string> wrong)
    {
        for (var i = 0; i < map.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (Overlap(map[i].ContainerId, map[j].ContainerId, map[i].Size, map[j].Size) || Overlap(map[i].HostId, map[j].HostId, map[i].Size, map[j].Size))
                    wrong($"{path}[{i}]", $"overlaps with {path}[{j}]");
            }
        }

        static bool Overlap(uint one, uint other, uint oneSize, uint otherSize) => one < (ulong)other + otherSize && other < (ulong)one + oneSize;
    }
}
