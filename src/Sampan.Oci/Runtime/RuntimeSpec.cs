using System.Collections.ObjectModel;

namespace Sampan.Oci.Runtime;

/// <summary>The whole <c>config.json</c> of a bundle: what one container is made of. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md">the specification</see>.</summary>
public sealed record RuntimeSpec
{
    /// <summary>Version of the specification that the document follows, for example <c>1.2.0</c>.</summary>
    public string OciVersion { get => field ?? ""; init; }

    /// <summary>The process that the container runs; null for a container that is created but never started.</summary>
    public OciProcess? Process { get; init; }

    /// <summary>The root filesystem; required on Linux.</summary>
    public Root? Root { get; init; }

    /// <summary>Host name inside a new UTS namespace, or null to keep the present one.</summary>
    public string? Hostname { get; init; }

    /// <summary>NIS domain name inside a new UTS namespace, or null to keep the present one.</summary>
    public string? Domainname { get; init; }

    /// <summary>Mounts beyond the root, done in this order.</summary>
    public IReadOnlyList<Mount> Mounts { get => field ?? []; init; }

    /// <summary>Programs run at points of the life cycle.</summary>
    public Hooks? Hooks { get; init; }

    /// <summary>What only Linux has; null means no new namespaces and no limits.</summary>
    public LinuxSection? Linux { get; init; }

    /// <summary>Free key-value pairs; keys in reverse-domain notation.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
