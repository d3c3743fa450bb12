using System.Text.Json;
using Sampan.Linux;
using Sampan.Linux.Seccomp;
using Sampan.Oci.Documents;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Filters;

/// <summary>
/// A filter in Docker's file format (<c>--security-opt seccomp=profile.json</c>,
/// <see href="https://docs.docker.com/engine/security/seccomp/">docs</see>): the specification's, with rules that depend on capabilities,
/// architecture and kernel.
/// </summary>
internal sealed record DockerProfile
{
    public string DefaultAction { get => field ?? ""; init; }

    public uint? DefaultErrnoRet { get; init; }

    public IReadOnlyList<string> Architectures { get => field ?? []; init; }

    public IReadOnlyList<DockerArchitecture> ArchMap { get => field ?? []; init; }

    public IReadOnlyList<string> Flags { get => field ?? []; init; }

    public string? ListenerPath { get; init; }

    public string? ListenerMetadata { get; init; }

    public IReadOnlyList<DockerRule> Syscalls { get => field ?? []; init; }

    /// <exception cref="RuntimeException">It is no JSON of that form.</exception>
    internal static DockerProfile Parse(string json)
    {
        try
        {
            return DocumentTable.Parse(System.Text.Encoding.UTF8.GetBytes(json)).Object(Read) ?? throw new RuntimeException("filter", "Decoding seccomp profile failed: it is null");
        }
        catch (JsonException failure)
        {
            throw new RuntimeException("filter", $"Decoding seccomp profile failed: {failure.Message}", failure);
        }
    }

    private static DockerProfile Read(DocumentValue from) => new()
    {
        DefaultAction = from["defaultAction"u8].Text(),
        DefaultErrnoRet = from["defaultErrnoRet"u8].UInt32OrNull(),
        Architectures = from["architectures"u8].Texts(),
        ArchMap = from["archMap"u8].Objects(static one => new DockerArchitecture { Architecture = one["architecture"u8].Text(), SubArchitectures = one["subArchitectures"u8].Texts() }),
        Flags = from["flags"u8].Texts(),
        ListenerPath = from["listenerPath"u8].TextOrNull(),
        ListenerMetadata = from["listenerMetadata"u8].TextOrNull(),
        Syscalls = from["syscalls"u8].Objects(DockerRule.Read),
    };

    /// <summary>The rules that hold here and now.</summary>
    /// <exception cref="RuntimeException">The profile contradicts itself.</exception>
    internal Seccomp ToSpecification(CapabilitySet granted, SeccompArchitecture native, Version kernel)
    {
        if (Architectures.Count > 0 && ArchMap.Count > 0)
            throw new RuntimeException("filter", "both 'architectures' and 'archMap' are specified in the seccomp profile, use either one");
        return new Seccomp
        {
            DefaultAction = DefaultAction,
            DefaultErrnoRet = DefaultErrnoRet,
            Architectures = Architectures.Count > 0 ? Architectures : Mapped(native),
            Flags = Flags,
            ListenerPath = ListenerPath,
            ListenerMetadata = ListenerMetadata,
            Syscalls = [.. Syscalls.Where(rule => rule.Holds(granted, native, kernel)).Select(rule => rule.ToSpecification())],
        };
    }

    private IReadOnlyList<string> Mapped(SeccompArchitecture native)
    {
        foreach (var entry in ArchMap)
        {
            if (SeccompArchitectures.TryParse(entry.Architecture, out var architecture) && architecture == native)
                return [entry.Architecture, .. entry.SubArchitectures];
        }

        return [];
    }
}
