using Sampan.Linux;
using Sampan.Linux.Seccomp;
using Sampan.Oci.Documents;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Filters;

/// <summary>A rule of Docker's file format: the specification's, with conditions on where it holds.</summary>
internal sealed record DockerRule
{
    /// <summary>The one call, in profiles of old.</summary>
    public string? Name { get; init; }

    public IReadOnlyList<string> Names { get => field ?? []; init; }

    public string Action { get => field ?? ""; init; }

    public uint? ErrnoRet { get; init; }

    public IReadOnlyList<SeccompArgument> Args { get => field ?? []; init; }

    /// <summary>All of it must be so.</summary>
    public DockerFilter? Includes { get; init; }

    /// <summary>None of it may be so.</summary>
    public DockerFilter? Excludes { get; init; }

    internal static DockerRule Read(DocumentValue from) => new()
    {
        Name = from["name"u8].TextOrNull(),
        Names = from["names"u8].Texts(),
        Action = from["action"u8].Text(),
        ErrnoRet = from["errnoRet"u8].UInt32OrNull(),
        Args = from["args"u8].Objects(SpecDocument.SeccompArgument),
        Includes = from["includes"u8].Object(ReadFilter),
        Excludes = from["excludes"u8].Object(ReadFilter),
    };

    private static DockerFilter ReadFilter(DocumentValue from) =>
        new() { Caps = from["caps"u8].Texts(), Arches = from["arches"u8].Texts(), MinKernel = from["minKernel"u8].TextOrNull() };

    internal bool Holds(CapabilitySet granted, SeccompArchitecture native, Version kernel)
    {
        var machine = native == SeccompArchitecture.Arm64 ? "arm64" : "amd64";
        if (Excludes is { } excludes && (excludes.Arches.Contains(machine) || excludes.Caps.Any(name => Granted(name, granted)) || (excludes.MinKernel is { } from && kernel >= ParseVersion(from))))
            return false;
        return Includes is not { } includes
            || ((includes.Arches.Count == 0 || includes.Arches.Contains(machine))
                && includes.Caps.All(name => Granted(name, granted))
                && (includes.MinKernel is not { } atLeast || kernel >= ParseVersion(atLeast)));
    }

    internal Oci.Runtime.SeccompRule ToSpecification()
    {
        if (Name is { Length: > 0 } && Names.Count > 0)
            throw new RuntimeException("filter", "both 'name' and 'names' are specified in a rule of the seccomp profile, use either one");
        return new Oci.Runtime.SeccompRule { Names = Name is { Length: > 0 } name ? [name] : Names, Action = Action, ErrnoRet = ErrnoRet, Args = Args };
    }

    private static bool Granted(string name, CapabilitySet granted) => CapabilityNames.TryParse(name, out var capability) && granted.Contains(capability);

    private static Version ParseVersion(string text) =>
        Version.TryParse(text, out var version) ? version : throw new RuntimeException("filter", $"minKernel '{text}' of the seccomp profile is not a version as '4.8'");
}
