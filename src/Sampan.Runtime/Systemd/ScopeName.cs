using System.Text;

namespace Sampan.Runtime.Systemd;

/// <summary>
/// The systemd unit of a container: a scope, and the slice it is in. <c>linux.cgroupsPath</c> names both as runc has it: <c>slice:prefix:name</c> is the
/// scope <c>prefix-name.scope</c>.
/// </summary>
/// <param name="Slice">For example <c>system.slice</c>.</param>
/// <param name="Unit">For example <c>sampan-web.scope</c>.</param>
internal sealed record ScopeName(string Slice, string Unit)
{
    private const string SliceSuffix = ".slice";
    private const string ScopeSuffix = ".scope";
    private const string RootSlice = "-.slice";

    /// <summary>UNIT_NAME_MAX</summary>
    private const int UnitMaxLength = 255;

    private static readonly System.Buffers.SearchValues<char> s_signs =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789:-_.\\@");

    /// <summary>Where systemd puts the group.</summary>
    internal string CgroupPath => $"{Expand(Slice)}/{Unit}";

    /// <summary>True if a path names a scope instead of a directory: paths of directories have no colon before the first slash.</summary>
    internal static bool IsScope(string path) => !path.StartsWith('/') && path.Contains(':');

    /// <summary>The scope of a container whose specification names none.</summary>
    internal static ScopeName Default(string id) => Of("", "sampan", id);

    /// <summary>Reads <c>slice:prefix:name</c>.</summary>
    /// <exception cref="RuntimeException">It is none: the message says what is wrong with it.</exception>
    internal static ScopeName Parse(string path) => path.Split(':') is [var slice, var prefix, var name]
        ? Of(slice, prefix, name) : throw Wrong(path, "is not of the form slice:prefix:name, which systemd's cgroups have");

    private static ScopeName Of(string slice, string prefix, string name)
    {
        if (name.Length == 0)
            throw Wrong($"{slice}:{prefix}:", "has no name");
        if (name.EndsWith(SliceSuffix, StringComparison.Ordinal))
            throw Wrong($"{slice}:{prefix}:{name}", "names a slice: a container is a scope");
        slice = slice switch
        {
            "" => "system.slice",
            "-" => RootSlice,
            _ => slice,
        };
        _ = Expand(slice);
        var unit = (prefix.Length > 0 ? $"{prefix}-{name}" : name) + ScopeSuffix;
        if (unit.Length > UnitMaxLength || unit.StartsWith('.') || unit.AsSpan().ContainsAnyExcept(s_signs))
            throw Wrong(unit, $"is no name of a systemd unit: at most {UnitMaxLength} letters, digits and ':-_.\\@'");
        return new ScopeName(slice, unit);
    }

    /// <summary>Slices are in each other by their names: <c>a-b.slice</c> is at <c>/a.slice/a-b.slice</c>.</summary>
    private static string Expand(string slice)
    {
        if (slice == RootSlice)
            return "";
        if (slice.Length > UnitMaxLength || slice.Length == SliceSuffix.Length || !slice.EndsWith(SliceSuffix, StringComparison.Ordinal) || slice.AsSpan().ContainsAnyExcept(s_signs))
            throw Wrong(slice, "is no name of a slice, like 'machine.slice'");
        var path = new StringBuilder();
        var prefix = "";
        foreach (var part in slice[..^SliceSuffix.Length].Split('-'))
        {
            if (part.Length == 0)
                throw Wrong(slice, "is no name of a slice: between two '-' there is nothing");
            path.Append('/').Append(prefix).Append(part).Append(SliceSuffix);
            prefix += part + "-";
        }
        return path.ToString();
    }

    private static RuntimeException Wrong(string what, string why) => new("cgroup", $"'{(what.Length > UnitMaxLength ? what[..64] + "…" : what)}' {why}");
}
