using System.Diagnostics.CodeAnalysis;
using Sampan.Linux.Mounts;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Validation;

namespace Sampan.Runtime.Mounting;

/// <summary>
/// Reads the options of a mount. The words are those of mount(8), with <c>r</c> before those that go for the mounts below too; what is none of
/// them is for the file system. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#linux-mount-options">the specification</see>.
/// </summary>
internal static class MountOptions
{
    /// <summary>An extension of ours: what of the source is mounted, see <see cref="MountPlan.Subpath"/>.</summary>
    private const string SubpathOption = "x-sampan.subpath=";

    /// <summary>An extension of ours: where the source is, see <see cref="MountPlan.MountNamespace"/>.</summary>
    private const string NamespaceOption = "x-sampan.mount-namespace=";

    private readonly record struct Attribute(MountAttributes Set, MountAttributes Clear);

    private static readonly Dictionary<string, Attribute> s_attributes = new(StringComparer.Ordinal)
    {
        ["ro"] = new(MountAttributes.ReadOnly, 0),
        ["rw"] = new(0, MountAttributes.ReadOnly),
        ["nosuid"] = new(MountAttributes.NoSetUid, 0),
        ["suid"] = new(0, MountAttributes.NoSetUid),
        ["nodev"] = new(MountAttributes.NoDevices, 0),
        ["dev"] = new(0, MountAttributes.NoDevices),
        ["noexec"] = new(MountAttributes.NoExec, 0),
        ["exec"] = new(0, MountAttributes.NoExec),
        ["nodiratime"] = new(MountAttributes.NoDirectoryAccessTime, 0),
        ["diratime"] = new(0, MountAttributes.NoDirectoryAccessTime),
        ["noatime"] = new(MountAttributes.NoAccessTime, MountAttributes.AccessTimeMask),
        ["atime"] = new(0, MountAttributes.AccessTimeMask),
        ["relatime"] = new(0, MountAttributes.AccessTimeMask),
        ["norelatime"] = new(0, MountAttributes.AccessTimeMask),
        ["strictatime"] = new(MountAttributes.StrictAccessTime, MountAttributes.AccessTimeMask),
        ["nostrictatime"] = new(0, MountAttributes.AccessTimeMask),
        ["nosymfollow"] = new(MountAttributes.NoSymbolicLinks, 0),
        ["symfollow"] = new(0, MountAttributes.NoSymbolicLinks),
    };

    private static readonly Dictionary<string, (MountPropagation Kind, bool Recursive)> s_propagation = new(StringComparer.Ordinal)
    {
        ["private"] = (MountPropagation.Private, false),
        ["rprivate"] = (MountPropagation.Private, true),
        ["slave"] = (MountPropagation.Slave, false),
        ["rslave"] = (MountPropagation.Slave, true),
        ["shared"] = (MountPropagation.Shared, false),
        ["rshared"] = (MountPropagation.Shared, true),
        ["unbindable"] = (MountPropagation.Unbindable, false),
        ["runbindable"] = (MountPropagation.Unbindable, true),
    };

    /// <summary>Words that mean nothing for a mount of ours, or what is so anyway; mount(8) takes them, so they are accepted.</summary>
    /// <remarks><c>iversion</c> has no switch in the calls by descriptor: file systems that count changes always do (Linux 4.16 for xfs and btrfs, 6.0 for ext4).</remarks>
    private static readonly HashSet<string> s_accepted = new(StringComparer.Ordinal)
    {
        "defaults", "loud", "silent", "noiversion", "iversion", "rbind", "bind", "copyup", "tmpcopyup", "nocopy", "z", "Z", "idmap", "ridmap", "remount",
    };

    /// <summary>What belongs to a file system as a whole, so that a bind, which makes another view of it, leaves it as it is; mount(8) does so too.</summary>
    private static readonly HashSet<string> s_ofFileSystem = new(StringComparer.Ordinal)
    {
        "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand",
    };

    /// <summary>All words known, for <c>features</c>.</summary>
    internal static IEnumerable<string> Known => [.. s_attributes.Keys, .. s_attributes.Keys.Select(key => "r" + key), .. s_propagation.Keys, .. s_accepted, .. s_ofFileSystem];

    /// <summary>The words for propagation.</summary>
    internal static IEnumerable<string> Propagations => s_propagation.Keys;

    /// <summary>The propagation that a word names, or null.</summary>
    internal static (MountPropagation Kind, bool Recursive)? Propagation(string word) => s_propagation.TryGetValue(word, out var found) ? found : null;

    /// <summary>Reads one mount.</summary>
    /// <exception cref="RuntimeException">It asks for what is not supported.</exception>
    internal static MountPlan Read(Mount mount) =>
        TryRead(mount, out var plan, out var reason) ? plan : throw new RuntimeException("mounts", $"cannot mount on '{mount.Destination}': {reason}");

    /// <summary>Reads one mount, or says why not.</summary>
    internal static bool TryRead(Mount mount, [NotNullWhen(true)] out MountPlan? plan, out string reason)
    {
        var options = mount.Options;
        var isBind = mount.Type == "bind" || options.Contains("bind") || options.Contains("rbind");
        plan = new MountPlan
        {
            // Relative paths are deprecated, and mean those from the root.
            Destination = Path.GetFullPath("/" + mount.Destination),
            Type = isBind ? "bind" : mount.Type ?? "none",
            Source = mount.Source,
            Recursive = isBind && options.Contains("rbind"),
            IsRemount = options.Contains("remount"),
            CopyUp = options.Contains("copyup"),
            TmpCopyUp = options.Contains("tmpcopyup"),
            IdMap = ReadIdMap(mount),
            Subpath = ValueOf(options, SubpathOption),
            MountNamespace = ValueOf(options, NamespaceOption),
        };
        var data = new List<KeyValuePair<string, string?>>();
        foreach (var option in options)
        {
            if (s_attributes.TryGetValue(option, out var own))
                plan = plan with { Set = (plan.Set & ~own.Clear) | own.Set, Clear = (plan.Clear & ~own.Set) | own.Clear };
            else if (option.StartsWith('r') && s_attributes.TryGetValue(option[1..], out var below))
                plan = plan with { RecursiveSet = (plan.RecursiveSet & ~below.Clear) | below.Set, RecursiveClear = (plan.RecursiveClear & ~below.Set) | below.Clear };
            else if (s_propagation.TryGetValue(option, out var propagation))
                plan = plan with { Propagation = propagation.Kind, PropagationRecursive = propagation.Recursive };
            else if (option.Length > 0 && !s_accepted.Contains(option) && !option.StartsWith(SubpathOption, StringComparison.Ordinal) && !option.StartsWith(NamespaceOption, StringComparison.Ordinal) && !(isBind && s_ofFileSystem.Contains(option)))
                data.Add(Split(option));
        }
        plan = plan with { Data = data };
        reason = Contradiction(plan);
        return reason.Length == 0;
    }

    private static string? ValueOf(IReadOnlyList<string> options, string name) =>
        options.FirstOrDefault(option => option.StartsWith(name, StringComparison.Ordinal))?[name.Length..];

    private static IdMapPlan? ReadIdMap(Mount mount)
    {
        var recursive = mount.Options.Contains("ridmap");
        return recursive || mount.Options.Contains("idmap") || mount.UidMappings.Count + mount.GidMappings.Count > 0
            ? new IdMapPlan(mount.UidMappings, mount.GidMappings, recursive)
            : null;
    }

    private static string Contradiction(MountPlan plan)
    {
        if (plan.CopyUp && !plan.IsBind)
            return "the option 'copyup' is for binds";
        if (plan.Subpath is not null && !plan.IsBind && plan.Type != "overlay")
            return "the option 'x-sampan.subpath' is for binds and overlays";
        if (plan.Subpath is { Length: 0 })
            return "the option 'x-sampan.subpath' names nothing";
        if (plan.MountNamespace is not null && (!plan.IsBind || plan.FollowsHost || plan.IdMap is not null || plan.Subpath is not null))
            return "the option 'x-sampan.mount-namespace' is for private binds of the whole source, without maps of ids";
        if (plan.TmpCopyUp && plan.Type != "tmpfs")
            return "the option 'tmpcopyup' is for tmpfs";
        if (plan.IdMap is not null && !plan.IsBind)
            return "ids can be mapped for binds only";
        if (plan.IsRemount && (plan.IdMap is not null || plan.CopyUp || plan.TmpCopyUp))
            return "the option 'remount' changes a mount that is there: it goes with neither idmap nor copyup";
        // The kernel takes no data for a bind: mount(8) and runc ignore it too, but silence would hide a misspelt option.
        return plan.IsBind && plan.Data.Count > 0 ? $"the option {SpecProblems.Quote(plan.Data[0].Key)} is not known for a bind" : "";
    }

    private static KeyValuePair<string, string?> Split(string option)
    {
        var equals = option.IndexOf('=');
        return equals < 0 ? new(option, null) : new(option[..equals], option[(equals + 1)..]);
    }
}
