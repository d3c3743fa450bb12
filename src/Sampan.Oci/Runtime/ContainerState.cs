using System.Collections.ObjectModel;

namespace Sampan.Oci.Runtime;

/// <summary>The state of a container as <c>state</c> prints it and hooks read it. See <see href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md#state">the specification</see>.</summary>
public sealed record ContainerState
{
    /// <summary>Version of the specification.</summary>
    public string OciVersion { get => field ?? ""; init; }

    /// <summary>Id of the container.</summary>
    public string Id { get => field ?? ""; init; }

    /// <summary><c>creating</c>, <c>created</c>, <c>running</c> or <c>stopped</c>.</summary>
    public string Status { get => field ?? ""; init; }

    /// <summary>Process id of init on the host, 0 when stopped.</summary>
    public int Pid { get; init; }

    /// <summary>Absolute path of the bundle.</summary>
    public string Bundle { get => field ?? ""; init; }

    /// <summary>Annotations of the configuration.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? ReadOnlyDictionary<string, string>.Empty; init; }
}
